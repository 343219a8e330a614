//! Proposals out of SARIF, read by the letter: enough for what the tests hold against the tools.

use std::path::PathBuf;

use quell::model::detail::Region;
use quell::model::fix::{FileEdit, Proposal, SeenText, TextEdit};
use serde_json::Value;

use super::case::{With, of_edits};

/// A report of the shared corpus; `None` (and a word about it) where it is not at hand.
pub(super) fn corpus(name: &str) -> Option<Value> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("QUELL_SHARED").map_or(here, PathBuf::from);
    let Ok(bytes) = std::fs::read(shared.join("corpus/sarif").join(name)) else {
        eprintln!("skipped: ../shared is not here");
        return None;
    };
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// All fixes of all results, with the text that the results show. `root` is cut from the front of absolute URIs.
pub(super) fn proposals(report: &Value, family: &str, root: &str) -> Vec<Proposal> {
    let runs = list(&report["runs"]);
    let results = runs.flat_map(|run| list(&run["results"]));
    results.flat_map(|result| list(&result["fixes"]).map(|fix| proposal(result, fix, family, root))).collect()
}

fn proposal(result: &Value, fix: &Value, family: &str, root: &str) -> Proposal {
    let place = &result["locations"][0]["physicalLocation"];
    let seen: Vec<SeenText> = ["region", "contextRegion"]
        .into_iter()
        .filter_map(|name| {
            let text = place[name]["snippet"]["text"].as_str()?;
            Some(SeenText { region: region(&place[name]), text: text.to_owned() })
        })
        .collect();
    let flagged = vec![region(&place["region"])];
    let edits = list(&fix["artifactChanges"]).map(|change| {
        let uri = change["artifactLocation"]["uri"].as_str().unwrap_or_default();
        let edits = list(&change["replacements"]).map(|replacement| TextEdit {
            region: region(&replacement["deletedRegion"]),
            unit: None,
            insert: replacement["insertedContent"]["text"].as_str().unwrap_or_default().to_owned(),
        });
        let path = uri.strip_prefix(root).unwrap_or(uri).to_owned();
        FileEdit {
            in_repo: !path.contains(':'),
            path,
            edits: edits.collect(),
            seen: seen.clone(),
            flagged: flagged.clone(),
            sha256: None,
            ..FileEdit::default()
        }
    });
    let mut proposal = of_edits(edits.collect()).family(family);
    let said = |text: &Value| text["text"].as_str().unwrap_or_default().to_owned();
    (proposal.title, proposal.message) = (said(&fix["description"]), said(&result["message"]));
    proposal
}

fn region(region: &Value) -> Region {
    let number = |name: &str| region[name].as_u64().and_then(|value| u32::try_from(value).ok()).unwrap_or(0);
    let span = |from: &str, length: &str| Some((region[from].as_u64()?, region[length].as_u64().unwrap_or(0)));
    Region {
        line: number("startLine"),
        column: number("startColumn"),
        end_line: number("endLine"),
        end_column: number("endColumn"),
        char_span: span("charOffset", "charLength"),
        byte_span: span("byteOffset", "byteLength"),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
