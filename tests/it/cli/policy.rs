//! `[policy]`, and what decisions end by, as the command line tells them.

use super::shop::{ALPHA, id, quell, shop, status};

const CONFIG: &str = ".quell/config.toml";

#[test]
fn a_refusal_names_the_rule_and_what_would_be_allowed() {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    tree.write(CONFIG, "[policy.accept-risk]\nrequired = ['ticket']\nmax-days = 30\n");
    let accept = ["decide", "accept-risk", &one, "--reason", "r", "--until", "2099-01-31"];
    let ran = quell(&tree, &accept);
    let said =
        format!("{one}: accept-risk needs a ticket (policy.accept-risk.required of this tree); add it and repeat");
    assert!(ran.code == 4 && ran.err.contains(&said), "{ran:?}");
    let ran = quell(&tree, &[accept.as_slice(), &["--ticket", "SEC-1"]].concat());
    assert!(
        ran.code == 4 && ran.err.contains("at most 30 are allowed") && ran.err.contains("at the latest"),
        "{ran:?}"
    );
    assert_eq!(status(&tree, &one), "open");
    assert!(!tree.files().iter().any(|path| path.starts_with(".quell/decisions/")));
}

#[test]
fn what_counts_for_nothing_is_listed_counted_and_told() {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    quell(&tree, &["decide", "accept-risk", &one, "--reason", "r", "--until", "2099-01-31"]).ok();
    assert_eq!(status(&tree, &one), "accepted");
    tree.write(CONFIG, "[policy.accept-risk]\nmax-days = 30\n");
    let list = quell(&tree, &["list", "-q", "flag:against-policy", "--format", "json"]).ok().json();
    assert_eq!((list[0]["id"].as_str(), list[0]["status"].as_str()), (Some(one.as_str()), Some("open")));
    let why = list[0]["statusWhy"].as_str().unwrap().to_owned();
    assert!(why.starts_with("it holds for ") && why.contains("(policy.accept-risk.max-days of this tree)"), "{why}");
    let status = quell(&tree, &["status"]).ok().out;
    assert!(status.contains(&format!("{one} is open, counts for nothing: {why}")), "{status}");
    assert!(!status.contains(&format!("{one} is open until")), "{status}");
    let shown = quell(&tree, &["show", &one]).ok().out;
    assert!(shown.contains(&format!("because     counts for nothing: {why}")), "{shown}");
    assert!(quell(&tree, &["ledger", "log"]).ok().out.contains("against-policy accept-risk"));
    let verified = quell(&tree, &["ledger", "verify"]);
    assert!(verified.code == 1 && verified.out.contains("counts for nothing: it holds for"), "{verified:?}");
}

#[test]
fn a_wrong_policy_is_told_with_its_place() {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    quell(&tree, &["decide", "false-positive", &one]).ok();
    tree.write(CONFIG, "[policy.accept-risk]\nmax-dayz = 30\n");
    let ran = quell(&tree, &["list", "-q", "flag:against-policy", "--format", "json"]);
    assert_eq!((ran.code, ran.json()[0]["id"].as_str()), (3, Some(one.as_str())));
    assert!(ran.err.contains(".quell/config.toml: policy.accept-risk.max-dayz: it is none of required"), "{}", ran.err);
}

#[test]
fn a_decision_ends_by_what_it_was_told_to() {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    let accept = ["decide", "accept-risk", &one, "--reason", "r", "--until", "2099-01-31", "--until-change"];
    let bad = quell(&tree, &[accept.as_slice(), &["weather"]].concat());
    assert!(bad.code == 2 && bad.err.contains("code, reach, version, fix, none"), "{bad:?}");
    let bad = quell(&tree, &[accept.as_slice(), &["none,code"]].concat());
    assert!(bad.code == 2 && bad.err.contains("stands alone"), "{bad:?}");
    quell(&tree, &[accept.as_slice(), &["code"]].concat()).ok();
    let log = quell(&tree, &["ledger", "log"]).ok().out;
    assert!(log.contains("    ends by a change of: code\n"), "{log}");
    let shown = quell(&tree, &["show", &one]).ok().out;
    assert!(shown.contains("until 2099-01-31, or a change of code"), "{shown}");
    let path = quell(&tree, &["list", "-q", &format!("id:{one}"), "--format", "json"]).ok().json()[0]["path"].clone();
    let path = path.as_str().unwrap();
    let text = tree.text(path);
    tree.write(path, &text.replace("subprocess", "processes").replace("key", "value"));
    let status = quell(&tree, &["status", "--format", "json"]).json();
    let why = "ended: the flagged code, or what stands around it, has changed";
    assert_eq!(
        (status["ended"][0]["id"].as_str(), status["ended"][0]["why"].as_str()),
        (Some(one.as_str()), Some(why))
    );
    let list = quell(&tree, &["list", "-q", "is:expired", "--format", "json"]).json();
    assert_eq!(list[0]["id"].as_str(), Some(one.as_str()));
}

#[test]
fn evidence_that_comes_later_ends_an_acceptance() {
    let tree = shop();
    // A scan without its flows.
    tree.write(".quell/reports/alpha.sarif", &ALPHA.replace("codeFlows", "noFlows"));
    let one = id(&tree, "rule:A1");
    let accept = ["decide", "accept-risk", &one, "--reason", "r", "--until", "2099-01-31"];
    let said = quell(&tree, &accept).ok().out;
    assert!(!said.contains("renewed"), "{said}");
    let json = quell(&tree, &["ledger", "log", "--format", "json"]).ok().json();
    let event = &json[0]["event"];
    assert_eq!(event["until_change"], serde_json::json!(["reach"]));
    assert_eq!(event["members"][0]["facts"]["reach"].as_str(), Some("unknown"), "{event}");
    assert_eq!(status(&tree, &one), "accepted");
    tree.write(".quell/reports/alpha.sarif", ALPHA);
    let listed = quell(&tree, &["list", "-q", "flag:expired", "--format", "json"]).ok().json();
    assert_eq!(listed[0]["id"].as_str(), Some(one.as_str()), "{listed}");
    assert_eq!(listed[0]["statusWhy"].as_str(), Some("its reach was unknown and is reachable now"));
    let shown = quell(&tree, &["show", &one]).ok().out;
    assert!(shown.contains("\nsince then: reach unknown → reachable\n"), "{shown}");
    let renewed = quell(&tree, &accept[..6]);
    assert_eq!(renewed.code, 2, "{renewed:?}");
    let renewed = quell(&tree, &["decide", "accept-risk", &one, "--reason", "r", "--until", "2099-02-28"]).ok().out;
    assert!(
        renewed.contains("; renewed once, ") && renewed.ends_with("; since the last time: reach unknown → reachable\n"),
        "{renewed}"
    );
    assert_eq!(status(&tree, &one), "accepted");
}
