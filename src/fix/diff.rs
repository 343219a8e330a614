//! Two versions of a file as hunks, and hunks as text.

use crate::model::plan::FileDiff;

/// Lines of context around a change.
pub const CONTEXT: usize = 3;

/// The difference of two versions of a file, with what changed inside lines marked.
pub fn file_diff(path: &str, before: &[u8], after: &[u8]) -> FileDiff {
    let _ = (path, before, after);
    unimplemented!()
}

/// A unified diff that `git apply` takes, raw bytes (`diff --git` header, `a/` and `b/`, no-newline markers).
pub fn unified(path: &str, before: &[u8], after: &[u8]) -> Vec<u8> {
    let _ = (path, before, after);
    unimplemented!()
}
