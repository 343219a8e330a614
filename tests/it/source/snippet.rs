//! The lines around a place, as they are shown.

use std::fs;

use jiff::Timestamp;
use quell::model::detail::{Location, Region};
use quell::model::fix::ColumnUnit;
use quell::model::snippet::{Origin, Snippet};
use quell::source::snippet::{MAX_LINE, snippet};

use crate::support::tree::Tree;

/// When the first commit of a test repository was made.
const FIRST: i64 = 1_700_000_000;

fn region(line: u32, end_line: u32) -> Region {
    Region { line, end_line, ..Region::default() }
}

fn location(path: &str, region: Region) -> Location {
    Location { path: path.to_owned(), in_repo: true, region, ..Location::default() }
}

fn texts(snippet: &Snippet) -> Vec<&str> {
    snippet.lines.iter().map(|line| &*line.text).collect()
}

/// The snippet of a file `a.txt` with these bytes, with two lines around.
fn of_bytes(bytes: &[u8], region: Region) -> Snippet {
    let tree = Tree::plain(&[]);
    fs::write(tree.root().join("a.txt"), bytes).unwrap();
    snippet(&tree.repo(), &location("a.txt", region), None, 2, 2)
}

fn reason(snippet: &Snippet) -> &str {
    match &snippet.origin {
        Origin::Missing(reason) => reason,
        Origin::Tree { .. } | Origin::Report | Origin::Pending => "it was shown",
    }
}

#[test]
fn lines_around_the_region_are_shown_with_their_numbers() {
    let shown = of_bytes(b"1\n2\n3\n4\n5\n6\n7\n8\n9\n", region(4, 5));
    assert_eq!((shown.first_line, shown.total_lines, texts(&shown)), (2, 9, vec!["2", "3", "4", "5", "6", "7"]));
    assert_eq!((&*shown.above, shown.origin), ("1\n", Origin::Tree { changed: false }));
    assert_eq!(texts(&of_bytes(b"1\n2\n3\n", region(1, 0))), ["1", "2", "3"]);
    assert_eq!(texts(&of_bytes(b"1\n2\n3\n4\n5", region(5, 900))), ["3", "4", "5"]);
}

#[test]
fn columns_are_told_by_the_line_where_units_differ() {
    // (line, unit that is stated, column and end as written, snippet, the columns in code points)
    let cases = [
        // All units agree.
        ("x = call(1)", ColumnUnit::Unknown, (5, 9), None, (5, 9)),
        // What the tool is known to count, where nothing speaks against it.
        ("é = call(ü)", ColumnUnit::Byte, (6, 14), None, (5, 12)),
        ("\u{1f438} = call(1)", ColumnUnit::Utf16, (6, 13), None, (5, 12)),
        // Nobody says it: bytes, because they end with the line and cut no word.
        ("é = call(ü)", ColumnUnit::Unknown, (6, 14), None, (5, 12)),
        ("größe = call(1)", ColumnUnit::Unknown, (11, 18), None, (9, 16)),
        ("größe = call(1)", ColumnUnit::Unknown, (9, 16), None, (9, 16)),
        // The run says UTF-16 and counts code points.
        ("\u{1f438}\u{1f438} = call(1)", ColumnUnit::Utf16, (6, 13), None, (6, 13)),
        // The text that the report has decides before all else.
        ("éé ab ab ab", ColumnUnit::CodePoint, (7, 9), Some("ab"), (7, 9)),
        ("éé ab_ab ab", ColumnUnit::CodePoint, (6, 8), Some("ab"), (4, 6)),
        // Nothing is stated.
        ("é = 1", ColumnUnit::Unknown, (0, 0), None, (0, 0)),
    ];
    for (line, unit, (column, end_column), seen, expected) in cases {
        let tree = Tree::plain(&[]);
        fs::write(tree.root().join("a.txt"), line).unwrap();
        let region = Region { line: 1, column, end_line: 0, end_column, ..Region::default() };
        let place = Location { unit, snippet: seen.map(str::to_owned), ..location("a.txt", region) };
        let flagged = snippet(&tree.repo(), &place, None, 0, 0).flagged;
        assert_eq!((flagged.column, flagged.end_column), expected, "{line} {unit:?}");
    }
}

#[test]
fn a_result_of_the_whole_file_shows_its_start() {
    assert_eq!(texts(&of_bytes(b"1\n2\n3\n4\n", Region::default())), ["1", "2", "3"]);
    assert!(reason(&of_bytes(b"", Region::default())).contains("empty"));
}

#[test]
fn a_region_in_bytes_or_characters_finds_its_lines() {
    let bytes = Region { byte_span: Some((6, 1)), ..Region::default() };
    assert_eq!(of_bytes("é\nà\nü\no\np\nq\n".as_bytes(), bytes).first_line, 1);
    let shown = of_bytes("é\nà\nü\no\np\nq\n".as_bytes(), Region { char_span: Some((6, 1)), ..Region::default() });
    assert_eq!((shown.first_line, texts(&shown)), (2, vec!["à", "ü", "o", "p", "q"]));
    assert!(
        reason(&of_bytes(b"a\n", Region { byte_span: Some((99, 1)), ..Region::default() })).contains("past the end")
    );
}

#[test]
fn every_line_end_and_encoding_gives_the_same_lines() {
    let utf16 = |order: fn(u16) -> [u8; 2]| "\u{feff}a\r\né\n😀".encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let cases: &[&[u8]] = &[
        "a\né\n😀\n".as_bytes(),
        "a\r\né\r\n😀\r\n".as_bytes(),
        "a\ré\r😀\r".as_bytes(),
        "\u{feff}a\né\r😀".as_bytes(),
        &utf16(u16::to_le_bytes),
        &utf16(u16::to_be_bytes),
    ];
    for bytes in cases {
        let shown = of_bytes(bytes, region(2, 2));
        assert_eq!((texts(&shown), shown.total_lines), (vec!["a", "é", "😀"], 3), "{bytes:x?}");
    }
}

#[test]
fn empty_lines_and_invalid_bytes_stay_in_place() {
    let shown = of_bytes(b"\n\r\n\xff\xfez\n\n\r\r", region(3, 3));
    assert_eq!((texts(&shown), shown.total_lines), (vec!["", "", "\u{fffd}\u{fffd}z", "", ""], 6));
}

#[test]
fn what_cannot_be_shown_is_said_with_a_next_step() {
    assert!(reason(&of_bytes(b"GIF89a\0\0", region(1, 1))).contains("binary"));
    let past = of_bytes(b"a\nb\n", region(40, 40));
    assert_eq!(reason(&past), "line 40 is past the end of the file, which has 2 lines; scan again");
    let tree = Tree::plain(&[]);
    let missing = snippet(&tree.repo(), &location("no.py", region(1, 1)), None, 1, 1);
    assert!(reason(&missing).contains("no such file") && reason(&missing).contains("scan again"));
    let outside = Location { in_repo: false, ..location("file:///etc/passwd", region(1, 1)) };
    assert!(reason(&snippet(&tree.repo(), &outside, None, 1, 1)).contains("--repo"));
    assert!(reason(&snippet(&tree.repo(), &Location::default(), None, 1, 1)).contains("no file"));
}

#[test]
fn the_report_speaks_where_the_tree_cannot() {
    let tree = Tree::plain(&[]);
    let from_snippet = Location { snippet: Some("x = 1\ny = 2\n".into()), ..location("gone.py", region(7, 8)) };
    let shown = snippet(&tree.repo(), &from_snippet, None, 3, 3);
    assert_eq!((shown.first_line, texts(&shown), &shown.origin), (7, vec!["x = 1", "y = 2"], &Origin::Report));
    let context = Some((5, "a\nb\nc\nd\ne\nf".to_owned()));
    let shown = snippet(&tree.repo(), &Location { context, ..from_snippet.clone() }, None, 1, 1);
    assert_eq!((shown.first_line, texts(&shown), shown.total_lines), (6, vec!["b", "c", "d", "e"], 0));
    let elsewhere = Some((900, "a\nb\nc".to_owned()));
    let shown = snippet(&tree.repo(), &Location { context: elsewhere, ..from_snippet }, None, 1, 1);
    assert_eq!(shown.first_line, 900);
}

#[test]
fn a_file_that_was_written_after_the_scan_is_marked() {
    let tree = Tree::plain(&[("a.py", "x\n")]);
    let written = tree.repo().file_state("a.py").unwrap().written;
    let changed = |made: Option<Timestamp>| snippet(&tree.repo(), &location("a.py", region(1, 1)), made, 1, 1).origin;
    assert_eq!(changed(Some(written)), Origin::Tree { changed: false });
    assert_eq!(changed(Some(written - jiff::Span::new().seconds(1))), Origin::Tree { changed: true });
    assert_eq!(changed(None), Origin::Tree { changed: false });
}

/// Whether the file `a.py` counts as changed for a place in it, at a time in seconds.
fn is_changed(tree: &Tree, location: &Location, made: i64) -> bool {
    let made = Timestamp::from_second(made).unwrap();
    snippet(&tree.repo(), location, Some(made), 1, 1).origin == Origin::Tree { changed: true }
}

#[test]
fn a_checkout_changes_nothing() {
    let tree = Tree::git(&[("a.py", "x\ny\n")]);
    let place = location("a.py", region(2, 2));
    assert!(!is_changed(&tree, &place, FIRST + 60), "written now, committed before the scan");
    assert!(is_changed(&tree, &place, FIRST - 60), "committed after the scan");
    tree.write("a.py", "x\r\ny\r\n");
    assert!(!is_changed(&tree, &place, FIRST + 60), "other line ends");
    tree.write("a.py", "x\nz\n");
    assert!(is_changed(&tree, &place, FIRST + 60));
    tree.commit("second", FIRST + 120);
    assert!(is_changed(&tree, &place, FIRST + 60));
    assert!(!is_changed(&tree, &place, FIRST + 180));
}

#[test]
fn the_text_of_the_report_tells_a_changed_file() {
    let tree = Tree::git(&[("a.py", "if x:\n    eval(y)  # why\n    z\n")]);
    let shows = |text: &str| Location { snippet: Some(text.into()), ..location("a.py", region(2, 2)) };
    for text in ["eval(y)", "    eval(y)  # why\n", "eval(y)  # why\r\n    z\r\n", "eval(y)  # why\n    z"] {
        assert!(!is_changed(&tree, &shows(text), FIRST - 60), "{text:?} stands there, whatever the times say");
    }
    for text in ["eval(z)", "if x:\n    eval(y)", "eval(y)  # why\n    z\n    zz"] {
        assert!(is_changed(&tree, &shows(text), FIRST + 60), "{text:?} does not");
    }
    let context =
        |start, text: &str| Location { context: Some((start, text.into())), ..location("a.py", region(2, 2)) };
    assert!(!is_changed(&tree, &context(1, "if x:\n    eval(y)  # why\n    z"), FIRST - 60));
    assert!(is_changed(&tree, &context(2, "if x:\n    eval(y)  # why\n    z"), FIRST + 60));
    assert!(!is_changed(&tree, &shows("password = '***'"), FIRST + 60), "a covered secret says nothing");
}

#[test]
fn a_long_line_is_cut_around_its_flagged_column() {
    let mut line = "é".repeat(2_500_000);
    line.push_str("eval(x)");
    line.push_str(&"à".repeat(5000));
    let flagged = Region { line: 1, column: 2_500_001, ..Region::default() };
    let shown = of_bytes(line.as_bytes(), flagged);
    let cut = &shown.lines[0];
    assert!(cut.text.len() <= MAX_LINE && cut.text.len() > MAX_LINE - 4);
    let at = cut.text.chars().position(|c| c == 'e').unwrap();
    assert_eq!(u32::try_from(at).unwrap() + cut.skipped, 2_500_000);
    let from_start = &of_bytes(line.as_bytes(), region(1, 1)).lines[0];
    assert_eq!((from_start.skipped, from_start.text.len()), (0, MAX_LINE));
}

#[test]
fn a_huge_region_is_cut_at_its_end() {
    let shown = of_bytes(&b"x\n".repeat(50_000), region(10, 50_000));
    assert_eq!((shown.first_line, shown.lines.len(), shown.total_lines), (8, 2000, 50_000));
}
