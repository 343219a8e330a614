//! Services, and what their types let in.

use serde_json::Value;

use crate::reach::exposure::facts::{Entry, Facts, Named, Place, Service, Target, Way};
use crate::reach::exposure::value::{labels, text, texts};

use super::workload;

/// Annotations by which clouds keep a load balancer inside.
const INSIDE: &[(&str, &[&str])] = &[
    ("service.beta.kubernetes.io/aws-load-balancer-internal", &["true", "0.0.0.0/0"]),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", &["internal"]),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", &["true"]),
    ("networking.gke.io/load-balancer-type", &["internal"]),
    ("cloud.google.com/load-balancer-type", &["internal"]),
    ("service.beta.kubernetes.io/oci-load-balancer-internal", &["true"]),
];

pub(super) fn service(value: &Value, id: &Named, place: &Place, facts: &mut Facts) {
    let kind = text(value, "/spec/type").unwrap_or_else(|| "ClusterIP".to_owned());
    let external = texts(value, "/spec/externalIPs");
    let found = match kind.as_str() {
        "LoadBalancer" => Some(load_balancer(value)),
        "NodePort" => {
            let why = "it opens a port on every node (NodePort); whether the internet reaches a node is not known";
            Some((Way::Possible, why.to_owned()))
        }
        _ if !external.is_empty() => Some(external_ips(&external)),
        "ClusterIP" | "ExternalName" => None,
        // A word that something else puts in before it is deployed.
        other => Some((Way::Possible, format!("its type {other} is none that is known; it may let in requests"))),
    };
    let ranges = texts(value, "/spec/loadBalancerSourceRanges");
    let claims = if ranges.is_empty() { Vec::new() } else { vec![format!("lets in only {}", ranges.join(", "))] };
    if let Some(found) = found {
        let entry = Entry::new(format!("{kind} {}", id.name), found, [Target::Service(id.clone())], place);
        facts.entries.push(Entry { claims, ..entry });
    }
    facts.services.push(Service {
        id: id.clone(),
        stands_for: text(value, "/spec/externalName").and_then(|host| service_of_host(&host, &id.scope)),
        kind: format!("type {kind}"),
        selector: labels(value, "/spec/selector"),
        place: place.clone(),
    });
}

fn load_balancer(value: &Value) -> (Way, String) {
    let annotations = labels(value, "/metadata/annotations");
    let inside = INSIDE.iter().find(|(name, values)| {
        annotations.get(*name).is_some_and(|value| values.iter().any(|inside| value.eq_ignore_ascii_case(inside)))
    });
    match inside {
        Some((name, _)) => (Way::Closed, format!("its load balancer is internal ({name})")),
        None => (Way::Open, "type LoadBalancer gives it an address outside of the cluster".to_owned()),
    }
}

fn external_ips(addresses: &[String]) -> (Way, String) {
    let is_public = |address: &String| address.parse().is_ok_and(|ip| !is_private(ip));
    let why = format!("it listens on {} (externalIPs)", addresses.join(", "));
    (if addresses.iter().any(is_public) { Way::Open } else { Way::Possible }, why)
}

/// Whether an address belongs to a network that the internet does not route to.
fn is_private(ip: std::net::IpAddr) -> bool {
    match ip {
        std::net::IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        std::net::IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// The service that a name inside the cluster means: `cart`, `cart.shop`, `cart.shop.svc.cluster.local`.
pub(super) fn service_of_host(host: &str, scope: &str) -> Option<Named> {
    let mut parts = host.split('.');
    let name = parts.next().filter(|name| !name.is_empty() && *name != "*")?;
    match (parts.next(), parts.next()) {
        (None, _) => Some(Named::new(scope, name)),
        (Some(scope), None | Some("svc")) => Some(Named::new(scope, name)),
        (Some(_), Some(_)) => None,
    }
}

/// A service of Knative or Cloud Run: it runs something, and has an address of its own.
pub(super) fn knative(value: &Value, id: &Named, place: &Place, facts: &mut Facts) {
    let Some(pod) = value.pointer("/spec/template") else { return };
    let kind = "Knative service";
    workload::run(pod, kind, id, place, facts);
    let annotations = labels(value, "/metadata/annotations");
    let labels = labels(value, "/metadata/labels");
    let is_inside = labels.get("networking.knative.dev/visibility").is_some_and(|way| way == "cluster-local")
        || annotations.get("run.googleapis.com/ingress").is_some_and(|way| way.starts_with("internal"));
    let found = if is_inside {
        (Way::Closed, "it is visible inside only".to_owned())
    } else {
        (Way::Possible, "it has an address of its own; who may call it is not in the file".to_owned())
    };
    let to = [Target::Workload(id.clone())];
    facts.entries.push(Entry::new(format!("{kind} {}", id.name), found, to, place));
}
