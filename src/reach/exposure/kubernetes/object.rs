//! Which kind of object says what. An apiVersion counts by its group: versions of one group mean the same here.

use std::borrow::Cow;

use serde_json::Value;

use crate::reach::exposure::facts::{Facts, Named, Place};
use crate::reach::exposure::value::{list, text};

use super::{policy, route, service, workload};

type Read = fn(&Value, &Named, &Place, &mut Facts);

/// A kind, the end of its group (empty for any), and how it is read. The first that fits is meant.
const KINDS: &[(&str, &str, Read)] = &[
    ("Service", "serving.knative.dev", service::knative),
    ("Service", "", service::service),
    ("Ingress", "", route::ingress),
    ("Gateway", "istio.io", route::istio_gateway),
    ("Gateway", "", route::gateway),
    ("HTTPRoute", "", route::route),
    ("GRPCRoute", "", route::route),
    ("TLSRoute", "", route::route),
    ("TCPRoute", "", route::route),
    ("UDPRoute", "", route::route),
    ("VirtualService", "istio.io", route::virtual_service),
    ("Route", "openshift.io", route::openshift),
    ("IngressRoute", "", route::services_of_routes),
    ("IngressRouteTCP", "", route::services_of_routes),
    ("IngressRouteUDP", "", route::services_of_routes),
    ("HTTPProxy", "", route::services_of_routes),
    ("NetworkPolicy", "", policy::policy),
];

/// How often a list may lie in a list.
const MAX_LISTS: u8 = 4;

/// Whether a document is an object, or a list of objects, that says something here.
pub(in crate::reach::exposure) fn is_read(value: &Value) -> bool {
    let kind = text(value, "/kind").unwrap_or_default();
    kind.ends_with("List") || workload::template_of(&kind).is_some() || KINDS.iter().any(|(known, ..)| *known == kind)
}

/// Reads an object, or each of a list.
pub(in crate::reach::exposure) fn object(value: &Value, place: &Place, facts: &mut Facts) {
    one(value, place, MAX_LISTS, facts);
}

fn one(value: &Value, place: &Place, depth: u8, facts: &mut Facts) {
    let kind = text(value, "/kind").unwrap_or_default();
    let items = list(value, "/items");
    if !items.is_empty() && depth > 0 {
        if kind.is_empty() {
            let reason = "the list of objects is cut off: its kind, which stands behind them, is missing";
            facts.problem(&place.file, place.line, reason, "make it again");
            facts.unread.push(format!("the end of {}", place.file));
        }
        for (number, item) in items.iter().enumerate() {
            let pointer = format!("{}/items/{number}", place.pointer);
            one(&named(item, &kind, value), &Place { pointer, ..place.clone() }, depth - 1, facts);
        }
        return;
    }
    let Some(name) = text(value, "/metadata/name").or_else(|| text(value, "/metadata/generateName")) else { return };
    let scope = text(value, "/metadata/namespace").unwrap_or_default();
    let id = Named { scope, name };
    let version = text(value, "/apiVersion").unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let by_kind = KINDS.iter().find(|(known, end, _)| *known == kind && group.ends_with(end));
    match by_kind {
        Some((.., read)) => read(value, &id, place, facts),
        None if is_other_way(&kind) => {
            let reason =
                format!("a {kind} may let in requests, and is not read: what {} leads to is not known", id.name);
            facts.problem(&place.file, place.line, reason, "");
            facts.unread.push(format!("{kind} {}", id.name));
        }
        None => workload::workload(value, &kind, &id, place, facts),
    }
}

/// An item of a list, which may leave its kind to the list: `ServiceList` (`kubectl get --raw`, `kubectl cluster-info dump`).
fn named<'v>(item: &'v Value, kind: &str, list: &Value) -> Cow<'v, Value> {
    let of_list = kind.strip_suffix("List").filter(|kind| !kind.is_empty() && item.get("kind").is_none());
    let (Some(kind), Some(fields)) = (of_list, item.as_object()) else { return Cow::Borrowed(item) };
    let mut fields = fields.clone();
    fields.insert("kind".to_owned(), kind.into());
    fields.insert("apiVersion".to_owned(), list.get("apiVersion").cloned().unwrap_or_default());
    Cow::Owned(Value::Object(fields))
}

/// Words in the kinds by which proxies and clouds let in requests, and how kinds end that only say how they do.
const WAYS: &[&str] = &["Route", "Ingress", "Gateway", "Mapping", "VirtualServ", "Tunnel", "Proxy"];
const SETTINGS: &[&str] =
    &["Class", "Policy", "Filter", "Config", "Configuration", "Parameters", "Options", "Settings", "Defaults"];

/// Whether a kind that is not read is most likely a way in: nothing is inside only because the way is not known.
fn is_other_way(kind: &str) -> bool {
    WAYS.iter().any(|word| kind.contains(word)) && !SETTINGS.iter().any(|word| kind.ends_with(word))
}
