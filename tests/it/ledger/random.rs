//! Random histories: clones that decide, revoke, rename, merge, rebase, squash and cherry-pick with real git, in any order.
//!
//! All of them come to the same decisions, no revoke is lost, and git never finds a conflict. `QUELL_THOROUGH=1` plays many
//! more; a failure names the seed that plays it again. What merges, rebases, squashes and picks is git itself; commits and
//! fetches, which bring in nothing of their own, are made in this process.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use git2::Repository;
use quell::ledger;
use quell::ledger::compact::compact;
use quell::model::decision::{Event, Op, Status};
use quell::model::id::FindingId;

use super::merge::{clone, git};
use super::support::{Desk, TODAY, at, hit, request};
use crate::support::thorough::is_thorough;

const CLONES: usize = 3;
const FINDINGS: u64 = 5;
const STEPS: usize = 30;
const OPS: [Op; 8] =
    [Op::Confirm, Op::FalsePositive, Op::AcceptRisk, Op::Mitigated, Op::Defer, Op::Reopen, Op::Assign, Op::Comment];

/// Numbers that follow from a seed (`SplitMix64`, Steele and others 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }
}

struct World {
    random: Random,
    clones: Vec<Desk>,
    /// Every event that anybody wrote.
    written: BTreeSet<String>,
    minute: i64,
    /// What was done, for a failure.
    story: Vec<String>,
}

impl World {
    fn new(seed: u64) -> Self {
        let hits = (1..=FINDINGS).map(|id| hit(id, if id % 2 == 0 { "a.py" } else { "b.py" }, 3)).collect();
        let first = Desk::new(hits);
        fs::write(first.tree.root().join("own-0.txt"), "0\n").unwrap();
        first.tree.commit("start", 1_700_000_001);
        let mut clones: Vec<Desk> = (1..CLONES).map(|_| clone(&first)).collect();
        clones.insert(0, first);
        for (number, desk) in clones.iter().enumerate() {
            let mut config = Repository::open(desk.tree.root()).unwrap().config().unwrap();
            config.set_str("user.name", &format!("Person {number}")).unwrap();
            config.set_str("user.email", "person@example.org").unwrap();
            // Nothing is done in passing, and nobody pulls a plug.
            for (name, value) in [("rerere.enabled", "false"), ("maintenance.auto", "false"), ("core.fsync", "none")] {
                config.set_str(name, value).unwrap();
            }
        }
        Self { random: Random(seed), clones, written: BTreeSet::new(), minute: 0, story: Vec::new() }
    }

    fn git(&self, who: usize, words: &[&str]) -> String {
        git(self.clones[who].tree.root(), words)
    }

    /// Commits all that one has changed.
    fn commit(&self, who: usize, message: &str) {
        self.clones[who].tree.commit(message, 1_700_000_002 + self.minute);
    }

    fn step(&mut self) {
        let who = self.random.below(CLONES);
        match self.random.below(12) {
            0..=3 => self.decide(who),
            4 => self.revoke(who),
            5 => self.rename(who),
            6 | 7 => self.merge(who),
            8 => self.rebase(who),
            9 => self.squash(who),
            10 => self.pick(who),
            _ => self.compact(),
        }
    }

    /// Now and then dated as a wrong clock would.
    fn time(&mut self) -> i64 {
        self.minute += 1;
        self.minute - if self.random.below(5) == 0 { 60 * 24 * 40 } else { 0 }
    }

    fn decide(&mut self, who: usize) {
        let op = OPS[self.random.below(OPS.len())];
        let first = self.random.below(usize::try_from(FINDINGS).unwrap()) as u64 + 1;
        let ids: Vec<u64> = (first..=FINDINGS).take(1 + self.random.below(3)).collect();
        let time = at(self.time());
        let event = self.clones[who].decide(&request(op, &ids), time).unwrap().event;
        self.wrote(who, &event);
    }

    fn revoke(&mut self, who: usize) {
        let events = ledger::read(&self.clones[who].tree.repo()).events;
        if events.is_empty() {
            return;
        }
        let target = events[self.random.below(events.len())].clone();
        let time = at(self.time());
        let revoke =
            ledger::revoke(&self.clones[who].tree.repo(), &events, std::slice::from_ref(&target.id), time).unwrap();
        self.wrote(who, &revoke);
    }

    fn wrote(&mut self, who: usize, event: &Event) {
        self.story.push(format!("{who}: {} {} {:?}", event.op, event.id, event.supersedes));
        self.written.insert(event.id.clone());
        self.commit(who, &event.op);
    }

    /// Each clone renames and changes a file of its own: the code is not what is tested.
    fn rename(&mut self, who: usize) {
        let root = self.clones[who].tree.root().to_owned();
        self.minute += 1;
        let (mark, new) = (format!("own-{who}-"), format!("own-{who}-{}.txt", self.minute));
        let old = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        match old.filter(|name| name.starts_with(&mark)).max() {
            Some(old) => drop(self.git(who, &["mv", &old, &new])),
            // Like no file of another clone, which git would take it for.
            None => fs::write(root.join(&new), format!("{who} at {}\n", self.minute).repeat(20)).unwrap(),
        }
        self.story.push(format!("{who}: rename to {new}"));
        self.commit(who, "rename");
    }

    /// Fetches what another clone has. Returns its name there.
    fn fetch(&mut self, who: usize) -> Option<usize> {
        let from = self.random.below(CLONES);
        if from == who {
            return None;
        }
        self.fetch_from(who, from);
        Some(from)
    }

    fn fetch_from(&self, who: usize, from: usize) {
        let repo = Repository::open(self.clones[who].tree.root()).unwrap();
        let mut remote = repo.remote_anonymous(self.clones[from].tree.root().to_str().unwrap()).unwrap();
        remote.fetch(&["+refs/heads/main:refs/heads/theirs"], None, None).unwrap();
    }

    fn merge(&mut self, who: usize) {
        let Some(from) = self.fetch(who) else { return };
        self.story.push(format!("{who}: merge {from}"));
        self.git(who, &["merge", "-q", "--no-edit", "theirs"]);
    }

    fn rebase(&mut self, who: usize) {
        let Some(from) = self.fetch(who) else { return };
        self.story.push(format!("{who}: rebase onto {from}"));
        self.git(who, &["rebase", "-q", "theirs"]);
    }

    fn squash(&mut self, who: usize) {
        let Some(from) = self.fetch(who) else { return };
        self.story.push(format!("{who}: squash {from}"));
        self.git(who, &["merge", "-q", "--squash", "theirs"]);
        self.git(who, &["commit", "-q", "--allow-empty", "-m", "squashed"]);
    }

    fn pick(&mut self, who: usize) {
        let Some(from) = self.fetch(who) else { return };
        let commits = self.git(who, &["rev-list", "--no-merges", "theirs", "--", ".quell/decisions"]);
        let commits: Vec<&str> = commits.lines().collect();
        if commits.is_empty() {
            return;
        }
        let commit = commits[self.random.below(commits.len())];
        // A commit of somebody who compacted removes files too, which are not all here.
        let removed =
            self.git(who, &["diff-tree", "-r", "--name-only", "--diff-filter=D", &format!("{commit}^"), commit]);
        let is_here = |path: &str| self.clones[who].tree.root().join(path).exists();
        if removed.lines().any(|path| !is_here(path)) {
            return;
        }
        self.story.push(format!("{who}: pick {commit} of {from}"));
        self.git(who, &["cherry-pick", "--allow-empty", "--keep-redundant-commits", commit]);
    }

    /// The first clone is the branch that others merge from: only it moves what is old into archives.
    fn compact(&mut self) {
        let done = compact(&self.clones[0].tree.repo(), TODAY).unwrap();
        self.story.push(format!("0: compact {done:?}"));
        self.commit(0, "compact");
    }

    /// Everybody merges everybody. Then all see the same, and everything that was written.
    fn meet(&mut self) {
        for who in (0..CLONES).chain(0..CLONES) {
            for from in 0..CLONES {
                if from != who {
                    self.fetch_from(who, from);
                    self.git(who, &["merge", "-q", "--no-edit", "theirs"]);
                }
            }
        }
        let ledgers: Vec<_> = self.clones.iter().map(|desk| ledger::read(&desk.tree.repo())).collect();
        for ledger in &ledgers {
            assert!(ledger.problems.is_empty(), "{:?}", ledger.problems);
            let ids: BTreeSet<String> = ledger.events.iter().map(|event| event.id.clone()).collect();
            assert_eq!(ids, self.written);
        }
        let boards: Vec<_> = self.clones.iter().map(Desk::board).collect();
        for id in (1..=FINDINGS).map(FindingId) {
            let standings: Vec<_> =
                boards.iter().map(|board| board.standing(board.backlog.find(id).unwrap()).clone()).collect();
            assert!(standings.windows(2).all(|pair| pair[0] == pair[1]), "{standings:?}");
            assert_eq!(standings[0].status, by_hand(&ledgers[0].events, id), "{id}: {:?}", standings[0]);
        }
    }
}

/// Whether a revoke names an event that is not itself taken back.
fn is_taken_back(events: &[Event], event: &Event) -> bool {
    // Links are older than what names them, so the question ends.
    let revokes = events.iter().filter(|other| other.op == "revoke" && other.supersedes.contains(&event.id));
    revokes.into_iter().any(|revoke| !is_taken_back(events, revoke))
}

/// What can be in effect of a result's decisions, worked out the plain way: what no live revoke names, and no live decision
/// reaches over any number of links. `Open` where that is nothing.
fn by_hand(events: &[Event], id: FindingId) -> Status {
    let find = |id: &String| events.iter().find(|event| event.id == *id);
    let own = |event: &&Event| {
        event.members.iter().any(|member| member.id == id) && !matches!(&*event.op, "assign" | "comment" | "revoke")
    };
    let mine: Vec<&Event> = events.iter().filter(own).collect();
    let mut replaced: BTreeSet<String> = BTreeSet::new();
    let mut todo: Vec<&Event> = mine.iter().copied().filter(|event| !is_taken_back(events, event)).collect();
    let live = todo.clone();
    while let Some(event) = todo.pop() {
        for older in event.supersedes.iter().filter_map(find).filter(own) {
            if replaced.insert(older.id.clone()) {
                todo.push(older);
            }
        }
    }
    let heads: Vec<&Event> = live.into_iter().filter(|event| !replaced.contains(&event.id)).collect();
    let status = |event: &&Event| match &*event.op {
        "confirm" => Status::Confirmed,
        "false-positive" => Status::FalsePositive,
        "accept-risk" => Status::Accepted,
        "mitigated" => Status::Mitigated,
        "defer" => Status::Deferred,
        _ => Status::Open,
    };
    let order =
        [Status::Open, Status::Confirmed, Status::Deferred, Status::Accepted, Status::Mitigated, Status::FalsePositive];
    let said: Vec<Status> = heads.iter().map(status).collect();
    // Of several the most open.
    order.into_iter().find(|status| said.contains(status)).unwrap_or(Status::Open)
}

fn play(seed: u64) {
    let mut world = World::new(seed);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        for _ in 0..STEPS {
            world.step();
        }
        world.meet();
    }));
    assert!(outcome.is_ok(), "seed {seed}:\n{}", world.story.join("\n"));
}

#[test]
fn clones_converge_whatever_git_does_with_them() {
    // A seed that failed plays again alone: `QUELL_SEED=33`.
    let seed = std::env::var("QUELL_SEED").ok().and_then(|seed| seed.parse().ok());
    let count = if is_thorough() { 200 } else { 4 };
    let (next, end) = seed.map_or((0, count), |seed| (seed, seed + 1));
    let next = AtomicU64::new(next);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                let seeds = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
                seeds.take_while(|seed| *seed < end).for_each(play);
            });
        }
    });
}
