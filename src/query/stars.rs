//! Path patterns with no wildcard but `*` and `**`, which nearly all are. They mean what `globset` says they mean (a
//! test compares the two), and are told in a fraction of the time of its regular expressions: there may be a million
//! paths.

/// A pattern over paths in any case of ASCII letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stars {
    parts: Vec<Part>,
    /// How many of the parts stand behind the last `**`: they are the last of a path.
    last: usize,
}

/// What one part of a path, or some, can be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// `**`: any number of parts; at the end at least one.
    Any,
    /// The texts around each `*`.
    Name(Vec<String>),
}

impl Stars {
    /// `None` for a pattern with other wildcards, or with stars of which `globset` has an opinion of its own.
    pub(super) fn of(glob: &str) -> Option<Self> {
        let parts: Vec<&str> = glob.split('/').collect();
        let is_odd = glob.contains(['?', '[', ']', '{', '}', '\\']) || glob.contains("***");
        if is_odd || parts == ["**"] || parts == ["**", ""] || parts.windows(2).any(|pair| pair == ["**", "**"]) {
            return None;
        }
        let part = |text: &str| match text {
            "**" => Part::Any,
            text => Part::Name(text.split('*').map(str::to_owned).collect()),
        };
        let last = parts.iter().rev().take_while(|part| **part != "**").count();
        Some(Self { parts: parts.into_iter().map(part).collect(), last })
    }

    pub(super) fn fits(&self, path: &str) -> bool {
        let path = path.as_bytes();
        let (mut part, mut at) = (0, Some(0));
        // What to go on with when a part does not fit: behind the last `**`, which then takes one part more.
        let mut again: Option<(usize, usize)> = None;
        loop {
            match (self.parts.get(part), at) {
                (None, None) => return true,
                (Some(Part::Any), Some(_)) if part + 1 == self.parts.len() => return true,
                (Some(Part::Any), Some(start)) if part + 1 + self.last == self.parts.len() => {
                    let Some(behind) = start_of_last(path, self.last).filter(|behind| *behind >= start) else {
                        return false;
                    };
                    (part, at, again) = (part + 1, Some(behind), None);
                    continue;
                }
                (Some(Part::Any), Some(start)) => {
                    part += 1;
                    again = Some((part, start));
                    continue;
                }
                (Some(Part::Name(pieces)), Some(start)) => {
                    let next = next(path, start);
                    let end = next.map_or(path.len(), |next| next - 1);
                    if name_fits(pieces, path.get(start..end).unwrap_or_default()) {
                        (part, at) = (part + 1, next);
                        continue;
                    }
                }
                (None, Some(_)) | (Some(_), None) => {}
            }
            let Some((behind, start)) = again.and_then(|(behind, start)| Some((behind, next(path, start)?))) else {
                return false;
            };
            again = Some((behind, start));
            (part, at) = (behind, Some(start));
        }
    }
}

/// Where the last parts of a path start, so many; `None` where it has not as many.
fn start_of_last(path: &[u8], count: usize) -> Option<usize> {
    let mut starts = memchr::memrchr_iter(b'/', path).map(|slash| slash + 1).chain([0]);
    starts.nth(count.checked_sub(1)?)
}

/// Where the part behind the one that starts here starts.
fn next(path: &[u8], start: usize) -> Option<usize> {
    memchr::memchr(b'/', path.get(start..)?).map(|end| start + end + 1)
}

fn name_fits(pieces: &[String], name: &[u8]) -> bool {
    let [first, middle @ .., last] = pieces else {
        return pieces.first().is_some_and(|piece| name.eq_ignore_ascii_case(piece.as_bytes()));
    };
    let Some((head, mut rest)) = name.split_at_checked(first.len()) else { return false };
    if !head.eq_ignore_ascii_case(first.as_bytes()) {
        return false;
    }
    for piece in middle.iter().map(String::as_bytes).filter(|piece| !piece.is_empty()) {
        let Some(found) = rest.windows(piece.len()).position(|part| part.eq_ignore_ascii_case(piece)) else {
            return false;
        };
        rest = rest.get(found + piece.len()..).unwrap_or_default();
    }
    let tail = rest.len().checked_sub(last.len()).and_then(|start| rest.get(start..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(last.as_bytes()))
}
