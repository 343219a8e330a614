//! `quell demo`: the sample project, made where the person wants it.

mod files;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::model::problem::Problem;
use crate::repo::create::{self, Commit, NewFile};

use files::{EARLIER, Embedded, HISTORY, REPORTS, SHOP};

/// Where the project goes when no DIR is named.
pub(super) const DEFAULT: &str = "quell-demo";
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
        REPORTS
            .iter()
            .map(|(name, bytes)| {
                let path = format!(".quell/reports/{name}");
                Ok(NewFile { path, bytes: scanned(name, bytes, head)?, is_executable: false })
            })
            .collect()
    })
}

/// A report that states the commit it is about, as scanners do that run in a checkout (SARIF 2.1.0, 3.14.10): fixes
/// are placed by it.
fn scanned(name: &str, bytes: &'static [u8], head: &str) -> Result<Cow<'static, [u8]>, Problem> {
    // What is compressed has no fixes.
    if name.rsplit_once('.').is_none_or(|(_, kind)| kind != "sarif") {
        return Ok(Cow::Borrowed(bytes));
    }
    let broken = |error: serde_json::Error| broken(format!("{name}: {error}"));
    let mut report: Value = serde_json::from_slice(bytes).map_err(broken)?;
    for run in report.get_mut("runs").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(run) = run.as_object_mut() {
            let provenance = json!([{ "repositoryUri": REPOSITORY, "revisionId": head }]);
            run.insert(String::from("versionControlProvenance"), provenance);
        }
    }
    serde_json::to_vec_pretty(&report).map(Cow::Owned).map_err(broken)
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
