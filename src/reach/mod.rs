//! What the files of a repository say about where its code runs.

pub mod exposure;
