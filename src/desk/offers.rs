//! Proposals that no report carries: read from what the user named, and given to the findings whose lines they change.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::fix::read::format::{self, MAX_BYTES, Read, Source};
use crate::fix::touch::{Touched, touched};
use crate::ingest::{self, Progress, input::Input};
use crate::model::backlog::{Backlog, FindingIdx};
use crate::model::board::Board;
use crate::model::fix::Proposal;
use crate::model::id::FindingId;
use crate::model::offer::Offers;
use crate::model::problem::{Loss, Problem};
use crate::repo::tree::plain;

use super::{Desk, Pick, proposals};

/// Most files of one folder.
const MAX_FILES: usize = 10_000;

/// Ends of the names of files that are read from a folder; one that is named itself is read whatever its name.
const ENDINGS: [&str; 9] =
    [".patch", ".diff", ".eml", ".mbox", ".rdjson", ".rdjsonl", ".sarif", ".sarif.json", ".yaml"];

impl Desk {
    /// Reads `options.fixes`; a board without offers says which findings there are.
    pub(super) fn offers(&self, board: &Board) -> (Offers, Vec<Problem>) {
        let mut offers = Offers::default();
        let mut problems = Vec::new();
        for named in &self.options.fixes {
            for file in self.files(named, &mut problems) {
                let Read { proposals, problems: wrong } = self.read_fixes(&file);
                offers.add(attached(self, &board.backlog, proposals));
                problems.extend(wrong);
            }
        }
        (offers, problems)
    }

    fn files(&self, named: &str, problems: &mut Vec<Problem>) -> Vec<Named> {
        if named == "-" {
            return vec![Named { name: "standard input".to_owned(), path: None }];
        }
        let path = self.cwd.join(named);
        let mut found = if path.is_dir() { below(&path) } else { vec![path.clone()] };
        if found.len() > MAX_FILES {
            let reason = format!("more than {MAX_FILES} files; the rest was not read");
            problems.push(Problem::of_file(named, reason, "name fewer files"));
            found.truncate(MAX_FILES);
        }
        if found.is_empty() {
            let reason = format!("no fixes in this folder ({})", ENDINGS.map(|ending| format!("*{ending}")).join(", "));
            problems.push(Problem::of_file(named, reason, "name the files themselves"));
        }
        let name = |path: &Path| {
            let shown = path.strip_prefix(self.repo.root()).unwrap_or(path);
            shown.strip_prefix(&self.cwd).unwrap_or(shown).to_string_lossy().into_owned()
        };
        found.into_iter().map(|path| Named { name: name(&path), path: Some(path) }).collect()
    }

    fn read_fixes(&self, file: &Named) -> Read {
        let failed = |problem: Problem| Read { proposals: Vec::new(), problems: vec![problem] };
        let (bytes, made) = match self.bytes_of(file) {
            Ok(read) => read,
            Err(problem) => return failed(problem),
        };
        let folder = self.cwd.strip_prefix(self.repo.root()).ok().and_then(Path::to_str).unwrap_or_default();
        let source = Source { name: &file.name, made, folder, provider: None };
        if let Some(read) = format::read(&self.repo, &source, &bytes) {
            return read;
        }
        if let Some(read) = file.path.as_ref().and_then(|path| self.read_report(path)) {
            return read;
        }
        let reason = format!("no fixes that can be read: it is none of {}, SARIF", format::names());
        failed(Problem::of_file(file.name.as_str(), reason, "check that it is the right file"))
    }

    fn bytes_of(&self, file: &Named) -> Result<(Vec<u8>, Option<Timestamp>), Problem> {
        let unreadable = |error: std::io::Error| {
            Problem::of_file(file.name.as_str(), plain(&error), "check the name, and that it can be read")
        };
        let Some(path) = &file.path else {
            let bytes = self.piped_fixes.get_or_init(|| {
                let mut bytes = Vec::new();
                let read = std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes);
                read.map(|_| bytes).map_err(|error| error.to_string())
            });
            let bytes = bytes.clone().map_err(std::io::Error::other).map_err(unreadable)?;
            // When it was made is not known, but not later than it came.
            return within_bounds(file, bytes).map(|bytes| (bytes, Some(Timestamp::now())));
        };
        let opened = std::fs::File::open(path).map_err(unreadable)?;
        let known = opened.metadata().map_err(unreadable)?;
        let mut bytes = Vec::new();
        opened.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        let made = known.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        within_bounds(file, bytes).map(|bytes| (bytes, made))
    }

    /// The fixes of a report that is not among the inputs; `None` if it is none.
    fn read_report(&self, path: &Path) -> Option<Read> {
        let inputs = [Input::File(path.to_owned())];
        let loaded = ingest::load(&self.repo, &inputs, &ingest::Options::default(), &Arc::new(Progress::default()));
        if loaded.backlog.reports.is_empty() || loaded.backlog.runs.is_empty() {
            return None;
        }
        let board = Board { backlog: Arc::new(loaded.backlog), ..Board::empty(super::today()) };
        let findings: Vec<FindingIdx> = (0..).take(board.backlog.findings.len()).collect();
        let (proposals, mut problems) = proposals(&board, &loaded.reader, &findings, Pick::All, &|_| true);
        problems.extend(board.backlog.problems.iter().cloned());
        Some(Read { proposals, problems })
    }
}

/// One file of fixes; without a path, standard input.
struct Named {
    name: String,
    path: Option<PathBuf>,
}

fn within_bounds(file: &Named, bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
    if bytes.len() as u64 <= MAX_BYTES {
        return Ok(bytes);
    }
    let reason = format!("it has more than {} MiB, more than Quell reads", MAX_BYTES >> 20);
    Err(Problem::of_file(file.name.as_str(), reason, "split it"))
}

/// Files of fixes below a folder, in the order of their paths.
fn below(folder: &Path) -> Vec<PathBuf> {
    let is_wanted = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        ENDINGS.iter().any(|ending| name.ends_with(ending))
    };
    let walk = ignore::WalkBuilder::new(folder).standard_filters(false).sort_by_file_name(Ord::cmp).build();
    let files = walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    files.map(ignore::DirEntry::into_path).filter(|path| is_wanted(path)).take(MAX_FILES + 1).collect()
}

/// The proposals, each with the findings whose lines it changes or names.
pub(super) fn attached(desk: &Desk, backlog: &Backlog, mut proposals: Vec<Proposal>) -> Vec<Proposal> {
    let touched: Vec<Vec<Touched>> = proposals.iter().map(|proposal| touched(&desk.repo, proposal)).collect();
    let paths = touched.iter().flatten().map(|file| file.path.as_str());
    let places = places(backlog, paths);
    for (proposal, touched) in proposals.iter_mut().zip(&touched) {
        // A report that is loaded as well has named the finding itself.
        let own = proposal.finding.and_then(|id| backlog.find(id)).map(|finding| backlog.id(finding));
        let mut found: Vec<_> = touched.iter().flat_map(|file| findings_at(backlog, &places, file)).collect();
        found.sort_unstable();
        found.dedup();
        let first = own.or(found.first().copied());
        found.retain(|id| Some(*id) != first);
        proposal.finding = first;
        proposal.also = found;
    }
    proposals
}

/// First and last line and finding of every result in these files, by path.
type Places<'a> = HashMap<&'a str, Vec<(u32, u32, FindingIdx)>>;

fn places<'a>(backlog: &'a Backlog, wanted: impl Iterator<Item = &'a str>) -> Places<'a> {
    let mut places: Places<'a> = wanted.map(|path| (path, Vec::new())).collect();
    if places.is_empty() {
        return places;
    }
    for finding in (0..).take(backlog.findings.len()) {
        for result in backlog.members(finding) {
            let record = backlog.record(*result);
            if let Some(known) = places.get_mut(backlog.path(record)).filter(|_| record.line > 0) {
                known.push((record.line, record.end_line.max(record.line), finding));
            }
        }
    }
    places
}

fn findings_at(backlog: &Backlog, places: &Places<'_>, file: &Touched) -> Vec<FindingId> {
    let here = places.get(file.path.as_str()).map(Vec::as_slice).unwrap_or_default();
    let is_touched =
        |first: u32, last: u32| file.lines.iter().any(|lines| *lines.start() <= last && first <= *lines.end());
    let found = here.iter().filter(|(first, last, _)| is_touched(*first, *last));
    found.map(|(_, _, finding)| backlog.id(*finding)).collect()
}

/// Says what no finding of a console can show.
pub(super) fn loose(offers: &Offers) -> Option<Problem> {
    let count = offers.loose().count();
    let first = offers.loose().next()?;
    let (noun, verb) = if count == 1 { ("fix", "belongs") } else { ("fixes", "belong") };
    let reason = format!("{count} {noun} {verb} to no finding that is loaded");
    let hint = "`quell fix --fixes FILE` shows and writes such fixes";
    Some(Problem::at(first.source.file.as_str(), "", reason, Loss::Nothing).hint(hint))
}
