//! Formats that are told apart from others, and of which nothing is read yet.

use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;

use super::draft::Draft;

pub(super) fn read(_: &mut Original<'_>, draft: &mut Draft<'_>) {
    let what = draft.document.format;
    draft.odd("", Oddity::harmless("a format that is known, and not read yet", what));
}
