//! Event files: what is written, and what is believed.

use std::fs;
use std::path::PathBuf;

use quell::ledger;
use quell::model::decision::{Op, Origin, Status};
use quell::model::id::FindingId;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::support::{Desk, at, hit, request};

fn desk() -> Desk {
    Desk::new(vec![hit(1, "a.py", 3), hit(2, "b.py", 3)])
}

/// Files of the ledger, relative to it, without `.gitattributes`.
fn files(desk: &Desk) -> Vec<PathBuf> {
    let folder = desk.tree.root().join(".quell/decisions");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.map(|path| path.strip_prefix(&folder).unwrap().to_owned()).collect()
}

fn path(file: &PathBuf) -> String {
    PathBuf::from(".quell/decisions").join(file).to_str().unwrap().to_owned()
}

#[test]
fn a_bulk_decision_is_one_file_named_by_time_and_hash() {
    let desk = desk();
    let mut bulk = request(Op::AcceptRisk, &[1, 2, 1]);
    bulk.query = Some("rule:B602".to_owned());
    let event = desk.decide(&bulk, at(0)).unwrap().event;
    let files = files(&desk);
    let [file] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!(file.to_str().unwrap(), format!("20300110T120000.000Z-{}.json", event.id));
    let text = desk.tree.text(&path(file));
    let mut value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(text, serde_json::to_string_pretty(&value).unwrap() + "\n");
    assert_eq!(value["members"].as_array().unwrap().len(), 2);
    assert_eq!((value["query"].as_str(), value["author"].as_str()), (Some("rule:B602"), Some("A Tester")));
    value.as_object_mut().unwrap().remove("id");
    assert_eq!(hash(&value), event.id);
    assert!(desk.tree.text(".quell/decisions/.gitattributes").contains("* -text\n"));
}

#[test]
fn a_decision_is_on_disk_and_in_the_undo_log_when_it_returns() {
    let desk = desk();
    let decided = desk.decide(&request(Op::FalsePositive, &[1]), at(0)).unwrap();
    assert_eq!(ledger::read(&desk.tree.repo()).events, std::slice::from_ref(&decided.event));
    let log = desk.tree.repo().log().unwrap();
    assert_eq!((log[0].name.as_str(), log[0].title.as_str()), (decided.entry.as_str(), decided.summary.as_str()));
    assert_eq!(log[0].note.events, [decided.event.id]);
}

#[test]
fn a_batch_of_fixes_has_its_event_before_it_and_its_file_after() {
    let desk = desk();
    let board = desk.board();
    let draft = ledger::fix_applied(&desk.tree.repo(), &board, &[FindingId(1)], None, &[], false, at(0)).unwrap();
    desk.check(1, Status::Open, &[]);
    assert_eq!(draft[0].write(&desk.tree.repo()).unwrap(), Origin::Tree);
    assert_eq!(ledger::read(&desk.tree.repo()).events, [draft[0].event.clone()]);
    desk.check(1, Status::FixApplied, &[]);
}

/// First 16 hex digits of the SHA-256 of a value as events are written.
fn hash(value: &Value) -> String {
    let hash = Sha256::digest(serde_json::to_string_pretty(value).unwrap() + "\n");
    format!("{:016x}", u64::from_be_bytes(hash[..8].try_into().unwrap()))
}

/// Makes a decision, spoils its file, and expects that the finding is open with a problem that says this.
fn spoiled(spoil: impl Fn(&str) -> Vec<u8>, says: &str) {
    let desk = desk();
    desk.did(Op::AcceptRisk, &[1], 0);
    let file = path(&files(&desk)[0]);
    let bytes = spoil(&desk.tree.text(&file));
    fs::write(desk.tree.root().join(&file), bytes).unwrap();
    desk.check(1, Status::Open, &[]);
    let ledger = ledger::read(&desk.tree.repo());
    assert_eq!(ledger.problems.len(), 1, "{:?}", ledger.problems);
    let problem = &ledger.problems[0];
    assert!(problem.reason.contains(says), "{problem}");
    assert!(problem.file.ends_with(file.rsplit('/').next().unwrap()) && !problem.hint.is_empty(), "{problem}");
}

#[test]
fn a_file_that_is_not_as_it_was_written_suppresses_nothing() {
    spoiled(|text| text.replace("2030-03-01", "2039-03-01").into_bytes(), "edited");
    spoiled(|text| text.replace("  \"v\"", "  \"op\": \"accept-risk\",\n  \"v\"").into_bytes(), "edited");
    spoiled(|text| text.replace("  ", "\t").into_bytes(), "edited");
    spoiled(|text| text.as_bytes()[..text.len() / 2].to_vec(), "no JSON");
    spoiled(|_| Vec::new(), "no JSON");
    spoiled(|_| b"\xff\xfe".to_vec(), "UTF-8");
    spoiled(|_| b"[1]".to_vec(), "format version");
    spoiled(|text| format!("<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> b\n").into_bytes(), "conflict markers");
    spoiled(|_| vec![b' '; (32 << 20) + 1], "bytes");
}

#[test]
fn line_ends_that_git_converted_change_nothing() {
    let desk = desk();
    desk.did(Op::AcceptRisk, &[1], 0);
    let file = path(&files(&desk)[0]);
    desk.tree.write(&file, &desk.tree.text(&file).replace('\n', "\r\n"));
    desk.check(1, Status::Accepted, &[]);
}

/// Writes an event with this change under its right name, as a newer Quell or a forger would.
fn foreign(change: impl Fn(&mut Value), says: &str) {
    let desk = desk();
    desk.did(Op::AcceptRisk, &[1], 0);
    let file = path(&files(&desk)[0]);
    let mut value: Value = serde_json::from_str(&desk.tree.text(&file)).unwrap();
    fs::remove_file(desk.tree.root().join(file)).unwrap();
    change(&mut value);
    value.as_object_mut().unwrap().remove("id");
    let id = hash(&value);
    value["id"] = id.clone().into();
    let text = serde_json::to_string_pretty(&value).unwrap() + "\n";
    desk.tree.write(&format!(".quell/decisions/20300110T120000.000Z-{id}.json"), &text);
    desk.check(1, Status::Open, &[]);
    let problems = ledger::read(&desk.tree.repo()).problems;
    assert!(problems.len() == 1 && problems[0].to_string().contains(says), "{problems:?}");
}

#[test]
fn an_event_that_is_not_understood_whole_suppresses_nothing() {
    foreign(|value| value["v"] = 2.into(), "format version 2");
    foreign(|value| value["op"] = "ignore".into(), "`ignore` is unknown");
    foreign(|value| value["op"] = "Accept-Risk".into(), "unknown");
    foreign(|value| value["colour"] = "red".into(), "colour");
    foreign(|value| value["scope"] = "src/**".into(), "does not know");
    foreign(|value| value["members"][0]["id"] = "q1-xyz".into(), "q1-xyz");
    foreign(|value| value["reason"] = " ".into(), "needs a reason");
    foreign(|value| drop(value.as_object_mut().unwrap().remove("until")), "needs a date");
}

#[test]
fn a_copy_or_a_renamed_file_is_reported_and_counts_once() {
    let desk = desk();
    let event = desk.did(Op::AcceptRisk, &[1], 0);
    let text = desk.tree.text(&path(&files(&desk)[0]));
    desk.tree.write(&format!(".quell/decisions/copy-{}.json", event.id), &text);
    desk.tree.write(".quell/decisions/2030-01/renamed.json", &text);
    desk.tree.write(".quell/decisions/README.md", "about");
    let ledger = ledger::read(&desk.tree.repo());
    assert_eq!(ledger.events, [event]);
    let said: Vec<String> = ledger.problems.iter().map(ToString::to_string).collect();
    assert!(said.len() == 2 && said.iter().any(|text| text.contains("twice")), "{said:?}");
    assert!(said.iter().any(|text| text.contains("renamed.json") && text.contains("was renamed")), "{said:?}");
}
