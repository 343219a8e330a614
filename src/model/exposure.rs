//! Where code runs: what the internet reaches, by the files that deploy it, as a graph, and the verdict on each folder
//! that an image is built from.
//!
//! Plain data. How the files are read and what follows from them is in `reach::exposure`.

use super::evidence::{Basis, Document, Evidence, Frame, Polarity, Rung, Statement, Strength, Subject};
use super::grade::vocabulary;
use super::problem::Problem;

vocabulary! {
    /// Whether code runs in something that the internet can reach.
    #[derive(Default)]
    Exposure { #[default] Unknown = "unknown", Internal = "internal", Internet = "internet" }
}

vocabulary! {
    /// What a node is, from the internet to the code.
    NodeKind {
        Internet = "internet", Entry = "entry", Service = "service", Workload = "workload", Container = "container",
        Image = "image", Folder = "folder",
    }
}

/// Something that is declared in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub kind: NodeKind,
    /// As people know it: `Ingress shop/web`, `registry.example/cart:1.2`, `src/cart/`.
    pub name: Box<str>,
    /// Where it is declared, relative to the repository, or as the input was named; empty for the internet.
    pub file: Box<str>,
    /// 1-based; 0 where it is not known.
    pub line: u32,
    /// JSON pointer, in a file that is JSON; else empty.
    pub pointer: Box<str>,
}

/// One step from a node to what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Numbers in [`Graph::nodes`].
    pub from: u32,
    pub to: u32,
    /// In words, for people.
    pub why: Box<str>,
    /// Whether it may lead there and need not: a node port, a proxy that is not read.
    pub is_possible: bool,
}

/// A folder of the repository that an image is built from, and who reaches what runs of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// `src/cart/`; `./` for the root.
    pub path: Box<str>,
    pub dockerfile: Option<Box<str>>,
    /// The folders (with `/` at the end) and files that go into the image; the whole folder where it cannot be told.
    pub holds: Vec<Box<str>>,
    pub exposure: Exposure,
    /// Numbers of nodes: from the internet to the folder, from the workload where it is internal.
    pub chain: Vec<u32>,
    /// In words, for people.
    pub why: Box<str>,
    /// Whether the internet may reach it: the chain says how.
    pub is_possible: bool,
    /// What is said to keep the internet away, or to let it in only in part: claims and no proof.
    pub claims: Vec<Box<str>>,
    pub strength: Strength,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// In the order of their paths.
    pub contexts: Vec<Reached>,
    pub problems: Vec<Problem>,
    /// What the contexts hold, sorted, each with the number of a context; the one that decides stands first.
    places: Vec<(Box<str>, u32)>,
}

impl Graph {
    pub fn new(nodes: Vec<Node>, edges: Vec<Edge>, mut contexts: Vec<Reached>, problems: Vec<Problem>) -> Self {
        contexts.sort_by(|a, b| (&a.path, &a.dockerfile).cmp(&(&b.path, &b.dockerfile)));
        let mut places: Vec<(Box<str>, u32)> = Vec::new();
        for (number, context) in (0..).zip(&contexts) {
            places.extend(context.holds.iter().map(|held| (held.clone(), number)));
        }
        let rank = |number: u32| contexts.get(number as usize).map(Reached::rank);
        places.sort_by(|(a, first), (b, second)| a.cmp(b).then(rank(*second).cmp(&rank(*first))));
        places.dedup();
        Self { nodes, edges, contexts, problems, places }
    }

    pub fn is_empty(&self) -> bool {
        self.contexts.is_empty() && self.edges.is_empty()
    }

    /// What is known of a file of the repository: of the images that it goes into, by the one that is reached most.
    pub fn of(&self, path: &str) -> Option<&Reached> {
        self.contexts.get(*self.holding(path).first()? as usize)
    }

    /// The numbers of all contexts that hold a file of the repository, the one that decides first: by the longest folder, and
    /// by those around it up to the folder of such a context itself, or that of its Dockerfile. Code that several share is in
    /// all of their images; a system in a folder of its own is no part of what is built around it.
    pub fn holding(&self, path: &str) -> Vec<u32> {
        let folders = path.rmatch_indices('/').filter_map(|(at, _)| path.get(..=at));
        let mut found: Vec<u32> = Vec::new();
        for place in std::iter::once(path).chain(folders).chain(["./"]) {
            let from = self.places.partition_point(|(known, _)| &**known < place);
            let own = self.places.get(from..).unwrap_or_default().iter().take_while(|(known, _)| &**known == place);
            for (_, number) in own {
                if !found.contains(number) {
                    found.push(*number);
                }
            }
            if found.iter().any(|number| self.contexts.get(*number as usize).is_some_and(|one| one.is_of(place))) {
                break;
            }
        }
        found.sort_by_key(|number| std::cmp::Reverse(self.contexts.get(*number as usize).map(Reached::rank)));
        found
    }

    pub fn node(&self, number: u32) -> Option<&Node> {
        self.nodes.get(number as usize)
    }

    /// What follows for each context, as statements of one document, whose number is 0.
    pub fn statements(&self) -> Vec<Statement> {
        self.contexts.iter().map(|context| self.statement(context)).collect()
    }

    /// The same with the document, to be listed with the evidence of files.
    pub fn evidence(&self) -> Evidence {
        if self.contexts.is_empty() {
            return Evidence::default();
        }
        let document = Document {
            name: "deployment files".into(),
            format: "exposure graph",
            tool: "quell".into(),
            is_generated: true,
            ..Document::default()
        };
        Evidence { documents: vec![document], statements: self.statements(), ..Evidence::default() }
    }

    /// The way to a context, of which an item of a list stands at its pointer.
    pub fn steps(&self, context: &Reached) -> Vec<Frame> {
        let nodes = context.chain.iter().filter_map(|&number| self.node(number));
        let step = |node: &Node| {
            let frame = node.frame();
            if node.pointer.is_empty() { frame } else { Frame { path: node.place().into(), line: 0, ..frame } }
        };
        nodes.map(step).collect()
    }

    /// What follows for one context.
    pub fn statement(&self, context: &Reached) -> Statement {
        let nodes = || context.chain.iter().filter_map(|&number| self.node(number));
        let named = |kind: NodeKind| nodes().find(|node| node.kind == kind).map(|node| node.name.clone());
        let declared = nodes().find(|node| !node.file.is_empty());
        Statement {
            pointer: declared.map(Node::place).unwrap_or_default().into(),
            subject: Subject {
                path: Some(context.path.clone()),
                image: named(NodeKind::Image),
                service: named(NodeKind::Service).or_else(|| named(NodeKind::Workload)),
                ..Subject::default()
            },
            rung: Rung::Exposed,
            polarity: match context.exposure {
                Exposure::Internet => Polarity::Yes,
                Exposure::Internal => Polarity::No,
                Exposure::Unknown => Polarity::Unknown,
            },
            basis: Basis::Deployment,
            reason: Some(context.reason().into()),
            strength: context.strength,
            path: nodes().map(Node::frame).collect(),
            ..Statement::default()
        }
    }
}

impl Reached {
    /// The verdict with what is claimed against it.
    pub fn reason(&self) -> String {
        self.claims.iter().fold(self.why.to_string(), |text, claim| format!("{text}; {claim}"))
    }

    /// Whether it decides: what rests on files that could not all be read does not.
    pub fn decides(&self) -> bool {
        self.strength >= 2
    }

    /// Whether a folder or file is the context itself, its Dockerfile, or the folder that keeps that.
    fn is_of(&self, place: &str) -> bool {
        let dockerfile = self.dockerfile.as_deref().unwrap_or_default();
        let keeps = |folder: &str| dockerfile.strip_prefix(folder).is_some_and(|name| !name.contains('/'));
        *self.path == *place || !dockerfile.is_empty() && (dockerfile == place || place.ends_with('/') && keeps(place))
    }

    /// Which of two decides for what both hold.
    pub fn rank(&self) -> u8 {
        match self.exposure {
            Exposure::Internet => 3,
            Exposure::Unknown if self.is_possible => 2,
            Exposure::Unknown => 1,
            Exposure::Internal => 0,
        }
    }
}

impl Node {
    /// `deploy/web.yaml:12`, `dump.json#/items/3`; empty for what stands in no file.
    pub fn place(&self) -> String {
        let Self { file, line, pointer, .. } = self;
        match (line, pointer.is_empty()) {
            (0 | 1, false) => format!("{file}#{pointer}"),
            (line, false) => format!("{file}:{line}#{pointer}"),
            (0, true) => file.to_string(),
            (line, true) => format!("{file}:{line}"),
        }
    }

    fn frame(&self) -> Frame {
        Frame {
            module: self.kind.name().into(),
            function: self.name.clone(),
            path: self.file.clone(),
            line: self.line,
            column: 0,
            is_own: true,
        }
    }
}
