//! Where a manifest asks for a package: the exact bytes of a literal requirement. Everything else is a reason why a
//! person has to do it. Manifests are read as text of strangers: nothing in them is followed anywhere.

mod gemfile;
mod go_mod;
mod package_json;
mod pom;
mod requirements;
mod toml;

use std::ops::Range;

use super::ecosystem::{Ecosystem, is_requirements};
use super::requirement::Style;

/// Text that asks for a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Its bytes in the manifest, without quotes.
    pub span: Range<usize>,
    pub style: Style,
}

/// Why a package cannot be upgraded in a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotHere {
    /// The manifest does not name it: another package brings it in.
    Unnamed,
    /// It is named, but not by a literal version: why.
    Odd(String),
}

/// All places where a manifest asks for a package, or why there is none that could be edited.
pub fn find(path: &str, text: &str, ecosystem: Ecosystem, package: &str) -> Result<Vec<Literal>, NotHere> {
    let found = match ecosystem {
        Ecosystem::Npm => package_json::find(text, package),
        Ecosystem::Cargo => toml::of_cargo(text, package),
        Ecosystem::PyPi if is_requirements(path) => requirements::find(text, package),
        Ecosystem::PyPi => toml::of_python(text, package),
        Ecosystem::Go => go_mod::find(text, package),
        Ecosystem::Maven => pom::find(text, package),
        Ecosystem::Gem => gemfile::find(text, package),
    }?;
    if found.is_empty() { Err(NotHere::Unnamed) } else { Ok(found) }
}

fn odd<T>(why: &str) -> Result<T, NotHere> {
    Err(NotHere::Odd(why.to_owned()))
}

/// Bytes of a part of a text that was cut out of it.
fn span_of(text: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    start..start + part.len()
}

/// A Python package's name as PEP 503 compares it.
pub(super) fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.trim().chars() {
        match c {
            '-' | '_' | '.' if plain.ends_with('-') => {}
            '-' | '_' | '.' => plain.push('-'),
            c => plain.push(c.to_ascii_lowercase()),
        }
    }
    plain
}
