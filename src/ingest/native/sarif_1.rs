//! SARIF 1.0.0 (the draft of 2016): messages are texts, rules and files are objects by their key, places lie directly
//! in a location, and the end column belongs to the region. Its fixes hold bytes in Base64; they are kept as advice.

use crate::ingest::json::{Entries, Int, List, Owned, OwnedBag, Said, lenient};
use crate::repo::Repo;

use super::original::Original;
use super::write::{CodeFlow, Finding, Fix, Location, Log, Region, Rule, Suppression, bag, text};

lenient! {
    Report {
        runs: List<Run> = "runs",
    }
}

lenient! {
    Run {
        tool: Tool = "tool",
        invocation: Invocation = "invocation",
        rules: Entries<RuleEntry> = "rules",
        results: List<Entry> = "results",
        faults: List<Notification> = "toolNotifications",
    }
}

lenient! {
    Tool {
        name: Owned = "name",
        version: Owned = "version",
        semantic: Owned = "semanticVersion",
    }
}

lenient! {
    Invocation {
        end: Owned = "endTime",
    }
}

lenient! {
    Notification {
        level: Owned = "level",
    }
}

lenient! {
    RuleEntry {
        id: Owned = "id",
        name: Owned = "name",
        short: Owned = "shortDescription",
        full: Owned = "fullDescription",
        level: Owned = "defaultLevel",
        formats: Entries<Owned> = "messageFormats",
        help: Owned = "helpUri",
        properties: OwnedBag = "properties",
    }
}

lenient! {
    Entry {
        rule: Owned = "ruleId",
        key: Owned = "ruleKey",
        level: Owned = "level",
        message: Owned = "message",
        formatted: Formatted = "formattedRuleMessage",
        locations: List<Place> = "locations",
        snippet: Owned = "snippet",
        flows: List<Flow> = "codeFlows",
        related: List<Step> = "relatedLocations",
        fixes: List<FixEntry> = "fixes",
        suppressions: List<Owned> = "suppressionStates",
        properties: OwnedBag = "properties",
    }
}

lenient! {
    Formatted {
        id: Owned = "formatId",
        arguments: List<Owned> = "arguments",
    }
}

lenient! {
    Place {
        target: Physical = "analysisTarget",
        file: Physical = "resultFile",
    }
}

lenient! {
    Physical {
        uri: Owned = "uri",
        region: Extent = "region",
    }
}

lenient! {
    Extent {
        line: Int = "startLine",
        column: Int = "startColumn",
        end_line: Int = "endLine",
        end_column: Int = "endColumn",
    }
}

lenient! {
    Flow {
        steps: List<Step> = "locations",
    }
}

lenient! {
    Step {
        place: Physical = "physicalLocation",
        message: Owned = "message",
    }
}

lenient! {
    FixEntry {
        description: Owned = "description",
    }
}

pub(super) fn read(original: &mut Original<'_>, _: &Repo) -> Vec<Log> {
    let report: Report = original.document();
    report.runs.0.into_iter().enumerate().map(|(number, run)| log(number, run)).collect()
}

fn log(number: usize, run: Run) -> Log {
    let Run { tool, invocation, rules, results, faults } = run;
    let mut log = Log::new(tool.name.get().unwrap_or_default());
    log.version = tool.semantic.0.or(tool.version.0);
    log.ended = invocation.end.0;
    log.has_failed = faults.0.iter().any(|fault| fault.level.get() == Some("error"));
    for (index, entry) in results.0.into_iter().enumerate() {
        let key = entry.key.get().or(entry.rule.get()).unwrap_or_default();
        let known = rules.get(key);
        let finding = finding(format!("/runs/{number}/results/{index}"), known, &entry);
        log.push(rule(known, &entry), finding);
    }
    log
}

fn rule(known: Option<&RuleEntry>, entry: &Entry) -> Rule {
    let id = entry.rule.0.clone().or_else(|| known?.id.0.clone()).unwrap_or_default();
    let Some(known) = known else { return Rule { id, ..Rule::default() } };
    Rule {
        id,
        name: known.name.0.clone(),
        short_description: text(known.short.0.clone()),
        full_description: text(known.full.0.clone()),
        help_uri: known.help.0.clone(),
        properties: kept(&known.properties),
        ..Rule::default()
    }
}

fn finding(pointer: String, known: Option<&RuleEntry>, entry: &Entry) -> Finding {
    let level = entry.level.get().or_else(|| known?.level.get());
    let (kind, level) = match level {
        Some("pass") => (Some("pass"), Some("none")),
        Some("notApplicable") => (Some("notApplicable"), Some("none")),
        Some("error") => (None, Some("error")),
        Some("note") => (None, Some("note")),
        Some(_) | None => (None, Some("warning")),
    };
    let locations = entry.locations.0.iter().map(|place| {
        let is_stated = place.file.uri.get().is_some();
        location(if is_stated { &place.file } else { &place.target }, entry.snippet.get())
    });
    let said = |step: &Step| location(&step.place, None).saying(step.message.0.clone());
    let flow = |flow: &Flow| CodeFlow::new(flow.steps.0.iter().map(said).collect());
    let suppressions = entry.suppressions.0.iter().map(|state| match state.get() {
        Some("suppressedExternally") => Suppression::external(None),
        _ => Suppression::in_source(None),
    });
    Finding {
        pointer,
        kind,
        level,
        message: text(message(known, entry)),
        locations: locations.collect(),
        related_locations: entry.related.0.iter().map(said).collect(),
        code_flows: entry.flows.0.iter().map(flow).collect(),
        fixes: entry.fixes.0.iter().filter_map(|fix| fix.description.0.clone()).map(Fix::advice).collect(),
        suppressions: suppressions.collect(),
        properties: kept(&entry.properties),
        ..Finding::default()
    }
}

/// The message, or the rule's format with its arguments.
fn message(known: Option<&RuleEntry>, entry: &Entry) -> Option<String> {
    let format = || known?.formats.get(entry.formatted.id.get()?)?.0.clone();
    let stated = entry.message.0.clone().filter(|text| !text.is_empty());
    stated.or_else(|| {
        let arguments = entry.formatted.arguments.0.iter().map(|text| text.get().unwrap_or_default());
        let fill = |text: String, (number, argument): (usize, &str)| text.replace(&format!("{{{number}}}"), argument);
        Some(arguments.enumerate().fold(format()?, fill))
    })
}

fn location(place: &Physical, snippet: Option<&str>) -> Location {
    let Extent { line, column, end_line, end_column } = &place.region;
    let end_column = end_column.0.map(|column| column.saturating_add(1));
    let region = Region::between((line.0, column.0), (end_line.0, end_column));
    Location::of_uri(place.uri.get().unwrap_or_default()).at(region.showing(snippet.map(str::to_owned)))
}

/// The properties that later stages look at.
fn kept(properties: &OwnedBag) -> super::write::Bag {
    let value =
        |name: &str| properties.get(name).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    bag([("tags", value("tags")), ("cwe", value("cwe")), ("severity", value("severity"))])
}
