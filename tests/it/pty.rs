//! The session in a real pseudo-terminal: whatever ends it, the terminal is as it was before.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use portable_pty::CommandBuilder;
use rustix::fs::{FileType, Mode};
use rustix::process::Signal;

use crate::support::pty::{Pty, UNTOUCHED};
use crate::support::tree::Tree;

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
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quell"));
    command.cwd(root);
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
    shell.cwd(command.get_cwd().unwrap());
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

/// Writes the only fix that is under review, and leaves.
fn write_the_one(pty: &mut Pty) {
    pty.send("W");
    pty.wait("Write 1 fix");
    pty.send("1\r");
    pty.wait("wrote 1 fix");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn keys_act_and_quit_gives_the_terminal_back() {
    let tree = tree();
    let mut pty = start(&tree);
    assert!(pty.modes().alternate_screen && pty.modes().bracketed_paste && !pty.modes().echo);
    assert!(!pty.modes().mouse, "the mouse is not taken unasked");
    pty.send("M");
    pty.wait_for("the mouse", |pty| pty.modes().mouse);
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}

/// What Trivy's SARIF says of one package.
const PACKAGE: &str = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Trivy"}}, "results": [
    {"ruleId": "CVE-2021-23337", "level": "error", "message": {"text": "Package: lodash\nInstalled Version: 4.17.0\nVulnerability CVE-2021-23337\nFixed Version: 4.17.21\n"},
     "locations": [{"physicalLocation": {"artifactLocation": {"uri": "package-lock.json"}, "region": {"startLine": 1}}}]}
]}]}"#;

#[test]
fn what_one_change_clears_is_found_while_the_console_goes_on() {
    let tree = tree();
    tree.write(".quell/reports/trivy.sarif", PACKAGE);
    let mut pty = Pty::spawn(command(tree.root()), (160, 30));
    pty.wait("a shell is started");
    pty.send("bm");
    pty.wait("upgrade lodash to 4.17.21 (1)  clears 1, of which 1 act-now");
    pty.wait("no remedy (2)");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn nothing_is_asked_of_the_terminal_and_frames_come_whole() {
    let tree = tree();
    let mut pty = start(&tree);
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
    let tree = tree();
    let mut pty = start(&tree);
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
        let tree = tree();
        let mut pty = start(&tree);
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
        let tree = tree();
        let mut pty = start(&tree);
        pty.signal(signal);
        assert_eq!(pty.exit_code(), code);
        assert_restored(&pty);
    }
}

/// Once while it waits for a key, once while it writes a frame that nobody takes.
#[test]
fn one_signal_ends_it_although_the_terminal_takes_nothing() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        for keys in ["", "?"] {
            let tree = tree();
            let mut pty = start(&tree);
            pty.stall();
            pty.send(keys);
            pty.signal(signal);
            assert_eq!(pty.exit_code(), code, "{signal:?} after {keys:?}");
            assert!(pty.echoes(), "{signal:?} after {keys:?}");
        }
    }
}

#[test]
fn quitting_waits_for_what_the_worker_writes() {
    let tree = tree();
    let mut pty = start(&tree);
    pty.send("cq");
    assert_eq!(pty.exit_code(), 0);
    let files = ignore::WalkBuilder::new(tree.root().join(".quell/decisions")).build();
    let texts: Vec<String> = files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok()).collect();
    assert!(texts.iter().any(|text| text.contains("\"confirm\"")), "{texts:?}");
}

#[test]
fn two_keys_answer_what_a_model_proposes() {
    let said = |line: u32, verdict: &str| {
        format!(
            r#"{{"ruleId": "R{line}", "level": "error", "message": {{"text": "flaw {line}"}}, "locations": [
            {{"physicalLocation": {{"artifactLocation": {{"uri": "src/a.py"}}, "region": {{"startLine": {line}}}}}}}],
            "properties": {{"triage": {{"verdict": "{verdict}", "reason": "because of line {line}"}}}}}}"#
        )
    };
    let results: Vec<String> =
        (1..=14).map(|line| said(line, if line < 13 { "benign" } else { "exploitable" })).collect();
    let run = r#""tool": {"driver": {"name": "Semgrep OSS"}}, "properties": {"ai.triage.model": "kimi-k3"}"#;
    let report = format!(r#"{{"version": "2.1.0", "runs": [{{{run}, "results": [{}]}}]}}"#, results.join(","));
    let code = (1..=20).map(|line| format!("call_{line}(x)\n")).collect::<Vec<_>>().concat();
    let tree = Tree::git(&[(".quell/reports/semgrep.sarif", &report), ("src/a.py", &code)]);
    let mut pty = Pty::spawn(command(tree.root()), (100, 30));
    pty.wait("14 open");
    pty.send("vp");
    pty.wait("is:ai-proposed");
    pty.wait("i confirms it, I rejects it");
    // The worst is shown first, whatever is said of it; all are alike here.
    pty.send("I");
    pty.wait("commented on 1 finding");
    pty.wait("13 of 14");
    pty.send("*i");
    pty.wait("models propose several things here, 2 confirm");
    pty.send("\x1b");
    pty.send("/");
    pty.send(" ai:false-positive\r*i");
    pty.wait("As a model proposes: 11 findings");
    pty.send("11\r");
    pty.wait("marked 11 findings as false positives, as kimi-k3 proposed");
    pty.send("vp");
    pty.wait("2 of 3");
    pty.send("u");
    pty.wait("undone: marked 11 findings");
    pty.wait("13 of 14");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

/// A console of a report and of a pipe to which nobody has written, and the pipe.
fn start_with_pipe(tree: &Tree) -> (Pty, PathBuf) {
    let pipe = tree.root().join("pipe.sarif");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let mut command = command(tree.root());
    command.args([".quell/reports/bandit.sarif", "pipe.sarif"]);
    let pty = Pty::spawn(command, (100, 24));
    pty.wait("a shell is started");
    (pty, pipe)
}

#[test]
fn rows_are_there_while_a_report_is_still_on_its_way() {
    let tree = tree();
    let (mut pty, pipe) = start_with_pipe(&tree);
    pty.wait("2 so far, loading");
    pty.send("jx");
    pty.wait("still loading: decisions and fixes wait until everything is there");
    pty.wait("a password in the code");
    let mut writer = File::options().write(true).open(pipe).unwrap();
    let other = REPORT.replace("src/a.py", "src/b.py");
    let (half, rest) = other.split_at(other.len() / 2);
    writer.write_all(half.as_bytes()).unwrap();
    pty.wait("2 so far, loading");
    writer.write_all(rest.as_bytes()).unwrap();
    drop(writer);
    pty.wait("4 open");
    assert!(!pty.screen().contains("still loading"));
    assert!(pty.screen().contains("a password in the code"), "the cursor is still on it");
    pty.send("c");
    pty.wait("confirmed 1 finding");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn escape_stops_loading_and_quitting_does_not_wait_for_it() {
    let tree = tree();
    let (mut pty, _) = start_with_pipe(&tree);
    pty.send("\x1b");
    pty.wait("stopped: the list shows a part of the reports; R reads all");
    pty.wait("2 of a part, stopped");
    pty.send("j");
    pty.wait("a password in the code");
    pty.send("R");
    pty.wait("2 so far, loading");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}

#[test]
fn quitting_does_not_wait_for_what_is_read() {
    let tree = tree();
    let mut child = command(tree.root());
    child.arg("-");
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
        // Something to say at the end, which nobody can hear.
        pty.send("c");
        pty.wait("confirmed 1 finding");
        pty.hang_up();
        assert_eq!(pty.exit_code(), 129, "SIGHUP ignored: {ignored}");
    }
}

/// A process of another session gets no signal: only the terminal itself says that it is gone.
#[test]
fn a_vanished_terminal_ends_it_without_a_signal() {
    let tree = tree();
    let mut console = command(tree.root());
    let code = tree.root().join("code");
    console.env("CODE", &code);
    let script = "exec setsid --wait sh -c '\"$0\" \"$@\"; echo $? >\"$CODE\"' \"$0\" \"$@\"";
    let mut pty = Pty::spawn(in_shell(script, &console), (80, 24));
    pty.wait("a shell is started");
    pty.hang_up();
    pty.wait_for("an exit code", |_| std::fs::read_to_string(&code).is_ok_and(|code| code.ends_with('\n')));
    assert_eq!(std::fs::read_to_string(code).unwrap(), "129\n");
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
fn what_a_dying_editor_leaves_switched_on_is_switched_off() {
    let tree = tree();
    let folder = tempfile::tempdir().unwrap();
    let editor = folder.path().join("editor");
    let modes = "\\033[?1049h\\033[?1003h\\033[?1006h\\033[?1004h\\033[?2004h\\033[?1h\\033=\\033[>31u\\033[>4;2m";
    std::fs::write(&editor, format!("#!/bin/sh\nstty raw -echo\nprintf '{modes}'\nkill -9 $$\n")).unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = command(tree.root());
    command.env("VISUAL", &editor);
    let mut pty = Pty::spawn(command, (80, 24));
    pty.wait("a shell is started");
    let ours = pty.modes();
    pty.send("e");
    pty.wait("the editor ended with");
    pty.wait_for("the modes of the console", |pty| pty.modes() == ours);
    // The model of the screen does not know these.
    let bytes = String::from_utf8_lossy(&pty.bytes()).into_owned();
    for (on, off) in [("\x1b[>31u", "\x1b[<99u"), ("\x1b[>4;2m", "\x1b[>4m"), ("\x1b[?1004h", "\x1b[?1004l")] {
        assert!(bytes.rfind(off) > bytes.rfind(on), "{off:?} after {on:?}");
    }
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}

#[test]
fn the_cursor_shows_without_colours() {
    let tree = tree();
    let mut command = command(tree.root());
    command.env("NO_COLOR", "1");
    let mut pty = Pty::spawn(command, (80, 24));
    pty.wait("a shell is started");
    let bytes = String::from_utf8_lossy(&pty.bytes()).into_owned();
    assert!(bytes.contains("\x1b[7m>") || bytes.contains(";7m>"), "{bytes:?}");
    let colours = ["\x1b[3", ";3", "\x1b[4", ";4"].map(|code| (0..8).map(move |digit| format!("{code}{digit}m")));
    assert!(!colours.into_iter().flatten().any(|colour| bytes.contains(&colour)), "{bytes:?}");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_report_can_be_piped_in() {
    let tree = tree();
    let mut console = command(tree.root());
    console.arg("-");
    let shell = in_shell("\"$0\" \"$@\" <.quell/reports/bandit.sarif", &console);
    let mut pty = Pty::spawn(shell, (80, 24));
    pty.wait("a shell is started");
    // What was piped in is read again although the pipe is empty by now.
    pty.send("R");
    pty.wait("read again: 2 findings");
    pty.wait("a shell is started");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}

#[test]
fn a_report_that_becomes_a_pipe_does_not_stop_the_console() {
    let tree = tree();
    let mut pty = start(&tree);
    let report = tree.root().join(".quell/reports/bandit.sarif");
    std::fs::remove_file(&report).unwrap();
    make_pipe(&report);
    pty.send("j");
    pty.wait("the report changed");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn what_others_change_is_said_and_reloaded_when_asked() {
    let tree = tree();
    let mut pty = start(&tree);
    let report = ".quell/reports/bandit.sarif";
    tree.write(report, &REPORT.replace("a password in the code", "a new one"));
    let mut other = command(tree.root());
    other.args(["decide", "confirm", "-q", "rule:B602"]);
    assert_eq!(Pty::spawn(other, (80, 24)).exit_code(), 0);
    pty.wait("reports and decisions changed: R reloads");
    // A decision of its own comes with those of others, not with the reports.
    pty.send("c");
    pty.wait("confirmed 1 finding");
    pty.wait("  reports changed: R reloads");
    std::fs::remove_file(tree.root().join(report)).unwrap();
    pty.send("R");
    pty.wait("gone: .quell/reports/bandit.sarif; scan again, then R");
    assert!(!pty.screen().contains("changed: R reloads"));
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

fn make_pipe(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::RWXU, 0).unwrap();
}

#[test]
fn a_pipe_that_nobody_writes_to_is_waited_for_in_words() {
    let tree = tree();
    let pipe = tree.root().join("pipe.sarif");
    make_pipe(&pipe);
    let mut console = command(tree.root());
    console.arg("pipe.sarif");
    // A thread that waits must not be one that is needed.
    console.env("RAYON_NUM_THREADS", "1");
    let mut pty = Pty::spawn(console, (120, 24));
    pty.wait("waiting for somebody to write to the pipe");
    std::fs::write(&pipe, REPORT).unwrap();
    pty.wait("a shell is started");
    pty.send("RRR");
    pty.wait("waiting for somebody to write to the pipe");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}

#[test]
fn a_command_says_what_it_waits_for_and_ctrl_c_ends_it() {
    let tree = tree();
    make_pipe(&tree.root().join("pipe.sarif"));
    let mut status = command(tree.root());
    status.args(["status", "pipe.sarif"]);
    let mut pty = Pty::spawn(in_shell("trap : INT; \"$0\" \"$@\"; echo ended $?", &status), (120, 24));
    pty.wait("waiting for somebody to write to the pipe");
    pty.send("\x03");
    pty.wait("ended 130");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_log_that_cannot_be_written_is_named() {
    let tree = tree();
    let mut console = command(tree.root());
    console.args(["--log-file", "gone/quell.log"]);
    let mut pty = Pty::spawn(console, (80, 24));
    pty.wait("gone/quell.log: the log cannot be written");
    assert_eq!(pty.exit_code(), 2);
    assert_restored(&pty);
}

/// A table that is cut to the terminal keeps what names a finding: the end of the rule, the file and the line.
#[test]
fn a_list_on_a_narrow_terminal_keeps_the_places() {
    let rule = "company.security.python.injection.command-from-input";
    let path = "services/payments/handlers/checkout_controller.py";
    let report = REPORT.replace("B602", rule).replace("src/a.py", path);
    let tree = Tree::git(&[(".quell/reports/bandit.sarif", &report), (path, "import os\nos.system(name)\n")]);
    for (columns, message) in [(80, false), (120, true)] {
        let mut list = command(tree.root());
        list.arg("list");
        let pty = Pty::spawn(list, (columns, 24));
        pty.wait("_controller.py:3");
        let screen = pty.screen();
        assert!(screen.contains("_controller.py:2") && screen.contains("-from-input  "), "{screen}");
        assert_eq!(screen.contains("a shell is"), message, "{screen}");
        assert!(screen.lines().count() == 2, "one line a finding\n{screen}");
    }
}

#[test]
fn an_undo_says_what_the_next_one_would_take_back() {
    let tree = tree();
    let mut pty = start(&tree);
    pty.send("c");
    pty.wait("confirmed 1 finding");
    pty.send("x");
    pty.wait("marked 1 finding as a false positive");
    pty.send("u");
    pty.wait("next u: confirmed 1 finding");
    pty.send("u");
    pty.wait("undone: confirmed 1 finding; nothing more to undo");
    pty.send("U");
    pty.wait("done again: confirmed 1 finding");
}

#[test]
fn fixes_of_a_file_are_kept_reviewed_and_written() {
    let tree = tree();
    let patch = "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,3 +1,3 @@\n import os\n-os.system(name)\n+run(name)\n password = 'hunter2'\n";
    tree.write("x.patch", patch);
    let mut review = command(tree.root());
    review.args(["review", "--fixes", "x.patch"]);
    let mut pty = Pty::spawn(review, (100, 30));
    pty.wait("a shell is started");
    pty.wait("x.patch");
    pty.send("f");
    pty.wait("F review");
    pty.send("F");
    pty.wait("writes 1 of 1 fix");
    pty.wait("+ run(name)");
    write_the_one(&mut pty);
    assert_eq!(tree.text("src/a.py"), "import os\nrun(name)\npassword = 'hunter2'\n");
}

#[test]
fn a_file_that_git_does_not_have_is_known_as_it_was_when_the_report_was_loaded() {
    let call = |name: &&str| format!("def {name}():\n    run(cmd, shell=True)\n\n");
    let calls = |names: &[&str]| names.iter().map(call).collect::<Vec<_>>().concat();
    let report = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "bandit"}},
        "invocations": [{"executionSuccessful": true, "endTimeUtc": "2100-01-01T00:00:00Z"}], "results": [{"ruleId": "B602",
        "message": {"text": "a shell is started"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "b.py"},
        "region": {"startLine": 5}}}], "fixes": [{"artifactChanges": [{"artifactLocation": {"uri": "b.py"}, "replacements":
        [{"deletedRegion": {"startLine": 5}, "insertedContent": {"text": "    run(cmd)"}}]}]}]}]}]}"#;
    let tree = Tree::git(&[("a.py", "x")]);
    tree.write("b.py", &calls(&["one", "two", "three"]));
    tree.write(".quell/reports/bandit.sarif", report);
    let mut pty = start(&tree);
    let bases = tree.root().join(".git/quell/bases");
    pty.wait_for("the file is kept", |_| bases.exists());
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    // Somebody goes on writing, and the second function is the third.
    tree.write("b.py", &calls(&["zero", "one", "two", "three"]));
    let quell = Command::new(env!("CARGO_BIN_EXE_quell")).current_dir(tree.root()).args(["fix", "--apply"]).output();
    let output = quell.unwrap();
    assert!(output.status.success(), "{output:?}");
    let of_two = calls(&["two"]);
    assert_eq!(
        tree.text("b.py"),
        calls(&["zero", "one", "two", "three"]).replace(&of_two, &of_two.replace(", shell=True", ""))
    );
}

#[test]
fn a_batch_is_there_again_after_quitting_until_it_is_written() {
    let tree = tree();
    let patch = "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,3 +1,3 @@\n import os\n-os.system(name)\n+run(name)\n-password = 'hunter2'\n+password = ask()\n";
    tree.write("x.patch", patch);
    let open = || {
        let mut review = command(tree.root());
        review.args(["review", "--fixes", "x.patch"]);
        let pty = Pty::spawn(review, (100, 30));
        pty.wait("a shell is started");
        pty.wait("x.patch");
        pty
    };
    let mut pty = open();
    pty.send("f");
    pty.wait("F review");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    let mut pty = open();
    pty.wait("1 fix is kept since the last time; F reviews it");
    pty.send("F");
    pty.wait("writes 1 of 1 fix");
    write_the_one(&mut pty);
    let left = quell::repo::Repo::discover(tree.root(), true).unwrap().0.pending();
    assert_eq!(left, None, "what is written is not kept");
}

#[test]
fn an_upgrade_is_offered_reviewed_and_written() {
    let manifest = "{\n  \"dependencies\": {\n    \"lodash\": \"^4.17.0\"\n  }\n}\n";
    let flaw = |id: &str| {
        format!(
            r#"{{"VulnerabilityID": "{id}", "PkgName": "lodash", "PkgIdentifier": {{"PURL": "pkg:npm/lodash@4.17.0"}},
                "InstalledVersion": "4.17.0", "FixedVersion": "4.17.21", "Severity": "HIGH", "Title": "bad"}}"#
        )
    };
    let report = format!(
        r#"{{"SchemaVersion": 2, "ArtifactName": ".", "Results": [{{"Target": "package-lock.json", "Class": "lang-pkgs",
            "Type": "npm", "Vulnerabilities": [{}, {}]}}]}}"#,
        flaw("CVE-2021-23337"),
        flaw("CVE-2020-8203")
    );
    let tree = Tree::git(&[("package.json", manifest), ("package-lock.json", "{}\n"), ("trivy.json", &report)]);
    let mut console = command(tree.root());
    console.arg("trivy.json");
    let mut pty = Pty::spawn(console, (120, 30));
    pty.wait("CVE-2021-23337");
    for (keys, shown) in [
        ("f", "no fix here"),
        ("B", "1 upgrade is offered as fixes"),
        ("B", "no new upgrade"),
        ("f", "F review"),
        ("F", "writes 1 of 1 fix"),
        ("", "then run npm install"),
        ("W", "Write 1 fix"),
        ("1\r", "wrote 1 fix"),
    ] {
        pty.send(keys);
        pty.wait(shown);
    }
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(tree.text("package.json"), manifest.replace("^4.17.0", "^4.17.21"));
}

/// A change of two hunks.
const TWO_HUNKS: &str = "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,3 +1,3 @@\n import os\n-os.system(name)\n+run(name)\n \
    password = 'hunter2'\n@@ -10,3 +10,3 @@\n # 10\n-# 11\n+# eleven\n # 12\n";

/// A tree with a file of twelve lines, a patch for it, and the console in its review; `editor` is a script.
fn reviewing(editor: &str, arguments: &str) -> (Tree, tempfile::TempDir, Pty) {
    let tree = tree();
    let code = "import os\nos.system(name)\npassword = 'hunter2'\n";
    tree.write("src/a.py", &format!("{code}# 4\n# 5\n# 6\n# 7\n# 8\n# 9\n# 10\n# 11\n# 12\n"));
    tree.write("x.patch", TWO_HUNKS);
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("my editor");
    std::fs::write(&program, format!("#!/bin/sh\nfor file; do :; done\n{editor}\n")).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let temp = folder.path().join("$(touch x); 'temp");
    std::fs::create_dir(&temp).unwrap();
    let mut review = command(tree.root());
    review.args(["review", "--fixes", "x.patch"]);
    review.env("EDITOR", format!("'{}' {arguments}", program.display()));
    review.env("TMPDIR", &temp);
    review.env("SEEN", folder.path().join("seen"));
    let mut pty = Pty::spawn(review, (120, 40));
    pty.wait("a shell is started");
    pty.wait("x.patch");
    for (keys, shown) in [("f", "F review"), ("F", "writes 1 of 1 fix"), ("]c", "hunk 1 of 2")] {
        pty.send(keys);
        pty.wait(shown);
    }
    (tree, folder, pty)
}

/// Writes what is shown, and gives the lines of the file that differ from those before.
fn written(tree: &Tree, pty: &mut Pty) -> Vec<String> {
    let before = tree.text("src/a.py");
    pty.send("W");
    pty.wait("Type 1 and press Enter");
    pty.send("1\r");
    pty.wait("wrote 1 fix in 1 file");
    let now = tree.text("src/a.py");
    let lines = now.lines().zip(before.lines()).filter(|(now, before)| now != before);
    lines.map(|(now, _)| now.to_owned()).collect()
}

/// Nothing is left of the hunk in the folder for temporary files.
fn assert_no_hunk_is_left(folder: &tempfile::TempDir) {
    assert_eq!(std::fs::read_dir(folder.path().join("$(touch x); 'temp")).unwrap().count(), 0);
}

#[test]
fn a_fix_that_is_kept_in_part_is_written_so_and_taken_back() {
    let (tree, _folder, mut pty) = reviewing("exit 1", "");
    let before = tree.text("src/a.py");
    pty.send("n");
    pty.wait("1 of 2 hunks");
    pty.wait("left out; y takes it");
    assert_eq!(written(&tree, &mut pty), ["# eleven"]);
    pty.wait("1 finding stays open");
    let events: Vec<String> = ignore::WalkBuilder::new(tree.root().join(".quell/decisions"))
        .build()
        .filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok())
        .collect();
    let noted = events.iter().find(|event| event.contains("changed by hand: 1 of 2 hunks")).unwrap();
    assert!(noted.contains(r#""op": "comment""#), "the finding stays open: {noted}");
    pty.send("u");
    pty.wait("undone: 1 fix in 1 file, 1 changed by hand");
    assert_eq!(tree.text("src/a.py"), before);
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}

#[test]
fn a_hunk_is_edited_in_a_private_file_and_written_as_it_was_left() {
    let script = "printf '%s|' \"$@\" >\"$SEEN\"; stat -c '%a %A' \"$file\" \"${file%/*}\" >>\"$SEEN\"\n\
        stty -a | grep -o -- '-\\?icanon'; read answer; sed -i 's/^+run(name)/+run([name])  # é/' \"$file\"";
    let (tree, folder, mut pty) = reviewing(script, "--wait 'two words'");
    pty.send("E");
    pty.wait("icanon");
    assert!(!pty.screen().contains("-icanon") && !pty.modes().alternate_screen);
    pty.send("done\r");
    pty.wait("the hunk is written as you left it");
    assert!(pty.modes().alternate_screen && !pty.modes().echo);
    pty.wait("as you edited it; r takes the original");
    let seen = std::fs::read_to_string(folder.path().join("seen")).unwrap();
    let (arguments, modes) = seen.rsplit_once('|').unwrap();
    let arguments: Vec<&str> = arguments.split('|').collect();
    assert_eq!(arguments[..3], ["--wait", "two words", "+3"], "{seen}");
    assert!(arguments[3].ends_with("/hunk.diff") && arguments[3].contains("$(touch x); 'temp"), "{seen}");
    assert!(modes.contains("600 -rw-------") && modes.contains("700 drwx------"), "{seen}");
    assert_no_hunk_is_left(&folder);
    assert_eq!(written(&tree, &mut pty), ["run([name])  # é", "# eleven"]);
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    assert_restored(&pty);
}

#[test]
fn a_hunk_that_cannot_be_used_is_told_and_kept_for_the_next_edit() {
    let script = "if grep -q oops \"$file\"; then sed -i 's/^ oops/ import os/' \"$file\"; else \
        sed -i -e 's/^ import os/ oops/' -e 's/^+run(name)/+mine(name)/' \"$file\"; fi";
    let (tree, folder, mut pty) = reviewing(script, "");
    pty.send("E");
    pty.wait("`oops` is not a line of the file there");
    pty.wait("writes 0 of 1 fix");
    pty.wait("unusable");
    pty.send("E");
    pty.wait("the hunk is written as you left it");
    pty.wait("+     mine(name)".trim_start_matches("+     "));
    assert_no_hunk_is_left(&folder);
    assert_eq!(written(&tree, &mut pty), ["mine(name)", "# eleven"]);
}

#[test]
fn an_editor_that_is_killed_or_fails_leaves_the_hunk_and_the_terminal_as_they_were() {
    for (end, said) in [("exit 3", "exit status: 3"), ("kill -9 $$", "signal: 9")] {
        let script = format!(
            "if grep -q half \"$file\"; then sed -i 's/half/whole/' \"$file\"; exit 0; fi\n\
             printf '\\033[?1049h\\033[?1003h'; stty raw -echo; sed -i 's/^+run(name)/+half(name)/' \"$file\"; {end}"
        );
        let (tree, folder, mut pty) = reviewing(&script, "");
        let ours = pty.modes();
        pty.send("E");
        pty.wait(said);
        pty.wait("E goes on with what was saved");
        pty.wait_for("the modes of the console", |pty| pty.modes() == ours);
        pty.wait("+ run(name)");
        pty.send("E");
        pty.wait("whole(name)");
        assert_no_hunk_is_left(&folder);
        assert_eq!(written(&tree, &mut pty), ["whole(name)", "# eleven"]);
        pty.send("q");
        assert_eq!(pty.exit_code(), 0);
        assert_restored(&pty);
    }
}

#[test]
fn an_empty_or_unchanged_hunk_stays_as_it_was() {
    for (script, said) in
        [(": >\"$file\"", "the text is empty"), (":", "nothing was changed"), ("rm \"$file\"", "hunk.diff")]
    {
        let (tree, _folder, mut pty) = reviewing(script, "");
        pty.send("E");
        pty.wait(said);
        pty.wait("writes 1 of 1 fix");
        assert_eq!(written(&tree, &mut pty), ["run(name)", "# eleven"], "{script}");
    }
}
