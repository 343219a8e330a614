//! Which findings an attack on a running service is about: those in the handler of the address that was attacked, for a
//! weakness of the same family.
//!
//! The handler is the one place of the sources that declares the whole address, literally. An address that is declared
//! nowhere, in several places, or of which a part comes from another file, is about no finding. Where the attack names a
//! service of the exposure graph, only what goes into that service is asked.

mod declared;
mod heads;

use std::collections::HashMap;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::model::backlog::{Backlog, FindingIdx};
use crate::model::cwe;
use crate::model::evidence::{Evidence, Polarity, Statement};
use crate::model::exposure::Graph;
use crate::model::grade::Category;
use crate::model::role::Role;
use crate::repo::Repo;

use super::homes::Finder;
use declared::{Declared, File};

/// The most files that are looked at, and the most bytes of one.
const MAX_FILES: usize = 20_000;
const MAX_BYTES: usize = 1 << 20;

/// Attacks that met a handler.
#[derive(Debug, Default, PartialEq)]
pub struct Routed {
    /// Finding, statement, and where the route is declared: sorted.
    links: Vec<(FindingIdx, u32, Box<str>)>,
}

impl Routed {
    /// Findings with the statements about them.
    pub(super) fn links(&self) -> impl Iterator<Item = (FindingIdx, u32)> {
        self.links.iter().map(|(finding, statement, _)| (*finding, *statement))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// Where the route is declared by which a statement is about a finding.
    pub(super) fn place(&self, finding: FindingIdx, statement: u32) -> Option<&str> {
        let at = self.links.binary_search_by_key(&(finding, statement), |(finding, one, _)| (*finding, *one)).ok()?;
        self.links.get(at).map(|(.., place)| &**place)
    }
}

/// An attack as a statement tells it.
struct Attack<'e> {
    statement: u32,
    method: &'e str,
    path: &'e str,
    host: &'e str,
    family: usize,
}

/// A file that declares something.
struct Source<'f> {
    path: &'f str,
    file: &'f File,
    services: Vec<Box<str>>,
}

/// Looks for the handlers of what was attacked in the files of a repository. Reads the sources only where something was.
pub fn routed(repo: &Repo, files: &[String], backlog: &Backlog, graph: &Graph) -> Routed {
    let attacks: Vec<Attack<'_>> = attacks(&backlog.evidence).collect();
    if attacks.is_empty() {
        return Routed::default();
    }
    let files: Vec<&str> = files.iter().map(String::as_str).filter(|path| is_source(path)).collect();
    if files.len() > MAX_FILES {
        return Routed::default();
    }
    let read = |path: &&str| {
        let bytes = repo.read(path).unwrap_or_default();
        let bytes = if bytes.len() > MAX_BYTES { &[] } else { bytes.as_slice() };
        declared::read(&String::from_utf8_lossy(bytes))
    };
    let declared: Vec<File> = files.par_iter().map(read).collect();
    let has_some = |(_, file): &(&str, &File)| !file.routes.is_empty() || !file.mounts.is_empty();
    let declared = files.iter().copied().zip(&declared).filter(has_some);
    let mut finder = Finder::new(graph);
    let declared: Vec<Source<'_>> =
        declared.map(|(path, file)| Source { path, file, services: finder.home(path).services.clone() }).collect();
    let by_file = by_file(backlog);
    let mut links = Vec::new();
    for attack in &attacks {
        let Some((path, route)) = only(&declared, attack) else { continue };
        for (finding, line, families) in by_file.get(path).into_iter().flatten() {
            if route.holds(*line) && families.contains(&attack.family) {
                let place = format!("{path}:{}", route.line());
                links.push((*finding, attack.statement, place.into_boxed_str()));
            }
        }
    }
    links.sort_unstable();
    links.dedup_by_key(|(finding, statement, _)| (*finding, *statement));
    Routed { links }
}

fn attacks(evidence: &Evidence) -> impl Iterator<Item = Attack<'_>> {
    (0..).zip(&evidence.statements).filter_map(|(statement, one)| attack(statement, one))
}

fn attack(statement: u32, one: &Statement) -> Option<Attack<'_>> {
    let subject = &one.subject;
    let is_met = one.polarity == Polarity::Yes && subject.vulns.is_empty();
    let address = subject.symbol.as_deref().filter(|_| is_met)?;
    let (method, path) = address.split_once(' ').unwrap_or(("", address));
    let family = cwe::family(subject.cwe?)?;
    let host = subject.service.as_deref().unwrap_or_default();
    path.starts_with('/').then_some(Attack { statement, method, path, host, family })
}

/// Own code that can declare a route.
fn is_source(path: &str) -> bool {
    let end = path.rsplit_once('.').map_or("", |(_, end)| end);
    declared::ENDS.contains(&end) && Role::of(path) == Role::Source
}

type ByFile<'b> = HashMap<&'b str, Vec<(FindingIdx, u32, Vec<usize>)>, RandomState>;

/// Findings in own code by file, with the line and the families of the weakness of each of their results.
fn by_file(backlog: &Backlog) -> ByFile<'_> {
    let mut by_file = ByFile::default();
    for finding in (0..).take(backlog.findings.len()) {
        let families: Vec<usize> = backlog.cwe(finding).iter().filter_map(|number| cwe::family(*number)).collect();
        for record in backlog.members(finding).iter().map(|result| backlog.record(*result)) {
            let path = backlog.paths.get(record.path).filter(|path| path.in_repo);
            let is_code = record.category() == Category::Code && record.line > 0 && !families.is_empty();
            if let Some(path) = path.filter(|_| is_code) {
                by_file.entry(path.text).or_default().push((finding, record.line, families.clone()));
            }
        }
    }
    by_file
}

/// The one declaration that an attack fits best, with its file; `None` where there are several, or none.
fn only<'d>(sources: &'d [Source<'d>], attack: &Attack<'_>) -> Option<(&'d str, &'d Declared)> {
    let is_of_host = |source: &Source<'_>| source.services.iter().any(|service| is_host(service, attack.host));
    let is_named = sources.iter().any(is_of_host);
    let asked = || sources.iter().filter(move |source| !is_named || is_of_host(source));
    let mut mounts = asked().flat_map(|source| &source.file.mounts);
    if mounts.any(|mount| starts_with(attack.path, mount)) {
        return None;
    }
    let routes = || asked().flat_map(|source| source.file.routes.iter().map(|route| (source.path, route)));
    let rank = |route: &Declared| route.fit(attack.method, attack.path);
    let best = routes().filter_map(|(_, route)| rank(route)).max()?;
    let mut found = routes().filter(|(_, route)| rank(route) == Some(best));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Whether a host is a service within its cluster: `backend`, `backend.shop`, `backend.shop.svc.cluster.local`.
fn is_host(service: &str, host: &str) -> bool {
    let host = host.split(':').next().unwrap_or_default();
    let (scope, name) = service.rsplit_once('/').unwrap_or(("", service));
    let mut labels = host.split('.');
    let is_name = labels.next() == Some(name);
    let stated = labels.next().unwrap_or_default();
    let is_scope = stated.is_empty() || scope.is_empty() || stated == scope;
    is_name && is_scope && matches!(labels.next(), None | Some("svc"))
}

/// Whether the first segments of a path are those of another.
fn starts_with(path: &str, first: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    first.split('/').filter(|segment| !segment.is_empty()).all(|one| segments.next() == Some(one))
}
