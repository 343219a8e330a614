//! Decisions find their results again in later scans of a real repository.

use std::fmt::Write as _;

use jiff::Timestamp;
use proptest::prelude::*;
use quell::desk::{Desk, Loaded, Options, told};
use quell::ledger::log::{State, states};
use quell::ledger::{self, decide};
use quell::model::bound::Tie;
use quell::model::decision::{Event, Op, Request, Status};

use super::merge::git;
use super::support::{TODAY, UNTIL, at};
use crate::support::tree::Tree;

/// A tree in which every line with `run(` is reported, by a tool whose name comes with the results.
struct Project {
    tree: Tree,
    tool: &'static str,
    /// A fingerprint for a line, of which so many equal ones stand above it.
    fingerprint: fn(&str, usize) -> Option<String>,
    /// Of the last scan or decision.
    minute: std::cell::Cell<i64>,
}

impl Project {
    fn new(tree: Tree) -> Self {
        Self { tree, tool: "bandit", fingerprint: |_, _| None, minute: 0.into() }
    }

    fn git(files: &[(&str, &str)]) -> Self {
        Self::new(Tree::git(files))
    }

    fn now(&self) -> Timestamp {
        self.minute.set(self.minute.get() + 1);
        at(self.minute.get())
    }

    fn commit(&self) {
        self.tree.commit("next", 1_700_000_000 + self.minute.get());
    }

    fn rename(&self, old: &str, new: &str, text: &str) {
        std::fs::remove_file(self.tree.root().join(old)).unwrap();
        self.tree.write(new, text);
    }

    /// Writes a file after the scans.
    fn edit(&self, path: &str, text: &str) {
        self.tree.write(path, text);
        let file = std::fs::File::options().write(true).open(self.tree.root().join(path)).unwrap();
        file.set_modified(at(1_000_000).into()).unwrap();
    }

    fn scan(&self) -> (Desk, Loaded) {
        let mut results = Vec::new();
        for path in self.tree.files().iter().filter(|path| path.contains(".py")) {
            let text = self.tree.text(path);
            let all = text.as_str();
            for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| text.contains("run(")) {
                let above = all.lines().take(line - 1).filter(|other| *other == text).count();
                let fingerprints =
                    (self.fingerprint)(text, above).map(|value| serde_json::json!({ "matchBasedId/v1": value }));
                results.push(serde_json::json!({
                    "ruleId": "B602", "message": { "text": "a shell runs it" }, "fingerprints": fingerprints,
                    "locations": [{ "physicalLocation": {
                        "artifactLocation": { "uri": path }, "region": { "startLine": line, "snippet": { "text": text } },
                    } }],
                }));
            }
        }
        let ended = self.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let report = serde_json::json!({ "version": "2.1.0", "runs": [{
            "tool": { "driver": { "name": self.tool } }, "results": results,
            "invocations": [{ "executionSuccessful": true, "endTimeUtc": ended }],
        }] });
        let folder = self.tree.state().join("reports");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("report.sarif"), report.to_string()).unwrap();
        self.load()
    }

    /// What the last scan said, in the tree as it is now.
    fn load(&self) -> (Desk, Loaded) {
        let folder = self.tree.state().join("reports");
        let options = Options {
            inputs: vec![folder.to_string_lossy().into_owned()],
            repo: Some(self.tree.root().to_owned()),
            no_verdicts: true,
            ..Options::default()
        };
        let mut desk = Desk::open(options).unwrap().0;
        desk.repo = self.tree.repo();
        let loaded = desk.load(desk.find(), &quell::ingest::Progress::default());
        (desk, loaded)
    }

    /// Decides about the results at these lines, `a.py:3`, of a fresh scan.
    fn did(&self, op: Op, places: &[&str]) -> Event {
        let (_, loaded) = self.scan();
        let backlog = &loaded.board.backlog;
        let wanted = |result: &&u32| {
            let record = backlog.record(**result);
            places.contains(&&*format!("{}:{}", backlog.path(record), record.line))
        };
        let results: Vec<u32> = (0..).take(backlog.results.len()).collect();
        let ids: Vec<_> = results.iter().filter(wanted).map(|&result| backlog.record(result).id).collect();
        assert_eq!(ids.len(), places.len());
        self.asked(&loaded, &Request { until: Some(UNTIL), reason: Some("because".into()), ..Request::new(op, ids) })
    }

    fn accept(&self, places: &[&str]) -> Event {
        self.did(Op::AcceptRisk, places)
    }

    fn asked(&self, loaded: &Loaded, request: &Request) -> Event {
        let told = told(&loaded.board.backlog, &loaded.reader);
        decide(&self.tree.repo(), &loaded.board, &told, request, self.now()).unwrap().event
    }

    /// Every result of a fresh scan: place, status, flags, and what ties a decision to it from where.
    fn stands(&self) -> String {
        shown(&self.scan().1)
    }

    #[track_caller]
    fn check(&self, expected: &[&str]) {
        assert_eq!(self.stands(), expected.join("\n"));
    }
}

/// See [`Project::stands`].
fn shown(loaded: &Loaded) -> String {
    let board = &loaded.board;
    let mut lines: Vec<(String, u32, String)> = Vec::new();
    for finding in (0..).take(board.backlog.findings.len()) {
        let (record, standing) = (board.lead(finding), board.standing(finding));
        let mut text = standing.status.name().to_owned();
        for flag in standing.flags.iter() {
            write!(text, " {}", flag.name()).unwrap();
        }
        if let Some((tie, anchor)) = board.tied(finding) {
            write!(text, ", {} as {}:{}", tie.name(), anchor.path, anchor.line).unwrap();
        }
        lines.push((board.backlog.path(record).to_owned(), record.line, text));
    }
    lines.sort();
    lines.iter().map(|(path, line, text)| format!("{path}:{line} {text}")).collect::<Vec<_>>().join("\n")
}

const CODE: &str = "\
def one():
    first = 1
    run(x)
    return first

def two():
    second = 2
    run(x)
    return second
";

#[test]
fn a_renamed_file_takes_its_decisions_along() {
    let project = Project::git(&[("a.py", CODE)]);
    project.accept(&["a.py:3"]);
    project.rename("a.py", "lib/b.py", &format!("import os\n\n{CODE}"));
    project.check(&["lib/b.py:5 accepted, same-line as a.py:3", "lib/b.py:10 open"]);
    project.commit();
    // Each step is small, and what is left in the end has little in common with the beginning.
    let more: String = (0..40).fold(String::new(), |text, n| format!("{text}value_{n} = {n}\n"));
    project.tree.write("lib/b.py", &format!("{more}{CODE}"));
    project.commit();
    project.rename("lib/b.py", "lib/c.py", &format!("{more}{CODE}"));
    project.commit();
    project.check(&["lib/c.py:43 accepted, same-line as a.py:3", "lib/c.py:48 open"]);
}

#[test]
fn lines_are_found_in_the_file_that_they_moved_to() {
    let project = Project::git(&[("a.py", CODE)]);
    project.accept(&["a.py:8"]);
    // The old file stays, with a word about the new one.
    project.tree.write("lib/a.py", &CODE.replace("first = 1", "first = 2"));
    project.tree.write("a.py", "from lib.a import one, two\n");
    project.commit();
    project.check(&["lib/a.py:3 open", "lib/a.py:8 accepted, same-line as a.py:8"]);
}

#[test]
fn lines_are_found_where_a_commit_moved_them() {
    let project = Project::git(&[("a.py", CODE), ("b.py", "import os\n"), ("c.py", "import sys\n")]);
    project.accept(&["a.py:3", "a.py:8"]);
    let (one, two) = CODE.split_at(CODE.find("def two").unwrap());
    // Another place of the same file: the comparison has it that one of the two functions is new.
    project.tree.write("a.py", &format!("{two}\n\n# here\n{one}"));
    project.commit();
    project.check(&["a.py:3 accepted, same-line as a.py:8", "a.py:10 accepted, same-line as a.py:3"]);
    // One part of a file goes here, the other there.
    project.tree.write("a.py", "");
    project.tree.write("b.py", &format!("import os\n\n{two}"));
    project.tree.write("c.py", &format!("import sys\n\n{one}"));
    project.commit();
    // It may be a copy, or a newer version of what was put up with: a person says so.
    project.check(&["b.py:5 open stale, moved-line as a.py:8", "c.py:5 open stale, moved-line as a.py:3"]);
    // Three lines are soon the same in another file.
    let short = "if check:\n    run(x)\nelse:\n    pass\n";
    let project = Project::git(&[("a.py", short), ("b.py", "import os\nz = 0\n")]);
    project.accept(&["a.py:2"]);
    project.tree.write("a.py", "y = 0\n");
    project.tree.write("b.py", "import os\nz = 0\nif check:\n    run(x)\nelse:\n    z = 1\n");
    project.commit();
    project.check(&["b.py:4 open"]);
}

#[test]
fn other_quotes_around_it_change_nothing() {
    let quoted = CODE.replace("first = 1", "log('first')").replace("second = 2", "log('second')");
    let project = Project::git(&[("a.py", &quoted)]);
    project.accept(&["a.py:3", "a.py:8"]);
    let other = quoted.replace('\'', "\"").replace("def one", "@cached\ndef one").replace("return ", "return  ");
    project.tree.write("a.py", &other);
    project.check(&["a.py:4 accepted, same-line as a.py:3", "a.py:9 accepted, same-line as a.py:8"]);
}

#[test]
fn nonsense_in_an_event_finds_nothing() {
    let project = Project::git(&[("a.py", CODE)]);
    let event = project.accept(&["a.py:3"]);
    project.rename("a.py", "b.py", CODE);
    project.commit();
    for (commit, path, line) in [("HEAD", "a.py", 3), ("-1", "../a.py", 0), ("", "\0", u32::MAX), ("HEAD^{/x}", "", 1)]
    {
        std::fs::remove_dir_all(project.tree.root().join(".quell/decisions")).unwrap();
        let mut event = Event { commit: Some(commit.to_owned()), ..event.clone() };
        let member = &mut event.members[0];
        (member.path, member.line, member.end_line) = (path.into(), line, u32::MAX);
        decide::again(&event).write(&project.tree.repo()).unwrap();
        // The lines and what stands around them are all that is left.
        project.check(
            &["b.py:3 open stale, same-context as X", "b.py:8 open"]
                .map(|text| text.replace('X', &format!("{path}:{line}")))
                .each_ref()
                .map(String::as_str),
        );
    }
}

#[test]
fn an_equal_one_above_takes_no_decision_over() {
    let project = Project::git(&[("a.py", CODE)]);
    project.accept(&["a.py:8"]);
    project.tree.write("a.py", &format!("def zero():\n    run(x)\n\n\n{CODE}"));
    project.check(&["a.py:2 open", "a.py:7 open", "a.py:12 accepted, same-place as a.py:8"]);
    // Nor where it looks the same all around: git knows which was there.
    let block = "\n\ndef f():\n    a = 1\n    b = 2\n    c = 3\n    run(x)\n    d = 4\n    e = 5\n    f = 6\n";
    let project = Project::git(&[("a.py", &format!("{block}\nclass Last:\n    pass\n"))]);
    project.accept(&["a.py:7"]);
    project
        .tree
        .write("a.py", &format!("import os\n{block}\nclass Middle:\n    pass\n{block}\nclass Last:\n    pass\n"));
    project.check(&["a.py:8 open", "a.py:21 accepted, same-line as a.py:7"]);
}

#[test]
fn what_got_the_id_of_one_that_is_gone_stays_open() {
    let project = Project::git(&[("a.py", CODE)]);
    project.accept(&["a.py:3"]);
    project.tree.write("a.py", &CODE.replacen("    run(x)\n", "", 1));
    project.check(&["a.py:7 open stale, same-text as a.py:3"]);
    // The other one was decided: it is found under the id of the first.
    let project = Project::git(&[("a.py", CODE)]);
    project.accept(&["a.py:8"]);
    project.tree.write("a.py", &CODE.replacen("    run(x)\n", "", 1));
    project.check(&["a.py:7 accepted, same-place as a.py:8"]);
}

#[test]
fn an_acceptance_does_not_cover_changed_code() {
    let project = Project::git(&[("a.py", CODE)]);
    project.accept(&["a.py:3", "a.py:8"]);
    project.tree.write(
        "a.py",
        &CODE.replacen("run(x)", "run(x + y)", 1).replace("    run(x)\n    return s", "\trun( x ) \n    return s"),
    );
    project.commit();
    project.check(&["a.py:3 open", "a.py:8 accepted, same-place as a.py:8"]);
    // A blank more is another command.
    let project = Project::git(&[("a.py", &CODE.replace("run(x)", "run('rm -r /tmp/x')"))]);
    project.accept(&["a.py:3", "a.py:8"]);
    project.tree.write("a.py", &CODE.replace("run(x)", "run('rm -r / tmp/x')"));
    project.commit();
    project.check(&["a.py:3 open stale, same-start as a.py:3", "a.py:8 open stale, same-start as a.py:8"]);
}

#[test]
fn an_edit_after_the_scan_leaves_decisions_as_they_are() {
    let project = Project::git(&[("a.py", CODE)]);
    project.accept(&["a.py:3", "a.py:8"]);
    project.scan();
    project.edit("a.py", &format!("import os\n\n\n\n\n{}", CODE.replace("second = 2", "second = 3")));
    let both = "a.py:3 accepted, same-line as a.py:3\na.py:8 accepted, same-line as a.py:8";
    assert_eq!(shown(&project.load().1), both);
    project.tree.commit("after the scan", at(1_000_000).as_second());
    assert_eq!(shown(&project.load().1), both);
    // An edit of the flagged line does not.
    project.edit("a.py", &CODE.replacen("run(x)", "run(y)", 1));
    let second = "a.py:3 open stale, id-alone as a.py:3\na.py:8 accepted, same-place as a.py:8";
    assert_eq!(shown(&project.load().1), second);
}

#[test]
fn a_decision_of_a_branch_goes_on_where_it_was_merged() {
    let project = Project::git(&[("a.py", CODE), ("b.py", "import os\n")]);
    let run = |words: &[&str]| git(project.tree.root(), words);
    run(&["checkout", "-q", "-b", "side"]);
    project.tree.write("b.py", "import sys\n");
    project.commit();
    project.accept(&["a.py:8"]);
    project.rename("a.py", "lib/a.py", CODE);
    project.commit();
    run(&["checkout", "-q", "main"]);
    project.tree.write("c.py", "");
    project.commit();
    run(&["merge", "-q", "--no-edit", "side"]);
    // What is left in the end has little in common with the beginning.
    let longer = format!("{}{CODE}", "value = 0\n".repeat(40));
    project.tree.write("lib/a.py", &longer);
    project.commit();
    project.rename("lib/a.py", "lib/b.py", &longer);
    project.commit();
    project.check(&["lib/b.py:43 open", "lib/b.py:48 accepted, same-line as a.py:8"]);
}

#[test]
fn without_git_what_stands_around_has_to_be_the_same() {
    let code = format!("# a\n# b\n# c\n{CODE}");
    let project = Project::new(Tree::plain(&[("a.py", &code)]));
    project.accept(&["a.py:6", "a.py:11"]);
    project.tree.write("a.py", &format!("import os\n{}", code.replace("second = 2", "second = 3")));
    project.check(&["a.py:7 accepted, same-place as a.py:6", "a.py:12 open stale, same-text as a.py:11"]);
    // What looks the same all around is known by its line, as long as there are as many.
    let block = "a = 1\nb = 2\nc = 3\nrun(x)\nd = 4\ne = 5\nf = 6\n".repeat(3);
    let project = Project::new(Tree::plain(&[("a.py", &block)]));
    project.accept(&["a.py:11"]);
    project.check(&["a.py:4 open", "a.py:11 accepted, same-id as a.py:11", "a.py:18 open"]);
    let other = block.replacen("run(x)\nd = 4", "run(x)\nd = 5", 1);
    project.tree.write("a.py", &other);
    project.check(&["a.py:4 open", "a.py:11 open stale, same-start as a.py:11", "a.py:18 open"]);
}

#[test]
fn what_is_likely_is_asked_and_confirmed() {
    let project = Project::git(&[("a.py", CODE), ("b.py", "import os\n")]);
    let accepted = project.accept(&["a.py:8"]);
    let (one, two) = CODE.split_at(CODE.find("def two").unwrap());
    // What goes with one commit and comes with another has moved for no comparison.
    project.tree.write("a.py", one);
    project.commit();
    project.tree.write("b.py", &format!("import os\n\ndef before():\n    return 0\n\n{two}"));
    project.commit();
    project.check(&["a.py:3 open", "b.py:8 open stale, same-context as a.py:8"]);
    let (_, loaded) = project.scan();
    let board = &loaded.board;
    let moved = (0..).take(2).find(|&finding| board.backlog.path(board.lead(finding)) == "b.py").unwrap();
    let extended = project.asked(&loaded, &Request::extend(vec![board.backlog.id(moved)]));
    assert_eq!(
        (extended.reason, extended.until, &extended.supersedes),
        (accepted.reason, accepted.until, &vec![accepted.id])
    );
    assert_eq!(extended.members[0].was, [accepted.members[0].id]);
    assert!(shown(&project.load().1).ends_with("b.py:8 accepted"));
    project.check(&["a.py:3 open", "b.py:8 accepted, same-place as b.py:8"]);
    let events = ledger::read(&project.tree.repo()).events;
    assert_eq!(states(&project.tree.repo(), &events, TODAY), [State::Replaced, State::InEffect]);
    // From here on the new place counts, and where it came from is history.
    project.rename("b.py", "c.py", &format!("\n{}", project.tree.text("b.py")));
    project.commit();
    project.check(&["a.py:3 open", "c.py:9 accepted, same-line as b.py:8"]);
    let (_, loaded) = project.scan();
    let last = loaded.board.standings.decided().iter().find(|standing| standing.status == Status::Accepted).unwrap();
    assert_eq!(last.events.len(), 2);
}

/// What is in the place of a comment is the fingerprint.
fn by_comment(line: &str, _above: usize) -> Option<String> {
    line.split_once("# ").map(|(_, comment)| comment.to_owned())
}

const MARKED: &str = "a = 1\nrun(x)  # aaaaaaaaaaaaaaaa_0\nb = 2\nc = 3\nrun(x)  # bbbbbbbbbbbbbbbb_0\nd = 4\n";

#[test]
fn a_fingerprint_of_the_tool_counts_unless_it_is_a_constant() {
    let moved = |text: &str| format!("z = 0\n{}", text.replace("a = 1", "a = 2").replace("c = 3", "c = 4"));
    let scan = |tool, text: &str| {
        let tree = Tree::plain(&[("a.py", text)]);
        let project = Project { tool, fingerprint: by_comment, ..Project::new(tree) };
        let event = project.accept(&["a.py:2", "a.py:5"]);
        project.tree.write("a.py", &moved(text));
        (event.members.into_iter().filter_map(|member| member.fingerprint).collect::<Vec<_>>(), project.stands())
    };
    let (kept, stands) = scan("semgrep", MARKED);
    assert_eq!(kept, ["matchBasedId/v1=aaaaaaaaaaaaaaaa_0", "matchBasedId/v1=bbbbbbbbbbbbbbbb_0"]);
    assert_eq!(stands, "a.py:3 accepted, tool-fingerprint as a.py:2\na.py:6 accepted, tool-fingerprint as a.py:5");
    let asked = "a.py:3 open stale, same-text as a.py:2\na.py:6 open stale, same-text as a.py:5";
    // Not that of a tool whose fingerprint by this name nobody knows.
    assert_eq!(scan("other", MARKED), (Vec::new(), asked.to_owned()));
    let constant =
        MARKED.replace("aaaaaaaaaaaaaaaa_0", "requires login").replace("bbbbbbbbbbbbbbbb_0", "Requires login");
    assert_eq!(scan("semgrep", &constant), (Vec::new(), asked.to_owned()));
}

#[test]
fn a_fingerprint_that_counts_equals_passes_to_no_other() {
    let counted: fn(&str, usize) -> Option<String> = |_, above| Some(format!("aaaaaaaaaaaaaaaa_{above}"));
    let tree = |text: &str| {
        let tree = Tree::plain(&[("a.py", text)]);
        Project { tool: "semgrep", fingerprint: counted, ..Project::new(tree) }
    };
    // The second one gets the fingerprint of the first.
    let project = tree(CODE);
    assert_eq!(project.accept(&["a.py:3"]).members[0].twins, 1);
    project.tree.write("a.py", &CODE.replacen("    run(x)\n", "", 1));
    project.check(&["a.py:7 open stale, same-text as a.py:3"]);
    // A new one above gets it.
    let one = CODE.split_inclusive("return first\n").next().unwrap();
    let project = tree(one);
    project.accept(&["a.py:3"]);
    project.tree.write("a.py", &format!("def zero():\n    run(x)\n\n{}", one.replace("first", "last")));
    project.check(&["a.py:2 open stale, id-alone as a.py:3", "a.py:6 open"]);
}

#[test]
fn an_event_from_before_there_was_more_than_a_context_still_holds() {
    let code = format!("# a\n# b\n# c\n{CODE}");
    let project = Project::git(&[("a.py", &code)]);
    let mut event = project.accept(&["a.py:6", "a.py:11"]);
    std::fs::remove_dir_all(project.tree.root().join(".quell/decisions")).unwrap();
    event.commit = None;
    for member in &mut event.members {
        (member.text, member.message, member.window, member.column) = (None, None, None, 0);
    }
    decide::again(&event).write(&project.tree.repo()).unwrap();
    project.tree.write("a.py", &format!("import os\n{}", code.replace("second = 2", "second = 3")));
    project.check(&["a.py:7 accepted, same-place as a.py:6", "a.py:12 open stale, id-alone as a.py:11"]);
}

/// A file, and what becomes of its lines: taken out, kept, or kept with a line before it.
fn edited() -> impl Strategy<Value = (Vec<&'static str>, Vec<(u8, &'static str)>, Vec<bool>)> {
    let line =
        || prop::sample::select(vec!["a = 1", "b = 2", "def f():", "    run(x)", "    run(y)", "        run(x)"]);
    (4_usize..24).prop_flat_map(move |count| {
        let edits = prop::collection::vec((0_u8..4, line()), count);
        (prop::collection::vec(line(), count), edits, prop::collection::vec(any::<bool>(), count))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn one_decision_holds_for_one_result((lines, edits, chosen) in edited()) {
        let project = Project::git(&[("a.py", &lines.join("\n"))]);
        let is_chosen = |(line, text): &(usize, &&str)| text.contains("run(") && chosen[*line];
        let places: Vec<String> =
            lines.iter().enumerate().filter(is_chosen).map(|(line, _)| format!("a.py:{}", line + 1)).collect();
        prop_assume!(!places.is_empty());
        project.accept(&places.iter().map(String::as_str).collect::<Vec<_>>());
        let mut after: Vec<&str> = Vec::new();
        for (line, (what, new)) in lines.iter().zip(edits) {
            after.extend((what == 3).then_some(new));
            after.extend((what != 0).then_some(*line));
        }
        project.tree.write("a.py", &after.join("\n"));
        let (_, loaded) = project.scan();
        let board = &loaded.board;
        let sure: Vec<_> =
            board.standings.bound.holds.iter().filter(|hold| hold.tie.is_some_and(Tie::is_sure)).collect();
        let mut members: Vec<u32> = sure.iter().map(|hold| hold.member).collect();
        let mut results: Vec<_> = sure.iter().map(|hold| hold.result).collect();
        members.sort_unstable();
        members.dedup();
        results.dedup();
        prop_assert_eq!((members.len(), results.len()), (sure.len(), sure.len()));
        for hold in sure {
            let record = board.lead(board.backlog.find(hold.result).unwrap());
            let anchor = &board.events[0].members[hold.member as usize];
            let (now, then) = (after[record.line as usize - 1], lines[anchor.line as usize - 1]);
            prop_assert_eq!(now.trim(), then.trim());
        }
        let accepted = board.standings.decided().iter().filter(|one| one.status == Status::Accepted).count();
        prop_assert_eq!(accepted, results.len());
    }
}

/// Two tests of one kind: what is moved has to move in one piece.
#[test]
fn a_line_is_not_taken_for_one_like_it_that_another_passage_has_got() {
    let parts = "def test_parts():\n    got = send(url('post'),\n        data=data)\n    assert got.status == 200\n";
    let json = "def test_json():\n    got = run(\n        url('post'),\n        json=life\n    )\n    assert got.status == 200\n";
    let middle = (0..8).map(|number| format!("LIMIT_{number} = {number}\n")).collect::<Vec<_>>().concat();
    let project = Project::git(&[("a.py", &format!("{parts}\n\n{middle}\n\n{json}"))]);
    project.accept(&["a.py:18"]);
    // As a formatter breaks lines: each gets the shape of the other.
    let parts =
        parts.replace("send(url('post'),\n        data=data)", "run(\n        url('post'),\n        data=data\n    )");
    let json = "def test_json():\n    assert send(url('post'), json=life).status == 200\n";
    project.tree.write("a.py", &format!("{parts}\n\n{middle}\n\n{json}"));
    project.commit();
    project.check(&["a.py:2 open stale, same-text as a.py:18"]);
}

#[test]
fn a_short_line_alone_among_changed_ones_is_asked_about() {
    // Lines of the test before it and of its own end are as they were.
    let of = |name: &str, first: &str, second: &str| {
        let above = "    asked = ask()\n    assert asked.url == url\n\n";
        format!(
            "{above}def test_{name}:\n    got = run(\n        {first},\n        {second}\n    )\n    assert got.ok\n"
        )
    };
    let project = Project::git(&[("a.py", &of("host()", "host('a')", "json=life"))]);
    project.accept(&["a.py:5"]);
    project.tree.write("a.py", &of("downgrade(tls)", "tls('b')", "data=other"));
    project.commit();
    project.check(&["a.py:5 open stale, same-text as a.py:5"]);
}

/// A comparison pairs one of them, and has it that the other is new or gone: it could as well be the other way round.
#[test]
fn a_line_that_has_got_or_lost_one_like_it_beside_it_is_asked_about() {
    let above = "def host(name):\n    try:\n        name = encode(name)\n    except UnicodeError:\n        run(name)\n";
    let below = "\n    # Put together.\n    got = auth\n    got += name\n    return got\n";
    let stands = |call: &str| {
        let project = Project::git(&[("a.py", &format!("{above}{below}"))]);
        project.accept(&["a.py:5"]);
        project.tree.write("a.py", &format!("{above}    if name.isdigit():\n        {call}(name)\n{below}"));
        project.commit();
        project.stands()
    };
    assert_eq!(stands("run"), "a.py:5 open stale, moved-line as a.py:5\na.py:7 open");
    assert_eq!(stands("send"), "a.py:5 accepted, same-line as a.py:5");

    let first = "def test():\n    got = ask('one')\n    send(got)\n";
    let asked = |note: &str, what: &str| format!("{note}    got = ask({what})\n    run(got)\n");
    let (text, bytes) = (asked("    # Text.\n", "'two'"), asked("    # Bytes.\n", "b'two'"));
    let last = "\n\ndef other():\n    return 0\n";
    let project = Project::git(&[("a.py", &format!("{first}{text}{bytes}{last}"))]);
    project.accept(&["a.py:6"]);
    project.tree.write("a.py", &format!("{first}{}{last}", asked("", "'two'")));
    project.commit();
    project.check(&["a.py:5 open stale, moved-line as a.py:6"]);
}
