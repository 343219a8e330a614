//! What runs pods, and the containers in them.

use serde_json::Value;

use crate::reach::exposure::facts::{Container, Entry, Facts, Named, Place, Target, Way, Workload};
use crate::reach::exposure::value::{is_true, labels, list, text};

/// Where each kind has its pod.
const TEMPLATES: &[(&str, &str)] = &[
    ("Deployment", "/spec/template"),
    ("StatefulSet", "/spec/template"),
    ("DaemonSet", "/spec/template"),
    ("ReplicaSet", "/spec/template"),
    ("ReplicationController", "/spec/template"),
    ("DeploymentConfig", "/spec/template"),
    ("Rollout", "/spec/template"),
    ("Job", "/spec/template"),
    ("CronJob", "/spec/jobTemplate/spec/template"),
    ("Pod", ""),
];

pub(super) fn template_of(kind: &str) -> Option<&'static str> {
    TEMPLATES.iter().find(|(known, _)| *known == kind).map(|(_, pointer)| *pointer)
}

pub(super) fn workload(value: &Value, kind: &str, id: &Named, place: &Place, facts: &mut Facts) {
    let Some(pod) = template_of(kind).and_then(|pointer| value.pointer(pointer)) else { return };
    let Some(maker) = maker(value, &id.scope) else { return run(pod, kind, id, place, facts) };
    // Pods of one maker are one, under its name.
    let (kind, id) = if kind == "Pod" { (&*maker.0, &maker.1) } else { (kind, id) };
    let mut made = Facts::default();
    run(pod, kind, id, place, &mut made);
    for workload in &mut made.workloads {
        workload.made_by = Some(maker.clone());
    }
    facts.absorb(made);
}

/// The workload that made an object, by its kind and name: it tells the same, if it is there.
fn maker(value: &Value, scope: &str) -> Option<(String, Named)> {
    let owner = list(value, "/metadata/ownerReferences").iter().find(|owner| is_true(owner, "/controller"))?;
    let kind = text(owner, "/kind").filter(|kind| template_of(kind).is_some())?;
    Some((kind, Named::new(scope, &text(owner, "/name")?)))
}

/// Adds what a pod runs.
pub(super) fn run(pod: &Value, kind: &str, id: &Named, place: &Place, facts: &mut Facts) {
    let mut containers = Vec::new();
    for (pointer, is_first) in [("/spec/containers", false), ("/spec/initContainers", true)] {
        for container in list(pod, pointer) {
            let image = text(container, "/image");
            let name = text(container, "/name").or_else(|| image.clone()).unwrap_or_default();
            // A first container that goes on running serves as the others do (a sidecar, Kubernetes 1.29).
            let is_first = is_first && text(container, "/restartPolicy").as_deref() != Some("Always");
            containers.push(Container { name, image, source: None, is_first });
        }
    }
    // A patch of another object, without anything that runs.
    if containers.iter().all(|container| container.image.is_none()) {
        return;
    }
    facts.entries.extend(on_the_node(pod, kind, id, place));
    facts.workloads.push(Workload {
        id: id.clone(),
        kind: kind.to_owned(),
        labels: labels(pod, "/metadata/labels"),
        containers,
        place: place.clone(),
        behind: Vec::new(),
        made_by: None,
    });
}

/// Ports of the node itself.
fn on_the_node(pod: &Value, kind: &str, id: &Named, place: &Place) -> Option<Entry> {
    let ports: Vec<&Value> = list(pod, "/spec/containers").iter().flat_map(|one| list(one, "/ports")).collect();
    let on_host = ports.iter().find(|port| {
        let ip = text(port, "/hostIP").unwrap_or_default();
        port.get("hostPort").is_some() && !ip.starts_with("127.") && ip != "::1"
    });
    let (what, why) = match on_host {
        Some(port) => {
            let number = text(port, "/hostPort").unwrap_or_default();
            (format!("port {number} of its nodes"), "it listens on a port of its nodes (hostPort)")
        }
        None if is_true(pod, "/spec/hostNetwork") => {
            ("the network of its nodes".to_owned(), "it uses the network of its nodes (hostNetwork)")
        }
        None => return None,
    };
    let why = format!("{why}; whether the internet reaches a node is not known");
    let to = [Target::Workload(id.clone())];
    Some(Entry::new(format!("{what}, {kind} {}", id.name), (Way::Possible, why), to, place))
}
