//! Quell: a terminal triage console for security findings.

pub mod app;
pub mod fix;
pub mod ingest;
pub mod ledger;
pub mod model;
pub mod query;
pub mod repo;
pub mod source;
pub mod session;
pub mod terminal;
pub mod ui;
