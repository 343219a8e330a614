//! When a finding has to be dealt with: the table of CISA's directive BOD 26-04, version 1.0.0, as the SSVC project
//! publishes it (`cisa_bod_26_04_1_0_0`). Of an input that is not known both values are tried, so a lane is a range.

use crate::model::reach::Lane;

/// An input that may not be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tri {
    No,
    Yes,
    #[default]
    Unknown,
}

impl Tri {
    pub fn of(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Yes => "yes",
            Self::Unknown => "unknown",
        }
    }

    fn values(self) -> &'static [usize] {
        match self {
            Self::No => &[0],
            Self::Yes => &[1],
            Self::Unknown => &[0, 1],
        }
    }
}

/// The inputs of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    pub in_kev: Tri,
    pub is_exposed: Tri,
    pub is_automatable: Tri,
    /// Whether the technical impact is total.
    pub is_total: Tri,
}

use Lane::{ActNow, OnUpgrade, Scheduled, ThisSprint};

/// By the sum of: 1 in KEV, 2 exposed, 4 automatable, 8 total.
const TABLE: [Lane; 16] = [
    OnUpgrade, ThisSprint, Scheduled, ThisSprint, Scheduled, ThisSprint, ThisSprint, ActNow, OnUpgrade, ThisSprint,
    ThisSprint, ActNow, Scheduled, ActNow, ActNow, ActNow,
];

/// The soonest and the latest lane that the inputs allow.
pub fn lanes(inputs: Inputs) -> (Lane, Lane) {
    let (mut soonest, mut latest) = (OnUpgrade, ActNow);
    for kev in inputs.in_kev.values() {
        for exposed in inputs.is_exposed.values() {
            for automatable in inputs.is_automatable.values() {
                for total in inputs.is_total.values() {
                    let lane = TABLE[kev + 2 * exposed + 4 * automatable + 8 * total];
                    (soonest, latest) = (soonest.min(lane), latest.max(lane));
                }
            }
        }
    }
    (soonest, latest)
}
