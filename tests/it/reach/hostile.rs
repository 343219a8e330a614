//! Files that mean harm: each costs itself, quickly, and leads nowhere.

use std::fmt::Write as _;
use std::os::unix::fs::symlink;

use quell::model::exposure::Graph;
use quell::model::yaml;
use quell::reach::exposure::read;

use super::{DOCKERFILE, check, graph};
use crate::support::tree::Tree;

const HEAD: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n";

/// The only problem of a manifest, beside a folder that is read all the same.
#[track_caller]
fn problem(text: &str) -> String {
    let graph = graph(&[
        ("a/Dockerfile", DOCKERFILE),
        ("x.yaml", text),
        ("compose.yml", "services: {a: {build: a, ports: ['1:1']}}"),
    ]);
    check(&graph, &["a/ internet 3"]);
    assert_eq!(graph.problems.len(), 1, "{:?}", graph.problems);
    graph.problems[0].reason.clone()
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut bomb = format!("{HEAD}a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for level in 1..12 {
        let before = format!("*a{},", level - 1).repeat(10);
        writeln!(bomb, "a{level}: &a{level} [{before}]").unwrap();
    }
    assert!(problem(&bomb).contains("repetition limit") || problem(&bomb).contains("aliases"), "{}", problem(&bomb));
    // Each alias is followed once, and the text still grows with its square.
    let square = format!("{HEAD}a: &a [{}]\nb: [{}]\n", "x,".repeat(100_000), "*a,".repeat(100_000));
    assert!(problem(&square).contains("aliases make it many times as large"), "{}", problem(&square));
    let long = format!("{HEAD}a: &a {}\nb: [{}]\n", "x".repeat(500_000), "*a,".repeat(100_000));
    assert!(problem(&long).contains("aliases make it many times as large"), "{}", problem(&long));
}

#[test]
fn deep_nesting_is_refused() {
    for text in [
        format!("{HEAD}a: {}\n", "[".repeat(900_000)),
        format!("{HEAD}a: {}\n", "{a: ".repeat(200_000)),
        format!("{HEAD}a:\n{}x\n", "- ".repeat(200_000)),
        format!("{HEAD}a: {}{}\n", "[".repeat(900), "]".repeat(900)),
    ] {
        let reason = problem(&text);
        assert!(reason.starts_with("it is no YAML that can be read"), "{reason}");
    }
    let json = format!("{{\"apiVersion\": \"v1\", \"kind\": {}", "[".repeat(500_000));
    let graph = graph(&[("a.json", &json)]);
    assert!(graph.problems[0].reason.starts_with("it is no JSON"), "{:?}", graph.problems);
}

#[test]
fn a_file_of_many_documents_is_read_in_part() {
    let many = "---\napiVersion: v1\nkind: Service\n".repeat(50_000);
    assert!(problem(&many).contains("first 10000 documents"));
    let empty = format!("{}{HEAD}", "---\n# nothing\n".repeat(100_000));
    assert!(graph(&[("x.yaml", &empty)]).problems.is_empty());
    let documents: Vec<u32> = yaml::documents("%YAML 1.2\n---\na: 1\n--- # c\n\nb: |\n  ---\n...\n--- 3\n")
        .map(|document| document.line)
        .collect();
    assert_eq!(documents, [3, 6, 9]);
}

#[test]
fn many_objects_are_bounded() {
    let (mut services, mut pods) = (String::new(), String::new());
    for number in 0..6_000 {
        let service = "spec: {type: LoadBalancer, selector: {a: b}}";
        writeln!(services, "---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{number}}}\n{service}").unwrap();
        let pod = "labels: {a: b}}\nspec: {containers: [{image: i}]}";
        writeln!(pods, "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}, {pod}").unwrap();
    }
    let graph = graph(&[("x.yaml", &services), ("y.yaml", &pods)]);
    assert!(graph.edges.len() <= 200_000, "{}", graph.edges.len());
    assert!(graph.problems.iter().any(|problem| problem.reason.contains("more than 5000")), "{:?}", graph.problems);
}

#[test]
fn a_context_outside_of_the_repository_is_refused() {
    for context in ["../../etc", "/etc", "~/x", "a/../../b", "..\\x"] {
        let graph = graph(&[
            ("sub/x/a", ""),
            ("sub/compose.yml", &format!("services: {{a: {{build: '{context}', ports: ['1:1']}}}}")),
        ]);
        check(&graph, &[]);
        assert!(
            graph.problems[0].reason.contains("leads out of the repository") || context == "a/../../b",
            "{:?}",
            graph.problems
        );
    }
    let inside = graph(&[
        ("web/Dockerfile", DOCKERFILE),
        ("deploy/compose.yml", "services: {a: {build: ../web, ports: ['1:1']}}"),
    ]);
    check(&inside, &["web/ internet 3"]);
    let remote = graph(&[("compose.yml", "services: {a: {build: 'https://x.example/y.git', ports: ['1:1']}}")]);
    assert!(remote.contexts.is_empty() && remote.problems.is_empty());
    let missing = graph(&[("compose.yml", "services: {a: {build: gone}}")]);
    assert!(missing.problems[0].reason.contains("`gone` is no folder"), "{:?}", missing.problems);
}

#[test]
fn links_are_not_followed() {
    let outside =
        Tree::plain(&[("compose.yml", "services: {a: {build: a, ports: ['1:1']}}"), ("d/Dockerfile", DOCKERFILE)]);
    let tree = Tree::git(&[("a/Dockerfile", DOCKERFILE)]);
    symlink(outside.root().join("compose.yml"), tree.root().join("compose.yml")).unwrap();
    symlink(outside.root().join("d"), tree.root().join("d")).unwrap();
    tree.commit("links", 1_700_000_001);
    let graph: Graph = read(&tree.repo(), &tree.repo().files(), &[]);
    check(&graph, &["a/ unknown 1"]);
    assert!(graph.problems[0].reason.contains("symbolic link"), "{:?}", graph.problems);
}

#[test]
fn files_that_are_too_large_are_named() {
    let large = format!("{HEAD}# {}\n", "x".repeat(3 << 20));
    assert!(problem(&large).contains("more than Quell reads"));
}
