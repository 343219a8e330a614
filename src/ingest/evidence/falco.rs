//! Falco's alerts (`json_output: true`): something was seen that a rule is about. Where the rule or its tags name an
//! advisory, it was seen to be exploited.

use crate::ingest::advisory;
use crate::ingest::json::{Entries, List, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::events;

lenient! {
    Alert {
        rule: Owned = "rule",
        priority: Owned = "priority",
        tags: List<Owned> = "tags",
        host: Owned = "hostname",
        made: Owned = "time",
        fields: Entries<Owned> = "outputFields",
    }
}

/// Fields that name what runs there in its namespace, the one that stays longest first.
const SERVICES: &[&str] = &["k8s.deployment.name", "k8s.pod.name"];

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "Falco".into();
    for (pointer, alert) in events::read::<Alert>(original) {
        let Some(rule) = alert.rule.get() else { continue };
        let field = |name: &str| {
            let value = alert.fields.get(name).and_then(Owned::get);
            value.filter(|value| !matches!(*value, "" | "<NA>" | "host"))
        };
        let in_cluster = |name: &str| events::scoped(field("k8s.ns.name").unwrap_or_default(), name);
        let service = SERVICES.iter().find_map(|name| field(name)).map(in_cluster);
        let service = service.or_else(|| field("container.name").map(str::to_owned));
        let service = service.or_else(|| alert.host.get().filter(|name| !name.is_empty()).map(str::to_owned));
        let image = field("container.image.repository").map(|image| match field("container.image.tag") {
            Some(tag) => format!("{image}:{tag}"),
            None => image.to_owned(),
        });
        let mut vulns = Vec::new();
        for text in std::iter::once(rule).chain(alert.tags.0.iter().filter_map(Said::get)) {
            advisory::collect(text, &mut vulns);
        }
        let rung = if vulns.is_empty() { Rung::Executed } else { Rung::Exploited };
        let words = [Some(rule.to_owned()), alert.priority.0.clone()].into_iter().flatten();
        draft.state(Statement {
            pointer: pointer.into(),
            subject: Subject {
                vulns,
                image: image.map(Into::into),
                service: service.map(Into::into),
                ..Subject::default()
            },
            rung,
            polarity: Polarity::Yes,
            basis: Basis::Dynamic,
            reason: Some(words.collect::<Vec<_>>().join(", ").into()),
            strength: 4,
            made: alert.made.get().and_then(|made| made.parse().ok()),
            ..Statement::default()
        });
    }
}
