//! Cobertura's XML (<https://github.com/cobertura/web/blob/master/htdocs/xml/coverage-04.dtd>), which coverage.py,
//! coverlet, gcovr and others write too. Files are relative to one of its `sources`; a file may come in several classes.

use std::collections::BTreeSet;

use crate::ingest::evidence::draft::Draft;
use crate::ingest::evidence::xml::{self, Tag, Tags};
use crate::ingest::native::original::Original;
use crate::ingest::repair::Flaw;

use super::measured::{Files, Function, Line};
use super::ran;
use super::time::of_number;

pub(in crate::ingest::evidence) fn is_text(head: &str) -> bool {
    xml::root(head).as_deref() == Some("coverage")
        && ["line-rate=", "<packages", "<sources"].iter().any(|sign| head.contains(sign))
}

/// The most `sources` that files are looked for in.
const MAX_SOURCES: usize = 32;

#[derive(Default)]
struct Report {
    time: Option<String>,
    sources: Vec<String>,
    file: Option<String>,
    is_in_method: bool,
    /// The method that is open, once a line of it was met.
    method: Option<Function>,
    files: Files,
}

pub(in crate::ingest::evidence) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let text = String::from_utf8_lossy(original.text());
    let mut report = Report::default();
    if !xml::read(&text, &mut report) {
        original.flaws.insert(Flaw::Cut);
    }
    draft.document.made = report.time.as_deref().and_then(of_number);
    draft.document.states_time = draft.document.made.is_some();
    ran::set(draft, &BTreeSet::new());
    report.files.state(draft, &report.sources, |line| format!("line {}", line.at));
}

impl Tags for Report {
    fn open(&mut self, tag: &Tag<'_>, line: u32) {
        match tag.name() {
            "coverage" => self.time = tag.text("timestamp"),
            "class" => self.file = tag.text("filename").filter(|name| !name.is_empty()),
            "method" => self.is_in_method = true,
            "line" => self.line(tag, line),
            _ => {}
        }
    }

    fn close(&mut self, name: &str, text: &str) {
        match name {
            "source" if !text.is_empty() && self.sources.len() < MAX_SOURCES => self.sources.push(text.to_owned()),
            "class" => self.file = None,
            "method" => {
                self.is_in_method = false;
                if let (Some(file), Some(method)) = (&self.file, self.method.take()) {
                    self.files.of(file).functions.push(method);
                }
            }
            _ => {}
        }
    }
}

impl Report {
    fn line(&mut self, tag: &Tag<'_>, at: u32) {
        let (Some(file), Some(number), Some(hits)) = (&self.file, tag.number("number"), tag.number::<f64>("hits"))
        else {
            return;
        };
        let ran = hits > 0.0;
        self.files.of(file).lines.push(Line::one(number, ran, at));
        if self.is_in_method {
            let method = self.method.get_or_insert(Function { first: number, last: number, ran: Some(false) });
            (method.first, method.last) = (method.first.min(number), method.last.max(number));
            method.ran = Some(method.ran == Some(true) || ran);
        }
    }
}
