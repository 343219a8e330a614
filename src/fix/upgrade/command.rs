//! The command that brings a lock file up to date, as words for a person. Quell runs none of them.

use crate::repo::Repo;

use super::ecosystem::Ecosystem;

/// A lock file with the commands for a package that its manifest asks for, and for one that another package brings in.
/// `{}` is the name, `{v}` the version.
struct Lock {
    ecosystem: Ecosystem,
    file: &'static str,
    direct: &'static str,
    brought_in: &'static str,
}

/// The first of an ecosystem that is in the folder counts; an empty name is always there.
const LOCKS: &[Lock] = &[
    lock(Ecosystem::Npm, "package-lock.json", "npm install", "npm update {}"),
    lock(Ecosystem::Npm, "npm-shrinkwrap.json", "npm install", "npm update {}"),
    lock(Ecosystem::Npm, "yarn.lock", "yarn install", ""),
    lock(Ecosystem::Npm, "pnpm-lock.yaml", "pnpm install", "pnpm update {}"),
    lock(Ecosystem::Npm, "bun.lock", "bun install", "bun update {}"),
    lock(Ecosystem::Npm, "", "npm install", ""),
    lock(Ecosystem::Cargo, "", "cargo update -p {} --precise {v}", "cargo update -p {} --precise {v}"),
    lock(Ecosystem::Go, "", "go mod tidy", "go get {}@v{v} && go mod tidy"),
    lock(Ecosystem::PyPi, "poetry.lock", "poetry lock", "poetry update {}"),
    lock(Ecosystem::PyPi, "uv.lock", "uv lock", "uv lock --upgrade-package {}=={v}"),
    lock(Ecosystem::PyPi, "pdm.lock", "pdm lock", "pdm update {}"),
    lock(Ecosystem::Gem, "Gemfile.lock", "bundle install", "bundle update {} --conservative"),
];

const fn lock(ecosystem: Ecosystem, file: &'static str, direct: &'static str, brought_in: &'static str) -> Lock {
    Lock { ecosystem, file, direct, brought_in }
}

/// How the package stands in the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Direct,
    BroughtIn,
}

/// The command to run in the folder of a manifest; `None` where there is nothing to bring up to date, or nobody knows
/// how. Name and version are known to be plain.
pub(super) fn command(
    repo: &Repo,
    (ecosystem, manifest): (Ecosystem, &str),
    (name, version): (&str, &str),
    standing: Standing,
) -> Option<String> {
    let folder = manifest.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let is_there = |lock: &&Lock| {
        lock.ecosystem == ecosystem
            && (lock.file.is_empty() || repo.file_state(&format!("{folder}{}", lock.file)).is_ok())
    };
    let lock = LOCKS.iter().find(is_there)?;
    let words = match standing {
        Standing::Direct => lock.direct,
        Standing::BroughtIn => lock.brought_in,
    };
    let version = version.strip_prefix('v').unwrap_or(version);
    let quoted = |word: &str| match word {
        "&&" => "&&".to_owned(),
        word => shell_words::quote(&word.replace("{v}", version).replace("{}", name)).into_owned(),
    };
    let command = words.split_whitespace().map(quoted).collect::<Vec<String>>().join(" ");
    Some(command).filter(|command| !command.is_empty())
}
