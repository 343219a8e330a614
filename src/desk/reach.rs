//! What follows from evidence, for all findings and for one.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::model::backlog::{Backlog, FindingIdx, ResultIdx};
use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::claim::Claim;
use crate::model::due::{day, day_of};
use crate::model::evidence::{Evidence, Polarity};
use crate::model::exposure::{Exposure, Graph, NodeKind, Reached};
use crate::model::home::Homes;
use crate::model::priority::Priority;
use crate::model::problem::Problem;
use crate::model::reach::{Age, Ages, Reaches, Why, own_time};
use crate::reach::usage::Usage;
use crate::reach::{self, Join, Known, PlaceFacts, Routed};

use super::Desk;

/// What verdicts are made of beside the backlog, kept for the questions about single findings.
#[derive(Clone, Debug)]
struct Ground {
    backlog: Arc<Backlog>,
    join: Arc<Join>,
    own: Arc<[bool]>,
    graph: Arc<Graph>,
    usage: Arc<Usage>,
    names: Arc<BTreeSet<String>>,
    places: Arc<[PlaceFacts]>,
    homes: Arc<Homes>,
    built: Arc<[Option<u32>]>,
    said: Arc<[Vec<u32>]>,
    routed: Arc<Routed>,
}

/// The most states of the tree that statements of other times than their documents are compared with.
const MAX_STATES: usize = 16;

/// Finds what a project is called in the text of its manifest.
type NameIn = fn(&str) -> Option<String>;

/// Manifests in the root that name the project.
const MANIFESTS: &[(&str, NameIn)] = &[
    ("package.json", in_json),
    ("composer.json", in_json),
    ("go.mod", |text| Some(text.lines().find_map(|line| line.strip_prefix("module "))?.trim().to_owned())),
    ("Cargo.toml", |text| in_toml(text, "package")),
    ("pyproject.toml", |text| in_toml(text, "project")),
];

fn in_json(text: &str) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(manifest.get("name")?.as_str()?.to_owned())
}

fn in_toml(text: &str, table: &str) -> Option<String> {
    let manifest: toml::Table = toml::from_str(text).ok()?;
    Some(manifest.get(table)?.get("name")?.as_str()?.to_owned())
}

/// The ground of the backlog that was judged last.
#[derive(Clone, Debug, Default)]
pub(super) struct Grounds(Arc<Mutex<Option<Ground>>>);

impl Desk {
    /// Judges all findings of a board.
    pub fn reach(&self, board: &Board) -> Reaches {
        let ground = self.ground(board);
        let ages = self.ages(board);
        reach::judge_all(&ground.known(board, ages, &self.options.priority))
    }

    /// The same after files were written. That makes evidence older, and the tree is searched again: it may use, run or
    /// serve something else now. Only what this is about is judged again; `None` where all is as it was.
    pub fn reach_again(&self, board: &Board) -> Option<Reaches> {
        let ages = self.ages(board);
        let before = self.ground(board);
        let ground = self.look(board, Arc::clone(&before.join), Arc::clone(&before.own));
        *self.kept() = Some(ground.clone());
        let known = ground.known(board, ages, &self.options.priority);
        if !ground.runs_as(&before) {
            return Some(reach::judge_all(&known));
        }
        let mut results = Bits::none(board.backlog.results.len());
        results.extend(ground.usage.differences(&before.usage));
        let is_as_before = results.is_empty() && known.ages == board.reaches.ages;
        (!is_as_before).then(|| reach::judge_again(&known, &board.reaches, results))
    }

    /// Where the code of the repository runs, by its files and by the manifests among the evidence.
    pub fn exposure(&self, board: &Board) -> Arc<Graph> {
        self.ground(board).graph
    }

    /// What of the deployment files could not be read.
    pub(super) fn exposure_problems(&self, board: &Board) -> Vec<Problem> {
        self.exposure(board).problems.clone()
    }

    /// Why one finding of a board stands where it stands.
    pub fn why(&self, board: &Board, finding: FindingIdx) -> Why {
        let ground = self.ground(board);
        let statements: Vec<u32> = board.reaches.statements(finding).collect();
        let ages = board.reaches.ages.clone();
        reach::why(&ground.known(board, ages, &self.options.priority), finding, &statements)
    }

    /// The context of the exposure graph that the image of each run is built from; `None` for other runs, and for images
    /// that no context makes.
    pub fn built(&self, board: &Board) -> Arc<[Option<u32>]> {
        self.ground(board).built
    }

    /// How many findings each statement of the evidence is about, by number.
    pub fn joined(&self, board: &Board) -> Vec<usize> {
        let backlog = &board.backlog;
        let mut joined = vec![0; backlog.evidence.statements.len()];
        let said = self.ground(board).said;
        let mut of_homes = vec![0; said.len()];
        for finding in (0..).take(if said.is_empty() { 0 } else { backlog.findings.len() }) {
            let records = backlog.members(finding).iter().map(|&result| backlog.record(result));
            let homes: BTreeSet<u32> = records.map(|record| board.reaches.homes.number(record)).collect();
            for home in homes {
                if let Some(count) = of_homes.get_mut(home as usize) {
                    *count += 1;
                }
            }
        }
        let of_homes =
            said.iter().zip(of_homes).flat_map(|(own, count)| own.iter().map(move |number| (*number, count)));
        for (number, count) in board.reaches.links.iter().map(|(_, number)| (*number, 1)).chain(of_homes) {
            if let Some(known) = joined.get_mut(number as usize) {
                *known += count;
            }
        }
        joined
    }

    fn ground(&self, board: &Board) -> Ground {
        let mut kept = self.kept();
        if let Some(ground) = kept.as_ref().filter(|ground| Arc::ptr_eq(&ground.backlog, &board.backlog)) {
            return ground.clone();
        }
        let evidence = &board.backlog.evidence;
        let ground = self.look(board, Arc::new(Join::new(evidence)), self.own(evidence));
        *kept = Some(ground.clone());
        ground
    }

    fn kept(&self) -> MutexGuard<'_, Option<Ground>> {
        self.grounds.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the tree as it is.
    fn look(&self, board: &Board, join: Arc<Join>, own: Arc<[bool]>) -> Ground {
        let backlog = &board.backlog;
        let files = self.repo.files();
        let graph = reach::exposure::read(&self.repo, &files, &backlog.evidence.manifests);
        let decides = |reached: &&Reached| reached.decides();
        let exposed = |path: &str| graph.of(path).filter(decides).map_or(Exposure::Unknown, |reached| reached.exposure);
        let homes = Arc::new(reach::homes(&graph, backlog));
        let built = backlog.runs.iter().map(|run| reach::context_of_image(&graph, run.image.as_deref()?));
        let places: Arc<[PlaceFacts]> = reach::place_facts(backlog, &exposed).into();
        let usage = Usage::search(&self.repo, &files, backlog, &places, &exposed);
        Ground {
            backlog: Arc::clone(backlog),
            join,
            own,
            places,
            said: reach::said_of_homes(&backlog.evidence, &homes).into(),
            homes,
            routed: Arc::new(reach::routed(&self.repo, &files, backlog, &graph)),
            built: built.collect(),
            names: Arc::new(self.names(&graph)),
            graph: Arc::new(graph),
            usage: Arc::new(usage),
        }
    }

    /// What the repository and what is built from it are called (`reach::product_name`).
    pub(super) fn own_names(&self, board: &Board) -> Arc<BTreeSet<String>> {
        self.ground(board).names
    }

    /// What the repository is called: by its folder, by its manifests, by the images that are built from it.
    fn names(&self, graph: &Graph) -> BTreeSet<String> {
        let images = graph.nodes.iter().filter(|node| node.kind == NodeKind::Image).map(|node| node.name.to_string());
        let stated = MANIFESTS.iter().filter_map(|(path, name)| {
            let bytes = self.repo.read(path).ok()?;
            name(&String::from_utf8_lossy(&bytes))
        });
        let own = std::iter::once(self.repo.name());
        own.chain(images).chain(stated).map(|name| reach::product_name(&name)).collect()
    }

    /// Which documents are committed in the scanned repository.
    fn own(&self, evidence: &Evidence) -> Arc<[bool]> {
        let names: Vec<String> = evidence.documents.iter().map(|document| document.name.to_string()).collect();
        let committed: BTreeSet<String> = self.repo.committed(&names).into_iter().collect();
        names.iter().map(|name| committed.contains(name)).collect()
    }

    /// How far each document is from the tree, and each run where some result says that it is not reached. What is of one
    /// commit, or of one moment, is asked once. A moment that is yet to come ties nothing to a state of the files: it would
    /// be that of every commit to come.
    fn ages(&self, board: &Board) -> Ages {
        let backlog = &board.backlog;
        let mut by_commit: HashMap<String, Age> = HashMap::new();
        let mut by_time: HashMap<Timestamp, Age> = HashMap::new();
        let is_past = |made: &Timestamp| day_of(*made) <= day(board.today) + 1;
        let mut age = |stated: Option<&str>, made: Option<Timestamp>| match (stated, made.filter(is_past)) {
            (Some(commit), _) => {
                by_commit.entry(commit.to_owned()).or_insert_with_key(|commit| self.age_of(commit)).clone()
            }
            (None, Some(made)) => by_time.entry(made).or_insert_with(|| self.age_as_of(made, &mut by_commit)).clone(),
            (None, None) => Age::default(),
        };
        let documents = backlog.evidence.documents.iter().map(|one| age(one.commit.as_deref(), one.made)).collect();
        let denies = |(_, claim): &(ResultIdx, Claim)| claim.dialect().polarity == Polarity::No;
        let of_tests = || reach::starting_in_tests(backlog).next().is_some();
        let runs = backlog.runs.iter().map(|run| {
            let report = backlog.reports.get(run.report as usize);
            age(run.revision.as_deref(), run.ended.or_else(|| report?.made))
        });
        let runs = if backlog.claims.iter().any(denies) || of_tests() { runs.collect() } else { Arc::default() };
        let stated = self.stated(&backlog.evidence, &mut by_commit);
        Ages { documents, runs, stated }
    }

    /// The same for the times that statements state, the newest states of the tree exactly: those before
    /// [`MAX_STATES`] of them count as the oldest, so that a document costs no more than so many comparisons.
    fn stated(&self, evidence: &Evidence, by_commit: &mut HashMap<String, Age>) -> Arc<[(Timestamp, Age)]> {
        let times = evidence.statements.iter().filter_map(|statement| own_time(evidence, statement));
        let mut times: Vec<Timestamp> = times.collect();
        times.sort_unstable();
        times.dedup();
        if !self.repo.has_git() {
            let oldest = times.first().copied().filter(|_| times.len() > MAX_STATES);
            let oldest = oldest.map(|made| self.age_as_of(made, by_commit));
            let mut age = |made: Timestamp| oldest.clone().unwrap_or_else(|| self.age_as_of(made, by_commit));
            return times.into_iter().map(|made| (made, age(made))).collect();
        }
        let mut commits = self.repo.heads_as_of(&times);
        let mut states: Vec<String> = commits.iter().flatten().cloned().collect();
        states.dedup();
        if states.len() > MAX_STATES {
            let (oldest, last) = (states.first().cloned(), states.split_off(states.len() + 1 - MAX_STATES));
            let is_known = |commit: &Option<String>| commit.as_ref().is_none_or(|commit| last.contains(commit));
            commits.iter_mut().filter(|commit| !is_known(commit)).for_each(|commit| commit.clone_from(&oldest));
        }
        let mut age = |commit: String| {
            let known = by_commit.entry(commit).or_insert_with_key(|commit| self.age_of(commit));
            Age { is_guessed: true, ..known.clone() }
        };
        let ages = commits.into_iter().map(|commit| commit.map_or_else(Age::default, &mut age));
        times.into_iter().zip(ages).collect()
    }

    /// How far a moment is from the tree: by the commit that was the newest then, without git by when files were written.
    fn age_as_of(&self, made: Timestamp, by_commit: &mut HashMap<String, Age>) -> Age {
        if !self.repo.has_git() {
            let changed = self.repo.written_since(made);
            return Age { is_guessed: true, ends: ends(&changed), changed: Some(changed.into()), ..Age::default() };
        }
        let Some(commit) = self.repo.head_as_of(made) else { return Age::default() };
        let known = by_commit.entry(commit).or_insert_with_key(|commit| self.age_of(commit));
        Age { is_guessed: true, ..known.clone() }
    }

    /// How far a commit is from the tree.
    fn age_of(&self, commit: &str) -> Age {
        let changed = self.repo.changed_since(commit);
        Age {
            ends: ends(changed.as_deref().unwrap_or_default()),
            changed: changed.map(Into::into),
            distance: self.repo.commits_since(commit),
            commit: Some(commit.into()),
            is_guessed: false,
            is_elsewhere: self.repo.has_git() && self.repo.snapshot(commit).is_none(),
        }
    }
}

/// What counts of the names of files, each once.
fn ends(files: &[Box<str>]) -> Arc<[Box<str>]> {
    let ends: BTreeSet<&str> = files.iter().filter_map(|path| reach::counts_of_name(path)).collect();
    ends.into_iter().map(Box::from).collect()
}

impl Ground {
    /// Whether code runs where it did, under the names that it had, and attacks met the same handlers.
    fn runs_as(&self, other: &Self) -> bool {
        let said = |ground: &Self| (Arc::clone(&ground.places), Arc::clone(&ground.homes), Arc::clone(&ground.built));
        said(self) == said(other)
            && self.graph.contexts == other.graph.contexts
            && self.names == other.names
            && self.routed == other.routed
    }

    fn known<'a>(&'a self, board: &'a Board, ages: Ages, priority: &'a Priority) -> Known<'a> {
        Known {
            backlog: &self.backlog,
            join: &self.join,
            ages,
            own: &self.own,
            places: &self.places,
            homes: &self.homes,
            built: &self.built,
            said: &self.said,
            routed: &self.routed,
            priority,
            graph: &self.graph,
            usage: &self.usage,
            names: &self.names,
            board,
        }
    }
}
