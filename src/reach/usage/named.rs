//! Texts that name a package, because something may load it by its name: a setting, a script, a Dockerfile.

use aho_corasick::AhoCorasick;

use super::declared::{is_manifest, rest_of_package_json};
use super::ecosystem::{name_of, source_of};

/// Names that are looked for at once.
pub(super) struct Names {
    finder: AhoCorasick,
    /// Of each pattern, the number of what it names.
    of: Vec<usize>,
}

impl Names {
    /// `None` where there are none, or too many for one search.
    pub(super) fn new(names: Vec<(String, usize)>) -> Option<Self> {
        let (patterns, of): (Vec<String>, Vec<usize>) = names.into_iter().filter(|(name, _)| !name.is_empty()).unzip();
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(patterns).ok()?;
        (!of.is_empty()).then_some(Self { finder, of })
    }

    /// What a file names, each with its line; 0 where that is not known.
    pub(super) fn in_file(&self, path: &str, text: &str, take: &mut dyn FnMut(usize, u32)) {
        let rest = match name_of(path) {
            "package.json" => rest_of_package_json(text),
            _ if is_manifest(path) => return,
            _ => String::new(),
        };
        if BILLS.iter().any(|key| text.contains(key)) {
            return;
        }
        let (text, is_whole) = if rest.is_empty() { (text, true) } else { (rest.as_str(), false) };
        let is_meant = if source_of(path).is_some() { is_quoted } else { is_word };
        // Finds come in the order of their ends.
        let (mut line, mut counted) = (1, 0);
        for found in self.finder.find_overlapping_iter(text) {
            let between = text.as_bytes().get(counted..found.end()).unwrap_or_default();
            line += u32::try_from(memchr::memchr_iter(b'\n', between).count()).unwrap_or_default();
            counted = found.end();
            if is_meant(text, found.start(), found.end())
                && let Some(of) = self.of.get(found.pattern().as_usize())
            {
                take(*of, if is_whole { line } else { 0 });
            }
        }
    }
}

/// What bills of materials begin with: they name all packages, and load none.
const BILLS: &[&str] = &["\"bomFormat\"", "\"spdxVersion\"", "\"sarif-schema"];

/// Endings and names of files beside sources that may name what is loaded.
const SETTINGS: &[&str] = &[
    "yaml",
    "yml",
    "toml",
    "json",
    "cfg",
    "ini",
    "conf",
    "sh",
    "bash",
    "env",
    "properties",
    "xml",
    "mk",
    "service",
    "html",
];
const NAMED: &[&str] = &["Dockerfile", "Containerfile", "Procfile", "Makefile", "package.json"];

/// Whether a file may hold a setting that names a package.
pub(super) fn is_setting(path: &str) -> bool {
    let name = name_of(path);
    let ends = name.rsplit_once('.').is_some_and(|(_, end)| SETTINGS.contains(&end));
    let is_named = NAMED.contains(&name) || name.starts_with("Dockerfile.") || name.ends_with(".Dockerfile");
    is_named || name.starts_with('.') && name.contains("rc") || ends && !is_manifest(path)
}

/// Whether the bytes around a name in a source are those of a text that names it: quotes, or what a URL or a setting
/// has between two names.
fn is_quoted(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = around(text, start, end);
    before.is_some_and(|byte| b"\"'`+!".contains(&byte)) && after.is_some_and(|byte| b"\"'`.:/+!".contains(&byte))
}

/// Whether the bytes around a name are not those of a longer name.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = around(text, start, end);
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !before.is_some_and(is_part) && !after.is_some_and(is_part)
}

fn around(text: &str, start: usize, end: usize) -> (Option<u8>, Option<u8>) {
    let bytes = text.as_bytes();
    (start.checked_sub(1).and_then(|at| bytes.get(at)).copied(), bytes.get(end).copied())
}
