//! The rules of one run: finding the one that a result means, and what its metadata says.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::model::backlog::{Package, Rule};
use crate::model::grade::{Category, Level};

use super::json::{Entries, Int, Properties};
use super::message::Parts;
use super::notes::Oddity;
use super::sarif::result::{ComponentReference, IndexResult};
use super::sarif::run::{Component, Descriptor, MessageString, Override, Run};
use super::severity::Stated;
use super::{advisory, cwe, knowledge, package};

/// Place of a rule: tool component (0 is the driver, then the extensions) and position in its rules.
pub(super) type RuleAt = (usize, usize);

/// What a rule's metadata says about each of its results.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) level: Option<Level>,
    pub(super) stated: Stated,
    pub(super) advisories: Vec<Box<str>>,
    pub(super) package: Option<Package>,
}

/// A run's metadata with its rules indexed.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) run: Run,
    pub(super) tool: String,
    pub(super) family: String,
    pub(super) version: Option<String>,
    facts: Vec<Vec<Facts>>,
    by_id: HashMap<String, RuleAt, RandomState>,
    by_guid: HashMap<String, RuleAt, RandomState>,
    overrides: Vec<HashMap<RuleAt, Level>>,
}

/// The rule of one result.
#[derive(Debug)]
pub(super) struct Resolved<'a> {
    /// As the result writes it, else as the rule does; empty where neither says.
    pub(super) id: Cow<'a, str>,
    pub(super) at: Option<RuleAt>,
    pub(super) oddity: Option<Oddity>,
}

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
        let mut tables = Self {
            run,
            tool,
            family,
            version,
            facts: Vec::new(),
            by_id: HashMap::default(),
            by_guid: HashMap::default(),
            overrides: Vec::new(),
        };
        tables.index_rules();
        tables.overrides = tables.run.invocations.0.iter().map(|run| tables.overrides_of(&run.overrides.0)).collect();
        tables
    }

    fn components(&self) -> impl Iterator<Item = &Component> {
        std::iter::once(&self.run.tool.driver).chain(&self.run.tool.extensions.0)
    }

    /// Indexes rules by id and guid: the first of equal ids wins, the driver's before an extension's, and an
    /// id that a rule once had counts only where no rule has it now.
    fn index_rules(&mut self) {
        let (mut by_id, mut by_guid, mut facts) = (HashMap::default(), HashMap::default(), Vec::new());
        for (component, rules) in self.components().map(|component| &component.rules.0).enumerate() {
            for (index, rule) in rules.iter().enumerate() {
                if let Some(id) = rule.id.get() {
                    by_id.entry(id.to_owned()).or_insert((component, index));
                }
                if let Some(guid) = rule.guid.get() {
                    by_guid.entry(guid.to_ascii_lowercase()).or_insert((component, index));
                }
            }
            facts.push(rules.iter().map(facts_of).collect());
        }
        for (component, rules) in self.components().map(|component| &component.rules.0).enumerate() {
            for (index, rule) in rules.iter().enumerate() {
                for id in rule.deprecated_ids.0.iter().filter_map(|id| id.get()) {
                    by_id.entry(id.to_owned()).or_insert((component, index));
                }
            }
        }
        (self.by_id, self.by_guid, self.facts) = (by_id, by_guid, facts);
    }

    fn overrides_of(&self, overrides: &[Override]) -> HashMap<RuleAt, Level> {
        let mut levels = HashMap::new();
        for entry in overrides {
            let target = &entry.descriptor;
            let component =
                self.component(target.component.name.get(), target.component.index, target.component.guid.get());
            let by_index =
                target.index.position().map(|index| (component, index)).filter(|at| self.rule(*at).is_some());
            let by_guid = target.guid.get().and_then(|guid| self.by_guid.get(&guid.to_ascii_lowercase()).copied());
            let by_id = target.id.get().and_then(|id| self.by_id.get(id).copied());
            if let (Some(at), Some(level)) = (by_index.or(by_guid).or(by_id), level_of(entry.configuration.level.get()))
            {
                levels.insert(at, level);
            }
        }
        levels
    }

    pub(super) fn rule(&self, (component, index): RuleAt) -> Option<&Descriptor> {
        self.components().nth(component)?.rules.0.get(index)
    }

    pub(super) fn facts(&self, (component, index): RuleAt) -> Option<&Facts> {
        self.facts.get(component)?.get(index)
    }

    /// The component that a reference means; the driver where it names none that is there.
    fn component(&self, name: Option<&str>, index: Int, guid: Option<&str>) -> usize {
        if let Some(index) = index.position().filter(|index| *index < self.run.tool.extensions.0.len()) {
            return index + 1;
        }
        let is_meant = |component: &Component| {
            let same = |ours: Option<&str>, theirs: Option<&str>| ours.is_some() && ours == theirs;
            same(component.guid.get(), guid) || (guid.is_none() && same(component.name.get(), name))
        };
        if name.is_none() && guid.is_none() { 0 } else { self.components().position(is_meant).unwrap_or(0) }
    }

    fn component_of(&self, reference: &ComponentReference<'_>) -> usize {
        self.component(reference.name.get(), reference.index, reference.guid.get())
    }

    /// The rule that a result means: by index where its id fits or is absent, else by id, guid, or the id of
    /// the parent of a hierarchical id (2.1.0, 3.27.5 to 3.27.7 and 3.52).
    pub(super) fn resolve<'a>(&'a self, result: &IndexResult<'a>) -> Resolved<'a> {
        let reference = &result.rule;
        let component = self.component_of(&reference.component);
        let stated = [&result.rule_id.0, &reference.id.0].into_iter().flatten().find(|id| !id.is_empty());
        let index = result.rule_index.position().or(reference.index.position());
        let by_index = index.map(|index| (component, index)).filter(|at| self.rule(*at).is_some());
        let out_of_range = index.filter(|_| by_index.is_none());
        let mut oddity = out_of_range.map(|index| Oddity::harmless("ruleIndex names no rule", index.to_string()));
        let by_guid = || reference.guid.get().and_then(|guid| self.by_guid.get(&guid.to_ascii_lowercase()).copied());
        let Some(id) = stated else {
            let at = by_index.or_else(by_guid);
            let id = at.and_then(|at| self.rule(at)?.id.get()).unwrap_or_default();
            return Resolved { id: Cow::Borrowed(id), at, oddity };
        };
        let fits =
            |at: &RuleAt| self.rule(*at).and_then(|rule| rule.id.get()).is_none_or(|own| is_at_or_below(id, own));
        let at = by_index.filter(fits).or_else(|| self.by_id(id)).or_else(by_guid);
        if at.is_none() && by_index.is_some() {
            let kind = "ruleId and ruleIndex name different rules, the metadata is the index's";
            oddity = Some(Oddity::harmless(kind, &**id));
        }
        Resolved { id: id.clone(), at: at.or(by_index), oddity }
    }

    fn by_id(&self, id: &str) -> Option<RuleAt> {
        let mut id = id;
        loop {
            if let Some(at) = self.by_id.get(id) {
                return Some(*at);
            }
            id = id.rsplit_once('/')?.0;
        }
    }

    /// The level that an invocation gives a rule: the result's invocation, or the only one.
    pub(super) fn override_of(&self, at: RuleAt, invocation: Int) -> Option<Level> {
        let only = || (self.overrides.len() == 1).then_some(0);
        self.overrides.get(invocation.position().or_else(only)?)?.get(&at).copied()
    }

    /// Message text before placeholders are filled: the message's own, else the rule's or the component's
    /// string with its id.
    pub(super) fn template<'a>(&'a self, parts: Parts<'a>, at: Option<RuleAt>) -> Option<&'a str> {
        let own = parts.text.filter(|text| !text.is_empty());
        let by_id = || {
            let id = parts.id?;
            let rule = at.and_then(|at| self.rule(at)).and_then(|rule| string(&rule.strings, id));
            let component = at.map_or(0, |(component, _)| component);
            let global = || self.components().nth(component).and_then(|component| string(&component.strings, id));
            rule.or_else(global).or_else(|| string(&self.run.tool.driver.strings, id))
        };
        own.or_else(by_id).or(parts.markdown)
    }

    /// The rule as the backlog keeps it, under the id that the result writes.
    pub(super) fn describe(&self, id: &str, at: Option<RuleAt>) -> Rule {
        let mut rule = Rule { id: id.to_owned(), ..Rule::default() };
        if let Some(descriptor) = at.and_then(|at| self.rule(at)) {
            rule.name = descriptor.name.0.clone().filter(|name| !name.is_empty());
            rule.summary.clone_from(&descriptor.short.text.0);
            rule.description.clone_from(&descriptor.full.text.0);
            rule.help = descriptor.help.text.0.clone().or_else(|| descriptor.help.markdown.0.clone());
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
            let target = &relation.target;
            let taxonomy = (target.component.name.get(), target.component.index);
            self.cwe_of_taxon(target.id.get(), target.index, taxonomy, &mut numbers);
        }
        cwe::tidy(&mut numbers);
        numbers
    }

    /// Adds the CWE number of a taxon, given by id or by position in a taxonomy, if the taxonomy is CWE.
    pub(super) fn cwe_of_taxon(
        &self,
        id: Option<&str>,
        index: Int,
        taxonomy: (Option<&str>, Int),
        into: &mut Vec<u32>,
    ) {
        let component = self.taxonomy(taxonomy);
        let name = taxonomy.0.or_else(|| component.and_then(|component| component.name.get()));
        let by_index = || component?.taxa.0.get(index.position()?)?.id.get();
        let Some(id) = id.or_else(by_index) else { return };
        if name.is_some_and(|name| name.to_ascii_uppercase().contains("CWE")) {
            cwe::collect_value(id, into);
        } else {
            cwe::collect(id, into);
        }
    }

    fn taxonomy(&self, (name, index): (Option<&str>, Int)) -> Option<&Component> {
        let taxonomies = &self.run.taxonomies.0;
        let by_index = index.position().and_then(|index| taxonomies.get(index));
        let by_name = || taxonomies.iter().find(|component| name.is_some() && component.name.get() == name);
        by_index.or_else(by_name)
    }

    /// Name of a taxon for people: `CWE/89`.
    pub(super) fn taxon_name(&self, id: Option<&str>, index: Int, taxonomy: (Option<&str>, Int)) -> Option<String> {
        let component = self.taxonomy(taxonomy);
        let id = id.or_else(|| component?.taxa.0.get(index.position()?)?.id.get())?;
        let name = taxonomy.0.or_else(|| component.and_then(|component| component.name.get()));
        Some(name.map_or_else(|| id.to_owned(), |name| format!("{name}/{id}")))
    }
}

/// CWE numbers in the properties that hold nothing else.
pub(super) fn cwe_in(properties: &impl Properties, into: &mut Vec<u32>) {
    if properties.is_empty() {
        return;
    }
    for name in ["cwe", "CWE", "cwes", "cweIds", "cwe_id", "cweId", "cwe_ids"] {
        for text in properties.texts(name) {
            cwe::collect_value(&text, into);
        }
    }
}

/// `js/xss` is at or below `js/xss`, `js` is not.
fn is_at_or_below(id: &str, own: &str) -> bool {
    id.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn string<'a>(strings: &'a Entries<MessageString>, id: &str) -> Option<&'a str> {
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
        level: level_of(rule.configuration.level.get()),
        stated: Stated::in_properties(&rule.properties),
        advisories,
        package: package::in_properties(&rule.properties),
    }
}
