//! Killed or failing at any step, the index is the old one or the new one, and its lock is no obstacle.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use quell::repo::stage::Staged;

use crate::support::tree::{Tree, session};

const OLD: &str = "old\n";
const NEW: &str = "new\n";

/// What the child does: a change of the only entry.
fn stage(tree_root: &Path, state: &Path) -> Result<(), String> {
    let git = session(tree_root, state).git_command().map_err(|problem| problem.to_string())?;
    let stored = git.in_index(&["a.py".to_owned()]).map_err(|problem| problem.to_string())?;
    let (mode, from) = (stored[0].mode.clone(), stored[0].id.clone());
    let to = git.store(NEW.as_bytes()).map_err(|problem| problem.to_string())?;
    git.stage(&[Staged { path: "a.py".to_owned(), mode, from, to }]).map_err(|problem| problem.to_string())
}

/// The child; does nothing in a usual run of the tests.
#[test]
fn child() {
    let Ok(root) = env::var("QUELL_STAGING_ROOT") else { return };
    stage(Path::new(&root), Path::new(&env::var("QUELL_STAGING_STATE").unwrap())).unwrap();
}

fn run(tree: &Tree, fault: &str) -> bool {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "repo::staging::child"]).stdout(Stdio::null()).stderr(Stdio::null());
    child.env("QUELL_STAGING_ROOT", tree.root()).env("QUELL_STAGING_STATE", tree.state()).env("QUELL_FAULT", fault);
    child.status().unwrap().success()
}

fn staged(tree: &Tree) -> String {
    let output = Command::new("git").current_dir(tree.root()).args(["show", ":a.py"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Names in the folder of git that speak of the index.
fn left(tree: &Tree) -> Vec<String> {
    let names = fs::read_dir(tree.root().join(".git")).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).filter(|name| name.contains("index")).collect()
}

#[test]
fn killed_at_any_step() {
    let mut locks = 0;
    for step in 1.. {
        let tree = Tree::git(&[("a.py", OLD)]);
        let is_done = run(&tree, &format!("kill:{step}"));
        locks += usize::from(left(&tree).len() > 1);
        let now = staged(&tree);
        assert!(if is_done { now == NEW } else { now == OLD || now == NEW }, "step {step}: {now}");
        if now == OLD {
            stage(tree.root(), tree.state()).unwrap();
            assert_eq!((staged(&tree).as_str(), left(&tree)), (NEW, vec!["index".to_owned()]), "step {step}");
        }
        if is_done {
            break;
        }
    }
    assert!(locks > 2, "{locks}");
}

#[test]
fn failing_at_any_step() {
    for step in 1.. {
        let tree = Tree::git(&[("a.py", OLD)]);
        let is_done = run(&tree, &format!("fail:{step}"));
        let now = staged(&tree);
        assert!(now == NEW || (!is_done && now == OLD), "step {step}: {now}");
        stage(tree.root(), tree.state()).unwrap();
        assert_eq!((staged(&tree).as_str(), left(&tree)), (NEW, vec!["index".to_owned()]), "step {step}");
        if is_done && step > 9 {
            break;
        }
    }
}
