//! When a finding has to be dealt with, by one of two tables that the SSVC project publishes: that of CISA's directive
//! BOD 26-04, version 1.0.0 (`cisa_bod_26_04_1_0_0`), or the deployer's of SSVC, version 1.0.0 (`DT_DP`). Of an input that
//! is not known all its values are tried, so a lane is a range.

use crate::model::grade::vocabulary;
use crate::model::priority::Impact;
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

vocabulary! {
    /// The state of exploitation, in SSVC.
    Exploitation { None = "none", Poc = "public PoC", Active = "active" }
}

vocabulary! {
    /// How large the attack surface is, in SSVC: no network, one that is watched over, the internet.
    Surface { Small = "small", Controlled = "controlled", Open = "open" }
}

/// The inputs of the deployer's table, each with the values that it may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployer {
    pub exploitation: Vec<Exploitation>,
    pub surface: Vec<Surface>,
    pub is_automatable: Tri,
    pub impact: Vec<Impact>,
}

/// By 6 times the exploitation, twice the exposure, automatable; then by the impact. Immediate is act-now, out-of-cycle
/// this-sprint, defer on-upgrade.
const DEPLOYER: [[Lane; 4]; 18] = {
    const D: Lane = OnUpgrade;
    const S: Lane = Scheduled;
    const O: Lane = ThisSprint;
    const I: Lane = ActNow;
    [
        [D, D, S, S],
        [D, S, S, S],
        [D, S, S, S],
        [S, S, S, S],
        [D, S, S, S],
        [S, S, S, O],
        [D, S, S, S],
        [S, S, S, S],
        [D, S, S, S],
        [S, S, S, O],
        [S, S, S, O],
        [S, S, O, O],
        [S, S, O, O],
        [S, O, O, O],
        [S, S, O, O],
        [O, O, O, O],
        [S, O, O, I],
        [O, O, I, I],
    ]
};

/// What SSVC calls the outcome of a lane.
pub fn outcome(lane: Lane) -> &'static str {
    match lane {
        ActNow => "immediate",
        ThisSprint => "out-of-cycle",
        Scheduled => "scheduled",
        OnUpgrade => "defer",
    }
}

/// The soonest and the latest lane that the inputs of the deployer's table allow.
pub fn deployer_lanes(inputs: &Deployer) -> (Lane, Lane) {
    let (mut soonest, mut latest) = (OnUpgrade, ActNow);
    for exploitation in &inputs.exploitation {
        for surface in &inputs.surface {
            for automatable in inputs.is_automatable.values() {
                for impact in &inputs.impact {
                    let row = 6 * *exploitation as usize + 2 * *surface as usize + automatable;
                    let lane = DEPLOYER[row][*impact as usize];
                    (soonest, latest) = (soonest.min(lane), latest.max(lane));
                }
            }
        }
    }
    (soonest, latest)
}
