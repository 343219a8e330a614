//! The lowest version that clears the most of what scanners say of a package.
//!
//! An advisory names the first good version of each line of releases that was mended: 2.15.3 and 3.0.1. A version
//! between two of them is good only if it is plainly on the line of the lower one, nearer to it than to the next:
//! 2.16.0 is, 3.0.0 is not. What cannot be told counts as not cleared.

use super::ecosystem::{Ecosystem, is_version};
use super::version::Version;

/// What one finding says of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    pub installed: Option<String>,
    /// The first good version of each line of releases, in any order.
    pub fixed: Vec<String>,
}

/// The version to take.
#[derive(Clone, Debug)]
pub struct Chosen {
    pub version: Version,
    /// The highest version that is installed, where it is known.
    pub installed: Option<Version>,
    /// By claim, whether the version clears it.
    pub clears: Vec<bool>,
}

/// Chooses among the fixed versions that are above what is installed. The error says why there is none.
pub fn choose(ecosystem: Ecosystem, claims: &[Claim]) -> Result<Chosen, String> {
    let mut installed: Option<Version> = None;
    for text in claims.iter().filter_map(|claim| claim.installed.as_deref()) {
        let version = Version::parse(ecosystem, text)
            .ok_or_else(|| format!("its installed version is not one of {}", ecosystem.name()))?;
        installed = installed.max(Some(version));
    }
    let fixed: Vec<Vec<Version>> = claims.iter().map(|claim| versions(ecosystem, &claim.fixed)).collect();
    let mut above: Vec<&Version> =
        fixed.iter().flatten().filter(|version| is_above(version, installed.as_ref())).collect();
    // Nobody is sent to a version before a release while there is another way.
    if above.iter().any(|version| !version.is_early()) {
        above.retain(|version| !version.is_early());
    }
    above.sort();
    let count = |version: &Version| fixed.iter().filter(|fixed| is_cleared(fixed, version)).count();
    let most = above.iter().map(|version| count(version)).max().unwrap_or(0);
    let lowest = above.into_iter().find(|version| count(version) == most);
    let version = lowest.cloned().ok_or_else(|| why_none(ecosystem, claims, &fixed))?;
    let clears = fixed.iter().map(|fixed| is_cleared(fixed, &version)).collect();
    Ok(Chosen { version, installed, clears })
}

/// Whether a version clears what a finding says.
pub fn clears(ecosystem: Ecosystem, claim: &Claim, version: &Version) -> bool {
    is_cleared(&versions(ecosystem, &claim.fixed), version)
}

/// Those texts that are versions, in their order.
fn versions(ecosystem: Ecosystem, texts: &[String]) -> Vec<Version> {
    let mut versions: Vec<Version> = texts.iter().filter_map(|text| Version::parse(ecosystem, text)).collect();
    versions.sort();
    versions
}

fn is_above(version: &Version, installed: Option<&Version>) -> bool {
    let is_same_kind = |installed: &Version| version.variant().is_empty() || version.variant() == installed.variant();
    installed.is_none_or(|installed| version > installed && is_same_kind(installed))
}

/// Whether a version is one of the mended ones or follows one on its line. `fixed` is in order.
fn is_cleared(fixed: &[Version], version: &Version) -> bool {
    let after = fixed.partition_point(|first| first <= version);
    let Some(below) = after.checked_sub(1).and_then(|at| fixed.get(at)) else { return false };
    let next = fixed.get(after);
    below == version || next.is_none_or(|next| version.kinship(below) > version.kinship(next))
}

fn why_none(ecosystem: Ecosystem, claims: &[Claim], fixed: &[Vec<Version>]) -> String {
    let stated = || claims.iter().flat_map(|claim| &claim.fixed);
    if stated().next().is_none() {
        return "no scanner names a version that clears it".to_owned();
    }
    if fixed.iter().all(Vec::is_empty) {
        let what = if stated().any(|text| !is_version(text)) { "a text that is no version" } else { "versions" };
        return format!("as fixed its scanner names {what} without an order in {}", ecosystem.name());
    }
    "every version that is named as fixed is below the installed one, or another build of it".to_owned()
}
