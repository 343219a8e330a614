//! What follows from evidence; and the exposure graph: files of a repository in, verdicts on its folders out.

mod corpus;
mod functions;
mod home;
mod hostile;
mod kubernetes;
mod lane;
mod priority;
mod routes;
mod runtime;
mod sources;
mod truth;
mod usage;
mod verdict;

use quell::model::evidence::Manifest;
use quell::model::exposure::Graph;
use quell::reach::exposure::read;

use crate::support::tree::Tree;

const DOCKERFILE: &str = "FROM debian\nCOPY . .\n";

fn graph(files: &[(&str, &str)]) -> Graph {
    let tree = Tree::plain(files);
    let repo = tree.repo();
    read(&repo, &repo.files(), &[])
}

fn with_dump(files: &[(&str, &str)], name: &str, text: &str) -> Graph {
    let tree = Tree::plain(files);
    let repo = tree.repo();
    read(&repo, &repo.files(), &[Manifest { name: name.into(), text: text.into() }])
}

/// A deployment of an image, and a service of a type in front of it.
fn deployed(name: &str, image: &str, kind: &str) -> String {
    format!(
        r"apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec: {{template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: [{{image: {image}}}]}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{type: {kind}, selector: {{app: {name}}}}}
---
"
    )
}

/// The contexts, one a line: `src/cart/ internal 2: why; claims`; `possible` in place of `unknown` where it is.
fn verdicts(graph: &Graph) -> Vec<String> {
    let line = |context: &quell::model::exposure::Reached| {
        let exposure = if context.is_possible { "possible" } else { context.exposure.name() };
        format!("{} {exposure} {}: {}", context.path, context.strength, context.reason())
    };
    graph.contexts.iter().map(line).collect()
}

/// Checks that each verdict begins and ends as it should: `web/ internet 3 … LoadBalancer`.
#[track_caller]
fn check(graph: &Graph, expected: &[&str]) {
    let found = verdicts(graph);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        let (start, part) = expected.split_once(" … ").unwrap_or((expected, ""));
        assert!(found.starts_with(start) && found.contains(part), "{found}\n{expected}");
    }
}

/// The names along the chain of the first context.
fn chain(graph: &Graph) -> Vec<&str> {
    let nodes = graph.contexts[0].chain.iter().map(|&number| graph.node(number).unwrap());
    nodes.map(|node| &*node.name).collect()
}
