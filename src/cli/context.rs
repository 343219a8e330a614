//! `quell context`: where code runs, from the internet to the folders of the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use serde::Serialize;

use crate::model::backlog::Record;
use crate::model::board::Board;
use crate::model::exposure::{Edge, Exposure, Graph, Node, NodeKind, Reached};
use crate::model::problem::Problem;
use crate::model::text::{counted, visible};

use super::args::{Common, ContextFormat};
use super::exit::Outcome;
use super::out::{Ink, Out};
use super::work::Work;

/// The most lines of the tree that are printed for a person.
const MAX_LINES: usize = 2_000;

#[derive(Serialize)]
struct GraphJson<'g> {
    nodes: Vec<NodeJson<'g>>,
    edges: Vec<EdgeJson<'g>>,
    contexts: Vec<ContextJson<'g>>,
    problems: &'g [Problem],
}

#[derive(Serialize)]
struct NodeJson<'g> {
    id: usize,
    kind: &'static str,
    name: &'g str,
    file: Option<&'g str>,
    line: Option<u32>,
    pointer: Option<&'g str>,
}

#[derive(Serialize)]
struct EdgeJson<'g> {
    from: u32,
    to: u32,
    why: &'g str,
    possible: bool,
}

#[derive(Serialize)]
struct ContextJson<'g> {
    path: &'g str,
    dockerfile: Option<&'g str>,
    holds: &'g [Box<str>],
    exposure: &'static str,
    possible: bool,
    chain: &'g [u32],
    why: &'g str,
    claims: &'g [Box<str>],
    strength: u8,
    /// Findings in what it holds that are open.
    open: usize,
}

pub(super) fn run(
    common: &Common,
    format: ContextFormat,
    inputs: Vec<String>,
    out: &mut Out<'_>,
    err: &mut Out<'_>,
) -> Outcome {
    let work = Work::load(common, inputs, false, err)?;
    let graph = work.desk.exposure(&work.loaded.board);
    let open = open(&graph, &work.desk.built(&work.loaded.board), &work.loaded.board);
    match format {
        ContextFormat::Text => text(&graph, &open, out)?,
        ContextFormat::Json => {
            out.json(&json(&graph, &open))?;
            out.line("")?;
        }
        ContextFormat::Dot => dot(&graph, out)?,
    }
    Ok(work.exit())
}

/// How many findings are open in what each context holds. Each distinct path is looked up once.
fn open(graph: &Graph, built: &[Option<u32>], board: &Board) -> Vec<usize> {
    let mut counts = vec![0; graph.contexts.len()];
    let backlog = &board.backlog;
    let holders: Vec<Vec<u32>> = backlog.paths.texts.iter().map(|path| graph.holding(path)).collect();
    let of_record = |record: &Record| match built.get(record.run() as usize) {
        Some(context) if backlog.run(record).image.is_some() => context.as_slice(),
        _ => holders.get(record.path as usize).map_or(&[][..], Vec::as_slice),
    };
    for finding in (0..).take(backlog.findings.len()).filter(|finding| board.is_open(*finding)) {
        let records = backlog.members(finding).iter().map(|&result| backlog.record(result));
        let contexts: BTreeSet<u32> = records.flat_map(of_record).copied().collect();
        for context in contexts {
            counts[context as usize] += 1;
        }
    }
    counts
}

fn json<'g>(graph: &'g Graph, open: &[usize]) -> GraphJson<'g> {
    let stated = |text: &str| !text.is_empty();
    let node = |(id, node): (usize, &'g Node)| NodeJson {
        id,
        kind: node.kind.name(),
        name: &node.name,
        file: Some(&*node.file).filter(|text| stated(text)),
        line: (node.line > 0).then_some(node.line),
        pointer: Some(&*node.pointer).filter(|text| stated(text)),
    };
    let edge =
        |Edge { from, to, why, is_possible }: &'g Edge| EdgeJson { from: *from, to: *to, why, possible: *is_possible };
    let context = |(context, open): (&'g Reached, &usize)| ContextJson {
        path: &context.path,
        dockerfile: context.dockerfile.as_deref(),
        holds: &context.holds,
        exposure: context.exposure.name(),
        possible: context.is_possible,
        chain: &context.chain,
        why: &context.why,
        claims: &context.claims,
        strength: context.strength,
        open: *open,
    };
    GraphJson {
        nodes: graph.nodes.iter().enumerate().map(node).collect(),
        edges: graph.edges.iter().map(edge).collect(),
        contexts: graph.contexts.iter().zip(open).map(context).collect(),
        problems: &graph.problems,
    }
}

fn text(graph: &Graph, open: &[usize], out: &mut Out<'_>) -> io::Result<()> {
    if graph.contexts.is_empty() && graph.edges.is_empty() {
        out.line("no file that builds or deploys something was found; the README names those that are read")?;
        return Ok(());
    }
    Tree::of(graph).print(out)?;
    let exposed = [
        (Exposure::Internet, "reached by the internet"),
        (Exposure::Unknown, "unknown"),
        (Exposure::Internal, "internal"),
    ];
    for (exposure, title) in exposed {
        let all = graph.contexts.iter().zip(open);
        let own: Vec<(&Reached, &usize)> = all.filter(|(context, _)| context.exposure == exposure).collect();
        if own.is_empty() {
            continue;
        }
        out.line("")?;
        out.ink(Ink::Title, &format!("{title}: {}", counted(own.len(), "folder", "folders")))?;
        out.line("")?;
        for (context, open) in own {
            out.one_line(&format!("  {}  {}", named(context), context.reason()))?;
            if *open > 0 {
                out.line(&format!("    {} open", counted(*open, "finding", "findings")))?;
            }
        }
    }
    if open.iter().any(|open| *open > 0) {
        out.line("")?;
        out.line("quell list --group-by service lists them by service; workload and image are groups too")?;
    }
    Ok(())
}

/// A folder, with the file it is built by where that is not the usual one.
fn named(context: &Reached) -> String {
    let usual = |name: &str| [format!("{}{name}", context.path), name.to_owned()];
    match &context.dockerfile {
        Some(file) if !["Dockerfile", "Containerfile"].iter().any(|name| usual(name).contains(&file.to_string())) => {
            format!("{} by {file}", context.path)
        }
        _ => context.path.to_string(),
    }
}

/// The part of the graph that the internet reaches, as a tree: a node that several lead to is unfolded once.
struct Tree<'g> {
    graph: &'g Graph,
    links: BTreeMap<u32, Vec<&'g Edge>>,
}

impl<'g> Tree<'g> {
    fn of(graph: &'g Graph) -> Self {
        let mut links: BTreeMap<u32, Vec<&Edge>> = BTreeMap::new();
        for edge in &graph.edges {
            links.entry(edge.from).or_default().push(edge);
        }
        Self { graph, links }
    }

    fn print(&self, out: &mut Out<'_>) -> io::Result<()> {
        out.ink(Ink::Title, "internet")?;
        out.line("")?;
        let mut unfolded = BTreeSet::from([0]);
        let mut open: Vec<(usize, &Edge)> = self.below(0, 1);
        let mut lines = 0;
        while let Some((depth, edge)) = open.pop() {
            let Some(node) = self.graph.node(edge.to) else { continue };
            lines += 1;
            if lines > MAX_LINES {
                out.line("  and more; `--format json` has all")?;
                break;
            }
            let is_first = unfolded.insert(edge.to);
            let has_more = self.links.contains_key(&edge.to);
            Self::line(depth, node, edge, !is_first && has_more, out)?;
            if is_first {
                open.extend(self.below(edge.to, depth + 1));
            }
        }
        if lines == 0 {
            out.line("  no port, load balancer or route was found that lets it in")?;
        }
        Ok(())
    }

    /// The edges from a node, the last first.
    fn below(&self, node: u32, depth: usize) -> Vec<(usize, &'g Edge)> {
        self.links.get(&node).into_iter().flatten().rev().map(|edge| (depth, *edge)).collect()
    }

    fn line(depth: usize, node: &Node, edge: &Edge, is_above: bool, out: &mut Out<'_>) -> io::Result<()> {
        let indent = "  ".repeat(depth);
        let perhaps = if edge.is_possible { "perhaps " } else { "" };
        // A workload, a service and a route are called what they are.
        let kind = match node.kind {
            NodeKind::Image | NodeKind::Container | NodeKind::Folder => format!("{} ", node.kind.name()),
            NodeKind::Internet | NodeKind::Entry | NodeKind::Service | NodeKind::Workload => String::new(),
        };
        out.text(&format!("{indent}{perhaps}{kind}{}", visible(&node.name)))?;
        let place =
            if matches!(node.kind, NodeKind::Container | NodeKind::Image) { String::new() } else { node.place() };
        let parts = [&*place, &*edge.why, if is_above { "see above" } else { "" }];
        let words: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        out.ink(Ink::Dim, &format!("  {}", visible(&words.join(", "))))?;
        out.line("")
    }
}

fn dot(graph: &Graph, out: &mut Out<'_>) -> io::Result<()> {
    out.line("digraph exposure {\n  rankdir=LR;\n  node [shape=box];")?;
    let is_open = |number: u32, exposure: Exposure| {
        graph.contexts.iter().any(|context| context.exposure == exposure && context.chain.last() == Some(&number))
    };
    for (number, node) in (0..).zip(&graph.nodes) {
        let color = match node.kind {
            NodeKind::Internet => ", shape=ellipse",
            NodeKind::Folder if is_open(number, Exposure::Internet) => ", color=red",
            NodeKind::Folder if is_open(number, Exposure::Internal) => ", color=darkgreen",
            _ => "",
        };
        let label = quoted(&format!("{}\n{}", node.kind.name(), node.name));
        out.line(&format!("  n{number} [label={label}{color}];"))?;
    }
    for Edge { from, to, why, is_possible } in &graph.edges {
        let style = if *is_possible { ", style=dashed" } else { "" };
        out.line(&format!("  n{from} -> n{to} [label={}{style}];", quoted(why)))?;
    }
    out.line("}")
}

/// A string of the DOT language: a backslash in it means itself, a line break is `\n`.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out + "\""
}
