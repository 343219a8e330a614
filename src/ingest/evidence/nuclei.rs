//! Nuclei's matches (`nuclei -jsonl`, `-json-export`): a template that matched has shown what it looks for. Templates
//! that only recognise a technology prove nothing.

use crate::ingest::json::{List, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Entry, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::{events, route};

lenient! {
    Hit {
        template: Owned = "template-id" | "templateID",
        info: Info = "info",
        host: Owned = "host",
        matched: Owned = "matched-at" | "matched",
        request: Owned = "request",
        is_met: Owned = "matcher-status",
        made: Owned = "timestamp",
    }
}

lenient! {
    Info {
        name: Owned = "name",
        severity: Owned = "severity",
        class: Classification = "classification",
    }
}

lenient! {
    Classification {
        cves: List<Owned> = "cve-id",
        cwes: List<Owned> = "cwe-id",
    }
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "Nuclei".into();
    for (pointer, found) in events::read::<Hit>(original) {
        if found.template.get().is_some() && found.is_met.get() != Some("false") {
            state(draft, pointer, &found);
        }
    }
}

fn state(draft: &mut Draft<'_>, pointer: String, found: &Hit) {
    let address = found.matched.get().or(found.host.get()).unwrap_or_default();
    let (host, path) = route::of_address(address);
    let request = found.request.get().unwrap_or_default();
    let method = request.split(' ').next().filter(|word| word.bytes().all(|byte| byte.is_ascii_uppercase()));
    let cves = found.info.class.cves.0.iter().filter_map(Owned::get).map(|id| id.to_ascii_uppercase().into());
    let severity = found.info.severity.get().unwrap_or("unknown");
    let (polarity, strength) = match severity {
        "info" | "unknown" => (Polarity::Unknown, 1),
        _ => (Polarity::Yes, 4),
    };
    let cwes = found.info.class.cwes.0.iter().filter_map(Owned::get).map(str::to_ascii_uppercase);
    let words = [found.info.name.get().or(found.template.get()), Some(severity)];
    let first = cwes.clone().find_map(|cwe| cwe.strip_prefix("CWE-")?.parse().ok());
    let words: Vec<String> = words.into_iter().flatten().map(str::to_owned).chain(cwes).collect();
    draft.state(Statement {
        pointer: pointer.into(),
        subject: Subject {
            vulns: cves.collect(),
            symbol: Some(route::words(method.unwrap_or_default(), path).into()),
            service: (!host.is_empty()).then(|| host.into()),
            cwe: first,
            ..Subject::default()
        },
        rung: Rung::Controllable,
        polarity,
        basis: Basis::Dynamic,
        entry: Entry::Http,
        reason: Some(words.join(", ").into()),
        strength,
        made: found.made.get().and_then(|made| made.parse().ok()),
        ..Statement::default()
    });
}
