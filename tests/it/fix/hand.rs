//! Hunks that a person leaves out or writes otherwise.

use proptest::prelude::*;
use quell::fix::{Choice, apply, plan};
use quell::model::fix::Proposal;
use quell::model::plan::{FixState, HunkChoice, HunkId, HunkState, HunkWish, Plan};
use quell::repo::log::{ByHand, Note};

use super::case::{With, after, fix, line, of_edits, planned, verdicts};
use crate::support::thorough::cases;
use crate::support::tree::Tree;

/// Forty numbered lines.
fn text(end: &str) -> String {
    (1..=40).map(|number| format!("line {number}{end}")).collect()
}

/// One fix that changes the lines 2, 20 and 38.
fn three(path: &str, content: &str) -> Proposal {
    let edit = |number: u32| fix(path, line(number), &format!("NEW {number}")).of(content).edits.remove(0);
    let mut whole = edit(2);
    whole.edits.extend([20, 38].map(|number| edit(number).edits.remove(0)));
    of_edits(vec![whole])
}

fn ids(plan: &Plan) -> Vec<HunkId> {
    plan.fixes[0].diffs.iter().flat_map(|diff| &diff.hunks).map(|hunk| hunk.id).collect()
}

fn states(plan: &Plan) -> Vec<HunkState> {
    plan.fixes[0].diffs.iter().flat_map(|diff| &diff.hunks).map(|hunk| hunk.state).collect()
}

/// The plan with these wishes for hunks, by their numbers.
fn wished(tree: &Tree, proposal: &Proposal, wishes: &[(usize, HunkWish)]) -> Plan {
    let ids = ids(&planned(tree, std::slice::from_ref(proposal)));
    let choice =
        |(number, wish): &(usize, HunkWish)| HunkChoice { fix: proposal.id, hunk: ids[*number], wish: wish.clone() };
    let hunks = wishes.iter().map(choice).collect();
    plan(&tree.repo(), std::slice::from_ref(proposal), &Choice { hunks, ..Choice::default() })
}

fn typed(text: &str) -> HunkWish {
    HunkWish::Text(text.to_owned())
}

#[test]
fn a_hunk_that_is_left_out_is_shown_and_not_written() {
    for end in ["\n", "\r\n"] {
        let content = text(end);
        let tree = Tree::plain(&[("a.txt", &content)]);
        let proposal = three("a.txt", &content);
        let plan = wished(&tree, &proposal, &[(1, HunkWish::Drop)]);
        assert_eq!(verdicts(&plan), ["will-write exact"]);
        assert_eq!(states(&plan), [HunkState::Whole, HunkState::Dropped, HunkState::Whole]);
        let wanted = content.replace(&format!("line 2{end}"), &format!("NEW 2{end}"));
        let wanted = wanted.replace(&format!("line 38{end}"), &format!("NEW 38{end}"));
        assert_eq!(after(&tree, &plan, "a.txt"), wanted);
        assert_eq!(plan.totals(), (2, 2));
        assert_eq!((plan.fixes[0].diffs[0].added, plan.fixes[0].diffs[0].removed), (2, 2));
        assert!(plan.fixes[0].why.ends_with("; 2 of 3 hunks, as you chose"), "{}", plan.fixes[0].why);
    }
}

#[test]
fn a_fix_changed_by_hand_is_logged_so_and_undone_byte_for_byte() {
    let content = text("\n");
    let tree = Tree::git(&[("a.txt", &content)]);
    let proposal = three("a.txt", &content);
    let plan = wished(&tree, &proposal, &[(0, HunkWish::Drop), (2, typed(" line 37\n-line 38\n+mine\n line 39\n"))]);
    let written = apply(&tree.repo(), &plan, Note::default()).unwrap();
    assert_eq!(tree.text("a.txt"), content.replace("line 20\n", "NEW 20\n").replace("line 38\n", "mine\n"));
    assert_eq!(tree.text("a.txt"), String::from_utf8(plan.files[0].after.to_vec()).unwrap(), "what was previewed");
    assert_eq!(written.summary, "wrote 1 fix in 1 file, 1 changed by hand (+2 -2)");
    let entry = tree.repo().log().unwrap().pop().unwrap();
    let by_hand = ByHand { fix: proposal.id.to_string(), hunks: 3, dropped: 1, edited: 1 };
    assert_eq!(entry.note.by_hand, [by_hand]);
    tree.repo().undo_entry(&written.entry).unwrap();
    assert_eq!(tree.text("a.txt"), content);
}

#[test]
fn a_file_without_a_hunk_that_is_written_is_not_in_the_batch() {
    let content = text("\n");
    let tree = Tree::plain(&[("a.txt", &content), ("b.txt", &content)]);
    let edit = |path: &str| fix(path, line(2), "NEW").of(&content).edits.remove(0);
    let proposal = of_edits(vec![edit("a.txt"), edit("b.txt")]);
    let plan = wished(&tree, &proposal, &[(0, HunkWish::Drop)]);
    assert_eq!(verdicts(&plan), ["will-write exact"]);
    assert_eq!(plan.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["b.txt"]);
    assert_eq!(plan.fixes[0].files, ["b.txt"]);
    let none = wished(&tree, &proposal, &[(0, HunkWish::Drop), (1, HunkWish::Drop)]);
    assert_eq!(verdicts(&none), ["needs-you flagged"]);
    assert!(none.files.is_empty());
}

#[test]
fn one_edit_over_several_hunks_is_cut_between_them() {
    let content = text("\n");
    let changed = content.replace("line 2\n", "NEW 2\n").replace("line 38\n", "NEW 38\n");
    let tree = Tree::plain(&[("a.txt", &content)]);
    let whole = super::case::region(1, 0, 40, 0);
    let proposal = fix("a.txt", whole, changed.trim_end()).of(&content);
    assert_eq!(ids(&planned(&tree, std::slice::from_ref(&proposal))).len(), 2);
    let plan = wished(&tree, &proposal, &[(0, HunkWish::Drop)]);
    assert_eq!(after(&tree, &plan, "a.txt"), content.replace("line 38\n", "NEW 38\n"));
}

#[test]
fn dropping_the_hunk_that_meets_another_fix_ends_the_conflict() {
    let content = text("\n");
    let tree = Tree::plain(&[("a.txt", &content)]);
    let (first, second) = (fix("a.txt", line(20), "FIRST").of(&content), three("a.txt", &content));
    let both = [first, second.clone()];
    let plan_of = |hunks| plan(&tree.repo(), &both, &Choice { hunks, ..Choice::default() });
    let before = plan_of(Vec::new());
    assert_eq!(verdicts(&before), ["will-write exact", "cannot conflict"]);
    let hunk = before.fixes[1].diffs[0].hunks[1].id;
    let after_it = plan_of(vec![HunkChoice { fix: second.id, hunk, wish: HunkWish::Drop }]);
    assert_eq!(verdicts(&after_it), ["will-write exact", "will-write exact"]);
    let text = after(&tree, &after_it, "a.txt");
    assert!(text.contains("FIRST\n") && text.contains("NEW 2\n") && !text.contains("NEW 20\n"), "{text}");
}

#[test]
fn an_edited_hunk_is_written_as_it_was_typed() {
    let content = text("\n");
    for (typed_text, old, new) in [
        // Another line in its place, more lines, none.
        (" line 19\n-line 20\n+mine\n line 21\n", "line 20\n", "mine\n"),
        ("@@ -1 +1 @@\n line 19\n-line 20\n+one\n+two\n line 21\n", "line 20\n", "one\ntwo\n"),
        ("-line 20\n", "line 20\n", ""),
        // Its lines kept, and another one goes.
        (" line 20\n-line 21\n", "line 21\n", ""),
        // A line above it, which was not in the hunk.
        (" line 16\n-line 17\n line 18\n line 19\n line 20\n", "line 17\n", ""),
        // As editors leave it.
        (" line 19\r\n-line 20\r\n+mine\r\n\n\n", "line 20\n", "mine\n"),
        (" line 19   \n-line 20\n+  mine  \n", "line 20\n", "  mine  \n"),
    ] {
        let tree = Tree::plain(&[("a.txt", &content)]);
        let plan = wished(&tree, &three("a.txt", &content), &[(1, typed(typed_text))]);
        let wanted = content.replace("line 2\n", "NEW 2\n").replace("line 38\n", "NEW 38\n").replacen(old, new, 1);
        assert_eq!(after(&tree, &plan, "a.txt"), wanted, "{typed_text}: {}", plan.fixes[0].why);
        assert_eq!(states(&plan)[1], HunkState::Edited, "{typed_text}");
    }
}

#[test]
fn line_ends_and_the_end_of_the_file_stay_what_they_were() {
    for (content, typed_text, wanted) in [
        ("a\r\nb\r\nc\r\n", " a\n-b\n+B\n+more\n c\n", "a\r\nB\r\nmore\r\nc\r\n"),
        ("a\nb\nc", " a\n-b\n+B\n c\n\\ No newline at end of file\n", "a\nB\nc"),
        ("a\nb\nc", " a\n b\n-c\n+C\n\\ No newline at end of file\n", "a\nb\nC"),
        ("a\nb\nc", " a\n b\n-c\n+C\n", "a\nb\nC\n"),
        ("a\nb\nc", " a\n b\n c\n+d\n", "a\nb\nc\nd\n"),
    ] {
        let tree = Tree::plain(&[("a.txt", content)]);
        let proposal = fix("a.txt", line(2), "NEW").of(content);
        let plan = wished(&tree, &proposal, &[(0, typed(typed_text))]);
        assert_eq!(after(&tree, &plan, "a.txt"), wanted, "{content:?}: {}", plan.fixes[0].why);
    }
}

#[test]
fn lines_of_the_source_keep_their_bytes() {
    // The second line is not UTF-8, and neither is what the text says of it.
    let bytes = b"one\ncaf\xe9\nthree\nfour\n".to_vec();
    let tree = Tree::plain(&[]);
    std::fs::write(tree.root().join("a.txt"), &bytes).unwrap();
    let patch = "--- a/a.txt\n+++ b/a.txt\n@@ -3,2 +3,2 @@\n-three\n+THREE\n four\n";
    let source = quell::fix::read::format::Source { name: "a.patch", made: None, folder: "", provider: None };
    let proposal = quell::fix::read::format::read(&tree.repo(), &source, patch.as_bytes()).unwrap().proposals.remove(0);
    let plan = wished(&tree, &proposal, &[(0, typed(" one\n caf\u{fffd}\n-three\n+mine\n four\n"))]);
    assert_eq!(plan.files[0].after.to_vec(), b"one\ncaf\xe9\nmine\nfour\n", "{}", plan.fixes[0].why);
    let plan = wished(&tree, &proposal, &[(0, typed(" one\n+caf\u{fffd}\n-three\n four\n"))]);
    assert!(plan.files.is_empty());
}

#[test]
fn a_text_that_cannot_be_used_writes_nothing_and_says_why() {
    let content = text("\n");
    for (typed_text, why) in [
        (" line 19\nline 20\n", "`line 20` begins with none of blank, - and +"),
        (" line 19\n-line twenty\n+x\n", "`line twenty` is not a line of the file there"),
        (" line 20\n line 19\n+x\n", "do not stand in the file in this order"),
        ("+x\n", "leave a line of the file in it"),
        (" line 19\n line 20\n", "it changes nothing; n leaves the hunk out"),
        ("@@ -1 +1 @@\n line 19\n-line 20\n@@ -3 +3 @@\n", "it has two hunks"),
        // Lines that another hunk changes.
        (&text("\n").lines().skip(19).map(|line| format!("-{line}\n")).collect::<String>(), "another hunk of the fix"),
    ] {
        let tree = Tree::plain(&[("a.txt", &content)]);
        let plan = wished(&tree, &three("a.txt", &content), &[(1, typed(typed_text))]);
        assert_eq!(verdicts(&plan), ["needs-you flagged"], "{typed_text}");
        assert!(plan.fixes[0].why.contains(why), "{typed_text}: {}", plan.fixes[0].why);
        assert!(plan.fixes[0].why.starts_with("a.txt: your hunk at line 17: "), "{}", plan.fixes[0].why);
        assert_eq!(states(&plan)[1], HunkState::Broken);
        assert!(plan.files.is_empty());
    }
    let repeated = "x\n".repeat(9) + "old\n" + &"x\n".repeat(9);
    let tree = Tree::plain(&[("a.txt", &repeated)]);
    let plan = wished(&tree, &fix("a.txt", line(10), "new").of(&repeated), &[(0, typed(" x\n+y\n"))]);
    assert!(plan.fixes[0].why.contains("it fits in several places"), "{}", plan.fixes[0].why);
}

/// What was typed passes the checks of every fix, also where the fix itself was kept by a person before.
#[test]
fn what_is_typed_is_checked_as_a_fix_is() {
    let content = "import os\n\ndef run(name):\n    return name\n";
    for (typed_text, doubt) in [
        (" def run(name):\n-    return name\n+    return (name\n", "round brackets"),
        (" def run(name):\n-    return name\n+    return na\u{202e}me\n", "hidden or control character"),
        (" def run(name):\n-    return name\n+    return get('https://example.org/x')\n", "an address on the net"),
    ] {
        let tree = Tree::plain(&[("a.py", content)]);
        let plan = wished(&tree, &fix("a.py", line(4), "    return str(name)").of(content), &[(0, typed(typed_text))]);
        assert_eq!(verdicts(&plan), ["needs-you flagged"], "{typed_text}");
        assert!(plan.fixes[0].why.contains(doubt), "{typed_text}: {}", plan.fixes[0].why);
    }
}

#[test]
fn what_is_left_of_a_fix_that_needs_a_person_needs_him_too() {
    let content = text("\n");
    let tree = Tree::plain(&[("a.txt", &content)]);
    let mut proposal = three("a.txt", &content);
    proposal.edits[0].edits[1].insert.push('\u{202e}');
    assert_eq!(verdicts(&planned(&tree, std::slice::from_ref(&proposal))), ["needs-you flagged"]);
    let left = wished(&tree, &proposal, &[(1, HunkWish::Drop)]);
    assert_eq!(verdicts(&left), ["needs-you flagged"]);
    let why = &left.fixes[0].why;
    assert!(why.starts_with("y keeps what is left of it; as a whole it was left to you: a.txt: it adds 1"), "{why}");
    let hunk = left.fixes[0].diffs[0].hunks[1].id;
    let hunks = vec![HunkChoice { fix: proposal.id, hunk, wish: HunkWish::Drop }];
    let choice = Choice { hunks, include: vec![proposal.id], ..Choice::default() };
    let kept = plan(&tree.repo(), std::slice::from_ref(&proposal), &choice);
    assert_eq!(verdicts(&kept), ["will-write exact"]);
    assert!(!after(&tree, &kept, "a.txt").contains('\u{202e}'));
}

#[test]
fn a_hunk_is_known_again_while_the_file_changes_around_it() {
    let content = text("\n");
    let tree = Tree::plain(&[("a.txt", &content)]);
    let patch = "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n line 1\n-line 2\n+NEW 2\n line 3\n\
        @@ -37,3 +37,3 @@\n line 37\n-line 38\n+NEW 38\n line 39\n";
    let source = quell::fix::read::format::Source { name: "a.patch", made: None, folder: "", provider: None };
    let proposal = quell::fix::read::format::read(&tree.repo(), &source, patch.as_bytes()).unwrap().proposals.remove(0);
    let hunk = ids(&planned(&tree, std::slice::from_ref(&proposal)))[1];
    let choose = |content: &str| {
        tree.write("a.txt", content);
        let hunks = vec![HunkChoice { fix: proposal.id, hunk, wish: HunkWish::Drop }];
        plan(&tree.repo(), std::slice::from_ref(&proposal), &Choice { hunks, ..Choice::default() })
    };
    let moved = content.replace("line 20\n", "line 20\nanother\nand another\n");
    let plan = choose(&moved);
    assert_eq!(after(&tree, &plan, "a.txt"), moved.replace("line 2\n", "NEW 2\n"));
    // Somebody else has made the change: what was left out is not there.
    let plan = choose(&content.replace("line 38\n", "NEW 38\n"));
    assert_ne!(plan.fixes[0].state, FixState::WillWrite, "{}", plan.fixes[0].why);
    assert!(plan.files.is_empty());
}

proptest! {
    #![proptest_config(cases(120))]

    /// Hunk by hunk is the whole fix, in any order, whatever its edits are.
    #[test]
    fn a_fix_is_the_sum_of_its_hunks(
        lines in prop::collection::btree_map(1u32..40, "[a-cé\n]{0,5}", 1..9),
        kept in any::<u16>(),
        end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let content = text(end);
        let tree = Tree::plain(&[("a.txt", &content)]);
        let edit = |(number, insert): (&u32, &String)| fix("a.txt", line(*number), insert).of(&content).edits.remove(0);
        let mut edits = lines.iter().map(edit);
        let mut whole = edits.next().unwrap();
        whole.edits.extend(edits.map(|mut edit| edit.edits.remove(0)));
        let proposal = of_edits(vec![whole]);
        let before = planned(&tree, std::slice::from_ref(&proposal));
        prop_assume!(before.fixes[0].state == FixState::WillWrite);
        let count = ids(&before).len();
        let is_kept = |number: usize| kept >> (number % 16) & 1 == 1;
        let dropped = (0..count).filter(|number| !is_kept(*number));
        let dropped: Vec<(usize, HunkWish)> = dropped.map(|number| (number, HunkWish::Drop)).collect();
        prop_assume!(dropped.len() < count);
        let some = wished(&tree, &proposal, &dropped);
        // What is shown of the hunks that are kept, made by hand.
        let mut wanted: Vec<String> = Vec::new();
        let old: Vec<&str> = content.split_inclusive('\n').collect();
        let new: String = String::from_utf8(before.files[0].after.to_vec()).unwrap();
        let new: Vec<&str> = new.split_inclusive('\n').collect();
        let mut at = 0;
        for (number, hunk) in before.fixes[0].diffs[0].hunks.iter().enumerate() {
            let start = (hunk.old_start as usize).saturating_sub(1);
            wanted.extend(old[at..start].iter().map(|line| (*line).to_owned()));
            at = start + hunk.old_lines as usize;
            let (lines, from, count) = if is_kept(number) {
                (&new, (hunk.new_start as usize).saturating_sub(1), hunk.new_lines as usize)
            } else {
                (&old, start, hunk.old_lines as usize)
            };
            wanted.extend(lines[from..from + count].iter().map(|line| (*line).to_owned()));
        }
        wanted.extend(old[at..].iter().map(|line| (*line).to_owned()));
        prop_assert_eq!(after(&tree, &some, "a.txt"), wanted.concat());
    }
}
