//! A table of all risks, and a section for each.

use std::io::{self, Write};

use crate::exchange::markup::markdown;
use crate::model::due::utc;
use crate::model::exhibit::Exhibit;
use crate::model::register::{PARTS, Register, Risk};
use crate::model::text::{counted, visible};

use super::{basis, check, note, outcome, places, series, story, until};

/// Places that one cell names, and exhibits of one risk.
const NAMED: usize = 3;
const SHOWN: usize = 20;

pub(super) fn write(register: &Register, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "# Register of risks: {}\n", markdown(&register.repo))?;
    writeln!(to, "{}.", markdown(&basis(register)))?;
    let (held, ending) = (series::in_force(register).count(), series::ending(register, 30));
    writeln!(to, "{held} in force, {ending} of them end within 30 days.\n")?;
    for title in PARTS {
        let risks: Vec<(usize, &Risk)> = (1..).zip(&register.risks).filter(|(_, risk)| risk.part() == title).collect();
        if risks.is_empty() {
            continue;
        }
        writeln!(to, "## {title}\n")?;
        writeln!(
            to,
            "| no. | treatment | severity | what | reason | risk owner | owner | since | until | renewals | approved by | \
             became | event file | SHA-256 |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
        )?;
        for (number, risk) in risks {
            row(number, risk, to)?;
        }
        writeln!(to)?;
    }
    for (number, risk) in (1..).zip(&register.risks) {
        section(number, risk, to)?;
    }
    writeln!(to, "## How to check this\n")?;
    writeln!(to, "Each row names the file of the event that says so. With git and nothing else:\n\n```")?;
    for line in check(register) {
        writeln!(to, "{line}")?;
    }
    writeln!(to, "```")?;
    if let Some(note) = note(register) {
        writeln!(to, "\n{}.", markdown(&note))?;
    }
    for problem in &register.problems {
        writeln!(to, "\n- not counted: {}", markdown(&problem.to_string()))?;
    }
    Ok(())
}

fn row(number: usize, risk: &Risk, to: &mut dyn Write) -> io::Result<()> {
    let event = &risk.event;
    let approved: Vec<String> = risk.approved().map(|step| step.event.author.to_string()).collect();
    let cells = [
        number.to_string(),
        event.op.to_string(),
        risk.severity.clone(),
        places(event, NAMED).join("; "),
        event.reason.clone().unwrap_or_default(),
        event.risk_owner.clone().unwrap_or_default(),
        risk.owner.clone(),
        utc(risk.since()).to_string(),
        until(event),
        risk.renewed.len().to_string(),
        approved.join(", "),
        outcome(risk),
        format!("{}{}", risk.filed.path, risk.filed.suffix()),
        risk.filed.sha256.clone(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| markdown(cell)).collect();
    writeln!(to, "| {} |", cells.join(" | "))
}

fn section(number: usize, risk: &Risk, to: &mut dyn Write) -> io::Result<()> {
    let event = &risk.event;
    writeln!(to, "### {number}. {}\n", markdown(&places(event, 1).join(" ")))?;
    let held = format!("{} of {} results that it names", risk.held, event.members.len());
    let facts = [
        ("reason", event.reason.clone().unwrap_or_default()),
        ("control", event.control.clone().unwrap_or_default()),
        ("ticket", event.ticket.clone().unwrap_or_default()),
        ("query", event.query.clone().unwrap_or_default()),
        ("on branches", event.branches.join(", ")),
        ("decides", held),
        (
            "in all",
            risk.days().map(|days| counted(usize::try_from(days).unwrap_or(0), "day", "days")).unwrap_or_default(),
        ),
    ];
    for (name, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(to, "- {name}: {}", markdown(text))?;
    }
    writeln!(to, "\n| when | what | who | until | event file | SHA-256 |\n|---|---|---|---|---|---|")?;
    for step in story(risk) {
        let back = if step.is_taken_back { " (taken back)" } else { "" };
        let cells = [
            step.event.at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
            format!("{}{back}", step.event.op),
            step.event.author.to_string(),
            until(&step.event),
            format!("{}{}", step.filed.path, step.filed.suffix()),
            step.filed.sha256.clone(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| markdown(cell)).collect();
        writeln!(to, "| {} |", cells.join(" | "))?;
    }
    let exhibits = event.exhibits.list();
    for exhibit in exhibits.iter().take(SHOWN) {
        self::exhibit(exhibit, to)?;
    }
    if exhibits.len() > SHOWN {
        writeln!(to, "\nThe event file has {} more findings as they were.", exhibits.len() - SHOWN)?;
    }
    writeln!(to)
}

/// A finding as it was when it was decided upon.
fn exhibit(exhibit: &Exhibit, to: &mut dyn Write) -> io::Result<()> {
    let score = exhibit.score.map(|score| format!(", score {score}")).unwrap_or_default();
    let words = [&exhibit.severity, &exhibit.reach, &exhibit.exposure, &exhibit.lane];
    let words: Vec<&str> = words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    writeln!(to, "\n{} as it was then: {}{score}.", markdown(&exhibit.finding), markdown(&words.join(", ")))?;
    writeln!(to, "\n{}\n", markdown(&exhibit.message))?;
    if !exhibit.code.is_empty() {
        // A fence that no line of the code closes.
        let longest = exhibit.code.iter().map(|line| line.bytes().filter(|byte| *byte == b'`').count()).max();
        let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
        writeln!(to, "{fence}")?;
        for (number, line) in (exhibit.first_line..).zip(&exhibit.code) {
            writeln!(to, "{number:>5}  {}", visible(line))?;
        }
        writeln!(to, "{fence}\n")?;
    }
    for said in &exhibit.evidence {
        writeln!(to, "- {} ({})", markdown(&said.words), markdown(&said.origin))?;
    }
    for term in &exhibit.terms {
        writeln!(to, "- {:+} {}: {}", term.points, markdown(&term.name), markdown(&term.why))?;
    }
    for report in &exhibit.reports {
        let hash = report.sha256.as_deref().unwrap_or("gone");
        writeln!(to, "- {}, {}, SHA-256 {}", markdown(&report.tool), markdown(&report.file), markdown(hash))?;
    }
    Ok(())
}
