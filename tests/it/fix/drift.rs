//! Ordinary code that was edited elsewhere since the scan: wherever `git apply` or `git merge-file` put a fix right, so
//! does Quell.

use std::fs;
use std::process::{Command, Stdio};

use quell::fix::diff::unified;

use super::blocks::made::Random;
use super::case::{With, after, fix, is_written, line, planned};
use crate::support::thorough::count;
use crate::support::tree::Tree;

/// Edited files of one run; each costs two processes.
const COUNT: u32 = 150;

/// A module of functions that say different things, with a few lines that all of them have.
fn module(random: &mut Random) -> Vec<String> {
    let mut lines = vec!["import os".to_owned(), String::new()];
    for function in 0..3 + random.below(5) {
        lines.push(format!("def step_{function}(name):"));
        for line in 0..2 + random.below(9) {
            lines.push(match random.below(4) {
                0 => "    log(name)".to_owned(),
                1 => format!("    value_{line} = name + \"{}\"", random.below(50)),
                _ => format!("    run(\"{function} {line}\", shell=True)"),
            });
        }
        lines.push("    return name".to_owned());
        lines.push(String::new());
    }
    lines
}

/// Lines inserted, removed and replaced, none of them the flagged one.
fn edited(random: &mut Random, base: &[String], target: usize) -> (Vec<String>, usize) {
    let (mut lines, mut target) = (base.to_vec(), target);
    for number in 0..=random.below(6) {
        let at = random.below(lines.len());
        match random.below(3) {
            0 => {
                lines.insert(at, format!("    added_{number} = {}", random.below(90)));
                target += usize::from(at <= target);
            }
            1 if at != target => {
                lines.remove(at);
                target -= usize::from(at < target);
            }
            _ if at != target => lines[at] = format!("    changed_{number} = {}", random.below(90)),
            _ => {}
        }
    }
    (lines, target)
}

#[test]
fn what_git_places_right_is_placed_right() {
    let mut random = Random(7);
    let tree = Tree::git(&[("a.py", "")]);
    let (mut right, mut missed) = ([0; 3], Vec::new());
    for number in 0..count(COUNT) {
        let base = module(&mut random);
        let calls: Vec<usize> = (0..base.len()).filter(|line| base[*line].contains("shell=True")).collect();
        let Some(target) = calls.get(random.below(calls.len())).copied() else { continue };
        let (mut now, at) = edited(&mut random, &base, target);
        let text = |lines: &[String]| lines.iter().map(|line| line.clone() + "\n").collect::<String>();
        let fixed_line = base[target].replace("shell=True", "shell=False");
        let mut fixed = base.clone();
        fixed[target].clone_from(&fixed_line);
        let (base, fixed, edited) = (text(&base), text(&fixed), text(&now));
        now[at].clone_from(&fixed_line);
        let wanted = text(&now);

        tree.write("a.py", &base);
        let revision = tree.commit("scanned", 1_700_000_100 + i64::from(number)).to_string();
        tree.write("a.py", &edited);
        let proposal = fix("a.py", line(u32::try_from(target).unwrap() + 1), &fixed_line).revision(&revision);
        let plan = planned(&tree, &[proposal]);
        let own = is_written(&plan).then(|| after(&tree, &plan, "a.py"));
        let applied = git_apply(&tree, &base, &fixed);
        tree.write("a.py", &edited);
        let merged = merge_file(&tree, &base, &edited, &fixed);
        for (sum, made) in right.iter_mut().zip([&own, &applied, &merged]) {
            *sum += usize::from(made.as_ref() == Some(&wanted));
        }
        assert!(own.is_none() || own.as_ref() == Some(&wanted), "wrong: {}\n{base}---\n{edited}", plan.fixes[0].why);
        if own.is_none() && [applied, merged].contains(&Some(wanted)) {
            missed.push(format!("{}\n{base}---\n{edited}", plan.fixes[0].why));
        }
    }
    assert!(missed.is_empty(), "{} missed, right {right:?}:\n{}", missed.len(), missed[0]);
    assert!(right[0] >= right[1].max(right[2]) && right[1] > 50, "{right:?}");
}

fn git_apply(tree: &Tree, base: &str, fixed: &str) -> Option<String> {
    fs::write(tree.root().join(".git/fix.diff"), unified("a.py", base.as_bytes(), fixed.as_bytes())).unwrap();
    let apply = ["apply", ".git/fix.diff"];
    let status = Command::new("git").args(apply).current_dir(tree.root()).stderr(Stdio::null()).status().unwrap();
    status.success().then(|| tree.text("a.py"))
}

fn merge_file(tree: &Tree, base: &str, now: &str, fixed: &str) -> Option<String> {
    let folder = tree.root().join(".git");
    for (name, text) in [("now", now), ("base", base), ("theirs", fixed)] {
        fs::write(folder.join(name), text).unwrap();
    }
    let merge = ["merge-file", "-p", "-q", "now", "base", "theirs"];
    let output = Command::new("git").args(merge).current_dir(folder).output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}
