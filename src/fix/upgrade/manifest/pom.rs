//! `pom.xml`: the `version` of a `dependency`. A small reader that knows tags, comments and nothing else: entities and
//! declarations mean nothing to it.

use crate::fix::upgrade::requirement::Style;

use super::{Literal, NotHere, odd, span_of};

/// What one `dependency` says, as it stands in the file.
#[derive(Default)]
struct Dependency<'t> {
    group: &'t str,
    artifact: &'t str,
    version: Option<&'t str>,
}

/// `package` is `group:artifact`, or with `/` as a package URL has it.
pub(super) fn find(text: &str, package: &str) -> Result<Vec<Literal>, NotHere> {
    let Some((group, artifact)) = package.split_once([':', '/']) else {
        return odd("its name has no group");
    };
    let Some(dependencies) = dependencies(text) else { return odd("its tags do not match") };
    let own = || dependencies.iter().filter(|one| one.group == group && one.artifact == artifact);
    let versions: Vec<&str> = own().filter_map(|one| one.version).collect();
    if versions.is_empty() && own().next().is_some() {
        return odd("its version is inherited from a parent or a list of managed versions");
    }
    let literal = |version: &str| {
        if version.contains("${") {
            return odd(&format!("its version is the property {version}: change that"));
        }
        Ok(Literal { span: span_of(text, version), style: Style::Maven })
    };
    versions.into_iter().map(literal).collect()
}

/// Every `dependency`; `None` where tags do not match.
fn dependencies(text: &str) -> Option<Vec<Dependency<'_>>> {
    let mut found: Vec<Dependency<'_>> = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some((said, tail)) = rest.split_once('<') {
        if let [.., "dependency", field] = open.as_slice()
            && let Some(one) = found.last_mut()
        {
            match *field {
                "groupId" => one.group = said.trim(),
                "artifactId" => one.artifact = said.trim(),
                "version" => one.version = one.version.or(Some(said.trim()).filter(|said| !said.is_empty())),
                _ => {}
            }
        }
        if let Some(after) = skipped(tail) {
            rest = after;
            continue;
        }
        let (tag, after) = tail.split_once('>')?;
        let name = tag.trim_start_matches('/').split([' ', '\t', '\n', '\r', '/']).next()?;
        if tag.starts_with('/') {
            (open.pop()? == name).then_some(())?;
        } else if !tag.ends_with('/') {
            open.push(name);
            found.extend((name == "dependency").then(Dependency::default));
        }
        rest = after;
    }
    open.is_empty().then_some(found)
}

/// What follows a comment, a declaration or raw text that begins here.
fn skipped(tail: &str) -> Option<&str> {
    const KINDS: &[(&str, &str)] = &[("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>"), ("!", ">")];
    let (_, end) = KINDS.iter().find(|(start, _)| tail.starts_with(start))?;
    Some(tail.split_once(end).map_or("", |(_, rest)| rest))
}
