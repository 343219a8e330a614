//! Decisions: `c` and `x` act at once, the others open a short form.

use std::cmp::Reverse;

use crate::app::effect::Effect;
use crate::app::form::{Confirm, Field, FieldKind, Form, Release};
use crate::app::input::LineInput;
use crate::app::page::{Line, Role};
use crate::app::state::{Overlay, State, Tone};
use crate::model::ai::{Answer, NOTHING_WAITS};
use crate::model::backlog::FindingIdx;
use crate::model::bits::Bits;
use crate::model::decision::{Flag, JUSTIFICATIONS, Op, Request, Status};
use crate::model::grade::Severity;
use crate::model::policy::{Limits, Said};
use crate::model::scope::SCOPES;
use crate::model::text;

use super::{list, select};

/// More findings than this in one decision want their number typed.
pub const BULK: usize = 10;
/// Days that an acceptance or a deferral holds unless another date is typed.
const ACCEPT_DAYS: i64 = 90;
const DEFER_DAYS: i64 = 30;
/// Targets that a dialog names one by one.
const NAMED: usize = 6;

/// Whether there is something that a verb can act on.
pub fn has_target(state: &State) -> Result<(), String> {
    if state.selection.is_empty() && state.list.lines.is_empty() {
        return Err("the list shows no finding to decide on".to_owned());
    }
    Ok(())
}

pub fn confirm(state: &mut State) -> Vec<Effect> {
    at_once(state, Op::Confirm, "Confirm")
}

pub fn false_positive(state: &mut State) -> Vec<Effect> {
    at_once(state, Op::FalsePositive, "False positive")
}

pub fn reopen(state: &mut State) -> Vec<Effect> {
    at_once(state, Op::Reopen, "Reopen")
}

/// Whether a risk is accepted here, or somebody asks for that.
pub fn is_accepted(state: &State) -> Result<(), String> {
    has_target(state)?;
    let is_so = |finding| matches!(state.board.status(finding), Status::Accepted | Status::Requested);
    // A selection is looked at when the key is pressed.
    match state.current_idx().filter(|_| state.selection.is_empty()) {
        Some(finding) if !is_so(finding) => {
            Err("no risk is accepted here; v r lists what waits for approval".to_owned())
        }
        _ => Ok(()),
    }
}

pub fn approve(state: &mut State) -> Vec<Effect> {
    at_once(state, Op::Approve, "Approve")
}

pub fn deny(state: &mut State) -> Vec<Effect> {
    form(state, Op::Deny, "Deny", vec![reason(false)])
}

/// Whether a model proposes a decision that nobody has answered.
pub fn is_proposed(state: &State) -> Result<(), String> {
    has_target(state)?;
    // A selection is looked at when the key is pressed.
    match state.current_idx().filter(|_| state.selection.is_empty()) {
        Some(finding) if !state.board.is_proposed(finding) => Err(nothing_waits()),
        _ => Ok(()),
    }
}

fn nothing_waits() -> String {
    format!("{NOTHING_WAITS}; v p lists those that do")
}

pub fn as_proposed(state: &mut State) -> Vec<Effect> {
    match state.board.standings.proposals.among(&state.targets()) {
        Ok((op, findings)) => answer(state, op, "As a model proposes", &findings, Answer::Confirm),
        Err(why) => {
            state.say(Tone::Warning, why);
            Vec::new()
        }
    }
}

pub fn reject_proposed(state: &mut State) -> Vec<Effect> {
    let mut findings = state.board.standings.proposals.all();
    findings.keep(&state.targets());
    if findings.is_empty() {
        state.say(Tone::Warning, nothing_waits());
        return Vec::new();
    }
    answer(state, Op::Comment, "Reject what a model proposes", &findings, Answer::Reject)
}

/// Answers what models propose about some of the targets, under the rules of any decision.
fn answer(state: &mut State, op: Op, title: &str, targets: &Bits, answer: Answer) -> Vec<Effect> {
    let Some(asked) = request(state, op, targets) else { return Vec::new() };
    let query = asked.query.clone();
    let request = match answer {
        Answer::Confirm => Request { answer: Some(answer), ..asked },
        Answer::Reject => Request { query, ..Request::reject(asked.findings) },
    };
    if state.board.policies.limits(&state.board, &request).needs_nothing() {
        return counted(state, request, targets, title);
    }
    form_of(state, request, targets, title, Vec::new())
}

/// Whether a decision is near that does not hold for all results of a finding: one has joined, or is likely the one that
/// was decided upon.
pub fn can_extend(state: &State) -> Result<(), String> {
    has_target(state)?;
    let can = |finding: FindingIdx| {
        let flags = state.board.flags(finding);
        flags.has(Flag::NewReportJoined) || flags.has(Flag::Stale)
    };
    // A large selection is looked at when the key is pressed.
    match state.current_idx().filter(|_| state.selection.is_empty()) {
        Some(finding) if !can(finding) => {
            Err("no result has joined a decided finding here, and no decision waits to be confirmed".to_owned())
        }
        _ => Ok(()),
    }
}

pub fn extend(state: &mut State) -> Vec<Effect> {
    let targets = state.targets().into_owned();
    let Some(request) = request(state, Op::Confirm, &targets) else { return Vec::new() };
    let request = Request { query: request.query, ..Request::extend(request.findings) };
    counted(state, request, &targets, "Extend the decision")
}

pub fn accept_risk(state: &mut State) -> Vec<Effect> {
    let until = days_from_today(state, ACCEPT_DAYS);
    let fields = vec![
        reason(true),
        field("Until", FieldKind::Until, &until, true, "+ - move it 30 days"),
        ticket(),
        field("Risk owner", FieldKind::RiskOwner, "", false, "who answers for it"),
        field("Control", FieldKind::Control, "", false, "what lowers the risk"),
        field("Scope", FieldKind::Scope, SCOPES[0], false, "or rule[:GLOB] package[:RANGE] advisory"),
    ];
    form(state, Op::AcceptRisk, "Accept risk", fields)
}

pub fn defer(state: &mut State) -> Vec<Effect> {
    let until = days_from_today(state, DEFER_DAYS);
    let fields = vec![field("Until", FieldKind::Until, &until, true, "+ - move it 30 days"), reason(false), ticket()];
    form(state, Op::Defer, "Defer", fields)
}

pub fn not_affected(state: &mut State) -> Vec<Effect> {
    let label = field("Justification", FieldKind::Justification, JUSTIFICATIONS[2], true, "Left Right choose");
    form(state, Op::NotAffected, "Not affected", vec![reason(true), label])
}

pub fn mitigated(state: &mut State) -> Vec<Effect> {
    form(state, Op::Mitigated, "Mitigated", vec![reason(true), ticket()])
}

pub fn owner(state: &mut State) -> Vec<Effect> {
    form(state, Op::Assign, "Owner", vec![field("Owner", FieldKind::Owner, "", true, "a person or @team")])
}

pub fn comment(state: &mut State) -> Vec<Effect> {
    form(state, Op::Comment, "Comment", vec![reason(true)])
}

/// With a selection, the others become duplicates of the finding under the cursor; else the marked one stays.
pub fn duplicate(state: &mut State) -> Vec<Effect> {
    let is_chosen = state.current_idx().is_some_and(|finding| state.selection.findings.has(finding));
    let stays = match (state.selection.len(), state.current()) {
        (2.., Some(current)) if is_chosen => Some(current),
        _ => state.marked,
    };
    let text = stays.map(|id| id.to_string()).unwrap_or_default();
    let fields = vec![field("Stays", FieldKind::DuplicateOf, &text, true, "id of the other finding; m marks it")];
    form(state, Op::Duplicate, "Duplicate", fields)
}

pub fn mark(state: &mut State) -> Vec<Effect> {
    state.marked = state.current();
    if let Some(id) = state.marked {
        state.say(Tone::Info, format!("{id} is marked: su on another finding makes that a duplicate of it"));
    }
    Vec::new()
}

/// Writes at once, or asks first where there are many.
fn at_once(state: &mut State, op: Op, title: &str) -> Vec<Effect> {
    let targets = state.targets().into_owned();
    let Some(request) = request(state, op, &targets) else { return Vec::new() };
    let limits = state.board.policies.limits(&state.board, &request);
    if limits.needs_nothing() {
        return counted(state, request, &targets, title);
    }
    form(state, op, title, Vec::new())
}

/// Writes a request, or asks first where it is for many.
fn counted(state: &mut State, request: Request, targets: &Bits, title: &str) -> Vec<Effect> {
    let count = request.findings.len();
    if count > BULK {
        state.overlay = Some(Overlay::Confirm(Box::new(Confirm {
            title: format!("{title}: {count} findings"),
            about: about(state, targets),
            input: LineInput::default(),
            expect: count.to_string(),
            release: Release::Decide(Box::new(request)),
            error: None,
        })));
        return Vec::new();
    }
    release(state, request)
}

/// A request for what the verb acts on, its findings sorted; says why there is none.
fn request(state: &mut State, op: Op, targets: &Bits) -> Option<Request> {
    let findings = state.board.backlog.ids(targets);
    if findings.is_empty() {
        state.say(Tone::Warning, "no finding here to decide on");
        return None;
    }
    let mut request = Request::new(op, findings);
    if request.findings.len() > 1 && !state.filter.text.is_empty() {
        request.query = Some(state.filter.text.clone());
    }
    Some(request)
}

/// Sends a complete request to be written, and shows the next open finding.
pub fn release(state: &mut State, request: Request) -> Vec<Effect> {
    select::clear(state);
    // A selection that was decided is not lost: undo is for the decision.
    state.selection.lost = None;
    let stays = matches!(request.op, Op::Comment | Op::Assign | Op::Reopen) && request.answer.is_none();
    let mut effects = if stays { Vec::new() } else { list::advance(state, &request.findings) };
    effects.insert(0, Effect::Decide(Box::new(request)));
    effects
}

fn form(state: &mut State, op: Op, title: &str, fields: Vec<Field>) -> Vec<Effect> {
    let mut targets = state.targets().into_owned();
    if op == Op::Duplicate
        && let Some(stays) = state.current_idx().filter(|_| targets.len() > 1)
    {
        targets.remove(stays);
    }
    let Some(request) = request(state, op, &targets) else { return Vec::new() };
    form_of(state, request, &targets, title, fields)
}

/// A form for a request, with what the policy asks for.
fn form_of(state: &mut State, request: Request, targets: &Bits, title: &str, mut fields: Vec<Field>) -> Vec<Effect> {
    let op = request.op;
    let limits = state.board.policies.limits(&state.board, &request);
    if let Some(breach) = limits.refusal {
        state.say(Tone::Warning, format!("{} {}; {}", op.name(), breach.words(), breach.allowed));
        return Vec::new();
    }
    keep(&mut fields, &limits);
    let count = request.findings.len();
    if count > BULK {
        let hint = format!("type {count}");
        fields.push(field("How many", FieldKind::Count, "", true, &hint));
    }
    if let Some((_, drafts)) = state.drafts.iter().find(|(name, _)| name == op.name()) {
        for (field, draft) in fields.iter_mut().zip(drafts) {
            field.input = LineInput::new(draft);
        }
    }
    let at = fields.iter().position(|field| field.is_required && field.input.text().is_empty()).unwrap_or(0);
    state.overlay = Some(Overlay::Form(Box::new(Form {
        name: op.name().to_owned(),
        title: if count == 1 { title.to_owned() } else { format!("{title}: {count} findings") },
        fields,
        at,
        about: about(state, targets).into_iter().chain(asked(&limits)).collect(),
        request,
        error: None,
    })));
    Vec::new()
}

/// Makes a form ask for what the policy requires, and offer no later date than it allows.
fn keep(fields: &mut Vec<Field>, limits: &Limits) {
    let latest = limits.latest.as_ref().map(|(latest, _)| *latest);
    let needed = limits.required.iter().copied().chain(latest.map(|_| Said::Until));
    for said in needed {
        let made = required(said);
        match fields.iter_mut().find(|field| field.kind == made.kind) {
            Some(field) => field.is_required = true,
            None => fields.push(made),
        }
    }
    let until = fields.iter_mut().find(|field| field.kind == FieldKind::Until);
    if let (Some(until), Some(latest)) = (until, latest) {
        let offered = until.input.text().parse().map_or(latest, |offered| latest.min(offered));
        until.input = LineInput::new(&offered.to_string());
        until.hint = format!("at most {latest}");
    }
}

/// The field for something that a policy requires.
fn required(said: Said) -> Field {
    match said {
        Said::Reason => reason(true),
        Said::Ticket => Field { is_required: true, ..ticket() },
        Said::RiskOwner => field("Risk owner", FieldKind::RiskOwner, "", true, "who answers for it"),
        Said::Control => field("Control", FieldKind::Control, "", true, "what lowers the risk"),
        Said::Until => field("Until", FieldKind::Until, "", true, "+ - move it 30 days"),
    }
}

/// Who asks for what, for the head of a form.
fn asked(limits: &Limits) -> Vec<Line> {
    let latest = limits.latest.iter().map(|(latest, by)| format!("at most until {latest} ({by})"));
    let approval = limits.approval.iter().map(|by| format!("another person has to approve it (policy of {by})"));
    latest.chain(approval).map(|words| Line::new(Role::Warning, &words)).collect()
}

fn field(label: &'static str, kind: FieldKind, text: &str, is_required: bool, hint: &str) -> Field {
    Field { label, kind, input: LineInput::new(text), is_required, hint: hint.to_owned() }
}

fn reason(is_required: bool) -> Field {
    field("Reason", FieldKind::Reason, "", is_required, "")
}

fn ticket() -> Field {
    field("Ticket", FieldKind::Ticket, "", false, "")
}

fn days_from_today(state: &State, days: i64) -> String {
    let span = jiff::Span::new().try_days(days).ok();
    let date = span.and_then(|span| state.board.today.checked_add(span).ok());
    date.map(|date| date.to_string()).unwrap_or_default()
}

/// The targets in words, worst first, how many of them the list does not show, and where the decision goes.
fn about(state: &State, findings: &Bits) -> Vec<Line> {
    let backlog = &state.board.backlog;
    let counts = backlog.order().count(findings.iter());
    let count: usize = counts.iter().sum();
    let mut lines = Vec::new();
    if count > 1 {
        lines.push(severities(&counts));
    }
    lines.extend(worst(state, findings, counts).into_iter().map(|finding| {
        let (group, lead) = (backlog.finding(finding), backlog.lead(finding));
        let place = format!("{}:{}", backlog.path(lead), lead.line);
        Line::new(group.severity.into(), &format!("{:<5}", group.severity.short()))
            .with(Role::Text, &text::cut(&backlog.rule(lead).id, 40))
            .with(Role::Dim, &format!("  {}", text::cut_start(&place, 40)))
    }));
    if count > NAMED {
        lines.push(Line::new(Role::Dim, &format!("and {} more", count - NAMED)));
    }
    let hidden = state.hidden_selected();
    if hidden > 0 {
        lines.push(Line::new(Role::Warning, &format!("{hidden} of them are not in the list now")));
    }
    lines.push(Line::new(Role::Dim, "kept in .quell/decisions; u takes it back"));
    lines
}

/// The findings that are named: the worst, among equals those that the list shows first. `counts` are those of all.
fn worst(state: &State, findings: &Bits, mut counts: [usize; Severity::ALL.len()]) -> Vec<FindingIdx> {
    let known = &state.board.backlog.order().leads.severity;
    let mut left = NAMED;
    for count in counts.iter_mut().rev() {
        *count = left.min(*count);
        left -= *count;
    }
    let mut named = Vec::new();
    let mut in_order = state.in_order(findings);
    while counts.iter().any(|count| *count > 0) {
        let Some(finding) = in_order.next() else { break };
        let count = &mut counts[known[finding as usize] as usize];
        if *count > 0 {
            *count -= 1;
            named.push(finding);
        }
    }
    named.sort_by_key(|finding| Reverse(known[*finding as usize]));
    named
}

/// `80 high, 37 medium`: how many of each severity.
pub fn severities(counts: &[usize; Severity::ALL.len()]) -> Line {
    let mut line = Line::default();
    for severity in Severity::ALL.iter().rev() {
        let count = counts[*severity as usize];
        if count > 0 {
            let comma = if line.spans.is_empty() { "" } else { ", " };
            line = line.with(Role::Dim, comma).with((*severity).into(), &format!("{count} {}", severity.name()));
        }
    }
    line
}
