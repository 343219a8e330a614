//! The two sides of a match: what decisions say of results as they were, and the results as they are.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::model::backlog::{Backlog, Record, ResultIdx};
use crate::model::bound::Tie;
use crate::model::decision::{Anchor, Event, Op};
use crate::model::id::{FindingId, Hash64};
use crate::repo::Repo;
use crate::repo::follow::{Followed, LineAt};
use crate::repo::line_map::LineMap;

use super::anchor::{Seen, fingerprint_of, is_in_repo, is_rewritten, message};
use super::context::{File, Files, Look};
use super::graph::Graph;
use super::rematch::{Slot, Who, result_of};

/// Most commits whose renamed files are looked for in the working tree.
const MAX_COMMITS: usize = 8;
/// Most files that git compares.
const MAX_COMPARED: usize = 4_000;
/// Most files that are read to find lines that went to another one.
const MAX_OTHER_FILES: usize = 1_000;

/// What an event says of one result, from its time.
pub(super) struct Then<'a> {
    pub(super) event: u32,
    pub(super) member: u32,
    pub(super) id: FindingId,
    /// The same for all that is about the same finding.
    pub(super) who: FindingId,
    pub(super) anchor: &'a Anchor,
    /// Tool family and rule, as a number.
    pub(super) rule: u32,
    /// Where its file is now.
    pub(super) path: Arc<str>,
    /// Where its line is now, by git.
    pub(super) line: Went,
    /// The result with its id, by its place in `nows`.
    pub(super) own: Option<usize>,
    /// That one is in a report from before the decision.
    is_same: bool,
    /// A fix was applied to it: it goes nowhere.
    pub(super) is_fixed: bool,
    /// The result that it is about, by its place in `nows`, and what shows it; that is `None` where the decision was made
    /// about the same report.
    pub(super) found: Option<(usize, Option<Tie>)>,
}

/// Where git says that a line went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Went {
    Unknown,
    Gone,
    To(u32),
    /// Into another file, where it may be a copy; or beside a line that may be it as well.
    Likely(u32),
}

/// Lines by the commit and path from which they have to go on into the working tree, and whether they surely came there.
type Onward = BTreeMap<(String, String), Vec<(usize, u32, bool)>>;

/// A result as it is loaded.
pub(super) struct Now<'a> {
    pub(super) result: ResultIdx,
    pub(super) id: FindingId,
    pub(super) rule: u32,
    pub(super) path: &'a str,
    pub(super) line: u32,
    pub(super) look: Option<Look>,
    /// `None` where nothing stands to be looked at.
    pub(super) message: Option<Hash64>,
    pub(super) fingerprint: Option<String>,
    /// Whose it is.
    pub(super) taken: Option<FindingId>,
}

pub(super) struct Sides<'a> {
    pub(super) repo: &'a Repo,
    pub(super) backlog: &'a Backlog,
    pub(super) events: &'a [Event],
    pub(super) thens: Vec<Then<'a>>,
    pub(super) nows: Vec<Now<'a>>,
    /// Numbers of the rules of a tool family that decisions are about.
    rules: HashMap<(&'a str, &'a str), u32>,
    files: Files<'a>,
    /// Of results in reports from before decisions about them: whose they are.
    settled: HashMap<FindingId, FindingId, RandomState>,
    /// So many of `nows` are known to be looked at where they are now.
    placed: usize,
}

impl<'a> Sides<'a> {
    pub(super) fn new(repo: &'a Repo, backlog: &'a Backlog, graph: &Graph<'a>, slots: &[Slot], who: &Who) -> Self {
        let mut sides = Self {
            repo,
            backlog,
            events: graph.events,
            thens: Vec::new(),
            nows: Vec::new(),
            rules: HashMap::new(),
            files: Files::new(repo),
            settled: HashMap::default(),
            placed: 0,
        };
        for slot in slots {
            sides.add_then(*slot, graph.op(slot.event) == Some(Op::FixApplied), who);
        }
        if !sides.thens.is_empty() {
            sides.add_nows();
            let by_id: HashMap<FindingId, usize> =
                sides.nows.iter().enumerate().map(|(at, now)| (now.id, at)).collect();
            for then in &mut sides.thens {
                then.own = by_id.get(&then.id).copied();
                then.found = then.own.filter(|_| then.is_same).map(|own| (own, None));
            }
        }
        sides
    }

    /// Adds what has to be compared: not what stands with its id in a report from before the decision, nor what nothing
    /// is known of but its id.
    fn add_then(&mut self, Slot { event: number, member }: Slot, is_fixed: bool, who: &Who) {
        let event = &self.events[number as usize];
        let anchor = &event.members[member as usize];
        let id = anchor.id;
        let own = result_of(self.backlog, id).map(|result| self.backlog.record(result));
        let is_younger = |made| made > event.at;
        let is_same = own.is_some_and(|own| !self.backlog.report(own).made.is_none_or(is_younger));
        if is_same {
            self.settled.insert(id, who.is(id));
        }
        if (is_same || anchor.context.is_none()) && anchor.was.is_empty() {
            return;
        }
        let next = u32::try_from(self.rules.len()).unwrap_or(u32::MAX);
        let rule = *self.rules.entry((&anchor.tool, &anchor.rule)).or_insert(next);
        self.thens.push(Then {
            event: number,
            member,
            id,
            who: who.is(id),
            anchor,
            rule,
            path: Arc::clone(&anchor.path),
            line: Went::Unknown,
            own: None,
            is_same,
            is_fixed,
            found: None,
        });
    }

    /// Takes the results of the same rules in the same files, and those with the same ids, as far as they are not here.
    fn add_nows(&mut self) {
        let paths: HashSet<Arc<str>> = self.thens.iter().map(|then| Arc::clone(&then.path)).collect();
        let own: HashSet<FindingId> = self.thens.iter().map(|then| then.id).collect();
        let numbers = self.rule_numbers();
        let backlog = self.backlog;
        let mut known: HashSet<FindingId> = self.nows.iter().map(|now| now.id).collect();
        let mut wanted = Vec::new();
        for (result, record) in (0..).zip(&backlog.results) {
            let rule = numbers[record.rule as usize];
            let is_near = || rule.is_some() && record.is_live() && paths.contains(backlog.path(record));
            if (own.contains(&record.id) || is_near()) && known.insert(record.id) {
                wanted.push((result, rule.unwrap_or(u32::MAX)));
            }
        }
        let more = self.looked_at(&wanted);
        self.nows.extend(more);
    }

    /// For the rules of the backlog: the number of those that decisions are about.
    fn rule_numbers(&self) -> Vec<Option<u32>> {
        let family = |tool: u32| self.backlog.tools.get(tool as usize).map_or("", |tool| tool.family.as_str());
        self.backlog.rules.iter().map(|rule| self.rules.get(&(family(rule.tool), &*rule.id)).copied()).collect()
    }

    fn looked_at(&mut self, wanted: &[(ResultIdx, u32)]) -> Vec<Now<'a>> {
        let backlog = self.backlog;
        let in_repo = wanted.iter().map(|(result, _)| backlog.record(*result)).filter(|now| is_in_repo(backlog, now));
        self.files.read_all(&in_repo.map(|record| backlog.path(record)).collect());
        let now = |&(result, rule): &(ResultIdx, u32)| {
            let record = backlog.record(result);
            let path = backlog.path(record);
            let look = if is_in_repo(backlog, record) { self.files.look(path, record) } else { None };
            let message = look.is_some().then(|| message(backlog, result));
            let taken = self.settled.get(&record.id).copied();
            Now { result, id: record.id, rule, path, line: record.line, look, message, fingerprint: None, taken }
        };
        wanted.par_iter().with_min_len(32).map(now).collect()
    }

    /// Looks again at results whose files were written after their scans, at the lines where they are by now: git compares
    /// the file with what the scan saw. Only those that an open decision could be about.
    pub(super) fn place_rewritten(&mut self) {
        let rules: HashSet<u32> = self.open().map(|(_, then)| then.rule).collect();
        let mut files: BTreeMap<(u32, &str), Vec<usize>> = BTreeMap::new();
        for (at, now) in self.nows.iter().enumerate().skip(self.placed) {
            let record = self.backlog.record(now.result);
            if now.taken.is_none() && rules.contains(&now.rule) && is_in_repo(self.backlog, record) {
                files.entry((record.run(), now.path)).or_default().push(at);
            }
        }
        self.placed = self.nows.len();
        let record = |at: usize| self.backlog.record(self.nows[at].result);
        files.retain(|_, nows| nows.first().is_some_and(|&at| is_rewritten(self.repo, self.backlog, record(at))));
        let scanned = if files.is_empty() { Vec::new() } else { self.repo.scanned(self.backlog) };
        let mut snapshot = (None, None);
        for ((run, path), nows) in files.into_iter().take(MAX_COMPARED) {
            let Some(commit) = scanned.get(run as usize).and_then(Option::as_deref) else { continue };
            if snapshot.0 != Some(commit) {
                snapshot = (Some(commit), self.repo.snapshot(commit));
            }
            let old = snapshot.1.as_ref().and_then(|snapshot| snapshot.read(path));
            let (Some(old), Some(new)) = (old, self.files.bytes(path)) else { continue };
            let Some(map) = (if old == new { None } else { LineMap::between(&old, new) }) else { continue };
            for at in nows {
                let now = &mut self.nows[at];
                let record = self.backlog.record(now.result);
                let line = map.line(record.line).and_then(|(line, is_sure)| is_sure.then_some(line));
                let end = |line: u32| line.saturating_add(record.end_line.saturating_sub(record.line));
                let moved = line.map(|line| Record { line, end_line: end(line), ..*record });
                now.line = line.unwrap_or_default();
                now.look = moved.and_then(|record| self.files.look(path, &record));
            }
        }
    }

    /// The decisions that are still to be found, with their places.
    fn open(&self) -> impl Iterator<Item = (usize, &Then<'a>)> {
        self.thens.iter().enumerate().filter(|(_, then)| then.found.is_none() && !then.is_fixed)
    }

    /// Notes what was found on a tie.
    pub(super) fn take(&mut self, tie: Tie, found: &[(usize, usize)]) {
        for &(then, now) in found {
            let (then, now) = (&mut self.thens[then], (now, &mut self.nows[now]));
            if !then.is_fixed || then.id == now.1.id {
                then.found = Some((now.0, Some(tie)));
                now.1.taken = Some(then.who);
            }
        }
    }

    /// Asks git where the lines went of what is not found yet: to HEAD, and from there to the working tree.
    pub(super) fn follow_lines(&mut self) {
        let wanted = self.as_committed();
        let line = |&at: &usize| {
            let anchor = self.thens[at].anchor;
            let commit = self.events[self.thens[at].event as usize].commit.as_deref().unwrap_or_default();
            LineAt { commit, path: &anchor.path, line: anchor.line }
        };
        let lines: Vec<LineAt> = wanted.iter().map(line).collect();
        if lines.is_empty() {
            return;
        }
        let head = self.repo.head().unwrap_or_default();
        let mut onward = Onward::new();
        for ((at, line), followed) in wanted.iter().zip(&lines).zip(self.repo.follow(&lines)) {
            let (commit, path, number, is_sure) = match followed {
                Followed::Unknown => (line.commit.to_owned(), line.path.to_owned(), line.line, true),
                Followed::Gone => {
                    self.thens[*at].line = Went::Gone;
                    continue;
                }
                Followed::To(path, number) => (head.clone(), path, number, true),
                Followed::Likely(path, number) => (head.clone(), path, number, false),
            };
            onward.entry((commit, path)).or_default().push((*at, number, is_sure));
        }
        if !onward.is_empty() {
            self.follow_to_tree(&onward);
            self.add_nows();
            self.place_rewritten();
        }
    }

    /// What is not found yet and was at its commit as it is in its anchor: the tree may have been changed at that time.
    fn as_committed(&self) -> Vec<usize> {
        let mut open: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        let rules = self.rules_with_others();
        for (at, then) in self.open().filter(|(_, then)| rules.contains(&then.rule)) {
            if let (Some(commit), Some(_)) = (self.events[then.event as usize].commit.as_deref(), &then.anchor.text) {
                open.entry((commit, &then.anchor.path)).or_default().push(at);
            }
        }
        let mut of = (None, None);
        let mut found = Vec::new();
        for ((commit, path), thens) in open.into_iter().take(MAX_COMPARED) {
            if of.0 != Some(commit) {
                of = (Some(commit), self.repo.snapshot(commit));
            }
            let Some(bytes) = of.1.as_ref().and_then(|snapshot| snapshot.read(path)) else { continue };
            let file = File::new(bytes);
            found.extend(thens.into_iter().filter(|&at| {
                let Anchor { line, end_line, context, window, .. } = self.thens[at].anchor;
                let Some(first) = line.checked_sub(1) else { return false };
                // Only what may be a secret has no window.
                let was = file.context(first as usize, (*end_line.max(line) - 1) as usize, window.is_none());
                was.is_some() && was == *context
            }));
        }
        found
    }

    /// The rules of which a result is loaded that is nobody's yet.
    fn rules_with_others(&self) -> HashSet<u32> {
        let taken: HashSet<FindingId> = self.nows.iter().filter(|now| now.taken.is_some()).map(|now| now.id).collect();
        let numbers = self.rule_numbers();
        let others = self.backlog.results.iter().filter(|record| record.is_live() && !taken.contains(&record.id));
        others.filter_map(|record| numbers[record.rule as usize]).collect()
    }

    fn follow_to_tree(&mut self, onward: &Onward) {
        let paths: HashSet<&str> = onward.keys().map(|(_, path)| path.as_str()).collect();
        self.files.read_all(&paths);
        let mut renames: HashMap<&str, BTreeMap<String, String>> = HashMap::new();
        let mut pairs = Vec::new();
        for ((commit, path), lines) in onward.iter().take(MAX_COMPARED) {
            let is_gone = self.files.bytes(path).is_none();
            if is_gone && !renames.contains_key(&**commit) && renames.len() < MAX_COMMITS {
                renames.insert(commit, self.repo.renames_since(commit));
            }
            let new = if is_gone { renames.get(&**commit).and_then(|renamed| renamed.get(path)) } else { Some(path) };
            if let (Some(new), Some(old)) = (new, self.repo.blob_at(commit, path)) {
                pairs.push((old, Arc::<str>::from(new.as_str()), lines));
            }
        }
        self.files.read_all(&pairs.iter().map(|(_, new, _)| &**new).collect());
        for (old, new, lines) in &pairs {
            let Some(bytes) = self.files.bytes(new) else { continue };
            let map = if old == bytes { None } else { LineMap::between(old, bytes) };
            for (at, line, is_sure) in *lines {
                let now = if old == bytes { Some((*line, true)) } else { map.as_ref().and_then(|map| map.line(*line)) };
                self.thens[*at].line = match now {
                    Some((line, true)) if *is_sure => Went::To(line),
                    Some((line, _)) => Went::Likely(line),
                    None => Went::Gone,
                };
                self.thens[*at].path = Arc::clone(new);
            }
        }
    }

    /// Reads the fingerprints of results that could have those of decisions.
    pub(super) fn read_fingerprints(&mut self, seen: Seen) {
        let open = self.open().filter(|(_, then)| then.line == Went::Unknown && then.anchor.fingerprint.is_some());
        let mut wanted: HashMap<u32, HashSet<Arc<str>>> = HashMap::new();
        for (_, then) in open {
            wanted.entry(then.rule).or_default().insert(Arc::clone(&then.path));
        }
        if wanted.is_empty() {
            return;
        }
        let is_wanted = |now: &Now| wanted.get(&now.rule).is_some_and(|paths| paths.contains(now.path));
        let backlog = self.backlog;
        self.nows.par_iter_mut().filter(|now| is_wanted(now)).for_each(|now| {
            now.fingerprint = fingerprint_of(backlog, backlog.record(now.result), &seen(now.result));
        });
    }

    /// Takes the results of the same rules in all other files, unless those are many.
    pub(super) fn add_other_files(&mut self) {
        let open = self.open().filter(|(_, then)| then.anchor.text.is_some());
        let open: HashSet<u32> = open.map(|(_, then)| then.rule).collect();
        if open.is_empty() {
            return;
        }
        let known: HashSet<FindingId> = self.nows.iter().map(|now| now.id).collect();
        let numbers = self.rule_numbers();
        let backlog = self.backlog;
        let decided: HashSet<FindingId> = self.decided();
        let mut taken = HashSet::new();
        let mut wanted = Vec::new();
        for (result, record) in (0..).zip(&backlog.results) {
            let rule = numbers[record.rule as usize].filter(|rule| open.contains(rule));
            let is_free = || record.is_live() && !known.contains(&record.id) && !decided.contains(&record.id);
            if let Some(rule) = rule
                && is_free()
                && taken.insert(record.id)
            {
                wanted.push((result, rule));
            }
        }
        let files: HashSet<u32> = wanted.iter().map(|(result, _)| backlog.record(*result).path).collect();
        if files.len() <= MAX_OTHER_FILES {
            let more = self.looked_at(&wanted);
            self.nows.extend(more);
            self.place_rewritten();
        }
    }

    /// The ids that events name.
    fn decided(&self) -> HashSet<FindingId> {
        self.events.iter().flat_map(|event| &event.members).map(|anchor| anchor.id).collect()
    }
}
