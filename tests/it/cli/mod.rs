//! The program itself: arguments in; standard output, standard error and exit code out.

mod asking;
mod context;
mod deciding;
mod demo;
mod exchanging;
mod files;
mod fixed;
mod fixing;
mod hostile;
mod landing;
mod ledger;
mod listing;
mod offers;
mod owning;
mod policy;
mod priority;
mod proving;
mod pull_request;
mod reporting;
mod scans;
mod shop;
mod undoing;
mod unusual;
mod upgrading;
mod worktree;
mod yard;
