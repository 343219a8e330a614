//! `[priority]` of the user's settings, and what is wrong with it.

use std::fs;

use super::shop::{id, quell, shop};
use crate::support::tree::Tree;

fn configured(tree: &Tree, text: &str) {
    let folder = tree.state().join("quell");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), text).unwrap();
}

#[test]
fn the_table_and_the_weights_are_those_of_the_users_settings() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    let explained = |tree: &Tree| quell(tree, &["explain", &id, "--format", "json"]).ok();
    let before = explained(&tree).json();
    assert_eq!((before["table"].as_str(), before["settings"].is_null()), (Some("bod-26-04"), true));
    configured(
        &tree,
        "[priority]\ntable = \"ssvc-deployer\"\nhuman_impact = \"high\"\n[priority.weights]\nseverity = 20\n",
    );
    let after = explained(&tree);
    assert_eq!(after.err, "");
    let json = after.json();
    assert_eq!(json["table"], "ssvc-deployer");
    assert!(json["rule"].as_str().unwrap().contains("SSVC deployer 1.0.0 with exploitation"), "{json}");
    let settings = json["settings"].as_str().unwrap();
    assert!(settings.starts_with("table ssvc-deployer; weights severity 20: by ") && settings.ends_with("config.toml"));
    let points = |json: &serde_json::Value| json["terms"][0]["points"].as_i64().unwrap();
    assert_eq!(points(&before), 2 * points(&json));
    let text = quell(&tree, &["explain", &id]).ok().out;
    assert!(text.contains(settings), "{text}");
    // A repository has no say in it.
    let theirs = shop();
    theirs.write(".quell/config.toml", "[priority]\ntable = \"ssvc-deployer\"\nhuman_impact = \"low\"\n");
    assert_eq!(explained(&theirs).json()["table"], "bod-26-04");
    let told = quell(&theirs, &["check"]);
    let words = "priority has no effect in the configuration of a repository; settings of your own stand in";
    assert!(told.err.contains(words) || told.out.contains(words), "{told:?}");
    theirs.write(".quell/config.toml", "[policy.defer]\nmax-days = 9\n[ledger]\ndrafts = true\n");
    let told = quell(&theirs, &["check"]);
    assert!(!told.err.contains("no effect") && !told.out.contains("no effect"), "{told:?}");
}

#[test]
fn what_is_wrong_is_named_and_costs_only_itself() {
    for (text, words) in [
        ("table = \"cvss\"", "priority.table is cvss, which is none of bod-26-04, ssvc-deployer"),
        ("table = \"ssvc-deployer\"", "needs priority.human_impact: one of low, medium, high, very-high"),
        ("human_impact = \"severe\"", "priority.human_impact is severe, which is none of low, medium"),
        ("[priority.human_impact_of]\npay = \"x\"", "priority.human_impact_of.pay is x"),
        ("[priority.weights]\nseverity = 101", "priority.weights.severity is 101, and what raises is from 0 to 100"),
        ("[priority.weights]\nunreached = 5", "priority.weights.unreached is 5, and what lowers is from -100 to 0"),
        ("[priority.weights]\nsevrity = 5", "priority.weights.sevrity is none of severity, threat"),
        ("[priority.weights]\nsecret = 1.5", "priority.weights.secret is 1.5, and takes a whole number"),
        ("[priority.weights]\nsecret = \"a\"", "takes a whole number"),
        ("[priority.weights]\nexecuted = 3", "priority.weights.executed is 3, below reachable with 15"),
        ("tabel = 1", "unknown field"),
    ] {
        let tree = shop();
        configured(&tree, &format!("[priority]\n{text}\n"));
        let status = quell(&tree, &["status", "--format", "json"]).ok();
        assert!(status.err.contains(words) && status.err.contains("config.toml"), "{text}: {}", status.err);
        assert!(status.err.contains("the defaults hold"), "{}", status.err);
        assert_eq!(status.json()["findings"], quell(&shop(), &["status", "--format", "json"]).ok().json()["findings"]);
    }
    // The rest of the section counts.
    let tree = shop();
    configured(&tree, "[priority.weights]\nseverity = 20\nsecret = \"a\"\n");
    let id = id(&tree, "rule:A1");
    let ran = quell(&tree, &["explain", &id]).ok();
    assert!(ran.out.contains("weights severity 20") && ran.err.contains("secret"), "{ran:?}");
}
