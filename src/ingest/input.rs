//! From what the user named to the list of files to read.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;
use globset::{GlobBuilder, GlobMatcher};
use ignore::WalkBuilder;
use serde::Deserialize;

use crate::model::problem::{Loss, Problem};
use crate::repo::Repo;
use crate::repo::locate::is_folder_inside;
use crate::repo::read::ReadError;

use super::{evidence, native, sniff};

/// One file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    File(PathBuf),
    /// A report inside a ZIP archive, with its name and position there.
    Member {
        archive: PathBuf,
        index: usize,
        name: String,
    },
    /// Standard input.
    Stdin,
}

/// The most files that a directory or glob may give.
pub const MAX_FILES: usize = 10_000;

/// Where reports are looked for if nothing is named, below the root.
pub const REPORTS: &str = ".quell/reports";
const CONFIG: &str = ".quell/config.toml";

/// Bytes of a `.json` file that are looked at to tell what it is.
pub(super) const SNIFFED: u64 = 64 << 10;

impl Input {
    /// How problems and lists call it: relative to the root where it lies in it.
    pub(super) fn name(&self, repo: &Repo) -> String {
        let of_file = |path: &Path| path.strip_prefix(repo.root()).unwrap_or(path).to_string_lossy().into_owned();
        match self {
            Self::Stdin => "standard input".to_owned(),
            Self::File(path) => of_file(path),
            Self::Member { archive, name, .. } => format!("{}: {name}", of_file(archive)),
        }
    }
}

/// The part of `.quell/config.toml` that this layer reads.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Config {
    pub(super) inputs: Vec<String>,
    pub(super) repository: RepositoryConfig,
    /// Prefixes of the paths in reports and the folders of the repository that they mean: `"/src" = "."`.
    pub(super) paths: BTreeMap<String, String>,
    /// What is not for this layer.
    #[serde(flatten)]
    others: BTreeMap<String, toml::Value>,
}

/// What other layers read of it.
const OTHERS: &[&str] = &["policy", "ledger"];

/// `[repository]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RepositoryConfig {
    /// Goes into every id, so that equal findings of two repositories differ.
    pub(super) key: String,
}

/// Reads the configuration; without one, all defaults.
pub(super) fn config(repo: &Repo) -> (Config, Option<Problem>) {
    let bytes = match repo.read(CONFIG) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return (Config::default(), None),
        // What it would say is not known: that must not look like a session without a configuration.
        Err(error) => {
            let hint = "make it a file that can be read, or remove it";
            return (Config::default(), Some(Problem::of_file(CONFIG, error.to_string(), hint)));
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    match toml::from_str(&text) {
        Ok(config) => {
            let (config, problem) = check_paths(config);
            let problem = problem.or_else(|| without_effect(&config));
            (config, problem)
        }
        Err(error) => {
            let before = error.span().and_then(|span| text.get(..span.start));
            let place = before.map(|before| format!("line {}", before.matches('\n').count() + 1));
            let problem = Problem::at(CONFIG, place.unwrap_or_default(), error.message(), Loss::File);
            (Config::default(), Some(problem.hint("correct it")))
        }
    }
}

/// Says what has no effect in a repository's configuration, so that nobody relies on it.
fn without_effect(config: &Config) -> Option<Problem> {
    let names = config.others.keys().map(String::as_str).filter(|name| !OTHERS.contains(name));
    let names: Vec<&str> = names.collect();
    let problem = || {
        let reason = format!("{} has no effect in the configuration of a repository", names.join(", "));
        Problem::at(CONFIG, "", reason, Loss::Nothing)
    };
    (!names.is_empty()).then(|| problem().hint("settings of your own stand in ~/.config/quell/config.toml"))
}

/// Leaves out mappings that lead outside.
fn check_paths(mut config: Config) -> (Config, Option<Problem>) {
    let mut outside: Vec<String> = Vec::new();
    config.paths.retain(|_, to| {
        is_folder_inside(to) || {
            outside.push(format!("`{to}`"));
            false
        }
    });
    let problem = (!outside.is_empty()).then(|| {
        let reason = format!("{} is no folder inside the repository", outside.join(", "));
        Problem::at(CONFIG, "paths", reason, Loss::File).hint("name a folder relative to the repository's root")
    });
    (config, problem)
}

/// Files for INPUT arguments (files, globs, directories, `-`), relative to `cwd`; with none, what
/// `.quell/config.toml` names under `inputs`, else `.quell/reports/` recursively and report files in the repository root.
pub fn find(repo: &Repo, cwd: &Path, named: &[String]) -> (Vec<Input>, Vec<Problem>) {
    let mut finder = Finder { found: Vec::new(), known: HashSet::new(), problems: Vec::new() };
    if named.is_empty() {
        finder.defaults(repo);
    }
    for name in named {
        finder.named(cwd, name);
    }
    (finder.found, finder.problems)
}

struct Finder {
    found: Vec<Input>,
    known: HashSet<PathBuf>,
    problems: Vec<Problem>,
}

impl Finder {
    fn defaults(&mut self, repo: &Repo) {
        // A broken configuration is told by `load`; here it only names nothing.
        let (config, _) = config(repo);
        if config.inputs.is_empty() {
            self.directory(&repo.root().join(REPORTS), false);
            self.files_in(repo.root());
        }
        for name in &config.inputs {
            self.configured(repo, name);
        }
    }

    /// An entry of `inputs`: as on the command line, but never outside the repository.
    fn configured(&mut self, repo: &Repo, name: &str) {
        let is_inside =
            Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let before = self.found.len();
        if is_inside {
            self.named(repo.root(), name);
        }
        let root = repo.root().canonicalize().unwrap_or_else(|_| repo.root().to_path_buf());
        let stays = |input: &Input| match input {
            Input::File(path) => path.canonicalize().is_ok_and(|path| path.starts_with(&root)),
            Input::Member { .. } | Input::Stdin => false,
        };
        let added = self.found.split_off(before);
        let all_stay = is_inside && added.iter().all(stays);
        self.found.extend(added.into_iter().filter(stays));
        if !all_stay {
            let problem = Problem::at(CONFIG, "inputs", format!("`{name}` leads outside the repository"), Loss::File);
            self.problems.push(problem.hint("name it on the command line instead"));
        }
    }

    fn named(&mut self, cwd: &Path, name: &str) {
        if name == "-" {
            if !self.found.contains(&Input::Stdin) {
                self.found.push(Input::Stdin);
            }
            return;
        }
        let path = cwd.join(name);
        if name.is_empty() {
            // A variable of a script that is not set must not mean "everything here".
            self.missing("''", "the name is empty");
        } else if path.is_dir() {
            self.named_directory(&path, name);
        } else if path.exists() {
            self.add(&path);
        } else if name.contains(['*', '?', '[', '{']) {
            self.glob(cwd, name);
        } else {
            self.missing(name, "no such file or directory");
        }
    }

    fn missing(&mut self, name: &str, reason: &str) {
        self.problems.push(Problem::of_file(name, reason, "check the spelling, or run the scanner first"));
    }

    fn named_directory(&mut self, path: &Path, name: &str) {
        let before = self.found.len();
        self.directory(path, true);
        let reports = path.join(REPORTS);
        if reports.is_dir() {
            self.directory(&reports, false);
        }
        if self.found.len() == before {
            self.missing(name, "no report in this directory (*.sarif, also .gz, .zst and .zip, or *.json with the content of a report)");
        }
    }

    /// All reports below a directory in the order of their paths.
    fn directory(&mut self, path: &Path, honour_ignore_files: bool) {
        let files = walk(path, honour_ignore_files).filter(|file| is_report(file));
        self.add_sorted(files.take(MAX_FILES + 1).collect(), path);
    }

    /// Reports that lie in a directory itself.
    fn files_in(&mut self, path: &Path) {
        let Ok(entries) = path.read_dir() else { return };
        let files = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        self.add_sorted(
            files.map(|entry| entry.path()).filter(|file| is_report(file)).take(MAX_FILES + 1).collect(),
            path,
        );
    }

    fn glob(&mut self, cwd: &Path, pattern: &str) {
        let Some((start, rest)) = glob(cwd, pattern) else {
            self.missing(pattern, "it is no glob that can be read");
            return;
        };
        // What a glob matches is named: it is read whatever its name says, and hidden if the glob says so.
        let names_hidden = pattern.starts_with('.') || pattern.contains("/.");
        let is_match = |file: &PathBuf| file.strip_prefix(&start).is_ok_and(|below| rest.is_match(below));
        let files: Vec<PathBuf> = walk(&start, !names_hidden).filter(is_match).take(MAX_FILES + 1).collect();
        if files.is_empty() {
            self.missing(pattern, "no file matches");
        }
        self.add_sorted(files, &start);
    }

    fn add_sorted(&mut self, mut files: Vec<PathBuf>, below: &Path) {
        if files.len() > MAX_FILES {
            let reason = format!("more than {MAX_FILES} reports; the rest was not read");
            self.problems.push(Problem::of_file(below.to_string_lossy(), reason, "name fewer files"));
            files.truncate(MAX_FILES);
        }
        files.sort_unstable();
        for file in files {
            self.add(&file);
        }
    }

    fn add(&mut self, path: &Path) {
        let path: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
        if self.known.insert(path.clone()) {
            self.found.push(Input::File(path));
        }
    }
}

/// Regular files below a directory; symbolic links are not followed.
fn walk(path: &Path, honour_ignore_files: bool) -> impl Iterator<Item = PathBuf> + use<> {
    let walk = WalkBuilder::new(path)
        .standard_filters(honour_ignore_files)
        .require_git(false)
        .sort_by_file_name(Ord::cmp)
        .build();
    walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())).map(ignore::DirEntry::into_path)
}

/// Ends of names that only reports have.
const ENDS: &[&str] = &[".sarif", ".sarif.json", ".sarif.gz", ".sarif.zst", ".sarif.zip"];
/// Ends of names that reports share with other files.
const OPEN_ENDS: &[&str] =
    &[".json", ".jsonl", ".csv", ".info", ".lcov", ".out", ".txt", ".xml", ".yaml", ".yml", ".csv.gz"];

/// Whether a file is a report, by its name, or by its content where the name leaves it open. Manifests are reports only
/// where reports are kept.
fn is_report(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let start = || {
        let mut start = Vec::new();
        File::open(path).and_then(|file| file.take(SNIFFED).read_to_end(&mut start)).ok().map(|_| start)
    };
    let is_kept = || path.ancestors().any(|folder| folder.ends_with(REPORTS));
    is_report_named(&name, start) || (is_kept() && start().is_some_and(|start| evidence::is_manifest(&start)))
}

/// The same for a name and the first bytes of what has it.
pub(super) fn is_report_named(name: &str, start: impl FnOnce() -> Option<Vec<u8>>) -> bool {
    let name = name.to_lowercase();
    let has = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    has(ENDS) || (has(OPEN_ENDS) && start().is_some_and(is_report_inside))
}

fn is_report_inside(start: Vec<u8>) -> bool {
    let mut start = if start.starts_with(&[0x1f, 0x8b]) { unpacked(&start) } else { start };
    // UTF-16 has a zero beside each letter that counts here.
    start.retain(|byte| *byte != 0);
    sniff::may_be_sarif(&start) || native::is_known(&start) || evidence::is_known(&start)
}

/// What the beginning of a gzip file unpacks to, as far as it goes.
fn unpacked(start: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    // The end is missing, which fails after all that is there was read.
    let _ = GzDecoder::new(start).take(SNIFFED).read_to_end(&mut text);
    text
}

/// The directory to search and what the paths of its files below it must match.
fn glob(cwd: &Path, pattern: &str) -> Option<(PathBuf, GlobMatcher)> {
    let parts: Vec<Component<'_>> = Path::new(pattern).components().filter(|part| *part != Component::CurDir).collect();
    let is_fixed = |part: &&Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']);
    let (fixed, rest) = parts.split_at(parts.iter().take_while(is_fixed).count());
    let start = cwd.join(fixed.iter().collect::<PathBuf>());
    let rest: PathBuf = rest.iter().collect();
    let glob = GlobBuilder::new(rest.to_str()?).literal_separator(true).build().ok()?;
    Some((start, glob.compile_matcher()))
}
