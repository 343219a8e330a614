//! Fixes: from the regions of a report to the bytes that a batch would write.
#![expect(
    clippy::format_collect,
    clippy::print_stderr,
    clippy::string_slice,
    reason = "texts are made and cut by hand, and a test says why it is skipped"
)]

mod adapters;
mod base;
mod batch;
mod blocks;
mod case;
mod columns;
mod command;
mod demo;
mod diff;
mod doubts;
mod drift;
mod elsewhere;
mod files;
mod hand;
mod hostile;
mod manifests;
mod place;
mod properties;
mod read;
mod reports;
mod siblings;
mod syntax;
mod unseen;
mod verify;
mod versions;
mod written;
