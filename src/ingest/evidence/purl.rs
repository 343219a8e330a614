//! Package URLs for packages that a format names by ecosystem and name.

use crate::ingest::native::words::purl;
use crate::model::evidence::{Polarity, Strength};

/// What formats call an ecosystem, in lower case, and its type in a package URL.
const TYPES: &[(&str, &str)] = &[
    ("alpine", "apk/alpine"),
    ("cargo", "cargo"),
    ("cocoapods", "cocoapods"),
    ("composer", "composer"),
    ("conan", "conan"),
    ("conancenter", "conan"),
    ("crates.io", "cargo"),
    ("debian", "deb/debian"),
    ("gem", "gem"),
    ("github actions", "githubactions"),
    ("go", "golang"),
    ("golang", "golang"),
    ("gomod", "golang"),
    ("gradle", "maven"),
    ("hex", "hex"),
    ("maven", "maven"),
    ("npm", "npm"),
    ("nuget", "nuget"),
    ("packagist", "composer"),
    ("pip", "pypi"),
    ("pub", "pub"),
    ("pypi", "pypi"),
    ("python", "pypi"),
    ("rubygems", "gem"),
    ("swift", "swift"),
    ("swifturl", "swift"),
    ("ubuntu", "deb/ubuntu"),
];

/// The URL of a package; the name may hold its group as `group:name` or `group/name`. `None` without a name, or for an
/// ecosystem that nobody knows.
pub(super) fn of(ecosystem: &str, name: &str, version: Option<&str>) -> Option<Box<str>> {
    let kind = kind(ecosystem)?;
    (!name.is_empty()).then(|| url(kind, name, version))
}

/// What is said of an advisory is worth where its package has no URL: a no may be about another package with the same flaw.
pub(super) fn worth(purl: Option<&str>, polarity: Polarity, strength: Strength) -> Strength {
    if purl.is_none() && polarity == Polarity::No { strength.min(1) } else { strength }
}

/// The same where an ecosystem that is not known, `Debian:12` or another, names itself.
pub(super) fn named(ecosystem: &str, name: &str, version: Option<&str>) -> Box<str> {
    let ecosystem = ecosystem.split(':').next().unwrap_or_default().to_ascii_lowercase();
    url(kind(&ecosystem).unwrap_or(&ecosystem), name, version)
}

fn kind(ecosystem: &str) -> Option<&'static str> {
    TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(ecosystem)).map(|(_, kind)| *kind)
}

fn url(kind: &str, name: &str, version: Option<&str>) -> Box<str> {
    let name = if kind == "maven" { name.replace(':', "/") } else { name.to_owned() };
    purl(kind, &name, version).into()
}
