//! Blocks that name the text to search for and the text to put there, as coding agents write them:
//!
//! ```text
//! src/a.py
//! <<<<<<< SEARCH
//! old lines
//! =======
//! new lines
//! >>>>>>> REPLACE
//! ```

use crate::model::fix::{FileEdit, FileOp, Passage};

use super::document::{Document, chomp, words};
use super::draft::{Draft, Drafts};

/// Lines above a block in which its file is looked for.
const ABOVE: usize = 3;

pub(super) fn is(document: &Document<'_>) -> bool {
    document.has(|line| is_mark(line, b'<', "SEARCH"))
}

pub(super) fn read(document: &Document<'_>, drafts: &mut Drafts<'_>) {
    let mut files: Vec<FileEdit> = Vec::new();
    let mut name = None;
    let mut at = 0;
    while at < document.lines.len() {
        let begin = at;
        at += 1;
        if !is_mark(document.line(begin), b'<', "SEARCH") {
            continue;
        }
        name = name_above(document, begin).or(name);
        let Some(block) = Block::read(document, begin) else {
            drafts.problem(begin + 1, "a block without its end");
            return;
        };
        at = block.end;
        let Some(name) = &name else {
            drafts.problem(begin + 1, "a block without the name of a file above it");
            return;
        };
        push(&mut files, drafts.file(name), block);
    }
    drafts.add(Draft { title: document.title(), place: "/0".to_owned(), files, ..Draft::default() });
}

struct Block {
    search: Vec<u8>,
    replace: Vec<u8>,
    /// Line behind it.
    end: usize,
}

impl Block {
    fn read(document: &Document<'_>, begin: usize) -> Option<Self> {
        let find = |from: usize, byte: u8, word: &str| {
            (from..document.lines.len()).find(|at| is_mark(document.line(*at), byte, word))
        };
        let middle = find(begin + 1, b'=', "")?;
        let end = find(middle + 1, b'>', "REPLACE")?;
        let text = |from: usize, to: usize| {
            let lines = document.lines.get(from..to).unwrap_or_default();
            lines.iter().flat_map(|line| [chomp(line), b"\n"]).flatten().copied().collect()
        };
        Some(Self { search: text(begin + 1, middle), replace: text(middle + 1, end), end: end + 1 })
    }
}

/// Each block is about what the ones before it have made of its file.
fn push(files: &mut Vec<FileEdit>, file: FileEdit, block: Block) {
    let seat = files.iter().position(|known| known.path == file.path).unwrap_or(files.len());
    if seat == files.len() {
        files.push(file);
    }
    let Some(file) = files.get_mut(seat) else { return };
    let step = file.passages.last().map_or(0, |last| last.step + 1);
    let mut before = block.search;
    if before.trim_ascii().is_empty() && step == 0 && file.op == FileOp::Change {
        // With nothing to search for the block is all of a new file.
        file.op = FileOp::Create;
        before.clear();
    }
    if before != block.replace {
        file.passages.push(Passage { step, before, after: block.replace, ..Passage::default() });
    }
}

/// `<<<<<<< SEARCH`, with five to nine signs.
fn is_mark(line: &[u8], sign: u8, word: &str) -> bool {
    let line = chomp(line).trim_ascii_end();
    let signs = line.iter().take_while(|byte| **byte == sign).count();
    (5..=9).contains(&signs) && line.get(signs..).unwrap_or_default().trim_ascii() == word.as_bytes()
}

/// The file's name: the nearest line above that is neither empty nor a fence nor the end of another block, without
/// what Markdown puts around it.
fn name_above(document: &Document<'_>, begin: usize) -> Option<String> {
    for at in (begin.saturating_sub(ABOVE)..begin).rev() {
        let line = words(document.line(at));
        if is_mark(document.line(at), b'>', "REPLACE") {
            return None;
        }
        let name = line.trim_matches(|c: char| c.is_whitespace() || "`*#:\"'".contains(c));
        let is_path = !name.is_empty() && !name.contains(char::is_whitespace) && name.contains(['.', '/']);
        if is_path && !line.starts_with("```") {
            return Some(name.to_owned());
        }
    }
    None
}
