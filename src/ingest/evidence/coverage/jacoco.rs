//! JaCoCo's XML (<https://www.jacoco.org/jacoco/trunk/coverage/report.dtd>): source files by the name of their package,
//! without the folder it lies in. A line has its missed and covered instructions, a method its first line with any.

use std::collections::BTreeSet;

use crate::ingest::evidence::draft::Draft;
use crate::ingest::evidence::xml::{self, Tag, Tags};
use crate::ingest::native::original::Original;
use crate::ingest::repair::Flaw;

use super::measured::{Files, Function, Line};
use super::ran;
use super::time::of_number;

pub(in crate::ingest::evidence) fn is_text(head: &str) -> bool {
    xml::root(head).as_deref() == Some("report")
        && ["//JACOCO//", "<sessioninfo", "<package", "<group"].iter().any(|sign| head.contains(sign))
}

#[derive(Default)]
struct Report {
    time: Option<String>,
    package: String,
    /// The file of the class that is open.
    class: Option<String>,
    /// The first line of the method that is open.
    method: Option<u32>,
    file: Option<String>,
    files: Files,
}

pub(in crate::ingest::evidence) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let text = String::from_utf8_lossy(original.text());
    let mut report = Report::default();
    if !xml::read(&text, &mut report) {
        original.flaws.insert(Flaw::Cut);
    }
    draft.document.tool = "JaCoCo".into();
    draft.document.made = report.time.as_deref().and_then(of_number);
    draft.document.states_time = draft.document.made.is_some();
    ran::set(draft, &BTreeSet::new());
    report.files.state(draft, &[], |line| format!("line {}", line.at));
}

impl Tags for Report {
    fn open(&mut self, tag: &Tag<'_>, line: u32) {
        match tag.name() {
            // Of several sessions the last counts.
            "sessioninfo" => self.time = tag.text("dump"),
            "package" => self.package = tag.text("name").unwrap_or_default(),
            "class" => self.class = tag.text("sourcefilename").map(|name| self.path(&name)),
            "method" => self.method = tag.number("line"),
            "sourcefile" => self.file = tag.text("name").map(|name| self.path(&name)),
            "counter" => self.counter(tag),
            "line" => self.line(tag, line),
            _ => {}
        }
    }

    fn close(&mut self, name: &str, _: &str) {
        match name {
            "class" => self.class = None,
            "method" => self.method = None,
            "sourcefile" => self.file = None,
            _ => {}
        }
    }
}

impl Report {
    fn path(&self, name: &str) -> String {
        if self.package.is_empty() { name.to_owned() } else { format!("{}/{name}", self.package) }
    }

    /// A method that did not run begins where its first instruction is, which another one may share, such as the one
    /// that a lambda stands in: what ran there cannot be told apart.
    fn counter(&mut self, tag: &Tag<'_>) {
        let (Some(class), Some(first)) = (&self.class, self.method) else { return };
        if tag.text("type").as_deref() == Some("METHOD") {
            let ran = tag.number::<u64>("covered").is_some_and(|covered| covered > 0).then_some(true);
            self.files.of(class).functions.push(Function { first, last: first, ran });
        }
    }

    fn line(&mut self, tag: &Tag<'_>, at: u32) {
        let (Some(file), Some(number), Some(covered)) = (&self.file, tag.number("nr"), tag.number::<u64>("ci")) else {
            return;
        };
        let missed = tag.number::<u64>("mi").unwrap_or_default();
        if covered > 0 || missed > 0 {
            self.files.of(file).lines.push(Line::one(number, covered > 0, at));
        }
    }
}
