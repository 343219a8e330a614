//! What an event keeps of each result that it names: enough to find it again in a later scan.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::model::backlog::{Backlog, FindingIdx, Record, ResultIdx};
use crate::model::covered::covered;
use crate::model::decision::{Anchor, Facts, Op};
use crate::model::grade::Category;
use crate::model::id::Hash64;
use crate::model::problem::Problem;
use crate::repo::Repo;

use super::canonical::hash64;
use super::context::{Files, Look, Place};
use super::decide::refuse;
use super::fingerprint;
use super::graph::{Part, part};

/// What a report says of a result, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The flagged text (`Location::snippet`).
    pub text: Option<String>,
    /// The fix that there is: `lodash 4.17.21`.
    pub fix: Option<String>,
    /// Name and value.
    pub fingerprints: Vec<(String, String)>,
}

/// Decodes a result.
pub type Seen<'a> = &'a (dyn Fn(ResultIdx) -> Told + Sync);

/// Fewer results than this are not worth a thread.
const MIN_PER_THREAD: usize = 32;

/// Every result of the findings, each id once. A verdict or treatment about text that is gone is refused.
pub(super) fn anchors(
    mut files: Files<'_>,
    backlog: &Backlog,
    findings: &[FindingIdx],
    op: Op,
    seen: Seen,
) -> Result<Vec<Anchor>, Problem> {
    let results = || findings.iter().flat_map(|&finding| backlog.members(finding));
    let records = results().map(|&result| backlog.record(result)).filter(|record| is_in_repo(backlog, record));
    files.read_all(&records.map(|record| backlog.path(record)).collect());
    let mut ids = HashSet::new();
    let results: Vec<ResultIdx> = results().copied().filter(|result| ids.insert(backlog.record(*result).id)).collect();
    let is_judged = matches!(part(op), Part::Verdict | Part::Treatment);
    let anchored = |&result: &ResultIdx| {
        let record = backlog.record(result);
        let told = seen(result);
        let place = place(&files, backlog, record, told.text.as_deref());
        if is_judged && place == Place::Gone && is_rewritten(files.repo, backlog, record) {
            return Err(gone(backlog, record));
        }
        Ok(anchor(backlog, result, place, &told))
    };
    // Collected first: of several reasons the first one is told.
    let anchors: Vec<Result<Anchor, Problem>> = results.par_iter().with_min_len(MIN_PER_THREAD).map(anchored).collect();
    let mut anchors = anchors.into_iter().collect::<Result<Vec<Anchor>, Problem>>()?;
    count_equals(&files, backlog, &results, &mut anchors);
    Ok(anchors)
}

fn place(files: &Files, backlog: &Backlog, record: &Record, snippet: Option<&str>) -> Place {
    if !is_in_repo(backlog, record) {
        return Place::Unknown;
    }
    // Scanners cover secrets in what they report, so that it is found nowhere.
    files.place(backlog.path(record), record, snippet.filter(|_| record.category() != Category::Secret))
}

pub(super) fn is_in_repo(backlog: &Backlog, record: &Record) -> bool {
    backlog.paths.get(record.path).is_some_and(|path| path.in_repo)
}

/// Whether the file was written after the scan. If not, text that is not in it is a habit of the tool: some shorten it.
pub(super) fn is_rewritten(repo: &Repo, backlog: &Backlog, record: &Record) -> bool {
    let written = repo.file_state(backlog.path(record)).ok().map(|state| state.written);
    written.zip(backlog.report(record).made).is_none_or(|(written, made)| written > made)
}

fn gone(backlog: &Backlog, record: &Record) -> Problem {
    let subject = format!("{} {}:{}", record.id, backlog.path(record), record.line);
    refuse(subject, "the file has changed, and what was flagged is no longer in it", "scan again, then decide")
}

fn anchor(backlog: &Backlog, result: ResultIdx, place: Place, told: &Told) -> Anchor {
    let record = backlog.record(result);
    let version = backlog.package_of(result).and_then(|package| package.version.as_deref());
    let (line, look) = match place {
        Place::Found(line, look) => (line, Some(look)),
        Place::Unknown | Place::Gone => (record.line, None),
    };
    let (column, context, text, window) = look.map_or((0, None, None, None), |look| {
        let Look { column, context, text, window } = look;
        (column, Some(context), Some(text), window)
    });
    Anchor {
        column,
        context,
        end_line: if record.end_line > record.line { line + (record.end_line - record.line) } else { 0 },
        equals: 0,
        facts: Some(Box::new(Facts {
            fix: told.fix.as_deref().map(Into::into),
            version: version.map(Into::into),
            ..Facts::default()
        })),
        fingerprint: fingerprint_of(backlog, record, told),
        id: record.id,
        line,
        message: text.is_some().then(|| message(backlog, result)),
        path: backlog.path(record).into(),
        rule: backlog.rule(record).id.as_str().into(),
        text,
        tool: backlog.tool(record).family.as_str().into(),
        twins: 0,
        was: Vec::new(),
        window,
    }
}

pub(super) fn fingerprint_of(backlog: &Backlog, record: &Record, told: &Told) -> Option<String> {
    // A fingerprint may be made of the secret itself.
    let is_open = record.category() != Category::Secret;
    is_open.then(|| fingerprint::chosen(&backlog.tool(record).family, &told.fingerprints)).flatten()
}

/// Hash of a message in lower case without its numbers, which count lines and bytes more often than they name anything.
pub(super) fn message(backlog: &Backlog, result: ResultIdx) -> Hash64 {
    let mut text = backlog.messages.get(result);
    if backlog.record(result).category() == Category::Secret {
        text = covered(&text);
    }
    text.retain(|c| !c.is_ascii_digit());
    hash64(text.as_bytes())
}

/// What anchors that could be taken for each other have in common, beside rule and path.
#[derive(PartialEq, Eq, Hash)]
struct Spot {
    text: Hash64,
    context: Hash64,
    column: u32,
    message: Hash64,
}

/// The lines of a file at which results of one rule stand in a spot, and at which they flag a text.
#[derive(Default)]
struct Lines {
    spots: HashMap<Spot, HashSet<u32>>,
    texts: HashMap<Hash64, HashSet<u32>>,
}

/// Tells anchors at how many other lines of the same file a result of the same rule, chosen or not, flags such a text and
/// stands in such a spot.
fn count_equals(files: &Files, backlog: &Backlog, results: &[ResultIdx], anchors: &mut [Anchor]) {
    let key = |result: ResultIdx| (backlog.record(result).rule, backlog.record(result).path);
    let mut others: HashMap<(u32, u32), Vec<ResultIdx>> = results.iter().map(|&at| (key(at), Vec::new())).collect();
    for result in (0..).take(backlog.results.len()) {
        if let Some(others) = others.get_mut(&key(result)) {
            others.push(result);
        }
    }
    let lines = |results: &Vec<ResultIdx>| {
        let mut lines = Lines::default();
        for &result in results {
            let record = backlog.record(result);
            if let Some(Look { column, context, text, .. }) = files.look(backlog.path(record), record) {
                lines.texts.entry(text).or_default().insert(record.line);
                let spot = Spot { text, context, column, message: message(backlog, result) };
                lines.spots.entry(spot).or_default().insert(record.line);
            }
        }
        lines
    };
    let groups: Vec<((u32, u32), Vec<ResultIdx>)> = others.into_iter().filter(|(_, of)| of.len() > 1).collect();
    let lines: HashMap<(u32, u32), Lines> = groups.par_iter().map(|(key, results)| (*key, lines(results))).collect();
    for (&result, anchor) in results.iter().zip(anchors) {
        let (Some(lines), Some(text), Some(context), Some(message)) =
            (lines.get(&key(result)), anchor.text, anchor.context, anchor.message)
        else {
            continue;
        };
        let line = anchor.line;
        let others = |lines: Option<&HashSet<u32>>| {
            // Where the flagged text moved since the scan, the others are not where they were either.
            let has_moved = line != backlog.record(result).line;
            let others = || lines.map_or(0, |lines| lines.iter().filter(|other| **other != line).count());
            if has_moved { 1 } else { u32::try_from(others()).unwrap_or(u32::MAX) }
        };
        anchor.equals = others(lines.spots.get(&Spot { text, context, column: anchor.column, message }));
        anchor.twins = others(lines.texts.get(&text));
    }
}
