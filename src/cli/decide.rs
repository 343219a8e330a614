//! `quell decide`: one decision on some findings.

use crate::ledger::scope::{scope_of, touched};
use crate::model::ai::{Answer, NOTHING_WAITS};
use crate::model::backlog::FindingIdx;
use crate::model::decision::{Change, Request};
use crate::model::policy::drafted;
use crate::model::scope::SCOPES;
use crate::model::text::{counted, visible};

use super::args::{Common, DecideArgs, Deed, NO_CHANGE};
use super::exit::{Outcome, Stop};
use super::out::Out;
use super::work::{Names, Work};

pub(super) fn run(common: &Common, args: DecideArgs, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let names = Names::of(args.names);
    if let Some(fix) = names.fixes.first() {
        return Err(Stop::Usage(format!("{fix} is a fix; a decision is about findings (q1-…)")));
    }
    if args.query.as_deref().is_some_and(|query| query.trim().is_empty()) {
        return Err(Stop::Usage(String::from(
            "an empty query would decide about everything; nothing was decided: `-q status:open` says that it is meant",
        )));
    }
    let work = Work::load(common, names.inputs, false, err)?;
    let board = &work.loaded.board;
    let Some(chosen) = work.choose(&names.findings, args.query.as_deref())? else {
        return Err(Stop::Usage(String::from("decide needs ids of findings, or a query with -q")));
    };
    if chosen.is_empty() {
        return Err(Stop::Usage(String::from("the query keeps no open finding; nothing was decided")));
    }
    let duplicate_of = match &args.of {
        Some(id) => Some(board.backlog.id(work.find(id)?)),
        None => None,
    };
    if matches!(args.op, Deed::Answer(_)) && args.scope != SCOPES[0] {
        return Err(Stop::Usage(String::from("what a model proposes is about the findings alone, without --scope")));
    }
    let chosen_of = |deed: Deed| match deed {
        Deed::Decide(op) => Ok((Request::new(op, work.ids(&chosen)), chosen.clone())),
        Deed::Extend => Ok((Request::extend(work.ids(&chosen)), chosen.clone())),
        Deed::Answer(answer) => answered(&work, answer, &chosen, args.query.is_some()),
    };
    let (asked, chosen) = chosen_of(args.op)?;
    let request = Request {
        reason: args.reason.or(asked.reason),
        until: args.until,
        until_change: until_change(&args.until_change)?,
        ticket: args.ticket,
        justification: args.justification,
        owner: args.owner,
        duplicate_of,
        query: args.query,
        control: args.control,
        risk_owner: args.risk_owner,
        branches: args.on,
        scope: scope_of(board, &chosen, &args.scope).map_err(Stop::usage)?,
        ..asked
    };
    if args.preview {
        return preview(&work, &request, out);
    }
    if let Some(lack) = request.lacks(board.today) {
        return Err(Stop::Usage(format!("{lack}; nothing was decided")));
    }
    let decided = work.desk.decide(board, &work.loaded.reader, &request).map_err(Stop::Refused)?;
    out.line(&format!("{}{}", decided.summary, decided.origin.note()))?;
    Ok(work.exit())
}

/// The request that answers what models propose, and the findings that it is for: of those that are named each has to have a
/// proposal, of those that match a query all that have one.
fn answered(
    work: &Work,
    answer: Answer,
    chosen: &[FindingIdx],
    is_query: bool,
) -> Result<(Request, Vec<FindingIdx>), Stop> {
    let board = &work.loaded.board;
    let waits = |finding: &FindingIdx| board.is_proposed(*finding);
    if let Some(finding) = chosen.iter().find(|finding| !is_query && !waits(finding)) {
        let id = board.backlog.id(*finding);
        return Err(Stop::Usage(format!("{id}: {NOTHING_WAITS}; `quell ai` names those that do")));
    }
    let waiting: Vec<FindingIdx> = chosen.iter().copied().filter(waits).collect();
    if waiting.is_empty() {
        return Err(Stop::Usage(format!("{NOTHING_WAITS}; nothing was decided")));
    }
    match answer {
        Answer::Reject => Ok((Request::reject(work.ids(&waiting)), waiting)),
        Answer::Confirm => {
            let (op, among) =
                board.standings.proposals.among(&waiting.iter().copied().collect()).map_err(Stop::Usage)?;
            let findings: Vec<FindingIdx> = waiting.into_iter().filter(|finding| among.has(*finding)).collect();
            Ok((Request { answer: Some(answer), ..Request::new(op, work.ids(&findings)) }, findings))
        }
    }
}

/// What a decision is to end by beside its date; `None` where nothing is said.
fn until_change(words: &[String]) -> Result<Option<Vec<Change>>, Stop> {
    if words.len() > 1 && words.iter().any(|word| word == NO_CHANGE) {
        return Err(Stop::Usage(String::from("--until-change none stands alone")));
    }
    Ok((!words.is_empty()).then(|| words.iter().filter_map(|word| Change::parse(word)).collect()))
}

/// What a decision would be about, one line each.
fn preview(work: &Work, request: &Request, out: &mut Out<'_>) -> Outcome {
    let board = &work.loaded.board;
    let backlog = &board.backlog;
    let touched = touched(board, request);
    for &finding in &touched {
        let lead = backlog.lead(finding);
        let hidden = if board.is_open(finding) { "" } else { "  (no list of open findings shows it)" };
        let (id, status, rule) = (backlog.id(finding), board.status(finding).name(), &backlog.rule(lead).id);
        out.line(&format!("{id}  {status:<14} {rule}  {}:{}{hidden}", backlog.path(lead), lead.line))?;
    }
    let policies = &board.policies;
    if let Some((finding, breach)) = policies.refuse(board, request, &drafted(request, policies.day), policies.day) {
        let (id, op, words, allowed) = (backlog.id(finding), request.op.name(), breach.words(), &breach.allowed);
        out.line(&visible(&format!("refused for {id}: {op} {words}; {allowed}")))?;
    }
    out.line(&format!("{}; nothing was decided", counted(touched.len(), "finding", "findings")))?;
    Ok(work.exit())
}
