//! `fix --worktree`: fixes go into a new worktree, the tree stays as it is, and where it fails there is no worktree.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use super::shop::{program, quell, ran};
use super::yard::{FIXES, add_report, command, git, lines, script, with, yard, yard_with};
use crate::support::tree::Tree;

/// A folder beside the tree that is not there yet.
fn beside(tree: &Tree) -> PathBuf {
    tree.state().canonicalize().unwrap().join("be side")
}

/// Everything that must stay as it was.
fn state(tree: &Tree) -> Vec<String> {
    let bytes = tree.bytes().concat();
    let asked = [
        &["status", "--porcelain=v2", "--branch"][..],
        &["ls-files", "-s"],
        &["for-each-ref"],
        &["worktree", "list", "--porcelain"],
        &["config", "--list", "--local"],
    ];
    let own = [String::from_utf8(bytes).unwrap(), tree.files().join("\n")];
    own.into_iter().chain(asked.iter().map(|words| command_text(tree, words))).collect()
}

/// As `git`, also where it has nothing to say yet.
fn command_text(tree: &Tree, words: &[&str]) -> String {
    String::from_utf8(command(tree.root(), words).output().unwrap().stdout).unwrap()
}

fn text(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap()
}

/// `app.py` with both of its fixes.
fn fixed() -> String {
    with(&with(&lines("app"), 3, "fixed 3 of app"), 17, "fixed 17 of app")
}

#[test]
fn fixes_go_into_a_new_worktree_on_head_and_the_tree_stays_as_it_is() {
    let tree = yard();
    tree.write("app.py", &("my own first line\n".to_owned() + &lines("app")));
    tree.write("other.py", "new\n");
    add_report(
        &tree,
        &[
            ("R1", "app.py", 4, "line 3 of app", "fixed 3 of app"),
            ("R2", "app.py", 18, "line 17 of app", "fixed 17 of app"),
            FIXES[2],
        ],
    );
    let (before, folder) = (state(&tree), beside(&tree));
    let shown = folder.to_str().unwrap();
    let ran = quell(&tree, &["fix", "--apply", "--worktree", shown, "--branch", "fixes"]).ok();
    let said: Vec<&str> = ran.err.lines().collect();
    assert_eq!(said[0], "wrote 3 fixes in 2 files (+3 -3) in a new worktree; `quell undo` there takes it back");
    assert_eq!(said[1], format!("to go on on the new branch fixes: cd '{shown}'"));
    // The tree has three lines more to say of the worktree, and nothing else.
    assert_eq!(state(&tree)[..2], before[..2]);
    assert_eq!(git(tree.root(), &["status", "--porcelain=v2", "--branch"]), before[2]);
    assert_eq!(git(&folder, &["symbolic-ref", "HEAD"]), "refs/heads/fixes\n");
    assert_eq!(git(&folder, &["rev-parse", "HEAD"]), git(tree.root(), &["rev-parse", "main"]));
    assert_eq!((text(&folder, "app.py"), folder.join("other.py").exists()), (fixed(), false));
    assert_eq!(git(&folder, &["status", "--short"]), " M app.py\n M lib.py\n");

    let there = |arguments: &[&str]| super::shop::ran(program(&tree).current_dir(&folder).args(arguments)).ok();
    there(&["undo"]);
    assert_eq!((text(&folder, "app.py"), text(&folder, "lib.py")), (lines("app"), lines("lib")));
    there(&["redo"]);
    assert_eq!(text(&folder, "app.py"), fixed());

    // What is said takes all of it away again.
    let way = said[2].strip_prefix("to be rid of it: ").unwrap();
    let rid = std::process::Command::new("sh").args(["-c", way]).current_dir("/").output().unwrap();
    assert!(rid.status.success(), "{rid:?}");
    assert_eq!((state(&tree), folder.exists()), (before, false));
}

#[test]
fn a_worktree_can_be_on_no_branch_committed_and_staged() {
    let tree = yard();
    let (before, folder) = (state(&tree), beside(&tree));
    let shown = folder.to_str().unwrap();
    let ran = quell(&tree, &["fix", "--apply", "--worktree", shown]).ok();
    assert!(ran.err.contains("to go on: cd '") && text(&folder, "app.py") == fixed(), "{ran:?}");
    assert!(!command(&folder, &["symbolic-ref", "-q", "HEAD"]).status().unwrap().success());
    git(tree.root(), &["worktree", "remove", "--force", shown]);

    quell(&tree, &["fix", "--apply", "--stage", "--worktree", shown]).ok();
    assert_eq!(git(&folder, &["diff", "--cached", "--numstat"]), "2\t2\tapp.py\n1\t1\tlib.py\n");
    git(tree.root(), &["worktree", "remove", "--force", shown]);
    assert_eq!(state(&tree), before);

    // Relative to where it is said, and in a folder of the tree that git ignores.
    fs::create_dir_all(tree.root().join(".quell/trees")).unwrap();
    let arguments = ["fix", "--apply", "--commit=each", "--worktree", "trees/one", "--branch", "fixes"];
    let ran = super::shop::ran(program(&tree).current_dir(tree.root().join(".quell")).args(arguments)).ok();
    let folder = tree.root().join(".quell/trees/one");
    assert!(ran.err.contains("to go on on the new branch fixes, which stays without it: cd "), "{ran:?}");
    assert_eq!(git(tree.root(), &["rev-list", "--count", "main..fixes"]), "3\n");
    assert_eq!(git(&folder, &["status", "--short"]), "");
    assert_eq!((git(tree.root(), &["status", "--short"]).as_str(), tree.text("app.py")), ("", lines("app")));
}

/// What must not work: how it comes about, what is asked for in the place of `DIR`, and the reason.
#[test]
fn where_it_fails_nothing_is_left_of_it() {
    type Prepare = fn(&Tree);
    let cases: [(Prepare, &[&str], &str); 14] = [
        (|tree| fs::create_dir(beside(tree)).unwrap(), &[], "something is there already"),
        (|_| (), &["--worktree=none/here"], "the folder above it cannot be entered"),
        (|_| (), &["--worktree=.git/here"], "it lies in the folder of git"),
        (|_| (), &["--worktree=here"], "it lies in the tree, where git does not ignore it"),
        (|_| (), &["--worktree=.."], "it is not the name of a new folder"),
        (|_| (), &["--worktree=../a\nb"], "git takes no folder of such a name"),
        (|_| (), &["--branch=main"], "there is a branch main already"),
        (|_| (), &["--branch=a..b"], "cannot be the name of a branch"),
        (|_| (), &["--branch=-x"], "cannot be the name of a branch"),
        (|_| (), &["--no-git"], "without git there is no worktree"),
        (
            own_line,
            &["--branch=fixes"],
            "app.py: it has changes that the last commit does not have, and the fix has no place there: line 3",
        ),
        (untracked, &["--branch=fixes"], "lib.py: in the last commit: no such file"),
        (hook, &["--branch=fixes", "--commit=each"], "git did not commit:\n  no: lint failed"),
        (unwritable, &["--branch=fixes"], "cannot be created: decisions is a file, not a folder"),
    ];
    for (prepare, arguments, reason) in cases {
        let tree = yard();
        prepare(&tree);
        let (before, folder) = (state(&tree), beside(&tree));
        let was_there = folder.exists();
        let place = format!("--worktree={}", folder.display());
        let place =
            if arguments[..].iter().any(|word| word.starts_with("--worktree")) { "--keep-going" } else { &place };
        let ran = quell(&tree, &[&["fix", "--apply", place], arguments].concat());
        assert!(ran.code == 4 && ran.err.contains(reason), "{arguments:?}, {reason}: {ran:?}");
        assert_eq!((state(&tree), folder.exists()), (before, was_there), "{reason}");
        assert!(!tree.root().join(".git/worktrees").exists(), "{reason}");
    }
    // Where git itself fails it has made the branch already.
    let tree = yard();
    let before = state(&tree);
    fs::write(beside(&tree), "a file").unwrap();
    let folder = beside(&tree).join("here").display().to_string();
    let ran = quell(&tree, &["fix", "--apply", "--branch=fixes", "--worktree", &folder]);
    assert!(ran.code == 4 && ran.err.contains("git: ") && state(&tree) == before, "{ran:?}");
    assert_eq!(quell(&tree, &["fix", "--worktree", "../x"]).code, 2, "a preview makes none");
    assert_eq!(quell(&tree, &["fix", "--apply", "--branch", "x"]).code, 2, "a branch is for a commit or a worktree");
}

fn own_line(tree: &Tree) {
    tree.write("app.py", &with(&lines("app"), 3, "my own 3"));
    add_report(tree, &[("R1", "app.py", 3, "my own 3", "fixed 3"), FIXES[2]]);
}

fn untracked(tree: &Tree) {
    git(tree.root(), &["rm", "-q", "--cached", "lib.py"]);
    git(tree.root(), &["commit", "-q", "-m", "gone"]);
}

/// It refuses the second of three commits.
fn hook(tree: &Tree) {
    script(
        &tree.root().join(".git/hooks/commit-msg"),
        "grep -q R2 \"$1\" || exit 0\necho 'no: lint failed' >&2; exit 1",
    );
}

/// The last commit has a file where the decision would be written.
fn unwritable(tree: &Tree) {
    tree.write("stop", "x\n");
    let id = git(tree.root(), &["hash-object", "-w", "stop"]);
    git(tree.root(), &["update-index", "--add", "--cacheinfo", "100644", id.trim(), ".quell/decisions"]);
    git(tree.root(), &["commit", "-q", "-m", "a file"]);
}

#[test]
fn an_interrupt_during_a_hook_leaves_no_worktree() {
    let tree = yard();
    script(&tree.root().join(".git/hooks/pre-commit"), "kill -INT 0; exit 1");
    let (before, folder) = (state(&tree), beside(&tree));
    let arguments = ["fix", "--apply", "--commit", "--branch", "fixes", "--worktree"];
    let ran = ran(program(&tree).args(arguments).arg(&folder).process_group(0));
    assert_eq!((ran.code, state(&tree), folder.exists()), (130, before, false), "{}", ran.err);
}

#[test]
fn without_a_commit_there_is_nothing_to_start_from() {
    let tree = Tree::plain(&[("lib.py", &lines("lib"))]);
    git(tree.root(), &["init", "-q"]);
    super::yard::configure(tree.root());
    add_report(&tree, &FIXES[2..]);
    let (before, folder) = (state(&tree), beside(&tree));
    let ran = quell(&tree, &["fix", "--apply", "--worktree", folder.to_str().unwrap()]);
    assert!(ran.code == 4 && ran.err.contains("there is no commit yet"), "{ran:?}");
    assert_eq!((state(&tree), folder.exists()), (before, false));
}

/// Filters, and an end of line that a checkout converts.
#[test]
fn files_of_a_worktree_are_as_a_checkout_has_them_but_for_filters() {
    let tree = yard_with(&["init", "-q", "-b", "main"], &[]);
    tree.write(".gitattributes", "app.py text eol=crlf\n*.bin filter=big\n");
    tree.write("data.bin", "stored\n");
    git(tree.root(), &["add", ".gitattributes", "data.bin"]);
    git(tree.root(), &["commit", "-q", "-m", "attributes"]);
    fs::remove_file(tree.root().join("app.py")).unwrap();
    git(tree.root(), &["checkout", "-q", "--", "app.py"]);
    for (key, value) in [("filter.big.smudge", "false"), ("filter.big.clean", "cat"), ("filter.big.required", "true")] {
        git(tree.root(), &["config", key, value]);
    }
    git(tree.root(), &["config", "filter.a=b.c.smudge", "false"]);
    add_report(&tree, &FIXES);
    let folder = beside(&tree);
    let ran = quell(&tree, &["fix", "--apply", "--worktree", folder.to_str().unwrap()]).ok();
    assert!(ran.err.contains("1 file is as git stores it, since Quell runs no filter: big\n"), "{ran:?}");
    assert_eq!(text(&folder, "data.bin"), "stored\n");
    assert_eq!(text(&folder, "app.py"), fixed().replace('\n', "\r\n"));
    assert_eq!(git(&folder, &["status", "--short"]), " M app.py\n M lib.py\n");
}

#[test]
fn what_is_proved_is_the_tree_and_the_worktree_gets_the_fixes() {
    let tree = yard();
    let folder = beside(&tree);
    let arguments = ["fix", "--apply", "--keep-going", "--verify", "grep -q 'line 17' app.py", "--worktree"];
    let ran = ran(program(&tree).args(arguments).arg(&folder));
    assert!(ran.code == 4 && ran.err.contains("wrote 2 fixes in 2 files"), "{ran:?}");
    assert_eq!(text(&folder, "app.py"), with(&lines("app"), 3, "fixed 3 of app"));
    assert_eq!(tree.text("app.py"), lines("app"));
}
