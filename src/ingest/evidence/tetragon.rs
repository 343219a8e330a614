//! Events of Tetragon (`tetra getevents -o json`): which binary ran in which container, and on which port it listens.

use std::collections::HashSet;

use crate::ingest::json::{Int, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::events;

lenient! {
    Event {
        exec: Action = "processExec",
        listen: Action = "processListen",
        made: Owned = "time",
    }
}

lenient! {
    Action {
        process: Process = "process",
        port: Int = "port",
    }
}

lenient! {
    Process {
        binary: Owned = "binary",
        pod: Pod = "pod",
    }
}

lenient! {
    Pod {
        namespace: Owned = "namespace",
        name: Owned = "name",
        workload: Owned = "workload",
        container: Container = "container",
    }
}

lenient! {
    Container {
        image: Image = "image",
    }
}

lenient! {
    Image {
        id: Owned = "id",
        name: Owned = "name",
    }
}

/// States each binary of a container once, and once more for each port.
pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "Tetragon".into();
    let mut known = HashSet::new();
    for (pointer, event) in events::read::<Event>(original) {
        let Some((action, port)) = [(&event.exec, None), (&event.listen, event.listen.port.0)]
            .into_iter()
            .find(|(action, _)| action.process.binary.get().is_some())
        else {
            continue;
        };
        let Process { binary, pod } = &action.process;
        let image = [&pod.container.image.id, &pod.container.image.name].into_iter().find_map(Owned::get);
        // `docker-pullable://nginx@sha256:…`
        let image = image.map(|image| image.split_once("://").map_or(image, |(_, image)| image));
        let service = [&pod.workload, &pod.name].into_iter().find_map(Owned::get);
        let service = service.map(|name| events::scoped(pod.namespace.get().unwrap_or_default(), name));
        let subject = Subject {
            path: binary.get().map(Box::from),
            image: image.map(Box::from),
            service: service.map(Into::into),
            ..Subject::default()
        };
        if !known.insert((subject.path.clone(), subject.image.clone(), subject.service.clone(), port)) {
            continue;
        }
        draft.state(Statement {
            pointer: pointer.into(),
            subject,
            rung: Rung::Executed,
            polarity: Polarity::Yes,
            basis: Basis::Dynamic,
            reason: port.map(|port| format!("it listens on port {port}").into()),
            strength: 4,
            made: event.made.get().and_then(|made| made.parse().ok()),
            ..Statement::default()
        });
    }
}
