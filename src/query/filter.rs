//! What each term asks of one finding.

use std::ops::RangeInclusive;

use crate::model::backlog::{FindingIdx, Package, Record, ResultIdx, Rule, Tool};
use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::due::{day, day_of};
use crate::model::owners::Together;

use super::term::{Name, Number, Pattern, Query, Term, Test};
use super::words::Word;

/// Whether one finding matches (for `gate`, tests and incremental updates).
pub fn matches(board: &Board, query: &Query, finding: FindingIdx) -> bool {
    query.terms.iter().all(|Term { test, is_negated, .. }| holds(board, test, finding) != *is_negated)
}

/// Whether a result is of the tools and rules that the query names, for what belongs to one result of a finding and
/// not to all of them, as a fix does. Terms of other kinds are about the finding.
pub fn names_result(board: &Board, query: &Query, result: ResultIdx) -> bool {
    let backlog = &board.backlog;
    let record = backlog.record(result);
    query.terms.iter().all(|Term { test, is_negated, .. }| match test {
        Test::Name(Name::Tool, patterns) => tool_fits(patterns, backlog.tool(record)) != *is_negated,
        Test::Name(Name::Rule, patterns) => {
            rule_of(board, record).is_some_and(|rule| rule_fits(patterns, rule)) != *is_negated
        }
        Test::Name(
            Name::Path
            | Name::Package
            | Name::Remedy
            | Name::Owner
            | Name::Service
            | Name::Workload
            | Name::Image
            | Name::Model,
            _,
        )
        | Test::Choice(..)
        | Test::Number(..)
        | Test::Id(..)
        | Test::Word(_)
        | Test::Text(_) => true,
    })
}

/// Whether a finding passes one test.
pub(super) fn holds(board: &Board, test: &Test, finding: FindingIdx) -> bool {
    let backlog = &board.backlog;
    let members = backlog.members(finding);
    let any = |passes: &dyn Fn(ResultIdx, &Record) -> bool| {
        members.iter().any(|&result| passes(result, backlog.record(result)))
    };
    match test {
        Test::Choice(choice, bits) => choice.has_any(*bits, board, finding),
        Test::Number(number, ranges) => number_holds(board, *number, ranges, finding),
        Test::Name(Name::Owner, patterns) => match board.standing(finding).owner.as_deref() {
            Some(owner) => fits(patterns, owner),
            None => board.owners.of(board.lead(finding).path).is_some_and(|all| owned_by(patterns, all)),
        },
        Test::Name(Name::Remedy, patterns) => {
            board.remedy(finding).is_some_and(|remedy| remedy_fits(patterns, &remedy.text))
        }
        Test::Name(Name::Model, patterns) => {
            board.verdicts(finding).iter().any(|verdict| fits(patterns, verdict.model))
        }
        Test::Name(Name::Tool, patterns) => any(&|_, record| tool_fits(patterns, backlog.tool(record))),
        Test::Name(Name::Rule, patterns) => {
            any(&|_, record| rule_of(board, record).is_some_and(|rule| rule_fits(patterns, rule)))
        }
        Test::Name(Name::Path, patterns) => any(&|_, record| {
            let path = backlog.path(record);
            !path.is_empty() && fits(patterns, path)
        }),
        Test::Name(Name::Package, patterns) => {
            any(&|result, _| backlog.package_of(result).is_some_and(|package| package_fits(patterns, package)))
        }
        Test::Name(name @ (Name::Service | Name::Workload | Name::Image), patterns) => {
            let homes = homes_fit(board, *name, patterns);
            any(&|_, record| homes.has(board.reaches.homes.number(record)))
        }
        Test::Id(ranges, patterns) => any(&|result, record| {
            ranges.iter().any(|range| range.contains(&record.id))
                || advisory_fits(patterns, backlog.advisories_of(result))
        }),
        Test::Word(said) => says(board, &Word::new(said, true), members),
        Test::Text(said) => says(board, &Word::new(said, false), members),
    }
}

fn says(board: &Board, word: &Word, members: &[ResultIdx]) -> bool {
    let backlog = &board.backlog;
    members.iter().any(|&result| {
        let record = backlog.record(result);
        rule_of(board, record)
            .is_some_and(|rule| word.fits(&rule.id) || rule.name.as_deref().is_some_and(|name| word.fits(name)))
            || word.fits(backlog.path(record))
            || word.is_in(&backlog.messages.get(result))
    })
}

fn number_holds(board: &Board, number: Number, ranges: &[RangeInclusive<i64>], finding: FindingIdx) -> bool {
    let backlog = &board.backlog;
    let within = |count: i64| ranges.iter().any(|range| range.contains(&count));
    match number {
        Number::Line => {
            let mut lines = backlog.members(finding).iter().map(|&result| backlog.record(result).line);
            lines.any(|line| line > 0 && within(i64::from(line)))
        }
        Number::Twins => within(i64::try_from(backlog.members(finding).len() - 1).unwrap_or(i64::MAX)),
        Number::Cwe => backlog.cwe(finding).iter().any(|&cwe| within(i64::from(cwe))),
        Number::Age => board.first_seen(finding).is_some_and(|at| within(day(board.today) - day_of(at))),
        Number::Score => board.judged(finding).is_some_and(|judged| within(i64::from(judged.score))),
        Number::Due => board.due_day(finding).is_some_and(|due| within(due - day(board.today))),
        Number::Expires => board.standing(finding).expires.is_some_and(|until| within(day(until) - day(board.today))),
    }
}

pub(super) fn fits(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.fits(name))
}

fn rule_of<'b>(board: &'b Board, record: &Record) -> Option<&'b Rule> {
    board.backlog.rules.get(record.rule as usize)
}

pub(super) fn tool_fits(patterns: &[Pattern], tool: &Tool) -> bool {
    fits(patterns, &tool.name) || fits(patterns, &tool.family)
}

/// By the whole id, by its last part, which is what lists show of a long one, or by the rule's name.
pub(super) fn rule_fits(patterns: &[Pattern], rule: &Rule) -> bool {
    let last = rule.id.rsplit(['.', '/']).next().unwrap_or_default();
    fits(patterns, &rule.id) || fits(patterns, last) || rule.name.as_deref().is_some_and(|name| fits(patterns, name))
}

pub(super) fn package_fits(patterns: &[Pattern], package: &Package) -> bool {
    fits(patterns, &package.name) || package.purl.as_deref().is_some_and(|purl| fits(patterns, purl))
}

/// By one of those who own something together.
pub(super) fn owned_by(patterns: &[Pattern], owners: &Together) -> bool {
    owners.names.iter().any(|name| fits(patterns, name))
}

/// The homes whose services, workloads or images a term names.
pub(super) fn homes_fit(board: &Board, name: Name, patterns: &[Pattern]) -> Bits {
    name.part().map_or_else(Bits::default, |part| board.reaches.homes.with(part, |name| fits(patterns, name)))
}

/// By the whole text, or by one word of it such as the name of a package.
pub(super) fn remedy_fits(patterns: &[Pattern], text: &str) -> bool {
    fits(patterns, text) || text.split_whitespace().any(|word| fits(patterns, word))
}

pub(super) fn advisory_fits(patterns: &[Pattern], ids: &[Box<str>]) -> bool {
    ids.iter().any(|id| fits(patterns, id))
}
