//! Times of coverage files.

use jiff::Timestamp;

/// Above this, a number counts milliseconds and not seconds: the year 5138 in the one, 1973 in the other.
const MILLISECONDS: i64 = 100_000_000_000;

/// Seconds or milliseconds since 1970.
pub(super) fn of_number(text: &str) -> Option<Timestamp> {
    let number: i64 = text.trim().parse().ok().filter(|number| *number > 0)?;
    if number > MILLISECONDS { Timestamp::from_millisecond(number) } else { Timestamp::from_second(number) }.ok()
}
