//! Files of evidence to statements.
//!
//! In `samples/`, `cdxgen.json` was written by cdxgen 12.8.4 and `openvex.json` by vexipy 0.3.0. The other tools need a
//! network, a database or an account: their files were put together by hand, in the form of govulncheck 1.1,
//! OSV-Scanner 2, Trivy 0.68, Grype 0.104, depscan 5, Snyk's command line and API, and after the schemas of CSAF 2.0,
//! CSAF 2.1, CycloneDX 1.5 and SPDX 3.0.

mod broken;
mod collection;
mod corpus;
mod coverage;
mod csaf;
mod cut;
mod cyclonedx;
mod exploits;
mod govulncheck;
mod grype;
mod openvex;
mod osv_scanner;
mod reachables;
mod runtime;
mod said;
mod scores;
mod snyk;
mod spdx;
mod trivy;

use std::fs;
use std::path::Path;

use quell::ingest::load::Loaded;
use quell::model::evidence::{Document, Entry, Evidence, Frame, Statement};

use crate::ingest::reading::load_files;
use crate::support::tree::Tree;

/// The text of a sample.
fn sample(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/ingest/evidence/samples").join(name))
        .unwrap()
}

/// Loads one file with this text, in a repository with these files.
fn load(files: &[(&str, &str)], text: impl AsRef<[u8]>) -> Loaded {
    let tree = Tree::plain(files);
    fs::write(tree.root().join("evidence.json"), text).unwrap();
    load_files(&tree, &["evidence.json"])
}

fn read(text: impl AsRef<[u8]>) -> Evidence {
    let mut loaded = load(&[], text);
    std::mem::take(&mut loaded.backlog.evidence)
}

fn only_document(evidence: &Evidence) -> &Document {
    let [document] = evidence.documents.as_slice() else { panic!("one document: {:?}", evidence.documents) };
    document
}

/// Each statement as `pointer | ids | what | rung polarity strength | reason`.
fn rows(evidence: &Evidence) -> Vec<String> {
    evidence.statements.iter().map(row).collect()
}

fn row(statement: &Statement) -> String {
    let Statement { pointer, subject, rung, polarity, strength, reason, .. } = statement;
    let what = [&subject.service, &subject.image, &subject.purl].into_iter().flatten();
    let what = what.map(|text| &**text).collect::<Vec<_>>().join(" ");
    let verdict = format!("{} {} {strength}", rung.name(), polarity.name());
    let reason = reason.as_deref().unwrap_or_default();
    format!("{pointer} | {} | {what} | {verdict} | {reason}", subject.vulns.join(" ")).trim_end().to_owned()
}

/// What is known about advisories, as `pointer | id | fact`.
fn facts(evidence: &Evidence) -> Vec<String> {
    evidence.intel.iter().map(|intel| format!("{} | {} | {}", intel.pointer, intel.vuln, intel.fact.words())).collect()
}

/// Ids of the same flaw.
fn aliases(evidence: &Evidence) -> Vec<String> {
    evidence.aliases.iter().map(|ids| ids.join(" ")).collect()
}

/// A path as its steps, each `module function path:line:column` with `own` in front if it is.
fn path(statement: &Statement) -> Vec<String> {
    let step = |frame: &Frame| {
        let Frame { module, function, path, line, column, is_own } = frame;
        let words = [if *is_own { "own" } else { "" }, module, function, &format!("{path}:{line}:{column}")];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    statement.path.iter().map(step).collect()
}

/// All that was read of a file, one line for each thing.
fn described(evidence: &Evidence) -> String {
    let Document { format, tool, version, made, states_time, knowledge, is_generated, .. } = only_document(evidence);
    let mut head = format!("{format} of {tool} {}", version.as_deref().unwrap_or("without a version"));
    for (what, time) in [("made", made.filter(|_| *states_time)), ("knows until", *knowledge)] {
        head += &time.map(|time| format!(", {what} {time}")).unwrap_or_default();
    }
    let mut lines = vec![head + if *is_generated { ", generated" } else { "" }];
    for statement in &evidence.statements {
        lines.push(row(statement));
        lines.extend(path(statement).into_iter().map(|step| format!("    {step}")));
        let entry = Some(statement.entry).filter(|entry| *entry != Entry::Unknown);
        lines.extend(entry.map(|entry| format!("    starts in: {}", entry.name())));
        lines.extend(statement.made.map(|made| format!("    made {made}")));
    }
    lines.extend(facts(evidence));
    lines.extend(aliases(evidence).into_iter().map(|ids| format!("same: {ids}")));
    lines.join("\n")
}
