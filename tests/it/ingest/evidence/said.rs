//! What files of evidence say, in a form that a test can write down.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quell::ingest::input::Input;
use quell::ingest::load::{Options, Progress, load};
use quell::model::evidence::{Evidence, Frame, Polarity, Statement};
use quell::model::problem::Problem;

use crate::support::tree::Tree;

/// What was read of one file, and what was wrong with it.
pub(super) struct Read {
    pub(super) evidence: Evidence,
    pub(super) problems: Vec<Problem>,
    /// How many results of a report were read.
    pub(super) results: usize,
}

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/ingest/evidence/samples")
}

/// Reads a file of a folder with other files.
pub(super) fn read_file(tree: &Tree, path: &Path) -> Read {
    let inputs = [Input::File(path.to_path_buf())];
    let loaded = load(&tree.repo(), &inputs, &Options::default(), &Arc::new(Progress::default()));
    let mut backlog = loaded.backlog;
    let (evidence, problems) = (std::mem::take(&mut backlog.evidence), std::mem::take(&mut backlog.problems));
    Read { evidence, problems, results: backlog.results.len() }
}

/// Reads a text that has this name in a folder with these files.
pub(super) fn read_in(files: &[(&str, &str)], name: &str, text: impl AsRef<[u8]>) -> Read {
    let tree = Tree::plain(files);
    let path = tree.root().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    read_file(&tree, &path)
}

/// Reads a text on its own.
pub(super) fn read(text: impl AsRef<[u8]>) -> Read {
    read_in(&[], "evidence.txt", text)
}

/// Reads a file of a sample, with the other files of its folder around it; `@ROOT@` in them is where they lie.
pub(super) fn sample(name: &str) -> Read {
    let tree = Tree::plain(&[]);
    let (project, file) = name.split_once('/').unwrap();
    copy(&folder().join(project), tree.root(), &tree.root().to_string_lossy());
    read_file(&tree, &tree.root().join(file))
}

fn copy(from: &Path, to: &Path, root: &str) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to, root);
        } else {
            fs::write(&to, fs::read_to_string(entry.path()).unwrap().replace("@ROOT@", root)).unwrap();
        }
    }
}

impl Read {
    /// `line 3: shop/views.py:5-10 executed yes 4`, one for each statement.
    pub(super) fn statements(&self) -> Vec<String> {
        self.evidence.statements.iter().map(words).collect()
    }

    /// The lines of a file with their answers: `5-10 yes, 14 no`, with the strength where it is not the usual one.
    pub(super) fn lines(&self, path: &str) -> String {
        let own = self.evidence.statements.iter().filter(|said| said.subject.path.as_deref() == Some(path));
        let words = own.map(|said| {
            let usual = if said.polarity == Polarity::Yes { 4 } else { 1 };
            let strength = if said.strength == usual { String::new() } else { format!(" {}", said.strength) };
            format!("{} {}{strength}", range(said), said.polarity.name())
        });
        words.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn problems(&self) -> Vec<String> {
        self.problems.iter().map(|problem| problem.reason.clone()).collect()
    }
}

fn range(said: &Statement) -> String {
    let first = said.subject.line.unwrap_or_default();
    said.subject.end_line.map_or(first.to_string(), |last| format!("{first}-{last}"))
}

fn words(said: &Statement) -> String {
    let subject = &said.subject;
    let mut parts: Vec<String> = subject.vulns.iter().map(ToString::to_string).collect();
    parts.extend(subject.purl.as_deref().map(str::to_owned));
    parts.extend(subject.symbol.as_deref().map(|symbol| format!("`{symbol}`")));
    parts.extend(subject.path.as_deref().map(|path| match subject.line {
        Some(_) => format!("{path}:{}", range(said)),
        None => path.to_owned(),
    }));
    parts.extend(subject.image.as_deref().map(|image| format!("image {image}")));
    parts.extend(subject.service.as_deref().map(|service| format!("service {service}")));
    let entry = if said.entry.name() == "unknown" { String::new() } else { format!(" from {}", said.entry.name()) };
    let reason = said.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let path = said.path.iter().map(frame).collect::<Vec<_>>().join(" > ");
    let path = if path.is_empty() { path } else { format!(" [{path}]") };
    let (rung, polarity, strength) = (said.rung.name(), said.polarity.name(), said.strength);
    format!("{}: {} {rung} {polarity} {strength}{entry}{reason}{path}", said.pointer, parts.join(" "))
}

fn frame(frame: &Frame) -> String {
    let own = if frame.is_own { "own " } else { "" };
    let parts = [&*frame.module, &*frame.function].into_iter().filter(|part| !part.is_empty());
    let place = if frame.path.is_empty() { String::new() } else { format!("{}:{}", frame.path, frame.line) };
    let parts = parts.chain([place.as_str()]).filter(|part| !part.is_empty());
    format!("{own}{}", parts.collect::<Vec<_>>().join(" "))
}
