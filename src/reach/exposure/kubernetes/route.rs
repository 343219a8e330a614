//! Ingresses, gateways and routes.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::reach::exposure::facts::{Entry, Facts, Gateway, Labels, Named, Place, Target, Way};
use crate::reach::exposure::value::{entries, labels, list, text, texts};

use super::service::service_of_host;

pub(super) fn ingress(value: &Value, id: &Named, place: &Place, facts: &mut Facts) {
    let paths = list(value, "/spec/rules").iter().flat_map(|rule| list(rule, "/http/paths"));
    let backends = paths.filter_map(|path| path.get("backend"));
    let default = ["/spec/defaultBackend", "/spec/backend"].into_iter().filter_map(|at| value.pointer(at));
    let name = |backend: &Value| text(backend, "/service/name").or_else(|| text(backend, "/serviceName"));
    let to = backends.chain(default).filter_map(name).map(|name| Target::Service(Named::new(&id.scope, &name)));
    facts.entries.push(Entry::new(format!("Ingress {}", id.name), way_of_ingress(value), to, place));
}

fn way_of_ingress(value: &Value) -> (Way, String) {
    let annotations = labels(value, "/metadata/annotations");
    let class = text(value, "/spec/ingressClassName");
    let class = class.or_else(|| annotations.get("kubernetes.io/ingress.class").cloned()).unwrap_or_default();
    let scheme = annotations.get("alb.ingress.kubernetes.io/scheme").map_or("", String::as_str);
    match (class.as_str(), scheme) {
        (_, "internal") => (Way::Closed, "its load balancer is internal (alb.ingress.kubernetes.io/scheme)".to_owned()),
        ("gce-internal", _) => (Way::Closed, "its class gce-internal is internal".to_owned()),
        ("alb", "") => (Way::Possible, "an Ingress of class alb without a scheme is internal by default".to_owned()),
        (class, _) if ["internal", "private"].iter().any(|word| class.contains(word)) => {
            (Way::Possible, format!("its class is called {class}"))
        }
        _ => (Way::Open, "an Ingress lets in requests from outside of the cluster".to_owned()),
    }
}

/// A gateway of the Gateway API.
pub(super) fn gateway(value: &Value, id: &Named, _: &Place, facts: &mut Facts) {
    let class = text(value, "/spec/gatewayClassName").unwrap_or_default();
    let is_inside = ["internal", "rilb", "mesh"].iter().any(|word| class.contains(word));
    let (way, why) = if is_inside {
        (Way::Possible, format!("the class of its gateway is called {class}"))
    } else {
        (Way::Open, format!("the gateway {} lets it in", id.name))
    };
    facts.gateways.push(Gateway { id: id.clone(), way, why });
}

/// A gateway of Istio: a set of ports of the pods that it selects.
pub(super) fn istio_gateway(value: &Value, id: &Named, _: &Place, facts: &mut Facts) {
    let selector: Labels = labels(value, "/spec/selector");
    let is_way_out = selector.values().any(|label| label.contains("egress"));
    let is_inside = selector.values().any(|label| label.contains("internal") || label.contains("eastwest"));
    let (way, why) = match (is_way_out, is_inside) {
        (true, _) => (Way::Closed, format!("the gateway {} leads out", id.name)),
        (false, true) => (Way::Possible, format!("the pods of the gateway {} are called internal", id.name)),
        (false, false) => (Way::Open, format!("the gateway {} lets it in", id.name)),
    };
    facts.gateways.push(Gateway { id: id.clone(), way, why });
}

/// A route of the Gateway API. One whose parent is a service rules requests inside of a mesh; any other parent, as a
/// `ListenerSet`, is one of a gateway.
pub(super) fn route(value: &Value, id: &Named, place: &Place, facts: &mut Facts) {
    let is_gateway =
        |parent: &&Value| text(parent, "/kind").is_none_or(|kind| !matches!(&*kind, "Service" | "ServiceEntry"));
    let scope = |value: &Value| text(value, "/namespace").unwrap_or_else(|| id.scope.clone());
    let named = |value: &Value| Some(Named { scope: scope(value), name: text(value, "/name")? });
    let gateways: Vec<Named> = list(value, "/spec/parentRefs").iter().filter(is_gateway).filter_map(named).collect();
    let rules = list(value, "/spec/rules");
    let backends = rules.iter().flat_map(|rule| list(rule, "/backendRefs"));
    let mirrors = rules.iter().flat_map(|rule| list(rule, "/filters"));
    let mirrors = mirrors.filter_map(|filter| filter.pointer("/requestMirror/backendRef"));
    let to = backends.chain(mirrors).filter_map(named).map(Target::Service).collect();
    through(id, &text(value, "/kind").unwrap_or_default(), gateways, to, place, facts);
}

/// A route of Istio; without a gateway it rules requests inside of the mesh.
pub(super) fn virtual_service(value: &Value, id: &Named, place: &Place, facts: &mut Facts) {
    let gateways = texts(value, "/spec/gateways").into_iter().filter(|name| name != "mesh");
    let gateways = gateways.map(|name| match name.split_once('/') {
        Some((scope, name)) => Named::new(scope, name),
        None => Named::new(&id.scope, &name),
    });
    let rules = ["/spec/http", "/spec/tls", "/spec/tcp"].into_iter().flat_map(|at| list(value, at));
    let routed = rules.flat_map(|rule| list(rule, "/route").iter().chain(list(rule, "/mirrors")));
    let hosts = routed.filter_map(|route| text(route, "/destination/host"));
    let http = || list(value, "/spec/http").iter();
    let hosts = hosts.chain(http().filter_map(|rule| text(rule, "/mirror/host")));
    let services = hosts.filter_map(|host| service_of_host(&host, &id.scope)).map(Target::Service);
    let delegate = |rule: &Value| {
        let scope = text(rule, "/delegate/namespace").unwrap_or_else(|| id.scope.clone());
        Some(Target::Route(Named { scope, name: text(rule, "/delegate/name")? }))
    };
    let to: BTreeSet<Target> = services.chain(http().filter_map(delegate)).collect();
    let gateways: Vec<Named> = gateways.collect();
    if gateways.is_empty() {
        facts.routes.push((id.clone(), to.clone()));
    }
    through(id, "VirtualService", gateways, to, place, facts);
}

fn through(id: &Named, kind: &str, gateways: Vec<Named>, to: BTreeSet<Target>, place: &Place, facts: &mut Facts) {
    let Some(first) = gateways.first() else { return };
    let name = format!("{kind} {}", id.name);
    let why = format!("its gateway {} is not in the files that were read", first.name);
    let entry = Entry::new(name, (Way::Possible, why), to, place);
    facts.entries.push(Entry { gateways, ..entry });
}

/// A route of `OpenShift`.
pub(super) fn openshift(value: &Value, id: &Named, place: &Place, facts: &mut Facts) {
    let backends = list(value, "/spec/alternateBackends").iter().chain(value.pointer("/spec/to"));
    let names = backends.filter_map(|backend| text(backend, "/name"));
    let to = names.map(|name| Target::Service(Named::new(&id.scope, &name)));
    let way = (Way::Open, "a Route lets in requests from outside of the cluster".to_owned());
    facts.entries.push(Entry::new(format!("Route {}", id.name), way, to, place));
}

/// Routes of Traefik and Contour.
pub(super) fn services_of_routes(value: &Value, id: &Named, place: &Place, facts: &mut Facts) {
    let services = list(value, "/spec/routes").iter().flat_map(|route| list(route, "/services"));
    let named = |service: &Value| {
        let scope = text(service, "/namespace").unwrap_or_else(|| id.scope.clone());
        Some(Target::Service(Named { scope, name: text(service, "/name")? }))
    };
    let to = services.filter_map(named);
    let kind = text(value, "/kind").unwrap_or_default();
    let is_inside = entries(value, "/metadata/annotations").any(|(key, value)| {
        key.ends_with("ingress.class") && value.as_str().is_some_and(|class| class.contains("internal"))
    });
    let way = if is_inside {
        (Way::Possible, "its class is called internal".to_owned())
    } else {
        (Way::Open, format!("an {kind} lets in requests from outside of the cluster"))
    };
    facts.entries.push(Entry::new(format!("{kind} {}", id.name), way, to, place));
}
