//! Status of every finding: a fold over `supersedes`, bound by result ids.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jiff::civil::Date;

use crate::model::backlog::{Backlog, FindingIdx, Record, ResultIdx};
use crate::model::board::Past;
use crate::model::bound::Bound;
use crate::model::decision::{Change, Event, Facts, Flag, Flags, Op, Standing, Status};
use crate::model::id::Hash64;
use crate::model::policy::{Breach, OfFinding, Policies, is_bulk};
use crate::model::reach::{Note, Reaches};
use crate::model::standings::Standings;
use crate::model::tenure::Tenure;
use crate::repo::Repo;

use super::anchor::Seen;
use super::context::Files;
use super::facts::{self, Now};
use super::gone::Scans;
use super::graph::{Chain, Graph, Mention};
use super::rematch;
use super::scope::{BY_SCOPE, mentions};

/// What is known beside the reports and the ledger: a date alone, if nothing more is.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub today: Date,
    /// The same day in UTC, which is the same for all who hold a decision against a policy.
    pub utc: Date,
    /// What follows from the evidence.
    pub reaches: Option<&'a Reaches>,
    /// Says which fix there is of a finding.
    pub fix: Option<&'a dyn Fn(FindingIdx) -> Option<String>>,
    pub policies: Option<&'a Policies>,
    /// Looks at a result in its report.
    pub seen: Option<Seen<'a>>,
}

impl From<Date> for Known<'_> {
    fn from(today: Date) -> Self {
        Self { today, utc: today, reaches: None, fix: None, policies: None, seen: None }
    }
}

/// One standing for each finding of the backlog, in its order. An `until` holds through its day, and what a decision was
/// made upon as long as that is so. What does not keep to the policies counts for nothing.
///
/// A finding is decided when every result that counts is; else it is as open as the most open of them, and so it is
/// where decisions that do not know of each other disagree. A fix that was applied is *fixed* once a later scan shows that
/// the result is gone (see [`Scans`]). Which results decisions are about is asked anew: see [`rematch`].
pub fn standings<'a>(repo: &Repo, backlog: &'a Backlog, events: &[Event], known: impl Into<Known<'a>>) -> Standings {
    let known = known.into();
    if events.is_empty() {
        return Standings::open(backlog.findings.len());
    }
    let graph = Graph::new(events, &branches(repo, events));
    let bound = rematch::bind(repo, backlog, &graph, known.seen);
    let graph = graph.bound(&bound).with(mentions(backlog, events));
    let files = Files::new(repo);
    let policies = known.policies.filter(|policies| !policies.is_empty());
    let scans = Scans::new(backlog);
    let mut fold = Fold { backlog, graph: &graph, known, policies, bound: &bound, files, scans };
    let mut standings = Standings::open(backlog.findings.len());
    // Most findings are named by no event: what is left to do grows with the ledger, not with the backlog.
    let mut named: Vec<FindingIdx> = graph.named().flat_map(|id| backlog.find_range(id, id)).collect();
    named.sort_unstable();
    named.dedup();
    for finding in named {
        standings.set(finding, fold.standing(finding));
    }
    standings.bound = bound;
    standings
}

/// The branches that decisions can be bound to here; asked only where one is.
pub(super) fn branches(repo: &Repo, events: &[Event]) -> Vec<String> {
    if events.iter().any(|event| !event.branches.is_empty()) { repo.branches_here() } else { Vec::new() }
}

struct Fold<'a> {
    backlog: &'a Backlog,
    graph: &'a Graph<'a>,
    known: Known<'a>,
    /// Where there are some.
    policies: Option<&'a Policies>,
    bound: &'a Bound,
    files: Files<'a>,
    scans: Scans<'a>,
}

/// What decisions say of one result, or of several joined.
#[derive(Clone)]
struct View {
    status: Status,
    /// What was decided, whatever became of it since.
    decided: Status,
    flags: Flags,
    expires: Option<Date>,
    why: Option<Arc<str>>,
}

/// One finding while its results are looked at, with what is asked of it as a whole, once.
struct Whole {
    finding: FindingIdx,
    history: Vec<u32>,
    fix: OnceCell<Option<String>>,
}

impl Fold<'_> {
    fn standing(&mut self, finding: FindingIdx) -> Standing {
        let backlog = self.backlog;
        let results = backlog.members(finding);
        let records = || results.iter().map(|&result| backlog.record(result));
        let mentions: Vec<Mention> = records().flat_map(|record| self.graph.mentions(record.id)).copied().collect();
        if mentions.is_empty() {
            return Standing::default();
        }
        let is_any_live = records().any(Record::is_live);
        let counted = results.iter().copied().filter(|&result| backlog.record(result).is_live() || !is_any_live);
        let whole = Whole { finding, history: self.history(&mentions), fix: OnceCell::new() };
        let views: Vec<Option<View>> = counted.map(|result| self.view(&whole, result)).collect();
        let view = join_results(views);
        Standing {
            status: view.status,
            flags: view.flags,
            expires: view.expires,
            why: view.why,
            owner: self.owner(&mentions),
            events: whole.history,
        }
    }

    /// `None` where no decision about the status names the result.
    fn view(&mut self, whole: &Whole, result: ResultIdx) -> Option<View> {
        let graph = self.graph;
        let mentions = graph.mentions(self.backlog.record(result).id);
        let heads = graph.heads(mentions, Chain::Status);
        join(heads.iter().filter_map(|head| self.of_head(whole, result, mentions, *head)))
    }

    fn of_head(&mut self, whole: &Whole, result: ResultIdx, mentions: &[Mention], head: Mention) -> Option<View> {
        let record = self.backlog.record(result);
        let event = &self.graph.events[head.event as usize];
        let op = self.graph.op(head.event)?;
        let decided = status_of(op)?;
        let view = View { status: decided, decided, flags: Flags::default(), expires: event.until, why: None };
        if self.bound.tie(record.id, head.event).is_some_and(|tie| !tie.is_sure()) {
            return Some(View { status: Status::Open, flags: Flags::default().with(Flag::Stale), ..view });
        }
        if op == Op::FixApplied && self.is_gone(record, event, head.member) {
            return Some(View { status: Status::Fixed, ..view });
        }
        let verdict = || if self.graph.was_confirmed(mentions, head.event) { Status::Confirmed } else { Status::Open };
        if self.graph.is_denied(head.event) {
            return Some(View { status: verdict(), expires: None, ..view });
        }
        let lapsed = |flag: Flag, why: Option<String>| {
            let why = why.map(Arc::from);
            Some(View { status: verdict(), flags: Flags::default().with(flag), why, ..view.clone() })
        };
        if let Some(breach) = self.breach(whole, op, event, head.member) {
            return lapsed(Flag::AgainstPolicy, Some(format!("it {}; {}", breach.words(), breach.allowed)));
        }
        if let Some(until) = event.until.filter(|until| *until < self.known.today) {
            return lapsed(Flag::Expired, Some(format!("{until} has passed")));
        }
        if let Some(why) = self.ended(whole, result, event, head.member) {
            return lapsed(Flag::Expired, Some(why));
        }
        if self.came_back(record, op, event) {
            return lapsed(Flag::CameBack, None);
        }
        if let Some(source) = self.waits(whole, op, mentions, head) {
            let why = Some(format!("another person has to approve it (policy of {source})").into());
            return Some(View { status: Status::Requested, why, ..view });
        }
        Some(view)
    }

    /// By which change of what was known a decision has ended.
    fn ended(&mut self, whole: &Whole, result: ResultIdx, event: &Event, member: u32) -> Option<String> {
        let (changes, then) = (event.until_change.as_slice(), facts_of(event, member)?);
        if changes.is_empty() {
            return None;
        }
        let reach = self.known.reaches.and_then(|reaches| reaches.of(whole.finding)).map(|judged| judged.reach);
        let known_fix = || self.known.fix.and_then(|fix| fix(whole.finding));
        let fix = changes.contains(&Change::Fix).then(|| whole.fix.get_or_init(known_fix).as_deref()).flatten();
        let (version, package) = facts::package(self.backlog, result);
        let stands = || self.stands(result, event, member);
        facts::ended(changes, then, &Now { reach, version, package, fix }, stands)
    }

    /// What of the policies an event does not keep to.
    fn breach(&self, whole: &Whole, op: Op, event: &Event, member: u32) -> Option<Breach> {
        let policies = self.policies.filter(|policies| policies.is_about(op))?;
        let known = self.of_finding(whole.finding, facts_of(event, member));
        let past = |&number: &u32| Past {
            event: &self.graph.events[number as usize],
            is_taken_back: self.graph.is_taken_back(number),
        };
        let history: Vec<Past> = whole.history.iter().map(past).collect();
        let subject = known.subject(is_bulk(event), Tenure::of(&history, event, self.known.utc));
        policies.breach(op, event, &subject, &names(event), self.known.utc)
    }

    /// The policy by which a decision waits for another person.
    fn waits(&self, whole: &Whole, op: Op, mentions: &[Mention], head: Mention) -> Option<&str> {
        let policies = self.policies?;
        let events = self.graph.events;
        let event = &events[head.event as usize];
        let known = self.of_finding(whole.finding, facts_of(event, head.member));
        let source = policies.approval(op, known.severity, known.is_kev)?;
        // Who approves some of many has not looked at the others.
        let is_meant = |number: &&u32| mentions.iter().any(|mention| mention.event == **number);
        let is_approval = |number: &u32| {
            let approval = &events[*number as usize];
            let is_other = approval.author != event.author && (approval.mail.is_none() || approval.mail != event.mail);
            is_other && self.breach(whole, Op::Approve, approval, BY_SCOPE).is_none()
        };
        (!self.graph.approvals(head.event).iter().filter(is_meant).any(is_approval)).then_some(source)
    }

    /// What policies ask of a finding: as it is, or as it was when it was decided, whatever is worse.
    fn of_finding(&self, finding: FindingIdx, then: Option<&Facts>) -> OfFinding<'_> {
        let judged = self.known.reaches.and_then(|reaches| reaches.of(finding));
        let is_kev = judged.is_some_and(|judged| judged.has(Note::Kev)) || then.is_some_and(|facts| facts.kev);
        let known = OfFinding::new(self.backlog, finding, is_kev);
        let was = then.and_then(facts::severity);
        OfFinding { severity: known.severity.max(was.unwrap_or(known.severity)), ..known }
    }

    /// A fix was applied and a scan that ended later still reports the result. Only a time that the report itself states
    /// counts: the time of a file is new after each checkout.
    fn came_back(&self, record: &Record, op: Op, event: &Event) -> bool {
        let report = self.backlog.report(record);
        op == Op::FixApplied && report.made_by.is_of_scan() && report.made.is_some_and(|made| made > event.at)
    }

    /// Whether a scan after the fix shows that the result is gone. Where results can change places with another, the other
    /// must stand in other code than the one that was fixed.
    fn is_gone(&mut self, record: &Record, event: &Event, member: u32) -> bool {
        let others = self.scans.after_fix(record, event.at);
        others.is_some_and(|others| others.iter().all(|other| !self.can_be(self.backlog.record(*other), event, member)))
    }

    /// Whether the code that was decided upon still stands; so it does where nobody knows what it was.
    fn stands(&mut self, result: ResultIdx, event: &Event, member: u32) -> bool {
        let record = self.backlog.record(result);
        let (path, made) = (self.backlog.path(record), self.backlog.report(record).made);
        stored(event, member).is_none_or(|context| self.files.stands(path, record, made, context))
    }

    /// Whether a result of the same rule and file may be the one that was decided upon, under another id.
    fn can_be(&mut self, other: &Record, event: &Event, member: u32) -> bool {
        let Some(stored) = stored(event, member) else { return true };
        let path = self.backlog.path(other);
        self.files.read_all(&HashSet::from([path]));
        self.files.look(path, other).is_none_or(|now| now.context == stored)
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

/// What stood around a result when it was decided upon.
fn stored(event: &Event, member: u32) -> Option<Hash64> {
    event.members.get(member as usize).and_then(|anchor| anchor.context)
}

/// What was known of a member; nothing where an event names it by its scope, or is from before facts were kept.
fn facts_of(event: &Event, member: u32) -> Option<&Facts> {
    event.members.get(member as usize)?.facts.as_deref()
}

/// The names under which an event says that it was made.
pub(super) fn names(event: &Event) -> Vec<&str> {
    std::iter::once(&*event.author).chain(event.mail.as_deref()).collect()
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

/// The most open of several views with its reason, the flags of all, the earliest end, and a flag where they disagree.
fn join(views: impl Iterator<Item = View>) -> Option<View> {
    views.reduce(|a, b| {
        let expires = a.expires.into_iter().chain(b.expires).min();
        let flags = b.flags.iter().fold(a.flags, Flags::with);
        let flags = if a.decided == b.decided { flags } else { flags.with(Flag::DecisionConflict) };
        let decided = a.decided;
        let (open, other) = if b.status.openness() < a.status.openness() { (b, a) } else { (a, b) };
        View { flags, expires, decided, why: open.why.or(other.why), ..open }
    })
}

fn join_results(views: Vec<Option<View>>) -> View {
    let open = View { status: Status::Open, decided: Status::Open, flags: Flags::default(), expires: None, why: None };
    let is_whole = views.iter().all(Option::is_some);
    let Some(decided) = join(views.into_iter().flatten()) else { return open };
    if is_whole {
        return decided;
    }
    let has_joined = decided.status != Status::Open;
    let flags = if has_joined { decided.flags.with(Flag::NewReportJoined) } else { decided.flags };
    View { status: Status::Open, flags, ..decided }
}
