//! XML as a run of tags and texts, leniently: the first syntax error ends it, and what stood before counts. Entities of
//! a document type are not expanded, and nothing is fetched.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// What a reader of XML is told, in the order of the text.
pub(super) trait Tags {
    /// A tag opens on a line, counted from 1.
    fn open(&mut self, tag: &Tag<'_>, line: u32);

    /// A tag closes; `text` is what stood directly in front of that.
    fn close(&mut self, name: &str, text: &str);
}

/// A tag with its attributes.
pub(super) struct Tag<'t>(BytesStart<'t>);

impl Tag<'_> {
    pub(super) fn name(&self) -> &str {
        self.0.name().into_inner()
    }

    /// The text of an attribute, as it is written where it holds an entity that nobody knows.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let found = attributes.with_checks(false).flatten().find(|attribute| attribute.key.into_inner() == name)?;
        let text = quick_xml::escape::unescape(&found.value).map(std::borrow::Cow::into_owned);
        Some(text.unwrap_or_else(|_| found.value.into_owned()))
    }

    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.trim().parse().ok()
    }
}

/// Reads a text; `false` if it has no end, or one tag is not closed as it should be.
pub(super) fn read(text: &str, tags: &mut impl Tags) -> bool {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let (mut line, mut counted, mut open) = (1_u32, 0, 0_usize);
    let mut words = String::new();
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let passed = text.as_bytes().get(counted..at).unwrap_or_default();
        line = line.saturating_add(u32::try_from(memchr::memchr_iter(b'\n', passed).count()).unwrap_or(u32::MAX));
        counted = at;
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                words.clear();
                open += 1;
                tags.open(&Tag(start), line);
            }
            Ok(Event::Empty(start)) => {
                words.clear();
                let tag = Tag(start);
                tags.open(&tag, line);
                tags.close(tag.name(), "");
            }
            Ok(Event::End(end)) => {
                open = open.saturating_sub(1);
                tags.close(end.name().into_inner(), words.trim());
                words.clear();
            }
            Ok(Event::Text(part)) => words.push_str(&part),
            Ok(Event::CData(part)) => words.push_str(&part),
            Ok(Event::GeneralRef(entity)) => push_entity(&mut words, &entity),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
            Ok(Event::Eof) => return open == 0,
            Err(_) => return false,
        }
    }
}

/// The character of an entity that every XML knows; any other as it is written.
fn push_entity(words: &mut String, entity: &BytesRef<'_>) {
    match (entity.resolve_char_ref(), resolve_predefined_entity(entity)) {
        (Ok(Some(c)), _) => words.push(c),
        (_, Some(text)) => words.push_str(text),
        _ => words.push_str(&format!("&{};", &**entity)),
    }
}

/// The name of the first tag of a text, if it is XML.
pub(super) fn root(head: &str) -> Option<String> {
    let mut reader = Reader::from_str(head.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']));
    if !head.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return None;
    }
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => return Some(start.name().into_inner().to_owned()),
            Event::Eof => return None,
            _ => {}
        }
    }
}
