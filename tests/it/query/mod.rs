//! Queries on a small board: what they find, and what they refuse.

mod finder;
mod stars;

use std::sync::Arc;

use quell::model::backlog::{FindingIdx, NONE};
use quell::model::home::{Home, Homes, Part};
use quell::model::reach::Reaches;
use quell::query::{GroupKey, Lens, SortKey, completions, matches, parse, rows};

use crate::support::board::{TODAY, add, board, case, tools};

/// The findings that a query keeps, in their own order; both doors must agree.
#[track_caller]
fn found(text: &str) -> Vec<FindingIdx> {
    let board = board();
    let query = parse(text).unwrap();
    let mut found = rows(&board, &Lens { query: query.clone(), ..Lens::default() }).findings;
    found.sort_unstable();
    let count = FindingIdx::try_from(board.backlog.findings.len()).unwrap();
    let single: Vec<FindingIdx> = (0..count).filter(|&finding| matches(&board, &query, finding)).collect();
    assert_eq!(found, single, "rows and matches differ on {text}");
    found
}

#[track_caller]
fn check(cases: &[(&str, &[FindingIdx])]) {
    for (text, expected) in cases {
        assert_eq!(found(text), *expected, "{text}");
    }
}

#[test]
fn terms_join_by_and_and_commas_by_or() {
    check(&[
        ("", &[0, 1, 2, 3, 4, 5, 6, 7]),
        ("severity:critical,low", &[1, 4]),
        ("severity:critical,high tool:semgrep", &[0, 1, 5, 7]),
        ("-severity:high", &[1, 2, 4, 6]),
        ("-severity:high,medium", &[1, 4, 6]),
        ("SEV:High", &[0, 3, 5, 7]),
    ]);
}

#[test]
fn ordered_values_compare() {
    check(&[
        ("severity:>=high", &[0, 1, 3, 5, 7]),
        ("sev:>high", &[1]),
        ("sev:<=low", &[4, 6]),
        ("sev:<info", &[]),
        ("level:>=error", &[1]),
        ("line:>=40", &[2, 5]),
        ("line:3,5", &[3, 4]),
        ("line:<4", &[3]),
        ("twins:>0", &[0]),
        ("twins:0 sev:critical", &[1]),
        ("cwe:89", &[1]),
        ("cwe:CWE-78,cwe-20", &[0, 1]),
    ]);
}

#[test]
fn days_count_from_the_board() {
    check(&[
        ("age:>30d", &[0, 4, 6]),
        ("age:40", &[0, 4, 6]),
        ("age:<=10d -age:0", &[1, 2, 5, 7]),
        ("age:<1w", &[3]),
        ("expires:<14d", &[2]),
        ("expires:<=1w", &[]),
        ("expires:10", &[2]),
    ]);
}

#[test]
fn names_match_by_glob_in_any_case() {
    check(&[
        ("tool:bandit", &[0, 4, 6]),
        ("tool:SEMGREP", &[0, 1, 2, 5, 7]),
        ("tool:\"semgrep oss\" tool:bandit", &[0]),
        ("-tool:semgrep", &[3, 4, 6]),
        ("rule:sql*", &[1, 2, 7]),
        ("rule:sql", &[]),
        ("rule:b602,aws-*", &[0, 3]),
        ("package:lodash", &[5]),
        ("package:pkg:npm/*", &[5]),
        ("owner:@plat*", &[3]),
        ("-owner:*", &[0, 1, 2, 4, 5, 6, 7]),
        ("id:CVE-2021-*", &[5]),
        ("id:ghsa-35jh-r3h4-6jhm", &[5]),
    ]);
}

#[test]
fn paths_match_files_folders_and_globs() {
    check(&[
        ("path:src/run.py", &[0]),
        ("path:src", &[0, 1, 4, 7]),
        ("path:src/", &[0, 1, 4, 7]),
        ("path:src/store", &[1, 7]),
        ("path:query.py", &[1, 2]),
        ("path:*.py", &[0, 1, 2, 4, 7]),
        ("path:src/*.py", &[0]),
        ("path:src/**/*.py", &[0, 1, 4, 7]),
        ("path:src/run.py/**", &[]),
        ("path:src/**", &[0, 1, 4, 7]),
        ("path:sr", &[]),
        ("path:store", &[1, 2, 7]),
        ("-path:tests/** rule:sql*", &[1, 7]),
        ("path:\"src/*.py\"", &[]),
    ]);
}

#[test]
fn words_of_closed_sets_match() {
    check(&[
        ("is:fixable", &[0]),
        ("is:new", &[1]),
        ("baseline:new", &[1]),
        ("is:stale", &[3]),
        ("flag:stale", &[3]),
        ("is:secret", &[3]),
        ("category:secret,dependency", &[3, 5]),
        ("is:suppressed", &[4]),
        ("is:decided", &[2, 7]),
        ("status:accepted", &[2]),
        ("is:expired", &[]),
        ("kind:pass", &[6]),
        ("is:open", &[0, 1, 3, 5, 7]),
    ]);
}

#[test]
fn what_a_finding_runs_in_matches_whole_and_by_its_last_name() {
    let mut board = board();
    let mut home = Home::default();
    home.add(Part::Service, "shop/cart");
    home.add(Part::Workload, "Deployment shop/cart");
    home.add(Part::Image, "registry.example:5000/team/cart:1.2@sha256:00");
    let homes = Homes::new(vec![Home::default(), home], vec![0, 1], vec![NONE, NONE, NONE]);
    board.reaches = Arc::new(Reaches { homes: Arc::new(homes), ..Reaches::default() });
    let found = |text: &str| {
        let lens = Lens { query: parse(text).unwrap(), ..Lens::default() };
        rows(&board, &lens).findings
    };
    let of_path: Vec<FindingIdx> = (0..8).filter(|finding| board.lead(*finding).path == 1).collect();
    assert_eq!(of_path, [1]);
    for text in [
        "service:cart",
        "service:shop/*",
        "service:SHOP/cart,other",
        "workload:cart",
        "workload:shop/cart",
        "workload:\"Deployment shop/cart\"",
        "workload:deployment*",
        "image:cart",
        "image:registry.example:5000/team/cart:1.2",
        "image:*/team/*",
    ] {
        assert_eq!(found(text), of_path, "{text}");
    }
    for text in ["service:shop", "service:car", "workload:Deployment", "image:team", "service:\"shop/*\""] {
        assert_eq!(found(text), [0; 0], "{text}");
    }
    assert_eq!(found("-service:*").len(), 7);
    let offered = completions("service:sh", 10, &board);
    assert_eq!(offered.iter().map(|one| one.insert.as_str()).collect::<Vec<_>>(), ["shop/cart"]);
    assert_eq!(completions("workload:", 9, &board)[0].insert, "\"Deployment shop/cart\"");
}

#[test]
fn ids_match_whole_begun_and_of_every_result() {
    check(&[
        ("id:q1-1111000000000000", &[0]),
        ("q1-1111000000000001", &[0]),
        ("id:q1-1111000000000002,q1-1111000000000003", &[1, 2]),
        ("id:q1-2", &[]),
        ("q1-1111", &[0, 1, 2, 3, 4, 5, 6, 7]),
    ]);
}

#[test]
fn bare_words_are_fuzzy_on_names_and_plain_on_messages() {
    check(&[
        ("injection", &[0, 1, 5, 7]),
        ("Shell", &[0]),
        ("lodash command", &[5]),
        // Starts of words pay for the gaps between them; letters that are merely somewhere do not.
        ("smh", &[4]),
        ("srl", &[]),
        ("sqinj", &[1, 7]),
        ("zzz", &[]),
        // A message is not searched fuzzily.
        ("qbf", &[]),
        ("\"built from\"", &[1, 7]),
        ("\"smh\"", &[]),
        ("-query sev:>=high", &[0, 3, 5]),
        ("std::mem", &[]),
    ]);
}

#[test]
fn a_word_does_not_match_across_two_messages() {
    // The end of one message and the start of the next.
    check(&[("inputquery", &[]), ("\"inputquery\"", &[])]);
}

#[track_caller]
fn refused(text: &str) -> (std::ops::Range<usize>, String, bool) {
    let error = parse(text).unwrap_err();
    assert!(text.get(error.span.clone()).is_some(), "{text}: the span is a part of the query");
    (error.span.clone(), error.to_string(), error.is_unfinished)
}

#[test]
fn a_bad_term_says_where_and_what_is_allowed() {
    let (span, reason, is_unfinished) = refused("is:open severity:hihg tool:x");
    assert_eq!((span, is_unfinished), (17..21, false));
    assert_eq!(reason, "hihg is no severity; allowed: info, low, medium, high, critical");

    let (span, reason, _) = refused("sevrity:high");
    assert_eq!(span, 0..7);
    assert!(
        reason.starts_with("there is no key sevrity; quote the term to search for it as text; allowed: severity, sev")
    );

    let (span, reason, _) = refused("a agent:claude");
    assert_eq!(span, 2..7);
    assert!(reason.starts_with("agent is not built yet"), "{reason}");

    assert!(refused("is:late").1.starts_with("late is no is; allowed: open,"));
    assert!(refused("due:soon").1.contains("days, weeks, months or years"));
    assert!(refused("status:>open").1.starts_with("status has no order"));
    assert!(refused("line:x").1.starts_with("x does not fit line"));
    assert!(refused("rule:[a").1.starts_with("[a is no pattern"));
    assert!(refused("age:99999999999999999999d").1.contains("does not fit age"));
}

#[test]
fn what_is_still_being_typed_is_told_apart() {
    for text in [
        "severity:",
        "sev:>",
        "sev:>=",
        "sev:hi",
        "sev:high,",
        "is:fix",
        "\"unclosed",
        "tool:\"se",
        "-",
        "a tool:",
        "line:>",
    ] {
        assert!(refused(text).2, "{text}");
    }
    for text in ["severity: a", "sev:hi b", "sev:,high", "- a", "nokey:"] {
        assert!(!refused(text).2, "{text}");
    }
}

/// Findings in the order of the list.
#[track_caller]
fn listed(text: &str, sort: &[SortKey]) -> Vec<FindingIdx> {
    rows(&board(), &Lens { query: parse(text).unwrap(), sort: sort.to_vec(), ..Lens::default() }).findings
}

#[test]
fn rows_are_sorted_and_ties_go_by_place() {
    assert_eq!(listed("", &[]), [1, 0, 3, 5, 7, 2, 4, 6]);
    assert_eq!(listed("", &[SortKey::Severity]), [1, 0, 3, 5, 7, 2, 4, 6]);
    assert_eq!(listed("", &[SortKey::Path]), [3, 5, 7, 4, 0, 1, 2, 6]);
    assert_eq!(listed("", &[SortKey::Rule]), [4, 0, 6, 5, 3, 2, 7, 1]);
    assert_eq!(listed("", &[SortKey::Tool, SortKey::Severity]), [0, 4, 6, 1, 5, 7, 2, 3]);
    assert_eq!(listed("", &[SortKey::Age]), [4, 0, 6, 5, 7, 1, 2, 3]);
    // A word narrows the list and does not reorder it.
    assert_eq!(listed("injection", &[]), [1, 0, 5, 7]);
}

#[test]
fn open_only_gives_way_to_a_query_that_names_a_status() {
    let board = board();
    let open = |text: &str| {
        let rows = rows(&board, &Lens { query: parse(text).unwrap(), open_only: true, ..Lens::default() });
        (rows.findings.len(), rows.total)
    };
    assert_eq!(open(""), (5, 5));
    assert_eq!(open("sev:critical"), (1, 5));
    for text in ["status:accepted", "is:suppressed", "kind:pass", "id:q1-1111000000000003"] {
        assert_eq!(open(text), (1, 8), "{text}");
    }
    assert_eq!(open("is:decided"), (2, 8));
    assert_eq!(open("baseline:absent").1, 8);
}

#[test]
fn groups_hold_every_row_once_worst_first() {
    let board = board();
    let grouped = |key| {
        let rows = rows(&board, &Lens { group: Some(key), ..Lens::default() });
        assert_eq!(rows.groups.iter().map(|group| group.len as usize).sum::<usize>(), rows.findings.len());
        let lines = (0..).zip(rows.groups.iter()).map(|(number, group)| {
            let range = group.start as usize..(group.start + group.len) as usize;
            format!("{} {} {:?}", rows.label(&board, number), group.severity.name(), &rows.findings[range])
        });
        lines.collect::<Vec<_>>()
    };
    assert_eq!(
        grouped(GroupKey::Tool),
        ["Semgrep OSS critical [1, 5, 7, 2]", "Bandit high [0, 4, 6]", "gitleaks high [3]",]
    );
    assert_eq!(grouped(GroupKey::Rule)[0], "sql-injection critical [1, 7]");
    assert_eq!(grouped(GroupKey::Directory)[1..4], [". high [5]", "deploy high [3]", "src high [0]"]);
    assert_eq!(grouped(GroupKey::Package), ["no package critical [1, 0, 3, 7, 2, 4, 6]", "lodash high [5]"]);
    assert_eq!(grouped(GroupKey::Cwe)[0], "CWE-20 critical [1]");
    assert_eq!(grouped(GroupKey::File).last().unwrap(), "no file info [6]");
    for key in GroupKey::ALL {
        assert!(!grouped(*key).is_empty());
    }
}

#[test]
fn completions_follow_the_cursor() {
    let board = board();
    let offered = |text: &str| {
        completions(text, text.len(), &board)
            .into_iter()
            .map(|one| format!("{}{}", text.get(..one.span.start).unwrap(), one.insert))
            .collect::<Vec<_>>()
    };
    assert_eq!(offered("se"), ["severity:", "sev:", "service:"]);
    assert_eq!(offered("a -sever"), ["a -severity:"]);
    assert_eq!(offered("sev:>=h"), ["sev:>=high"]);
    assert_eq!(offered("status:open,acc"), ["status:open,accepted"]);
    assert_eq!(offered("tool:"), ["tool:Bandit", "tool:\"Semgrep OSS\"", "tool:gitleaks"]);
    assert_eq!(offered("rule:sql-i"), ["rule:sql-injection"]);
    assert_eq!(offered("owner:@"), ["owner:@platform"]);
    assert!(offered("agent:").is_empty() && !offered("").contains(&"agent:".to_owned()));
    assert_eq!(offered("lane:act"), ["lane:act-now"]);
    // A cursor that is not between two characters, or behind the end, does no harm.
    assert!(completions("é", 1, &board).len() <= 50);
    assert_eq!(completions("ag", 99, &board).len(), 1);
}

#[test]
fn more_fuzzy_candidates_than_are_scored_keep_the_closest() {
    let mut backlog = tools();
    let paths: Vec<&'static str> = (0..6_000)
        .map(|number| &*Box::leak(format!("alpha/{number}/beta/gamma.rs").into_boxed_str()))
        .chain(["abg.rs", "a/b/g.rs"])
        .collect();
    for path in paths {
        add(&mut backlog, &case(0, "R", path, 1, quell::model::grade::Severity::Low, "m"), true);
    }
    let standings = quell::model::standings::Standings::open(backlog.findings.len());
    let board = quell::model::board::Board {
        backlog: std::sync::Arc::new(backlog),
        standings: std::sync::Arc::new(standings),
        ..quell::model::board::Board::empty(TODAY)
    };
    let found = rows(&board, &Lens { query: parse("abg").unwrap(), ..Lens::default() }).findings;
    assert!(found.contains(&6_000) && found.contains(&6_001), "the closest are never cut");
    assert!(found.len() <= 5_001, "{}", found.len());
}
