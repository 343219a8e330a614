//! Whether flagged code is in a function, or in a file, that the own texts name anywhere else: who calls a function that
//! has no class around it has to name it, and who loads a file has to name that.
//!
//! Only where the deployment files say that the code is part of something that runs: of a library others call what it does
//! not call itself. A name that stands anywhere counts, also in a comment, so that a common name is never a no; and
//! nothing is said of what is loaded or called by a name that is put together while it runs.

use std::collections::{BTreeMap, HashMap, HashSet};

use aho_corasick::AhoCorasick;

use crate::model::backlog::{Backlog, NONE, ResultIdx};
use crate::model::evidence::{Entry, Polarity, Rung};
use crate::model::grade::Category;
use crate::model::role::Role;
use crate::model::text::counted;

use super::declared::{Place, is_manifest};
use super::ecosystem::{name_of, source_of};
use super::named::is_setting;
use super::outline::{Function, Language};
use super::packages::is_aside;
use super::said::Said;
use super::texts::{Looked, Texts};

/// The most files with flagged code whose functions are looked for.
const MAX_FLAGGED: usize = 5_000;
/// The most names that are looked for at once.
const MAX_NAMES: usize = 20_000;
/// The largest of them, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// Results in sources, by path: lines with results.
pub(super) type Flagged<'b> = BTreeMap<&'b str, Vec<(u32, ResultIdx)>>;

/// The results whose functions can be looked for: those in paths that run somewhere, by their numbers.
pub(super) fn flagged<'b>(backlog: &'b Backlog, is_running_source: &dyn Fn(u32) -> bool) -> Flagged<'b> {
    let mut flagged = Flagged::new();
    for (result, record) in (0..).zip(&backlog.results) {
        let is_code = !matches!(record.category(), Category::Dependency | Category::Iac | Category::Secret);
        if !is_code || record.path == NONE || record.line == 0 || !is_running_source(record.path) {
            continue;
        }
        let path = backlog.path(record);
        let is_new = || flagged.len() < MAX_FLAGGED && Language::of(path).is_some();
        if flagged.contains_key(path) || is_new() {
            flagged.entry(path).or_default().push((record.line, result));
        }
    }
    flagged
}

/// A function or a file that is looked for.
struct Subject<'b> {
    path: &'b str,
    language: Language,
    /// `None` is the file itself.
    function: Option<Function>,
    results: Vec<ResultIdx>,
    named: Named,
}

/// Where something is named.
#[derive(Default)]
struct Named {
    first: Option<Place>,
    /// By tests and examples.
    aside: Option<Place>,
    /// Whether its file hands it to others, and whether one that names this file may take all of it.
    is_exported: bool,
    is_taken_whole: bool,
}

impl Subject<'_> {
    /// The name that whoever uses it has to write.
    fn name(&self) -> &str {
        self.function.as_ref().map_or_else(|| stem(self.path), |function| &function.name)
    }

    /// Whether a line of its own file is no use of it.
    fn is_itself(&self, line: u32) -> bool {
        self.function.as_ref().is_none_or(|function| (function.comment..=function.last).contains(&line))
    }

    /// Adds a line that has its name.
    fn add(&mut self, path: &str, line: u32, is_export: bool) {
        let is_own = path == self.path;
        self.named.is_exported |= is_own && is_export;
        if is_own && (is_export || self.is_itself(line)) {
            return;
        }
        let is_aside = is_aside(path) && Role::of(path) != Role::Build;
        let slot = if is_aside { &mut self.named.aside } else { &mut self.named.first };
        slot.get_or_insert_with(|| Place { file: path.to_owned(), line });
    }
}

/// What one file says.
#[derive(Default)]
struct InFile {
    /// Numbers of names with lines, and whether the line hands out what it names.
    named: Vec<(usize, u32, bool)>,
    loads_by_made_names: bool,
    takes_whole: bool,
}

/// Looks for all of them at once.
pub(super) fn search(texts: &Texts<'_>, flagged: &Flagged<'_>, take: &mut dyn FnMut(Said, &[ResultIdx])) {
    let mut subjects = Vec::new();
    for (path, results) in flagged {
        if let Some(language) = Language::of(path)
            && let Some(text) = texts.text(path, MAX_BYTES)
        {
            add_subjects(path, language, &text, results, &mut subjects);
        }
    }
    let mut names: Vec<String> = Vec::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut number = |name: &str| {
        *numbers.entry(name.to_owned()).or_insert_with(|| {
            names.push(name.to_owned());
            names.len() - 1
        })
    };
    let own: Vec<(usize, usize)> =
        subjects.iter().map(|subject| (number(subject.name()), number(stem(subject.path)))).collect();
    let mut of_name: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    let mut of_stem = of_name.clone();
    for (at, (name, stem)) in own.into_iter().enumerate() {
        of_name[name].push(at);
        of_stem[stem].push(at);
    }
    if names.is_empty() || names.len() > MAX_NAMES {
        return;
    }
    let Ok(finder) = AhoCorasick::new(&names) else { return };
    let is_read = |path: &str| source_of(path).is_some() || is_setting(path) || is_other(path);
    let looked = texts.each(is_read, |path, text| in_file(path, text, &finder, flagged.contains_key(path)));
    for (path, file) in &looked.files {
        for (name, line, is_export) in &file.named {
            for subject in &of_name[*name] {
                subjects[*subject].add(path, *line, *is_export);
            }
            for subject in of_stem[*name].iter().filter(|_| file.takes_whole && !is_aside(path)) {
                subjects[*subject].named.is_taken_whole = true;
            }
        }
    }
    judge(&subjects, &looked, take);
}

/// The functions around the flagged lines of a file, and the file.
fn add_subjects<'b>(
    path: &'b str,
    language: Language,
    text: &str,
    results: &[(u32, ResultIdx)],
    subjects: &mut Vec<Subject<'b>>,
) {
    let subject = |function, results| Subject { path, language, function, results, named: Named::default() };
    for function in language.functions(text) {
        let is_inside = |line: &u32| (function.first..=function.last).contains(line);
        let own: Vec<ResultIdx> =
            results.iter().filter(|(line, _)| is_inside(line)).map(|(_, result)| *result).collect();
        if !own.is_empty() {
            subjects.push(subject(Some(function), own));
        }
    }
    if is_loaded_by_name(path, language, text) {
        subjects.push(subject(None, results.iter().map(|(_, result)| *result).collect()));
    }
}

/// Names of files and folders that are loaded by where they lie.
const ENTRIES: &[&str] = &[
    "__init__",
    "__main__",
    "admin",
    "app",
    "apps",
    "asgi",
    "cli",
    "config",
    "index",
    "instrumentation",
    "main",
    "manage",
    "middleware",
    "mod",
    "models",
    "server",
    "settings",
    "signals",
    "tasks",
    "urls",
    "wsgi",
    "worker",
];
const LOADED_FOLDERS: &[&str] = &[
    "api",
    "bin",
    "commands",
    "cron",
    "functions",
    "handlers",
    "hooks",
    "jobs",
    "lambdas",
    "management",
    "middleware",
    "migrations",
    "plugins",
    "routes",
    "scripts",
    "tasks",
    "templatetags",
    "tools",
];
/// The same where JavaScript is served or routed by folders.
const SERVED_FOLDERS: &[&str] = &["app", "assets", "controllers", "models", "pages", "public", "static", "views"];

/// Whether a file is only loaded by who names it: no program of its own, and not in a place where frameworks look.
fn is_loaded_by_name(path: &str, language: Language, text: &str) -> bool {
    let name = stem(path);
    let is_program = text.starts_with("#!") || text.contains("__main__") || text.contains("require.main");
    let mut folders = path.split('/').rev().skip(1);
    let is_served = |name: &str| language == Language::JavaScript && SERVED_FOLDERS.contains(&name);
    let is_loaded = folders.any(|name| LOADED_FOLDERS.contains(&name) || is_served(name));
    let is_listed = ENTRIES.contains(&name) || name.contains('.') || is_loaded;
    language != Language::Go && name.len() > 2 && !is_program && !is_listed
}

/// The name of a file without its end.
fn stem(path: &str) -> &str {
    let name = name_of(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Other texts in which a function may be named: templates, schemas, entry points of manifests, assembly.
fn is_other(path: &str) -> bool {
    const ENDS: &[&str] = &[
        "bicep", "c", "cc", "cpp", "desktop", "ejs", "erb", "gotmpl", "gradle", "graphql", "h", "haml", "hbs", "hcl",
        "htm", "j2", "jinja", "jinja2", "liquid", "mustache", "nix", "njk", "pl", "proto", "ps1", "pug", "s", "S",
        "sql", "tf", "tfvars", "tmpl", "tpl", "twig", "zsh",
    ];
    let is_lock = name_of(path).contains("lock") || name_of(path) == "go.sum";
    name_of(path) == "crontab"
        || is_manifest(path) && !is_lock
        || path.rsplit_once('.').is_some_and(|(_, end)| ENDS.contains(&end))
}

/// How sources load what they do not name.
const MADE_NAMES: &[(Language, &[&str])] = &[
    (
        Language::Python,
        &["import_module(", "__import__(", "pkgutil", "importlib.util", "autodiscover", "globals()", "sys.modules"],
    ),
    (Language::JavaScript, &["readdirSync(", "readdir(", "import.meta.glob", "require.context", "globSync(", "glob("]),
];

/// How sources take all that another one exports.
const WHOLE: &[&str] = &["Object.keys(", "Object.values(", "Object.entries(", "export *", "...require(", "import *"];

fn in_file(path: &str, text: &str, finder: &AhoCorasick, is_flagged: bool) -> InFile {
    let mut file = InFile::default();
    if let Some(language) = Language::of(path) {
        let words = MADE_NAMES.iter().find(|(of, _)| *of == language).map_or(&[][..], |(_, words)| *words);
        file.loads_by_made_names = words.iter().any(|word| text.contains(word))
            || language == Language::JavaScript && requires_made_name(text);
        file.takes_whole = WHOLE.iter().any(|word| text.contains(word));
    }
    let exports = if is_flagged { exports(text) } else { Vec::new() };
    // Of other files the first line with a name is enough.
    let mut known = HashSet::new();
    let (mut line, mut counted) = (1, 0);
    for found in finder.find_overlapping_iter(text) {
        let between = text.as_bytes().get(counted..found.end()).unwrap_or_default();
        line += u32::try_from(memchr::memchr_iter(b'\n', between).count()).unwrap_or_default();
        counted = found.end();
        let name = found.pattern().as_usize();
        let mut is_new = || is_flagged || known.insert(name);
        if is_whole(text, found.start(), found.end()) && is_new() {
            file.named.push((name, line, exports.contains(&line)));
        }
    }
    file
}

/// Whether a source asks for a module by a name that is no literal.
fn requires_made_name(text: &str) -> bool {
    ["require(", "import("].iter().any(|word| {
        text.match_indices(word).any(|(at, _)| {
            let is_word = !text.get(..at).is_some_and(|text| text.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
            let inside = text.get(at + word.len()..).unwrap_or_default().trim_start();
            is_word && !inside.starts_with(['"', '\'', '`', ')'])
        })
    })
}

/// Lines of a source of JavaScript that hand out what they name.
fn exports(text: &str) -> Vec<u32> {
    let mut lines = Vec::new();
    let mut is_inside = false;
    for (number, line) in (1..).zip(text.lines()) {
        let starts = ["module.exports", "exports.", "export {"].iter().any(|start| line.starts_with(start));
        if starts || is_inside || line.starts_with("export ") {
            lines.push(number);
        }
        is_inside = (is_inside || starts && line.trim_end().ends_with('{')) && !line.starts_with('}');
    }
    lines
}

/// Whether a name is no part of a longer one.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    !before.is_some_and(is_part) && !bytes.get(end).is_some_and(is_part)
}

fn judge(subjects: &[Subject<'_>], looked: &Looked<'_, InFile>, take: &mut dyn FnMut(Said, &[ResultIdx])) {
    if looked.unread.is_some() {
        return;
    }
    let loads: Vec<Language> = looked
        .files
        .iter()
        .filter(|(path, file)| file.loads_by_made_names && !is_aside(path))
        .filter_map(|(path, _)| Language::of(path))
        .collect();
    let files = counted(looked.files.len(), "file", "files");
    let mut told: Vec<ResultIdx> = Vec::new();
    // Functions stand before their file.
    for subject in subjects {
        let Named { first, aside, is_exported, is_taken_whole } = &subject.named;
        let is_open = subject.function.is_none() || *is_exported || subject.language == Language::Python;
        let is_loose = is_open && loads.contains(&subject.language) || *is_exported && *is_taken_whole;
        if first.is_some() || is_loose {
            continue;
        }
        let results: Vec<ResultIdx> =
            subject.results.iter().copied().filter(|result| told.binary_search(result).is_err()).collect();
        let rung = if subject.function.is_some() { Rung::Called } else { Rung::Imported };
        let what = match &subject.function {
            Some(function) => format!("the function {} ({}:{})", function.name, subject.path, function.first),
            None => format!("the file {}", subject.path),
        };
        let said = if let Some(place) = aside {
            let said = Said::of(rung, format!("{what} is named by tests and examples alone"));
            Said { polarity: Polarity::Yes, strength: 2, entry: Entry::Test, ..said }.at(place)
        } else {
            let said = Said::of(rung, format!("{what} is named nowhere else in {files}"));
            let line = subject.function.as_ref().map_or(0, |function| function.first);
            Said { polarity: Polarity::No, strength: 2, ..said }.at(&Place { file: subject.path.to_owned(), line })
        };
        take(said, &results);
        told.extend(results);
        told.sort_unstable();
    }
}
