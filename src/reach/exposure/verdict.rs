//! What follows from the graph for each folder that an image is built from.
//!
//! A way that is open all along is `internet`. One that is only possible is `unknown`, with the way. What runs and is
//! reached by no way that was read is `internal`; what runs nowhere is `unknown`. Claims change no verdict.

use std::collections::{HashMap, VecDeque};

use crate::model::evidence::Strength;
use crate::model::exposure::{Edge, Exposure, Graph, Node, NodeKind, Reached};

use super::facts::fits;
use super::join::Joined;
use super::path::shown;

/// A port, a load balancer, a route.
const OPEN: Strength = 3;
/// A way that need not be one, and that nothing leads in.
const GUESSED: Strength = 2;
/// The same where something was not read, and what nothing is known of.
const WEAK: Strength = 1;

/// The graph with its verdicts.
pub(super) fn judge(joined: Joined) -> Graph {
    let sure = Ways::from_internet(&joined, &|edge| !edge.is_possible);
    let deployed = Ways::from_internet(&joined, &|edge| !edge.is_possible && !joined.local.contains(&edge.to));
    let all = Ways::from_internet(&joined, &|_| true);
    let back = Ways::links(&joined, true, &|_| true);
    let pairs: Pairs<'_> = joined.edges.iter().map(|edge| ((edge.from, edge.to, edge.is_possible), edge)).collect();
    let contexts = joined.folders.iter().map(|(node, source, holds)| {
        let verdict = if let Some(chain) = deployed.chain(*node).or_else(|| sure.chain(*node)) {
            Verdict { exposure: Exposure::Internet, strength: OPEN, ..Verdict::reached(&joined, &pairs, chain, false) }
        } else if let Some(chain) = all.chain(*node) {
            Verdict { strength: GUESSED, ..Verdict::reached(&joined, &pairs, chain, true) }
        } else {
            Verdict::inside(&joined, *node, &back)
        };
        let Verdict { exposure, strength, chain, why, is_possible, claims } = verdict;
        Reached {
            path: shown(&source.context).into(),
            dockerfile: source.dockerfile.clone().map(Into::into),
            holds: holds.iter().map(|held| held.as_str().into()).collect(),
            exposure,
            chain,
            why: why.into(),
            is_possible,
            claims: claims.into_iter().map(Into::into).collect(),
            strength,
        }
    });
    let contexts = contexts.collect();
    Graph::new(joined.nodes, joined.edges, contexts, joined.problems)
}

/// Edges by their ends, and whether they are only possible.
type Pairs<'j> = HashMap<(u32, u32, bool), &'j Edge>;

#[derive(Default)]
struct Verdict {
    exposure: Exposure,
    strength: Strength,
    chain: Vec<u32>,
    why: String,
    is_possible: bool,
    claims: Vec<String>,
}

impl Verdict {
    /// By a way from the internet: its first edge that is only possible, else the very first, says why.
    fn reached(joined: &Joined, pairs: &Pairs<'_>, chain: Vec<u32>, is_possible: bool) -> Self {
        let edge = |pair: &[u32]| pairs.get(&(*pair.first()?, *pair.last()?, is_possible)).copied();
        let decides = chain.windows(2).find_map(edge);
        let name = |edge: &Edge| joined.nodes.get(edge.to as usize).map_or("", |node| &node.name);
        let why = decides.map(|edge| format!("{}: {}", name(edge), edge.why)).unwrap_or_default();
        let claims = chain.iter().filter_map(|node| joined.claims.get(node)).flatten().cloned().collect();
        Self { chain, why, is_possible, claims, ..Self::default() }
    }

    /// Where no way was found.
    fn inside(joined: &Joined, folder: u32, back: &[Vec<u32>]) -> Self {
        let ways = Ways::search(folder, back);
        let node = |number: u32| joined.nodes.get(number as usize);
        let is_kind = |number: &u32, kind: NodeKind| node(*number).is_some_and(|node| node.kind == kind);
        let find = |kind: NodeKind| ways.found.iter().copied().find(|number| is_kind(number, kind));
        let Some(workload) = find(NodeKind::Workload) else {
            let why = "nothing that was read says where it runs";
            return Self { strength: WEAK, chain: vec![folder], why: why.to_owned(), ..Self::default() };
        };
        let shut = [NodeKind::Entry, NodeKind::Service].into_iter().find_map(|kind| {
            let number = find(kind)?;
            Some((number, joined.shut.get(&number)?.clone()))
        });
        let name = node(workload).map_or("", |node: &Node| &node.name);
        let (from, mut why) = shut.unwrap_or_else(|| (workload, format!("no service, port or route leads to {name}")));
        let mut chain = ways.chain(from).unwrap_or_default();
        chain.reverse();
        let unknown = unknown(joined, &ways);
        let strength = match unknown.as_slice() {
            [] => GUESSED,
            [first, rest @ ..] => {
                let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                why.push_str(&format!("; not read, and may say otherwise: {first}{more}"));
                WEAK
            }
        };
        Self { exposure: Exposure::Internal, strength, chain, why, ..Self::default() }
    }
}

/// What was not read and may lead in: also what ways in the scope of one of its workloads lead to, where no service that was
/// read stands before that one.
fn unknown<'j>(joined: &'j Joined, ways: &Ways) -> Vec<&'j str> {
    let scopes: Vec<&String> = ways.found.iter().filter_map(|node| joined.unserved.get(node)).collect();
    let may_lead = |scope: &str| scopes.iter().any(|own| fits(own, scope));
    let adrift = joined.adrift.iter().filter(|(scope, _)| may_lead(scope)).map(|(_, words)| &**words);
    joined.unread.iter().map(|words| &**words).chain(adrift).collect()
}

/// Shortest ways from one node.
struct Ways {
    /// Each node that was found with the one before it.
    before: Vec<Option<u32>>,
    /// In the order of their distance.
    found: Vec<u32>,
    start: u32,
}

impl Ways {
    fn from_internet(joined: &Joined, is_taken: &dyn Fn(&Edge) -> bool) -> Self {
        Self::search(0, &Self::links(joined, false, is_taken))
    }

    /// The neighbours of each node.
    fn links(joined: &Joined, is_backwards: bool, is_taken: &dyn Fn(&Edge) -> bool) -> Vec<Vec<u32>> {
        let mut links = vec![Vec::new(); joined.nodes.len()];
        for edge in joined.edges.iter().filter(|edge| is_taken(edge)) {
            let (from, to) = if is_backwards { (edge.to, edge.from) } else { (edge.from, edge.to) };
            if let Some(own) = links.get_mut(from as usize) {
                own.push(to);
            }
        }
        links
    }

    fn search(start: u32, links: &[Vec<u32>]) -> Self {
        let mut ways = Self { before: vec![None; links.len()], found: Vec::new(), start };
        let mut next = VecDeque::from([start]);
        while let Some(node) = next.pop_front() {
            ways.found.push(node);
            for &to in links.get(node as usize).into_iter().flatten() {
                let before = ways.before.get_mut(to as usize);
                if let Some(before) = before.filter(|before| before.is_none() && to != start) {
                    *before = Some(node);
                    next.push_back(to);
                }
            }
        }
        ways
    }

    /// The nodes from the start to this one; `None` where no way leads there.
    fn chain(&self, node: u32) -> Option<Vec<u32>> {
        let mut chain = vec![node];
        let mut at = node;
        while at != self.start {
            at = (*self.before.get(at as usize)?)?;
            chain.push(at);
        }
        chain.reverse();
        Some(chain)
    }
}
