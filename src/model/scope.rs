//! What a decision is about beyond the results that were chosen.

use serde::{Deserialize, Serialize};

/// What a decision can be about, in words: the findings alone, their rule, their package, all ids of their flaw. A glob can
/// follow a rule (`rule:src/**`), a range of versions a package (`package:>=1.2, <2`).
pub const SCOPES: [&str; 4] = ["finding", "rule", "package", "advisory"];

/// All that is stated has to match a result. The fields stand in the order of their names: see `Event`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Ids of one flaw (`CVE-…`, `GHSA-…`), any of which matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advisories: Vec<String>,
    /// Name of a package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Glob over the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Tool family of the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// Range of the package's versions, as `>=1.2, <2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<String>,
}

impl Scope {
    /// `rule B602, path src/**, tool bandit`.
    pub fn words(&self) -> String {
        let texts = [
            ("rule", &self.rule),
            ("path", &self.path),
            ("package", &self.package),
            ("versions", &self.versions),
            ("tool", &self.tool),
        ];
        let stated = texts.into_iter().filter_map(|(name, text)| Some(format!("{name} {}", text.as_ref()?)));
        let flaw = (!self.advisories.is_empty()).then(|| self.advisories.join(" "));
        stated.chain(flaw).collect::<Vec<_>>().join(", ")
    }
}
