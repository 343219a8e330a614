//! The catalogue of known exploited vulnerabilities of CISA, as JSON and as CSV
//! (<https://www.cisa.gov/known-exploited-vulnerabilities-catalog>; its schema lies beside it).

use serde::Deserialize;

use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;
use crate::model::evidence::{Basis, Polarity, Rung, Statement, Subject};

use super::draft::Draft;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Catalogue {
    catalog_version: Option<String>,
    date_released: Option<String>,
    vulnerabilities: Vec<Entry>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Entry {
    #[serde(rename = "cveID")]
    cve: Option<String>,
    date_added: Option<String>,
    known_ransomware_campaign_use: Option<String>,
}

pub(super) fn read_json(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let catalogue: Catalogue = original.document();
    draft.document.tool = "CISA KEV".into();
    draft.document.version = catalogue.catalog_version.map(Into::into);
    let released = catalogue.date_released.and_then(|date| date.parse().ok());
    (draft.document.made, draft.document.states_time) = (released, released.is_some());
    if catalogue.vulnerabilities.is_empty() {
        draft
            .odd("/vulnerabilities", Oddity::costly("the catalogue has no entry", "nothing counts as exploited by it"));
    }
    for (number, entry) in catalogue.vulnerabilities.into_iter().enumerate() {
        add(draft, &format!("/vulnerabilities/{number}"), &entry);
    }
}

pub(super) fn is_csv(head: &str) -> bool {
    head.lines().next().is_some_and(|line| line.starts_with("cveID,") && line.contains("dateAdded"))
}

pub(super) fn read_csv(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "CISA KEV".into();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(original.text());
    let names: Vec<String> = reader.headers().map(|row| row.iter().map(str::to_owned).collect()).unwrap_or_default();
    let mut count = 0;
    for row in reader.records() {
        let Ok(row) = row else {
            draft.odd("", Oddity::costly("a line that is no CSV", ""));
            continue;
        };
        let value = |name: &str| row.get(names.iter().position(|known| known == name)?).map(str::to_owned);
        let line = row.position().map_or(0, csv::Position::line);
        let entry = Entry {
            cve: value("cveID"),
            date_added: value("dateAdded"),
            known_ransomware_campaign_use: value("knownRansomwareCampaignUse"),
        };
        add(draft, &format!("line {line}"), &entry);
        count += 1;
    }
    if count == 0 {
        draft.odd("", Oddity::costly("the catalogue has no entry", "nothing counts as exploited by it"));
    }
}

fn add(draft: &mut Draft<'_>, pointer: &str, entry: &Entry) {
    let Some(cve) = entry.cve.as_deref().filter(|id| !id.is_empty()) else {
        draft.odd(pointer, Oddity::costly("an entry without an id", ""));
        return;
    };
    let is_ransomware = entry.known_ransomware_campaign_use.as_deref() == Some("Known");
    let more = if is_ransomware { ", used by ransomware" } else { "" };
    let added = entry.date_added.as_deref().unwrap_or_default();
    draft.state(Statement {
        pointer: pointer.into(),
        subject: Subject { vulns: vec![cve.into()], ..Subject::default() },
        rung: Rung::Exploited,
        polarity: Polarity::Yes,
        basis: Basis::Intel,
        reason: Some(format!("in the KEV catalogue since {added}{more}").into()),
        strength: 3,
        ..Statement::default()
    });
}
