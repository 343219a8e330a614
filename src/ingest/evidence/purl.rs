//! Package URLs for packages that a format names by ecosystem and name.

use crate::ingest::native::words::purl;

/// What formats call an ecosystem, in lower case, and its type in a package URL.
const TYPES: &[(&str, &str)] = &[
    ("cargo", "cargo"),
    ("composer", "composer"),
    ("conan", "conan"),
    ("crates.io", "cargo"),
    ("gem", "gem"),
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
];

/// The URL of a package; the name may hold its group as `group:name` or `group/name`. `None` without a name, or for an
/// ecosystem that nobody knows.
pub(super) fn of(ecosystem: &str, name: &str, version: Option<&str>) -> Option<Box<str>> {
    let ecosystem = ecosystem.to_ascii_lowercase();
    let (_, kind) = TYPES.iter().find(|(known, _)| *known == ecosystem)?;
    let name = if *kind == "maven" { name.replace(':', "/") } else { name.to_owned() };
    (!name.is_empty()).then(|| purl(kind, &name, version).into())
}
