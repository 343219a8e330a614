//! Lines of Python that run when their file is loaded, although what they define or import may never be used:
//! `def`, `class`, `import` and decorators. The source file tells which they are.

use std::collections::HashMap;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// Nothing special.
    No,
    /// Part of the head of a function whose `def` stands on this line.
    Function(u32),
    /// A class, an import, the decorator of a class, a whole function on one line.
    Other,
    /// It may be one: a `lambda`, or the source cannot be read.
    Unknown,
}

/// The heads of one file.
pub(super) enum Heads {
    /// Its language has none.
    None,
    Unknown,
    Of(HashMap<u32, Head>),
}

impl Heads {
    /// The heads of a file; `source` is asked for only if it may have some.
    pub(super) fn of(path: &str, source: impl FnOnce() -> Option<Vec<u8>>) -> Self {
        let is_python = path.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "py" | "pyi" | "pyw"));
        if !is_python {
            return Self::None;
        }
        source().map_or(Self::Unknown, |source| Self::Of(in_python(&String::from_utf8_lossy(&source))))
    }

    pub(super) fn of_line(&self, line: u32) -> Head {
        match self {
            Self::None => Head::No,
            Self::Unknown => Head::Unknown,
            Self::Of(heads) => heads.get(&line).copied().unwrap_or(Head::No),
        }
    }
}

/// Only lines that a run measures are asked for, so that what looks like a head inside a long text does no harm.
fn in_python(source: &str) -> HashMap<u32, Head> {
    let mut heads = HashMap::new();
    let mut decorators = Vec::new();
    for (number, line) in (1..).zip(source.lines()) {
        let mut words = line.split([' ', '\t', '(', ':']).filter(|word| !word.is_empty());
        let head = match (words.next().unwrap_or_default(), words.next()) {
            ("def", _) | ("async", Some("def")) if is_whole(line) => Head::Other,
            ("def", _) | ("async", Some("def")) => Head::Function(number),
            ("class", _) => Head::Other,
            ("import" | "from", _) => {
                heads.insert(number, Head::Other);
                continue;
            }
            (word, _) if word.starts_with('@') => {
                decorators.push(number);
                continue;
            }
            _ => {
                if line.contains("lambda") {
                    heads.insert(number, Head::Unknown);
                }
                continue;
            }
        };
        heads.insert(number, head);
        heads.extend(decorators.drain(..).map(|decorator| (decorator, head)));
    }
    heads
}

/// Whether a function that starts on a line ends on it too: its body counts as executed together with its head.
fn is_whole(line: &str) -> bool {
    let code = line.split('#').next().unwrap_or_default().trim_end();
    !code.ends_with([':', '\\']) && code.matches('(').count() == code.matches(')').count()
}
