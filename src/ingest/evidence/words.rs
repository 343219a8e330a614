//! What formats have in common: times, package URLs, words that are written in many ways.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::ingest::json::Real;
use crate::model::evidence::Fact;

/// A time; one without a zone is taken as UTC, a day as its begin.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp()))
}

/// A package URL in the form that most tools write: the slashes of a name are no part of an encoded word.
pub(super) fn purl(text: &str) -> Box<str> {
    let once = text.replace("%25", "%");
    let end = once.find(['?', '#']).unwrap_or(once.len());
    let (body, qualifiers) = once.split_at(end);
    let (name, version) = body.split_at(end_of_name(body));
    let name = name.replace("%2F", "/").replace("%2f", "/");
    format!("{name}{version}{qualifiers}").into()
}

/// Whether a package URL or `name@version` states a version.
pub(super) fn has_version(id: &str) -> bool {
    let body = id.split(['?', '#']).next().unwrap_or(id);
    end_of_name(body) < body.len()
}

/// Where the version starts, with its `@`: one behind a slash begins a scope.
fn end_of_name(body: &str) -> usize {
    let at = body.rfind('@').filter(|at| !body.get(..*at).is_some_and(|name| name.ends_with('/')));
    at.unwrap_or(body.len())
}

/// A word in lower case with `_` between its parts, however it is written: `Not Applicable`, `not-applicable`.
pub(super) fn plain(word: &str) -> String {
    word.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

/// How ids of advisories start that are often about several flaws, so that they are no other name of one.
const OF_SEVERAL: &[&str] = &[
    "ALAS",
    "ALBA-",
    "ALEA-",
    "ALSA-",
    "DLA-",
    "DSA-",
    "ELSA-",
    "FEDORA-",
    "GLSA-",
    "MGASA-",
    "OPENSUSE-",
    "RHBA-",
    "RHEA-",
    "RHSA-",
    "RLSA-",
    "SUSE-",
    "USN-",
];

/// The most ids of one flaw.
const MAX_IDS: usize = 64;

/// Adds ids of one flaw that are not yet there. One that may be about several stands alone.
pub(super) fn add_ids<'i>(ids: &mut Vec<Box<str>>, more: impl Iterator<Item = &'i str>) {
    for id in more.map(str::trim).filter(|id| !id.is_empty()) {
        if ids.len() == MAX_IDS {
            return;
        }
        if ids.iter().all(|known| **known != *id && !may_be_several(known) && !may_be_several(id)) {
            ids.push(id.into());
        }
    }
}

fn may_be_several(id: &str) -> bool {
    let starts_with = |start: &&str| id.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    OF_SEVERAL.iter().any(starts_with)
}

/// Parts of a reason, those that are not empty.
pub(super) fn reason<'a>(parts: impl IntoIterator<Item = &'a str>) -> Option<Box<str>> {
    let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("; ").into())
}

/// EPSS, if there is one: both numbers are between 0 and 1.
pub(super) fn epss(probability: Real, percentile: Real) -> Option<Fact> {
    let share = |number: Real| number.0.filter(|number| (0.0..=1.0).contains(number));
    #[expect(clippy::cast_possible_truncation, reason = "six places are more than EPSS has")]
    let probability = share(probability)? as f32;
    #[expect(clippy::cast_possible_truncation, reason = "six places are more than EPSS has")]
    let percentile = share(percentile).unwrap_or_default() as f32;
    Some(Fact::Epss { probability, percentile })
}
