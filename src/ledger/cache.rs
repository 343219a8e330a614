//! Events as bytes that are read back in a fraction of the time that their files take.
//!
//! What is kept is only ever what was read from genuine files. A cache of another version, cut off or damaged is none.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use foldhash::quality::FixedState;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::decision::{Anchor, Change, Event, Facts, Op};
use crate::model::exhibit::Exhibits;
use crate::model::id::{FindingId, Hash64};
use crate::model::scope::Scope;
use crate::repo::kept::Mark;

use super::event::VERSION;

const MAGIC: &[u8] = concat!("quell ledger 7 ", env!("CARGO_PKG_VERSION"), "\n").as_bytes();

/// Bytes that are written. Texts that many events share are written once.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
    shared: HashMap<Arc<str>, u64, RandomState>,
}

/// Bytes that are left to read. Every reading is `None` where they end too early.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a> {
    left: &'a [u8],
}

/// The texts that events share, as far as they were read.
pub(super) type Shared = Vec<Arc<str>>;

/// The body with its head.
pub(super) fn sealed(body: &[u8]) -> Vec<u8> {
    let sum = FixedState::default().hash_one(body).to_le_bytes();
    [MAGIC, sum.as_slice(), body].concat()
}

/// The body of what [`sealed`] made.
pub(super) fn opened(bytes: &[u8]) -> Option<Bytes<'_>> {
    let (sum, body) = bytes.strip_prefix(MAGIC)?.split_at_checked(8)?;
    (FixedState::default().hash_one(body).to_le_bytes() == sum).then_some(Bytes { left: body })
}

impl Writer {
    /// Seven bits a byte, the lowest first.
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
            number >>= 7;
        }
        self.bytes.push(u8::try_from(number).unwrap_or(0));
    }

    pub(super) fn word(&mut self, word: u64) {
        self.bytes.extend(word.to_le_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    pub(super) fn mark(&mut self, mark: &Mark) {
        for word in [mark.inode, mark.bytes, mark.written.cast_unsigned(), mark.changed.cast_unsigned()] {
            self.word(word);
        }
    }

    fn texts(&mut self, texts: &[String]) {
        self.number(texts.len() as u64);
        for text in texts {
            self.text(text);
        }
    }

    /// A text that may be missing: its length and one, or 0.
    fn option(&mut self, text: Option<&str>) {
        match text {
            None => self.number(0),
            Some(text) => {
                self.number(text.len() as u64 + 1);
                self.bytes.extend(text.as_bytes());
            }
        }
    }

    fn hash(&mut self, hash: Option<Hash64>) {
        self.bytes.push(u8::from(hash.is_some()));
        if let Some(Hash64(hash)) = hash {
            self.word(hash);
        }
    }

    /// Its number among those that were written and one, or 0 and the text.
    fn share(&mut self, text: &Arc<str>) {
        if let Some(number) = self.shared.get(text) {
            return self.number(*number);
        }
        self.shared.insert(Arc::clone(text), self.shared.len() as u64 + 1);
        self.number(0);
        self.text(text);
    }

    pub(super) fn event(&mut self, event: &Event) {
        self.text(&event.id);
        self.word(event.at.as_millisecond().cast_unsigned());
        self.number(Op::parse(&event.op).map_or(0, |op| op as u64));
        self.share(&event.author);
        for text in optional(event) {
            self.option(text.as_deref());
        }
        self.number(event.until.map_or(0, packed));
        self.number(event.until_change.iter().fold(0, |bits, change| bits | 1 << *change as u64));
        for texts in [&event.about, &event.branches, &event.supersedes] {
            self.texts(texts);
        }
        self.number(u64::from(event.scope.is_some()));
        if let Some(scope) = &event.scope {
            self.texts(&scope.advisories);
            for text in [&scope.package, &scope.path, &scope.rule, &scope.tool, &scope.versions] {
                self.option(text.as_deref());
            }
        }
        self.text(event.exhibits.text());
        // Few events have any: keys are strings and numbers are whole, so that there is always a JSON form.
        let ai = if event.ai.is_empty() { String::new() } else { serde_json::to_string(&event.ai).unwrap_or_default() };
        self.text(&ai);
        self.number(event.members.len() as u64);
        for anchor in &event.members {
            self.anchor(anchor);
        }
    }

    fn anchor(&mut self, anchor: &Anchor) {
        let Anchor {
            column,
            context,
            end_line,
            equals,
            facts,
            fingerprint,
            id,
            line,
            message,
            path,
            rule,
            text,
            tool,
            twins,
            was,
            window,
        } = anchor;
        for hash in [context, message, text] {
            self.hash(*hash);
        }
        for text in [fingerprint, window] {
            self.option(text.as_deref());
        }
        for number in [column, end_line, equals, line, twins] {
            self.number(u64::from(*number));
        }
        self.facts(facts.as_deref());
        self.word(id.0);
        for text in [path, rule, tool] {
            self.share(text);
        }
        self.number(was.len() as u64);
        for id in was {
            self.word(id.0);
        }
    }

    fn facts(&mut self, facts: Option<&Facts>) {
        let Some(Facts { finding, fix, kev, reach, severity, version }) = facts else { return self.number(0) };
        let texts = [fix, reach, severity, version];
        // One bit each, above one that says that there are facts.
        let bits = texts
            .iter()
            .zip(3..)
            .fold(1 | u64::from(*kev) << 1 | u64::from(finding.is_some()) << 2, |bits, (text, at)| {
                bits | u64::from(text.is_some()) << at
            });
        self.number(bits);
        if let Some(finding) = finding {
            self.word(finding.0);
        }
        for text in texts.into_iter().flatten() {
            self.share(text);
        }
    }
}

/// A day as one number: `20270131` and one.
fn packed(day: Date) -> u64 {
    let part = |part: i8| u64::from(part.unsigned_abs());
    u64::from(day.year().unsigned_abs()) * 10_000 + part(day.month()) * 100 + part(day.day()) + 1
}

fn unpacked(number: u64) -> Option<Date> {
    let part = |part: u64| i8::try_from(part % 100).ok();
    let number = number.checked_sub(1)?;
    Date::new(i16::try_from(number / 10_000).ok()?, part(number / 100)?, part(number)?).ok()
}

fn optional(event: &Event) -> [&Option<String>; 10] {
    let Event { commit, control, duplicate_of, justification, mail, owner, query, reason, risk_owner, ticket, .. } =
        event;
    [commit, control, duplicate_of, justification, mail, owner, query, reason, risk_owner, ticket]
}

impl<'a> Bytes<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.left.split_at_checked(count)?;
        self.left = left;
        Some(taken)
    }

    /// The next `count` bytes, to be read apart.
    pub(super) fn part(&mut self, count: usize) -> Option<Self> {
        self.take(count).map(|left| Self { left })
    }

    pub(super) fn all(&self) -> &'a [u8] {
        self.left
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, left) = self.left.split_first()?;
            self.left = left;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn count(&mut self) -> Option<usize> {
        // Each thing that is counted takes a byte at least.
        usize::try_from(self.number()?).ok().filter(|count| *count <= self.left.len())
    }

    pub(super) fn word(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let count = self.count()?;
        std::str::from_utf8(self.take(count)?).ok()
    }

    pub(super) fn mark(&mut self) -> Option<Mark> {
        let (inode, bytes) = (self.word()?, self.word()?);
        Some(Mark { inode, bytes, written: self.word()?.cast_signed(), changed: self.word()?.cast_signed() })
    }

    fn texts(&mut self) -> Option<Vec<String>> {
        (0..self.count()?).map(|_| self.text().map(str::to_owned)).collect()
    }

    /// `Some(None)` for a text that is missing.
    #[expect(clippy::option_option, reason = "bytes that end too early are not a text that is missing")]
    fn option(&mut self) -> Option<Option<String>> {
        match usize::try_from(self.number()?).ok()?.checked_sub(1) {
            None => Some(None),
            Some(count) => Some(Some(std::str::from_utf8(self.take(count)?).ok()?.to_owned())),
        }
    }

    #[expect(clippy::option_option, reason = "bytes that end too early are not a hash that is missing")]
    fn hash(&mut self) -> Option<Option<Hash64>> {
        if self.number()? == 0 { Some(None) } else { Some(Some(Hash64(self.word()?))) }
    }

    fn shared(&mut self, shared: &mut Shared) -> Option<Arc<str>> {
        if let Some(number) = usize::try_from(self.number()?).ok()?.checked_sub(1) {
            return shared.get(number).cloned();
        }
        let text: Arc<str> = self.text()?.into();
        shared.push(Arc::clone(&text));
        Some(text)
    }

    pub(super) fn event(&mut self, shared: &mut Shared) -> Option<Event> {
        let id = self.text()?.to_owned();
        let at = Timestamp::from_millisecond(self.word()?.cast_signed()).ok()?;
        let op = Op::ALL.get(usize::try_from(self.number()?).ok()?)?.name().into();
        let author = self.shared(shared)?;
        let commit = self.option()?;
        let (control, duplicate_of, justification) = (self.option()?, self.option()?, self.option()?);
        let mail = self.option()?;
        let (owner, query, reason) = (self.option()?, self.option()?, self.option()?);
        let (risk_owner, ticket) = (self.option()?, self.option()?);
        let until = match self.number()? {
            0 => None,
            number => Some(unpacked(number)?),
        };
        let changes = self.number()?;
        let until_change = Change::ALL.iter().copied().filter(|change| changes >> *change as u64 & 1 == 1).collect();
        let (about, branches, supersedes) = (self.texts()?, self.texts()?, self.texts()?);
        let scope = if self.number()? == 0 { None } else { Some(Box::new(self.scope()?)) };
        let exhibits = Exhibits::of_text(self.text()?.to_owned());
        let ai = match self.text()? {
            "" => Vec::new(),
            text => serde_json::from_str(text).ok()?,
        };
        let members = (0..self.count()?).map(|_| self.anchor(shared)).collect::<Option<_>>()?;
        Some(Event {
            about,
            ai,
            at,
            author,
            branches,
            commit,
            control,
            duplicate_of,
            exhibits,
            id,
            justification,
            mail,
            members,
            op,
            owner,
            query,
            reason,
            risk_owner,
            scope,
            supersedes,
            ticket,
            until,
            until_change,
            v: VERSION,
            ..Event::default()
        })
    }

    fn scope(&mut self) -> Option<Scope> {
        Some(Scope {
            advisories: self.texts()?,
            package: self.option()?,
            path: self.option()?,
            rule: self.option()?,
            tool: self.option()?,
            versions: self.option()?,
        })
    }

    fn anchor(&mut self, shared: &mut Shared) -> Option<Anchor> {
        let (context, message, text) = (self.hash()?, self.hash()?, self.hash()?);
        let (fingerprint, window) = (self.option()?, self.option()?);
        let mut number = || u32::try_from(self.number()?).ok();
        let (column, end_line, equals, line, twins) = (number()?, number()?, number()?, number()?, number()?);
        let facts = self.facts(shared)?;
        let id = FindingId(self.word()?);
        let (path, rule, tool) = (self.shared(shared)?, self.shared(shared)?, self.shared(shared)?);
        let was = (0..self.count()?).map(|_| self.word().map(FindingId)).collect::<Option<_>>()?;
        Some(Anchor {
            column,
            context,
            end_line,
            equals,
            facts,
            fingerprint,
            id,
            line,
            message,
            path,
            rule,
            text,
            tool,
            twins,
            was,
            window,
        })
    }

    #[expect(clippy::option_option, reason = "bytes that end too early are not facts that are missing")]
    fn facts(&mut self, shared: &mut Shared) -> Option<Option<Box<Facts>>> {
        let bits = self.number()?;
        if bits == 0 {
            return Some(None);
        }
        let finding = if bits >> 2 & 1 == 1 { Some(FindingId(self.word()?)) } else { None };
        let mut text = |at: u32| if bits >> at & 1 == 1 { self.shared(shared).map(Some) } else { Some(None) };
        let (fix, reach, severity, version) = (text(3)?, text(4)?, text(5)?, text(6)?);
        Some(Some(Box::new(Facts { finding, fix, kev: bits >> 1 & 1 == 1, reach, severity, version })))
    }
}
