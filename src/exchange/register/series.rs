//! The numbers behind the charts.

use jiff::civil::{Date, date};
use jiff::{ToSpan, Unit};

use crate::exchange::chart::Bar;
use crate::model::grade::Severity;
use crate::model::register::{Register, Risk};

/// Months before and after the day.
const MONTHS: i32 = 12;

/// Risks in force by their worst severity.
pub(super) fn by_severity(register: &Register) -> Vec<Bar> {
    let count = |name: &str| in_force(register).filter(|risk| risk.severity == name).count();
    let mut bars: Vec<Bar> =
        Severity::ALL.iter().rev().map(|one| Bar::new(one.name(), count(one.name()), one.name())).collect();
    let unknown = count("");
    if unknown > 0 {
        bars.push(Bar::new("not kept", unknown, "info"));
    }
    bars
}

/// Risks that were put up with at the end of each month, the last one at the day.
pub(super) fn over_time(register: &Register) -> Vec<Bar> {
    let spans: Vec<Vec<(Date, Date)>> = register.risks.iter().map(Risk::spans).collect();
    let held = |day: Date| {
        let is_held = |spans: &&Vec<(Date, Date)>| spans.iter().any(|(from, to)| *from <= day && day <= *to);
        spans.iter().filter(is_held).count()
    };
    let months = (1 - MONTHS..=0).filter_map(|month| Some((month, moved(register.day, month)?)));
    let bar = |(month, first): (i32, Date)| {
        let end = if month == 0 { register.day } else { first.last_of_month() };
        Bar::new(first.strftime("%Y-%m").to_string(), held(end), "bar")
    };
    months.map(bar).collect()
}

/// How many risks in force end in each month to come; what ends later is left out.
pub(super) fn ends(register: &Register) -> Vec<Bar> {
    let ends: Vec<Date> = in_force(register).filter_map(|risk| risk.event.until).collect();
    let bar = |first: Date| {
        let count = ends.iter().filter(|end| (end.year(), end.month()) == (first.year(), first.month())).count();
        Bar::new(first.strftime("%Y-%m").to_string(), count, "bar")
    };
    (0..MONTHS).filter_map(|month| moved(register.day, month)).map(bar).collect()
}

/// The number of risks in force that end within so many days.
pub(super) fn ending(register: &Register, days: i32) -> usize {
    let left = |end: Date| register.day.until((Unit::Day, end)).map_or(i32::MAX, |span| span.get_days());
    in_force(register).filter_map(|risk| risk.event.until).filter(|end| left(*end) <= days).count()
}

pub(super) fn in_force(register: &Register) -> impl Iterator<Item = &Risk> {
    register.risks.iter().filter(|risk| risk.is_in_force)
}

/// The first day of another month.
fn moved(day: Date, months: i32) -> Option<Date> {
    date(day.year(), day.month(), 1).checked_add(months.months()).ok()
}
