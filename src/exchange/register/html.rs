//! One page with charts, which opens anywhere and fetches nothing.

use std::io::{self, Write};

use crate::exchange::chart::{self, bars, columns};
use crate::exchange::markup::{PAGE_END, html, page_head};
use crate::model::due::utc;
use crate::model::exhibit::Exhibit;
use crate::model::register::{Filed, PARTS, Register, Risk};

use super::{basis, check, note, outcome, places, series, story, until};

const STYLE: &str = "code,pre{font:12px/1.4 monospace}pre{overflow-x:auto;background:#8881;padding:.5em}\n\
summary{cursor:pointer}td code{overflow-wrap:anywhere}\n";
/// Places that one cell names, and exhibits of one risk.
const NAMED: usize = 3;
const SHOWN: usize = 20;

pub(super) fn write(register: &Register, to: &mut dyn Write) -> io::Result<()> {
    let title = format!("Register of risks: {}", register.repo);
    to.write_all(page_head(&title, &format!("{}{STYLE}", chart::STYLE)).as_bytes())?;
    writeln!(to, "<h1>{}</h1>\n<p>{}.</p>", html(&title), html(&basis(register)))?;
    let (held, ending) = (series::in_force(register).count(), series::ending(register, 30));
    writeln!(to, "<p>{held} in force, {ending} of them end within 30 days.</p>")?;
    to.write_all(bars("In force by severity", &series::by_severity(register)).as_bytes())?;
    to.write_all(columns("In force at the end of each month", &series::over_time(register)).as_bytes())?;
    to.write_all(columns("Ends in each month to come", &series::ends(register)).as_bytes())?;
    for title in PARTS {
        let mut risks = register.risks.iter().filter(|risk| risk.part() == title).peekable();
        if risks.peek().is_none() {
            continue;
        }
        writeln!(
            to,
            "<h2>{title}</h2>\n<table>\n<thead><tr><th>treatment</th><th>severity</th><th>what</th><th>reason</th>\
             <th>owners</th><th>since</th><th>until</th><th>renewals</th><th>approved by</th><th>became</th>\
             <th>event file and SHA-256</th></tr></thead>\n<tbody>"
        )?;
        for risk in risks {
            row(risk, to)?;
        }
        writeln!(to, "</tbody>\n</table>")?;
    }
    writeln!(
        to,
        "<h2>How to check this</h2>\n<p>Each row names the file of the event that says so. With git and nothing \
                  else:</p>\n<pre>{}</pre>",
        html_lines(&check(register))
    )?;
    if let Some(note) = note(register) {
        writeln!(to, "<p>{}.</p>", html(&note))?;
    }
    for problem in &register.problems {
        writeln!(to, "<p>not counted: {}</p>", html(&problem.to_string()))?;
    }
    to.write_all(PAGE_END.as_bytes())
}

fn html_lines(lines: &[String]) -> String {
    lines.iter().map(|line| html(line)).collect::<Vec<_>>().join("\n")
}

fn filed(filed: &Filed) -> String {
    let mark = filed.suffix();
    format!("<code>{}</code>{mark}<br><code>{}</code>", html(&filed.path), html(&filed.sha256))
}

fn row(risk: &Risk, to: &mut dyn Write) -> io::Result<()> {
    let event = &risk.event;
    let approved: Vec<String> = risk.approved().map(|step| step.event.author.to_string()).collect();
    let owners: Vec<&str> = event.risk_owner.as_deref().into_iter().chain([risk.owner.as_str()]).collect();
    let owners: Vec<&str> = owners.into_iter().filter(|owner| !owner.is_empty()).collect();
    let texts = [&event.reason, &event.control, &event.ticket];
    let said: Vec<String> = texts.into_iter().flatten().map(|text| html(text)).collect();
    let cells = [
        html(&event.op),
        html(&risk.severity),
        format!("{}{}", html_lines(&places(event, NAMED)).replace('\n', "<br>"), details(risk)),
        said.join("<br>"),
        html(&owners.join(", ")),
        utc(risk.since()).to_string(),
        html(&until(event)),
        risk.renewed.len().to_string(),
        html(&approved.join(", ")),
        html(&outcome(risk)),
        filed(&risk.filed),
    ];
    writeln!(to, "<tr><td>{}</td></tr>", cells.join("</td><td>"))
}

/// What happened, and what was known then.
fn details(risk: &Risk) -> String {
    let mut out = String::from("<details><summary>history and evidence</summary>\n<table><tbody>");
    for step in story(risk) {
        let back = if step.is_taken_back { " (taken back)" } else { "" };
        let cells = [
            step.event.at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
            format!("{}{back}", html(&step.event.op)),
            html(&step.event.author),
            html(&until(&step.event)),
            filed(&step.filed),
        ];
        out.push_str(&format!("<tr><td>{}</td></tr>", cells.join("</td><td>")));
    }
    out.push_str("</tbody></table>\n");
    let exhibits = risk.event.exhibits.list();
    out.extend(exhibits.iter().take(SHOWN).map(exhibit));
    if exhibits.len() > SHOWN {
        out.push_str(&format!("<p>The event file has {} more findings as they were.</p>", exhibits.len() - SHOWN));
    }
    out + "</details>"
}

fn exhibit(exhibit: &Exhibit) -> String {
    let score = exhibit.score.map(|score| format!("score {score}")).unwrap_or_default();
    let words = [&exhibit.severity, &exhibit.reach, &exhibit.exposure, &exhibit.lane, &score];
    let words: Vec<&str> = words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    let code: Vec<String> = (exhibit.first_line..)
        .zip(&exhibit.code)
        .map(|(number, line)| format!("{number:>5}  {}", html(line)))
        .collect();
    let said = exhibit.evidence.iter().map(|said| format!("{} ({})", said.words, said.origin));
    let terms = exhibit.terms.iter().map(|term| format!("{:+} {}: {}", term.points, term.name, term.why));
    let reports = exhibit.reports.iter().map(|report| {
        format!("{}, {}, SHA-256 {}", report.tool, report.file, report.sha256.as_deref().unwrap_or("gone"))
    });
    let items: Vec<String> = said.chain(terms).chain(reports).map(|item| html(&item)).collect();
    let items = if items.is_empty() { String::new() } else { format!("<ul><li>{}</li></ul>", items.join("</li><li>")) };
    let code = if code.is_empty() { String::new() } else { format!("<pre>{}</pre>", code.join("\n")) };
    format!(
        "<p><code>{}</code> as it was then: {}</p><p>{}</p>{code}{items}\n",
        html(&exhibit.finding),
        html(&words.join(", ")),
        html(&exhibit.message)
    )
}
