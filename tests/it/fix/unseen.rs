//! Fixes whose report carries no code, where the time of the report is only that of its file.

use quell::model::detail::Region;
use quell::model::fix::Proposal;
use quell::model::plan::FixState;

use super::case::{With, after, fix, outcome, planned, region, verdicts};
use super::demo::{demo, files, fixes};
use crate::support::tree::Tree;

/// A report file that looks younger than everything else.
const LATE: i64 = 4_000_000_000;

/// The fixes that ruff has for the sample shop, by file, with the text that it scanned.
fn ruff() -> Vec<(String, String, Vec<Proposal>)> {
    let demo = demo().unwrap();
    let shop = files(&demo.join("shop"));
    let mut by_file: Vec<(String, String, Vec<Proposal>)> = Vec::new();
    for fix in fixes(&demo, "ruff.sarif", "ruff").into_iter().map(|fix| fix.found(LATE)) {
        let path = fix.edits[0].path.clone();
        match by_file.iter_mut().find(|(known, ..)| *known == path) {
            Some((.., fixes)) => fixes.push(fix),
            None => by_file.push((path.clone(), String::from_utf8(shop[&path].clone()).unwrap(), vec![fix])),
        }
    }
    by_file
}

/// Texts that differ from the scanned one by up to five lines above `line` (1-based).
fn drifted(text: &str, line: usize) -> Vec<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut texts = Vec::new();
    for count in 1..=5 {
        for at in [0, line - 1] {
            let (above, below) = lines.split_at(at);
            let copied: String = lines[at..].iter().take(count).copied().collect();
            for inserted in ["\n".repeat(count), "# more\n".repeat(count), copied] {
                texts.push(format!("{}{inserted}{}", above.concat(), below.concat()));
            }
        }
        if count < line {
            texts.push(lines[count..].concat());
            texts.push(format!("{}{}", lines[..line - 1 - count].concat(), lines[line - 1..].concat()));
        }
    }
    texts
}

#[test]
fn what_fits_is_written() {
    for (path, text, fixes) in ruff() {
        let tree = Tree::git(&[(&path, &text)]);
        for fix in &fixes {
            let plan = planned(&tree, std::slice::from_ref(fix));
            assert_eq!(plan.fixes[0].state, FixState::WillWrite, "{}: {}", fix.title, plan.fixes[0].why);
        }
    }
}

#[test]
fn what_cannot_be_compared_needs_a_person() {
    let tree = Tree::plain(&[("a.py", "import os\nvalue = compute(one, two)\n")]);
    let check = |region: Region, insert: &str, title: &str| {
        let mut fix = fix("a.py", region, insert).found(LATE);
        title.clone_into(&mut fix.title);
        outcome(&tree, fix).0
    };
    let call = region(2, 9, 2, 26);
    assert_eq!(check(call, "compute(two, one)", "swap them"), "will-write exact");
    assert_eq!(check(call, "compute(two, one)", "swap `a` and `b`"), "needs-you flagged", "neither is there");
    assert_eq!(check(call, "something(else, entirely)", "swap them"), "needs-you flagged", "no word stays");
    assert_eq!(check(region(2, 10, 2, 26), "ompute(two, one)", "swap them"), "needs-you flagged", "inside a word");
    assert_eq!(check(region(2, 6, 2, 7), "", "remove it"), "needs-you flagged", "blank");
    assert_eq!(check(region(2, 20, 2, 25), "", "remove it"), "will-write exact", "an argument");
    assert_eq!(check(region(2, 9, 2, 16), "", "remove it"), "needs-you flagged", "nothing speaks for it");
    let offset = Region { char_span: Some((18, 17)), ..Region::default() };
    assert_eq!(check(offset, "compute(two, one)", "swap them"), "needs-you flagged", "no line");
}

#[test]
fn equal_code_is_fixed_if_the_report_has_it_everywhere() {
    let block = "try:\n    run()\nexcept IOError:\n    pass\n";
    let tree = Tree::plain(&[("a.py", &block.repeat(3))]);
    let of_line = |line| {
        let mut fix = fix("a.py", region(line, 8, line, 15), "OSError").found(LATE);
        "Replace `IOError` with `OSError`".clone_into(&mut fix.title);
        fix
    };
    let all = [of_line(3), of_line(7), of_line(11)];
    assert_eq!(verdicts(&planned(&tree, &all)), ["will-write exact"; 3]);
    assert_eq!(verdicts(&planned(&tree, &all[..2])), ["needs-you flagged"; 2], "the third is in doubt");
    let misplaced = [of_line(3), of_line(7), of_line(11), of_line(12)];
    let plan = planned(&tree, &misplaced);
    assert_eq!(verdicts(&plan)[..3], ["needs-you flagged"; 3]);
    assert!(plan.fixes[0].why.contains("another fix of the report does not look right for line 12"));
}

#[test]
fn nothing_goes_to_a_wrong_line_unseen() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for (path, text, fixes) in ruff() {
        let tree = Tree::plain(&[]);
        for fix in &fixes {
            let line = fix.edits[0].edits[0].region.line as usize;
            for drifted in drifted(&text, line) {
                tree.write(&path, &drifted);
                for batch in [std::slice::from_ref(fix), &fixes] {
                    let plan = planned(&tree, batch);
                    tried += 1;
                    let of_fix = plan.fixes.iter().find(|planned| planned.id == fix.id).unwrap();
                    if of_fix.state == FixState::WillWrite {
                        wrong.push(format!("{path}: {}: {}", fix.title, after(&tree, &plan, &path)));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 1000, "{tried}");
}

/// Semgrep states lines and offsets: what is looked for at another line is the same fix all the same.
#[test]
fn a_fix_that_the_report_has_for_two_lines_is_for_both() {
    const LINE: &str = "    raise NotImplementedError()\n";
    let text = format!("def one():\n{LINE}\ndef two():\n{LINE}");
    let of = |line: u32, offset: u64| {
        let region = Region { byte_span: Some((offset, 27)), ..region(line, 5, line, 32) };
        let mut fix = fix("a.py", region, "raise NotImplementedError").found(LATE);
        fix.message = "say `NotImplementedError` alone".to_owned();
        fix
    };
    let both = [of(2, 15), of(5, 59)];
    for fix in &both {
        let range = usize::try_from(fix.edits[0].edits[0].region.byte_span.unwrap().0).unwrap();
        assert!(text[range..].starts_with("raise NotImplementedError()"));
    }
    let tree = Tree::git(&[("a.py", &text)]);
    assert_eq!(
        after(&tree, &planned(&tree, &both), "a.py"),
        text.replace("()\n\n", "\n\n").replace("Error()", "Error")
    );
    let alone = planned(&tree, &both[..1]);
    assert!(alone.fixes[0].why.contains("looks right for line 5 as well"), "{}", alone.fixes[0].why);
}
