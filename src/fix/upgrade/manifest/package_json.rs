//! `package.json`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::fix::upgrade::requirement::Style;

use super::{Literal, NotHere, odd, span_of};

/// Members that ask for packages by name. Overrides and resolutions also hold what other packages bring in.
const SECTIONS: &[&str] = &["dependencies", "devDependencies", "optionalDependencies", "overrides", "resolutions"];

type Members<'t> = BTreeMap<String, &'t RawValue>;

pub(super) fn find(text: &str, package: &str) -> Result<Vec<Literal>, NotHere> {
    let bare = text.trim_start_matches('\u{feff}');
    let Ok(members) = serde_json::from_str::<Members<'_>>(bare) else { return odd("it is no JSON object") };
    let named = |section: &str| {
        let section = members.get(section)?;
        serde_json::from_str::<Members<'_>>(section.get()).ok()?.get(package).copied()
    };
    let found: Vec<&RawValue> = SECTIONS.iter().filter_map(|section| named(section)).collect();
    if found.is_empty() && named("peerDependencies").is_some() {
        return odd("it is asked for as a peer only, which another package has to bring");
    }
    found.into_iter().map(|value| literal(text, value.get())).collect()
}

fn literal(text: &str, value: &str) -> Result<Literal, NotHere> {
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    match inner {
        Some(inner) if inner.contains(':') || inner.contains('/') => {
            odd("it is asked for by an address, not a version")
        }
        Some(inner) if !inner.contains('\\') => Ok(Literal { span: span_of(text, inner), style: Style::Npm }),
        Some(_) | None => odd("it is not asked for by a plain text"),
    }
}
