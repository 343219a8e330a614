//! Files of repeated blocks: whatever happens to the blocks around, a fix is never written into another one.

use proptest::prelude::*;
use quell::model::fix::Proposal;

use super::case::{FIRST, With, fix, is_written, line, planned};
use crate::support::thorough::cases;
use crate::support::tree::Tree;

/// Blocks by number, each with the same body below a heading of its own.
fn file(blocks: &[u8], style: Style, body: usize) -> String {
    blocks.iter().map(|block| style.block(*block, body, "true")).collect()
}

#[derive(Clone, Copy, Debug)]
enum Style {
    Terraform,
    Manifest,
    List,
}

impl Style {
    fn block(self, number: u8, body: usize, value: &str) -> String {
        let (head, lead, tail) = match self {
            Self::Terraform => (format!("resource \"bucket\" \"b{number}\" {{\n"), "  ", "}\n\n"),
            Self::Manifest => (format!("---\nkind: Pod\nname: b{number}\nspec:\n"), "  ", ""),
            Self::List => (format!("- name: b{number}\n"), "  ", ""),
        };
        let above: String = (0..body).map(|index| format!("{lead}key{index}: 1\n")).collect();
        let below: String = (0..body).map(|index| format!("{lead}more{index}: 1\n")).collect();
        format!("{head}{above}{lead}privileged: {value}\n{below}{tail}")
    }
}

/// The proposal for the flagged line of one block.
fn proposal(base: &str, target: usize) -> Proposal {
    let flagged = base.lines().enumerate().filter(|(_, text)| text.contains("privileged")).nth(target).unwrap();
    let number = u32::try_from(flagged.0 + 1).unwrap();
    fix("a.yaml", line(number), "  privileged: false").seen(line(number), flagged.1).made(FIRST + 60)
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn no_fix_gets_into_another_block(
        style in prop::sample::select(vec![Style::Terraform, Style::Manifest, Style::List]),
        body in 0usize..6,
        count in 1u8..5,
        target in 0u8..5,
        now in prop::collection::vec(0u8..8, 0..6),
        states_revision in any::<bool>(),
        is_committed in any::<bool>(),
        is_late in any::<bool>(),
    ) {
        let target = target % count;
        let blocks: Vec<u8> = (0..count).collect();
        let base = file(&blocks, style, body);
        let tree = Tree::git(&[("a.yaml", &base)]);
        let mut proposal = proposal(&base, usize::from(target));
        if states_revision {
            proposal = proposal.revision(&tree.repo().head().unwrap());
        }
        let mut seen = Vec::new();
        let now: Vec<u8> = now.into_iter().filter(|block| !seen.contains(block) && { seen.push(*block); true }).collect();
        let text = format!("# edited\n{}", file(&now, style, body));
        tree.write("a.yaml", &text);
        if is_committed {
            tree.commit("second", FIRST + 500);
        } else if is_late {
            // A report that is newer than the file, but of what was committed.
            proposal = proposal.made(i64::from(u32::MAX));
        }
        let plan = planned(&tree, &[proposal]);
        if is_written(&plan) {
            let own = style.block(target, body, "true");
            prop_assert!(text.contains(&own), "written though the block is gone: {}", plan.fixes[0].why);
            let wanted = text.replace(&own, &style.block(target, body, "false"));
            prop_assert_eq!(std::str::from_utf8(&plan.files[0].after).unwrap(), wanted);
        }
    }
}

#[test]
fn the_right_block_is_found_where_its_name_is_near() {
    let base = file(&[0, 1, 2], Style::List, 1);
    let tree = Tree::git(&[("a.yaml", &base)]);
    let proposal = proposal(&base, 1).revision(&tree.repo().head().unwrap());
    let now = file(&[7, 6, 0, 1, 2], Style::List, 1);
    tree.write("a.yaml", &now);
    let plan = planned(&tree, &[proposal]);
    let wanted = now.replace(&Style::List.block(1, 1, "true"), &Style::List.block(1, 1, "false"));
    assert_eq!(std::str::from_utf8(&plan.files[0].after).unwrap(), wanted);
}
