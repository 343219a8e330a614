//! What an edit does to a file beyond what it says: places that run code later, characters that nobody sees, addresses
//! and keys, a document that no longer parses. It refuses nothing; it names what a person has to look at.

use std::cell::LazyCell;

use crate::model::fix::FileOp;
use crate::model::text::counted;
use crate::model::unseen::Unseen;

use super::edit::{ByteEdit, splice};
use super::lines::Text;
use super::{added, language, sensitive, syntax};

/// Smaller files, in bytes, may lose most of what they hold.
const SMALL: usize = 500;

/// Why a person has to look at these edits of a file, and at what becomes of it, in words without the path.
pub(super) fn doubts(path: &str, op: &FileOp, text: &Text, edits: &[ByteEdit]) -> Vec<String> {
    let mut doubts = Vec::new();
    // Most fixes can be judged by the lines that they change.
    let after = LazyCell::new(|| splice(&text.bytes, edits));
    let what = match op {
        // What it holds is all new there, and all gone here.
        FileOp::Rename(to) => {
            sensitive::reason(path, &text.bytes, || b"").or_else(|| sensitive::reason(to, b"", || &after))
        }
        FileOp::Change | FileOp::Create | FileOp::Delete => sensitive::reason(path, &text.bytes, || &after),
    };
    doubts.extend(what.map(str::to_owned));
    if *op == FileOp::Delete {
        if takes_most(text, edits) {
            doubts.push("it removes the file".to_owned());
        }
        return doubts;
    }
    let hidden = hidden_added(text, edits);
    if hidden > 0 {
        doubts.push(format!(
            "it adds {}",
            counted(hidden, "hidden or control character", "hidden or control characters")
        ));
    }
    doubts.extend(added::doubts(&text.bytes, edits));
    if edits.iter().any(|edit| !edit.insert.is_ascii()) && std::str::from_utf8(&text.bytes).is_err() {
        doubts.push("it adds UTF-8 to a file that is not UTF-8".to_owned());
    }
    if takes_most(text, edits) {
        doubts.push("it removes more than half of the file".to_owned());
    }
    let grammar = language::of(path).grammar;
    if !edits.iter().all(|edit| syntax::is_plain(grammar, edit.replaced(&text.bytes), &edit.insert)) {
        doubts.extend(syntax::broken(grammar, &text.bytes, &after));
    }
    doubts
}

/// Hidden and control characters that the inserted texts have more than what they replace.
fn hidden_added(text: &Text, edits: &[ByteEdit]) -> usize {
    let lossy = String::from_utf8_lossy;
    let hidden = |edit: &ByteEdit| {
        let (old, new) = (lossy(edit.replaced(&text.bytes)), lossy(&edit.insert));
        let lines = |text: &str| text.replace(['\n', '\r'], " ");
        Unseen::of(&[&lines(&old)], &[&lines(&new)]).hidden
    };
    edits.iter().map(hidden).sum()
}

fn takes_most(text: &Text, edits: &[ByteEdit]) -> bool {
    let before = text.bytes.len();
    let inserted: usize = edits.iter().map(|edit| edit.insert.len()).sum();
    let removed: usize = edits.iter().map(|edit| edit.replaced(&text.bytes).len()).sum();
    before >= SMALL && (before + inserted).saturating_sub(removed) < before / 2
}
