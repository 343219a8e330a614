//! Code flows, call stacks and graphs of a result, all as steps in their order.

use std::collections::{HashMap, HashSet};

use crate::model::detail::{Flow, FlowKind, Step};

use super::detail::Decoder;
use super::json::{Entries, List, Owned};
use super::sarif::full::{
    EdgeTraversal, Frame, FullResult, Graph, Node, Stack, ThreadFlow, ThreadFlowLocation, Traversal,
};
use super::sarif::part::Message;

/// The deepest nesting of nodes, and of stacks inside steps, that is read.
const MAX_DEPTH: u32 = 32;

/// All flows of a result: its code flows with each of their threads, its stacks, its ways through graphs.
pub(super) fn of(decoder: &mut Decoder<'_, '_>, result: &FullResult) -> Vec<Flow> {
    let mut flows = Vec::new();
    for flow in &result.code_flows.0 {
        for thread in &flow.threads.0 {
            flows.push(thread_flow(decoder, &flow.message, thread));
        }
    }
    flows.extend(result.stacks.0.iter().map(|stack| call_stack(decoder, stack)));
    let tables = decoder.context.tables;
    let run_graphs = &tables.run.graphs.0;
    for traversal in &result.traversals.0 {
        let own = traversal.result_graph.position().and_then(|index| result.graphs.0.get(index));
        let shared = || traversal.run_graph.position().and_then(|index| run_graphs.get(index));
        flows.extend(own.or_else(shared).map(|graph| walk(decoder, graph, traversal)));
    }
    let walked: HashSet<usize> =
        result.traversals.0.iter().filter_map(|traversal| traversal.result_graph.position()).collect();
    let alone = result.graphs.0.iter().enumerate().filter(|(index, _)| !walked.contains(index));
    flows.extend(alone.map(|(_, graph)| nodes(decoder, graph)));
    flows
}

fn thread_flow(decoder: &mut Decoder<'_, '_>, message: &Message<Owned>, thread: &ThreadFlow) -> Flow {
    let mut steps = Vec::with_capacity(thread.steps.0.len());
    for location in &thread.steps.0 {
        step(decoder, location, &mut steps);
    }
    Flow {
        kind: FlowKind::Thread,
        thread: thread.id.0.clone(),
        message: decoder.text(message).or_else(|| decoder.text(&thread.message)),
        state: state(decoder, &thread.initial_state),
        steps,
    }
}

/// A step, or the shared one that it names, with what it says itself before that; then the stack that it had.
fn step(decoder: &mut Decoder<'_, '_>, step: &ThreadFlowLocation, into: &mut Vec<Step>) {
    let tables = decoder.context.tables;
    let shared = step.index.position().and_then(|index| tables.run.thread_flow_locations.0.get(index));
    let own = decoder.location(&step.location);
    let is_stated = !own.path.is_empty() || own.message.is_some() || own.logical.is_some();
    let location = shared.filter(|_| !is_stated).map(|shared| decoder.location(&shared.location)).unwrap_or(own);
    let said = [Some(step), shared].into_iter().flatten();
    let kinds = said.clone().map(|step| &step.kinds).find(|kinds| !kinds.0.is_empty());
    let states = said.clone().map(|step| &step.state).find(|state| !state.0.is_empty());
    let nesting = said.clone().find_map(|step| step.nesting.0).unwrap_or(0);
    let nesting = u32::try_from(nesting).unwrap_or(0);
    into.push(Step {
        location,
        importance: said.clone().find_map(|step| step.importance.0.clone()),
        kinds: kinds.map(texts).unwrap_or_default(),
        nesting,
        module: said.clone().find_map(|step| step.module.0.clone()),
        state: states.map(|values| state(decoder, values)).unwrap_or_default(),
    });
    let stack = said.map(|step| &step.stack).find(|stack| !stack.frames.0.is_empty());
    let frames = stack.into_iter().flat_map(|stack| &stack.frames.0);
    into.extend(frames.map(|frame| self::frame(decoder, frame, nesting.saturating_add(1))));
}

fn call_stack(decoder: &mut Decoder<'_, '_>, stack: &Stack) -> Flow {
    Flow {
        kind: FlowKind::Stack,
        thread: stack.frames.0.first().and_then(|frame| frame.thread.0.clone()),
        message: decoder.text(&stack.message).or_else(|| Some("call stack".to_owned())),
        state: Vec::new(),
        steps: stack.frames.0.iter().map(|frame| self::frame(decoder, frame, 0)).collect(),
    }
}

fn frame(decoder: &mut Decoder<'_, '_>, frame: &Frame, nesting: u32) -> Step {
    let mut location = decoder.location(&frame.location);
    location.message = location.message.or_else(|| location.logical.clone());
    let arguments = texts(&frame.parameters).into_iter().enumerate();
    Step {
        location,
        importance: None,
        kinds: Vec::new(),
        nesting,
        module: frame.module.0.clone(),
        state: arguments.map(|(number, value)| (number.to_string(), value)).collect(),
    }
}

/// A way through a graph: the node where its first edge starts, then the node that each edge leads to.
fn walk(decoder: &mut Decoder<'_, '_>, graph: &Graph, traversal: &Traversal) -> Flow {
    let nodes = by_id(graph);
    let edges: HashMap<_, _> = graph.edges.0.iter().filter_map(|edge| Some((edge.id.0.as_deref()?, edge))).collect();
    let mut steps = Vec::new();
    for EdgeTraversal { edge, message, state: values } in &traversal.edges.0 {
        let Some(edge) = edge.0.as_deref().and_then(|id| edges.get(id)) else { continue };
        let node = |id: &Owned| id.0.as_deref().and_then(|id| nodes.get(id).copied());
        if steps.is_empty() {
            steps.extend(node(&edge.from).map(|from| self::node(decoder, from, 0)));
        }
        let Some(to) = node(&edge.to) else { continue };
        let mut step = self::node(decoder, to, 0);
        let said = decoder.text(message).or_else(|| decoder.text(&edge.label));
        step.location.message = said.or(step.location.message);
        step.state = state(decoder, values);
        steps.push(step);
    }
    Flow {
        kind: FlowKind::Graph,
        thread: None,
        message: decoder.text(&traversal.description).or_else(|| decoder.text(&graph.description)),
        state: state(decoder, &traversal.initial_state),
        steps,
    }
}

/// A graph that nothing goes through: its nodes as they stand.
fn nodes(decoder: &mut Decoder<'_, '_>, graph: &Graph) -> Flow {
    let mut steps = Vec::new();
    let mut waiting: Vec<(&Node, u32)> = graph.nodes.0.iter().rev().map(|node| (node, 0)).collect();
    while let Some((node, depth)) = waiting.pop() {
        steps.push(self::node(decoder, node, depth));
        if depth < MAX_DEPTH {
            waiting.extend(node.children.0.iter().rev().map(|child| (child, depth + 1)));
        }
    }
    let message = decoder.text(&graph.description);
    Flow { kind: FlowKind::Graph, thread: None, message, state: Vec::new(), steps }
}

fn by_id(graph: &Graph) -> HashMap<&str, &Node> {
    let mut nodes = HashMap::new();
    let mut waiting: Vec<(&Node, u32)> = graph.nodes.0.iter().map(|node| (node, 0)).collect();
    while let Some((node, depth)) = waiting.pop() {
        nodes.extend(node.id.0.as_deref().map(|id| (id, node)));
        if depth < MAX_DEPTH {
            waiting.extend(node.children.0.iter().map(|child| (child, depth + 1)));
        }
    }
    nodes
}

fn node(decoder: &mut Decoder<'_, '_>, node: &Node, nesting: u32) -> Step {
    let mut location = decoder.location(&node.location);
    location.message = decoder.text(&node.label).or(location.message);
    Step { location, importance: None, kinds: Vec::new(), nesting, module: None, state: Vec::new() }
}

fn texts(list: &List<Owned>) -> Vec<String> {
    list.0.iter().filter_map(|text| text.0.clone()).collect()
}

/// Expressions and their values.
fn state(decoder: &Decoder<'_, '_>, values: &Entries<Message<Owned>>) -> Vec<(String, String)> {
    values.0.iter().map(|(name, value)| (name.clone(), decoder.text(value).unwrap_or_default())).collect()
}
