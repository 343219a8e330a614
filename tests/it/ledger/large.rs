//! A ledger that is large enough to be kept: what is read from the cache is what the files say.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::ToSpan;
use quell::ledger;
use quell::ledger::compact::compact;
use quell::ledger::{Ledger, Trust, read_at, read_with};
use quell::model::ai::Opinion;
use quell::model::decision::{Event, Op, Origin, Request, Status};
use quell::model::exhibit::Exhibit;
use quell::model::id::FindingId;
use quell::repo::kept::Shelf;

use super::merge::{commit, git};
use super::support::{Desk, Hit, TODAY, at, hit, request};

const EVENTS: i64 = 600;

/// One decision a day.
fn large() -> Desk {
    let desk = Desk::new(vec![hit(1, "a.py", 3)]);
    let first = desk.did(Op::AcceptRisk, &[1], 0);
    for day in 1..EVENTS {
        let draft = ledger::decide::again(&Event {
            at: first.at + (24 * day).hours(),
            reason: Some(format!("day {day}, \"quoted\" and ünïcode")),
            ..first.clone()
        });
        let name = format!("{}-{}.json", draft.event.at.strftime("%Y%m%dT%H%M%S.%3fZ"), draft.event.id);
        desk.tree.write(&format!(".quell/decisions/{name}"), draft.text());
    }
    desk
}

/// Files and folders of the ledger, folders last.
fn paths(desk: &Desk) -> Vec<PathBuf> {
    let root = desk.tree.root().join(".quell/decisions");
    let mut files: Vec<PathBuf> = desk.tree.files().iter().map(|path| desk.tree.root().join(path)).collect();
    files.retain(|path| path.starts_with(&root));
    let mut folders: Vec<PathBuf> = files.iter().filter_map(|path| path.parent().map(Path::to_owned)).collect();
    folders.sort();
    folders.dedup();
    files.into_iter().chain(folders).collect()
}

/// Reads with the cache, which is there afterwards, and compares with a reading of all files.
#[track_caller]
fn read(desk: &Desk) -> Ledger {
    let repo = desk.tree.repo();
    // An hour from now nothing is so young that it could change without saying so.
    let later = SystemTime::now() + Duration::from_secs(3600);
    let (kept, whole) = (read_at(&repo, Trust::Kept, later), read_with(&repo, Trust::Nothing));
    assert_eq!(kept.events, whole.events);
    assert_eq!(kept.problems, whole.problems);
    assert!(repo.remembered("tree").is_some());
    kept
}

#[test]
fn what_is_kept_is_what_the_files_say() {
    let desk = large();
    assert_eq!(read(&desk).events.len(), 600);
    assert_eq!(read(&desk).events.len(), 600, "from the cache");
    desk.did(Op::Reopen, &[1], 1);
    assert_eq!(read(&desk).events.len(), 601);
    let files = paths(&desk);
    fs::remove_file(files.iter().find(|path| path.to_str().unwrap().contains("/203003")).unwrap()).unwrap();
    assert_eq!(read(&desk).events.len(), 600);
}

#[test]
fn an_edit_in_place_is_found_whatever_the_cache_says() {
    let desk = large();
    read(&desk);
    for (number, path) in paths(&desk).into_iter().filter(|path| path.is_file()).enumerate().take(3) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        // The same size, in the same file, at the same time as far as its own time says.
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        if !text.contains("2030-03-01") {
            continue;
        }
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        std::io::Write::write_all(&mut &file, text.replace("2030-03-01", "2039-03-01").as_bytes()).unwrap();
        file.set_modified(time).unwrap();
        let ledger = read(&desk);
        assert!(ledger.problems.last().unwrap().reason.contains("edited"), "{number}: {:?}", ledger.problems);
    }
    assert!(!read(&desk).problems.is_empty());
}

#[test]
fn a_cache_that_is_damaged_is_none() {
    let desk = large();
    let whole = read(&desk).events;
    let cache = desk.tree.repo().state_dir().join("cache/tree");
    let bytes = fs::read(&cache).unwrap();
    for (at, cut) in [(0, bytes.len()), (20, bytes.len()), (bytes.len() / 2, bytes.len()), (0, 40), (0, 7), (0, 0)] {
        let mut bad = bytes[..cut].to_vec();
        if cut == bytes.len() {
            bad[at] ^= 0x41;
        }
        fs::write(&cache, &bad).unwrap();
        assert_eq!(read(&desk).events, whole);
    }
    // A cache that cannot be written costs time alone.
    fs::remove_file(&cache).unwrap();
    fs::create_dir(&cache).unwrap();
    assert_eq!(ledger::read(&desk.tree.repo()).events, whole);
}

#[test]
fn an_archive_holds_the_same_decisions_in_fewer_files() {
    let desk = large();
    let before = read(&desk).events;
    let standing = desk.standing(1);
    let day = TODAY.checked_add(400.days()).unwrap();
    assert_eq!(compact(&desk.tree.repo(), day).unwrap().events, 0, "what is not committed stays");
    commit(&desk);
    let done = compact(&desk.tree.repo(), day).unwrap();
    assert!((390..=400).contains(&done.events) && (12..=14).contains(&done.archives), "{done:?}");
    let ids = |events: &[Event]| events.iter().map(|event| event.id.clone()).collect::<Vec<_>>();
    let after = read(&desk);
    assert_eq!((ids(&after.events), after.problems), (ids(&before), vec![]));
    assert_eq!(after.events.iter().filter(|event| event.origin == Origin::Archive).count(), done.events);
    assert_eq!(desk.standing(1), standing);
    read(&desk);
    assert_eq!(read(&desk).events.iter().filter(|event| event.origin == Origin::Archive).count(), done.events);
    // Again, it finds nothing to do; a file that comes back is no second decision.
    commit(&desk);
    assert_eq!(compact(&desk.tree.repo(), day).unwrap().events, 0);
    git(desk.tree.root(), &["checkout", "-q", "HEAD~1", "--", ".quell/decisions"]);
    let again = read(&desk);
    assert_eq!((ids(&again.events), again.problems), (ids(&before), vec![]));
}

#[test]
fn a_chain_moves_as_a_whole_and_an_archive_that_was_edited_counts_for_nothing() {
    let desk = Desk::new(vec![hit(1, "a.py", 3), hit(2, "b.py", 3)]);
    let accepted = desk.did(Op::AcceptRisk, &[1], 0);
    desk.revoke(&accepted, 60 * 24 * 40);
    desk.did(Op::AcceptRisk, &[2], 1);
    commit(&desk);
    let repo = desk.tree.repo();
    assert_eq!(compact(&repo, TODAY.checked_add(20.days()).unwrap()).unwrap().events, 1, "only the second is old");
    commit(&desk);
    assert_eq!(compact(&repo, TODAY.checked_add(60.days()).unwrap()).unwrap().events, 2);
    let archives: Vec<String> = desk.tree.files().into_iter().filter(|path| path.contains("/archive-")).collect();
    assert_eq!(archives.len(), 2, "{archives:?}");
    let chain = archives.iter().find(|path| path.contains("2030-02")).unwrap();
    let text = desk.tree.text(chain);
    assert_eq!(text.lines().count(), 2);
    // Without the line that takes it back, the acceptance must not come back.
    let kept = text.lines().find(|line| line.contains("accept-risk")).unwrap();
    desk.tree.write(chain, &format!("{kept}\n"));
    let ledger = ledger::read(&repo);
    assert_eq!((ledger.events.len(), ledger.problems.len()), (1, 1), "{:?}", ledger.problems);
    assert!(ledger.problems[0].reason.contains("was edited"), "{:?}", ledger.problems);
    desk.check(1, quell::model::decision::Status::Open, &[]);
    desk.check(2, quell::model::decision::Status::Accepted, &[]);
    let problem = compact(&repo, TODAY.checked_add(60.days()).unwrap()).unwrap_err();
    assert!(problem.hint.contains("nothing was moved"), "{problem}");
}

#[test]
fn what_is_in_an_archive_stays_when_somebody_takes_it_back_later() {
    let desk = Desk::new(vec![hit(1, "a.py", 3), hit(2, "b.py", 3)]);
    let accepted = desk.did(Op::AcceptRisk, &[1], 0);
    commit(&desk);
    let (repo, day) = (desk.tree.repo(), TODAY.checked_add(20.days()).unwrap());
    assert_eq!(compact(&repo, day).unwrap().events, 1);
    desk.revoke(&accepted, 60 * 24 * 40);
    desk.did(Op::Confirm, &[2], 1);
    commit(&desk);
    assert_eq!(compact(&repo, day).unwrap().events, 1, "the revoke is too young");
    let ids: Vec<String> = ledger::read(&repo).events.iter().map(|event| event.id.clone()).collect();
    assert!(ids.len() == 3 && ids.contains(&accepted.id), "{ids:?}");
    desk.check(1, quell::model::decision::Status::Open, &[]);
}

#[test]
fn a_decision_about_more_than_one_file_holds_is_several_events_and_one_step_of_undo() {
    const COUNT: u64 = 8_000;
    let path: &'static str = Box::leak(format!("{}a.py", "folder/".repeat(450)).into_boxed_str());
    // Two results each: they stay together.
    let hits = (1..=COUNT).map(|id| Hit { finding: (id - 1) / 2 * 2 + 1, rule: "B1", ..hit(id, path, 3) });
    let desk = Desk::new(hits.collect());
    let repo = desk.tree.repo();
    let (first, last) = (FindingId(1), FindingId(COUNT - 1));
    let exhibit =
        |id: FindingId| Exhibit { finding: id.to_string(), severity: "high".to_owned(), ..Exhibit::default() };
    let opinion = |id: FindingId| Opinion { result: id.to_string(), model: "m".to_owned(), ..Opinion::default() };
    let ids: Vec<u64> = (1..=COUNT).step_by(2).collect();
    let asked = Request {
        exhibits: vec![exhibit(first), exhibit(last)],
        ai: vec![opinion(first), opinion(last)],
        ..request(Op::AcceptRisk, &ids)
    };
    let decided = desk.decide(&asked, at(0)).unwrap();
    let Ledger { events, problems } = ledger::read(&repo);
    assert!(problems.is_empty() && (3..9).contains(&events.len()), "{}: {problems:?}", events.len());
    let said = format!("accepted the risk of 4000 findings until 2030-03-01, in {} events", events.len());
    assert_eq!(decided.summary, said);
    let mut members: Vec<FindingId> = events.iter().flat_map(|event| &event.members).map(|member| member.id).collect();
    members.sort_unstable();
    members.dedup();
    assert_eq!(members.len() as u64, COUNT);
    for event in &events {
        assert_eq!((event.at, &event.reason, event.members.len() % 2), (at(0), &events[0].reason, 0));
        let has = |id: FindingId| event.members.iter().any(|member| member.id == id);
        let kept: Vec<String> = event.exhibits.list().into_iter().map(|exhibit| exhibit.finding).collect();
        let named: Vec<String> = event.ai.iter().map(|opinion| opinion.result.clone()).collect();
        let own: Vec<String> = [first, last].into_iter().filter(|id| has(*id)).map(|id| id.to_string()).collect();
        assert_eq!((&kept, &named), (&own, &own));
        let name = format!("{}-{}.json", event.at.strftime("%Y%m%dT%H%M%S.%3fZ"), event.id);
        let file = desk.tree.root().join(".quell/decisions").join(name);
        assert!(fs::metadata(file).unwrap().len() < 16 << 20);
    }
    let all = |status: Status| desk.board().standings.iter().all(|standing| standing.status == status);
    assert!(all(Status::Accepted));
    let undone = repo.undo_entry(&decided.entry).unwrap();
    assert_eq!(undone.note.events.len(), events.len());
    ledger::revoke(&repo, &events, &undone.note.events, at(1)).unwrap();
    assert!(all(Status::Open));
    // What replaces it replaces all of it.
    ledger::restore(&repo, &desk.board().events, &undone.note.events, at(2)).unwrap();
    desk.decide(&request(Op::Reopen, &ids), at(3)).unwrap();
    assert!(all(Status::Open));
}

#[test]
fn what_no_ledger_should_hold_is_refused_before_anything_is_written() {
    let desk = Desk::new((1..=500_001).map(|id| Hit { finding: 1, ..hit(id, "a.py", 3) }).collect());
    let problem = desk.decide(&request(Op::AcceptRisk, &[1]), at(0)).unwrap_err();
    assert!(problem.reason.contains("500001 results are too many") && problem.hint.contains("--scope"), "{problem}");
    assert!(ledger::read(&desk.tree.repo()).events.is_empty());
}

#[test]
fn of_several_files_all_are_made_or_none() {
    let desk = Desk::new(vec![hit(1, "a.py", 3)]);
    let repo = desk.tree.repo();
    let file = |name: &str| (format!("decisions/{name}"), b"x".to_vec());
    repo.create_kept(Shelf::Tree, "decisions/there", b"y").unwrap();
    let problem = repo.create_all_kept(Shelf::Tree, vec![file("one"), file("two"), file("there")]).unwrap_err();
    assert!(problem.file.ends_with("decisions/there"), "{problem}");
    let left: Vec<String> = desk.tree.files().into_iter().filter(|path| path.contains("decisions")).collect();
    assert_eq!(left, [".quell/decisions/there"]);
}
