//! The rules of one run: finding the one that a result means, and what its metadata says.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::backlog::{HelpAt, NONE, Package, Rule};
use crate::model::claim::{self, Claim};
use crate::model::grade::{Category, Level};

use super::invocation::Trouble;
use super::json::{Entries, Int, Owned, Properties, Said};
use super::message::{Parts, Template};
use super::notes::Oddity;
use super::sarif::part::{ArtifactLocation, ComponentPointer, Message, Pointer};
use super::sarif::run::{Artifact, Component, Configuration, Descriptor, Override, Run};
use super::severity::Stated;
use super::{advisory, cwe, invocation, knowledge, package};

/// Place of a rule: tool component (0 is the driver, then the extensions) and position in its rules.
pub(super) type RuleAt = (usize, usize);

/// What a rule's metadata says about each of its results.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Kept here too: a rule's metadata is large, and each result asks for the id of its rule.
    id: Option<Box<str>>,
    pub(super) level: Option<Level>,
    /// 0 to 100, `defaultConfiguration.rank`.
    pub(super) rank: Option<f64>,
    pub(super) stated: Stated,
    pub(super) advisories: Vec<Box<str>>,
    pub(super) package: Option<Arc<Package>>,
    /// What it says of the reach of its results.
    pub(super) claim: Option<Claim>,
}

/// A run's metadata with its rules indexed.
pub(super) struct Tables {
    pub(super) run: Run,
    pub(super) tool: String,
    pub(super) family: String,
    pub(super) version: Option<String>,
    facts: Vec<Vec<Facts>>,
    /// Position of each id among the rules of each component.
    by_id: Vec<HashMap<String, usize, RandomState>>,
    /// Ids that a rule once had.
    by_former_id: HashMap<String, RuleAt>,
    by_guid: HashMap<String, RuleAt, RandomState>,
    overrides: Vec<HashMap<RuleAt, Override>>,
    /// What went wrong with the scan.
    pub(super) troubles: Vec<Trouble>,
}

/// The rule of one result.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) at: Option<RuleAt>,
    /// Whether the result writes the id that the rule has.
    pub(super) is_by_id: bool,
    pub(super) oddity: Option<Oddity>,
}

/// The deepest nesting of artifacts that is followed.
const MAX_NESTING: usize = 16;

/// Name of a tool that its report does not name.
const NAMELESS: &str = "unknown";

impl Tables {
    pub(super) fn new(mut run: Run) -> Self {
        let resources = std::mem::take(&mut run.resources);
        let driver = &mut run.tool.driver;
        if driver.rules.0.is_empty() {
            driver.rules = resources.rules;
            driver.strings.0.extend(resources.strings.0);
        }
        let named =
            [driver.name.get(), run.tool.name.get()].into_iter().flatten().map(str::trim).find(|name| !name.is_empty());
        let tool = named.unwrap_or(NAMELESS).to_owned();
        let versions = [driver.version.get(), driver.semantic_version.get(), run.tool.version.get()];
        let version = versions.into_iter().flatten().find(|version| !version.is_empty()).map(str::to_owned);
        let family = knowledge::tool_family(&tool);
        let troubles = invocation::troubles(&run);
        let mut tables = Self {
            run,
            tool,
            family,
            version,
            facts: Vec::new(),
            by_id: Vec::new(),
            by_former_id: HashMap::new(),
            by_guid: HashMap::default(),
            overrides: Vec::new(),
            troubles,
        };
        tables.index_rules();
        tables.overrides = tables.run.invocations.0.iter().map(|run| tables.overrides_of(&run.overrides.0)).collect();
        tables
    }

    fn components(&self) -> impl Iterator<Item = &Component> {
        std::iter::once(&self.run.tool.driver).chain(&self.run.tool.extensions.0)
    }

    /// Indexes rules by id and guid: the first of equal ids wins.
    fn index_rules(&mut self) {
        let (mut by_former_id, mut by_guid) = (HashMap::new(), HashMap::default());
        let (mut by_id, mut facts) = (Vec::new(), Vec::new());
        for (component, rules) in self.components().map(|component| &component.rules.0).enumerate() {
            let mut own: HashMap<String, usize, RandomState> = HashMap::default();
            for (index, rule) in rules.iter().enumerate() {
                if let Some(id) = rule.id.get() {
                    own.entry(id.to_owned()).or_insert(index);
                }
                for guid in [&rule.guid].into_iter().chain(&rule.deprecated_guids.0).filter_map(|guid| guid.get()) {
                    by_guid.entry(guid.to_ascii_lowercase()).or_insert((component, index));
                }
                for id in rule.deprecated_ids.0.iter().filter_map(|id| id.get()) {
                    by_former_id.entry(id.to_owned()).or_insert((component, index));
                }
            }
            by_id.push(own);
            facts.push(rules.iter().map(facts_of).collect());
        }
        (self.by_id, self.by_former_id, self.by_guid, self.facts) = (by_id, by_former_id, by_guid, facts);
    }

    fn overrides_of(&self, overrides: &[Override]) -> HashMap<RuleAt, Override> {
        let target = |entry: &Override| Some((self.resolve(entry.descriptor.pointer()).at?, entry.clone()));
        overrides.iter().filter_map(target).collect()
    }

    pub(super) fn rule(&self, (component, index): RuleAt) -> Option<&Descriptor> {
        self.components().nth(component)?.rules.0.get(index)
    }

    pub(super) fn facts(&self, (component, index): RuleAt) -> Option<&Facts> {
        self.facts.get(component)?.get(index)
    }

    /// Where an artifact of the run is; one that has no place of its own is in its parent (3.24.3).
    pub(super) fn artifact_location(&self, index: usize) -> Option<&ArtifactLocation<Owned>> {
        let has_uri = |artifact: &&Artifact| artifact.location.uri.get().is_some_and(|uri| !uri.is_empty());
        self.artifact_chain(index).find(has_uri).map(|artifact| &artifact.location)
    }

    /// An artifact and what it lies in, innermost first; a loop ends.
    pub(super) fn artifact_chain(&self, index: usize) -> impl Iterator<Item = &Artifact> {
        let artifacts = &self.run.artifacts.0;
        let parent = |artifact: &&Artifact| artifacts.get(artifact.parent.position()?);
        std::iter::successors(artifacts.get(index), parent).take(MAX_NESTING)
    }

    /// The component that a reference names, if it names one that is there.
    fn component(&self, reference: ComponentPointer<'_>) -> Option<usize> {
        let ComponentPointer { name, index, guid } = reference;
        if let Some(index) = index.position().filter(|index| *index < self.run.tool.extensions.0.len()) {
            return Some(index + 1);
        }
        let same = |ours: Option<&str>, theirs: Option<&str>| ours.is_some() && ours == theirs;
        let is_meant = |component: &Component| {
            same(component.guid.get(), guid) || (guid.is_none() && same(component.name.get(), name))
        };
        if name.is_none() && guid.is_none() { None } else { self.components().position(is_meant) }
    }

    /// The rule that a reference means: by index where its id fits or is absent, else by id, guid, or the id of
    /// the parent of a hierarchical id (2.1.0, 3.27.5 to 3.27.7 and 3.52). Without a component it is the driver's.
    pub(super) fn resolve(&self, reference: Pointer<'_>) -> Resolved {
        let component = self.component(reference.component);
        let index = reference.index.position();
        let by_index = index.map(|index| (component.unwrap_or(0), index)).filter(|at| self.facts(*at).is_some());
        let own_id = |at: RuleAt| self.facts(at)?.id.as_deref();
        if by_index.is_some() && reference.id.is_some() && by_index.and_then(own_id) == reference.id {
            return Resolved { at: by_index, is_by_id: true, oddity: None };
        }
        let out_of_range = index.filter(|_| by_index.is_none());
        let mut oddity = out_of_range.map(|index| Oddity::harmless("ruleIndex names no rule", index.to_string()));
        let by_guid = || reference.guid.and_then(|guid| self.by_guid.get(&guid.to_ascii_lowercase()).copied());
        let Some(id) = reference.id else {
            return Resolved { at: by_index.or_else(by_guid), is_by_id: false, oddity };
        };
        let fits = |at: &RuleAt| own_id(*at).is_none_or(|own| is_at_or_below(id, own));
        let at = by_index.filter(fits).or_else(|| self.by_id(component, id)).or_else(by_guid);
        if at.is_none() && by_index.is_some() {
            let kind = "ruleId and ruleIndex name different rules, the metadata is the index's";
            oddity = Some(Oddity::harmless(kind, id));
        }
        let at = at.or(by_index);
        Resolved { at, is_by_id: at.and_then(own_id) == Some(id), oddity }
    }

    /// A rule by its id or that of a parent: of the component that is named, else of the driver, else of an
    /// extension, else one that once had the id.
    fn by_id(&self, component: Option<usize>, id: &str) -> Option<RuleAt> {
        let mut id = id;
        loop {
            let of = |component: usize| Some((component, *self.by_id.get(component)?.get(id)?));
            let any = || (0..self.by_id.len()).find_map(of);
            let found = component.and_then(of).or_else(any).or_else(|| self.by_former_id.get(id).copied());
            if found.is_some() {
                return found;
            }
            id = id.rsplit_once('/')?.0;
        }
    }

    /// What an invocation says of a rule instead of its defaults: the result's invocation, or the only one.
    fn override_of(&self, at: RuleAt, invocation: Int) -> Option<&Override> {
        let only = || (self.overrides.len() == 1).then_some(0);
        self.overrides.get(invocation.position().or_else(only)?)?.get(&at)
    }

    /// Ids of the rules that the run lists, without those that are turned off: by default and by no invocation turned on,
    /// or by an invocation.
    pub(super) fn looked_for(&self) -> impl Iterator<Item = &str> {
        let rules = self.components().enumerate().flat_map(move |(component, rules)| {
            let rules = rules.rules.0.iter().enumerate();
            rules.filter(move |(index, rule)| self.is_on((component, *index), rule)).map(|(_, rule)| rule)
        });
        rules.filter_map(|rule| rule.id.get())
    }

    fn is_on(&self, at: RuleAt, rule: &Descriptor) -> bool {
        let says =
            |configuration: &Configuration| configuration.enabled.get().map(|text| !text.eq_ignore_ascii_case("false"));
        let by_run: Vec<bool> =
            self.overrides.iter().filter_map(|of_run| says(&of_run.get(&at)?.configuration)).collect();
        if by_run.is_empty() { says(&rule.configuration).unwrap_or(true) } else { by_run.iter().all(|is_on| *is_on) }
    }

    /// The level of a rule's results that state none: the invocation's, else the rule's default.
    pub(super) fn level(&self, at: RuleAt, invocation: Int) -> Option<Level> {
        let overridden = self.override_of(at, invocation).and_then(|entry| level_of(entry.configuration.level.get()));
        overridden.or_else(|| self.facts(at)?.level)
    }

    /// The rank of a rule's results that state none.
    pub(super) fn rank(&self, at: RuleAt, invocation: Int) -> Option<f64> {
        let overridden = self.override_of(at, invocation).and_then(|entry| entry.configuration.rank.0);
        overridden.or_else(|| self.facts(at)?.rank)
    }

    /// Message text before placeholders are filled: the message's own, else the rule's or the component's
    /// string with its id.
    pub(super) fn template<'a>(&'a self, parts: Parts<'a>, at: Option<RuleAt>) -> Option<Template<'a>> {
        let own = |text: Option<&'a str>| text.filter(|text| !text.is_empty()).map(Template::own);
        let by_id = || {
            let id = parts.id?;
            let rule = at.and_then(|at| self.rule(at)).and_then(|rule| string(&rule.strings, id));
            let component = at.map_or(0, |(component, _)| component);
            let global = || self.components().nth(component).and_then(|component| string(&component.strings, id));
            rule.or_else(global).or_else(|| string(&self.run.tool.driver.strings, id)).map(Template::shared)
        };
        own(parts.text).or_else(by_id).or_else(|| own(parts.markdown))
    }

    /// The rule as the backlog keeps it, under the id that the result writes.
    pub(super) fn describe(&self, id: &str, at: Option<RuleAt>) -> Rule {
        let mut rule = Rule { id: id.to_owned(), ..Rule::default() };
        if let Some(descriptor) = at.and_then(|at| self.rule(at)) {
            rule.name = descriptor.name.0.clone().filter(|name| !name.is_empty());
            rule.summary.clone_from(&descriptor.short.text.0);
            rule.description.clone_from(&descriptor.full.text.0);
            rule.help = at.filter(|_| descriptor.help.0).map(|(component, index)| HelpAt {
                run: NONE,
                component: u32::try_from(component).unwrap_or(NONE),
                index: u32::try_from(index).unwrap_or(NONE),
            });
            rule.help_uri.clone_from(&descriptor.help_uri.0);
            rule.tags = descriptor.properties.texts("tags");
            rule.score = descriptor.properties.real("security-severity");
            rule.cwe = self.cwe_of(descriptor);
        }
        if rule.cwe.is_empty() {
            rule.cwe.extend(knowledge::cwe_of_rule(&self.family, id));
        }
        rule.category = Some(self.category(&rule));
        rule
    }

    /// What kind of thing a rule looks for. A rule that is named for an advisory is about a package, one for
    /// credentials in the code about a secret.
    fn category(&self, rule: &Rule) -> Category {
        match knowledge::category(&self.family, &rule.id, &rule.tags) {
            Category::Code if advisory::starts_with_id(&rule.id) => Category::Dependency,
            Category::Code if rule.cwe.iter().any(|number| knowledge::CREDENTIALS.contains(number)) => Category::Secret,
            category => category,
        }
    }

    fn cwe_of(&self, descriptor: &Descriptor) -> Vec<u32> {
        let mut numbers = Vec::new();
        for tag in descriptor.properties.texts("tags") {
            cwe::collect(&tag, &mut numbers);
        }
        cwe_in(&descriptor.properties, &mut numbers);
        for relation in &descriptor.relationships.0 {
            self.cwe_of_taxon(relation.target.pointer(), &mut numbers);
        }
        cwe::tidy(&mut numbers);
        numbers
    }

    /// Adds the CWE number of a taxon, if its taxonomy is CWE.
    pub(super) fn cwe_of_taxon(&self, taxon: Pointer<'_>, into: &mut Vec<u32>) {
        let Taxon { id: Some(id), taxonomy } = self.taxon(taxon) else { return };
        if taxonomy.is_some_and(|name| name.to_ascii_uppercase().contains("CWE")) {
            cwe::collect_value(id, into);
        } else {
            cwe::collect(id, into);
        }
    }

    /// Name of a taxon for people: `CWE/89`.
    pub(super) fn taxon_name(&self, taxon: Pointer<'_>) -> Option<String> {
        let Taxon { id, taxonomy } = self.taxon(taxon);
        let id = id?;
        Some(taxonomy.map_or_else(|| id.to_owned(), |name| format!("{name}/{id}")))
    }

    /// A taxon by its id, its position in its taxonomy, or its guid. The taxonomy is one of the run's or a tool
    /// component.
    fn taxon<'a>(&'a self, reference: Pointer<'a>) -> Taxon<'a> {
        let ComponentPointer { name, index, guid } = reference.component;
        let taxonomies = &self.run.taxonomies.0;
        let is_meant = |component: &&Component| {
            let same = |ours: &Owned, theirs: Option<&str>| theirs.is_some() && ours.get() == theirs;
            same(&component.guid, guid) || same(&component.name, name)
        };
        let by_index = index.position().and_then(|index| taxonomies.get(index));
        let by_name = || taxonomies.iter().chain(self.components()).find(is_meant);
        let component = by_index.or_else(by_name);
        let has_guid = |taxon: &&Descriptor| reference.guid.is_some() && taxon.guid.get() == reference.guid;
        let by_place = || {
            let taxa = &component?.taxa.0;
            let by_index = reference.index.position().and_then(|index| taxa.get(index));
            by_index.or_else(|| taxa.iter().find(has_guid))?.id.get()
        };
        let taxonomy = name.or_else(|| component.and_then(|component| component.name.get()));
        Taxon { id: reference.id.or_else(by_place), taxonomy }
    }
}

/// A taxon by name.
struct Taxon<'a> {
    id: Option<&'a str>,
    taxonomy: Option<&'a str>,
}

/// Properties that hold CWE numbers and nothing else.
pub(super) const CWE: &[&str] = &["cwe", "CWE", "cwes", "cweIds", "cwe_id", "cweId", "cwe_ids"];

/// CWE numbers in the properties that hold nothing else.
pub(super) fn cwe_in(properties: &impl Properties, into: &mut Vec<u32>) {
    if properties.is_empty() {
        return;
    }
    for name in CWE {
        for text in properties.texts(name) {
            cwe::collect_value(&text, into);
        }
    }
}

/// `js/xss` is at or below `js/xss`, `js` is not.
fn is_at_or_below(id: &str, own: &str) -> bool {
    id.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn string<'a>(strings: &'a Entries<Message<Owned>>, id: &str) -> Option<&'a str> {
    let found = strings.get(id)?;
    found.text.get().or(found.markdown.get())
}

fn level_of(text: Option<&str>) -> Option<Level> {
    text.map(|text| super::lower::level(text).0)
}

fn facts_of(rule: &Descriptor) -> Facts {
    let mut advisories = Vec::new();
    let names = [rule.id.get(), rule.name.get()].into_iter().flatten().map(str::to_owned);
    let former = rule.deprecated_ids.0.iter().filter_map(|id| id.0.clone());
    for text in names.chain(former).chain(rule.properties.texts("tags")) {
        advisory::collect(&text, &mut advisories);
    }
    Facts {
        id: rule.id.get().map(Box::from),
        level: level_of(rule.configuration.level.get()),
        rank: rule.configuration.rank.0,
        stated: Stated::in_properties(&rule.properties),
        advisories,
        package: package::in_properties(&rule.properties).map(Arc::new),
        claim: claim::PROPERTIES.iter().find_map(|name| Claim::of(name, &rule.properties.text(name)?)),
    }
}
