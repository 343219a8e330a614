//! What the sources say, before it is put together.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use crate::model::problem::{Loss, Problem};

/// The most of each kind that are put together: a repository has a hundredth of it.
pub(super) const MAX_OF_EACH: usize = 5_000;

/// The most containers of one workload, where there are too many workloads.
const MAX_CONTAINERS: usize = 100;

/// Labels of a pod, or those that a selector asks for.
pub(super) type Labels = BTreeMap<String, String>;

/// Where something is declared.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) file: String,
    /// 1-based; 0 where it is not known.
    pub(super) line: u32,
    /// JSON pointer of an item of a list; else empty.
    pub(super) pointer: String,
}

/// Something by its name, in the namespace or project that it belongs to; empty where that is said when it is deployed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Named {
    pub(super) scope: String,
    pub(super) name: String,
}

impl Named {
    pub(super) fn new(scope: &str, name: &str) -> Self {
        Self { scope: scope.to_owned(), name: name.to_owned() }
    }

    /// Whether both may be the same.
    pub(super) fn fits(&self, other: &Self) -> bool {
        self.name == other.name && fits(&self.scope, &other.scope)
    }
}

/// What begins the scopes that are no namespaces of a cluster.
pub(super) const OF_FILES: &str = "files ";

/// Whether two scopes may be the same: a namespace that is not stated may be any.
pub(super) fn fits(scope: &str, other: &str) -> bool {
    let is_namespace = |scope: &str| !scope.starts_with(OF_FILES);
    let is_any = scope.is_empty() || other.is_empty();
    scope == other || (is_any && is_namespace(scope) && is_namespace(other))
}

/// Whether a way leads in from the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Open,
    /// It depends on what is not read.
    Possible,
    Closed,
}

/// A way in: a port, a load balancer, a route.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) way: Way,
    /// Why the way is open or not, in words.
    pub(super) why: String,
    pub(super) claims: Vec<String>,
    pub(super) to: BTreeSet<Target>,
    /// The gateways that it hangs on, which decide where one of them is known; empty where it needs none.
    pub(super) gateways: Vec<Named>,
    pub(super) place: Place,
    /// Whether it is the port of some host, which may be a developer's: others say more.
    pub(super) is_local: bool,
}

impl Entry {
    /// One that hangs on nothing.
    pub(super) fn new(
        name: String,
        (way, why): (Way, String),
        to: impl IntoIterator<Item = Target>,
        place: &Place,
    ) -> Self {
        let (to, place) = (to.into_iter().collect(), place.clone());
        Self { name, way, why, claims: Vec::new(), to, gateways: Vec::new(), place, is_local: false }
    }
}

/// What a way leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    Service(Named),
    Workload(Named),
    /// What a route without a gateway leads to, which others hand requests to.
    Route(Named),
}

/// What routes hang on.
#[derive(Clone, Debug)]
pub(super) struct Gateway {
    pub(super) id: Named,
    pub(super) way: Way,
    pub(super) why: String,
}

/// A name in front of workloads.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) id: Named,
    /// `type ClusterIP`.
    pub(super) kind: String,
    pub(super) selector: Labels,
    /// The service that an `ExternalName` stands for.
    pub(super) stands_for: Option<Named>,
    pub(super) place: Place,
}

impl Service {
    pub(super) fn is_external_name(&self) -> bool {
        self.kind == "type ExternalName"
    }
}

/// Something that runs containers.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    pub(super) id: Named,
    /// `Deployment`, `compose service`.
    pub(super) kind: String,
    pub(super) labels: Labels,
    pub(super) containers: Vec<Container>,
    pub(super) place: Place,
    /// Workloads of the same scope that pass requests on to it.
    pub(super) behind: Vec<Front>,
    /// Kind and name of the workload that made it.
    pub(super) made_by: Option<(String, Named)>,
}

/// A workload that passes requests on to another.
#[derive(Clone, Debug)]
pub(super) struct Front {
    pub(super) name: String,
    pub(super) why: String,
    pub(super) is_possible: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) name: String,
    /// As written.
    pub(super) image: Option<String>,
    /// What it is built from, where the same entry says so.
    pub(super) source: Option<Source>,
    /// Whether it ends before the others start.
    pub(super) is_first: bool,
}

/// What an image is built from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Source {
    /// A folder without `/` at its end; empty for the root.
    pub(super) context: String,
    pub(super) dockerfile: Option<String>,
}

/// An image and what it is built from.
#[derive(Clone, Debug)]
pub(super) struct Build {
    pub(super) image: String,
    pub(super) source: Source,
    pub(super) place: Place,
}

/// A network policy: which pods, and what it says of who may reach them.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) scope: String,
    pub(super) name: String,
    pub(super) selector: Labels,
    pub(super) conditions: Vec<Condition>,
    /// What it claims; `None` where it lets in everybody.
    pub(super) claim: Option<String>,
}

/// One of the `matchExpressions` of a selector.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) key: String,
    pub(super) operator: String,
    pub(super) values: Vec<String>,
}

impl Condition {
    /// Whether it holds for something with these labels; one with an operator that is not known holds for nothing.
    pub(super) fn holds(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator.as_str() {
            "In" => value.is_some_and(|value| self.values.contains(value)),
            "NotIn" => value.is_none_or(|value| !self.values.contains(value)),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    }
}

/// What is read of a Dockerfile.
#[derive(Clone, Debug, Default)]
pub(super) struct Dockerfile {
    /// The images that it starts from.
    pub(super) from: Vec<String>,
    /// What of its context goes in, relative to it; `None` where that is all of it or cannot be told.
    pub(super) copies: Option<Vec<String>>,
}

/// A compose file.
#[derive(Debug)]
pub(super) struct ComposeFile {
    pub(super) file: String,
    /// Names, lines and what stands under them.
    pub(super) services: Vec<(String, u32, Value)>,
    /// Networks without a way out.
    pub(super) internal: Vec<String>,
}

/// All that sources say.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) entries: Vec<Entry>,
    pub(super) gateways: Vec<Gateway>,
    /// Routes without a gateway.
    pub(super) routes: Vec<(Named, BTreeSet<Target>)>,
    pub(super) services: Vec<Service>,
    pub(super) workloads: Vec<Workload>,
    pub(super) policies: Vec<Policy>,
    pub(super) builds: Vec<Build>,
    /// Two names of one image.
    pub(super) renamed: Vec<(String, String)>,
    /// Not resolved yet: they refer to each other.
    pub(super) composes: Vec<ComposeFile>,
    pub(super) dockerfiles: BTreeMap<String, Dockerfile>,
    pub(super) problems: Vec<Problem>,
    /// What was not read and may say more, for people; templates are counted by their folders.
    pub(super) unread: Vec<String>,
    pub(super) templates: BTreeMap<String, usize>,
    /// Names of Helm charts by their folders.
    pub(super) charts: BTreeMap<String, String>,
}

impl Facts {
    pub(super) fn absorb(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.gateways.extend(other.gateways);
        self.routes.extend(other.routes);
        self.services.extend(other.services);
        self.workloads.extend(other.workloads);
        self.policies.extend(other.policies);
        self.builds.extend(other.builds);
        self.renamed.extend(other.renamed);
        self.composes.extend(other.composes);
        self.dockerfiles.extend(other.dockerfiles);
        self.problems.extend(other.problems);
        self.unread.extend(other.unread);
        self.charts.extend(other.charts);
        for (folder, count) in other.templates {
            *self.templates.entry(folder).or_default() += count;
        }
    }

    /// Leaves out what another workload made that is there itself, and tells the same.
    pub(super) fn leave_out_made(&mut self) {
        let own = |one: &Workload| (one.kind.clone(), one.id.clone());
        // Pods stand under the name of their maker, the first of them for all.
        let is_itself = |one: &&Workload| one.made_by.as_ref() != Some(&own(one));
        let mut known: HashSet<(String, Named)> = self.workloads.iter().filter(is_itself).map(own).collect();
        let mut told = BTreeSet::new();
        self.workloads.retain(|one| {
            let is_told = one.made_by.as_ref().is_some_and(|maker| known.contains(maker));
            if is_told {
                told.insert(one.place.clone());
            }
            known.extend(one.made_by.clone().filter(|maker| *maker == own(one)));
            !is_told
        });
        // Ports of their nodes as well.
        self.entries.retain(|entry| !told.contains(&entry.place));
    }

    /// Leaves out what is beyond all measure.
    pub(super) fn limit(&mut self) {
        let lengths = [self.entries.len(), self.gateways.len(), self.services.len(), self.workloads.len()];
        let containers = self.workloads.iter().map(|one| one.containers.len()).sum();
        let others = [containers, self.routes.len(), self.policies.len(), self.builds.len(), self.renamed.len()];
        if lengths.iter().chain(&others).all(|length| *length <= MAX_OF_EACH) {
            return;
        }
        let reason = format!("more than {MAX_OF_EACH} objects of one kind; the rest was left out");
        self.problem(".", 0, reason, "");
        self.unread.push("the objects that were left out".to_owned());
        self.entries.truncate(MAX_OF_EACH);
        self.gateways.truncate(MAX_OF_EACH);
        self.routes.truncate(MAX_OF_EACH);
        self.services.truncate(MAX_OF_EACH);
        self.workloads.truncate(MAX_OF_EACH);
        self.workloads.iter_mut().for_each(|one| one.containers.truncate(MAX_CONTAINERS));
        // Without all of them none is a claim.
        if self.policies.len() > MAX_OF_EACH {
            self.policies.clear();
        }
        self.builds.truncate(MAX_OF_EACH);
        self.renamed.truncate(MAX_OF_EACH);
    }

    /// Something that was left out, with a next step.
    pub(super) fn problem(&mut self, file: &str, line: u32, reason: impl Into<String>, hint: &str) {
        let place = if line > 0 { format!("line {line}") } else { String::new() };
        self.problems.push(Problem::at(file, place, reason, Loss::Result).hint(hint));
    }
}
