//! `quell demo`: the sample project, made where the person wants it.

mod files;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::model::problem::Problem;
use crate::repo::create::{self, Commit, NewFile};

use files::{EARLIER, EVIDENCE, Embedded, HISTORY, REPORTS, SHOP};

const REPOSITORY: &str = "https://shop.example/shop.git";

/// `tests/demo/history.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    executable: Vec<String>,
    commit: Vec<CommitToml>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitToml {
    author: String,
    email: String,
    date: String,
    message: String,
    add: Vec<String>,
    #[serde(default)]
    earlier: Vec<String>,
}

/// Makes the project in a folder that is empty or not there; returns its path.
pub(super) fn make(dir: &Path) -> Result<PathBuf, Problem> {
    create::repository(dir, &commits()?, |head| {
        let all = REPORTS.iter().chain(EVIDENCE);
        all.map(|(name, bytes)| {
            let path = format!(".quell/reports/{name}");
            Ok(NewFile { path, bytes: scanned(name, bytes, head)?, is_executable: false })
        })
        .collect()
    })
}

/// A report as the scanner wrote it, with one thing added to its run: the commit it is about (SARIF 2.1.0, 3.14.10),
/// as scanners state it that run in a checkout. Fixes are placed by it, also after others have changed the file.
fn scanned(name: &str, bytes: &'static [u8], head: &str) -> Result<Cow<'static, [u8]>, Problem> {
    // What is compressed has no fixes.
    if name.rsplit_once('.').is_none_or(|(_, kind)| kind != "sarif") {
        return Ok(Cow::Borrowed(bytes));
    }
    let lost = || broken(format!("{name}: it has no run"));
    let text = std::str::from_utf8(bytes).map_err(|error| broken(format!("{name}: {error}")))?;
    let (head_of_file, runs) = text.split_once("\"runs\"").ok_or_else(lost)?;
    let (before, run) = runs.split_once('{').ok_or_else(lost)?;
    let provenance = json!([{ "repositoryUri": REPOSITORY, "revisionId": head }]);
    Ok(format!("{head_of_file}\"runs\"{before}{{\"versionControlProvenance\":{provenance},{run}").into_bytes().into())
}

fn broken(reason: String) -> Problem {
    Problem::of_file("the sample project", reason, "build Quell again")
}

fn commits() -> Result<Vec<Commit<'static>>, Problem> {
    let history: History = toml::from_str(HISTORY).map_err(|error| broken(error.to_string()))?;
    let file = |table: &[Embedded], path: &String| {
        let entry = table.iter().find(|(known, _)| known == path);
        let (_, bytes) = *entry.ok_or_else(|| broken(format!("{path} is not among the files")))?;
        let bytes = Cow::Borrowed(bytes);
        Ok(NewFile { path: path.clone(), bytes, is_executable: history.executable.contains(path) })
    };
    let commit = |one: &CommitToml| {
        let added = one.add.iter().map(|path| file(SHOP, path));
        let earlier = one.earlier.iter().map(|path| file(EARLIER, path));
        let at: Timestamp = one.date.parse().map_err(|error| broken(format!("{}: {error}", one.date)))?;
        Ok(Commit {
            author: one.author.clone(),
            email: one.email.clone(),
            at,
            offset_minutes: offset_minutes(&one.date).ok_or_else(|| broken(format!("{}: no offset", one.date)))?,
            message: one.message.trim().to_owned(),
            files: added.chain(earlier).collect::<Result<_, Problem>>()?,
        })
    };
    history.commit.iter().map(commit).collect()
}

/// Minutes east of Greenwich, of `…+02:00`.
fn offset_minutes(date: &str) -> Option<i32> {
    let at = date.len().checked_sub("+hh:mm".len())?;
    let (hours, minutes) = date.get(at..)?.split_once(':')?;
    let minutes: i32 = minutes.parse().ok()?;
    let hours: i32 = hours.parse().ok()?;
    Some(hours * 60 + if hours < 0 { -minutes } else { minutes })
}
