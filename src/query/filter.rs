//! Which findings a query keeps. Names are tested once for each distinct rule, path and tool, then joined to the
//! findings.

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::civil::Date;

use crate::model::backlog::{Arena, FindingIdx, Record, ResultIdx, Rule, Tool};
use crate::model::board::Board;

use super::bits::Bits;
use super::term::{Name, Number, Pattern, Query, Term, Test};
use super::words::Word;

const DAY: i64 = 86_400;

/// Keeps the findings that match, in one pass over them.
pub(super) fn narrow(board: &Board, query: &Query, findings: &mut Bits) {
    let terms: Vec<(&Term, Option<Sets>)> = query.terms.iter().map(|term| (term, joined(board, &term.test))).collect();
    if terms.is_empty() {
        return;
    }
    findings.retain(|finding| {
        terms.iter().all(|(term, sets)| {
            let passes = match sets {
                Some(sets) => sets.hold(board, finding),
                None => holds(board, &term.test, finding),
            };
            passes != term.is_negated
        })
    });
}

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
        Test::Name(Name::Path | Name::Package | Name::Owner, _)
        | Test::Choice(..)
        | Test::Number(..)
        | Test::Id(..)
        | Test::Word(_)
        | Test::Text(_) => true,
    })
}

/// Sets of numbers of a backlog; a finding is held if it, or one of its results, is in one of them.
#[derive(Default)]
struct Sets {
    findings: Bits,
    results: Bits,
    rules: Bits,
    paths: Bits,
    tools: Bits,
}

impl Sets {
    fn hold(&self, board: &Board, finding: FindingIdx) -> bool {
        let backlog = &board.backlog;
        self.findings.has(finding)
            || backlog.members(finding).iter().any(|&result| {
                let record = backlog.record(result);
                self.rules.has(record.rule)
                    || self.paths.has(record.path)
                    || self.results.has(result)
                    || self.tools.has(backlog.run(record).tool)
            })
    }
}

/// A test over names as sets; `None` for a test that reads its finding alone.
fn joined(board: &Board, test: &Test) -> Option<Sets> {
    let backlog = &board.backlog;
    let sets = match test {
        Test::Choice(..) | Test::Number(..) => return None,
        Test::Name(Name::Owner, patterns) => Sets { findings: owned(board, patterns), ..Sets::default() },
        Test::Name(Name::Tool, patterns) => {
            Sets { tools: Bits::of(&backlog.tools, |tool| tool_fits(patterns, tool)), ..Sets::default() }
        }
        Test::Name(Name::Rule, patterns) => {
            Sets { rules: Bits::of(&backlog.rules, |rule| rule_fits(patterns, rule)), ..Sets::default() }
        }
        Test::Name(Name::Path, patterns) => {
            Sets { paths: Bits::of_many(&backlog.paths, |path| fits(patterns, &path.text)), ..Sets::default() }
        }
        Test::Name(Name::Package, patterns) => {
            let mut results = Bits::none(backlog.results.len());
            for (result, _) in backlog.packages.iter().filter(|(result, _)| package_fits(board, patterns, *result)) {
                results.insert(*result);
            }
            Sets { results, ..Sets::default() }
        }
        Test::Id(ranges, patterns) => {
            let mut sets = Sets {
                findings: Bits::none(backlog.findings.len()),
                results: Bits::none(backlog.results.len()),
                ..Sets::default()
            };
            for finding in ranges.iter().flat_map(|range| backlog.find_range(*range.start(), *range.end())) {
                sets.findings.insert(finding);
            }
            for (result, _) in backlog.advisories.iter().filter(|(result, _)| advisory_fits(board, patterns, *result)) {
                sets.results.insert(*result);
            }
            sets
        }
        Test::Word(said) => spoken(board, &Word::new(said, true)),
        Test::Text(said) => spoken(board, &Word::new(said, false)),
    };
    Some(sets)
}

fn spoken(board: &Board, word: &Word) -> Sets {
    let backlog = &board.backlog;
    let mut rules = Arena::default();
    for rule in &backlog.rules {
        rules.push(&rule.id.to_lowercase());
    }
    let mut named = word.among(&rules, |rule| &backlog.rules[rule as usize].id);
    for (number, _) in
        (0..).zip(&backlog.rules).filter(|(_, rule)| rule.name.as_deref().is_some_and(|name| word.fits(name)))
    {
        named.insert(number);
    }
    Sets {
        rules: named,
        paths: word.among(&backlog.order().paths, |path| &backlog.paths[path as usize].text),
        results: word.said(&backlog.messages),
        ..Sets::default()
    }
}

fn owned(board: &Board, patterns: &[Pattern]) -> Bits {
    // Findings that were assigned together share one name.
    let mut last: (Option<Arc<str>>, bool) = (None, false);
    Bits::of(&board.standings, |standing| {
        let Some(owner) = &standing.owner else { return false };
        if !last.0.as_ref().is_some_and(|known| Arc::ptr_eq(known, owner)) {
            last = (Some(Arc::clone(owner)), fits(patterns, owner));
        }
        last.1
    })
}

/// Whether a finding passes one test.
fn holds(board: &Board, test: &Test, finding: FindingIdx) -> bool {
    let backlog = &board.backlog;
    let members = backlog.members(finding);
    let any = |passes: &dyn Fn(ResultIdx, &Record) -> bool| {
        members.iter().any(|&result| passes(result, backlog.record(result)))
    };
    match test {
        Test::Choice(choice, bits) => choice.bits(board, finding) & bits != 0,
        Test::Number(number, ranges) => number_holds(board, *number, ranges, finding),
        Test::Name(Name::Owner, patterns) => {
            board.standing(finding).owner.as_deref().is_some_and(|owner| fits(patterns, owner))
        }
        Test::Name(Name::Tool, patterns) => any(&|_, record| tool_fits(patterns, backlog.tool(record))),
        Test::Name(Name::Rule, patterns) => {
            any(&|_, record| rule_of(board, record).is_some_and(|rule| rule_fits(patterns, rule)))
        }
        Test::Name(Name::Path, patterns) => any(&|_, record| fits(patterns, backlog.path(record))),
        Test::Name(Name::Package, patterns) => any(&|result, _| package_fits(board, patterns, result)),
        Test::Id(ranges, patterns) => any(&|result, record| {
            ranges.iter().any(|range| range.contains(&record.id)) || advisory_fits(board, patterns, result)
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
        Number::Cwe => backlog.finding(finding).cwe.iter().any(|&cwe| within(i64::from(cwe))),
        Number::Age => {
            board.first_seen(finding).is_some_and(|at| within(day(board.today) - at.as_second().div_euclid(DAY)))
        }
        Number::Expires => board.standing(finding).expires.is_some_and(|until| within(day(until) - day(board.today))),
    }
}

/// Days since 1970-01-01.
fn day(date: Date) -> i64 {
    date.to_datetime(jiff::civil::Time::midnight())
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(0, |zoned| zoned.timestamp().as_second().div_euclid(DAY))
}

fn fits(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.fits(name))
}

fn rule_of<'b>(board: &'b Board, record: &Record) -> Option<&'b Rule> {
    board.backlog.rules.get(record.rule as usize)
}

fn tool_fits(patterns: &[Pattern], tool: &Tool) -> bool {
    fits(patterns, &tool.name) || fits(patterns, &tool.family)
}

/// By the whole id, by its last part, which is what lists show of a long one, or by the rule's name.
fn rule_fits(patterns: &[Pattern], rule: &Rule) -> bool {
    let last = rule.id.rsplit(['.', '/']).next().unwrap_or_default();
    fits(patterns, &rule.id) || fits(patterns, last) || rule.name.as_deref().is_some_and(|name| fits(patterns, name))
}

fn package_fits(board: &Board, patterns: &[Pattern], result: ResultIdx) -> bool {
    board.backlog.package_of(result).is_some_and(|package| {
        fits(patterns, &package.name) || package.purl.as_deref().is_some_and(|purl| fits(patterns, purl))
    })
}

fn advisory_fits(board: &Board, patterns: &[Pattern], result: ResultIdx) -> bool {
    !patterns.is_empty() && board.backlog.advisories_of(result).iter().any(|id| fits(patterns, id))
}
