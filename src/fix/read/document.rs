//! The text of a file or an answer, as lines.

use std::borrow::Cow;

use crate::fix::lines::BOM;

/// Largest file that is read for proposals, in bytes.
pub const MAX_BYTES: u64 = 64 << 20;

/// Lines without their `\n`; a `\r` before it is kept, because in a diff it may belong to the file.
pub(super) struct Document<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a [u8],
    pub(super) lines: Vec<&'a [u8]>,
}

impl<'a> Document<'a> {
    pub(super) fn new(name: &'a str, text: &'a [u8]) -> Self {
        let lines = text.split_inclusive(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\n").unwrap_or(line));
        Self { name, text, lines: lines.collect() }
    }

    pub(super) fn line(&self, at: usize) -> &'a [u8] {
        self.lines.get(at).copied().unwrap_or_default()
    }

    /// Whether some line has this property.
    pub(super) fn has(&self, is: impl Fn(&[u8]) -> bool) -> bool {
        self.lines.iter().any(|line| is(line))
    }

    /// The last component of its name, for a proposal that has no other title.
    pub(super) fn title(&self) -> String {
        self.name.rsplit('/').next().unwrap_or(self.name).to_owned()
    }
}

/// The text without a byte order mark, and as UTF-8 where it is UTF-16 with one (what a redirection in `PowerShell` makes).
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    let units = |read: fn([u8; 2]) -> u16, rest: &[u8]| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| pair.try_into().map(read).unwrap_or_default()).collect();
        Cow::Owned(String::from_utf16_lossy(&units).into_bytes())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => units(u16::from_be_bytes, rest),
        _ => Cow::Borrowed(bytes.strip_prefix(BOM).unwrap_or(bytes)),
    }
}

/// A line without the `\r` that a text with Windows line ends has there.
pub(super) fn chomp(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// A line as text for titles and names.
pub(super) fn words(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim().to_owned()
}
