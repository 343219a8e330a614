//! Ignore files of Trivy, Grype and OSV-Scanner.
//!
//! Such a rule is about ids, not findings. One that would also hide a finding that is not decided, or that is decided
//! otherwise, is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use jiff::civil::Date;

use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::grade::Category;
use crate::model::text::visible;

use super::safe::line;
use super::words::{decided, is_ignored, said};

/// Which of the three.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    Trivy,
    Grype,
    Osv,
}

/// What a rule matches by; empty where it does not look at that.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Part of the file (Trivy).
    section: &'static str,
    id: String,
    purl: String,
    package: String,
    version: String,
    path: String,
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    text: String,
    until: Option<Date>,
}

/// Writes the rules for decided findings among these; returns how many decided findings have none.
pub fn write(tool: Tool, board: &Board, findings: &[FindingIdx], out: &mut dyn Write) -> io::Result<usize> {
    let mut rules: BTreeMap<Key, BTreeSet<Option<Said>>> = BTreeMap::new();
    // Every finding counts, whatever the query keeps: a rule hides it too.
    for finding in (0..).take(board.backlog.findings.len()) {
        let lead = board.lead(finding);
        if !lead.is_there() {
            continue;
        }
        for key in keys(tool, board, finding) {
            rules.entry(key).or_default().insert(rule(board, finding));
        }
    }
    let wanted: Vec<FindingIdx> =
        findings.iter().copied().filter(|&finding| is_ignored(board.status(finding))).collect();
    let mut written: BTreeMap<Key, Said> = BTreeMap::new();
    let mut left_out = 0;
    for finding in wanted {
        let keys = keys(tool, board, finding);
        let own = rule(board, finding);
        let is_sure = |key: &Key| rules.get(key).is_some_and(|said| said.len() == 1);
        match own.filter(|_| !keys.is_empty() && keys.iter().all(is_sure)) {
            Some(said) => written.extend(keys.into_iter().map(|key| (key, said.clone()))),
            None => left_out += 1,
        }
    }
    match tool {
        Tool::Trivy => trivy(&written, out)?,
        Tool::Grype => grype(&written, out)?,
        Tool::Osv => osv(&written, out)?,
    }
    Ok(left_out)
}

fn rule(board: &Board, finding: FindingIdx) -> Option<Said> {
    let event = decided(board, finding).filter(|_| is_ignored(board.status(finding)))?;
    Some(Said { text: said(event), until: event.until })
}

/// The rules that hide a finding: one for each id that a scanner may know it by.
fn keys(tool: Tool, board: &Board, finding: FindingIdx) -> Vec<Key> {
    let backlog = &board.backlog;
    let lead = backlog.lead(finding);
    let members = backlog.members(finding);
    let path = backlog.paths.get(lead.path).filter(|path| path.in_repo).map(|path| path.text.to_owned());
    let base = |section| Key { section, path: path.clone().unwrap_or_default(), ..Key::default() };
    let advisories: BTreeSet<&str> =
        members.iter().flat_map(|&result| backlog.advisories_of(result)).map(|id| &**id).collect();
    if lead.category() != Category::Dependency {
        let section = if lead.category() == Category::Secret { "secrets" } else { "misconfigurations" };
        let is_known = tool == Tool::Trivy && path.is_some() && backlog.tool(lead).family == "trivy";
        return is_known.then(|| Key { id: backlog.rule(lead).id.clone(), ..base(section) }).into_iter().collect();
    }
    let package = members.iter().find_map(|&result| backlog.package_of(result));
    let purl = package.and_then(|package| package.purl.clone()).unwrap_or_default();
    let keyed = |id: &str| {
        let id = id.to_owned();
        match tool {
            Tool::Osv => Some(Key { id, ..Key::default() }),
            Tool::Trivy if purl.is_empty() => path.is_some().then(|| Key { id, ..base("vulnerabilities") }),
            Tool::Trivy => Some(Key { section: "vulnerabilities", id, purl: purl.clone(), ..Key::default() }),
            Tool::Grype => package.map(|package| Key {
                id,
                package: package.name.clone(),
                version: package.version.clone().unwrap_or_default(),
                ..Key::default()
            }),
        }
    };
    advisories.into_iter().filter_map(keyed).collect()
}

/// A string as JSON has it, which YAML 1.2 and TOML read too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(visible(text)).to_string()
}

fn trivy(rules: &BTreeMap<Key, Said>, out: &mut dyn Write) -> io::Result<()> {
    let mut section = "";
    for (key, said) in rules {
        if key.section != section {
            section = key.section;
            line(out, &format!("{section}:"))?;
        }
        line(out, &format!("  - id: {}", quoted(&key.id)))?;
        for (name, value) in [("purls", &key.purl), ("paths", &key.path)] {
            if !value.is_empty() {
                line(out, &format!("    {name}:\n      - {}", quoted(value)))?;
            }
        }
        if let Some(until) = said.until {
            line(out, &format!("    expired_at: {until}"))?;
        }
        line(out, &format!("    statement: {}", quoted(&said.text)))?;
    }
    if rules.is_empty() { line(out, "{}") } else { Ok(()) }
}

/// Grype has no end date: the reason names it, and an import here reads it.
fn grype(rules: &BTreeMap<Key, Said>, out: &mut dyn Write) -> io::Result<()> {
    line(out, if rules.is_empty() { "ignore: []" } else { "ignore:" })?;
    for (key, said) in rules {
        line(out, &format!("  - vulnerability: {}", quoted(&key.id)))?;
        line(out, &format!("    reason: {}", quoted(&said.text)))?;
        line(out, &format!("    package:\n      name: {}", quoted(&key.package)))?;
        if !key.version.is_empty() {
            line(out, &format!("      version: {}", quoted(&key.version)))?;
        }
    }
    Ok(())
}

fn osv(rules: &BTreeMap<Key, Said>, out: &mut dyn Write) -> io::Result<()> {
    for (key, said) in rules {
        line(out, &format!("[[IgnoredVulns]]\nid = {}", quoted(&key.id)))?;
        if let Some(until) = said.until {
            line(out, &format!("ignoreUntil = {until}T00:00:00Z"))?;
        }
        line(out, &format!("reason = {}\n", quoted(&said.text)))?;
    }
    Ok(())
}
