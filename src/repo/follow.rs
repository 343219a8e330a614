//! Where lines of files went, from commit to commit, as `git blame` tells it the other way round.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::PoisonError;

use git2::{Delta, DiffFindOptions, Oid, Repository, Sort, Tree};

use super::Repo;
use super::history::differing;
use super::line_map::{LineMap, by_lines};
use super::moved::Added;

/// Most commits that are gone through.
const MAX_STEPS: usize = 5_000;
/// Most commits of all branches that are looked at, for those that came in by a merge.
const MAX_WALKED: usize = 50_000;
/// How much earlier a commit may say that it was made than those before it, in seconds.
const CLOCKS_APART: i64 = 7 * 24 * 60 * 60;
/// Largest file whose lines are followed, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// A line of a file at a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineAt<'p> {
    pub commit: &'p str,
    pub path: &'p str,
    /// 1-based.
    pub line: u32,
}

/// Where a line is at HEAD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// HEAD does not have the commit, or has it too far back.
    Unknown,
    /// The line was changed, or it is not sure which it became.
    Gone,
    To(String, u32),
    /// A commit put a line like it, with lines like those around it, into a file that is not the one under another name: it
    /// may be a copy, or a newer version. Or one put a line like it beside it, and either may be the old one.
    Likely(String, u32),
}

/// What was found for one HEAD, so that it is not looked for after every decision.
#[derive(Debug, Default)]
pub(super) struct Memo {
    head: String,
    known: HashMap<(String, String, u32), Followed>,
}

/// Lines by path.
type Tracked = BTreeMap<String, Vec<Track>>;

/// A line on its way.
#[derive(Clone, Copy)]
struct Track {
    /// The number of who asked.
    at: usize,
    line: u32,
    /// Whether it is the same line, as far as it has come.
    is_sure: bool,
}

impl Repo {
    /// Follows lines through the first parents of HEAD, through files that were renamed too. One walk for all of them. What
    /// came in by a merge goes to it in one step.
    pub fn follow(&self, lines: &[LineAt<'_>]) -> Vec<Followed> {
        let head = self.head().unwrap_or_default();
        let mut memo = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        if memo.head != head {
            *memo = Memo { head, ..Memo::default() };
        }
        let key = |line: &LineAt<'_>| (line.commit.to_owned(), line.path.to_owned(), line.line);
        let new: Vec<LineAt<'_>> = lines.iter().filter(|line| !memo.known.contains_key(&key(line))).copied().collect();
        if let Some(git) = self.git().filter(|_| !new.is_empty()) {
            let mut followed = vec![Followed::Unknown; new.len()];
            // A history that breaks off (a shallow clone, a missing object) leaves the rest unknown.
            let _ = follow(&git, &new, &mut followed);
            memo.known.extend(new.iter().map(key).zip(followed));
        }
        lines.iter().map(|line| memo.known.get(&key(line)).cloned().unwrap_or(Followed::Unknown)).collect()
    }
}

fn follow(git: &Repository, lines: &[LineAt<'_>], followed: &mut [Followed]) -> Result<(), git2::Error> {
    let mut starts: HashMap<Oid, Vec<usize>> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        if let Ok(commit) = Oid::from_str(line.commit) {
            starts.entry(commit).or_default().push(at);
        }
    }
    let tree = |commit: Oid| git.find_commit(commit)?.tree();
    let begin = |commit: Oid, tracked: &mut Tracked| {
        for &at in starts.get(&commit).into_iter().flatten() {
            let track = Track { at, line: lines[at].line, is_sure: true };
            tracked.entry(lines[at].path.to_owned()).or_default().push(track);
        }
    };
    let chain = chain(git, &starts.keys().copied().collect())?;
    let joining = joining(git, &chain, &starts)?;
    let mut tracked = Tracked::new();
    let mut before = None;
    for commit in chain.into_iter().rev() {
        let new = tree(commit)?;
        if let Some(old) = before.filter(|_| !tracked.is_empty()) {
            tracked = step(git, &old, &new, tracked)?;
        }
        for &side in joining.get(&commit).into_iter().flatten() {
            let mut of_side = Tracked::new();
            begin(side, &mut of_side);
            for (path, lines) in step(git, &tree(side)?, &new, of_side)? {
                tracked.entry(path).or_default().extend(lines);
            }
        }
        begin(commit, &mut tracked);
        for &known in joining.get(&commit).into_iter().flatten().chain([&commit]) {
            starts.get(&known).into_iter().flatten().for_each(|&at| followed[at] = Followed::Gone);
        }
        before = Some(new);
    }
    for (path, lines) in tracked {
        for Track { at, line, is_sure } in lines {
            let to = if is_sure { Followed::To } else { Followed::Likely };
            followed[at] = to(path.clone(), line);
        }
    }
    Ok(())
}

/// HEAD and its first parents, newest first, back to the last of these commits that is among them, or to the time of the
/// oldest of them.
fn chain(git: &Repository, wanted: &HashSet<Oid>) -> Result<Vec<Oid>, git2::Error> {
    let time = |commit: &Oid| Some(git.find_commit(*commit).ok()?.time().seconds());
    let Some(oldest) = wanted.iter().filter_map(time).min() else { return Ok(Vec::new()) };
    let mut commit = Some(git.head()?.peel_to_commit()?);
    let (mut chain, mut left) = (Vec::new(), wanted.len());
    while let Some(at) = commit.take().filter(|_| left > 0 && chain.len() < MAX_STEPS) {
        chain.push(at.id());
        left -= usize::from(wanted.contains(&at.id()));
        if at.time().seconds() < oldest - CLOCKS_APART {
            break;
        }
        commit = at.parent(0).ok();
    }
    Ok(chain)
}

/// Commits of other branches by the commit of the chain with which they came in.
fn joining(
    git: &Repository,
    chain: &[Oid],
    wanted: &HashMap<Oid, Vec<usize>>,
) -> Result<HashMap<Oid, Vec<Oid>>, git2::Error> {
    // How far from HEAD on the chain is the last commit that has a commit.
    let mut places: HashMap<Oid, usize> = chain.iter().copied().zip(0..).collect();
    let mut joining: HashMap<Oid, Vec<Oid>> = HashMap::new();
    let (Some(head), Some(last)) = (chain.first(), chain.last()) else { return Ok(joining) };
    if wanted.keys().all(|commit| places.contains_key(commit)) {
        return Ok(joining);
    }
    let mut walk = git.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL)?;
    walk.push(*head)?;
    walk.hide(*last)?;
    let on_chain: HashSet<&Oid> = chain.iter().collect();
    for commit in walk.take(MAX_WALKED) {
        let commit = commit?;
        let Some(&place) = places.get(&commit) else { continue };
        if wanted.contains_key(&commit) && !on_chain.contains(&commit) {
            joining.entry(chain[place]).or_default().push(commit);
        }
        for parent in git.find_commit(commit)?.parent_ids() {
            places.entry(parent).and_modify(|known| *known = place.max(*known)).or_insert(place);
        }
    }
    Ok(joining)
}

/// From a commit to the next. Lines that are gone from a file are looked for in the one that it became, or that was made of
/// it: where a file moves, the old one often stays with a line that names the new one. Then among all lines that the commit
/// added; in a file that is neither, that is only likely.
fn step(git: &Repository, old: &Tree<'_>, new: &Tree<'_>, mut tracked: Tracked) -> Result<Tracked, git2::Error> {
    let paths: Vec<&str> = tracked.keys().map(String::as_str).collect();
    let changed: Vec<String> =
        differing(git, Some(new), Some(old), "", &paths).into_iter().map(str::to_owned).collect();
    let (mut heirs, mut added) = (None, None);
    // Apart, so that no line goes two steps at once.
    let mut went = Tracked::new();
    for path in changed {
        let (Some(lines), Some(before)) = (tracked.remove(&path), bytes(git, old, &path)) else { continue };
        let left = carry(git, new, &before, &path, lines, &mut went);
        if left.is_empty() {
            continue;
        }
        if heirs.is_none() {
            heirs = Some(self::heirs(git, old, new)?);
        }
        let left = match heirs.as_ref().and_then(|heirs| heirs.get(&path)).and_then(Option::as_ref) {
            Some(heir) => carry(git, new, &before, heir, left, &mut went),
            None => left,
        };
        if left.is_empty() {
            continue;
        }
        if added.is_none() {
            added = Some(Added::by(git, old, new)?);
        }
        let before: Vec<&[u8]> = by_lines(&before).collect();
        let place = |line| added.as_ref().and_then(|added| added.place_of(&path, &before, line));
        for track in left {
            let Some((to, line)) = place(track.line) else { continue };
            let is_sure = track.is_sure && to == path;
            went.entry(to.to_owned()).or_default().push(Track { line, is_sure, ..track });
        }
    }
    for (path, lines) in went {
        tracked.entry(path).or_default().extend(lines);
    }
    Ok(tracked)
}

/// Carries lines of a text over to a file. Returns those that are not in it.
fn carry(
    git: &Repository,
    tree: &Tree<'_>,
    before: &[u8],
    to: &str,
    lines: Vec<Track>,
    tracked: &mut Tracked,
) -> Vec<Track> {
    let Some(after) = bytes(git, tree, to) else { return lines };
    let Some(map) = LineMap::between(before, &after) else { return lines };
    let mut left = Vec::new();
    for track in lines {
        match map.line(track.line) {
            Some((line, is_sure)) => {
                let is_sure = track.is_sure && is_sure;
                tracked.entry(to.to_owned()).or_default().push(Track { line, is_sure, ..track });
            }
            None => left.push(track),
        }
    }
    left
}

pub(super) fn bytes(git: &Repository, tree: &Tree<'_>, path: &str) -> Option<Vec<u8>> {
    let blob = git.find_blob(tree.get_path(path.as_ref()).ok()?.id()).ok()?;
    (blob.size() <= MAX_BYTES).then(|| blob.content().to_vec())
}

/// What files became, or what was made of them in the same commit; `None` for a file of which several were made.
fn heirs(git: &Repository, old: &Tree<'_>, new: &Tree<'_>) -> Result<HashMap<String, Option<String>>, git2::Error> {
    let mut diff = git.diff_tree_to_tree(Some(old), Some(new), None)?;
    let is_any_new = diff.deltas().any(|delta| delta.status() == Delta::Added);
    if is_any_new {
        diff.find_similar(Some(DiffFindOptions::new().renames(true).copies(true)))?;
    }
    let text = |path: Option<&[u8]>| path.and_then(|path| String::from_utf8(path.to_vec()).ok());
    let mut heirs: HashMap<String, Option<String>> = HashMap::new();
    for delta in diff.deltas().filter(|delta| matches!(delta.status(), Delta::Renamed | Delta::Copied)) {
        if let (Some(from), Some(to)) = (text(delta.old_file().path_bytes()), text(delta.new_file().path_bytes())) {
            heirs.entry(from).and_modify(|heir| *heir = None).or_insert(Some(to));
        }
    }
    Ok(heirs)
}
