//! Another version in the text that asks for a package, in the style of that text: `^4.17.0` becomes `^4.17.21`. Text
//! that does not name one version to be raised is left to a person.

use std::ops::Range;

use super::ecosystem::Ecosystem;
use super::version::Version;

/// Who reads the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Npm,
    Cargo,
    /// PEP 440 specifiers.
    Python,
    /// Poetry's own: carets and tildes beside those of PEP 440.
    Poetry,
    Go,
    Maven,
    /// Inside quotes of this kind, several side by side.
    Gem(char),
}

/// What raises a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raised {
    /// It asks for this version or a later one already.
    Already,
    /// These bytes of the text are replaced.
    Edit(Range<usize>, String),
}

/// Signs before a version, longer ones first.
const SIGNS: &[&str] = &["===", "==", "~=", "~>", "!=", "<=", ">=", "^", "~", "=", "<", ">"];

/// One sign with one version.
struct Comparator<'t> {
    sign: &'t str,
    version: &'t str,
    /// Bytes of the version in the text.
    span: Range<usize>,
}

impl Style {
    pub(super) fn ecosystem(self) -> Ecosystem {
        match self {
            Self::Npm => Ecosystem::Npm,
            Self::Cargo => Ecosystem::Cargo,
            Self::Python | Self::Poetry => Ecosystem::PyPi,
            Self::Go => Ecosystem::Go,
            Self::Maven => Ecosystem::Maven,
            Self::Gem(_) => Ecosystem::Gem,
        }
    }

    /// Signs of the lower bound, which is what is raised; `""` is a version alone.
    fn floors(self) -> &'static [&'static str] {
        match self {
            Self::Npm | Self::Cargo => &["", "=", "^", "~", ">="],
            Self::Python => &["==", "===", "~=", ">="],
            Self::Poetry => &["", "=", "==", "~=", "^", "~", ">="],
            Self::Go | Self::Maven => &[""],
            Self::Gem(_) => &["", "=", "~>", ">="],
        }
    }

    /// How many numbers a version needs behind a sign for it to mean the same with more of them.
    fn least(self, sign: &str) -> usize {
        match (self, sign) {
            (Self::Npm, "" | "=") | (Self::Cargo, "=") => 3,
            (Self::Npm | Self::Cargo | Self::Poetry, "~") => 2,
            _ => 1,
        }
    }
}

/// Raises a text to a version. The error says what kind of text it is.
pub fn raised(style: Style, text: &str, target: &Version) -> Result<Raised, String> {
    let odd = || "it is asked for without a version of its own".to_owned();
    let comparators = comparators(style, text).ok_or_else(odd)?;
    let mut floors = comparators.iter().filter(|one| style.floors().contains(&one.sign));
    let (Some(floor), None) = (floors.next(), floors.next()) else { return Err(odd()) };
    let version = |one: &Comparator<'_>| Version::parse(style.ecosystem(), one.version);
    let old = version(floor).ok_or_else(odd)?;
    if floor.version.split('.').count() < style.least(floor.sign) || (floor.sign == "^" && floor.version == "0") {
        return Err(odd());
    }
    for bound in comparators.iter().filter(|one| !std::ptr::eq(*one, floor)) {
        let other = version(bound).ok_or_else(odd)?;
        let is_admitted = match bound.sign {
            "<" => *target < other,
            "<=" => *target <= other,
            ">" => *target > other,
            "!=" => *target != other,
            _ => return Err(odd()),
        };
        if !is_admitted {
            return Err(format!(
                "what is asked for with it, {} {}, does not admit {}",
                bound.sign, bound.version, target.text
            ));
        }
    }
    Ok(if old >= *target { Raised::Already } else { written(style, floor, &old, target) })
}

/// The parts of a text, each a sign and a version; `None` where one is something else.
fn comparators(style: Style, text: &str) -> Option<Vec<Comparator<'_>>> {
    let separator = if style == Style::Npm { ' ' } else { ',' };
    let mut found: Vec<Comparator<'_>> = Vec::new();
    let mut start = 0;
    for part in text.split(separator) {
        let at = start;
        start += part.len() + separator.len_utf8();
        let bare = part.trim_start();
        let sign = SIGNS.iter().find(|sign| bare.starts_with(**sign)).copied().unwrap_or_default();
        let version = bare.strip_prefix(sign)?.trim();
        if part.trim().is_empty() && style == Style::Npm {
            continue;
        }
        let from = at + part.len() - bare.strip_prefix(sign)?.trim_start().len();
        // `>= 1.2` of npm was cut at its blank.
        if version.is_empty() && style == Style::Npm {
            found.push(Comparator { sign, version, span: from..from });
            continue;
        }
        let waiting = found.last_mut().filter(|last| last.version.is_empty() && sign.is_empty());
        let span = from..from + version.len();
        match waiting {
            Some(last) => (last.version, last.span) = (version, span),
            None => found.push(Comparator { sign, version, span }),
        }
    }
    found.iter().all(|one| !one.version.is_empty()).then_some(found)
}

fn written(style: Style, floor: &Comparator<'_>, old: &Version, target: &Version) -> Raised {
    let bare = target.text.trim_start_matches('v');
    let has_v = floor.version.starts_with('v') || style == Style::Go;
    // A module of go without a `/v2` in its path says so behind its version.
    let incompatible = "+incompatible";
    let tail = if floor.version.ends_with(incompatible) && !bare.ends_with(incompatible) { incompatible } else { "" };
    if matches!(floor.sign, "~=" | "~>") {
        return compatible(style, floor, old, bare);
    }
    Raised::Edit(floor.span.clone(), format!("{}{bare}{tail}", if has_v { "v" } else { "" }))
}

/// `~= 3.2` holds the last number but one: with more numbers it would hold another. So a lower bound is put beside it.
fn compatible(style: Style, floor: &Comparator<'_>, old: &Version, target: &str) -> Raised {
    let held = floor.version.split('.').count();
    let numbers: Vec<&str> = target.split('.').collect();
    if numbers.len() <= held {
        let zeros = ".0".repeat(held - numbers.len());
        return Raised::Edit(floor.span.clone(), format!("{target}{zeros}"));
    }
    let is_held = Version::parse(style.ecosystem(), target).is_some_and(|new| new.kinship(old) + 1 >= held);
    let cut = numbers.get(..held).unwrap_or_default().join(".");
    let base = if is_held { floor.version } else { &cut };
    let beside = match style {
        Style::Gem(quote) => format!("{quote}, {quote}>= {target}"),
        _ => format!(",>={target}"),
    };
    Raised::Edit(floor.span.clone(), format!("{base}{beside}"))
}
