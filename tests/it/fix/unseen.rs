//! Fixes whose report carries no code, where the time of the report is only that of its file.

use quell::model::fix::Proposal;
use quell::model::plan::FixState;

use super::case::{With, after, planned};
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
