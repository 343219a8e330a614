//! Where the lines of a text went, as git tells it.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use git2::{DiffOptions, Patch};

/// Lines that stayed together around one, itself included, that make it sure that it is the same one.
pub(super) const TOGETHER: usize = 3;
/// Letters and digits of a line that says much: as many as git wants of one before it takes it for a line that was moved.
const MUCH: usize = 20;
/// How far they may stand from it.
const NEAR: usize = 5;
/// Largest text that is compared, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// From the lines of one text to those of another that are the same but for white space.
pub struct LineMap<'t> {
    old: Vec<&'t [u8]>,
    new: Vec<&'t [u8]>,
    /// What was replaced, in order: first line and number of lines, before and after.
    changed: Vec<[u32; 4]>,
    /// How many lines are the same but for white space, before and after.
    equals: OnceCell<HashMap<Vec<u8>, [u32; 2]>>,
}

impl<'t> LineMap<'t> {
    /// `None` where git compares no such texts, or they are too large.
    pub fn between(old: &'t [u8], new: &'t [u8]) -> Option<Self> {
        if old.len().max(new.len()) > MAX_BYTES {
            return None;
        }
        let mut options = DiffOptions::new();
        options.context_lines(0).ignore_whitespace(true).force_text(true);
        let patch = Patch::from_buffers(old, None, new, None, Some(&mut options)).ok()?;
        let hunk = |number: usize| {
            let (hunk, _) = patch.hunk(number).ok()?;
            Some([hunk.old_start(), hunk.old_lines(), hunk.new_start(), hunk.new_lines()])
        };
        let changed = (0..patch.num_hunks()).map(hunk).collect::<Option<_>>()?;
        Some(Self { old: by_lines(old).collect(), new: by_lines(new).collect(), changed, equals: OnceCell::new() })
    }

    /// Where a line is now, both 1-based, and whether no other line may be it as well; `None` where it is gone, or where a
    /// line like it stands elsewhere too and nothing around stayed with it: then a comparison pairs what comes first.
    pub fn line(&self, line: u32) -> Option<(u32, bool)> {
        let (mut now, mut from, mut until) = (line, 1, u32::MAX);
        let (mut above, mut below) = (None, None);
        for changed in &self.changed {
            let [old, gone, new, added] = *changed;
            // Of lines that are only added, or gone, git names the line before them.
            let first = if gone == 0 { old + 1 } else { old };
            let first_new = if added == 0 { new + 1 } else { new };
            let changed = [first, gone, first_new, added];
            if line < first {
                until = first;
                below = Some(changed);
                break;
            }
            if line < first + gone {
                return None;
            }
            from = first + gone;
            now = (first_new + added).saturating_add(line - from);
            above = Some(changed);
        }
        let is_kept = self.is_together(line as usize, from as usize, until as usize)
            || self.is_alone(line as usize)
            || self.is_among(line as usize, now as usize);
        let may_be_other = above.is_some_and(|changed| self.slides(changed, 0..line - from + 1, false))
            || below.is_some_and(|changed| self.slides(changed, 0..until - line, true));
        is_kept.then_some((now, !may_be_other))
    }

    /// Whether lines that were only added, or are only gone, may as well stand so many lines further down, or up: at their
    /// one end they are like what follows the other. Then it is not known which of two equal lines is the old one.
    fn slides(&self, [old, gone, new, added]: [u32; 4], mut lines: Range<u32>, up: bool) -> bool {
        let (side, first, count) = match (gone, added) {
            (0, added) => (&self.new, new, added),
            (gone, 0) => (&self.old, old, gone),
            _ => return false,
        };
        let at = |number: u32| side.get((number as usize).checked_sub(1)?).map(|line| squeezed(line));
        let is_equal = |one: u32, other: u32| match (at(one), at(other)) {
            (Some(one), Some(other)) => one.eq(other),
            _ => false,
        };
        lines.all(|by| {
            if up {
                first.checked_sub(by + 1).is_some_and(|above| is_equal(above, above + count))
            } else {
                is_equal(first + by, first + by + count)
            }
        })
    }

    /// Whether enough lines around a line stayed with it, of those from `from` on and before `until`.
    fn is_together(&self, line: usize, from: usize, until: usize) -> bool {
        let near = from.max(line.saturating_sub(NEAR))..until.min(line + NEAR + 1).min(self.old.len() + 1);
        near.filter(|number| self.old.get(number - 1).is_some_and(|line| is_telling(line))).count() >= TOGETHER
    }

    /// Whether enough lines around a line have the same words as before, the one above or below among them: other quotes or
    /// breaks make new lines of them.
    fn is_among(&self, line: usize, now: usize) -> bool {
        words_around(&self.old, line).intersection(&words_around(&self.new, now)).count() >= TOGETHER
            && in_one_piece(&self.old, line, &self.new, now) > 1
    }

    /// The lines that are only in the new text, with their numbers.
    pub(super) fn added(&self) -> impl Iterator<Item = (u32, &'t [u8])> {
        let numbers = self.changed.iter().flat_map(|[_, _, new, added]| *new..new + added);
        numbers.filter_map(|number| Some((number, *self.new.get((number as usize).checked_sub(1)?)?)))
    }

    /// Whether it says much, and no other line on either side is like it.
    fn is_alone(&self, line: usize) -> bool {
        let Some(line) = line.checked_sub(1).and_then(|at| self.old.get(at)) else { return false };
        words(line).len() >= MUCH && self.equals().get(&squeezed(line).collect::<Vec<u8>>()) == Some(&[1, 1])
    }

    fn equals(&self) -> &HashMap<Vec<u8>, [u32; 2]> {
        self.equals.get_or_init(|| {
            let mut equals: HashMap<Vec<u8>, [u32; 2]> = HashMap::new();
            for (side, lines) in [&self.old, &self.new].into_iter().enumerate() {
                for line in lines {
                    equals.entry(squeezed(line).collect()).or_default()[side] += 1;
                }
            }
            equals
        })
    }
}

/// Whether a line says something: not only brackets.
fn is_telling(line: &[u8]) -> bool {
    line.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80)
}

/// The words of the lines around a 1-based one and of itself, each line as a whole.
fn words_around(lines: &[&[u8]], line: usize) -> HashSet<Vec<u8>> {
    let near = lines.iter().take(line + NEAR).skip(line.saturating_sub(NEAR + 1));
    near.filter(|line| is_telling(line)).map(|line| words(line)).collect()
}

/// How many lines that say something have the same words in both texts, in one piece around a 1-based line of each, itself
/// included, and up to [`NEAR`] on either side. Lines like it that stand somewhere near do not count: two tests of one kind
/// have many.
pub(super) fn in_one_piece(old: &[impl AsRef<[u8]>], line: usize, new: &[impl AsRef<[u8]>], now: usize) -> usize {
    fn told<'l>(lines: impl Iterator<Item = &'l (impl AsRef<[u8]> + 'l)>) -> impl Iterator<Item = Vec<u8>> {
        lines.map(AsRef::as_ref).filter(|line| is_telling(line)).map(words).take(NEAR)
    }
    fn shared(old: impl Iterator<Item = Vec<u8>>, new: impl Iterator<Item = Vec<u8>>) -> usize {
        old.zip(new).take_while(|(old, new)| old == new).count()
    }
    let (Some(old), Some(new)) = (parted(old, line), parted(new, now)) else { return 0 };
    if words(old.1.as_ref()) != words(new.1.as_ref()) {
        return 0;
    }
    shared(told(old.0.iter().rev()), told(new.0.iter().rev())) + shared(told(old.2.iter()), told(new.2.iter())) + 1
}

/// The lines before a 1-based one, itself, and those behind it.
fn parted<L>(lines: &[L], line: usize) -> Option<(&[L], &L, &[L])> {
    let (before, rest) = lines.split_at_checked(line.checked_sub(1)?)?;
    let (own, behind) = rest.split_first()?;
    Some((before, own, behind))
}

/// The letters and digits of a line.
fn words(line: &[u8]) -> Vec<u8> {
    line.iter().copied().filter(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80).collect()
}

/// The lines of a text.
pub(super) fn by_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n')
}

/// A text without white space.
pub fn squeezed(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter().copied().filter(|byte| !byte.is_ascii_whitespace())
}
