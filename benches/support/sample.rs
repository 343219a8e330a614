//! A large SARIF file that is the same on every machine: nothing in it is random.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};

const RULES: usize = 300;
const LEVELS: &[&str] = &["error", "warning", "note"];

/// Writes a report of so many results, about a thousand bytes each, so many of them in a file.
pub(crate) fn write(path: &Path, results: usize, per_file: usize) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let rules: Vec<Value> = (0..RULES).map(rule).collect();
    let driver = json!({ "name": "Bench", "version": "1.0.0", "rules": rules });
    write!(
        file,
        r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{driver}}},"columnKind":"unicodeCodePoints","results":["#
    )?;
    for number in 0..results {
        let comma = if number == 0 { "" } else { "," };
        write!(file, "{comma}\n{}", result(number, per_file))?;
    }
    write!(file, "]}}]}}")?;
    file.flush()
}

/// The path of a result's file.
pub(crate) fn path_of(number: usize, per_file: usize) -> String {
    let file = number / per_file;
    let top = ["src", "tests", "lib", "tools"][file % 4];
    format!("{top}/service_{}/module_{}/handler_{file}.py", file % 97, file % 1009)
}

fn rule(number: usize) -> Value {
    json!({
        "id": format!("python/audit/sql-format-{number}"),
        "shortDescription": { "text": format!("Query number {number} is built by formatting") },
        "fullDescription": { "text": "A query that is built from text of a user can be changed by that user. ".repeat(4) },
        "defaultConfiguration": { "level": "warning" },
        "properties": {
            "tags": ["security", format!("external/cwe/cwe-{:03}", [89, 79, 22, 78, 502][number % 5])],
            "security-severity": format!("{}.{}", number % 10, number % 7),
        },
    })
}

fn result(number: usize, per_file: usize) -> Value {
    // A multiplier that shares no factor with the counts spreads neighbours over rules and lines.
    let mixed = number.wrapping_mul(2_654_435_761) >> 3;
    let place = |line: usize| {
        json!({ "physicalLocation": {
            "artifactLocation": { "uri": path_of(number, per_file), "uriBaseId": "%SRCROOT%" },
            "region": { "startLine": line, "startColumn": 5, "endColumn": 40 + mixed % 40 },
        } })
    };
    let text = format!(
        "This query depends on a [user-provided value](1) that comes from request parameter {}. {}",
        mixed % 50,
        "It is put together without an escape, so that whoever sends the request decides what it asks for. "
            .repeat(1 + mixed % 4),
    );
    let mut result = json!({
        "ruleId": format!("python/audit/sql-format-{}", mixed % RULES),
        "ruleIndex": mixed % RULES,
        "level": LEVELS[mixed % LEVELS.len()],
        "message": { "text": text },
        "locations": [place(1 + mixed % 200)],
        "partialFingerprints": { "primaryLocationLineHash": format!("{mixed:016x}:1") },
    });
    if number.is_multiple_of(4) {
        result["relatedLocations"] = json!([place(1 + mixed % 90)]);
    }
    if number.is_multiple_of(12) {
        let steps: Vec<Value> = (1..8).map(|step| json!({ "location": place(step * 9) })).collect();
        result["codeFlows"] = json!([{ "threadFlows": [{ "locations": steps }] }]);
    }
    result
}
