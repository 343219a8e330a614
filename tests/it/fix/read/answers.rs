//! Answers of coding agents: blocks to search for, and patches with headings.

use super::{FILE, FIXED, check, outcome, read};
use crate::support::tree::Tree;

fn block(search: &str, replace: &str) -> String {
    format!("a.txt\n```\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n```\n")
}

fn patch(body: &str) -> String {
    format!("*** Begin Patch\n*** Update File: a.txt\n{body}*** End Patch\n")
}

const TWO: &str = "class A:\n    def f(self):\n        go()\n\nclass B:\n    def f(self):\n        go()\n";

#[test]
fn blocks_name_what_they_replace() {
    let last = TWO.trim_end();
    check(&[
        ("a block", FILE, &block("three\n", "3\n"), "will-write unique", FIXED),
        (
            "in prose",
            FILE,
            &format!("I will change **`a.txt`**:\n\n{}\nDone.\n", block("three\n", "3\n")),
            "will-write unique",
            FIXED,
        ),
        (
            "a name as a heading",
            FILE,
            &block("three\n", "3\n").replace("a.txt\n", "### `a.txt`\n"),
            "will-write unique",
            FIXED,
        ),
        ("\\r\\n in the file", "one\r\ntwo\r\n", &block("two\n", "2\n3\n"), "will-write unique", "one\r\n2\r\n3\r\n"),
        ("lines that go", FILE, &block("three\nfour\n", ""), "will-write unique", &FILE.replace("three\nfour\n", "")),
        (
            "a second block on what the first has made",
            FILE,
            &(block("three\n", "3\n") + &block("3\n", "III\n")),
            "will-write unique",
            &FILE.replace("three", "III"),
        ),
        ("a block that stands twice", TWO, &block("        go()\n", "        stop()\n"), "cannot ambiguous", TWO),
        (
            "a block with its surroundings",
            TWO,
            &block("class B:\n    def f(self):\n        go()\n", "class B:\n    def f(self):\n        stop()\n"),
            "will-write unique",
            &format!("{}stop()\n", last.strip_suffix("go()").unwrap()),
        ),
        ("nothing to search for", FILE, &block("", "x\n"), "cannot flagged", FILE),
        ("what stands nowhere", FILE, &block("drei\n", "3\n"), "cannot stale", FILE),
        ("what is there already", FIXED, &block("three\n", "3\n"), "cannot stale", FIXED),
    ]);
}

#[test]
fn an_insertion_is_not_made_twice() {
    let done = block("one\n", "one\none and a half\n");
    let (verdict, after) = outcome(FILE, &done);
    assert_eq!(verdict, "will-write unique");
    assert_eq!(outcome(&after, &done), ("cannot stale".to_owned(), after.clone()));
}

#[test]
fn a_block_without_its_end_or_its_file_is_a_problem() {
    let tree = Tree::git(&[("a.txt", FILE)]);
    for text in ["a.txt\n<<<<<<< SEARCH\nthree\n=======\n3\n", "<<<<<<< SEARCH\nthree\n=======\n3\n>>>>>>> REPLACE\n"] {
        let read = read(&tree, text.as_bytes());
        assert!(read.proposals.is_empty() && read.problems.len() == 1, "{read:?}");
    }
}

#[test]
fn patches_with_headings() {
    let second = format!("{}stop()\n", TWO.trim_end().strip_suffix("go()").unwrap());
    check(&[
        ("lines with context", FILE, &patch("@@\n two\n-three\n+3\n"), "will-write unique", FIXED),
        ("no marks between", FILE, &patch(" two\n-three\n+3\n"), "will-write unique", FIXED),
        ("below a heading", TWO, &patch("@@ class B:\n-        go()\n+        stop()\n"), "will-write unique", &second),
        (
            "below a heading that both have",
            TWO,
            &patch("@@ def f(self):\n-        go()\n+        stop()\n"),
            "cannot ambiguous",
            TWO,
        ),
        ("at the end", "a\nb\na\n", &patch("@@\n-a\n+c\n*** End of File\n"), "will-write unique", "a\nb\nc\n"),
        ("not at the end", FILE, &patch("@@\n-three\n+3\n*** End of File\n"), "cannot stale", FILE),
        ("a new file", FILE, "*** Begin Patch\n*** Add File: n.txt\n+x\n*** End Patch\n", "will-write exact", FILE),
        (
            "a file that goes",
            FILE,
            "*** Begin Patch\n*** Delete File: a.txt\n*** End Patch\n",
            "needs-you flagged",
            FILE,
        ),
        ("a file that moves", FILE, &patch("*** Move to: b.txt\n@@\n-three\n+3\n"), "will-write unique", FIXED),
        ("no context", FILE, &patch("@@\n+x\n"), "cannot flagged", FILE),
    ]);
}

#[test]
fn a_patch_without_its_end_is_not_taken() {
    let tree = Tree::git(&[("a.txt", FILE)]);
    let whole = patch("@@\n-three\n+3\n");
    let read = read(&tree, whole.strip_suffix("*** End Patch\n").unwrap().as_bytes());
    assert!(read.proposals.is_empty() && read.problems[0].reason.contains("cut off"), "{read:?}");
}
