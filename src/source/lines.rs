//! The bytes of a file as lines of text, whatever its encoding and line ends.

use std::borrow::Cow;
use std::ops::Range;

use crate::model::detail::Region;

/// How much of a file is looked at to tell text from binary, in bytes (the measure that git uses is 8,000).
const SNIFF: usize = 8192;

/// A text with the places of its lines. Lines end at `\n`, `\r\n` or a lone `\r`, as SARIF 2.1.0 (3.30.2) counts them.
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// Byte range of each line without its line end.
    ranges: Vec<Range<usize>>,
}

/// A file that is no text.
#[derive(Debug)]
pub(super) struct Binary;

impl Lines {
    /// Decodes a file: UTF-16 by its byte order mark, else UTF-8 without one. Refuses what holds a NUL near its start.
    pub(super) fn of_file(bytes: Vec<u8>) -> Result<Self, Binary> {
        let bytes = decode(bytes);
        if bytes.iter().take(SNIFF).any(|&byte| byte == 0) {
            return Err(Binary);
        }
        Ok(Self::of_text(bytes))
    }

    pub(super) fn of_text(bytes: Vec<u8>) -> Self {
        let mut ranges = Vec::new();
        let mut start = 0;
        for end in memchr::memchr2_iter(b'\n', b'\r', &bytes) {
            let is_second_half = bytes[end] == b'\n' && end == start && end > 0 && bytes[end - 1] == b'\r';
            if !is_second_half {
                ranges.push(start..end);
            }
            start = end + 1;
        }
        if start < bytes.len() {
            ranges.push(start..bytes.len());
        }
        Self { bytes, ranges }
    }

    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.ranges.len()).unwrap_or(u32::MAX)
    }

    /// The line with this 1-based number; invalid bytes become U+FFFD. Empty where there is no such line.
    pub(super) fn get(&self, number: u32) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(number))
    }

    /// All of it; `None` where some bytes are not UTF-8.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// Length of a line in bytes.
    pub(super) fn len(&self, number: u32) -> usize {
        self.bytes(number).len()
    }

    /// First and last line of a region: by its lines, else by its bytes or characters. `None` where it states neither,
    /// or begins after the last line.
    pub(super) fn span(&self, region: &Region) -> Option<(u32, u32)> {
        let first = match (region.line, region.byte_span, region.char_span) {
            (line @ 1.., _, _) => line,
            (0, Some((start, _)), _) => self.line_at(usize::try_from(start).ok()?),
            (0, None, Some((start, _))) => self.line_at(self.byte_of_char(start)?),
            (0, None, None) => return None,
        };
        (first <= self.count()).then(|| (first, region.end_line.clamp(first, self.count())))
    }

    fn bytes(&self, number: u32) -> &[u8] {
        let range = (number as usize).checked_sub(1).and_then(|at| self.ranges.get(at)).cloned();
        range.and_then(|range| self.bytes.get(range)).unwrap_or_default()
    }

    fn line_at(&self, byte: usize) -> u32 {
        if byte > self.bytes.len() {
            return u32::MAX;
        }
        u32::try_from(self.ranges.partition_point(|range| range.start <= byte)).unwrap_or(u32::MAX)
    }

    fn byte_of_char(&self, number: u64) -> Option<usize> {
        let is_start = |(_, byte): &(usize, &u8)| **byte & 0xc0 != 0x80;
        self.bytes.iter().enumerate().filter(is_start).nth(usize::try_from(number).ok()?).map(|(at, _)| at)
    }
}

fn decode(mut bytes: Vec<u8>) -> Vec<u8> {
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => {
            bytes.drain(..3);
            bytes
        }
        [0xff, 0xfe, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        _ => bytes,
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.into_bytes()
}
