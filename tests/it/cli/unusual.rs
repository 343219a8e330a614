//! Repositories in unusual states: a fix is written and taken back wherever that is sound, and what git cannot do there is
//! refused with the reason.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::shop::{Ran, program, quell, ran};
use super::yard::{FIXES, add_report, command, configure, git, lines, report, script, with, yard, yard_with};
use crate::support::tree::Tree;

const FIXED: &str = "fixed 2 of lib";

/// A clone of a yard, made by `git` with these arguments, with the report in it.
struct Clone {
    from: Tree,
    folder: TempDir,
}

impl Clone {
    fn of(arguments: &[&str], submodule: bool) -> Self {
        let from = yard();
        let folder = TempDir::new().unwrap();
        git(from.root(), &["config", "uploadpack.allowFilter", "true"]);
        let url = format!("file://{}", from.root().display());
        git(folder.path(), &[&["clone", "-q"], arguments, &[url.as_str(), "here"]].concat());
        let clone = Self { from, folder };
        configure(&clone.root());
        if !submodule {
            clone.report("");
        }
        clone
    }

    fn root(&self) -> std::path::PathBuf {
        self.folder.path().join("here")
    }

    /// The report of the third fix, with its file below a folder.
    fn report(&self, folder: &str) {
        let path = format!("{folder}lib.py");
        let fix = ("R3", path.as_str(), 2, "line 2 of lib", FIXED);
        fs::create_dir_all(self.root().join(".quell/reports")).unwrap();
        let text = report(&[fix], "2099-01-01T00:00:00Z");
        fs::write(self.root().join(".quell/reports/yard.sarif"), text).unwrap();
    }

    #[track_caller]
    fn quell(&self, arguments: &[&str]) -> Ran {
        ran(program(&self.from).current_dir(self.root()).args(arguments))
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }
}

/// Applies the fix of `lib.py`, and takes it back.
#[track_caller]
fn there_and_back(quell: impl Fn(&[&str]) -> Ran, text: impl Fn() -> String) {
    quell(&["fix", "-q", "rule:R3", "--apply"]).ok();
    assert_eq!(text(), with(&lines("lib"), 2, FIXED));
    quell(&["undo"]).ok();
    assert_eq!(text(), lines("lib"));
}

/// Writes the fix into a new worktree, stages it, commits it, and looks at all three with git.
#[track_caller]
fn staged_and_committed(quell: impl Fn(&[&str]) -> Ran, root: &Path) {
    let beside = TempDir::new().unwrap();
    let beside = beside.path().join("tree");
    let shown = beside.to_str().unwrap();
    quell(&["fix", "-q", "rule:R3", "--apply", "--commit", "--worktree", shown]).ok();
    assert_eq!(git(&beside, &["show", "--numstat", "--format=", "HEAD"]), "1\t1\tlib.py\n");
    assert_eq!(git(&beside, &["status", "--short"]), "");
    assert_eq!(git(root, &["status", "--short"]), "");
    git(root, &["worktree", "remove", "--force", shown]);
    quell(&["fix", "-q", "rule:R3", "--apply", "--stage"]).ok();
    assert_eq!(git(root, &["diff", "--cached", "--numstat"]), "1\t1\tlib.py\n");
    quell(&["undo"]).ok();
    assert_eq!(git(root, &["status", "--short"]), "");
    quell(&["fix", "-q", "rule:R3", "--apply", "--commit"]).ok();
    assert_eq!(git(root, &["show", "--numstat", "--format=", "HEAD"]), "1\t1\tlib.py\n");
    assert_eq!(git(root, &["status", "--short"]), "");
}

#[test]
fn in_the_middle_of_a_merge_rebase_cherry_pick_or_revert() {
    for (begin, name) in [
        (&["merge", "other"][..], "a merge"),
        (&["rebase", "other"], "a rebase"),
        (&["cherry-pick", "other"], "a cherry-pick"),
        (&["revert", "--no-edit", "HEAD~1"], "a revert"),
    ] {
        let tree = yard();
        let commit = |branch: &str, text: &str| {
            git(tree.root(), &["checkout", "-q", "-B", branch]);
            tree.write("app.py", &with(&lines("app"), 10, text));
            git(tree.root(), &["commit", "-q", "-a", "-m", text]);
        };
        commit("other", "theirs");
        git(tree.root(), &["checkout", "-q", "-B", "main", "HEAD~1"]);
        commit("main", "ours");
        commit("main", "ours again");
        let stopped = command(tree.root(), begin).output().unwrap();
        assert!(!stopped.status.success() && tree.text("app.py").contains("<<<<<<<"), "{name}: {stopped:?}");
        let ran = quell(&tree, &["fix", "-q", "rule:R1", "--apply"]);
        assert!(ran.code == 4 && ran.err.contains("app.py: it is in the middle of a merge"), "{name}: {ran:?}");
        there_and_back(|arguments| quell(&tree, arguments), || tree.text("lib.py"));
        quell(&tree, &["fix", "-q", "rule:R3", "--apply", "--stage"]).ok();
        assert!(git(tree.root(), &["show", ":lib.py"]).contains(FIXED), "{name}");
        quell(&tree, &["undo"]).ok();
        let unmerged = git(tree.root(), &["ls-files", "-u"]);
        assert_eq!(unmerged.lines().count(), 3, "{name}");
        let ran = quell(&tree, &["fix", "-q", "rule:R3", "--apply", "--commit"]);
        assert!(ran.code == 4 && ran.err.contains(&format!("{name} is under way here")), "{name}: {ran:?}");
        assert_eq!(tree.text("lib.py"), lines("lib"));
    }
}

#[test]
fn a_sparse_checkout() {
    let clone = Clone::of(&["--no-checkout"], true);
    for (path, text) in [("in/lib.py", lines("lib")), ("out/lib.py", lines("lib"))] {
        fs::create_dir_all(clone.root().join(path).parent().unwrap()).unwrap();
        fs::write(clone.root().join(path), text).unwrap();
    }
    git(&clone.root(), &["add", "in", "out"]);
    git(&clone.root(), &["commit", "-q", "-m", "folders"]);
    git(&clone.root(), &["sparse-checkout", "set", "in"]);
    clone.report("out/");
    let ran = clone.quell(&["fix", "--apply"]);
    assert!(ran.code == 4 && ran.err.contains("out/lib.py: it is not checked out here (sparse checkout)"), "{ran:?}");
    clone.report("in/");
    clone.quell(&["fix", "--apply", "--commit"]).ok();
    assert_eq!(clone.text("in/lib.py"), with(&lines("lib"), 2, FIXED));
    assert_eq!(git(&clone.root(), &["show", "--name-only", "--format=", "HEAD"]), "in/lib.py\n");
    assert_eq!(git(&clone.root(), &["status", "--short"]), "");
    assert!(git(&clone.root(), &["ls-files", "-t", "out"]).starts_with("S "));
    clone.quell(&["undo"]).ok();
    assert_eq!(clone.text("in/lib.py"), lines("lib"));
}

#[test]
fn a_file_of_a_submodule_and_the_submodule_itself() {
    let clone = Clone::of(&[], true);
    let url = format!("file://{}", clone.from.root().display());
    git(&clone.root(), &["submodule", "--quiet", "add", &url, "sub"]);
    git(&clone.root(), &["commit", "-q", "-m", "sub"]);
    clone.report("sub/");
    there_and_back(|arguments| clone.quell(arguments), || clone.text("sub/lib.py"));
    for how in ["--stage", "--commit"] {
        let ran = clone.quell(&["fix", "--apply", how]);
        let reason = "sub/lib.py: it cannot be staged: it belongs to another repository in this one (a submodule)";
        assert!(ran.code == 4 && ran.err.contains(reason), "{ran:?}");
        assert_eq!(clone.text("sub/lib.py"), lines("lib"));
    }
    configure(&clone.root().join("sub"));
    let report = clone.root().join("sub/.quell/reports");
    fs::create_dir_all(&report).unwrap();
    fs::write(report.join("yard.sarif"), super::yard::report(&FIXES, "2099-01-01T00:00:00Z")).unwrap();
    let inside = |arguments: &[&str]| ran(program(&clone.from).current_dir(clone.root().join("sub")).args(arguments));
    there_and_back(inside, || clone.text("sub/lib.py"));
    staged_and_committed(inside, &clone.root().join("sub"));
}

#[test]
fn a_pointer_of_git_lfs_is_never_patched() {
    let tree = yard();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    tree.write("lib.py", pointer);
    add_report(&tree, &[("R3", "lib.py", 2, "oid sha256:4d7a", "oid sha256:beef")]);
    let ran = quell(&tree, &["fix", "--apply", "--include-unsafe"]);
    assert!(ran.code == 4 && ran.err.contains("lib.py: it is a pointer of Git LFS"), "{ran:?}");
    assert_eq!(tree.text("lib.py"), pointer);
}

#[test]
fn repositories_that_libgit2_cannot_open_are_written_staged_and_committed() {
    for init in [&["init", "-q", "-b", "main", "--ref-format=reftable"][..], &["init", "-q", "--object-format=sha256"]]
    {
        let tree = yard_with(init, &FIXES);
        let ran = quell(&tree, &["fix"]).ok();
        assert!(ran.err.contains("going on without git"), "{init:?}: {ran:?}");
        there_and_back(|arguments| quell(&tree, arguments), || tree.text("lib.py"));
        staged_and_committed(|arguments| quell(&tree, arguments), tree.root());
        let old = git(tree.root(), &["rev-parse", "HEAD~1"]);
        quell(&tree, &["fix", "-q", "rule:R1", "--apply", "--commit", "--branch", "more"]).ok();
        assert_eq!(git(tree.root(), &["rev-parse", "more~2"]), old);
        assert!(!tree.root().join(".git/quell").exists());
    }
}

#[test]
fn a_partial_clone_fetches_nothing() {
    let clone = Clone::of(&["--filter=blob:none"], false);
    there_and_back(|arguments| clone.quell(arguments), || clone.text("lib.py"));
    staged_and_committed(|arguments| clone.quell(arguments), &clone.root());
    // A stored version that is not here is not fetched either.
    let clone = Clone::of(&["--filter=blob:none", "--no-checkout"], false);
    git(&clone.root(), &["read-tree", "HEAD"]);
    fs::write(clone.root().join("lib.py"), lines("lib")).unwrap();
    let ran = clone.quell(&["fix", "--apply", "--stage"]);
    assert!(
        ran.code == 4 && ran.err.contains("lib.py: it cannot be staged: its stored content is not here"),
        "{ran:?}"
    );
    let missing = git(&clone.root(), &["rev-list", "--objects", "--all", "--missing=print"]);
    assert!(missing.lines().any(|line| line.starts_with('?')), "{missing}");
}

#[test]
fn a_shallow_clone_and_a_linked_worktree() {
    let clone = Clone::of(&["--depth=1"], false);
    there_and_back(|arguments| clone.quell(arguments), || clone.text("lib.py"));
    staged_and_committed(|arguments| clone.quell(arguments), &clone.root());
    let tree = yard();
    let other = tree.root().join("other");
    git(tree.root(), &["worktree", "add", "-q", other.to_str().unwrap()]);
    fs::create_dir_all(other.join(".quell/reports")).unwrap();
    fs::copy(tree.root().join(".quell/reports/yard.sarif"), other.join(".quell/reports/yard.sarif")).unwrap();
    let inside = |arguments: &[&str]| ran(program(&tree).current_dir(&other).args(arguments));
    there_and_back(inside, || fs::read_to_string(other.join("lib.py")).unwrap());
    staged_and_committed(inside, &other);
    assert_eq!(git(tree.root(), &["status", "--short", "--untracked-files=no"]), "");
    assert_eq!((tree.text("lib.py"), git(tree.root(), &["log", "--format=%s"])), (lines("lib"), "first\n".to_owned()));
}

#[test]
fn a_detached_head_and_one_without_a_commit() {
    let tree = yard();
    git(tree.root(), &["checkout", "-q", "--detach"]);
    there_and_back(|arguments| quell(&tree, arguments), || tree.text("lib.py"));
    let main = git(tree.root(), &["rev-parse", "main"]);
    let ran = quell(&tree, &["fix", "-q", "rule:R3", "--apply", "--commit"]).ok();
    assert!(ran.err.contains("HEAD is detached: no branch has the commit"), "{ran:?}");
    assert_eq!(git(tree.root(), &["rev-parse", "HEAD~1", "main"]), main.repeat(2));

    let tree = Tree::plain(&[("lib.py", &lines("lib"))]);
    git(tree.root(), &["init", "-q"]);
    configure(tree.root());
    git(tree.root(), &["add", "lib.py"]);
    add_report(&tree, &FIXES[2..]);
    there_and_back(|arguments| quell(&tree, arguments), || tree.text("lib.py"));
    let ran = quell(&tree, &["fix", "--apply", "--commit"]);
    assert!(ran.code == 4 && ran.err.contains("there is no commit yet"), "{ran:?}");
    quell(&tree, &["fix", "--apply", "--stage"]).ok();
    assert_eq!(git(tree.root(), &["show", ":lib.py"]), with(&lines("lib"), 2, FIXED));
}

#[test]
fn the_first_file_of_an_index() {
    let tree = Tree::plain(&[]);
    git(tree.root(), &["init", "-q"]);
    configure(tree.root());
    let patch = tree.state().join("new.patch");
    fs::write(&patch, "--- /dev/null\n+++ b/src/new.py\n@@ -0,0 +1 @@\n+print(1)\n").unwrap();
    let fix = |arguments: &[&str]| ran(program(&tree).args(["fix", "--fixes"]).arg(&patch).args(arguments));
    fix(&["--apply", "--stage"]).ok();
    assert_eq!(git(tree.root(), &["status", "--short", "--untracked-files=no"]), "A  src/new.py\n");
    quell(&tree, &["undo"]).ok();
    assert_eq!((git(tree.root(), &["ls-files"]).as_str(), tree.root().join("src").exists()), ("", false));
}

#[test]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn a_repository_of_somebody_else() {
    let tree = yard();
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can give a repository away");
        return;
    }
    for path in [tree.root().to_owned(), tree.root().join(".git")] {
        std::os::unix::fs::chown(path, Some(12345), None).unwrap();
    }
    let ran = quell(&tree, &["fix"]).ok();
    assert!(ran.err.contains("safe.directory") && ran.err.contains("going on without git"), "{ran:?}");
    there_and_back(|arguments| quell(&tree, arguments), || tree.text("lib.py"));
    for how in ["--stage", "--commit"] {
        let ran = quell(&tree, &["fix", "-q", "rule:R3", "--apply", how]);
        assert!(ran.code == 4 && ran.err.contains("dubious ownership"), "{ran:?}");
        assert_eq!(tree.text("lib.py"), lines("lib"));
    }
}

#[test]
fn a_bare_repository_and_a_plain_folder() {
    let bare = Tree::plain(&[("lib.py", &lines("lib"))]);
    git(bare.root(), &["init", "-q", "--bare"]);
    let ran = quell(&bare, &["fix", "--apply"]);
    assert!(ran.code == 2 && ran.err.contains("this repository has no working tree"), "{ran:?}");

    let plain = Tree::plain(&[("lib.py", &lines("lib"))]);
    add_report(&plain, &FIXES[2..]);
    there_and_back(|arguments| quell(&plain, arguments), || plain.text("lib.py"));
    for how in ["--stage", "--commit"] {
        let ran = quell(&plain, &["fix", "--apply", how]);
        assert!(ran.code == 4 && ran.err.contains("not a git repository"), "{ran:?}");
        assert_eq!(plain.text("lib.py"), lines("lib"));
    }
}

/// Everything that a repository can name to be run, each of which writes its name to a file.
fn trapped() -> (Tree, impl Fn() -> Vec<String>) {
    let tree = yard();
    let (marks, hooks) = (tree.state().join("marks"), tree.state().join("hooks"));
    let trap = |name: &str| format!("echo {name} >>{}", marks.display());
    for hook in [
        "pre-commit",
        "prepare-commit-msg",
        "commit-msg",
        "post-commit",
        "post-index-change",
        "reference-transaction",
        "post-checkout",
        "fsmonitor-watchman",
        "pre-auto-gc",
    ] {
        script(&hooks.join(hook), &trap(hook));
    }
    let fsmonitor = hooks.join("fsmonitor-watchman").display().to_string();
    let hooks = hooks.display().to_string();
    tree.write(".git/info/attributes", "*.bin filter=evil diff=evil merge=evil\n*.py diff=evil\n");
    tree.write("data.bin", "data\n");
    git(tree.root(), &["add", "data.bin"]);
    git(tree.root(), &["commit", "-q", "-m", "data"]);
    for (key, value) in [
        ("core.hooksPath", hooks.as_str()),
        ("core.fsmonitor", fsmonitor.as_str()),
        ("core.pager", &trap("pager")),
        ("core.editor", &trap("editor")),
        ("core.sshCommand", &trap("ssh")),
        ("core.askPass", &trap("askpass")),
        ("gpg.program", &trap("gpg")),
        ("core.alternateRefsCommand", &trap("alternates")),
        ("credential.helper", &format!("!{}", trap("credential"))),
        ("sequence.editor", &trap("sequence")),
        ("gpg.ssh.program", &trap("ssh-sign")),
        ("gpg.ssh.defaultKeyCommand", &trap("ssh-key")),
        ("gc.recentObjectsHook", &trap("gc")),
        ("interactive.diffFilter", &trap("interactive")),
        ("pager.log", &trap("pager")),
        ("submodule.sub.update", &format!("!{}", trap("submodule"))),
        ("filter.evil.clean", &format!("{}; cat", trap("clean"))),
        ("filter.evil.smudge", &format!("{}; cat", trap("smudge"))),
        ("diff.evil.textconv", &trap("textconv")),
        ("diff.evil.command", &trap("command")),
        ("merge.evil.driver", &trap("driver")),
        ("diff.external", &trap("external")),
        ("alias.commit", &format!("!{}", trap("alias"))),
        ("alias.ls-files", &format!("!{}", trap("alias"))),
        ("alias.worktree", &format!("!{}", trap("alias"))),
        ("gc.auto", "1"),
    ] {
        git(tree.root(), &["config", key, value]);
    }
    let other = Tree::git(&[("other.py", "other\n")]);
    let objects = other.root().join(".git/objects");
    tree.write(".git/objects/info/alternates", &format!("{}\n", objects.display()));
    let read = move || {
        // Its objects are read from here.
        let _ = &other;
        let text = fs::read_to_string(&marks).unwrap_or_default();
        let _ = fs::remove_file(&marks);
        let mut names: Vec<String> = text.lines().map(str::to_owned).collect();
        names.dedup();
        names
    };
    (tree, read)
}

#[test]
fn nothing_that_a_repository_names_is_run_but_the_hooks_of_a_commit() {
    let (tree, ran) = trapped();
    let id = super::shop::id(&tree, "rule:R1");
    // A file that git would have to look at.
    tree.write("data.bin", "DATA\n");
    git(tree.root(), &["-c", "core.fsmonitor=false", "status"]);
    assert!(!ran().is_empty(), "the traps work");
    let beside = tree.state().join("beside").display().to_string();
    let checked = ["fix", "--apply", "--verify", "grep -q line app.py"];
    for arguments in [
        &["fix"][..],
        &["fix", "--format", "json"],
        &["fix", "--upgrades"],
        &["fix", "--apply", "--worktree", &beside, "--branch", "beside"],
        &checked,
        &["undo"],
        &["fix", "--format", "markdown"],
        &["fix", "--apply"],
        &["undo"],
        &["redo"],
        &["undo", "--file", "lib.py"],
        &["undo"],
        &["fix", "--apply", "--stage"],
        &["undo"],
        &["redo"],
        &["undo"],
        &["recover"],
        &["list"],
    ] {
        quell(&tree, arguments).ok();
        assert_eq!(ran(), [""; 0], "{arguments:?}");
    }
    // What else writes or asks git; some of it has nothing to do here and says so.
    for arguments in [
        &["decide", "confirm", "-q", "rule:R1"][..],
        &["undo"],
        &["ledger", "log"],
        &["ledger", "verify"],
        &["ledger", "compact"],
        &["ledger", "publish"],
        &["show", &id],
        &["explain", &id],
        &["status"],
        &["check"],
        &["context"],
        &["evidence"],
        &["export", "--format", "sarif"],
    ] {
        let said = quell(&tree, arguments);
        assert_ne!(said.code, 2, "{said:?}");
        assert_eq!(ran(), [""; 0], "{arguments:?}");
    }
    let there = |arguments: &[&str]| super::shop::ran(program(&tree).current_dir(&beside).args(arguments)).ok();
    there(&["undo"]);
    there(&["redo"]);
    assert_eq!(ran(), [""; 0]);
    assert_eq!(fs::read_to_string(tree.state().join("beside/data.bin")).unwrap(), "data\n");
    git(tree.root(), &["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "checkout", "-q", "data.bin"]);
    ran();
    quell(&tree, &["fix", "--apply", "--commit", "--branch", "fixes"]).ok();
    let mut names = ran();
    names.sort();
    names.dedup();
    // `git commit` itself looks at a file again that could have changed in the second in which the index was written.
    names.retain(|name| name != "clean");
    let hooks =
        ["commit-msg", "post-commit", "post-index-change", "pre-commit", "prepare-commit-msg", "reference-transaction"];
    assert_eq!(names, hooks);
}
