//! What the rungs of one finding hold, folded over all that is said of it.

use crate::model::evidence::{Basis, Entry, Polarity, Ran, Rung, Strength};
use crate::model::reach::Rungs;

/// One thing that is said, as it counts: already weakened where it is stale or not to be trusted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) rung: Rung,
    pub(super) polarity: Polarity,
    pub(super) strength: Strength,
    pub(super) basis: Basis,
    pub(super) entry: Entry,
    pub(super) ran: Ran,
}

/// From this strength on a statement may decide a verdict.
pub(super) const DECIDES: Strength = 2;
/// From this strength on what is not there below is not there above.
const RULES_OUT: Strength = 3;

const RUNGS: usize = Rung::ALL.len();

/// The rungs of one finding.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and none excludes another")]
pub(super) struct Ladder {
    /// The strongest yes and no of each, counted from 1 so that 0 is none.
    yes: [u8; RUNGS],
    no: [u8; RUNGS],
    /// The strongest no of a VEX on the rungs of the code and on controllable.
    not_affected: u8,
    /// Whether a path of calls that decides starts outside of tests and build files.
    pub(super) is_called_outside_tests: bool,
    pub(super) is_called_by_tests: bool,
    /// Whether the tree says that nothing but tests, examples and builds uses the package.
    pub(super) is_used_aside: bool,
    /// The most serious that ran it: tests, staging, production.
    pub(super) ran: Ran,
    /// Whether an analysis was tried that could not tell.
    pub(super) has_failed: bool,
    pub(super) is_in_kev: bool,
    /// Whether somebody was seen to exploit it here.
    pub(super) is_exploited_here: bool,
}

impl Ladder {
    pub(super) fn add(&mut self, piece: Piece) {
        let at = piece.rung as usize;
        let worth = piece.strength + 1;
        match piece.polarity {
            Polarity::Yes => {
                self.yes[at] = self.yes[at].max(worth);
                let decides = piece.strength >= DECIDES;
                match piece.rung {
                    Rung::Called if decides && piece.entry.is_test() => self.is_called_by_tests = true,
                    Rung::Called if decides => self.is_called_outside_tests = true,
                    // Who attacks from outside and succeeds has called it.
                    Rung::Controllable if decides && piece.entry == Entry::Http => self.is_called_outside_tests = true,
                    // Of a package that was asked for in development: a file that is a test itself starts as one.
                    Rung::Present if decides && piece.basis == Basis::Tree => {
                        self.is_used_aside |= piece.entry == Entry::Build;
                    }
                    Rung::Imported if decides && piece.basis == Basis::Tree => {
                        self.is_used_aside |= piece.entry.is_test();
                    }
                    Rung::Executed => self.ran = self.ran.max(piece.ran),
                    Rung::Exploited if piece.basis == Basis::Intel => self.is_in_kev = true,
                    Rung::Exploited if decides => self.is_exploited_here = true,
                    _ => {}
                }
            }
            Polarity::No => {
                self.no[at] = self.no[at].max(worth);
                if piece.basis == Basis::Vex && piece.rung != Rung::Exposed {
                    self.not_affected = self.not_affected.max(worth);
                }
            }
            Polarity::Unknown => {
                let is_code = matches!(piece.rung, Rung::Called | Rung::Imported);
                self.has_failed |= is_code && piece.basis != Basis::Tree;
            }
        }
    }

    /// The strength of the best yes for a rung, itself or by one above it: what is executed was loaded and called.
    pub(super) fn yes(&self, rung: Rung) -> Option<Strength> {
        let up_to = if rung <= Rung::Executed { Rung::Executed } else { rung };
        self.yes[rung as usize..=up_to as usize].iter().max().and_then(|worth| worth.checked_sub(1))
    }

    /// The strength of the best no for a rung, itself or, where that is sound, by present and imported below it.
    pub(super) fn no(&self, rung: Rung) -> Option<Strength> {
        let below = if rung <= Rung::Executed { (rung as usize).min(Rung::Called as usize) } else { 0 };
        let below = self.no[..below].iter().copied().filter(|worth| *worth > RULES_OUT).max().unwrap_or(0);
        self.no[rung as usize].max(below).checked_sub(1)
    }

    /// The strength of the best VEX that says that it does not affect.
    pub(super) fn not_affected(&self) -> Option<Strength> {
        self.not_affected.checked_sub(1)
    }

    /// Whether a yes decides on a rung.
    pub(super) fn affirms(&self, rung: Rung) -> bool {
        decides(self.yes(rung))
    }

    /// Whether a no decides on a rung.
    pub(super) fn denies(&self, rung: Rung) -> bool {
        decides(self.no(rung))
    }

    /// Whether a VEX decides that it does not affect.
    pub(super) fn is_not_affected(&self) -> bool {
        decides(self.not_affected())
    }

    /// Whether something decides yes and something else no on a rung.
    pub(super) fn is_contested(&self, rung: Rung) -> bool {
        self.affirms(rung) && self.denies(rung)
    }

    /// What each rung holds, for people: any strength but of tools that failed.
    pub(super) fn rungs(&self) -> Rungs {
        let mut rungs = Rungs::default();
        for rung in Rung::ALL {
            if self.yes(*rung).is_some() {
                rungs.add(*rung, true);
            }
            if self.no(*rung).is_some() {
                rungs.add(*rung, false);
            }
        }
        rungs
    }
}

fn decides(strength: Option<Strength>) -> bool {
    strength.is_some_and(|strength| strength >= DECIDES)
}
