//! Evidence: files that say whether code is called, executed, loaded, exposed or exploited, read into statements. Each
//! format is one file: what is read of it, leniently, and what its words mean. What is joined with what, and what
//! follows, is not known here.

mod draft;
mod kev;
mod kubernetes;
mod kubescape;

use crate::model::evidence::Evidence;
use crate::model::problem::Loss;
use crate::repo::locate::Locator;

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
