//! Where things lie in a report, without parsing it: strings are masked and brackets counted, in one pass
//! without recursion over the content. Finds each result of `runs[].results[]`; the rest is the skeleton.

use std::borrow::Cow;
use std::ops::Range;

use super::repair::{end_of_comment, end_of_string};

/// One JSON document of a file.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) runs: Vec<RunSpans>,
    /// The document without the elements of its results arrays, in pieces.
    pub(super) skeleton: Vec<Range<usize>>,
    /// Keys of the root object, as far as they were read.
    pub(super) keys: Vec<String>,
    pub(super) has_runs: bool,
    pub(super) has_runs_twice: bool,
    pub(super) has_results_twice: bool,
    pub(super) range: Range<usize>,
}

/// The results of one run.
#[derive(Debug, Default)]
pub(super) struct RunSpans {
    pub(super) results: Vec<Span>,
    /// Positions in `results` of what is no object.
    pub(super) strays: Vec<u32>,
}

/// One result object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) offset: usize,
    pub(super) len: usize,
    /// Position in `results`.
    pub(super) index: u32,
}

/// Why a scan ended early, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The text ends inside a value.
    Cut(usize),
    /// Something that cannot stand there.
    Junk(usize),
}

/// All documents of a text, and why reading ended if not at the end.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) documents: Vec<Document>,
    pub(super) stop: Option<Stop>,
    /// First byte before or after the documents that belongs to none.
    pub(super) stray_text: Option<usize>,
}

/// How many places are tried for the start of a document in text that does not start with one.
const MAX_STARTS: usize = 20;

/// Scans a whole file.
pub(super) fn scan(bytes: &[u8]) -> Outline {
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let first = Cursor { bytes, at: start }.documents();
    let is_whole = first.stop.is_none() && first.stray_text.is_none();
    if is_whole || first.documents.iter().any(|document| document.has_runs) {
        return first;
    }
    let starts = memchr::memchr_iter(b'{', bytes).filter(|&at| is_object_start(bytes, at)).take(MAX_STARTS);
    for at in starts {
        let mut found = Cursor { bytes, at }.documents();
        if found.documents.first().is_some_and(|document| document.has_runs) {
            found.stray_text = found.stray_text.or(Some(0));
            return found;
        }
    }
    first
}

fn is_object_start(bytes: &[u8], at: usize) -> bool {
    let mut cursor = Cursor { bytes, at: at + 1 };
    cursor.blank();
    matches!(cursor.peek(), Some(b'"' | b'}'))
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Skips white space and comments.
    fn blank(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'/' => match end_of_comment(self.bytes, self.at) {
                    Some(end) => self.at = end,
                    None => return,
                },
                _ => return,
            }
        }
    }

    fn stop(&self) -> Stop {
        if self.at < self.bytes.len() { Stop::Junk(self.at) } else { Stop::Cut(self.at) }
    }

    fn documents(mut self) -> Outline {
        let mut outline = Outline::default();
        loop {
            self.blank();
            match self.peek() {
                Some(b'{') => self.document(&mut outline),
                Some(b'[') => self.array_of_documents(&mut outline),
                Some(_) => {
                    outline.stray_text = Some(self.at);
                    return outline;
                }
                None => return outline,
            }
            if outline.stop.is_some() {
                return outline;
            }
        }
    }

    fn array_of_documents(&mut self, outline: &mut Outline) {
        self.at += 1;
        loop {
            self.blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'{') => self.document(outline),
                Some(b']') => {
                    self.at += 1;
                    return;
                }
                Some(_) => outline.stop = self.value().err(),
                None => outline.stop = Some(self.stop()),
            }
            if outline.stop.is_some() {
                return;
            }
        }
    }

    fn document(&mut self, outline: &mut Outline) {
        let mut document = Document::default();
        let start = self.at;
        let mut piece = start;
        outline.stop = self.log(&mut document, &mut piece).err();
        // A value that is cut off still has a beginning worth reading; rubbish has not.
        let end = if matches!(outline.stop, Some(Stop::Cut(_))) { self.bytes.len() } else { self.at };
        document.skeleton.push(piece.min(end)..end);
        document.range = start..end;
        outline.documents.push(document);
    }

    fn log(&mut self, document: &mut Document, piece: &mut usize) -> Result<(), Stop> {
        self.at += 1;
        while let Some(key) = self.next_key()? {
            if key != "runs" || self.peek() != Some(b'[') {
                if document.keys.len() < 64 {
                    document.keys.push(key.into_owned());
                }
                self.value()?;
                continue;
            }
            document.has_runs_twice |= std::mem::replace(&mut document.has_runs, true);
            document.runs.clear();
            self.at += 1;
            while self.next_element(b']')? {
                document.runs.push(RunSpans::default());
                if self.peek() == Some(b'{') {
                    self.run(document, piece)?;
                } else {
                    self.value()?;
                }
            }
        }
        Ok(())
    }

    fn run(&mut self, document: &mut Document, piece: &mut usize) -> Result<(), Stop> {
        self.at += 1;
        let mut had_results = false;
        while let Some(key) = self.next_key()? {
            if key != "results" || self.peek() != Some(b'[') {
                self.value()?;
                continue;
            }
            document.has_results_twice |= std::mem::replace(&mut had_results, true);
            self.at += 1;
            document.skeleton.push(*piece..self.at);
            let spans = self.results();
            *piece = self.at.saturating_sub(1);
            let (spans, stop) = spans;
            if let Some(run) = document.runs.last_mut() {
                *run = spans;
            }
            if let Some(stop) = stop {
                *piece = self.bytes.len();
                return Err(stop);
            }
        }
        Ok(())
    }

    fn results(&mut self) -> (RunSpans, Option<Stop>) {
        let mut spans = RunSpans::default();
        let mut index = 0;
        loop {
            match self.next_element(b']') {
                Ok(true) => {}
                Ok(false) => return (spans, None),
                Err(stop) => return (spans, Some(stop)),
            }
            let offset = self.at;
            let is_object = self.peek() == Some(b'{');
            if let Err(stop) = self.value() {
                return (spans, Some(stop));
            }
            if is_object {
                spans.results.push(Span { offset, len: self.at - offset, index });
            } else {
                spans.strays.push(index);
            }
            index += 1;
        }
    }

    /// Goes to the next element of an array; `false` at its end, which is skipped. Missing and additional
    /// commas do not matter.
    fn next_element(&mut self, end: u8) -> Result<bool, Stop> {
        loop {
            self.blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == end => {
                    self.at += 1;
                    return Ok(false);
                }
                Some(b'}' | b']' | b':') | None => return Err(self.stop()),
                Some(_) => return Ok(true),
            }
        }
    }

    /// Goes to the value of the next key of an object; `None` at its end, which is skipped.
    fn next_key(&mut self) -> Result<Option<Cow<'static, str>>, Stop> {
        if !self.next_element(b'}')? {
            return Ok(None);
        }
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.stop());
        }
        let end = end_of_string(self.bytes, start).ok_or(Stop::Cut(start))?;
        self.at = end;
        self.blank();
        if self.peek() != Some(b':') {
            return Err(self.stop());
        }
        self.at += 1;
        self.blank();
        Ok(Some(key_text(self.bytes.get(start..end).unwrap_or_default())))
    }

    /// Skips one value.
    fn value(&mut self) -> Result<(), Stop> {
        match self.peek() {
            Some(b'"') => {
                self.at = end_of_string(self.bytes, self.at).ok_or(Stop::Cut(self.at))?;
                Ok(())
            }
            Some(b'{' | b'[') => self.nested(),
            Some(b',' | b'}' | b']' | b':') | None => Err(self.stop()),
            Some(_) => {
                let is_end = |byte: &u8| {
                    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' | b'}' | b'{' | b'[' | b'"' | b'/')
                };
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                self.at += rest.iter().position(is_end).unwrap_or(rest.len()).max(1);
                Ok(())
            }
        }
    }

    /// Skips an object or array with all that is in it.
    fn nested(&mut self) -> Result<(), Stop> {
        let start = self.at;
        let mut at = start;
        let mut depth = 0_usize;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'"' => {
                    at = end_of_string(self.bytes, at).ok_or(Stop::Cut(start))?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at = at + 1;
                        return Ok(());
                    }
                }
                b'/' => {
                    if let Some(end) = end_of_comment(self.bytes, at) {
                        at = end;
                        continue;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        Err(Stop::Cut(start))
    }
}

/// The two keys that matter, unescaped; any other key as far as it is text.
fn key_text(quoted: &[u8]) -> Cow<'static, str> {
    match quoted {
        b"\"runs\"" => Cow::Borrowed("runs"),
        b"\"results\"" => Cow::Borrowed("results"),
        _ => Cow::Owned(serde_json::from_slice(quoted).unwrap_or_default()),
    }
}
