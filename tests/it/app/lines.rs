//! The lines of the list are counted, and are those that one would write down one after the other.

use std::sync::Arc;

use proptest::prelude::*;
use quell::app::lines::Lines;
use quell::app::state::ListLine;
use quell::model::bits::Bits;
use quell::model::grade::Severity;
use quell::query::{Group, Rows};

/// Rows in groups of these sizes, and which of the groups are folded.
fn grouped(groups: &[(u32, bool)]) -> (Rows, Bits) {
    let mut rows = Rows::default();
    let mut start = 0;
    let group = |(rank, (len, _)): (u32, &(u32, bool))| {
        let group = Group { severity: Severity::High, start, len: *len, rank };
        start += len;
        group
    };
    rows.groups = Arc::new((0..).zip(groups).map(group).collect());
    // No finding stands where its number says.
    rows.findings = (0..start).rev().collect();
    let folded = (0..).zip(groups).filter(|(_, (_, is_folded))| *is_folded).map(|(group, _)| group);
    (rows, folded.collect())
}

fn written_down(rows: &Rows, closed: &Bits) -> Vec<ListLine> {
    if rows.groups.is_empty() {
        return rows.findings.iter().map(|finding| ListLine::Finding(*finding)).collect();
    }
    let mut lines = Vec::new();
    for group in (0..).take(rows.groups.len()) {
        lines.push(ListLine::Group(group));
        if !closed.has(group) {
            lines.extend(rows.of_group(group).iter().map(|finding| ListLine::Finding(*finding)));
        }
    }
    lines
}

proptest! {
    #[test]
    fn lines_are_those_one_would_write_down(
        groups in proptest::collection::vec((1..5_u32, any::<bool>()), 0..8),
        is_grouped in any::<bool>(),
        from in 0..30_usize,
        len in 0..30_usize,
    ) {
        let (mut rows, closed) = grouped(&groups);
        if !is_grouped {
            rows.groups = Arc::default();
        }
        let (lines, expected) = (Lines::of(&rows, &closed), written_down(&rows, &closed));
        let shown: Vec<ListLine> = (0..).map_while(|line| lines.get(&rows, line)).collect();
        prop_assert_eq!(&shown, &expected);
        prop_assert_eq!((lines.len(), lines.is_empty()), (expected.len(), expected.is_empty()));
        for finding in &rows.findings {
            let line = ListLine::Finding(*finding);
            prop_assert_eq!(lines.find(&rows, line), expected.iter().position(|other| *other == line));
        }
        let mut group = None;
        for (at, line) in expected.iter().enumerate() {
            if let ListLine::Group(number) = line {
                group = Some(*number as usize);
                prop_assert_eq!(lines.find(&rows, *line), Some(at));
            }
            prop_assert_eq!(lines.group_at(at), group);
        }
        let part = expected.iter().enumerate().skip(from).take(len);
        let part = part.filter(|(_, line)| matches!(line, ListLine::Finding(_))).map(|(at, line)| (at, *line));
        let found = lines.findings(&rows, from..from + len).flat_map(|(first, findings)| {
            (first..).zip(findings).map(|(at, finding)| (at, ListLine::Finding(*finding))).collect::<Vec<_>>()
        });
        prop_assert_eq!(found.collect::<Vec<_>>(), part.collect::<Vec<_>>());
    }
}
