//! Statements that name what runs and no code: an image, a workload, a program. They are about a finding only where the
//! exposure graph says for certain that its code goes into it, and then they say less than they do of the whole: that a
//! container runs says of its code that it is there. What fits several things of one name is about none.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::model::backlog::{Backlog, ResultIdx};
use crate::model::evidence::{Evidence, Rung, Statement, Subject};
use crate::model::home::{Home, Homes, bare};

use super::exposure::is_same_image;
use super::package::Coordinates;

/// The most statements that are kept for one home: a log has the same thousands of times.
const MAX_OF_HOME: usize = 32;

/// Whether a statement names what runs and no code.
pub(super) fn is_of_what_runs(subject: &Subject) -> bool {
    let names_code = !subject.vulns.is_empty() || subject.purl.is_some() || subject.symbol.is_some();
    let names_file = subject.path.as_deref().is_some_and(|path| !path.starts_with('/'));
    !names_code && !names_file && (subject.image.is_some() || subject.service.is_some())
}

/// What it says of code that goes into what it names.
pub(super) fn rung_of_code(statement: &Statement) -> Rung {
    if statement.rung == Rung::Exposed { Rung::Exposed } else { Rung::Present }
}

/// By number of a home: the statements about what runs there.
pub fn said_of_homes(evidence: &Evidence, homes: &Homes) -> Vec<Vec<u32>> {
    let mut said = vec![Vec::new(); homes.all().len()];
    let mut known: Vec<(&Statement, usize)> = Vec::new();
    // A log names few things many times.
    let mut by_names: HashMap<(Option<&str>, Option<&str>), Vec<usize>, RandomState> = HashMap::default();
    for (number, statement) in (0..).zip(&evidence.statements).filter(|(_, one)| is_of_what_runs(&one.subject)) {
        let subject = &statement.subject;
        let names = (subject.image.as_deref(), subject.service.as_deref());
        let meant = by_names.entry(names).or_insert_with(|| meant(subject, homes.all()));
        for &at in &*meant {
            let Some(own) = said.get_mut(at).filter(|own| own.len() < MAX_OF_HOME) else { continue };
            // A program that ran a thousand times is one.
            let is_known = known.iter().any(|(other, home)| *home == at && is_same(other, statement));
            if !is_known {
                own.push(number);
                known.push((statement, at));
            }
        }
    }
    said
}

fn is_same(one: &Statement, other: &Statement) -> bool {
    (one.document, one.rung, one.polarity) == (other.document, other.rung, other.polarity)
        && one.reason == other.reason
        && one.subject == other.subject
}

/// The homes that a statement is about: those with the image, and the workload where both are stated.
fn meant(subject: &Subject, homes: &[Home]) -> Vec<usize> {
    let images: Option<Vec<&str>> = subject.image.as_deref().map(|stated| {
        let images = homes.iter().flat_map(|home| &home.images).map(|image| &**image);
        distinct(images.filter(|image| is_same_image(image, stated)))
    });
    let workloads = subject.service.as_deref().filter(|name| name.contains('/')).map(|stated| {
        let all = || homes.iter().flat_map(|home| &home.workloads).map(|name| &**name);
        let exact = distinct(all().filter(|name| is_workload(name, stated)));
        // A namespace that the files do not state may be any.
        let name = stated.rsplit('/').next().unwrap_or(stated);
        if exact.is_empty() { distinct(all().filter(|known| is_workload(known, name))) } else { exact }
    });
    let (images, workloads) = match (images, workloads) {
        // The name of a workload is certain; an image is called in many ways.
        (_, Some(workloads)) if workloads.len() == 1 => (None, Some(workloads)),
        (Some(images), _) if is_one_image(&images) => (Some(images), None),
        _ => return Vec::new(),
    };
    let has = |home: &Home| {
        let runs = |name: &&str| home.workloads.iter().any(|known| **known == **name);
        let holds = |name: &&str| home.images.iter().any(|known| **known == **name);
        workloads.iter().flatten().any(runs) || images.iter().flatten().any(holds)
    };
    (0..homes.len()).filter(|at| homes.get(*at).is_some_and(has)).collect()
}

fn distinct<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether some names all mean one image, whatever its version.
fn is_one_image(names: &[&str]) -> bool {
    !names.is_empty() && names.iter().all(|one| names.iter().all(|other| is_same_image(one, other)))
}

/// Whether a workload of the graph, which is no service of a compose file, is the stated one.
fn is_workload(name: &str, stated: &str) -> bool {
    bare(name) == stated && !name.starts_with("compose ")
}

/// Ecosystems whose packages install programs under their own names.
const SYSTEMS: &[&str] = &["deb", "apk", "rpm", "alpm"];
/// Where they keep what is installed.
const INSTALLED: &[&str] = &["lib/apk/", "var/lib/dpkg/", "var/lib/rpm/"];

/// Whether a statement that a program of an image runs is about the package of a result: its file is that program, or
/// it is the system's package of that name.
pub(super) fn runs_package(statement: &Statement, backlog: &Backlog, result: ResultIdx) -> bool {
    let record = backlog.record(result);
    let Subject { path: Some(program), image: Some(stated), .. } = &statement.subject else { return false };
    let Some(image) = backlog.run(record).image.as_deref().filter(|image| is_same_image(image, stated)) else {
        return false;
    };
    let path = backlog.path(record);
    let inside = path.strip_prefix(crate::model::home::short(image)).filter(|rest| rest.starts_with('/'));
    if inside == Some(&**program) || program.strip_prefix('/') == Some(path) {
        return true;
    }
    let is_named = || {
        let package = backlog.package_of(result)?;
        let coordinates = Coordinates::of(package);
        let kind = coordinates.kind();
        let is_system = SYSTEMS.contains(&kind) || kind.is_empty() && INSTALLED.iter().any(|part| path.contains(part));
        // The namespace of a system's package is the distribution.
        Some(is_system && program.rsplit('/').next() == coordinates.name().rsplit('/').next())
    };
    is_named().unwrap_or(false)
}
