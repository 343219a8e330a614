//! `requirements.txt` and its like, and the requirements of PEP 508 in other files.

use crate::fix::upgrade::requirement::Style;

use super::{Literal, NotHere, odd, plain, span_of};

pub(super) fn find(text: &str, package: &str) -> Result<Vec<Literal>, NotHere> {
    let mut found = Vec::new();
    let mut is_continued = false;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let code = line.split(" #").next().unwrap_or(line);
        let is_own = !is_continued && !code.trim_start().starts_with(['#', '-']);
        is_continued = code.trim_end().ends_with('\\');
        let Some(one) = is_own.then(|| requirement(text, code.trim_end().trim_end_matches('\\'), package)).flatten()
        else {
            continue;
        };
        if is_continued || code.contains("--hash") {
            return odd("it is pinned by the hashes of its files, which have to be made anew");
        }
        found.push(one?);
    }
    Ok(found)
}

/// The specifiers of a requirement (`name[extra] >=1.2,<2 ; marker`), if it is for this package.
pub(super) fn requirement(text: &str, line: &str, package: &str) -> Option<Result<Literal, NotHere>> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let line = line.trim_start();
    let (name, rest) = line.split_at(line.find(|c| !is_name(c)).unwrap_or(line.len()));
    if name.is_empty() || plain(name) != plain(package) {
        return None;
    }
    let rest = rest.trim_start();
    let rest = if rest.starts_with('[') { rest.split_once(']').map_or("", |(_, rest)| rest) } else { rest };
    let specifiers = rest.split([';', '#']).next().unwrap_or_default().trim();
    let specifiers = specifiers.strip_prefix('(').and_then(|bare| bare.strip_suffix(')')).unwrap_or(specifiers);
    Some(match specifiers {
        "" => odd("it is asked for in any version"),
        specifiers if specifiers.starts_with('@') => odd("it is asked for by an address, not a version"),
        specifiers => Ok(Literal { span: span_of(text, specifiers), style: Style::Python }),
    })
}
