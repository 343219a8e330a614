//! The verdicts that sast-triage keeps (`.sast-triage/cache.json`, version 1): one for each fingerprint, with the hash of the
//! lines that the model has read. They say nothing of reach; what they are about is found by `desk`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ingest::ai::short;
use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;
use crate::model::ai::{Cached, Mark, Opinion, Says};

use super::draft::Draft;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cache {
    version: Option<u64>,
    entries: BTreeMap<String, Option<Entry>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Entry {
    rule_id: Option<String>,
    file: Option<String>,
    verdict: Option<String>,
    reason: Option<String>,
    evidence: Option<Vec<String>>,
    code_hash: Option<String>,
    model: Option<String>,
}

/// Citations that are kept of a verdict.
const MAX_CITED: usize = 50;

/// Whether a text is such a cache, also one without an entry.
pub(super) fn is_cache(head: &str) -> bool {
    let head = head.trim_start();
    let has = |name: &str| head.contains(&format!("\"{name}\""));
    let is_empty =
        || head.len() < 200 && has("version") && head.split_whitespace().collect::<String>().contains("\"entries\":{}");
    head.starts_with('{') && has("entries") && (has("codeHash") && has("verdict") || is_empty())
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let cache: Cache = original.document();
    draft.document.tool = "sast-triage".into();
    if cache.version != Some(1) {
        let stated = cache.version.map_or_else(|| "none".to_owned(), |version| version.to_string());
        draft.odd("/version", Oddity::costly("verdicts of another version than 1 are not read", stated));
        return;
    }
    for (key, entry) in cache.entries {
        let pointer = format!("/entries/{}", key.replace('~', "~0").replace('/', "~1"));
        let entry = entry.unwrap_or_default();
        let says = match entry.verdict.as_deref() {
            Some("benign") => Says::FalsePositive,
            Some("exploitable") => Says::Confirm,
            Some("uncertain") => Says::Unsure,
            other => {
                draft.odd(
                    pointer,
                    Oddity::costly("a verdict that is not known was skipped", short(other.unwrap_or("none"))),
                );
                continue;
            }
        };
        let (Some(rule), Some(file)) = (entry.rule_id, entry.file) else {
            draft.odd(pointer, Oddity::costly("a verdict without a rule or a file was skipped", ""));
            continue;
        };
        let model = entry
            .model
            .filter(|name| !name.trim().is_empty())
            .map_or_else(|| "sast-triage".to_owned(), |name| short(&name));
        let path = draft.locate(&file);
        draft.judge(Cached {
            document: 0,
            key: key.into(),
            rule: rule.into(),
            file: file.into(),
            path,
            mark: Mark { says, confidence: None, model: Some(model.as_str().into()) },
            opinion: Opinion {
                cites: entry.evidence.unwrap_or_default().iter().take(MAX_CITED).map(|cited| short(cited)).collect(),
                evidence: entry.code_hash.map(|hash| short(&hash)),
                proposes: says.name().to_owned(),
                reason: entry.reason.map(|reason| short(&reason)),
                verdict: entry.verdict.unwrap_or_default(),
                model,
                ..Opinion::default()
            },
        });
    }
}
