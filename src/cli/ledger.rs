//! `quell ledger`: the decisions themselves, one by one and as a whole.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use crate::desk::today;
use crate::ledger::compact::compact;
use crate::ledger::log::{State, matches, states};
use crate::ledger::publish::publish;
use crate::ledger::strict::{Signed, sign, strict};
use crate::ledger::verify::{self, Verified};
use crate::ledger::{self, Ledger};
use crate::model::decision::Event;
use crate::model::problem::{Loss, Problem};
use crate::model::text::{counted, visible};

use super::args::{Common, LedgerCommand, LogArgs, TextFormat, VerifyLedgerArgs};
use super::exit::{Exit, Outcome, Stop};
use super::out::Out;
use super::work::{Work, open};

/// Days after which a decision is old enough for an archive.
const OLD_DAYS: i64 = 90;

/// One event of `ledger log --format json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventJson<'e> {
    state: &'static str,
    /// Where it was found.
    origin: &'static str,
    results: usize,
    event: &'e Event,
}

/// One decision of `ledger matches --format json`.
#[derive(Serialize)]
struct MatchJson<'e> {
    id: &'e str,
    op: &'e str,
    state: &'static str,
    findings: usize,
}

/// `ledger verify --format json`.
#[derive(Serialize)]
struct VerifiedJson<'v> {
    events: usize,
    /// What has to be signed, with `--strict`.
    signed: &'v [Signed],
    problems: &'v [Problem],
}

pub(super) fn run(common: &Common, command: LedgerCommand, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    if let LedgerCommand::Matches { format, inputs } = command {
        return matching(&Work::load(common, inputs.inputs, false, err)?, format, out);
    }
    let desk = open(common, Vec::new(), false, err)?;
    let repo = &desk.repo;
    match command {
        LedgerCommand::Log(args) => {
            let ledger = ledger::read(repo);
            let states = states(repo, &ledger.events, today());
            log(&args, &ledger, &states, out, err)
        }
        LedgerCommand::Matches { .. } => Ok(Exit::Done),
        LedgerCommand::Verify(args) => {
            let now = Timestamp::now();
            let (verified, signed) = if args.strict {
                strict(repo, args.base.as_deref(), now).map_err(Stop::Refused)?
            } else {
                (verify::verify(repo, now), Vec::new())
            };
            print(&args, &verified, &signed, out)
        }
        LedgerCommand::Sign { ids } => {
            let count = sign(repo, &ids).map_err(Stop::Refused)?;
            out.line(&format!("{} signed", counted(count, "event", "events")))?;
            Ok(Exit::Done)
        }
        LedgerCommand::Compact { before } => {
            let before = match before {
                Some(before) => before,
                None => today().checked_sub(OLD_DAYS.days()).unwrap_or(Date::MIN),
            };
            let done = compact(repo, before).map_err(Stop::Refused)?;
            let events = counted(done.events, "event", "events");
            let archives = counted(done.archives, "archive", "archives");
            out.line(&match done.events {
                0 => format!("nothing is older than {before} and committed"),
                _ => format!("{events} moved to {archives}: commit both; git checkout brings them back"),
            })?;
            Ok(Exit::Done)
        }
        LedgerCommand::Publish => {
            let done = publish(repo).map_err(Stop::Refused)?;
            for problem in &done.problems {
                err.line(&problem.to_string())?;
            }
            let then = if done.is_tree && done.events > 0 { ": commit them to share them" } else { "" };
            out.line(&format!("{} published to {}{then}", counted(done.events, "decision", "decisions"), done.place))?;
            Ok(if done.problems.is_empty() { Exit::Done } else { Exit::Unread })
        }
    }
}

fn log(args: &LogArgs, ledger: &Ledger, states: &[State], out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let is_named = |event: &Event| {
        let is_about = |id: &String| {
            event.id.starts_with(id.as_str())
                || event.members.iter().any(|member| member.id.to_string().starts_with(id.as_str()))
        };
        args.ids.is_empty() || args.ids.iter().any(is_about)
    };
    if !args.ids.is_empty() && ledger.problems.is_empty() && !ledger.events.iter().any(is_named) {
        return Err(Stop::Usage(format!("{}: no event has this id or is about it", args.ids.join(" "))));
    }
    let chosen = ledger.events.iter().zip(states).rev().filter(|(event, _)| is_named(event));
    let chosen = chosen.take(args.count.map_or(usize::MAX, |count| count as usize));
    match args.format {
        TextFormat::Json => out.json_array(chosen.map(|(event, state)| EventJson {
            state: state.name(),
            origin: event.origin.name(),
            results: event.members.len(),
            event,
        }))?,
        TextFormat::Text => {
            for (event, state) in chosen {
                // A line for each, whatever somebody wrote into it: a reason is no further event.
                out.line(&visible(&line(event, *state)))?;
                for more in details(event) {
                    out.line(&format!("    {}", visible(&more)))?;
                }
            }
        }
    }
    for problem in &ledger.problems {
        err.line(&problem.to_string())?;
    }
    Ok(if ledger.problems.is_empty() { Exit::Done } else { Exit::Unread })
}

/// Decisions that could be in effect, with the findings that each is about, those with none first.
fn matching(work: &Work, format: TextFormat, out: &mut Out<'_>) -> Outcome {
    let board = &work.loaded.board;
    let states = states(&work.desk.repo, &board.events, board.today);
    let counts = matches(board);
    let rows = board.events.iter().zip(states).zip(counts);
    let is_shown = |event: &Event, state: State| {
        matches!(state, State::InEffect | State::Expired) && (!event.members.is_empty() || event.scope.is_some())
    };
    let mut rows: Vec<(usize, State, &Event)> = rows
        .filter(|((event, state), _)| is_shown(event, *state))
        .map(|((event, state), count)| (count, state, event))
        .collect();
    rows.sort_by_key(|(count, ..)| *count);
    match format {
        TextFormat::Json => out.json_array(rows.iter().map(|(findings, state, event)| MatchJson {
            id: &event.id,
            op: &event.op,
            state: state.name(),
            findings: *findings,
        }))?,
        TextFormat::Text => {
            for (findings, state, event) in rows {
                let about = match findings {
                    0 => "matches nothing".to_owned(),
                    count => counted(count, "finding", "findings"),
                };
                out.line(&format!("{about:<16} {}", visible(&line(event, state))))?;
            }
        }
    }
    Ok(work.exit())
}

fn line(event: &Event, state: State) -> String {
    let results = match event.members.len() {
        0 => String::new(),
        count => counted(count, "result", "results"),
    };
    let until = event.until.map_or_else(String::new, |until| format!("until {until}"));
    let place = if event.origin.note().is_empty() { String::new() } else { format!("  ({})", event.origin.name()) };
    let time = event.at.strftime("%Y-%m-%d %H:%M:%SZ");
    let (id, op, author) = (&event.id, &event.op, &event.author);
    format!("{id}  {time}  {:<10} {op:<14} {results:<12} {until:<16} {author}{place}", state.name())
        .trim_end()
        .to_owned()
}

/// What else an event says, a line each.
fn details(event: &Event) -> Vec<String> {
    let mut lines = Vec::new();
    let texts = [
        ("reason", &event.reason),
        ("ticket", &event.ticket),
        ("justification", &event.justification),
        ("control", &event.control),
        ("risk owner", &event.risk_owner),
        ("owner", &event.owner),
        ("duplicate of", &event.duplicate_of),
        ("query", &event.query),
    ];
    lines.extend(texts.into_iter().filter_map(|(name, text)| Some(format!("{name}: {}", text.as_ref()?))));
    let changes: Vec<&str> = event.until_change.iter().map(|change| change.name()).collect();
    lines.extend((!changes.is_empty()).then(|| format!("ends by a change of: {}", changes.join(", "))));
    lines.extend(event.scope.as_ref().map(|scope| format!("also about all of: {}", scope.words())));
    lines.extend(event.ai.iter().map(|opinion| opinion.answer(event)));
    let lists = [("on branches", &event.branches), ("about", &event.about), ("replaces", &event.supersedes)];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    lines.extend(lists.map(|(name, list)| format!("{name}: {}", list.join(", "))));
    lines
}

fn print(args: &VerifyLedgerArgs, verified: &Verified, signed: &[Signed], out: &mut Out<'_>) -> Outcome {
    let Verified { ledger, problems } = verified;
    let failures = problems.iter().filter(|problem| problem.loss > Loss::Nothing).count();
    match args.format {
        TextFormat::Json => {
            out.json(&VerifiedJson { events: ledger.events.len(), signed, problems })?;
            out.line("")?;
        }
        TextFormat::Text => {
            for Signed { event, op, author, signer } in signed {
                let by = match signer {
                    Some(signer) => format!("signed by {} ({})", signer.name, signer.key),
                    None => format!("unsigned; it says {author}"),
                };
                out.line(&visible(&format!("{event}  {op:<12} {by}")))?;
            }
            for problem in problems {
                let kind = if problem.loss > Loss::Nothing { "" } else { "note: " };
                out.line(&visible(&format!("{kind}{problem}")))?;
            }
            let verdict = match failures {
                0 => "as they were written".to_owned(),
                count => counted(count, "problem", "problems"),
            };
            out.line(&format!("{}: {verdict}", counted(ledger.events.len(), "event", "events")))?;
        }
    }
    Ok(if failures == 0 { Exit::Done } else { Exit::Failed })
}
