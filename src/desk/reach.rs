//! What follows from evidence, for all findings and for one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::backlog::{Backlog, FindingIdx};
use crate::model::board::Board;
use crate::model::evidence::{Document, Evidence};
use crate::model::exposure::{Exposure, Graph, Reached};
use crate::model::problem::Problem;
use crate::model::reach::{Age, Reaches, Why};
use crate::reach::{self, Join, Known, PlaceFacts};

use super::Desk;

/// What verdicts are made of beside the backlog, kept for the questions about single findings.
#[derive(Clone, Debug)]
struct Ground {
    backlog: Arc<Backlog>,
    join: Arc<Join>,
    own: Arc<[bool]>,
    graph: Arc<Graph>,
    places: Arc<[PlaceFacts]>,
}

/// The ground of the backlog that was judged last.
#[derive(Clone, Debug, Default)]
pub(super) struct Grounds(Arc<Mutex<Option<Ground>>>);

impl Desk {
    /// Judges all findings of a board.
    pub fn reach(&self, board: &Board) -> Reaches {
        let ground = self.ground(board);
        let ages = self.ages(&board.backlog.evidence);
        reach::judge_all(&ground.known(board, ages))
    }

    /// Where the code of the repository runs, by its files and by the manifests among the evidence.
    pub fn exposure(&self, evidence: &Evidence) -> Graph {
        reach::exposure::read(&self.repo, &evidence.manifests)
    }

    /// What of the deployment files could not be read.
    pub(super) fn exposure_problems(&self, board: &Board) -> Vec<Problem> {
        self.ground(board).graph.problems.clone()
    }

    /// Why one finding of a board stands where it stands.
    pub fn why(&self, board: &Board, finding: FindingIdx) -> Why {
        let ground = self.ground(board);
        let statements: Vec<u32> = board.reaches.statements(finding).collect();
        reach::why(&ground.known(board, Arc::clone(&board.reaches.ages)), finding, &statements)
    }

    fn ground(&self, board: &Board) -> Ground {
        let mut kept = self.grounds.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ground) = kept.as_ref().filter(|ground| Arc::ptr_eq(&ground.backlog, &board.backlog)) {
            return ground.clone();
        }
        let backlog = &board.backlog;
        let graph = self.exposure(&backlog.evidence);
        // What rests on files that could not all be read decides nothing.
        let decides = |reached: &&Reached| reached.strength >= 2;
        let exposed = |path: &str| graph.of(path).filter(decides).map_or(Exposure::Unknown, |reached| reached.exposure);
        let places = reach::place_facts(backlog, &exposed).into();
        let ground = Ground {
            backlog: Arc::clone(backlog),
            join: Arc::new(Join::new(&backlog.evidence)),
            own: self.own(&backlog.evidence),
            places,
            graph: Arc::new(graph),
        };
        *kept = Some(ground.clone());
        ground
    }

    /// Which documents are committed in the scanned repository.
    fn own(&self, evidence: &Evidence) -> Arc<[bool]> {
        let names: Vec<String> = evidence.documents.iter().map(|document| document.name.to_string()).collect();
        let committed = self.repo.committed(&names);
        names.iter().map(|name| committed.contains(name)).collect()
    }

    /// How far each document is from the tree. Documents of one commit are asked once.
    fn ages(&self, evidence: &Evidence) -> Arc<[Age]> {
        let mut known: HashMap<String, Option<Box<[Box<str>]>>> = HashMap::new();
        let age = |document: &Document| {
            let stated = document.commit.as_deref().map(str::to_owned);
            let is_guessed = stated.is_none();
            let Some(commit) = stated.or_else(|| self.repo.head_as_of(document.made?)) else { return Age::default() };
            let changed = known.entry(commit.clone()).or_insert_with(|| Some(self.repo.changed_since(&commit)?.into()));
            Age { changed: changed.clone(), commit: Some(commit.into()), is_guessed }
        };
        evidence.documents.iter().map(age).collect()
    }
}

impl Ground {
    fn known<'a>(&'a self, board: &'a Board, ages: Arc<[Age]>) -> Known<'a> {
        Known {
            backlog: &self.backlog,
            join: &self.join,
            ages,
            own: &self.own,
            places: &self.places,
            graph: &self.graph,
            board,
        }
    }
}
