//! Evidence: files that say whether code is called, executed, loaded, exposed or exploited, read into statements. Each
//! format is one file: what is read of it, leniently, and what its words mean. What is joined with what, and what
//! follows, is not known here.

mod csaf;
mod cyclonedx;
mod draft;
mod govulncheck;
mod grype;
mod kev;
mod openvex;
mod osv_scanner;
mod snyk;
mod spdx;
mod trivy;
mod vex;
mod vex_index;
mod words;

use crate::model::evidence::Evidence;
use crate::model::problem::Loss;
use crate::repo::locate::Locator;

use super::native::{
    self,
    original::{Look, Original, starts},
};
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
        name: "Trivy",
        made_by: "`trivy fs -f json`, with `--vex` and `--show-suppressed`",
        unit: "an applied VEX",
        signs: &[&["{", "SchemaVersion", "ArtifactName"]],
        is_text: no_text,
        depth: 4,
        read: trivy::read,
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
    if native::FORMATS.iter().any(|report| report.name == format.name) {
        // It is read as a report as well, which says what is wrong with it.
        return Some(draft.finish(notes));
    }
    if draft.is_silent() {
        draft.odd("", Oddity::harmless("nothing in it says what is called, exposed or exploited", ""));
    }
    let evidence = draft.finish(notes);
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

/// Whether a text starts as evidence does.
pub(super) fn is_known(start: &[u8]) -> bool {
    format_of(start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start)).is_some()
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
