//! An upgrade as an ordinary proposal: byte edits on the manifest as it is, to be planned, previewed, written and
//! undone like any other. What cannot be edited is advice with its reason.

use crate::fix::lines::Text;
use crate::fix::read::fix_id;
use crate::fix::tree::sha256;
use crate::model::backlog::MadeBy;
use crate::model::detail::Region;
use crate::model::fix::{Applicability, ColumnUnit, FileEdit, Proposal, ProposalSource, TextEdit};
use crate::model::id::FindingId;
use crate::model::text::visible;
use crate::repo::Repo;

use super::choose::{Chosen, Claim, choose};
use super::command::{Standing, command};
use super::ecosystem::{Ecosystem, manifest_of};
use super::manifest::{NotHere, find, plain};
use super::requirement::{Raised, raised};

/// What proposes an upgrade: the versions are those of the scanners, the edit is not.
const TOOL: &str = "Quell";

/// A package at one place, with what scanners say of it.
#[derive(Clone, Debug)]
pub struct Need {
    /// The error says why the package cannot be upgraded here.
    pub ecosystem: Result<Ecosystem, String>,
    pub package: String,
    /// The manifest that asks for it; where none is known, the file that a report names.
    pub place: String,
    /// Findings with what they say, in the order of the list.
    pub claims: Vec<(FindingId, Claim)>,
}

/// One change of a manifest, or the reason why there is none.
#[derive(Clone, Debug)]
pub struct Upgrade {
    /// For the findings that it clears.
    pub proposal: Proposal,
    pub package: String,
    pub place: String,
    pub from: Option<String>,
    pub to: Option<String>,
    pub clears: Vec<FindingId>,
    /// Findings of the package that the version does not clear.
    pub stays: Vec<FindingId>,
    /// The command to run afterwards in the manifest's folder.
    pub then: Option<String>,
}

impl Need {
    /// A package in a file of a report, which may be its lock file.
    pub fn new(purl: Option<&str>, package: &str, path: &str) -> Self {
        let ecosystem = Ecosystem::of(purl, path);
        let beside = manifest_of(path).filter(|(of, _)| ecosystem.as_ref().is_ok_and(|known| known == of));
        let place = beside.map_or_else(|| path.to_owned(), |(_, manifest)| manifest);
        // One package has one name, however tools write it.
        let package = match ecosystem {
            Ok(Ecosystem::Maven) => package.replacen('/', ":", 1),
            Ok(Ecosystem::PyPi) => plain(package),
            Ok(_) | Err(_) => package.to_owned(),
        };
        Self { ecosystem, package, place, claims: Vec::new() }
    }

    /// The version to take. The error says why there is none.
    pub fn chosen(&self) -> Result<(Ecosystem, Chosen), String> {
        let ecosystem = self.ecosystem.clone()?;
        if !ecosystem.is_name(&self.package) {
            return Err(format!("its name is none that a package of {} can have", ecosystem.name()));
        }
        let claims: Vec<Claim> = self.claims.iter().map(|(_, claim)| claim.clone()).collect();
        Ok((ecosystem, choose(ecosystem, &claims)?))
    }

    /// What one change would do, in words.
    pub fn remedy(&self, version: Option<&str>) -> String {
        let to = version.map(|version| format!(" to {version}")).unwrap_or_default();
        let place = if self.place.contains('/') { format!(" in {}", self.place) } else { String::new() };
        format!("upgrade {}{to}{place}", self.package)
    }
}

/// Looks for the version to take and for the text that asks for the package.
pub fn upgrade(repo: &Repo, need: &Need) -> Upgrade {
    let (ecosystem, chosen) = match need.chosen() {
        Ok(chosen) => chosen,
        Err(why) => return undecided(need, &why),
    };
    let version = &chosen.version;
    let is_major = chosen.installed.as_ref().is_some_and(|installed| version.may_break(installed));
    let edit = edit(repo, need, ecosystem, &chosen);
    let standing = match &edit {
        Ok(_) | Err(Why::Already(_)) => Some(Standing::Direct),
        Err(Why::BroughtIn(_)) => Some(Standing::BroughtIn),
        Err(Why::Odd(_)) => None,
    };
    let command = |standing| command(repo, (ecosystem, &need.place), (&need.package, &version.text), standing);
    let then = standing.and_then(command);
    let title = format!(
        "upgrade {}{} to {}{}",
        need.package,
        chosen.installed.as_ref().map(|from| format!(" from {}", from.text)).unwrap_or_default(),
        version.text,
        if is_major { ", which may break what uses it" } else { "" }
    );
    let (cleared, left): (Vec<_>, Vec<_>) = need.claims.iter().zip(&chosen.clears).partition(|(_, clears)| **clears);
    let ids = |part: Vec<(&(FindingId, Claim), &bool)>| part.into_iter().map(|((id, _), _)| *id).collect::<Vec<_>>();
    let (clears, stays) = (ids(cleared), ids(left));
    let proposal = match edit {
        Ok(edit) => {
            let applicability = if is_major { Applicability::Unsafe } else { Applicability::Safe };
            Proposal { applicability, edits: vec![edit], ..advice(need, &title, &clears, Vec::new()) }
        }
        Err(Why::BroughtIn(why) | Why::Already(why) | Why::Odd(why)) => advice(need, &title, &clears, vec![why]),
    };
    Upgrade {
        proposal: Proposal { id: fix_id(&title, &proposal.edits), ..proposal },
        package: need.package.clone(),
        place: need.place.clone(),
        from: chosen.installed.as_ref().map(|from| from.text.clone()),
        to: Some(version.text.clone()),
        clears,
        stays,
        then,
    }
}

/// An upgrade without a version.
fn undecided(need: &Need, why: &str) -> Upgrade {
    let findings: Vec<FindingId> = need.claims.iter().map(|(id, _)| *id).collect();
    let why = format!("{}: {}: {why}", visible(&need.place), visible(&need.package));
    Upgrade {
        proposal: advice(need, &need.remedy(None), &findings, vec![why]),
        package: need.package.clone(),
        place: need.place.clone(),
        from: None,
        to: None,
        clears: Vec::new(),
        stays: findings,
        then: None,
    }
}

fn advice(need: &Need, title: &str, findings: &[FindingId], warnings: Vec<String>) -> Proposal {
    Proposal {
        id: fix_id(&format!("{title} {}", need.place), &[]),
        finding: findings.first().copied(),
        also: findings.iter().skip(1).copied().collect(),
        source: ProposalSource {
            tool: TOOL.to_owned(),
            family: TOOL.to_lowercase(),
            file: need.place.clone(),
            pointer: need.package.clone(),
            made: None,
            made_by: MadeBy::Written,
            revision: None,
        },
        title: title.to_owned(),
        message: String::new(),
        applicability: Applicability::Advice,
        alternative: 0,
        edits: Vec::new(),
        warnings,
    }
}

/// Why a manifest is not edited.
enum Why {
    /// It does not ask for the package.
    BroughtIn(String),
    /// It asks for the version, or for a later one.
    Already(String),
    Odd(String),
}

/// The edit that makes a manifest ask for a version, on the bytes that the manifest has now.
fn edit(repo: &Repo, need: &Need, ecosystem: Ecosystem, chosen: &Chosen) -> Result<FileEdit, Why> {
    let path = need.place.as_str();
    let package = visible(&need.package);
    let odd = |why: String| Why::Odd(format!("{}: {package}: {why}; change it by hand", visible(path)));
    if manifest_of(path).is_none_or(|(_, manifest)| manifest != path) {
        return Err(odd("this is no manifest that Quell edits".to_owned()));
    }
    let bytes = repo.read(path).map_err(|error| odd(error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| odd("it is not UTF-8".to_owned()))?;
    let literals = find(path, text, ecosystem, &need.package).map_err(|why| match why {
        NotHere::Unnamed => Why::BroughtIn(format!("{path} does not ask for {package}: another package brings it in")),
        NotHere::Odd(why) => odd(why),
    })?;
    let lines = Text::new(bytes.as_slice());
    let mut edits = Vec::new();
    for literal in literals {
        let start = literal.span.start;
        let asked = text.get(literal.span).unwrap_or_default();
        let Raised::Edit(span, insert) = raised(literal.style, asked, &chosen.version).map_err(odd)? else { continue };
        let offset = start + span.start;
        let region = Region {
            line: u32::try_from(lines.line_at(offset) + 1).unwrap_or(u32::MAX),
            byte_span: Some((offset as u64, span.len() as u64)),
            ..Region::default()
        };
        edits.push(TextEdit { region, unit: Some(ColumnUnit::Byte), insert });
    }
    if edits.is_empty() {
        return Err(Why::Already(format!(
            "{path} asks for {package} {} already, only what is installed is older",
            chosen.version.text
        )));
    }
    Ok(FileEdit { path: path.to_owned(), in_repo: true, sha256: Some(sha256(&bytes)), edits, ..FileEdit::default() })
}
