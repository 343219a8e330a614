//! The one integration binary: what a user can notice, through the outermost door that is still fast.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step of a test is a failed test")]

mod app;
mod bytes;
mod cli;
mod fix;
mod ingest;
mod layers;
mod ledger;
mod painter;
mod pty;
mod query;
mod reach;
mod readme;
mod repo;
mod screens;
mod source;
mod support;
mod themes;
mod together;
mod walk;
