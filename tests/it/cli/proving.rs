//! `fix --verify`: a batch is proved in a copy of the tree, and the tree itself is only ever seen before and after.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

use super::shop::{Ran, program, ran};
use crate::support::tree::Tree;

const COUNT: usize = 20;

/// Twenty files with one fix each, `old` to `new`, and a folder for copies.
struct Bench {
    tree: Tree,
    temp: tempfile::TempDir,
}

impl Bench {
    /// The tests are a script; `$OF` in it is what a file holds, `$T` the name of the file.
    fn new(script: &str) -> Self {
        Self::with(script, Tree::git(&[("README", "")]))
    }

    fn with(script: &str, tree: Tree) -> Self {
        let bench = Self { tree, temp: tempfile::TempDir::new().unwrap() };
        for number in 0..COUNT {
            bench.tree.write(&format!("src/f{number:02}"), &format!("old {number}\n"));
            let patch =
                format!("--- a/src/f{number:02}\n+++ b/src/f{number:02}\n@@ -1 +1 @@\n-old {number}\n+new {number}\n");
            let folder = bench.tree.state().join("fixes");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("{number:02}.diff")), patch).unwrap();
        }
        bench.tests(script);
        bench
    }

    fn tests(&self, script: &str) {
        self.tree.write("tests.sh", &format!("#!/bin/sh\n{script}"));
        fs::set_permissions(self.tree.root().join("tests.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn beside(&self, name: &str) -> String {
        self.tree.state().join(name).to_str().unwrap().to_owned()
    }

    fn command(&self, args: &[&str]) -> Command {
        self.command_for("fixes", args)
    }

    fn command_for(&self, fixes: &str, args: &[&str]) -> Command {
        let mut command = program(&self.tree);
        command.env("TMPDIR", self.temp.path()).args(["fix", "--fixes", &self.beside(fixes)]).args(args);
        if !args.contains(&"--verify") {
            command.args(["--verify", "./tests.sh"]);
        }
        command
    }

    #[track_caller]
    fn fix(&self, args: &[&str]) -> Ran {
        self.done(&mut self.command(args))
    }

    /// With the first of the fixes alone.
    #[track_caller]
    fn fix_one(&self, args: &[&str]) -> Ran {
        self.done(&mut self.command_for("fixes/00.diff", args))
    }

    #[track_caller]
    fn done(&self, command: &mut Command) -> Ran {
        let ran = ran(command);
        assert_eq!(fs::read_dir(self.temp.path()).unwrap().count(), 0, "a copy is left: {ran:?}");
        ran
    }

    /// Numbers of the files that are fixed.
    fn fixed(&self) -> Vec<usize> {
        (0..COUNT).filter(|number| self.tree.text(&format!("src/f{number:02}")).starts_with("new")).collect()
    }
}

fn all_but(guilty: &[usize]) -> Vec<usize> {
    (0..COUNT).filter(|number| !guilty.contains(number)).collect()
}

/// Numbers of the files of the guilty fixes, one list a cause.
fn guilty(json: &Value) -> Vec<Vec<usize>> {
    let file = |id: &Value| {
        let fixes = json["fixes"].as_array().unwrap();
        let path = fixes.iter().find(|fix| fix["id"] == *id).unwrap()["files"][0].as_str().unwrap().to_owned();
        path.trim_start_matches("src/f").parse().unwrap()
    };
    let cause = |guilt: &Value| guilt["fixes"].as_array().unwrap().iter().map(file).collect::<Vec<usize>>();
    json["verify"]["guilty"].as_array().unwrap().iter().map(cause).collect()
}

/// Fails for each file of `$RED` always, and for each of `$BAD` once it is new.
fn suite(red: &str, bad: &str) -> String {
    format!(
        "status=0\nfor file in src/*; do\n  name=${{file#src/}}; out=ok\n  case ' {red} ' in *\" $name \"*) out=FAILED;; esac\n  \
         case ' {bad} ' in *\" $name \"*) grep -q new $file && out=FAILED;; esac\n  \
         [ $out = ok ] || status=1\n  echo \"test $name ... $out ($$ ms)\"\ndone\nexit $status\n"
    )
}

#[test]
fn nineteen_of_twenty_are_written_though_a_test_was_red_before() {
    let bench = Bench::new("");
    // The command looks at the tree itself as well, and leaves a mark where it is not as it was.
    let (copy, mark) = (bench.beside("copy"), bench.beside("mark"));
    let root = bench.tree.root().to_str().unwrap().to_owned();
    let look = format!("diff -r {root} {copy} || touch {mark}\necho ran >> {copy}.runs\n");
    bench.tests(&(look + &suite("f03", "f12")));
    assert!(Command::new("cp").args(["-a", &root, &copy]).status().unwrap().success());

    let index = bench.tree.root().join(".git/index");
    let lists = || {
        let lists = ["git worktree list --porcelain", "git for-each-ref refs/heads refs/tags", "git stash list"];
        (lists.map(|line| git(&bench.tree, line)), fs::read(&index).unwrap())
    };
    let before = lists();

    let refused = bench.fix(&["--apply"]);
    assert!(refused.code == 4 && refused.err.contains("--keep-going writes the others"), "{refused:?}");
    assert!(bench.fixed().is_empty());

    let ran = bench.fix(&["--apply", "--keep-going", "--format", "json"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    let json = ran.json();
    assert_eq!(guilty(&json), [[12]], "{ran:?}");
    assert_eq!(json["verify"]["baseline"], "failed");
    assert_eq!(json["verify"]["verdict"], "guilty");
    assert_eq!(json["verify"]["command"], serde_json::json!(["./tests.sh"]));
    assert!(json["verify"]["guilty"][0]["said"][0].as_str().unwrap().starts_with("test f12 ... FAILED"), "{json}");
    assert!(ran.err.contains("needs-you: guilty: the command fails with it: test f12 ... FAILED"), "{ran:?}");
    assert_eq!(bench.fixed(), all_but(&[12]));
    let runs = fs::read_to_string(format!("{copy}.runs")).unwrap().lines().count();
    assert!(runs > 2 && !Path::new(&mark).exists(), "the tree was seen in another state");
    assert_eq!(json["verify"]["runs"], runs / 2, "both proofs took the same runs");
    assert!(runs <= 2 * 15, "{runs}");
    assert_eq!(lists(), before);
}

fn git(tree: &Tree, line: &str) -> String {
    let mut words = line.split(' ');
    let output = Command::new(words.next().unwrap()).args(words).current_dir(tree.root()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn several_guilty_fixes_and_a_pair_that_fails_only_together_are_named() {
    let pair = "grep -q new src/f04 && grep -q new src/f15 && { echo 'pair FAILED'; exit 1; }\n";
    let bench = Bench::new(&(pair.to_owned() + &suite("", "f00 f19")));
    let ran = bench.fix(&["--apply", "--keep-going", "--format", "json"]);
    let mut named = guilty(&ran.json());
    named.sort();
    assert_eq!((ran.code, named), (4, vec![vec![0], vec![4, 15], vec![19]]), "{ran:?}");
    assert!(ran.err.contains("together, and not with fewer of them: pair FAILED"), "{ran:?}");
    assert_eq!(bench.fixed(), all_but(&[0, 4, 15, 19]));
}

#[test]
fn a_batch_that_passes_is_written_and_a_preview_writes_nothing() {
    let bench = Bench::new(&suite("", "f12"));
    let preview = bench.fix(&[]);
    assert!(preview.code == 4 && preview.out.matches("diff --git").count() == COUNT - 1, "{preview:?}");
    assert!(bench.fixed().is_empty());
    bench.tests(&suite("", ""));
    let ran = bench.fix(&["--apply"]).ok();
    assert!(ran.err.contains("the command passes with the batch (2 runs)"), "{ran:?}");
    assert_eq!(bench.fixed(), all_but(&[]));
}

#[test]
fn a_pull_request_says_how_it_was_proved() {
    let bench = Bench::new(&suite("", ""));
    let text = bench.fix(&["--format", "markdown"]).out;
    assert!(text.contains("## Proof\n\n`./tests.sh` was run"), "{text}");
    assert!(text.contains("without and with these fixes (2 runs): proved."), "{text}");
}

#[test]
fn a_command_that_failed_before_proves_less_and_is_called_so() {
    let bench = Bench::new(&suite("f03", ""));
    let ran = bench.fix(&["--apply"]);
    assert!(ran.code == 4 && ran.err.contains("the command failed before; --keep-going writes fixes"), "{ran:?}");
    assert!(bench.fixed().is_empty());
    let ran = bench.fix(&["--apply", "--keep-going", "--format", "json"]).ok();
    assert_eq!((&ran.json()["verify"]["verdict"], &ran.json()["verify"]["runs"]), (&"no-worse".into(), &3.into()));
    assert_eq!(bench.fixed(), all_but(&[]));
}

#[test]
fn what_fails_without_a_word_proves_nothing() {
    let bench = Bench::new("exit 1\n");
    let ran = bench.fix(&["--apply", "--keep-going"]);
    assert!(ran.code == 4 && ran.err.contains("fails without a word on the tree as it is"), "{ran:?}");
    assert!(bench.fixed().is_empty());
}

#[test]
fn a_command_that_fails_now_and_then_blames_no_fix() {
    let bench = Bench::new("");
    let count = bench.beside("count");
    bench.tests(&format!("echo x >> {count}\n[ $(wc -l < {count}) -ne 2 ] || {{ echo FAILED; exit 1; }}\n"));
    let ran = bench.fix(&["--apply", "--format", "json"]).ok();
    let json = ran.json();
    assert_eq!((&json["verify"]["flaky"], &json["verify"]["verdict"]), (&true.into(), &"proved".into()));
    assert!(ran.err.contains("failed and passed on the same files"), "{ran:?}");
    assert_eq!(bench.fixed(), all_but(&[]));
}

#[test]
fn a_command_that_passes_only_once_blames_no_fix() {
    let bench = Bench::new("");
    let left = bench.beside("left");
    bench.tests(&format!("[ -e {left} ] && {{ echo 'FAILED: the port is taken'; exit 1; }}\ntouch {left}\n"));
    let ran = bench.fix(&["--apply", "--keep-going", "--format", "json"]);
    let json = ran.json();
    assert_eq!((ran.code, &json["verify"]["verdict"]), (4, &"unproved".into()), "{ran:?}");
    assert!(guilty(&json).is_empty() && ran.err.contains("it leaves something behind"), "{ran:?}");
    assert!(bench.fixed().is_empty());
}

#[test]
fn a_command_that_cannot_be_run_is_a_usage_error() {
    let bench = Bench::new("");
    for (command, reason) in [
        ("no-such-program-of-anybody", "it is not installed, or not in PATH"),
        ("./no-such-script", "it is not installed"),
        ("README", "it is not installed"),
        ("", "names no command"),
        ("a 'b", "missing closing quote"),
    ] {
        let ran = bench.fix(&["--apply", "--verify", command]);
        assert!(ran.code == 2 && ran.err.contains(reason), "{command}: {ran:?}");
    }
    assert!(bench.fixed().is_empty());
}

#[test]
fn a_command_that_hangs_with_a_fix_is_stopped() {
    let bench = Bench::new("grep -q new src/f00 || exit 0\nsleep 1000\n");
    let ran = bench.fix_one(&["--apply", "--verify-seconds", "1"]);
    assert!(ran.code == 4 && ran.err.contains("does not end within 1 s"), "{ran:?}");
    assert!(bench.fixed().is_empty());
    bench.tests("sleep 1000\n");
    let ran = bench.fix_one(&["--apply", "--keep-going", "--verify-seconds", "1"]);
    assert!(ran.code == 4 && ran.err.contains("does not end within 1 s on the tree as it is"), "{ran:?}");
    assert!(bench.fixed().is_empty());
}

#[test]
fn a_command_that_is_killed_has_failed() {
    let bench = Bench::new("grep -q new src/f07 && kill -9 $$\nexit 0\n");
    let ran = bench.fix(&["--apply", "--keep-going", "--format", "json"]);
    assert_eq!((ran.code, guilty(&ran.json())), (4, vec![vec![7]]), "{ran:?}");
    assert!(ran.err.contains("it ended with signal: 9 (SIGKILL)"), "{ran:?}");
}

/// What a run changes is put back before the next one, what git ignores stays, and no link leads out.
#[test]
fn what_a_command_does_to_its_copy_stays_there() {
    let bench = Bench::new("");
    bench.tree.write(".gitignore", "cache/\n");
    bench.tree.write("cache/installed", "");
    bench.tree.write("more/kept", "kept\n");
    let (root, seen) = (bench.tree.root().to_str().unwrap().to_owned(), bench.beside("seen"));
    let script = format!(
        "[ -e cache/installed ] || {{ echo 'FAILED: nothing is installed'; exit 1; }}\n\
         [ -e cache/built ] && echo built >> {seen}\n\
         [ -e made ] || [ -e folder ] && {{ echo 'FAILED: something is left'; exit 1; }}\n\
         grep -q dirty src/f01 && {{ echo 'FAILED: a file is dirty'; exit 1; }}\n\
         [ -e src/f02 ] && [ -d more ] && [ ! -h more ] || {{ echo 'FAILED: something is gone'; exit 1; }}\n{}",
        suite("", "f12").replace(
            "exit $status",
            &format!(
                "touch made cache/built; mkdir folder; touch folder/x; echo dirty >> src/f01; rm src/f02\n\
                 rm -r more; ln -s {root}/src more; chmod 555 cache; git commit -qam x --author 'A <a@b>'\nexit $status"
            )
        )
    );
    bench.tests(&script);
    let (files, before) = (bench.tree.files(), bench.tree.bytes());
    let ran = bench.fix(&["--format", "json"]);
    assert_eq!((ran.code, guilty(&ran.json())), (4, vec![vec![12]]), "{ran:?}");
    assert!(fs::read_to_string(&seen).unwrap().lines().count() > 5, "a build goes on where the last one was");
    assert_eq!((bench.tree.files(), bench.tree.bytes()), (files, before));
    assert_eq!(git(&bench.tree, "git log --format=%s"), "first\n");
}

/// Python takes a compiled file for the newest where size and second of the source are the same.
#[test]
fn a_file_with_other_bytes_has_another_second() {
    let bench = Bench::new("");
    let seen = bench.beside("seen");
    bench.tests(&format!("echo $(stat -c %Y src/f12) $(cat src/f12) >> {seen}\n{}", suite("", "f12")));
    assert_eq!(bench.fix(&[]).code, 4);
    let seen = fs::read_to_string(seen).unwrap();
    let mut lines: Vec<&str> = seen.lines().collect();
    lines.dedup();
    let mut seconds: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    let count = seconds.len();
    seconds.sort_unstable();
    seconds.dedup();
    assert!(count > 3 && seconds.len() == count, "{lines:?}");
}

#[test]
fn the_copy_is_the_tree_as_it_is_with_a_git_of_its_own() {
    let bench = Bench::new("");
    let tree = &bench.tree;
    tree.write("a", "committed\n");
    tree.write("folder/f00", "committed\n");
    tree.commit("second", 1_700_000_100);
    tree.write("a", "changed\n");
    tree.write("untracked", "");
    // A tracked folder that has become a link.
    fs::remove_dir_all(tree.root().join("folder")).unwrap();
    symlink("src", tree.root().join("folder")).unwrap();
    let branch = Command::new("git").args(["tag", "v1"]).current_dir(tree.root()).status().unwrap();
    assert!(branch.success());
    bench.tests(
        "git rev-parse HEAD; git describe --tags; git branch --show-current; git status --porcelain a untracked\n\
         [ $(git rev-parse --show-toplevel) = $(pwd -P) ] || echo 'FAILED: another tree'\ncat a\nexit 1\n",
    );
    let (git_dir, index) = (tree.root().join(".git"), tree.root().join(".git/index"));
    let mut command = bench.command(&["--format", "json"]);
    command.env("GIT_DIR", &git_dir).env("GIT_INDEX_FILE", &index).env("GIT_WORK_TREE", tree.root());
    let ran = bench.done(&mut command);
    let said: Vec<String> = serde_json::from_value(ran.json()["verify"]["said"].clone()).unwrap();
    let head = git(tree, "git rev-parse HEAD");
    assert_eq!(said, [head.trim(), "v1", "main", " M a", "?? untracked", "changed"], "{ran:?}");
}

#[test]
fn a_plain_folder_is_proved_as_well() {
    let bench = Bench::with(&suite("f01", "f05"), Tree::plain(&[]));
    let ran = bench.fix(&["--apply", "--keep-going", "--format", "json"]);
    assert_eq!((ran.code, guilty(&ran.json())), (4, vec![vec![5]]), "{ran:?}");
    assert_eq!(bench.fixed(), all_but(&[5]));
}

#[test]
fn without_a_folder_for_the_copy_nothing_runs() {
    let bench = Bench::new("");
    let mark = bench.beside("mark");
    bench.tests(&format!("touch {mark}\n"));
    for (folder, reason) in [
        ("/sys", "no folder can be made there"),
        ("/no/such/folder", "no folder can be made there"),
        (bench.tree.root().join("src").to_str().unwrap(), "lies in the repository"),
    ] {
        let ran = bench.done(bench.command(&["--apply"]).env("TMPDIR", folder));
        assert!(ran.code == 4 && ran.err.contains(reason) && ran.err.contains("set TMPDIR"), "{ran:?}");
    }
    assert!(bench.fixed().is_empty() && !Path::new(&mark).exists());
}

#[test]
fn what_the_command_says_reaches_no_terminal_as_it_is() {
    let bench = Bench::new("printf 'FAILED \\033]0;evil\\007\\033[31mred\\033[0m \\342\\200\\256bidi\\a\\n'\nexit 1\n");
    let ran = bench.fix(&[]);
    assert!(ran.err.contains("FAILED red <U+202E>bidi\\x07"), "{ran:?}");
    assert!(!ran.err.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{ran:?}");
}

/// Starts the program on a command that says `ready` and then waits for ever; with the number of that command.
fn waiting(bench: &Bench) -> (std::process::Child, Pid) {
    let (pipe, number) = (bench.beside("pipe"), bench.beside("number"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    bench.tests(&format!("sleep 1000 &\necho $! > {number}\necho ready > {pipe}\nwait\n"));
    let mut command = bench.command(&["--apply"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut said = String::new();
    fs::File::open(&pipe).unwrap().read_to_string(&mut said).unwrap();
    (child, Pid::from_raw(fs::read_to_string(number).unwrap().trim().parse().unwrap()).unwrap())
}

#[test]
fn a_proof_that_is_interrupted_ends_whole_and_writes_nothing() {
    let bench = Bench::new("");
    let (mut child, command) = waiting(&bench);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(test_kill_process(command).is_err() || is_zombie(command));
    assert!(bench.fixed().is_empty());
    assert_eq!(fs::read_dir(bench.temp.path()).unwrap().count(), 0);
}

fn is_zombie(number: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", number.as_raw_nonzero()));
    stat.is_ok_and(|stat| stat.contains(") Z "))
}

#[test]
fn the_copy_of_a_killed_proof_is_swept_by_the_next() {
    let bench = Bench::new("");
    let (mut child, command) = waiting(&bench);
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    // Nobody can end what a killed program has started.
    kill_process(command, Signal::KILL).unwrap();
    assert_eq!(fs::read_dir(bench.temp.path()).unwrap().count(), 1);
    bench.tests("exit 0\n");
    bench.fix(&["--apply"]).ok();
    assert_eq!(bench.fixed(), all_but(&[]));
}
