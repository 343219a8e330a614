//! What a query says, once it is parsed: terms joined by AND, each with alternatives joined by OR.

use std::ops::{Range, RangeInclusive};

use globset::{GlobBuilder, GlobMatcher};

use crate::model::ai::Says;
use crate::model::backlog::{FindingIdx, Record};
use crate::model::board::Board;
use crate::model::decision::{Flag, Status};
use crate::model::evidence::Rung;
use crate::model::exposure::Exposure;
use crate::model::grade::{Baseline, Category, Kind, Level, Severity, vocabulary};
use crate::model::home::Part;
use crate::model::id::FindingId;
use crate::model::reach::{Held, Lane, Note, Reach};

use super::stars::Stars;

/// A parsed query: terms joined by AND.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    pub text: String,
    pub terms: Vec<Term>,
}

/// One condition on a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Byte range in the query text.
    pub span: Range<usize>,
    pub is_negated: bool,
    pub test: Test,
}

/// What a term asks. A finding passes when any of its results does.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// A value out of a closed set; bit `n` stands for the `n`-th word of the field.
    Choice(Choice, u16),
    Number(Number, Vec<RangeInclusive<i64>>),
    Name(Name, Vec<Pattern>),
    /// Ids as written or begun, each as the range it can mean, and advisory ids.
    Id(Vec<RangeInclusive<FindingId>>, Vec<Pattern>),
    /// A bare word in lower case: fuzzy over rule and path, plain over the message.
    Word(String),
    /// Quoted text in lower case: plain over rule, path and message.
    Text(String),
}

vocabulary! {
    /// Fields whose values are a closed set of words.
    Choice {
        Severity = "severity", Level = "level", Kind = "kind", Status = "status", Baseline = "baseline",
        Category = "category", Flag = "flag", Is = "is", Reach = "reach", Exposure = "exposure", Lane = "lane",
        Rung = "rung",
        /// The lane with what is not known taken for the best, as `laneMax` of the JSON.
        LaneMax = "laneMax",
        /// What a model says of it.
        Ai = "ai",
    }
}

vocabulary! {
    /// Fields that are counted. Days for `age`, `due` and `expires`.
    Number {
        Line = "line", Twins = "twins", Cwe = "cwe", Age = "age", Expires = "expires", Score = "score", Due = "due",
    }
}

vocabulary! {
    /// Fields with names, matched by globs in any case.
    Name {
        Tool = "tool", Rule = "rule", Path = "path", Package = "package", Remedy = "remedy", Owner = "owner",
        Service = "service", Workload = "workload", Image = "image",
        /// Who says so.
        Model = "model",
    }
}

vocabulary! {
    /// The words of `is:`.
    Is {
        Open = "open", Fixable = "fixable", New = "new", Stale = "stale", Suppressed = "suppressed",
        Secret = "secret", Decided = "decided", Expired = "expired", Kev = "kev", TestOnly = "test-only",
        Outdated = "outdated", Conflict = "conflict", Overdue = "overdue", CameBack = "came-back",
        /// A model proposes a decision, and nobody has answered.
        AiProposed = "ai-proposed",
        /// What a model says of it was made on other code.
        AiStale = "ai-stale",
    }
}

/// Words for a no on each rung.
const DENIED: [&str; Rung::ALL.len()] = [
    "not-present",
    "not-imported",
    "not-called",
    "not-loaded",
    "not-executed",
    "not-controllable",
    "not-exposed",
    "not-exploited",
];

/// A name, or a glob over names.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub text: String,
    matcher: Matcher,
}

#[derive(Clone, Debug)]
enum Matcher {
    /// The name itself.
    Exact,
    /// A folder with its `/`, and whether its own name counts too.
    Under(String, bool),
    /// A file or folder at any depth, by its whole name.
    Named,
    Stars(Stars),
    Glob(GlobMatcher),
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact, Self::Exact) | (Self::Named, Self::Named) => true,
            (Self::Under(one, own), Self::Under(two, also)) => one == two && own == also,
            (Self::Stars(one), Self::Stars(two)) => one == two,
            (Self::Glob(one), Self::Glob(two)) => one.glob() == two.glob(),
            (Self::Exact | Self::Under(..) | Self::Named | Self::Stars(_) | Self::Glob(_), _) => false,
        }
    }
}

impl Pattern {
    /// A pattern over names as it was typed. Quoted text has no wildcards.
    pub(super) fn of_name(text: &str, is_quoted: bool) -> Result<Self, globset::Error> {
        let matcher = if is_quoted || !has_wildcard(text) { Matcher::Exact } else { glob(text, false)? };
        Ok(Self { text: text.to_owned(), matcher })
    }

    /// A pattern over paths: `*` stops at `/`; one without `/` is a name at any depth; one without wildcards
    /// also stands for everything under it.
    pub(super) fn of_path(text: &str, is_quoted: bool) -> Result<Self, globset::Error> {
        let path = text.trim_start_matches("./");
        let below = path.strip_suffix("/**").filter(|_| !is_quoted);
        let folder = below.unwrap_or_else(|| path.trim_end_matches('/'));
        let matcher = if (is_quoted || !has_wildcard(folder)) && path.contains('/') {
            Matcher::Under(format!("{folder}/"), below.is_none())
        } else if is_quoted || !has_wildcard(path) {
            return Ok(Self { text: path.to_owned(), matcher: Matcher::Named });
        } else if path.contains('/') {
            path_glob(path)?
        } else {
            path_glob(&format!("**/{path}"))?
        };
        Ok(Self { text: text.to_owned(), matcher })
    }

    pub(super) fn fits(&self, name: &str) -> bool {
        match &self.matcher {
            Matcher::Exact => name.eq_ignore_ascii_case(&self.text),
            Matcher::Under(folder, own) => is_under(name, folder, *own),
            Matcher::Named => name.split('/').any(|part| part.eq_ignore_ascii_case(&self.text)),
            Matcher::Stars(stars) => stars.fits(name),
            Matcher::Glob(glob) => glob.is_match(name),
        }
    }
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

fn path_glob(text: &str) -> Result<Matcher, globset::Error> {
    Stars::of(text).map_or_else(|| glob(text, true), |stars| Ok(Matcher::Stars(stars)))
}

fn glob(text: &str, is_path: bool) -> Result<Matcher, globset::Error> {
    let glob =
        GlobBuilder::new(text).case_insensitive(true).literal_separator(is_path).empty_alternates(true).build()?;
    Ok(Matcher::Glob(glob.compile_matcher()))
}

/// Whether a path lies in a folder, which ends in `/`; with `own` also whether it is that path.
fn is_under(path: &str, folder: &str, own: bool) -> bool {
    let same = |part: Option<&[u8]>, whole: &str| part.is_some_and(|part| part.eq_ignore_ascii_case(whole.as_bytes()));
    let path = path.as_bytes();
    same(path.get(..folder.len()), folder) || (own && same(Some(path), folder.trim_end_matches('/')))
}

impl Choice {
    /// The words that this field takes, in the order of their bits.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::Severity => Severity::ALL.iter().map(|value| value.name()).collect(),
            Self::Level => Level::ALL.iter().map(|value| value.name()).collect(),
            Self::Kind => Kind::ALL.iter().map(|value| value.name()).collect(),
            Self::Status => Status::ALL.iter().map(|value| value.name()).collect(),
            Self::Baseline => Baseline::ALL.iter().map(|value| value.name()).collect(),
            Self::Category => Category::ALL.iter().map(|value| value.name()).collect(),
            Self::Flag => Flag::ALL.iter().map(|value| value.name()).collect(),
            Self::Is => Is::ALL.iter().map(|value| value.name()).collect(),
            Self::Reach => Reach::ALL.iter().map(|value| value.name()).collect(),
            Self::Exposure => Exposure::ALL.iter().map(|value| value.name()).collect(),
            Self::Lane | Self::LaneMax => Lane::ALL.iter().map(|value| value.name()).collect(),
            Self::Rung => Rung::ALL.iter().map(|value| value.name()).chain(DENIED.iter().copied()).collect(),
            Self::Ai => Says::ALL.iter().map(|value| value.name()).collect(),
        }
    }

    /// Whether `>=` and the like mean something.
    pub fn is_ordered(self) -> bool {
        matches!(self, Self::Severity | Self::Level)
    }

    /// Whether one of some words, given as bits, is true of a finding.
    pub(super) fn has_any(self, wanted: u16, board: &Board, finding: FindingIdx) -> bool {
        let backlog = &board.backlog;
        let records = || backlog.members(finding).iter().map(|&result| backlog.record(result));
        let bits = match self {
            Self::Severity => 1 << backlog.finding(finding).severity as u16,
            Self::Level => records().fold(0, |bits, record| bits | 1 << record.level() as u16),
            Self::Kind => records().fold(0, |bits, record| bits | 1 << record.kind() as u16),
            Self::Baseline => records().fold(0, |bits, record| bits | 1 << record.baseline() as u16),
            Self::Category => records().fold(0, |bits, record| bits | 1 << record.category() as u16),
            Self::Status => 1 << board.status(finding) as u16,
            Self::Flag => board.flags(finding).iter().fold(0, |bits, flag| bits | 1 << flag as u16),
            Self::Reach => board.judged(finding).map_or(0, |judged| 1 << judged.reach as u16),
            Self::Exposure => board.judged(finding).map_or(0, |judged| 1 << judged.exposure as u16),
            Self::Lane => board.judged(finding).map_or(0, |judged| 1 << judged.lane as u16),
            Self::LaneMax => board.judged(finding).map_or(0, |judged| 1 << judged.lane_max as u16),
            Self::Rung => board.judged(finding).map_or(0, |judged| {
                Rung::ALL.iter().fold(0, |bits, rung| {
                    let (yes, no) = (1 << *rung as u16, 1 << (*rung as usize + Rung::ALL.len()));
                    match judged.rungs.get(*rung) {
                        Held::Nothing => bits,
                        Held::Yes => bits | yes,
                        Held::No => bits | no,
                        Held::Both => bits | yes | no,
                    }
                })
            }),
            Self::Ai => board.verdicts(finding).iter().fold(0, |bits, verdict| bits | 1 << verdict.says as u16),
            Self::Is => {
                let mut asked = Is::ALL.iter().filter(|word| wanted & word.bit() != 0);
                return asked.any(|word| word.is_true(board, finding));
            }
        };
        bits & wanted != 0
    }
}

impl Name {
    /// What of a deployment it names.
    pub(super) fn part(self) -> Option<Part> {
        match self {
            Self::Service => Some(Part::Service),
            Self::Workload => Some(Part::Workload),
            Self::Image => Some(Part::Image),
            Self::Tool | Self::Rule | Self::Path | Self::Package | Self::Remedy | Self::Owner | Self::Model => None,
        }
    }
}

impl Is {
    pub(super) fn bit(self) -> u16 {
        1 << self as u16
    }

    fn is_true(self, board: &Board, finding: FindingIdx) -> bool {
        let backlog = &board.backlog;
        let mut records = backlog.members(finding).iter().map(|&result| backlog.record(result));
        match self {
            Self::Open => board.is_open(finding),
            Self::Fixable => board.fixes(finding) > 0,
            Self::New => board.is_new(finding),
            Self::CameBack => board.came_back(finding),
            Self::Overdue => board.is_overdue(finding),
            // One result that is not keeps the finding alive.
            Self::Suppressed => records.all(Record::is_suppressed),
            Self::Secret => records.any(|record| record.category() == Category::Secret),
            Self::Stale => board.standing(finding).flags.has(Flag::Stale),
            Self::Expired => board.standing(finding).flags.has(Flag::Expired),
            Self::Kev => board.judged(finding).is_some_and(|judged| judged.has(Note::Kev)),
            Self::TestOnly => board.judged(finding).is_some_and(|judged| judged.reach == Reach::TestOnly),
            Self::Outdated => board.judged(finding).is_some_and(|judged| judged.has(Note::Stale)),
            Self::Conflict => board.judged(finding).is_some_and(|judged| judged.has(Note::Conflict)),
            Self::AiProposed => board.is_proposed(finding),
            Self::AiStale => board.ai_stale.has(finding),
            Self::Decided => board.status(finding) != Status::Open,
        }
    }
}

impl Query {
    /// Whether the query asks about the remedies of the board, which are there only once somebody asked for them.
    pub fn reads_remedies(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.test, Test::Name(Name::Remedy, _)))
    }

    /// Whether the query itself says which statuses it wants, so that a list must not leave out what is decided:
    /// it names a status, a kind, an id, decided or suppressed findings, or those absent from the report.
    pub fn names_status(&self) -> bool {
        self.terms.iter().any(|term| match &term.test {
            Test::Choice(Choice::Status | Choice::Kind, _) | Test::Id(..) => true,
            Test::Choice(Choice::Is, bits) => bits & (Is::Decided.bit() | Is::Suppressed.bit()) != 0,
            Test::Choice(Choice::Baseline, bits) => bits & (1 << Baseline::Absent as u16) != 0,
            Test::Choice(..) | Test::Number(..) | Test::Name(..) | Test::Word(_) | Test::Text(_) => false,
        })
    }
}
