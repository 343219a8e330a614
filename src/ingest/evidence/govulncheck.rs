//! The messages of `govulncheck -format json`, one object after the other (`internal/govulncheck/govulncheck.go` of
//! golang.org/x/vuln). It reports each flaw several times, each time more precisely: the module is required, the
//! package imported, the symbol called. What it does not report further it has not found, as far as it looked.

use std::collections::{BTreeSet, HashMap};

use crate::ingest::json::{Int, List, Owned, Rare, Said, lenient};
use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;
use crate::model::evidence::{Entry, Frame, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::words::{reason, time};

lenient! {
    Message {
        config: Rare<Config> = "config",
        sbom: Rare<Sbom> = "SBOM",
        osv: Rare<Advisory> = "osv",
        finding: Rare<Finding> = "finding",
    }
}

lenient! {
    Config {
        protocol: Owned = "protocol_version",
        scanner: Owned = "scanner_name",
        version: Owned = "scanner_version",
        database: Owned = "db_last_modified",
        level: Owned = "scan_level",
        mode: Owned = "scan_mode",
    }
}

lenient! {
    Sbom {
        modules: List<Module> = "modules",
    }
}

lenient! {
    Module {
        path: Owned = "path",
        version: Owned = "version",
    }
}

lenient! {
    Advisory {
        id: Owned = "id",
        aliases: List<Owned> = "aliases",
    }
}

lenient! {
    Finding {
        advisory: Owned = "osv",
        /// From the flaw to the entry.
        trace: List<Step> = "trace",
    }
}

lenient! {
    Step {
        module: Owned = "module",
        version: Owned = "version",
        package: Owned = "package",
        function: Owned = "function",
        receiver: Owned = "receiver",
        position: Position = "position",
    }
}

lenient! {
    Position {
        file: Owned = "filename",
        line: Int = "line",
        column: Int = "column",
    }
}

/// `v1.0.0`.
const KNOWN_VERSION: u32 = 1;

/// How precise a finding or a scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Module,
    Package,
    Symbol,
}

/// What is known before the findings.
struct Scan {
    level: Level,
    is_binary: bool,
    aliases: HashMap<String, Vec<Box<str>>>,
    /// The most precise finding of each advisory.
    best: HashMap<String, Level>,
    /// The modules that were scanned, beside what they require.
    own: BTreeSet<String>,
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let messages: Vec<(usize, Message)> = original.stream();
    let scan = Scan::of(&messages, draft);
    for (line, message) in &messages {
        let Some(finding) = message.finding.get() else { continue };
        let pointer = format!("line {line}");
        match (finding.advisory.get(), finding.trace.0.first()) {
            (Some(id), Some(flaw)) if !id.is_empty() => scan.add(draft, pointer, id, flaw, finding),
            _ => draft.odd(pointer, Oddity::costly("a finding without an advisory or a trace", "")),
        }
    }
}

impl Scan {
    fn of(messages: &[(usize, Message)], draft: &mut Draft<'_>) -> Self {
        let mut scan = Self {
            level: Level::Symbol,
            is_binary: false,
            aliases: HashMap::new(),
            best: HashMap::new(),
            own: BTreeSet::new(),
        };
        draft.document.tool = "govulncheck".into();
        for (_, message) in messages {
            if let Some(config) = message.config.get() {
                scan.configure(config, draft);
            }
            if let Some(advisory) = message.osv.get() {
                scan.learn(advisory, draft);
            }
            if let Some(sbom) = message.sbom.get() {
                let is_own = |module: &&Module| module.version.get().unwrap_or_default().is_empty();
                scan.own.extend(sbom.modules.0.iter().filter(is_own).filter_map(|module| module.path.0.clone()));
            }
            if let Some(finding) = message.finding.get() {
                let (id, level) = (finding.advisory.0.clone().unwrap_or_default(), finding.level());
                let best = scan.best.entry(id).or_insert(level);
                *best = level.max(*best);
            }
        }
        if scan.own.is_empty() {
            let mut findings = messages.iter().filter_map(|(_, message)| message.finding.get());
            let first = findings.find(|finding| finding.trace.0.len() > 1);
            scan.own.extend(first.and_then(|finding| finding.trace.0.last()?.module.0.clone()));
        }
        scan
    }

    fn configure(&mut self, config: &Config, draft: &mut Draft<'_>) {
        if let Some(name) = config.scanner.get() {
            draft.document.tool = name.into();
        }
        draft.of_version(config.protocol.get(), KNOWN_VERSION);
        draft.document.version = config.version.get().map(Into::into);
        draft.document.knowledge = config.database.get().and_then(time);
        self.is_binary = config.mode.get() == Some("binary");
        self.level = match config.level.get() {
            Some("module") => Level::Module,
            Some("package") => Level::Package,
            Some("symbol") | None => Level::Symbol,
            Some(other) => {
                draft.odd(
                    "/config/scan_level",
                    Oddity::harmless("a level that is not known: what it did not find is not denied", other),
                );
                Level::Module
            }
        };
    }

    fn learn(&mut self, advisory: &Advisory, draft: &mut Draft<'_>) {
        let Some(id) = advisory.id.get() else { return };
        let aliases: Vec<Box<str>> = advisory.aliases.0.iter().filter_map(Said::get).map(Into::into).collect();
        draft.alias(std::iter::once(id).chain(aliases.iter().map(|alias| &**alias)));
        self.aliases.insert(id.to_owned(), aliases);
    }

    fn add(&self, draft: &mut Draft<'_>, pointer: String, id: &str, flaw: &Step, finding: &Finding) {
        let level = finding.level();
        let is_surpassed = self.best.get(id).is_some_and(|best| *best > level);
        let (rung, polarity, words) = self.verdict(level, is_surpassed);
        let path = if level == Level::Symbol { self.path(draft, &finding.trace.0) } else { Vec::new() };
        let aliases = self.aliases.get(id).into_iter().flatten().cloned();
        let module = flaw.module.get().unwrap_or_default();
        let version = flaw.version.get().filter(|version| !version.is_empty());
        let binary = if self.is_binary { "of a binary: what it contains, without its calls" } else { "" };
        let purl = match version {
            Some(version) => format!("pkg:golang/{module}@{version}"),
            None => format!("pkg:golang/{module}"),
        };
        draft.state(Statement {
            pointer: pointer.into(),
            subject: Subject {
                vulns: std::iter::once(id.into()).chain(aliases).collect(),
                purl: Some(purl.into()),
                ..Subject::default()
            },
            rung,
            polarity,
            reason: reason([words, binary]),
            strength: if self.is_binary { 2 } else { 3 },
            entry: entry(&finding.trace.0),
            path,
            ..Statement::default()
        });
    }

    /// What a finding says that is the most precise of its advisory, or is not. A scan that did not look further denies
    /// nothing.
    fn verdict(&self, level: Level, is_surpassed: bool) -> (Rung, Polarity, &'static str) {
        let surpassed = "said more precisely by another finding";
        match level {
            Level::Symbol => (Rung::Called, Polarity::Yes, ""),
            Level::Package if is_surpassed => (Rung::Called, Polarity::Unknown, surpassed),
            Level::Module if is_surpassed => (Rung::Imported, Polarity::Unknown, surpassed),
            Level::Package if self.level > level => (Rung::Called, Polarity::No, "imported, not called"),
            Level::Module if self.level > level => (Rung::Imported, Polarity::No, "required, not imported"),
            Level::Package => (Rung::Imported, Polarity::Yes, "calls were not looked at"),
            Level::Module => (Rung::Imported, Polarity::Unknown, "imports were not looked at"),
        }
    }

    /// The steps from the entry to the flaw. Files are relative to their module; those of others are named with it.
    fn path(&self, draft: &mut Draft<'_>, trace: &[Step]) -> Vec<Frame> {
        let frame = |step: &Step| {
            let said = |text: &Owned| text.0.clone().unwrap_or_default();
            let (module, version, file) = (said(&step.module), said(&step.version), said(&step.position.file));
            let at = if version.is_empty() { String::new() } else { format!("@{version}") };
            let is_own = self.own.contains(&module);
            let package = step.package.get().filter(|package| !package.is_empty()).unwrap_or(&module);
            let number = |number: Int| number.0.and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
            let (line, column) = (number(step.position.line), number(step.position.column));
            let mut frame = draft.frame(&format!("{package}{at}"), &step.name(), "", line, column);
            frame.is_own = is_own;
            if !file.is_empty() {
                frame.path = if is_own { draft.locate(&file) } else { format!("{module}{at}/{file}").into() };
            }
            frame
        };
        trace.iter().rev().map(frame).collect()
    }
}

impl Finding {
    fn level(&self) -> Level {
        let flaw = self.trace.0.first();
        let has = |text: Option<&Owned>| text.and_then(Said::get).is_some_and(|text| !text.is_empty());
        if has(flaw.map(|flaw| &flaw.function)) {
            Level::Symbol
        } else if has(flaw.map(|flaw| &flaw.package)) {
            Level::Package
        } else {
            Level::Module
        }
    }
}

impl Step {
    /// The function, with its receiver if it has one.
    fn name(&self) -> String {
        let function = self.function.get().unwrap_or_default();
        match self.receiver.get().filter(|receiver| !receiver.is_empty()) {
            Some(receiver) if receiver.starts_with('*') => format!("({receiver}).{function}"),
            Some(receiver) => format!("{receiver}.{function}"),
            None => function.to_owned(),
        }
    }
}

/// Where a path starts, as far as its last step tells: in a test, or nobody knows.
fn entry(trace: &[Step]) -> Entry {
    let Some(first) = trace.last().filter(|_| trace.len() > 1) else { return Entry::Unknown };
    let [file, function] = [&first.position.file, &first.function].map(|text| text.get().unwrap_or_default());
    let is_test_of = |word: &str| function.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_lowercase));
    let is_test = file.ends_with("_test.go") || ["Test", "Benchmark", "Fuzz"].into_iter().any(is_test_of);
    if is_test { Entry::Test } else { Entry::Unknown }
}
