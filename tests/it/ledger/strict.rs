//! Strict verification: with keys of real `ssh-keygen`, and histories that somebody has tampered with.

use std::path::{Path, PathBuf};
use std::process::Command;

use quell::ledger::compact::compact;
use quell::ledger::strict::{Signed, sign, strict};
use quell::model::decision::{Event, Op};
use quell::model::problem::Loss;
use tempfile::TempDir;

use super::merge::git;
use super::support::{Desk, at, hit, request};

/// A repository whose main branch allows two people to sign, and the keys of three.
pub(super) struct Office {
    pub(super) desk: Desk,
    keys: TempDir,
}

const PEOPLE: [&str; 3] = ["alice", "bob", "mallory"];

/// `None` where no key can be made, which is said.
#[expect(clippy::print_stdout, reason = "a test that cannot run says so")]
pub(super) fn office() -> Option<Office> {
    let keys = TempDir::new().unwrap();
    let made = PEOPLE.iter().all(|name| {
        let words = ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"];
        Command::new("ssh-keygen").args(words).arg(keys.path().join(name)).status().is_ok_and(|status| status.success())
    });
    if !made {
        println!("skipped: there is no ssh-keygen");
        return None;
    }
    let office = Office { desk: Desk::new(vec![hit(1, "a.py", 3), hit(2, "b.py", 3)]), keys };
    let line = |name: &&str| format!("{name}@example.org {}", office.public(name));
    let allowed = PEOPLE[..2].iter().map(line).collect::<Vec<_>>().concat();
    office.desk.tree.write(".quell/allowed_signers", &allowed);
    office.commit(0, None);
    office.git(&["config", "user.email", "any@example.org"]);
    Some(office)
}

impl Office {
    pub(super) fn key(&self, name: &str) -> PathBuf {
        self.keys.path().join(name)
    }

    fn public(&self, name: &str) -> String {
        std::fs::read_to_string(self.key(name).with_extension("pub")).unwrap()
    }

    fn root(&self) -> &Path {
        self.desk.tree.root()
    }

    pub(super) fn git(&self, words: &[&str]) -> String {
        git(self.root(), words)
    }

    /// Commits all at a minute, signed by a person.
    pub(super) fn commit(&self, minute: i64, by: Option<&str>) {
        self.git(&["add", "-A"]);
        let mut command = Command::new("git");
        command.current_dir(self.root()).args(["-c", "user.name=A Tester", "-c", "user.email=any@example.org"]);
        if let Some(name) = by {
            let key = format!("user.signingKey={}", self.key(name).display());
            command.args(["-c", "gpg.format=ssh", "-c", "commit.gpgSign=true", "-c", &key]);
        }
        let time = at(minute).to_string();
        command.args(["commit", "-q", "--allow-empty", "-m", "decide"]);
        let output = command.env("GIT_AUTHOR_DATE", &time).env("GIT_COMMITTER_DATE", &time).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    pub(super) fn accept(&self, minute: i64) -> Event {
        self.desk.did(Op::AcceptRisk, &[1], minute)
    }

    fn verify(&self) -> (Vec<Signed>, Vec<String>) {
        let (verified, signed) = strict(&self.desk.tree.repo(), Some("main"), at(100_000)).unwrap();
        (signed, verified.problems.iter().map(ToString::to_string).collect())
    }

    /// Expects these problems, each by some words of it.
    #[track_caller]
    pub(super) fn expect(&self, problems: &[&str]) -> Vec<Signed> {
        let (signed, found) = self.verify();
        assert_eq!(found.len(), problems.len(), "{found:#?}");
        for words in problems {
            assert!(found.iter().any(|problem| problem.contains(words)), "{words}: {found:#?}");
        }
        signed
    }
}

#[test]
fn an_acceptance_counts_with_a_commit_that_an_allowed_key_signed() {
    let Some(office) = office() else { return };
    office.git(&["checkout", "-q", "-b", "feature"]);
    let event = office.accept(1);
    office.commit(2, Some("alice"));
    let signed = office.expect(&[]);
    let signer = signed[0].signer.clone().unwrap();
    assert_eq!((signed[0].event.clone(), signer.name.as_str()), (event.id, "alice@example.org"));
    assert!(signer.key.starts_with("SHA256:"), "{signer:?}");
}

#[test]
fn a_name_that_anybody_can_write_is_unsigned() {
    let Some(office) = office() else { return };
    office.git(&["checkout", "-q", "-b", "feature"]);
    office.git(&["config", "user.name", "Alice"]);
    office.accept(1);
    office.commit(2, None);
    let signed = office.expect(&["of Alice is unsigned"]);
    assert_eq!((signed[0].author.as_str(), &signed[0].signer), ("Alice", &None));
}

#[test]
fn a_branch_cannot_allow_itself_to_sign() {
    let Some(office) = office() else { return };
    office.git(&["checkout", "-q", "-b", "feature"]);
    office.accept(1);
    let own = format!("mallory@example.org {}", office.public("mallory"));
    office.desk.tree.write(".quell/allowed_signers", &own);
    office.commit(2, Some("mallory"));
    office.expect(&["its key is not allowed to sign"]);
    office.git(&["checkout", "-q", "main"]);
    office.git(&["rm", "-q", ".quell/allowed_signers"]);
    office.commit(3, None);
    office.git(&["checkout", "-q", "feature"]);
    office.expect(&["no key is allowed to sign", "is unsigned"]);
}

#[test]
fn an_event_signed_by_itself_survives_a_squash() {
    let Some(office) = office() else { return };
    office.git(&["checkout", "-q", "-b", "feature"]);
    let event = office.accept(1);
    office.git(&["config", "user.signingKey", office.key("bob").to_str().unwrap()]);
    assert_eq!(sign(&office.desk.tree.repo(), &[]).unwrap(), 1);
    assert_eq!(sign(&office.desk.tree.repo(), &[]).unwrap(), 0, "it is signed");
    office.commit(2, None);
    office.git(&["checkout", "-q", "main"]);
    office.git(&["merge", "-q", "--squash", "feature"]);
    office.commit(3, None);
    let signed = office.expect(&[]);
    assert_eq!(signed[0].signer.as_ref().unwrap().name, "bob@example.org");
    // A signature is that of its event alone.
    let other = office.desk.did(Op::AcceptRisk, &[2], 4);
    let name = |event: &Event| {
        let files = office.desk.tree.files();
        files.into_iter().find(|path| path.ends_with(&format!("{}.json", event.id))).unwrap()
    };
    let signature = office.desk.tree.text(&format!("{}.sig", name(&event)));
    office.desk.tree.write(&format!("{}.sig", name(&other)), &signature);
    office.commit(5, None);
    office.expect(&["is unsigned"]);
}

#[test]
fn who_asks_does_not_approve() {
    let Some(office) = office() else { return };
    office.accept(1);
    office.commit(2, Some("alice"));
    office.git(&["config", "user.name", "Bob"]);
    office.desk.did(Op::Approve, &[1], 3);
    office.commit(4, Some("alice"));
    office.expect(&["is signed by the key that asked for it"]);
    office.git(&["reset", "-q", "--soft", "HEAD^"]);
    office.git(&["reflog", "expire", "--expire=now", "--all"]);
    office.commit(4, Some("bob"));
    let signed = office.expect(&[]);
    assert_eq!(signed.iter().map(|one| one.op.as_str()).collect::<Vec<_>>(), ["accept-risk", "approve"]);
}

#[test]
fn an_acceptance_that_is_brought_back_has_to_be_signed_again() {
    let Some(office) = office() else { return };
    let event = office.accept(1);
    office.commit(2, Some("alice"));
    office.desk.revoke(&event, 3);
    office.commit(4, None);
    office.expect(&[]);
    office.desk.restore(&event, 5).unwrap();
    office.commit(6, None);
    office.expect(&["the revoke of A Tester is unsigned"]);
}

#[test]
fn what_was_taken_out_of_history_is_missed() {
    let Some(office) = office() else { return };
    office.desk.did(Op::Confirm, &[2], 1);
    let event = office.desk.did(Op::Reopen, &[2], 2);
    office.commit(3, None);
    // What moved to an archive is not missed; what the archive loses is.
    let day = at(60 * 24 * 3).to_zoned(jiff::tz::TimeZone::UTC).date();
    assert_eq!(compact(&office.desk.tree.repo(), day).unwrap().events, 2);
    office.commit(4, None);
    office.expect(&[]);
    let removed: Vec<String> = office.desk.tree.files().into_iter().filter(|path| path.contains("/archive-")).collect();
    office.git(&["rm", "-q", &removed[0]]);
    office.commit(5, None);
    let commit = office.git(&["rev-parse", "--short=10", "HEAD"]);
    let (_, problems) = office.verify();
    assert_eq!(problems.len(), 2, "{problems:#?}");
    let missed = problems.iter().find(|problem| problem.contains(&event.id)).unwrap();
    assert!(missed.contains("neither in the tree nor in an archive"), "{missed}");
    assert!(missed.contains(&format!("since the commit {}", commit.trim())), "{missed}");
}

#[test]
fn a_file_that_was_edited_in_history_is_told_though_it_is_whole_again() {
    let Some(office) = office() else { return };
    office.desk.did(Op::Confirm, &[2], 1);
    office.commit(2, None);
    let file = office.desk.tree.files().into_iter().find(|path| path.starts_with(".quell/decisions/2")).unwrap();
    let text = office.desk.tree.text(&file);
    office.desk.tree.write(&file, &text.replace("because", "no reason"));
    office.commit(3, None);
    office.desk.tree.write(&file, &text);
    office.commit(4, None);
    office.expect(&["the file was changed, which no event is"]);
}

#[test]
fn a_forced_push_is_told_with_what_it_took_away() {
    let Some(office) = office() else { return };
    let event = office.desk.did(Op::Confirm, &[2], 1);
    office.commit(2, None);
    office.git(&["reset", "-q", "--hard", "HEAD^"]);
    office.commit(3, None);
    let (_, problems) = office.verify();
    assert_eq!(problems.len(), 2, "{problems:#?}");
    assert!(problems[0].contains("refs/heads/main: was rewritten"), "{problems:#?}");
    assert!(problems[1].contains(&event.id), "{problems:#?}");
}

#[test]
fn clocks_that_cannot_be_right_are_told() {
    let Some(office) = office() else { return };
    office.commit(500, None);
    office.desk.did(Op::Confirm, &[2], 501);
    office.commit(10, None);
    office.expect(&["is dated 2030-01-10T12:10:00Z, before its parent", "after the commit"]);
    // Long before its commit it may be a draft: a note.
    let old = office.desk.did(Op::Confirm, &[1], 502);
    office.commit(502 + 60 * 24 * 30, None);
    let (verified, _) = strict(&office.desk.tree.repo(), Some("main"), at(100_000)).unwrap();
    let notes: Vec<_> = verified.problems.iter().filter(|problem| problem.loss == Loss::Nothing).collect();
    assert!(notes.len() == 1 && notes[0].file.contains(&old.id), "{notes:?}");
    // It names one that is younger than itself.
    let mut reopen = request(Op::Reopen, &[1]);
    reopen.reason = None;
    office.desk.decide(&reopen, at(400)).unwrap();
    office.commit(60_000, None);
    let (_, problems) = office.verify();
    assert!(problems.iter().any(|problem| problem.contains("which it names")), "{problems:#?}");
}

#[test]
fn a_part_of_the_history_or_no_base_is_refused() {
    let Some(office) = office() else { return };
    office.commit(1, None);
    let repo = office.desk.tree.repo();
    let refused = |base: Option<&str>| strict(&repo, base, at(9)).unwrap_err().to_string();
    assert!(refused(None).contains("--base"));
    assert!(refused(Some("no-such")).contains("no such commit"));
    assert!(refused(Some("--all")).contains("no such commit"));
    let shallow = TempDir::new().unwrap();
    let url = format!("file://{}", office.root().display());
    git(shallow.path(), &["clone", "-q", "--depth", "1", &url, "."]);
    let repo = quell::repo::Repo::discover(shallow.path(), true).unwrap().0;
    let problem = strict(&repo, None, at(9)).unwrap_err().to_string();
    assert!(problem.contains("only a part of the history"), "{problem}");
}
