//! What of a text is worked out once for all fixes that look for a place in it: how its lines are indented under each
//! other, and where lines that say the same stand. Asking costs no walk through the text.

use std::cmp::Ordering;
use std::ops::Range;

use super::block::{Kind, bare, depth};
use super::lines::Text;

/// The blocks and the equal lines of one text.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    /// How deep each line is indented; `None` for lines that belong to no level.
    depths: Vec<Option<usize>>,
    /// The nearest line above each that is indented less.
    parents: Vec<Option<usize>>,
    /// Behind the last line below each that is indented more.
    ends: Vec<usize>,
    /// Lines that end a document.
    breaks: Vec<usize>,
    /// All lines by what they say without what may differ where the same thing stands, then by number.
    by_words: Vec<usize>,
}

impl Outline {
    pub(super) fn new(text: &Text, kind: Kind) -> Self {
        let count = text.lines.len();
        let depths: Vec<Option<usize>> = (0..count).map(|line| depth(text.line(line), kind)).collect();
        let breaks = (0..count).filter(|line| depths.get(*line) == Some(&Some(0))).collect();
        let mut by_words: Vec<usize> = (0..count).collect();
        by_words.sort_by(|one, other| bare(text.line(*one)).cmp(bare(text.line(*other))));
        let (parents, ends) = family(&depths);
        Self { depths, parents, ends, breaks, by_words }
    }

    pub(super) fn depth(&self, line: usize) -> Option<usize> {
        self.depths.get(line).copied().flatten()
    }

    pub(super) fn parent(&self, line: usize) -> Option<usize> {
        self.parents.get(line).copied().flatten()
    }

    /// Where the lines below a line that are indented more end.
    pub(super) fn end(&self, head: usize) -> usize {
        self.ends.get(head).copied().unwrap_or(head + 1)
    }

    /// The document that a line belongs to: several may stand in one file.
    pub(super) fn document(&self, line: usize) -> Range<usize> {
        let next = self.breaks.partition_point(|at| *at <= line);
        let start = next.checked_sub(1).and_then(|last| self.breaks.get(last)).map_or(0, |at| at + 1);
        let end = self.breaks.get(next).copied().unwrap_or(self.depths.len());
        start.min(end)..end
    }

    /// The lines that say the same as `wanted`, in their order; of which text it is does not matter.
    pub(super) fn saying(&self, text: &Text, wanted: &[u8]) -> &[usize] {
        let wanted = bare(wanted);
        let compared = |line: &usize| bare(text.line(*line)).cmp(wanted);
        let start = self.by_words.partition_point(|line| compared(line) == Ordering::Less);
        let rest = self.by_words.get(start..).unwrap_or_default();
        rest.get(..rest.partition_point(|line| compared(line) == Ordering::Equal)).unwrap_or_default()
    }
}

/// Of each line the nearest one above that is indented less, and where the lines below that are indented more end. A line
/// of no level belongs to where the next one is; nothing belongs to the end of a document.
fn family(depths: &[Option<usize>]) -> (Vec<Option<usize>>, Vec<usize>) {
    let (mut parents, mut ends): (Vec<Option<usize>>, Vec<usize>) = (Vec::new(), (1..=depths.len()).collect());
    // Lines whose block goes on, from the outside in, each with its depth.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut close = |open: &mut Vec<(usize, usize)>, least: usize, end: usize| {
        while let Some((line, _)) = open.pop_if(|(_, depth)| *depth >= least) {
            if let Some(own) = ends.get_mut(line) {
                *own = end;
            }
        }
    };
    let mut last = 0;
    for (line, depth) in depths.iter().enumerate() {
        let Some(depth) = *depth else { continue };
        close(&mut open, depth, last);
        let parent = open.last().filter(|(_, above)| *above > 0).map(|(above, _)| *above);
        // Those of no level above it, too.
        parents.resize(line + 1, parent);
        open.push((line, depth));
        last = line + 1;
    }
    close(&mut open, 0, last);
    parents.resize(depths.len(), None);
    (parents, ends)
}
