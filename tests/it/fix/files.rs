//! Fixes that make, remove and rename files: what they come to, and what they may not do.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use quell::fix::diff::patch;
use quell::fix::read::format::{self, Source};
use quell::fix::{Choice, apply, plan};
use quell::model::fix::Proposal;
use quell::model::plan::{HunkChoice, HunkWish, Plan};
use quell::repo::log::{Note, Side};
use quell::repo::turn::{Changed, Turning};

use super::case::{kept, planned, verdicts};
use crate::support::tree::Tree;

const ONE: &str = "one\ntwo\nthree\n";

/// What somebody does in a tree.
type Step<'a> = (&'a str, &'a dyn Fn(&Tree));

fn read(tree: &Tree, text: &str) -> Vec<Proposal> {
    let source = Source { name: "x.patch", made: "2100-01-01T00:00:00Z".parse().ok(), ..Source::default() };
    format::read(&tree.repo(), &source, text.as_bytes()).expect("the format is known").proposals
}

/// A tree with `a.txt`, `src/b.txt` and a program.
fn tree() -> Tree {
    let tree = Tree::plain(&[("a.txt", ONE), ("src/b.txt", "b\n"), ("src/run.sh", "#!/bin/sh\necho hi\nexit 0\n")]);
    fs::set_permissions(tree.root().join("src/run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    git(&tree, &["init", "-q", "-b", "main"]);
    git(&tree, &["add", "."]);
    git(&tree, &["-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "first"]);
    tree
}

#[track_caller]
fn git(tree: &Tree, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(tree.root()).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Every file with its mode and bytes.
fn state(tree: &Tree) -> Vec<(String, u32, Vec<u8>)> {
    let of = |path: String| {
        let file = tree.root().join(&path);
        (path, fs::metadata(&file).unwrap().permissions().mode() & 0o7777, fs::read(file).unwrap())
    };
    tree.files().into_iter().map(of).collect()
}

fn new(path: &str, text: &str) -> String {
    let lines: String = text.lines().map(|line| format!("+{line}\n")).collect();
    let count = text.lines().count();
    format!(
        "diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{count} @@\n{lines}"
    )
}

fn gone(path: &str, text: &str) -> String {
    let lines: String = text.lines().map(|line| format!("-{line}\n")).collect();
    let count = text.lines().count();
    format!(
        "diff --git a/{path} b/{path}\ndeleted file mode 100644\n--- a/{path}\n+++ /dev/null\n@@ -1,{count} +0,0 @@\n{lines}"
    )
}

fn renamed(from: &str, to: &str) -> String {
    format!("diff --git a/{from} b/{to}\nsimilarity index 100%\nrename from {from}\nrename to {to}\n")
}

/// The plan without the hunk of one file of the fix, the files by their paths.
fn without(tree: &Tree, text: &str, file: usize) -> Plan {
    let proposals = read(tree, text);
    let hunk = planned(tree, &proposals).fixes[0].diffs[file].hunks[0].id;
    let hunks = vec![HunkChoice { fix: proposals[0].id, hunk, wish: HunkWish::Drop }];
    plan(&tree.repo(), &proposals, &Choice { hunks, ..Choice::default() })
}

#[test]
fn a_file_comes_or_goes_as_a_whole_and_a_rename_without_its_hunks_stays_one() {
    let tree = tree();
    let change = "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n";
    let text = ["diff --git a/a.txt b/a.txt\n", change, &new("new.txt", "x\n"), &gone("src/b.txt", "b\n")].concat();
    let paths = |plan: &Plan| plan.files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
    let left = without(&tree, &text, 0);
    assert_eq!(
        (verdicts(&left), paths(&left)),
        (vec!["will-write exact".to_owned()], vec!["new.txt".to_owned(), "src/b.txt".to_owned()])
    );
    for (file, path) in [(1, "new.txt"), (2, "src/b.txt")] {
        let none = without(&tree, &text, file);
        assert_eq!(verdicts(&none), ["needs-you flagged"], "{path}");
        assert!(none.files.is_empty() && none.fixes[0].why.starts_with(path), "{}", none.fixes[0].why);
    }
    let text = format!("{}{}", renamed("a.txt", "z.txt"), change.replace("b/a.txt", "b/z.txt"));
    let plan = without(&tree, &text, 0);
    apply(&tree.repo(), &plan, Note::default()).unwrap();
    assert_eq!((tree.text("z.txt").as_str(), tree.root().join("a.txt").exists()), (ONE, false));
}

/// What `git` makes of its own changes, Quell makes as well, there and back.
#[test]
fn what_git_diff_says_is_done_as_git_apply_does_it() {
    let changes: [Step<'_>; 7] = [
        ("a new file", &|tree| tree.write("new/deep/er.txt", "x\ny")),
        ("an empty one", &|tree| tree.write("new.txt", "")),
        ("a file that goes", &|tree| fs::remove_file(tree.root().join("a.txt")).unwrap()),
        ("another name", &|tree| {
            fs::create_dir(tree.root().join("lib")).unwrap();
            fs::rename(tree.root().join("src/run.sh"), tree.root().join("lib/go.sh")).unwrap();
        }),
        ("another name and text", &|tree| {
            fs::rename(tree.root().join("src/run.sh"), tree.root().join("go.sh")).unwrap();
            fs::write(tree.root().join("go.sh"), "#!/bin/sh\necho ho\nexit 0\n").unwrap();
            fs::set_permissions(tree.root().join("go.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        }),
        ("odd names", &|tree| tree.write("é \"x\"/\ty.txt".trim_start(), "1\n")),
        ("all of it", &|tree| {
            tree.write("a.txt", &ONE.replace("two", "2"));
            tree.write("n.txt", "n\r\n");
            fs::remove_file(tree.root().join("src/b.txt")).unwrap();
            fs::rename(tree.root().join("src/run.sh"), tree.root().join("src/go.sh")).unwrap();
        }),
    ];
    for (what, change) in changes {
        let other = tree();
        change(&other);
        git(&other, &["add", "-A"]);
        let after = state(&other);
        let diff = git(&other, &["diff", "--cached", "-M40%"]);
        let is_odd = what == "odd names";
        for made in [tree(), {
            let tree = tree();
            fs::remove_dir_all(tree.root().join(".git")).unwrap();
            tree
        }] {
            let before = state(&made);
            let plan = planned(&made, &read(&made, &diff));
            if is_odd {
                assert_eq!(verdicts(&plan), ["cannot flagged"], "{}", plan.fixes[0].why);
                continue;
            }
            assert!(verdicts(&plan)[0].starts_with("will-write "), "{what}: {}", plan.fixes[0].why);
            // The preview is a diff that git takes, too.
            let shown: Vec<u8> =
                plan.files.iter().flat_map(|file| patch(&file.path, &file.op, &file.before, &file.after)).collect();
            let third = tree();
            fs::write(third.state().join("p"), shown).unwrap();
            git(&third, &["apply", third.state().join("p").to_str().unwrap()]);
            assert_eq!(state(&third), after, "{what}");

            let repo = made.repo();
            let name = apply(&repo, &plan, Note::default()).unwrap().entry;
            for _ in 0..2 {
                assert_eq!(state(&made), after, "{what}");
                repo.undo_entry(&name).unwrap();
                assert_eq!(state(&made), before, "{what}");
                assert!(
                    !made.root().join("new").exists() && !made.root().join("lib").exists(),
                    "{what}: a folder is left"
                );
                repo.redo_entry(&name).unwrap();
            }
            assert_eq!((state(&made), made.leftovers(&repo)), (after.clone(), vec![]), "{what}");
            // Made again it is there already.
            let again = planned(&made, &read(&made, &diff));
            assert!(again.files.is_empty(), "{what}: {:?}", again.fixes[0].why);
        }
    }
}

/// Each with a twin that is harmless, so that it is the harm that is refused.
#[test]
fn what_leads_elsewhere_or_runs_is_not_made() {
    let outside = tempfile::TempDir::new().unwrap();
    let long = format!("{}.txt", "x".repeat(260));
    let rows: &[(&str, &str, &str, &str)] = &[
        ("link/x.txt", "src/x.txt", "cannot", "symbolic link"),
        ("../x.txt", "x.txt", "cannot", "outside"),
        ("/tmp/quell-x.txt", "tmp/x.txt", "cannot", "outside"),
        (".git/hooks/pre-commit", "git/hooks/x.txt", "cannot", "outside"),
        (".GIT/config", "config", "cannot", "outside"),
        ("sub/.git/config", "sub/git/config", "cannot", "outside"),
        ("bare/hooks/x", "ware/books/x", "cannot", "outside"),
        ("inner/x.txt", "outer/x.txt", "cannot", "another repository"),
        ("a.txt", "a2.txt", "cannot", "there is a file already"),
        ("ignored.log", "noticed.txt", "cannot", "there is a file already"),
        ("src", "src2", "cannot", "folder"),
        ("link", "link2", "cannot", "symbolic link"),
        ("a.txt/x", "a/x", "cannot", "where its folder would be"),
        ("A.TXT", "b.txt", "cannot", "letter case"),
        ("SRC/x.txt", "src/y.txt", "cannot", "letter case"),
        ("CON.txt", "icon.txt", "cannot", "Windows"),
        ("x.txt.", "x.txt", "cannot", "Windows"),
        ("x.txt:y", "x.txt", "cannot", "Windows"),
        ("-rf", "rf", "cannot", "option"),
        ("x\u{202e}txt.py", "xtxt.py", "cannot", "nobody sees"),
        (&long, "x.txt", "cannot", "too long"),
        (".x.quell-0123456789abcdef", ".x.quell", "cannot", "Quell itself"),
        ("other.log", "other.txt", "needs-you", "git ignores"),
        (".github/workflows/ci.yml", "docs/ci.yml", "needs-you", "runs later"),
        (".husky/pre-commit", "husky.txt", "needs-you", "runs later"),
        (".gitattributes", "attributes", "needs-you", "runs later"),
        ("lib/.gitmodules", "lib/modules", "needs-you", "runs later"),
        ("src/sitecustomize.py", "src/customize.py", "needs-you", "runs later"),
        ("Makefile", "make.txt", "needs-you", "runs later"),
        ("yarn.lock", "yarn.txt", "needs-you", "packages"),
    ];
    for (harm, twin, state, reason) in rows {
        let made = |path: &str| {
            let tree = tree();
            symlink(outside.path(), tree.root().join("link")).unwrap();
            tree.write(".git/info/exclude", "*.log\n");
            tree.write("ignored.log", "mine\n");
            tree.write("inner/.git", "gitdir: elsewhere\n");
            for name in ["HEAD", "objects/x", "refs/x"] {
                tree.write(&format!("bare/{name}"), "x");
            }
            let diffs = [
                new(path, "x\n"),
                format!("--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n"),
                format!("*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch\n"),
                renamed("src/b.txt", path),
            ];
            diffs.map(|diff| planned(&tree, &read(&tree, &diff)))
        };
        for plan in made(harm) {
            let fix = &plan.fixes[0];
            assert_eq!(fix.state.name(), *state, "{harm}: {}", fix.why);
            assert!(fix.why.contains(reason), "{harm}: {}", fix.why);
            assert!(plan.files.is_empty(), "{harm}");
        }
        for plan in made(twin) {
            assert!(verdicts(&plan)[0].starts_with("will-write"), "{twin}: {}", plan.fixes[0].why);
        }
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_file_goes_only_if_it_is_what_the_fix_removes() {
    let long = "line\n".repeat(200);
    let rows = [
        (gone("a.txt", ONE), "will-write exact", "removed"),
        (gone("a.txt", "one\n2\nthree\n"), "cannot stale", "line 2 is not what the patch removes"),
        (gone("a.txt", "one\ntwo\n"), "cannot stale", "line 3 is not what the patch removes"),
        (gone("a.txt", "one\ntwo\nthree\nfour\n"), "cannot stale", "line 4"),
        (gone("none.txt", "x\n"), "cannot stale", "gone already"),
        (gone("long.txt", &long), "needs-you flagged", "it removes the file"),
        (gone(".github/ci.yml", "x\n"), "needs-you flagged", "runs later"),
        (gone("crlf.txt", "one\ntwo\n"), "needs-you flagged", "line ends"),
        (
            gone("a.txt", ONE).replace("+0,0", "+1").replace("-two\n", " two\n"),
            "cannot flagged",
            "not all of its lines",
        ),
        ("*** Begin Patch\n*** Delete File: a.txt\n*** End Patch\n".to_owned(), "needs-you flagged", "does not show"),
        ("diff --git a/e.txt b/e.txt\ndeleted file mode 100644\n".to_owned(), "will-write exact", "removed"),
        ("diff --git a/a.txt b/a.txt\ndeleted file mode 100644\n".to_owned(), "needs-you flagged", "does not show"),
        (renamed("none.txt", "b.txt"), "cannot stale", "no such file"),
        (renamed("a.txt", "A.txt"), "will-write exact", "renamed"),
        (renamed("a.txt", "src/B.txt"), "cannot flagged", "letter case"),
        (renamed("a.txt", "yarn.lock"), "needs-you flagged", "packages"),
        (renamed(".github/ci.yml", "ci.yml"), "needs-you flagged", "runs later"),
        (renamed("secret.env", "docs/env.txt"), "needs-you flagged", "git ignores it under this name"),
        (new("x.txt", "x\n") + &gone("x.txt", "x\n"), "cannot flagged", "make, remove or rename"),
        (gone("a.txt", ONE) + &new("a.txt", "x\n"), "cannot flagged", "make, remove or rename"),
        (renamed("a.txt", "n.txt") + &renamed("src/b.txt", "N.txt"), "cannot flagged", "two files"),
        (new("n", "x\n") + &new("n/m.txt", "x\n"), "cannot flagged", "two files"),
    ];
    for (diff, verdict, why) in rows {
        let tree = tree();
        tree.write(".git/info/exclude", "*.env\n");
        for (path, text) in [
            ("secret.env", "KEY=1\n"),
            ("long.txt", long.as_str()),
            (".github/ci.yml", "x\n"),
            ("crlf.txt", "one\r\ntwo\r\n"),
            ("e.txt", ""),
        ] {
            tree.write(path, text);
        }
        let plan = planned(&tree, &read(&tree, &diff));
        assert_eq!(verdicts(&plan), [verdict], "{diff}: {}", plan.fixes[0].why);
        assert!(plan.fixes[0].why.contains(why), "{diff}: {}", plan.fixes[0].why);
        // A person may take what is not impossible.
        let kept = kept(&tree, &read(&tree, &diff));
        assert_eq!(kept.files.is_empty(), verdict.starts_with("cannot"), "{diff}: {}", kept.fixes[0].why);
    }
}

#[test]
fn the_id_of_a_git_diff_shows_what_goes() {
    let tree = tree();
    let id = git(&tree, &["rev-parse", ":a.txt"]);
    let diff = format!("diff --git a/a.txt b/a.txt\ndeleted file mode 100644\nindex {}..0000000\n", &id[..10]);
    assert_eq!(verdicts(&planned(&tree, &read(&tree, &diff))), ["will-write exact"]);
    tree.write("a.txt", "mine\n");
    assert_eq!(verdicts(&planned(&tree, &read(&tree, &diff))), ["cannot stale"]);
}

/// Plans of two patches in both orders: who wins, and what is said of the other one.
#[test]
fn fixes_that_want_different_things_of_a_file_name_each_other() {
    let edit = "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n".to_owned();
    let rows = [
        (new("n.txt", "x\n"), new("n.txt", "y\n")),
        (new("n.txt", "x\n"), new("N.txt", "x\n")),
        (new("n.txt", "x\n"), new("n.txt/m.txt", "x\n")),
        (new("n.txt", "x\n"), renamed("src/b.txt", "n.txt")),
        (renamed("a.txt", "n.txt"), renamed("src/b.txt", "n.txt")),
        (renamed("a.txt", "n.txt"), renamed("a.txt", "m.txt")),
        (gone("a.txt", ONE), edit.clone()),
        (gone("a.txt", ONE), renamed("a.txt", "n.txt")),
    ];
    for (one, other) in &rows {
        for (first, second) in [(one, other), (other, one)] {
            let tree = tree();
            let (first, second) = (read(&tree, first).remove(0), read(&tree, second).remove(0));
            let plan = planned(&tree, &[first.clone(), second.clone()]);
            assert_eq!(verdicts(&plan)[1], "cannot conflict", "{one}{other}: {}", plan.fixes[1].why);
            assert!(plan.fixes[0].state.name() == "will-write" && plan.fixes[0].why.contains(&second.id.to_string()));
            assert!(plan.fixes[1].why.contains(&first.id.to_string()), "{}", plan.fixes[1].why);
            assert_eq!((&plan.fixes[0].conflicts, &plan.fixes[1].conflicts), (&vec![second.id], &vec![first.id]));
        }
    }
    // The same wish twice is one, and a file that gets another name can be changed.
    for (one, other) in [(&rows[0].0, &rows[0].0), (&rows[6].0, &rows[6].0), (&rows[4].0, &edit)] {
        for (first, second) in [(one, other), (other, one)] {
            let tree = tree();
            let mut both = [read(&tree, first).remove(0), read(&tree, second).remove(0)];
            both[1].id.0 ^= 1;
            let plan = planned(&tree, &both);
            assert!(verdicts(&plan).iter().all(|verdict| verdict.starts_with("will-write")), "{}", plan.fixes[1].why);
            assert_eq!(plan.files.len(), 1);
            apply(&tree.repo(), &plan, Note::default()).unwrap();
        }
    }
    let tree = tree();
    let plan = planned(&tree, &[read(&tree, &edit), read(&tree, &rows[4].0)].concat());
    apply(&tree.repo(), &plan, Note::default()).unwrap();
    assert_eq!((tree.text("n.txt"), tree.root().join("a.txt").exists()), (ONE.replace("two", "2"), false));
}

fn written(tree: &Tree, diff: &str) -> (Plan, String) {
    let plan = kept(tree, &read(tree, diff));
    let entry = apply(&tree.repo(), &plan, Note::default()).unwrap().entry;
    (plan, entry)
}

#[test]
fn undo_loses_nothing_that_was_done_since() {
    let diff = new("n/n.txt", "new\n") + &gone("a.txt", ONE);
    let state_of = |tree: &Tree| tree.files();
    for (path, text, reason) in [
        ("n/n.txt", "mine\n", "n/n.txt: it changed after the batch wrote it, and now it would go"),
        ("a.txt", "mine\n", "a.txt: there is another file at its place now"),
    ] {
        let tree = tree();
        let (_, entry) = written(&tree, &diff);
        tree.write(path, text);
        let before = state_of(&tree);
        let error = tree.repo().undo_entry(&entry).unwrap_err().to_string();
        assert!(error.starts_with(reason), "{error}");
        assert_eq!((state_of(&tree), tree.text(path).as_str()), (before, text));
    }
    // What is so already is no obstacle, and what others put into a new folder stays.
    let tree = tree();
    let (_, entry) = written(&tree, &diff);
    fs::remove_file(tree.root().join("n/n.txt")).unwrap();
    tree.write("n/other.txt", "mine\n");
    tree.write("a.txt", ONE);
    tree.repo().undo_entry(&entry).unwrap();
    assert_eq!((tree.text("a.txt").as_str(), tree.text("n/other.txt").as_str()), (ONE, "mine\n"));
    tree.repo().redo_entry(&entry).unwrap();
    assert_eq!(tree.files(), ["n/n.txt", "n/other.txt", "src/b.txt", "src/run.sh"]);
    // A folder or a link in its place is not written through.
    tree.repo().undo_entry(&entry).unwrap();
    symlink("/tmp", tree.root().join("n/n.txt")).unwrap();
    assert!(tree.repo().redo_entry(&entry).unwrap_err().to_string().contains("symbolic link"));
}

#[test]
fn what_was_changed_under_the_new_name_goes_back_with_the_file() {
    let tree = tree();
    let (_, name) = written(&tree, &(renamed("a.txt", "lib/n.txt") + &new("c.txt", "c\n")));
    fs::remove_file(tree.root().join("c.txt")).unwrap();
    fs::set_permissions(tree.root().join("lib/n.txt"), fs::Permissions::from_mode(0o600)).unwrap();
    tree.write("lib/n.txt", &ONE.replace("two", "mine"));
    let repo = tree.repo();
    let entry = |repo: &quell::repo::Repo| repo.log().unwrap().remove(0);
    let merge =
        |changed: &Changed<'_>| quell::fix::changed_alike(changed.path, changed.left, changed.wanted, changed.now);
    for files in [&[][..], &["lib/n.txt".to_owned()]] {
        let undo = Turning { entry: &entry(&repo), to: Side::Before, files, events: &[], merge: &merge };
        let turned = repo.turn(&undo).unwrap();
        let both = ["a.txt", "lib/n.txt"];
        assert_eq!(turned.files.iter().filter(|path| *path != "c.txt").collect::<Vec<_>>(), both, "{name}");
        assert_eq!(tree.root().join("c.txt").exists(), !files.is_empty());
        assert_eq!(tree.text("a.txt"), ONE.replace("two", "mine"));
        assert!(!tree.root().join("lib").exists());
        let redo = Turning { entry: &entry(&repo), to: Side::After, files, events: &[], merge: &merge };
        repo.turn(&redo).unwrap();
        assert_eq!(tree.text("c.txt"), "c\n");
        assert_eq!((tree.text("lib/n.txt"), tree.root().join("a.txt").exists()), (ONE.replace("two", "mine"), false));
        let mode = fs::metadata(tree.root().join("lib/n.txt")).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
}

#[test]
fn lines_that_an_answer_leaves_out_stay() {
    const CODE: &str = "def f(x):\n    a = 1\n    b = 2\n    return x\n\ndef g(x):\n    c = 3\n    return x + 1\n";
    let block =
        |search: &str, replace: &str| format!("c.py\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n");
    let f = "def f(x):\n...\n    return x\n";
    let literal = "class A:\n    ...\n";
    let rows = [
        (CODE, block(f, "def f(y):\n...\n    return y\n"), "will-write unique", CODE.replacen("(x)", "(y)", 1).replacen("return x\n", "return y\n", 1)),
        (CODE, block("def f(x):\n    ...\n    return x\n", "def f(x):\n    ...\n    return 0\n"), "will-write unique", CODE.replacen("return x\n", "return 0\n", 1)),
        (CODE, block("...\n    c = 3\n", "...\n    c = 4\n"), "will-write unique", CODE.replace("c = 3", "c = 4")),
        (
            CODE,
            "*** Begin Patch\n*** Update File: c.py\n@@\n def f(x):\n ...\n-    return x\n+    return y\n*** End Patch\n".to_owned(),
            "will-write unique",
            CODE.replacen("return x\n", "return y\n", 1),
        ),
        // Two ways to read it.
        (&*CODE.replace(" + 1", ""), block(f, "def f(y):\n...\n    return y\n"), "cannot ambiguous", CODE.replace(" + 1", "")),
        // Through another function.
        (CODE, block("def f(x):\n...\n    return x + 1\n", "def f(y):\n...\n    return y + 1\n"), "needs-you flagged", CODE.to_owned()),
        // In the wrong order, and not there.
        (CODE, block("    return x\n...\ndef f(x):\n", "    return y\n...\ndef f(y):\n"), "cannot stale", CODE.to_owned()),
        // What is left out may neither go nor come.
        (CODE, block(f, "def f(y):\n    return y\n"), "cannot flagged", CODE.to_owned()),
        (CODE, block("    a = 1\n", "    a = 2\n    # ... existing code ...\n"), "needs-you flagged", CODE.to_owned()),
        (CODE, block("    a = 1\n", "    a = 2\n    # and so on\n"), "will-write unique", CODE.replace("    a = 1\n", "    a = 2\n    # and so on\n")),
        // Where the file has such a line, it means itself.
        (literal, block(literal, "class B:\n    ...\n"), "will-write unique", "class B:\n    ...\n".to_owned()),
        // A second time it is done already.
        (&*CODE.replacen("(x)", "(y)", 1).replacen("return x\n", "return y\n", 1), block(f, "def f(y):\n...\n    return y\n"), "cannot stale", CODE.replacen("(x)", "(y)", 1).replacen("return x\n", "return y\n", 1)),
    ];
    for (code, text, verdict, after) in rows {
        let tree = Tree::git(&[("c.py", code)]);
        let plan = planned(&tree, &read(&tree, &text));
        assert_eq!(verdicts(&plan), [verdict], "{text}: {}", plan.fixes[0].why);
        assert_eq!(super::case::after(&tree, &plan, "c.py"), after, "{text}");
    }
}

/// Names may be relative to the folder that Quell runs in; then the new one is, too.
#[test]
fn a_new_name_is_where_the_old_one_is() {
    let codex = |from: &str, to: &str| {
        format!("*** Begin Patch\n*** Update File: {from}\n*** Move to: {to}\n@@\n-b\n+c\n*** End Patch\n")
    };
    for (from, to, target) in [
        ("b.txt", "c.txt", "src/c.txt"),
        ("src/b.txt", "c.txt", "c.txt"),
        ("src/b.txt", "lib/c.txt", "lib/c.txt"),
        ("./b.txt", "d/c.txt", "src/d/c.txt"),
    ] {
        for diff in [codex(from, to), renamed(from, to)] {
            let tree = tree();
            let source = Source { name: "x.patch", folder: "src", ..Source::default() };
            let read = format::read(&tree.repo(), &source, diff.as_bytes()).unwrap();
            let plan = planned(&tree, &read.proposals);
            let paths = ["src/b.txt", target];
            assert_eq!(plan.fixes[0].files, paths, "{from} to {to}: {}", plan.fixes[0].why);
        }
    }
}

#[test]
fn a_block_with_nothing_to_search_for_is_a_new_file() {
    let tree = tree();
    let block = |path: &str, search: &str, replace: &str| {
        format!("{path}\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n")
    };
    let text = block("lib/n.py", "", "x = 1\ny = 2\n")
        + &block("lib/n.py", "y = 2\n", "y = 3\n")
        + &block("a.txt", "two\n", "2\n");
    let (plan, _) = written(&tree, &text);
    assert_eq!((plan.files.len(), tree.text("lib/n.py").as_str()), (2, "x = 1\ny = 3\n"));
    let taken = planned(&tree, &read(&tree, &block("src/b.txt", "", "x\n")));
    assert_eq!(verdicts(&taken), ["cannot flagged"], "{}", taken.fixes[0].why);
}

#[test]
fn a_series_of_mails_makes_a_file_and_goes_on_with_it() {
    let mail = |subject: &str, diff: &str| {
        format!(
            "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] {subject}\n\n---\n{diff}-- \n2.47.3\n\n"
        )
    };
    let edit = |path: &str, from: &str, to: &str| format!("--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-{from}\n+{to}\n");
    let tree = tree();
    let text = mail("make", &new("n.txt", "x\n"))
        + &mail("change", &edit("n.txt", "x", "y"))
        + &mail("rename", &renamed("src/b.txt", "src/c.txt"))
        + &mail("change that", &edit("src/c.txt", "b", "c"));
    let plan = planned(&tree, &read(&tree, &text));
    assert_eq!(
        verdicts(&plan),
        ["will-write exact", "will-write unique"],
        "{:?}",
        plan.fixes.iter().map(|fix| &fix.why).collect::<Vec<_>>()
    );
    apply(&tree.repo(), &plan, Note::default()).unwrap();
    assert_eq!((tree.text("n.txt").as_str(), tree.text("src/c.txt").as_str()), ("y\n", "c\n"));
    assert!(!tree.root().join("src/b.txt").exists());
}

#[test]
fn what_comes_between_preview_and_write_stops_it() {
    let outside = tempfile::TempDir::new().unwrap();
    let diff = new("n/n.txt", "new\n") + &gone("a.txt", ONE) + &renamed("src/run.sh", "lib/run.sh");
    let steps: [Step<'_>; 6] = [
        ("a file", &|tree| tree.write("n/n.txt", "mine\n")),
        ("a link to elsewhere", &|tree| symlink(outside.path(), tree.root().join("n")).unwrap()),
        ("a link in its place", &|tree| {
            fs::create_dir(tree.root().join("n")).unwrap();
            symlink(outside.path().join("x"), tree.root().join("n/n.txt")).unwrap();
        }),
        ("a change of what goes", &|tree| tree.write("a.txt", "mine\n")),
        ("a change of what is renamed", &|tree| tree.write("src/run.sh", "mine\n")),
        ("a file with the new name", &|tree| tree.write("lib/run.sh", "mine\n")),
    ];
    for (what, step) in steps {
        let tree = tree();
        let plan = planned(&tree, &read(&tree, &diff));
        assert!(!plan.files.is_empty(), "{}", plan.fixes[0].why);
        step(&tree);
        let before = tree.files();
        assert!(apply(&tree.repo(), &plan, Note::default()).is_err(), "{what}");
        assert_eq!((tree.files(), tree.leftovers(&tree.repo())), (before, vec![]), "{what}");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "{what}");
    }
}

#[test]
fn a_folder_that_flips_to_a_link_gets_no_file_through_it() {
    let outside = tempfile::TempDir::new().unwrap();
    let tree = tree();
    let root = tree.root().to_owned();
    symlink(outside.path(), root.join("other")).unwrap();
    fs::create_dir(root.join("d")).unwrap();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                // Folder and link change places in one step.
                let (one, two) = (root.join("d"), root.join("other"));
                let flags = rustix::fs::RenameFlags::EXCHANGE;
                rustix::fs::renameat_with(rustix::fs::CWD, &one, rustix::fs::CWD, &two, flags).unwrap();
            }
        });
        for number in 0..60 {
            let diff = match number % 3 {
                0 => new(&format!("d/{number}.txt"), "x\n"),
                1 => new(&format!("d/deep/{number}.txt"), "x\n"),
                _ => renamed("a.txt", &format!("d/{number}.txt")),
            };
            let plan = planned(&tree, &read(&tree, &diff));
            if !plan.files.is_empty() {
                // It may be refused; it must not go through the link.
                if let Ok(written) = apply(&tree.repo(), &plan, Note::default()) {
                    drop(tree.repo().undo_entry(&written.entry));
                }
                drop(tree.repo().recover());
            }
            assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
        }
        is_done.store(true, Ordering::Relaxed);
    });
}
