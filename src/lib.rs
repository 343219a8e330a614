//! Quell: a terminal triage console for security findings.
//!
//! Layers, each naming only those to its left:
//! `model <- repo <- query | ingest | source | fix | ledger <- app, desk <- worker | ui | cli <- session <- main`.
//! `desk` joins the layers below into the jobs that the console's worker and the command line share.

pub mod app;
pub mod cli;
pub mod desk;
pub mod fix;
pub mod ingest;
pub mod ledger;
pub mod model;
pub mod query;
pub mod repo;
pub mod session;
pub mod source;
pub mod ui;
