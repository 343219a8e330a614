//! Socket's `.socket.facts.json`, the reachability analysis of Coana: per package and advisory one verdict for each
//! workspace that was analysed, with paths of calls from the first-party code on.

use crate::ingest::json::{Int, List, Owned, Real, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Entry, Frame, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::{entry, purl};

lenient! {
    Facts {
        components: List<Component> = "components",
    }
}

lenient! {
    Component {
        kind: Owned = "type",
        namespace: Owned = "namespace",
        name: Owned = "name",
        version: Owned = "version",
        direct: Owned = "direct",
        dev: Owned = "dev",
        dead: Owned = "dead",
        vulnerabilities: List<Vulnerability> = "vulnerabilities",
        reachability: List<Advisory> = "reachability",
    }
}

lenient! {
    Vulnerability {
        ghsa: Owned = "ghsaId",
        cve: Owned = "cveId",
    }
}

lenient! {
    Advisory {
        id: Owned = "ghsaId",
        verdicts: List<Verdict> = "reachability",
    }
}

lenient! {
    /// What the analysis of one workspace says.
    Verdict {
        kind: Owned = "type",
        error: Owned = "error",
        level: Owned = "analysisLevel",
        workspace: Owned = "workspacePath",
        subproject: Owned = "subprojectPath",
        truncated: Owned = "truncated",
        matches: List<List<Step>> = "matches",
    }
}

lenient! {
    Step {
        package: Owned = "package",
        class: Owned = "class",
        place: Location = "sourceLocation",
        confidence: Real = "confidence",
    }
}

lenient! {
    Location {
        file: Owned = "filename",
        start: Position = "start",
    }
}

lenient! {
    Position {
        line: Int = "line",
        column: Int = "column",
    }
}

const REACHABLE: &str = "reachable";
const UNREACHABLE: &str = "unreachable";
const CLASS_LEVEL: &str = "class-level";

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let facts: Facts = original.document();
    draft.document.tool = "Socket".into();
    for (number, component) in facts.components.0.iter().enumerate() {
        for (index, advisory) in component.reachability.0.iter().enumerate() {
            let pointer = format!("/components/{number}/reachability/{index}/reachability");
            state(draft, &pointer, component, advisory);
        }
    }
}

/// One statement where a workspace reaches the flaw, or none does; else one for each that nothing is known of.
fn state(draft: &mut Draft<'_>, pointer: &str, component: &Component, advisory: &Advisory) {
    let verdicts = || advisory.verdicts.0.iter().enumerate();
    let is = |verdict: &Verdict, kind: &str| verdict.kind.get() == Some(kind);
    let reachable = verdicts().filter(|(_, verdict)| is(verdict, REACHABLE));
    if let Some(reach) = reach(reachable) {
        let level = reach.verdict.level.get().unwrap_or_default();
        let level = if reach.is_open { "from tests by those of its paths that are listed" } else { level };
        let reason = reason(component, level);
        let is_weak =
            is_by_class(component) || reach.verdict.level.get() == Some(CLASS_LEVEL) || reach.confidence < 1.0;
        let folder = folder(reach.verdict);
        let path = reach.steps.iter().map(|step| frame(draft, &folder, step)).collect();
        draft.state(Statement {
            pointer: format!("{pointer}/{}", reach.at).into(),
            polarity: Polarity::Yes,
            strength: if reach.is_open { 1 } else { 3 - u8::from(is_weak) },
            entry: reach.entry,
            path,
            ..statement(component, advisory, reason)
        });
    } else if !advisory.verdicts.0.is_empty() && verdicts().all(|(_, verdict)| is(verdict, UNREACHABLE)) {
        let strength = 3 - u8::from(is_by_class(component));
        let strength = purl::worth(purl_of(component).as_deref(), Polarity::No, strength);
        let reason = reason(component, "");
        draft.state(Statement {
            pointer: format!("{pointer}/0").into(),
            polarity: Polarity::No,
            strength,
            ..statement(component, advisory, reason)
        });
    } else {
        for (at, verdict) in verdicts().filter(|(_, verdict)| !is(verdict, UNREACHABLE)) {
            let native = verdict.kind.get().unwrap_or("no verdict").replace('_', " ");
            let why = verdict.error.get().map_or(native.clone(), |error| format!("{native}: {error}"));
            let reason = reason(component, &why);
            draft.state(Statement {
                pointer: format!("{pointer}/{at}").into(),
                ..statement(component, advisory, reason)
            });
        }
    }
}

/// What all statements of an advisory say.
fn statement(component: &Component, advisory: &Advisory, reason: String) -> Statement {
    let id = advisory.id.get().unwrap_or_default();
    let known = component.vulnerabilities.0.iter().find(|known| known.ghsa.get() == Some(id));
    let cve = known.and_then(|known| known.cve.get());
    let vulns = [Some(id), cve].into_iter().flatten().filter(|id| !id.is_empty()).map(Box::from).collect();
    Statement {
        subject: Subject { vulns, purl: purl_of(component), ..Subject::default() },
        rung: Rung::Called,
        polarity: Polarity::Unknown,
        basis: Basis::Static,
        reason: (!reason.is_empty()).then(|| reason.into()),
        ..Statement::default()
    }
}

fn purl_of(component: &Component) -> Option<Box<str>> {
    let name = component.name.get()?;
    let name = match component.namespace.get().filter(|namespace| !namespace.is_empty()) {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    };
    purl::of(component.kind.get()?, &name, component.version.get())
}

/// Java is analysed class by class.
fn is_by_class(component: &Component) -> bool {
    component.kind.get() == Some("maven")
}

/// Why, and what kind of dependency it is.
fn reason(component: &Component, why: &str) -> String {
    let is = |flag: &Owned| flag.get() == Some("true");
    let kind = if is(&component.direct) { "direct dependency" } else { "indirect dependency" };
    let dead = if is(&component.dead) { "declared and not used" } else { "" };
    let dev = if is(&component.dev) { "only for development" } else { "" };
    [why, kind, dev, dead].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// How a flaw is reached.
struct Reach<'v> {
    verdict: &'v Verdict,
    /// Number of the verdict.
    at: usize,
    entry: Entry,
    confidence: f64,
    steps: &'v [Step],
    /// Whether it starts in tests, and paths that were left out may start elsewhere.
    is_open: bool,
}

/// Of all paths the one that counts most: from production code, with the highest confidence, the first.
fn reach<'v>(verdicts: impl Iterator<Item = (usize, &'v Verdict)>) -> Option<Reach<'v>> {
    let mut all = Vec::new();
    let mut is_cut = false;
    for (at, verdict) in verdicts {
        is_cut |= verdict.truncated.get() == Some("true");
        let reach = |steps: &'v List<Step>| {
            let (entry, confidence) = (start(steps), confidence(steps));
            Reach { verdict, at, entry, confidence, steps: &steps.0, is_open: false }
        };
        all.extend(verdict.matches.0.iter().map(reach));
        if verdict.matches.0.is_empty() {
            all.push(Reach { verdict, at, entry: Entry::Unknown, confidence: 0.0, steps: &[], is_open: false });
        }
    }
    let is_build = all.iter().all(|reach| reach.entry == Entry::Build);
    let best = all.into_iter().reduce(|best, next| {
        let by_entry = (!next.entry.is_test()).cmp(&!best.entry.is_test());
        if by_entry.then(next.confidence.total_cmp(&best.confidence)).is_gt() { next } else { best }
    })?;
    let entry = if best.entry.is_test() && !is_build { Entry::Test } else { best.entry };
    Some(Reach { entry, is_open: is_cut && entry.is_test(), ..best })
}

/// Where a path starts, by the file of its first own step.
fn start(steps: &List<Step>) -> Entry {
    let own = steps.0.iter().find(|step| is_own(step));
    let file = own.and_then(|step| {
        let class = || step.class.get().map(|class| format!("{}.java", class.replace('.', "/")));
        step.place.file.get().map(str::to_owned).or_else(class)
    });
    file.as_deref().map(entry::of_file).unwrap_or_default()
}

fn confidence(steps: &List<Step>) -> f64 {
    steps.0.iter().filter_map(|step| step.confidence.0).fold(1.0, f64::min)
}

/// Own code is `<own>`, `<app>`, or a package of the workspace, which has no version.
fn is_own(step: &Step) -> bool {
    let package = step.package.get().unwrap_or_default();
    package.starts_with('<')
        || !package.is_empty() && !package.contains(':') && !package.chars().skip(1).any(|c| c == '@')
}

/// The folder that own paths are relative to.
fn folder(verdict: &Verdict) -> String {
    let parts = [verdict.subproject.get(), verdict.workspace.get()];
    let parts = parts.into_iter().flatten().filter(|part| !matches!(*part, "." | ""));
    parts.flat_map(|part| [part, "/"]).collect()
}

/// Paths of libraries are relative to their package: there is no such file in the repository.
fn frame(draft: &mut Draft<'_>, folder: &str, step: &Step) -> Frame {
    // A mark of own code is the name of nothing.
    let module = step.package.get().filter(|package| !package.starts_with('<')).unwrap_or_default();
    let function = step.class.get().unwrap_or_default();
    let file = step.place.file.get().unwrap_or_default();
    let number = |number: Int| number.position().and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
    let (line, column) = (number(step.place.start.line), number(step.place.start.column));
    if !is_own(step) || file.is_empty() {
        let (module, function, path) = (module.into(), function.into(), file.into());
        return Frame { module, function, path, line, column, is_own: is_own(step) };
    }
    let below = format!("{folder}{file}");
    let path = draft.file(&below, &[]).or_else(|| draft.file(file, &[])).unwrap_or_else(|| below.into());
    Frame { module: module.into(), function: function.into(), path, line, column, is_own: true }
}
