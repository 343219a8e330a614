//! The best that serde does for the fields that a row needs: one pass over a report in memory, borrowed text, results
//! counted as they come, nothing kept and no positions.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

pub(crate) fn parse(report: &Path) {
    let text = std::fs::read(report).unwrap();
    let log: Log = serde_json::from_slice(&text).unwrap();
    assert!(log.runs.iter().map(|run| run.results.0).sum::<usize>() > 0);
}

#[derive(Deserialize)]
struct Log {
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    results: Results,
}

/// How many results there were.
struct Results(usize);

impl<'de> Deserialize<'de> for Results {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Counter)
    }
}

struct Counter;

impl<'de> Visitor<'de> for Counter {
    type Value = Results;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("results")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Results, A::Error> {
        let mut count = 0;
        while let Some(result) = seq.next_element::<Row<'de>>()? {
            std::hint::black_box(&result);
            count += 1;
        }
        Ok(Results(count))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "to read the fields is what is measured")]
struct Row<'a> {
    #[serde(borrow)]
    rule_id: Option<Cow<'a, str>>,
    rule_index: Option<i64>,
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    level: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Message<'a>,
    #[serde(borrow, default)]
    locations: Vec<Location<'a>>,
    #[serde(borrow)]
    baseline_state: Option<Cow<'a, str>>,
    #[serde(default)]
    suppressions: Vec<IgnoredAny>,
    #[serde(default)]
    fixes: Vec<IgnoredAny>,
    #[serde(default)]
    code_flows: Vec<IgnoredAny>,
    #[serde(borrow)]
    properties: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "to read the fields is what is measured")]
struct Message<'a> {
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "to read the fields is what is measured")]
struct Location<'a> {
    #[serde(borrow)]
    physical_location: Option<Physical<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "to read the fields is what is measured")]
struct Physical<'a> {
    #[serde(borrow)]
    artifact_location: Artifact<'a>,
    #[serde(borrow)]
    region: Option<Region<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "to read the fields is what is measured")]
struct Artifact<'a> {
    #[serde(borrow)]
    uri: Option<Cow<'a, str>>,
    #[serde(borrow)]
    uri_base_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "to read the fields is what is measured")]
struct Region<'a> {
    start_line: Option<u32>,
    start_column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    #[serde(borrow)]
    snippet: Option<Message<'a>>,
}
