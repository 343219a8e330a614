//! Statements that name only what runs: an image, a workload, a program.

use quell::model::evidence::{Polarity, Rung};
use quell::model::exposure::Exposure;
use quell::model::reach::{Held, Lane, Note, Reach, Row};

use super::verdict::{Case, result, sarif};

const DOCKERFILE: &str = "FROM scratch\nCOPY . .\n";

/// A deployment in a namespace, with no way in.
fn deployment(namespace: &str, name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\n\
         spec: {{template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: [{{image: {image}}}]}}}}}}\n---\n"
    )
}

/// Two folders that are built and run; a finding in each, and what was seen.
fn case(seen: &[(&str, &str)]) -> Case {
    let results = [result("cart", "error", "cart/app.py", ""), result("pay", "error", "pay/app.py", "")];
    let report = sarif("scanner", &results);
    let manifests = deployment("shop", "cart", "registry.example/team/cart:1")
        + &deployment("bank", "pay", "registry.example/team/pay:1");
    let skaffold = "apiVersion: skaffold/v4beta6\nbuild: {artifacts: [{image: team/cart, context: cart}, \
                    {image: team/pay, context: pay}]}\n";
    let files = [
        ("in/a.sarif", report.as_str()),
        ("k8s.yaml", manifests.as_str()),
        ("skaffold.yaml", skaffold),
        ("cart/Dockerfile", DOCKERFILE),
        ("pay/Dockerfile", DOCKERFILE),
    ];
    Case::of(&[&files[..], seen].concat())
}

fn flow(namespace: &str, workload: &str, verdict: &str) -> String {
    format!(
        r#"{{"flow":{{"verdict":"{verdict}","source":{{"labels":["reserved:world"]}},"destination":{{"namespace":"{namespace}","pod_name":"x-1","workloads":[{{"name":"{workload}"}}]}},"l4":{{"TCP":{{"destination_port":80}}}},"traffic_direction":"INGRESS"}},"time":"2026-04-24T14:00:00Z"}}"#
    )
}

/// The rows of a finding whose statement names what runs.
fn rows(case: &Case, rule: &str) -> Vec<Row> {
    case.why(rule).evidence.into_iter().filter(|row| row.scope.is_some()).collect()
}

#[test]
fn traffic_from_outside_proves_that_a_workload_is_exposed() {
    let case = case(&[("in/hubble.json", &flow("shop", "cart", "FORWARDED"))]);
    assert_eq!(case.judged("pay").exposure, Exposure::Internal);
    let judged = case.judged("cart");
    assert_eq!((judged.exposure, judged.rungs.get(Rung::Exposed)), (Exposure::Internet, Held::Both));
    assert!(judged.has(Note::Conflict), "the files say that nothing leads to it");
    assert_eq!(judged.reach, Reach::Unknown, "that a service is reached says nothing of one line");
    assert_eq!(case.desk.joined(&case.loaded.board), [1]);
    let row = &rows(&case, "cart")[0];
    assert_eq!((row.strength, row.polarity, row.file.as_str()), (4, Polarity::Yes, "in/hubble.json"));
    assert!(row.scope.as_deref().unwrap().contains("the workload shop/cart"), "{:?}", row.scope);
}

#[test]
fn findings_that_are_alike_but_for_where_they_run_are_judged_apart() {
    let same = ["cart/b.py", "pay/b.py"].map(|path| result("same", "error", path, ""));
    let more = sarif("other", &same);
    let case = case(&[("in/b.sarif", &more), ("in/hubble.json", &flow("shop", "cart", "FORWARDED"))]);
    let board = &case.loaded.board;
    let of = |path: &str| {
        let mut findings = (0..).take(board.backlog.findings.len());
        let finding = findings.find(|finding| board.backlog.path(board.lead(*finding)) == path).unwrap();
        board.judged(finding).unwrap().exposure
    };
    assert_eq!((of("cart/b.py"), of("pay/b.py")), (Exposure::Internet, Exposure::Internal));
}

#[test]
fn what_may_be_another_thing_of_that_name_is_about_none() {
    for (namespace, workload, verdict) in [
        ("bank", "cart", "FORWARDED"),
        ("shop", "car", "FORWARDED"),
        ("shop", "cart", "DROPPED"),
        ("", "cart", "FORWARDED"),
    ] {
        let case = case(&[("in/hubble.json", &flow(namespace, workload, verdict))]);
        assert_eq!(case.judged("cart").exposure, Exposure::Internal, "{namespace} {workload} {verdict}");
        assert!(rows(&case, "cart").is_empty(), "{namespace} {workload} {verdict}");
        assert!(case.desk.joined(&case.loaded.board).iter().all(|findings| *findings == 0));
    }
}

fn alert(image: &str) -> String {
    format!(
        r#"{{"rule":"Shell","priority":"Warning","time":"2026-04-24T14:00:00Z","output":"x","output_fields":{{"container.image.repository":"{image}","container.image.tag":"9"}}}}"#
    )
}

#[test]
fn an_alert_in_a_container_says_that_its_code_is_there_and_no_more() {
    for image in ["registry.example/team/cart", "mirror.example:5000/team/cart", "cart"] {
        let case = case(&[("in/falco.json", &alert(image))]);
        let judged = case.judged("cart");
        assert_eq!((judged.reach, judged.rungs.get(Rung::Present)), (Reach::Unknown, Held::Yes), "{image}");
        assert_eq!(judged.rungs.get(Rung::Executed), Held::Nothing);
        let rows = rows(&case, "cart");
        assert_eq!((rows.len(), rows[0].words.as_str()), (1, "present: what it goes into runs: Shell, Warning"));
        assert_eq!(case.judged("pay").rungs.get(Rung::Present), Held::Nothing);
    }
    for image in ["team/cart-worker", "other/cart", "registry.example/cart/team"] {
        let case = case(&[("in/falco.json", &alert(image))]);
        assert!(rows(&case, "cart").is_empty() && rows(&case, "pay").is_empty(), "{image}");
    }
}

/// An alert whose rule names an advisory is about that, in what goes into the image.
#[test]
fn an_alert_that_names_an_advisory_says_that_it_was_exploited() {
    let of = |rule: &str, path: &str| {
        result(rule, "warning", path, r#", "properties": {"purl": "pkg:pypi/left@1.0", "security-severity": "4.0"}"#)
    };
    let more =
        sarif("more", &[of("CVE-2022-1001", "cart/requirements.txt"), of("CVE-2022-1002", "cart/requirements.txt")]);
    let shell = alert("registry.example/team/cart");
    for (seen, reach) in [
        (shell.replace("\"Shell\"", "\"Shell after CVE-2022-1001\""), Reach::Exploited),
        (shell.replace("\"priority\"", "\"tags\": [\"shell\", \"cve-2022-1001\"], \"priority\""), Reach::Exploited),
        (shell.clone(), Reach::Unknown),
        (alert("registry.example/team/pay").replace("\"Shell\"", "\"Shell after CVE-2022-1001\""), Reach::Unknown),
    ] {
        let case = case(&[("in/more.sarif", &more), ("in/falco.json", &seen)]);
        let judged = case.judged("CVE-2022-1001");
        let lane = if reach == Reach::Exploited { Lane::ActNow } else { Lane::Scheduled };
        assert_eq!((judged.reach, judged.lane), (reach, lane), "{seen}: {:?}", case.why("CVE-2022-1001").evidence);
        assert_eq!(case.judged("CVE-2022-1002").reach, Reach::Unknown);
        assert_eq!(case.why("CVE-2022-1001").lane.contains("was seen to exploit it here"), reach == Reach::Exploited);
    }
}

fn exec(binary: &str, image: &str) -> String {
    format!(
        r#"{{"process_exec":{{"process":{{"binary":"{binary}","pod":{{"namespace":"shop","name":"x-1","container":{{"image":{{"id":"docker.io/{image}@sha256:aa","name":"{image}:1"}}}}}}}}}},"time":"2026-04-24T14:00:00Z"}}"#
    )
}

#[test]
fn a_program_that_runs_has_its_package_loaded() {
    let of = |rule: &str, path: &str, name: &str, purl: &str| {
        let purl = if purl.is_empty() { String::new() } else { format!(r#", "purl": "{purl}""#) };
        let package = format!(r#", "properties": {{"packageName": "{name}", "packageVersion": "1.0"{purl}}}"#);
        result(rule, "error", path, &package)
    };
    let results = [
        of("CVE-2022-1", "cart/lib/apk/db/installed", "curl", "pkg:apk/alpine/curl@1.0"),
        of("CVE-2022-2", "cart/lib/apk/db/installed", "zlib", "pkg:apk/alpine/zlib@1.0"),
        of("CVE-2022-3", "app/server", "golang.org/x/net", "pkg:golang/golang.org/x/net@1.0"),
        of("CVE-2022-4", "app/package-lock.json", "curl", "pkg:npm/curl@1.0"),
    ];
    let report = |image: &str| {
        let properties = format!(r#""properties": {{"imageName": "{image}"}}, "results""#);
        sarif("Trivy", &results).replace(r#""results""#, &properties)
    };
    let runs = exec("/usr/bin/curl", "team/cart") + "\n" + &exec("/app/server", "team/cart") + "\n";
    let case = Case::of(&[("in/a.sarif", &report("team/cart:1")), ("in/tetragon.json", &runs)]);
    let loaded = |case: &Case, rule: &str| case.judged(rule).rungs.get(Rung::Loaded);
    assert_eq!(loaded(&case, "CVE-2022-1"), Held::Yes);
    assert_eq!(loaded(&case, "CVE-2022-2"), Held::Nothing, "no program of it ran");
    assert_eq!(loaded(&case, "CVE-2022-3"), Held::Yes, "it is part of that file");
    assert_eq!(loaded(&case, "CVE-2022-4"), Held::Nothing, "a library of that name is no program");
    assert_eq!(case.judged("CVE-2022-1").reach, Reach::Unknown, "loaded is not called");
    let why = case.why("CVE-2022-3");
    let row = why.evidence.iter().find(|row| row.rung == Rung::Loaded).unwrap();
    assert!(row.scope.as_deref().unwrap().contains("/app/server of the image docker.io/team/cart"), "{row:?}");
    let other = Case::of(&[("in/a.sarif", &report("team/pay:1")), ("in/tetragon.json", &runs)]);
    for rule in ["CVE-2022-1", "CVE-2022-3"] {
        assert_eq!(loaded(&other, rule), Held::Nothing, "{rule} of another image");
    }
}

#[test]
fn a_package_in_another_image_decides_nothing() {
    let vex = |image: &str| {
        format!(
            r#"{{"apiVersion":"spdx.softwarecomposition.kubescape.io/v1beta1","kind":"OpenVulnerabilityExchangeContainer","spec":{{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"k","timestamp":"2026-01-01T00:00:00Z","version":1,"statements":[{{"vulnerability":{{"name":"CVE-2022-1"}},"products":[{{"@id":"{image}@sha256:aa","subcomponents":[{{"@id":"pkg:npm/left@1.0.0"}}]}}],"status":"affected","impact_statement":"Vulnerable component is loaded into the memory"}}]}}}}"#
        )
    };
    let package = r#", "properties": {"packageName": "left", "packageVersion": "1.0.0"}"#;
    let of = |image: &str| {
        let report = sarif("s", &[result("CVE-2022-1", "error", "cart/package-lock.json", package)]);
        let pod = deployment("shop", "cart", "registry.example/team/cart:1");
        Case::of(&[
            ("in/b.sarif", &report),
            ("in/vex.json", &vex(image)),
            ("cart/Dockerfile", DOCKERFILE),
            ("k8s.yaml", &pod),
        ])
    };
    let row = |case: &Case| {
        let why = case.why("CVE-2022-1");
        why.evidence.iter().find(|row| row.rung == Rung::Loaded).cloned().expect("it is shown")
    };
    assert_eq!(row(&of("registry.example/team/cart")).strength, 4);
    let other = row(&of("registry.example/team/pay"));
    assert_eq!(other.strength, 1);
    assert!(other.doubt.as_deref().unwrap().contains("another image"), "{other:?}");
}
