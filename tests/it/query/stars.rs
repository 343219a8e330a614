//! Patterns over paths mean what `globset` says, whichever way they are told.

use globset::GlobBuilder;
use proptest::prelude::*;
use quell::model::board::Board;
use quell::model::grade::Severity;
use quell::query::{matches, parse};

use crate::support::board::{TODAY, add, case, tools};

/// The paths that a pattern fits, as `globset` has it.
fn by_globset(pattern: &str, paths: &[String]) -> Vec<bool> {
    let pattern = pattern.trim_start_matches("./");
    let text = if pattern.contains('/') { pattern.to_owned() } else { format!("**/{pattern}") };
    let mut builder = GlobBuilder::new(&text);
    let glob = builder.case_insensitive(true).literal_separator(true).empty_alternates(true).build().unwrap();
    let matcher = glob.compile_matcher();
    paths.iter().map(|path| matcher.is_match(path)).collect()
}

fn by_query(pattern: &str, paths: &[String]) -> Vec<bool> {
    let mut backlog = tools();
    for (number, path) in (0..).zip(paths) {
        add(&mut backlog, &case(0, "rule", "", 1, Severity::High, "message"), true);
        backlog.paths.push(path, true);
        backlog.results[number as usize].path = number;
    }
    let query = parse(&format!("path:{pattern}")).unwrap();
    let board = Board { backlog: backlog.into(), ..Board::empty(TODAY) };
    (0..).take(paths.len()).map(|finding| matches(&board, &query, finding)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn stars_mean_what_globset_says(
        pattern in "[aéÉ*./]{0,5}[*][aéA*./?]{0,5}",
        paths in proptest::collection::vec("[abéA./]{1,9}", 1..20),
    ) {
        prop_assert_eq!(by_query(&pattern, &paths), by_globset(&pattern, &paths), "{} {:?}", pattern, paths);
    }
}

#[test]
fn a_pattern_of_stars_fits_whole_paths() {
    let paths = ["src/a.py", "src/x/a.py", "src/x/y/a_test.py", "lib/src/a.py", "src", "A.PY"].map(str::to_owned);
    for (pattern, fitting) in [
        ("*.py", [true, true, true, true, false, true]),
        ("src/*.py", [true, false, false, false, false, false]),
        ("src/**/a*.py", [true, true, true, false, false, false]),
        ("**/src/*", [true, false, false, true, false, false]),
        ("*_t*t.*", [false, false, true, false, false, false]),
        ("s*/**", [true, true, true, false, false, false]),
    ] {
        assert_eq!(by_query(pattern, &paths), fitting, "{pattern}");
        assert_eq!(by_globset(pattern, &paths), fitting, "{pattern}");
    }
}
