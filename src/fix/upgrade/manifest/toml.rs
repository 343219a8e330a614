//! `Cargo.toml` and `pyproject.toml`.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fix::upgrade::requirement::Style;

use super::requirements::requirement;
use super::{Literal, NotHere, odd, plain, span_of};

const CARGO: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// `Cargo.toml`: of the package, of a workspace, of targets.
pub(super) fn of_cargo(text: &str, package: &str) -> Result<Vec<Literal>, NotHere> {
    let Ok(root) = DeTable::parse(text) else { return odd("it is no TOML") };
    let root = root.get_ref();
    let mut found = Vec::new();
    let targets = table(root, "target").into_iter().flat_map(|targets| targets.values());
    let homes = [Some(root), table(root, "workspace")].into_iter().flatten();
    let homes = homes.chain(targets.filter_map(|target| target.get_ref().as_table()));
    for section in homes.flat_map(|home| CARGO.iter().filter_map(|section| table(home, section))) {
        for (name, value) in section {
            let value = value.get_ref();
            // A renamed package stands under another name.
            let own = member(value, "package").and_then(|own| own.get_ref().as_str());
            if own.unwrap_or(name.get_ref()) == package {
                found.push(versioned(text, value, section_value(section, name.get_ref()), Style::Cargo));
            }
        }
    }
    settled(found)
}

/// `pyproject.toml`: of the project, of groups, and of poetry.
pub(super) fn of_python(text: &str, package: &str) -> Result<Vec<Literal>, NotHere> {
    let Ok(root) = DeTable::parse(text) else { return odd("it is no TOML") };
    let root = root.get_ref();
    let (project, groups) = (table(root, "project"), table(root, "dependency-groups"));
    let tool = |name: &str| table(table(root, "tool")?, name);
    let extras = project.and_then(|project| table(project, "optional-dependencies"));
    let pdm = tool("pdm").and_then(|pdm| table(pdm, "dev-dependencies"));
    let own = project.and_then(|project| value(project, "dependencies")).into_iter();
    let more = [extras, groups, pdm].into_iter().flatten().flat_map(|lists| lists.values());
    let lists = own.chain(more).filter_map(|list| list.get_ref().as_array());
    let mut found = Vec::new();
    for entry in lists.flat_map(|list| list.iter()) {
        let Some(inner) = inner(text, entry) else { continue };
        found.extend(requirement(text, inner, package));
    }
    if let Some(poetry) = tool("poetry") {
        let groups = table(poetry, "group").into_iter().flat_map(|groups| groups.values());
        let homes = std::iter::once(poetry).chain(groups.filter_map(|group| group.get_ref().as_table()));
        let sections = homes.flat_map(|home| [table(home, "dependencies"), table(home, "dev-dependencies")]);
        for section in sections.flatten() {
            for (name, value) in section.iter().filter(|(name, _)| plain(name.get_ref()) == plain(package)) {
                found.push(versioned(text, value.get_ref(), section_value(section, name.get_ref()), Style::Poetry));
            }
        }
    }
    settled(found)
}

/// All, or the first reason why one of them cannot be edited.
fn settled(found: Vec<Result<Literal, NotHere>>) -> Result<Vec<Literal>, NotHere> {
    found.into_iter().collect()
}

/// `"1.2"` or `{ version = "1.2" }`.
fn versioned(
    text: &str,
    value: &DeValue<'_>,
    whole: Option<&Spanned<DeValue<'_>>>,
    style: Style,
) -> Result<Literal, NotHere> {
    if member(value, "workspace").is_some() {
        return odd("its version is inherited from the workspace");
    }
    if value.is_table() && member(value, "version").is_none() {
        return odd("it is asked for by a path or an address, not a version");
    }
    let stated = if value.is_table() { member(value, "version") } else { whole };
    match stated.and_then(|stated| inner(text, stated)) {
        Some(inner) => Ok(Literal { span: span_of(text, inner), style }),
        None => odd("its version is not a plain text"),
    }
}

/// The text between the quotes of a string on one line, where it stands there as it is.
fn inner<'t>(text: &'t str, value: &Spanned<DeValue<'_>>) -> Option<&'t str> {
    let raw = text.get(value.span())?;
    let inner = ['"', '\''].iter().find_map(|quote| raw.strip_prefix(*quote)?.strip_suffix(*quote))?;
    (Some(inner) == value.get_ref().as_str()).then_some(inner)
}

fn section_value<'v, 't>(section: &'v DeTable<'t>, name: &str) -> Option<&'v Spanned<DeValue<'t>>> {
    value(section, name)
}

fn value<'v, 't>(table: &'v DeTable<'t>, name: &str) -> Option<&'v Spanned<DeValue<'t>>> {
    table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
}

fn member<'v, 't>(of: &'v DeValue<'t>, name: &str) -> Option<&'v Spanned<DeValue<'t>>> {
    value(of.as_table()?, name)
}

fn table<'v, 't>(of: &'v DeTable<'t>, name: &str) -> Option<&'v DeTable<'t>> {
    value(of, name)?.get_ref().as_table()
}
