//! CycloneDX 1.4 to 1.7 as JSON (<https://cyclonedx.org/docs/>): what was decided about vulnerabilities (VEX, VDR), where
//! components are used, and what services offer. A plain list of components states nothing.

use std::collections::HashMap;

use crate::ingest::json::{Int, List, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;
use crate::model::evidence::{Basis, Entry, Fact, Frame, Polarity, Rung, Statement, Strength, Subject};

use super::draft::Draft;
use super::entry;
use super::vex;
use super::words::{add_ids, has_version, purl, reason, time};

lenient! {
    Bom {
        schema: Owned = "specVersion",
        serial: Owned = "serialNumber",
        metadata: Metadata = "metadata",
        components: List<Component> = "components",
        services: List<Service> = "services",
        vulnerabilities: List<Vulnerability> = "vulnerabilities",
    }
}

lenient! {
    Metadata {
        made: Owned = "timestamp",
        tools: Tools = "tools",
        component: Component = "component",
        maker: Named = "manufacturer" | "supplier" | "manufacture",
    }
}

lenient! {
    Named {
        name: Owned = "name",
        version: Owned = "version",
    }
}

/// An array of tools in older documents, an object with its components in newer ones.
#[derive(Clone, Debug, Default)]
pub(in crate::ingest) struct Tools(Vec<Named>);

impl<'de> serde::Deserialize<'de> for Tools {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tools: List<Tool> = List::deserialize(deserializer)?;
        let each = |tool: Tool| if tool.components.0.is_empty() { vec![tool.named()] } else { tool.components.0 };
        Ok(Self(tools.0.into_iter().flat_map(each).collect()))
    }
}

lenient! {
    Tool {
        name: Owned = "name",
        version: Owned = "version",
        components: List<Named> = "components",
    }
}

lenient! {
    Component {
        reference: Owned = "bom-ref",
        group: Owned = "group",
        name: Owned = "name",
        version: Owned = "version",
        purl: Owned = "purl",
        cpe: Owned = "cpe",
        evidence: Evidence = "evidence",
        components: List<Self> = "components",
    }
}

lenient! {
    Evidence {
        occurrences: List<Occurrence> = "occurrences",
        calls: Calls = "callstack",
    }
}

lenient! {
    Occurrence {
        location: Owned = "location",
        line: Int = "line",
        symbol: Owned = "symbol",
    }
}

lenient! {
    Calls {
        frames: List<Step> = "frames",
    }
}

lenient! {
    Step {
        package: Owned = "package",
        module: Owned = "module",
        function: Owned = "function",
        line: Int = "line",
        column: Int = "column",
        file: Owned = "fullFilename",
    }
}

lenient! {
    Service {
        name: Owned = "name",
        endpoints: List<Owned> = "endpoints",
        authenticated: Owned = "authenticated",
        boundary: Owned = "x-trust-boundary",
        services: List<Self> = "services",
    }
}

lenient! {
    Vulnerability {
        id: Owned = "id",
        references: List<Reference> = "references",
        ratings: List<Rating> = "ratings",
        analysis: Analysis = "analysis",
        affects: List<Affected> = "affects",
        properties: List<Property> = "properties",
    }
}

lenient! {
    /// The same vulnerability elsewhere.
    Reference {
        id: Owned = "id",
    }
}

lenient! {
    Rating {
        method: Owned = "method",
        vector: Owned = "vector",
    }
}

lenient! {
    Analysis {
        state: Owned = "state",
        justification: Owned = "justification",
        response: List<Owned> = "response",
        detail: Owned = "detail",
        first: Owned = "firstIssued",
        last: Owned = "lastUpdated",
    }
}

lenient! {
    Affected {
        reference: Owned = "ref",
        versions: List<Version> = "versions",
    }
}

lenient! {
    Version {
        version: Owned = "version",
        range: Owned = "range",
    }
}

lenient! {
    Property {
        name: Owned = "name",
        value: Owned = "value",
    }
}

/// Justifications, what each denies, and by how much it is worth less than another: what depends on how a program is
/// set up may change without its code.
const JUSTIFICATIONS: &[(&str, Rung, Strength)] = &[
    ("code_not_present", Rung::Imported, 0),
    ("code_not_reachable", Rung::Called, 0),
    ("requires_configuration", Rung::Controllable, 1),
    ("requires_dependency", Rung::Controllable, 1),
    ("requires_environment", Rung::Controllable, 1),
    ("protected_by_compiler", Rung::Controllable, 0),
    ("protected_at_runtime", Rung::Controllable, 0),
    ("protected_at_perimeter", Rung::Exposed, 0),
    ("protected_by_mitigating_control", Rung::Controllable, 0),
];

/// States and what each says; `not_affected` is told by its justification.
const STATES: &[(&str, Rung, Polarity)] = &[
    ("exploitable", Rung::Present, Polarity::Yes),
    ("resolved", Rung::Present, Polarity::No),
    ("resolved_with_pedigree", Rung::Present, Polarity::No),
    ("false_positive", Rung::Present, Polarity::No),
];

/// Methods of ratings and what a vector of each starts with.
const METHODS: &[(&str, &str)] = &[("CVSSv3", "CVSS:3.0/"), ("CVSSv31", "CVSS:3.1/"), ("CVSSv4", "CVSS:4.0/")];

/// Insights of depscan that say that a flow leads to the package, and those that there is an exploit.
const REACHABLE: &[&str] = &["reachable", "endpoint-reachable", "reachable and exploitable"];
const EXPLOITS: &[&str] = &["has poc", "known exploits"];

pub(super) fn is_xml(head: &str) -> bool {
    head.trim_start().starts_with('<') && head.contains("cyclonedx.org/schema/bom")
}

pub(super) fn read_xml(_: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.odd("", Oddity::costly("CycloneDX as XML is not read", "let its tool write JSON"));
}

/// 1.4 to 1.7.
const KNOWN_VERSION: u32 = 1;

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let bom: Bom = original.document();
    let tools = &bom.metadata.tools.0;
    let names: Vec<&str> = tools.iter().filter_map(|tool| tool.name.get()).collect();
    let is_made_by = |word: &str| names.iter().any(|name| name.to_ascii_lowercase().contains(word));
    // The last tool is the one that added the verdicts.
    let last = tools.last().and_then(|tool| tool.name.get()).or(bom.metadata.maker.name.get());
    let generator = vex::generator(&names);
    draft.document.is_generated = generator.is_some();
    draft.document.tool = generator.or(last).unwrap_or_default().into();
    draft.document.version = tools.last().and_then(|tool| tool.version.get()).map(Into::into);
    draft.dated(bom.metadata.made.get());
    draft.of_version(bom.schema.get(), KNOWN_VERSION);
    let mut known = HashMap::new();
    for component in bom.components.0.iter().chain([&bom.metadata.component]) {
        component.register(&mut known);
    }
    let serial = bom.serial.get().and_then(|serial| serial.strip_prefix("urn:uuid:")).unwrap_or_default();
    let mut reader =
        Reader { draft, known, serial: format!("urn:cdx:{serial}/"), starts_at_entry: is_made_by("cdxgen") };
    for (number, vulnerability) in bom.vulnerabilities.0.iter().enumerate() {
        reader.vulnerability(&format!("/vulnerabilities/{number}"), vulnerability);
    }
    reader.components("/metadata/component", std::slice::from_ref(&bom.metadata.component), true);
    reader.components("/components", &bom.components.0, false);
    reader.services("/services", &bom.services.0);
}

struct Reader<'d, 'l> {
    draft: &'d mut Draft<'l>,
    /// Components by their references.
    known: HashMap<String, Box<str>>,
    /// How links into this very document start.
    serial: String,
    /// Whether frames stand from the entry to the flaw; a call stack starts with what was called.
    starts_at_entry: bool,
}

impl Reader<'_, '_> {
    fn vulnerability(&mut self, pointer: &str, vulnerability: &Vulnerability) {
        let Some(id) = vulnerability.id.get().filter(|id| !id.is_empty()) else {
            self.draft.odd(pointer, Oddity::costly("a vulnerability without an id", ""));
            return;
        };
        let others = vulnerability.references.0.iter().filter_map(|reference| reference.id.get());
        let mut vulns: Vec<Box<str>> = Vec::new();
        add_ids(&mut vulns, std::iter::once(id).chain(others));
        self.draft.alias(vulns.iter().map(|vuln| &**vuln));
        for (number, rating) in vulnerability.ratings.0.iter().enumerate() {
            if let Some(vector) = rating.vector() {
                self.draft.know(format!("{pointer}/ratings/{number}"), id, Fact::Cvss(vector));
            }
        }
        if vulnerability.affects.0.is_empty() {
            self.verdict(pointer, vulnerability, &vulns, None);
        }
        for (number, affected) in vulnerability.affects.0.iter().enumerate() {
            let pointer = format!("{pointer}/affects/{number}");
            self.verdict(&pointer, vulnerability, &vulns, Some(affected));
        }
        self.insights(pointer, vulnerability, &vulns);
    }

    /// What the analysis says of one component, or of any.
    fn verdict(&mut self, pointer: &str, of: &Vulnerability, vulns: &[Box<str>], affected: Option<&Affected>) {
        let Analysis { state, justification, response, detail, first, last } = &of.analysis;
        let Some(state) = state.get().filter(|state| !state.is_empty()) else { return };
        let justification = justification.get().unwrap_or_default();
        let mut subject = Subject { vulns: vulns.to_vec(), ..Subject::default() };
        if let Some(affected) = affected {
            vex::name(&mut subject, &self.resolve(affected.reference.get().unwrap_or_default()));
        }
        let versions = affected.map(|affected| affected.open_versions(&subject)).unwrap_or_default();
        let worth = vex::worth(self.draft.document.is_generated);
        let (worth, unnamed) = vex::by_product(affected.is_some(), worth);
        let (rung, mut polarity, strength) = verdict_of(state, justification, worth);
        let only = if versions.is_empty() { String::new() } else { format!("for versions {}", versions.join(", ")) };
        if !versions.is_empty() && polarity == Polarity::No {
            polarity = Polarity::Unknown;
        }
        let state = if justification.is_empty() { state.to_owned() } else { format!("{state}: {justification}") };
        let response = response.0.iter().filter_map(Said::get).collect::<Vec<_>>().join(", ");
        self.draft.state(Statement {
            pointer: pointer.into(),
            subject,
            rung,
            polarity,
            basis: Basis::Vex,
            reason: reason([&*state, &*only, unnamed, detail.get().unwrap_or_default(), &*response]),
            strength,
            made: last.get().or(first.get()).and_then(time),
            ..Statement::default()
        });
    }

    /// What depscan adds: whether a flow of the program leads to the package, and whether there is an exploit.
    fn insights(&mut self, pointer: &str, vulnerability: &Vulnerability, vulns: &[Box<str>]) {
        let named = |wanted: &str| {
            let mut properties = vulnerability.properties.0.iter().enumerate();
            let found = properties.find(|(_, property)| property.name.get() == Some(wanted));
            found.and_then(|(number, property)| Some((number, property.value.get()?)))
        };
        let Some((number, text)) = named("depscan:insights") else { return };
        let pointer = format!("{pointer}/properties/{number}");
        // The lines are written with their `\n` as two letters.
        let text = text.replace("\\n", "\n");
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let has = |words: &[&str]| lines.iter().any(|line| words.contains(&&*line.to_ascii_lowercase()));
        if let Some(id) = vulns.first().filter(|_| has(EXPLOITS)) {
            self.draft.know(&*pointer, id, Fact::Poc);
        }
        // The other insights do not say that it is not reachable.
        if !has(REACHABLE) {
            return;
        }
        let mut subject = Subject { vulns: vulns.to_vec(), ..Subject::default() };
        if let [affected] = vulnerability.affects.0.as_slice() {
            vex::name(&mut subject, &self.resolve(affected.reference.get().unwrap_or_default()));
        }
        let is_prioritized = named("depscan:prioritized").is_some_and(|(_, value)| value == "true");
        self.draft.state(Statement {
            pointer: pointer.into(),
            subject,
            rung: Rung::Called,
            polarity: Polarity::Yes,
            reason: reason([&*lines.join(", "), if is_prioritized { "prioritized" } else { "" }]),
            strength: 2,
            entry: if has(&["endpoint-reachable"]) { Entry::Http } else { Entry::Unknown },
            ..Statement::default()
        });
    }

    /// The package or name that a reference means: of a component of this document, also by a link to it; of a link
    /// elsewhere what it names there.
    fn resolve(&self, reference: &str) -> Box<str> {
        if let Some(known) = self.known.get(reference) {
            return known.clone();
        }
        let Some((document, inside)) = reference.split_once('#').filter(|_| reference.starts_with("urn:cdx:")) else {
            return reference.into();
        };
        let inside = if inside.starts_with("pkg%3A") { decoded(inside) } else { inside.to_owned() };
        let own = self.known.get(&inside).or_else(|| self.known.get(&decoded(&inside)));
        match own.filter(|_| document.starts_with(&self.serial)) {
            Some(own) => own.clone(),
            None if inside.starts_with("pkg:") => purl(&inside),
            None => reference.into(),
        }
    }

    fn components(&mut self, above: &str, components: &[Component], is_one: bool) {
        for (number, component) in components.iter().enumerate() {
            let pointer = if is_one { above.to_owned() } else { format!("{above}/{number}") };
            let subject = Subject { purl: Some(component.id()), ..Subject::default() };
            for (number, occurrence) in component.evidence.occurrences.0.iter().enumerate() {
                let pointer = format!("{pointer}/evidence/occurrences/{number}");
                self.occurrence(pointer, subject.clone(), occurrence);
            }
            if !component.evidence.calls.frames.0.is_empty() {
                self.calls(format!("{pointer}/evidence/callstack"), subject, &component.evidence.calls.frames.0);
            }
            self.components(&format!("{pointer}/components"), &component.components.0, false);
        }
    }

    /// A place in the source is a use; a place without a line is where the component lies.
    fn occurrence(&mut self, pointer: String, subject: Subject, occurrence: &Occurrence) {
        let location = occurrence.location.get().unwrap_or_default();
        let after = location.rsplit_once('#').and_then(|(path, line)| Some((path, line.parse().ok()?)));
        let (path, line) = after.unwrap_or((location, number(occurrence.line)));
        let is_use = line > 0;
        let symbol = occurrence.symbol.get().unwrap_or_default();
        let frame = Frame { is_own: is_use, ..self.draft.frame("", symbol, path, line, 0) };
        self.draft.state(Statement {
            pointer: pointer.into(),
            subject,
            rung: if is_use { Rung::Imported } else { Rung::Present },
            polarity: Polarity::Yes,
            strength: 1,
            entry: entry::of_file(&frame.path),
            path: vec![frame],
            ..Statement::default()
        });
    }

    fn calls(&mut self, pointer: String, subject: Subject, frames: &[Step]) {
        let each = |step: &Step| {
            let said = |text: &Owned| text.0.clone().unwrap_or_default();
            let (package, module, file) = (said(&step.package), said(&step.module), said(&step.file));
            let module = if module.is_empty() { package } else { module };
            let frame = self.draft.frame(&module, &said(&step.function), &file, number(step.line), number(step.column));
            let is_own = !file.is_empty() && !file.starts_with('/') && !file.contains('!');
            Frame { is_own, ..frame }
        };
        let mut path: Vec<Frame> = frames.iter().map(each).collect();
        if !self.starts_at_entry {
            path.reverse();
        }
        self.draft.state(Statement {
            pointer: pointer.into(),
            subject,
            rung: Rung::Called,
            polarity: Polarity::Yes,
            strength: 2,
            entry: path.first().map_or(Entry::Unknown, |first| entry::of_file(&first.path)),
            path,
            ..Statement::default()
        });
    }

    /// Whether using a service crosses a trust boundary is as near to exposed as this format comes.
    fn services(&mut self, above: &str, services: &[Service]) {
        for (number, service) in services.iter().enumerate() {
            let pointer = format!("{above}/{number}");
            let endpoints = service.endpoints.0.iter().filter_map(Said::get).collect::<Vec<_>>().join(", ");
            let (polarity, boundary) = match service.boundary.get() {
                Some("true") => (Polarity::Yes, "it crosses a trust boundary"),
                Some("false") => (Polarity::No, "it crosses no trust boundary"),
                _ => (Polarity::Unknown, "whether it crosses a trust boundary is not said"),
            };
            let authenticated = match service.authenticated.get() {
                Some("true") => "authenticated",
                Some("false") => "not authenticated",
                _ => "",
            };
            if polarity != Polarity::Unknown || !endpoints.is_empty() {
                self.draft.state(Statement {
                    pointer: pointer.clone().into(),
                    subject: Subject { service: service.name.get().map(Into::into), ..Subject::default() },
                    rung: Rung::Exposed,
                    polarity,
                    basis: Basis::Deployment,
                    reason: reason([boundary, authenticated, &*endpoints]),
                    strength: 1,
                    ..Statement::default()
                });
            }
            self.services(&format!("{pointer}/services"), &service.services.0);
        }
    }
}

/// What a state says, and how much it is worth.
fn verdict_of(state: &str, justification: &str, worth: Strength) -> (Rung, Polarity, Strength) {
    if state == "not_affected" {
        let known = JUSTIFICATIONS.iter().find(|(known, ..)| *known == justification);
        let (rung, strength) = known.map_or((Rung::Called, 1), |(_, rung, less)| (*rung, worth.saturating_sub(*less)));
        return (rung, Polarity::No, strength);
    }
    let known = STATES.iter().find(|(known, ..)| *known == state);
    known.map_or((Rung::Present, Polarity::Unknown, worth), |(_, rung, polarity)| (*rung, *polarity, worth))
}

fn number(number: Int) -> u32 {
    number.0.and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}

/// What a link has encoded.
fn decoded(text: &str) -> String {
    let letters = [("%3A", ":"), ("%2F", "/"), ("%40", "@"), ("%3F", "?"), ("%3D", "="), ("%26", "&"), ("%2B", "+")];
    letters.iter().fold(text.to_owned(), |text, (encoded, letter)| text.replace(encoded, letter))
}

impl Tool {
    fn named(self) -> Named {
        Named { name: self.name, version: self.version }
    }
}

impl Component {
    /// Adds it and what is in it to those that are known by their references.
    fn register(&self, known: &mut HashMap<String, Box<str>>) {
        for reference in [&self.reference, &self.purl] {
            if let Some(reference) = reference.get().filter(|reference| !reference.is_empty()) {
                known.insert(reference.to_owned(), self.id());
            }
        }
        self.components.0.iter().for_each(|component| component.register(known));
    }

    /// Its package URL, else another identifier, else its name.
    fn id(&self) -> Box<str> {
        if let Some(url) = self.purl.get().filter(|url| !url.is_empty()) {
            return purl(url);
        }
        if let Some(cpe) = self.cpe.get().filter(|cpe| !cpe.is_empty()) {
            return cpe.into();
        }
        let said = |text: &Owned| text.get().map(str::to_owned).filter(|text| !text.is_empty());
        let group = said(&self.group).map(|group| format!("{group}/")).unwrap_or_default();
        let version = said(&self.version).map(|version| format!("@{version}")).unwrap_or_default();
        format!("{group}{}{version}", said(&self.name).unwrap_or_default()).into()
    }
}

impl Rating {
    /// Its vector with the version of CVSS, which older documents state by the method alone.
    fn vector(&self) -> Option<Box<str>> {
        let vector = self.vector.get().filter(|vector| vector.contains(':'))?;
        let start = METHODS.iter().find(|(method, _)| self.method.get() == Some(method)).map(|(_, start)| *start);
        let start = start.filter(|_| !vector.starts_with("CVSS:")).unwrap_or_default();
        Some(format!("{start}{vector}").into())
    }
}

impl Affected {
    /// The versions that it is about where the subject does not name its own.
    fn open_versions(&self, subject: &Subject) -> Vec<&str> {
        let is_exact = subject.purl.as_deref().is_some_and(has_version);
        let versions = self.versions.0.iter().filter(|_| !is_exact);
        versions.filter_map(|version| version.version.get().or(version.range.get())).collect()
    }
}
