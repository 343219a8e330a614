//! What the producers of fixes mean, as far as it differs from what they write.
//!
//! Semgrep (1.182, SARIF) states the region of the match and inserts the whole fixed lines: taken literally the
//! rest of the line would stand there twice. Snyk writes `package@version` over a line: that is advice. Others
//! leave placeholders. Whatever looks like one of these but is not known to be one is left to a person.

use crate::model::fix::{Applicability, FileEdit, Proposal};

use super::columns::{self, Fit, NoRange};
use super::edit::ByteEdit;
use super::lines::{Text, with_line_ends};
use super::passage;

/// The edits of one file on a text that the regions are about.
#[derive(Clone, Debug)]
pub(super) struct Lowered {
    /// Sorted, not overlapping, with the line ends of the text.
    pub(super) edits: Vec<ByteEdit>,
    pub(super) fit: Fit,
    /// Why a person has to look, in words.
    pub(super) doubts: Vec<String>,
}

/// Why edits cannot be lowered; `Display` goes after the name of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotLowered {
    #[error(transparent)]
    NoRange(#[from] NoRange),
    #[error("its own edits overlap")]
    Overlap,
    #[error("the patch does not fit at line {0}")]
    Passage(u32),
}

const MANIFESTS: [&str; 22] = [
    "package.json",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "requirements.txt",
    "pyproject.toml",
    "poetry.lock",
    "pipfile",
    "pipfile.lock",
    "setup.py",
    "setup.cfg",
    "go.mod",
    "go.sum",
    "cargo.toml",
    "cargo.lock",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "gemfile",
    "gemfile.lock",
    "composer.json",
    "dockerfile",
];

/// The line of the definition that a fix of ruff relies on, since it removes another one of the same name: its own passes
/// make such fixes before those that remove what nobody uses.
pub(super) fn relies_on(proposal: &Proposal) -> Option<u32> {
    let (said, rest) = proposal.message.split_once(" from line ")?;
    let is_so = proposal.source.family == "ruff" && said.starts_with("Redefinition of unused ");
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|_| is_so)
}

/// The line of the import that a fix of ruff removes because nothing uses it.
pub(super) fn removes_unused(proposal: &Proposal) -> Option<u32> {
    let is_so = proposal.source.family == "ruff" && proposal.message.contains("imported but unused");
    proposal.edits.first()?.flagged.first().map(|region| region.line).filter(|_| is_so)
}

/// Why a proposal is advice and not a patch; `None` where it is a patch.
pub(super) fn advice(proposal: &Proposal) -> Option<String> {
    if proposal.applicability == Applicability::Advice {
        let own = "its source gives advice, not a patch; change it by hand";
        return Some(if proposal.warnings.is_empty() { own.to_owned() } else { proposal.warnings.join("; ") });
    }
    if proposal.edits.iter().all(FileEdit::is_empty) {
        return Some("it has no edits, its title says what to do".to_owned());
    }
    if let Some(edit) = proposal.edits.iter().find(|edit| is_web(&edit.path)) {
        return Some(format!("{}: a web address, not a file; change it by hand", edit.path));
    }
    let advised = proposal.edits.iter().find_map(|edit| names_version(edit).map(|package| (edit, package)))?;
    Some(format!("{}: it names the version to take ({}) and is no patch; change it by hand", advised.0.path, advised.1))
}

/// Why a change is not made at all: a new file, a link, a mode; `None` where it can be.
pub(super) fn refused(proposal: &Proposal) -> Option<String> {
    let edit = proposal.edits.iter().find(|edit| edit.refused.is_some())?;
    Some(format!("{}: {}", edit.path, edit.refused.as_deref().unwrap_or_default()))
}

/// Reads the edits of one file as its producer means them.
pub(super) fn lower(text: &Text, edit: &FileEdit, family: &str) -> Result<Lowered, NotLowered> {
    if !edit.passages.is_empty() {
        let fitted = passage::at_stated_lines(&text.bytes, edit).map_err(NotLowered::Passage)?;
        return Ok(Lowered { edits: fitted.edits, fit: Fit::Stands, doubts: Vec::new() });
    }
    let reading = columns::read(text, edit, family)?;
    let mut doubts = Vec::new();
    if reading.is_ambiguous {
        doubts.push("ambiguous columns: the report does not say what they count".to_owned());
    }
    let mut edits = Vec::with_capacity(reading.ranges.len());
    for (stated, range) in edit.edits.iter().zip(reading.ranges) {
        let insert = with_line_ends(stated.insert.as_bytes(), text.line_end_at(range.start));
        let literal = ByteEdit::new(range, insert);
        let around = Around::of(text, &literal);
        // Byte offsets are those of semgrep's JSON, whose fixes are exact.
        let may_be_whole_lines = family.starts_with("semgrep") && stated.region.byte_span.is_none();
        if may_be_whole_lines && around.is_repeated_by(&literal.insert) {
            edits.push(around.inner(&literal).reduced(&text.bytes));
            continue;
        }
        if around.is_suspicious(&literal, text) {
            let line = text.line_at(literal.start) + 1;
            doubts.push(format!("it repeats text that stays on line {line}: its region looks wrong"));
        }
        if has_placeholder(&stated.insert, literal.replaced(&text.bytes)) {
            doubts.push("it has a placeholder that a person has to fill in".to_owned());
        }
        edits.push(literal);
    }
    edits.sort_by_key(|edit| (edit.start, edit.end));
    if family == "ruff" {
        join_insertions(&mut edits);
    }
    let overlap = |before: &ByteEdit, after: &ByteEdit| {
        before.end > after.start || (before.start, before.end) == (after.start, after.end)
    };
    if edits.windows(2).any(|pair| matches!(pair, [before, after] if overlap(before, after))) {
        return Err(NotLowered::Overlap);
    }
    Ok(Lowered { edits, fit: reading.fit, doubts })
}

/// Makes one of several insertions at one place, in the order in which the fix has them: so ruff applies them.
fn join_insertions(edits: &mut Vec<ByteEdit>) {
    edits.dedup_by(|after, before| {
        let is_same = before.start == before.end && (before.start, before.end) == (after.start, after.end);
        if is_same {
            before.insert.append(&mut after.insert);
        }
        is_same
    });
}

/// What stays of the first and last line of an edit.
struct Around<'a> {
    prefix: &'a [u8],
    suffix: &'a [u8],
    /// Whether the last line ends with `\r\n`.
    has_crlf: bool,
}

impl<'a> Around<'a> {
    fn of(text: &'a Text, edit: &ByteEdit) -> Self {
        let first = text.start_of(text.line_at(edit.start));
        let last = text.lines.get(text.line_at(edit.end));
        Self {
            prefix: text.bytes.get(first..edit.start).unwrap_or_default(),
            suffix: last.and_then(|line| text.bytes.get(edit.end..line.end)).unwrap_or_default(),
            has_crlf: last.is_some_and(|line| line.next - line.end == 2),
        }
    }

    /// Whether a text begins and ends with what stays, so that it stands for whole lines.
    fn is_repeated_by(&self, insert: &[u8]) -> bool {
        let insert = self.without_return(insert);
        let is_empty = self.prefix.is_empty() && self.suffix.is_empty();
        let has_room = insert.len() >= self.prefix.len() + self.suffix.len();
        !is_empty && has_room && insert.starts_with(self.prefix) && insert.ends_with(self.suffix)
    }

    /// The part of whole lines that replaces the region: the same bytes come out, and what stays is not touched,
    /// so that other fixes of the line can be made, too.
    fn inner(&self, whole: &ByteEdit) -> ByteEdit {
        let insert = self.without_return(&whole.insert);
        let inner = insert.get(self.prefix.len()..insert.len() - self.suffix.len()).unwrap_or_default();
        ByteEdit::new(whole.start..whole.end, inner)
    }

    /// A producer that cuts lines at `\n` leaves the `\r` of the last line in the text.
    fn without_return<'b>(&self, insert: &'b [u8]) -> &'b [u8] {
        if self.has_crlf { insert.strip_suffix(b"\r").unwrap_or(insert) } else { insert }
    }

    /// Whether a literal edit would write text twice that stays: words or the indentation before it, words after
    /// it. Closing brackets and the like repeat in sound edits. What the edit replaces may repeat them as well.
    fn is_suspicious(&self, edit: &ByteEdit, text: &Text) -> bool {
        let old = edit.replaced(&text.bytes);
        let has_word = |part: &[u8]| part.iter().any(u8::is_ascii_alphanumeric);
        let is_indented = self.prefix.first().is_some_and(u8::is_ascii_whitespace);
        let counts = has_word(self.prefix) || is_indented;
        let repeats_prefix = counts && edit.insert.starts_with(self.prefix) && !old.starts_with(self.prefix);
        let repeats_suffix = has_word(self.suffix) && edit.insert.ends_with(self.suffix) && !old.ends_with(self.suffix);
        repeats_prefix || repeats_suffix
    }
}

fn is_web(path: &str) -> bool {
    let start = path.get(..8).unwrap_or(path).to_ascii_lowercase();
    start.starts_with("http://") || start.starts_with("https://")
}

/// The `name@version` that an edit would write over a manifest or over a line that was never looked at.
fn names_version(edit: &FileEdit) -> Option<&str> {
    let name = edit.path.rsplit('/').next().unwrap_or(&edit.path).to_ascii_lowercase();
    let is_manifest = MANIFESTS.contains(&name.as_str()) || name.starts_with("dockerfile");
    edit.edits.iter().find_map(|edit| {
        let region = &edit.region;
        let is_first_line = region.line <= 1 && region.byte_span.is_none() && region.char_span.is_none();
        let is_version = is_name_at_version(&edit.insert);
        (is_version && (is_manifest || (is_first_line && region.column <= 1))).then_some(edit.insert.as_str())
    })
}

fn is_name_at_version(text: &str) -> bool {
    let Some((name, version)) = text.trim().rsplit_once('@') else { return false };
    let is_word = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "\"'(){}".contains(c));
    is_word(name) && is_word(version) && version.starts_with(|c: char| c.is_ascii_digit() || c == 'v')
}

/// Words in angle brackets such as `<size of buffer>` or `<your-key>`; not `Vec<u8>`, `<div>` or `template<class T>`, and
/// not what stood there already.
fn has_placeholder(insert: &str, replaced: &[u8]) -> bool {
    insert.match_indices('<').any(|(at, _)| {
        let before = insert.get(..at).and_then(|head| head.chars().next_back());
        let inner = insert.get(at + 1..).and_then(|rest| rest.split_once('>')).map(|(inner, _)| inner);
        let Some(inner) = inner.filter(|_| !before.is_some_and(|c| c.is_alphanumeric() || c == '_')) else {
            return false;
        };
        let is_words = inner.chars().all(|c| c.is_alphanumeric() || " _-".contains(c));
        let is_named = ["placeholder", "your", "insert", "todo", "replace"].iter().any(|word| inner.contains(word));
        let is_new = || memchr::memmem::find(replaced, format!("<{inner}>").as_bytes()).is_none();
        is_words && (inner.trim().contains(' ') || is_named) && is_new()
    })
}
