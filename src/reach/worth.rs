//! What a statement is worth here: less than it says where it is not of the tree as it is, or about another product,
//! image or version, or where the scanned repository says it of itself.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use jiff::Timestamp;

use crate::model::backlog::{FindingIdx, ResultIdx};
use crate::model::claim::Dialect;
use crate::model::due::{day, day_of};
use crate::model::evidence::{Basis, Entry, Polarity, Rung, Statement, Strength, Subject};
use crate::model::reach::Age;

use super::deployed;
use super::exposure::is_same_image;
use super::judge::{Known, entry_of};
use super::ladder::DECIDES;
use super::package::Coordinates;

/// Why a statement counts less here than it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weakness {
    /// Files changed since.
    Stale,
    /// Whether they did is not known: it is of a commit that is not here.
    OtherCommit,
    /// Nor where neither a commit nor a time ties it to a state of the files.
    Undated,
    /// The scan that says it reports a failure.
    Failed,
    /// The scanned repository says it of itself.
    Own,
    /// It is about one version of the package, and which one is here is not known.
    UnknownVersion,
    /// It is about the package on another platform.
    OtherPlatform,
    /// Its author said something else later.
    Superseded,
    /// It says that the code is not affected, and another one of the kind that it is.
    Contradicted,
    /// It is about the package in another product.
    OtherProduct,
    /// It is about the package in an image that this code does not go into.
    OtherImage,
}

/// What a product or image is called, without where it is kept and its version: `shop` for `pkg:oci/shop@sha256:…`,
/// `registry.example/team/shop:1.2` and `pkg:npm/%40team/shop@1.2`.
pub fn product_name(product: &str) -> String {
    let whole = product.split(['?', '#']).next().unwrap_or(product);
    let last = whole.rsplit('/').next().unwrap_or(whole);
    let name = last.split('@').find(|part| !part.is_empty()).unwrap_or(last);
    name.split(':').next().unwrap_or(name).to_lowercase()
}

/// How much the statements about a finding, with their numbers, are worth here. Of what one author says in VEX of one
/// product the latest counts; where a VEX says affected, none decides that it is not.
pub(super) fn worths<'k>(
    known: &Known<'k>,
    finding: FindingIdx,
    said: &[(u32, &'k Statement)],
) -> Vec<(Strength, Option<Weakness>)> {
    let mut worths: Vec<(Strength, Option<Weakness>)> =
        said.iter().map(|(number, statement)| worth(known, finding, *number, statement)).collect();
    let statements = || said.iter().map(|(_, statement)| *statement);
    if statements().filter(|statement| statement.basis == Basis::Vex).count() < 2 {
        return worths;
    }
    let mut latest: HashMap<Voice<'_>, Timestamp, RandomState> = HashMap::default();
    for (voice, made) in statements().filter_map(|statement| voice(known, statement)) {
        latest.entry(voice).and_modify(|known| *known = made.max(*known)).or_insert(made);
    }
    for (statement, (strength, weakness)) in statements().zip(&mut worths) {
        let Some((voice, made)) = voice(known, statement) else { continue };
        if latest.get(&voice).is_some_and(|latest| *latest > made) {
            (*strength, *weakness) = ((*strength).min(1), Some(Weakness::Superseded));
        }
    }
    let decides = |statement: &Statement, strength: Strength, polarity: Polarity| {
        statement.basis == Basis::Vex && statement.polarity == polarity && strength >= DECIDES
    };
    let is_affected =
        statements().zip(&worths).any(|(statement, (strength, _))| decides(statement, *strength, Polarity::Yes));
    for (statement, (strength, weakness)) in statements().zip(&mut worths) {
        if is_affected && decides(statement, *strength, Polarity::No) {
            (*strength, *weakness) = (1, Some(Weakness::Contradicted));
        }
    }
    worths
}

/// Who says something, and of what.
type Voice<'k> = (&'k str, [Option<&'k str>; 3]);

/// Who makes a VEX statement, and when; `None` for other statements, and where the document states no time.
fn voice<'k>(known: &Known<'k>, statement: &'k Statement) -> Option<(Voice<'k>, Timestamp)> {
    let document = known.backlog.evidence.document(statement).filter(|_| statement.basis == Basis::Vex)?;
    let made = statement.made.or(document.made.filter(|_| document.states_time)).filter(|at| !is_after(known, *at))?;
    let author = if document.tool.is_empty() { &document.name } else { &document.tool };
    let Subject { purl, image, product, .. } = &statement.subject;
    Some(((author, [purl.as_deref(), image.as_deref(), product.as_deref()]), made))
}

/// How much a statement is worth by itself.
fn worth(known: &Known<'_>, finding: FindingIdx, number: u32, statement: &Statement) -> (Strength, Option<Weakness>) {
    let at = statement.document as usize;
    let age = known.ages.of(&known.backlog.evidence, statement);
    if is_to_come(known, statement) {
        return (statement.strength.min(1), Some(Weakness::Undated));
    }
    if age.is_some_and(|age| is_outdated(known, finding, statement, age)) {
        return (statement.strength.min(1), Some(Weakness::Stale));
    }
    let denies = statement.polarity == Polarity::No || is_of_calls(statement);
    if denies && age.is_some_and(|age| age.is_elsewhere) {
        return (statement.strength.min(1), Some(Weakness::OtherCommit));
    }
    if is_of_calls(statement) && age.is_some_and(|age| age.changed.is_none()) {
        return (statement.strength.min(1), Some(Weakness::Undated));
    }
    // What is named as a product and is no package may be anything.
    let other = statement.subject.purl.as_ref().filter(|_| known.join.package(number).is_none());
    let product = statement.subject.product.as_ref().or(statement.subject.image.as_ref()).or(other);
    if statement.basis == Basis::Vex
        && statement.polarity == Polarity::No
        && product.is_some_and(|product| !known.names.contains(&product_name(product)))
    {
        return (statement.strength.min(1), Some(Weakness::OtherProduct));
    }
    if statement.polarity == Polarity::No
        && let Some(weakness) = weakness_by_package(known, finding, number)
    {
        return (statement.strength.min(1), Some(weakness));
    }
    if is_of_other_image(known, finding, statement) {
        return (statement.strength.min(1), Some(Weakness::OtherImage));
    }
    if statement.basis == Basis::Vex && known.own.get(at).copied().unwrap_or(false) {
        return (statement.strength.min(2), Some(Weakness::Own));
    }
    (statement.strength, None)
}

/// Why a statement may be about another package than the one of a finding, though nothing says so: it names a version,
/// and none of the finding's results does; it names on what the package runs, and all of them name something else.
fn weakness_by_package(known: &Known<'_>, finding: FindingIdx, number: u32) -> Option<Weakness> {
    let stated = known.join.package(number)?;
    let packages = known.backlog.members(finding).iter().filter_map(|result| known.backlog.package_of(*result));
    let meant: Vec<Coordinates> = packages.map(Coordinates::of).filter(|package| stated.may_be(package)).collect();
    if meant.is_empty() {
        return None;
    }
    let is_unknown_version = stated.has_version() && !meant.iter().any(Coordinates::has_version);
    let is_other_platform = meant.iter().all(|package| stated.is_of_other_platform(package));
    let platform = is_other_platform.then_some(Weakness::OtherPlatform);
    platform.or(is_unknown_version.then_some(Weakness::UnknownVersion))
}

/// Whether a statement names a package in an image, and the deployment files say that the code goes into others.
fn is_of_other_image(known: &Known<'_>, finding: FindingIdx, statement: &Statement) -> bool {
    let subject = &statement.subject;
    let Some(stated) = subject.image.as_deref().filter(|_| !deployed::is_of_what_runs(subject)) else { return false };
    let records = known.backlog.members(finding).iter().map(|result| known.backlog.record(*result));
    let mut images = records.filter_map(|record| known.homes.of(record)).flat_map(|home| &home.images).peekable();
    images.peek().is_some() && !images.any(|image| is_same_image(image, stated))
}

/// Whether what changed since may have changed the answer: for a yes the files on its path, for a no any source of its
/// language.
fn is_outdated(known: &Known<'_>, finding: FindingIdx, statement: &Statement, age: &Age) -> bool {
    let changed = age.changed.as_deref().unwrap_or_default();
    let has_changed = |path: &str| changed.binary_search_by(|known| (**known).cmp(path)).is_ok();
    let own = statement.path.iter().filter(|frame| frame.is_own).map(|frame| &*frame.path);
    let names = own.chain(statement.subject.path.as_deref());
    match (statement.basis, statement.polarity) {
        (Basis::Intel, _) | (_, Polarity::Unknown) => false,
        (Basis::Dynamic, _) => names.filter(|path| !path.is_empty()).any(has_changed),
        (_, Polarity::Yes) => {
            names.filter(|path| !path.is_empty()).any(has_changed)
                || is_of_calls(statement) && has_new_source(known, finding, age)
        }
        (_, Polarity::No) => is_of_calls(statement) && has_new_source(known, finding, age),
    }
}

/// Whether a VEX statement denies something in the name of a time that is yet to come.
fn is_to_come(known: &Known<'_>, statement: &Statement) -> bool {
    let made = statement.made.filter(|_| statement.basis == Basis::Vex && statement.polarity == Polarity::No);
    made.is_some_and(|made| is_after(known, made))
}

fn is_after(known: &Known<'_>, made: Timestamp) -> bool {
    day_of(made) > day(known.board.today) + 1
}

/// Whether a statement is a no that a change of the sources may make wrong. A product that does not hold a component holds
/// it no more because code changes. That a path starts in tests says that no other was found.
fn is_of_calls(statement: &Statement) -> bool {
    let is_about_calls = matches!(statement.rung, Rung::Called | Rung::Imported | Rung::Controllable);
    match (statement.basis, statement.polarity) {
        (Basis::Intel | Basis::Dynamic, _) | (_, Polarity::Unknown) => false,
        (Basis::Vex, polarity) => is_about_calls && polarity == Polarity::No,
        (_, Polarity::No) => true,
        (_, Polarity::Yes) => statement.rung == Rung::Called && entry_of(statement).is_test(),
    }
}

/// Why a no that a result says of itself counts less: its run is of other sources. A yes comes with the finding, but for
/// one by tests alone.
pub(super) fn weakness_of_claim(
    known: &Known<'_>,
    finding: FindingIdx,
    result: ResultIdx,
    claim: &Dialect,
    entry: Entry,
) -> Option<Weakness> {
    let is_of_calls = match claim.polarity {
        Polarity::No => matches!(claim.rung, Rung::Called | Rung::Imported),
        Polarity::Yes => claim.rung == Rung::Called && entry.is_test(),
        Polarity::Unknown => false,
    };
    if is_of_calls { weakness_of_run(known, finding, result) } else { None }
}

/// Why what a result does not know of counts for less: its run is of other sources, or has failed.
pub(super) fn weakness_of_run(known: &Known<'_>, finding: FindingIdx, result: ResultIdx) -> Option<Weakness> {
    let record = known.backlog.record(result);
    let age = known.ages.runs.get(record.run() as usize)?;
    if !known.backlog.run(record).is_whole {
        return Some(Weakness::Failed);
    }
    let stale = has_new_source(known, finding, age).then_some(Weakness::Stale);
    let elsewhere = stale.or(age.is_elsewhere.then_some(Weakness::OtherCommit));
    elsewhere.or(age.changed.is_none().then_some(Weakness::Undated))
}

/// Whether a source or a lock file changed that may open a path to a finding.
fn has_new_source(known: &Known<'_>, finding: FindingIdx, age: &Age) -> bool {
    let ecosystem = ecosystem(known, finding);
    age.ends.iter().any(|end| is_source(end, ecosystem))
}

/// Ends of the names of source files, by the ecosystem of packages.
const SOURCES: &[(&str, &[&str])] = &[
    ("npm", &["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro"]),
    ("pypi", &["py", "pyi", "pyx", "ipynb"]),
    ("golang", &["go"]),
    ("maven", &["java", "kt", "scala", "groovy", "jsp", "clj"]),
    ("cargo", &["rs"]),
    ("gem", &["rb", "erb", "rake", "ru", "haml", "slim"]),
    ("nuget", &["cs", "fs", "vb", "cshtml", "razor"]),
    ("composer", &["php", "phtml"]),
];

/// Files by which the packages between the sources and the flaw are chosen: another version of one may open a path as well.
const LOCKS: &[(&str, &[&str])] = &[
    ("npm", &["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"]),
    ("pypi", &["requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock"]),
    ("golang", &["go.mod", "go.sum"]),
    ("maven", &["pom.xml", "build.gradle", "build.gradle.kts", "gradle.lockfile"]),
    ("cargo", &["Cargo.lock"]),
    ("gem", &["Gemfile.lock"]),
    ("nuget", &["packages.lock.json"]),
    ("composer", &["composer.lock"]),
];

/// What counts of the name of a changed file: how it ends, or the whole name of a lock file.
pub fn counts_of_name(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_lock = LOCKS.iter().any(|(_, names)| names.contains(&name));
    if is_lock { Some(name) } else { Some(name.rsplit_once('.')?.1) }
}

/// The ecosystem of the packages of a finding, if its sources are known.
fn ecosystem(known: &Known<'_>, finding: FindingIdx) -> Option<&'static str> {
    let packages = known.backlog.members(finding).iter().filter_map(|result| known.backlog.package_of(*result));
    let mut kinds = packages.map(|package| Coordinates::of(package).kind().to_owned());
    kinds.find_map(|kind| SOURCES.iter().find(|(name, _)| *name == kind)).map(|(name, _)| *name)
}

fn is_source(end: &str, ecosystem: Option<&str>) -> bool {
    let is_of = |(name, ends): &(&str, &[&str])| ecosystem.is_none_or(|own| own == *name) && ends.contains(&end);
    SOURCES.iter().chain(LOCKS).any(is_of)
}
