//! What decisions have to keep to: who may make them, for how long, with what said, and what another person has to approve.
//!
//! A policy only restricts. Several can be in force, that of the protected base and that of the tree: a decision keeps to
//! all of them. Where severities are named, what holds for one holds for all above it, up to the next that is named.

use std::collections::{BTreeSet, HashSet};

use foldhash::fast::RandomState;
use globset::GlobMatcher;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::backlog::{Backlog, FindingIdx};
use super::board::Board;
use super::decision::{Anchor, Event, Op, Request};
use super::due::utc;
use super::grade::{Severity, vocabulary};
use super::reach::Note;
use super::tenure::{Tenure, days};
use super::text::counted;

vocabulary! {
    /// What a decision can be required to say.
    Said { Reason = "reason", RiskOwner = "risk-owner", Control = "control", Ticket = "ticket", Until = "until" }
}

impl Said {
    /// In a sentence: what a decision lacks.
    pub fn words(self) -> &'static str {
        match self {
            Self::Reason => "a reason",
            Self::RiskOwner => "a risk owner",
            Self::Control => "a compensating control",
            Self::Ticket => "a ticket",
            Self::Until => "a date until which it holds",
        }
    }
}

/// The decisions that a policy can be about.
pub const OPS: &[Op] = &[
    Op::Confirm,
    Op::FalsePositive,
    Op::NotAffected,
    Op::AcceptRisk,
    Op::Mitigated,
    Op::Defer,
    Op::Duplicate,
    Op::Approve,
];

/// A value for each severity from some on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale<T>([Option<T>; Severity::ALL.len()]);

impl<T> Default for Scale<T> {
    fn default() -> Self {
        Self([const { None }; Severity::ALL.len()])
    }
}

impl<T> Scale<T> {
    pub fn set(&mut self, severity: Severity, value: T) {
        self.0[severity as usize] = Some(value);
    }

    /// What holds for a severity: its own value, else that of the next below it.
    pub fn get(&self, severity: Severity) -> Option<&T> {
        self.0[..=severity as usize].iter().rev().flatten().next()
    }
}

/// A glob over names, in any case.
#[derive(Clone, Debug)]
pub struct NameGlob {
    pub text: String,
    pub matcher: GlobMatcher,
}

/// What one kind of decision has to keep to.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub required: Vec<Said>,
    /// Days from the day of the decision to its date.
    pub max_days: Scale<u32>,
    /// The same over all renewals.
    pub max_total_days: Scale<u32>,
    /// Who may, by name or address.
    pub who: Scale<Vec<NameGlob>>,
    /// From this severity on another person has to approve it.
    pub approval: Option<Severity>,
    /// Also where the flaw is known to be exploited.
    pub approval_of_kev: bool,
}

/// The policy of one place.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Where it stands: `main`, `this tree`.
    pub source: String,
    /// Why it cannot be read: then nothing that hides a problem counts.
    pub broken: Option<String>,
    pub rules: Vec<(Op, Rules)>,
    /// Ids of rules that are decided finding by finding.
    pub never_in_bulk: Vec<NameGlob>,
}

/// Who decides here, as git's configuration has it: labels, proved by nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub mail: Option<String>,
}

/// All policies that are in force.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    pub list: Vec<Policy>,
    pub me: Person,
    /// The day on which they were read, in UTC: from which days are counted.
    pub day: Date,
}

/// What a policy asks about one finding.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub severity: Severity,
    pub is_kev: bool,
    /// Ids of the rules of its results.
    pub rules: &'a [&'a str],
    /// Whether the decision is about more than this finding.
    pub is_bulk: bool,
    /// Of the decision, if it is one that ends.
    pub tenure: Tenure,
}

/// What a decision does against a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// `policy.accept-risk.max-days`.
    pub rule: String,
    pub source: String,
    /// What is wrong, as the end of a sentence about the decision: `holds for 90 days; at most 14 are allowed …`.
    pub reason: String,
    /// What would be allowed.
    pub allowed: String,
    /// The last day that would be allowed, where it is about that.
    pub latest: Option<Date>,
}

impl Breach {
    /// For a person: what is wrong, by which rule of which policy.
    pub fn words(&self) -> String {
        format!("{} ({} of {})", self.reason, self.rule, self.source)
    }
}

/// What a form has to ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub required: BTreeSet<Said>,
    /// The last day that is allowed, and by what.
    pub latest: Option<(Date, String)>,
    /// Why it cannot be decided at all, whatever is typed.
    pub refusal: Option<Breach>,
    /// Who asks for the approval of another person.
    pub approval: Option<String>,
}

impl Limits {
    /// Whether a decision can be made as it is.
    pub fn needs_nothing(&self) -> bool {
        self.required.is_empty() && self.latest.is_none() && self.refusal.is_none()
    }
}

impl Policies {
    /// Whether there is nothing to keep to.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn rules(&self, op: Op) -> impl Iterator<Item = (&Policy, &Rules)> {
        self.list.iter().filter_map(move |policy| Some((policy, policy.of(op)?)))
    }

    /// Whether something that a policy says is about this kind of decision.
    pub fn is_about(&self, op: Op) -> bool {
        let is_about = |policy: &Policy| {
            policy.of(op).is_some() || op.hides() && (policy.broken.is_some() || !policy.never_in_bulk.is_empty())
        };
        self.list.iter().any(is_about)
    }

    /// Whether who makes such a decision is asked.
    pub fn asks_who(&self, op: Op) -> bool {
        self.rules(op).any(|(_, rules)| rules.who.0.iter().any(Option::is_some))
    }

    /// Whether another person is asked to approve some of such decisions.
    pub fn asks_approval(&self, op: Op) -> bool {
        self.rules(op).any(|(_, rules)| rules.approval.is_some() || rules.approval_of_kev)
    }

    /// The first thing in which a decision by these names does not keep to a policy. `today` is that of UTC: what is dated
    /// later counts from then on.
    pub fn breach(&self, op: Op, event: &Event, subject: &Subject, by: &[&str], today: Date) -> Option<Breach> {
        let breach = |policy: &Policy| {
            policy.breach_of_all(op, subject).or_else(|| {
                let rules = policy.of(op)?;
                let breach = |what: &str, reason: String, allowed: String| Breach {
                    rule: format!("policy.{}.{what}", op.name()),
                    source: policy.source.clone(),
                    reason,
                    allowed,
                    latest: None,
                };
                rules.unsaid(event, subject.severity, &breach).or_else(|| {
                    rules
                        .by_others(op, subject.severity, by, &breach)
                        .or_else(|| rules.too_long(event, subject, today, &breach))
                })
            })
        };
        self.list.iter().find_map(breach)
    }

    /// The policy that asks for the approval of another person.
    pub fn approval(&self, op: Op, severity: Severity, is_kev: bool) -> Option<&str> {
        let is_asked =
            |rules: &Rules| rules.approval.is_some_and(|from| severity >= from) || rules.approval_of_kev && is_kev;
        self.rules(op).find(|(_, rules)| is_asked(rules)).map(|(policy, _)| policy.source.as_str())
    }

    /// In which way a request does not keep to a policy, by what is known before it is written: of all findings, what allows
    /// the least.
    pub fn refuse(&self, board: &Board, request: &Request, event: &Event, today: Date) -> Option<(FindingIdx, Breach)> {
        if !self.is_about(request.op) {
            return None;
        }
        self.refuse_some(board, &distinct(board, request), request, event, today)
    }

    fn refuse_some(
        &self,
        board: &Board,
        findings: &[FindingIdx],
        request: &Request,
        event: &Event,
        today: Date,
    ) -> Option<(FindingIdx, Breach)> {
        let mail = self.me.mail.iter().map(String::as_str);
        let by: Vec<&str> = std::iter::once(self.me.name.as_str()).chain(mail).collect();
        let is_bulk = request.findings.len() > 1 || request.scope.is_some();
        let breaches = findings.iter().filter_map(|&finding| {
            let facts = OfFinding::of(board, finding);
            let subject = facts.subject(is_bulk, Tenure::of(&board.history(finding), event, today));
            Some((finding, self.breach(request.op, event, &subject, &by, today)?))
        });
        breaches.min_by_key(|(_, breach)| breach.latest)
    }

    /// What such a decision about these findings needs, and how long it may hold.
    pub fn limits(&self, board: &Board, request: &Request) -> Limits {
        let (op, today) = (request.op, self.day);
        let required = self.rules(op).flat_map(|(_, rules)| rules.required.iter().copied()).collect();
        let mut limits = Limits { required, ..Limits::default() };
        if !self.is_about(op) {
            return limits;
        }
        // As if all that can be typed were there, for no day longer than today.
        let text = || Some("…".to_owned());
        let (reason, risk_owner, control, ticket) = (text(), text(), text(), text());
        let whole = Request { reason, risk_owner, control, ticket, until: Some(today), ..request.clone() };
        let whole = drafted(&whole, today);
        let findings = distinct(board, request);
        limits.refusal = self.refuse_some(board, &findings, request, &whole, today).map(|(_, breach)| breach);
        for finding in findings {
            let facts = OfFinding::of(board, finding);
            limits.approval =
                limits.approval.or_else(|| self.approval(op, facts.severity, facts.is_kev).map(str::to_owned));
            for (policy, rules) in self.rules(op) {
                let used = |_: &&u32| Tenure::of(&board.history(finding), &whole, today).days;
                let (most, total) = (rules.max_days.get(facts.severity), rules.max_total_days.get(facts.severity));
                let ends = [(most, "max-days", most.map(|_| 0)), (total, "max-total-days", total.as_ref().map(used))];
                for (most, what, used) in ends {
                    let (Some(most), Some(used)) = (most, used) else { continue };
                    let latest = after(today, (i64::from(*most) - used).max(0));
                    if limits.latest.as_ref().is_none_or(|(known, _)| latest < *known) {
                        let by = format!("{what} of {}: {most} for {}", policy.source, facts.severity.name());
                        if latest <= today {
                            let used = counted(usize::try_from(used).unwrap_or(0), "day", "days");
                            let reason = format!("cannot hold any longer: {used} are used of {most}");
                            let (rule, source) = (format!("policy.{}.{what}", op.name()), policy.source.clone());
                            let allowed = "fix it: no day is left".to_owned();
                            limits.refusal = Some(Breach { rule, source, reason, allowed, latest: Some(latest) });
                        }
                        limits.latest = Some((latest, by));
                    }
                }
            }
        }
        limits
    }
}

/// A request as the event that it would be.
pub fn drafted(request: &Request, day: Date) -> Event {
    Event {
        op: request.op.name().into(),
        at: TimeZone::UTC.to_timestamp(day.at(23, 59, 59, 0)).unwrap_or_default(),
        // Behind all that is there.
        id: "~".to_owned(),
        reason: request.reason.clone(),
        risk_owner: request.risk_owner.clone(),
        control: request.control.clone(),
        ticket: request.ticket.clone(),
        until: request.until,
        ..Event::default()
    }
}

/// The findings of a request, and of those about which nothing was decided and that a policy cannot tell apart, one.
fn distinct(board: &Board, request: &Request) -> Vec<FindingIdx> {
    let backlog = &board.backlog;
    let rules_of = |finding: FindingIdx| {
        let mut rules: Vec<u32> = backlog.members(finding).iter().map(|&result| backlog.record(result).rule).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    };
    // Most findings have one result: a key is pressed for a million of them, and waits for this.
    let mut single: HashSet<(Severity, bool, u32), RandomState> = HashSet::default();
    let mut several: HashSet<(Severity, bool, Vec<u32>), RandomState> = HashSet::default();
    let is_distinct = |&finding: &FindingIdx| {
        let severity = backlog.finding(finding).severity;
        let is_kev = board.judged(finding).is_some_and(|judged| judged.has(Note::Kev));
        if !board.standing(finding).events.is_empty() {
            true
        } else if let [only] = backlog.members(finding) {
            single.insert((severity, is_kev, backlog.record(*only).rule))
        } else {
            several.insert((severity, is_kev, rules_of(finding)))
        }
    };
    if request.findings.is_sorted() {
        return backlog.find_all(&request.findings).iter().filter(is_distinct).collect();
    }
    request.findings.iter().filter_map(|&id| backlog.find(id)).filter(is_distinct).collect()
}

fn after(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).unwrap_or(Date::MAX)
}

impl Policy {
    /// What it says about a kind of decision.
    pub fn of(&self, op: Op) -> Option<&Rules> {
        self.rules.iter().find(|(about, _)| *about == op).map(|(_, rules)| rules)
    }

    /// What holds for everything that hides a problem.
    fn breach_of_all(&self, op: Op, subject: &Subject) -> Option<Breach> {
        if !op.hides() {
            return None;
        }
        let breach = |rule: &str, reason: String, allowed: String| Breach {
            rule: rule.to_owned(),
            source: self.source.clone(),
            reason,
            allowed,
            latest: None,
        };
        if let Some(reason) = &self.broken {
            return Some(breach(
                "policy",
                format!("cannot be held against the policy: {reason}"),
                "correct the policy".to_owned(),
            ));
        }
        let is_named = |rule: &&&str| self.never_in_bulk.iter().any(|glob| glob.matcher.is_match(rule));
        let rule = subject.rules.iter().find(is_named).filter(|_| subject.is_bulk)?;
        let reason = format!("is about more than one finding, and {rule} is never decided in bulk");
        Some(breach("policy.never-in-bulk", reason, "decide about it alone".to_owned()))
    }
}

/// Makes a breach of a rule, by what is wrong and what would be allowed.
type Make<'m> = &'m dyn Fn(&str, String, String) -> Breach;

impl Rules {
    fn unsaid(&self, event: &Event, severity: Severity, breach: Make<'_>) -> Option<Breach> {
        let is_said = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let has = |said: Said| match said {
            Said::Reason => is_said(&event.reason),
            Said::RiskOwner => is_said(&event.risk_owner),
            Said::Control => is_said(&event.control),
            Said::Ticket => is_said(&event.ticket),
            Said::Until => event.until.is_some(),
        };
        let missing: Vec<&str> = self.required.iter().filter(|said| !has(**said)).map(|said| said.words()).collect();
        if !missing.is_empty() {
            return Some(breach(
                "required",
                format!("needs {}", missing.join(" and ")),
                "add it and repeat".to_owned(),
            ));
        }
        let (most, total) = (self.max_days.get(severity), self.max_total_days.get(severity));
        let (what, most) = most.map(|most| ("max-days", most)).or(total.map(|most| ("max-total-days", most)))?;
        let reason =
            format!("needs a date until which it holds, {} off at most", counted(*most as usize, "day", "days"));
        event.until.is_none().then(|| breach(what, reason, "name the date".to_owned()))
    }

    fn by_others(&self, op: Op, severity: Severity, by: &[&str], breach: Make<'_>) -> Option<Breach> {
        let who = self.who.get(severity)?;
        if by.iter().any(|name| who.iter().any(|glob| glob.matcher.is_match(name))) {
            return None;
        }
        let reason = format!("is by {}, who may not {} what is {}", by.join(", "), verb(op), severity.name());
        let may: Vec<&str> = who.iter().map(|glob| glob.text.as_str()).collect();
        let allowed = if may.is_empty() { "nobody may".to_owned() } else { format!("{} may", may.join(" or ")) };
        Some(breach("who", reason, allowed))
    }

    fn too_long(&self, event: &Event, subject: &Subject, today: Date, breach: Make<'_>) -> Option<Breach> {
        let until = event.until?;
        let start = utc(event.at).min(today);
        let severity = subject.severity;
        let own = days(start, until);
        let limits = [
            ("max-days", self.max_days.get(severity), own),
            ("max-total-days", self.max_total_days.get(severity), subject.tenure.days),
        ];
        let over = |(what, most, held): (&str, Option<&u32>, i64)| {
            let most = i64::from(*most?);
            let latest = after(until, most - held);
            let total = if what == "max-days" { "" } else { " over all renewals" };
            let reason =
                format!("holds for {held} days{total}; at most {most} are allowed for what is {}", severity.name());
            let allowed = if latest > start {
                format!("until {latest} at the latest")
            } else {
                "fix it: no day is left".to_owned()
            };
            (held > most).then(|| Breach { latest: Some(latest), ..breach(what, reason, allowed) })
        };
        limits.into_iter().filter_map(over).min_by_key(|breach| breach.latest)
    }
}

fn verb(op: Op) -> &'static str {
    match op {
        Op::AcceptRisk => "accept the risk of",
        Op::Approve => "approve the acceptance of",
        Op::Confirm => "confirm",
        Op::Defer => "defer",
        _ => "decide so about",
    }
}

/// What policies ask of a finding of a board.
#[derive(Clone, Debug)]
pub struct OfFinding<'b> {
    pub severity: Severity,
    pub is_kev: bool,
    pub rules: Vec<&'b str>,
}

impl<'b> OfFinding<'b> {
    pub fn of(board: &'b Board, finding: FindingIdx) -> Self {
        let is_kev = board.judged(finding).is_some_and(|judged| judged.has(Note::Kev));
        Self::new(&board.backlog, finding, is_kev)
    }

    pub fn new(backlog: &'b Backlog, finding: FindingIdx, is_kev: bool) -> Self {
        let records = backlog.members(finding).iter().map(|&result| backlog.record(result));
        let mut rules: Vec<&str> = records.map(|record| backlog.rule(record).id.as_str()).collect();
        rules.dedup();
        Self { severity: backlog.finding(finding).severity, is_kev, rules }
    }

    pub fn subject(&self, is_bulk: bool, tenure: Tenure) -> Subject<'_> {
        Subject { severity: self.severity, is_kev: self.is_kev, rules: &self.rules, is_bulk, tenure }
    }
}

/// Whether an event was about more than one finding when it was made, or is about what may come.
pub fn is_bulk(event: &Event) -> bool {
    let mut findings = event.members.iter().map(Anchor::finding);
    let first = findings.next();
    event.scope.is_some() || findings.any(|finding| Some(finding) != first)
}
