//! The session in a real pseudo-terminal: whatever ends it, the terminal is as it was before.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use jiff::civil::date;
use portable_pty::CommandBuilder;
use quell::app::effect::{Effect, Msg};
use quell::session::{Color, Link, Options, run};
use rustix::process::Signal;

use crate::support::pty::{Pty, UNTOUCHED};

/// Which session the child runs; without it, the child is no test.
const CHILD: &str = "QUELL_TEST_CHILD";

/// Not a test of its own: the other tests run it in their pseudo-terminals.
#[test]
#[ignore = "run by the other tests of this file"]
#[expect(clippy::exit, reason = "the exit code is what the parent looks at")]
fn child() {
    let Ok(root) = std::env::var(CHILD) else { return };
    let options = Options {
        theme: None,
        ascii: false,
        color: Color::Auto,
        root: root.into(),
        today: date(2026, 11, 20),
        start: Box::new(idle_worker),
    };
    match run(options) {
        Ok(code) => std::process::exit(i32::from(code)),
        Err(problem) => {
            eprintln!("{problem}");
            std::process::exit(2);
        }
    }
}

/// A worker that answers nothing; it takes a moment to end, as one that is writing does.
fn idle_worker() -> Link {
    let (effects, inbox): (SyncSender<Effect>, Receiver<Effect>) = sync_channel(16);
    let (outbox, answers) = tokio::sync::mpsc::channel::<Msg>(16);
    std::thread::spawn(move || {
        for _ in inbox {}
        if let Some(path) = std::env::var_os("QUELL_TEST_DONE") {
            std::fs::write(path, "written").unwrap();
        }
        drop(outbox);
    });
    Link { effects, answers }
}

fn command(root: &std::path::Path) -> CommandBuilder {
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

fn start() -> Pty {
    let pty = Pty::spawn(command(std::env::temp_dir().as_path()), (80, 24));
    pty.wait("? help");
    pty
}

/// The modes are read when the output has been seen, which can be after the process has ended.
fn assert_restored(pty: &Pty) {
    pty.wait_for("the terminal as before", |pty| pty.modes() == UNTOUCHED);
}

#[test]
fn keys_act_and_quit_gives_the_terminal_back() {
    let mut pty = start();
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
    let mut pty = start();
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
    let mut pty = start();
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
        let mut pty = start();
        if external {
            pty.signal(Signal::TSTP);
        } else {
            pty.send("\x1a");
        }
        pty.wait_for("a stopped process", Pty::is_stopped);
        assert_restored(&pty);
        pty.wipe();
        pty.signal(Signal::CONT);
        pty.wait("? help");
        assert!(pty.modes().alternate_screen && !pty.modes().echo);
        pty.send("q");
        assert_eq!(pty.exit_code(), 0);
        assert_restored(&pty);
    }
}

#[test]
fn signals_end_it_with_their_code() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let mut pty = start();
        pty.signal(signal);
        assert_eq!(pty.exit_code(), code);
        assert_restored(&pty);
    }
}

#[test]
fn quitting_waits_for_what_the_worker_writes() {
    let folder = tempfile::tempdir().unwrap();
    let done = folder.path().join("done");
    let mut command = command(folder.path());
    command.env("QUELL_TEST_DONE", &done);
    let mut pty = Pty::spawn(command, (80, 24));
    pty.wait("? help");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert!(done.exists());
}

#[test]
fn a_panic_gives_the_terminal_back_and_names_its_report() {
    let mut command = command(std::env::temp_dir().as_path());
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
        let mut run = command(std::env::temp_dir().as_path());
        if ignored {
            let mut shell = CommandBuilder::new("sh");
            shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]);
            shell.args(run.get_argv());
            for (name, value) in run.iter_full_env_as_str() {
                shell.env(name, value);
            }
            run = shell;
        }
        let mut pty = Pty::spawn(run, (80, 24));
        pty.wait("? help");
        pty.hang_up();
        assert_eq!(pty.exit_code(), 129, "SIGHUP ignored: {ignored}");
    }
}

#[test]
fn the_editor_gets_the_terminal_and_the_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(folder.path().join("src/a.rs"), "fn main() {}\n").unwrap();
    let editor = folder.path().join("my editor");
    std::fs::write(
        &editor,
        "#!/bin/sh\nprintf 'edit %s %s %s\\n' \"$1\" \"$2\" \"$3\"\nstty -a | grep -o -- '-\\?icanon'\nread answer\n",
    )
    .unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = command(folder.path());
    command.env("VISUAL", format!("'{}' --wait", editor.display()));
    let mut pty = Pty::spawn(command, (80, 24));
    pty.wait("? help");
    pty.send("e");
    pty.wait("edit --wait +7 ./src/a.rs");
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
    let run = command(std::env::temp_dir().as_path());
    let mut shell = CommandBuilder::new("sh");
    shell.args(["-c", "echo '{}' | \"$0\" \"$@\""]);
    shell.args(run.get_argv());
    for (name, value) in run.iter_full_env_as_str() {
        shell.env(name, value);
    }
    let mut pty = Pty::spawn(shell, (80, 24));
    pty.wait("? help");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}
