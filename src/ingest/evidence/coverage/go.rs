//! Go's cover profile (`golang.org/x/tools/cover`): blocks of statements in files that are named by import path.

use std::collections::{BTreeSet, HashMap};

use crate::ingest::evidence::draft::Draft;
use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;
use crate::ingest::repair::Flaw;

use super::measured::{Line, Measured, Places, state};
use super::ran;

pub(in crate::ingest::evidence) fn is_text(head: &str) -> bool {
    let first = head.trim_start_matches('\u{feff}').lines().next().unwrap_or_default().trim();
    first.strip_prefix("mode:").is_some_and(|mode| matches!(mode.trim(), "set" | "count" | "atomic"))
}

/// A block of statements.
#[derive(Clone, Copy)]
struct Block {
    first: u32,
    last: u32,
    ran: bool,
    /// Line of the profile.
    at: u32,
}

pub(in crate::ingest::evidence) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let text = String::from_utf8_lossy(original.text());
    draft.document.tool = "go cover".into();
    ran::set(draft, &BTreeSet::new());
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut files: Vec<(&str, Vec<Block>)> = Vec::new();
    let mut lines = (1..).zip(text.lines()).peekable();
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with("mode:") {
            continue;
        }
        // A last line without its end may have lost digits.
        let is_whole = lines.peek().is_some() || text.ends_with('\n');
        let Some((file, block)) = block(line, number).filter(|_| is_whole) else {
            if is_whole {
                draft.odd(format!("line {number}"), Oddity::costly("a line of coverage that cannot be read", line));
            } else {
                original.flaws.insert(Flaw::Cut);
            }
            continue;
        };
        let slot = *numbers.entry(file).or_insert(files.len());
        if slot == files.len() {
            files.push((file, Vec::new()));
        }
        if let Some((_, blocks)) = files.get_mut(slot) {
            blocks.push(block);
        }
    }
    let (module, mut places) = (module(draft), Places::default());
    for (name, blocks) in files {
        let file = locate(draft, module.as_deref(), name);
        places.add(name, file.is_some());
        let measured = Measured { lines: lines_of(blocks), functions: Vec::new() };
        state(draft, file.as_deref().unwrap_or(name), file.is_some(), measured, |line| format!("line {}", line.at));
    }
    places.tell(draft);
}

/// `example.com/app/server.go:14.45,16.16 2 31`.
fn block(line: &str, at: u32) -> Option<(&str, Block)> {
    let mut words = line.rsplitn(3, ' ');
    let count: f64 = words.next()?.parse().ok()?;
    let statements: u64 = words.next()?.parse().ok()?;
    let (file, range) = words.next()?.rsplit_once(':')?;
    let (start, end) = range.split_once(',')?;
    let line_of = |position: &str| position.split('.').next()?.parse::<u32>().ok();
    let (first, last) = (line_of(start)?, line_of(end)?);
    (first > 0 && last >= first && statements < u64::from(u32::MAX))
        .then_some((file, Block { first, last, ran: count > 0.0, at }))
}

/// The module of the repository, from the `go.mod` in its root.
fn module(draft: &Draft<'_>) -> Option<String> {
    let text = draft.source("go.mod")?;
    let text = String::from_utf8_lossy(&text);
    let name = text.lines().find_map(|line| line.trim().strip_prefix("module")?.strip_prefix([' ', '\t']))?;
    let name = name.split("//").next()?.trim().trim_matches(['"', '`']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The file that an import path means: below the module, else the one file whose path ends like it. Where the module is
/// known, what lies outside of it is a library's.
fn locate(draft: &mut Draft<'_>, module: Option<&str>, name: &str) -> Option<Box<str>> {
    if let Some(module) = module {
        let below = name.strip_prefix(module)?.strip_prefix('/')?;
        return draft.file(below, &[]);
    }
    let mut below = name;
    loop {
        if let Some(file) = draft.file(below, &[]) {
            return Some(file);
        }
        // One name alone is too little.
        below = below.split_once('/')?.1;
        below.contains('/').then_some(())?;
    }
}

/// Lines that no two answers share: executed is what lies in any block that was.
fn lines_of(mut blocks: Vec<Block>) -> Vec<Line> {
    blocks.sort_by_key(|block| (block.first, block.last));
    let mut ran: Vec<Line> = Vec::new();
    for block in blocks.iter().filter(|block| block.ran) {
        match ran.last_mut() {
            Some(before) if block.first <= before.last => before.last = before.last.max(block.last),
            _ => ran.push(Line { first: block.first, last: block.last, ran: Some(true), at: block.at }),
        }
    }
    let mut lines = ran.clone();
    // The end of the lines that are stated as not executed, so that none is stated twice.
    let (mut done, mut next) = (0_u32, 0);
    for block in blocks.iter().filter(|block| !block.ran) {
        let mut first = block.first.max(done.saturating_add(1));
        if first > block.last {
            continue;
        }
        while ran.get(next).is_some_and(|ran| ran.last < first) {
            next += 1;
        }
        for ran in ran.get(next..).unwrap_or_default().iter().take_while(|ran| ran.first <= block.last) {
            if first < ran.first {
                lines.push(Line { first, last: ran.first - 1, ran: Some(false), at: block.at });
            }
            first = first.max(ran.last.saturating_add(1));
        }
        if first <= block.last {
            lines.push(Line { first, last: block.last, ran: Some(false), at: block.at });
        }
        done = block.last;
    }
    lines
}
