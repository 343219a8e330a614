//! What the documents of VEX have in common: the status and justifications of OpenVEX, which CSAF has too and which
//! scanners repeat where they applied a document; what a product is named by; who made a document.

use crate::model::evidence::{Basis, Polarity, Rung, Statement, Strength, Subject};

use super::words::{purl, reason};

/// Justifications of `not_affected`, and what each denies.
const JUSTIFICATIONS: &[(&str, Rung)] = &[
    ("component_not_present", Rung::Present),
    ("vulnerable_code_not_present", Rung::Imported),
    ("vulnerable_code_not_in_execute_path", Rung::Called),
    ("vulnerable_code_cannot_be_controlled_by_adversary", Rung::Controllable),
    ("inline_mitigations_already_exist", Rung::Controllable),
];

/// How tools that write their own analysis as VEX are named in documents, and what they are called.
const GENERATORS: &[(&str, &str)] =
    &[("govulncheck", "govulncheck"), ("depscan", "depscan"), ("dep-scan", "depscan"), ("kubescape", "kubescape")];

const UNNAMED: &str = "it names no product, so it may be about another one";

/// Whether a word is one of the justifications.
pub(super) fn is_justification(word: &str) -> bool {
    JUSTIFICATIONS.iter().any(|(known, _)| *known == word)
}

/// The tool that made a document of its own analysis, if these texts about its author name one.
pub fn generator(about: &[&str]) -> Option<&'static str> {
    let about = about.join(" ").to_ascii_lowercase();
    GENERATORS.iter().find(|(word, _)| about.contains(word)).map(|(_, tool)| *tool)
}

/// What a document is worth: a supplier's or person's, or a tool's.
pub(super) fn worth(is_generated: bool) -> Strength {
    if is_generated { 2 } else { 3 }
}

/// The worth of a statement, and what is to be said of it: one that names no product decides nothing.
pub(super) fn by_product(names_one: bool, worth: Strength) -> (Strength, &'static str) {
    if names_one { (worth, "") } else { (worth.min(1), UNNAMED) }
}

/// A statement with this status, still without place and subject. A status that is not known denies nothing; neither a
/// justification nor its absence makes a `not_affected` more than an assertion. `more` is said after the native words.
pub(super) fn statement(status: &str, justification: &str, worth: Strength, more: &[&str]) -> Statement {
    let denied = JUSTIFICATIONS.iter().find(|(known, _)| *known == justification).map(|(_, rung)| *rung);
    let (rung, polarity, strength) = match (status, denied) {
        ("not_affected", Some(rung)) => (rung, Polarity::No, worth),
        ("not_affected", None) => (Rung::Called, Polarity::No, 1),
        ("fixed", _) => (Rung::Present, Polarity::No, worth),
        ("affected", _) => (Rung::Present, Polarity::Yes, worth),
        _ => (Rung::Present, Polarity::Unknown, worth),
    };
    let status = if status.is_empty() { "no status" } else { status };
    let is_told = status == "fixed" && more.iter().any(|text| text.starts_with("fixed in "));
    let said = match justification {
        _ if is_told => String::new(),
        "" => status.to_owned(),
        justification => format!("{status}: {justification}"),
    };
    Statement {
        rung,
        polarity,
        basis: Basis::Vex,
        reason: reason(std::iter::once(&*said).chain(more.iter().copied())),
        strength,
        ..Statement::default()
    }
}

/// Says in a subject which product or component it is about. A container is an image; what is neither that nor a
/// package stays as it is written, so that it fits nothing else.
pub(super) fn name(subject: &mut Subject, id: &str) {
    if let Some(image) = image(id) {
        subject.image = Some(image);
    } else if !id.is_empty() {
        subject.purl = Some(if id.starts_with("pkg:") { purl(id) } else { id.into() });
    }
}

/// The image that an id means: `pkg:oci/name@sha256%3A…?repository_url=…`, `registry/name@sha256:…`.
fn image(id: &str) -> Option<Box<str>> {
    let Some(body) = id.strip_prefix("pkg:oci/").or_else(|| id.strip_prefix("pkg:docker/")) else {
        return id.contains("@sha256:").then(|| id.into());
    };
    let (body, qualifiers) = body.split_once('?').unwrap_or((body, ""));
    let (name, version) = body.split_once('@').unwrap_or((body, ""));
    let mut values = qualifiers.split('&').filter_map(|pair| pair.split_once('='));
    let repository = values.find(|(key, _)| *key == "repository_url").map(|(_, value)| decoded(value));
    let (name, version) = (repository.unwrap_or_else(|| decoded(name)), decoded(version));
    Some(match &*version {
        "" => name.into(),
        digest if digest.starts_with("sha256:") => format!("{name}@{digest}").into(),
        tag => format!("{name}:{tag}").into(),
    })
}

/// The two letters that names of images have encoded.
fn decoded(text: &str) -> String {
    text.replace("%3A", ":").replace("%3a", ":").replace("%2F", "/").replace("%2f", "/")
}
