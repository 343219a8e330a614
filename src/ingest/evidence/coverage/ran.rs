//! What ran while coverage was measured, as far as a name says it: the name of a test, or the names of the folder and
//! the file in which somebody keeps the measurement.

use std::collections::BTreeSet;

use crate::ingest::evidence::draft::Draft;
use crate::model::evidence::Ran;

/// Words, and what they say.
const WORDS: &[(&str, Ran)] = &[
    ("test", Ran::Tests),
    ("tests", Ran::Tests),
    ("unit", Ran::Tests),
    ("unittests", Ran::Tests),
    ("e2e", Ran::Staging),
    ("staging", Ran::Staging),
    ("prod", Ran::Production),
    ("production", Ran::Production),
];

/// How many components at the end of a path outside the repository are looked at: its folder and its name.
const NEAR: usize = 2;

/// What a name says; `None` if it says nothing, or two things.
pub(super) fn of_name(name: &str) -> Option<Ran> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let said = words.filter_map(|word| WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known)));
    only(said.map(|(_, ran)| *ran))
}

/// Sets what ran: what the names in the file say, if they agree, else what its own name and folders say.
pub(super) fn set(draft: &mut Draft<'_>, names: &BTreeSet<Ran>) {
    let file = draft.document.name.as_ref();
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    let far = if file.starts_with('/') { parts.len().saturating_sub(NEAR) } else { 0 };
    let by_place = || only(parts.iter().skip(far).filter_map(|part| of_name(part)));
    draft.document.ran = only(names.iter().copied()).or_else(by_place).unwrap_or_default();
}

/// The one that all are.
fn only(mut all: impl Iterator<Item = Ran>) -> Option<Ran> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}
