//! The console beside others: killed while it writes a batch, and two sessions on one repository.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use portable_pty::CommandBuilder;
use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

use crate::support::pty::Pty;
use crate::support::thorough::is_thorough;

/// The sample project in a folder of its own.
struct Shop {
    folder: TempDir,
}

impl Shop {
    fn new() -> Self {
        let shop = Self { folder: TempDir::new().unwrap() };
        let made = shop.program(&["demo", "--no-open", shop.root().to_str().unwrap()], shop.folder.path());
        assert!(made.status.success(), "{made:?}");
        shop
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    fn quell(&self, args: &[&str]) -> Output {
        self.program(args, &self.root())
    }

    fn program(&self, args: &[&str], folder: &Path) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
        command.args(args).current_dir(folder).env("XDG_STATE_HOME", self.folder.path());
        command.output().unwrap()
    }

    /// A console on the findings that have the two fixes.
    fn console(&self, fault: Option<&str>) -> Pty {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quell"));
        command.args(["review", "-q", "severity:high is:fixable"]);
        command.cwd(self.root());
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        command.env("XDG_STATE_HOME", self.folder.path());
        command.env("XDG_CONFIG_HOME", self.folder.path());
        command.env("TMPDIR", self.temp());
        if let Some(fault) = fault {
            command.env("QUELL_FAULT", fault);
        }
        let pty = Pty::spawn(command, (120, 30));
        pty.wait("35 of 124 open");
        pty
    }

    /// Where copies of the tree are made.
    fn temp(&self) -> PathBuf {
        let temp = self.folder.path().join("temp");
        fs::create_dir_all(&temp).unwrap();
        temp
    }

    /// Tests by which the console proves a batch: a script in the tree.
    fn prove_by(&self, script: &str) {
        let settings = self.folder.path().join("quell");
        fs::create_dir_all(&settings).unwrap();
        fs::write(settings.join("config.toml"), "[fix]\nverify = [\"sh\", \"tests.sh\"]\n").unwrap();
        fs::write(self.root().join("tests.sh"), script).unwrap();
    }

    /// What the two fixes change, as `git diff` says it.
    fn changes(&self) -> String {
        let args = ["-c", "core.fsmonitor=false", "diff", "--", "backend"];
        let output = Command::new("git").args(args).current_dir(self.root()).output().unwrap();
        let diff = String::from_utf8(output.stdout).unwrap();
        let changed = diff.lines().filter(|line| line.starts_with(['+', '-']));
        changed.collect::<Vec<_>>().join("\n")
    }
}

/// Keeps two fixes and writes them, as far as the console gets.
fn write_two(pty: &mut Pty) {
    for (key, shown) in [
        ("f", "1 fix kept"),
        ("f", "2 fixes kept"),
        ("F", "writes 2 of 2 fixes, 2 files"),
        ("W", "Type 2 and press Enter"),
        ("2", "[ 2 "),
    ] {
        pty.send(key);
        pty.wait_or_end(shown);
    }
    pty.send("\r");
}

#[test]
fn a_batch_is_proved_in_the_console_and_what_is_guilty_is_left_out() {
    let shop = Shop::new();
    shop.prove_by("grep -q debug=False backend/app.py && { echo 'debug FAILED'; exit 1; }\nexit 0\n");
    let mut pty = shop.console(None);
    for (key, shown) in [
        ("f", "1 fix kept"),
        ("f", "2 fixes kept"),
        ("F", "writes 2 of 2 fixes, 2 files"),
        ("P", "with the 1 other it passes"),
        ("j", "1 left to you"),
        ("W", "Type 1 and press Enter"),
        ("1", "[ 1 "),
    ] {
        pty.send(key);
        pty.wait(shown);
    }
    pty.send("\r");
    pty.wait("wrote 1 fix in 1 file");
    assert!(!shop.changes().is_empty() && !shop.changes().contains("debug=False"), "{}", shop.changes());
    pty.send("qq");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(fs::read_dir(shop.temp()).unwrap().count(), 0);
}

#[test]
fn a_repository_names_no_command_for_a_proof() {
    let shop = Shop::new();
    let mark = shop.folder.path().join("mark");
    let config = shop.root().join(".quell/config.toml");
    let own = fs::read_to_string(&config).unwrap_or_default();
    fs::write(&config, format!("{own}\n[fix]\nverify = [\"touch\", {mark:?}]\n")).unwrap();
    let mut pty = shop.console(None);
    for (key, shown) in
        [("f", "1 fix kept"), ("F", "writes 1 of 1 fix"), ("P", "no command; `verify` in [fix] of your")]
    {
        pty.send(key);
        pty.wait(shown);
    }
    pty.send("qq");
    assert_eq!(pty.exit_code(), 0);
    assert!(!mark.exists());
}

#[test]
fn a_proof_ends_with_the_console() {
    let shop = Shop::new();
    shop.prove_by("sleep 1000\n");
    let mut pty = shop.console(None);
    for (key, shown) in [("f", "1 fix kept"), ("F", "writes 1 of 1 fix"), ("P", "run 1 of about 2"), ("q", "124 open")]
    {
        pty.send(key);
        pty.wait(shown);
    }
    for (key, shown) in [("F", "writes 1 of 1 fix"), ("P", "run 1 of about 2")] {
        pty.send(key);
        pty.wait(shown);
    }
    pty.hang_up();
    assert_eq!(pty.exit_code(), 129);
    let left = Command::new("find").arg(shop.temp()).args(["-maxdepth", "4"]).output().unwrap();
    assert_eq!(fs::read_dir(shop.temp()).unwrap().count(), 0, "{}", String::from_utf8_lossy(&left.stdout));
    assert_eq!(shop.changes(), "");
}

/// At every step with `QUELL_THOROUGH`, else at some of them.
#[test]
fn a_console_killed_while_it_writes_leaves_all_before_or_all_after() {
    let stride = if is_thorough() { 1 } else { 11 };
    let mut seen = Vec::new();
    for step in (1..).step_by(stride) {
        let shop = Shop::new();
        // With the scan noted, the batch is the first that is written.
        assert!(shop.quell(&["status"]).status.success());
        let mut pty = shop.console(Some(&format!("kill:{step}")));
        write_two(&mut pty);
        pty.send("qq");
        let is_killed = pty.exit_code() != 0;
        let recovered = shop.quell(&["recover"]);
        assert!(recovered.status.success(), "step {step}: {recovered:?}");
        let lines = shop.changes().lines().count();
        assert!(lines == 0 || lines == 8, "step {step}: {}", shop.changes());
        seen.push(lines == 8);
        let undone = shop.quell(&["undo"]);
        assert_eq!(undone.status.success(), lines == 8, "step {step}: {undone:?}");
        assert_eq!(shop.changes(), "", "step {step}");
        if !is_killed {
            break;
        }
    }
    assert!(seen.len() > 3 && seen.contains(&false) && seen.last() == Some(&true), "{seen:?}");
}

#[test]
fn decisions_of_one_console_are_in_the_other_after_its_own_next_one() {
    let shop = Shop::new();
    let (mut one, mut other) = (shop.console(None), shop.console(None));
    one.send("c");
    one.wait("confirmed 1 finding");
    other.send("jj");
    other.send("c");
    other.wait("confirmed 1 finding");
    let confirmed = shop.quell(&["list", "-q", "status:confirmed", "--format", "jsonl"]);
    assert_eq!(String::from_utf8(confirmed.stdout).unwrap().lines().count(), 2, "nothing is lost");
    other.send("/");
    other.send(" status:confirmed\r");
    other.wait("2 of 125 open");
    for pty in [&mut one, &mut other] {
        pty.send("q");
        assert_eq!(pty.exit_code(), 0);
    }
}

#[test]
fn one_writes_and_the_other_is_told_and_can_take_it_back() {
    let shop = Shop::new();
    let (mut one, mut other) = (shop.console(None), shop.console(None));
    assert!(shop.quell(&["recover"]).status.success());
    let lock = fs::File::open(shop.root().join(".git/quell/lock")).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    write_two(&mut one);
    one.wait("another Quell is writing here");
    assert_eq!(shop.changes(), "");
    drop(lock);
    // What was refused is placed again, and W has to wait for that; a review that is opened says when it is.
    one.send("q");
    one.wait("Findings");
    one.send("F");
    one.wait("writes 2 of 2 fixes");
    one.send("W");
    one.wait("Type 2 and press Enter");
    one.send("2\r");
    one.wait("wrote 2 fixes in 2 files");
    assert_eq!(shop.changes().lines().count(), 8);
    other.send("u");
    other.wait("undone: 2 fixes in 2 files");
    assert_eq!(shop.changes(), "");
    // The first one's undo is of something that is undone.
    one.send("u");
    one.wait("nothing to undo");
    for pty in [&mut one, &mut other] {
        pty.send("q");
        assert_eq!(pty.exit_code(), 0);
    }
}
