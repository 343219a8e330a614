//! What a tool itself tells its results apart by, where that is good for it: many fingerprints are constants, columns,
//! hashes of a line that stands in many places, or data of persons.

/// By tool family: the names of fingerprints that follow a result, the best first.
const CHOSEN: &[(&str, &[&str])] = &[
    ("codeql", &["primaryLocationLineHash"]),
    ("semgrep", &["matchBasedId/v1"]),
    // A hash of the line alone, author and e-mail of a commit, the id of the rule.
    ("flawfinder", &[]),
    ("gitleaks", &[]),
    ("phpcs", &[]),
];

/// Of other tools: the name that GitHub follows results by.
const OTHERS: &[&str] = &["primaryLocationLineHash"];

/// What stands in the place of a fingerprint where there is none.
const CONSTANTS: &[&str] = &["requires login", "null", "none", "undefined", "unknown"];

/// Fewer characters than this are a count or a column.
const SHORTEST: usize = 8;

/// The fingerprint of a result of this tool family by which it can be followed, as `name=value`.
pub(super) fn chosen(family: &str, all: &[(String, String)]) -> Option<String> {
    let names = CHOSEN.iter().find(|(tool, _)| *tool == family).map_or(OTHERS, |(_, names)| *names);
    let value = |name: &&str| all.iter().find(|(other, _)| other == name);
    let is_good =
        |value: &str| value.len() >= SHORTEST && !CONSTANTS.iter().any(|word| value.eq_ignore_ascii_case(word));
    let (name, value) = names.iter().find_map(value).filter(|(_, value)| is_good(value))?;
    Some(format!("{name}={value}"))
}
