//! Syntax roles for lines of code: syntect's parser and its scopes, without its themes.

use std::sync::OnceLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use crate::model::snippet::{Snippet, Syntax};

use super::snippet::MAX_COLOURED;

/// Ends in bytes of a line and the role up to there: what `CodeLine::roles` holds.
pub type Roles = Vec<(u32, Syntax)>;

/// Scopes (`TextMate` names, as the Sublime Text scope naming guide lists them) and what they mean. The innermost
/// scope of the stack with an entry decides; among entries for one scope the longest.
const ROLES: &[(&str, Syntax)] = &[
    ("comment", Syntax::Comment),
    ("string", Syntax::String),
    ("constant", Syntax::Constant),
    ("constant.numeric", Syntax::Number),
    ("constant.character.escape", Syntax::Constant),
    ("keyword", Syntax::Keyword),
    ("keyword.operator", Syntax::Operator),
    ("keyword.operator.word", Syntax::Keyword),
    ("keyword.operator.logical.python", Syntax::Keyword),
    ("punctuation.accessor", Syntax::Operator),
    ("storage", Syntax::Keyword),
    ("storage.type.numeric", Syntax::Number),
    ("support.function", Syntax::Function),
    ("support.type", Syntax::Type),
    ("support.class", Syntax::Type),
    ("support.constant", Syntax::Constant),
    ("entity.name.function", Syntax::Function),
    ("entity.name.type", Syntax::Type),
    ("entity.name.class", Syntax::Type),
    ("entity.name.struct", Syntax::Type),
    ("entity.name.enum", Syntax::Type),
    ("entity.name.union", Syntax::Type),
    ("entity.name.trait", Syntax::Type),
    ("entity.name.interface", Syntax::Type),
    ("entity.name.namespace", Syntax::Type),
    ("entity.name.tag", Syntax::Keyword),
    ("entity.name.constant", Syntax::Constant),
    ("entity.other.attribute-name", Syntax::Variable),
    ("entity.other.inherited-class", Syntax::Type),
    ("variable", Syntax::Variable),
    ("variable.function", Syntax::Function),
    ("variable.language", Syntax::Constant),
    ("markup.raw", Syntax::String),
    ("markup.heading", Syntax::Keyword),
    // Code inside a string is code again; `source` and `text` are the roots of languages.
    ("meta.template.expression", Syntax::Plain),
    ("meta.group.expansion", Syntax::Plain),
    ("source", Syntax::Plain),
    ("text", Syntax::Plain),
];

/// Fills in the roles of a snippet's lines. Slow the first time (loads the language): never on the drawing path.
pub fn colour(snippet: &mut Snippet) {
    let above: Vec<&str> = snippet.above.lines().collect();
    let lines: Vec<&str> = above.iter().copied().chain(snippet.lines.iter().map(|line| &*line.text)).collect();
    let roles = colour_lines(&snippet.path, &lines).into_iter().skip(above.len());
    for (line, roles) in snippet.lines.iter_mut().zip(roles) {
        line.roles = roles;
    }
    snippet.is_coloured = true;
}

/// Loads what every language needs, so that the first finding that is opened does not wait for it.
pub fn warm_up() {
    syntaxes();
    table();
}

/// Roles of lines that follow each other, without their line ends, as if the first began the file. `path` and the first
/// line choose the language; an unknown one, and lines of more than 2,000 bytes, are plain.
pub fn colour_lines(path: &str, lines: &[&str]) -> Vec<Roles> {
    let first = lines.first().copied().unwrap_or_default();
    let Some(syntax) = language(path, first) else { return lines.iter().map(|line| plain(line)).collect() };
    let mut state = Some((ParseState::new(syntax), ScopeStack::new()));
    lines.iter().map(|line| roles_of(line, &mut state)).collect()
}

fn syntaxes() -> &'static SyntaxSet {
    static SYNTAXES: OnceLock<SyntaxSet> = OnceLock::new();
    SYNTAXES.get_or_init(two_face::syntax::extra_newlines)
}

/// By file name (`Dockerfile`), else by extension, else by a first line that names an interpreter or a format.
fn language(path: &str, first_line: &str) -> Option<&'static SyntaxReference> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let by_name = syntaxes().find_syntax_by_extension(name);
    let by_extension = || extension.and_then(|extension| syntaxes().find_syntax_by_token(extension));
    // Every language's pattern is compiled for this, which is slow: only where the line can match one.
    let says_more = first_line.starts_with("#!") || first_line.starts_with("<?") || first_line.contains("-*-");
    let by_line = || {
        let is_short = first_line.len() <= MAX_COLOURED;
        (says_more && is_short).then(|| syntaxes().find_syntax_by_first_line(first_line)).flatten()
    };
    by_name.or_else(by_extension).or_else(by_line)
}

/// Roles of the next line. `state` is dropped when the parser gives up, and what follows is plain.
fn roles_of(line: &str, state: &mut Option<(ParseState, ScopeStack)>) -> Roles {
    if line.len() > MAX_COLOURED {
        return plain(line);
    }
    let roles = state.as_mut().and_then(|(parser, stack)| parse(line, parser, stack));
    if roles.is_none() {
        *state = None;
    }
    roles.unwrap_or_else(|| plain(line))
}

fn parse(line: &str, parser: &mut ParseState, stack: &mut ScopeStack) -> Option<Roles> {
    let with_end = format!("{line}\n");
    let changes = parser.parse_line(&with_end, syntaxes()).ok()?;
    let mut roles = Roles::new();
    for (at, change) in changes {
        push(&mut roles, at.min(line.len()), role(stack));
        stack.apply(&change).ok()?;
    }
    push(&mut roles, line.len(), role(stack));
    Some(roles)
}

/// The text up to `end` has this role, as far as no other has been given to it.
fn push(roles: &mut Roles, end: usize, role: Syntax) {
    let end = u32::try_from(end).unwrap_or(u32::MAX);
    match roles.last_mut() {
        Some((before, _)) if *before >= end => {}
        None if end == 0 => {}
        Some((before, same)) if *same == role => *before = end,
        _ => roles.push((end, role)),
    }
}

fn role(stack: &ScopeStack) -> Syntax {
    stack.as_slice().iter().rev().find_map(|&scope| role_of_scope(scope)).unwrap_or(Syntax::Plain)
}

fn role_of_scope(scope: Scope) -> Option<Syntax> {
    table().iter().find(|(prefix, _)| prefix.is_prefix_of(scope)).map(|(_, role)| *role)
}

/// `ROLES` with its names parsed, the longest first.
fn table() -> &'static [(Scope, Syntax)] {
    static TABLE: OnceLock<Vec<(Scope, Syntax)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let parsed = ROLES.iter().filter_map(|(name, role)| Some((Scope::new(name).ok()?, *role)));
        let mut table: Vec<(Scope, Syntax)> = parsed.collect();
        table.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
        table
    })
}

fn plain(line: &str) -> Roles {
    let mut roles = Roles::new();
    push(&mut roles, line.len(), Syntax::Plain);
    roles
}
