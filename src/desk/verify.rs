//! Proves a batch before the tree is touched: a command of the user's (tests, a new scan) runs in a copy of the tree, on
//! the files as they are and then with the batch, and where it fails only then, the guilty fixes are looked for there.
//!
//! What proof means: the command passes with the batch. Where it fails on the tree as it is, the exit status proves
//! nothing; then the batch is no worse if the command says no failure that it did not say before (see
//! [`failures`](crate::fix::failures)). A run that fails otherwise than before is repeated on the same files, and only
//! what fails twice counts: a command that fails now and then blames no fix, and is called flaky. A run that takes too
//! long is not repeated. Before a fix is blamed, the command runs once more on the tree as it is: one that fails there now
//! has left something behind that nobody can put back, and would blame every fix.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::fix::failures::{Failures, common, tail};
use crate::fix::verify::{about, candidates, causes, with_only};
use crate::model::id::FixId;
use crate::model::plan::Plan;
use crate::model::problem::{Loss, Problem};
use crate::model::proof::{Before, Check, Guilt, Proof, Step, Verdict};
use crate::model::text::counted;
use crate::repo::run::{RunError, Trial};
use crate::repo::scratch::{Scratch, ScratchError};
use crate::repo::write::FileWrite;

use super::Desk;

/// Most runs of one proof. It is enough for some eight guilty fixes of a hundred.
const MAX_RUNS: usize = 150;
/// Last lines of a run that are kept.
const LAST: usize = 12;
/// Lines that are kept of what a guilty fix makes the command say.
const TELLING: usize = 5;

/// Why there is no proof at all.
#[derive(Clone, Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("it was stopped")]
    Cancelled,
    /// The command cannot be started, as it was named.
    #[error("{0}")]
    Command(String),
    #[error("{0}")]
    Failed(Problem),
}

/// Why the search ended before it was done.
enum Stop {
    Error(VerifyError),
    /// In words for the user.
    Unproved(String),
}

impl Desk {
    /// Runs the command in a copy of the tree; see the module. The tree itself is only read. `tell` is called before
    /// each run.
    pub fn verify(
        &self,
        plan: &Plan,
        check: &Check,
        cancel: &AtomicBool,
        tell: &mut dyn FnMut(&Step),
    ) -> Result<Proof, VerifyError> {
        let scratch = self.repo.scratch(cancel).map_err(of_scratch)?;
        for write in with_only(plan, |_| true) {
            if scratch.seen(&write.path).ok().as_deref() != write.before.as_deref() {
                let reason = "the file changed after the preview; try again";
                return Err(VerifyError::Failed(Problem::at(write.path.as_str(), "", reason, Loss::Nothing)));
            }
        }
        let candidates = candidates(plan);
        let mut bench = Bench { scratch, check, cancel, tell, runs: 0, about: 2, is_flaky: false };
        let mut notes = bench.scratch.notes.clone();
        let root = self.repo.root().to_string_lossy();
        if let Some(word) = check.command.iter().find(|word| word.contains(&*root)) {
            notes.push(format!(
                "`{word}` names the tree itself, and not the copy with the fixes: name it by a relative path"
            ));
        }
        let (before, known, said) = match bench.before()? {
            Start::At(before, known, said) => (before, known, said),
            Start::Nowhere(why, said) => {
                let (runs, is_flaky) = (bench.runs, bench.is_flaky);
                let (before, verdict, guilty) = (Before::Failed, Verdict::Unproved, Vec::new());
                return Ok(Proof { before, verdict, why, runs, is_flaky, guilty, said, notes });
            }
        };
        let mut search = Search { plan, candidates, before, known, asked: HashMap::new(), bench };
        let found = causes(search.candidates.len(), &mut |some| search.is_good(some));
        let found = match found {
            Ok(found) => Ok(found),
            Err(Stop::Unproved(why)) => Err(why),
            Err(Stop::Error(error)) => return Err(error),
        };
        Ok(search.proof(found, said, notes))
    }
}

/// The copy with the command.
struct Bench<'a> {
    scratch: Scratch,
    check: &'a Check,
    cancel: &'a AtomicBool,
    tell: &'a mut dyn FnMut(&Step),
    runs: usize,
    /// How many there will be, about.
    about: usize,
    is_flaky: bool,
}

/// How the command ends on the tree as it is.
enum Start {
    /// With what it says there, and its last lines where it fails.
    At(Before, Failures, Vec<String>),
    /// In a way with which nothing can be compared.
    Nowhere(String, Vec<String>),
}

/// One run.
enum Ran {
    Passed(Trial),
    Failed(Trial),
    TooLong,
}

impl Bench<'_> {
    fn before(&mut self) -> Result<Start, VerifyError> {
        let what = "the tree as it is";
        let first = match self.run(&[], what)? {
            Ran::Passed(trial) => {
                let said = Failures::of(&[trial], self.scratch.root());
                return Ok(Start::At(Before::Passed, said, Vec::new()));
            }
            Ran::Failed(trial) => trial,
            Ran::TooLong => {
                let why = format!("the command does not end within {} s on the tree as it is", self.check.seconds);
                return Ok(Start::Nowhere(why, Vec::new()));
            }
        };
        self.about += 1;
        let again = self.run(&[], "the tree as it is, again")?;
        let said = tail(&first.output, LAST);
        let root = self.scratch.root();
        Ok(match again {
            Ran::Failed(second) => {
                let failures = Failures::of(&[first, second], root);
                if failures.is_silent() {
                    let why = "the command fails without a word on the tree as it is: nothing can be compared";
                    return Ok(Start::Nowhere(why.to_owned(), said));
                }
                Start::At(Before::Failed, failures, said)
            }
            Ran::Passed(_) | Ran::TooLong => {
                self.is_flaky = true;
                Start::At(Before::Flaky, Failures::of(&[first], root), said)
            }
        })
    }

    /// Runs the command with these files as they would be written, and all others as they are.
    fn run(&mut self, files: &[FileWrite], what: &str) -> Result<Ran, VerifyError> {
        self.scratch.set(files).map_err(of_scratch)?;
        self.runs += 1;
        self.about = self.about.max(self.runs);
        (self.tell)(&Step { run: self.runs, about: self.about, what: what.to_owned() });
        if self.cancel.load(Ordering::Relaxed) {
            return Err(VerifyError::Cancelled);
        }
        let name = self.check.command.first().map_or("", String::as_str);
        match self.scratch.run(&self.check.command, self.check.seconds, self.cancel) {
            Ok(trial) if trial.is_success => Ok(Ran::Passed(trial)),
            Ok(trial) => Ok(Ran::Failed(trial)),
            Err(RunError::TimedOut(_)) => Ok(Ran::TooLong),
            Err(RunError::Cancelled) => Err(VerifyError::Cancelled),
            Err(error @ (RunError::NotFound | RunError::Relative | RunError::NotStarted(_))) => {
                Err(VerifyError::Command(format!("{name}: {error}")))
            }
            Err(error @ (RunError::TooMuch | RunError::Failed(_))) => {
                Err(VerifyError::Failed(Problem::at(name, "", error.to_string(), Loss::Nothing)))
            }
        }
    }
}

/// What was asked of some of the fixes, and what came out.
struct Search<'a> {
    plan: &'a Plan,
    candidates: Vec<FixId>,
    before: Before,
    /// What the command says on the tree as it is.
    known: Failures,
    asked: HashMap<Vec<usize>, Answer>,
    bench: Bench<'a>,
}

#[derive(Clone, Debug, Default)]
struct Answer {
    is_good: bool,
    has_passed: bool,
    /// What is worse than before.
    news: Vec<String>,
    /// Its last lines.
    said: Vec<String>,
}

impl Search<'_> {
    fn is_good(&mut self, some: &[usize]) -> Result<bool, Stop> {
        if let Some(known) = self.asked.get(some) {
            return Ok(known.is_good);
        }
        if self.bench.runs >= MAX_RUNS {
            let why = format!("the guilty fixes were not found within {MAX_RUNS} runs: try fewer fixes at a time");
            return Err(Stop::Unproved(why));
        }
        let answer = self.ask(some).map_err(Stop::Error)?;
        let is_good = answer.is_good;
        self.asked.insert(some.to_vec(), answer);
        if !is_good && some.len() == self.candidates.len() {
            self.bench.about = self.bench.runs + 1 + about(some.len()) * 3 / 2;
            if !self.is_as_before().map_err(Stop::Error)? {
                let why = "the command fails on the tree as it is, where it did not before: it leaves something behind \
                           that is not put back (files that git ignores, or outside of the copy), or fails at random";
                return Err(Stop::Unproved(why.to_owned()));
            }
        }
        Ok(is_good)
    }

    /// Whether the command still does on the tree as it is what it did there at first.
    fn is_as_before(&mut self) -> Result<bool, VerifyError> {
        Ok(match self.bench.run(&[], "the tree as it is, to compare")? {
            Ran::Passed(_) => true,
            Ran::Failed(trial) => self.news(&trial).is_none(),
            Ran::TooLong => false,
        })
    }

    fn ask(&mut self, some: &[usize]) -> Result<Answer, VerifyError> {
        let wanted: HashSet<FixId> = some.iter().filter_map(|&at| self.candidates.get(at)).copied().collect();
        let files = with_only(self.plan, |fix| wanted.contains(&fix));
        let what = format!("{} of {}", some.len(), counted(self.candidates.len(), "fix", "fixes"));
        let first = match self.bench.run(&files, &what)? {
            Ran::Passed(_) => return Ok(Answer { is_good: true, has_passed: true, ..Answer::default() }),
            Ran::TooLong => return Ok(self.too_long()),
            Ran::Failed(trial) => trial,
        };
        let said = tail(&first.output, LAST);
        let Some(news) = self.news(&first) else {
            return Ok(Answer { is_good: true, said, ..Answer::default() });
        };
        let second = self.bench.run(&files, &format!("{what}, again"))?;
        let again = match &second {
            Ran::Passed(_) => None,
            Ran::Failed(trial) => self.news(trial),
            Ran::TooLong => return Ok(self.too_long()),
        };
        let Some(again) = again else {
            self.bench.is_flaky = true;
            let has_passed = matches!(second, Ran::Passed(_));
            return Ok(Answer { is_good: true, has_passed, said, ..Answer::default() });
        };
        let news = common(&news, &again, self.bench.scratch.root());
        Ok(Answer { news, said, ..Answer::default() })
    }

    fn too_long(&self) -> Answer {
        let news = vec![format!("the command does not end within {} s", self.bench.check.seconds)];
        Answer { news, ..Answer::default() }
    }

    /// In what a failing run is worse than the runs before; `None` where it is not.
    fn news(&self, trial: &Trial) -> Option<Vec<String>> {
        let root = self.bench.scratch.root();
        if self.before == Before::Passed {
            return Some(self.known.reasons(trial, root, TELLING));
        }
        let news = self.known.news(trial, root);
        (!news.is_empty()).then_some(news)
    }

    fn proof(self, found: Result<Vec<Vec<usize>>, String>, said: Vec<String>, notes: Vec<String>) -> Proof {
        let (before, runs, is_flaky) = (self.before, self.bench.runs, self.bench.is_flaky);
        let whole: Vec<usize> = (0..self.candidates.len()).collect();
        let found = match found {
            Ok(found) => found,
            Err(why) => {
                let said = self.asked.get(&whole).map(|answer| answer.said.clone()).unwrap_or_default();
                let (verdict, guilty) = (Verdict::Unproved, Vec::new());
                return Proof { before, verdict, why, runs, is_flaky, guilty, said, notes };
            }
        };
        let guilty: Vec<Guilt> = found.iter().map(|cause| self.guilt(cause)).collect();
        let rest: Vec<usize> =
            whole.iter().filter(|at| !found.iter().flatten().any(|one| one == *at)).copied().collect();
        let has_passed = self.asked.get(&rest).map_or(before == Before::Passed, |answer| answer.has_passed);
        let (verdict, what) = match (guilty.is_empty(), has_passed) {
            (false, true) => (Verdict::Guilty, "it passes"),
            (false, false) => (Verdict::Guilty, "it fails as before"),
            (true, true) => (Verdict::Proved, "the command passes with the batch"),
            (true, false) => (Verdict::NoWorse, "the command fails with the batch as it does without"),
        };
        let why = match found.iter().map(Vec::len).sum::<usize>() {
            0 => what.to_owned(),
            count if rest.is_empty() => format!("the command fails with {}", counted(count, "fix", "fixes")),
            count => {
                let others = counted(rest.len(), "other", "others");
                format!("the command fails with {}; with the {others} {what}", counted(count, "fix", "fixes"))
            }
        };
        let said = if verdict == Verdict::Guilty {
            self.asked.get(&whole).map(|answer| answer.said.clone()).unwrap_or_default()
        } else {
            said
        };
        Proof { before, verdict, why, runs, is_flaky, guilty, said, notes }
    }

    fn guilt(&self, cause: &[usize]) -> Guilt {
        let fixes: Vec<FixId> = cause.iter().filter_map(|&at| self.candidates.get(at)).copied().collect();
        let said = self.asked.get(cause).map(|answer| answer.news.clone()).unwrap_or_default();
        let together = if fixes.len() > 1 {
            let named: Vec<String> = fixes.iter().map(FixId::to_string).collect();
            format!(" with {} together, and not with fewer of them", named.join(", "))
        } else {
            " with it".to_owned()
        };
        let first = said.first().map(|line| format!(": {}", line.trim())).unwrap_or_default();
        Guilt {
            why: format!("the command fails{together}{first}"),
            fixes,
            said: said.into_iter().take(TELLING).collect(),
        }
    }
}

fn of_scratch(error: ScratchError) -> VerifyError {
    match error {
        ScratchError::Cancelled => VerifyError::Cancelled,
        ScratchError::Failed(problem) => VerifyError::Failed(problem),
    }
}
