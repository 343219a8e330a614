//! The order inside a lane: a sum from 0 to 100, each term with its reason. It is a sum and no product because most
//! advisories have next to no probability of being exploited, which would put everything at nought; and because a sum
//! can be read.

use crate::model::exposure::Exposure;
use crate::model::grade::Severity;
use crate::model::priority::{Weight, Weights};
use crate::model::reach::Reach;

/// What the terms are made of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts {
    pub(super) severity: i32,
    pub(super) threat: i32,
    pub(super) reach: i32,
    pub(super) exposure: i32,
    pub(super) secret: i32,
    pub(super) fix: i32,
}

impl Parts {
    fn sum(self) -> i32 {
        self.severity + self.threat + self.reach + self.exposure + self.secret + self.fix
    }

    /// The score.
    pub(super) fn score(self) -> u8 {
        u8::try_from(self.sum().clamp(0, 100)).unwrap_or(100)
    }

    /// What the bounds of the score take or add.
    pub(super) fn cap(self) -> i32 {
        self.sum().clamp(0, 100) - self.sum()
    }
}

/// That of a CVSS score of 10, in proportion, else by the word.
pub(super) fn severity(weights: &Weights, severity: Severity, cvss: Option<f32>) -> i32 {
    let share = match (cvss, severity) {
        (Some(score), _) => score / 10.0,
        (None, Severity::Critical) => 0.95,
        (None, Severity::High) => 0.8,
        (None, Severity::Medium) => 0.55,
        (None, Severity::Low) => 0.25,
        (None, Severity::Info) => 0.05,
    };
    part(weights.get(Weight::Severity), share)
}

/// In KEV or exploited here all of it, else the root of EPSS; at least that of public code that exploits it.
pub(super) fn threat(weights: &Weights, is_exploited: bool, epss: Option<f32>, has_poc: bool) -> i32 {
    let by_epss = epss.map_or(0, |epss| part(weights.get(Weight::Threat), epss.clamp(0.0, 1.0).sqrt()));
    match (is_exploited, has_poc) {
        (true, _) => weights.get(Weight::Threat),
        (false, true) => by_epss.max(weights.get(Weight::Poc)),
        (false, false) => by_epss,
    }
}

pub(super) fn reach(weights: &Weights, reach: Reach) -> i32 {
    match reach {
        Reach::Exploited | Reach::Executed => weights.get(Weight::Executed),
        Reach::Reachable => weights.get(Weight::Reachable),
        Reach::Unknown => 0,
        Reach::TestOnly => weights.get(Weight::TestOnly),
        Reach::Unreached | Reach::NotAffected => weights.get(Weight::Unreached),
    }
}

pub(super) fn exposure(weights: &Weights, exposure: Exposure) -> i32 {
    match exposure {
        Exposure::Internet => weights.get(Weight::Internet),
        Exposure::Unknown => 0,
        Exposure::Internal => weights.get(Weight::Internal),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the numbers are at most a hundred")]
fn part(points: i32, share: f32) -> i32 {
    (points as f32 * share).round() as i32
}
