//! The evidence of one file while it is read.

use crate::ingest::notes::{Notes, Oddity};
use crate::model::ai::Cached;
use crate::model::evidence::{Document, Evidence, Fact, Frame, Intel, Manifest, Polarity, Statement};
use crate::repo::locate::Locator;

use super::words::time;

/// The most frames that are kept of a path.
const MAX_FRAMES: usize = 64;
/// The most statements that are kept of a file: those of a small one may be many where all are about all products.
const MAX_STATEMENTS: usize = 1_000_000;
/// The longest reason, in bytes; a longer one is cut to a fourth of so many characters.
const MAX_REASON: usize = 2 << 10;

/// What a reader fills.
pub(super) struct Draft<'a> {
    pub(super) document: Document,
    locator: &'a mut Locator,
    evidence: Evidence,
    oddities: Vec<(String, Oddity)>,
    /// Statements for which there was no room.
    left_out: usize,
    /// Why what it denies decides nothing.
    weak: Option<Oddity>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(name: &str, format: &'static str, locator: &'a mut Locator) -> Self {
        let document = Document { name: name.into(), format, ..Document::default() };
        Self { document, locator, evidence: Evidence::default(), oddities: Vec::new(), left_out: 0, weak: None }
    }

    /// Sets when the file says that it was made, if that is a time.
    pub(super) fn dated(&mut self, text: Option<&str>) {
        if let Some(made) = text.and_then(time) {
            (self.document.made, self.document.states_time) = (Some(made), true);
        }
    }

    /// Notes the version of the format that the file states. In one whose first number is above the one that is known here,
    /// words may mean something else: what such a file denies decides nothing.
    pub(super) fn of_version(&mut self, stated: Option<&str>, known: u32) {
        let number = |text: &str| text.trim_start_matches('v').split('.').next()?.parse::<u32>().ok();
        if stated.and_then(number).is_some_and(|major| major > known) {
            let kind = "it is of a newer version than what is known here, and what it denies decides nothing";
            self.weak = Some(Oddity::harmless(kind, stated.unwrap_or_default()));
        }
    }

    /// Notes that its tool says of itself that it has failed: what it did not find may be there.
    pub(super) fn has_failed(&mut self) {
        let kind = "its tool says that it has failed, and what it denies decides nothing";
        self.weak = Some(Oddity::harmless(kind, ""));
    }

    /// Notes which projects the file is about. Of several it is not known which one is here: what is not reached in one
    /// may be in another.
    pub(super) fn of_projects<'p>(&mut self, projects: impl Iterator<Item = Option<&'p str>>) {
        let mut projects = projects.flatten().filter(|project| !project.is_empty());
        let first = projects.next();
        if projects.any(|project| Some(project) != first) {
            let kind = "it is about several projects, and what it denies decides nothing; ask for this one alone";
            self.weak = Some(Oddity::harmless(kind, ""));
        }
    }

    /// Adds a statement; its document is set here, and what is too long is cut.
    pub(super) fn state(&mut self, mut statement: Statement) {
        if self.evidence.statements.len() == MAX_STATEMENTS {
            self.left_out += 1;
            return;
        }
        statement.document = 0;
        statement.path.truncate(MAX_FRAMES);
        if let Some(reason) = statement.reason.as_mut().filter(|reason| reason.len() > MAX_REASON) {
            *reason = reason.chars().take(MAX_REASON / 4).collect::<String>().into();
        }
        self.evidence.statements.push(statement);
    }

    /// Adds something about an advisory.
    pub(super) fn know(&mut self, pointer: impl Into<Box<str>>, vuln: &str, fact: Fact) {
        self.evidence.intel.push(Intel { document: 0, pointer: pointer.into(), vuln: vuln.into(), fact });
    }

    /// Adds the verdict of a model.
    pub(super) fn judge(&mut self, cached: Cached) {
        if self.evidence.cached.len() == MAX_STATEMENTS {
            self.left_out += 1;
        } else {
            self.evidence.cached.push(cached);
        }
    }

    /// Says that several ids are the same flaw.
    pub(super) fn alias<'i>(&mut self, ids: impl IntoIterator<Item = &'i str>) {
        let ids: Box<[Box<str>]> = ids.into_iter().map(Box::from).collect();
        if ids.len() > 1 {
            self.evidence.aliases.push(ids);
        }
    }

    /// Keeps a file that deploys something, as it is.
    pub(super) fn keep(&mut self, text: &str) {
        self.evidence.manifests.push(Manifest { name: self.document.name.clone(), text: text.into() });
    }

    /// The place in the repository that a path or URI of the file means; else the path as it is.
    pub(super) fn locate(&mut self, uri: &str) -> Box<str> {
        self.locator.locate(uri, None).path.into()
    }

    /// The file of the repository that a path or URI means, tried below each base and then as it stands.
    pub(super) fn file(&mut self, uri: &str, bases: &[String]) -> Option<Box<str>> {
        let bases = bases.iter().map(|base| Some(base.as_str())).chain([None]);
        let mut found = bases.map(|base| self.locator.locate(uri, base)).filter(|located| located.in_repo);
        found.next().map(|located| located.path.into())
    }

    /// The bytes of a file of the repository, `None` where they cannot be read.
    pub(super) fn source(&self, path: &str) -> Option<Vec<u8>> {
        self.locator.read(path)
    }

    /// A frame, with its place in the repository if it has one. Whether it is code of the repository is left to the
    /// reader, who knows what its format says of that.
    pub(super) fn frame(&mut self, module: &str, function: &str, uri: &str, line: u32, column: u32) -> Frame {
        let path = if uri.is_empty() { Box::default() } else { self.locate(uri) };
        Frame { module: module.into(), function: function.into(), path, line, column, is_own: false }
    }

    /// Notes something odd at a place of the file.
    pub(super) fn odd(&mut self, pointer: impl Into<String>, oddity: Oddity) {
        self.oddities.push((pointer.into(), oddity));
    }

    /// Whether nothing was found, and nothing odd.
    pub(super) fn is_silent(&self) -> bool {
        let Evidence { statements, intel, manifests, cached, .. } = &self.evidence;
        let is_empty = statements.is_empty() && intel.is_empty() && manifests.is_empty() && cached.is_empty();
        is_empty && self.oddities.is_empty()
    }

    /// All of it; what was odd goes to the notes.
    pub(super) fn finish(self, notes: &mut Notes) -> Evidence {
        for (place, oddity) in self.oddities {
            notes.odd(|| place, &oddity);
        }
        if self.left_out > 0 {
            let what = format!("{} behind the first {MAX_STATEMENTS}", self.left_out);
            notes.odd(String::new, &Oddity::costly("too many statements were left out", what));
        }
        let mut evidence = self.evidence;
        if let Some(oddity) = self.weak {
            notes.odd(String::new, &oddity);
            for statement in evidence.statements.iter_mut().filter(|one| one.polarity == Polarity::No) {
                statement.strength = statement.strength.min(1);
            }
        }
        evidence.documents = vec![self.document];
        evidence
    }
}
