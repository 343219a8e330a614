//! Syntax roles for lines of code.

use crate::model::snippet::Snippet;

/// Fills in the roles of a snippet's lines. Slow the first time (loads the language): never on the drawing path.
pub fn colour(snippet: &mut Snippet) {
    let _ = snippet;
    unimplemented!()
}
