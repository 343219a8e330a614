//! Status of every finding: a fold over `supersedes`, bound by result ids.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use jiff::civil::Date;

use crate::model::backlog::{Backlog, FindingIdx, MadeBy, Record};
use crate::model::decision::{Anchor, Event, Flag, Flags, Op, Standing, Status};
use crate::model::grade::Baseline;
use crate::model::id::FindingId;
use crate::model::standings::Standings;
use crate::repo::Repo;

use super::context::Files;
use super::gone::Scans;
use super::graph::{Chain, Graph, Mention};
use super::scope::mentions;

/// One standing for each finding of the backlog, in its order. An `until` holds through its day.
///
/// A finding is decided when every result that counts is; else it is as open as the most open of them, and so it is
/// where decisions that do not know of each other disagree. A fix that was applied is *fixed* once a later scan shows that
/// the result is gone (see [`Scans`]). `repo` is read only for results that could have changed
/// places with another (see `Guard`).
pub fn standings(repo: &Repo, backlog: &Backlog, events: &[Event], today: Date) -> Standings {
    if events.is_empty() {
        return Standings::open(backlog.findings.len());
    }
    let graph = Graph::new(events, &branches(repo, events)).with(mentions(backlog, events));
    let guard = Guard::new(repo, backlog, events);
    let mut fold = Fold { backlog, graph: &graph, today, guard, scans: Scans::new(backlog) };
    let mut standings = Standings::open(backlog.findings.len());
    // Most findings are named by no event: what is left to do grows with the ledger, not with the backlog.
    let mut named: Vec<FindingIdx> = graph.named().flat_map(|id| backlog.find_range(id, id)).collect();
    named.sort_unstable();
    named.dedup();
    for finding in named {
        standings.set(finding, fold.standing(finding));
    }
    standings
}

/// The branches that decisions can be bound to here; asked only where one is.
pub(super) fn branches(repo: &Repo, events: &[Event]) -> Vec<String> {
    if events.iter().any(|event| !event.branches.is_empty()) { repo.branches_here() } else { Vec::new() }
}

struct Fold<'a> {
    backlog: &'a Backlog,
    graph: &'a Graph<'a>,
    today: Date,
    guard: Guard<'a>,
    scans: Scans<'a>,
}

/// What decisions say of one result, or of several joined.
#[derive(Clone, Copy)]
struct View {
    status: Status,
    /// What was decided, whatever became of it since.
    decided: Status,
    flags: Flags,
    expires: Option<Date>,
}

impl Fold<'_> {
    fn standing(&mut self, finding: FindingIdx) -> Standing {
        let backlog = self.backlog;
        let records: Vec<&Record> = backlog.members(finding).iter().map(|&result| backlog.record(result)).collect();
        let mentions: Vec<Mention> =
            records.iter().flat_map(|record| self.graph.mentions(record.id)).copied().collect();
        if mentions.is_empty() {
            return Standing::default();
        }
        let is_any_live = records.iter().any(|record| is_live(record));
        let counted = records.into_iter().filter(|record| is_live(record) || !is_any_live);
        let views: Vec<Option<View>> = counted.map(|record| self.view(record)).collect();
        let view = join_results(&views);
        Standing {
            status: view.status,
            flags: view.flags,
            expires: view.expires,
            owner: self.owner(&mentions),
            events: self.history(&mentions),
        }
    }

    /// `None` where no decision about the status names the result.
    fn view(&mut self, record: &Record) -> Option<View> {
        let graph = self.graph;
        let mentions = graph.mentions(record.id);
        let heads = graph.heads(mentions, Chain::Status);
        join(heads.iter().filter_map(|head| self.of_head(record, mentions, *head)))
    }

    fn of_head(&mut self, record: &Record, mentions: &[Mention], head: Mention) -> Option<View> {
        let event = &self.graph.events[head.event as usize];
        let op = self.graph.op(head.event)?;
        let decided = status_of(op)?;
        let view = View { status: decided, decided, flags: Flags::default(), expires: event.until };
        let lapsed = |flag: Flag, status: Status| View { status, flags: Flags::default().with(flag), ..view };
        if self.guard.is_stale(record, event, head.member) {
            return Some(lapsed(Flag::Stale, Status::Open));
        }
        if op == Op::FixApplied && self.is_gone(record, event, head.member) {
            return Some(View { status: Status::Fixed, ..view });
        }
        let is_expired = event.until.is_some_and(|until| until < self.today);
        if self.graph.is_denied(head.event) {
            let was_confirmed = self.graph.was_confirmed(mentions, head.event);
            return Some(View { status: if was_confirmed { Status::Confirmed } else { Status::Open }, ..view });
        }
        if is_expired || self.came_back(record, op, event) {
            let flag = if is_expired { Flag::Expired } else { Flag::CameBack };
            let was_confirmed = self.graph.was_confirmed(mentions, head.event);
            return Some(lapsed(flag, if was_confirmed { Status::Confirmed } else { Status::Open }));
        }
        Some(view)
    }

    /// A fix was applied and a scan that ended later still reports the result. Only a time that the report itself states
    /// counts: the time of a file is new after each checkout.
    fn came_back(&self, record: &Record, op: Op, event: &Event) -> bool {
        let report = self.backlog.report(record);
        op == Op::FixApplied && report.made_by == MadeBy::Stated && report.made.is_some_and(|made| made > event.at)
    }

    /// Whether a scan after the fix shows that the result is gone. Where results can change places with another, the other
    /// must stand in other code than the one that was fixed.
    fn is_gone(&mut self, record: &Record, event: &Event, member: u32) -> bool {
        let others = self.scans.after_fix(record, event.at);
        others.is_some_and(|others| {
            others.iter().all(|other| !self.guard.can_be(self.backlog.record(*other), event, member))
        })
    }

    /// The owner by the assignment in effect; of several the latest, since two owners hide nothing.
    fn owner(&self, mentions: &[Mention]) -> Option<Arc<str>> {
        let mut assigned: Vec<&Event> = Vec::new();
        for of_result in mentions.chunk_by(|a, b| a.id == b.id) {
            let heads = self.graph.heads(of_result, Chain::Owner);
            assigned.extend(heads.iter().map(|head| &self.graph.events[head.event as usize]));
        }
        let latest = assigned.into_iter().max_by_key(|event| (event.at, &event.id))?;
        latest.owner.as_deref().map(Arc::from)
    }

    /// All events about these mentions, what takes them back among them, oldest first.
    fn history(&self, mentions: &[Mention]) -> Vec<u32> {
        let mut known: BTreeSet<u32> = BTreeSet::new();
        let mut todo: Vec<u32> = mentions.iter().map(|mention| mention.event).collect();
        while let Some(number) = todo.pop() {
            if known.insert(number) {
                todo.extend(self.graph.revokes(number));
            }
        }
        let mut numbers: Vec<u32> = known.into_iter().collect();
        numbers.sort_by_key(|&number| {
            let event = &self.graph.events[number as usize];
            (event.at, &event.id)
        });
        numbers
    }
}

/// Whether a result counts for its finding: as `Board::is_open` does.
fn is_live(record: &Record) -> bool {
    record.kind().is_problem() && !record.is_suppressed() && record.baseline() != Baseline::Absent
}

fn status_of(op: Op) -> Option<Status> {
    match op {
        Op::Confirm => Some(Status::Confirmed),
        Op::FalsePositive => Some(Status::FalsePositive),
        Op::NotAffected => Some(Status::NotAffected),
        Op::Duplicate => Some(Status::Duplicate),
        Op::AcceptRisk => Some(Status::Accepted),
        Op::Mitigated => Some(Status::Mitigated),
        Op::Defer => Some(Status::Deferred),
        Op::FixApplied => Some(Status::FixApplied),
        Op::Reopen => Some(Status::Open),
        Op::Assign | Op::Comment | Op::Revoke | Op::Approve | Op::Deny => None,
    }
}

/// The most open status first: what wins where decisions disagree.
fn openness(status: Status) -> u8 {
    match status {
        Status::Open => 0,
        Status::Confirmed => 1,
        Status::Requested => 2,
        Status::FixApplied => 3,
        Status::Deferred => 4,
        Status::Accepted => 5,
        Status::Mitigated => 6,
        Status::NotAffected => 7,
        Status::FalsePositive => 8,
        Status::Duplicate => 9,
        Status::Fixed => 10,
    }
}

/// The most open of several views, with the flags of all, the earliest end, and a flag where they disagree.
fn join(views: impl Iterator<Item = View>) -> Option<View> {
    views.reduce(|a, b| {
        let status = if openness(b.status) < openness(a.status) { b.status } else { a.status };
        let flags = b.flags.iter().fold(a.flags, Flags::with);
        let flags = if a.decided == b.decided { flags } else { flags.with(Flag::DecisionConflict) };
        let expires = a.expires.into_iter().chain(b.expires).min();
        View { status, flags, expires, ..a }
    })
}

fn join_results(views: &[Option<View>]) -> View {
    let open = View { status: Status::Open, decided: Status::Open, flags: Flags::default(), expires: None };
    let Some(decided) = join(views.iter().copied().flatten()) else { return open };
    if views.iter().all(Option::is_some) {
        return decided;
    }
    let has_joined = decided.status != Status::Open;
    let flags = if has_joined { decided.flags.with(Flag::NewReportJoined) } else { decided.flags };
    View { status: Status::Open, flags, ..decided }
}

/// Keeps a decision from binding to another result that got its id.
///
/// Equal findings of one rule in one file are told apart by their order; when one of them goes or comes, the others change
/// ids. So where a backlog or the ledger knows several such results, and the report is younger than the decision,
/// what stands around the result has to be what stood there at the decision.
struct Guard<'a> {
    backlog: &'a Backlog,
    events: &'a [Event],
    files: Files<'a>,
    /// Built when the first result needs it.
    equals: Option<HashMap<Key<'a>, Equals, RandomState>>,
}

/// Tool family, rule and path.
type Key<'a> = (&'a str, &'a str, &'a str);

/// How many results there are or were for a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Equals {
    One(FindingId),
    Several,
}

impl<'a> Guard<'a> {
    fn new(repo: &'a Repo, backlog: &'a Backlog, events: &'a [Event]) -> Self {
        Self { backlog, events, files: Files::new(repo), equals: None }
    }

    fn is_stale(&mut self, record: &Record, event: &Event, member: u32) -> bool {
        let stored = stored(event, member);
        let is_younger = self.backlog.report(record).made.is_none_or(|made| made > event.at);
        let Some(stored) = stored.filter(|_| is_younger) else { return false };
        let key = key_of(self.backlog, record);
        self.has_several(key) && self.files.context(key.2, record).as_ref() != Some(stored)
    }

    /// Whether a result of the same rule and file may be the one that was decided upon, under another id.
    fn can_be(&mut self, other: &Record, event: &Event, member: u32) -> bool {
        let path = self.backlog.path(other);
        stored(event, member).is_none_or(|stored| self.files.context(path, other).is_none_or(|now| now == *stored))
    }

    fn has_several(&mut self, key: Key<'a>) -> bool {
        let (backlog, events) = (self.backlog, self.events);
        let equals = self.equals.get_or_insert_with(|| count_equals(backlog, events));
        equals.get(&key) == Some(&Equals::Several)
    }
}

/// What stood around a result when it was decided upon.
fn stored(event: &Event, member: u32) -> Option<&String> {
    event.members.get(member as usize).and_then(|anchor| anchor.context.as_ref())
}

fn key_of<'a>(backlog: &'a Backlog, record: &Record) -> Key<'a> {
    (&backlog.tool(record).family, &backlog.rule(record).id, backlog.path(record))
}

fn count_equals<'a>(backlog: &'a Backlog, events: &'a [Event]) -> HashMap<Key<'a>, Equals, RandomState> {
    let now = backlog.results.iter().map(|record| (key_of(backlog, record), record.id));
    let then = events.iter().flat_map(|event| &event.members).filter_map(anchored);
    let mut equals: HashMap<Key<'a>, Equals, RandomState> = HashMap::default();
    for (key, id) in now.chain(then) {
        let entry = equals.entry(key).or_insert(Equals::One(id));
        if *entry != Equals::One(id) {
            *entry = Equals::Several;
        }
    }
    equals
}

fn anchored(anchor: &Anchor) -> Option<(Key<'_>, FindingId)> {
    Some(((&anchor.tool, &anchor.rule, &anchor.path), anchor.id.parse().ok()?))
}
