//! Where a line of one text goes in another, if there is only one answer.
//!
//! A difference of two texts is one of many longest common subsequences, and in repeated blocks the others are as
//! good. A line has one place only if it has the same in all of them. The lengths of the longest common subsequences
//! of heads, and of tails, tell (Hirschberg, "A linear space algorithm for computing maximal common subsequences",
//! 1975).

use std::collections::HashMap;
use std::ops::Range;

use super::lines::Text;

/// Most pairs of lines that are compared.
const MAX_PAIRS: usize = 4_000_000;

/// Lines of one text.
#[derive(Clone)]
pub(super) struct Part<'t> {
    pub(super) text: &'t Text,
    pub(super) lines: Range<usize>,
}

/// The line of `now` that `line` of `base` is in every longest common subsequence of the two; `None` where it has
/// several or none, or where they are too long to tell.
pub(super) fn partner(base: &Part<'_>, now: &Part<'_>, line: usize) -> Option<usize> {
    if base.lines.len().checked_mul(now.lines.len())? > MAX_PAIRS {
        return None;
    }
    let at = line.checked_sub(base.lines.start)?;
    let (old, new) = numbered(base, now);
    let own = old.get(at)?;
    let heads = lengths(old.get(..at)?, &new);
    let reversed = |lines: &[usize]| lines.iter().rev().copied().collect::<Vec<_>>();
    let mut tails = lengths(&reversed(old.get(at + 1..)?), &reversed(&new));
    tails.reverse();

    // `heads[column]` is about the lines before `column`, `tails[column]` about those from there on.
    let without = heads.iter().zip(&tails).map(|(head, tail)| head + tail).max()?;
    let pairs = heads.iter().zip(tails.iter().skip(1)).zip(&new).enumerate();
    let with: Vec<(usize, u32)> = pairs
        .filter(|(_, (_, id))| *id == own)
        .map(|(column, ((head, tail), _))| (column, head + 1 + tail))
        .filter(|(_, length)| *length > without)
        .collect();
    let longest = with.iter().map(|(_, length)| *length).max()?;
    let mut best = with.iter().filter(|(_, length)| *length == longest);
    match (best.next(), best.next()) {
        (Some((column, _)), None) => Some(now.lines.start + column),
        _ => None,
    }
}

/// Lines as numbers, equal where the lines are.
fn numbered(base: &Part<'_>, now: &Part<'_>) -> (Vec<usize>, Vec<usize>) {
    let mut numbers: HashMap<&[u8], usize> = HashMap::new();
    let mut number = |text| {
        let next = numbers.len();
        *numbers.entry(text).or_insert(next)
    };
    let old = base.lines.clone().map(|line| number(base.text.line(line))).collect();
    (old, now.lines.clone().map(|line| number(now.text.line(line))).collect())
}

/// Lengths of the longest common subsequences of `old` with every head of `new`, the empty one first.
fn lengths(old: &[usize], new: &[usize]) -> Vec<u32> {
    let mut row = vec![0; new.len() + 1];
    for line in old {
        let (mut diagonal, mut left) = (0, 0);
        for (cell, other) in row.iter_mut().skip(1).zip(new) {
            let above = *cell;
            left = if line == other { diagonal + 1 } else { above.max(left) };
            (diagonal, *cell) = (above, left);
        }
    }
    row
}
