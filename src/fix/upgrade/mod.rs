//! Upgrades of packages: what scanners say clears a finding, the lowest version that clears the most, and the line of
//! a manifest that has to change for it. Nothing is installed, no lock file is written, and no command is run: the one
//! to run is named.
//!
//! In reading order: `version` orders versions as each ecosystem does, `choose` picks one, `manifest` finds the literal
//! text that asks for a package, `requirement` writes another version into it in the same style, `command` names what
//! brings the lock file up to date, `propose` makes an ordinary proposal of it, or advice with the reason.

pub mod choose;
mod command;
pub mod ecosystem;
pub mod manifest;
mod propose;
pub mod requirement;
pub mod version;

pub use propose::{Need, Upgrade, upgrade};
