//! Routes as frameworks declare them, read line by line: a literal path in a call or an annotation that makes a route, and
//! the lines of its handler, by their indentation. What is computed, or put together from several files, is not read.

use std::ops::RangeInclusive;

use super::heads::{Head, heads, is_comment, is_function};

/// Ends of names of files that can declare a route.
pub(super) const ENDS: &[&str] =
    &["py", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "go", "java", "kt", "rb", "php", "cs"];

/// What stands before the literal, without blanks, in lower case, and the method that it means; empty for any.
const MARKS: &[(&str, &str)] = &[
    ("route(", ""),
    ("all(", ""),
    ("any(", ""),
    ("get(", "GET"),
    ("post(", "POST"),
    ("put(", "PUT"),
    ("patch(", "PATCH"),
    ("delete(", "DELETE"),
    ("handlefunc(", ""),
    ("handle(", ""),
    ("mapget(", "GET"),
    ("mappost(", "POST"),
    ("mapput(", "PUT"),
    ("mapdelete(", "DELETE"),
    ("getmapping(", "GET"),
    ("postmapping(", "POST"),
    ("putmapping(", "PUT"),
    ("patchmapping(", "PATCH"),
    ("deletemapping(", "DELETE"),
    ("requestmapping(", ""),
    ("httpget(", "GET"),
    ("httppost(", "POST"),
    ("httpput(", "PUT"),
    ("httpdelete(", "DELETE"),
];

/// What such a call is made on; anything else, a client above all, asks others.
const RECEIVERS: &[&str] = &[
    "app",
    "router",
    "routes",
    "route",
    "server",
    "api",
    "bp",
    "blueprint",
    "fastify",
    "r",
    "mux",
    "e",
    "g",
    "group",
    "http",
    "web",
];

/// Names of arguments and calls that put a path before all routes of a file.
const PREFIXES: &[&str] = &["url_prefix=", "prefix="];

/// Calls that put a path before the routes of another file, or of what stands in them.
const MOUNTS: &[&str] = &["use(", "mount(", "stripprefix(", "register_blueprint(", "include_router(", "register("];
const GROUPS: &[&str] = &["group(", "prefix(", "route("];

/// What puts a path before all routes of a class.
const CLASS: &str = "@RequestMapping(";

/// The most lines of the head of a function, behind its annotations.
const MAX_HEAD: usize = 15;

/// The most lines of one handler.
const MAX_LINES: usize = 400;

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    /// Methods that it is for; empty for any.
    methods: Vec<&'static str>,
    /// `/users/<int:id>`, with what the file puts before it.
    path: String,
    /// The lines in which it is declared, 1-based.
    head: RangeInclusive<u32>,
    /// The lines of its handler.
    handler: RangeInclusive<u32>,
}

impl Declared {
    /// Where it is declared, 1-based.
    pub(super) fn line(&self) -> u32 {
        *self.head.start()
    }

    /// Whether a line belongs to it.
    pub(super) fn holds(&self, line: u32) -> bool {
        self.head.contains(&line) || self.handler.contains(&line)
    }

    /// How well it fits a request: the number of segments that are equal and not merely allowed. `None` where it does not.
    pub(super) fn fit(&self, method: &str, path: &str) -> Option<usize> {
        let method = if method == "HEAD" { "GET" } else { method };
        if !method.is_empty() && !self.methods.is_empty() && !self.methods.contains(&method) {
            return None;
        }
        let (mut stated, mut asked) = (segments(&self.path), segments(path));
        let mut equal = 0;
        loop {
            match (stated.next(), asked.next()) {
                (None, None) => return Some(equal),
                (Some(rest), Some(_)) if is_rest(rest) => return Some(equal),
                (Some(one), Some(other)) if one == other => equal += 1,
                (Some(one), Some(_)) if is_parameter(one) => {}
                _ => return None,
            }
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// `:id`, `<int:id>`, `{id}`, `[id]`.
fn is_parameter(segment: &str) -> bool {
    let is_in = |open: char, close: char| segment.starts_with(open) && segment.ends_with(close);
    segment.starts_with(':') || is_in('<', '>') || is_in('{', '}') || is_in('[', ']')
}

/// What stands for all that follows: `*`, `<path:name>`, `{name...}`.
fn is_rest(segment: &str) -> bool {
    segment.starts_with('*')
        || segment.starts_with("<path:")
        || segment.ends_with("...}")
        || segment.ends_with(":path}")
}

/// What a file says of routes.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) routes: Vec<Declared>,
    /// Paths that it puts before routes of others, or before some of its own, which are then not told.
    pub(super) mounts: Vec<String>,
}

/// All of a file.
pub(super) fn read(text: &str) -> File {
    let lines: Vec<&str> = text.lines().collect();
    let heads = heads(&lines);
    let mounts = heads.iter().filter_map(|head| mount(&head.text, MOUNTS)).map(str::to_owned);
    let mounts: Vec<String> = mounts.collect();
    let groups: Vec<String> = heads.iter().filter_map(|head| group(&head.text)).map(str::to_owned).collect();
    if !groups.is_empty() {
        return File { routes: Vec::new(), mounts: [mounts, groups].concat() };
    }
    File { routes: routes(&lines, &heads), mounts }
}

/// The path that a line puts before others, by a call of one of these names.
fn mount<'t>(line: &'t str, names: &[&str]) -> Option<&'t str> {
    let (head, behind) = line.trim_start().split_once('(')?;
    let name = format!("{}(", head.rsplit(['.', ' ', ':', '>', '=']).next()?.to_ascii_lowercase());
    let named = || ["url_prefix=", "prefix=", "prefix:"].iter().find_map(|mark| literal(behind.split_once(mark)?.1));
    let path = literal(behind).or_else(named).filter(|path| path.starts_with('/') && path.len() > 1)?;
    names.contains(&name.as_str()).then_some(path)
}

/// The same for a block of routes: `r.Route("/api", func(r chi.Router) {`, `Route::prefix('/api')->group(function () {`.
fn group(line: &str) -> Option<&str> {
    let is_call = !line.trim_start().starts_with('@');
    let opens = line.trim_end().ends_with('{');
    let is_made = line.contains(" := ") || line.contains(" = ");
    mount(line, GROUPS).filter(|_| is_call && (opens || is_made))
}

fn routes(lines: &[&str], heads: &[Head<'_>]) -> Vec<Declared> {
    let prefix = prefix(heads);
    let mut found = Vec::new();
    for (at, head) in heads.iter().enumerate() {
        let Some((mark, literal)) = route_of(&head.text) else { continue };
        let Some(handler) = handler(lines, heads, at, head) else { continue };
        let (stated, path) = literal.split_once(' ').unwrap_or(("", literal));
        let methods = methods(&head.text, mark, stated);
        let path = match prefix {
            Some(prefix) => format!("{}/{}", prefix.trim_end_matches('/'), path.trim_start_matches('/')),
            None => path.to_owned(),
        };
        let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        found.push(Declared {
            methods,
            path,
            head: number(at)..=number(head.last),
            handler: number(*handler.start())..=number(*handler.end()),
        });
    }
    found
}

/// The one prefix of a file; of several nobody knows which is meant, and then no route of it is told.
fn prefix<'t>(heads: &'t [Head<'_>]) -> Option<&'t str> {
    let of_line = |line: &'t str| {
        let lower = line.to_ascii_lowercase();
        let is_made = ["blueprint(", "router("].iter().any(|call| lower.contains(call));
        let is_mounted = ["register_blueprint(", "include_router("].iter().any(|call| lower.contains(call));
        if !is_made || is_mounted {
            return None;
        }
        let mark = PREFIXES.iter().find_map(|mark| Some(line.find(mark)? + mark.len()))?;
        literal(line.get(mark..)?)
    };
    let of_class = |line: &'t str| literal(line.strip_prefix(CLASS)?);
    let lines = heads.iter().map(|head| &*head.text);
    let mut found: Vec<&str> = lines.filter_map(|line| of_class(line).or_else(|| of_line(line))).collect();
    found.dedup();
    match found.as_slice() {
        [] => None,
        [one] => Some(one),
        // No address has a blank.
        _ => Some(" "),
    }
}

/// The mark and the literal of a route that a line declares.
fn route_of(line: &str) -> Option<(&'static str, &str)> {
    if line.starts_with(CLASS) {
        return None;
    }
    let code = line.trim_start();
    let (head, behind) = code.split_once('(').filter(|_| !is_comment(code))?;
    let is_annotation = head.starts_with(['@', '[']);
    let head = head.trim_start_matches(['@', '[']);
    let (receiver, name) = head.rsplit_once(['.', ':', '>']).unwrap_or(("", head));
    let called = format!("{}(", name.trim().to_ascii_lowercase());
    let (mark, _) = MARKS.iter().find(|(mark, _)| *mark == called)?;
    let receiver = receiver.trim_end_matches([':', '-', '.']).trim_start_matches('$').to_ascii_lowercase();
    let receiver = receiver.rsplit(['.', ' ', '=']).next().unwrap_or_default();
    let is_server = RECEIVERS.contains(&receiver)
        || ["router", "_bp", "app", "_api", "mux"].iter().any(|end| receiver.ends_with(end));
    // Annotations of Java and C# are made on nothing.
    let is_own = if receiver.is_empty() { is_annotation && mark.len() > "delete(".len() } else { is_server };
    let literal = literal(behind)?;
    let path = literal.split_once(' ').map_or(literal, |(_, path)| path);
    (is_own && path.starts_with('/')).then_some((*mark, literal))
}

/// A text in quotes with which an argument list starts: `"/x", …`, `value = "/x")`.
fn literal(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let text = ["value", "path"]
        .iter()
        .find_map(|name| text.strip_prefix(name)?.trim_start().strip_prefix('='))
        .unwrap_or(text);
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let (inside, _) = text.get(1..)?.split_once(quote)?;
    let is_literal = !inside.contains("${") && !inside.contains('\\') && inside.matches(' ').count() <= 1;
    is_literal.then_some(inside)
}

/// By the mark, by the literal (`POST /x` of Go), or by `methods=["POST"]` in the declaration.
fn methods(line: &str, mark: &str, stated: &str) -> Vec<&'static str> {
    const ALL: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];
    let of_mark = MARKS.iter().find(|(known, _)| *known == mark).map_or("", |(_, method)| *method);
    if !of_mark.is_empty() {
        return vec![of_mark];
    }
    if let Some(method) = ALL.iter().find(|method| **method == stated) {
        return vec![method];
    }
    let Some((_, listed)) = line.split_once("methods").or_else(|| line.split_once("method")) else {
        // A route of Flask that lists none is for GET alone.
        let is_flask = mark == "route(" && line.trim_start().starts_with('@');
        return if is_flask { vec!["GET"] } else { Vec::new() };
    };
    let listed = listed.split([']', '}', ')']).next().unwrap_or_default();
    ALL.iter().copied().filter(|method| listed.contains(method)).collect()
}

/// Positions of the lines of a handler.
fn handler(lines: &[&str], heads: &[Head<'_>], at: usize, head: &Head<'_>) -> Option<RangeInclusive<usize>> {
    let line = &*head.text;
    let depth = indent(line);
    if line.trim_start().starts_with(['@', '[']) {
        // Other annotations, and the head of the function, which may have several lines.
        let is_before = |line: &str| line.trim_start().starts_with(['@', '[']) || line.trim().is_empty();
        let mut start = head.is_closed.then_some(head.last + 1)?;
        while let Some(other) = heads.get(start).filter(|other| is_before(&other.text)) {
            start = other.last + 1;
        }
        let opens = |line: &&str| line.trim_end().ends_with([':', '{']) || line.trim_end().ends_with(" =");
        let body = start + 1 + lines.get(start..)?.iter().take(MAX_HEAD).position(opens)?;
        return Some(at..=block_end(lines, body, depth));
    }
    let end = block_end(lines, head.last + 1, depth);
    if end > head.last || is_function(line) {
        return Some(at..=end);
    }
    let name = named(line)?;
    let mut defined = lines.iter().enumerate().filter(|(_, line)| defines(line, name));
    let (start, found) = defined.next()?;
    defined.next().is_none().then(|| start..=block_end(lines, start + 1, indent(found)))
}

/// The last line of a block whose lines start at `from` and stand deeper than `depth`; a bracket that closes it belongs
/// to it. The line before where there is none.
fn block_end(lines: &[&str], from: usize, depth: usize) -> usize {
    let mut end = from.saturating_sub(1);
    for (at, line) in lines.iter().enumerate().skip(from).take(MAX_LINES) {
        if line.trim().is_empty() {
            continue;
        }
        if indent(line) > depth {
            end = at;
            continue;
        }
        let closes = line.trim_start().starts_with(['}', ')', ']']) || line.trim() == "end";
        return if closes && end >= from { at } else { end };
    }
    end
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The function that is handed over last: `s.search` of `mux.HandleFunc("/search", s.search)`.
fn named(line: &str) -> Option<&str> {
    let (arguments, _) = line.trim_end().trim_end_matches(';').rsplit_once(')')?;
    let last = arguments.trim_end().trim_end_matches(',').rsplit(',').next()?.trim();
    let name = last.rsplit('.').next()?;
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name(name).then_some(name)
}

/// Whether a line begins the definition of a function.
fn defines(line: &str, name: &str) -> bool {
    let code = line.trim_start();
    let code = ["export ", "async ", "static "].iter().fold(code, |code, word| code.strip_prefix(word).unwrap_or(code));
    let starts = |head: &str, behind: &[char]| {
        code.strip_prefix(head)
            .and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.trim_start().starts_with(behind))
    };
    let is_method = code
        .strip_prefix("func (")
        .and_then(|rest| rest.split_once(") "))
        .is_some_and(|(_, rest)| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('(')));
    is_method
        || ["func ", "function ", "def "].iter().any(|head| starts(head, &['(']))
        || ["const ", "let "].iter().any(|head| starts(head, &['=']))
}
