//! Base ids of a run: `uriBaseId` to the URI it stands for (2.1.0, 3.14.14).

use super::json::{Entries, Owned, Said};
use super::sarif::part::ArtifactLocation;

/// The longest chain of base ids that is followed.
const MAX_CHAIN: usize = 16;

/// The URI that a base id stands for, through its own base ids; `None` where the run does not say.
pub(super) fn base_uri(base_ids: &Entries<ArtifactLocation<Owned>>, id: &str) -> Option<String> {
    let mut resolved: Option<String> = None;
    let mut next = Some(id);
    for _ in 0..MAX_CHAIN {
        let Some(location) = next.and_then(|id| base_ids.get(id)) else { break };
        if let Some(uri) = location.uri.get().filter(|uri| !uri.is_empty()) {
            resolved = Some(resolved.map_or_else(|| uri.to_owned(), |below| join(uri, &below)));
            if is_absolute(uri) {
                break;
            }
        }
        next = location.base.get();
    }
    resolved
}

/// Whether a URI needs no base: it has a scheme or starts at the root.
fn is_absolute(uri: &str) -> bool {
    uri.starts_with('/') || has_scheme(uri)
}

/// Whether a text starts with a scheme of at least two characters (one is a drive).
pub(super) fn has_scheme(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

fn join(base: &str, below: &str) -> String {
    format!("{}/{}", base.trim_end_matches('/'), below.trim_start_matches('/'))
}
