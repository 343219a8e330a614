//! The user's table and weights: what they change, and what the reasons then say.

use std::sync::Arc;

use quell::desk::{Desk, Options};
use quell::ingest::Progress;
use quell::model::priority::{Impact, Priority, Table, Weight};
use quell::model::reach::Lane;

use super::verdict::{Case, result, sarif};
use crate::support::tree::Tree;

const COMPOSE: &str = "services:\n  front:\n    build: ./front\n    ports: ['80:8080']\n  back:\n    build: ./back\n";

fn case(priority: Priority) -> Case {
    let flow = r#", "codeFlows": [{"threadFlows": [{"locations": [{"location": {"physicalLocation": {"artifactLocation": {"uri": "src/x.py"}}}}]}]}]"#;
    let results = [
        result("front", "error", "front/app.py", flow),
        result("back", "error", "back/app.py", ""),
        result("test", "error", "front/tests/test_app.py", ""),
        result("CVE-2021-1000", "error", "front/go.mod", ""),
    ];
    let kev = r#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2021-1000", "dateAdded": "2026-01-02"}]}"#;
    let tree = Tree::git(&[
        ("in/a.sarif", &sarif("scanner", &results)),
        ("in/kev.json", kev),
        ("docker-compose.yml", COMPOSE),
        ("front/Dockerfile", "FROM scratch\nCOPY . .\n"),
        ("back/Dockerfile", "FROM scratch\nCOPY . .\n"),
    ]);
    tree.commit("first", 1_700_000_000);
    let inputs = vec![tree.root().join("in").to_string_lossy().into_owned()];
    let options = Options { repo: Some(tree.root().to_path_buf()), inputs, priority, ..Options::default() };
    let (desk, _) = Desk::open(options).unwrap();
    let loaded = desk.load(desk.find(), &Arc::new(Progress::default()));
    Case { tree, desk, loaded }
}

fn deployer(impact: Impact, impacts: &[(&str, Impact)]) -> Priority {
    let impacts = impacts.iter().map(|(service, impact)| ((*service).to_owned(), *impact)).collect();
    let (table, source) = (Table::SsvcDeployer, "config.toml".to_owned());
    Priority { table, impact: Some(impact), impacts, source, ..Priority::default() }
}

#[test]
fn the_deployers_table_takes_its_inputs_from_the_same_evidence() {
    let case = case(deployer(Impact::High, &[]));
    let range = |rule: &str| {
        let judged = case.judged(rule);
        (judged.lane, judged.lane_max)
    };
    // Known exploitation, open, and nobody knows whether it can be automated.
    assert_eq!(range("CVE-2021-1000"), (Lane::ActNow, Lane::ThisSprint));
    assert_eq!(range("front"), (Lane::ThisSprint, Lane::Scheduled));
    assert_eq!(range("back"), (Lane::Scheduled, Lane::Scheduled));
    assert_eq!(range("test"), (Lane::Scheduled, Lane::Scheduled));
    let why = case.why("CVE-2021-1000");
    assert!(
        why.lane.starts_with("act-now (immediate), at best this-sprint (out-of-cycle): SSVC deployer"),
        "{}",
        why.lane
    );
    let inputs: Vec<String> = why.inputs.iter().map(|input| format!("{} {}", input.name, input.value)).collect();
    assert_eq!(inputs, ["exploitation active", "exposure open", "automatable unknown", "human impact high"]);
    assert_eq!(why.settings.as_deref(), Some("table ssvc-deployer: by config.toml"));
    let inputs = case.why("back").inputs;
    assert_eq!((inputs[0].value.as_str(), inputs[1].value.as_str()), ("none or public PoC", "controlled"));
    assert_eq!(case.why("test").inputs[1].value, "small");
}

#[test]
fn the_impact_may_be_that_of_a_service() {
    let case = case(deployer(Impact::Low, &[("front", Impact::VeryHigh), ("elsewhere", Impact::VeryHigh)]));
    assert_eq!(case.why("front").inputs[3].value, "very-high");
    assert_eq!(case.why("back").inputs[3].value, "low");
    assert!(case.judged("front").lane < case.judged("back").lane);
}

#[test]
fn weights_change_the_score_and_each_term_says_so() {
    let mut priority = Priority { source: "config.toml".to_owned(), ..Priority::default() };
    for (weight, points) in
        [(Weight::Severity, 10), (Weight::Internet, 5), (Weight::TestOnly, -20), (Weight::Threat, 40)]
    {
        priority.weights.set(weight, points).unwrap();
    }
    let (before, after) = (case(Priority::default()), case(priority));
    let points = |case: &Case, rule: &str, name: &str| {
        let why = case.why(rule);
        why.terms.iter().find(|term| term.name == name).map_or(0, |term| term.points)
    };
    for (rule, name, one, two) in [
        ("front", "severity", 32, 8),
        ("front", "exposure", 15, 5),
        ("front", "reach", 15, 15),
        ("test", "reach", -10, -20),
        ("CVE-2021-1000", "threat", 20, 40),
    ] {
        assert_eq!((points(&before, rule, name), points(&after, rule, name)), (one, two), "{rule} {name}");
    }
    assert_eq!(before.judged("front").lane, after.judged("front").lane, "weights move nothing between lanes");
    assert_eq!(before.why("front").settings, None);
    let said = after.why("front").settings.unwrap();
    assert_eq!(said, "weights severity 10, threat 40, test-only -20, internet 5: by config.toml");
}
