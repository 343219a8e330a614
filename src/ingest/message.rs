//! Messages as plain text: placeholders filled (2.1.0, 3.11.5), embedded links as their text (3.11.6).

use std::borrow::Cow;

use super::uri::has_scheme;

/// A message with what is needed to make it plain, whichever type it was read into.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) text: Option<&'a str>,
    pub(super) markdown: Option<&'a str>,
    pub(super) id: Option<&'a str>,
}

/// Message text before its placeholders are filled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Template<'a> {
    text: &'a str,
    /// Whether it is the rule's or the tool's text, which the message names by its id.
    is_shared: bool,
}

impl<'a> Template<'a> {
    pub(super) fn own(text: &'a str) -> Self {
        Self { text, is_shared: false }
    }

    pub(super) fn shared(text: &'a str) -> Self {
        Self { text, is_shared: true }
    }
}

/// Plain text and the links that were in it: text and target, a URI or the number of a location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plain {
    pub(super) text: String,
    pub(super) links: Vec<(String, String)>,
}

/// Fills placeholders and reduces links.
pub(super) fn plain(template: Template<'_>, arguments: &[&str]) -> Plain {
    let mut links = Vec::new();
    let text =
        reduce_links(fill(template, arguments), |label, target| links.push((label.to_owned(), target.to_owned())));
    Plain { text: text.into_owned(), links }
}

/// The plain text alone.
pub(super) fn text<'t>(template: Template<'t>, arguments: &[&str]) -> Cow<'t, str> {
    reduce_links(fill(template, arguments), |_, _| ())
}

/// Replaces `{0}` by its argument and doubled braces by single ones. A text of the result itself without arguments
/// is left alone: most tools that write none do not know the rule about braces.
pub(super) fn fill<'t>(template: Template<'t>, arguments: &[&str]) -> Cow<'t, str> {
    let Template { text: template, is_shared } = template;
    let is_plain = arguments.is_empty() && !is_shared;
    if is_plain || memchr::memchr2(b'{', b'}', template.as_bytes()).is_none() {
        return Cow::Borrowed(template);
    }
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        rest = if let Some(after) = from.strip_prefix("{{") {
            out.push('{');
            after
        } else if let Some(after) = from.strip_prefix("}}") {
            out.push('}');
            after
        } else if let Some((argument, after)) = placeholder(from, arguments) {
            out.push_str(argument);
            after
        } else {
            let mut chars = from.chars();
            out.extend(chars.next());
            chars.as_str()
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn placeholder<'t, 'a>(from: &'t str, arguments: &[&'a str]) -> Option<(&'a str, &'t str)> {
    let body = from.strip_prefix('{')?;
    let (number, rest) = body.split_at(body.bytes().take_while(u8::is_ascii_digit).count());
    let after = rest.strip_prefix('}')?;
    let argument = arguments.get(number.parse::<usize>().ok()?)?;
    Some((argument, after))
}

/// The text with links as their labels; each link goes to `found` with its target.
fn reduce_links(text: Cow<'_, str>, mut found: impl FnMut(&str, &str)) -> Cow<'_, str> {
    if memchr::memchr(b'[', text.as_bytes()).is_none() {
        return text;
    }
    // After the last `](` there is no link, however many brackets there are.
    let Some(last) = last_link(text.as_bytes()) else { return text };
    let tail = text.len() - last;
    let mut plain = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = memchr::memchr(b'[', rest.as_bytes()).filter(|_| rest.len() > tail) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        if let Some((label, target, after)) = link(from) {
            plain.push_str(&label);
            found(&label, target);
            rest = after;
        } else {
            plain.push('[');
            rest = from.strip_prefix('[').unwrap_or_default();
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// Where the last `](` stands.
fn last_link(text: &[u8]) -> Option<usize> {
    memchr::memrchr_iter(b']', text).find(|at| text.get(at + 1) == Some(&b'('))
}

/// The longest link text and target.
const MAX_LINK: usize = 4096;

/// `[label](target)` at the start of a text: label without escapes, target, and what follows.
fn link(from: &str) -> Option<(Cow<'_, str>, &str, &str)> {
    let inside = from.strip_prefix('[')?;
    let mut end = 0;
    let mut is_escaped = false;
    loop {
        end += memchr::memchr3(b']', b'[', b'\\', inside.as_bytes().get(end..)?)?;
        match inside.as_bytes().get(end)? {
            b']' => break,
            b'\\' => end += 1 + inside.get(end + 1..)?.chars().next()?.len_utf8(),
            // An opening bracket inside is no link text; the inner one may start a link of its own.
            _ => return None,
        }
        is_escaped = true;
    }
    let label = inside.get(..end).filter(|label| label.len() < MAX_LINK)?;
    let label = if is_escaped { Cow::Owned(unescaped(label)) } else { Cow::Borrowed(label) };
    let target = inside.get(end + 1..)?.strip_prefix('(')?;
    let close = target.bytes().take(MAX_LINK).position(|byte| byte == b')')?;
    let (target, after) = target.split_at_checked(close)?;
    is_target(target).then(|| (label, target, after.get(1..).unwrap_or_default()))
}

/// A label without the backslashes in front of brackets and backslashes.
fn unescaped(label: &str) -> String {
    let mut out = String::with_capacity(label.len());
    let mut chars = label.chars().peekable();
    while let Some(c) = chars.next() {
        let is_escape = c == '\\' && matches!(chars.peek(), Some('[' | ']' | '\\'));
        out.extend(if is_escape { chars.next() } else { Some(c) });
    }
    out
}

/// The number of a location, or a URI.
fn is_target(target: &str) -> bool {
    let is_number = !target.is_empty() && target.bytes().all(|byte| byte.is_ascii_digit());
    is_number || (has_scheme(target) && !target.contains(char::is_whitespace))
}
