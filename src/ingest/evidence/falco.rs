//! Falco's alerts (`json_output: true`): something was seen that a rule is about.

use crate::ingest::json::{Entries, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::events;

lenient! {
    Alert {
        rule: Owned = "rule",
        priority: Owned = "priority",
        host: Owned = "hostname",
        made: Owned = "time",
        fields: Entries<Owned> = "outputFields",
    }
}

/// Fields that name what runs there, the one that stays longest first.
const SERVICES: &[&str] = &["k8s.deployment.name", "k8s.pod.name", "container.name"];

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "Falco".into();
    for (pointer, alert) in events::read::<Alert>(original) {
        let Some(rule) = alert.rule.get() else { continue };
        let field = |name: &str| {
            let value = alert.fields.get(name).and_then(Owned::get);
            value.filter(|value| !matches!(*value, "" | "<NA>" | "host"))
        };
        let service = SERVICES.iter().find_map(|name| field(name)).or(alert.host.get().filter(|name| !name.is_empty()));
        let image = field("container.image.repository").map(|image| match field("container.image.tag") {
            Some(tag) => format!("{image}:{tag}"),
            None => image.to_owned(),
        });
        let place = [field("k8s.ns.name").map(|name| format!("namespace {name}")), alert.priority.0.clone()];
        let words = [Some(rule.to_owned())].into_iter().chain(place).flatten();
        draft.state(Statement {
            pointer: pointer.into(),
            subject: Subject { image: image.map(Into::into), service: service.map(Into::into), ..Subject::default() },
            rung: Rung::Executed,
            polarity: Polarity::Yes,
            basis: Basis::Dynamic,
            reason: Some(words.collect::<Vec<_>>().join(", ").into()),
            strength: 4,
            made: alert.made.get().and_then(|made| made.parse().ok()),
            ..Statement::default()
        });
    }
}
