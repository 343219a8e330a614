//! The order inside a lane: a sum from 0 to 100, each term with its reason. It is a sum and no product because most
//! advisories have next to no probability of being exploited, which would put everything at nought; and because a sum
//! can be read.

use crate::model::grade::Severity;
use crate::model::reach::Reach;

use crate::model::exposure::Exposure;

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

/// Up to 40: four for each point of a CVSS score, else by the word.
pub(super) fn severity(severity: Severity, cvss: Option<f32>) -> i32 {
    match (cvss, severity) {
        (Some(score), _) => round(score * 4.0),
        (None, Severity::Critical) => 38,
        (None, Severity::High) => 32,
        (None, Severity::Medium) => 22,
        (None, Severity::Low) => 10,
        (None, Severity::Info) => 2,
    }
}

/// Up to 20: in KEV or exploited here all of it, else the root of EPSS; public code that exploits it at least 8.
pub(super) fn threat(is_exploited: bool, epss: Option<f32>, has_poc: bool) -> i32 {
    let by_epss = epss.map_or(0, |epss| round(20.0 * epss.clamp(0.0, 1.0).sqrt()));
    match (is_exploited, has_poc) {
        (true, _) => 20,
        (false, true) => by_epss.max(8),
        (false, false) => by_epss,
    }
}

/// -25 to 20.
pub(super) fn reach(reach: Reach) -> i32 {
    match reach {
        Reach::Exploited | Reach::Executed => 20,
        Reach::Reachable => 15,
        Reach::Unknown => 0,
        Reach::TestOnly => -10,
        Reach::Unreached | Reach::NotAffected => -25,
    }
}

/// -10 to 15.
pub(super) fn exposure(exposure: Exposure) -> i32 {
    match exposure {
        Exposure::Internet => 15,
        Exposure::Unknown => 0,
        Exposure::Internal => -10,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the numbers are below a hundred")]
fn round(number: f32) -> i32 {
    number.round() as i32
}
