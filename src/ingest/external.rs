//! External properties: parts of a run that lie in other files, or at the end of the report (2.1.0, 3.15 and 4).
//!
//! They are put in their places before anything is read, so that the rest of this layer knows nothing of them. Only
//! files beside the report are read, through the same door as the repository's; nothing is fetched.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde_json::value::RawValue;

use crate::model::problem::Loss;
use crate::repo::locate::beside;

use super::json::{Bag, Entries, List, Owned, Properties, Said, lenient};
use super::notes::{Notes, Oddity};
use super::sarif::part::ArtifactLocation;
use super::uri;

lenient! {
    /// `externalPropertyFileReference` (3.16).
    FileReference {
        location: ArtifactLocation<Owned> = "location" | "fileLocation",
        guid: Owned = "guid" | "instanceGuid",
    }
}

lenient! {
    /// What tells a run from others.
    RunName {
        details: RunGuid = "automationDetails",
        base_ids: Entries<ArtifactLocation<Owned>> = "originalUriBaseIds",
    }
}

lenient! {
    /// `runAutomationDetails` (3.17).
    RunGuid {
        guid: Owned = "guid",
    }
}

/// Most bytes that all external files of a report may have together.
const MAX: usize = 256 << 20;

/// Members of a run that can lie elsewhere and are lists; each is named as in the run.
const LISTS: &[&str] = &[
    "addresses",
    "artifacts",
    "graphs",
    "invocations",
    "logicalLocations",
    "policies",
    "results",
    "taxonomies",
    "threadFlowLocations",
    "translations",
    "webRequests",
    "webResponses",
];

/// Members of a run that can lie elsewhere and are objects.
const OBJECTS: &[&str] = &["conversion"];

/// The report with its external properties in their places; `None` where there are none, or where the report is no
/// JSON that can be taken apart.
pub(super) fn inlined(text: &[u8], folder: Option<&Path>, notes: &mut Notes) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?.trim_start_matches('\u{feff}');
    let log: Bag<'_> = serde_json::from_str(text).ok()?;
    let inline: Vec<Bag<'_>> = elements(log.raw("inlineExternalProperties"));
    let runs: Vec<Bag<'_>> = elements(log.raw("runs"));
    let is_only = runs.len() == 1;
    let is_used = vec![false; inline.len()];
    let mut reader = Reader { folder, inline, is_used, left: MAX, notes };
    let runs: Vec<String> = runs.iter().enumerate().map(|(number, run)| reader.run(number, run, is_only)).collect();
    reader.note_unused();
    let mut members: Vec<(&str, Cow<'_, str>)> = kept(&log, &["inlineExternalProperties", "runs"]);
    members.push(("runs", Cow::Owned(format!("[{}]", runs.join(",")))));
    Some(object(&members).into_bytes())
}

struct Reader<'a, 'n> {
    folder: Option<&'a Path>,
    /// `inlineExternalProperties` of the report.
    inline: Vec<Bag<'a>>,
    /// Which of them belong to a run.
    is_used: Vec<bool>,
    /// Bytes that may still be read.
    left: usize,
    notes: &'n mut Notes,
}

/// Raw JSON of the members that are put into a run.
#[derive(Default)]
struct Found {
    /// Elements, one after the other with commas.
    lists: BTreeMap<&'static str, Vec<String>>,
    objects: BTreeMap<&'static str, String>,
    driver: Vec<String>,
    extensions: Vec<String>,
    properties: Vec<String>,
}

impl Reader<'_, '_> {
    /// One run with what belongs into it.
    fn run(&mut self, number: usize, run: &Bag<'_>, is_only: bool) -> String {
        let mut found = Found::default();
        let name = named(run);
        let references: Bag<'_> = parse(run.raw("externalPropertyFileReferences"));
        for (property, raw) in &references.0 {
            let files: List<FileReference> = serde_json::from_str(raw.get()).unwrap_or_default();
            for (at, file) in files.0.iter().enumerate() {
                if self.add_inline(file.guid.get(), property, &mut found) {
                    continue;
                }
                if let Err(reason) = self.add_file(file, &name, property, &mut found) {
                    self.note(number, property, at, &reason);
                }
            }
        }
        let own = self
            .inline
            .iter()
            .zip(&mut self.is_used)
            .filter(|(own, is_used)| !**is_used && belongs(own, &name, is_only));
        for (own, is_used) in own {
            *is_used = true;
            for property in LISTS.iter().chain(OBJECTS).chain(&["driver", "extensions", "externalizedProperties"]) {
                found.add(property, own);
            }
        }
        found.put_into(run)
    }

    /// Takes a property from the report's own external properties.
    fn add_inline(&mut self, guid: Option<&str>, property: &str, found: &mut Found) -> bool {
        let Some(guid) = guid else { return false };
        let has_guid = |own: &Bag<'_>| own.text("guid").is_some_and(|text| text.eq_ignore_ascii_case(guid));
        let own = self.inline.iter().zip(&mut self.is_used).find(|(own, _)| has_guid(own));
        own.map(|(own, is_used)| {
            *is_used = true;
            found.add(property, own);
        })
        .is_some()
    }

    /// Says which of the report's own external properties no run asks for.
    fn note_unused(&mut self) {
        for (at, (own, _)) in self.inline.iter().zip(&self.is_used).enumerate().filter(|(_, (_, is_used))| !**is_used) {
            let has_results = own.raw("results").is_some_and(|raw| !inner(raw, '[', ']').trim().is_empty());
            let loss = if has_results { Loss::File } else { Loss::Nothing };
            let kind = "external properties of no run were not read";
            self.notes.odd(|| format!("/inlineExternalProperties/{at}"), &Oddity { kind, what: String::new(), loss });
        }
    }

    fn add_file(
        &mut self,
        file: &FileReference,
        name: &RunName,
        property: &str,
        found: &mut Found,
    ) -> Result<(), String> {
        let uri = file.location.uri.get().filter(|uri| !uri.is_empty()).ok_or("no file is named")?;
        if uri::has_scheme(uri) {
            return Err(format!("`{uri}` is not beside the report, and nothing is fetched"));
        }
        let folder = self.folder.ok_or_else(|| format!("`{uri}` cannot be found: the report has no folder"))?;
        // A base id may name the folder that the report was written to, or one below the report's own.
        let base = file.location.base.get().and_then(|base| uri::base_uri(&name.base_ids, base));
        let below = base.filter(|base| !uri::has_scheme(base) && !base.starts_with('/'));
        let path = below.map_or_else(|| uri.to_owned(), |base| format!("{}/{uri}", base.trim_end_matches('/')));
        let bytes = beside(folder, &path).map_err(|error| format!("`{uri}` cannot be read: {error}"))?;
        self.left = self.left.checked_sub(bytes.len()).ok_or_else(|| format!("`{uri}` makes the report too large"))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| format!("`{uri}` is not UTF-8"))?;
        let text = text.trim_start_matches('\u{feff}');
        let bag: Bag<'_> = serde_json::from_str(text).map_err(|error| format!("`{uri}` is no valid JSON: {error}"))?;
        found.add(property, &bag);
        Ok(())
    }

    fn note(&mut self, run: usize, property: &str, at: usize, reason: &str) {
        let (kind, loss) = match property {
            "results" => ("results in another file were not read", Loss::File),
            "driver" | "extensions" => ("rules in another file were not read", Loss::Result),
            _ => ("a part of the run in another file was not read", Loss::Nothing),
        };
        let place = || format!("/runs/{run}/externalPropertyFileReferences/{property}/{at}");
        self.notes.odd(place, &Oddity { kind, what: reason.to_owned(), loss });
    }
}

/// Whether external properties in the report belong to a run by its guid, or because there is no other run. Those that
/// a run refers to by their guid are taken there.
fn belongs(own: &Bag<'_>, name: &RunName, is_only: bool) -> bool {
    match (own.text("runGuid"), name.details.guid.get()) {
        (Some(guid), Some(run)) => guid.eq_ignore_ascii_case(run),
        _ => is_only && own.text("guid").is_none(),
    }
}

impl Found {
    /// Takes a property of external properties.
    fn add(&mut self, property: &str, from: &Bag<'_>) {
        let Some(raw) = from.raw(property) else { return };
        if let Some(name) = LISTS.iter().find(|name| **name == property) {
            self.lists.entry(name).or_default().push(inner(raw, '[', ']').to_owned());
        } else if let Some(name) = OBJECTS.iter().find(|name| **name == property) {
            self.objects.insert(name, raw.to_owned());
        } else if property == "driver" {
            self.driver.push(inner(raw, '{', '}').to_owned());
        } else if property == "extensions" {
            self.extensions.push(inner(raw, '[', ']').to_owned());
        } else if property == "externalizedProperties" {
            self.properties.push(inner(raw, '{', '}').to_owned());
        }
    }

    /// The run with all that was found: lists are longer, objects have more members.
    fn put_into(self, run: &Bag<'_>) -> String {
        let mut added: Vec<&str> = vec!["externalPropertyFileReferences"];
        added.extend(self.lists.keys().chain(self.objects.keys()));
        let mut members = kept(run, &added);
        for (name, more) in &self.lists {
            members.push((name, Cow::Owned(joined(run.raw(name), more, '[', ']'))));
        }
        members.extend(self.objects.iter().map(|(name, raw)| (*name, Cow::Borrowed(raw.as_str()))));
        if !(self.driver.is_empty() && self.extensions.is_empty()) {
            let tool: Bag<'_> = parse(run.raw("tool"));
            let mut own = kept(&tool, &["driver", "extensions"]);
            own.push(("driver", Cow::Owned(joined(tool.raw("driver"), &self.driver, '{', '}'))));
            own.push(("extensions", Cow::Owned(joined(tool.raw("extensions"), &self.extensions, '[', ']'))));
            members.push(("tool", Cow::Owned(object(&own))));
        }
        if !self.properties.is_empty() {
            members.push(("properties", Cow::Owned(joined(run.raw("properties"), &self.properties, '{', '}'))));
        }
        object(&members)
    }
}

fn named(run: &Bag<'_>) -> RunName {
    let details = run.raw("automationDetails").and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
    let base_ids = run.raw("originalUriBaseIds").and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
    RunName { details, base_ids }
}

fn parse(raw: Option<&str>) -> Bag<'_> {
    raw.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
}

/// The objects of a list.
fn elements(raw: Option<&str>) -> Vec<Bag<'_>> {
    let list: Vec<&RawValue> = raw.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
    list.into_iter().map(|raw| parse(Some(raw.get()))).collect()
}

/// The members of an object but those that are replaced.
fn kept<'a>(bag: &'a Bag<'_>, without: &[&str]) -> Vec<(&'a str, Cow<'a, str>)> {
    let members = bag.0.iter().filter(|(name, _)| !without.contains(&name.as_ref()));
    members.map(|(name, raw)| (name.as_ref(), Cow::Borrowed(raw.get()))).collect()
}

/// A list or object with more in it.
fn joined(own: Option<&str>, more: &[String], open: char, close: char) -> String {
    let parts = own.map(|own| inner(own, open, close)).into_iter().chain(more.iter().map(String::as_str));
    let parts: Vec<&str> = parts.map(str::trim).filter(|part| !part.is_empty()).collect();
    format!("{open}{}{close}", parts.join(","))
}

/// What stands between the brackets of a list or object; empty for anything else.
fn inner(raw: &str, open: char, close: char) -> &str {
    raw.trim().strip_prefix(open).and_then(|raw| raw.strip_suffix(close)).unwrap_or_default()
}

fn object(members: &[(&str, Cow<'_, str>)]) -> String {
    let member = |(name, raw): &(&str, Cow<'_, str>)| format!("{}:{raw}", serde_json::Value::from(*name));
    format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
}
