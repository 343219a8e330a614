//! What each producer means, held against results that it really wrote.

use quell::model::detail::Region;
use quell::model::fix::{FileEdit, Proposal};

use super::case::{FIRST, With, after, fix, kept, line, of_edits, outcome, planned, region, verdicts};
use super::reports::{corpus, proposals};
use crate::support::tree::Tree;

/// A file that shows the text of a report where the report says, among other lines.
fn around(proposal: &Proposal) -> String {
    let seen = &proposal.edits[0].seen[0];
    let above: String = (1..seen.region.line).map(|number| format!("# {number}\n")).collect();
    format!("{above}{}\n# the end\n", seen.text)
}

#[test]
fn semgrep_inserts_whole_lines() {
    let Some(report) = corpus("semgrep--kubegoat-FIXES.sarif") else { return };
    let proposals = proposals(&report, "semgrep", "");
    assert_eq!(proposals.len(), 31);
    for proposal in proposals {
        let text = around(&proposal);
        let path = proposal.edits[0].path.clone();
        let tree = Tree::plain(&[(&path, &text)]);
        let seen = proposal.edits[0].seen[0].text.clone();
        let insert = proposal.edits[0].edits[0].insert.clone();
        let (verdict, why, after) = outcome(&tree, proposal.of(&text));
        assert_eq!(verdict, "will-write exact", "{why}");
        assert_eq!(after, text.replacen(&format!("{seen}\n"), &format!("{insert}\n"), 1));
    }
}

#[test]
fn the_same_shape_from_another_tool_needs_a_person() {
    let Some(report) = corpus("semgrep--kubegoat-FIXES.sarif") else { return };
    for proposal in proposals(&report, "acme", "") {
        let text = around(&proposal);
        let path = proposal.edits[0].path.clone();
        let tree = Tree::plain(&[(&path, &text)]);
        assert_eq!(outcome(&tree, proposal.of(&text)).0, "needs-you flagged");
    }
}

#[test]
fn ruff_means_what_it_writes() {
    let Some(report) = corpus("ruff--vuln-flask-FIXES.sarif") else { return };
    // The scanned file is not at hand: one that is wide and long enough shows that each edit is taken literally.
    let text = format!("{}\n", "x".repeat(200)).repeat(400);
    let fixes = proposals(&report, "ruff", "file:///home/ci/work/vuln-flask/");
    assert_eq!(fixes.len(), 30);
    for proposal in fixes {
        let path = proposal.edits[0].path.clone();
        let tree = Tree::plain(&[(&path, &text)]);
        let plan = planned(&tree, &[proposal.clone().of(&text)]);
        let removed: String = proposal.edits[0].edits.iter().map(|edit| edit.insert.as_str()).collect();
        assert!(
            verdicts(&plan)[0].ends_with("exact") || plan.fixes[0].why.contains("without their match"),
            "{removed}"
        );
    }
}

#[test]
fn ruff_inserts_several_texts_at_one_place_in_its_order() {
    let text = "import os\nimport re\n\nre\n";
    let of = |family: &str| {
        let mut proposal = fix("a.py", region(1, 1, 2, 1), "").of(text).family(family);
        for insert in ["from typing import TYPE_CHECKING\n", "\nif TYPE_CHECKING:\n    import os\n"] {
            proposal.edits[0].edits.extend(fix("a.py", region(3, 1, 3, 1), insert).edits.remove(0).edits);
        }
        outcome(&Tree::plain(&[("a.py", text)]), proposal)
    };
    let (verdict, why, after) = of("ruff");
    assert_eq!(verdict, "will-write exact", "{why}");
    assert_eq!(after, "import re\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import os\n\nre\n");
    assert_eq!(of("acme").0, "cannot flagged", "nobody knows which comes first");
}

#[test]
fn a_repeated_beginning_or_end_of_the_line_is_suspicious() {
    let check = |text: &str, region, insert: &str| {
        let tree = Tree::plain(&[("a.py", text)]);
        outcome(&tree, fix("a.py", region, insert).of(text)).0
    };
    assert_eq!(check("x = md5(a)\n", region(1, 5, 1, 11), "x = sha256(a)"), "needs-you flagged");
    assert_eq!(check("    md5(a)\n", region(1, 5, 1, 11), "    sha256(a)"), "needs-you flagged");
    assert_eq!(check("md5(a) or die\n", region(1, 1, 1, 7), "sha256(a) or die"), "needs-you flagged");
    assert_eq!(check("print(int(x))\n", region(1, 7, 1, 13), "float(x)"), "will-write exact");
    assert_eq!(check("f(x) if x\n", region(1, 1, 1, 5), "g(x)"), "will-write exact");
    assert_eq!(check("a = b\n", region(1, 5, 1, 6), "c"), "will-write exact");
}

#[test]
fn advice_is_no_patch() {
    let tree = Tree::plain(&[("package.json", "{\n}\n"), ("app/a.py", "one\n")]);
    let check = |proposal: Proposal| verdicts(&planned(&tree, &[proposal])).concat();
    assert_eq!(check(fix("package.json", line(1), "body-parser@1.20.3")), "cannot advice");
    assert_eq!(check(fix("package.json", line(2), "@scope/name@2.0.0")), "cannot advice");
    assert_eq!(check(fix("app/a.py", line(1), "lodash@4.17.21")), "cannot advice");
    assert_eq!(check(of_edits(Vec::new())), "cannot advice");
    let empty = FileEdit { path: "app/a.py".to_owned(), in_repo: true, ..FileEdit::default() };
    assert_eq!(check(of_edits(vec![empty])), "cannot advice");
    let mut web = fix("https://example.org/a.py", line(1), "x");
    web.edits[0].in_repo = false;
    assert_eq!(check(web), "cannot advice");
}

#[test]
fn reports_of_advice_change_nothing() {
    for name in ["snyk-oss--npm-FAKEFIXES.sarif", "shellcheck-sarif--kubegoat-EMPTYFIXES.sarif"] {
        let Some(report) = corpus(name) else { return };
        let tree = Tree::plain(&[("package.json", "{\n}\n")]);
        let plan = planned(&tree, &proposals(&report, "snyk", ""));
        assert!(verdicts(&plan).iter().all(|verdict| verdict == "cannot advice"), "{name}");
    }
}

#[test]
fn placeholders_need_a_person() {
    let code = "gets(buffer);\n";
    let check = |insert: &str| {
        let tree = Tree::plain(&[("a.c", code)]);
        outcome(&tree, fix("a.c", region(1, 1, 1, 13), insert).of(code)).0
    };
    assert_eq!(check("gets_s(buffer, <size of buffer>)"), "needs-you flagged");
    assert_eq!(check("key(<your-key>)"), "needs-you flagged");
    assert_eq!(check("to<unsigned int>(buffer)"), "will-write exact");
    assert_eq!(check("write(\"<div>\")"), "will-write exact");
    let kept = "say(\"<file content>\");\n";
    let tree = Tree::plain(&[("a.c", kept)]);
    let told = fix("a.c", region(1, 1, 1, 22), "tell(\"<file content>\")").of(kept);
    assert_eq!(outcome(&tree, told).0, "will-write exact", "it stood there before");
}

#[test]
fn no_report_of_the_corpus_writes_into_a_strange_tree() {
    let names = [
        "devskim--many-FIXES.sarif",
        "clang-tidy-multitool--FIXES-charOffset.sarif",
        "pattern-matcher--SAL-FIXES.sarif",
        "vs-extension--spellchecker-FIXES.sarif",
        "semgrep--kubegoat-FIXES.sarif",
        "ruff--vuln-flask-FIXES.sarif",
    ];
    for name in names {
        let Some(report) = corpus(name) else { return };
        let proposed = proposals(&report, "acme", "file:///home/ci/work/vuln-flask/");
        let text = "some other file é\r\nwith lines\n".repeat(200);
        let paths: Vec<(&str, &str)> = proposed
            .iter()
            .flat_map(|fix| &fix.edits)
            .filter(|edit| edit.in_repo && !edit.path.starts_with('/'))
            .map(|edit| (edit.path.as_str(), text.as_str()))
            .collect();
        let tree = Tree::git(&paths);
        let late: Vec<Proposal> = proposed.into_iter().map(|fix| fix.found(super::case::FIRST + 60)).collect();
        assert!(planned(&tree, &late).files.is_empty(), "{name}");
    }
}

#[test]
fn two_semgrep_fixes_of_one_line_join() {
    let text = "    cookie(name, secure=False, http=False)\n";
    let tree = Tree::plain(&[("a.py", text)]);
    let one = fix("a.py", region(1, 5, 1, 43), "    cookie(name, secure=True, http=False)");
    let two = fix("a.py", region(1, 5, 1, 43), "    cookie(name, secure=False, http=True)");
    let fixes = [one.family("semgrep").of(text), two.family("semgrep").of(text)];
    let plan = planned(&tree, &fixes);
    assert_eq!(verdicts(&plan), ["will-write exact", "will-write exact"]);
    assert_eq!(after(&tree, &plan, "a.py"), "    cookie(name, secure=True, http=True)\n");
}

#[test]
fn semgrep_counts_the_byte_order_mark_and_writes_it() {
    let text = "\u{feff}import xml\r\nx = 1\r\n";
    let tree = Tree::plain(&[("a.py", text)]);
    let proposal = fix("a.py", region(1, 4, 1, 14), "\u{feff}import defused\nimport more")
        .seen(region(1, 4, 1, 14), "\u{feff}import xml");
    let (verdict, why, after) = outcome(&tree, proposal.family("semgrep").of(text));
    assert_eq!(verdict, "will-write exact", "{why}");
    assert_eq!(after, "\u{feff}import defused\r\nimport more\r\nx = 1\r\n");
}

#[test]
fn byte_offsets_of_semgrep_are_taken_as_they_are() {
    let tree = Tree::git(&[("a.py", "f(x)\n")]);
    let region = Region { byte_span: Some((2, 1)), ..Region::default() };
    let plan = kept(&tree, &[fix("a.py", region, "f(y)").family("semgrep").made(FIRST + 60)]);
    assert_eq!(String::from_utf8_lossy(&plan.files[0].after), "f(f(y))\n");
}
