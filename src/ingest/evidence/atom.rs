//! Reachables of atom (`atom reachables`, <https://github.com/AppThreat/atom>), the shape that golem, rusi and dosai are
//! converted to as well: paths of calls or data with the packages they pass. Advisories are not named.

use std::collections::HashSet;

use crate::ingest::json::{Int, List, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Entry, Frame, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::entry;

lenient! {
    Reachable {
        flows: List<Node> = "flows",
        purls: List<Owned> = "purls",
    }
}

lenient! {
    /// A step; its place is where it stands, its name what stands there.
    Node {
        name: Owned = "name",
        full_name: Owned = "fullName",
        code: Owned = "code",
        is_external: Owned = "isExternal",
        file: Owned = "parentFileName",
        method: Owned = "parentMethodName",
        line: Int = "lineNumber",
        column: Int = "columnNumber",
        tags: Owned = "tags",
    }
}

/// Tags of what comes in over the network, and how such tags start.
const HTTP: &[&str] = &["framework-input", "api", "endpoint", "http", "http-parameter", "framework-route", "rpc"];
const HTTP_STARTS: &[&str] = &["endpoint-"];
/// Tags of what is called on the command line.
const CLI: &[&str] = &["cli-source", "cli"];

/// States each package once for each way in which paths to it start: files hold thousands of paths to the same.
pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let reachables: List<Reachable> = original.document();
    draft.document.tool = "atom".into();
    let mut known = HashSet::new();
    for (number, reachable) in reachables.0.iter().enumerate() {
        let entry = start(&reachable.flows.0);
        for purl in reachable.purls.0.iter().filter_map(Owned::get) {
            if !known.insert((purl.to_owned(), entry)) {
                continue;
            }
            let path = reachable.flows.0.iter().map(|node| frame(draft, node)).collect();
            draft.state(Statement {
                pointer: format!("/{number}").into(),
                subject: Subject { purl: Some(purl.into()), ..Subject::default() },
                rung: Rung::Called,
                polarity: Polarity::Yes,
                basis: Basis::Static,
                strength: 2,
                entry,
                path,
                ..Statement::default()
            });
        }
    }
}

/// Where a path starts: by the file of its first step, else by what is tagged on it.
fn start(nodes: &[Node]) -> Entry {
    let Some(first) = nodes.first() else { return Entry::Unknown };
    let by_file = first.file.get().map(entry::of_file).unwrap_or_default();
    if by_file != Entry::Unknown {
        return by_file;
    }
    let tags = || first.tags.get().unwrap_or_default().split(',').map(str::trim);
    if tags().any(|tag| HTTP.contains(&tag) || HTTP_STARTS.iter().any(|start| tag.starts_with(start))) {
        Entry::Http
    } else if tags().any(|tag| CLI.contains(&tag)) {
        Entry::Cli
    } else {
        Entry::Unknown
    }
}

fn frame(draft: &mut Draft<'_>, node: &Node) -> Frame {
    let is_said = |name: &&str| !name.is_empty() && !name.starts_with('<');
    let names = [node.full_name.get(), node.name.get(), node.code.get(), node.method.get()];
    let function = names.into_iter().flatten().find(is_said).unwrap_or_default();
    let file = node.file.get().filter(is_said).unwrap_or_default();
    let number = |number: Int| number.position().and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
    let found = draft.file(file, &[]).filter(|_| !file.is_empty());
    let is_own = found.is_some() || node.is_external.get() != Some("true") && !file.is_empty();
    Frame {
        module: Box::default(),
        function: function.into(),
        path: found.unwrap_or_else(|| file.into()),
        line: number(node.line),
        column: number(node.column),
        is_own,
    }
}
