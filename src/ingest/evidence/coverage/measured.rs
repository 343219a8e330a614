//! The lines of one file as a run measured them, and the statements that follow.
//!
//! The head of a function counts as executed in most formats as soon as its file is loaded, although the body never
//! ran. So a function is judged by its body: of one that did not run, no line is stated as executed.

use std::collections::HashMap;

use crate::ingest::evidence::draft::Draft;
use crate::ingest::notes::Oddity;
use crate::model::evidence::{Basis, Polarity, Rung, Statement, Strength, Subject};

use super::heads::{Head, Heads};

/// The most lines without an own measurement, such as the rest of a long call, that a run of lines goes on over.
const MAX_GAP: u32 = 10;
/// An executed line is an observed fact; a line that a measurement did not meet says little.
const RAN: Strength = 4;
const DID_NOT_RUN: Strength = 1;
/// Of lines that may have run only because their file was loaded.
const MAY_BE_HEAD: Strength = 2;

/// What is known of the lines of one file.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) lines: Vec<Line>,
    pub(super) functions: Vec<Function>,
}

/// One line, or several with the same answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// 1-based.
    pub(super) first: u32,
    pub(super) last: u32,
    /// Whether it was executed; `None` for a line that is left out.
    pub(super) ran: Option<bool>,
    /// Where the file says it, as its format counts.
    pub(super) at: u32,
}

/// A function by its lines. Where a format has only its first line, that is its last too.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    pub(super) first: u32,
    pub(super) last: u32,
    /// Whether its body was executed; `None` where that cannot be told.
    pub(super) ran: Option<bool>,
}

impl Line {
    pub(super) fn one(number: u32, ran: bool, at: u32) -> Self {
        Self { first: number, last: number, ran: Some(ran), at }
    }
}

/// Several files in the order in which they were met first; one that is measured twice is one.
#[derive(Debug, Default)]
pub(super) struct Files {
    numbers: HashMap<String, usize>,
    files: Vec<(String, Measured)>,
}

impl Files {
    pub(super) fn of(&mut self, name: &str) -> &mut Measured {
        let number = self.numbers.get(name).copied().unwrap_or(self.files.len());
        if number == self.files.len() {
            self.numbers.insert(name.to_owned(), number);
            self.files.push((name.to_owned(), Measured::default()));
        }
        &mut self.files[number].1
    }

    /// States all of them; each name is a path below one of these bases.
    pub(super) fn state(self, draft: &mut Draft<'_>, bases: &[String], pointer: impl Fn(&Line) -> String) {
        let mut places = Places::default();
        for (name, measured) in self.files {
            let file = draft.file(&name, bases);
            places.add(&name, file.is_some());
            state(draft, file.as_deref().unwrap_or(&name), file.is_some(), measured, &pointer);
        }
        places.tell(draft);
    }
}

/// Whether files were found in the repository: where none is, somebody should hear of it.
#[derive(Default)]
pub(super) struct Places {
    are_found: bool,
    first: Option<String>,
}

impl Places {
    pub(super) fn add(&mut self, name: &str, is_found: bool) {
        self.are_found |= is_found;
        self.first.get_or_insert_with(|| name.to_owned());
    }

    pub(super) fn tell(self, draft: &mut Draft<'_>) {
        if let Some(first) = self.first.filter(|_| !self.are_found) {
            draft.odd("", Oddity::harmless("none of the files that it measures is in the repository", first));
        }
    }
}

/// Lines with the same answer, while more are added.
struct Stretch {
    line: Line,
    ran: bool,
    strength: Strength,
}

/// States what is known of a file, in the order of its lines.
pub(super) fn state(
    draft: &mut Draft<'_>,
    path: &str,
    in_repo: bool,
    mut measured: Measured,
    pointer: impl Fn(&Line) -> String,
) {
    let heads = Heads::of(path, || in_repo.then(|| draft.source(path)).flatten());
    let lines = merged(&mut measured.lines);
    let mut functions = Functions::new(measured.functions);
    let mut open: Option<Stretch> = None;
    for line in lines {
        let answer = answer(line, &mut functions, &heads);
        match (&mut open, answer) {
            (Some(stretch), Some((ran, strength)))
                if (stretch.ran, stretch.strength) == (ran, strength)
                    && line.first.saturating_sub(stretch.line.last) <= MAX_GAP + 1 =>
            {
                stretch.line.last = line.last;
            }
            (_, answer) => {
                close(draft, path, open.as_ref(), &pointer);
                open = answer.map(|(ran, strength)| Stretch { line: *line, ran, strength });
            }
        }
    }
    close(draft, path, open.as_ref(), &pointer);
}

/// Sorts the lines and makes one of those with the same number: executed once is executed.
fn merged(lines: &mut Vec<Line>) -> &[Line] {
    lines.sort_by_key(|line| line.first);
    lines.dedup_by(|next, kept| {
        let is_same = next.first == kept.first;
        if is_same && next.ran == Some(true) && kept.ran != Some(true) {
            (kept.ran, kept.at) = (next.ran, next.at);
        }
        is_same
    });
    lines
}

/// Whether a line was executed, and how much that is worth; `None` where nothing is stated.
fn answer(line: &Line, functions: &mut Functions, heads: &Heads) -> Option<(bool, Strength)> {
    if !line.ran? {
        return Some((false, DID_NOT_RUN));
    }
    let ran = match (functions.at(line.first), heads.of_line(line.first)) {
        (_, Head::Other) => return None,
        (Inside::Starts(ran), _) => ran?,
        (Inside::Body(Some(false)), _) => false,
        (_, Head::Function(first)) => functions.starting_at(first)?,
        (Inside::Nothing, Head::Unknown) => return Some((true, MAY_BE_HEAD)),
        (Inside::Body(_) | Inside::Nothing, Head::Unknown | Head::No) => true,
    };
    Some((ran, if ran { RAN } else { DID_NOT_RUN }))
}

fn close(draft: &mut Draft<'_>, path: &str, stretch: Option<&Stretch>, pointer: &impl Fn(&Line) -> String) {
    let Some(Stretch { line, ran, strength }) = stretch else { return };
    let is_unsure = *strength == MAY_BE_HEAD;
    draft.state(Statement {
        pointer: pointer(line).into(),
        subject: Subject {
            path: Some(path.into()),
            line: Some(line.first),
            end_line: (line.last > line.first).then_some(line.last),
            ..Subject::default()
        },
        rung: Rung::Executed,
        polarity: if *ran { Polarity::Yes } else { Polarity::No },
        basis: Basis::Dynamic,
        reason: is_unsure.then(|| "it may have run only because its file was loaded".into()),
        strength: *strength,
        ..Statement::default()
    });
}

/// Where a line stands among the functions.
enum Inside {
    Nothing,
    /// On the first line of one or more, with whether any ran.
    Starts(Option<bool>),
    /// Further in one.
    Body(Option<bool>),
}

/// The functions of a file, asked for one line after the other.
struct Functions {
    /// By first line, outer ones first.
    all: Vec<Function>,
    next: usize,
    open: Vec<Function>,
}

impl Functions {
    fn new(mut all: Vec<Function>) -> Self {
        all.sort_by_key(|function| (function.first, std::cmp::Reverse(function.last)));
        Self { all, next: 0, open: Vec::new() }
    }

    fn at(&mut self, line: u32) -> Inside {
        while let Some(function) = self.all.get(self.next).filter(|function| function.first <= line) {
            self.open.push(*function);
            self.next += 1;
        }
        while self.open.pop_if(|function| function.last < line).is_some() {}
        let starting = self.open.iter().rev().take_while(|function| function.first == line);
        if let Some(ran) = starting.map(|function| function.ran).reduce(any) {
            return Inside::Starts(ran);
        }
        self.open.last().map_or(Inside::Nothing, |function| Inside::Body(function.ran))
    }

    /// Whether a function ran that starts on a line; `None` if there is none, or nobody can tell.
    fn starting_at(&self, line: u32) -> Option<bool> {
        let first = self.all.partition_point(|function| function.first < line);
        let starting = self.all.get(first..)?.iter().take_while(|function| function.first == line);
        starting.map(|function| function.ran).reduce(any)?
    }
}

/// Whether any of two ran.
fn any(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}
