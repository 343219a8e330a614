//! Flows of Hubble (`hubble observe -o json`): what came in from outside of the cluster and was let through. That
//! something was dropped says nothing of what would not be.

use std::collections::HashSet;

use crate::ingest::json::{Int, List, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::events;

lenient! {
    Event {
        flow: Flow = "flow",
        made: Owned = "time",
    }
}

lenient! {
    Flow {
        verdict: Owned = "verdict",
        direction: Owned = "trafficDirection",
        is_reply: Owned = "isReply",
        source: Endpoint = "source",
        destination: Endpoint = "destination",
        l4: Transport = "l4",
        l7: Application = "l7",
    }
}

lenient! {
    Endpoint {
        labels: List<Owned> = "labels",
        namespace: Owned = "namespace",
        pod: Owned = "podName",
        workloads: List<Workload> = "workloads",
    }
}

lenient! {
    Workload {
        name: Owned = "name",
    }
}

lenient! {
    Transport {
        tcp: Port = "TCP",
        udp: Port = "UDP",
    }
}

lenient! {
    Port {
        number: Int = "destinationPort",
    }
}

lenient! {
    Application {
        http: Http = "http",
    }
}

lenient! {
    Http {
        method: Owned = "method",
        url: Owned = "url",
    }
}

/// The label of what lies outside, and how its variants for one protocol start.
const WORLD: &str = "reserved:world";
/// Verdicts of what was let through, and of what was not; any other is not known.
const PASSED: &[&str] = &["FORWARDED", "REDIRECTED", "TRANSLATED", "TRACED"];
const STOPPED: &[&str] = &["DROPPED", "ERROR"];

/// States each workload once for each of its ports and verdicts: a minute has thousands of flows.
pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "Hubble".into();
    let mut known = HashSet::new();
    for (pointer, event) in events::read::<Event>(original) {
        let flow = &event.flow;
        let is_from_outside = flow.source.labels.0.iter().filter_map(Owned::get).any(|label| label.starts_with(WORLD));
        let is_in = flow.direction.get() == Some("INGRESS") && flow.is_reply.get() != Some("true");
        let verdict = flow.verdict.get().unwrap_or_default();
        let to = &flow.destination;
        let name = to.workloads.0.iter().find_map(|workload| workload.name.get()).or(to.pod.get());
        let Some(name) = name.filter(|name| !name.is_empty() && is_from_outside && is_in) else { continue };
        if STOPPED.contains(&verdict) {
            continue;
        }
        let port = flow.l4.tcp.number.0.or(flow.l4.udp.number.0);
        let namespace = to.namespace.get().unwrap_or_default();
        if !known.insert((namespace.to_owned(), name.to_owned(), port, verdict.to_owned())) {
            continue;
        }
        let did_pass = PASSED.contains(&verdict);
        let http = flow.l7.http.url.get().map(|url| {
            let (_, path) = super::route::of_address(url);
            format!(", {}", super::route::words(flow.l7.http.method.get().unwrap_or_default(), path))
        });
        let service = super::events::scoped(namespace, name);
        let port = port.map(|port| format!(" on port {port}")).unwrap_or_default();
        let what = if did_pass { "traffic from outside came in" } else { "traffic from outside" };
        let more = if did_pass { String::new() } else { format!(", verdict {verdict}") };
        let reason = format!("{what}{port}{}{more}", http.unwrap_or_default());
        draft.state(Statement {
            pointer: pointer.into(),
            subject: Subject { service: Some(service.into()), ..Subject::default() },
            rung: Rung::Exposed,
            polarity: if did_pass { Polarity::Yes } else { Polarity::Unknown },
            basis: Basis::Dynamic,
            reason: Some(reason.into()),
            strength: if did_pass { 4 } else { 0 },
            made: event.made.get().and_then(|made| made.parse().ok()),
            ..Statement::default()
        });
    }
}
