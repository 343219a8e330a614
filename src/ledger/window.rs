//! The hash by which GitHub follows a line: what the `codeql-action` computes as `primaryLocationLineHash`
//! (`src/fingerprints.ts` there), without the ordinal behind it.

/// UTF-16 code units that it is over, blanks and tabs left out.
const UNITS: usize = 100;
const MULTIPLIER: u64 = 37;
const END: u16 = 0xffff;

/// The hash of a line, from a text that begins with it.
pub(super) fn hash(text: &[u8]) -> String {
    // A unit takes three bytes at most, and blanks are not many.
    let near = text.get(..UNITS * 40).unwrap_or(text);
    let near = String::from_utf8_lossy(near);
    let mut last = '\0';
    let kept = near.chars().filter_map(|c| {
        let is_second_half = last == '\r' && c == '\n';
        last = c;
        match c {
            ' ' | '\t' => None,
            _ if is_second_half => None,
            '\r' => Some('\n'),
            c => Some(c),
        }
    });
    let mut pair = [0; 2];
    let units = kept.flat_map(|c| c.encode_utf16(&mut pair).to_vec());
    let filled = units.chain([END]).chain(std::iter::repeat(0)).take(UNITS);
    let hash = filled.fold(0, |hash: u64, unit| hash.wrapping_mul(MULTIPLIER).wrapping_add(u64::from(unit)));
    format!("{hash:x}")
}

#[cfg(test)]
mod tests {
    use super::hash;

    /// The values of the action's own tests.
    #[test]
    fn lines_have_the_hashes_of_the_action() {
        assert_eq!(hash(b""), "c129715d7a2bc9a3");
        let text = b" a\nb\n  \t\tc\n d";
        let lines: Vec<String> = [0, 3, 5, 11].iter().map(|&at| hash(&text[at..])).collect();
        assert_eq!(lines, ["271789c17abda88f", "54703d4cd895b18", "180aee12dab6264", "a23a3dc5e078b07b"]);
        assert_eq!(hash(b"a\r\nb"), hash(b"a\nb"));
    }
}
