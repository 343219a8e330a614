//! Parts of a long piece of work.

use std::ops::Range;

/// The next part of so many things from `at` on, about `room` of them. It starts and ends at a multiple of 64, so that
/// sets can be filled word by word, or ends with the last.
pub(super) fn part(at: usize, len: usize, room: usize) -> Range<usize> {
    at..len.min(at.saturating_add(room / 64 * 64).max(at + 64))
}
