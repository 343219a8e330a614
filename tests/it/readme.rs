//! The README's tables of keys and formats are made from the program's. `QUELL_BLESS=1 cargo test readme` writes
//! them anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use quell::app::command::{Scope, Section};
use quell::app::keymap::Keymap;
use quell::app::table::COMMANDS;
use quell::ingest::evidence;
use quell::ingest::native::{FORMATS, Format};

/// One row for each heading, of the commands that work on list, detail and everywhere, or in the review.
fn key_table() -> String {
    let map = Keymap::default();
    let mut out = String::from("| | |\n|---|---|\n");
    let sections =
        [Section::Decide, Section::Fix, Section::See, Section::Select, Section::List, Section::Move, Section::Go];
    let main = [Scope::Global, Scope::Triage, Scope::List];
    for section in sections {
        let keys: Vec<String> = COMMANDS
            .iter()
            .filter(|command| command.section == section && main.contains(&command.scope))
            .map(|command| format!("`{}` {}", map.shown(command.name), command.help))
            .collect();
        writeln!(out, "| {} | {} |", section.title(), keys.join(" · ")).unwrap();
    }
    let review: Vec<String> = COMMANDS
        .iter()
        .filter(|command| command.scope == Scope::Review && command.section != Section::Move)
        .map(|command| format!("`{}` {}", map.shown(command.name), command.help))
        .collect();
    writeln!(out, "| In review | {} |", review.join(" · ")).unwrap();
    out
}

/// One row for each format that is read beside SARIF 2.1.0.
fn format_table() -> String {
    let mut out = String::from("| format | made by | more than its SARIF |\n|---|---|---|\n");
    for Format { name, made_by, more, .. } in FORMATS {
        writeln!(out, "| {name} | {made_by} | {more} |").unwrap();
    }
    out
}

/// One row for each format of evidence.
fn evidence_table() -> String {
    let mut out = String::from("| format | made by | one statement is |\n|---|---|---|\n");
    for evidence::Format { name, made_by, unit, .. } in evidence::FORMATS {
        writeln!(out, "| {name} | {made_by} | {unit} |").unwrap();
    }
    out
}

/// Compares the part of the README between two marks with a table, or writes it there.
fn check(mark: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let (head, rest) = readme.split_once(&begin).expect("the README marks its table");
    let (stated, tail) = rest.split_once(&end).expect("the README marks the end of its table");
    if std::env::var_os("QUELL_BLESS").is_none() {
        assert_eq!(stated, table, "run QUELL_BLESS=1 cargo test readme");
    } else if stated != table {
        fs::write(&path, format!("{head}{begin}{table}{end}{tail}")).unwrap();
    }
}

#[test]
fn the_tables_are_those_of_the_program() {
    check("keys", &key_table());
    check("formats", &format_table());
    check("evidence", &evidence_table());
}

#[test]
fn formats_of_evidence_stand_by_their_names() {
    assert!(evidence::FORMATS.is_sorted_by_key(|format| format.name.to_lowercase()));
}

#[test]
fn every_picture_of_the_readme_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for picture in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if picture.starts_with("screenshots/") {
            assert!(root.join(picture).is_file(), "{picture} is missing");
            let text = root.join(picture).with_extension("ansi");
            assert!(text.is_file(), "the text of {picture} is missing");
        }
    }
}
