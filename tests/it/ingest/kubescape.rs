//! What Kubescape saw loaded into memory.

use quell::ingest::load::{Options, load};
use quell::ingest::{Progress, input};
use quell::model::backlog::Backlog;
use quell::model::evidence::{Basis, Polarity, Rung};
use quell::model::problem::Loss;

use crate::support::shared::shared;
use crate::support::tree::Tree;

fn read(text: &str) -> Backlog {
    let tree = Tree::plain(&[("report.yaml", text)]);
    let repo = tree.repo();
    let (inputs, problems) = input::find(&repo, tree.root(), &["report.yaml".to_owned()]);
    assert_eq!(problems, []);
    load(&repo, &inputs, &Options::default(), &Progress::default()).backlog
}

#[test]
fn what_is_loaded_is_a_fact_and_what_is_not_is_little() {
    let text = r"apiVersion: v1
items:
- apiVersion: spdx.softwarecomposition.kubescape.io/v1beta1
  kind: OpenVulnerabilityExchangeContainer
  metadata: {labels: {kubescape.io/workload-name: web}}
  spec:
    timestamp: '2023-10-11T12:44:05Z'
    statements:
    - vulnerability: {name: CVE-1, aliases: [GHSA-1]}
      products: [{'@id': 'r/i@sha256:0', identifiers: {purl: 'pkg:deb/a@1'}}]
      status: affected
      impact_statement: Vulnerable component is loaded into the memory
    - vulnerability: {name: CVE-2}
      products: [{'@id': 'r/i@sha256:0'}]
      status: not_affected
      justification: vulnerable_code_not_present
    - vulnerability: {name: CVE-3}
      products: [{'@id': x}]
      status: affected
kind: List
";
    let evidence = read(text).evidence;
    let said: Vec<_> =
        evidence.statements.iter().map(|one| (&*one.subject.vulns[0], one.polarity, one.strength)).collect();
    assert_eq!(said, [("CVE-1", Polarity::Yes, 4), ("CVE-2", Polarity::No, 1), ("CVE-3", Polarity::Unknown, 1)]);
    let first = &evidence.statements[0];
    assert_eq!(
        (first.rung, first.basis, &*first.pointer),
        (Rung::Loaded, Basis::Dynamic, "/items/0/spec/statements/0")
    );
    let subject = &first.subject;
    assert_eq!(
        (subject.purl.as_deref(), subject.image.as_deref(), subject.service.as_deref()),
        (Some("pkg:deb/a@1"), Some("r/i@sha256:0"), Some("web"))
    );
    assert!(evidence.documents[0].states_time && evidence.manifests.is_empty());
}

#[test]
fn the_samples_are_recognised() {
    let Some(samples) = shared("corpus/evidence/kubescape") else { return };
    for (file, statements) in [
        ("openvex-container.yaml", 2),
        ("networkneighborhood.yaml", 0),
        ("vulnmanifestsummary.yaml", 0),
        ("vulnmanifest.yaml", 0),
    ] {
        let backlog = read(&std::fs::read_to_string(samples.join(file)).unwrap());
        assert!(backlog.problems.iter().all(|problem| problem.loss == Loss::Nothing), "{file}");
        assert_eq!(backlog.evidence.documents[0].format, "Kubescape", "{file}");
        let found = &backlog.evidence.statements;
        assert_eq!(found.len(), statements, "{file}");
        assert!(found.iter().all(|one| one.polarity == Polarity::Yes && one.strength == 4), "{file}");
    }
}
