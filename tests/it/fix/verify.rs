//! Which fixes break a command: by few questions, whatever the answers.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::Path;

use crate::support::thorough::cases;
use proptest::prelude::*;
use quell::fix::failures::Failures;
use quell::fix::verify::{about, causes};
use quell::repo::run::Trial;

/// What is found where the command fails with each of these sets, and how many questions that took.
fn found(count: usize, guilty: &[Vec<usize>]) -> (Vec<Vec<usize>>, usize) {
    let mut questions = 0;
    let mut is_good = |some: &[usize]| {
        questions += 1;
        assert!(some.is_sorted() && !some.is_empty(), "{some:?}");
        Ok::<_, Infallible>(!guilty.iter().any(|set| set.iter().all(|fix| some.contains(fix))))
    };
    let found = causes(count, &mut is_good).unwrap();
    (found, questions)
}

#[test]
fn one_guilty_fix_of_many_takes_few_questions() {
    assert_eq!(found(1, &[]), (vec![], 1));
    assert_eq!(found(1, &[vec![0]]).0, [[0]]);
    for guilty in [0, 1, 12, 19] {
        let (causes, questions) = found(20, &[vec![guilty]]);
        assert_eq!(causes, [[guilty]]);
        assert!(questions <= 2 + about(20), "{questions}");
    }
    let (causes, questions) = found(1000, &[vec![3, 700]]);
    assert!(causes == [[3, 700]] && questions < 25, "{questions}");
}

proptest! {
    #![proptest_config(cases(256))]

    /// Every cause is one of the sets, and what is left holds none.
    #[test]
    fn every_cause_is_found_and_no_fix_is_blamed_for_nothing(
        count in 1_usize..40,
        sets in prop::collection::vec(prop::collection::btree_set(0_usize..40, 1..4), 0..5),
    ) {
        let sets: Vec<Vec<usize>> = sets
            .into_iter()
            .map(|set| set.into_iter().map(|fix| fix % count).collect::<BTreeSet<_>>().into_iter().collect())
            .collect();
        let (causes, _) = found(count, &sets);
        prop_assert!(causes.iter().all(|cause| sets.contains(cause)), "{causes:?} of {sets:?}");
        let blamed: BTreeSet<usize> = causes.into_iter().flatten().collect();
        prop_assert!(sets.iter().all(|set| set.iter().any(|fix| blamed.contains(fix))));
    }

    /// Answers that contradict each other end it as well.
    #[test]
    fn any_answers_end_the_search(count in 1_usize..60, answers in prop::collection::vec(any::<bool>(), 1..50)) {
        let mut questions = 0;
        let mut is_good = |_: &[usize]| {
            questions += 1;
            Ok::<_, Infallible>(answers[questions % answers.len()])
        };
        let causes = causes(count, &mut is_good).unwrap();
        let mut blamed: Vec<usize> = causes.into_iter().flatten().collect();
        let all = blamed.len();
        blamed.sort_unstable();
        blamed.dedup();
        prop_assert!(blamed.len() == all, "a fix is blamed once");
        prop_assert!(questions <= count * (about(count) + 2));
    }
}

fn failed(output: &str) -> Trial {
    Trial { is_success: false, status: "exit status: 1".to_owned(), output: output.into() }
}

#[track_caller]
fn check(before: &[&str], after: &str, news: &[&str]) {
    let root = Path::new("/copy/shop");
    let known = Failures::of(&before.iter().map(|output| failed(output)).collect::<Vec<_>>(), root);
    assert_eq!(known.news(&failed(after), root), news, "{before:?} {after}");
}

#[test]
fn only_a_failure_that_was_not_there_before_is_new() {
    check(&["a ok\nb FAILED\n"], "a ok\nb FAILED\n", &[]);
    check(&["a ok\nb FAILED\n"], "a FAILED\nb FAILED\n", &["a FAILED"]);
    // What else is printed may change with the fix.
    check(&["building\nb FAILED\n"], "building more\nwarning: x\nb FAILED\n", &[]);
    // Without words for it, every line counts.
    check(&["red: b\n"], "red: a\nred: b\n", &["red: a"]);
    // The order does not count, how often something stands there does.
    check(&["b FAILED\na FAILED\n"], "a FAILED\nb FAILED\n", &[]);
    check(&["not ok 2\n"], "not ok 1\nnot ok 2\n", &["not ok 1", "not ok 2"]);
    // One that is cured is no news; one that fails in silence is.
    check(&["a FAILED\nb FAILED\n"], "b FAILED\n", &[]);
    check(&["b FAILED\n"], "all fine\n", &["it fails and says nothing of what it said before"]);
}

#[test]
fn what_differs_from_run_to_run_is_no_news() {
    for (before, after) in [
        ("FAILED in 0.03s (12 ms)", "FAILED in 12.5s (9 ms)"),
        ("error at src/a.py:12:5", "error at src/a.py:13:7"),
        ("error in /copy/shop/src/a.py", "error in src/a.py"),
        ("panicked (pid 4711) at 0x7ffe12ab", "panicked (pid 12) at 0x55d0"),
        ("error: key 3f9a77b10c2d", "error: key 0011aa22bb33cc"),
        ("====== 1 failed, 9 passed ======", "===== 1 failed, 19 passed ====="),
        ("\u{1b}[31mFAILED\u{1b}[0m a", "FAILED a"),
        ("10%\r20%\rFAILED a", "FAILED a"),
    ] {
        check(&[before], after, &[]);
    }
    let temp = std::env::temp_dir().display().to_string();
    check(&[&format!("error: {temp}/abc/x is gone")], &format!("error: {temp}/xyz/x is gone"), &[]);
    // Names keep their digits.
    check(&["test_7 FAILED"], "test_8 FAILED\ntest_7 FAILED", &["test_8 FAILED"]);
    check(&["error[E0425]"], "error[E0425]\nerror[E0433]", &["error[E0433]"]);
}

#[test]
fn a_line_without_an_end_is_cut() {
    let known = Failures::of(&[failed("b FAILED\n")], Path::new("/copy"));
    let news = known.news(&failed(&format!("b FAILED\nerror {}\n", "x".repeat(1 << 20))), Path::new("/copy"));
    assert!(news.len() == 1 && news[0].len() <= 400, "{}", news[0].len());
}

#[test]
fn another_end_is_news() {
    let root = Path::new("/copy");
    let known = Failures::of(&[failed("b FAILED\n")], root);
    let killed = Trial { status: "signal: 9 (SIGKILL)".to_owned(), ..failed("b FAILED\n") };
    assert_eq!(known.news(&killed, root), ["it ended with signal: 9 (SIGKILL), before with exit status: 1"]);
}
