//! What a report says of a result beside message, places and fixes, and of the scan that found it: short texts under
//! the names that SARIF gives them.

use super::detail::{Decoder, short};
use super::json::{Entries, Owned, Said};
use super::sarif::full::{FullResult, WebRequest, WebResponse};
use super::sarif::part::{Address, Location};
use super::sarif::run::{Run, Version};

/// Names and texts, the result's before the run's.
pub(super) fn of(decoder: &mut Decoder<'_, '_>, result: &FullResult) -> Vec<(&'static str, String)> {
    let run = &decoder.context.tables.run;
    let provenance = &result.provenance;
    let mut facts = vec![
        ("guid", stated(&result.guid)),
        ("correlationGuid", stated(&result.correlation_guid)),
        ("occurrenceCount", stated(&result.occurrences)),
        ("firstDetectionTimeUtc", stated(&provenance.first_seen)),
        ("lastDetectionTimeUtc", stated(&provenance.last_seen)),
        ("firstDetectionRunGuid", stated(&provenance.first_run)),
        ("lastDetectionRunGuid", stated(&provenance.last_run)),
        ("analysisTarget", decoder.locate(&result.analysis_target).path),
        ("address", result.locations.0.first().map(|location| address(location, run)).unwrap_or_default()),
        ("webRequest", request(&result.request, run)),
        ("webResponse", response(&result.response, run)),
    ];
    for attachment in &result.attachments.0 {
        let path = decoder.locate(&attachment.artifact).path;
        let description = decoder.text(&attachment.description);
        let words: Vec<String> = description.into_iter().chain([path]).filter(|word| !word.is_empty()).collect();
        facts.push(("attachment", words.join(": ")));
    }
    facts.push(("scan", stated(&run.automation.id)));
    facts.push(("converter", stated(&run.conversion.tool.driver.name)));
    facts.extend(run.versions.0.iter().map(|version| ("versionControl", version_control(version))));
    let invocations = &run.invocations.0;
    let invocation = invocations.get(provenance.invocation.position().unwrap_or(0));
    facts.push(("commandLine", invocation.map(|invocation| stated(&invocation.command)).unwrap_or_default()));
    facts.retain(|(_, text)| !text.trim().is_empty());
    facts.into_iter().map(|(name, text)| (name, short(&text))).collect()
}

fn stated(text: &Owned) -> String {
    text.get().unwrap_or_default().to_owned()
}

fn version_control(version: &Version) -> String {
    let parts = [&version.repository, &version.branch, &version.tag, &version.revision];
    let words: Vec<&str> = parts.into_iter().filter_map(Said::get).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Where something is in memory: its name and its absolute address.
fn address(location: &Location<Owned>, run: &Run) -> String {
    let own = location.physical.address.get();
    let shared = own.and_then(|own| own.index.position()).and_then(|index| run.addresses.0.get(index));
    let said = [own, shared].into_iter().flatten();
    let name = |address: &Address<Owned>| address.full_name.0.clone().or_else(|| address.name.0.clone());
    let absolute = said.clone().find_map(|address| address.absolute.0.filter(|absolute| *absolute >= 0));
    let absolute = absolute.map(|absolute| format!("{absolute:#x}"));
    let words: Vec<String> = said.into_iter().find_map(name).into_iter().chain(absolute).collect();
    words.join(" ")
}

fn request(own: &WebRequest, run: &Run) -> String {
    let shared = own.index.position().and_then(|index| run.requests.0.get(index));
    let request = shared.unwrap_or(own);
    let protocol = protocol(&request.protocol, &request.version);
    let first = join([request.method.get(), request.target.get(), Some(protocol.as_str())]);
    let mut text = exchange(&first, &request.headers, request.body.text.get());
    for (name, value) in &request.parameters.0 {
        text.push_str(&format!("\n{name}={}", value.get().unwrap_or_default()));
    }
    text
}

fn response(own: &WebResponse, run: &Run) -> String {
    let shared = own.index.position().and_then(|index| run.responses.0.get(index));
    let response = shared.unwrap_or(own);
    if response.is_missing.get() == Some("true") {
        return "none was received".to_owned();
    }
    let protocol = protocol(&response.protocol, &response.version);
    let first = join([Some(protocol.as_str()), response.status.get(), response.reason.get()]);
    exchange(&first, &response.headers, response.body.text.get())
}

/// `HTTP/1.1`.
fn protocol(name: &Owned, version: &Owned) -> String {
    let words: Vec<&str> = [name.get(), version.get()].into_iter().flatten().collect();
    words.join("/")
}

fn join<'a>(words: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let words: Vec<&str> = words.into_iter().flatten().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// As it went over the wire: first line, headers, an empty line, the body.
fn exchange(first: &str, headers: &Entries<Owned>, body: Option<&str>) -> String {
    let mut text = first.to_owned();
    for (name, value) in &headers.0 {
        text.push_str(&format!("\n{name}: {}", value.get().unwrap_or_default()));
    }
    if let Some(body) = body {
        text.push_str(&format!("\n\n{body}"));
    }
    text
}
