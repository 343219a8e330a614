//! Diffs: `git apply` makes the new bytes of the old ones, and the screen shows what changed.

use std::fs;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use quell::fix::diff::{file_diff, unified};
use quell::model::plan::LineKind;
use std::io::Write;

use crate::support::thorough::cases;
use crate::support::tree::Tree;

/// What `git apply` makes of a file with this patch.
fn applied(name: &str, before: &[u8], patch: &[u8]) -> Result<Vec<u8>, String> {
    let tree = Tree::git(&[]);
    let file = tree.root().join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, before).unwrap();
    let mut git = Command::new("git")
        .args(["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"])
        .current_dir(tree.root())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    git.stdin.take().unwrap().write_all(patch).unwrap();
    let output = git.wait_with_output().unwrap();
    if output.status.success() {
        Ok(fs::read(file).unwrap())
    } else {
        Err(format!("{}\n{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(patch)))
    }
}

fn content() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a\n", "b\n", "b\r\n", "é\n", "\n", "--- x\n", "+y\n", "\\ z\n", "c\rd\n", "\u{feff}",
    ]);
    (prop::collection::vec(piece, 0..24), prop::sample::select(vec!["", "end", "end\r"]))
        .prop_map(|(pieces, end)| pieces.concat() + end)
}

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn git_takes_the_diff(before in content(), after in content()) {
        let patch = unified("a.txt", before.as_bytes(), after.as_bytes());
        if before == after {
            prop_assert!(patch.is_empty());
        } else {
            let made = applied("a.txt", before.as_bytes(), &patch);
            prop_assert_eq!(made, Ok(after.clone().into_bytes()));
        }
    }

    #[test]
    fn the_shown_lines_are_the_lines(before in content(), after in content()) {
        let diff = file_diff("a.txt", before.as_bytes(), after.as_bytes());
        let lines: Vec<_> = diff.hunks.iter().flat_map(|hunk| &hunk.lines).collect();
        let shown = |text: &str, number: u32| {
            let line = text.split_inclusive('\n').nth(number as usize - 1).unwrap();
            let line = line.strip_suffix('\n').unwrap_or(line);
            line.strip_suffix('\r').unwrap_or(line).to_owned()
        };
        for line in lines {
            let own = line.text();
            // Where only the line end changes, it is shown.
            let own = own.strip_suffix('\r').unwrap_or(&own);
            match line.kind {
                LineKind::Added => prop_assert_eq!(shown(&after, line.new), own),
                LineKind::Removed | LineKind::Context => prop_assert_eq!(shown(&before, line.old), own),
            }
        }
        let grown = after.split_inclusive('\n').count() + diff.removed as usize;
        prop_assert_eq!(before.split_inclusive('\n').count() + diff.added as usize, grown);
    }
}

#[test]
fn a_line_end_that_is_all_that_changes_is_shown() {
    let parts = |before: &str, after: &str| {
        let diff = file_diff("a.txt", before.as_bytes(), after.as_bytes());
        let added: Vec<_> = diff.hunks[0].lines.iter().filter(|line| line.kind == LineKind::Added).collect();
        (added[0].parts.clone(), diff.unseen.hidden)
    };
    let text = (false, "a".to_owned());
    assert_eq!(parts("a\n", "a\r\n"), (vec![text.clone(), (true, "\r".to_owned())], 1));
    assert_eq!(parts("a\r\n", "a\n"), (vec![text], 0));
}

#[test]
fn git_takes_odd_names() {
    for path in ["a b.txt", "dir/na\u{ef}ve \u{2192}.txt", "q\"uote\\.txt", "tab\tname", "new\nline", "-x"] {
        let patch = unified(path, b"one\n", b"two\n");
        assert_eq!(applied(path, b"one\n", &patch), Ok(b"two\n".to_vec()), "{path:?}");
    }
}

#[test]
fn a_diff_reads_as_git_writes_it() {
    let patch = unified("a.txt", b"1\n2\n3\n4\n5\n6\n7\n8", b"1\n2\n3\n4\nfive\n6\n7\n8");
    let wanted = "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n\\ No newline at end of file\n";
    assert_eq!(String::from_utf8(patch).unwrap(), wanted);
}

#[test]
fn changes_inside_a_line_are_marked() {
    let diff = file_diff("a.py", b"x = yaml.load(handle)\n", b"x = yaml.safe_load(handle)\n");
    let lines = &diff.hunks[0].lines;
    let marked = |index: usize| -> Vec<&str> {
        lines[index].parts.iter().filter(|part| part.0).map(|part| part.1.as_str()).collect()
    };
    assert_eq!((marked(0), marked(1)), (vec!["load"], vec!["safe_load"]));
    let unlike = file_diff("a.py", b"one two\n", b"(alpha, beta)\n");
    assert!(unlike.hunks[0].lines.iter().all(|line| line.parts.len() == 1));
}

#[test]
fn hidden_characters_of_added_lines_are_counted() {
    assert_eq!(file_diff("a", b"x\n", "x\u{202e}\u{200b}\n".as_bytes()).unseen.hidden, 2);
    assert_eq!(file_diff("a", "x\u{202e}\n".as_bytes(), "y\u{202e}\n".as_bytes()).unseen.hidden, 0);
}

#[test]
fn a_file_that_is_all_new_is_not_compared_line_by_line() {
    let before: String = (0..30_000).map(|number| format!("a {number}\n")).collect();
    let after: String = (0..30_000).map(|number| format!("b {number}\n")).collect();
    let diff = file_diff("a", before.as_bytes(), after.as_bytes());
    assert_eq!((diff.added, diff.removed, diff.hunks.len()), (30_000, 30_000, 1));
}
