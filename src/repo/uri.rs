//! The URIs of reports, taken apart as text: what was meant, without asking the disk.

use std::borrow::Cow;

/// What a URI (or a path that a tool wrote instead of one) names. Paths have no `.` and `..`, and `/` only between
/// components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place<'u> {
    /// Relative to something.
    Relative(Cow<'u, str>),
    /// Relative, but `..` leads out of what it is relative to.
    Above,
    /// From the top of some file system, perhaps another machine's: `/src/a.py`, `C:\src\a.py`.
    Absolute(Cow<'u, str>),
    /// Nothing that can be a file here: another scheme, or bytes that are no path.
    Foreign,
}

/// What a URI names, decoded once.
pub(super) fn parse(uri: &str) -> Place<'_> {
    if is_plain(uri) {
        return Place::Relative(Cow::Borrowed(uri));
    }
    let text = decode(uri);
    if text.contains('\0') {
        return Place::Foreign;
    }
    match scheme(&text) {
        Some("file") => file_place(map(text, |text| text.get("file:".len()..).unwrap_or_default())),
        Some(_) => Place::Foreign,
        None => path_place(slashed(text)),
    }
}

/// Whether a URI is a relative path as it stands, as nearly all are; some that are too are told the long way.
fn is_plain(uri: &str) -> bool {
    let mut before = b'/';
    for &byte in uri.as_bytes() {
        let is_special = matches!(byte, b'%' | b'\0' | b':' | b'\\');
        if is_special || before == b'/' && matches!(byte, b'/' | b'.') {
            return false;
        }
        before = byte;
    }
    before != b'/'
}

/// A part of a text, borrowed where the text is.
fn map(text: Cow<'_, str>, part: impl Fn(&str) -> &str) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(part(text)),
        Cow::Owned(text) => Cow::Owned(part(&text).to_owned()),
    }
}

/// `uri` below `base`, as text: what RFC 3986 does for a base that ends in a slash, which is what SARIF asks for.
pub(super) fn join(base: &str, uri: &str) -> String {
    let slash = if base.ends_with(['/', '\\']) { "" } else { "/" };
    format!("{base}{slash}{uri}")
}

/// `%20` and the like as the bytes they stand for; a URI whose bytes are no UTF-8 stays as it is.
pub(super) fn decode(uri: &str) -> Cow<'_, str> {
    if !uri.contains('%') {
        return Cow::Borrowed(uri);
    }
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, after @ ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| (high << 4 | low, after)),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(uri), Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The scheme in front of `:`. One letter is a drive, and a path is no scheme.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    is_scheme.then(|| if scheme.eq_ignore_ascii_case("file") { "file" } else { scheme })
}

/// What follows `file:`. An authority other than `localhost` becomes the first component: a share of another
/// machine, or the first folder where a tool forgot a slash.
fn file_place(rest: Cow<'_, str>) -> Place<'_> {
    let rest = slashed(rest);
    if !rest.starts_with("//") {
        return path_place(rest);
    }
    Place::Absolute(fold(map(rest, below_authority)).0)
}

fn below_authority(rest: &str) -> &str {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    rest.strip_prefix("localhost/").unwrap_or(rest)
}

/// With `/` for each backslash.
fn slashed(path: Cow<'_, str>) -> Cow<'_, str> {
    if path.contains('\\') { Cow::Owned(path.replace('\\', "/")) } else { path }
}

fn path_place(path: Cow<'_, str>) -> Place<'_> {
    let is_drive = path.as_bytes().get(1) == Some(&b':') && path.starts_with(|c: char| c.is_ascii_alphabetic());
    if path.starts_with('/') || is_drive {
        return Place::Absolute(fold(path).0);
    }
    let (path, is_above) = fold(path);
    if is_above { Place::Above } else { Place::Relative(path) }
}

/// A path without `.`, `..` and empty components, and whether a `..` had nothing to take back.
fn fold(path: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    let path = map(path, |path| path.trim_start_matches('/'));
    if path.as_bytes().split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b"..")) {
        return (path, false);
    }
    let (mut components, mut is_above) = (Vec::new(), false);
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => is_above |= components.pop().is_none(),
            name => components.push(name),
        }
    }
    (Cow::Owned(components.join("/")), is_above)
}
