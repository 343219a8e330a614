//! `fix --stage` and `--commit`: only the edits of the fixes go into index and commits, and all of it or nothing.

use std::fs;
use std::os::unix::process::CommandExt;

use super::shop::{program, quell, ran};
use super::yard::{FIXES, add_report, git, lines, script, with, yard, yard_with};
use crate::support::tree::Tree;

const FIXED_3: &str = "fixed 3 of app";
const FIXED_17: &str = "fixed 17 of app";

/// What a file is in the index or a commit: `:app.py`, `HEAD:app.py`.
#[track_caller]
fn stored(tree: &Tree, name: &str) -> String {
    git(tree.root(), &["show", name])
}

/// Everything that a failed commit must leave as it was.
fn state(tree: &Tree) -> Vec<String> {
    let ask = |arguments: &[&str]| git(tree.root(), arguments);
    let head = fs::read_to_string(tree.root().join(".git/HEAD")).unwrap();
    let own = [tree.text("app.py"), tree.text("lib.py"), head];
    let asked = [
        ask(&["ls-files", "-s"]),
        ask(&["rev-parse", "HEAD"]),
        ask(&["for-each-ref", "refs/heads"]),
        ask(&["status", "--porcelain=v2"]),
    ];
    own.into_iter().chain(asked).collect()
}

#[test]
fn without_stage_the_index_is_not_written() {
    let tree = yard();
    let before = fs::read(tree.root().join(".git/index")).unwrap();
    quell(&tree, &["fix", "--apply"]).ok();
    assert_eq!(fs::read(tree.root().join(".git/index")).unwrap(), before);
    assert_eq!(quell(&tree, &["fix", "--stage"]).code, 2, "a preview stages nothing");
}

#[test]
fn only_the_edits_of_fixes_are_staged() {
    let tree = yard();
    let mine = with(&lines("app"), 10, "my own work");
    tree.write("app.py", &mine);
    let ran = quell(&tree, &["fix", "--apply", "--stage"]).ok();
    assert!(ran.err.contains("wrote 3 fixes in 2 files (+3 -3), staged; `quell undo`"), "{ran:?}");
    let fixed = with(&with(&lines("app"), 3, FIXED_3), 17, FIXED_17);
    assert_eq!(stored(&tree, ":app.py"), fixed);
    assert_eq!(tree.text("app.py"), with(&fixed, 10, "my own work"));
    assert_eq!(git(tree.root(), &["diff", "--numstat"]), "1\t1\tapp.py\n");
    assert_eq!(git(tree.root(), &["diff", "--cached", "--numstat"]), "2\t2\tapp.py\n1\t1\tlib.py\n");

    quell(&tree, &["undo"]).ok();
    assert_eq!((stored(&tree, ":app.py"), tree.text("app.py")), (lines("app"), mine.clone()));
    quell(&tree, &["redo"]).ok();
    assert_eq!(stored(&tree, ":app.py"), fixed);
    git(tree.root(), &["add", "app.py"]);
    let ran = quell(&tree, &["undo"]).ok();
    assert!(ran.out.contains("the index has other content since and stays: app.py"), "{ran:?}");
    assert_eq!((stored(&tree, ":lib.py"), tree.text("app.py")), (lines("lib"), mine));
}

#[test]
fn a_fix_on_lines_that_are_not_staged_is_refused_as_a_whole() {
    let tree = yard_with(&["init", "-q", "-b", "main"], &[]);
    tree.write("app.py", &with(&lines("app"), 3, "my own 3"));
    add_report(&tree, &[("R1", "app.py", 3, "my own 3", "fixed 3"), FIXES[2]]);
    let before = state(&tree);
    for arguments in [&["fix", "--apply", "--stage"][..], &["fix", "--apply", "--commit"]] {
        let ran = quell(&tree, arguments);
        assert!(ran.code == 4 && ran.err.contains("app.py: it has changes that the index does not have"), "{ran:?}");
        assert!(ran.err.contains("line 3 is another one there"), "{ran:?}");
        assert_eq!(state(&tree), before);
    }
    git(tree.root(), &["add", "app.py"]);
    let ran = quell(&tree, &["fix", "--apply", "--commit"]);
    assert!(ran.code == 4 && ran.err.contains("app.py: it has changes that the last commit does not have"), "{ran:?}");
    quell(&tree, &["fix", "--apply", "--stage"]).ok();
    assert_eq!(stored(&tree, ":app.py"), with(&lines("app"), 3, "fixed 3"));
}

#[test]
fn modes_and_line_ends_stay_as_git_stores_them() {
    let tree = yard_with(&["init", "-q", "-b", "main"], &[]);
    git(tree.root(), &["config", "core.autocrlf", "true"]);
    git(tree.root(), &["update-index", "--chmod=+x", "app.py"]);
    git(tree.root(), &["commit", "-q", "-m", "runs"]);
    fs::remove_file(tree.root().join("app.py")).unwrap();
    git(tree.root(), &["checkout", "-q", "--", "app.py"]);
    let crlf = lines("app").replace('\n', "\r\n");
    assert_eq!(tree.text("app.py"), crlf);
    let mine = crlf.replace("line 10 of app", "my own work");
    add_report(&tree, &FIXES);
    for text in [&crlf, &mine] {
        tree.write("app.py", text);
        quell(&tree, &["fix", "--apply", "--stage"]).ok();
        let fixed = with(&with(&lines("app"), 3, FIXED_3), 17, FIXED_17);
        assert_eq!(stored(&tree, ":app.py"), fixed);
        assert_eq!(tree.text("app.py"), text.replace("line 3 ", "fixed 3 ").replace("line 17 ", "fixed 17 "));
        assert!(git(tree.root(), &["ls-files", "-s", "app.py"]).starts_with("100755 "));
        let unstaged = if text == &crlf { "" } else { "1\t1\tapp.py\n" };
        assert_eq!(git(tree.root(), &["diff", "--numstat"]), unstaged);
        quell(&tree, &["undo"]).ok();
    }
}

/// What the index cannot take, each with how it comes about and the reason.
#[test]
fn what_cannot_be_staged_is_refused_with_the_reason() {
    type Case = (&'static [&'static [&'static str]], &'static str);
    const CASES: [Case; 5] = [
        (&[&["rm", "-q", "--cached", "lib.py"]], "git does not have it: git add it first"),
        (&[&["rm", "-q", "--cached", "lib.py"], &["add", "-N", "lib.py"]], "git add -N has announced it"),
        (&[&["update-index", "--skip-worktree", "lib.py"]], "outside of the sparse checkout (skip-worktree)"),
        (&[&["update-index", "--assume-unchanged", "lib.py"]], "(assume-unchanged)"),
        (&[&["config", "filter.f.clean", "touch ../ran"]], "the filter f decides what git stores of it"),
    ];
    for (steps, reason) in CASES {
        let tree = yard();
        tree.write(".git/info/attributes", "lib.py filter=f\n");
        for step in steps {
            git(tree.root(), step);
        }
        let before = (tree.text("app.py"), git(tree.root(), &["ls-files", "-s", "-v"]));
        let ran = quell(&tree, &["fix", "--apply", "--stage"]);
        assert!(ran.code == 4 && ran.err.contains("lib.py: ") && ran.err.contains(reason), "{reason}: {ran:?}");
        assert_eq!((tree.text("app.py"), git(tree.root(), &["ls-files", "-s", "-v"])), before, "{reason}");
        quell(&tree, &["fix", "--apply"]).ok();
        assert!(tree.text("lib.py").contains("fixed 2 of lib"), "{reason}: the tree can be written all the same");
    }
}

#[test]
fn a_lock_of_another_git_is_waited_for_and_never_removed() {
    let tree = yard();
    tree.write(".git/index.lock", "");
    let ran = quell(&tree, &["fix", "--apply", "--stage"]);
    assert!(ran.code == 4 && ran.err.contains("index.lock: another git is writing the index"), "{ran:?}");
    assert_eq!((tree.text("app.py"), tree.text(".git/index.lock")), (lines("app"), String::new()));
    // One of a Quell that was killed is removed, with the copy that it was at.
    tree.write(".git/index.lock", "quell");
    tree.write(".git/.index.quell-0123456789abcdef", "half");
    quell(&tree, &["fix", "--apply", "--stage"]).ok();
    let left = fs::read_dir(tree.root().join(".git")).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("index")).collect();
    assert_eq!(left, ["index"]);
}

#[test]
fn a_commit_holds_the_fixes_and_nothing_else() {
    let tree = yard();
    let mine = with(&with(&lines("app"), 10, "staged work"), 12, "unstaged work");
    tree.write("app.py", &with(&lines("app"), 10, "staged work"));
    tree.write("other.py", "new\n");
    git(tree.root(), &["add", "app.py", "other.py"]);
    tree.write("app.py", &mine);
    let ran = quell(&tree, &["fix", "--apply", "--commit"]).ok();
    let id = git(tree.root(), &["rev-parse", "HEAD"]);
    let short: String = id.chars().take(10).collect();
    assert!(ran.err.contains(&format!(", committed as {short}; ")), "{ran:?}");
    assert_eq!(git(tree.root(), &["show", "--numstat", "--format=", "HEAD"]), "2\t2\tapp.py\n1\t1\tlib.py\n");
    assert_eq!(git(tree.root(), &["diff", "--cached", "--numstat"]), "1\t1\tapp.py\n1\t0\tother.py\n");
    assert_eq!(git(tree.root(), &["diff", "--numstat"]), "1\t1\tapp.py\n");
    let message = git(tree.root(), &["log", "-1", "--format=%B"]);
    let (subject, rest) = message.split_once("\n\n").unwrap();
    assert_eq!(subject, "Fix 3 findings in 2 files");
    assert!(rest.starts_with("- R1 in app.py:3 (Yard): write `fixed 3 of app`\n- R2 in app.py:17"), "{message}");
    let trailers = git(tree.root(), &["log", "-1", "--format=%(trailers:key=Quell-Finding)"]);
    assert_eq!(trailers.matches("Quell-Finding: q1-").count(), 3, "{message}");
    let left = fs::read_dir(tree.root().join(".git")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().contains(".quell-")));

    let ran = quell(&tree, &["undo"]).ok();
    assert!(ran.out.contains("its commit stays") && ran.out.contains(&format!("git revert {short}`")), "{ran:?}");
    assert_eq!((tree.text("app.py"), git(tree.root(), &["rev-parse", "HEAD"])), (mine, id.clone()));
    let log = quell(&tree, &["undo", "--list"]).ok();
    assert!(log.out.contains(&format!("(committed: {short})  (undone)")), "{log:?}");
}

#[test]
fn each_fix_can_have_its_own_commit() {
    let tree = yard();
    let ran = quell(&tree, &["fix", "--apply", "--commit=each", "--format", "json"]).ok();
    let subjects = git(tree.root(), &["log", "--format=%s", "--reverse"]);
    assert_eq!(subjects, "first\nFix R1 in app.py\nFix R2 in app.py\nFix R3 in lib.py\n");
    let stat = |commit: &str| git(tree.root(), &["show", "--numstat", "--format=", commit]);
    assert_eq!(["HEAD~2", "HEAD~1", "HEAD"].map(stat), ["1\t1\tapp.py\n", "1\t1\tapp.py\n", "1\t1\tlib.py\n"]);
    assert!(stored(&tree, "HEAD~2:app.py").contains(FIXED_3) && !stored(&tree, "HEAD~2:app.py").contains(FIXED_17));
    assert_eq!(git(tree.root(), &["status", "--short"]), "");
    let json = ran.json();
    let commits = git(tree.root(), &["log", "-3", "--format=%H", "--reverse"]);
    let said: Vec<&str> = json.as_array().unwrap().iter().map(|fix| fix["commit"].as_str().unwrap()).collect();
    assert_eq!(said, commits.lines().collect::<Vec<_>>());
    assert_eq!(json[0]["staged"], true);
    let undone = quell(&tree, &["undo"]).ok().out;
    let range = undone.split("git revert ").nth(1).unwrap().trim_end_matches(['`', '\n']);
    quell(&tree, &["redo"]).ok();
    git(tree.root(), &["revert", "--no-edit", range]);
    assert_eq!((tree.text("app.py"), tree.text("lib.py")), (lines("app"), lines("lib")));
}

#[test]
fn a_hook_that_refuses_leaves_everything_as_it_was() {
    // The second commit of several is the one that is refused.
    const SECOND: &str = "grep -q R2 \"$1\" || exit 0";
    for (hook, when, how) in [
        ("pre-commit", "", &["--commit"][..]),
        ("commit-msg", SECOND, &["--commit=each"]),
        ("pre-commit", "", &["--commit", "--branch", "fixes"]),
        ("commit-msg", SECOND, &["--commit=each", "--branch", "fixes"]),
    ] {
        let tree = yard();
        tree.write("app.py", &with(&lines("app"), 10, "my own work"));
        git(tree.root(), &["add", "app.py"]);
        let hooks = tree.root().join(".git/hooks");
        script(&hooks.join(hook), &format!("{when}\necho first; echo 'no: lint failed' >&2; exit 1"));
        let before = state(&tree);
        let ran = quell(&tree, &[&["fix", "--apply"], how].concat());
        assert!(
            ran.code == 4 && ran.err.contains("git did not commit:\n  first\n  no: lint failed\n"),
            "{how:?}: {ran:?}"
        );
        assert_eq!(state(&tree), before, "{how:?}");
        assert!(!tree.root().join(".quell/decisions").exists(), "{how:?}");
        fs::remove_dir_all(hooks).unwrap();
        quell(&tree, &["fix", "--apply", "--commit"]).ok();
    }
}

#[test]
fn a_signature_that_fails_leaves_everything_as_it_was_and_one_that_works_is_there() {
    let tree = yard();
    let signer = tree.state().join("signer");
    script(&signer, "echo 'no secret key' >&2; exit 2");
    git(tree.root(), &["config", "gpg.program", signer.to_str().unwrap()]);
    git(tree.root(), &["config", "commit.gpgSign", "true"]);
    let before = state(&tree);
    let ran = quell(&tree, &["fix", "--apply", "--commit"]);
    assert!(ran.code == 4 && ran.err.contains("failed to sign"), "{ran:?}");
    assert_eq!(state(&tree), before);
    script(&signer, "cat >/dev/null; echo '[GNUPG:] SIG_CREATED ' >&2; echo '-----BEGIN PGP SIGNATURE-----'");
    quell(&tree, &["fix", "--apply", "--commit"]).ok();
    assert!(git(tree.root(), &["cat-file", "-p", "HEAD"]).contains("\ngpgsig -----BEGIN PGP"));
}

#[test]
fn an_interrupt_during_a_hook_takes_all_back() {
    let tree = yard();
    script(&tree.root().join(".git/hooks/pre-commit"), "kill -INT 0; exit 1");
    let before = state(&tree);
    let ran = ran(program(&tree).args(["fix", "--apply", "--commit"]).process_group(0));
    assert_eq!((ran.code, state(&tree)), (130, before), "{}", ran.err);
}

#[test]
fn what_a_hook_adds_is_committed_told_and_followed_by_the_index() {
    let tree = yard();
    tree.write("made.txt", "1\n");
    git(tree.root(), &["add", "made.txt"]);
    git(tree.root(), &["commit", "-q", "-m", "more"]);
    script(&tree.root().join(".git/hooks/pre-commit"), "echo 2 >made.txt; git add made.txt");
    let ran = quell(&tree, &["fix", "--apply", "--commit"]).ok();
    assert!(ran.err.contains("a hook has changed more in it: made.txt"), "{ran:?}");
    assert_eq!(git(tree.root(), &["status", "--short"]), "");
    assert_eq!(stored(&tree, "HEAD:made.txt"), "2\n");
}

#[test]
fn a_new_branch_starts_at_head_and_leaves_the_tree_alone() {
    let tree = yard();
    tree.write("other.py", "new\n");
    let first = git(tree.root(), &["rev-parse", "HEAD"]);
    let ran = quell(&tree, &["fix", "--apply", "--commit", "--branch", "fixes", "--message", "Fix it\n\nSoon."]).ok();
    assert!(ran.err.contains("on the new branch fixes"), "{ran:?}");
    assert_eq!(git(tree.root(), &["symbolic-ref", "HEAD"]), "refs/heads/fixes\n");
    assert_eq!(git(tree.root(), &["rev-parse", "main", "fixes~1"]), first.repeat(2));
    assert!(git(tree.root(), &["log", "-1", "--format=%B"]).starts_with("Fix it\n\nSoon.\n\nQuell-Finding: q1-"));
    assert_eq!(git(tree.root(), &["status", "--short"]), "?? other.py\n");
    quell(&tree, &["undo"]).ok();
    for (name, reason) in
        [("main", "there is a branch main"), ("a..b", "cannot be the name"), ("-x", "cannot be the name")]
    {
        let ran = quell(&tree, &["fix", "--apply", "--commit", &format!("--branch={name}")]);
        assert!(ran.code == 4 && ran.err.contains(reason), "{ran:?}");
        assert_eq!(tree.text("lib.py"), lines("lib"));
    }
}
