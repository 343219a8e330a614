//! From a request to an event on disk.

use std::collections::{HashMap, HashSet};

use globset::Glob;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::model::backlog::{Backlog, FindingIdx};
use crate::model::board::Board;
use crate::model::decision::{Anchor, Event, Flag, Op, Origin, Request};
use crate::model::due::utc;
use crate::model::exhibit::Exhibits;
use crate::model::fix::FileOp;
use crate::model::id::FindingId;
use crate::model::plan::PlannedFile;
use crate::model::policy::{OfFinding, Policies};
use crate::model::problem::{Loss, Problem};
use crate::model::tenure::Tenure;
use crate::model::text::counted;
use crate::repo::Repo;
use crate::repo::log::Note;

use super::anchor::{Seen, Told, anchors};
use super::context::Files;
use super::event::{Draft, VERSION, request_of, seal};
use super::fold::branches;
use super::graph::{Chain, Graph, Part, chain, part};
use super::home::Home;
use super::scope::{self, mentions, touched};
use super::{facts, policy, since, split};

/// The most results of one decision; whoever decides about more writes a scope.
const MAX_MEMBERS: usize = 500_000;

/// A decision that is on disk.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The first of several where one would be too large.
    pub event: Event,
    /// Name of the entry in the undo log; empty where that could not be written, which `summary` then says.
    pub entry: String,
    /// In words for the status line: `accepted the risk of 3 findings until 2027-02-20`.
    pub summary: String,
    /// Where it is: a private one and a draft are not shared.
    pub origin: Origin,
}

/// Writes one event for the request, or a few where one would be too large; on disk before it returns. Refuses an incomplete
/// request (`Request::lacks`, on the day of `now` here), an unknown finding, and a finding whose text is no longer in its
/// file.
pub fn decide(repo: &Repo, board: &Board, seen: Seen, request: &Request, now: Timestamp) -> Result<Decided, Problem> {
    let extended = if request.extends { Some(extended(repo, board, request)?) } else { None };
    let exhibits = &request.exhibits;
    let request = extended.as_ref().unwrap_or(request);
    check(board, request, now)?;
    let findings = find(&board.backlog, &request.findings)?;
    check_number(&board.backlog, &findings)?;
    let mut members = anchors(Files::new(repo), &board.backlog, &findings, request.op, seen)?;
    facts::add(board, &findings, request.op, &mut members);
    if chain(request.op).is_some() || request.answer.is_some() {
        name_before(board, &mut members);
    }
    let until_change = facts::until_change(request, &members)?;
    let policies = policy::in_force(repo).0;
    let event = Event {
        reason: stated(request.reason.as_ref()),
        until: request.until,
        until_change,
        mail: policies.me.mail.clone().filter(|_| policies.asks_who(request.op)),
        ticket: stated(request.ticket.as_ref()),
        justification: stated(request.justification.as_ref()),
        owner: stated(request.owner.as_ref()),
        duplicate_of: request.duplicate_of.map(|id| id.to_string()),
        query: stated(request.query.as_ref()),
        control: stated(request.control.as_ref()),
        risk_owner: stated(request.risk_owner.as_ref()),
        branches: request.branches.clone(),
        commit: repo.head(),
        scope: request.scope.clone().map(Box::new),
        supersedes: replaced(repo, board, request.op, &members),
        about: acceptances(repo, board, request.op, &members)?,
        exhibits: if request.op.is_treatment() { Exhibits::of(exhibits) } else { Exhibits::default() },
        ai: request.ai.clone(),
        members,
        ..blank(repo, request.op, now)
    };
    let drafts: Vec<Draft> = split::parts(event).into_iter().map(seal).collect();
    let events: Vec<String> = drafts.iter().map(|draft| draft.event.id.clone()).collect();
    let today = utc(now);
    let first = &drafts[0].event;
    if let Some((finding, breach)) = policies.refuse(board, request, first, today) {
        let subject = board.backlog.id(finding).to_string();
        return Err(refuse(subject, format!("{} {}", request.op.name(), breach.words()), &breach.allowed));
    }
    let origin = Home::of(repo).0.write(&drafts)?;
    let event = Event { origin, ..first.clone() };
    drop(drafts);
    let summary = match extended {
        None if request.scope.is_some() => {
            let now = counted(touched(board, request).len(), "finding now", "findings now");
            format!("{}, and whatever matches its scope: {now}", summary(request, findings.len()))
        }
        None => {
            summary(request, findings.len())
                + &renewed(repo, board, &findings, &event, today)
                + &waits(&policies, board, request, &findings)
        }
        Some(_) => format!("extended to what joined: {}", summary(request, findings.len())),
    };
    Ok(noted(repo, event, events, summary))
}

/// What was decided, with its entry in the undo log.
fn noted(repo: &Repo, event: Event, events: Vec<String>, summary: String) -> Decided {
    let summary = if events.len() > 1 { format!("{summary}, in {} events", events.len()) } else { summary };
    let origin = event.origin;
    match repo.log_decision(&summary, &Note { events, ..Note::default() }) {
        Ok(entry) => Decided { event, entry, summary, origin },
        Err(error) => {
            let summary = format!("{summary}; undo does not know of it: {error}");
            Decided { event, entry: String::new(), summary, origin }
        }
    }
}

/// The events that say that a batch of fixes was applied for these findings, in `files` as they are before: one, unless that
/// would be too large. Where a person left out a part of each fix (`is_part`) it is noted, and the findings stay as they are.
/// Their ids go into the batch's log entry, and [`Draft::write`] comes after the batch: a crash between them leaves the
/// findings open, not hidden.
pub fn fix_applied(
    repo: &Repo,
    board: &Board,
    findings: &[FindingId],
    reason: Option<String>,
    files: &[PlannedFile],
    is_part: bool,
    now: Timestamp,
) -> Result<Vec<Draft>, Problem> {
    let op = if is_part { Op::Comment } else { Op::FixApplied };
    let findings = find(&board.backlog, findings)?;
    let mut known = Files::new(repo);
    let before = files.iter().filter(|file| file.op != FileOp::Create);
    known.add_all(&before.map(|file| (file.path.as_str(), &*file.before)).collect::<Vec<_>>());
    let mut members = anchors(known, &board.backlog, &findings, op, &|_| Told::default())?;
    facts::add(board, &findings, op, &mut members);
    let supersedes = replaced(repo, board, op, &members);
    let event = Event { commit: repo.head(), members, reason, supersedes, ..blank(repo, op, now) };
    Ok(split::parts(event).into_iter().map(seal).collect())
}

/// The event for only some of its members, those whose id is wanted: what is left of a batch that was taken back in part.
/// It replaces what the whole event replaced. `None` where nothing is left.
pub fn narrowed(event: &Event, is_wanted: impl Fn(FindingId) -> bool) -> Option<Draft> {
    let members: Vec<Anchor> = event.members.iter().filter(|member| is_wanted(member.id)).cloned().collect();
    let left = Event { members, id: String::new(), ..event.clone() };
    (!left.members.is_empty()).then(|| seal(left))
}

/// Whether an event is another one, or what [`narrowed`] made of that.
pub fn is_part(part: &Event, whole: &Event) -> bool {
    let bare = |event: &Event| Event { members: Vec::new(), id: String::new(), ..event.clone() };
    if part.at != whole.at || bare(part) != bare(whole) {
        return false;
    }
    let ids: HashSet<FindingId> = whole.members.iter().map(|member| member.id).collect();
    part.members.iter().all(|member| ids.contains(&member.id))
}

/// An event as it stands, under the id that follows from that.
pub fn again(event: &Event) -> Draft {
    seal(event.clone())
}

/// An event of this op that says nothing yet.
pub(super) fn blank(repo: &Repo, op: Op, now: Timestamp) -> Event {
    Event { at: now, author: repo.author().into(), op: op.name().into(), v: VERSION, ..Event::default() }
}

/// A refusal: nothing was written.
pub(super) fn refuse(subject: impl Into<String>, reason: impl Into<String>, hint: &str) -> Problem {
    Problem::at(subject, "", reason, Loss::Nothing).hint(hint)
}

fn check(board: &Board, request: &Request, now: Timestamp) -> Result<(), Problem> {
    if matches!(request.op, Op::Revoke | Op::FixApplied) {
        return Err(refuse("", format!("{} is no decision of its own", request.op.name()), "use undo, or apply a fix"));
    }
    let today = now.to_zoned(TimeZone::system()).date();
    if let Some(lack) = request.lacks(today) {
        return Err(refuse("", lack, "nothing was decided; add it and repeat"));
    }
    if let Some(reason) = request.scope.as_ref().and_then(scope::wrong) {
        return Err(refuse("", reason, "name what it is about"));
    }
    if request.scope.is_some() && !matches!(part(request.op), Part::Verdict | Part::Treatment) {
        return Err(refuse("", format!("{} has no scope", request.op.name()), "name findings"));
    }
    let wrong = request.branches.iter().find_map(|glob| Some((glob, Glob::new(glob).err()?)));
    if let Some((glob, error)) = wrong {
        return Err(refuse(glob, format!("it is no glob of branches: {error}"), "write it as release/*"));
    }
    let Some(stays) = request.duplicate_of else { return Ok(()) };
    let kept = find(&board.backlog, &[stays])?;
    if find(&board.backlog, &request.findings)?.iter().any(|finding| kept.contains(finding)) {
        return Err(refuse(stays.to_string(), "a finding is no duplicate of itself", "name the finding that stays"));
    }
    Ok(())
}

fn check_number(backlog: &Backlog, findings: &[FindingIdx]) -> Result<(), Problem> {
    let results: usize = findings.iter().map(|&finding| backlog.members(finding).len()).sum();
    if results <= MAX_MEMBERS {
        return Ok(());
    }
    let reason = format!("{results} results are too many for one decision, of at most {MAX_MEMBERS}");
    Err(refuse("", reason, "decide about a rule, a package or a folder by --scope, or in parts"))
}

/// The request that says of all results of the findings what the one decision in effect says of some.
fn extended(repo: &Repo, board: &Board, request: &Request) -> Result<Request, Problem> {
    let hint = "decide about it anew";
    let graph = graph(repo, board);
    let findings = find(&board.backlog, &request.findings)?;
    let has_ended = |finding: &&FindingIdx| {
        let flags = board.standing(**finding).flags;
        flags.has(Flag::Expired) || flags.has(Flag::AgainstPolicy)
    };
    if let Some(finding) = findings.iter().find(has_ended) {
        let id = board.backlog.id(*finding).to_string();
        return Err(refuse(id, "what was decided here does not count any more", hint));
    }
    let results = findings.iter().flat_map(|&finding| board.backlog.members(finding));
    let ids = results.map(|&result| board.backlog.record(result).id);
    let heads = ids.flat_map(|id| graph.heads(graph.mentions(id), Chain::Status));
    let mut numbers: Vec<u32> = heads.map(|head| head.event).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let [number] = numbers.as_slice() else {
        let reason = match numbers.len() {
            0 => "there is no decision here that could be extended",
            _ => "several decisions are in effect here, and which is meant is not known",
        };
        return Err(refuse("", reason, hint));
    };
    match graph.op(*number) {
        None | Some(Op::FixApplied) => {
            Err(refuse("", "a fix was applied, not decided", "apply the fix of what joined"))
        }
        Some(op) => {
            let decided = request_of(op, &board.events[*number as usize]);
            Ok(Request { findings: request.findings.clone(), query: request.query.clone(), ..decided })
        }
    }
}

/// The findings with these ids, each once.
fn find(backlog: &Backlog, ids: &[FindingId]) -> Result<Vec<FindingIdx>, Problem> {
    let mut findings = Vec::with_capacity(ids.len());
    for &id in ids {
        let unknown =
            || refuse(id.to_string(), "no such finding in what is loaded", "reload the reports, then choose it again");
        findings.push(backlog.find(id).ok_or_else(unknown)?);
    }
    findings.sort_unstable();
    findings.dedup();
    if findings.is_empty() {
        return Err(refuse("", "no finding is chosen", "select one and repeat"));
    }
    Ok(findings)
}

/// The events in effect that a new one replaces: those of its own chain, for any of its members.
fn replaced(repo: &Repo, board: &Board, op: Op, members: &[Anchor]) -> Vec<String> {
    let Some(chain) = chain(op) else { return Vec::new() };
    let events = &board.events;
    let graph = graph(repo, board);
    let heads = members.iter().flat_map(|anchor| graph.heads(graph.mentions(anchor.id), chain));
    let mut replaced: Vec<String> = heads.map(|head| events[head.event as usize].id.clone()).collect();
    replaced.sort_unstable();
    replaced.dedup();
    replaced
}

/// The events as they bind what is loaded.
fn graph<'b>(repo: &Repo, board: &'b Board) -> Graph<'b> {
    let events = &board.events;
    let graph = Graph::new(events, &branches(repo, events)).bound(&board.standings.bound);
    graph.with(mentions(&board.backlog, events))
}

/// Says of results which ids they had when decisions named them that came over to them.
fn name_before(board: &Board, members: &mut [Anchor]) {
    let mut before: HashMap<FindingId, Vec<FindingId>> = HashMap::new();
    for hold in &board.standings.bound.holds {
        let event = board.events.get(hold.event as usize);
        if let Some(anchor) = event.and_then(|event| event.members.get(hold.member as usize))
            && anchor.id != hold.result
        {
            before.entry(hold.result).or_default().push(anchor.id);
        }
    }
    for member in members.iter_mut() {
        member.was = before.remove(&member.id).unwrap_or_default();
        member.was.sort_unstable();
        member.was.dedup();
    }
}

/// The acceptances in effect that an approval or denial is about: of others, if it is an approval.
fn acceptances(repo: &Repo, board: &Board, op: Op, members: &[Anchor]) -> Result<Vec<String>, Problem> {
    if !matches!(op, Op::Approve | Op::Deny) {
        return Ok(Vec::new());
    }
    let (events, graph) = (&board.events, graph(repo, board));
    let heads = members.iter().flat_map(|anchor| graph.heads(graph.mentions(anchor.id), Chain::Status));
    let mut accepted: Vec<&Event> = heads
        .filter(|head| graph.op(head.event) == Some(Op::AcceptRisk))
        .map(|head| &events[head.event as usize])
        .collect();
    accepted.sort_by(|a, b| a.id.cmp(&b.id));
    accepted.dedup_by(|a, b| a.id == b.id);
    if accepted.is_empty() {
        return Err(refuse("", format!("there is nothing to {}: no risk is accepted here", op.name()), ""));
    }
    let (author, mail) = (repo.author(), repo.configured("user.email"));
    let is_own = |event: &&&Event| *event.author == *author || event.mail.is_some() && event.mail == mail;
    if let Some(own) = accepted.iter().find(is_own).filter(|_| op == Op::Approve) {
        let who =
            if *own.author == *author { author } else { format!("{} ({})", own.author, mail.unwrap_or_default()) };
        return Err(refuse("", format!("{who} accepted this risk: it takes another person to approve that"), ""));
    }
    Ok(accepted.into_iter().map(|event| event.id.clone()).collect())
}

/// `; renewed twice, 174 days in total`, where one finding's decision was.
fn renewed(repo: &Repo, board: &Board, findings: &[FindingIdx], event: &Event, today: Date) -> String {
    let [finding] = findings else { return String::new() };
    if event.until.is_none() {
        return String::new();
    }
    let words = Tenure::of(&board.history(*finding), event, today).words();
    if words.is_empty() {
        return words;
    }
    let fix = event.members.iter().find_map(|member| member.facts.as_deref()?.fix.as_deref());
    let since = since::last(board, *finding).map(|last| since::since(repo, board, *finding, last, fix));
    let since = since.filter(|since| !since.is_empty());
    let since = since.map(|since| format!("; since the last time: {}", since.join(", "))).unwrap_or_default();
    format!("; {words}{since}")
}

/// That another person has to approve it, by which policy, and for how many.
fn waits(policies: &Policies, board: &Board, request: &Request, findings: &[FindingIdx]) -> String {
    let asked = findings.iter().filter_map(|&finding| {
        let facts = OfFinding::of(board, finding);
        policies.approval(request.op, facts.severity, facts.is_kev)
    });
    let asked: Vec<&str> = asked.collect();
    let who = match (asked.len(), findings.len()) {
        (0, _) => return String::new(),
        (_, 1) => "it waits".to_owned(),
        (1, _) => "1 of them waits".to_owned(),
        (count, _) => format!("{count} of them wait"),
    };
    format!("; {who} for the approval of another person (policy of {})", asked.first().unwrap_or(&""))
}

fn stated(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn summary(request: &Request, count: usize) -> String {
    let many = counted(count, "finding", "findings");
    let until = request.until.map_or_else(String::new, |until| format!(" until {until}"));
    let on = if request.branches.is_empty() { String::new() } else { format!(" on {}", request.branches.join(", ")) };
    let until = until + &on;
    match request.op {
        Op::Confirm => format!("confirmed {many}{until}"),
        Op::FalsePositive if count == 1 => format!("marked {many} as a false positive{until}"),
        Op::FalsePositive => format!("marked {many} as false positives{until}"),
        Op::NotAffected => format!("marked {many} as not affected{until}"),
        Op::AcceptRisk => format!("accepted the risk of {many}{until}"),
        Op::Mitigated => format!("marked {many} as mitigated{until}"),
        Op::Defer => format!("deferred {many}{until}"),
        Op::Duplicate => {
            let stays = request.duplicate_of.map_or_else(String::new, |id| format!(" of {id}"));
            format!("marked {many} as a duplicate{stays}")
        }
        Op::Assign => format!("assigned {many} to {}", request.owner.as_deref().unwrap_or_default().trim()),
        Op::Comment => format!("commented on {many}"),
        Op::Reopen => format!("reopened {many}"),
        Op::Approve => format!("approved the acceptance of {many}"),
        Op::Deny => format!("denied the acceptance of {many}"),
        Op::Revoke | Op::FixApplied => format!("{} for {many}", request.op.name()),
    }
}
