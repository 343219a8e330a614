//! How long a risk has been put off: the decisions of one kind about one finding, one after the other.

use jiff::civil::Date;

use super::board::Past;
use super::decision::{Event, Op};
use super::due::utc;
use super::text::counted;

/// Longer lists are searched by halves.
const MAX_LOOKED: usize = 16;

/// What a decision adds up to with those of its kind before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tenure {
    /// How often a later date was given, without what was taken back.
    pub renewals: usize,
    /// Days from the first of them to its own date, without those on which none was in effect.
    pub days: i64,
}

/// One of them.
struct Held {
    start: Date,
    end: Date,
    until: Date,
    is_taken_back: bool,
}

impl Tenure {
    /// Of `event`, which may be one that is not written yet, by what was decided about the finding before it. All dates are
    /// those of UTC, so that each clone counts the same; one that is dated after `today` counts from today on.
    pub fn of(history: &[Past<'_>], event: &Event, today: Date) -> Self {
        let is_before = |past: &&Past<'_>| {
            past.event.op == event.op
                && (past.event.at, &past.event.id) < (event.at, &event.id)
                && past.event.until.is_some()
        };
        let mut held: Vec<Held> = history
            .iter()
            .filter(is_before)
            .map(|past| {
                let (start, until) = (utc(past.event.at).min(today), past.event.until.unwrap_or(today));
                let end = end(history, past.event).map_or(until, |end| end.min(until));
                Held { start, end, until, is_taken_back: past.is_taken_back }
            })
            .collect();
        let (start, until) = (utc(event.at).min(today), event.until.unwrap_or(today));
        held.push(Held { start, end: until, until, is_taken_back: false });
        let (mut tenure, mut reached, mut latest) = (Self::default(), Date::MIN, None);
        for (at, one) in held.iter().enumerate() {
            // Where two do not know of each other, the next one takes over where it starts.
            let end = held.get(at + 1).map_or(one.end, |next| one.end.min(next.start));
            tenure.days += days(reached.max(one.start), end).max(0);
            reached = reached.max(end);
            if !one.is_taken_back {
                tenure.renewals += usize::from(latest.is_some_and(|latest| one.until > latest));
                latest = latest.max(Some(one.until));
            }
        }
        tenure
    }

    /// `renewed twice, 174 days in total`; nothing for what was never renewed.
    pub fn words(self) -> String {
        let times = match self.renewals {
            0 => return String::new(),
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            count => format!("{count} times"),
        };
        format!("renewed {times}, {} in total", counted(usize::try_from(self.days).unwrap_or(0), "day", "days"))
    }
}

/// Days from one to the other.
pub fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// When something else came in its place: a later decision, a denial, its own withdrawal.
fn end(history: &[Past<'_>], event: &Event) -> Option<Date> {
    let names = |list: &[String]| {
        // A decision about many replaces many, sorted.
        if list.len() > MAX_LOOKED { list.binary_search(&event.id).is_ok() } else { list.contains(&event.id) }
    };
    let ends = |past: &&Past<'_>| {
        let is_denial = past.event.op == Op::Deny.name() && names(&past.event.about);
        !past.is_taken_back && (is_denial || names(&past.event.supersedes))
    };
    history.iter().filter(ends).map(|past| utc(past.event.at)).min()
}
