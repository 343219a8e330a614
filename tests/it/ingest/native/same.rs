//! The same scan as SARIF and in the scanner's own format.

use super::{details, loaded, property, tree};
use crate::ingest::reading::{problems, rows};

/// Checks that both reports give the same rows, each pair one finding, and that the native one says where it stands.
fn check(native: &str, sarif: &str, pointer: &str) {
    check_of("code", native, sarif, pointer);
}

fn check_of(files: &str, native: &str, sarif: &str, pointer: &str) {
    let tree = tree(files, &[native, sarif]);
    let one = loaded(&tree, &[native]);
    // Reports were made elsewhere: what is said of that is no fault of the format.
    let is_fault = |problem: &String| !problem.starts_with("paths were found by how they end");
    assert!(!problems(&one).iter().any(is_fault), "{native}: {:?}", problems(&one));
    // Without the columns: ESLint's SARIF does not say what they count.
    let without_column = |row: String| {
        let mut words: Vec<&str> = row.split(' ').collect();
        words[1] = words[1].rsplit_once(':').unwrap().0;
        words.join(" ")
    };
    let sorted = |rows: Vec<String>| {
        let mut rows: Vec<String> = rows.into_iter().map(without_column).collect();
        rows.sort_unstable();
        rows
    };
    assert_eq!(sorted(rows(&one)), sorted(rows(&loaded(&tree, &[sarif]))), "{native}");
    assert_eq!(one.backlog.pointer(u32::from(one.backlog.results.len() > 1)), pointer);
    let both = loaded(&tree, &[native, sarif]);
    let names: Vec<&str> = both.backlog.tools.iter().map(|tool| tool.family.as_str()).collect();
    assert!(names.windows(2).all(|pair| pair[0] == pair[1]), "{names:?}");
    assert_eq!(both.backlog.findings.len(), one.backlog.findings.len(), "{native}");
    for finding in (0..).take(both.backlog.findings.len()) {
        let members = both.backlog.members(finding);
        let reports: Vec<u32> = members.iter().map(|at| both.backlog.record(*at).run()).collect();
        assert!(reports.contains(&0) && reports.contains(&1), "{native}: {reports:?}");
    }
}

#[test]
fn bandit() {
    check("bandit.json", "bandit.sarif", "/results/1");
}

#[test]
fn ruff() {
    check("ruff.json", "ruff.sarif", "/1");
}

#[test]
fn semgrep() {
    let tree = tree("code", &["semgrep.json"]);
    let loaded = loaded(&tree, &["semgrep.json"]);
    assert_eq!(
        rows(&loaded),
        [
            "rules.shell-true shop/app.py:9:19 error high a shell runs what \"ls \" + name holds",
            "rules.unsafe-yaml shop/app.py:10:12 error high yaml.load builds any object; use safe_load",
            "rules.weak-hash shop/app.py:14:26 warning medium md5 is broken",
        ]
    );
    assert_eq!(loaded.backlog.rules[1].cwe, [502]);
    assert_eq!(details(&loaded)[1].help.as_deref(), Some("References:\n- https://pyyaml.org/wiki/PyYAMLDocumentation"));
    assert_eq!(property(&details(&loaded)[1], "confidence"), "HIGH");
    check("semgrep-taint.json", "semgrep-taint.sarif", "/results/0");
}

#[test]
fn a_finding_of_semgrep_is_the_same_where_only_its_sarif_tells_what_is_ignored() {
    let tree = tree("code", &["semgrep.json", "semgrep.sarif"]);
    let both = loaded(&tree, &["semgrep.json", "semgrep.sarif"]);
    let sizes: Vec<usize> =
        (0..).take(both.backlog.findings.len()).map(|finding| both.backlog.members(finding).len()).collect();
    assert_eq!(sizes, [2, 2, 2, 1]);
}

#[test]
fn a_flow_of_semgrep_has_its_steps() {
    let tree = tree("code", &["semgrep-taint.json"]);
    let loaded = loaded(&tree, &["semgrep-taint.json"]);
    let flows = &details(&loaded)[0].flows;
    let steps: Vec<String> = flows[0]
        .steps
        .iter()
        .map(|step| {
            format!(
                "{}:{} {}",
                step.location.path,
                step.location.region.line,
                step.location.message.as_deref().unwrap()
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            "shop/app.py:28 Source: `request.args[\"name\"]`",
            "shop/app.py:28 Propagator: `name`",
            "shop/app.py:29 Propagator: `command`",
            "shop/app.py:30 Sink: `os.system(command)`",
        ]
    );
    assert_eq!(loaded.backlog.findings[0].flows, 1);
}

#[test]
fn eslint() {
    check("eslint.json", "eslint.sarif", "/0/messages/1");
}

#[test]
fn gitleaks_without_the_people_it_names() {
    check_of("locks", "gitleaks.json", "gitleaks.sarif", "/0");
    let tree = tree("locks", &["gitleaks.json"]);
    let loaded = loaded(&tree, &["gitleaks.json"]);
    assert_eq!(loaded.backlog.results[0].category(), quell::model::grade::Category::Secret);
    let detail = format!("{:?}", details(&loaded)[0]);
    assert!(!detail.contains("tester@example.org") && !detail.contains("A Tester"), "{detail}");
}

#[test]
fn clippy() {
    let tree = tree("code", &["clippy.json"]);
    let loaded = loaded(&tree, &["clippy.json"]);
    assert_eq!(problems(&loaded), [""; 0]);
    let short: Vec<String> =
        rows(&loaded).iter().map(|row| row.split_whitespace().take(4).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        short,
        [
            "unused_imports src/lib.rs:3:5 warning medium",
            "unused_mut src/lib.rs:6:27 warning medium",
            "unused_variables src/lib.rs:12:9 warning medium",
            "clippy::needless_return src/lib.rs:8:5 warning medium",
            "clippy::ptr_arg src/lib.rs:5:22 warning medium",
            "clippy::len_zero src/lib.rs:7:8 warning medium",
            "clippy::filter_next src/lib.rs:13:5 warning medium",
        ]
    );
    assert_eq!(loaded.backlog.pointer(2), "line 3");
    let detail = &details(&loaded)[4];
    assert_eq!(detail.locations[0].context.as_ref().map(|(line, _)| *line), Some(5));
    let page = loaded.backlog.rules[4].help_uri.as_deref().unwrap();
    assert!(page.starts_with("https://rust-lang.github.io/rust-clippy/") && page.ends_with("#ptr_arg"), "{page}");
}
