//! What was previewed is written, whole, and can be taken back.

use quell::fix::apply;
use quell::repo::write::WriteError;

use super::case::{With, fix, line, planned};
use crate::support::tree::Tree;

#[test]
fn the_previewed_bytes_are_written_and_undone() {
    let tree = Tree::git(&[("a.py", "one\ntwo\n"), ("b.py", "three\n")]);
    let fixes = [fix("a.py", line(2), "2\nII").of("one\ntwo\n"), fix("b.py", line(1), "3").of("three\n")];
    let plan = planned(&tree, &fixes);
    let written = apply(&tree.repo(), &plan, vec!["e1".to_owned()]).unwrap();
    assert_eq!(written.summary, "wrote 2 fixes in 2 files (+3 -2)");
    assert_eq!(written.files, ["a.py", "b.py"]);
    assert_eq!((tree.text("a.py"), tree.text("b.py")), ("one\n2\nII\n".to_owned(), "3\n".to_owned()));
    let entry = tree.repo().undo_entry(&written.entry).unwrap();
    assert_eq!(entry.note.fixes, [fixes[0].id.to_string(), fixes[1].id.to_string()]);
    assert_eq!(entry.note.events, ["e1"]);
    assert_eq!(tree.text("a.py"), "one\ntwo\n");
}

#[test]
fn a_file_that_changed_after_the_preview_stops_the_batch() {
    let tree = Tree::git(&[("a.py", "one\n"), ("b.py", "three\n")]);
    let plan = planned(&tree, &[fix("a.py", line(1), "1").of("one\n"), fix("b.py", line(1), "3").of("three\n")]);
    tree.write("b.py", "four\n");
    assert_eq!(apply(&tree.repo(), &plan, Vec::new()).unwrap_err(), WriteError::Changed("b.py".to_owned()));
    assert_eq!(tree.text("a.py"), "one\n");
}

#[test]
fn an_empty_plan_writes_nothing() {
    let tree = Tree::git(&[("a.py", "one\n")]);
    let plan = planned(&tree, &[fix("a.py", line(9), "1").of("one\n")]);
    let error = apply(&tree.repo(), &plan, Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "there is nothing to write");
    assert!(tree.repo().log().unwrap().is_empty());
}

#[test]
fn fixes_of_one_report_can_be_written_one_after_the_other() {
    let text = "a = md5(x)\nb = 1\nb = 2\nb = 3\nb = 4\nc = sha1(y)\n";
    let tree = Tree::git(&[("a.py", text)]);
    let of = |number: u32, shown: &str, insert: &str| {
        fix("a.py", line(number), insert).seen(line(number), shown).made(super::case::FIRST + 60)
    };
    let fixes = [of(1, "a = md5(x)", "a = safe(x)\n# done"), of(6, "c = sha1(y)", "c = safe(y)")];
    let first = planned(&tree, &fixes[..1]);
    apply(&tree.repo(), &first, Vec::new()).unwrap();
    let then = planned(&tree, &fixes);
    let said: Vec<&str> = then.fixes.iter().map(|fix| fix.why.as_str()).collect();
    assert_eq!(then.files.len(), 1, "{said:#?}");
    apply(&tree.repo(), &then, Vec::new()).unwrap();
    assert_eq!(tree.text("a.py"), "a = safe(x)\n# done\nb = 1\nb = 2\nb = 3\nb = 4\nc = safe(y)\n");
}
