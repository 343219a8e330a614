//! The functions at the top of a source: those that have no class around them, so that whoever calls them has to name
//! them. What cannot be told is left out.

/// A function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    /// The first line of the comment on it, 1-based.
    pub(super) comment: u32,
    /// Lines, 1-based, both inclusive.
    pub(super) first: u32,
    pub(super) last: u32,
}

/// The language of a source by its end, as far as its functions can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    JavaScript,
    Go,
}

impl Language {
    pub(super) fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "py" => Some(Self::Python),
            "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" => Some(Self::JavaScript),
            "go" => Some(Self::Go),
            _ => None,
        }
    }

    /// The functions of a text that somebody has to name to call them.
    pub(super) fn functions(self, text: &str) -> Vec<Function> {
        let lines: Vec<&str> = text.lines().collect();
        let mut functions = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let name = match self {
                Self::Python => python(&lines, at),
                Self::JavaScript => javascript(line),
                Self::Go => go(line),
            };
            let Some(name) = name.filter(|name| !is_called_by_convention(name)) else { continue };
            let count = match self {
                Self::Python => python_lines(&lines, at),
                Self::JavaScript | Self::Go => braced_lines(&lines, at),
            };
            let before = lines.get(..at).unwrap_or_default();
            let comment =
                before.iter().rev().take_while(|line| COMMENT.iter().any(|start| line.starts_with(start))).count();
            // A directive hands it to the compiler.
            if before.iter().rev().take(comment).any(|line| DIRECTIVES.iter().any(|start| line.starts_with(start))) {
                continue;
            }
            let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
            let (first, last) = (number(at), number(at + count - 1));
            functions.push(Function { name: name.to_owned(), comment: number(at - comment), first, last });
        }
        functions
    }
}

/// What lines of a comment at the margin start with.
const COMMENT: [&str; 4] = ["//", "/*", " *", "#"];
const DIRECTIVES: &[&str] = &["//export", "//go:"];

/// A function without a decorator: what is decorated is called by who decorates it.
fn python<'l>(lines: &[&'l str], at: usize) -> Option<&'l str> {
    let line = lines.get(at)?;
    let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("def ")?;
    let before = lines.get(..at)?.iter().rev().find(|line| !line.trim().is_empty());
    let is_decorated = before.is_some_and(|line| line.starts_with(['@', ')']));
    Some(identifier(rest)).filter(|_| !is_decorated)
}

fn python_lines(lines: &[&str], at: usize) -> usize {
    let rest = lines.get(at + 1..).unwrap_or_default();
    let is_inside = |line: &&&str| line.is_empty() || line.starts_with([' ', '\t', ')', '#']);
    let inside = rest.iter().take_while(is_inside).count();
    let blank = rest.get(..inside).unwrap_or_default().iter().rev().take_while(|line| line.trim().is_empty()).count();
    1 + inside - blank
}

/// `function name(`, `const name = (…) =>`, `exports.name = function`, each with or without `export` and `async`.
fn javascript(line: &str) -> Option<&str> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let plain = line.strip_prefix("async ").unwrap_or(line);
    if let Some(rest) = plain.strip_prefix("function ") {
        return Some(identifier(rest.trim_start_matches('*').trim_start())).filter(|name| !name.is_empty());
    }
    let starts = ["const ", "let ", "var ", "exports.", "module.exports."];
    let rest = starts.iter().find_map(|start| line.strip_prefix(start))?;
    let name = identifier(rest);
    let value = rest.get(name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
    let is_function = value.starts_with("function") || value.starts_with("async") || value.contains("=>");
    Some(name).filter(|name| is_function && !name.is_empty())
}

fn go(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("func ")?;
    // A method has its receiver there.
    Some(identifier(rest)).filter(|name| !name.is_empty())
}

/// Up to the brace that closes it at the margin.
fn braced_lines(lines: &[&str], at: usize) -> usize {
    let rest = lines.get(at + 1..).unwrap_or_default();
    let is_one_line = lines.get(at).is_some_and(|line| !line.trim_end().ends_with(['{', '(', ',', '=', '>']));
    if is_one_line {
        return 1;
    }
    let margin = |line: &&str| !line.trim().is_empty() && !line.starts_with([' ', '\t']) && !line.starts_with(')');
    rest.iter().position(margin).map_or(1, |end| end + 2)
}

fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// Names that programs other than the own one call: runtimes, frameworks, hosts of functions.
const CONVENTIONS: &[&str] = &[
    "action",
    "activate",
    "app",
    "application",
    "configure",
    "create_app",
    "deactivate",
    "default",
    "down",
    "downgrade",
    "entrypoint",
    "generateMetadata",
    "generateStaticParams",
    "getInitialProps",
    "getServerSideProps",
    "getStaticPaths",
    "getStaticProps",
    "handle",
    "handler",
    "headers",
    "index",
    "init",
    "install",
    "lambda_handler",
    "links",
    "load",
    "loader",
    "main",
    "meta",
    "middleware",
    "plugin",
    "ready",
    "register",
    "render",
    "run",
    "setup",
    "start",
    "teardown",
    "uninstall",
    "up",
    "upgrade",
    "DELETE",
    "GET",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "POST",
    "PUT",
];

fn is_called_by_convention(name: &str) -> bool {
    let is_odd = !(3..=200).contains(&name.len());
    let starts = ["test", "Test", "Benchmark", "Example", "Fuzz", "pytest_", "handler", "__"];
    is_odd || CONVENTIONS.contains(&name) || starts.iter().any(|start| name.starts_with(start))
}
