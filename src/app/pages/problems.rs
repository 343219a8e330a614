//! Everything that was wrong with the input, and what to do about it.

use crate::app::page::{Line, Page, Role};
use crate::app::state::State;
use crate::model::problem::{Loss, tally};

use super::wrap::{labelled, paragraph};

/// The problems page: losses first.
pub fn page(state: &State, width: u16) -> Page {
    let width = usize::from(width.max(20));
    if state.problems.is_empty() {
        let text = "nothing was wrong: every report was read whole";
        return Page { title: "Problems".to_owned(), lines: vec![Line::new(Role::Good, text)] };
    }
    let mut problems: Vec<_> = state.problems.iter().collect();
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.loss));
    let mut lines = Vec::new();
    for problem in problems {
        let (word, role) = match problem.loss {
            Loss::File => ("lost: file or its rest", Role::Error),
            Loss::Result => ("lost: a result or a part of it", Role::Warning),
            Loss::Nothing => ("nothing lost", Role::Info),
        };
        let mut head = Line::new(Role::Strong, &problem.file).stop();
        if !problem.place.is_empty() {
            head = head.with(Role::Dim, &format!("  {}", problem.place));
        }
        lines.push(head.with(role, &format!("  {word}")));
        lines.extend(paragraph(Role::Text, &format!("  {}", problem.reason), width));
        if !problem.hint.is_empty() {
            lines.extend(labelled("  next", Role::Dim, &problem.hint, width));
        }
        lines.push(Line::blank());
    }
    Page { title: format!("Problems: {}", tally(&state.problems)), lines }
}
