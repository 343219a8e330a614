//! The patches of the `apply_patch` tool that some coding agents have: files by heading, hunks without numbers.
//!
//! ```text
//! *** Begin Patch
//! *** Update File: src/a.py
//! @@ def greet():
//! -    old
//! +    new
//! *** End Patch
//! ```

use crate::model::fix::{FileEdit, FileOp, Passage};

use super::document::{Document, chomp, words};
use super::draft::{Draft, Drafts};

const BEGIN: &[u8] = b"*** Begin Patch";
const END: &[u8] = b"*** End Patch";

pub(super) fn is(document: &Document<'_>) -> bool {
    document.has(|line| chomp(line).trim_ascii() == BEGIN)
}

pub(super) fn read(document: &Document<'_>, drafts: &mut Drafts<'_>) {
    let lines = document.lines.iter().enumerate();
    let mut inside: Option<Vec<FileEdit>> = None;
    let mut count = 0;
    let mut hunk = Hunk::default();
    // The path of the last file, as it stands there.
    let mut stated = String::new();
    for (at, line) in lines {
        let line = chomp(line);
        let Some(files) = &mut inside else {
            if line.trim_ascii() == BEGIN {
                inside = Some(Vec::new());
            }
            continue;
        };
        if line.trim_ascii() == END {
            hunk.close(files);
            let files = inside.take().unwrap_or_default();
            drafts.add(Draft { title: document.title(), place: format!("/{count}"), files, ..Draft::default() });
            count += 1;
        } else if let Some(heading) = line.strip_prefix(b"*** ") {
            hunk.close(files);
            if heading.trim_ascii() == b"End of File" {
                if let Some(last) = files.last_mut().and_then(|file| file.passages.last_mut()) {
                    last.is_last = true;
                }
            } else if !head(heading, files, drafts, &mut stated) {
                drafts.problem(at + 1, "a line of a patch that means nothing");
            }
        } else if let Some(heading) = line.strip_prefix(b"@@") {
            hunk.close(files);
            hunk.heading = Some(words(heading)).filter(|heading| !heading.is_empty());
        } else if !hunk.take(line) {
            drafts.problem(at + 1, "a line of a hunk begins with a blank, `+` or `-`");
            return;
        }
    }
    if inside.is_some() {
        drafts.problem(document.lines.len(), "the patch has no end (`*** End Patch`): the text may be cut off");
    }
}

/// What stands behind `*** `.
fn head(heading: &[u8], files: &mut Vec<FileEdit>, drafts: &Drafts<'_>, stated: &mut String) -> bool {
    let text = words(heading);
    let after = |start: &str| text.strip_prefix(start).map(str::trim);
    let (path, op) = if let Some(path) = after("Update File:") {
        (path, FileOp::Change)
    } else if let Some(path) = after("Add File:") {
        (path, FileOp::Create)
    } else if let Some(path) = after("Delete File:") {
        (path, FileOp::Delete)
    } else if let Some(to) = after("Move to:") {
        let Some(mut file) = files.pop() else { return false };
        if file.op != FileOp::Change {
            file.refused.get_or_insert_with(|| "it moves a file that it makes or removes".to_owned());
        }
        files.push(drafts.moved(file, stated, to));
        return true;
    } else {
        return false;
    };
    path.clone_into(stated);
    files.push(FileEdit { op, ..drafts.file(path) });
    true
}

#[derive(Default)]
struct Hunk {
    heading: Option<String>,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Hunk {
    fn take(&mut self, line: &[u8]) -> bool {
        let (is_old, is_new, content) = match line {
            [] => (true, true, line),
            [b' ', content @ ..] => (true, true, content),
            [b'-', content @ ..] => (true, false, content),
            [b'+', content @ ..] => (false, true, content),
            _ => return false,
        };
        for (is_side, side) in [(is_old, &mut self.before), (is_new, &mut self.after)] {
            if is_side {
                side.extend_from_slice(content);
                side.push(b'\n');
            }
        }
        true
    }

    /// Gives the hunk to the last file, and begins another.
    fn close(&mut self, files: &mut [FileEdit]) {
        let Self { heading, before, after } = std::mem::take(self);
        if let Some(file) = files.last_mut().filter(|_| before != after) {
            file.passages.push(Passage { before, after, heading, ..Passage::default() });
        }
    }
}
