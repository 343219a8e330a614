//! Which services, workloads and images the code of each path and each scanned image runs in, by the exposure graph. Only
//! what is certain counts: an image that is built from one of several folders belongs to none of them.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::model::backlog::{Backlog, NONE};
use crate::model::exposure::{Edge, Graph, NodeKind};
use crate::model::home::{Home, Homes, Part};

use super::exposure::is_same_image;

/// What a compose file calls what it runs: workload and service in one.
const COMPOSE: &str = "compose service ";

/// Finds the homes of all paths and runs of a backlog.
pub fn homes(graph: &Graph, backlog: &Backlog) -> Homes {
    let has_images = backlog.runs.iter().any(|run| run.image.is_some());
    if graph.contexts.is_empty() && !has_images {
        return Homes::default();
    }
    let mut finder = Finder::new(graph);
    let of_path = if graph.contexts.is_empty() {
        Vec::new()
    } else {
        backlog.paths.texts.iter().map(|path| if is_relative(path) { finder.of_path(path) } else { 0 }).collect()
    };
    let of_run = backlog.runs.iter().map(|run| run.image.as_deref().map_or(NONE, |image| finder.of_image(image)));
    let of_run = if has_images { of_run.collect() } else { Vec::new() };
    Homes::new(finder.all, of_path, of_run)
}

/// The context that an image is built from: the one that decides of those that are certain.
pub fn context_of_image(graph: &Graph, image: &str) -> Option<u32> {
    let is_meant = |number: u32| {
        graph.node(number).is_some_and(|node| node.kind == NodeKind::Image && is_same_image(&node.name, image))
    };
    let built = graph.edges.iter().filter(|edge| !edge.is_possible && is_meant(edge.from));
    let folders: Vec<u32> = built.map(|edge| edge.to).collect();
    let contexts = (0..).zip(&graph.contexts);
    let own = contexts.filter(|(_, context)| context.chain.last().is_some_and(|folder| folders.contains(folder)));
    own.max_by_key(|(_, context)| context.rank()).map(|(number, _)| number)
}

/// Also a file that is not there any more.
fn is_relative(path: &str) -> bool {
    !path.is_empty() && !path.starts_with('/') && !path.contains(':')
}

/// Finds the homes of places, each set of contexts once.
pub(super) struct Finder<'g> {
    graph: &'g Graph,
    back: Vec<Vec<u32>>,
    all: Vec<Home>,
    /// Numbers of homes by the contexts that hold a place.
    by_contexts: HashMap<Vec<u32>, u32, RandomState>,
}

impl<'g> Finder<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        Self { graph, back: back(graph), all: vec![Home::default()], by_contexts: HashMap::default() }
    }

    /// What a file of the repository goes into.
    pub(super) fn home(&mut self, path: &str) -> &Home {
        let number = self.of_path(path) as usize;
        self.all.get(number).unwrap_or(&self.all[0])
    }

    fn of_path(&mut self, path: &str) -> u32 {
        let contexts: Vec<u32> = self.graph.holding(path);
        if let Some(known) = self.by_contexts.get(&contexts) {
            return *known;
        }
        let mut home = Home::default();
        for context in &contexts {
            let context = self.graph.contexts.get(*context as usize);
            if let Some(folder) = context.and_then(|context| context.chain.last()) {
                self.climb(*folder, &mut home);
            }
        }
        let number = self.number(home);
        self.by_contexts.insert(contexts, number);
        number
    }

    fn of_image(&mut self, image: &str) -> u32 {
        let mut home = Home::default();
        for (number, node) in (0..).zip(&self.graph.nodes) {
            if node.kind == NodeKind::Image && is_same_image(&node.name, image) {
                self.climb(number, &mut home);
            }
        }
        if home.images.is_empty() {
            home.add(Part::Image, image);
        }
        self.number(home)
    }

    fn number(&mut self, home: Home) -> u32 {
        let known = self.all.iter().position(|known| *known == home).unwrap_or_else(|| {
            self.all.push(home);
            self.all.len() - 1
        });
        u32::try_from(known).unwrap_or(0)
    }

    /// Adds what leads to a node.
    fn climb(&self, from: u32, home: &mut Home) {
        let mut open = vec![from];
        let mut seen = vec![from];
        while let Some(number) = open.pop() {
            let Some(node) = self.graph.node(number) else { continue };
            match node.kind {
                NodeKind::Service => home.add(Part::Service, node.name.strip_prefix("Service ").unwrap_or(&node.name)),
                NodeKind::Workload => {
                    home.add(Part::Workload, &node.name);
                    if let Some(name) = node.name.strip_prefix(COMPOSE) {
                        home.add(Part::Service, name);
                    }
                }
                NodeKind::Image => home.add(Part::Image, &node.name),
                NodeKind::Internet | NodeKind::Entry | NodeKind::Container | NodeKind::Folder => {}
            }
            for before in self.back.get(number as usize).into_iter().flatten() {
                if !seen.contains(before) {
                    seen.push(*before);
                    open.push(*before);
                }
            }
        }
    }
}

/// For each node those that hold it: a workload its containers, a container its image, an image its folder, and a
/// service the workloads that it selects.
fn back(graph: &Graph) -> Vec<Vec<u32>> {
    let mut back = vec![Vec::new(); graph.nodes.len()];
    for edge in graph.edges.iter().filter(|edge| holds(graph, edge)) {
        if let Some(own) = back.get_mut(edge.to as usize) {
            own.push(edge.from);
        }
    }
    back
}

fn holds(graph: &Graph, edge: &Edge) -> bool {
    let kind = |number: u32| graph.node(number).map(|node| node.kind);
    let (Some(from), Some(to)) = (kind(edge.from), kind(edge.to)) else { return false };
    match (from, to) {
        // Also a container that only runs before the others.
        (NodeKind::Workload, NodeKind::Container) => true,
        (NodeKind::Service, NodeKind::Service | NodeKind::Workload)
        | (NodeKind::Container, NodeKind::Image)
        | (NodeKind::Image | NodeKind::Folder, NodeKind::Folder) => !edge.is_possible,
        _ => false,
    }
}
