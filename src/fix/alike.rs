//! What a fix replaces by what, to find those that do the same in many places.

use std::sync::Arc;

use crate::model::fix::Proposal;
use crate::model::text::{cut, visible};
use crate::repo::Repo;

use super::adapter::lower;
use super::columns::Fit;
use super::edit::ByteEdit;
use super::lines::Text;
use super::tree::sha256;

/// Columns of a text inside the words for a change.
const SHOWN: usize = 40;

/// Digits that tell changes apart whose words had to be cut.
const DIGITS: usize = 6;

/// Reads files for many proposals, the last one only once.
pub struct Alike<'r> {
    repo: &'r Repo,
    last: Option<(String, Arc<Text>)>,
}

impl<'r> Alike<'r> {
    pub fn new(repo: &'r Repo) -> Self {
        Self { repo, last: None }
    }

    /// A proposal in words that are the same where it replaces the same text by the same text; `None` for one that is no
    /// single change of one file, or whose file has changed there.
    pub fn words(&mut self, proposal: &Proposal) -> Option<String> {
        let [file] = proposal.edits.as_slice() else { return None };
        if !file.in_repo || file.refused.is_some() || !file.passages.is_empty() || file.edits.len() != 1 {
            return None;
        }
        let text = self.text(&file.path)?;
        let lowered = lower(&text, file, &proposal.source.family).ok()?;
        let [edit] = lowered.edits.as_slice() else { return None };
        let is_there = !matches!(lowered.fit, Fit::Differs(_));
        is_there.then(|| words(edit.replaced(&text.bytes), edit))
    }

    fn text(&mut self, path: &str) -> Option<Arc<Text>> {
        if let Some((_, text)) = self.last.as_ref().filter(|(known, _)| known == path) {
            return Some(Arc::clone(text));
        }
        let text = Arc::new(Text::new(self.repo.read(path).ok()?));
        self.last = Some((path.to_owned(), Arc::clone(&text)));
        Some(text)
    }
}

fn words(old: &[u8], edit: &ByteEdit) -> String {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(&edit.insert));
    let (before, after) = (shown(&old), shown(&new));
    let said = match (old.is_empty(), new.is_empty()) {
        (true, _) => format!("insert `{after}`"),
        (false, true) => format!("remove `{before}`"),
        (false, false) => format!("replace `{before}` by `{after}`"),
    };
    if before == old && after == new {
        return said;
    }
    let whole = sha256([old.as_bytes(), b"\0", new.as_bytes()].concat().as_slice());
    format!("{said} ({})", whole.get(..DIGITS).unwrap_or_default())
}

/// One short line.
fn shown(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&visible(&line), SHOWN).into_owned()
}
