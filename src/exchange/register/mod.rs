//! The register of risks as a document. Every row names the file that says so, with its hash; how to check them with git alone
//! is said at the end.

mod csv;
mod html;
mod markdown;
mod series;

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::decision::{Anchor, Event};
use crate::model::grade::vocabulary;
use crate::model::register::{Filed, Register, Risk, Step};
use crate::model::text::counted;

vocabulary! {
    /// How a register is written.
    Form { Markdown = "markdown", Csv = "csv", Html = "html" }
}

/// Writes a register.
pub fn write(register: &Register, form: Form, to: &mut dyn Write) -> io::Result<()> {
    match form {
        Form::Markdown => markdown::write(register, to),
        Form::Csv => csv::write(register, to),
        Form::Html => html::write(register, to),
    }
}

/// What was read, in a sentence.
fn basis(register: &Register) -> String {
    let files = counted(register.files, "event", "events");
    let commit = register.commit.as_ref();
    let at = commit.map(|commit| format!("{} of {}", commit.id, commit.at.strftime("%Y-%m-%d %H:%M:%SZ")));
    match (at, register.is_of_commit) {
        (Some(at), true) => format!("{files} in commit {at} ({}); ends counted on {}", register.name, register.day),
        (Some(at), false) => format!("{files} on disk on {}; the last commit is {at}", register.day),
        (None, _) => format!("{files} on disk on {}; nothing is committed", register.day),
    }
}

/// Commands that show a file of an event as it was committed, and its hash.
fn check(register: &Register) -> [String; 3] {
    let id = register.commit.as_ref().map_or("COMMIT", |commit| commit.id.as_str());
    [
        format!("git show {id}:FILE | sha256sum    # the hash of the row"),
        format!("git show {id}:FILE                # who decided what, why, until when, and what was known"),
        format!("git log --diff-filter=A --show-signature {id} -- FILE    # the commit that brought it"),
    ]
}

/// What a person has to know of the files that the commands cannot show.
fn note(register: &Register) -> Option<String> {
    let files = |risk: &Risk| -> Vec<Filed> {
        let steps = risk.renewed.iter().chain(&risk.approvals).chain(&risk.ended);
        steps.map(|step| step.filed.clone()).chain([risk.filed.clone()]).collect()
    };
    let mut marks: BTreeMap<&str, usize> = BTreeMap::new();
    for filed in register.risks.iter().flat_map(files).filter(|filed| !filed.is_committed) {
        *marks.entry(filed.mark()).or_default() += 1;
    }
    let said = |(mark, count): (&str, usize)| {
        let (are, them) = if count == 1 { ("file is", "it") } else { ("files are", "them") };
        let more =
            if mark == "not committed" { format!("; sha256sum FILE checks {them} in the tree") } else { String::new() };
        format!("{count} {are} not in the commit (marked: {mark}){more}")
    };
    let said: Vec<String> = marks.into_iter().map(said).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// `B602 src/run.py:12` of each result, the first of them.
fn places(event: &Event, most: usize) -> Vec<String> {
    let mut places: Vec<String> = event.members.iter().take(most).map(Anchor::words).collect();
    if event.members.len() > most {
        places.push(format!("and {} more", event.members.len() - most));
    }
    if let Some(scope) = &event.scope {
        places.push(format!("and all of {}", scope.words()));
    }
    places
}

/// The steps of a risk in their order, the one that it is about among them.
fn story(risk: &Risk) -> Vec<Step> {
    let own = Step { event: risk.event.clone(), filed: risk.filed.clone(), is_taken_back: false };
    let mut steps: Vec<Step> =
        risk.renewed.iter().cloned().chain([own]).chain(risk.approvals.iter().cloned()).collect();
    steps.extend(risk.ended.clone().filter(|end| !steps.iter().any(|step| step.event.id == end.event.id)));
    steps.sort_by(|a, b| (a.event.at, &a.event.id).cmp(&(b.event.at, &b.event.id)));
    steps
}

/// What became of it, in words: `in-effect`, `taken-back on 2027-01-31 by mo`.
fn outcome(risk: &Risk) -> String {
    let by = risk.ended.as_ref().map(|step| {
        let day = step.event.at.strftime("%Y-%m-%d");
        format!(" by {} on {day}: {}", step.event.author, step.event.op)
    });
    format!("{}{}", risk.state, by.unwrap_or_default())
}

fn until(event: &Event) -> String {
    event.until.map(|until| until.to_string()).unwrap_or_default()
}
