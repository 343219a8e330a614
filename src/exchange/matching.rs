//! Which findings an entry of a file is about.

use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};
use packageurl::PackageUrl;

use crate::model::backlog::{Backlog, FindingIdx, Package};
use crate::model::id::FindingId;

use super::entries::Entry;

/// Findings by the names and paths that entries give.
pub struct Index<'b> {
    backlog: &'b Backlog,
    names: HashMap<String, Vec<FindingIdx>>,
    paths: HashMap<&'b str, Vec<FindingIdx>>,
}

impl<'b> Index<'b> {
    pub fn of(backlog: &'b Backlog) -> Self {
        let mut index = Self { backlog, names: HashMap::new(), paths: HashMap::new() };
        for finding in (0..).take(backlog.findings.len()) {
            for &result in backlog.members(finding) {
                let record = backlog.record(result);
                let rule = backlog.rules.get(record.rule as usize).map(|rule| rule.id.as_str());
                let ids = backlog.advisories_of(result).iter().map(|id| &**id);
                for name in ids.chain(rule) {
                    push(index.names.entry(name.to_lowercase()).or_default(), finding);
                }
                push(index.paths.entry(backlog.path(record)).or_default(), finding);
            }
        }
        index
    }

    /// The findings of an entry, each once. An entry that names nothing has none.
    pub fn find(&self, entry: &Entry) -> Vec<FindingIdx> {
        if let Some(id) = &entry.id {
            let found = id.parse::<FindingId>().ok().and_then(|id| self.backlog.find(id));
            return found.into_iter().collect();
        }
        let globs: Vec<_> = entry
            .paths
            .iter()
            .filter_map(|path| GlobBuilder::new(path.trim_start_matches("./")).literal_separator(true).build().ok())
            .map(|glob| glob.compile_matcher())
            .collect();
        let at = |path: &String| self.paths.get(literal(path)?.as_str());
        let named: BTreeSet<FindingIdx> = if entry.names.is_empty() {
            // Without a name, only a place of its own says which finding is meant.
            let line = entry.line.and(entry.paths.first());
            line.and_then(at).into_iter().flatten().copied().collect()
        } else {
            let names: Vec<String> = entry.names.iter().map(|name| name.to_lowercase()).collect();
            let of = |name: &String| self.names.get(name).into_iter().flatten().copied();
            match entry.paths.as_slice() {
                // One rule can have a finding in every file, and an entry for each.
                [path] if literal(path).is_some() => {
                    let there = at(path).into_iter().flatten().copied();
                    there.filter(|finding| self.is_named(*finding, &names)).collect()
                }
                _ => names.iter().flat_map(of).collect(),
            }
        };
        named.into_iter().filter(|&finding| self.fits(entry, &globs, finding)).collect()
    }

    /// Whether a finding has one of these names, which are in lower case.
    fn is_named(&self, finding: FindingIdx, names: &[String]) -> bool {
        let of = |name: &String| self.names.get(name).is_some_and(|named| named.binary_search(&finding).is_ok());
        names.iter().any(of)
    }

    fn fits(&self, entry: &Entry, globs: &[GlobMatcher], finding: FindingIdx) -> bool {
        let backlog = self.backlog;
        let members = backlog.members(finding);
        let packages = || members.iter().filter_map(|&result| backlog.package_of(result));
        let is_package = |wanted: &Option<String>, of: &dyn Fn(&Package) -> Option<String>| {
            wanted.as_ref().is_none_or(|wanted| packages().any(|package| of(package).as_ref() == Some(wanted)))
        };
        let is_at = |path: &str| globs.iter().any(|glob| glob.is_match(path));
        is_package(&entry.package, &|package| Some(package.name.clone()))
            && is_package(&entry.version, &|package| package.version.clone())
            && (entry.purls.is_empty()
                || packages()
                    .filter_map(|package| package.purl.as_ref())
                    .any(|purl| entry.purls.iter().any(|wanted| is_same_package(wanted, purl))))
            && (entry.paths.is_empty() || members.iter().any(|&result| is_at(backlog.path(backlog.record(result)))))
            && entry
                .line
                .is_none_or(|line| members.iter().any(|&result| u64::from(backlog.record(result).line) == line))
    }
}

fn push(list: &mut Vec<FindingIdx>, finding: FindingIdx) {
    if list.last() != Some(&finding) {
        list.push(finding);
    }
}

/// Whether a package is the one that a package URL asks for: type, namespace and name, its version and each qualifier where
/// it states one.
fn is_same_package(wanted: &str, purl: &str) -> bool {
    if wanted == purl {
        return true;
    }
    let (Ok(wanted), Ok(purl)) = (PackageUrl::from_str(wanted), PackageUrl::from_str(purl)) else { return false };
    let name = |purl: &PackageUrl<'_>| match purl.namespace() {
        Some(namespace) => format!("{namespace}/{}", purl.name()),
        None => purl.name().to_owned(),
    };
    let is_version = wanted.version().is_none_or(|version| purl.version() == Some(version));
    let has_qualifiers = wanted.qualifiers().iter().all(|(key, value)| purl.qualifiers().get(key) == Some(value));
    wanted.ty() == purl.ty() && name(&wanted) == name(&purl) && is_version && has_qualifiers
}

/// The path that a pattern stands for which only escapes; `None` for one that stands for several.
fn literal(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.trim_start_matches("./").chars();
    while let Some(c) = rest.next() {
        match c {
            '[' => {
                let only = rest.next()?;
                if only == '!' || rest.next()? != ']' {
                    return None;
                }
                out.push(only);
            }
            '*' | '?' | '{' | '}' | ']' | '\\' => return None,
            plain => out.push(plain),
        }
    }
    Some(out)
}
