//! From what a format reads to proposals: ids, titles, files, bounds.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use crate::fix::read::format::{PROPOSED_BY, Read, Source};
use crate::model::backlog::MadeBy;
use crate::model::fix::{Applicability, FileEdit, FileOp, Passage, Proposal, ProposalSource, TextEdit};
use crate::model::id::FixId;
use crate::model::problem::{Loss, Problem};
use crate::repo::Repo;
use crate::repo::locate::Locator;

use super::path::{Meant, of_names, of_path, without_prefix};

/// Most changes that one text may hold.
const MAX_CHANGES: usize = 100_000;

/// What all proposals of one text have in common.
pub(super) struct Origin<'a> {
    pub(super) source: Source<'a>,
    pub(super) format: &'static str,
}

/// The proposals of one text, as they are read.
pub(super) struct Drafts<'a> {
    repo: &'a Repo,
    origin: Origin<'a>,
    locator: Locator,
    proposals: Vec<Proposal>,
    problems: Vec<Problem>,
    changes: usize,
}

/// One proposal as a format states it.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) message: String,
    /// The tool that it names; empty for the format.
    pub(super) tool: String,
    /// Where it stands in the text, so that those of one place are alternatives.
    pub(super) place: String,
    /// Position among the alternatives of its place, 0 first.
    pub(super) alternative: usize,
    pub(super) files: Vec<FileEdit>,
    pub(super) warnings: Vec<String>,
}

impl<'a> Drafts<'a> {
    pub(super) fn new(repo: &'a Repo, origin: Origin<'a>) -> Self {
        let locator = Locator::new(repo);
        Self { repo, origin, locator, proposals: Vec::new(), problems: Vec::new(), changes: 0 }
    }

    /// An edit of the file that the two names of a diff mean.
    pub(super) fn file_of_names(&self, old: &[u8], new: &[u8]) -> FileEdit {
        edit_of(of_names(self.repo, self.origin.source.folder, old, new))
    }

    /// The file that a diff makes under this name.
    pub(super) fn new_file(&self, name: &[u8], is_bare: bool) -> FileEdit {
        let Ok(stated) = std::str::from_utf8(name) else { return not_utf8(name) };
        let path = if is_bare { stated } else { without_prefix(stated) };
        FileEdit { op: FileOp::Create, ..self.file(path) }
    }

    /// A file that gets another name.
    pub(super) fn renamed(&self, from: &[u8], to: &[u8]) -> FileEdit {
        match (std::str::from_utf8(from), std::str::from_utf8(to)) {
            (Ok(from), Ok(to)) => self.moved(self.file(from), from, to),
            (Err(_), _) => not_utf8(from),
            (_, Err(_)) => not_utf8(to),
        }
    }

    /// `file`, whose path was stated as `from`, with the name `to`: where one is below the folder, so is the other.
    pub(super) fn moved(&self, file: FileEdit, from: &str, to: &str) -> FileEdit {
        let folder = self.origin.source.folder;
        let (from, to) = (from.trim_start_matches("./"), to.trim_start_matches("./"));
        let is_below = !folder.is_empty() && file.path == format!("{folder}/{from}") && !to.starts_with('/');
        let target = self.file(&if is_below { format!("{folder}/{to}") } else { to.to_owned() });
        let refused = file.refused.or(target.refused.map(|why| format!("its new name {to}: {why}")));
        FileEdit { op: FileOp::Rename(target.path), in_repo: refused.is_none(), refused, ..file }
    }

    /// An edit of the file with this path.
    pub(super) fn file(&self, path: &str) -> FileEdit {
        edit_of(of_path(self.repo, self.origin.source.folder, path))
    }

    /// An edit of the file that a tool means, perhaps by a path of another machine.
    pub(super) fn located(&mut self, path: &str) -> FileEdit {
        let known = self.file(path);
        if known.refused.is_none() && self.repo.file_state(&known.path).is_ok() {
            return known;
        }
        let found = self.locator.locate(path, None);
        FileEdit { path: found.path, in_repo: found.in_repo, ..FileEdit::default() }
    }

    /// The bytes of a file as it is now; `None` where it cannot be read.
    pub(super) fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        self.repo.read(path).ok()
    }

    /// Says that a part of the text was left out; `line` is 1-based, 0 for the whole text.
    pub(super) fn problem(&mut self, line: usize, reason: impl Into<String>) {
        let place = if line == 0 { String::new() } else { format!("line {line}") };
        self.problems.push(Problem::at(self.origin.source.name, place, reason, Loss::Result));
    }

    /// Takes one proposal; one without any change says nothing.
    pub(super) fn add(&mut self, draft: Draft) {
        let mut files = draft.files;
        files.retain(|file| !file.is_empty());
        self.changes += files.iter().map(|file| file.edits.len() + file.passages.len()).sum::<usize>();
        if files.is_empty() || self.changes > MAX_CHANGES {
            return;
        }
        let Origin { source, format } = &self.origin;
        let tool = if draft.tool.is_empty() { (*format).to_owned() } else { draft.tool };
        let family = tool.to_lowercase();
        let tool = source.provider.map_or(tool, |name| format!("{PROPOSED_BY}{name}"));
        self.proposals.push(Proposal {
            id: id(&draft.title, &files),
            finding: None,
            also: Vec::new(),
            source: ProposalSource {
                tool,
                family,
                file: source.name.to_owned(),
                pointer: format!("{}/fixes/{}", draft.place, draft.alternative),
                made: source.made,
                made_by: MadeBy::Written,
                revision: None,
            },
            title: draft.title,
            message: draft.message,
            applicability: Applicability::Unknown,
            alternative: u32::try_from(draft.alternative).unwrap_or(u32::MAX),
            edits: files,
            warnings: draft.warnings,
        });
    }

    /// Everything that was read; nothing of a text that holds too much, each proposal once.
    pub(super) fn finish(mut self) -> Read {
        if self.changes > MAX_CHANGES {
            let reason = format!("it has more than {MAX_CHANGES} changes, more than Quell reads");
            let problem = Problem::of_file(self.origin.source.name, reason, "split it");
            return Read { proposals: Vec::new(), problems: vec![problem] };
        }
        let mut known = HashSet::new();
        self.proposals.retain(|proposal| known.insert(proposal.id));
        Read { proposals: self.proposals, problems: self.problems }
    }
}

fn edit_of(Meant { path, refused }: Meant) -> FileEdit {
    FileEdit { path, in_repo: refused.is_none(), refused, ..FileEdit::default() }
}

fn not_utf8(name: &[u8]) -> FileEdit {
    let refused = Some("its path is not UTF-8".to_owned());
    FileEdit { path: String::from_utf8_lossy(name).into_owned(), refused, ..FileEdit::default() }
}

/// SHA-256 over the title and every change: the same proposal read from another file is the same fix.
pub(in crate::fix) fn id(title: &str, files: &[FileEdit]) -> FixId {
    let mut hash = Sha256::new();
    let mut put = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    put(title.as_bytes());
    for FileEdit { path, op, refused, edits, passages, .. } in files {
        put(path.as_bytes());
        if *op != FileOp::Change {
            put(op.name().as_bytes());
            put(op.new_path().unwrap_or_default().as_bytes());
        }
        put(refused.as_deref().unwrap_or_default().as_bytes());
        for TextEdit { region, insert, .. } in edits {
            put(format!("{region:?}").as_bytes());
            put(insert.as_bytes());
        }
        for Passage { step, line, before, after, heading, is_last } in passages {
            put(format!("{step} {line} {heading:?} {is_last}").as_bytes());
            put(before);
            put(after);
        }
    }
    let digest = hash.finalize();
    FixId(digest.iter().take(8).fold(0, |id, byte| id << 8 | u64::from(*byte)))
}
