//! Reports of ZAP, as JSON and as XML (<https://www.zaproxy.org/docs/desktop/addons/report-generation/report-traditional-json/>):
//! alerts with the addresses where they were raised. An alert with an attack was provoked; others were seen in passing
//! and prove nothing.

use jiff::Timestamp;

use crate::ingest::json::{List, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::ingest::repair::Flaw;
use crate::model::evidence::{Basis, Entry, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::route;
use super::xml::{self, Tag, Tags};

lenient! {
    Report {
        version: Owned = "@version",
        made: Owned = "created",
        sites: List<Site> = "site",
    }
}

lenient! {
    Site {
        name: Owned = "@name",
        alerts: List<Alert> = "alerts",
    }
}

lenient! {
    Alert {
        name: Owned = "name" | "alert",
        risk: Owned = "riskdesc",
        confidence: Owned = "confidence",
        cwe: Owned = "cweid",
        instances: List<Instance> = "instances",
    }
}

lenient! {
    Instance {
        uri: Owned = "uri",
        method: Owned = "method",
        param: Owned = "param",
        attack: Owned = "attack",
    }
}

/// The confidence of what a person called wrong.
const FALSE_POSITIVE: &str = "0";

pub(super) fn read_json(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let report: Report = original.document();
    document(draft, report.version.get(), report.made.get());
    for (number, site) in report.sites.0.iter().enumerate() {
        for (index, alert) in site.alerts.0.iter().enumerate() {
            for (place, instance) in alert.instances.0.iter().enumerate() {
                state(draft, format!("/site/{number}/alerts/{index}/instances/{place}"), alert, instance);
            }
        }
    }
}

fn document(draft: &mut Draft<'_>, version: Option<&str>, made: Option<&str>) {
    draft.document.tool = "ZAP".into();
    draft.document.version = version.map(Into::into);
    draft.document.made = made.and_then(|made| made.parse::<Timestamp>().ok());
    draft.document.states_time = draft.document.made.is_some();
}

fn state(draft: &mut Draft<'_>, pointer: String, alert: &Alert, instance: &Instance) {
    let said = |text: &Owned| text.get().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let Some(uri) = said(&instance.uri) else { return };
    let (host, path) = route::of_address(&uri);
    let is_wrong = alert.confidence.get() == Some(FALSE_POSITIVE);
    let (polarity, strength) = match (said(&instance.attack), is_wrong) {
        (Some(_), false) => (Polarity::Yes, 4),
        _ => (Polarity::Unknown, 1),
    };
    let cwe = said(&alert.cwe).and_then(|cwe| cwe.parse::<u32>().ok()).filter(|cwe| *cwe > 0);
    let words = [
        said(&alert.name),
        said(&alert.risk),
        cwe.map(|cwe| format!("CWE-{cwe}")),
        said(&instance.param).map(|param| format!("parameter `{param}`")),
        is_wrong.then(|| "marked as false positive".to_owned()),
        (polarity == Polarity::Unknown && !is_wrong).then(|| "seen without an attack".to_owned()),
    ];
    draft.state(Statement {
        pointer: pointer.into(),
        subject: Subject {
            symbol: Some(route::words(instance.method.get().unwrap_or_default(), path).into()),
            service: (!host.is_empty()).then(|| host.into()),
            cwe,
            ..Subject::default()
        },
        rung: Rung::Controllable,
        polarity,
        basis: Basis::Dynamic,
        entry: Entry::Http,
        reason: Some(words.into_iter().flatten().collect::<Vec<_>>().join(", ").into()),
        strength,
        ..Statement::default()
    });
}

pub(super) fn is_xml(head: &str) -> bool {
    xml::root(head).as_deref() == Some("OWASPZAPReport")
}

pub(super) fn read_xml(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let text = String::from_utf8_lossy(original.text());
    let mut report = Xml::default();
    if !xml::read(&text, &mut report) {
        original.flaws.insert(Flaw::Cut);
    }
    document(draft, report.version.as_deref(), None);
    for (alert, instances) in &report.alerts {
        for (line, instance) in instances {
            state(draft, format!("line {line}"), alert, instance);
        }
    }
}

#[derive(Default)]
struct Xml {
    version: Option<String>,
    alert: Alert,
    /// Those of the alert that is open, with their lines.
    instances: Vec<(u32, Instance)>,
    is_in_instance: bool,
    alerts: Vec<(Alert, Vec<(u32, Instance)>)>,
}

impl Tags for Xml {
    fn open(&mut self, tag: &Tag<'_>, line: u32) {
        match tag.name() {
            "OWASPZAPReport" => self.version = tag.text("version"),
            "alertitem" => (self.alert, self.instances) = (Alert::default(), Vec::new()),
            "instance" => {
                self.is_in_instance = true;
                self.instances.push((line, Instance::default()));
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str, text: &str) {
        let text = || Owned(Some(text.to_owned()));
        if name == "instance" {
            self.is_in_instance = false;
        } else if let Some((_, instance)) = self.instances.last_mut().filter(|_| self.is_in_instance) {
            match name {
                "uri" => instance.uri = text(),
                "method" => instance.method = text(),
                "param" => instance.param = text(),
                "attack" => instance.attack = text(),
                _ => {}
            }
        } else {
            match name {
                "name" | "alert" => self.alert.name = text(),
                "riskdesc" => self.alert.risk = text(),
                "confidence" => self.alert.confidence = text(),
                "cweid" => self.alert.cwe = text(),
                "alertitem" => {
                    self.alerts.push((std::mem::take(&mut self.alert), std::mem::take(&mut self.instances)));
                }
                _ => {}
            }
        }
    }
}
