//! Gitleaks' JSON (8, `report.Finding`). Names, e-mail addresses and commit messages of people are not taken over.

use crate::ingest::json::{Int, List, Owned, Real, lenient};
use crate::repo::Repo;

use super::original::Original;
use super::words::texts;
use super::write::{Finding, Location, Log, Region, Rule, bag, text};

lenient! {
    Leak {
        rule: Owned = "RuleID",
        description: Owned = "Description",
        start_line: Int = "StartLine",
        end_line: Int = "EndLine",
        start_column: Int = "StartColumn",
        end_column: Int = "EndColumn",
        secret: Owned = "Secret",
        file: Owned = "File",
        link: Owned = "SymlinkFile",
        commit: Owned = "Commit",
        entropy: Real = "Entropy",
        date: Owned = "Date",
        tags: List<Owned> = "Tags",
    }
}

pub(super) fn read(original: &mut Original<'_>, _: &Repo) -> Vec<Log> {
    let leaks: List<Leak> = original.document();
    let mut log = Log::new("gitleaks");
    for (index, leak) in leaks.0.into_iter().enumerate() {
        let rule = Rule {
            id: leak.rule.0.clone().unwrap_or_default(),
            short_description: text(leak.description.0.clone()),
            ..Rule::default()
        };
        log.push(rule, finding(index, leak));
    }
    vec![log]
}

fn finding(index: usize, leak: Leak) -> Finding {
    let stated = |text: Owned| text.0.filter(|text| !text.is_empty());
    let file = stated(leak.link).or(leak.file.0).unwrap_or_default();
    let commit = stated(leak.commit);
    let rule = leak.rule.0.unwrap_or_default();
    // The words of gitleaks' own SARIF, so that equal findings say the same.
    let at_commit = commit.as_ref().map(|commit| format!(" at commit {commit}")).unwrap_or_default();
    let message = format!("{rule} has detected secret for file {file}{at_commit}.");
    let region = Region::between((leak.start_line.0, leak.start_column.0), (leak.end_line.0, leak.end_column.0));
    Finding {
        pointer: format!("/{index}"),
        message: text(message),
        locations: vec![Location::new(&file).at(region.showing(leak.secret.0))],
        properties: bag([
            ("tags", texts(leak.tags.0.into_iter().filter_map(|tag| tag.0))),
            ("commit", commit.into()),
            ("date", stated(leak.date).into()),
            ("entropy", leak.entropy.0.into()),
        ]),
        ..Finding::default()
    }
}
