//! Plain data that every layer shares: results, findings, fixes, decisions, problems.
//! No input, no output, no clock. What a report says is kept as it was; `text` makes it safe to show.

pub mod backlog;
pub mod bits;
pub mod board;
pub mod claim;
pub mod column;
pub mod counting;
pub mod cwe;
pub mod decision;
pub mod detail;
pub mod evidence;
pub mod exposure;
pub mod fix;
pub mod follow;
pub mod funnel;
pub mod grade;
pub mod hashed;
pub mod home;
pub mod id;
pub mod messages;
pub mod offer;
pub mod order;
pub mod plan;
pub mod priority;
pub mod problem;
pub mod proof;
pub mod reach;
pub mod remedy;
pub mod role;
pub mod scope;
pub mod secret;
pub mod snippet;
pub mod standings;
pub mod text;
pub mod unseen;
pub mod yaml;
