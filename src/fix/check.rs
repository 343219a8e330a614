//! What an edit does to a file beyond what it says: places that run code later, characters that nobody sees, a
//! document that no longer parses. It refuses nothing; it names what a person has to look at.

use serde::de::IgnoredAny;

use crate::model::text::hidden_count;

use super::edit::{ByteEdit, splice};
use super::lines::Text;

/// Why a person has to look at these edits of a file, in words without the path.
pub(super) fn doubts(path: &str, text: &Text, edits: &[ByteEdit]) -> Vec<String> {
    let mut doubts = Vec::new();
    if is_sensitive(path) {
        doubts.push("what stands in this file runs later or decides what runs".to_owned());
    }
    let hidden = hidden_added(text, edits);
    if hidden > 0 {
        let noun = if hidden == 1 { "character" } else { "characters" };
        doubts.push(format!("it adds {hidden} hidden or control {noun}"));
    }
    if edits.iter().any(|edit| !edit.insert.is_ascii()) && std::str::from_utf8(&text.bytes).is_err() {
        doubts.push("it adds UTF-8 to a file that is not UTF-8".to_owned());
    }
    doubts.extend(broken(path, text, edits));
    doubts
}

const CI_AND_TOOLS: [&str; 9] =
    [".circleci", ".buildkite", ".husky", ".githooks", ".vscode", ".idea", ".devcontainer", ".cargo", ".quell"];

const FILES_THAT_RUN: [&str; 22] = [
    "makefile",
    "gnumakefile",
    "justfile",
    "rakefile",
    "jenkinsfile",
    "build.rs",
    "setup.py",
    "conftest.py",
    ".envrc",
    ".npmrc",
    ".yarnrc.yml",
    ".pre-commit-config.yaml",
    ".travis.yml",
    ".drone.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "go.sum",
    "bun.lockb",
    "packages.lock.json",
];

fn is_sensitive(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let has_folder = |wanted: &dyn Fn(&str) -> bool| folders.split('/').any(wanted);
    let is_hook = folders.rsplit('/').next() == Some("hooks") && !name.contains('.');
    let has_ending = [".lock", ".mk"].iter().any(|ending| name.ends_with(ending));
    has_folder(&|folder| folder.starts_with(".git") || CI_AND_TOOLS.contains(&folder))
        || is_hook
        || has_ending
        || name.starts_with(".git")
        || FILES_THAT_RUN.contains(&name)
}

/// Hidden and control characters that the inserted texts have more than what they replace.
fn hidden_added(text: &Text, edits: &[ByteEdit]) -> usize {
    let count = |bytes: &[u8]| hidden_count(&String::from_utf8_lossy(bytes));
    edits.iter().map(|edit| count(&edit.insert).saturating_sub(count(edit.replaced(&text.bytes)))).sum()
}

fn broken(path: &str, text: &Text, edits: &[ByteEdit]) -> Option<String> {
    let (name, parses): (&str, fn(&[u8]) -> bool) = match extension(path).as_str() {
        "json" => ("JSON", is_json),
        "toml" => ("TOML", is_toml),
        "md" | "txt" | "rst" | "adoc" => return None,
        _ => return unbalanced(text, edits),
    };
    let is_broken = parses(&text.bytes) && !parses(&splice(&text.bytes, edits));
    is_broken.then(|| format!("the file would no longer be {name}"))
}

fn extension(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

fn is_toml(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| toml::from_str::<toml::Table>(text).is_ok())
}

/// Brackets by kind, openings less closings, and double quotes. Strings and comments are not told apart: what
/// counts is only whether a file gets further from its balance.
fn unbalanced(text: &Text, edits: &[ByteEdit]) -> Option<String> {
    let added = edits.iter().map(|edit| minus(balance(&edit.insert), balance(edit.replaced(&text.bytes))));
    let added = added.fold([0; 4], |sum, one| [0, 1, 2, 3].map(|kind| sum[kind] + one[kind]));
    if added == [0; 4] {
        return None;
    }
    let before = balance(&text.bytes);
    let is_worse = |kind: usize| (before[kind] + added[kind]).abs() > before[kind].abs();
    let is_odd_now = before[3] % 2 == 0 && added[3] % 2 != 0;
    let kinds = ["round brackets", "square brackets", "curly brackets"];
    let worse = kinds.iter().enumerate().find(|(kind, _)| is_worse(*kind)).map(|(_, name)| *name);
    let worse = worse.or(is_odd_now.then_some("double quotes"))?;
    Some(format!("it leaves {worse} without their match"))
}

fn balance(bytes: &[u8]) -> [i64; 4] {
    let mut sums = [0; 4];
    for byte in bytes {
        match byte {
            b'(' => sums[0] += 1,
            b')' => sums[0] -= 1,
            b'[' => sums[1] += 1,
            b']' => sums[1] -= 1,
            b'{' => sums[2] += 1,
            b'}' => sums[2] -= 1,
            b'"' => sums[3] += 1,
            _ => {}
        }
    }
    sums
}

fn minus(a: [i64; 4], b: [i64; 4]) -> [i64; 4] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3]]
}
