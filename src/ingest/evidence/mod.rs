//! Evidence: files that say whether code is called, executed, loaded, exposed or exploited, read into statements. Each
//! format is one file: what is read of it, leniently, and what its words mean. What is joined with what, and what
//! follows, is not known here.

mod atom;
mod coverage;
mod csaf;
mod cyclonedx;
mod dosai;
mod draft;
mod endor;
mod entry;
mod epss;
mod events;
mod falco;
mod govulncheck;
mod grype;
mod hubble;
mod jfrog;
mod kev;
mod kubernetes;
mod kubescape;
mod nuclei;
mod openvex;
mod osv_scanner;
mod pointer;
mod purl;
mod route;
mod sast_triage;
mod semgrep;
mod snyk;
mod socket;
mod spdx;
mod tetragon;
mod trivy;
mod trufflehog;
mod unread;
mod vex;
mod vex_index;
mod words;
mod xml;
mod zap;

use crate::model::evidence::Evidence;
use crate::model::problem::Loss;
use crate::repo::locate::Locator;

pub use vex::generator as vex_generator;

use super::native;
use super::native::original::{Look, Original, starts};
use super::notes::{Notes, Oddity};
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

/// All formats, by their names. The first whose signs are there is meant, and no text should have those of two.
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
        name: "CSAF",
        made_by: "vendors; `depscan --csaf`",
        unit: "a vulnerability with a product",
        signs: &[&["{", "document.csaf_version"]],
        is_text: no_text,
        depth: 2,
        read: csaf::read,
    },
    Format {
        name: "CycloneDX",
        made_by: "`cdxgen --evidence`, `depscan`, vendors; VEX, VDR and SBOM",
        unit: "a verdict on a component, a use of one, a service",
        signs: &[&["{", "bomFormat=CycloneDX"]],
        is_text: no_text,
        depth: 2,
        read: cyclonedx::read,
    },
    Format {
        name: "CycloneDX",
        made_by: "as XML: recognised, not read",
        unit: "nothing",
        signs: &[],
        is_text: cyclonedx::is_xml,
        depth: 0,
        read: cyclonedx::read_xml,
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
        made_by: "`json_output: true`; a rule that names an advisory saw it exploited",
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
        name: "govulncheck",
        made_by: "`govulncheck -format json ./...`",
        unit: "a finding",
        signs: &[&["{", "config.protocol_version"]],
        is_text: no_text,
        depth: 0,
        read: govulncheck::read,
    },
    Format {
        name: "Grype",
        made_by: "`grype -o json`",
        unit: "a known exploitation, an applied VEX",
        signs: &[&["{", "matches", ".vulnerability", ".artifact"], &["{", "matches", "descriptor"]],
        is_text: no_text,
        depth: 2,
        read: grype::read,
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
        name: kubernetes::NAME,
        made_by: "`kubectl get … -o yaml` or `-o json`, `helm template`, `kustomize build`",
        unit: "nothing: it is for the exposure graph",
        // A list that is cut off has no kind.
        signs: &[&["{", "apiVersion", "kind"], &["{", "apiVersion", "items"]],
        is_text: kubernetes::is_manifest,
        depth: 2,
        read: kubernetes::read,
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
        name: "OpenVEX",
        made_by: "`vexctl`, `govulncheck -format openvex ./...`, vendors",
        unit: "a statement with a product and a component",
        signs: &[&["{", "@context", "statements"], &["{", "context", "author", "statements"]],
        is_text: no_text,
        depth: 2,
        read: openvex::read,
    },
    Format {
        name: "OSV-Scanner",
        made_by: "`osv-scanner scan source --call-analysis=all --format json`",
        unit: "a group of ids of a package",
        signs: &[&["{", "results", ".packages"], &["{", "results", "experimental_config"]],
        is_text: no_text,
        depth: 4,
        read: osv_scanner::read,
    },
    Format {
        name: "OSV-Scanner",
        made_by: "its packages as a bare list",
        unit: "a group of ids of a package",
        signs: &[&["[", ".package", ".groups"]],
        is_text: no_text,
        depth: 1,
        read: osv_scanner::read_list,
    },
    Format {
        name: "sast-triage",
        made_by: "`sast-triage`: the verdicts of models in `.sast-triage/cache.json`",
        unit: "nothing: they are proposals",
        signs: &[],
        is_text: sast_triage::is_cache,
        depth: 2,
        read: sast_triage::read,
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
        name: "Snyk",
        made_by: "`snyk test --json`",
        unit: "a vulnerability with a word on reachability",
        signs: &[&["{", "vulnerabilities", "dependencyCount"]],
        is_text: no_text,
        depth: 2,
        read: snyk::read,
    },
    Format {
        name: "Snyk",
        made_by: "`snyk test --all-projects --json`",
        unit: "a vulnerability with a word on reachability",
        signs: &[&["[", ".vulnerabilities", ".dependencyCount"]],
        is_text: no_text,
        depth: 3,
        read: snyk::read_list,
    },
    Format {
        name: "Snyk",
        made_by: "issues and findings of its API",
        unit: "a place with a word on reachability",
        signs: &[&["{", "jsonapi", ".type=issue"], &["{", "jsonapi", ".type=findings"]],
        is_text: no_text,
        depth: 2,
        read: snyk::read_page,
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
        name: "SPDX",
        made_by: "version 3 with its security profile; version 2 lists packages and states nothing",
        unit: "a VEX assessment of a product",
        signs: &[
            &["{", "spdxVersion"],
            &["{", "@context", "@graph", ".spdxId"],
            &["{", "@context", "@graph", ".specVersion"],
        ],
        is_text: no_text,
        depth: 2,
        read: spdx::read,
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
        name: "Trivy",
        made_by: "`trivy fs -f json`, with `--vex` and `--show-suppressed`",
        unit: "an applied VEX",
        signs: &[&["{", "SchemaVersion", "ArtifactName"]],
        is_text: no_text,
        depth: 4,
        read: trivy::read,
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
        name: "VEX repository",
        made_by: "its `index.json` and `vex-repository.json`: recognised; name its documents",
        unit: "nothing",
        signs: &[
            &["{", "packages", ".ID", ".Location"],
            &["{", "packages", ".id", ".location"],
            &["{", "versions", "latest_version"],
        ],
        is_text: no_text,
        depth: 2,
        read: vex_index::read,
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
    let is_report = native::is_known(text);
    if !is_report && draft.is_silent() {
        draft.odd("", Oddity::harmless("nothing in it says what is called, exposed or exploited", ""));
    }
    let evidence = draft.finish(notes);
    if is_report {
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
