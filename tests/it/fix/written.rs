//! What was previewed is written, whole, and can be taken back.

use std::os::unix::fs::PermissionsExt;

use proptest::prelude::*;
use quell::fix::apply;
use quell::repo::log::Note;
use quell::repo::write::WriteError;

use super::case::{With, fix, line, planned, region};
use crate::support::thorough::cases;
use crate::support::tree::Tree;

#[test]
fn the_previewed_bytes_are_written_and_undone() {
    let tree = Tree::git(&[("a.py", "one\ntwo\n"), ("b.py", "three\n")]);
    let fixes = [fix("a.py", line(2), "2\nII").of("one\ntwo\n"), fix("b.py", line(1), "3").of("three\n")];
    let plan = planned(&tree, &fixes);
    let written = apply(&tree.repo(), &plan, Note { events: vec!["e1".to_owned()], ..Note::default() }).unwrap();
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
    assert_eq!(apply(&tree.repo(), &plan, Note::default()).unwrap_err(), WriteError::Changed("b.py".to_owned()));
    assert_eq!(tree.text("a.py"), "one\n");
}

#[test]
fn an_empty_plan_writes_nothing() {
    let tree = Tree::git(&[("a.py", "one\n")]);
    let plan = planned(&tree, &[fix("a.py", line(9), "1").of("one\n")]);
    let error = apply(&tree.repo(), &plan, Note::default()).unwrap_err();
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
    apply(&tree.repo(), &first, Note::default()).unwrap();
    let then = planned(&tree, &fixes);
    let said: Vec<&str> = then.fixes.iter().map(|fix| fix.why.as_str()).collect();
    assert_eq!(then.files.len(), 1, "{said:#?}");
    apply(&tree.repo(), &then, Note::default()).unwrap();
    assert_eq!(tree.text("a.py"), "a = safe(x)\n# done\nb = 1\nb = 2\nb = 3\nb = 4\nc = safe(y)\n");
}

#[test]
fn a_second_batch_right_beside_the_first_finds_its_lines() {
    let text = "def f(x):\n    a = md5(x)\n    b = md5(x)\n    c = md5(x)\n    return a\n";
    let tree = Tree::git(&[("a.py", text)]);
    let revision = tree.repo().head().unwrap();
    let of = |number: u32, insert: &str| fix("a.py", line(number), insert).revision(&revision);
    let batches = [of(3, "    # safe\n    b = safe(x)"), of(2, "    a = safe(x)"), of(4, "    c = safe(x)")];
    for one in batches {
        let plan = planned(&tree, &[one]);
        assert_eq!(plan.files.len(), 1, "{}", plan.fixes[0].why);
        apply(&tree.repo(), &plan, Note::default()).unwrap();
    }
    let wanted = "def f(x):\n    a = safe(x)\n    # safe\n    b = safe(x)\n    c = safe(x)\n    return a\n";
    assert_eq!(tree.text("a.py"), wanted);
}

#[test]
fn a_fix_that_was_left_out_is_placed_again() {
    let text = "import a\n\nrun(a, b)\nstop()\n";
    let tree = Tree::git(&[("a.py", text)]);
    let revision = tree.repo().head().unwrap();
    let one = fix("a.py", region(3, 1, 3, 4), "safe").revision(&revision);
    let two = fix("a.py", region(3, 4, 4, 7), "(b)\nstop()").revision(&revision);
    let plan = planned(&tree, &[one.clone(), two.clone()]);
    assert_eq!(super::case::verdicts(&plan), ["will-write exact", "cannot conflict"]);
    assert_eq!(
        (plan.fixes[0].conflicts.as_slice(), plan.fixes[1].conflicts.as_slice()),
        ([two.id].as_slice(), [one.id].as_slice())
    );
    assert!(plan.fixes[0].why.contains(&two.id.to_string()) && plan.fixes[1].why.contains(&one.id.to_string()));
    apply(&tree.repo(), &plan, Note::default()).unwrap();
    let then = planned(&tree, &[two]);
    assert_eq!(super::case::verdicts(&then), ["cannot stale"], "its line is another one now: {}", then.fixes[0].why);
}

/// Bytes and modes of all files.
fn state(tree: &Tree) -> Vec<(String, Vec<u8>, u32)> {
    let one = |path: String| {
        let file = tree.root().join(&path);
        (path, std::fs::read(&file).unwrap(), std::fs::metadata(file).unwrap().permissions().mode())
    };
    tree.files().into_iter().map(one).collect()
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn undo_restores_bytes_modes_and_files(
        texts in prop::collection::vec(("[a-z\n\r\u{feff}é]{0,40}", any::<bool>()), 1..5),
        inserts in prop::collection::vec("[a-z\n ]{0,8}", 5),
        is_git in any::<bool>(),
    ) {
        let tree = if is_git { Tree::git(&[("other", "")]) } else { Tree::plain(&[("other", "")]) };
        let mut fixes = Vec::new();
        for (number, ((text, is_executable), insert)) in texts.iter().zip(&inserts).enumerate() {
            let path = format!("d{}/f{number}", number % 2);
            tree.write(&path, text);
            let mode = if *is_executable { 0o750 } else { 0o640 };
            std::fs::set_permissions(tree.root().join(&path), std::fs::Permissions::from_mode(mode)).unwrap();
            fixes.push(fix(&path, region(1, 1, 1, 1), insert).of(text));
        }
        let before = state(&tree);
        let plan = planned(&tree, &fixes);
        prop_assert_eq!(format!("{plan:?}"), format!("{:?}", planned(&tree, &fixes)), "the same twice");
        if !plan.files.is_empty() {
            let written = apply(&tree.repo(), &plan, Note::default()).unwrap();
            for file in &plan.files {
                prop_assert_eq!(std::fs::read(tree.root().join(&file.path)).unwrap(), file.after.to_vec());
            }
            let after = state(&tree);
            let modes = |state: &[(String, Vec<u8>, u32)]| state.iter().map(|(path, _, mode)| (path.clone(), *mode)).collect::<Vec<_>>();
            prop_assert_eq!(modes(&before), modes(&after));
            tree.repo().undo_entry(&written.entry).unwrap();
            prop_assert_eq!(&state(&tree), &before);
            tree.repo().redo_entry(&written.entry).unwrap();
            prop_assert_eq!(&state(&tree), &after);
        }
    }

    #[test]
    fn disjoint_batches_commute(lines in prop::collection::btree_set(0u32..30, 2..9), seed in any::<u64>()) {
        let text: String = (0..30).map(|number| format!("value_{number} = run({number})\n")).collect();
        let made = |order: &[u32]| {
            let tree = Tree::git(&[("a.py", &text)]);
            let revision = tree.repo().head().unwrap();
            for number in order {
                let insert = format!("value_{number} = safe({number})\n# was line {number}");
                let plan = planned(&tree, &[fix("a.py", line(number + 1), &insert).revision(&revision)]);
                assert_eq!(plan.files.len(), 1, "{}", plan.fixes[0].why);
                apply(&tree.repo(), &plan, Note::default()).unwrap();
            }
            tree.text("a.py")
        };
        let order: Vec<u32> = lines.into_iter().collect();
        let mut other = order.clone();
        other.reverse();
        other.rotate_left(usize::try_from(seed % 30).unwrap() % order.len());
        prop_assert_eq!(made(&order), made(&other));
    }
}
