//! The session in a real pseudo-terminal: whatever ends it, the terminal is as it was before.

use std::path::Path;
use std::sync::Arc;

use portable_pty::CommandBuilder;
use quell::desk::{self, Desk};
use quell::query::Lens;
use quell::session::{Color, Options, run};
use quell::worker;
use rustix::process::Signal;

use crate::support::pty::{Pty, UNTOUCHED};
use crate::support::tree::Tree;

/// The repository that the child opens; without it, the child is no test.
const CHILD: &str = "QUELL_TEST_CHILD";

/// Not a test of its own: the other tests run it in their pseudo-terminals.
#[test]
#[ignore = "run by the other tests of this file"]
#[expect(clippy::exit, reason = "the exit code is what the parent looks at")]
fn child() {
    let Some(root) = std::env::var_os(CHILD) else { return };
    let inputs = std::env::var("QUELL_TEST_INPUT").into_iter().collect();
    let options = desk::Options { repo: Some(root.into()), inputs, ..desk::Options::default() };
    let (desk, _) = Desk::open(options).unwrap();
    let options = Options {
        theme: None,
        ascii: false,
        color: Color::Auto,
        lens: Lens { open_only: true, ..Lens::default() },
        log_file: None,
        keymap: Arc::default(),
        root: desk.repo.root().to_owned(),
        today: desk::today(),
        start: Box::new(|| worker::start(desk)),
    };
    match run(options) {
        Ok(code) => std::process::exit(i32::from(code)),
        Err(problem) => {
            eprintln!("{problem}");
            std::process::exit(2);
        }
    }
}

/// Two results of one tool.
const REPORT: &str = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Bandit"}}, "results": [
    {"ruleId": "B602", "level": "error", "message": {"text": "a shell is started"}, "locations": [
        {"physicalLocation": {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 2}}}]},
    {"ruleId": "B105", "level": "warning", "message": {"text": "a password in the code"}, "locations": [
        {"physicalLocation": {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 3}}}]}
]}]}"#;

fn tree() -> Tree {
    let code = "import os\nos.system(name)\npassword = 'hunter2'\n";
    Tree::git(&[(".quell/reports/bandit.sarif", REPORT), ("src/a.py", code)])
}

fn command(root: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "pty::child", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(CHILD, root);
    command.env("TERM", "xterm-256color");
    command.env("LC_ALL", "C.UTF-8");
    for name in ["NO_COLOR", "COLORTERM", "TMUX", "VISUAL", "EDITOR"] {
        command.env_remove(name);
    }
    command
}

/// The same behind a shell's words: `exec "$0" "$@"` starts it.
fn in_shell(script: &str, command: &CommandBuilder) -> CommandBuilder {
    let mut shell = CommandBuilder::new("sh");
    shell.args(["-c", script]);
    shell.args(command.get_argv());
    for (name, value) in command.iter_full_env_as_str() {
        shell.env(name, value);
    }
    shell
}

/// A console that has loaded the report of the tree.
fn start(tree: &Tree) -> Pty {
    let pty = Pty::spawn(command(tree.root()), (80, 24));
    pty.wait("a shell is started");
    pty
}

/// The modes are read when the output has been seen, which can be after the process has ended.
fn assert_restored(pty: &Pty) {
    pty.wait_for("the terminal as before", |pty| pty.modes() == UNTOUCHED);
}

#[test]
fn keys_act_and_quit_gives_the_terminal_back() {
    let mut pty = start(&tree());
    assert!(pty.modes().alternate_screen && pty.modes().bracketed_paste && !pty.modes().echo);
    assert!(!pty.modes().mouse, "the mouse is not taken unasked");
    pty.send("M");
    pty.wait_for("the mouse", |pty| pty.modes().mouse);
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}

#[test]
fn nothing_is_asked_of_the_terminal_and_frames_come_whole() {
    let mut pty = start(&tree());
    pty.send("q");
    pty.exit_code();
    let bytes = String::from_utf8_lossy(&pty.bytes()).into_owned();
    for query in ["\x1b[6n", "\x1b[c", "\x1b[>c", "\x1b[?u", "\x1b]10;?", "\x1b]11;?", "\x1bP+q", "\x1b[?2026$p"] {
        assert!(!bytes.contains(query), "{query:?}");
    }
    let (begins, ends) = (bytes.matches("\x1b[?2026h").count(), bytes.matches("\x1b[?2026l").count());
    assert!(begins >= 1 && ends >= begins, "{begins} frames, {ends} ends");
}

#[test]
fn a_storm_of_sizes_ends_in_the_last_one() {
    let mut pty = start(&tree());
    for number in 0..60 {
        pty.resize((20 + number * 3, 5 + number % 40));
    }
    pty.resize((101, 33));
    pty.wait_for("the last size", |pty| {
        let screen = pty.screen();
        screen.lines().nth(32).is_some_and(|line| line.contains("? help"))
    });
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}

#[test]
fn ctrl_z_stops_and_fg_repaints() {
    for external in [false, true] {
        let mut pty = start(&tree());
        if external {
            pty.signal(Signal::TSTP);
        } else {
            pty.send("\x1a");
        }
        pty.wait_for("a stopped process", Pty::is_stopped);
        assert_restored(&pty);
        pty.wipe();
        pty.signal(Signal::CONT);
        pty.wait("a shell is started");
        assert!(pty.modes().alternate_screen && !pty.modes().echo);
        pty.send("q");
        assert_eq!(pty.exit_code(), 0);
        assert_restored(&pty);
    }
}

#[test]
fn signals_end_it_with_their_code() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let mut pty = start(&tree());
        pty.signal(signal);
        assert_eq!(pty.exit_code(), code);
        assert_restored(&pty);
    }
}

#[test]
fn quitting_waits_for_what_the_worker_writes() {
    let tree = tree();
    let mut pty = start(&tree);
    pty.send("cq");
    assert_eq!(pty.exit_code(), 0);
    let mut files = std::fs::read_dir(tree.root().join(".quell/decisions")).unwrap();
    assert!(files.any(|file| std::fs::read_to_string(file.unwrap().path()).is_ok_and(|text| text.contains("confirm"))));
}

#[test]
fn quitting_does_not_wait_for_what_is_read() {
    let tree = tree();
    let mut child = command(tree.root());
    child.env("QUELL_TEST_INPUT", "-");
    child.env("FIFO", tree.root().join("fifo"));
    let endless = "mkfifo \"$FIFO\"; exec 3<>\"$FIFO\"; exec \"$0\" \"$@\" <\"$FIFO\"";
    let mut pty = Pty::spawn(in_shell(endless, &child), (80, 24));
    pty.wait("reading reports");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}

#[test]
fn a_panic_gives_the_terminal_back_and_names_its_report() {
    let tree = tree();
    let mut command = command(tree.root());
    let folder = tempfile::tempdir().unwrap();
    command.env("QUELL_TEST_PANIC", "1");
    command.env("TMPDIR", folder.path());
    let mut pty = Pty::spawn(command, (200, 24));
    assert_eq!(pty.exit_code(), 5);
    pty.wait("quell: internal error: asked for by QUELL_TEST_PANIC at ");
    assert_restored(&pty);
    let report = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    assert!(std::fs::read_to_string(report).unwrap().contains("QUELL_TEST_PANIC"));
}

#[test]
fn a_vanished_terminal_ends_it() {
    for ignored in [false, true] {
        let tree = tree();
        let trap = if ignored { "trap '' HUP; exec \"$0\" \"$@\"" } else { "exec \"$0\" \"$@\"" };
        let mut pty = Pty::spawn(in_shell(trap, &command(tree.root())), (80, 24));
        pty.wait("a shell is started");
        pty.hang_up();
        assert_eq!(pty.exit_code(), 129, "SIGHUP ignored: {ignored}");
    }
}

#[test]
fn the_editor_gets_the_terminal_and_the_line() {
    let tree = tree();
    let folder = tempfile::tempdir().unwrap();
    let editor = folder.path().join("my editor");
    let script =
        "#!/bin/sh\nprintf 'edit %s %s %s\\n' \"$1\" \"$2\" \"$3\"\nstty -a | grep -o -- '-\\?icanon'\nread answer\n";
    std::fs::write(&editor, script).unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = command(tree.root());
    command.env("VISUAL", format!("'{}' --wait", editor.display()));
    let mut pty = Pty::spawn(command, (80, 24));
    pty.wait("a shell is started");
    pty.send("e");
    pty.wait("edit --wait +2 ./src/a.py");
    pty.wait("icanon");
    assert!(!pty.screen().contains("-icanon") && !pty.modes().alternate_screen);
    pty.send("done\r");
    pty.wait("? help");
    assert!(pty.modes().alternate_screen && !pty.modes().echo);
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}

#[test]
fn a_report_can_be_piped_in() {
    let tree = tree();
    let shell = in_shell("echo '{}' | \"$0\" \"$@\"", &command(tree.root()));
    let mut pty = Pty::spawn(shell, (80, 24));
    pty.wait("a shell is started");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}
