//! The README's key table is made from the command table. `QUELL_BLESS=1 cargo test readme` writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use quell::app::command::{Scope, Section};
use quell::app::keymap::Keymap;
use quell::app::table::COMMANDS;

const BEGIN: &str = "<!-- keys -->\n";
const END: &str = "<!-- /keys -->";

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
            .map(|command| format!("`{}` {}", map.shown(command), command.help))
            .collect();
        writeln!(out, "| {} | {} |", section.title(), keys.join(" · ")).unwrap();
    }
    let review: Vec<String> = COMMANDS
        .iter()
        .filter(|command| command.scope == Scope::Review && command.section != Section::Move)
        .map(|command| format!("`{}` {}", map.shown(command), command.help))
        .collect();
    writeln!(out, "| In review | {} |", review.join(" · ")).unwrap();
    out
}

#[test]
fn the_key_table_is_that_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (head, rest) = readme.split_once(BEGIN).expect("the README marks its key table");
    let (stated, tail) = rest.split_once(END).expect("the README marks the end of its key table");
    let table = key_table();
    if std::env::var_os("QUELL_BLESS").is_some() {
        fs::write(&path, format!("{head}{BEGIN}{table}{END}{tail}")).unwrap();
        return;
    }
    assert_eq!(stated, table, "run QUELL_BLESS=1 cargo test readme");
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
