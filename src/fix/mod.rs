//! From proposals to bytes: columns, placement, plan, preview. Pure but for reading the tree; `repo` writes.
//!
//! In reading order: `read` makes proposals of diffs and of what other tools and agents write, `lines` cuts a file into
//! lines, `columns` turns regions into byte ranges, `adapter` knows what each producer means, `tree` is what a batch
//! reads of the repository, `place` decides where an edit goes in the file as it is now (`carry` merges it with later
//! changes, by the blocks that `block` finds in the `outline` of a text and the order that `forced` proves; `indent` adjusts white space; `passage`
//! finds the lines that a diff states, `elision` those that an answer leaves out, `unnamed` weighs them where nobody
//! names the base; `unseen` weighs fixes whose report carries no code), `whole` is about files that come, go or get
//! another name, `check` looks at the outcome (`sensitive` files, what is `added`, `syntax` by the table in `language`),
//! `plan` joins a batch, `hand` makes of a fix what a person wants of its hunks, `touch` says which lines a proposal is
//! about, `version` makes a change again in another version of its file, `upgrade` makes proposals of what scanners say
//! of packages. `verify` finds the fixes that break a command, `failures` compares what it says when it fails.

mod adapter;
mod added;
pub mod alike;
mod block;
mod carry;
mod check;
mod columns;
pub mod diff;
mod edit;
mod elision;
pub mod failures;
mod forced;
mod hand;
mod indent;
mod language;
mod likely;
mod lines;
mod outline;
mod passage;
mod place;
pub mod plan;
pub mod read;
mod sensitive;
mod syntax;
pub mod touch;
mod tree;
mod unnamed;
mod unseen;
pub mod upgrade;
pub mod verify;
mod version;
mod whole;
mod yaml;

pub use plan::{Choice, apply, plan, with_fixes, writes};
pub use version::{changed_alike, in_version, is_stored_as};
