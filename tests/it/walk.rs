//! The shortest useful session in the real program: one risk accepted, two batches of fixes, the second taken back.

use std::path::{Path, PathBuf};
use std::process::Command;

use portable_pty::CommandBuilder;

use crate::support::pty::Pty;

/// Key presses that the walk takes; text typed into one field counts as one. More than 25 would be too many.
const PRESSES: usize = 19;
const REASON: &str = "the hash names a cache entry";

/// A console that counts what is pressed.
struct Walk {
    pty: Pty,
    presses: usize,
}

impl Walk {
    /// Presses one key, or types one text, and waits for what it shows.
    fn press(&mut self, keys: &str, shown: &str) {
        self.pty.send(keys);
        self.presses += 1;
        self.pty.wait(shown);
    }
}

/// What git says, with nothing of the machine's own settings.
fn git(root: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(args)
        .current_dir(root)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The decisions in the repository, each file as JSON.
fn decisions(root: &Path) -> Vec<serde_json::Value> {
    let files = git(root, &["ls-files", "--others", "--", ".quell/decisions"]);
    let read = |path: &str| serde_json::from_slice(&std::fs::read(root.join(path)).unwrap()).unwrap();
    files.lines().filter(|path| !path.ends_with(".gitattributes")).map(read).collect()
}

fn of_op<'d>(decisions: &'d [serde_json::Value], op: &str) -> Vec<&'d serde_json::Value> {
    decisions.iter().filter(|decision| decision["op"] == op).collect()
}

#[test]
fn two_batches_and_a_risk_take_few_keys() {
    let folder = tempfile::tempdir().unwrap();
    let root: PathBuf = folder.path().join("shop");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quell"));
    command.args([Path::new("demo"), &root]);
    command.cwd(folder.path());
    command.env("TERM", "xterm-256color");
    command.env("LC_ALL", "C.UTF-8");
    command.env("XDG_STATE_HOME", folder.path());
    let pty = Pty::spawn(command, (80, 24));
    pty.wait("1/124");
    let mut walk = Walk { pty, presses: 0 };

    walk.press("/", "Enter keep");
    walk.press("severity:high is:fixable", "35 of 124 open");
    walk.press("\r", "? help");

    walk.press("a", "Accept risk");
    walk.press(REASON, REASON);
    walk.press("\r", "accepted the risk of 1 finding");

    walk.press("f", "1 fix kept");
    walk.press("f", "2 fixes kept");
    walk.press("F", "writes 2 of 2 fixes, 2 files, +2 -2");
    walk.press("W", "Type 2 and press Enter");
    walk.press("2", "[ 2 ");
    walk.press("\r", "wrote 2 fixes in 2 files");
    let first_batch = git(&root, &["diff"]);

    walk.press("f", "1 fix kept");
    walk.press("F", "writes 1 of 1 fix, 1 file");
    walk.press("W", "Type 1 and press Enter");
    walk.press("1", "[ 1 ");
    walk.press("\r", "wrote 1 fix in 1 file");
    assert_ne!(git(&root, &["diff"]), first_batch);

    walk.press("u", "undone: 1 fix in 1 file");
    walk.pty.send("q");
    walk.presses += 1;
    assert_eq!(walk.pty.exit_code(), 0);

    assert_eq!(git(&root, &["diff"]), first_batch);
    let changed: Vec<&str> = first_batch.lines().filter(|line| line.starts_with(['+', '-'])).collect();
    assert_eq!(
        changed,
        [
            "--- a/backend/app.py",
            "+++ b/backend/app.py",
            "-    create_app().run(host=\"0.0.0.0\", port=5000, debug=True)",
            "+    create_app().run(host=\"0.0.0.0\", port=5000, debug=False)",
            "--- a/backend/exports.py",
            "+++ b/backend/exports.py",
            "-pages = Environment(loader=FileSystemLoader(HERE + \"/templates\"), autoescape=False)",
            "+pages = Environment(loader=FileSystemLoader(HERE + \"/templates\"), autoescape=True)",
        ]
    );
    let decisions = decisions(&root);
    let accepted = of_op(&decisions, "accept-risk");
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["reason"], REASON);
    // What was taken back stays on record, and is taken back there too.
    assert_eq!((of_op(&decisions, "fix-applied").len(), of_op(&decisions, "revoke").len()), (2, 1));
    assert_eq!(walk.presses, PRESSES);
}
