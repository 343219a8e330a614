//! Evidence: files that say whether code is called, executed, loaded, exposed or exploited, read into statements. Each
//! format is one file: what is read of it, leniently, and what its words mean. What is joined with what, and what
//! follows, is not known here.

mod atom;
mod coverage;
mod dosai;
mod draft;
mod endor;
mod entry;
mod epss;
mod events;
mod falco;
mod hubble;
mod jfrog;
mod kev;
mod kubernetes;
mod kubescape;
mod nuclei;
mod pointer;
mod purl;
mod route;
mod semgrep;
mod socket;
mod tetragon;
mod trufflehog;
mod unread;
mod xml;
mod zap;

use crate::model::evidence::Evidence;
use crate::model::problem::Loss;
use crate::repo::locate::Locator;

use super::native;
use super::native::original::{Look, Original, starts};
use super::notes::Notes;
use super::repair::Flaw;
use draft::Draft;

/// One format.
pub struct Format {
    /// What people call it.
    pub name: &'static str,
    /// How it is made, in Markdown.
    pub made_by: &'static str,
    /// What is counted as one statement.
    pub unit: &'static str,
    /// Signs of a JSON text (see [`Look`]): all of one of these groups are there.
    signs: &'static [&'static [&'static str]],
    /// Whether a text that is no JSON is of this format, by its first 64 KiB.
    is_text: fn(&str) -> bool,
    /// Brackets that are open around a statement in JSON: of a file that is cut off, what is whole is kept.
    depth: usize,
    read: fn(&mut Original<'_>, &mut Draft<'_>),
}

/// All formats. The first whose signs are there is meant.
pub const FORMATS: &[Format] = &[
    Format {
        name: "atom",
        made_by: "`atom reachables`, golem, rusi, dep-scan",
        unit: "a package and where its paths start",
        signs: &[&["[", ".flows", ".purls"]],
        is_text: no_text,
        depth: 1,
        read: atom::read,
    },
    Format {
        name: "atom usages",
        made_by: "`atom usages`",
        unit: "nothing yet",
        signs: &[&["{", "objectSlices"]],
        is_text: no_text,
        depth: 2,
        read: unread::read,
    },
    Format {
        name: "Cobertura",
        made_by: "`coverage xml`, coverlet, gcovr, PHPUnit, `c8 -r cobertura`",
        unit: "a run of lines",
        signs: &[],
        is_text: coverage::cobertura::is_text,
        depth: 0,
        read: coverage::cobertura::read,
    },
    Format {
        name: "coverage.py",
        made_by: "`coverage json`",
        unit: "a run of lines",
        signs: &[&["{", "meta", "files"]],
        is_text: no_text,
        depth: 2,
        read: coverage::coverage_py::read,
    },
    Format {
        name: "dosai",
        made_by: "`dosai dataflows`",
        unit: "a package",
        signs: &[&["{", "Metadata", "PackageReachability"], &["{", "Metadata", "Nodes", ".IsSource"]],
        is_text: no_text,
        depth: 2,
        read: dosai::read,
    },
    Format {
        name: "Endor Labs",
        made_by: "`endorctl api list --resource Finding`",
        unit: "a finding",
        signs: &[],
        is_text: endor::is_text,
        depth: 3,
        read: endor::read,
    },
    Format {
        name: "EPSS",
        made_by: "the daily scores, `epss_scores-current.csv`, also `.gz`",
        unit: "a line",
        signs: &[],
        is_text: epss::is_csv,
        depth: 0,
        read: epss::read,
    },
    Format {
        name: "Falco",
        made_by: "`json_output: true`",
        unit: "a line",
        signs: &[&["{", "rule", "priority", "output"], &["{", "rule", "priority", "output_fields"]],
        is_text: no_text,
        depth: 0,
        read: falco::read,
    },
    Format {
        name: "Go cover",
        made_by: "`go test -coverprofile`, `go tool covdata textfmt`",
        unit: "a run of lines",
        signs: &[],
        is_text: coverage::go::is_text,
        depth: 0,
        read: coverage::go::read,
    },
    Format {
        name: "Hubble",
        made_by: "`hubble observe -o json`",
        unit: "a port that is reached from outside",
        signs: &[&["{", "flow", "time"], &["{", "flow", "node_name"]],
        is_text: no_text,
        depth: 0,
        read: hubble::read,
    },
    Format {
        name: "JaCoCo",
        made_by: "`jacoco:report`, `jacococli report --xml`",
        unit: "a run of lines",
        signs: &[],
        is_text: coverage::jacoco::is_text,
        depth: 0,
        read: coverage::jacoco::read,
    },
    Format {
        name: "JFrog",
        made_by: "`jf audit --format simple-json`",
        unit: "a CVE of a package, a secret",
        signs: &[&["{", "vulnerabilities", ".impactedPackageName"], &["{", "vulnerabilities", "securityViolations"]],
        is_text: no_text,
        depth: 2,
        read: jfrog::read,
    },
    Format {
        name: "JFrog Xray",
        made_by: "a vulnerabilities report of Xray",
        unit: "a CVE of a package",
        signs: &[&["{", "rows", ".vulnerable_component"]],
        is_text: no_text,
        depth: 2,
        read: jfrog::read_xray,
    },
    Format {
        name: "KEV",
        made_by: "the catalogue of CISA, `known_exploited_vulnerabilities.json`",
        unit: "a vulnerability",
        signs: &[&["{", "catalogVersion", "vulnerabilities"]],
        is_text: no_text,
        depth: 2,
        read: kev::read_json,
    },
    Format {
        name: "KEV",
        made_by: "the catalogue of CISA as CSV",
        unit: "a line",
        signs: &[],
        is_text: kev::is_csv,
        depth: 0,
        read: kev::read_csv,
    },
    Format {
        name: "lcov",
        made_by: "`lcov`, `geninfo`, `c8 -r lcov`, `coverage lcov`",
        unit: "a run of lines",
        signs: &[],
        is_text: coverage::lcov::is_text,
        depth: 0,
        read: coverage::lcov::read,
    },
    Format {
        name: "Nuclei",
        made_by: "`nuclei -jsonl`, `-json-export`",
        unit: "a match",
        signs: &[&["{", "template-id"], &["[", ".template-id"]],
        is_text: no_text,
        depth: 1,
        read: nuclei::read,
    },
    Format {
        name: "Semgrep",
        made_by: "`semgrep ci --json`",
        unit: "a result with `sca_info`",
        signs: &[&["{", "results", "errors", "paths"], &["{", "results", ".check_id"], &["{", "findings", ".check_id"]],
        is_text: no_text,
        depth: 2,
        read: semgrep::read,
    },
    Format {
        name: "Semgrep deployments",
        made_by: "the API of Semgrep AppSec Platform",
        unit: "a vulnerability",
        signs: &[&["{", "vulns", ".advisory"]],
        is_text: no_text,
        depth: 2,
        read: semgrep::read_deployment,
    },
    Format {
        name: "Socket",
        made_by: "`socket scan reach`, `.socket.facts.json`",
        unit: "an advisory of a package",
        signs: &[&["{", "components", "tier1ReachabilityScanId"], &["{", "components", ".direct", ".dead"]],
        is_text: no_text,
        depth: 4,
        read: socket::read,
    },
    Format {
        name: "Tetragon",
        made_by: "`tetra getevents -o json`",
        unit: "a binary of a container",
        signs: &[&["{", "process_exec"], &["{", "process_listen"]],
        is_text: no_text,
        depth: 0,
        read: tetragon::read,
    },
    Format {
        name: "TruffleHog",
        made_by: "`trufflehog --json`",
        unit: "a secret",
        signs: &[&["{", "SourceMetadata", "DetectorName"], &["[", ".SourceMetadata", ".DetectorName"]],
        is_text: no_text,
        depth: 1,
        read: trufflehog::read,
    },
    Format {
        name: "V8",
        made_by: "`NODE_V8_COVERAGE`",
        unit: "a run of lines",
        signs: &[&["{", "result", ".scriptId", ".functions"], &["{", "result", ".url", ".functions"]],
        is_text: no_text,
        depth: 2,
        read: coverage::v8::read,
    },
    Format {
        name: "Xygeni",
        made_by: "`xygeni deps`",
        unit: "nothing yet",
        signs: &[&["{", "projectName", "statistics", "dependencies"]],
        is_text: no_text,
        depth: 2,
        read: unread::read,
    },
    Format {
        name: "ZAP",
        made_by: "the traditional JSON report",
        unit: "an alert at an address",
        signs: &[&["{", "@version", "site"], &["{", "site", ".alerts"]],
        is_text: no_text,
        depth: 6,
        read: zap::read_json,
    },
    Format {
        name: "ZAP",
        made_by: "the traditional XML report",
        unit: "an alert at an address",
        signs: &[],
        is_text: zap::is_xml,
        depth: 0,
        read: zap::read_xml,
    },
    Format {
        name: "Kubescape",
        made_by: "`kubectl get openvulnerabilityexchangecontainers -A -o yaml`",
        unit: "a product of a statement",
        signs: &[],
        is_text: kubescape::is_kubescape,
        depth: 0,
        read: kubescape::read,
    },
    Format {
        name: kubernetes::NAME,
        made_by: "`kubectl get … -o yaml` or `-o json`, `helm template`, `kustomize build`",
        unit: "nothing: it is for the exposure graph",
        signs: &[&["{", "apiVersion", "kind"]],
        is_text: kubernetes::is_manifest,
        depth: 2,
        read: kubernetes::read,
    },
];

/// For formats that are JSON.
fn no_text(_: &str) -> bool {
    false
}

/// How much of a text is looked at to tell what it is.
const LOOKED_AT: usize = 64 << 10;

/// What a file of evidence says; `None` for any other text. `name` is how the user calls it.
pub(super) fn read(text: &[u8], name: &str, locator: &mut Locator, notes: &mut Notes) -> Option<Evidence> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let (start, format) = format_of(text)?;
    let mut original = Original::new(text.get(start..)?, format.depth);
    let mut draft = Draft::new(name, format.name, locator);
    (format.read)(&mut original, &mut draft);
    let evidence = draft.finish(notes);
    if native::is_known(text) {
        // It is read as a report as well, which says what is wrong with it.
        return Some(evidence).filter(|evidence| !evidence.statements.is_empty() || !evidence.intel.is_empty());
    }
    if start > 0 {
        notes.at("byte 0", "text that does not belong to the evidence was skipped", "", Loss::Nothing);
    }
    for flaw in &original.flaws {
        let (hint, loss) = match flaw {
            Flaw::Cut => ("statements up to there were read; make the file again", Loss::File),
            other if other.is_loss() => ("make the file again", Loss::Result),
            _ => ("", Loss::Nothing),
        };
        notes.at("", flaw.words(), hint, loss);
    }
    Some(evidence)
}

/// Whether a text starts as evidence does. Manifests are files of the tree, which the exposure graph reads anyway; a
/// dump of a cluster is a report.
pub(super) fn is_known(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let is_report = |name: &str| name != kubernetes::NAME || kubernetes::is_dump(&String::from_utf8_lossy(start));
    format_of(start).is_some_and(|(_, format)| is_report(format.name))
}

/// Whether a text starts as a manifest does.
pub(super) fn is_manifest(start: &[u8]) -> bool {
    format_of(start).is_some_and(|(_, format)| format.name == kubernetes::NAME)
}

/// The format of a text, and where it starts.
fn format_of(text: &[u8]) -> Option<(usize, &'static Format)> {
    let head = String::from_utf8_lossy(text.get(..LOOKED_AT).unwrap_or(text));
    if let Some(format) = FORMATS.iter().find(|format| (format.is_text)(&head)) {
        return Some((0, format));
    }
    starts(text).find_map(|start| {
        let look = Look::of(text.get(start..)?);
        let is_meant = |format: &&Format| format.signs.iter().any(|group| group.iter().all(|sign| look.has(sign)));
        Some((start, FORMATS.iter().find(is_meant)?))
    })
}
