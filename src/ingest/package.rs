//! The package that a result is about, where the report plainly names one.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::model::backlog::Package;

use super::json::Properties;

/// Properties that hold a package URL, a name, the installed version.
const PURL: &[&str] = &["purl", "packageUrl", "package_url", "purls", "packagePurl"];
const NAME: &[&str] = &["packageName", "package_name", "PkgName", "pkgName", "package", "dependency", "component"];
const VERSION: &[&str] =
    &["packageVersion", "package_version", "installedVersion", "installed_version", "InstalledVersion", "version"];

/// Sentences in which tools name a package: text before the name and text after it. The first fits Trivy, the
/// second osv-scanner, the third Snyk.
const SENTENCES: &[(&str, &str)] =
    &[("Package: ", "\n"), ("Package '", "' is vulnerable"), ("introduces a vulnerable ", " package with")];

/// What the sentences have in common.
static IN_COMMON: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("ackage"));

/// Whether a property may say something of a package.
pub(super) fn is_telling(name: &str) -> bool {
    [PURL, NAME, VERSION].iter().any(|names| names.contains(&name))
}

/// The package that properties name.
pub(super) fn in_properties(properties: &impl Properties) -> Option<Package> {
    if properties.is_empty() {
        return None;
    }
    if let Some(purl) = PURL.iter().flat_map(|name| properties.texts(name)).find(|text| text.starts_with("pkg:")) {
        return of_purl(&purl);
    }
    let name = first(properties, NAME)?;
    let (name, version) = split_version(&name);
    Some(Package { name, version: version.or_else(|| first(properties, VERSION)), purl: None })
}

/// The package that a message names in one of the known sentences.
pub(super) fn in_message(message: &str) -> Option<Package> {
    // Most messages have it not.
    IN_COMMON.find(message.as_bytes())?;
    let (name, rest) = SENTENCES.iter().find_map(|(before, after)| {
        let (_, from) = message.split_once(before)?;
        let (name, rest) = from.split_once(after)?;
        (!name.is_empty() && name.len() <= 200 && !name.contains(char::is_whitespace)).then_some((name, rest))
    })?;
    let (name, version) = split_version(name);
    let stated = rest.strip_prefix("Installed Version: ").and_then(|rest| rest.lines().next());
    Some(Package { name, version: version.or_else(|| stated.map(str::to_owned)), purl: None })
}

fn first(properties: &impl Properties, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| properties.text(name)).filter(|text| !text.trim().is_empty())
}

/// `name@1.2` as name and version; the `@` of a scope stands first and is no version.
fn split_version(text: &str) -> (String, Option<String>) {
    match text.rsplit_once('@') {
        Some((name, version)) if !name.is_empty() && !version.is_empty() => (name.to_owned(), Some(version.to_owned())),
        _ => (text.to_owned(), None),
    }
}

/// `pkg:type/namespace/name@version?qualifiers#subpath`, of which namespace and name are the package's name.
fn of_purl(purl: &str) -> Option<Package> {
    let body = purl.strip_prefix("pkg:")?;
    let body = body.split(['?', '#']).next().unwrap_or(body);
    let (_, path) = body.split_once('/')?;
    let (name, version) = split_version(path);
    let name = name.replace("%40", "@");
    (!name.is_empty()).then(|| Package { name, version, purl: Some(purl.to_owned()) })
}
