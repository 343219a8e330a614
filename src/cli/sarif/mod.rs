//! Findings as a SARIF 2.1.0 log.

mod rebuilt;
mod write;

pub(super) use write::write;
