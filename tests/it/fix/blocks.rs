//! Files of repeated blocks that were changed in every way that people change them, with the scanned version at hand:
//! no fix goes to another block, and nearly every one finds its own. `cargo bench --bench place` has 10,000 of them.

use std::collections::BTreeMap;

use quell::fix::{Choice, plan};
use quell::model::plan::FixState;

use super::case::{FIRST, With, after, fix, line};
use crate::support::tree::Tree;

#[path = "../../../benches/support/blocks.rs"]
pub(super) mod made;

use crate::support::thorough::is_thorough;
use made::{Case, Fate, cases};

/// Cases of one run; the other number with `QUELL_THOROUGH`.
const COUNT: usize = 600;
const THOROUGH: usize = 10_000;

#[test]
fn no_fix_goes_to_another_block_and_nearly_all_find_their_own() {
    let count = if is_thorough() { THOROUGH } else { COUNT };
    let cases = cases(1, count);
    let tree = Tree::git(&cases.iter().map(|case| (case.path.as_str(), case.base.as_str())).collect::<Vec<_>>());
    let revision = tree.repo().head().unwrap();
    for case in &cases {
        std::fs::remove_file(tree.root().join(&case.path)).unwrap();
        tree.write(&case.new_path, &case.now);
    }
    let proposals: Vec<_> = cases
        .iter()
        .map(|case| {
            let mut proposal = fix(&case.path, line(case.line), &case.insert).seen(line(case.line), &case.seen);
            // A report of a file that is not there does not find it.
            proposal.edits[0].in_repo = case.path == case.new_path;
            proposal.made(FIRST + 60).revision(&revision)
        })
        .collect();
    let planned = plan(&tree.repo(), &proposals, &Choice::default());
    let written: BTreeMap<&str, &[u8]> =
        planned.files.iter().map(|file| (file.path.as_str(), file.after.as_ref())).collect();

    let (mut wrong, mut refused, mut kept) = (Vec::new(), Vec::new(), 0);
    for (case, fix) in cases.iter().zip(&planned.fixes) {
        kept += usize::from(case.fate == Fate::Kept);
        let after = written.get(case.new_path.as_str()).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let is_written = fix.state == FixState::WillWrite;
        if is_written && after != case.wanted {
            wrong.push(told(case, &fix.why));
        }
        if !is_written && case.fate == Fate::Kept {
            refused.push(told(case, &fix.why));
        }
    }
    assert!(wrong.is_empty(), "{} wrong of {count}:\n{}", wrong.len(), wrong[0]);
    assert!(
        refused.len() * 100 <= kept,
        "{} refused of {kept}:\n{}",
        refused.len(),
        refused[..refused.len().min(4)].join("\n")
    );
    assert!(kept > count / 2);
}

#[test]
fn a_file_as_it_was_scanned_gets_its_fix() {
    let cases = cases(2, 50);
    let tree = Tree::git(&cases.iter().map(|case| (case.path.as_str(), case.base.as_str())).collect::<Vec<_>>());
    let revision = tree.repo().head().unwrap();
    let of = |case: &Case| fix(&case.path, line(case.line), &case.insert).revision(&revision);
    let planned = plan(&tree.repo(), &cases.iter().map(of).collect::<Vec<_>>(), &Choice::default());
    for case in &cases {
        assert_eq!(after(&tree, &planned, &case.path), case.fixed);
    }
}

fn told(case: &Case, why: &str) -> String {
    format!("{why}\n{:?} {:?}\n--- was, line {}\n{}--- is\n{}", case.style, case.fate, case.line, case.base, case.now)
}
