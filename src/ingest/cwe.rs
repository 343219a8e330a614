//! CWE numbers in the many ways that tools write them.

/// The largest number that can be one; larger ones are something else.
const MAX: u32 = 9999;

/// Adds every CWE number that a text names: `external/cwe/cwe-089`, `CWE-89: SQL …`, `CWE_89`, `cwe:89`.
pub(super) fn collect(text: &str, into: &mut Vec<u32>) {
    let bytes = text.as_bytes();
    for at in memchr::memchr2_iter(b'c', b'C', bytes) {
        let rest = bytes.get(at..).unwrap_or_default();
        let is_word = rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"cwe"));
        let is_start =
            at.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(|before| !before.is_ascii_alphanumeric());
        if is_word && is_start {
            let digits = rest.iter().skip(3).skip_while(|byte| matches!(byte, b'-' | b'_' | b':' | b' ' | b'/'));
            push(digits.copied(), into);
        }
    }
}

/// Adds a value that stands where only a CWE can: a number, with or without the word before it.
pub(super) fn collect_value(text: &str, into: &mut Vec<u32>) {
    if text.trim().starts_with(|c: char| c.is_ascii_digit()) {
        push(text.trim().bytes(), into);
    } else {
        collect(text, into);
    }
}

/// Sorted and without doubles.
pub(super) fn tidy(numbers: &mut Vec<u32>) {
    numbers.sort_unstable();
    numbers.dedup();
}

fn push(bytes: impl Iterator<Item = u8>, into: &mut Vec<u32>) {
    let digits: String = bytes.take_while(u8::is_ascii_digit).take(9).map(char::from).collect();
    if let Some(number) = digits.parse().ok().filter(|number| (1..=MAX).contains(number)) {
        into.push(number);
    }
}
