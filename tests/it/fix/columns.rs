//! Columns against a slow and simple reading of the standard.

use proptest::prelude::*;
use quell::model::detail::Region;
use quell::model::fix::{ColumnUnit, Proposal};

use super::case::{With, after, fix, line, outcome, planned, region, verdicts};
use crate::support::thorough::cases;
use crate::support::tree::Tree;

/// The bytes before a column of a line, counted one character at a time; `None` where there is no such place.
fn oracle(text: &str, line: u32, column: u32, unit: ColumnUnit) -> Option<usize> {
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    for left in (1..line).rev() {
        let rest = &text[at..];
        let Some(end) = rest.find(['\n', '\r']) else {
            // The place behind a last line without a line end.
            return (left == 1 && column == 1 && !rest.is_empty()).then_some(text.len());
        };
        at += end + if rest[end..].starts_with("\r\n") { 2 } else { 1 };
    }
    let mut units = column.checked_sub(1)? as usize;
    for character in text[at..].chars().take_while(|c| !matches!(c, '\n' | '\r')) {
        if units == 0 {
            return Some(at);
        }
        units = units.checked_sub(match unit {
            ColumnUnit::Utf16 => character.len_utf16(),
            ColumnUnit::Byte => character.len_utf8(),
            ColumnUnit::CodePoint | ColumnUnit::Unknown => 1,
        })?;
        at += character.len_utf8();
    }
    (units == 0).then_some(at)
}

fn declared(mut proposal: Proposal, unit: ColumnUnit) -> Proposal {
    proposal.edits[0].edits[0].unit = Some(unit);
    proposal
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec!["a", "b c", "é", "漢字", "👩‍💻", "𝄞", "\n", "\r\n", "\r"]);
    (any::<bool>(), prop::collection::vec(piece, 1..16)).prop_map(|(has_mark, pieces)| {
        let mark = if has_mark { "\u{feff}" } else { "" };
        mark.to_owned() + &pieces.concat()
    })
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn columns_are_counted_as_declared(
        text in text(),
        picks in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        off in 0u32..3,
        unit in prop::sample::select(vec![ColumnUnit::CodePoint, ColumnUnit::Utf16, ColumnUnit::Byte]),
    ) {
        let tree = Tree::plain(&[("a.txt", &text)]);
        let all = (1..20).flat_map(|line| (1..30).map(move |column| (line, column)));
        let places: Vec<(u32, u32)> = all.filter(|place| oracle(&text, place.0, place.1, unit).is_some()).collect();
        let (one, two) = (places[picks.0.index(places.len())], places[picks.1.index(places.len())]);
        let start = one.min(two);
        // Some of the ends lie inside a character or behind the line.
        let end = (one.max(two).0, one.max(two).1 + off.saturating_sub(1));
        let proposal = declared(fix("a.txt", region(start.0, start.1, end.0, end.1), "[+]").of(&text), unit);
        let plan = planned(&tree, std::slice::from_ref(&proposal));
        match oracle(&text, start.0, start.1, unit).zip(oracle(&text, end.0, end.1, unit)) {
            Some((from, to)) => {
                prop_assert_eq!(after(&tree, &plan, "a.txt"), format!("{}[+]{}", &text[..from], &text[to..]));
            }
            // Columns that the declared unit does not have may be those of another one: a person decides.
            None => prop_assert!(plan.files.is_empty(), "{:?}", plan.fixes[0].why),
        }
    }
}

/// The whole of a file after one edit by its hash, or the reason why not.
fn check(text: &str, region: Region, insert: &str) -> String {
    let tree = Tree::plain(&[("a.txt", text)]);
    let (verdict, why, after) = outcome(&tree, fix("a.txt", region, insert).of(text));
    if verdict == "will-write exact" { after } else { format!("{verdict}: {why}") }
}

#[test]
fn what_a_region_leaves_out_has_the_value_of_the_standard() {
    assert_eq!(check("one\ntwo\n", line(2), "2"), "one\n2\n");
    assert_eq!(check("one\r\ntwo\r\n", region(1, 2, 0, 0), "N"), "oN\r\ntwo\r\n");
    assert_eq!(check("one\ntwo\nthree", region(1, 0, 2, 0), "x"), "x\nthree");
    let past = "cannot flagged: a.txt: there is no line 4; change it by hand";
    assert_eq!(check("one\ntwo", line(4), "x"), past);
}

#[test]
fn a_region_may_end_behind_the_last_line() {
    assert_eq!(check("one\ntwo\n", region(2, 1, 3, 1), ""), "one\n");
    assert_eq!(check("one\ntwo", region(2, 1, 3, 1), ""), "one\n");
    assert_eq!(check("one\n", region(2, 1, 2, 1), "two\n"), "one\ntwo\n");
    assert_eq!(check("", region(1, 1, 1, 1), "one\n"), "one\n");
}

#[test]
fn impossible_regions_are_refused_with_their_place() {
    let refused = |why: &str| format!("cannot flagged: a.txt: {why}; change it by hand");
    assert_eq!(check("one\ntwo\n", region(2, 9, 2, 10), "x"), refused("line 2 has no column 9"));
    assert_eq!(check("one\ntwo\n", region(2, 3, 2, 2), "x"), refused("the region of line 2 ends before it starts"));
    assert_eq!(
        check("one\n", region(u32::MAX, u32::MAX, u32::MAX, u32::MAX), "x"),
        refused("there is no line 4294967295")
    );
    assert_eq!(check("one\n", Region::default(), "x"), refused("the report names no region"));
    let bytes = |offset, length| Region { byte_span: Some((offset, length)), ..Region::default() };
    assert_eq!(check("é\n", bytes(1, 1), "x"), refused("there is no offset 1"));
    assert_eq!(check("one\n", bytes(u64::MAX, 2), "x"), refused(&format!("there is no offset {}", u64::MAX)));
}

#[test]
fn offsets_count_from_nought_and_bytes_win() {
    let span = Region { char_span: Some((4, 3)), ..Region::default() };
    assert_eq!(check("one\ntwo\n", span, "2"), "one\n2\n");
    assert_eq!(check("\u{feff}one two", span, "2"), "\u{feff}one 2");
    let both = Region { byte_span: Some((0, 3)), ..region(2, 1, 2, 4) };
    assert_eq!(check("one\ntwo\n", both, "1"), "1\ntwo\n");
}

#[test]
fn each_unit_is_counted() {
    let text = "𝄞é x\n";
    let tree = Tree::plain(&[("a.txt", text)]);
    for (unit, column) in [(ColumnUnit::CodePoint, 4), (ColumnUnit::Utf16, 5), (ColumnUnit::Byte, 8)] {
        let proposal = declared(fix("a.txt", region(1, column, 1, column + 1), "y").of(text), unit);
        assert_eq!(after(&tree, &planned(&tree, &[proposal]), "a.txt"), "𝄞é y\n", "{}", unit.name());
    }
}

#[test]
fn columns_that_could_be_two_places_need_a_person() {
    let text = "é = eval(x)\n";
    let tree = Tree::plain(&[("a.py", text)]);
    let proposal = fix("a.py", region(1, 5, 1, 9), "safe").of(text);
    let plan = planned(&tree, std::slice::from_ref(&proposal));
    assert_eq!(verdicts(&plan), ["needs-you flagged"]);
    assert!(plan.fixes[0].why.contains("ambiguous columns"), "{}", plan.fixes[0].why);

    let seen = proposal.clone().seen(region(1, 5, 1, 9), "eval");
    assert_eq!(after(&tree, &planned(&tree, &[seen]), "a.py"), "é = safe(x)\n");
    let bytes = fix("a.py", region(1, 6, 1, 10), "safe").of(text).family("gitleaks");
    assert_eq!(after(&tree, &planned(&tree, &[bytes]), "a.py"), "é = safe(x)\n");
    let points = proposal.clone().family("ruff");
    assert_eq!(after(&tree, &planned(&tree, &[points]), "a.py"), "é = safe(x)\n");
    let said = declared(proposal, ColumnUnit::CodePoint);
    assert_eq!(after(&tree, &planned(&tree, &[said]), "a.py"), "é = safe(x)\n");
}

#[test]
fn the_text_wins_over_what_a_tool_is_known_to_count() {
    let text = "é = eval(x)\n";
    let tree = Tree::plain(&[("a.py", text)]);
    let proposal = fix("a.py", region(1, 5, 1, 9), "safe").of(text).family("gitleaks").seen(region(1, 5, 1, 9), "eval");
    assert_eq!(after(&tree, &planned(&tree, &[proposal]), "a.py"), "é = safe(x)\n");
}
