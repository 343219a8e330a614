//! One line a risk.

use std::io::{self, Write};

use crate::exchange::markup::csv;
use crate::model::due::utc;
use crate::model::register::{Filed, Register, Risk, Step};

use super::{outcome, places};

const HEAD: &str = "state,treatment,severity,reach,score,findings,places,owner,risk owner,reason,control,ticket,since,from,\
until,days,renewals,decided by,approved by,became,event,file,sha256,commit,approval files,renewed files,tools,reports";

pub(super) fn write(register: &Register, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "{HEAD}")?;
    for risk in &register.risks {
        let cells: Vec<String> = cells(register, risk).iter().map(|cell| csv(cell)).collect();
        writeln!(to, "{}", cells.join(","))?;
    }
    Ok(())
}

fn cells(register: &Register, risk: &Risk) -> Vec<String> {
    let event = &risk.event;
    let exhibits = event.exhibits.list();
    let first = exhibits.first();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let joined = |texts: &mut dyn Iterator<Item = String>| {
        let mut all: Vec<String> = texts.collect();
        all.dedup();
        all.join(" ")
    };
    let reports = || exhibits.iter().flat_map(|exhibit| &exhibit.reports);
    let commit = register.commit.as_ref().filter(|_| risk.filed.is_committed);
    vec![
        risk.state.to_owned(),
        event.op.to_string(),
        risk.severity.clone(),
        first.map(|one| one.reach.clone()).unwrap_or_default(),
        first.and_then(|one| one.score).map(|score| score.to_string()).unwrap_or_default(),
        joined(&mut event.members.iter().map(|member| member.id.to_string())),
        places(event, usize::MAX).join("; "),
        risk.owner.clone(),
        text(&event.risk_owner),
        text(&event.reason),
        text(&event.control),
        text(&event.ticket),
        utc(risk.since()).to_string(),
        utc(event.at).to_string(),
        super::until(event),
        risk.days().map(|days| days.to_string()).unwrap_or_default(),
        risk.renewed.len().to_string(),
        event.author.to_string(),
        joined(&mut risk.approved().map(|step| step.event.author.to_string())),
        outcome(risk),
        event.id.clone(),
        risk.filed.path.clone(),
        risk.filed.sha256.clone(),
        commit.map(|commit| commit.id.clone()).unwrap_or_default(),
        files(&risk.approvals),
        files(&risk.renewed),
        joined(&mut reports().map(|report| report.tool.clone())),
        joined(&mut reports().map(|report| format!("{}={}", report.file, report.sha256.as_deref().unwrap_or("gone")))),
    ]
}

/// `FILE=SHA256`, one after the other.
fn files(steps: &[Step]) -> String {
    let file = |step: &Step| {
        let Filed { path, sha256, .. } = &step.filed;
        format!("{path}={sha256}")
    };
    steps.iter().map(file).collect::<Vec<_>>().join(" ")
}
