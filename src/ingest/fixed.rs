//! Which versions of a package clear a result, where the report says so: in a property, in a sentence of Trivy, in the
//! help of osv-scanner and Grype, in what Snyk writes for a fix.

use crate::model::backlog::Package;
use crate::model::detail::{Detail, FixedIn};

/// In reports that are rewritten at load: the versions, and the package where it is another one.
pub(super) const FIXED_VERSIONS: &str = "fixedVersions";
pub(super) const FIXED_BY: &str = "fixedBy";

/// Properties in which tools name versions, by one or by a list.
const PROPERTIES: &[&str] =
    &[FIXED_VERSIONS, "fixedVersion", "fixed_versions", "fixed_version", "FixedVersion", "fixVersions", "fixedIn"];

/// What stands before the versions in a line of a message (Trivy) or of a rule's help (Grype).
const IN_MESSAGE: &str = "Fixed Version: ";
const IN_HELP: &str = "Fix Version: ";
/// The column of osv-scanner's table whose last two cells are package and versions.
const TABLE: &str = "| Fixed Version |";

/// The most versions that are kept of one result.
const MAX_VERSIONS: usize = 100;

/// What a result of a package says.
pub(super) fn of(detail: &Detail, package: &Package) -> FixedIn {
    let property =
        |name: &str| detail.properties.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
    let help = detail.help.as_deref().unwrap_or_default();
    let stated = PROPERTIES.iter().find_map(|name| property(name));
    let stated = stated.or_else(|| behind(&detail.message, IN_MESSAGE)).or_else(|| behind(help, IN_HELP));
    let stated = stated.or_else(|| in_table(help, &package.name)).map(versions).unwrap_or_default();
    if stated.is_empty() {
        return by_snyk(detail, package).unwrap_or_default();
    }
    FixedIn { by: property(FIXED_BY).filter(|by| *by != package.name).map(str::to_owned), versions: stated }
}

fn behind<'t>(text: &'t str, before: &str) -> Option<&'t str> {
    let line = text.split_once(before)?.1.lines().next()?;
    Some(line).filter(|line| !line.trim().is_empty())
}

/// `| GHSA-… | qs | 6.10.3, 6.2.4 |`, of the first such row for the package.
fn in_table<'t>(help: &'t str, package: &str) -> Option<&'t str> {
    let rows =
        help.split_once(TABLE)?.1.lines().map(str::trim).take_while(|row| row.is_empty() || row.starts_with('|'));
    rows.into_iter().find_map(|row| {
        let mut cells = row.trim_matches('|').rsplit('|').map(str::trim);
        let (versions, name) = (cells.next()?, cells.next()?);
        (name == package).then_some(versions)
    })
}

/// Snyk writes `name@version` as what replaces a line of the manifest; the name may be that of what brings the package in.
fn by_snyk(detail: &Detail, package: &Package) -> Option<FixedIn> {
    let edits = detail.fixes.iter().flat_map(|fix| &fix.edits).flat_map(|file| &file.edits);
    let (name, version) = edits.into_iter().find_map(|edit| edit.insert.trim().rsplit_once('@'))?;
    let by = Some(name).filter(|name| *name != package.name && !name.is_empty()).map(str::to_owned);
    Some(FixedIn { by, versions: versions(version) }).filter(|fixed| !fixed.versions.is_empty())
}

/// Versions alone, as a list of JSON, or as ranges of which the lower bounds count: `>=0.2.23`, `^1.2 || >=2.0.1`.
fn versions(text: &str) -> Vec<String> {
    let close = text.replace(">= ", ">=");
    let is_separator = |c: char| c.is_whitespace() || matches!(c, ',' | '|' | '[' | ']' | '"');
    let bare = close
        .split(is_separator)
        .map(|part| part.strip_prefix(">=").unwrap_or(part).trim_start_matches(['^', '~', '=']));
    let starts = |part: &&str| part.strip_prefix('v').unwrap_or(part).starts_with(|c: char| c.is_ascii_digit());
    let mut versions: Vec<String> = Vec::new();
    for version in bare.filter(starts).take(MAX_VERSIONS) {
        if !versions.iter().any(|known| known == version) {
            versions.push(version.to_owned());
        }
    }
    versions
}
