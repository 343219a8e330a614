//! `report`: the register of risks as it stands and as it stood, and what is kept of a risk when it is accepted.

use std::fs;
use std::process::Command;

use quell::exchange::markup::csv;
use quell::ledger::decide::again;
use quell::model::decision::Event;
use quell::model::exhibit::Exhibits;
use serde_json::Value;

use super::shop::{id, quell, shop};
use crate::support::tree::Tree;

const HOSTILE: &str = "=1+1 <script>alert(1)</script> | `x` \u{202e}\u{1b}[2J";

fn accept(tree: &Tree, id: &str, reason: &str, until: &str) {
    quell(tree, &["decide", "accept-risk", id, "--reason", reason, "--until", until, "--risk-owner", "cto"]).ok();
}

/// What `git` answers.
#[track_caller]
fn git(tree: &Tree, words: &[&str]) -> Vec<u8> {
    let output = Command::new("git").args(words).current_dir(tree.root()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// The rows of a register, by the names of the columns.
#[track_caller]
fn rows(tree: &Tree, as_of: &[&str]) -> Vec<Vec<(String, String)>> {
    let out = quell(tree, &[&["report", "--format", "csv"], as_of].concat()).ok().out;
    let mut reader = ::csv::Reader::from_reader(out.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |row: ::csv::StringRecord| names.iter().cloned().zip(row.iter().map(str::to_owned)).collect();
    reader.records().map(|record| row(record.unwrap())).collect()
}

fn of<'r>(row: &'r [(String, String)], name: &str) -> &'r str {
    &row.iter().find(|(known, _)| known == name).unwrap().1
}

/// A risk that is accepted, renewed, approved by somebody else and taken back again, a commit for each.
fn history() -> (Tree, Vec<String>) {
    let tree = shop();
    let one = id(&tree, "rule:A1");
    let mut commits = vec![tree.commit("nothing is accepted", 1_790_000_000).to_string()];
    let mut day = 1_790_000_000;
    let mut commit = |name: &str| {
        day += 86_400;
        commits.push(tree.commit(name, day).to_string());
    };
    accept(&tree, &one, "at first", "2098-01-31");
    commit("accept");
    accept(&tree, &one, "once more", "2099-01-31");
    commit("renew");
    let name = |name: &str| git2::Repository::open(tree.root()).unwrap().config().unwrap().set_str("user.name", name);
    name("Another").unwrap();
    quell(&tree, &["decide", "approve", &one]).ok();
    commit("approve");
    name("A Tester").unwrap();
    quell(&tree, &["decide", "reopen", &one]).ok();
    commit("reopen");
    (tree, commits)
}

#[test]
fn a_register_is_as_it_stood_at_a_revision() {
    let (tree, commits) = history();
    let at = |number: usize| rows(&tree, &["--as-of", &commits[number]]);
    assert!(at(0).is_empty());
    let states: Vec<(String, String, String, String)> = (1..=4)
        .map(|number| {
            let rows = at(number);
            assert_eq!(rows.len(), 1, "{rows:?}");
            let of = |name| of(&rows[0], name).to_owned();
            (of("state"), of("reason"), of("renewals"), of("approved by"))
        })
        .collect();
    let expected = [
        ("in-effect", "at first", "0", ""),
        ("in-effect", "once more", "1", ""),
        ("in-effect", "once more", "1", "Another"),
        ("replaced", "once more", "1", "Another"),
    ];
    let expected = expected.map(|(a, b, c, d)| (a.to_owned(), b.to_owned(), c.to_owned(), d.to_owned()));
    assert_eq!(states, expected);
    assert!(of(&at(4)[0], "became").contains("by A Tester"), "{:?}", at(4));
    assert_eq!(rows(&tree, &[]), at(4).into_iter().collect::<Vec<_>>(), "what is on disk is committed");
}

#[test]
fn a_day_means_the_last_commit_of_that_day_in_utc() {
    let (tree, commits) = history();
    // 1 790 000 000 is 14:13:20 on 2026-09-21.
    let says = |as_of: &str, commit: usize| {
        let ran = quell(&tree, &["report", "--as-of", as_of]).ok();
        assert!(ran.err.contains(&commits[commit]) && ran.out.contains(&commits[commit]), "{as_of}: {ran:?}");
    };
    says("2026-09-22", 1);
    says("2026-09-22T14:13:19Z", 0);
    says("2026-09-22T14:13:20Z", 1);
    says("2027-01-01", 4);
    says("HEAD~2", 2);
    let early = quell(&tree, &["report", "--as-of", "1999-01-01"]);
    assert!(early.code == 2 && early.err.contains("no commit as old as that"), "{early:?}");
    for wrong in ["--upload-pack=x", "nowhere", "2026-99-99", ""] {
        let ran = quell(&tree, &["report", &format!("--as-of={wrong}")]);
        assert!(ran.code == 2 && ran.err.contains("no such revision"), "{wrong}: {ran:?}");
    }
}

#[test]
fn an_end_is_counted_on_the_day_of_the_register() {
    let tree = shop();
    accept(&tree, &id(&tree, "rule:A1"), "for a while", "2098-01-31");
    tree.commit("accept", 4_000_000_000);
    let state = |as_of: &str| of(&rows(&tree, &["--as-of", as_of])[0], "state").to_owned();
    assert_eq!((state("2098-01-31"), state("2098-02-01")), ("in-effect".to_owned(), "expired".to_owned()));
}

#[test]
fn each_row_can_be_checked_with_git_alone() {
    let (tree, commits) = history();
    quell(&tree, &["ledger", "compact", "--before", "2199-01-01"]).ok();
    let packed = tree.commit("compact", 1_795_000_000).to_string();
    for commit in [&commits[2], &packed] {
        let rows = rows(&tree, &["--as-of", commit]);
        let row = &rows[0];
        assert_eq!(of(row, "commit"), commit);
        let mut files = vec![(of(row, "file").to_owned(), of(row, "sha256").to_owned())];
        let more = of(row, "renewed files").split_whitespace().filter_map(|file| file.split_once('='));
        files.extend(more.map(|(file, hash)| (file.to_owned(), hash.to_owned())));
        assert_eq!(files.len(), 2);
        for (file, hash) in files {
            let bytes = git(&tree, &["show", &format!("{commit}:{file}")]);
            let found = quell::repo::sha256(&bytes);
            assert_eq!(found, hash, "{file} in {commit}");
        }
    }
}

#[test]
fn what_is_not_committed_says_so() {
    let tree = shop();
    accept(&tree, &id(&tree, "rule:A1"), "r", "2099-01-31");
    let row = rows(&tree, &[]).remove(0);
    assert_eq!(of(&row, "commit"), "");
    let text = quell(&tree, &["report"]).ok().out;
    assert!(text.contains("(not committed)") && text.contains("1 file is not in the commit"), "{text}");
    tree.commit("accept", 1_790_000_000);
    let text = quell(&tree, &["report"]).ok().out;
    assert!(!text.contains("not committed"), "{text}");
    let plain = quell(&tree, &["report", "--no-git"]).ok().out;
    assert!(plain.contains("nothing is committed"), "{plain}");
    let ran = quell(&tree, &["report", "--no-git", "--as-of", "2026-01-01"]);
    assert!(ran.code == 2 && ran.err.contains("without git"), "{ran:?}");
}

#[test]
fn words_of_others_are_text_in_every_format() {
    let tree = shop();
    accept(&tree, &id(&tree, "rule:A1"), HOSTILE, "2099-01-31");
    let page = quell(&tree, &["report", "--format", "html"]).ok().out;
    assert!(page.contains("=1+1 &lt;script&gt;") && !page.contains("<script"), "{page}");
    assert!(page.matches("<svg").count() == 3 && page.contains("default-src 'none'"), "{page}");
    for fetched in ["http:", "https:", "src=", "href=", "url(", "@import"] {
        let found = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "").contains(fetched);
        assert!(!found, "{fetched} in {page}");
    }
    let row = rows(&tree, &[]).remove(0);
    assert!(of(&row, "reason").starts_with("'=1+1"), "{row:?}");
    let text = quell(&tree, &["report"]).ok().out;
    assert!(text.contains("=1+1 &lt;script&gt;") && text.contains("\\| \\`x\\`"), "{text}");
    for format in ["html", "csv", "markdown"] {
        let out = quell(&tree, &["report", "--format", format]).ok().out;
        assert!(!out.contains(['\u{1b}', '\u{202e}']), "{format}: {out}");
    }
}

#[test]
fn a_file_is_in_the_format_of_its_name() {
    let (tree, _) = history();
    for (name, start) in [("r.csv", "state,"), ("r.html", "<!DOCTYPE"), ("r.md", "# Register"), ("r", "# Register")] {
        let path = tree.state().join(name);
        quell(&tree, &["report", "-o", path.to_str().unwrap()]).ok();
        assert!(fs::read_to_string(&path).unwrap().starts_with(start), "{name}");
    }
    let refused = quell(&tree, &["report", "-o", "src"]);
    assert!(refused.code == 2 && refused.err.contains("no plain file"), "{refused:?}");
}

#[test]
fn a_treatment_keeps_what_was_known_with_secrets_covered() {
    let tree = shop();
    let (one, key) = (id(&tree, "rule:A1"), id(&tree, "path:src/keys.py"));
    accept(&tree, &one, "r", "2099-01-31");
    accept(&tree, &key, "rotated", "2099-01-31");
    quell(&tree, &["decide", "false-positive", &id(&tree, "rule:A2")]).ok();
    let log = quell(&tree, &["ledger", "log", "--format", "json"]).ok().json();
    let exhibit = |number: usize| log[number]["event"]["exhibits"][0].clone();
    assert_eq!(exhibit(0), Value::Null, "a verdict is no treatment");
    assert_eq!(exhibit(2)["code"][1], "subprocess.run(cmd,");
    assert_eq!((&exhibit(2)["first_line"], &exhibit(2)["finding"]), (&1.into(), &one.clone().into()));
    let hash = exhibit(2)["reports"][0]["sha256"].as_str().unwrap().to_owned();
    let checked = quell(&tree, &["check", "--format", "json"]).ok().json();
    let reports = checked["reports"].as_array().unwrap();
    assert!(reports.iter().any(|report| report["sha256"] == hash.as_str()), "{checked}");
    assert!(exhibit(1)["code"].to_string().contains("AK****"), "{}", exhibit(1));
    for file in tree.files().iter().filter(|path| path.starts_with(".quell/decisions/2")) {
        assert!(!tree.text(file).contains("AKIAQ7EXAMPLE9KEY0042"), "{file}");
    }
    quell(&tree, &["ledger", "verify"]).ok();
    let text = quell(&tree, &["report"]).ok().out;
    assert!(text.contains("subprocess.run(cmd,") && text.contains(&hash), "{text}");
}

#[test]
fn what_is_not_in_force_here_is_told_from_what_has_ended() {
    let tree = shop();
    let (one, other) = (id(&tree, "rule:A1"), id(&tree, "rule:A2"));
    tree.write(".quell/config.toml", "[policy.accept-risk]\napproval = ['low']\n");
    accept(&tree, &one, "waits", "2099-01-31");
    tree.write(".quell/config.toml", "");
    let until = ["--reason", "there", "--until", "2099-01-31"];
    let said = quell(&tree, &[&["decide", "accept-risk", &other, "--on", "release/*"], until.as_slice()].concat()).ok();
    assert_eq!(said.out, "accepted the risk of 1 finding until 2099-01-31 on release/*\n");
    tree.write(".quell/config.toml", "[policy.accept-risk]\napproval = ['low']\n");
    for format in ["markdown", "html"] {
        let page = quell(&tree, &["report", "--format", format]).ok().out;
        let at = |title: &str| page.find(title).unwrap_or_else(|| panic!("{title}: {page}"));
        let (waits, elsewhere) =
            (at("Not in force before another person approves it"), at("In force on other branches"));
        assert!(waits < elsewhere && !page.contains("Ended"), "{page}");
    }
    let refused = quell(&tree, &["report", "-o", "no/such/folder/register.html"]);
    assert!(
        refused.code == 2 && refused.err.contains("register.html: no such file or directory; nothing"),
        "{refused:?}"
    );
}

#[test]
fn a_policy_of_today_does_not_change_the_register_of_another_day() {
    let (tree, commits) = history();
    tree.write(".quell/config.toml", "[policy.accept-risk]\nrequired = ['ticket']\n");
    let state = |as_of: &str| of(&rows(&tree, &["--as-of", as_of])[0], "state").to_owned();
    assert_eq!(state(&commits[2]), "in-effect");
    let stricter = tree.commit("a stricter policy", 1_800_000_000).to_string();
    assert_eq!((state(&commits[2]), state("2026-09-23T15:00:00Z")), ("in-effect".to_owned(), "in-effect".to_owned()));
    // Nor does the way from there to here matter for what holds then.
    quell(&tree, &["undo"]).ok();
    tree.commit("accepted again", 1_800_000_100);
    assert_eq!((state(&stricter), state("HEAD")), ("replaced".to_owned(), "against-policy".to_owned()));
    // The protected base counts as it was then too.
    git(&tree, &["config", "quell.base", "main"]);
    assert_eq!((state(&commits[2]), state("HEAD")), ("in-effect".to_owned(), "against-policy".to_owned()));
}

#[test]
fn a_register_says_what_it_does_not_have() {
    let tree = shop();
    accept(&tree, &id(&tree, "rule:A1"), "in the tree", "2099-01-31");
    let first = tree.commit("accept", 1_790_000_000).to_string();
    tree.write(".quell/config.toml", "[ledger]\nref = 'quell/decisions'\n");
    accept(&tree, &id(&tree, "rule:A2"), "on a ref", "2099-01-31");
    tree.commit("a ref keeps them now", 1_790_000_100);
    let ran = quell(&tree, &["report", "--as-of", "2099-01-01"]).ok();
    assert!(ran.out.contains("on a ref") && !ran.out.contains("in the tree |"), "{}", ran.out);
    let said = "HEAD: this register is without 1 event that counted too; quell report --as-of ";
    assert!(ran.err.contains(said) && ran.out.contains("not counted: HEAD"), "{ran:?}");
    let ran = quell(&tree, &["report", "--as-of", &first]).ok();
    assert!(ran.out.contains("in the tree") && !ran.err.contains("this register is without"), "{ran:?}");
    // A commit that says that it is older than its parent may not have been there on that day.
    tree.write("src/new.py", "");
    tree.write(".quell/config.toml", "");
    let late = tree.commit("back-dated", 1_780_000_000).to_string();
    let ran = quell(&tree, &["report", "--as-of", "2026-09-01"]).ok();
    assert!(
        ran.err.contains(&format!("{late}: the commit says")) && ran.err.contains("it may be back-dated"),
        "{ran:?}"
    );
}

#[test]
fn a_draft_is_told_from_what_only_waits_for_a_commit() {
    let tree = shop();
    tree.write(".quell/config.toml", "[ledger]\ndrafts = true\n");
    accept(&tree, &id(&tree, "rule:A1"), "r", "2099-01-31");
    for form in ["markdown", "html"] {
        let text = quell(&tree, &["report", "--format", form]).ok().out;
        assert!(text.contains("(a draft of this clone)"), "{text}");
        assert!(text.contains("1 file is not in the commit (marked: a draft of this clone)"), "{text}");
        assert!(!text.contains("not committed") && !text.contains("in the tree"), "{text}");
    }
}

#[test]
fn no_field_is_a_formula_to_any_spreadsheet() {
    for (text, field) in [
        ("plain; text", "plain; text"),
        ("=1+1", "\"'=1+1\""),
        ("＝1+1", "\"'＝1+1\""),
        ("\t@SUM(1)", "\"'    @SUM(1)\""),
        ("a;=1+1", "\"a;'=1+1\""),
        ("a; -2", "\"a;' -2\""),
        ("a, \"b\"", "\"a, \"\"b\"\"\""),
    ] {
        assert_eq!(csv(text), field);
    }
}

#[test]
fn an_event_that_somebody_wrote_by_hand_has_no_markup_either() {
    let tree = shop();
    accept(&tree, &id(&tree, "rule:A1"), "r", "2099-01-31");
    let path = tree.files().into_iter().find(|path| path.starts_with(".quell/decisions/2")).unwrap();
    let event: Event = serde_json::from_str(&tree.text(&path)).unwrap();
    fs::remove_file(tree.root().join(path)).unwrap();
    let mut exhibits = event.exhibits.list();
    exhibits[0].finding = "q1-0\n# heading <b>".to_owned();
    let exhibits = Exhibits::of(&exhibits);
    again(&Event { exhibits, id: String::new(), ..event }).write(&tree.repo()).unwrap();
    let text = quell(&tree, &["report"]).ok().out;
    assert!(text.contains("q1-0 \\# heading &lt;b&gt; as it was then"), "{text}");
}
