//! The beginnings of reports, for a look before all is read.

use std::fs::File;
use std::io::Write;
use std::process::Command;
use std::sync::atomic::Ordering;

use flate2::Compression;
use flate2::write::GzEncoder;
use quell::ingest::input::Input;
use quell::ingest::load::{Intake, Loaded, Options, Progress};
use quell::model::follow::Follow;

use crate::support::tree::Tree;

const KIB: u64 = 1 << 10;

fn intake(tree: &Tree, files: &[&str]) -> Intake {
    let inputs: Vec<Input> = files.iter().map(|file| Input::File(tree.root().join(file))).collect();
    Intake::new(&tree.repo(), &inputs, &Options::default())
}

fn begin(tree: &Tree, files: &[&str], room: u64) -> Loaded {
    intake(tree, files).begin(room, &Progress::default())
}

fn load(tree: &Tree, files: &[&str]) -> Loaded {
    intake(tree, files).load(&Progress::default())
}

const TOOL: &str = r#""tool": {"driver": {"name": "Bench", "rules": [{"id": "r0"}, {"id": "r1", "properties": {"security-severity": "9.8"}}]}}"#;

/// Results of some 200 bytes, with this key for their rule; only odd ones carry the flagged text.
fn results(count: usize, rule: &str) -> String {
    let result = |number: usize| {
        let snippet =
            if number % 2 == 1 { format!(r#", "snippet": {{"text": "call({number})"}}"#) } else { String::new() };
        format!(
            r#"{{{rule}, "message": {{"text": "the same for all {}"}}, "locations": [{{"physicalLocation":
            {{"artifactLocation": {{"uri": "src/a.py"}}, "region": {{"startLine": {}{snippet}}}}}}}]}}"#,
            number % 5,
            number % 90 + 1,
        )
    };
    (0..count).map(result).collect::<Vec<_>>().join(",\n")
}

/// A report with the tool before its results, or behind them.
fn report(count: usize, is_tool_first: bool) -> String {
    let rule = if is_tool_first { r#""ruleId": "r1""# } else { r#""ruleIndex": 1"# };
    let results = format!(r#""results": [{}]"#, results(count, rule));
    let members = if is_tool_first { format!("{TOOL}, {results}") } else { format!("{results}, {TOOL}") };
    format!(r#"{{"version": "2.1.0", "runs": [{{{members}}}]}}"#)
}

fn tree(files: &[(&str, &str)]) -> Tree {
    let source: Vec<String> = (1..100).map(|line| format!("call({line})")).collect();
    Tree::git(&[files, &[("src/a.py", &source.join("\n"))]].concat())
}

#[test]
fn only_large_reports_are_begun() {
    let tree = Tree::plain(&[]);
    let begun = |bytes: u64| {
        File::create(tree.root().join("a.sarif")).unwrap().set_len(bytes).unwrap();
        intake(&tree, &["a.sarif"]).beginnings().iter().map(|size| size / KIB).collect::<Vec<u64>>()
    };
    assert!(begun(4096 * KIB - 1).is_empty());
    assert_eq!(begun(4096 * KIB), [256]);
    assert_eq!(begun(100_000 * KIB), [256, 2048]);
    assert_eq!(begun(1_000_000 * KIB), [256, 2048, 16384]);
    for bytes in [4096 * KIB, 32_768 * KIB, 3_000_000 * KIB] {
        assert!(begun(bytes).iter().sum::<u64>() * 14 <= bytes / KIB, "at most a fourteenth of {bytes}");
    }
}

#[test]
fn a_small_report_is_begun_while_a_pipe_is_waited_for() {
    let tree = tree(&[("a.sarif", &report(3, true))]);
    assert!(Command::new("mkfifo").arg(tree.root().join("pipe")).status().unwrap().success());
    let intake = intake(&tree, &["pipe", "a.sarif"]);
    assert_eq!(intake.beginnings(), [256 * KIB]);
    assert_eq!(intake.begin(256 * KIB, &Progress::default()).backlog.findings.len(), 3);
}

#[test]
fn the_complete_results_at_the_beginning_are_read_and_nothing_is_told() {
    let tree = tree(&[("a.sarif", &report(2000, true))]);
    let begun = begin(&tree, &["a.sarif"], 64 * KIB).backlog;
    let whole = load(&tree, &["a.sarif"]).backlog;
    assert!(begun.problems.is_empty());
    assert!((200..1000).contains(&begun.results.len()), "{}", begun.results.len());
    for (before, after) in begun.results.iter().zip(&whole.results) {
        assert_eq!(
            (before.at.offset(), before.line, before.severity()),
            (after.at.offset(), after.line, after.severity())
        );
    }
}

#[test]
fn several_reports_are_begun_side_by_side_in_their_order() {
    let (long, short) = (report(2000, true), report(3, true));
    let tree = tree(&[("a.sarif", &long), ("b.json", "{\"a\": 1}"), ("c.sarif", &short), ("d.sarif", &long)]);
    let begun = begin(&tree, &["a.sarif", "b.json", "c.sarif", "d.sarif"], 256 * KIB).backlog;
    let names: Vec<&str> = begun.reports.iter().map(|report| report.name.as_str()).collect();
    assert_eq!(names, ["a.sarif", "c.sarif", "d.sarif"]);
    let counts: Vec<u32> = begun.runs.iter().map(|run| run.results).collect();
    assert!(counts[0] > 100 && counts[0] == counts[2] && counts[1] == 3, "{counts:?}");
}

/// A cursor on any of them goes on to the same result, although the ids of those without flagged text are others.
#[test]
fn a_finding_is_found_again_in_the_whole() {
    for is_tool_first in [true, false] {
        let tree = tree(&[("b.sarif", &report(40, is_tool_first)), ("a.sarif", &report(1000, is_tool_first))]);
        let (few, files) =
            (begin(&tree, &["b.sarif", "a.sarif"], 128 * KIB).backlog, ["x.sarif", "b.sarif", "a.sarif"]);
        tree.write("x.sarif", &report(7, true));
        let more = begin(&tree, &files, 512 * KIB).backlog;
        let whole = load(&tree, &files).backlog;
        let is_other = |finding: &u32| whole.find(few.id(*finding)).is_none();
        let all = 0..u32::try_from(few.findings.len()).unwrap();
        assert!(all.clone().any(|finding| is_other(&finding)), "the ids of some are others");
        for to in [&more, &whole] {
            let follow = Follow::from_beginning(&few, to);
            for finding in all.clone() {
                let (before, now) = (few.lead(finding), follow.finding(finding).unwrap());
                let place = |record| (to.report(record).name.as_str(), record.at.offset());
                let places: Vec<_> = to.members(now).iter().map(|result| place(to.record(*result))).collect();
                assert!(
                    places.contains(&(few.report(before).name.as_str(), before.at.offset())),
                    "{finding}: {places:?}"
                );
            }
        }
    }
}

#[test]
fn a_result_that_says_something_else_is_not_the_same() {
    let tree = tree(&[("a.sarif", &report(40, true))]);
    let before = begin(&tree, &["a.sarif"], 64 * KIB).backlog;
    tree.write("a.sarif", &report(40, true).replace("the same for all", "other words here"));
    let after = load(&tree, &["a.sarif"]).backlog;
    let follow = Follow::from_beginning(&before, &after);
    // Those with flagged text keep their id whatever their message says.
    assert_eq!(follow.finding(0), None);
}

#[test]
fn a_tool_behind_the_results_is_not_known_yet() {
    let tree = tree(&[("a.sarif", &report(1000, false))]);
    let begun = begin(&tree, &["a.sarif"], 64 * KIB).backlog;
    let lead = begun.lead(0);
    assert_eq!((begun.tool(lead).name.as_str(), begun.rule(lead).id.as_str()), ("", ""));
    let whole = load(&tree, &["a.sarif"]).backlog;
    let lead = whole.lead(0);
    assert_eq!((whole.tool(lead).name.as_str(), whole.rule(lead).id.as_str()), ("Bench", "r1"));
}

#[test]
fn what_is_packed_or_of_another_encoding_is_begun_as_well() {
    let tree = tree(&[("a.sarif", &report(2000, true))]);
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(tree.text("a.sarif").as_bytes()).unwrap();
    std::fs::write(tree.root().join("a.sarif.gz"), packed.finish().unwrap()).unwrap();
    let utf16: Vec<u8> = tree.text("a.sarif").encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(tree.root().join("utf16.sarif"), utf16).unwrap();
    let plain = begin(&tree, &["a.sarif"], 128 * KIB).backlog.results.len();
    let Loaded { backlog, reader } = begin(&tree, &["a.sarif.gz"], 128 * KIB);
    assert_eq!(backlog.results.len(), plain);
    assert!(reader.detail(&backlog, 7).unwrap().message.starts_with("the same for all"));
    let begun = begin(&tree, &["utf16.sarif"], 128 * KIB).backlog.results.len();
    assert!((plain / 3..plain).contains(&begun), "{begun} of {plain}: it has two bytes for each");
}

#[test]
fn what_is_no_sarif_is_not_begun() {
    let tree =
        tree(&[("bandit.json", r#"{"results": [], "metrics": {}}"#), ("empty.sarif", ""), ("text.sarif", "runs")]);
    for file in ["bandit.json", "empty.sarif", "text.sarif", "gone.sarif", "."] {
        let begun = begin(&tree, &[file], 64 * KIB).backlog;
        assert!(begun.results.is_empty() && begun.reports.is_empty() && begun.problems.is_empty(), "{file}");
    }
}

#[test]
fn details_are_read_from_a_beginning() {
    let tree = tree(&[("a.sarif", &report(1000, true))]);
    let Loaded { backlog, reader } = begin(&tree, &["a.sarif"], 64 * KIB);
    let last = u32::try_from(backlog.results.len() - 1).unwrap();
    assert!(reader.detail(&backlog, last).unwrap().message.starts_with("the same for all"));
}

#[test]
fn of_a_load_that_is_called_off_nothing_is_left() {
    let tree = tree(&[("a.sarif", &report(1000, true))]);
    let progress = Progress::default();
    let beside = progress.beside();
    progress.cancel.store(true, Ordering::Relaxed);
    let intake = intake(&tree, &["a.sarif"]);
    assert!(intake.load(&progress).backlog.results.is_empty());
    assert!(intake.begin(64 * KIB, &beside).backlog.results.is_empty(), "one switch stops both");
}
