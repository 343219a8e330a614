//! Where a fix goes when the tree is not what was scanned any more.

use quell::fix::{Choice, plan};
use quell::model::fix::Proposal;

use super::case::{FIRST, With, after, fix, kept, line, outcome, planned, region, verdicts};
use crate::support::tree::Tree;

const CODE: &str =
    "import os\n\n\ndef run(name):\n    command = \"ls \" + name\n    os.system(command)\n\n\ndef stop():\n    pass\n";
const FIXED: &str =
    "import os\n\n\ndef run(name):\n    command = \"ls \" + name\n    safe(command)\n\n\ndef stop():\n    pass\n";

/// The fix for line 6 of `CODE`, by a report that was made a minute after the first commit.
fn proposal() -> Proposal {
    fix("a.py", region(6, 5, 6, 23), "safe(command)").seen(region(6, 5, 6, 23), "os.system(command)").made(FIRST + 60)
}

fn git() -> Tree {
    Tree::git(&[("a.py", CODE)])
}

#[test]
fn a_file_that_was_not_touched_since_is_exact() {
    assert_eq!(outcome(&git(), proposal()).0, "will-write exact");
    assert_eq!(outcome(&git(), proposal()).2, FIXED);
    let plain = Tree::plain(&[("a.py", CODE)]);
    assert_eq!(outcome(&plain, proposal().made(i64::from(u32::MAX))).0, "will-write exact");
}

#[test]
fn a_stated_hash_or_revision_is_exact_whatever_the_dates_say() {
    let late = proposal().made(0);
    let tree = Tree::plain(&[("a.py", CODE)]);
    assert_eq!(outcome(&tree, late.clone().of(CODE)).0, "will-write exact");
    let tree = git();
    let revision = tree.repo().head().unwrap();
    tree.write("other", "x");
    tree.commit("second", FIRST + 500);
    assert_eq!(outcome(&tree, late.clone().revision(&revision)).0, "will-write exact");
    assert_eq!(outcome(&tree, late.revision("main")).0, "needs-you flagged", "a branch is no revision");
}

#[test]
fn a_known_file_that_shows_other_text_needs_a_person() {
    let (verdict, why, _) = outcome(&git(), proposal().seen(line(6), "    something(else)").of(CODE));
    assert_eq!(verdict, "needs-you flagged");
    assert!(why.contains("line 6"), "{why}");
}

#[test]
fn without_any_text_the_time_decides() {
    let mut bare = proposal();
    bare.edits[0].seen.clear();
    let (verdict, why, _) = outcome(&git(), bare.clone());
    assert_eq!(verdict, "will-write exact", "the report states its time: {why}");
    let (verdict, why, _) = outcome(&git(), bare.clone().made(FIRST));
    assert_eq!(verdict, "needs-you flagged", "made in the second of the commit");
    assert!(why.contains("does not look right"), "{why}");
    let tree = git();
    tree.write("a.py", &format!("#\n{CODE}"));
    let (verdict, why, _) = outcome(&tree, bare.clone().made(i64::from(u32::MAX)));
    assert_eq!(verdict, "needs-you flagged", "git has another file");
    assert!(why.contains("the report carries no code"), "{why}");
    assert_eq!(outcome(&git(), bare.made(0).of(CODE)).0, "will-write exact");
}

#[test]
fn a_fix_follows_its_lines() {
    let moved = format!("# a comment\n# and another\n{CODE}");
    let wanted = format!("# a comment\n# and another\n{FIXED}");
    let tree = git();
    let revision = tree.repo().head().unwrap();
    tree.write("a.py", &moved);
    for proposal in [proposal(), proposal().revision(&revision), proposal().of(CODE)] {
        let (verdict, why, after) = outcome(&tree, proposal);
        assert_eq!((verdict.as_str(), after.as_str()), ("will-write three-way", wanted.as_str()), "{why}");
        assert!(why.starts_with("a.py: line 8: "), "{why}");
    }
    tree.commit("second", FIRST + 500);
    assert_eq!(outcome(&tree, proposal()).0, "will-write three-way");
}

#[test]
fn line_ends_may_have_changed() {
    let tree = git();
    tree.write("a.py", &CODE.replace('\n', "\r\n"));
    let mut proposal = proposal();
    proposal.edits[0].edits[0].insert = "safe(\n        command)".to_owned();
    let (verdict, why, after) = outcome(&tree, proposal);
    assert_eq!(verdict, "will-write three-way", "{why}");
    assert_eq!(after, FIXED.replace("safe(", "safe(\n        ").replace('\n', "\r\n"));
}

#[test]
fn a_changed_line_is_stale() {
    let tree = git();
    tree.write("a.py", &format!("#\n{}", CODE.replace("os.system(command)", "os.system(str(command))")));
    let (verdict, why, _) = outcome(&tree, proposal());
    assert_eq!(
        (verdict.as_str(), why.as_str()),
        ("cannot stale", "a.py: line 6 has changed since the scan; scan again")
    );
}

#[test]
fn lines_around_may_have_changed() {
    let near = [
        ("def run(name)", "def run(name, more)"),
        ("\"ls \"", "\"ls -l \""),
        ("    command =", "    pass\n    command ="),
    ];
    for (from, to) in near {
        let tree = git();
        tree.write("a.py", &format!("#\n{}", CODE.replace(from, to)));
        let (verdict, why, after) = outcome(&tree, proposal());
        assert_eq!(verdict, "will-write three-way", "{why}");
        assert_eq!(after, format!("#\n{}", FIXED.replace(from, to)));
    }
}

#[test]
fn a_file_that_is_too_short_is_said_to_be() {
    for (text, lines) in [("one\n", "1 line"), ("one\ntwo", "2 lines")] {
        for tree in [git(), Tree::plain(&[])] {
            tree.write("a.py", text);
            let (verdict, why, _) = outcome(&tree, proposal());
            let expected = format!("a.py: the file has only {lines}, and the fix is for line 6; scan again");
            assert_eq!((verdict.as_str(), why), ("cannot stale", expected));
        }
    }
}

#[test]
fn history_is_not_spoken_of_where_there_is_none() {
    let tree = Tree::plain(&[("a.py", &format!("#\n{CODE}"))]);
    let (verdict, why, _) = outcome(&tree, proposal());
    assert!(verdict.starts_with("needs-you") && why.contains("without git"), "{verdict}: {why}");
}

#[test]
fn a_line_that_changed_beside_the_fix_needs_a_person() {
    let base = "def run(name):\n    os.system(name)  # list\n    return\n";
    let tree = Tree::git(&[("a.py", base)]);
    let proposal = fix("a.py", region(2, 5, 2, 14), "safe").revision(&tree.repo().head().unwrap());
    tree.write("a.py", &base.replace("# list", "# all files"));
    let (verdict, why, _) = outcome(&tree, proposal.clone());
    assert_eq!(verdict, "needs-you flagged");
    assert!(why.contains("line 2 has changed beside the fix"), "{why}");
    let plan = kept(&tree, std::slice::from_ref(&proposal));
    assert_eq!(after(&tree, &plan, "a.py"), "def run(name):\n    safe(name)  # all files\n    return\n");
    tree.write("a.py", &base.replace("os.system(name)", "os.system2(name)"));
    assert_eq!(outcome(&tree, proposal).0, "cannot stale", "the change touches what the fix replaces");
}

#[test]
fn what_is_done_is_not_done_twice() {
    let tree = git();
    tree.write("a.py", FIXED);
    let (verdict, why, _) = outcome(&tree, proposal());
    assert_eq!((verdict.as_str(), why.as_str()), ("cannot stale", "a.py: line 6: already applied"));
    let same = fix("a.py", line(6), "    safe(command)").of(FIXED);
    assert_eq!(outcome(&tree, same).1, "a.py: line 6: already applied");
    let plain = Tree::plain(&[("a.py", FIXED)]);
    assert_eq!(outcome(&plain, proposal()).1, "a.py: line 6: already applied");
}

#[test]
fn a_file_that_was_scanned_before_it_was_committed_is_found() {
    let tree = git();
    tree.write("a.py", &format!("#\n{CODE}"));
    let scanned = fix("a.py", region(7, 5, 7, 23), "safe(command)")
        .seen(region(7, 5, 7, 23), "os.system(command)")
        .made(i64::from(u32::MAX));
    let (verdict, why, after) = outcome(&tree, scanned);
    assert_eq!((verdict.as_str(), after), ("will-write unique", format!("#\n{FIXED}")), "{why}");
}

#[test]
fn the_last_of_several_equal_places_is_not_taken() {
    let block = "- a: 1\n  b: 2\n  c: 3\n  run: x\n  d: 4\n  e: 5\n  f: 6\n";
    let base = format!("steps:\n{block}{block}");
    let tree = Tree::git(&[("a.yaml", &base)]);
    let revision = tree.repo().head().unwrap();
    let proposal = fix("a.yaml", line(5), "  run: y").seen(line(5), "  run: x").made(FIRST + 60);
    tree.write("a.yaml", &format!("# edited\nsteps:\n{block}"));
    for proposal in [proposal.clone(), proposal.revision(&revision)] {
        let (verdict, why, _) = outcome(&tree, proposal);
        assert_eq!(verdict, "needs-you ambiguous");
        assert!(why.contains("line 6") && why.ends_with("scan again"), "{why}");
    }
}

/// A manifest whose flagged line is line 8 of each document; names do not stand above it as headings.
fn manifest(name: &str) -> String {
    format!("---\nkind: Pod\nname: {name}\nspec:\n  a: 1\n  b: 2\n  c: 3\n  privileged: true\n  d: 4\n  e: 5\n  f: 6\n")
}

fn privileged() -> Proposal {
    fix("a.yaml", line(8), "  privileged: false").seen(line(8), "  privileged: true").made(FIRST + 60)
}

#[test]
fn a_fix_does_not_move_to_a_block_of_another_name() {
    let tree = Tree::git(&[("a.yaml", &manifest("shop"))]);
    tree.write("a.yaml", &format!("# edited\n{}", manifest("bank")));
    assert_eq!(outcome(&tree, privileged()).0, "needs-you ambiguous");
    tree.write("a.yaml", &format!("# edited\n{}", manifest("shop")));
    assert_eq!(outcome(&tree, privileged()).0, "will-write three-way");
}

#[test]
fn two_versions_that_could_have_been_scanned_must_agree() {
    let tree = Tree::git(&[("a.yaml", &manifest("shop"))]);
    let other = manifest("bank").replace("d: 4", "d: 5");
    tree.write("a.yaml", &format!("{other}{}", manifest("shop")));
    let (verdict, why, _) = outcome(&tree, privileged().made(i64::from(u32::MAX)));
    assert_eq!(verdict, "needs-you ambiguous");
    assert!(why.contains("lines 8, 19"), "{why}");
    assert_eq!(outcome(&tree, privileged()).0, "will-write three-way", "the file was written after the report");
}

#[test]
fn repeated_text_is_weak_evidence() {
    let base = manifest("shop") + &manifest("bank").replace("d: 4", "d: 5");
    let tree = Tree::git(&[("a.yaml", &base)]);
    assert_eq!(outcome(&tree, privileged()).0, "will-write exact", "nothing has changed");
    let elsewhere = privileged().revision("0123456789abcdef0123456789abcdef01234567");
    assert_eq!(outcome(&tree, elsewhere).0, "needs-you flagged", "a commit that is not here was scanned");
    tree.write("a.yaml", &format!("# edited\n{base}"));
    assert_eq!(outcome(&tree, privileged()).0, "needs-you flagged", "it may have been scanned in a third state");
    let revision = tree.repo().head().unwrap();
    assert_eq!(outcome(&tree, privileged().revision(&revision)).0, "will-write three-way");

    let dirty = fix("a.yaml", line(9), "  privileged: false").seen(line(9), "  privileged: true");
    assert_eq!(outcome(&tree, dirty.made(i64::from(u32::MAX))).0, "needs-you flagged");
}

#[test]
fn a_fix_does_not_move_below_another_heading() {
    let body = "  a = 1\n  b = 2\n  c = 3\n  acl = \"public\"\n  d = 4\n  e = 5\n  f = 6\n}\n";
    let tree = Tree::git(&[("a.tf", &format!("bucket \"logs\" {{\n{body}"))]);
    let revision = tree.repo().head().unwrap();
    tree.write("a.tf", &format!("bucket \"site\" {{\n{body}"));
    let proposal = fix("a.tf", line(5), "  acl = \"private\"").seen(line(5), "  acl = \"public\"");
    assert_eq!(outcome(&tree, proposal.made(FIRST + 60).revision(&revision)).0, "needs-you ambiguous");
}

#[test]
fn the_text_of_the_report_alone_needs_a_person() {
    let tree = Tree::plain(&[("a.py", &format!("#\n{CODE}"))]);
    let context = "    command = \"ls \" + name\n    os.system(command)\n\n";
    let proposal = proposal().seen(region(5, 0, 7, 0), context);
    let (verdict, why, _) = outcome(&tree, proposal.clone());
    assert_eq!(verdict, "needs-you flagged", "{why}");
    let plan = kept(&tree, std::slice::from_ref(&proposal));
    assert_eq!(after(&tree, &plan, "a.py"), format!("#\n{FIXED}"));
    let twice = Tree::plain(&[("a.py", &format!("{CODE}{CODE}#\n"))]);
    let (verdict, why, _) = outcome(&twice, proposal);
    assert_eq!(verdict, "needs-you ambiguous", "{why}");
    assert!(why.contains("lines 6, 16"), "{why}");
}

#[test]
fn what_is_no_text_file_of_the_repository_is_refused() {
    let tree = Tree::plain(&[("a.bin", "a\0b\n")]);
    std::fs::write(tree.root().join("wide.txt"), b"\xff\xfea\0\n\0").unwrap();
    let check = |path: &str, in_repo: bool| {
        let mut proposal = fix(path, line(1), "x");
        proposal.edits[0].in_repo = in_repo;
        let plan = planned(&tree, &[proposal]);
        format!("{}: {}", verdicts(&plan).concat(), plan.fixes[0].why)
    };
    assert_eq!(check("a.bin", true), "cannot flagged: a.bin: it is a binary file; change it by hand");
    assert_eq!(
        check("wide.txt", true),
        "cannot flagged: wide.txt: it is UTF-16, which Quell does not edit; change it by hand"
    );
    assert_eq!(check("gone.py", true), "cannot stale: gone.py: no such file in the repository; scan again");
    assert_eq!(
        check("/etc/passwd", false),
        "cannot flagged: /etc/passwd: not a file of this repository; start Quell where the scan ran"
    );
    assert!(check("../x", true).starts_with("cannot flagged: ../x: "));
}

#[test]
fn a_file_in_the_middle_of_a_merge_is_left_alone() {
    let tree = Tree::git(&[("a.py", "one\ntwo\nthree\n")]);
    let git = |args: &[&str]| {
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        std::process::Command::new("git")
            .current_dir(tree.root())
            .args(who)
            .args(args)
            .output()
            .unwrap()
            .status
            .success()
    };
    assert!(git(&["checkout", "-q", "-b", "other"]));
    tree.write("a.py", "one\nother\nthree\n");
    assert!(git(&["commit", "-qam", "other"]) && git(&["checkout", "-q", "main"]));
    tree.write("a.py", "one\nours\nthree\n");
    assert!(git(&["commit", "-qam", "ours"]) && !git(&["merge", "-q", "other"]));
    let text = tree.text("a.py");
    let (verdict, why, after) = outcome(&tree, fix("a.py", region(1, 1, 1, 4), "first").of(&text));
    assert_eq!((verdict.as_str(), after), ("cannot stale", text), "{why}");
    assert!(why.contains("in the middle of a merge; resolve it"), "{why}");
}

#[test]
fn a_renamed_file_is_followed() {
    let (tree, revision) = renamed(&[("src/a.py", &format!("#\n{CODE}"))]);
    for mut proposal in [proposal().revision(&revision), proposal()] {
        (proposal.edits[0].path, proposal.edits[0].in_repo) = ("a.py".to_owned(), false);
        let plan = planned(&tree, &[proposal]);
        assert_eq!(verdicts(&plan), ["will-write three-way"], "{}", plan.fixes[0].why);
        assert_eq!(plan.fixes[0].files, ["src/a.py"]);
        assert_eq!(after(&tree, &plan, "src/a.py"), format!("#\n{FIXED}"));
    }
}

#[test]
fn a_file_that_could_have_gone_to_two_places_is_not_followed() {
    for names in [["x/b.py", "y/b.py"], ["x/a.py", "y/a.py"]] {
        let (tree, revision) = renamed(&[(names[0], CODE), (names[1], CODE)]);
        let mut proposal = proposal().revision(&revision);
        proposal.edits[0].in_repo = false;
        assert_eq!(verdicts(&planned(&tree, &[proposal])), ["cannot flagged"]);
    }
    let (tree, revision) = renamed(&[("b.py", "something = else_\n")]);
    assert_eq!(verdicts(&planned(&tree, &[proposal().revision(&revision)])), ["cannot stale"], "it is not alike");
}

/// A tree in which `a.py` is gone and these files are new, and the commit that had it.
fn renamed(files: &[(&str, &str)]) -> (Tree, String) {
    let tree = git();
    let revision = tree.repo().head().unwrap();
    std::fs::remove_file(tree.root().join("a.py")).unwrap();
    for (path, text) in files {
        tree.write(path, text);
    }
    (tree, revision)
}

#[test]
fn a_diff_may_name_the_version_that_it_was_made_from() {
    let tree = git();
    let id = git2::Oid::hash_object(git2::ObjectType::Blob, CODE.as_bytes()).unwrap().to_string();
    let mut proposal = proposal().made(0);
    proposal.edits[0].blob = Some(id.get(..9).unwrap().to_owned());
    assert_eq!(outcome(&tree, proposal.clone()).0, "will-write exact");
    tree.write("a.py", &format!("#\n{CODE}"));
    assert_eq!(outcome(&tree, proposal.clone()).0, "will-write three-way");
    proposal.edits[0].blob = Some("0123456789".to_owned());
    proposal.edits[0].seen.clear();
    assert_eq!(outcome(&tree, proposal).0, "cannot stale", "no such version");
}

#[test]
fn a_person_picks_among_several_places() {
    let block = "- a: 1\n  run: x\n  b: 2\n";
    let tree = Tree::git(&[("a.yaml", &block.repeat(2))]);
    let proposal = fix("a.yaml", line(5), "  run: y").revision(&tree.repo().head().unwrap());
    tree.write("a.yaml", &block.repeat(3));
    let undecided = planned(&tree, std::slice::from_ref(&proposal));
    assert_eq!(verdicts(&undecided), ["needs-you ambiguous"]);
    assert_eq!(undecided.fixes[0].places, [2, 5, 8]);
    assert!(undecided.fixes[0].why.contains("lines 2, 5, 8; choose one"), "{}", undecided.fixes[0].why);
    let at = |line| Choice { at: vec![(proposal.id, line)], ..Choice::default() };
    let picked = plan(&tree.repo(), std::slice::from_ref(&proposal), &at(8));
    assert_eq!(verdicts(&picked), ["will-write ambiguous"]);
    assert_eq!(picked.fixes[0].places, [2, 5, 8], "another one can be picked");
    assert_eq!(after(&tree, &picked, "a.yaml"), format!("{}{}", block.repeat(2), block.replace('x', "y")));
    let elsewhere = plan(&tree.repo(), std::slice::from_ref(&proposal), &at(7));
    assert_eq!(verdicts(&elsewhere), ["needs-you ambiguous"], "only a line where it fits");
}

#[test]
fn a_fix_of_code_that_was_indented_is_shown_adjusted() {
    let tree = git();
    let revision = tree.repo().head().unwrap();
    let deeper = |code: &str| {
        code.replace("    os.", "        os.")
            .replace("    safe", "        safe")
            .replace("    command", "    if name:\n        command")
    };
    tree.write("a.py", &deeper(CODE));
    let whole = fix("a.py", line(6), "    check(name)\n    safe(command)").revision(&revision);
    let (verdict, why, _) = outcome(&tree, whole.clone());
    assert_eq!(verdict, "needs-you adjusted");
    assert!(why.contains("look at the indentation"), "{why}");
    let plan = kept(&tree, std::slice::from_ref(&whole));
    assert_eq!(verdicts(&plan), ["will-write adjusted"]);
    let wanted = deeper(FIXED).replace("        safe", "        check(name)\n        safe");
    assert_eq!(after(&tree, &plan, "a.py"), wanted);
    let part = proposal().revision(&revision);
    assert_eq!(after(&tree, &kept(&tree, &[part]), "a.py"), deeper(FIXED));

    let unknown = Tree::plain(&[("a.py", &deeper(CODE))]);
    assert_eq!(outcome(&unknown, proposal()).0, "needs-you adjusted", "nor is the version known");
    tree.write("a.py", &deeper(CODE).repeat(2));
    assert_ne!(outcome(&tree, whole).0, "needs-you adjusted", "two places");
}
