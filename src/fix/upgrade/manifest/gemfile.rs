//! `Gemfile`: lines `gem "name", "~> 1.2"`. It is a program; only its plainest lines are understood.

use crate::fix::upgrade::requirement::Style;

use super::{Literal, NotHere, odd, span_of};

pub(super) fn find(text: &str, package: &str) -> Result<Vec<Literal>, NotHere> {
    let mut found = Vec::new();
    for line in text.lines() {
        let Some(rest) = line.trim_start().strip_prefix("gem").filter(|rest| rest.starts_with([' ', '(', '\t'])) else {
            continue;
        };
        let Some((name, _, rest)) = string(rest.trim_start_matches([' ', '\t', '('])) else { continue };
        if name != package {
            continue;
        }
        let (first, rest) = argument(rest);
        let (second, _) = argument(rest);
        found.push(match (first, second) {
            (Some((first, quote)), None) => Literal { span: span_of(text, first), style: Style::Gem(quote) },
            (None, _) => return odd("it is asked for in any version"),
            (Some(_), Some(_)) => return odd("several texts ask for it"),
        });
    }
    Ok(found)
}

/// The next argument if it is a string and no key, with its quote; and what follows.
fn argument(text: &str) -> (Option<(&str, char)>, &str) {
    let next = text.trim_start().strip_prefix(',').map(str::trim_start).unwrap_or_default();
    match string(next) {
        Some((inner, quote, rest)) if !rest.starts_with(':') && !rest.trim_start().starts_with("=>") => {
            (Some((inner, quote)), rest)
        }
        Some(_) | None => (None, text),
    }
}

/// A string without anything to be replaced in it: its inside, its quote, what follows.
fn string(text: &str) -> Option<(&str, char, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (inner, rest) = text.strip_prefix(quote)?.split_once(quote)?;
    (!inner.contains(['\\', '#'])).then_some((inner, quote, rest))
}
