//! Every file of the collection that these formats are in: what it is taken for, and how many statements of which kind
//! it makes, counted once more in the file itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quell::ingest::input::Input;
use quell::ingest::load::{Loaded, Options, Progress, load};
use serde_json::Value;

use crate::support::shared::shared;
use crate::support::tree::Tree;

/// How many statements there are of each rung and polarity.
type Counts = BTreeMap<String, usize>;

/// A file of the collection, what it is taken for, and how its statements are counted.
type File = (&'static str, &'static str, fn(&[Value]) -> Counts);

const FILES: &[File] = &[
    ("ai-bom/snyk-aibom.cdx.json", "CycloneDX", cyclonedx),
    ("ai-bom/spdx3-ai-example02.json", "SPDX", nothing),
    ("csaf/csaf-vex-example.json", "CSAF", csaf),
    ("csaf/dd-many.csaf.json", "CSAF", csaf),
    ("csaf/grype-csaf-vex.json", "CSAF", csaf),
    ("csaf/trivy-csaf-relationships.json", "CSAF", csaf),
    ("csaf/trivy-csaf.json", "CSAF", csaf),
    ("cyclonedx/bom-evinse-java.json", "CycloneDX", cyclonedx),
    ("cyclonedx/cisa-case-1-vex-affected.json", "CycloneDX", cyclonedx),
    ("cyclonedx/cisa-case-1-vex-fixed.json", "CycloneDX", cyclonedx),
    ("cyclonedx/cisa-case-1-vex-not_affected.json", "CycloneDX", cyclonedx),
    ("cyclonedx/cisa-case-1-vex-under_investigation.json", "CycloneDX", cyclonedx),
    ("cyclonedx/cisa-case-2.vex.json", "CycloneDX", cyclonedx),
    ("cyclonedx/cisa-case-3.vex.json", "CycloneDX", cyclonedx),
    ("cyclonedx/cisa-case-4.vex.json", "CycloneDX", cyclonedx),
    ("cyclonedx/cisa-case-5.vex.json", "CycloneDX", cyclonedx),
    ("cyclonedx/cisa-case-6.vex.json", "CycloneDX", cyclonedx),
    ("cyclonedx/dd-valid-vulnerability-1.4.json", "CycloneDX", cyclonedx),
    ("cyclonedx/saasbom.json", "CycloneDX", cyclonedx),
    ("cyclonedx/trivy-vex.cdx.json", "CycloneDX", cyclonedx),
    ("cyclonedx/valid-evidence-1.6.json", "CycloneDX", cyclonedx),
    ("cyclonedx/valid-evidence-1.7.json", "CycloneDX", cyclonedx),
    ("cyclonedx/valid-machine-learning-1.6.json", "CycloneDX", cyclonedx),
    ("cyclonedx/valid-service-1.6.json", "CycloneDX", cyclonedx),
    ("cyclonedx/valid-vulnerability-1.6.json", "CycloneDX", cyclonedx),
    ("cyclonedx/valid-vulnerability-1.6.xml", "CycloneDX", nothing),
    ("depscan/crapi.vex.json", "CycloneDX", cyclonedx),
    ("depscan/jinja-report.vdr.json", "CycloneDX", cyclonedx),
    ("depscan/vex-demo_bom.json", "CycloneDX", cyclonedx),
    ("govulncheck/binary.openvex.json", "OpenVEX", openvex),
    ("govulncheck/binary_call.json", "govulncheck", govulncheck),
    ("govulncheck/dd-issue_15033.json", "govulncheck", govulncheck),
    ("govulncheck/multi-stacks.json", "govulncheck", govulncheck),
    ("govulncheck/source_call.json", "govulncheck", govulncheck),
    ("govulncheck/source_call.openvex.json", "OpenVEX", openvex),
    ("govulncheck/source_module.json", "govulncheck", govulncheck),
    ("govulncheck/source_multientry.json", "govulncheck", govulncheck),
    ("govulncheck/source_replace.json", "govulncheck", govulncheck),
    ("govulncheck/source_vendored.json", "govulncheck", govulncheck),
    ("grype/grype-epss-kev.json", "Grype", nothing),
    ("openvex/dd-many.openvex.json", "OpenVEX", openvex),
    ("openvex/trivy-file-openvex.json", "OpenVEX", openvex),
    ("openvex/trivy-openvex-multiple.json", "OpenVEX", openvex),
    ("openvex/trivy-openvex-nested.json", "OpenVEX", openvex),
    ("openvex/trivy-openvex-oci.json", "OpenVEX", openvex),
    ("openvex/trivy-openvex.json", "OpenVEX", openvex),
    ("openvex/vex-repo-index.json", "VEX repository", nothing),
    ("openvex/vex-repository.json", "VEX repository", nothing),
    ("osv-scanner/dd-many.json", "OSV-Scanner", osv_scanner),
    ("osv-scanner/govulncheck-integration-called.json", "OSV-Scanner", osv_scanner),
    ("osv-scanner/mixed-called.json", "OSV-Scanner", osv_scanner),
    ("osv-scanner/no-call-data.json", "OSV-Scanner", osv_scanner),
    ("snyk/snyk-cli-epss.json", "Snyk", nothing),
    ("snyk/snyk_issue_api.json", "Snyk", snyk),
    ("snyk/uv-findings-response.json", "Snyk", snyk),
    ("trivy/gomod-vex.json", "Trivy", trivy),
    ("trivy/npm-with-suppressed.json", "Trivy", trivy),
];

#[test]
fn every_file_makes_as_many_statements_as_it_has() {
    let Some(folder) = shared("corpus/evidence") else { return };
    let tree = Tree::plain(&[]);
    for (name, format, count) in FILES {
        let loaded = loaded(&tree, folder.join(name));
        let evidence = &loaded.backlog.evidence;
        let formats: Vec<&str> = evidence.documents.iter().map(|document| document.format).collect();
        let wanted = count(&documents(&folder.join(name)));
        // A report that states nothing is a report alone.
        let is_alone = wanted.is_empty() && evidence.intel.is_empty() && ["Trivy", "Grype"].contains(format);
        assert_eq!(formats, if is_alone { Vec::new() } else { vec![*format] }, "{name}");
        let mut counts = Counts::new();
        for statement in &evidence.statements {
            add(&mut counts, statement.rung.name(), statement.polarity.name());
        }
        assert_eq!(counts, wanted, "{name}");
    }
}

#[test]
fn an_advisory_of_govulncheck_counts_at_its_most_precise_finding() {
    let Some(file) = shared("corpus/evidence/govulncheck/dd-issue_15033.json") else { return };
    let loaded = loaded(&Tree::plain(&[]), file);
    let evidence = &loaded.backlog.evidence;
    assert_eq!(evidence.statements.len(), 178);
    let mut best: BTreeMap<&str, &str> = BTreeMap::new();
    for statement in evidence.statements.iter().filter(|statement| statement.polarity.name() != "unknown") {
        let said = match (statement.rung.name(), statement.polarity.name()) {
            ("called", "yes") => "symbol",
            ("called", "no") => "package",
            ("imported", "no") => "module",
            other => panic!("{other:?}"),
        };
        let known = best.insert(&statement.subject.vulns[0], said);
        assert!(known.is_none_or(|known| known == said), "{statement:?} said otherwise");
    }
    let count = |level: &str| best.values().filter(|said| **said == level).count();
    assert_eq!([best.len(), count("symbol"), count("package"), count("module")], [71, 29, 16, 26]);
    for statement in evidence.statements.iter().filter(|statement| !statement.path.is_empty()) {
        let [first, .., last] = statement.path.as_slice() else { panic!("{statement:?}") };
        assert!(first.is_own && !last.is_own, "{statement:?}");
    }
}

#[test]
fn the_intelligence_of_a_report_is_that_of_its_advisories() {
    let Some(folder) = shared("corpus/evidence") else { return };
    let tree = Tree::plain(&[]);
    let of = |name: &str| {
        let loaded = loaded(&tree, folder.join(name));
        let words = loaded.backlog.evidence.intel.iter().map(|intel| intel.fact.words());
        let (epss, other): (Vec<String>, Vec<String>) = words.partition(|words| words.starts_with("EPSS"));
        (epss.len(), other.iter().filter(|words| words.contains("AV:")).count())
    };
    let file = |name: &str| documents(&folder.join(name)).remove(0);
    let grype = file("grype/grype-epss-kev.json");
    let mut ids = BTreeMap::new();
    for found in each(&grype["matches"]).map(|found| &found["vulnerability"]) {
        ids.insert(found["id"].as_str().unwrap(), (each(&found["epss"]).count(), each(&found["cvss"]).count()));
    }
    let sums = ids.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert_eq!(of("grype/grype-epss-kev.json"), sums);
    let osv = file("osv-scanner/dd-many.json");
    let severities = each(&osv["results"])
        .flat_map(|result| each(&result["packages"]))
        .flat_map(|package| each(&package["vulnerabilities"]))
        .map(|advisory| each(&advisory["severity"]).count());
    assert_eq!(of("osv-scanner/dd-many.json"), (0, severities.sum()));
    let snyk = file("snyk/snyk-cli-epss.json");
    let projects = std::iter::once(&snyk).chain(each(&snyk["applications"]));
    let mut ids = BTreeMap::new();
    for found in projects.flat_map(|project| each(&project["vulnerabilities"])) {
        let vectors = usize::from(found["CVSSv3"].is_string())
            + each(&found["cvssDetails"]).filter(|score| score["cvssV3Vector"].is_string()).count();
        ids.entry(found["id"].as_str().unwrap()).or_insert((usize::from(found["epssDetails"].is_object()), vectors));
    }
    let sums = ids.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert_eq!(of("snyk/snyk-cli-epss.json"), sums);
}

fn loaded(tree: &Tree, file: PathBuf) -> Loaded {
    load(&tree.repo(), &[Input::File(file)], &Options::default(), &Arc::new(Progress::default()))
}

/// The documents that stand in a file; none if it is no JSON.
fn documents(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap();
    serde_json::Deserializer::from_str(&text).into_iter().collect::<Result<_, _>>().unwrap_or_default()
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn add(counts: &mut Counts, rung: &str, polarity: &str) {
    *counts.entry(format!("{rung} {polarity}")).or_default() += 1;
}

fn nothing(_: &[Value]) -> Counts {
    Counts::new()
}

/// What a status and a justification say, in the words of OpenVEX.
fn verdict(status: &str, justification: Option<&str>) -> (&'static str, &'static str) {
    match (status, justification) {
        ("not_affected", Some("component_not_present")) | ("fixed", _) => ("present", "no"),
        ("not_affected", Some("vulnerable_code_not_present")) => ("imported", "no"),
        ("not_affected", Some(word)) if word.contains("controlled") || word.contains("mitigations") => {
            ("controllable", "no")
        }
        ("not_affected", _) => ("called", "no"),
        ("affected", _) => ("present", "yes"),
        _ => ("present", "unknown"),
    }
}

fn openvex(documents: &[Value]) -> Counts {
    let mut counts = Counts::new();
    for statement in each(&documents[0]["statements"]) {
        let (rung, polarity) = verdict(statement["status"].as_str().unwrap(), statement["justification"].as_str());
        for product in each(&statement["products"]) {
            for _ in 0..each(&product["subcomponents"]).count().max(1) {
                add(&mut counts, rung, polarity);
            }
        }
    }
    counts
}

fn csaf(documents: &[Value]) -> Counts {
    let mut counts = Counts::new();
    for vulnerability in each(&documents[0]["vulnerabilities"]) {
        for (kind, products) in vulnerability["product_status"].as_object().unwrap() {
            for product in each(products) {
                let about = |remark: &&Value| {
                    remark["product_ids"].is_null() || each(&remark["product_ids"]).any(|id| id == product)
                };
                let flag = each(&vulnerability["flags"]).find(about).and_then(|flag| flag["label"].as_str());
                let threat = each(&vulnerability["threats"]).find(about).and_then(|threat| threat["details"].as_str());
                let (rung, polarity) = verdict(kind.trim_start_matches("known_"), flag.or(threat));
                add(&mut counts, rung, polarity);
            }
        }
    }
    counts
}

fn cyclonedx(documents: &[Value]) -> Counts {
    let mut counts = Counts::new();
    for vulnerability in each(&documents[0]["vulnerabilities"]) {
        let analysis = &vulnerability["analysis"];
        let (rung, polarity) = match (analysis["state"].as_str(), analysis["justification"].as_str()) {
            (None, _) => continue,
            (Some("not_affected"), Some("code_not_present")) => ("imported", "no"),
            (Some("not_affected"), _) => ("called", "no"),
            (Some("exploitable"), _) => ("present", "yes"),
            (Some("resolved"), _) => ("present", "no"),
            (Some("in_triage"), _) => ("present", "unknown"),
            other => panic!("{other:?}"),
        };
        for affected in each(&vulnerability["affects"]) {
            // Those that name versions of a product without one are left open.
            let is_open = affected["ref"] == "product-ABC" && affected["versions"].is_array() && polarity == "no";
            add(&mut counts, rung, if is_open { "unknown" } else { polarity });
        }
    }
    for component in each(&documents[0]["components"]) {
        for occurrence in each(&component["evidence"]["occurrences"]) {
            let is_use = occurrence["line"].is_u64() || occurrence["location"].as_str().unwrap().contains('#');
            add(&mut counts, if is_use { "imported" } else { "present" }, "yes");
        }
        if component["evidence"]["callstack"]["frames"].is_array() {
            add(&mut counts, "called", "yes");
        }
    }
    services(&documents[0]["services"], &mut counts);
    counts
}

fn services(all: &Value, counts: &mut Counts) {
    for service in each(all) {
        match service["x-trust-boundary"].as_bool() {
            Some(true) => add(counts, "exposed", "yes"),
            Some(false) => add(counts, "exposed", "no"),
            None if service["endpoints"].is_array() => add(counts, "exposed", "unknown"),
            None => {}
        }
        services(&service["services"], counts);
    }
}

fn govulncheck(messages: &[Value]) -> Counts {
    let depth = |finding: &Value| {
        let flaw = &finding["trace"][0];
        usize::from(flaw["package"].is_string()) + usize::from(flaw["function"].is_string())
    };
    let level = messages.iter().find_map(|message| message["config"]["scan_level"].as_str()).unwrap();
    let findings = || messages.iter().map(|message| &message["finding"]).filter(|finding| finding.is_object());
    let mut counts = Counts::new();
    for finding in findings() {
        let best = findings().filter(|other| other["osv"] == finding["osv"]).map(depth).max().unwrap();
        let own = depth(finding);
        let is_open = own < best || (level == "module" && own == 0);
        let polarity = if own == 2 { "yes" } else { "no" };
        add(&mut counts, if own == 0 { "imported" } else { "called" }, if is_open { "unknown" } else { polarity });
    }
    counts
}

fn osv_scanner(documents: &[Value]) -> Counts {
    let mut counts = Counts::new();
    let results = each(&documents[0]["results"]).flat_map(|result| each(&result["packages"]));
    for group in results.chain(each(&documents[0])).flat_map(|package| each(&package["groups"])) {
        let analysis = ["experimental_analysis", "experimentalAnalysis"].map(|key| group[key].as_object());
        let mut said = analysis.into_iter().flatten().flat_map(|ids| ids.values()).map(|one| one["called"] == true);
        let polarity = match (said.clone().next(), said.any(|is_called| is_called)) {
            (None, _) => "unknown",
            (Some(_), true) => "yes",
            (Some(_), false) => "no",
        };
        add(&mut counts, "called", polarity);
    }
    counts
}

fn snyk(documents: &[Value]) -> Counts {
    let mut counts = Counts::new();
    for attributes in each(&documents[0]["data"]).map(|issue| &issue["attributes"]) {
        for known in each(&attributes["coordinates"]).chain(each(&attributes["evidence"])) {
            if let Some(word) = known["reachability"].as_str() {
                assert!(word.starts_with("not"), "{word}");
                add(&mut counts, "called", "unknown");
            }
        }
    }
    counts
}

fn trivy(documents: &[Value]) -> Counts {
    let mut counts = Counts::new();
    let results = each(&documents[0]["Results"]);
    for modified in results.flat_map(|result| each(&result["ExperimentalModifiedFindings"])) {
        let (rung, polarity) = verdict(modified["Status"].as_str().unwrap(), modified["Statement"].as_str());
        add(&mut counts, rung, polarity);
    }
    counts
}
