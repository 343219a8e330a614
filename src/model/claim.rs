//! What scanners say of reach about their own results, in words of their own: one table of dialects.
//!
//! Semgrep writes `exposure`, `JFrog` `applicability` and `tokenValidation`, Socket `reachability`, Black Duck
//! `reachable` and `exploitAvailable`, agents that follow the SARIF profile for AI `ai/attackerPosition` and
//! `ai/exploitability`; govulncheck says it by the level of a result. A word that is not known says nothing, and is
//! shown.

use super::evidence::{Entry, Polarity, Rung, Strength};

/// A row of [`DIALECTS`], by its number: what a result says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim(u8);

/// One word of one property.
#[derive(Debug, PartialEq)]
pub struct Dialect {
    /// The property of a result, or of its rule.
    pub property: &'static str,
    /// Its value in lower case, letters and digits alone; `*` for any other.
    pub value: &'static str,
    pub rung: Rung,
    pub polarity: Polarity,
    pub strength: Strength,
    pub entry: Entry,
    /// In words.
    pub words: &'static str,
}

const fn row(
    property: &'static str,
    value: &'static str,
    rung: Rung,
    polarity: Polarity,
    strength: Strength,
    words: &'static str,
) -> Dialect {
    Dialect { property, value, rung, polarity, strength, entry: Entry::Unknown, words }
}

/// What follows for a finding from the level that govulncheck gives it.
pub const GOVULNCHECK: &str = "govulncheck level";

use Polarity::{No, Unknown, Yes};
use Rung::{Called, Controllable, Exploited, Exposed, Imported};

/// All words that are known, those of one property side by side.
pub static DIALECTS: &[Dialect] = &[
    row("exposure", "reachable", Called, Yes, 3, "the scanner found it reachable"),
    row("exposure", "unreachable", Called, No, 3, "the scanner found it unreachable"),
    row("exposure", "undetermined", Called, Unknown, 0, "the scanner could not tell whether it is reachable"),
    row("exposure", "*", Called, Unknown, 0, "the scanner uses a word that is not known"),
    row("applicability", "applicable", Called, Yes, 3, "the scanner found it applicable"),
    row("applicability", "notapplicable", Called, No, 3, "the scanner found it not applicable"),
    row("applicability", "undetermined", Called, Unknown, 0, "the scanner could not tell whether it applies"),
    row("applicability", "notcovered", Called, Unknown, 0, "the scanner does not cover this advisory"),
    row("applicability", "missingcontext", Called, Unknown, 0, "the scanner lacks context to tell whether it applies"),
    row("applicability", "*", Called, Unknown, 0, "not scanned for whether it applies"),
    row("reachability", "reachable", Called, Yes, 3, "the analysis found a path"),
    row("reachability", "unreachable", Called, No, 3, "the analysis found no path"),
    row("reachability", "error", Called, Unknown, 0, "the analysis failed"),
    row("reachability", "missingsupport", Called, Unknown, 0, "the analysis does not support it"),
    row("reachability", "undeterminablereachability", Called, Unknown, 0, "the analysis cannot tell"),
    row("reachability", "*", Called, Unknown, 0, "the analysis uses a word that is not known"),
    row("reachable", "true", Called, Yes, 2, "the scanner found it reachable"),
    row("reachable", "reachable", Called, Yes, 2, "the scanner found it reachable"),
    row("reachable", "false", Called, No, 2, "the scanner found it not reachable"),
    row("reachable", "notreachable", Called, No, 2, "the scanner found it not reachable"),
    row("reachable", "*", Called, Unknown, 0, "the scanner does not know whether it is reachable"),
    row("exploitAvailable", "true", Exploited, Unknown, 1, "an exploit is known"),
    row("tokenValidation", "active", Controllable, Yes, 4, "the secret works"),
    row("tokenValidation", "inactive", Controllable, No, 2, "the secret does not work any more"),
    row("tokenValidation", "*", Controllable, Unknown, 0, "whether the secret works was not found out"),
    row("ai/exploitability", "demonstrated", Controllable, Yes, 1, "an agent says that it exploited it"),
    row("ai/exploitability", "poc", Controllable, Yes, 1, "an agent wrote code that exploits it"),
    row("ai/exploitability", "*", Controllable, Unknown, 0, "an agent thinks that it could be exploited"),
    row(
        "ai/attackerPosition",
        "unauthenticatednetwork",
        Exposed,
        Yes,
        1,
        "an agent says: from the network, by anybody",
    ),
    row("ai/attackerPosition", "authenticateduser", Exposed, Yes, 1, "an agent says: by users that are known"),
    row("ai/attackerPosition", "adjacentnetwork", Exposed, No, 1, "an agent says: from the same network only"),
    row("ai/attackerPosition", "localhost", Exposed, No, 1, "an agent says: from the same machine only"),
    row("ai/attackerPosition", "configuration", Exposed, No, 1, "an agent says: by who configures it only"),
    row("ai/attackerPosition", "physical", Exposed, No, 1, "an agent says: by who holds the machine only"),
    Dialect {
        property: "ai/attackerPosition",
        value: "harnessonly",
        rung: Called,
        polarity: Yes,
        strength: 1,
        entry: Entry::Test,
        words: "an agent says: from tests only",
    },
    row("ai/attackerPosition", "*", Exposed, Unknown, 0, "an agent does not know from where"),
    row(GOVULNCHECK, "error", Called, Yes, 3, "govulncheck found a call"),
    row(GOVULNCHECK, "warning", Called, No, 3, "govulncheck found the package imported, and no call"),
    row(GOVULNCHECK, "note", Imported, No, 3, "govulncheck found the module required, and no import of the package"),
];

/// The properties that say something of reach.
pub const PROPERTIES: &[&str] = &[
    "exposure",
    "applicability",
    "reachability",
    "reachable",
    "exploitAvailable",
    "tokenValidation",
    "ai/exploitability",
    "ai/attackerPosition",
];

/// Whether a property says something of reach.
pub fn is_telling(name: &str) -> bool {
    PROPERTIES.contains(&name)
}

impl Claim {
    /// What a property with a value says; `None` for a property that says nothing of reach.
    pub fn of(property: &str, value: &str) -> Option<Self> {
        let letters = || value.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
        let is_meant =
            |row: &Dialect| row.property == property && (row.value == "*" || row.value.bytes().eq(letters()));
        let at = DIALECTS.iter().position(is_meant)?;
        u8::try_from(at).ok().map(Self)
    }

    pub fn dialect(self) -> &'static Dialect {
        &DIALECTS[usize::from(self.0)]
    }
}
