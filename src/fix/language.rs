//! What is known of the languages of files, by name: one table.

use super::block::Kind;

/// One language, or several that look alike from here.
pub(super) struct Language {
    /// What names of files end with behind the last dot.
    endings: &'static [&'static str],
    pub(super) kind: Kind,
    pub(super) grammar: Grammar,
}

/// How a file is checked for being whole.
#[derive(Clone, Copy)]
pub(super) enum Grammar {
    Json,
    Toml,
    Yaml,
    /// By its brackets and quotes.
    Tokens(&'static Tokens),
    /// Not at all: text for people, and formats whose brackets and quotes mean nothing.
    None,
}

/// Comments and strings, in which brackets do not count, and what else a text is made of.
#[expect(clippy::struct_excessive_bools, reason = "each says one thing of a language, and any of them may be so")]
pub(super) struct Tokens {
    /// What begins a comment that ends with its line.
    pub(super) line_comments: &'static [&'static str],
    pub(super) block_comments: &'static [(&'static str, &'static str)],
    /// Longer openings first.
    pub(super) strings: &'static [Quote],
    /// Whether `'` holds one character, and stands alone before lifetimes and in numbers.
    pub(super) has_chars: bool,
    /// Whether `r#"…"#` is a string.
    pub(super) has_raw: bool,
    /// Whether `/…/` is a pattern where a value can begin.
    pub(super) has_patterns: bool,
    /// Whether `:` at the end of a line begins a block, which is what is indented below.
    pub(super) has_indents: bool,
}

/// A kind of string.
pub(super) struct Quote {
    pub(super) mark: &'static str,
    pub(super) has_escapes: bool,
    pub(super) is_multiline: bool,
}

const fn quote(mark: &'static str) -> Quote {
    Quote { mark, has_escapes: true, is_multiline: false }
}

const fn long(mark: &'static str) -> Quote {
    Quote { mark, has_escapes: true, is_multiline: true }
}

const fn raw(mark: &'static str) -> Quote {
    Quote { mark, has_escapes: false, is_multiline: true }
}

const PLAIN: Tokens = Tokens {
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    strings: &[quote("\"")],
    has_chars: true,
    has_raw: false,
    has_patterns: false,
    has_indents: false,
};

const C: Tokens = PLAIN;
const JVM: Tokens = Tokens { strings: &[long("\"\"\""), quote("\"")], ..PLAIN };
const GO: Tokens = Tokens { strings: &[quote("\""), raw("`")], ..PLAIN };
const RUST: Tokens = Tokens { strings: &[long("\"")], has_raw: true, ..PLAIN };
const SCRIPT: Tokens =
    Tokens { strings: &[quote("\""), quote("'"), long("`")], has_chars: false, has_patterns: true, ..PLAIN };
const PYTHON: Tokens = Tokens {
    line_comments: &["#"],
    block_comments: &[],
    strings: &[long("\"\"\""), long("'''"), quote("\""), quote("'")],
    has_chars: false,
    has_indents: true,
    ..PLAIN
};
const SHELL: Tokens = Tokens {
    line_comments: &[" #", "\t#", "\n#"],
    block_comments: &[],
    strings: &[long("\""), raw("'")],
    has_chars: false,
    ..PLAIN
};
const RUBY: Tokens =
    Tokens { line_comments: &["#"], block_comments: &[], strings: &[long("\""), long("'")], has_chars: false, ..PLAIN };
const PHP: Tokens =
    Tokens { line_comments: &["//", "#"], strings: &[long("\""), long("'")], has_chars: false, ..PLAIN };
const HCL: Tokens = Tokens { line_comments: &["#", "//"], has_chars: false, ..PLAIN };
const STYLES: Tokens = Tokens { line_comments: &[], strings: &[quote("\""), quote("'")], has_chars: false, ..PLAIN };
const SQL: Tokens = Tokens { line_comments: &["--"], strings: &[raw("'"), raw("\"")], has_chars: false, ..PLAIN };

const LANGUAGES: [Language; 17] = [
    code(&["c", "h", "cc", "cpp", "cxx", "hh", "hpp", "cs", "m", "mm", "proto"], &C),
    code(&["java", "kt", "kts", "scala", "swift", "groovy", "gradle", "dart"], &JVM),
    code(&["go"], &GO),
    code(&["rs"], &RUST),
    code(&["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"], &SCRIPT),
    code(&["py", "pyi", "bzl", "star"], &PYTHON),
    code(&["sh", "bash", "zsh"], &SHELL),
    code(&["rb"], &RUBY),
    code(&["php"], &PHP),
    code(&["sql"], &SQL),
    data(&["tf", "tfvars", "hcl", "nomad"], Grammar::Tokens(&HCL)),
    data(&["css", "scss", "less"], Grammar::Tokens(&STYLES)),
    data(&["json", "sarif", "ipynb"], Grammar::Json),
    data(&["toml"], Grammar::Toml),
    data(&["yaml", "yml"], Grammar::Yaml),
    Language {
        endings: &["lua", "pl", "pm", "vue", "svelte", "ex", "exs", "erl", "hs", "ml"],
        kind: Kind::Code,
        grammar: Grammar::None,
    },
    data(&[], Grammar::None),
];

const fn code(endings: &'static [&'static str], tokens: &'static Tokens) -> Language {
    Language { endings, kind: Kind::Code, grammar: Grammar::Tokens(tokens) }
}

const fn data(endings: &'static [&'static str], grammar: Grammar) -> Language {
    Language { endings, kind: Kind::Data, grammar }
}

/// The language of a file. What is not known is data, where less is taken for the same, and is not checked.
pub(super) fn of(path: &str) -> &'static Language {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let [known @ .., unknown] = &LANGUAGES;
    known.iter().find(|language| language.endings.contains(&ending.as_str())).unwrap_or(unknown)
}
