//! The register of risks, out of the events alone: reports and findings of another day are not needed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::decision::{Anchor, Event, Op, Origin};
use crate::model::grade::Severity;
use crate::model::id::FindingId;
use crate::model::register::{Filed, PARTS, Risk, Step};
use crate::repo::Repo;
use crate::repo::sha256;

use super::event::op_of;
use super::fold::branches;
use super::graph::{Chain, Graph};
use super::home::in_tree;
use super::log::{State, states, states_by};
use super::read::{Ledger, archives, read_file};
use super::{canonical, event, home, policy};

/// A moment that is not now.
pub struct Then<'c> {
    /// The commit of the code whose CODEOWNERS and policy count; without one those of the tree do.
    pub code: Option<&'c str>,
    pub time: Timestamp,
}

/// Events with the file of each.
pub struct Filing {
    pub ledger: Ledger,
    files: HashMap<String, Filed>,
}

impl Filing {
    /// The events of a folder by the id of its tree.
    pub fn of_tree(repo: &Repo, tree: Option<&str>) -> Self {
        let mut filing = Self { ledger: Ledger::default(), files: HashMap::new() };
        for (path, bytes) in tree.map(|tree| repo.files_of(tree)).unwrap_or_default() {
            match read_file(&path, &path, &bytes) {
                Ok(events) => filing.add(&path, &sha256(&bytes), events),
                Err(problem) => filing.ledger.problems.push(problem),
            }
        }
        filing.ledger.events.sort_by(|a, b| (a.at, &a.id, a.origin).cmp(&(b.at, &b.id, b.origin)));
        filing.ledger.events.dedup_by(|b, a| a.id == b.id);
        filing
    }

    fn add(&mut self, path: &str, sha256: &str, events: Vec<Event>) {
        for event in events {
            let (path, sha256) = (in_tree(path), sha256.to_owned());
            let filed = Filed { path, sha256, is_committed: true, origin: event.origin };
            // An event that lies in an archive too is checked by its own file.
            if event.origin == Origin::Archive {
                self.files.entry(event.id.clone()).or_insert(filed);
            } else {
                self.files.insert(event.id.clone(), filed);
            }
            self.ledger.events.push(event);
        }
    }

    /// The events as they are on disk now; what the commit does not have says so.
    pub fn now(repo: &Repo, ledger: Ledger, tree: Option<&str>) -> Self {
        let committed = Self::of_tree(repo, tree).files;
        let mut packed: HashMap<String, Filed> = HashMap::new();
        for name in archives(repo) {
            let Ok(bytes) = repo.read(&in_tree(&name)) else { continue };
            let (path, sha256) = (in_tree(&name), sha256(&bytes));
            let filed = Filed { path, sha256, is_committed: false, origin: Origin::Archive };
            let events = read_file(&name, &name, &bytes).unwrap_or_default();
            packed.extend(events.into_iter().map(|event| (event.id, filed.clone())));
        }
        let filed = |event: &Event| {
            let own = match packed.get(&event.id).filter(|_| event.origin == Origin::Archive) {
                Some(filed) => filed.clone(),
                None => Filed {
                    path: in_tree(&event::path_of(event)),
                    sha256: sha256(canonical::text(event).as_bytes()),
                    is_committed: false,
                    origin: event.origin,
                },
            };
            let is_committed = committed.get(&event.id).is_some_and(|known| known.sha256 == own.sha256);
            (event.id.clone(), Filed { is_committed, ..own })
        };
        Self { files: ledger.events.iter().map(filed).collect(), ledger }
    }

    /// All risks, as they stand on a day. `owner` says who owns a path by the code's own rules; `then` says whose
    /// policies count, if that is not now.
    pub fn risks(&self, repo: &Repo, day: Date, then: Option<&Then<'_>>, owner: &dyn Fn(&str) -> String) -> Vec<Risk> {
        let events = &self.ledger.events;
        let states = match then {
            None => states(repo, events, day),
            Some(Then { code, time }) => states_by(repo, events, day, &policy::as_of(repo, *code, *time), *time),
        };
        let story = Story::of(repo, events, states);
        let mut risks: Vec<Risk> =
            (0..).zip(events).filter_map(|(number, event)| self.risk(&story, number, event, owner)).collect();
        let rank = |risk: &Risk| Severity::parse(&risk.severity).map_or(0, |severity| 1 + severity as u8);
        risks.sort_by_cached_key(|risk| {
            let end = risk.event.until.unwrap_or(Date::MAX);
            let part = PARTS.iter().position(|part| *part == risk.part());
            (part, std::cmp::Reverse(rank(risk)), end, risk.event.at, risk.event.id.clone())
        });
        risks
    }

    fn risk(&self, story: &Story<'_>, number: u32, event: &Event, owner: &dyn Fn(&str) -> String) -> Option<Risk> {
        op_of(event).filter(|op| op.is_treatment())?;
        let later = story.later(number);
        if story.is_renewed(event, &later) {
            return None;
        }
        let step = |number: &u32| self.step(story, *number);
        let ends = |number: &&u32| {
            let op = story.graph.op(**number);
            !story.graph.is_taken_back(**number) && !op.is_some_and(Op::is_treatment)
        };
        let state = story.states[number as usize];
        let denied = story.about(number).filter(|at| story.graph.op(*at) == Some(Op::Deny)).last();
        let ended = match state {
            State::TakenBack | State::Replaced => later.iter().rfind(ends).map(step),
            State::Denied => denied.as_ref().map(step),
            _ => None,
        };
        let own = Arc::clone(story.shared.get(number as usize)?);
        Some(Risk {
            filed: self.filed(event),
            state: state.name(),
            is_in_force: state == State::InEffect,
            severity: event.exhibits.list().into_iter().next().map(|worst| worst.severity).unwrap_or_default(),
            held: story.held(number, event),
            owner: story.owner(event).unwrap_or_else(|| first_owner(event, owner)),
            renewed: story.renewed(number).iter().map(step).collect(),
            approvals: story.about(number).map(|at| self.step(story, at)).collect(),
            ended,
            event: own,
        })
    }

    fn step(&self, story: &Story<'_>, number: u32) -> Step {
        let event = &self.ledger.events[number as usize];
        let shared = Arc::clone(&story.shared[number as usize]);
        Step { filed: self.filed(event), is_taken_back: story.graph.is_taken_back(number), event: shared }
    }

    fn filed(&self, event: &Event) -> Filed {
        self.files.get(&event.id).cloned().unwrap_or_default()
    }
}

/// The ref that holds the decisions of a repository, where it is not the branch that is checked out; and the repository.
pub fn kept_at(repo: &Repo) -> (Repo, Option<String>) {
    let home = home::Home::of(repo).0;
    let reference = home.reference().and_then(|name| repo.refs_named(&name).into_iter().next());
    (home.keeper().clone(), reference)
}

/// Decisions that count here as well and that a register made of one commit does not have: how many, by the branch or ref
/// that had them at a time, and its commit then.
pub fn beside(repo: &Repo, register: &Filing, time: Timestamp) -> Vec<(String, String, usize)> {
    let home = home::Home::of(repo).0;
    let known: HashSet<&str> = register.ledger.events.iter().map(|event| event.id.as_str()).collect();
    let here = repo.branches_here();
    let is_new = |event: &Event| !known.contains(event.id.as_str());
    let binds = |event: &Event| !event.branches.is_empty() && home::holds_on(event, &here);
    let mut names: Vec<(String, bool)> = Vec::new();
    if home.other().is_none() {
        let own = home.reference().into_iter().flat_map(|name| repo.refs_named(&name));
        names.extend(own.chain(["HEAD".to_owned()]).map(|name| (name, true)));
    }
    names.extend(home.settings.also.iter().flat_map(|name| repo.refs_named(name)).map(|name| (name, false)));
    let found = names.into_iter().filter_map(|(name, is_whole)| {
        let commit = repo.as_of(&name, time)?;
        let events = Filing::of_tree(repo, folder_of(repo, &commit).as_deref()).ledger.events;
        let count = events.iter().filter(|event| is_new(event) && (is_whole || binds(event))).count();
        (count > 0).then_some((name, commit, count))
    });
    found.collect()
}

/// The id of the folder of decisions in a commit.
pub fn folder_of(repo: &Repo, commit: &str) -> Option<String> {
    repo.folder_at(commit, &format!(".quell/{}", home::FOLDER))
}

/// Who owns the code of a decision, each once, in the order of its results.
fn first_owner(event: &Event, owner: &dyn Fn(&str) -> String) -> String {
    let mut seen = HashSet::new();
    let paths = event.members.iter().map(|member| &*member.path).filter(|path| !path.is_empty() && seen.insert(*path));
    let mut owners: Vec<String> = Vec::new();
    for name in paths.map(owner).filter(|name| !name.is_empty()) {
        if !owners.contains(&name) {
            owners.push(name);
        }
    }
    owners.join(", ")
}

/// How events hang together.
struct Story<'e> {
    graph: Graph<'e>,
    /// The events, as many risks name them: one of many findings is part of the story of each.
    shared: Vec<Arc<Event>>,
    states: Vec<State>,
    /// By event: those that replace it or take it back, in order.
    later: HashMap<u32, Vec<u32>>,
    by_id: HashMap<&'e str, u32>,
    /// By event: approvals and denials of it, in order.
    about: HashMap<&'e str, Vec<u32>>,
}

impl<'e> Story<'e> {
    fn of(repo: &Repo, events: &'e [Event], states: Vec<State>) -> Self {
        let by_id: HashMap<&str, u32> = events.iter().map(|event| event.id.as_str()).zip(0..).collect();
        let (mut later, mut about) = (HashMap::<u32, Vec<u32>>::new(), HashMap::<&str, Vec<u32>>::new());
        for (number, event) in (0..).zip(events) {
            for target in event.supersedes.iter().filter_map(|id| by_id.get(id.as_str())) {
                later.entry(*target).or_default().push(number);
            }
            for target in &event.about {
                about.entry(target).or_default().push(number);
            }
        }
        let graph = Graph::new(events, &branches(repo, events));
        let shared = events.iter().cloned().map(Arc::new).collect();
        Self { graph, shared, states, later, by_id, about }
    }

    fn later(&self, number: u32) -> Vec<u32> {
        self.later.get(&number).cloned().unwrap_or_default()
    }

    fn about(&self, number: u32) -> impl Iterator<Item = u32> {
        let id = self.graph.events[number as usize].id.as_str();
        self.about.get(id).into_iter().flatten().copied()
    }

    /// Whether later treatments that stand are about all that it was about: then it is a part of their story.
    fn is_renewed(&self, event: &Event, later: &[u32]) -> bool {
        let is_renewal =
            |at: &&u32| !self.graph.is_taken_back(**at) && self.graph.op(**at).is_some_and(Op::is_treatment);
        let renewals: Vec<&Event> =
            later.iter().filter(is_renewal).map(|at| &self.graph.events[*at as usize]).collect();
        let covered: HashSet<FindingId> =
            renewals.iter().flat_map(|event| &event.members).map(|member| member.id).collect();
        let scope = event.scope.as_ref();
        let is_same_scope = scope.is_none() || renewals.iter().any(|renewal| renewal.scope.as_ref() == scope);
        !renewals.is_empty() && is_same_scope && event.members.iter().all(|member| covered.contains(&member.id))
    }

    /// What an event renewed, and what that did, oldest first.
    fn renewed(&self, number: u32) -> Vec<u32> {
        let (mut found, mut todo) = (HashSet::new(), vec![number]);
        while let Some(at) = todo.pop() {
            let earlier = self.graph.events[at as usize].supersedes.iter().filter_map(|id| self.by_id.get(id.as_str()));
            let earlier = earlier.filter(|at| self.graph.op(**at).is_some_and(Op::is_treatment));
            todo.extend(earlier.copied().filter(|at| found.insert(*at)));
        }
        let mut found: Vec<u32> = found.into_iter().collect();
        found.sort_unstable();
        found
    }

    /// For how many of its results it is what counts.
    fn held(&self, number: u32, event: &Event) -> usize {
        let is_held = |member: &&Anchor| {
            let mentions = self.graph.mentions(member.id);
            self.graph.heads(mentions, Chain::Status).iter().any(|head| head.event == number)
        };
        event.members.iter().filter(is_held).count()
    }

    /// Whom the findings were given to.
    fn owner(&self, event: &Event) -> Option<String> {
        let mentions = event.members.iter().map(|member| self.graph.mentions(member.id));
        let heads = mentions.flat_map(|mentions| self.graph.heads(mentions, Chain::Owner));
        let latest = heads.map(|head| &self.graph.events[head.event as usize]).max_by_key(|one| (one.at, &one.id))?;
        latest.owner.clone()
    }
}
