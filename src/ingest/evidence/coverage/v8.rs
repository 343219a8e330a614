//! V8's coverage (`NODE_V8_COVERAGE`, the DevTools protocol's `Profiler.takePreciseCoverage`): ranges of UTF-16 code
//! units of the script, nested, each with a count. Lines follow from the source, so only files of the repository count,
//! and only as long as they are as long as the script was.

use std::collections::{BTreeMap, BTreeSet};

use crate::ingest::evidence::draft::Draft;
use crate::ingest::json::{Int, List, Owned, lenient};
use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;

use super::measured::{Function, Line, Measured, state};
use super::ran;

lenient! {
    Report {
        result: List<Script> = "result",
    }
}

lenient! {
    Script {
        url: Owned = "url",
        functions: List<Body> = "functions",
    }
}

lenient! {
    /// A function; the first of a script is all of it.
    Body {
        ranges: List<Range> = "ranges",
    }
}

lenient! {
    Range {
        start: Int = "startOffset",
        end: Int = "endOffset",
        count: Int = "count",
    }
}

/// A file as it is now, and what each of its scripts says of it.
type Scripts = BTreeMap<Box<str>, Vec<(usize, Script)>>;

pub(in crate::ingest::evidence) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let report: Report = original.document();
    draft.document.tool = "V8".into();
    ran::set(draft, &BTreeSet::new());
    let mut scripts = Scripts::new();
    for (number, script) in report.result.0.into_iter().enumerate() {
        // Modules of the runtime have no file.
        let url = script.url.0.as_deref().filter(|url| !url.starts_with("node:") && !url.is_empty());
        if let Some(path) = url.and_then(|url| draft.file(url, &[])) {
            scripts.entry(path).or_default().push((number, script));
        }
    }
    if scripts.is_empty() {
        draft.odd("/result", Oddity::harmless("no script is a file of the repository", ""));
    }
    for (path, scripts) in scripts {
        file(draft, &path, &scripts);
    }
}

fn file(draft: &mut Draft<'_>, path: &str, scripts: &[(usize, Script)]) {
    let source = draft.source(path);
    let Some(source) = source.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok()).map(Source::of) else {
        draft.odd("", Oddity::costly("a script whose source cannot be read", path));
        return;
    };
    let mut measured = Measured::default();
    for (number, script) in scripts {
        let pointer = format!("/result/{number}");
        let length = script.functions.0.iter().flat_map(|body| &body.ranges.0).filter_map(|range| range.end.position());
        if length.max() != Some(source.length) {
            draft.odd(pointer, Oddity::costly("a script that is not the file as it is now", path));
            continue;
        }
        let at = u32::try_from(*number).unwrap_or(u32::MAX);
        let counts = source.counts(script);
        measured.lines.extend((1..).zip(counts).filter_map(|(line, ran)| Some(Line::one(line, ran?, at))));
        // The script itself ran whenever it is listed.
        measured.functions.extend(script.functions.0.iter().skip(1).filter_map(|body| source.function(body)));
    }
    state(draft, path, true, measured, |line| format!("/result/{}", line.at));
}

/// The lines of a source in UTF-16 code units.
struct Source {
    /// Where each line starts.
    starts: Vec<usize>,
    /// Where what is not blank in each line starts and ends.
    written: Vec<Option<(usize, usize)>>,
    length: usize,
}

impl Source {
    fn of(text: &str) -> Self {
        let (mut starts, mut written) = (vec![0], vec![None]);
        let mut at = 0;
        for c in text.chars() {
            let end = at + c.len_utf16();
            if c == '\n' {
                starts.push(end);
                written.push(None);
            } else if !c.is_whitespace()
                && let Some(line) = written.last_mut()
            {
                *line = Some((line.map_or(at, |(start, _)| start), end));
            }
            at = end;
        }
        Self { starts, written, length: at }
    }

    /// The line of a position, from 1.
    fn line(&self, at: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= at)).unwrap_or(u32::MAX)
    }

    fn function(&self, body: &Body) -> Option<Function> {
        let range = body.ranges.0.first()?;
        let (start, end) = (range.start.position()?, range.end.position()?.checked_sub(1)?);
        Some(Function { first: self.line(start), last: self.line(end), ran: Some(range.count.0? > 0) })
    }

    /// Whether anything of each line ran; `None` for blank lines.
    fn counts(&self, script: &Script) -> Vec<Option<bool>> {
        let mut ranges: Vec<(usize, usize, bool)> = script
            .functions
            .0
            .iter()
            .flat_map(|body| &body.ranges.0)
            .filter_map(|range| Some((range.start.position()?, range.end.position()?, range.count.0? > 0)))
            .collect();
        ranges.sort_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
        let pieces = pieces(&ranges);
        let mut next = 0;
        let ran = |line: &Option<(usize, usize)>| {
            let (start, end) = (*line)?;
            while pieces.get(next).is_some_and(|(_, to, _)| *to <= start) {
                next += 1;
            }
            Some(pieces.get(next..)?.iter().take_while(|(from, ..)| *from < end).any(|(.., ran)| *ran))
        };
        self.written.iter().map(ran).collect()
    }
}

/// Nested ranges, outer ones first, as pieces without overlap: the innermost counts.
fn pieces(ranges: &[(usize, usize, bool)]) -> Vec<(usize, usize, bool)> {
    let mut pieces = Vec::new();
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut at = 0;
    let mut push = |at: &mut usize, to: usize, ran: bool| {
        if *at < to {
            pieces.push((*at, to, ran));
            *at = to;
        }
    };
    for (start, end, ran) in ranges {
        while let Some((close, inner)) = open.pop_if(|(close, _)| *close <= *start) {
            push(&mut at, close, inner);
        }
        if let Some((_, outer)) = open.last() {
            push(&mut at, *start, *outer);
        }
        at = at.max(*start);
        open.push((*end, *ran));
    }
    while let Some((close, inner)) = open.pop() {
        push(&mut at, close, inner);
    }
    pieces
}
