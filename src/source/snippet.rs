//! The lines around a place, from the tree or from the report's own copy.

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::column;
use crate::model::detail::{Location, Region};
use crate::model::snippet::{CodeLine, Origin, Snippet};
use crate::repo::Repo;

use super::lines::Lines;

/// Longest part of a line that is shown, in bytes.
pub const MAX_LINE: usize = 4096;
/// Most lines of one snippet; a longer region is cut at its end.
pub const MAX_LINES: u32 = 2000;
/// How far above the shown lines colouring starts.
const ABOVE: u32 = 100;
/// What scanners write over secrets.
const COVERS: [&str; 3] = ["***", "REDACTED", "…"];
/// Longest line that colouring is given, in bytes (see `highlight`).
pub(super) const MAX_COLOURED: usize = 2000;

/// The lines around `location`, at most `before` above and `after` below; the tree first, then the report's
/// own snippet. Never fails: a missing, binary or changed file is said in `Snippet::origin`.
/// Whether the file has changed since is told by the report's own text, else by `made`, when the scan ended.
pub fn snippet(repo: &Repo, location: &Location, made: Option<Timestamp>, before: u32, after: u32) -> Snippet {
    let around = Around { before, after };
    from_tree(repo, location, made, &around)
        .or_else(|reason| from_report(location, &around).ok_or(reason))
        .unwrap_or_else(|reason| missing(location, reason))
}

/// How many lines to show on both sides of a region.
struct Around {
    before: u32,
    after: u32,
}

fn from_tree(repo: &Repo, location: &Location, made: Option<Timestamp>, around: &Around) -> Result<Snippet, String> {
    let file = TreeFile::read(repo, location)?;
    let span = file.span(&location.region)?;
    let changed = file.has_changed(location, made);
    let flagged = flagged(location, &file.lines, span);
    Ok(cut_out(location, &file.lines, Shown { span, start: 1, flagged }, around, Origin::Tree { changed }))
}

/// A file of the tree, to be asked about several places in it.
pub struct TreeFile<'r> {
    repo: &'r Repo,
    path: &'r str,
    lines: Lines,
}

impl<'r> TreeFile<'r> {
    /// The file of a place; the error says why there is nothing to look at.
    pub fn read(repo: &'r Repo, location: &'r Location) -> Result<Self, String> {
        let path = location.path.as_str();
        if path.is_empty() {
            return Err("the report names no file".to_owned());
        }
        if !location.in_repo {
            return Err(
                "the file is not in this repository; start Quell where the scan ran, or name it with --repo".into()
            );
        }
        let bytes = repo.read(path).map_err(|error| format!("{error}; scan again, or check out what was scanned"))?;
        let lines =
            Lines::of_file(bytes).map_err(|_| "the file is binary, not text; open it with a tool for its format")?;
        if lines.count() == 0 {
            return Err("the file is empty; scan again".to_owned());
        }
        Ok(Self { repo, path, lines })
    }

    /// First and last line of a region, from 1.
    fn span(&self, region: &Region) -> Result<(u32, u32), String> {
        match self.lines.span(region) {
            Some(span) => Ok(span),
            None if *region == Region::default() => Ok((1, 1)),
            None => Err(past_the_end(region, self.lines.count())),
        }
    }

    fn has_changed(&self, location: &Location, made: Option<Timestamp>) -> bool {
        match shows_its_text(&self.lines, location) {
            Some(shows) => !shows,
            None => made.is_some_and(|made| was_written(self.repo, self.path, made)),
        }
    }

    /// Whether a place in it is not as the scan saw it that ended then; the error says why that cannot be looked at.
    pub fn is_changed(&self, location: &Location, made: Option<Timestamp>) -> Result<bool, String> {
        self.span(&location.region).map(|_| self.has_changed(location, made))
    }
}

/// The region in lines and code points of the file. Where it cannot be told inside the lines, it is all of them.
fn flagged(location: &Location, lines: &Lines, span: (u32, u32)) -> Region {
    let Location { region, unit, snippet, .. } = location;
    let (line, end_line) = span;
    if region.line > 0 {
        let (first, last) = (lines.get(line), lines.get(end_line));
        let seen = snippet.as_deref().filter(|text| can_be_compared(text));
        let shown = column::shown(column::Lines { first: &first, last: &last }, region, *unit, seen);
        return Region { line, end_line, ..shown };
    }
    let resolved = lines.text().and_then(|text| column::resolve(text, region, *unit));
    resolved.unwrap_or(Region { line, end_line, ..Region::default() })
}

/// Whether the report's own text stands at its place; `None` where it carries none that can be compared.
fn shows_its_text(lines: &Lines, location: &Location) -> Option<bool> {
    let line = location.region.line;
    let snippet = location.snippet.as_deref().filter(|_| line > 0).map(|text| (line, text));
    let context =
        location.context.as_ref().filter(|(start, _)| *start > 0).map(|(start, text)| (*start, text.as_str()));
    let texts: Vec<(u32, &str)> =
        snippet.into_iter().chain(context).filter(|(_, text)| can_be_compared(text)).collect();
    if texts.is_empty() { None } else { Some(texts.into_iter().all(|(first, text)| stands_at(lines, first, text))) }
}

/// Blank text stands everywhere, and a covered secret nowhere.
fn can_be_compared(text: &str) -> bool {
    !text.trim().is_empty() && !COVERS.iter().any(|cover| text.contains(cover))
}

/// Whether a text is part of as many lines as it has, from `first` on. Line ends and white space around it may differ.
fn stands_at(lines: &Lines, first: u32, text: &str) -> bool {
    let text = Lines::of_text(text.trim_end().as_bytes().to_vec());
    (1..=text.count()).all(|number| {
        let found = lines.get(first.saturating_add(number - 1));
        let wanted = text.get(number);
        let wanted = wanted.trim_start_matches('\u{feff}').trim();
        // Only its first and last line may be parts of lines.
        let is_edge = number == 1 || number == text.count();
        if is_edge { found.contains(wanted) } else { found.trim() == wanted }
    })
}

/// Whether the file is another than when the scan ended: written since, and not what was committed then. A checkout
/// writes files without changing them.
fn was_written(repo: &Repo, path: &str, made: Timestamp) -> bool {
    if repo.file_state(path).is_ok_and(|state| state.written <= made) {
        return false;
    }
    let then = repo.head_as_of(made).and_then(|head| repo.blob_at(&head, path));
    !then.zip(repo.read(path).ok()).is_some_and(|(then, now)| is_same(&then, &now))
}

/// Equal but for line ends, which a checkout may convert.
fn is_same(then: &[u8], now: &[u8]) -> bool {
    fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
    }
    lines(then).eq(lines(now))
}

fn past_the_end(region: &Region, count: u32) -> String {
    let place = if region.line > 0 { format!("line {}", region.line) } else { "the place".to_owned() };
    format!("{place} is past the end of the file, which has {count} lines; scan again")
}

fn from_report(location: &Location, around: &Around) -> Option<Snippet> {
    let region = location.resolved.unwrap_or(location.region);
    let flagged = region.line.max(1);
    let (start, text) = match (&location.context, &location.snippet) {
        (Some((start, text)), _) => ((*start).max(1), text),
        (None, Some(text)) => (flagged, text),
        (None, None) => return None,
    };
    let lines = Lines::of_text(text.as_bytes().to_vec());
    if lines.count() == 0 {
        return None;
    }
    // In lines of the copy; a context that does not hold the region is shown from its start.
    let first = flagged.checked_sub(start).map_or(1, |down| down.saturating_add(1));
    let first = if first > lines.count() { 1 } else { first };
    let long = region.end_line.saturating_sub(flagged);
    let last = first.saturating_add(long).min(lines.count());
    // A copy of the region alone begins inside its line: all of it is flagged.
    let is_whole_line = location.context.is_some() || column_fits(&lines, (first, last), &region);
    let region = if is_whole_line { region } else { Region { column: 0, end_column: 0, ..region } };
    let (from, to) = (lines.get(first), lines.get(last));
    let columns = column::shown(column::Lines { first: &from, last: &to }, &region, location.unit, None);
    let marked = Region { line: flagged, end_line: flagged + (last - first), ..columns };
    let shown = Shown { span: (first, last), start, flagged: marked };
    let mut snippet = cut_out(location, &lines, shown, around, Origin::Report);
    snippet.total_lines = 0;
    Some(snippet)
}

fn column_fits(lines: &Lines, (first, last): (u32, u32), region: &Region) -> bool {
    let fits = |number: u32, column: u32| column as usize <= lines.get(number).chars().count() + 1;
    fits(first, region.column) && fits(last, region.end_column)
}

fn missing(location: &Location, reason: String) -> Snippet {
    Snippet { path: location.path.clone(), origin: Origin::Missing(reason), ..Snippet::default() }
}

/// What is shown of a text.
#[derive(Clone, Copy)]
struct Shown {
    /// First and last flagged line, counted in the text.
    span: (u32, u32),
    /// The number that the first line of the text has in the file.
    start: u32,
    /// The region as the file counts.
    flagged: Region,
}

fn cut_out(location: &Location, lines: &Lines, shown: Shown, around: &Around, origin: Origin) -> Snippet {
    let Shown { span, start, flagged } = shown;
    let first = span.0.saturating_sub(around.before).max(1);
    let last = span.1.saturating_add(around.after).min(lines.count()).min(first.saturating_add(MAX_LINES - 1));
    let column = |number: u32| if number == span.0 { flagged.column } else { 1 };
    Snippet {
        path: location.path.clone(),
        first_line: first.saturating_add(start - 1),
        total_lines: lines.count(),
        lines: (first..=last).map(|number| code_line(&lines.get(number), column(number))).collect(),
        flagged,
        above: above(lines, first),
        origin,
        is_coloured: false,
    }
}

/// One line, cut so that its flagged column (1-based, in code points) stays in what is shown.
fn code_line(text: &str, column: u32) -> CodeLine {
    if text.len() <= MAX_LINE {
        return CodeLine { text: Arc::from(text), ..CodeLine::default() };
    }
    let flagged = text.char_indices().nth(column.saturating_sub(1) as usize).map_or(0, |(at, _)| at);
    let start = if flagged < MAX_LINE / 2 { 0 } else { flagged - MAX_LINE / 4 };
    let head = boundary(text, start);
    let (cut_off, rest) = text.split_at(head);
    let (shown, _) = rest.split_at(boundary(rest, MAX_LINE));
    let skipped = u32::try_from(cut_off.chars().count()).unwrap_or(u32::MAX);
    CodeLine { text: Arc::from(shown), skipped, roles: Vec::new() }
}

/// The last character boundary at or before a byte.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

fn above(lines: &Lines, first: u32) -> Arc<str> {
    let from = first.saturating_sub(ABOVE).max(1);
    let mut text = String::new();
    for number in (from..first).filter(|&number| lines.len(number) <= MAX_COLOURED) {
        text.push_str(&lines.get(number));
        text.push('\n');
    }
    Arc::from(text)
}
