//! How many days a finding may take, by its lane; and days by UTC, the same for all who look.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::reach::Lane;

/// Days from when a finding was first seen, by lane; `None` for a lane without an end. By default those of CISA's
/// directive BOD 26-04, which the lanes are made of: 3, 14, 60, and none for what waits for the next upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    days: [Option<u16>; Lane::ALL.len()],
}

/// The most days that a lane can be given.
pub const MAX_DAYS: u16 = 3_650;

impl Default for Due {
    fn default() -> Self {
        Self { days: [Some(3), Some(14), Some(60), None] }
    }
}

impl Due {
    pub fn set(&mut self, lane: Lane, days: Option<u16>) {
        self.days[lane as usize] = days;
    }

    pub fn days(&self, lane: Lane) -> Option<u16> {
        self.days[lane as usize]
    }

    /// The last day on which a finding of this lane is in time that was first seen on a day, as [`day`] counts them.
    pub fn day(&self, lane: Lane, first_seen: i64) -> Option<i64> {
        Some(first_seen + i64::from(self.days(lane)?))
    }
}

const EPOCH: Date = Date::constant(1970, 1, 1);
const SECONDS: i64 = 86_400;

/// Days since 1970-01-01.
pub fn day(date: Date) -> i64 {
    EPOCH.duration_until(date).as_secs().div_euclid(SECONDS)
}

/// The day of a moment by UTC, the same for all who look.
pub fn day_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(SECONDS)
}

/// The date of a moment by UTC.
pub fn utc(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The date of a day, if there is such a date.
pub fn date_of(day: i64) -> Option<Date> {
    EPOCH.checked_add(day.days()).ok()
}
