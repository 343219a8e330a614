//! Scores of EPSS.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use quell::ingest::input::{Input, find};
use quell::model::evidence::Fact;

use super::said::{read, read_file};
use crate::support::tree::Tree;

const SCORES: &str = "#model_version:v2025.03.14,score_date:2026-08-18T00:00:00+0000\ncve,epss,percentile\n\
    CVE-2024-3094,0.9134,0.9991\nCVE-2024-2511,0.0043,0.5120\n";

#[test]
fn scores_are_facts_about_advisories() {
    let read = read(SCORES);
    let document = &read.evidence.documents[0];
    assert_eq!((document.version.as_deref(), document.states_time), (Some("v2025.03.14"), true));
    assert_eq!(document.made.unwrap().to_string(), "2026-08-18T00:00:00Z");
    let facts: Vec<_> = read.evidence.intel.iter().map(|intel| (&*intel.pointer, &*intel.vuln, &intel.fact)).collect();
    assert_eq!(
        facts,
        [
            ("line 3", "CVE-2024-3094", &Fact::Epss { probability: 0.9134, percentile: 0.9991 }),
            ("line 4", "CVE-2024-2511", &Fact::Epss { probability: 0.0043, percentile: 0.512 }),
        ]
    );
    assert!(read.evidence.statements.is_empty());
}

#[test]
fn a_line_that_is_no_score_costs_itself() {
    let read = read(format!("{SCORES}CVE-1,high,0.1\n,0.1,0.1\nCVE-2,1.5,0.1\nCVE-3,0.5,0.5\nCVE-4,0.9"));
    let ids: Vec<_> = read.evidence.intel.iter().map(|intel| &*intel.vuln).collect();
    assert_eq!(ids, ["CVE-2024-3094", "CVE-2024-2511", "CVE-3"]);
    assert_eq!(read.problems(), ["a line without an id and a probability"; 4]);
    assert_eq!(read.problems.last().unwrap().place, "line 9");
}

#[test]
fn scores_in_gzip_are_found_in_a_folder_and_read() {
    let tree = Tree::plain(&[]);
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    let mut text = SCORES.to_owned();
    // More than is looked at to tell what it is.
    for number in 0..100_000 {
        writeln!(text, "CVE-2020-{number},0.00{number},0.5").unwrap();
    }
    packed.write_all(text.as_bytes()).unwrap();
    std::fs::write(tree.root().join("epss_scores-current.csv.gz"), packed.finish().unwrap()).unwrap();
    let (found, problems) = find(&tree.repo(), tree.root(), &[".".to_owned()]);
    assert_eq!(problems, []);
    let [Input::File(path)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(read_file(&tree, path).evidence.intel.len(), 100_002);
}
