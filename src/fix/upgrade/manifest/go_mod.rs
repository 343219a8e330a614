//! `go.mod`.

use crate::fix::upgrade::requirement::Style;

use super::{Literal, NotHere, odd, span_of};

pub(super) fn find(text: &str, package: &str) -> Result<Vec<Literal>, NotHere> {
    let mut block = "";
    let mut found = Vec::new();
    for line in text.lines() {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let mut words: Vec<&str> = code.split_whitespace().collect();
        match words.as_slice() {
            [verb, "("] => {
                block = *verb;
                continue;
            }
            [")"] => block = "",
            _ => {}
        }
        let verb = if block.is_empty() && !words.is_empty() { words.remove(0) } else { block };
        match (verb, words.as_slice()) {
            ("replace", [path, ..]) if *path == package => {
                return odd("another module is put in its place (replace)");
            }
            ("require", [path, _]) if *path == package && comment.trim().starts_with("indirect") => {
                return Err(NotHere::Unnamed);
            }
            ("require", [path, version]) if *path == package => {
                found.push(Literal { span: span_of(text, version), style: Style::Go });
            }
            _ => {}
        }
    }
    Ok(found)
}
