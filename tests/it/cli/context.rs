//! `context`, and what `evidence` says of where code runs.

use super::shop::{program, quell, ran};
use crate::support::tree::Tree;

const DOCKERFILE: &str = "FROM debian\nCOPY . .\n";
const COMPOSE: &str =
    "services:\n  web: {build: web, ports: ['80:80', '127.0.0.1:9229:9229']}\n  jobs: {build: jobs}\n";

fn tree() -> Tree {
    Tree::plain(&[
        ("web/Dockerfile", DOCKERFILE),
        ("jobs/Dockerfile", DOCKERFILE),
        ("lost/Dockerfile", DOCKERFILE),
        ("compose.yaml", COMPOSE),
    ])
}

#[test]
fn the_text_goes_from_the_internet_to_the_folders() {
    let ran = quell(&tree(), &["context", "--no-git"]).ok();
    let expected = "\
internet
  port 80:80 of web  compose.yaml:2, the port 80:80 is open on all addresses of the host
    compose service web  compose.yaml:2, leads to it
      container web  runs it
        image web  is this image
          folder web/  web/Dockerfile:1, is built from it there

reached by the internet: 1 folder
  web/  port 80:80 of web: the port 80:80 is open on all addresses of the host

unknown: 1 folder
  lost/  nothing that was read says where it runs

internal: 1 folder
  jobs/  no service, port or route leads to compose service jobs
";
    assert_eq!((ran.out.as_str(), ran.err.as_str()), (expected, ""));
}

#[test]
fn json_has_nodes_edges_and_a_chain_for_each_folder() {
    let json = quell(&tree(), &["context", "--format", "json"]).ok().json();
    let names: Vec<&str> =
        json["nodes"].as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap()).collect();
    assert_eq!(names[0], "internet");
    let web = &json["contexts"][2];
    assert_eq!(
        (web["path"].as_str(), web["exposure"].as_str(), web["strength"].as_u64()),
        (Some("web/"), Some("internet"), Some(3))
    );
    let chain: Vec<usize> =
        web["chain"].as_array().unwrap().iter().map(|id| usize::try_from(id.as_u64().unwrap()).unwrap()).collect();
    assert_eq!(
        chain.iter().map(|&id| names[id]).collect::<Vec<_>>(),
        ["internet", "port 80:80 of web", "compose service web", "web", "web", "web/"]
    );
    for pair in chain.windows(2) {
        let is_edge =
            |edge: &serde_json::Value| edge["from"] == pair[0] && edge["to"] == pair[1] && edge["why"].is_string();
        assert!(json["edges"].as_array().unwrap().iter().any(is_edge), "{pair:?}");
    }
    let entry = &json["nodes"][chain[1]];
    assert_eq!(
        (entry["kind"].as_str(), entry["file"].as_str(), entry["line"].as_u64()),
        (Some("entry"), Some("compose.yaml"), Some(2))
    );
    assert_eq!(json["problems"].as_array().unwrap().len(), 0);
}

#[test]
fn names_cannot_leave_their_quotes() {
    let evil = "services:\n  \"w\\\"]; x [label=\\\"\\\\\":\n    {image: \"i\\e[31m\\u202e\", ports: ['80:80']}\n";
    let tree = Tree::plain(&[("compose.yaml", evil)]);
    for format in ["text", "json", "dot"] {
        let out = quell(&tree, &["context", "--format", format]).ok().out;
        assert!(!out.contains('\x1b') && !out.contains('\u{202e}'), "{out}");
    }
    let dot = quell(&tree, &["context", "--format", "dot"]).ok().out;
    assert!(dot.starts_with("digraph exposure {") && dot.ends_with("}\n"));
    assert!(dot.contains(r#"label="container\nw\"]; x [label=\"\\""#), "{dot}");
    for line in dot.lines().filter(|line| line.contains("label=")) {
        let plain = line.replace("\\\\", "").replace("\\\"", "");
        assert_eq!(plain.matches('"').count(), 2, "{line}");
    }
}

#[test]
fn a_dump_of_a_cluster_is_an_input() {
    let tree = Tree::git(&[("web/Dockerfile", DOCKERFILE)]);
    let dump = r"apiVersion: v1
items:
- apiVersion: v1
  kind: Service
  metadata: {name: web}
  spec: {type: LoadBalancer, selector: {app: web}}
- apiVersion: v1
  kind: Pod
  metadata: {name: web, labels: {app: web}}
  spec: {containers: [{name: c, image: 'r.example/web:1'}]}
kind: List
";
    std::fs::write(tree.state().join("dump.yaml"), dump).unwrap();
    let file = tree.state().join("dump.yaml");
    let with = |format: &str| ran(program(&tree).args(["context", "--format", format]).arg(&file)).ok();
    assert!(with("text").out.contains("reached by the internet: 1 folder\n  web/"), "{}", with("text").out);
    let json = with("json").json();
    assert!(json["nodes"].as_array().unwrap().iter().any(|node| node["pointer"] == "/items/0"));
    // In the root a dump is a report, and a manifest is none.
    let volume = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  volumes:\n  - configMap:\n      items: []\n";
    let root = Tree::git(&[("pod.yaml", volume), ("dump.yaml", dump)]);
    let listed = quell(&root, &["evidence"]).ok().out;
    assert!(listed.starts_with("dump.yaml") && !listed.contains("pod.yaml"), "{listed}");
    let kept = Tree::git(&[
        ("web/Dockerfile", DOCKERFILE),
        (".quell/reports/rendered.yaml", &dump.replace("kind: List\n", "")),
    ]);
    let cut = quell(&kept, &["context"]);
    assert!(cut.out.contains("reached by the internet: 1 folder"));
    assert_eq!((cut.code, cut.err.lines().count()), (3, 1), "its end is missing: {}", cut.err);
}

#[test]
fn templates_are_named_and_nothing_is_guessed() {
    let tree = Tree::plain(&[
        ("web/Dockerfile", DOCKERFILE),
        ("chart/templates/web.yaml", "apiVersion: v1\nkind: Service\nspec:\n  type: {{ .Values.type }}\n"),
    ]);
    let ran = quell(&tree, &["context"]).ok();
    assert!(ran.out.contains("unknown: 1 folder\n  web/"), "{}", ran.out);
    assert!(ran.err.contains("chart/templates/") && ran.err.contains("helm template"), "{}", ran.err);
}

#[test]
fn a_tree_without_deployment_files_says_so() {
    let out = quell(&Tree::plain(&[("a.py", "")]), &["context"]).ok().out;
    assert!(out.starts_with("no file that builds or deploys something was found"), "{out}");
}

#[test]
fn evidence_lists_where_code_runs_behind_what_files_say() {
    let tree = tree();
    tree.write("kev.csv", "cveID,dateAdded\nCVE-2021-1,2021-01-01\n");
    let table = quell(&tree, &["evidence", "kev.csv"]).ok().out;
    let (files, graph) = table.split_once("\ndeployment files  exposure graph: 3 statements\n").unwrap();
    assert!(files.starts_with("kev.csv"), "{table}");
    assert_eq!(graph.lines().count(), 3);
    let json = quell(&tree, &["evidence", "kev.csv", "--format", "json"]).ok().json();
    let exposed: Vec<&serde_json::Value> =
        json.as_array().unwrap().iter().filter(|one| one["rung"] == "exposed").collect();
    let said =
        |one: &serde_json::Value| (one["subject"]["path"].clone(), one["polarity"].clone(), one["strength"].clone());
    assert_eq!(
        exposed.into_iter().map(said).collect::<Vec<_>>(),
        [
            ("jobs/".into(), "no".into(), 2.into()),
            ("lost/".into(), "unknown".into(), 1.into()),
            ("web/".into(), "yes".into(), 3.into())
        ]
    );
}

#[test]
fn of_the_sample_project_two_folders_are_reached() {
    let tree = Tree::plain(&[]);
    quell(&tree, &["demo", "shop", "--no-open"]).ok();
    let json = ran(program(&tree).args(["context", "--format", "json", "--repo", "shop"])).ok().json();
    let said = |one: &serde_json::Value| {
        (one["path"].as_str().unwrap().to_owned(), one["exposure"].as_str().unwrap().to_owned())
    };
    let contexts: Vec<(String, String)> = json["contexts"].as_array().unwrap().iter().map(said).collect();
    let expected = [("backend/", "internet"), ("payments/", "internal"), ("storefront/", "internet")];
    assert_eq!(contexts, expected.map(|(path, exposure)| (path.to_owned(), exposure.to_owned())));
    let open: Vec<u64> = json["contexts"].as_array().unwrap().iter().map(|one| one["open"].as_u64().unwrap()).collect();
    let listed = |service: &str| {
        let query = format!("is:open service:{service}");
        let args = ["list", "-q", &query, "--format", "json", "--repo", "shop"];
        ran(program(&tree).args(args)).ok().json().as_array().unwrap().len() as u64
    };
    assert_eq!(open, ["backend", "payments", "storefront"].map(listed));
    assert!(open[0] > 50);
    // The cluster decides, not the ports of a developer's machine.
    let names = |id: &serde_json::Value| {
        json["nodes"][usize::try_from(id.as_u64().unwrap()).unwrap()]["name"].as_str().unwrap().to_owned()
    };
    let chain: Vec<String> = json["contexts"][0]["chain"].as_array().unwrap().iter().map(names).collect();
    assert_eq!(chain[..3], ["internet", "Ingress shop", "Service shop/backend"]);
}

/// Names that no cluster has, and words of a VEX, look like no line of ours.
#[test]
fn a_line_break_of_a_stranger_makes_no_line() {
    let forged = "unreached: an analysis of the tree as it is found no way to it";
    let compose = format!("services:\n  \"web\\n{forged}\": {{build: web, ports: ['80:80']}}\n");
    let sarif = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "s"}}, "results": [{"ruleId": "CVE-2022-1001",
        "level": "error", "message": {"text": "m"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri":
        "web/app.js"}, "region": {"startLine": 1}}}], "properties": {"purl": "pkg:npm/left@1.0.0"}}]}]}"#;
    let vex = r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "a", "timestamp": "2024-01-01T00:00:00Z",
        "version": 1, "statements": [{"vulnerability": {"name": "CVE-2022-1001"}, "status": "not_affected",
        "impact_statement": "harmless\nFORGED", "products": [{"@id": "pkg:npm/left@1.0.0"}]}]}"#;
    let tree = Tree::plain(&[
        ("compose.yaml", &compose),
        ("web/Dockerfile", DOCKERFILE),
        ("web/app.js", "1\n"),
        ("in/a.sarif", sarif),
        ("in/vex.json", &vex.replace("FORGED", forged)),
    ]);
    let list = quell(&tree, &["list", "in", "--format", "json"]).ok().json();
    let id = list[0]["id"].as_str().unwrap();
    for command in [&["context"][..], &["explain", id, "in"]] {
        let out = quell(&tree, command).ok().out;
        assert!(out.contains(forged) && !out.contains(&format!("\n{forged}")), "{command:?}: {out}");
    }
}

/// A dump that is named is read as a report is, wherever it lies and however large it is; one that is cut off is told.
#[test]
fn a_named_dump_in_the_repository_is_read_whole() {
    let filler = "x".repeat(3 << 20);
    let item = |kind: &str, spec: &str| {
        format!(
            r#"{{"apiVersion": "v1", "kind": "{kind}", "metadata": {{"name": "web", "annotations": {{"a": "{filler}"}}}},
            "spec": {spec}}}"#
        )
    };
    let pod = item(
        "Deployment",
        r#"{"template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"image": "web"}]}}}"#,
    );
    let service = item("Service", r#"{"type": "LoadBalancer", "selector": {"app": "web"}}"#);
    let dump = format!("{{\"apiVersion\": \"v1\",\n\"items\": [\n{pod},\n{service}\n],\n\"kind\": \"List\"}}\n");
    let tree = Tree::plain(&[("web/Dockerfile", DOCKERFILE), ("cluster.json", &dump)]);
    let ran = quell(&tree, &["context", "cluster.json"]).ok();
    assert!(ran.out.contains("reached by the internet: 1 folder") && ran.err.is_empty(), "{}{}", ran.out, ran.err);
    let cut = dump.split_once("\"kind\": \"Service\"").unwrap().0;
    let tree = Tree::plain(&[("web/Dockerfile", DOCKERFILE), ("cut.json", cut)]);
    let ran = quell(&tree, &["context", "cut.json"]);
    assert_eq!(ran.code, 3);
    assert!(ran.out.contains("unknown: 1 folder") && ran.err.contains("cut.json"), "{}{}", ran.out, ran.err);
}
