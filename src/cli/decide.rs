//! `quell decide`: one decision on some findings.

use crate::model::decision::Request;

use super::args::{Common, DecideArgs, Deed};
use super::exit::{Outcome, Stop};
use super::out::Out;
use super::work::{Names, Work};

pub(super) fn run(common: &Common, args: DecideArgs, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let names = Names::of(args.names);
    if let Some(fix) = names.fixes.first() {
        return Err(Stop::Usage(format!("{fix} is a fix; a decision is about findings (q1-…)")));
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
    let ids = work.ids(&chosen);
    let asked = match args.op {
        Deed::Decide(op) => Request::new(op, ids),
        Deed::Extend => Request::extend(ids),
    };
    let request = Request {
        reason: args.reason,
        until: args.until,
        ticket: args.ticket,
        justification: args.justification,
        owner: args.owner,
        duplicate_of,
        query: args.query,
        control: args.control,
        risk_owner: args.risk_owner,
        branches: args.on,
        ..asked
    };
    if let Some(lack) = request.lacks(board.today) {
        return Err(Stop::Usage(format!("{lack}; nothing was decided")));
    }
    let decided = work.desk.decide(board, &work.loaded.reader, &request).map_err(Stop::Refused)?;
    out.line(&format!("{}{}", decided.summary, decided.origin.note()))?;
    Ok(work.exit())
}
