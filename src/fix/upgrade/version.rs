//! Versions in the order of their ecosystem. Text that is no version there has no place in it.
//!
//! npm, cargo and go follow Semantic Versioning 2.0.0 (go with a `v` before it), Python PEP 440, Maven the version
//! order of its POM reference, Ruby `Gem::Version`.

use std::cmp::Ordering;

use super::ecosystem::{Ecosystem, is_version};

/// A version of one ecosystem, as it was written.
#[derive(Clone, Debug)]
pub struct Version {
    pub text: String,
    key: Key,
}

#[derive(Clone, Debug)]
enum Key {
    Semantic(semver::Version),
    Python(Python),
    Maven(Vec<Token>),
    Ruby(Vec<Segment>),
}

impl Version {
    pub fn parse(ecosystem: Ecosystem, text: &str) -> Option<Self> {
        let text = text.trim();
        if !is_version(text) {
            return None;
        }
        let key = match ecosystem {
            Ecosystem::Npm | Ecosystem::Cargo | Ecosystem::Go => Key::Semantic(semantic(text)?),
            Ecosystem::PyPi => Key::Python(Python::parse(text)?),
            Ecosystem::Maven => Key::Maven(maven(text)),
            Ecosystem::Gem => Key::Ruby(ruby(text)),
        };
        Some(Self { text: text.to_owned(), key })
    }

    /// Whether it comes before a release: nobody gets it without asking for it.
    pub fn is_early(&self) -> bool {
        match &self.key {
            Key::Semantic(version) => !version.pre.is_empty(),
            Key::Python(version) => version.is_early(),
            Key::Maven(tokens) => {
                tokens.iter().any(|token| token.word().is_some_and(|word| rank(word) < rank("") || word == "pre"))
            }
            Key::Ruby(segments) => segments.iter().any(|segment| matches!(segment, Segment::Word(_))),
        }
    }

    /// The numbers that it begins with.
    pub fn release(&self) -> Vec<u64> {
        match &self.key {
            Key::Semantic(version) => vec![version.major, version.minor, version.patch],
            Key::Python(version) => version.release.clone(),
            Key::Maven(tokens) => tokens.iter().map_while(Token::number).collect(),
            Key::Ruby(segments) => segments.iter().map_while(Segment::number).collect(),
        }
    }

    /// Which build of a version it is, as `jre` and `android` are two of one (Maven); empty for the only one.
    pub fn variant(&self) -> &str {
        let Key::Maven(tokens) = &self.key else { return "" };
        tokens.iter().filter_map(Token::word).find(|word| rank(word) == OTHER && *word != "pre").unwrap_or_default()
    }

    /// How many of the numbers that two versions begin with are the same: the more, the nearer are their lines of
    /// releases.
    pub fn kinship(&self, other: &Self) -> usize {
        let number = |release: &[u64], at: usize| release.get(at).copied().unwrap_or(0);
        let (one, two) = (self.release(), other.release());
        (0..one.len().max(two.len())).take_while(|&at| number(&one, at) == number(&two, at)).count()
    }

    /// Whether who uses `before` may have to change something for this one, by the promise that versions make: the
    /// first number that is not 0 stands for it (Semantic Versioning), else the first number.
    pub fn may_break(&self, before: &Self) -> bool {
        let (new, old) = (self.release(), before.release());
        let same = |at: usize| new.get(at).copied().unwrap_or(0) == old.get(at).copied().unwrap_or(0);
        let is_semantic = matches!(self.key, Key::Semantic(_));
        let first = old.iter().position(|number| *number > 0).unwrap_or(0);
        let last = if is_semantic { first } else { 0 };
        !(0..=last).all(same)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    /// Versions of two ecosystems are as good as equal: nobody compares them.
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.key, &other.key) {
            (Key::Semantic(one), Key::Semantic(two)) => one.cmp_precedence(two),
            (Key::Python(one), Key::Python(two)) => one.key().cmp(&two.key()),
            (Key::Maven(one), Key::Maven(two)) => compare_maven(one, two),
            (Key::Ruby(one), Key::Ruby(two)) => compare_ruby(one, two),
            (Key::Semantic(_) | Key::Python(_) | Key::Maven(_) | Key::Ruby(_), _) => Ordering::Equal,
        }
    }
}

/// Short forms such as `1.2` are filled up with zeros.
fn semantic(text: &str) -> Option<semver::Version> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let zeros = match numbers.split('.').count() {
        1 => ".0.0",
        2 => ".0",
        _ => "",
    };
    semver::Version::parse(&format!("{numbers}{zeros}{rest}")).ok()
}

/// A version of PEP 440 without its local part, which only says who built it.
#[derive(Clone, Debug)]
struct Python {
    epoch: u64,
    release: Vec<u64>,
    /// 0 alpha, 1 beta, 2 release candidate, with its number.
    pre: Option<(u8, u64)>,
    post: Option<u64>,
    dev: Option<u64>,
}

impl Python {
    fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let public = lower.split('+').next()?;
        let public = public.strip_prefix('v').unwrap_or(public);
        let (epoch, rest) = match public.split_once('!') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, public),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (numbers, mut rest) = rest.split_at(end);
        let numbers = numbers.strip_suffix('.').unwrap_or(numbers);
        let release = numbers.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u64>>>()?;
        let mut version = Self { epoch, release, pre: None, post: None, dev: None };
        while !rest.is_empty() {
            rest = version.take_suffix(rest)?;
        }
        Some(version)
    }

    /// One of `a1`, `.post2`, `-3`, `.dev4`, and what follows it.
    fn take_suffix<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let is_dash = text.starts_with('-');
        let text = text.trim_start_matches(['.', '-', '_']);
        let (word, rest) = text.split_at(text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len()));
        let rest = if word.is_empty() { rest } else { rest.trim_start_matches(['.', '-', '_']) };
        let (digits, rest) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
        let number = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        match word {
            "a" | "alpha" => self.pre = Some((0, number)),
            "b" | "beta" => self.pre = Some((1, number)),
            "c" | "rc" | "pre" | "preview" => self.pre = Some((2, number)),
            "post" | "rev" | "r" => self.post = Some(number),
            "dev" => self.dev = Some(number),
            "" if is_dash && !digits.is_empty() => self.post = Some(number),
            _ => return None,
        }
        Some(rest)
    }

    fn is_early(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    /// What is compared, one after the other: a version in development comes before all else of its release.
    fn key(&self) -> impl Ord + use<> {
        let zeros = self.release.iter().rev().take_while(|number| **number == 0).count();
        let release = self.release.iter().copied().take(self.release.len() - zeros).collect::<Vec<u64>>();
        let pre = match (self.pre, self.post, self.dev) {
            (Some((kind, number)), ..) => (i16::from(kind), number),
            (None, None, Some(_)) => (-1, 0),
            (None, ..) => (3, 0),
        };
        (self.epoch, release, pre, self.post.map_or(-1, i128::from), self.dev.map_or(i128::MAX, i128::from))
    }
}

/// A part of a Maven version with the sign before it: `.` or, also where digits and letters meet, `-`.
#[derive(Clone, Debug)]
struct Token {
    is_dot: bool,
    value: Result<u64, String>,
}

impl Token {
    fn number(&self) -> Option<u64> {
        self.value.as_ref().ok().copied()
    }

    fn word(&self) -> Option<&str> {
        self.value.as_ref().err().map(String::as_str)
    }

    fn is_null(&self) -> bool {
        match &self.value {
            Ok(number) => *number == 0,
            Err(word) => rank(word) == rank(""),
        }
    }

    /// What kinds of tokens come before others, then the token itself.
    fn key(&self) -> (u8, u64, u8, &str) {
        match &self.value {
            Err(word) => (0, 0, rank(word), if rank(word) == OTHER { word } else { "" }),
            Ok(number) => (if self.is_dot { 2 } else { 1 }, *number, 0, ""),
        }
    }
}

/// The rank of words that mean nothing to Maven.
const OTHER: u8 = 7;

fn rank(word: &str) -> u8 {
    match word {
        "alpha" => 0,
        "beta" => 1,
        "milestone" => 2,
        "rc" | "cr" => 3,
        "snapshot" => 4,
        "" | "final" | "ga" | "release" => 5,
        "sp" => 6,
        _ => OTHER,
    }
}

fn maven(text: &str) -> Vec<Token> {
    let lower = text.strip_prefix('v').unwrap_or(text).to_ascii_lowercase();
    let mut tokens: Vec<Token> = Vec::new();
    for (is_dot, word, is_before_digit) in parts(&lower) {
        let short = match word {
            "a" if is_before_digit => "alpha",
            "b" if is_before_digit => "beta",
            "m" if is_before_digit => "milestone",
            "" => "0",
            word => word,
        };
        tokens.push(Token { is_dot, value: short.parse().map_err(|_| short.to_owned()) });
    }
    trimmed(tokens)
}

/// The parts between dots, hyphens and the borders of digits and letters, each with whether a dot is before it and
/// whether a digit follows at once.
fn parts(text: &str) -> Vec<(bool, &str, bool)> {
    let mut parts = Vec::new();
    let (mut start, mut is_dot) = (0, true);
    let mut last = None;
    for (at, c) in text.char_indices() {
        let is_border = last.is_some_and(|last: char| {
            last.is_ascii_digit() != c.is_ascii_digit() && !matches!(c, '.' | '-') && !matches!(last, '.' | '-')
        });
        if is_border {
            parts.push((is_dot, text.get(start..at).unwrap_or_default(), c.is_ascii_digit()));
            (start, is_dot) = (at, false);
        }
        if matches!(c, '.' | '-') {
            parts.push((is_dot, text.get(start..at).unwrap_or_default(), false));
            (start, is_dot) = (at + 1, c == '.');
        }
        last = Some(c);
    }
    parts.push((is_dot, text.get(start..).unwrap_or_default(), false));
    parts
}

/// Without what means nothing at the end, and before each hyphen.
fn trimmed(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::new();
    for token in tokens {
        if !token.is_dot {
            drop_nulls(&mut kept);
        }
        kept.push(token);
    }
    drop_nulls(&mut kept);
    kept
}

fn drop_nulls(tokens: &mut Vec<Token>) {
    while tokens.len() > 1 && tokens.last().is_some_and(Token::is_null) {
        tokens.pop();
    }
}

fn compare_maven(one: &[Token], two: &[Token]) -> Ordering {
    // The shorter is filled up with what means nothing there.
    let fill = |other: &Token| Token { value: if other.is_dot { Ok(0) } else { Err(String::new()) }, ..other.clone() };
    for at in 0..one.len().max(two.len()) {
        let order = match (one.get(at), two.get(at)) {
            (Some(one), Some(two)) => one.key().cmp(&two.key()),
            (Some(one), None) => one.key().cmp(&fill(one).key()),
            (None, Some(two)) => fill(two).key().cmp(&two.key()),
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// A part of a version of a gem. A word makes it an early one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Word(String),
    Number(u64),
}

impl Segment {
    fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Word(_) => None,
        }
    }
}

fn ruby(text: &str) -> Vec<Segment> {
    let text = text.strip_prefix('v').unwrap_or(text).replace('-', ".pre.");
    let words = parts(&text).into_iter().map(|(_, word, _)| word).filter(|word| !word.is_empty());
    let mut kept: Vec<Segment> = Vec::new();
    for word in words {
        let segment = word.parse().map_or_else(|_| Segment::Word(word.to_owned()), Segment::Number);
        // Zeros mean nothing at the end, and before the first word.
        if matches!(segment, Segment::Word(_)) && kept.iter().all(|one| one.number().is_some()) {
            drop_zeros(&mut kept);
        }
        kept.push(segment);
    }
    drop_zeros(&mut kept);
    kept
}

fn drop_zeros(segments: &mut Vec<Segment>) {
    while segments.len() > 1 && segments.last().is_some_and(|last| last.number() == Some(0)) {
        segments.pop();
    }
}

fn compare_ruby(one: &[Segment], two: &[Segment]) -> Ordering {
    let zero = Segment::Number(0);
    let pairs = (0..one.len().max(two.len())).map(|at| (one.get(at).unwrap_or(&zero), two.get(at).unwrap_or(&zero)));
    pairs.map(|(one, two)| one.cmp(two)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
