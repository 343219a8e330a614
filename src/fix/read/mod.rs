//! Proposals from files and answers that are no reports: diffs, patches, blocks to search for, edits in JSON or YAML.
//!
//! `format` names what is understood and is the way in; each format has a file of its own and knows nothing of the
//! others. What they read comes together in `draft`, where paths are confined and proposals get their ids.

mod blocks;
mod clang;
mod codex;
mod document;
mod draft;
pub mod format;
mod git;
mod path;
mod rdjson;
mod unified;

pub(super) use draft::id as fix_id;
