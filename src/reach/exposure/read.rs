//! From a repository and cluster dumps to the graph.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::evidence::Manifest;
use crate::model::exposure::Graph;
use crate::model::problem::Loss;
use crate::model::text::counted;
use crate::model::yaml::{self, Document, MAX_DOCUMENTS};
use crate::repo::Repo;

use super::facts::{Facts, Place};
use super::files::{Candidate, Kind, Tree, read_all};
use super::path::{folder_of, name_of, shown};
use super::value::text;
use super::{compose, dockerfile, join, kubernetes, kustomize, skaffold, terraform, verdict, workflow};

/// What to do about a template.
const RENDER: &str = "give what `helm template` or `kustomize build` prints as an INPUT";

/// Reads those of the files of a repository (`Repo::files`) that build and deploy something, and the manifests that were
/// given as reports. Never fails: what cannot be read is a problem of the graph.
pub fn read(repo: &Repo, files: &[String], manifests: &[Manifest]) -> Graph {
    let name = repo.name();
    let tree = Tree::new(files, &name);
    let (mut candidates, skipped) = tree.candidates(repo);
    // What was named is read as a report is, however large it is.
    candidates.retain(|candidate| manifests.iter().all(|manifest| *manifest.name != *candidate.path));
    let mut facts = read_all(&candidates, |candidate| of_file(repo, &tree, candidate));
    if skipped > 0 {
        let reason = format!("{skipped} files that may say where code runs were not read: there are too many");
        facts.problem(".", 0, reason, "");
        facts.unread.push(format!("{skipped} files"));
    }
    for manifest in manifests {
        let mut own = Facts::default();
        of_text(&manifest.name, &manifest.text, &tree, &mut own);
        // What was named as an input and is not whole is an input that could not be read.
        if own.unread.iter().any(|what| what.ends_with(&*manifest.name)) {
            own.problems.iter_mut().for_each(|problem| problem.loss = Loss::File);
        }
        facts.absorb(own);
    }
    compose::resolve(&tree, &mut facts);
    name_templates(&rendered(manifests), &mut facts);
    verdict::judge(join::join(facts, &tree))
}

fn of_file(repo: &Repo, tree: &Tree<'_>, candidate: &Candidate<'_>) -> Facts {
    let mut facts = Facts::default();
    let path = candidate.path;
    let Some(text) = candidate.text(repo, &mut facts) else { return facts };
    match candidate.kind {
        Kind::Dockerfile => drop(facts.dockerfiles.insert(path.to_owned(), dockerfile::read(&text))),
        Kind::Terraform => terraform::read(path, &text, &mut facts),
        Kind::Compose | Kind::Workflow | Kind::Yaml | Kind::Json => of_text(path, &text, tree, &mut facts),
    }
    facts
}

/// Each document of a YAML text, or the one of a JSON text.
fn of_text(path: &str, text: &str, tree: &Tree<'_>, facts: &mut Facts) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with(['{', '[']) {
        match json(path, text, tree) {
            Ok(read) => return facts.absorb(read),
            Err((line, error)) if path.to_ascii_lowercase().ends_with("json") => {
                return unreadable(path, line, &format!("it is no JSON that can be read: {error}"), facts);
            }
            // A template, or YAML that only begins so.
            Err(_) => {}
        }
    }
    for (number, document) in yaml::documents(text).enumerate() {
        if number == MAX_DOCUMENTS {
            let reason = format!("only its first {MAX_DOCUMENTS} documents were read");
            unreadable(path, document.line, &reason, facts);
            break;
        }
        let place = Place { file: path.to_owned(), line: document.line, pointer: String::new() };
        match document.value() {
            Ok(value) if is_template(&document, &value) => template(path, facts),
            Ok(value) => of_value(&value, &place, Some(&document), tree, facts),
            Err(_) if document.text.contains("{{") => template(path, facts),
            Err(error) => unreadable(path, document.line, &format!("it is no YAML that can be read: {error}"), facts),
        }
    }
}

/// The documents of a JSON text, one behind the other; else the line of the one that is broken, and why.
fn json(path: &str, text: &str, tree: &Tree<'_>) -> Result<Facts, (u32, String)> {
    let mut facts = Facts::default();
    for (number, document) in yaml::json_documents(text).enumerate() {
        let line = if number == 0 { 0 } else { document.line };
        if number == MAX_DOCUMENTS {
            unreadable(path, line, &format!("only its first {MAX_DOCUMENTS} documents were read"), &mut facts);
            break;
        }
        let value = yaml::json(document.text).map_err(|error| (line, error))?;
        let place = Place { file: path.to_owned(), line, pointer: String::new() };
        of_value(&value, &place, None, tree, &mut facts);
    }
    Ok(facts)
}

fn of_value(value: &Value, place: &Place, document: Option<&Document<'_>>, tree: &Tree<'_>, facts: &mut Facts) {
    let version = text(value, "/apiVersion").unwrap_or_default();
    let is_kustomization = place.file.contains("kustomization.");
    match value {
        _ if version.starts_with("skaffold/") => skaffold::read(value, place, tree, facts),
        _ if name_of(&place.file) == "Chart.yaml" => {
            let name = text(value, "/name").unwrap_or_default();
            facts.charts.insert(folder_of(&place.file).to_owned(), name);
        }
        _ if version.starts_with("kustomize.config.k8s.io/") || is_kustomization => kustomize::read(value, facts),
        _ if !version.is_empty() => kubernetes::object(value, place, facts),
        _ if place.file.starts_with(".github/workflows/") => workflow::read(value, place, tree, facts),
        _ => facts.composes.extend(compose::read(value, place, document)),
    }
}

fn unreadable(path: &str, line: u32, reason: &str, facts: &mut Facts) {
    facts.problem(path, line, reason, "correct it, or give what it becomes as an INPUT");
    facts.unread.push(path.to_owned());
}

/// Whether an object that is read here is valid YAML only because its template stands in quotes.
fn is_template(document: &Document<'_>, value: &Value) -> bool {
    const MARKS: &[&str] = &["{{-", "{{ .", "{{.", "{{ include ", "{{ template ", "{{ if "];
    MARKS.iter().any(|mark| document.text.contains(mark)) && kubernetes::is_read(value)
}

fn template(path: &str, facts: &mut Facts) {
    facts.templates.insert(shown(folder_of(path)), 1);
}

/// Names of the charts that were rendered: `helm template` says from which template each document comes.
fn rendered(manifests: &[Manifest]) -> BTreeSet<&str> {
    let lines = manifests.iter().flat_map(|manifest| manifest.text.lines());
    lines.filter_map(|line| line.strip_prefix("# Source: ")?.split('/').next()).collect()
}

/// One problem for the templates of each folder, unless its chart was given rendered.
fn name_templates(rendered: &BTreeSet<&str>, facts: &mut Facts) {
    for (folder, count) in std::mem::take(&mut facts.templates) {
        let mut above = folder.trim_end_matches('/');
        while !facts.charts.contains_key(above) && !above.is_empty() {
            above = folder_of(above);
        }
        if facts.charts.get(above).is_some_and(|name| rendered.contains(name.as_str())) {
            continue;
        }
        let files = counted(count, "template", "templates");
        let reason = format!("{files}, no YAML before being rendered: what they deploy is not known");
        facts.problem(&folder, 0, reason, RENDER);
        facts.unread.push(format!("templates in {folder}"));
    }
}
