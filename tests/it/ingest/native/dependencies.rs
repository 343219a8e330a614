//! Reports about dependencies: package, advisory, versions, and the line that pins the package.

use quell::ingest::load::Loaded;
use quell::model::backlog::Record;

use super::{details, loaded, property, tree};
use crate::ingest::reading::{load_files, problems, rows};
use crate::support::tree::Tree;

/// Loads one report about `locks/`, which has to be without a problem.
fn read(report: &str) -> Loaded {
    let tree = tree("locks", &[report]);
    let loaded = loaded(&tree, &[report]);
    assert_eq!(problems(&loaded), [""; 0], "{report}");
    loaded
}

/// What a result says of its package: name, version, URL, advisories, the advice.
fn package(loaded: &Loaded, result: u32) -> [String; 5] {
    let package = loaded.backlog.package_of(result).unwrap();
    let advice: Vec<String> =
        loaded.reader.detail(&loaded.backlog, result).unwrap().fixes.into_iter().map(|fix| fix.title).collect();
    [
        package.name.clone(),
        package.version.clone().unwrap_or_default(),
        package.purl.clone().unwrap_or_default(),
        loaded.backlog.advisories_of(result).join(" "),
        advice.join("; "),
    ]
}

const DEBUG: [&str; 3] = ["debug", "3.0.1", "pkg:npm/debug@3.0.1"];

#[test]
fn trivy() {
    let loaded = read("trivy.json");
    let short: Vec<String> = rows(&loaded).iter().map(|row| row.lines().next().unwrap().to_owned()).collect();
    assert_eq!(
        short,
        [
            "CVE-2017-20165 package-lock.json:7:1 error high package: debug",
            "CVE-2017-16137 package-lock.json:7:1 note low package: debug",
            "DS002 Dockerfile:1:1 error high artifact: dockerfile",
            "DS026 Dockerfile:1:1 none low artifact: dockerfile",
            "aws-access-key-id settings.py:3:1 error critical artifact: settings.py",
        ]
    );
    let [name, version, purl] = DEBUG;
    let advice = "upgrade debug to 3.1.0 or 2.6.9";
    assert_eq!(package(&loaded, 0), [name, version, purl, "CVE-2017-20165 GHSA-9vvw-cc9w-f27h", advice]);
    assert_eq!(loaded.backlog.rules[0].cwe, [1333]);
    let backlog = &loaded.backlog;
    let suppressed: Vec<bool> = backlog.results.iter().map(Record::is_suppressed).collect();
    assert_eq!(suppressed, [false, true, false, false, false]);
    let why = &details(&loaded)[1].suppressions[0];
    assert_eq!(why.justification.as_deref(), Some("not_affected: vulnerable_code_not_in_execute_path"));
    let kinds: Vec<&str> = backlog.results.iter().map(|record| record.kind().name()).collect();
    assert_eq!(kinds, ["fail", "fail", "fail", "pass", "fail"]);
    let categories: Vec<&str> = backlog.results.iter().map(|record| record.category().name()).collect();
    assert_eq!(categories, ["dependency", "dependency", "iac", "iac", "secret"]);
    assert_eq!(backlog.pointer(2), "/Results/1/Misconfigurations/0");
    assert_eq!(backlog.reports[0].made.unwrap().to_string(), "2026-11-20T08:00:00Z");
}

#[test]
fn grype() {
    let loaded = read("grype.json");
    assert_eq!(
        rows(&loaded),
        [
            "GHSA-9vvw-cc9w-f27h-debug package-lock.json:1:1 error high a high vulnerability in npm package: debug, version 3.0.1 was found in at: package-lock.json",
            "GHSA-gxpj-cx7g-858c-debug package-lock.json:1:1 note low a low vulnerability in npm package: debug, version 3.0.1 was found in at: package-lock.json",
        ]
    );
    let [name, version, purl] = DEBUG;
    assert_eq!(
        package(&loaded, 0),
        [name, version, purl, "CVE-2017-20165 GHSA-9vvw-cc9w-f27h", "upgrade debug to 3.1.0"]
    );
    let details = details(&loaded);
    assert_eq!(property(&details[0], "epss"), "0.00413");
    assert_eq!(details[0].related[0].region.line, 7);
    assert_eq!(details[1].suppressions[0].justification.as_deref(), Some("not_affected, only in tests"));
}

#[test]
fn npm() {
    let loaded = read("npm-audit.json");
    assert_eq!(
        rows(&loaded),
        [
            "GHSA-9vvw-cc9w-f27h package-lock.json:7:0 error high debug >=3.0.0 <3.1.0: debug inefficient regular expression complexity vulnerability",
            "GHSA-w9mr-4mfr-499f package-lock.json:11:0 warning medium ms <2.0.0: vercel ms inefficient regular expression complexity vulnerability",
        ]
    );
    let [name, version, purl] = DEBUG;
    let advice = "upgrade debug to 4.4.3, a new major version";
    assert_eq!(package(&loaded, 0), [name, version, purl, "GHSA-9vvw-cc9w-f27h", advice]);
    assert_eq!(package(&loaded, 1)[2], "pkg:npm/ms@2.0.0");
    assert_eq!(loaded.backlog.pointer(1), "/vulnerabilities/ms/via/0");
    let old = read("npm-audit-6.json");
    assert_eq!(
        package(&old, 0),
        [name, version, purl, "CVE-2017-20165 GHSA-9vvw-cc9w-f27h", "upgrade debug to >=3.1.0"]
    );
    assert_eq!(old.backlog.results[0].line, 7);
}

#[test]
fn pip() {
    let loaded = read("pip-audit.json");
    assert_eq!(
        rows(&loaded),
        [
            "PYSEC-2021-142 requirements.txt:2:0 error high pyyaml 5.3.1: pysec-2021-142: arbitrary code runs when untrusted yaml is read with full_load."
        ]
    );
    let advisories = "CVE-2020-14343 GHSA-8q59-q68h-6hv4 PYSEC-2021-142";
    assert_eq!(package(&loaded, 0), ["pyyaml", "5.3.1", "pkg:pypi/pyyaml@5.3.1", advisories, "upgrade pyyaml to 5.4"]);
}

/// pip-audit names no file: a part of the repository that pins the package is where it is, if there is one alone.
#[test]
fn a_package_of_pip_lies_in_the_list_of_the_part_that_pins_it() {
    let place = |files: &[(&str, &str)]| {
        let report = r#"{"dependencies": [{"name": "PyYAML", "version": "5.3.1", "vulns": [{"id": "PYSEC-1"}]}]}"#;
        let tree = Tree::git(&[files, &[("reports/a.json", report)]].concat());
        let loaded = load_files(&tree, &["reports/a.json"]);
        let record = &loaded.backlog.results[0];
        format!("{}:{}", loaded.backlog.path(record), record.line)
    };
    let (pins, other) = ("flask==1\npyyaml==5.3.1\n", "pyyaml==6.0\n");
    assert_eq!(
        place(&[("web/requirements.txt", pins), ("job/requirements/base.txt", other)]),
        "web/requirements.txt:2"
    );
    assert_eq!(place(&[("web/requirements.txt", pins), ("job/requirements.txt", pins)]), "requirements.txt:0");
    assert_eq!(place(&[("web/requirements.txt", pins), ("requirements.txt", pins)]), "requirements.txt:2");
    assert_eq!(place(&[("web/notes.txt", pins)]), "requirements.txt:0");
}

#[test]
fn cargo() {
    let loaded = read("cargo-audit.json");
    assert_eq!(
        rows(&loaded),
        [
            "RUSTSEC-2020-0071 Cargo.lock:1:0 error high time 0.1.43 is vulnerable to rustsec-2020-0071 (potential segfault in the time crate)",
            "RUSTSEC-2024-0375 Cargo.lock:1:0 warning medium atty 0.2.14 has a unmaintained warning: `atty` is unmaintained",
            "yanked Cargo.lock:1:0 warning medium crossbeam 0.4.0 has a yanked warning",
        ]
    );
    let pinned: Vec<u32> =
        details(&loaded).iter().flat_map(|detail| &detail.related).map(|at| at.region.line).collect();
    assert_eq!(pinned, [8, 4]);
    let advisories = "CVE-2020-26235 GHSA-wcg3-cvx6-7396 RUSTSEC-2020-0071";
    assert_eq!(
        package(&loaded, 0),
        ["time", "0.1.43", "pkg:cargo/time@0.1.43", advisories, "upgrade time to >=0.2.23"]
    );
}

#[test]
fn what_two_tools_say_of_one_advisory_is_one_finding_where_they_name_one_file() {
    let tree = tree("locks", &["trivy.json", "npm-audit.json"]);
    let both = loaded(&tree, &["trivy.json", "npm-audit.json"]);
    let mut findings = (0..).take(both.backlog.findings.len());
    let joined = findings.find(|finding| both.backlog.members(*finding).len() == 2).unwrap();
    let tools: Vec<&str> = both
        .backlog
        .members(joined)
        .iter()
        .map(|at| *both.backlog.record(*at))
        .map(|record| both.backlog.tool(&record).name.as_str())
        .collect();
    assert_eq!(tools, ["Trivy", "npm audit"]);
}
