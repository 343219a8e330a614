//! Several fixes at once.

use proptest::prelude::*;
use quell::fix::diff::file_diff;
use quell::fix::{Choice, plan};
use quell::model::fix::Proposal;

use super::case::{With, after, fix, line, of_edits, planned, region, verdicts};
use crate::support::thorough::cases;
use crate::support::tree::Tree;

const TEXT: &str = "one two three\nfour\nfive\n";

fn tree() -> Tree {
    Tree::plain(&[("a.txt", TEXT), ("b.txt", TEXT)])
}

fn word(path: &str, from: u32, to: u32, insert: &str) -> Proposal {
    fix(path, region(1, from, 1, to), insert).of(TEXT)
}

#[test]
fn disjoint_fixes_are_joined_and_shown_alone() {
    let tree = tree();
    let plan = planned(&tree, &[word("a.txt", 9, 14, "3"), word("a.txt", 1, 4, "1"), word("b.txt", 5, 8, "2")]);
    assert_eq!(after(&tree, &plan, "a.txt"), "1 two 3\nfour\nfive\n");
    assert_eq!(plan.files.len(), 2);
    assert_eq!(plan.totals(), (2, 2));
    let shown: String =
        plan.fixes[1].diffs[0].hunks[0].lines.iter().flat_map(|line| &line.parts).map(|part| part.1.as_str()).collect();
    assert!(shown.contains("1 two three") && !shown.contains("two 3"), "{shown}");
}

#[test]
fn the_same_edit_is_made_once() {
    let tree = tree();
    let mut twin = word("a.txt", 1, 4, "1");
    twin.id.0 += 1;
    let plan = planned(&tree, &[word("a.txt", 1, 4, "1"), twin]);
    assert_eq!(verdicts(&plan), ["will-write exact", "will-write exact"]);
    assert_eq!(after(&tree, &plan, "a.txt"), "1 two three\nfour\nfive\n");
    assert_eq!(plan.files[0].fixes.len(), 2);
}

#[test]
fn the_later_of_two_that_meet_is_a_conflict() {
    let first = word("a.txt", 5, 8, "2");
    for (from, to) in [(1, 6), (6, 7), (8, 14), (1, 5), (5, 5), (8, 8), (1, 14), (5, 8)] {
        let plan = planned(&tree(), &[first.clone(), word("a.txt", from, to, "x")]);
        assert_eq!(verdicts(&plan), ["will-write exact", "cannot conflict"], "{from}-{to}");
        let wanted = format!("a.txt: line 1 is changed by {} (use the safe call); drop one of the two", first.id);
        assert_eq!(plan.fixes[1].why, wanted);
        assert!(!plan.fixes[1].diffs.is_empty());
    }
    let choice = Choice { dropped: vec![first.id], ..Choice::default() };
    let plan = plan(&tree().repo(), &[first, word("a.txt", 1, 6, "x")], &choice);
    assert_eq!(verdicts(&plan), ["will-write exact"]);
}

#[test]
fn a_fix_of_several_files_is_whole_or_not_at_all() {
    let tree = tree();
    let edit = |path: &str, content: &str| fix(path, line(2), "4").of(content).edits.remove(0);
    let whole = of_edits(vec![edit("a.txt", TEXT), edit("b.txt", TEXT)]);
    assert_eq!(planned(&tree, &[whole]).files.len(), 2);
    let broken = of_edits(vec![edit("a.txt", TEXT), edit("b.txt", "something else")]);
    let plan = planned(&tree, &[broken]);
    assert_eq!(verdicts(&plan), ["cannot stale"]);
    assert!(plan.files.is_empty());
    assert!(plan.fixes[0].why.starts_with("b.txt: "), "{}", plan.fixes[0].why);
    let conflict = of_edits(vec![edit("a.txt", TEXT), edit("b.txt", TEXT)]);
    let plan = planned(&tree, &[fix("b.txt", line(2), "IV").of(TEXT), conflict]);
    assert_eq!(verdicts(&plan), ["will-write exact", "cannot conflict"]);
    assert_eq!(plan.files.len(), 1);
}

#[test]
fn edits_of_one_fix_that_overlap_are_refused() {
    let mut proposal = word("a.txt", 1, 6, "x");
    let other = word("a.txt", 5, 8, "y").edits[0].edits[0].clone();
    proposal.edits[0].edits.push(other);
    let plan = planned(&tree(), std::slice::from_ref(&proposal));
    assert_eq!(verdicts(&plan), ["cannot flagged"]);
    proposal.edits[0].sha256 = None;
    let plan = planned(&tree(), &[proposal]);
    assert_eq!(verdicts(&plan), ["cannot flagged"], "the file is not to blame");
    assert!(plan.fixes[0].why.contains("its own edits overlap"), "{}", plan.fixes[0].why);
}

/// Edits of a text of words: which are replaced, by what, and an order.
fn edits() -> impl Strategy<Value = (Vec<(u32, String)>, u64)> {
    (prop::collection::btree_map(0u32..40, "[a-zé\n]{0,4}", 1..12), any::<u64>())
        .prop_map(|(map, seed)| (map.into_iter().collect(), seed))
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_batch_is_the_sum_of_its_fixes(edits in edits(), ends in prop::sample::select(vec!["\n", "\r\n"])) {
        let (edits, seed) = edits;
        let text: String = (0..40).map(|number| format!("é word{number:02} end{ends}")).collect();
        let proposal = |text: &str, line: u32, insert: &str| {
            let seen = region(line + 1, 3, line + 1, 9);
            fix("a.txt", seen, insert).of(text).seen(seen, &format!("word{line:02}"))
        };
        let tree = Tree::plain(&[("a.txt", &text)]);
        let mut batch: Vec<Proposal> = edits.iter().map(|(line, insert)| proposal(&text, *line, insert)).collect();
        let plan = planned(&tree, &batch);
        let joined = after(&tree, &plan, "a.txt");
        for file in &plan.files {
            // Made of the lines around the edits alone, it is that of the whole file.
            prop_assert_eq!(&file.diff, &file_diff(&file.path, &file.before, &file.after));
        }

        let len = batch.len();
        batch.rotate_left(usize::try_from(seed % 12).unwrap() % len);
        if seed % 2 == 0 {
            batch.reverse();
        }
        prop_assert_eq!(&after(&tree, &planned(&tree, &batch), "a.txt"), &joined);

        // From the last line to the first, so that no fix moves the next one.
        let mut folded = text;
        for (line, insert) in edits.iter().rev() {
            tree.write("a.txt", &folded);
            folded = after(&tree, &planned(&tree, &[proposal(&folded, *line, insert)]), "a.txt");
        }
        prop_assert_eq!(folded, joined);
    }
}
