//! Two projects that others wrote, as their files stand in the collection.

use std::fs;

use quell::model::evidence::{Polarity, Rung};
use quell::model::exposure::NodeKind;
use quell::reach::exposure::read;

use super::{DOCKERFILE, check, graph};
use crate::support::shared::shared;
use crate::support::tree::Tree;

/// Online Boutique (microservices-demo): 12 workloads, 11 of them from folders of the repository, one front.
#[test]
fn of_the_boutique_only_the_front_is_reached() {
    let Some(samples) = shared("corpus/evidence/exposure/boutique") else { return };
    let tree = Tree::git(&[]);
    for entry in fs::read_dir(&samples).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let folder = match name {
            "skaffold.yaml" => "",
            "boutique-gateway.yaml" => "istio-manifests/",
            "boutique-ingress.yaml" => ".github/release-cluster/",
            _ => "kubernetes-manifests/",
        };
        if name != "SOURCE-DIRECTORIES.txt" {
            tree.write(&format!("{folder}{name}"), &fs::read_to_string(&path).unwrap());
        }
    }
    for folder in fs::read_to_string(samples.join("SOURCE-DIRECTORIES.txt")).unwrap().lines() {
        let folder = if folder == "src/cartservice" { "src/cartservice/src" } else { folder };
        tree.write(&format!("{folder}/Dockerfile"), DOCKERFILE);
    }
    let graph = read(&tree.repo(), &tree.repo().files(), &[]);
    assert_eq!(graph.problems, []);
    check(
        &graph,
        &[
            "src/adservice/ internal 2",
            "src/cartservice/src/ internal 2",
            "src/checkoutservice/ internal 2",
            "src/currencyservice/ internal 2",
            "src/emailservice/ internal 2",
            "src/frontend/ internet 3",
            "src/loadgenerator/ internal 2",
            "src/paymentservice/ internal 2",
            "src/productcatalogservice/ internal 2",
            "src/recommendationservice/ internal 2",
            "src/shippingservice/ internal 2",
            "src/shoppingassistantservice/ unknown 1",
        ],
    );
    assert_eq!(graph.nodes.iter().filter(|node| node.kind == NodeKind::Workload).count(), 12);
    let statements = graph.statements();
    let front = statements.iter().find(|one| one.polarity == Polarity::Yes).unwrap();
    assert_eq!(front.subject.path.as_deref(), Some("src/frontend/"));
    assert_eq!(
        (front.subject.service.as_deref(), front.subject.image.as_deref()),
        (Some("Service frontend"), Some("frontend"))
    );
    assert_eq!((front.rung, front.strength, front.path.len()), (Rung::Exposed, 3, 7));
    assert_eq!(graph.of("src/frontend/main.go").unwrap().exposure.name(), "internet");
    assert_eq!(graph.of("src/cartservice/src/services/CartService.cs").unwrap().exposure.name(), "internal");
    assert!(graph.of("docs/readme.md").is_none());
}

const PREFIX: &str = "voting-app-";

/// The voting app, by its Kubernetes files and by its compose files.
#[test]
fn of_the_voting_app_two_are_reached() {
    let Some(samples) = shared("corpus/evidence/exposure") else { return };
    let folders =
        ["vote", "result", "worker", "seed-data"].map(|folder| (format!("{folder}/Dockerfile"), DOCKERFILE.to_owned()));
    let files = |is_wanted: &dyn Fn(&str) -> bool| {
        let names = fs::read_dir(&samples).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let text = |name: &str| fs::read_to_string(samples.join(name)).unwrap();
        let own = names.filter(|name| is_wanted(name));
        own.filter_map(|name| Some((name.strip_prefix(PREFIX)?.to_owned(), text(&name)))).collect::<Vec<_>>()
    };
    let check_files = |files: &[(String, String)], expected: &[&str]| {
        let all: Vec<(&str, &str)> = folders.iter().chain(files).map(|(path, text)| (&**path, &**text)).collect();
        let graph = graph(&all);
        assert_eq!(graph.problems, []);
        check(&graph, expected);
    };
    let is_manifest = |name: &str| !name.contains("docker");
    let is_built = |name: &str| name == "voting-app-docker-compose.yml";
    let is_images = |name: &str| name == "voting-app-docker-compose.images.yml";
    check_files(
        &files(&is_built),
        &["result/ internet 3", "seed-data/ internal 2", "vote/ internet 3", "worker/ internal 2"],
    );
    // Only the compose file of images tells which name the folders have in the cluster.
    check_files(
        &files(&is_manifest),
        &["result/ unknown 1", "seed-data/ unknown 1", "vote/ unknown 1", "worker/ unknown 1"],
    );
    check_files(
        &files(&|name| is_manifest(name) || is_built(name) || is_images(name)),
        &["result/ internet 3", "seed-data/ internal 2", "vote/ internet 3", "worker/ internal 2 … Deployment worker"],
    );
}
