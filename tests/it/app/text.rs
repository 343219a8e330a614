//! Untrusted text, typed text, wrapped text.

use proptest::prelude::*;
use quell::app::input::LineInput;
use quell::app::key::Key;
use quell::app::pages::wrap::wrap;
use quell::model::detail::{Detail, Location, Region};
use quell::model::plan::{DiffLine, FileDiff, Hunk, LineKind};
use quell::model::secret::Cover;
use quell::model::snippet::{CodeLine, Snippet};
use quell::model::text;

#[test]
fn what_a_terminal_would_obey_or_hide_is_written_out() {
    for (raw, shown) in [
        ("a\tb", "a    b"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\r\nb\nc", "a b c"),
        ("if a \u{202e}\u{2066}// ok", "if a <U+202E><U+2066>// ok"),
        ("zero\u{200b}width", "zero<U+200B>width"),
        ("\u{9b}2J", "\\x9b2J"),
        ("naïve 漢字 🦀", "naïve 漢字 🦀"),
    ] {
        assert_eq!(text::visible(raw), shown);
    }
}

#[test]
fn secrets_are_covered_but_for_their_ends() {
    assert_eq!(text::mask("AKIAABCDEFGHIJKLMNOP"), "AK************OP");
    assert_eq!(text::mask("short"), "*****");
}

#[test]
fn a_field_edits_by_graphemes() {
    let mut input = LineInput::new("e\u{301}a\u{1f468}\u{200d}\u{1f469}");
    for expected in ["e\u{301}a", "e\u{301}", ""] {
        input.take(Key::parse("backspace").unwrap());
        assert_eq!(input.text(), expected);
    }
    input.paste("two\nlines\x1b[0m");
    assert_eq!(input.text(), "two lines[0m");
}

proptest! {
    #[test]
    fn visible_text_holds_nothing_unsafe(raw in any::<String>()) {
        prop_assert!(!text::visible(&raw).chars().any(text::is_unsafe));
    }

    #[test]
    fn cut_text_fits(raw in any::<String>(), columns in 0usize..40) {
        let shown = text::visible(&raw).into_owned();
        prop_assert!(text::width(&text::cut(&shown, columns)) <= columns);
        prop_assert!(text::width(&text::cut_start(&shown, columns)) <= columns);
    }

    #[test]
    fn wrapped_lines_fit_and_lose_no_word(words in prop::collection::vec("[a-z漢é]{1,30}", 0..20), width in 8usize..60) {
        let raw = words.join(" ");
        let lines = wrap(&raw, width);
        prop_assert!(lines.iter().all(|line| text::width(line) <= width), "{lines:?}");
        let joined: String = lines.concat().split_whitespace().collect();
        prop_assert_eq!(joined, words.concat());
    }

    #[test]
    fn any_keys_leave_a_sound_field(keys in prop::collection::vec(prop::sample::select(vec![
        "left", "right", "home", "end", "backspace", "delete", "ctrl-w", "ctrl-u", "ctrl-k", "a", "space", "é", "漢",
    ]), 0..60)) {
        let mut input = LineInput::new("käse und 漢字");
        for key in keys {
            input.take(Key::parse(key).unwrap());
            prop_assert!(input.text().is_char_boundary(input.cursor()));
        }
    }
}

/// The cover of a finding whose flagged text is this.
fn cover(flagged: &str) -> Cover {
    let location = Location { snippet: Some(flagged.to_owned()), ..Location::default() };
    Cover::of(true, [&Detail { locations: vec![location], ..Detail::default() }])
}

#[test]
fn a_secret_is_covered_in_messages() {
    for (flagged, message, shown) in [
        ("hunter2hunter2", "hunter2hunter2 is in the code", "hu**********r2 is in the code"),
        ("PASSWORD = 'let me in'", "Possible password: let me in", "Possible password: le*****in"),
        ("\"password\": \"hunter2\"", "The password is hunter2", "The password is *******"),
        ("PASSWORD=hunter2", "hunter2 is in the code", "******* is in the code"),
        ("", "Possible password: 'correct horse'", "Possible password: 'co*********se'"),
        ("", "It isn't a secret, it's 'not-for-you'", "It isn't a secret, it's 'no*******ou'"),
        ("", "AKIA1234567890ABCDEF is a key", "AK************EF is a key"),
    ] {
        assert_eq!(cover(flagged).text(message), shown, "{flagged}");
        assert_eq!(Cover::of(false, []).text(message), message, "nothing is covered where there is no secret");
    }
}

#[test]
fn a_secret_is_covered_in_code() {
    for (line, shown) in [
        (r#"PASSWORD = "swordfish"  # "ok""#, r#"PASSWORD = "sw*****sh"  # "ok""#),
        ("key = AKIA1234567890ABCDEF", "key = AK************EF"),
        ("let plain = value + 1;", "let plain = value + 1;"),
        ("run(hunter2)", "run(*******)"),
    ] {
        assert_eq!(cover("PASSWORD=hunter2").code(line), shown);
    }
}

#[test]
fn a_secret_without_quotes_is_covered_where_it_is_flagged_or_changed() {
    let line = |text: &str| CodeLine { text: text.into(), ..CodeLine::default() };
    let lines = vec![line("DEBUG=verbose"), line("PASSWORD=hunter2")];
    let flagged = Region { line: 5, ..Region::default() };
    let snippet = Snippet { first_line: 4, lines, flagged, ..Snippet::default() };
    let shown = Cover::of(true, []).snippet(&snippet).into_owned();
    let shown: Vec<&str> = shown.lines.iter().map(|line| &*line.text).collect();
    assert_eq!(shown, ["DEBUG=verbose", "PASSWORD=*******"]);

    let line =
        |kind, text: &str| DiffLine { kind, old: 1, new: 1, parts: vec![(false, text.to_owned())], no_newline: false };
    let lines = vec![line(LineKind::Context, "DEBUG=verbose"), line(LineKind::Removed, "PASSWORD=hunter2")];
    let diff = FileDiff { hunks: vec![Hunk { lines, ..Hunk::default() }], ..FileDiff::default() };
    let shown = Cover::of(true, []).diff(&diff).into_owned();
    let shown: Vec<&str> = shown.hunks[0].lines.iter().map(|line| line.parts[0].1.as_str()).collect();
    assert_eq!(shown, ["DEBUG=verbose", "PASSWORD=*******"]);
}
