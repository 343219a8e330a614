//! The one integration binary: what a user can notice, through the outermost door that is still fast.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod ingest;
mod query;
mod repo;
mod source;
mod support;
