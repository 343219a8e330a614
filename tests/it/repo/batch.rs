//! Batches are all or nothing and can be taken back.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use quell::repo::Repo;
use quell::repo::log::{Note, Side};
use quell::repo::turn::{Changed, Turning};
use quell::repo::write::{Batched, FileWrite, WriteError};

use crate::support::tree::Tree;

fn change(path: &str, before: &str, after: &str) -> FileWrite {
    FileWrite::new(path, Some(before.as_bytes().into()), Some(after.as_bytes().into()))
}

fn three() -> Vec<FileWrite> {
    vec![change("a.py", "a\n", "A\r\n"), change("src/b.py", "b", "B\0\u{feff}"), change("src/c.sh", "c\n", "")]
}

const FILES: [(&str, &str); 3] = [("a.py", "a\n"), ("src/b.py", "b"), ("src/c.sh", "c\n")];

/// With git, and without.
fn both() -> [(Tree, Repo); 2] {
    [Tree::git(&FILES), Tree::plain(&FILES)].map(|tree| {
        let repo = tree.repo();
        (tree, repo)
    })
}

/// Without git each image is a file named by its hash.
#[test]
fn a_merged_turn_keeps_the_images_of_its_own_files() {
    let merge = |_: &Changed<'_>| Ok(b"merged".to_vec());
    for (tree, repo) in both() {
        repo.write_batch("three", &three(), &Note::default()).unwrap();
        let turn = |to| {
            let entry = &repo.log().unwrap()[0];
            repo.turn(&Turning { entry, to, files: &[], events: &[], merge: &merge }).unwrap();
        };
        tree.write("a.py", "a\n");
        tree.write("src/b.py", "mine");
        turn(Side::Before);
        assert_eq!(["a.py", "src/b.py", "src/c.sh"].map(|path| tree.text(path)), ["a\n", "merged", "c\n"]);
        turn(Side::After);
        assert_eq!(["a.py", "src/b.py", "src/c.sh"].map(|path| tree.text(path)), ["A\r\n", "mine", ""]);
    }
}

/// More files than are synced and hashed one by one.
#[test]
fn a_large_batch_is_as_safe_as_a_small_one() {
    let path = |number: usize| format!("part{}/{number:03}.py", number % 3);
    for (tree, repo) in both() {
        let files: Vec<FileWrite> = (0..90).map(|number| change(&path(number), "old", &number.to_string())).collect();
        for file in &files {
            tree.write(&file.path, "old");
        }
        let holds = |side: fn(&FileWrite) -> &Option<Arc<[u8]>>| {
            let is_so =
                |file: &FileWrite| fs::read(tree.root().join(&file.path)).ok().as_deref() == side(file).as_deref();
            files.iter().all(is_so)
        };
        let name = repo.write_batch("90 fixes", &files, &Note::default()).unwrap().entry;
        assert!(holds(|file| &file.after));
        repo.undo_entry(&name).unwrap();
        assert!(holds(|file| &file.before));
        repo.redo_entry(&name).unwrap();
        assert!(holds(|file| &file.after));
        tree.write(&path(70), "mine");
        let error = repo.undo_entry(&name).unwrap_err().to_string();
        assert!(error.starts_with("part1/070.py: it changed after the batch wrote it"), "{error}");
        assert_eq!(tree.leftovers(&repo), [""; 0]);
    }
}

#[test]
fn a_batch_writes_all_and_undo_restores_the_bytes() {
    for (tree, repo) in both() {
        let note = Note { fixes: vec!["f1-1".into()], events: vec!["e".into()], ..Note::default() };
        let name = repo.write_batch("3 fixes", &three(), &note).unwrap().entry;
        assert_eq!(
            tree.bytes(),
            three().iter().filter_map(|file| Some(file.after.as_ref()?.to_vec())).collect::<Vec<_>>()
        );
        // A second session knows of it.
        let repo = tree.repo();
        let log = repo.log().unwrap();
        let [entry] = log.as_slice() else { unreachable!("{log:?}") };
        assert_eq!((&entry.name, entry.title.as_str(), entry.is_undone), (&name, "3 fixes", false));
        assert_eq!(
            (&entry.note, entry.files.as_slice()),
            (&note, ["a.py", "src/b.py", "src/c.sh"].map(String::from).as_slice())
        );
        for _ in 0..2 {
            assert!(repo.undo_entry(&name).unwrap().is_undone);
            assert_eq!(tree.bytes(), FILES.map(|(_, text)| text.as_bytes().to_vec()));
            assert!(repo.undo_entry(&name).unwrap_err().to_string().contains("is undone already"));
            assert!(tree.repo().log().unwrap()[0].is_undone);
            assert!(!repo.redo_entry(&name).unwrap().is_undone);
            assert_eq!(
                tree.bytes(),
                three().iter().filter_map(|file| Some(file.after.as_ref()?.to_vec())).collect::<Vec<_>>()
            );
            assert!(repo.redo_entry(&name).unwrap_err().to_string().contains("is not undone"));
        }
        assert_eq!(tree.leftovers(&repo), [""; 0]);
        assert_eq!(repo.interrupted(), None);
    }
}

#[test]
fn one_file_that_changed_stops_all() {
    for (tree, repo) in both() {
        tree.write("src/b.py", "edited");
        let error = repo.write_batch("3 fixes", &three(), &Note::default()).unwrap_err();
        assert_eq!(error, WriteError::Changed("src/b.py".into()));
        assert_eq!((tree.text("a.py"), tree.text("src/b.py")), ("a\n".into(), "edited".into()));
        assert_eq!(repo.log().unwrap(), []);
        assert_eq!(tree.leftovers(&repo), [""; 0]);
    }
}

#[test]
fn modes_stay() {
    for (tree, repo) in both() {
        let modes = [("a.py", 0o600), ("src/b.py", 0o664), ("src/c.sh", 0o755)];
        for (path, mode) in modes {
            fs::set_permissions(tree.root().join(path), fs::Permissions::from_mode(mode)).unwrap();
        }
        let check = || {
            for (path, mode) in modes {
                let found = fs::metadata(tree.root().join(path)).unwrap().permissions().mode() & 0o7777;
                assert_eq!(found, mode, "{path}: {found:o}");
            }
        };
        let name = repo.write_batch("modes", &three(), &Note::default()).unwrap().entry;
        check();
        repo.undo_entry(&name).unwrap();
        check();
    }
}

#[test]
fn undo_refuses_what_was_edited_since() {
    for (tree, repo) in both() {
        let name = repo.write_batch("3 fixes", &three(), &Note::default()).unwrap().entry;
        tree.write("src/c.sh", "my work");
        let error = repo.undo_entry(&name).unwrap_err().to_string();
        assert!(error.starts_with("src/c.sh: it changed after the batch wrote it; "), "{error}");
        assert_eq!((tree.text("a.py"), tree.text("src/c.sh")), ("A\r\n".into(), "my work".into()));
        assert!(!repo.log().unwrap()[0].is_undone);
        assert!(repo.undo_entry("99999999").unwrap_err().to_string().contains("has no entry 99999999"));
    }
}

#[test]
fn a_file_that_is_gone_stops_an_undo_with_words_about_it() {
    for (tree, repo) in both() {
        let name = repo.write_batch("3 fixes", &three(), &Note::default()).unwrap().entry;
        fs::rename(tree.root().join("src/b.py"), tree.root().join("src/moved.py")).unwrap();
        let error = repo.undo_entry(&name).unwrap_err().to_string();
        let expected = "src/b.py: it is gone since the batch wrote it; put it back first, or take back the other files";
        assert!(error.starts_with(expected), "{error}");
        fs::rename(tree.root().join("src/moved.py"), tree.root().join("src/b.py")).unwrap();
        fs::rename(tree.root().join("src"), tree.root().join("real")).unwrap();
        symlink("real", tree.root().join("src")).unwrap();
        let error = repo.undo_entry(&name).unwrap_err().to_string();
        assert!(error.starts_with("src/b.py: it is a path through a symbolic link, not a file"), "{error}");
        assert_eq!((tree.text("a.py"), tree.text("real/b.py")), ("A\r\n".into(), "B\0\u{feff}".into()));
        fs::remove_file(tree.root().join("src")).unwrap();
        fs::rename(tree.root().join("real"), tree.root().join("src")).unwrap();
        repo.undo_entry(&name).unwrap();
        fs::remove_file(tree.root().join("a.py")).unwrap();
        let error = repo.redo_entry(&name).unwrap_err().to_string();
        assert!(error.starts_with("a.py: it is gone since the undo; put it back first"), "{error}");
    }
}

/// A record of a later version, or a damaged one: the log is not guessed at, and what to do is said.
#[test]
fn a_record_that_cannot_be_read_is_named() {
    for (tree, repo) in both() {
        let name = repo.write_batch("3 fixes", &three(), &Note::default()).unwrap().entry;
        let way_out = if repo.has_git() {
            let git = git2::Repository::open(tree.root()).unwrap();
            let reference = git.find_reference(&format!("refs/worktree/quell/undo/{name}")).unwrap();
            let (commit, who) = (reference.peel_to_commit().unwrap(), git.signature().unwrap());
            let other = git.commit(None, &who, &who, "not a record", &commit.tree().unwrap(), &[]).unwrap();
            git.reference("refs/worktree/quell/undo/00000002", other, true, "").unwrap();
            "git update-ref -d refs/worktree/quell/undo/00000002".to_owned()
        } else {
            let folder = repo.state_dir().join("undo/00000002");
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("record.json"), "not a record").unwrap();
            format!("remove {}", folder.display())
        };
        let error = repo.log().unwrap_err().to_string();
        assert!(
            error.contains("record 00000002 of the undo log cannot be read") && error.contains(&way_out),
            "{error}"
        );
        repo.write_batch("more", &[change("a.py", "A\r\n", "B")], &Note::default()).unwrap();
        assert!(repo.undo_entry(&name).is_err());
    }
}

#[test]
fn decisions_and_batches_share_one_order() {
    for (tree, repo) in both() {
        let events = Note { events: vec!["e1".into()], ..Note::default() };
        let first = repo.log_decision("accepted", &events).unwrap();
        let batch = repo.write_batch("3 fixes", &three(), &Note::default()).unwrap().entry;
        let last = repo.log_decision("deferred", &Note::default()).unwrap();
        assert_eq!(repo.undo_entry(&first).unwrap().note, events);
        let log = tree.repo().log().unwrap();
        let seen: Vec<(&String, &str, bool)> =
            log.iter().map(|entry| (&entry.name, entry.title.as_str(), entry.is_undone)).collect();
        assert_eq!(seen, [(&first, "accepted", true), (&batch, "3 fixes", false), (&last, "deferred", false)]);
        assert!(!repo.redo_entry(&first).unwrap().is_undone);
    }
}

#[test]
fn the_newest_200_entries_are_kept() {
    for (_tree, repo) in both() {
        let batch = repo.write_batch("old", &three(), &Note::default()).unwrap().entry;
        repo.undo_entry(&batch).unwrap();
        // Every 32nd record looks for what is too old: the last of these is the 224th.
        for number in 0..222 {
            repo.log_decision(&format!("d{number}"), &Note::default()).unwrap();
            assert!(repo.log().unwrap().len() > number.min(199), "none of the newest 200 goes");
        }
        let log = repo.log().unwrap();
        assert_eq!((log.len(), log[0].title.as_str(), log[199].title.as_str()), (200, "d22", "d221"));
    }
}

#[test]
fn what_must_not_be_written_is_refused_with_a_reason() {
    let tree = Tree::git(&FILES);
    let outside = Tree::plain(&[("x", "x")]);
    symlink(tree.root().join("a.py"), tree.root().join("link")).unwrap();
    symlink(outside.root(), tree.root().join("out")).unwrap();
    fs::create_dir(tree.root().join("sub")).unwrap();
    tree.write("hard.py", "h");
    fs::hard_link(tree.root().join("hard.py"), tree.root().join("twin.py")).unwrap();
    tree.write("locked.py", "l");
    fs::set_permissions(tree.root().join("locked.py"), fs::Permissions::from_mode(0o444)).unwrap();
    tree.write(".GIT/hooks", "h");
    let head = tree.text(".git/HEAD");
    let repo = tree.repo();
    for (path, before, reason) in [
        ("link", "a\n", "it is a symbolic link"),
        ("out/x", "x", "it is a path through a symbolic link"),
        ("../x", "x", "the path leads outside the repository"),
        ("/etc/passwd", "x", "the path leads outside the repository"),
        (".git/HEAD", head.as_str(), "the path leads outside the repository"),
        (".GIT/hooks", "h", "the path leads outside the repository"),
        ("sub", "", "it is a folder"),
        ("none.py", "", "no such file"),
        ("hard.py", "h", "it has 2 names (hard links)"),
        ("locked.py", "l", "the file is read-only"),
        ("src/b.py", "b", "the batch names this file twice"),
    ] {
        let files = [change("src/b.py", "b", "B"), change(path, before, "evil")];
        let error = repo.write_batch("evil", &files, &Note::default()).unwrap_err();
        let WriteError::Refused(problem) = &error else { unreachable!("{path}: {error}") };
        assert!(problem.reason.starts_with(reason) && problem.file == path && !problem.hint.is_empty(), "{error}");
        assert_eq!(tree.text("src/b.py"), "b", "{path}");
    }
    assert_eq!(outside.text("x"), "x");
    assert_eq!(repo.log().unwrap(), []);
    assert_eq!(tree.leftovers(&repo), [""; 0]);
}

/// What could not be read again could not be undone.
#[test]
fn a_file_does_not_grow_beyond_what_is_read() {
    let tree = Tree::plain(&[("a.txt", "a"), ("b.txt", "b")]);
    let repo = tree.repo();
    let huge = vec![b'x'; usize::try_from(quell::repo::read::MAX_SOURCE).unwrap() + 1];
    let write = |path: &str, after: &[u8]| FileWrite::new(path, Some(path.as_bytes()[..1].into()), Some(after.into()));
    let error = repo.write_batch("huge", &[write("a.txt", b"A"), write("b.txt", &huge)], &Note::default()).unwrap_err();
    assert!(error.to_string().contains("b.txt: it has 67108865 bytes, more than Quell reads"), "{error}");
    assert_eq!((tree.bytes(), tree.leftovers(&repo)), (vec![b"a".to_vec(), b"b".to_vec()], vec![]));
    let name = repo.write_batch("large", &[write("a.txt", &huge[..1 << 20])], &Note::default()).unwrap().entry;
    repo.undo_entry(&name).unwrap();
    assert_eq!(tree.text("a.txt"), "a");
}

#[test]
fn a_save_of_an_editor_is_never_lost() {
    let tree = Tree::git(&FILES);
    let repo = tree.repo();
    for round in 0..150 {
        tree.write("a.py", "a\n");
        let saved = format!("saved {round}");
        thread::scope(|scope| {
            scope.spawn(|| {
                let temp = tree.root().join("editor");
                fs::write(&temp, &saved).unwrap();
                fs::rename(temp, tree.root().join("a.py")).unwrap();
            });
            // Before, in the middle or behind: what the editor saved is what stays.
            let _ = repo.write_batch("race", &[change("a.py", "a\n", "A\n")], &Note::default());
        });
        assert_eq!(tree.text("a.py"), saved);
    }
    assert_eq!(tree.leftovers(&repo), [""; 0]);
}

/// Writes a batch while the file `editor` gets the name of one of its files, as soon as the batch is past its checks.
fn race(tree: &Tree, repo: &Repo, files: &[FileWrite], path: &str) -> Result<Batched, WriteError> {
    let journal = repo.state_dir().join("journal.json");
    let is_committing = || fs::read_to_string(&journal).is_ok_and(|text| text.contains("\"committing\""));
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_committing() && !is_done.load(Ordering::SeqCst) {
                std::hint::spin_loop();
            }
            fs::rename(tree.root().join("editor"), tree.root().join(path)).unwrap();
        });
        let outcome = repo.write_batch("race", files, &Note::default());
        is_done.store(true, Ordering::SeqCst);
        outcome
    })
}

/// The file is long, so that there is time between the look at it and the exchange; the editor waits for that.
#[test]
fn a_save_between_the_look_and_the_exchange_is_put_back() {
    let tree = Tree::git(&FILES);
    let repo = tree.repo();
    let long = "a".repeat(8 << 20);
    for round in 0..5 {
        tree.write("a.py", &long);
        let saved = format!("saved {round}");
        tree.write("editor", &saved);
        let outcome = race(&tree, &repo, &[change("a.py", &long, "A\n")], "a.py");
        assert_eq!(tree.text("a.py"), saved, "{outcome:?}");
    }
    assert_eq!(tree.leftovers(&repo), [""; 0]);
}

/// A file that somebody makes where a new one comes, and one that is saved while it goes.
#[test]
fn what_is_made_or_saved_while_files_come_and_go_stays() {
    let tree = Tree::git(&FILES);
    let repo = tree.repo();
    let long = "a".repeat(8 << 20);
    let goes = || FileWrite::new("a.py", Some(long.as_bytes().into()), None);
    let comes = || FileWrite::new("n.py", None, Some((*b"new").into()));
    let slow = || change("a.py", &long, "A\n");
    for round in 0..8 {
        let (files, path) = if round % 2 == 0 { (vec![goes()], "a.py") } else { (vec![slow(), comes()], "n.py") };
        tree.write("a.py", &long);
        let saved = format!("saved {round}");
        tree.write("editor", &saved);
        let outcome = race(&tree, &repo, &files, path);
        assert_eq!(tree.text(path), saved, "{outcome:?}");
        let is_whole = tree.text("a.py") == long || outcome.is_ok() || path == "a.py";
        assert!(is_whole, "{outcome:?}");
        let _ = fs::remove_file(tree.root().join("n.py"));
    }
    assert_eq!(tree.leftovers(&repo), [""; 0]);
}

#[test]
fn a_second_writer_leaves_everything_alone() {
    let tree = Tree::git(&FILES);
    let repo = tree.repo();
    repo.log_decision("makes the state folder", &Note::default()).unwrap();
    let lock = fs::OpenOptions::new().write(true).open(repo.state_dir().join("lock")).unwrap();
    fs::write(repo.state_dir().join("lock"), "process 42 on elsewhere\n").unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let locked = WriteError::Locked("process 42 on elsewhere".into());
    assert_eq!(repo.write_batch("3 fixes", &three(), &Note::default()), Err(locked.clone()));
    assert_eq!(repo.recover(), Err(locked.clone()));
    assert_eq!(repo.log_decision("x", &Note::default()), Err(locked));
    assert_eq!(tree.bytes(), FILES.map(|(_, text)| text.as_bytes().to_vec()));
    assert_eq!(repo.log().unwrap().len(), 1);
    drop(lock);
    repo.write_batch("3 fixes", &three(), &Note::default()).unwrap();
}

#[test]
fn a_worktree_undoes_its_own_batches_only() {
    let tree = Tree::git(&FILES);
    let other = tree.root().join("other");
    git2::Repository::open(tree.root()).unwrap().worktree("other", &other, None).unwrap();
    let (here, (there, _)) = (tree.repo(), Repo::discover(&other, true).unwrap());
    let name = there.write_batch("there", &three(), &Note::default()).unwrap().entry;
    assert_eq!((here.log().unwrap().len(), there.log().unwrap().len()), (0, 1));
    assert_eq!(tree.text("a.py"), "a\n");
    there.undo_entry(&name).unwrap();
    assert_eq!(fs::read_to_string(other.join("a.py")).unwrap(), "a\n");
}

#[test]
fn git_keeps_and_shows_what_was_done() {
    let tree = Tree::git(&FILES);
    let name = tree.repo().write_batch("3 fixes", &three(), &Note::default()).unwrap().entry;
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git").current_dir(tree.root()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    git(&["gc", "--quiet", "--prune=now"]);
    git(&["fsck", "--strict"]);
    let reference = format!("refs/worktree/quell/undo/{name}");
    let shown = git(&["diff", &format!("{reference}:before"), &format!("{reference}:after"), "--", "a.py"]);
    assert!(shown.contains("-a\n+A\r\n"), "{shown}");
    assert_eq!(git(&["log", "-1", "--format=%s", &reference]), "quell: 3 fixes\n", "for who looks at all references");
    tree.repo().undo_entry(&name).unwrap();
    assert_eq!(git(&["status", "--short"]), "");
}
