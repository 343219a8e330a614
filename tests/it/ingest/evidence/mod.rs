//! Files of evidence, read into statements.

mod broken;
mod collection;
mod coverage;
mod exploits;
mod reachables;
mod runtime;
mod said;
mod scores;
