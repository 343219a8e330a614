//! From facts to nodes and edges: which way in leads to which service, which workload it selects, which image that
//! runs, and which folder the image is built from.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::exposure::{Edge, Node, NodeKind};
use crate::model::problem::Problem;

use super::facts::{
    Build, Container, Entry, Facts, Labels, Named, OF_FILES, Place, Service, Source, Target, Way, Workload, fits,
};
use super::files::Tree;
use super::image::Name;
use super::path::{folder_of, joined, name_of, shown};

/// The most edges: a repository has a hundredth of it.
const MAX_EDGES: usize = 200_000;

/// The graph before it is judged.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// Nodes of folders, with what of them goes into an image.
    pub(super) folders: Vec<(u32, Source, Vec<String>)>,
    /// Ways in that are ports of some host.
    pub(super) local: BTreeSet<u32>,
    /// Why a way in, or a service, is not open.
    pub(super) shut: BTreeMap<u32, String>,
    /// Scopes of workloads that no service selects, and of ways in what they lead to that was not found.
    pub(super) unserved: BTreeMap<u32, String>,
    pub(super) adrift: Vec<(String, String)>,
    /// What is claimed of ways in and of workloads.
    pub(super) claims: BTreeMap<u32, BTreeSet<String>>,
    pub(super) problems: Vec<Problem>,
    pub(super) unread: Vec<String>,
}

/// Puts it together.
pub(super) fn join(mut facts: Facts, tree: &Tree<'_>) -> Joined {
    let mut join = Join::default();
    join.node(NodeKind::Internet, "", "internet", &Place::default());
    facts.leave_out_made();
    facts.limit();
    let builds = Builds::of(&facts, tree);
    for workload in &facts.workloads {
        join.workload(workload, &builds, &facts, tree);
    }
    for workload in &facts.workloads {
        join.fronts(workload);
    }
    for service in &facts.services {
        let name = format!("Service {}", shown_id(&service.id));
        let node = join.named_node(NodeKind::Service, &key(&service.id), &service.id, &name, &service.place);
        join.joined.shut.entry(node).or_insert_with(|| format!("{name} is of {}", service.kind));
    }
    let by_label = by_label(&facts.workloads);
    for service in &facts.services {
        join.service(service, &by_label);
    }
    for entry in &facts.entries {
        join.entry(entry, &facts);
    }
    // Also what nothing runs.
    for build in builds.all() {
        let folder = join.folder(&build.source, &build.place, &facts, tree);
        join.starts_from(folder, &build.source, &builds, &facts, tree);
    }
    let mut joined = join.joined;
    (joined.problems, joined.unread) = (facts.problems, facts.unread);
    if joined.edges.len() == MAX_EDGES {
        joined.unread.push(format!("edges beyond {MAX_EDGES}"));
    }
    joined
}

#[derive(Default)]
struct Join {
    joined: Joined,
    /// Numbers of nodes by their kind and what tells them apart.
    known: HashMap<(NodeKind, String), u32>,
    /// Services and workloads by their names, with their scopes.
    by_name: HashMap<(NodeKind, String), Vec<(Named, u32)>>,
    linked: BTreeSet<(u32, u32, bool)>,
    /// Services of which it is known what they lead to, be it outside of the cluster.
    known_ends: BTreeSet<u32>,
}

impl Join {
    fn node(&mut self, kind: NodeKind, key: &str, name: &str, place: &Place) -> u32 {
        let next = u32::try_from(self.joined.nodes.len()).unwrap_or(u32::MAX);
        *self.known.entry((kind, key.to_owned())).or_insert_with(|| {
            let Place { file, line, pointer } = place.clone();
            let (name, file, pointer) = (name.into(), file.into(), pointer.into());
            self.joined.nodes.push(Node { kind, name, file, line, pointer });
            next
        })
    }

    /// The node of a service or a workload.
    fn named_node(&mut self, kind: NodeKind, key: &str, id: &Named, name: &str, place: &Place) -> u32 {
        let node = self.node(kind, key, name, place);
        let same_name = self.by_name.entry((kind, id.name.clone())).or_default();
        if !same_name.iter().any(|(_, known)| *known == node) {
            same_name.push((id.clone(), node));
        }
        node
    }

    /// Nodes that a name may mean.
    fn find(&self, kind: NodeKind, id: &Named) -> Vec<u32> {
        let same_name = self.by_name.get(&(kind, id.name.clone())).into_iter().flatten();
        same_name.filter(|(known, _)| known.fits(id)).map(|(_, node)| *node).collect()
    }

    fn edge(&mut self, from: u32, to: u32, why: impl Into<Box<str>>, is_possible: bool) {
        if from != to && self.joined.edges.len() < MAX_EDGES && self.linked.insert((from, to, is_possible)) {
            self.joined.edges.push(Edge { from, to, why: why.into(), is_possible });
        }
    }

    fn workload(&mut self, workload: &Workload, builds: &Builds<'_>, facts: &Facts, tree: &Tree<'_>) {
        let key = key_of(workload);
        let name = format!("{} {}", workload.kind, shown_id(&workload.id));
        let node = self.named_node(NodeKind::Workload, &key, &workload.id, &name, &workload.place);
        self.joined.unserved.insert(node, workload.id.scope.clone());
        let claims = claims(workload, facts);
        self.joined.claims.entry(node).or_default().extend(claims);
        for container in &workload.containers {
            let own = format!("{key} {}", container.name);
            let inner = self.node(NodeKind::Container, &own, &container.name, &workload.place);
            let why = if container.is_first { "runs it before the others start" } else { "runs it" };
            self.edge(node, inner, why, container.is_first);
            self.image(inner, container, &workload.place, builds, facts, tree);
        }
    }

    fn image(
        &mut self,
        container: u32,
        runs: &Container,
        place: &Place,
        builds: &Builds<'_>,
        facts: &Facts,
        tree: &Tree<'_>,
    ) {
        let Some(image) = &runs.image else { return };
        let found = match &runs.source {
            Some(source) => vec![(source.clone(), place.clone(), "is built from it there".to_owned())],
            None => nearest(builds.of_image(image), &place.file),
        };
        // Images of one name that are built from different folders are different.
        let sources: Vec<&Source> = found.iter().map(|(source, ..)| source).collect();
        let node = self.node(NodeKind::Image, &format!("{image} {sources:?}"), image, place);
        self.edge(container, node, "is this image", false);
        let is_possible = found.len() > 1;
        for (source, place, why) in found {
            let folder = self.folder(&source, &place, facts, tree);
            let why = if is_possible { format!("{why}, one of several of that name") } else { why };
            self.edge(node, folder, why, is_possible);
        }
    }

    fn folder(&mut self, source: &Source, place: &Place, facts: &Facts, tree: &Tree<'_>) -> u32 {
        let own = shown(&source.context);
        let is_usual = |file: &String| {
            folder_of(file) == source.context && matches!(name_of(file), "Dockerfile" | "Containerfile")
        };
        let name = match &source.dockerfile {
            Some(file) if !is_usual(file) => format!("{own} by {file}"),
            _ => own.clone(),
        };
        let is_known = self.known.contains_key(&(NodeKind::Folder, name.clone()));
        let declared = match &source.dockerfile {
            Some(file) => Place { file: file.clone(), line: 1, pointer: String::new() },
            None => place.clone(),
        };
        let node = self.node(NodeKind::Folder, &name, &name, &declared);
        if !is_known {
            self.joined.folders.push((node, source.clone(), holds(source, facts, tree)));
        }
        node
    }

    /// An image that starts from another one of the repository brings its code along.
    fn starts_from(&mut self, folder: u32, source: &Source, builds: &Builds<'_>, facts: &Facts, tree: &Tree<'_>) {
        let Some(file) = source.dockerfile.as_ref().and_then(|path| facts.dockerfiles.get(path)) else { return };
        for image in &file.from {
            for (base, place, _) in builds.named(image) {
                let base = self.folder(&base, &place, facts, tree);
                self.edge(folder, base, "its image starts from the image of it", false);
            }
        }
    }

    fn fronts(&mut self, workload: &Workload) {
        for front in &workload.behind {
            let front_id = Named::new(&workload.id.scope, &front.name);
            for from in self.find(NodeKind::Workload, &front_id) {
                for to in self.find(NodeKind::Workload, &workload.id) {
                    self.edge(from, to, front.why.clone(), front.is_possible);
                }
            }
        }
    }

    fn service(&mut self, service: &Service, by_label: &ByLabel<'_>) {
        let own = self.node(NodeKind::Service, &key(&service.id), "", &service.place);
        let others = service.stands_for.iter().flat_map(|other| self.find(NodeKind::Service, other));
        let others: Vec<u32> = others.collect();
        let is_outside = service.is_external_name() && service.stands_for.is_none();
        if is_outside || !others.is_empty() || !service.selector.is_empty() {
            self.known_ends.insert(own);
        }
        for other in others {
            self.edge(own, other, "stands for it (externalName)", false);
        }
        let Some(first) = service.selector.iter().next().filter(|_| self.joined.edges.len() < MAX_EDGES) else {
            return;
        };
        let why = format!("selects {}", words(&service.selector));
        let labelled = by_label.get(&first).into_iter().flatten();
        let of_scope = labelled.filter(|workload| fits(&workload.id.scope, &service.id.scope));
        for workload in of_scope.filter(|workload| is_selected(&service.selector, &workload.labels)) {
            let to = self.node(NodeKind::Workload, &key_of(workload), "", &workload.place);
            self.joined.unserved.remove(&to);
            self.edge(own, to, why.clone(), false);
        }
    }

    fn entry(&mut self, entry: &Entry, facts: &Facts) {
        let own = format!("{} {} {}", entry.place.file, entry.place.pointer, entry.name);
        let place = format!("{own} {}", entry.place.line);
        let node = self.node(NodeKind::Entry, &place, &entry.name, &entry.place);
        let (way, why) = way(entry, facts);
        match way {
            Way::Open => self.edge(0, node, why, false),
            Way::Possible => self.edge(0, node, why, true),
            Way::Closed => drop(self.joined.shut.insert(node, why)),
        }
        if entry.is_local {
            self.joined.local.insert(node);
        }
        self.joined.claims.entry(node).or_default().extend(entry.claims.iter().cloned());
        let is_shut = way == Way::Closed;
        for target in targets(&entry.to, facts) {
            let (kind, id) = match target {
                Target::Service(id) => (NodeKind::Service, id),
                Target::Workload(id) => (NodeKind::Workload, id),
                // Of one that is there stand the targets in its place.
                Target::Route(id) => {
                    self.adrift(entry, id, "a route");
                    continue;
                }
            };
            let found = self.find(kind, id);
            let is_known = kind == NodeKind::Workload || found.iter().any(|to| self.known_ends.contains(to));
            if !is_shut && !is_known {
                self.adrift(entry, id, "Service");
            }
            for to in found {
                self.edge(node, to, "leads to it", false);
            }
        }
    }

    /// Notes that it is not known which workloads a way in leads to.
    fn adrift(&mut self, entry: &Entry, to: &Named, what: &str) {
        let words = format!("which pods {} leads to by {what} {}", entry.name, to.name);
        self.joined.adrift.push((to.scope.clone(), words));
    }
}

/// What a way leads to, with the targets of routes that it hands requests to in their place.
fn targets<'f>(to: &'f BTreeSet<Target>, facts: &'f Facts) -> Vec<&'f Target> {
    let mut found = Vec::new();
    for target in to {
        let before = found.len();
        if let Target::Route(id) = target {
            found.extend(facts.routes.iter().filter(|(known, _)| known.fits(id)).flat_map(|(_, to)| to));
        }
        if found.len() == before {
            found.push(target);
        }
    }
    found
}

/// Workloads by each of their labels.
type ByLabel<'f> = HashMap<(&'f String, &'f String), Vec<&'f Workload>>;

fn by_label(workloads: &[Workload]) -> ByLabel<'_> {
    let mut found = ByLabel::new();
    for workload in workloads {
        for label in &workload.labels {
            found.entry(label).or_default().push(workload);
        }
    }
    found
}

/// Whether a way is open; the gateways that are known decide, the most open of them.
fn way(entry: &Entry, facts: &Facts) -> (Way, String) {
    let known = facts.gateways.iter().filter(|gateway| entry.gateways.iter().any(|id| id.fits(&gateway.id)));
    let best = known.min_by_key(|gateway| match gateway.way {
        Way::Open => 0,
        Way::Possible => 1,
        Way::Closed => 2,
    });
    best.map_or_else(|| (entry.way, entry.why.clone()), |gateway| (gateway.way, gateway.why.clone()))
}

/// What policies claim of a workload: they add up, so one that lets in everybody ends all claims.
fn claims(workload: &Workload, facts: &Facts) -> Vec<String> {
    let labels = &workload.labels;
    let about = facts.policies.iter().filter(|policy| {
        fits(&policy.scope, &workload.id.scope)
            && is_selected(&policy.selector, labels)
            && policy.conditions.iter().all(|condition| condition.holds(labels))
    });
    let claims: Option<Vec<String>> = about
        .map(|policy| Some(format!("NetworkPolicy {} {}, if it is enforced", policy.name, policy.claim.as_ref()?)))
        .collect();
    claims.unwrap_or_default()
}

fn is_selected(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

fn words(labels: &Labels) -> String {
    labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

/// Workloads of one name and two kinds are two.
fn key_of(workload: &Workload) -> String {
    format!("{}\n{}", workload.kind, key(&workload.id))
}

fn key(id: &Named) -> String {
    format!("{}\n{}", id.scope, id.name)
}

/// Without what goes without saying.
fn shown_id(id: &Named) -> String {
    match id.scope.as_str() {
        "" | "default" => id.name.clone(),
        scope if scope.starts_with(OF_FILES) => id.name.clone(),
        scope => format!("{scope}/{}", id.name),
    }
}

/// The folders and files that go into an image.
fn holds(source: &Source, facts: &Facts, tree: &Tree<'_>) -> Vec<String> {
    let read = source.dockerfile.as_ref().and_then(|path| facts.dockerfiles.get(path));
    let copies = read.and_then(|file| file.copies.as_ref()).into_iter().flatten();
    let there = copies.map(|path| joined(&source.context, path)).filter_map(|path| match &path {
        path if tree.has_folder(path) => Some(shown(path)),
        path if tree.has_file(path) => Some(path.clone()),
        _ => None,
    });
    let mut holds: Vec<String> = there.collect();
    if holds.is_empty() {
        holds.push(shown(&source.context));
    }
    holds.extend(source.dockerfile.clone());
    holds
}

/// From names of images to what they are built from.
struct Builds<'f> {
    facts: &'f Facts,
    /// Folders with a Dockerfile that nothing else names, under the last component of their path.
    folders: Vec<Build>,
    by_full: HashMap<String, Vec<usize>>,
    by_last: HashMap<String, Vec<usize>>,
    /// Other names of an image, by its whole name.
    twins: HashMap<String, Vec<&'f str>>,
}

/// A source, where it is said, and in words.
type Found = (Source, Place, String);

impl<'f> Builds<'f> {
    fn of(facts: &'f Facts, tree: &Tree<'_>) -> Self {
        let used: BTreeSet<&String> =
            facts.builds.iter().filter_map(|build| build.source.dockerfile.as_ref()).collect();
        let folders = facts.dockerfiles.keys().filter(|path| !used.contains(path)).filter_map(|path| {
            let context = folder_of(path).to_owned();
            let is_usual = matches!(name_of(path), "Dockerfile" | "Containerfile");
            let image = if context.is_empty() { tree.name.to_owned() } else { name_of(&context).to_owned() };
            let place = Place { file: path.clone(), line: 1, pointer: String::new() };
            is_usual.then(|| Build { image, source: Source { context, dockerfile: Some(path.clone()) }, place })
        });
        let (mut by_full, mut by_last) = (HashMap::new(), HashMap::new());
        for (number, build) in facts.builds.iter().enumerate() {
            if let Some(name) = Name::parse(&build.image) {
                by_full.entry(name.full).or_insert_with(Vec::new).push(number);
                by_last.entry(name.last).or_insert_with(Vec::new).push(number);
            }
        }
        let mut twins: HashMap<String, Vec<&str>> = HashMap::new();
        for (one, other) in facts.renamed.iter().flat_map(|(one, other)| [(one, other), (other, one)]) {
            if let Some(name) = Name::parse(one) {
                twins.entry(name.full).or_default().push(other);
            }
        }
        Self { facts, folders: folders.collect(), by_full, by_last, twins }
    }

    fn all(&self) -> impl Iterator<Item = &Build> {
        self.facts.builds.iter().chain(&self.folders)
    }

    /// What an image is built from: by a build of that name, under the name that a kustomization gives it, or by a
    /// folder that is called so.
    fn of_image(&self, image: &str) -> Vec<Found> {
        let own = self.named(image);
        if !own.is_empty() {
            return own;
        }
        let Some(name) = Name::parse(image) else { return Vec::new() };
        let twins = self.twins.get(&name.full).into_iter().flatten();
        if let Some(found) = twins.map(|twin| self.named(twin)).find(|found| !found.is_empty()) {
            return found;
        }
        let folders = self.folders.iter().filter(|build| build.image.eq_ignore_ascii_case(&name.last));
        distinct(folders.map(|build| (build, "a folder with a Dockerfile is called so".to_owned())))
    }

    /// By builds alone: by the whole name, else by its last component.
    fn named(&self, image: &str) -> Vec<Found> {
        let Some(name) = Name::parse(image) else { return Vec::new() };
        let numbers = self.by_full.get(&name.full).or_else(|| self.by_last.get(&name.last));
        let builds = numbers.into_iter().flatten().filter_map(|&number| self.facts.builds.get(number));
        distinct(builds.map(|build| (build, format!("is built from it, says {}", build.place.file))))
    }
}

/// Of several, those that are declared nearest to a file: a repository may hold several systems.
fn nearest(mut found: Vec<Found>, file: &str) -> Vec<Found> {
    let shared = |other: &str| {
        folder_of(other).split('/').zip(folder_of(file).split('/')).take_while(|(one, other)| one == other).count()
    };
    let best = found.iter().map(|(_, place, _)| shared(&place.file)).max().unwrap_or(0);
    found.retain(|(_, place, _)| shared(&place.file) == best);
    found
}

fn distinct<'b>(builds: impl Iterator<Item = (&'b Build, String)>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (build, why) in builds {
        if !found.iter().any(|(known, ..)| *known == build.source) {
            found.push((build.source.clone(), build.place.clone(), why));
        }
    }
    found
}
