//! The command line: what was asked, which job does it, and how it is printed. One file a family of commands;
//! the jobs themselves are in `desk` and the layers below.

mod ai;
pub mod args;
mod ask;
mod cancel;
mod check;
mod context;
mod decide;
mod demo;
mod evidence;
mod exchange;
mod exit;
mod explain;
mod fix;
mod landing;
mod ledger;
mod list;
mod out;
mod pull_request;
mod report;
mod run;
mod scans;
mod show;
mod status;
mod undo;
mod upgrades;
mod verify;
mod work;

pub use exit::Exit;
pub use run::run;
