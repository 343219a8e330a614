//! The imports of one source, by its lines. Text in comments and strings may look like one: a yes too many is on the
//! safe side.

/// A module that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Import<'t> {
    /// As written: `yaml.constructor`, `@scope/name/part`, `golang.org/x/text/language`.
    pub(super) module: &'t str,
    /// 1-based.
    pub(super) line: u32,
}

fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..).zip(text.lines())
}

/// `import a, b.c as d` and `from a.b import c`, also inside functions and in the cells of notebooks.
pub(super) fn python(text: &str, take: &mut dyn FnMut(Import<'_>)) {
    for (line, text) in lines(text) {
        let text = text.trim_start_matches([' ', '\t', '"']);
        if let Some(rest) = text.strip_prefix("from ") {
            let module = word(rest.trim_start());
            // `from . import` is of the package itself.
            if !module.is_empty() && !module.starts_with('.') {
                take(Import { module, line });
            }
        } else if let Some(rest) = text.strip_prefix("import ") {
            for name in rest.split(['#', ';']).next().unwrap_or_default().split(',') {
                let module = word(name.trim());
                if !module.is_empty() {
                    take(Import { module, line });
                }
            }
        }
    }
}

/// The letters, digits, `_` and `.` that a text starts with.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// What stands before the quoted name of a module.
const ASKING: &[&str] = &["from", "import", "require", "require.resolve", "importScripts"];

/// `import … from "a"`, `import "a"`, `export … from "a"`, `require("a")`, `import("a")`.
pub(super) fn javascript(text: &str, take: &mut dyn FnMut(Import<'_>)) {
    for (line, text) in lines(text) {
        let mut rest = text;
        while let Some(at) = rest.find(['"', '\'', '`']) {
            let (before, from) = rest.split_at(at);
            let quote = from.chars().next().unwrap_or('"');
            let inside = from.get(1..).unwrap_or_default();
            let Some((module, after)) = inside.split_once(quote) else { break };
            let asks = before.trim_end();
            let asks = asks.strip_suffix('(').unwrap_or(asks).trim_end();
            if ASKING.iter().any(|word| ends_in_word(asks, word))
                && !module.starts_with(['.', '/'])
                && !module.is_empty()
            {
                take(Import { module: module.strip_prefix("npm:").unwrap_or(module), line });
            }
            rest = after;
        }
    }
}

fn ends_in_word(text: &str, word: &str) -> bool {
    let before = text.strip_suffix(word);
    before.is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$' || c == '.'))
}

/// `import "a/b"`, and the lines of `import ( … )`; imports stand before all else.
pub(super) fn go(text: &str, take: &mut dyn FnMut(Import<'_>)) {
    for (line, text) in lines(text) {
        let text = text.trim();
        if text.starts_with("func ") || text.starts_with("type ") {
            break;
        }
        let text = text.strip_prefix("import").unwrap_or(text).trim_start();
        let Some((name, rest)) = text.split_once('"') else { continue };
        // Nothing, `_`, `.` or another name stands before the path.
        let name = name.trim();
        let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
        if let Some((module, _)) = rest.split_once('"').filter(|_| is_name) {
            take(Import { module, line });
        }
    }
}

/// Every word before `::`, and the one behind `extern crate` and `use`.
pub(super) fn rust(text: &str, take: &mut dyn FnMut(Import<'_>)) {
    for (line, text) in lines(text) {
        let code = text.trim_start();
        for start in ["extern crate ", "use ", "pub use "] {
            if let Some(rest) = code.strip_prefix(start) {
                take(Import { module: word(rest.trim_start_matches(':')), line });
            }
        }
        for (at, _) in code.match_indices("::") {
            let before = code.get(..at).unwrap_or_default();
            let from = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
            let module = before.get(from..).unwrap_or_default();
            if !module.is_empty() {
                take(Import { module, line });
            }
        }
    }
}

/// `require "a/b"`.
pub(super) fn ruby(text: &str, take: &mut dyn FnMut(Import<'_>)) {
    for (line, text) in lines(text) {
        let Some(rest) = text.trim_start().strip_prefix("require ") else { continue };
        let module = rest.trim().trim_matches(['"', '\'']);
        if !module.is_empty() {
            take(Import { module, line });
        }
    }
}

/// `import a.b.C;`, also static ones.
pub(super) fn java(text: &str, take: &mut dyn FnMut(Import<'_>)) {
    for (line, text) in lines(text) {
        let Some(rest) = text.trim_start().strip_prefix("import ") else { continue };
        let module = word(rest.trim_start().trim_start_matches("static "));
        if !module.is_empty() {
            take(Import { module, line });
        }
    }
}
