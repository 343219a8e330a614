//! Reports in a scanner's own format, rewritten at load into SARIF 2.1.0 text. What comes after, from rows to
//! fixes, knows SARIF alone. Each format is one file: what is read of it, leniently, and what is written for it.

mod bandit;
mod cargo_audit;
mod eslint;
mod gitleaks;
mod grype;
mod lock;
mod npm_audit;
pub(super) mod original;
mod pip_audit;
mod ruff;
mod rustc;
mod sarif_1;
mod semgrep;
mod trace;
mod trivy;
pub(super) mod words;
mod write;

use crate::model::problem::Loss;
use crate::repo::Repo;

use super::notes::Notes;
use super::repair::Flaw;
use original::{Look, Original, starts};
use write::{Log, finish};

pub(super) use write::Pointers;

/// One format.
pub struct Format {
    /// What people call it.
    pub name: &'static str,
    /// How the tool is told to write it, in Markdown.
    pub made_by: &'static str,
    /// What it carries that the tool's SARIF does not.
    pub more: &'static str,
    /// Signs of [`Look`]: all of one of these groups are there.
    signs: &'static [&'static [&'static str]],
    /// Brackets that are open around a result.
    depth: usize,
    read: fn(&mut Original<'_>, &Repo) -> Vec<Log>,
}

/// All formats. The first whose signs are there is meant.
pub const FORMATS: &[Format] = &[
    Format {
        name: "Bandit",
        made_by: "`bandit -f json`",
        more: "nothing; it needs no `bandit[sarif]`",
        signs: &[&["{", "metrics", "generated_at"], &["{", "results", ".test_id"]],
        depth: 2,
        read: bandit::read,
    },
    Format {
        name: "Semgrep",
        made_by: "`semgrep scan --json`",
        more: "exact fixes without `--autofix`, confidence, the engine",
        signs: &[&["{", "results", "errors", "paths"], &["{", "results", ".check_id"]],
        depth: 2,
        read: semgrep::read,
    },
    Format {
        name: "Ruff",
        made_by: "`ruff check --output-format json`",
        more: "safe and unsafe fixes told apart, the line for `noqa`",
        signs: &[&["[", ".filename", ".location", ".end_location"]],
        depth: 1,
        read: ruff::read,
    },
    Format {
        name: "ESLint",
        made_by: "`eslint -f json`",
        more: "fixes and suggestions, the file that was scanned",
        signs: &[&["[", ".filePath", ".messages"]],
        depth: 3,
        read: eslint::read,
    },
    Format {
        name: "Clippy, rustc",
        made_by: "`cargo clippy --message-format json`",
        more: "fixes with their applicability, lines of code, notes",
        signs: &[&["{", "reason", "package_id"], &["{", "reason", "success"], &["{", "$message_type"]],
        depth: 0,
        read: rustc::read,
    },
    Format {
        name: "Gitleaks",
        made_by: "`gitleaks git -f json`",
        more: "nothing; names and e-mail addresses are left out",
        signs: &[&["[", ".RuleID", ".Secret"], &["[", ".RuleID", ".StartLine"]],
        depth: 1,
        read: gitleaks::read,
    },
    Format {
        name: "Trivy",
        made_by: "`trivy fs -f json`",
        more: "package URLs, CWE, fixed versions, what was ignored and why",
        signs: &[&["{", "SchemaVersion", "ArtifactName"]],
        depth: 4,
        read: trivy::read,
    },
    Format {
        name: "Grype",
        made_by: "`grype -o json`",
        more: "package URLs, aliases, fixed versions, EPSS and KEV, what was ignored",
        signs: &[&["{", "matches", ".vulnerability", ".artifact"], &["{", "matches", "descriptor"]],
        depth: 2,
        read: grype::read,
    },
    Format {
        name: "npm audit",
        made_by: "`npm audit --json`",
        more: "there is none; lines of the lock file",
        signs: &[&["{", "auditReportVersion"], &["{", "advisories", "metadata"]],
        depth: 2,
        read: npm_audit::read,
    },
    Format {
        name: "pip-audit",
        made_by: "`pip-audit -f json`",
        more: "there is none; lines of the lock file",
        signs: &[&["{", "dependencies", "fixes"], &["{", "dependencies", ".vulns"], &["[", ".vulns", ".version"]],
        depth: 4,
        read: pip_audit::read,
    },
    Format {
        name: "cargo audit",
        made_by: "`cargo audit --json`",
        more: "lines of the lock file, patched versions",
        signs: &[&["{", "vulnerabilities", "lockfile", "database"]],
        depth: 3,
        read: cargo_audit::read,
    },
    Format {
        name: "SARIF 1.0.0",
        made_by: "older tools",
        more: "nothing; its fixes are shown as advice",
        signs: &[&["{", "version=1.0.0", "runs"]],
        depth: 4,
        read: sarif_1::read,
    },
];

/// SARIF that is read in place of a report.
#[derive(Debug, Default)]
pub(super) struct Rewritten {
    pub(super) sarif: Vec<u8>,
    /// Whether the end was missing.
    pub(super) is_cut: bool,
    /// Where the results of each run stand in the original.
    pub(super) pointers: Vec<Pointers>,
}

/// A log without a run.
const NOTHING: &[u8] = br#"{"version": "2.1.0", "runs": []}"#;

/// The SARIF of a report in another format, with a note of what was wrong with it; `None` for any other text.
pub(super) fn rewrite(text: &[u8], repo: &Repo, notes: &mut Notes) -> Option<Rewritten> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if text.trim_ascii() == b"[]" {
        notes.at("", "an empty list: its scanner found nothing, and does not say who it is", "", Loss::Nothing);
        return Some(Rewritten { sarif: NOTHING.to_vec(), ..Rewritten::default() });
    }
    let (start, format) = starts(text).find_map(|start| Some((start, format_of(text.get(start..)?)?)))?;
    let mut original = Original::new(text.get(start..)?, format.depth);
    let (sarif, pointers) = finish((format.read)(&mut original, repo)).ok()?;
    if start > 0 {
        notes.at("byte 0", "text that does not belong to the report was skipped", "", Loss::Nothing);
    }
    let is_cut = original.flaws.contains(&Flaw::Cut);
    for flaw in &original.flaws {
        let (hint, loss) = match flaw {
            Flaw::Cut => ("results up to there were read; make the report again", Loss::File),
            other if other.is_loss() => ("make the report again", Loss::Result),
            _ => ("", Loss::Nothing),
        };
        notes.at("", flaw.words(), hint, loss);
    }
    Some(Rewritten { sarif, is_cut, pointers })
}

/// Whether a text starts as a report of one of the formats does.
pub(super) fn is_known(start: &[u8]) -> bool {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    starts(text).take(1).any(|start| text.get(start..).and_then(format_of).is_some())
}

/// The format of a text that starts with a bracket.
fn format_of(text: &[u8]) -> Option<&'static Format> {
    let look = Look::of(text);
    let is_meant = |format: &&Format| format.signs.iter().any(|group| group.iter().all(|sign| look.has(sign)));
    let is_current = look.has("runs") && !look.has("version=1.0.0");
    if is_current { None } else { FORMATS.iter().find(is_meant) }
}
