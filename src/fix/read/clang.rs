//! What `clang-tidy --export-fixes` writes: YAML with replacements by byte offset.
//!
//! Read is the part of YAML that LLVM's writer uses: mappings and lists by indentation, scalars plain, in single or
//! double quotes, also over several lines. Offsets become lines and columns of the file as it is: whether that is the
//! file that was checked is for placement to find out.

use std::str::Chars;

use crate::model::detail::Region;
use crate::model::fix::{ColumnUnit, FileEdit, TextEdit};

use super::document::{Document, chomp};
use super::draft::{Draft, Drafts};

/// Bounds of a scalar that goes over several lines, which is looked at anew with each of them.
const MAX_SCALAR: usize = 64 << 10;
const MAX_SCALAR_LINES: usize = 1_000;

pub(super) fn is(document: &Document<'_>) -> bool {
    let has = |key: &[u8]| document.has(|line| line.trim_ascii().starts_with(key));
    has(b"MainSourceFile:") && (has(b"Diagnostics:") || has(b"Replacements:"))
}

/// One line of the YAML that says something.
#[derive(Debug)]
struct Entry {
    /// Columns before the key, the `- ` of a list included.
    indent: usize,
    starts_item: bool,
    key: String,
    value: String,
}

/// A replacement as it is stated.
#[derive(Default)]
struct Replacement {
    path: String,
    offset: Option<usize>,
    length: Option<usize>,
    text: String,
}

/// A diagnostic with its replacements, or all replacements of a file without diagnostics.
#[derive(Default)]
struct Diagnostic {
    name: String,
    message: String,
    replacements: Vec<Replacement>,
}

pub(super) fn read(document: &Document<'_>, drafts: &mut Drafts<'_>) {
    let entries = match entries(document) {
        Ok(entries) => entries,
        Err(line) => {
            drafts.problem(line, "it is no YAML as clang-tidy writes it");
            return;
        }
    };
    for (number, diagnostic) in diagnostics(entries).into_iter().enumerate() {
        add(drafts, number, diagnostic);
    }
}

fn diagnostics(entries: Vec<Entry>) -> Vec<Diagnostic> {
    let mut all: Vec<Diagnostic> = Vec::new();
    // Indentation of `Replacements:` and of `Notes:` while the reader is below one.
    let mut below: Option<(usize, bool)> = None;
    for entry in entries {
        if below.is_some_and(|(indent, _)| entry.indent < indent || (entry.indent == indent && !entry.starts_item)) {
            below = None;
        }
        match (entry.key.as_str(), below) {
            ("DiagnosticName", _) => all.push(Diagnostic { name: entry.value, ..Diagnostic::default() }),
            ("Notes", None) => below = Some((entry.indent, false)),
            ("Replacements", None) => {
                below = Some((entry.indent, true));
                if all.is_empty() {
                    all.push(Diagnostic::default());
                }
            }
            ("Message", None) => {
                if let Some(last) = all.last_mut() {
                    last.message = entry.value;
                }
            }
            (_, Some((_, true))) => {
                if let Some(last) = all.last_mut() {
                    last.replacement(entry);
                }
            }
            _ => {}
        }
    }
    all
}

impl Diagnostic {
    fn replacement(&mut self, entry: Entry) {
        if entry.starts_item {
            self.replacements.push(Replacement::default());
        }
        let Some(last) = self.replacements.last_mut() else { return };
        match entry.key.as_str() {
            "FilePath" => last.path = entry.value,
            "Offset" => last.offset = entry.value.parse().ok(),
            "Length" => last.length = entry.value.parse().ok(),
            "ReplacementText" => last.text = entry.value,
            _ => {}
        }
    }
}

fn add(drafts: &mut Drafts<'_>, number: usize, diagnostic: Diagnostic) {
    let Diagnostic { name, message, replacements } = diagnostic;
    let mut files: Vec<FileEdit> = Vec::new();
    let mut texts: Vec<Option<Vec<u8>>> = Vec::new();
    for replacement in replacements {
        let file = drafts.located(&replacement.path);
        let seat = files.iter().position(|known| known.path == file.path).unwrap_or(files.len());
        if seat == files.len() {
            texts.push(drafts.bytes(&file.path));
            files.push(file);
        }
        let text = texts.get(seat).and_then(Option::as_deref).unwrap_or_default();
        let region = replacement.offset.zip(replacement.length).map(|(offset, length)| region(text, offset, length));
        if let Some(file) = files.get_mut(seat) {
            file.edits.push(TextEdit {
                region: region.unwrap_or_default(),
                unit: Some(ColumnUnit::Byte),
                insert: replacement.text,
            });
        }
    }
    let title = if message.is_empty() { "replacements".to_owned() } else { format!("{name}: {message}") };
    drafts.add(Draft { title, message, place: format!("/Diagnostics/{number}"), files, ..Draft::default() });
}

/// Lines and byte columns of a range; a range that the text does not have stays one that it does not have.
fn region(text: &[u8], offset: usize, length: usize) -> Region {
    let end = offset.saturating_add(length);
    let place = |at: usize| {
        let before = text.get(..at)?;
        let start = memchr::memrchr(b'\n', before).map_or(0, |line_end| line_end + 1);
        let line = u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).ok()?;
        Some((line, u32::try_from(at - start + 1).ok()?))
    };
    match place(offset).zip(place(end)) {
        Some(((line, column), (end_line, end_column))) => {
            Region { line, column, end_line, end_column, ..Region::default() }
        }
        None => Region { byte_span: Some((offset as u64, length as u64)), ..Region::default() },
    }
}

/// All entries of the document; the 1-based line at which it is not understood.
fn entries(document: &Document<'_>) -> Result<Vec<Entry>, usize> {
    let lines: Vec<&str> = document
        .lines
        .iter()
        .map(|line| std::str::from_utf8(chomp(line)))
        .collect::<Result<_, _>>()
        .map_err(|_| 1_usize)?;
    let mut entries = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let begin = at;
        at += 1;
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') || matches!(bare, "---" | "...") {
            continue;
        }
        let mut rest = line.trim_start();
        let mut starts_item = false;
        while let Some(item) = rest.strip_prefix("- ") {
            (rest, starts_item) = (item.trim_start(), true);
        }
        let indent = line.len() - rest.len();
        let (key, value) = rest.split_once(':').ok_or(begin + 1)?;
        let (value, next) = scalar(value.trim(), &lines, at).ok_or(begin + 1)?;
        at = next;
        entries.push(Entry { indent, starts_item, key: key.trim().to_owned(), value });
    }
    Ok(entries)
}

/// A scalar that begins in one line and may go on in later ones (YAML 1.2, 7.3), and the line behind it.
fn scalar(first: &str, lines: &[&str], mut at: usize) -> Option<(String, usize)> {
    let Some(quote) = first.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        return Some((first.to_owned(), at));
    };
    let mut text = first.get(1..)?.to_owned();
    let begin = at;
    while end_of_quoted(&text, quote).is_none() {
        let line = *lines.get(at).filter(|_| at - begin < MAX_SCALAR_LINES && text.len() < MAX_SCALAR)?;
        at += 1;
        // One line break is a blank, each empty line after it a line break.
        let trimmed = line.trim();
        if trimmed.is_empty() {
            text.push('\n');
        } else {
            if !text.ends_with('\n') {
                text.truncate(text.trim_end_matches([' ', '\t']).len());
                text.push(' ');
            }
            text.push_str(trimmed);
        }
    }
    let end = end_of_quoted(&text, quote)?;
    let (inner, behind) = (text.get(..end)?, text.get(end + 1..)?.trim());
    if !behind.is_empty() && !behind.starts_with('#') {
        return None;
    }
    let value = if quote == '\'' { inner.replace("''", "'") } else { unescaped(inner)? };
    Some((value, at))
}

/// Where a quoted text ends, without the opening quote.
fn end_of_quoted(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if quote == '"' && c == '\\' {
            chars.next();
        } else if c == quote {
            let is_doubled = quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == quote);
            if !is_doubled {
                return Some(at);
            }
            chars.next();
        }
    }
    None
}

/// Double-quoted escapes (YAML 1.2, 5.7), as far as LLVM writes them.
fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0' => '\0',
            'e' => '\x1b',
            'x' => code_point(&mut chars, 2)?,
            'u' => code_point(&mut chars, 4)?,
            'U' => code_point(&mut chars, 8)?,
            other => other,
        });
    }
    Some(out)
}

fn code_point(chars: &mut Chars<'_>, digits: usize) -> Option<char> {
    let hex: String = chars.by_ref().take(digits).collect();
    char::from_u32(u32::from_str_radix(&hex, 16).ok()?)
}
