//! Unified diffs, well made and not.

use super::{FILE, FIXED, check, outcome, plan, read};
use crate::fix::case::verdicts;
use crate::support::tree::Tree;

const PLAIN: &str = "--- a/a.txt\n+++ b/a.txt\n@@ -1,6 +1,6 @@\n one\n two\n-three\n+3\n four\n five\n six\n";

#[test]
fn a_diff_is_read_however_it_is_dressed() {
    let mail = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\n\
        Subject: [PATCH 1/1] say it\n in digits\n\nWhy.\n---\n a.txt | 2 +-\n 1 file changed\n\n";
    let fenced = format!("Here it is:\n\n```diff\n{PLAIN}```\n\n- It says 3 now.\n");
    let stamps = PLAIN.replace("a/a.txt\n", "a/a.txt\t2026-01-01 00:00:00\n");
    let windows = PLAIN.replace('\n', "\r\n");
    let rows = [
        ("plain", PLAIN.to_owned()),
        ("git's names", format!("diff --git a/a.txt b/a.txt\n{PLAIN}")),
        ("an id that is not here", format!("diff --git a/a.txt b/a.txt\nindex 1234567..89abcde 100644\n{PLAIN}")),
        ("no prefixes", PLAIN.replace("a/a.txt", "a.txt").replace("b/a.txt", "a.txt")),
        ("the prefixes of diff.mnemonicPrefix", PLAIN.replace("a/a.txt", "i/a.txt").replace("b/a.txt", "w/a.txt")),
        ("two folders", PLAIN.replace("a/a.txt", "old/a.txt").replace("b/a.txt", "new/a.txt")),
        ("time stamps", stamps),
        ("a quoted name", PLAIN.replace("a/a.txt", "\"a/\\141.txt\"").replace("b/a.txt", "\"b/\\141.txt\"")),
        ("svn's heading", format!("Index: a.txt\n======\n{PLAIN}")),
        ("in a fence, in prose", fenced),
        ("a mail with its signature", format!("{mail}{PLAIN}-- \n2.47.3\n\n")),
        ("the whole text with \\r\\n", windows),
        ("a byte order mark", format!("\u{feff}{PLAIN}")),
        ("counts that are too high", PLAIN.replace("-1,6 +1,6", "-1,9 +1,8") + "```\n"),
        ("counts that are too low", PLAIN.replace("-1,6 +1,6", "-1,3 +1,3")),
        ("counts that differ from each other", PLAIN.replace("-1,6 +1,6", "-1,6 +1,60") + "```\n"),
        ("no numbers", PLAIN.replace("@@ -1,6 +1,6 @@", "@@ @@")),
        ("dots for numbers", PLAIN.replace("@@ -1,6 +1,6 @@", "@@ ... @@")),
        ("half a head", PLAIN.replace("@@ -1,6 +1,6 @@", "@@")),
        ("the wrong line", PLAIN.replace("-1,6 +1,6", "-40,6 +40,6")),
        ("no last line end", PLAIN.trim_end().to_owned()),
    ];
    for (what, text) in rows {
        assert_eq!(outcome(FILE, &text), ("will-write unique".to_owned(), FIXED.to_owned()), "{what}");
    }
}

#[test]
fn a_diff_that_does_not_fit_changes_nothing() {
    let rows = [
        ("another line", PLAIN.replace("-three", "-drei"), "cannot stale"),
        ("another context", PLAIN.replace(" five", " funf"), "cannot stale"),
        ("made already", PLAIN.replace("-three\n+3", "-3\n+three"), "cannot stale"),
        ("nothing but blank lines", "--- a.txt\n+++ a.txt\n@@ -4,0 +5 @@\n+x\n".to_owned(), "cannot flagged"),
        ("no such file", PLAIN.replace("a.txt", "b.txt"), "cannot stale"),
        ("cut off", PLAIN.replace("-1,6 +1,6", "-1,60 +1,60"), "needs-you flagged"),
    ];
    for (what, text, verdict) in rows {
        assert_eq!(outcome(FILE, &text), (verdict.to_owned(), FILE.to_owned()), "{what}");
    }
}

#[test]
fn line_ends_of_the_file_stay() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    // A diff of a file with \r\n: its own lines end with \n, those of the file with \r\n.
    let of_crlf = "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\r\n two\r\n-three\r\n+3\r\n";
    let to_unix = "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\r\n-two\r\n+two\n";
    let open = "one\ntwo\nthree";
    check(&[
        ("\\n in the diff, \\r\\n in the file", &crlf(FILE), PLAIN, "will-write unique", &crlf(FIXED)),
        ("\\r\\n in both", &crlf(FILE), of_crlf, "will-write unique", &crlf(FIXED)),
        ("\\r\\n in the diff, \\n in the file", FILE, of_crlf, "will-write unique", FIXED),
        ("a change of line ends", "one\r\ntwo\r\nx\r\n", to_unix, "will-write unique", "one\r\ntwo\nx\r\n"),
        (
            "a byte order mark in the file",
            &format!("\u{feff}{FILE}"),
            &PLAIN.replace(" one\n two\n-three\n+3\n", "-one\n+1\n two\n three\n"),
            "will-write unique",
            &format!("\u{feff}{}", FILE.replace("one", "1")),
        ),
        (
            "the note about the last line is missing",
            open,
            "--- a.txt\n+++ a.txt\n@@ -2,2 +2,2 @@\n two\n-three\n+3\n",
            "will-write unique",
            "one\ntwo\n3",
        ),
        (
            "the note is there",
            open,
            "--- a.txt\n+++ a.txt\n@@ -2,2 +2,3 @@\n two\n-three\n\\ No newline at end of file\n+3\n+4\n\\ No newline at end of file\n",
            "will-write unique",
            "one\ntwo\n3\n4",
        ),
        (
            "lines behind a last line without its end",
            open,
            "--- a.txt\n+++ a.txt\n@@ -2,2 +2,3 @@\n two\n three\n+four\n",
            "will-write unique",
            "one\ntwo\nthree\nfour",
        ),
        (
            "blank context without its blank",
            "one\n\ntwo\nthree\n",
            "--- a.txt\n+++ a.txt\n@@ -1,4 +1,4 @@\n one\n\n two\n-three\n+3\n",
            "will-write unique",
            "one\n\ntwo\n3\n",
        ),
        (
            "a count that leaves lines out behind a blank one",
            "one\n\ntwo\nthree\n",
            "--- a.txt\n+++ a.txt\n@@ -1,1 +1,1 @@\n-one\n+1\n\n two\n-three\n+3\n",
            "will-write unique",
            "1\n\ntwo\n3\n",
        ),
        (
            "removed lines that look like names",
            "-- a\n++ b\nx\n",
            "--- a.txt\n+++ a.txt\n@@ -1,3 +1,3 @@\n--- a\n-++ b\n+-- c\n+++ d\n x\n",
            "will-write unique",
            "-- c\n++ d\nx\n",
        ),
    ]);
}

#[test]
fn white_space_is_forgiven_only_by_a_person() {
    let file = "def f():\n        one()\n        two()\n";
    let diff = "--- a.txt\n+++ a.txt\n@@ @@\n     one()\n-    two()\n+    if x:\n+        two()\n";
    assert_eq!(outcome(file, diff), ("needs-you adjusted".to_owned(), file.to_owned()));
    let tree = Tree::git(&[("a.txt", file)]);
    let kept = crate::fix::case::kept(&tree, &read(&tree, diff.as_bytes()).proposals);
    let after = crate::fix::case::after(&tree, &kept, "a.txt");
    assert_eq!(after, "def f():\n        one()\n        if x:\n            two()\n");
}

#[test]
fn what_quell_does_not_do_to_a_file_is_refused_with_the_reason() {
    let hunk = "@@ -1 +1 @@\n-one\n+1\n";
    let names = "--- a/a.txt\n+++ b/a.txt\n";
    let rows = [
        ("new file mode 100755\n--- /dev/null\n+++ b/n.sh\n@@ -0,0 +1 @@\n+x\n", "makes a program"),
        ("new file mode 100644\ndeleted file mode 100644\n", "contradicts itself"),
        ("similarity index 90%\ncopy from a.txt\ncopy to b.txt\n", "copies"),
        ("old mode 100644\nnew mode 100755\nrename from a.txt\nrename to b.txt\n", "mode"),
        (&format!("old mode 100644\nnew mode 100755\n{names}{hunk}"), "mode"),
        ("new file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n", "symbolic link"),
        (&format!("index 1234567..89abcde 120000\n{names}{hunk}"), "symbolic link"),
        (&format!("index 1234567..89abcde 160000\n{names}{hunk}"), "submodule"),
        ("index 1234567..89abcde 100644\nBinary files a/a.txt and b/a.txt differ\n", "binary"),
        ("index 1234567..89abcde 100644\nGIT binary patch\nliteral 3\nKc$abc\n", "binary"),
    ];
    for (body, reason) in rows {
        let tree = Tree::git(&[("a.txt", FILE)]);
        let plan = plan(&tree, format!("diff --git a/a.txt b/a.txt\n{body}").as_bytes());
        assert_eq!(verdicts(&plan), ["cannot flagged"], "{body}");
        assert!(plan.fixes[0].why.contains(reason), "{}", plan.fixes[0].why);
        assert!(plan.files.is_empty());
    }
}

#[test]
fn what_is_no_unified_diff_is_a_problem_and_the_rest_needs_a_person() {
    let tree = Tree::git(&[("a.txt", FILE)]);
    for (text, reason) in [
        (format!("{PLAIN}diff --cc b.txt\n@@@ -1,1 -1,1 +1,1 @@@\n- a\n"), "combined diff"),
        (format!("{PLAIN}*** c.txt\n--- d.txt\n***************\n*** 1 ****\n! x\n"), "context diff"),
        ("@@ -1 +1 @@\n-one\n+1\n".to_owned(), "without the name of a file"),
    ] {
        let read = read(&tree, text.as_bytes());
        assert!(read.problems.iter().any(|problem| problem.reason.contains(reason)), "{:?}", read.problems);
        let plan = crate::fix::case::planned(&tree, &read.proposals);
        assert!(plan.files.is_empty(), "{reason}");
    }
}

#[test]
fn a_series_is_one_proposal_where_its_mails_change_the_same_file() {
    let mail = |number: u32, subject: &str, diff: &str| {
        format!(
            "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nSubject: [PATCH {number}/3] {subject}\n\n---\n{diff}-- \n2.47.3\n\n"
        )
    };
    let second = "--- a/a.txt\n+++ b/a.txt\n@@ -2,3 +2,3 @@\n two\n-3\n+III\n four\n";
    let other = "--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-x\n+y\n";
    let text = mail(1, "digits", PLAIN) + &mail(2, "another file", other) + &mail(3, "Roman ones", second);
    let tree = Tree::git(&[("a.txt", FILE), ("b.txt", "x\n")]);
    let plan = plan(&tree, text.as_bytes());
    let titles: Vec<&str> = plan.fixes.iter().map(|fix| fix.title.as_str()).collect();
    assert_eq!(titles, ["digits (and 1 more)", "another file"]);
    assert_eq!(verdicts(&plan), ["will-write unique", "will-write unique"]);
    assert_eq!(crate::fix::case::after(&tree, &plan, "a.txt"), FILE.replace("three", "III"));
}

#[test]
fn several_files_are_one_proposal_all_or_none() {
    let tree = Tree::git(&[("a.txt", FILE), ("b.txt", "x\n")]);
    let good = format!("{PLAIN}--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-x\n+y\n");
    let both = plan(&tree, good.as_bytes());
    assert_eq!(both.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["a.txt", "b.txt"]);
    let none = plan(&tree, good.replace("-x", "-z").as_bytes());
    assert!(none.files.is_empty());
}

#[test]
fn a_text_in_utf_16_is_read() {
    let tree = Tree::git(&[("a.txt", FILE)]);
    let units: Vec<u8> = format!("\u{feff}{PLAIN}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(verdicts(&plan(&tree, &units)), ["will-write unique"]);
}
