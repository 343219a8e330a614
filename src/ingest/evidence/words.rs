//! What formats have in common: times, package URLs, words that are written in many ways.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::ingest::json::Real;
use crate::ingest::native::words;
use crate::model::evidence::{Entry, Fact};

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

/// Folders and parts of file names that tests have.
const TEST_FOLDERS: &[&str] = &["test", "tests", "__tests__", "spec", "specs", "e2e"];
const TEST_NAMES: &[&str] = &[".test.", ".spec.", "_test.", "test_", "test.java", "tests.java", "test.kt", "tests.cs"];

/// Where a path starts whose first step is in this file: in a test, or nobody knows.
pub(super) fn entry_at(path: &str) -> Entry {
    let path = path.to_ascii_lowercase();
    let mut folders = path.split('/').rev();
    let name = folders.next().unwrap_or_default();
    let is_named = |part: &&str| if part.ends_with('_') { name.starts_with(part) } else { name.contains(part) };
    let is_test = TEST_NAMES.iter().any(is_named) || folders.any(|name| TEST_FOLDERS.contains(&name));
    if is_test { Entry::Test } else { Entry::Unknown }
}

/// Names of ecosystems in OSV and the types of package URLs for them.
const ECOSYSTEMS: &[(&str, &str)] = &[
    ("cocoapods", "cocoapods"),
    ("conancenter", "conan"),
    ("crates.io", "cargo"),
    ("github actions", "githubactions"),
    ("go", "golang"),
    ("maven", "maven"),
    ("packagist", "composer"),
    ("rubygems", "gem"),
    ("swifturl", "swift"),
    ("alpine", "apk/alpine"),
    ("debian", "deb/debian"),
    ("ubuntu", "deb/ubuntu"),
];

/// The package URL of a package by the name that its ecosystem has in OSV, `Debian:12`; others name themselves.
pub(super) fn purl_of(ecosystem: &str, name: &str, version: Option<&str>) -> Box<str> {
    let ecosystem = ecosystem.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let kind = ECOSYSTEMS.iter().find(|(known, _)| *known == ecosystem).map_or(&*ecosystem, |(_, kind)| kind);
    let name = if kind == "maven" { name.replace(':', "/") } else { name.to_owned() };
    words::purl(kind, &name, version).into()
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
