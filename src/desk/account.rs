//! What a fix is about, for those who read of it elsewhere: in a commit, in a pull request, in the undo log.

use crate::model::board::Board;
use crate::model::grade::Severity;
use crate::model::id::FindingId;
use crate::model::plan::{FixState, Plan, PlannedFix};
use crate::repo::log::Part;

/// A fix with its first finding. All of it comes from reports: it is text, never markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// All findings that it is for.
    pub findings: Vec<FindingId>,
    /// Rule of the first finding; empty for a fix that belongs to none.
    pub rule: String,
    pub severity: Option<Severity>,
    pub tool: String,
    /// What it does, in its source's words. These could carry a secret, so they are left out where the finding is one.
    pub title: String,
    /// The files that it changes.
    pub files: Vec<String>,
    /// Where the first finding is; without one, the first line that changes. 0 is "not stated".
    pub path: String,
    pub line: u32,
}

impl Account {
    pub fn of(board: &Board, fix: &PlannedFix) -> Self {
        let backlog = &board.backlog;
        let finding = fix.finding.and_then(|id| backlog.find(id));
        let lead = finding.map(|finding| backlog.lead(finding));
        let first = fix.diffs.first();
        let changed =
            first.and_then(|diff| diff.hunks.first()?.lines.iter().find(|line| line.old == 0 || line.new == 0));
        let path = lead.map(|lead| backlog.path(lead)).filter(|path| !path.is_empty());
        let path = path.or(first.map(|diff| diff.path.as_str())).or(fix.files.first().map(String::as_str));
        Self {
            findings: fix.findings().collect(),
            rule: lead.map(|lead| backlog.rule(lead).id.clone()).unwrap_or_default(),
            severity: finding.map(|finding| backlog.finding(finding).severity),
            tool: fix.tool.clone(),
            title: if finding.is_some_and(|finding| backlog.is_secret(finding)) {
                "remove the secret".to_owned()
            } else {
                fix.title.split_whitespace().collect::<Vec<_>>().join(" ")
            },
            files: fix.files.clone(),
            path: path.unwrap_or_default().to_owned(),
            line: lead.map(|lead| lead.line).or(changed.map(|line| line.old.max(line.new))).unwrap_or_default(),
        }
    }

    /// `src/run.py:12`.
    pub fn place(&self) -> String {
        if self.line > 0 { format!("{}:{}", self.path, self.line) } else { self.path.clone() }
    }
}

/// Which results the fixes of a plan are for, and in which files.
pub(super) fn parts(board: &Board, plan: &Plan) -> Vec<Part> {
    let backlog = &board.backlog;
    let results = |fix: &PlannedFix| {
        let findings = fix.findings().filter_map(|id| backlog.find(id));
        findings
            .flat_map(|finding| backlog.members(finding))
            .map(|&result| backlog.record(result).id.to_string())
            .collect()
    };
    let written = plan.in_state(FixState::WillWrite).filter(|fix| fix.findings().next().is_some());
    written.map(|fix| Part { files: fix.files.clone(), results: results(fix) }).collect()
}

/// Commits that follow each other, oldest first, as git and people write them: `3f2a91c04d`, `3f2a91c04d^..80b1c2d9ee`.
/// Empty for none.
pub fn commit_range(commits: &[String]) -> String {
    let short = |id: &String| id.chars().take(10).collect::<String>();
    match commits {
        [] => String::new(),
        [only] => short(only),
        [first, .., last] => format!("{}^..{}", short(first), short(last)),
    }
}
