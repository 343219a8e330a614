//! What follows from evidence: which statements are about which finding (`join`), what its ladder holds (`ladder`), the
//! verdict and the lane (`verdict`, `lane`), the order inside a lane (`score`), and all of it in words (`why`).
//! Where code runs by the deployment files of the repository is in `exposure`, which packages its sources import in `usage`.
//!
//! The rules, in one place:
//! - Unknown never lowers. A no lowers only if it is worth 2 or more, describes the tree as it is, and is about this
//!   package and version. A tool that failed says nothing.
//! - What starts in tests, examples or documentation alone is test-only. Contradictions are shown, and the worse side counts.
//! - A positive path holds while its own files are unchanged; a negative one ends with any change to source of its
//!   language or to its lock files, because new code can open a path. So does a path from tests: that it is the only one.
//! - What names only what runs (an image, a workload, a program, an address) is about a finding only where the files of
//!   the repository say for certain that its code is meant; `explain` says by what (`deployed`, `routes`).
//! - Several documents of one tool are one voice: of what is said for a rung, the strongest counts, not the sum.

pub mod exposure;
pub mod lane;
pub mod usage;

mod aliases;
mod deployed;
mod homes;
mod join;
mod judge;
mod ladder;
mod package;
mod routes;
mod score;
mod why;
mod worth;

pub use deployed::said_of_homes;
pub use homes::{context_of_image, homes};
pub use join::Join;
pub use judge::{Known, PlaceFacts, judge_again, judge_all, place_facts, starting_in_tests};
pub use routes::{Routed, routed};
pub use why::why;
pub use worth::{counts_of_name, product_name};
