//! What the filter bar offers while a query is typed.

use std::collections::HashSet;
use std::ops::Range;

use crate::model::board::Board;

use super::parse::{KEYS, Key, key_named, key_of, part, split, words_of};
use super::term::Name;

/// The most values that are offered.
const MAX_OFFERED: usize = 50;

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Byte range of the query text that `insert` replaces.
    pub span: Range<usize>,
    /// A key with its colon, or a value.
    pub insert: String,
}

/// Ways to go on at a cursor (a byte offset): keys, or the values of the key that it stands behind.
pub fn completions(text: &str, cursor: usize, board: &Board) -> Vec<Completion> {
    let before = 0..cursor.min(text.len());
    let Some(mut term) = split(text, before, char::is_whitespace).pop() else { return Vec::new() };
    if part(text, &term).starts_with('-') {
        term.start += 1;
    }
    let Some((key, values)) = key_of(part(text, &term)) else {
        let keys = KEYS.iter().filter(|(_, key)| *key != Key::Later).map(|(name, _)| format!("{name}:")).collect();
        return offered(text, term, keys);
    };
    let (Some(key), Some(value)) = (key_named(key), split(text, term.start + values..term.end, |c| c == ',').pop())
    else {
        return Vec::new();
    };
    let signs = part(text, &value).len() - part(text, &value).trim_start_matches(['<', '>', '=', '"']).len();
    offered(text, value.start + signs..value.end, values_of(key, board))
}

fn values_of(key: Key, board: &Board) -> Vec<String> {
    let backlog = &board.backlog;
    let mut names: Vec<String> = match key {
        Key::Name(Name::Tool) => backlog.tools.iter().map(|tool| tool.name.clone()).collect(),
        Key::Name(Name::Rule) => backlog.rules.iter().map(|rule| rule.id.clone()).collect(),
        Key::Name(Name::Owner) => {
            let (mut owners, mut last) = (HashSet::new(), "");
            for owner in board.standings.decided().iter().filter_map(|standing| standing.owner.as_deref()) {
                // Findings that were assigned together share one name.
                if !std::ptr::eq(last, owner) {
                    owners.insert(owner);
                    last = owner;
                }
            }
            owners.extend(board.owners.all().iter().flat_map(|all| &all.names).map(|name| &**name));
            owners.into_iter().map(str::to_owned).collect()
        }
        Key::Name(name @ (Name::Service | Name::Workload | Name::Image)) => {
            let homes = board.reaches.homes.all().iter();
            let names = homes.flat_map(|home| name.part().map(|part| home.names(part)).unwrap_or_default());
            names.map(ToString::to_string).collect()
        }
        Key::Name(Name::Remedy) => {
            board.remedies.iter().flat_map(|remedies| remedies.all()).map(|remedy| remedy.text.to_string()).collect()
        }
        Key::Name(Name::Model) => {
            let marks = backlog.ai.iter().filter_map(|(_, mark)| mark.model.as_deref());
            let cached = backlog.evidence.cached.iter().filter_map(|cached| cached.mark.model.as_deref());
            let runs = backlog.runs.iter().filter_map(|run| run.model.as_deref());
            marks.chain(cached).chain(runs).map(str::to_owned).collect::<HashSet<_>>().into_iter().collect()
        }
        Key::Name(Name::Path | Name::Package) | Key::Number(_) | Key::Id | Key::Later | Key::Choice(_) => {
            return words_of(key).into_iter().map(str::to_owned).collect();
        }
    };
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| if name.contains([' ', ',']) { format!("\"{name}\"") } else { name }).collect()
}

/// The words that go on from what is typed in `span`.
fn offered(text: &str, span: Range<usize>, words: Vec<String>) -> Vec<Completion> {
    let typed = part(text, &span).to_lowercase();
    words
        .into_iter()
        .filter(|word| word.trim_start_matches('"').to_lowercase().starts_with(&typed))
        .take(MAX_OFFERED)
        .map(|insert| Completion { span: span.clone(), insert })
        .collect()
}
