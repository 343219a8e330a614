//! Problems of one file, with a bound on how many of one kind are kept.

use crate::model::problem::{Loss, Problem};

/// Problems of one kind that are kept; the rest is counted.
const KEPT: usize = 20;

/// Mappings of paths that are named.
const NAMED: usize = 3;

/// Something odd about one result, before it has a place.
#[derive(Clone, Debug)]
pub(super) struct Oddity {
    /// What it is, the same for all of its kind: bounds are counted by it.
    pub(super) kind: &'static str,
    /// What exactly, empty where `kind` says it all.
    pub(super) what: String,
    pub(super) loss: Loss,
}

impl Oddity {
    /// Something read with a stated meaning.
    pub(super) fn harmless(kind: &'static str, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), loss: Loss::Nothing }
    }

    /// Something that cost the result or a part of it.
    pub(super) fn costly(kind: &'static str, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), loss: Loss::Result }
    }

    /// The oddity in one line.
    pub(super) fn reason(&self) -> String {
        if self.what.is_empty() { self.kind.to_owned() } else { format!("{}: {}", self.kind, self.what) }
    }
}

/// Problems of one file in the order they were met.
pub(super) struct Notes {
    file: String,
    problems: Vec<Problem>,
    seen: Vec<(&'static str, usize, Loss)>,
}

impl Notes {
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), problems: Vec::new(), seen: Vec::new() }
    }

    /// A problem of the whole file.
    pub(super) fn file(&mut self, reason: impl Into<String>, hint: &str) {
        self.problems.push(Problem::of_file(&*self.file, reason, hint));
    }

    /// A problem at a place, always kept.
    pub(super) fn at(&mut self, place: impl Into<String>, reason: impl Into<String>, hint: &str, loss: Loss) {
        self.problems.push(Problem::at(&*self.file, place, reason, loss).hint(hint));
    }

    /// A problem that may come up for every result.
    pub(super) fn odd(&mut self, place: impl FnOnce() -> String, oddity: &Oddity) {
        let count = self.count(oddity);
        if count <= KEPT {
            let hint = hint_of(oddity.loss);
            self.problems.push(Problem::at(&*self.file, place(), oddity.reason(), oddity.loss).hint(hint));
        }
    }

    /// Says how paths of the report were found where they do not stand.
    pub(super) fn mapped(&mut self, learnt: &[String]) {
        let shown = learnt.get(..NAMED).unwrap_or(learnt);
        if !shown.is_empty() {
            let more = learnt.len() - shown.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let reason = format!("paths were found by how they end: {}{more}", shown.join(", "));
            self.at("", reason, "say otherwise under [paths] in .quell/config.toml", Loss::Nothing);
        }
    }

    fn count(&mut self, oddity: &Oddity) -> usize {
        if let Some((_, count, loss)) = self.seen.iter_mut().find(|(kind, ..)| *kind == oddity.kind) {
            *count += 1;
            *loss = (*loss).max(oddity.loss);
            return *count;
        }
        self.seen.push((oddity.kind, 1, oddity.loss));
        1
    }

    /// All problems, with one line for each kind that had more than are kept.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        for (kind, count, loss) in self.seen {
            if let Some(more) = count.checked_sub(KEPT).filter(|more| *more > 0) {
                self.problems.push(Problem::at(&*self.file, "", format!("and {more} more: {kind}"), loss));
            }
        }
        self.problems
    }
}

fn hint_of(loss: Loss) -> &'static str {
    match loss {
        Loss::Nothing => "",
        Loss::Result | Loss::File => "correct the report or make it again",
    }
}
