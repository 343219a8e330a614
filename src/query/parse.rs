//! Query text to terms.

use std::ops::{Range, RangeInclusive};

use crate::model::id::id_range;

use super::term::{Choice, Name, Number, Pattern, Query, Term, Test};

/// A bad term, with where it stands and what is allowed there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{}", allowed_list(.allowed))]
pub struct QueryError {
    /// Byte range in the query text.
    pub span: Range<usize>,
    /// What is wrong, lower case, no final stop.
    pub reason: String,
    /// Words that would be allowed, for completion.
    pub allowed: Vec<&'static str>,
    /// Whether typing on could make it right: a filter bar then keeps the last good query and says nothing.
    pub is_unfinished: bool,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Choice(Choice),
    Number(Number),
    Name(Name),
    Id,
    /// Part of the language, but what it asks about is not read yet: an error, so that nothing is hidden by it.
    Later,
}

/// Every key of the language.
pub(super) const KEYS: &[(&str, Key)] = &[
    ("severity", Key::Choice(Choice::Severity)),
    ("sev", Key::Choice(Choice::Severity)),
    ("status", Key::Choice(Choice::Status)),
    ("is", Key::Choice(Choice::Is)),
    ("tool", Key::Name(Name::Tool)),
    ("rule", Key::Name(Name::Rule)),
    ("path", Key::Name(Name::Path)),
    ("cwe", Key::Number(Number::Cwe)),
    ("category", Key::Choice(Choice::Category)),
    ("package", Key::Name(Name::Package)),
    ("remedy", Key::Name(Name::Remedy)),
    ("id", Key::Id),
    ("line", Key::Number(Number::Line)),
    ("twins", Key::Number(Number::Twins)),
    ("age", Key::Number(Number::Age)),
    ("expires", Key::Number(Number::Expires)),
    ("due", Key::Number(Number::Due)),
    ("owner", Key::Name(Name::Owner)),
    ("level", Key::Choice(Choice::Level)),
    ("kind", Key::Choice(Choice::Kind)),
    ("baseline", Key::Choice(Choice::Baseline)),
    ("flag", Key::Choice(Choice::Flag)),
    ("reach", Key::Choice(Choice::Reach)),
    ("exposure", Key::Choice(Choice::Exposure)),
    ("lane", Key::Choice(Choice::Lane)),
    ("laneMax", Key::Choice(Choice::LaneMax)),
    ("score", Key::Number(Number::Score)),
    ("rung", Key::Choice(Choice::Rung)),
    ("ai", Key::Choice(Choice::Ai)),
    ("model", Key::Name(Name::Model)),
    ("service", Key::Name(Name::Service)),
    ("workload", Key::Name(Name::Workload)),
    ("image", Key::Name(Name::Image)),
    ("author", Key::Later),
    ("agent", Key::Later),
];

/// Longest first, so that `>=` is not read as `>` and `=…`.
const OPERATORS: &[(&str, Operator)] = &[
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    (">", Operator::Above),
    ("<", Operator::Below),
    ("=", Operator::Equal),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// Parses a query. Blank text matches everything.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    let mut terms = Vec::new();
    for span in split(text, 0..text.len(), char::is_whitespace) {
        if !span.is_empty() {
            terms.push(Source { text }.term(span)?);
        }
    }
    Ok(Query { text: text.to_owned(), terms })
}

/// The parts of `text[within]` between separators that stand outside quotes.
pub(super) fn split(text: &str, within: Range<usize>, separates: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = within.start;
    let mut is_quoted = false;
    for (at, c) in part(text, &within).char_indices().map(|(at, c)| (at + within.start, c)) {
        match c {
            '"' => is_quoted = !is_quoted,
            c if !is_quoted && separates(c) => {
                parts.push(start..at);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(start..within.end);
    parts
}

/// A byte range of the query; empty if it were not one.
pub(super) fn part<'t>(text: &'t str, span: &Range<usize>) -> &'t str {
    text.get(span.clone()).unwrap_or_default()
}

/// The key of a term and where its values start: `severity` of `severity:high`. `None` for a word.
pub(super) fn key_of(term: &str) -> Option<(&str, usize)> {
    let (key, rest) = term.split_once(':')?;
    let is_key = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    // `std::mem` is a word, not a key with an odd value.
    (is_key && !rest.starts_with(':')).then_some((key, key.len() + 1))
}

pub(super) fn key_named(name: &str) -> Option<Key> {
    KEYS.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, key)| *key)
}

/// How the text of a value becomes a pattern; whether it is quoted comes second.
type MakePattern = fn(&str, bool) -> Result<Pattern, globset::Error>;

/// One value of a term.
struct Value<'t> {
    span: Range<usize>,
    /// Without quotes.
    text: &'t str,
    is_quoted: bool,
}

struct Source<'t> {
    text: &'t str,
}

impl<'t> Source<'t> {
    fn term(&self, span: Range<usize>) -> Result<Term, QueryError> {
        let whole = part(self.text, &span);
        if whole.matches('"').count() % 2 == 1 {
            return Err(self.unfinished(span, "a quote is not closed", Vec::new()));
        }
        let is_negated = whole.starts_with('-');
        let body = span.start + usize::from(is_negated)..span.end;
        let bare = part(self.text, &body);
        if bare.is_empty() {
            return Err(self.unfinished(span, "a lone - negates nothing; quote it to search for it", Vec::new()));
        }
        let test = match key_of(bare) {
            Some((key, values)) => self.keyed(key, body.clone(), body.start + values..body.end)?,
            None => word(bare),
        };
        Ok(Term { span, is_negated, test })
    }

    fn keyed(&self, name: &str, term: Range<usize>, values: Range<usize>) -> Result<Test, QueryError> {
        let Some(key) = key_named(name) else {
            let span = term.start..term.start + name.len();
            let reason = format!("there is no key {name}; quote the term to search for it as text");
            return Err(error(span, reason, key_names()));
        };
        if key == Key::Later {
            let reason = format!("{name} is not built yet: what it asks about is not read");
            return Err(error(term.start..term.start + name.len(), reason, key_names()));
        }
        let values = self.values(values, key)?;
        match key {
            Key::Choice(choice) => self.choice(choice, &values),
            Key::Number(number) => self.number(number, &values),
            Key::Name(Name::Path) => Ok(Test::Name(Name::Path, patterns(&values, Pattern::of_path)?)),
            Key::Name(name) => Ok(Test::Name(name, patterns(&values, Pattern::of_name)?)),
            Key::Id | Key::Later => ids(&values),
        }
    }

    fn values(&self, span: Range<usize>, key: Key) -> Result<Vec<Value<'t>>, QueryError> {
        let mut values = Vec::new();
        for span in split(self.text, span, |c| c == ',') {
            let raw = part(self.text, &span);
            let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
            let text = inner.unwrap_or(raw);
            if text.is_empty() {
                return Err(self.unfinished(span, "a value is missing", words_of(key)));
            }
            values.push(Value { span, text, is_quoted: inner.is_some() });
        }
        Ok(values)
    }

    fn choice(&self, choice: Choice, values: &[Value<'_>]) -> Result<Test, QueryError> {
        let words = choice.words();
        let mut bits = 0;
        for value in values {
            let (operator, word) = operator(value.text);
            if operator != Operator::Equal && !choice.is_ordered() {
                let reason = format!("{} has no order to compare by", choice.name());
                return Err(error(value.span.clone(), reason, words));
            }
            let Some(at) = words.iter().position(|known| known.eq_ignore_ascii_case(word)) else {
                return Err(self.unknown_word(choice, value, word, words));
            };
            bits |=
                (0..words.len()).filter(|other| operator.holds(*other, at)).fold(0, |bits, other| bits | 1 << other);
        }
        Ok(Test::Choice(choice, bits))
    }

    fn unknown_word(&self, choice: Choice, value: &Value<'_>, word: &str, words: Vec<&'static str>) -> QueryError {
        let lower = word.to_ascii_lowercase();
        let reason = format!("{word} is no {}", choice.name());
        if words.iter().any(|known| known.to_ascii_lowercase().starts_with(&lower)) {
            return self.unfinished(value.span.clone(), &reason, words);
        }
        error(value.span.clone(), reason, words)
    }

    fn number(&self, number: Number, values: &[Value<'_>]) -> Result<Test, QueryError> {
        let mut ranges = Vec::new();
        for value in values {
            let (operator, text) = operator(value.text);
            if text.is_empty() {
                return Err(self.unfinished(value.span.clone(), "a number is missing", Vec::new()));
            }
            let Some(count) = count(number, text) else {
                let example = match number {
                    Number::Line | Number::Twins | Number::Score => "a number such as 12 or >1",
                    Number::Cwe => "a number such as 89 or CWE-89",
                    Number::Age | Number::Expires | Number::Due => {
                        "days, weeks, months or years such as >30d, 2w, 6m, 1y"
                    }
                };
                let reason = format!("{text} does not fit {}: it takes {example}", number.name());
                return Err(error(value.span.clone(), reason, Vec::new()));
            };
            ranges.push(operator.range(count));
        }
        Ok(Test::Number(number, ranges))
    }

    /// An error that more typing could mend, if the term is the one that is being typed.
    fn unfinished(&self, span: Range<usize>, reason: &str, allowed: Vec<&'static str>) -> QueryError {
        let is_unfinished = span.end == self.text.len();
        QueryError { is_unfinished, ..error(span, reason, allowed) }
    }
}

impl Operator {
    fn holds(self, value: usize, than: usize) -> bool {
        match self {
            Self::Equal => value == than,
            Self::Above => value > than,
            Self::AtLeast => value >= than,
            Self::Below => value < than,
            Self::AtMost => value <= than,
        }
    }

    fn range(self, count: i64) -> RangeInclusive<i64> {
        match self {
            Self::Equal => count..=count,
            Self::Above => count.saturating_add(1)..=i64::MAX,
            Self::AtLeast => count..=i64::MAX,
            Self::Below => i64::MIN..=count.saturating_sub(1),
            Self::AtMost => i64::MIN..=count,
        }
    }
}

fn operator(text: &str) -> (Operator, &str) {
    OPERATORS
        .iter()
        .find_map(|(sign, operator)| text.strip_prefix(sign).map(|rest| (*operator, rest)))
        .unwrap_or((Operator::Equal, text))
}

/// A count in the unit of its field. Months have 30 days, years 365.
fn count(number: Number, text: &str) -> Option<i64> {
    let text = text.to_ascii_lowercase();
    let (digits, unit) = match number {
        Number::Line | Number::Twins | Number::Score => (text.as_str(), 1),
        Number::Cwe => (text.strip_prefix("cwe-").unwrap_or(&text), 1),
        Number::Age | Number::Expires | Number::Due => [("d", 1), ("w", 7), ("m", 30), ("y", 365)]
            .iter()
            .find_map(|(suffix, days)| text.strip_suffix(suffix).map(|digits| (digits, *days)))
            .unwrap_or((&text, 1)),
    };
    digits.parse::<i64>().ok()?.checked_mul(unit)
}

fn word(text: &str) -> Test {
    if let Some((low, high)) = id_range(text) {
        return Test::Id(vec![low..=high], Vec::new());
    }
    let lower = text.replace('"', "").to_lowercase();
    if text.contains('"') { Test::Text(lower) } else { Test::Word(lower) }
}

fn ids(values: &[Value<'_>]) -> Result<Test, QueryError> {
    let ranges = values.iter().filter_map(|value| id_range(value.text)).map(|(low, high)| low..=high).collect();
    let advisories = values.iter().filter(|value| id_range(value.text).is_none());
    Ok(Test::Id(ranges, patterns(advisories, Pattern::of_name)?))
}

fn patterns<'v>(
    values: impl IntoIterator<Item = &'v Value<'v>>,
    make: MakePattern,
) -> Result<Vec<Pattern>, QueryError> {
    let pattern = |value: &Value<'_>| {
        make(value.text, value.is_quoted).map_err(|problem| {
            error(value.span.clone(), format!("{} is no pattern: {}", value.text, problem.kind()), Vec::new())
        })
    };
    values.into_iter().map(pattern).collect()
}

fn error(span: Range<usize>, reason: impl Into<String>, allowed: Vec<&'static str>) -> QueryError {
    QueryError { span, reason: reason.into(), allowed, is_unfinished: false }
}

fn key_names() -> Vec<&'static str> {
    KEYS.iter().filter(|(_, key)| *key != Key::Later).map(|(name, _)| *name).collect()
}

/// The words that a key takes, where they are a closed set.
pub(super) fn words_of(key: Key) -> Vec<&'static str> {
    match key {
        Key::Choice(choice) => choice.words(),
        Key::Number(_) | Key::Name(_) | Key::Id | Key::Later => Vec::new(),
    }
}

fn allowed_list(allowed: &[&str]) -> String {
    if allowed.is_empty() { String::new() } else { format!("; allowed: {}", allowed.join(", ")) }
}
