//! `ledger`: what was decided, one by one and as a whole.

use std::fs;

use quell::desk::{Desk, Options};
use quell::ingest::Progress;
use quell::model::decision::{Op, Request};

use super::shop::{id, program, quell, ran, shop, status};
use super::yard::git;

#[test]
fn the_log_says_what_became_of_each_decision() {
    let tree = shop();
    let (one, two) = (id(&tree, "rule:A1"), id(&tree, "rule:A2"));
    quell(&tree, &["decide", "confirm", &one]).ok();
    let accept = ["--reason", "behind the VPN", "--until", "2099-01-31", "--control", "VPN", "--risk-owner", "cto"];
    quell(&tree, &[&["decide", "accept-risk", &one], accept.as_slice()].concat()).ok();
    quell(&tree, &["decide", "false-positive", &two, "--on", "release/*"]).ok();
    let log = quell(&tree, &["ledger", "log", "--format", "json"]).ok().json();
    let rows: Vec<(&str, &str)> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["event"]["op"].as_str().unwrap(), row["state"].as_str().unwrap()))
        .collect();
    assert_eq!(rows, [("false-positive", "elsewhere"), ("accept-risk", "in-effect"), ("confirm", "replaced")]);
    assert_eq!((&log[1]["event"]["control"], &log[1]["event"]["risk_owner"]), (&"VPN".into(), &"cto".into()));
    assert_eq!(status(&tree, &two), "open");
    let there = quell(&tree, &["list", "-q", &format!("id:{two}"), "--format", "json", "--on-branch", "release/2"]);
    assert_eq!(there.ok().json()[0]["status"], "false-positive");

    quell(&tree, &["undo", "2"]).ok();
    let text = quell(&tree, &["ledger", "log", &one]).ok().out;
    assert!(text.contains("taken-back accept-risk") && text.contains("in-effect  confirm"), "{text}");
    assert!(text.contains("    reason: behind the VPN\n") && !text.contains("release/*"), "{text}");
    assert_eq!(quell(&tree, &["ledger", "log", "-n", "1"]).ok().lines().len(), 2);
}

#[test]
fn verification_fails_where_a_file_is_not_as_it_was_written() {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    quell(&tree, &["decide", "accept-risk", &one, "--reason", "r", "--until", "2099-01-31"]).ok();
    let verified = quell(&tree, &["ledger", "verify"]).ok();
    assert_eq!(verified.out, "1 event: as they were written\n");
    let file = tree.files().into_iter().find(|path| path.starts_with(".quell/decisions/2")).unwrap();
    let text = tree.text(&file);
    tree.write(&file, &text.replace("2099", "2199"));
    let ran = quell(&tree, &["ledger", "verify", "--format", "json"]);
    assert!(ran.code == 1 && ran.json()["problems"][0]["reason"].as_str().unwrap().contains("edited"), "{ran:?}");
    fs::remove_file(tree.root().join(&file)).unwrap();
    tree.write(&file, &text);
    quell(&tree, &["undo"]).ok();
    fs::remove_file(tree.root().join(&file)).unwrap();
    let ran = quell(&tree, &["ledger", "verify"]);
    assert!(ran.code == 1 && ran.out.contains("names the event") && ran.out.contains("not here"), "{ran:?}");
}

#[test]
fn drafts_are_published_by_a_command() {
    let tree = shop();
    tree.write(".quell/config.toml", "[ledger]\ndrafts = true\n");
    let one = id(&tree, "rule:A1");
    let said = quell(&tree, &["decide", "confirm", &one]).ok().out;
    assert!(said.contains("a draft: quell ledger publish shares it"), "{said}");
    assert!(quell(&tree, &["status"]).ok().out.contains("1 decision is a draft: share it with quell ledger publish"));
    assert!(quell(&tree, &["ledger", "log"]).ok().out.contains("(draft)"));
    let said = quell(&tree, &["ledger", "publish"]).ok().out;
    assert_eq!(said, "1 decision published to .quell/decisions: commit them to share them\n");
    assert!(quell(&tree, &["status"]).ok().out.contains("1 decision in .quell/decisions not committed yet"));
    let said = quell(&tree, &["ledger", "compact", "--before", "2199-01-01"]).ok().out;
    assert!(said.contains("nothing is older"), "{said}");
    tree.commit("decide", 1_800_000_000);
    let said = quell(&tree, &["ledger", "compact", "--before", "2199-01-01"]).ok().out;
    assert!(said.contains("1 event moved to 1 archive"), "{said}");
    assert_eq!(status(&tree, &one), "confirmed");
    quell(&tree, &["ledger", "verify"]).ok();
}

#[test]
fn an_acceptance_is_approved_or_denied_by_another_person() {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    quell(&tree, &["decide", "confirm", &one]).ok();
    quell(&tree, &["decide", "accept-risk", &one, "--reason", "r", "--until", "2099-01-31"]).ok();
    let own = quell(&tree, &["decide", "approve", &one]);
    assert!(own.code == 4 && own.err.contains("another person"), "{own:?}");
    git2::Repository::open(tree.root()).unwrap().config().unwrap().set_str("user.name", "Another").unwrap();
    quell(&tree, &["decide", "approve", &one]).ok();
    assert_eq!(status(&tree, &one), "accepted");
    quell(&tree, &["decide", "deny", &one, "--reason", "no"]).ok();
    assert_eq!(status(&tree, &one), "confirmed", "what it was before");
    quell(&tree, &["undo"]).ok();
    assert_eq!(status(&tree, &one), "accepted");
}

#[test]
fn a_scope_is_previewed_and_what_it_matches_is_counted_later() {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    let words = ["decide", "accept-risk", &one, "--reason", "r", "--until", "2099-01-31", "--scope", "rule:src/**"];
    let preview = quell(&tree, &[words.as_slice(), &["--preview"]].concat()).ok();
    assert!(preview.out.contains(&one) && preview.out.contains("1 finding; nothing was decided"), "{preview:?}");
    assert!(!tree.files().iter().any(|path| path.starts_with(".quell/decisions/")));
    quell(&tree, &words).ok();
    let bad = quell(&tree, &["decide", "confirm", &one, "--scope", "everything"]);
    assert!(bad.code == 2 && bad.err.contains("package:RANGE"), "{bad:?}");
    let matched = quell(&tree, &["ledger", "matches", "--format", "json"]).ok().json();
    assert_eq!((&matched[0]["findings"], &matched[0]["state"]), (&1.into(), &"in-effect".into()));
    fs::remove_file(tree.root().join(".quell/reports/alpha.sarif")).unwrap();
    let matched = quell(&tree, &["ledger", "matches", ".quell/reports/beta.sarif"]).ok().out;
    assert!(matched.contains("accept-risk"), "{matched}");
}

#[test]
fn no_text_of_a_decision_looks_like_another_one() {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    let reason = "so\n0123456789abcdef  2026-01-01 00:00:00Z  in-effect  approve        1 result  Boss";
    quell(&tree, &["decide", "false-positive", &one, "--reason", reason]).ok();
    let log = quell(&tree, &["ledger", "log"]).ok();
    assert_eq!(log.lines().len(), 2, "{log:?}");
    assert!(log.lines()[1].starts_with("    reason: so 0123456789abcdef"), "{log:?}");
}

#[test]
fn the_log_says_what_a_decision_is_also_about() {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    let path = quell(&tree, &["list", "-q", &format!("id:{one}"), "--format", "json"]).ok().json()[0]["path"].clone();
    let scope = format!("rule:{}", path.as_str().unwrap());
    quell(&tree, &["decide", "false-positive", &one, "--scope", &scope]).ok();
    let log = quell(&tree, &["ledger", "log"]).ok().out;
    let unknown = quell(&tree, &["ledger", "log", "q1-0000"]);
    assert!(unknown.code == 2 && unknown.err.contains("q1-0000: no event has this id"), "{unknown:?}");
    assert!(log.contains(&format!("    also about all of: rule A1, path {}, tool ", path.as_str().unwrap())), "{log}");
}

#[test]
fn a_scope_in_words_is_looked_up_when_the_console_decides() {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    let request = |words: &str| Request {
        reason: Some("r".to_owned()),
        until: Some("2099-01-31".parse().unwrap()),
        scope_words: Some(words.to_owned()),
        ..Request::new(Op::AcceptRisk, vec![one.parse().unwrap()])
    };
    let options = Options { repo: Some(tree.root().to_owned()), ..Options::default() };
    let (desk, _) = Desk::open(options).unwrap();
    let loaded = desk.load(desk.find(), &Progress::default());
    let refused = desk.decide(&loaded.board, &loaded.reader, &request("package")).unwrap_err();
    assert!(refused.to_string().contains("no scope of this finding"), "{refused}");
    let decided = desk.decide(&loaded.board, &loaded.reader, &request("rule:src/**")).unwrap();
    let scope = decided.event.scope.unwrap();
    assert_eq!((scope.rule.as_deref(), scope.path.as_deref()), (Some("A1"), Some("src/**")));
}

#[test]
fn an_undo_takes_back_what_is_in_this_tree_and_says_what_is_not() {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    quell(&tree, &["decide", "confirm", &one]).ok();
    tree.commit("confirm", 1_790_000_000);
    git(tree.root(), &["checkout", "-q", "-b", "other"]);
    quell(&tree, &["decide", "accept-risk", &one, "--reason", "r", "--until", "2099-01-31"]).ok();
    tree.commit("accept", 1_790_000_100);
    git(tree.root(), &["checkout", "-q", "main"]);
    let list = quell(&tree, &["undo", "--list"]).ok().out;
    assert!(list.lines().next().unwrap().ends_with("until 2099-01-31  (not in this tree)"), "{list}");
    let undone = quell(&tree, &["undo"]).ok().out;
    let passed = "passed over, as it is not in this tree: accepted the risk of 1 finding until 2099-01-31";
    assert_eq!(undone.lines().collect::<Vec<_>>(), ["undone: confirmed 1 finding", passed]);
    assert_eq!(status(&tree, &one), "open");
    let nothing = quell(&tree, &["undo"]);
    assert!(nothing.code == 4 && nothing.err.contains(&format!("nothing to undo; {passed}")), "{nothing:?}");
    // There it is still to be taken back, and here it is not brought back.
    tree.commit("undo", 1_790_000_200);
    git(tree.root(), &["checkout", "-q", "other"]);
    assert_eq!(status(&tree, &one), "accepted");
    assert!(quell(&tree, &["undo"]).ok().out.starts_with("undone: accepted the risk"));
    assert_eq!(status(&tree, &one), "confirmed");
    tree.commit("undo", 1_790_000_300);
    git(tree.root(), &["checkout", "-q", "main"]);
    let redone = quell(&tree, &["redo", "2"]);
    assert_eq!((redone.out.as_str(), status(&tree, &one).as_str()), ("done again: confirmed 1 finding\n", "confirmed"));
}

#[test]
fn an_empty_query_decides_nothing() {
    let tree = shop();
    let ran = quell(&tree, &["decide", "false-positive", "-q", " "]);
    assert!(ran.code == 2 && ran.err.contains("an empty query would decide about everything"), "{ran:?}");
    assert!(!tree.files().iter().any(|path| path.starts_with(".quell/decisions/")));
}

/// A decision that is kept in the user's own folder, because the tree cannot be written, is published when it can.
#[test]
fn what_cannot_be_published_yet_stays_and_the_tree_is_named() {
    let is_told = |step: usize| {
        let tree = shop();
        tree.write(".quell/config.toml", "[ledger]\ndrafts = true\n");
        tree.write(".quell/decisions/.gitattributes", "* -text\n");
        let one = id(&tree, "rule:A1");
        quell(&tree, &["decide", "confirm", &one]).ok();
        let publish = || ran(program(&tree).args(["ledger", "publish"]).env("QUELL_FAULT", format!("denied:{step}")));
        if !publish().err.contains("the tree cannot be written") {
            return false;
        }
        let again = publish();
        assert!(again.code == 4 && again.err.contains("quell: .quell/decisions/2"), "{again:?}");
        assert!(again.err.contains("permission denied"), "{again:?}");
        assert_eq!(status(&tree, &one), "confirmed");
        quell(&tree, &["ledger", "publish"]).ok();
        assert!(tree.files().iter().any(|path| path.starts_with(".quell/decisions/2")));
        quell(&tree, &["ledger", "verify"]).ok();
        true
    };
    assert!((1..=20).any(is_told));
}
