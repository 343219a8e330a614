//! What was known of a finding when its risk was treated, kept with the decision for those who ask later: readable without
//! Quell, the reports or the code of that day.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The exhibits of an event, the worst finding first, as JSON: a ledger is read often, and its exhibits seldom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exhibits(String);

impl Exhibits {
    pub fn of(exhibits: &[Exhibit]) -> Self {
        // Keys are strings and numbers are whole: there is always a JSON form.
        Self(if exhibits.is_empty() { String::new() } else { serde_json::to_string(exhibits).unwrap_or_default() })
    }

    /// What [`text`](Self::text) gave.
    pub fn of_text(text: String) -> Self {
        Self(text)
    }

    /// Empty where there are none.
    pub fn text(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn list(&self) -> Vec<Exhibit> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl Serialize for Exhibits {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.list().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Exhibits {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::deserialize(from).map(|exhibits: Vec<Exhibit>| Self::of(&exhibits))
    }
}

/// Findings of one event that are kept so, the worst first.
pub const MAX_EXHIBITS: usize = 1000;

/// One finding as it stood. Texts are visible ones (`model::text::visible`) with secrets covered. The fields stand in the
/// order of their names: see [`Event`](super::decision::Event).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exhibit {
    /// Lines of the flagged place and around it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code: Vec<String>,
    /// What the evidence said, the strongest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Said>,
    /// Words of `model::exposure::Exposure`; empty where nothing was looked for, as reach and lane are.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub exposure: String,
    /// `q1-…`.
    pub finding: String,
    /// Number of the first line of `code`, from 1; 0 where there is none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub first_line: u32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub lane: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reach: String,
    /// The reports that the finding was in.
    pub reports: Vec<Source>,
    /// 0 to 100, the sum of `terms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
    pub severity: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Points>,
}

/// One statement of the evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Who says it, and where it stands.
    pub origin: String,
    /// `executed: yes`, and in which words.
    pub words: String,
}

/// A file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub file: String,
    /// Of its bytes as they were, in hex; missing where the file was gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Tool and version.
    pub tool: String,
}

/// One term of the score.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Points {
    pub name: String,
    pub points: i32,
    pub why: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn is_zero(line: &u32) -> bool {
    *line == 0
}
