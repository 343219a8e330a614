//! Pages made from what is known: the detail of a finding, a flow, a diff, problems, counts.

pub mod charts;
pub mod code;
pub mod dashboard;
pub mod detail;
pub mod diff;
pub mod flow;
pub mod group;
pub mod history;
pub mod orphans;
pub mod problems;
pub mod why;
pub mod wrap;
