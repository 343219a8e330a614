//! What a command says of a batch of fixes before the batch is written.

use super::grade::vocabulary;
use super::id::FixId;

/// The command of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The program and its arguments, handed over as they are.
    pub command: Vec<String>,
    /// How long one run may take.
    pub seconds: u64,
}

vocabulary! {
    /// How the command ended on the tree as it is.
    Before {
        Passed = "passed",
        /// It failed in each run.
        Failed = "failed",
        /// It failed once and passed once.
        Flaky = "flaky",
    }
}

vocabulary! {
    /// What is known of the batch.
    Verdict {
        /// The command passes with all of it.
        Proved = "proved",
        /// The command failed before and says no failure that it did not say then.
        NoWorse = "no-worse",
        /// Without the guilty fixes it would be one of the two above; with them it is not.
        Guilty = "guilty",
        /// Nothing.
        Unproved = "unproved",
    }
}

/// The outcome of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub before: Before,
    pub verdict: Verdict,
    /// In words for the user.
    pub why: String,
    /// How often the command ran.
    pub runs: usize,
    /// Whether it failed and passed on the same files.
    pub is_flaky: bool,
    pub guilty: Vec<Guilt>,
    /// Last lines of the run that decided, where the command failed.
    pub said: Vec<String>,
    /// What of the tree the command could not see.
    pub notes: Vec<String>,
}

/// One fix with which the command fails, or several with which it fails only together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guilt {
    pub fixes: Vec<FixId>,
    pub why: String,
    /// What the command says that it did not say before.
    pub said: Vec<String>,
}

/// A run that is about to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// From 1.
    pub run: usize,
    /// How many there will be, about.
    pub about: usize,
    /// What is tried: `the tree as it is`, `10 of 20 fixes`.
    pub what: String,
}
