//! Fixes: from the regions of a report to the bytes that a batch would write.

mod adapters;
mod batch;
mod case;
mod columns;
mod demo;
mod diff;
mod doubts;
mod place;
mod reports;
mod siblings;
mod written;
