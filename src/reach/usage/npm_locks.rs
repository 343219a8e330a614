//! The lock files of JavaScript: of npm, Yarn 1 to 4, pnpm 5 to 9 and Bun. Packages are told apart by their names alone.
//!
//! A package may be asked for under another name: `width: npm:string-width@^4.2.0`. Then both are needed.

use std::collections::HashSet;

use serde_json::Value;

use super::ecosystem::plain;
use super::lock::Locked;

/// Reads the packages of a text; `None` where it cannot.
type Reader = fn(&str, usize) -> Option<Vec<Locked>>;

const READERS: &[(&str, Reader)] = &[
    ("package-lock.json", package_lock),
    ("npm-shrinkwrap.json", package_lock),
    ("yarn.lock", yarn),
    ("pnpm-lock.yaml", pnpm),
    ("bun.lock", bun),
];

/// What a package may need, by the names of the groups in all of them.
const GROUPS: &[&str] = &["dependencies", "optionalDependencies", "peerDependencies"];

/// The group of which nothing may be missing.
const REQUIRED: &str = "dependencies";

pub(super) fn is_one(name: &str) -> bool {
    READERS.iter().any(|(own, _)| *own == name)
}

/// What a lock file of this name says; `None` where that cannot be read.
pub(super) fn read(name: &str, text: &str, ecosystem: usize) -> Option<Vec<Locked>> {
    let (_, reader) = READERS.iter().find(|(own, _)| *own == name)?;
    reader(text, ecosystem)
}

/// `package-lock.json` of versions 1 to 3.
fn package_lock(text: &str, ecosystem: usize) -> Option<Vec<Locked>> {
    let lock = serde_json::from_str::<Value>(text).ok()?;
    let mut all = Vec::new();
    if let Some(packages) = lock.get("packages").and_then(Value::as_object) {
        for (path, package) in packages {
            let stated = package.get("name").and_then(Value::as_str);
            let name = path.rsplit_once("node_modules/").map(|(_, name)| stated.unwrap_or(name));
            all.push(Locked {
                name: plain(ecosystem, name.unwrap_or_default()),
                needs: GROUPS.iter().flat_map(|group| names(package.get(group), ecosystem)).collect(),
                is_own: name.is_none() || is_true(package, "link"),
                is_development: Some(name.is_none() || is_true(package, "dev")),
            });
        }
    } else {
        npm_1(&lock, ecosystem, 0, &mut all);
    }
    Some(all)
}

/// Folders of `node_modules` inside one another that are followed.
const MAX_DEPTH: usize = 32;

fn npm_1(of: &Value, ecosystem: usize, depth: usize, all: &mut Vec<Locked>) {
    for (name, package) in of.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
        all.push(Locked {
            name: plain(ecosystem, name),
            needs: names(package.get("requires"), ecosystem),
            is_own: false,
            is_development: Some(is_true(package, "dev")),
        });
        if depth < MAX_DEPTH {
            npm_1(package, ecosystem, depth + 1, all);
        }
    }
}

fn is_true(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool) == Some(true)
}

fn names(table: Option<&Value>, ecosystem: usize) -> Vec<String> {
    table.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| plain(ecosystem, name)).collect()
}

/// Entries at the first column, which name all that they answer: `"a@^1, a@npm:^1.2":`.
fn yarn(text: &str, ecosystem: usize) -> Option<Vec<Locked>> {
    entries(text, 0, ecosystem)
}

/// Entries below `packages:`, and from version 9 on below `snapshots:` with what they need.
fn pnpm(text: &str, ecosystem: usize) -> Option<Vec<Locked>> {
    let version = text.lines().find_map(|line| line.strip_prefix("lockfileVersion:"))?;
    let version: f32 = version.trim().trim_matches('\'').parse().ok()?;
    if version >= 9.0 && !text.contains("\nsnapshots:\n") {
        return None;
    }
    entries(text, STEP, ecosystem)
}

/// Blanks by which what belongs to a line is further in: these files are written by programs.
const STEP: usize = 2;

/// Entries at a depth, in them groups, in those what is needed. `None` for one that is cut off or not merged.
fn entries(text: &str, depth: usize, ecosystem: usize) -> Option<Vec<Locked>> {
    if !text.ends_with('\n') || text.contains("\n<<<<<<<") {
        return None;
    }
    let mut all: Vec<Locked> = Vec::new();
    let mut required: HashSet<String> = HashSet::new();
    let (mut is_section, mut group) = (depth == 0, "");
    // The entries that the line before is of: one for each name.
    let mut current = 0..0;
    for line in text.lines() {
        let rest = line.trim_start_matches(' ').trim_end();
        let indent = line.len() - line.trim_start_matches(' ').len();
        let (key, value) = pair(rest);
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        if indent == 0 && depth > 0 {
            is_section = matches!(rest, "packages:" | "snapshots:");
        } else if indent == depth && is_section && rest.ends_with([':', '}']) {
            let is_own = rest.contains("@workspace:");
            let entry = |name: String| Locked { name: plain(ecosystem, &name), is_own, ..Locked::default() };
            let start = all.len();
            all.extend(asked(rest).into_iter().map(entry));
            current = start..all.len();
        } else if indent == depth + STEP && is_section {
            group = key;
            // A package that is kept under an address has its name inside.
            if key == "name" && !current.is_empty() {
                all.push(Locked { name: plain(ecosystem, value), ..Locked::default() });
                current.end = all.len();
            }
        } else if indent == depth + 2 * STEP && is_section && GROUPS.contains(&group) {
            let needs = needed(key, value, ecosystem);
            if group == REQUIRED && !value.starts_with("link:") {
                required.extend(needs.last().cloned());
            }
            for locked in all.get_mut(current.clone()).into_iter().flatten() {
                locked.needs.extend_from_slice(&needs);
            }
        }
    }
    closed(all, &required)
}

/// A package under the name by which it is asked for, and last under its own.
fn needed(name: &str, version: &str, ecosystem: usize) -> Vec<String> {
    std::iter::once(name).chain(other_name(version)).map(|name| plain(ecosystem, name)).collect()
}

/// `None` where there is nothing, or something that is needed is missing.
fn closed(all: Vec<Locked>, required: &HashSet<String>) -> Option<Vec<Locked>> {
    let names: HashSet<&String> = all.iter().map(|locked| &locked.name).collect();
    let is_closed = !all.is_empty() && required.iter().all(|name| names.contains(name));
    is_closed.then_some(all)
}

/// `key: value`, `key "value"`, each with quotes or without.
fn pair(line: &str) -> (&str, &str) {
    let quotes = ['"', '\''];
    let end = match line.strip_prefix(quotes) {
        Some(rest) => rest.find(quotes).map(|end| end + 2),
        None => line.find([':', ' ']),
    };
    let (key, value) = line.split_at_checked(end.unwrap_or(line.len())).unwrap_or((line, ""));
    (key.trim_matches(quotes), value.trim_start_matches([':', ' ']).trim_matches(quotes))
}

/// The names of the packages that the line of an entry answers, those by which they are asked for and their own.
fn asked(line: &str) -> Vec<String> {
    let keys = line.strip_suffix(": {}").or_else(|| line.strip_suffix(':')).unwrap_or(line);
    let keys = keys.split(", ").map(|key| key.trim_matches(['"', '\'']));
    let mut names: Vec<String> = keys.flat_map(names_of).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// `a` of `a@^1`, `/a/1.0.0` and `/a@1.0.0`, `@s/a` of `@s/a@npm:1`; of `width@npm:string-width@^4` both.
fn names_of(descriptor: &str) -> impl Iterator<Item = &str> {
    let descriptor = descriptor.strip_prefix('/').unwrap_or(descriptor);
    let scope = if descriptor.starts_with('@') { descriptor.find('/').map_or(1, |end| end + 1) } else { 0 };
    let rest = descriptor.get(scope..).unwrap_or_default();
    let end = scope + rest.find(['@', '/']).unwrap_or(rest.len());
    let (name, version) = descriptor.split_at_checked(end).unwrap_or((descriptor, ""));
    std::iter::once(name).chain(version.strip_prefix('@').and_then(other_name))
}

/// The name of the package in what stands for a version, where that is a package.
fn other_name(version: &str) -> Option<&str> {
    let version = version.strip_prefix("npm:").unwrap_or(version);
    let is_path = version.starts_with('/');
    let is_name = version.starts_with(|c: char| c == '@' || c.is_ascii_alphabetic());
    let has_version = version.get(1..).is_some_and(|rest| rest.contains('@'));
    let name = || names_of(version).next().filter(|name| !name.contains([':', '%']));
    if is_path || is_name && has_version { name() } else { None }
}

/// JSON with a comma behind the last of a list, which YAML has too: by name of a place, the package and what it needs.
fn bun(text: &str, ecosystem: usize) -> Option<Vec<Locked>> {
    let lock: Value = serde_yaml_ng::from_str(text).ok()?;
    let (mut all, mut required) = (Vec::new(), HashSet::new());
    for (place, entry) in lock.get("packages")?.as_object()? {
        let parts = entry.as_array()?;
        let descriptor = parts.first().and_then(Value::as_str)?;
        let mut needs: Vec<String> = Vec::new();
        for group in GROUPS {
            let tables = parts.iter().filter_map(|part| part.get(group)?.as_object());
            for (name, version) in tables.flatten() {
                needs.extend(needed(name, version.as_str().unwrap_or_default(), ecosystem));
                if *group == REQUIRED {
                    required.extend(needs.last().cloned());
                }
            }
        }
        let is_own = descriptor.contains("@workspace:");
        let mut names: Vec<&str> = names_of(descriptor).chain([last_of(place)]).collect();
        names.dedup();
        all.extend(names.iter().map(|name| Locked {
            name: plain(ecosystem, name),
            needs: needs.clone(),
            is_own,
            ..Locked::default()
        }));
    }
    closed(all, &required)
}

/// The last package of a place such as `wrap-ansi-cjs/@s/strip-ansi`.
fn last_of(place: &str) -> &str {
    let Some((before, last)) = place.rsplit_once('/') else { return place };
    let segment = before.rfind('/').map_or(0, |at| at + 1);
    let is_scope = before.get(segment..).is_some_and(|segment| segment.starts_with('@'));
    if is_scope { place.get(segment..).unwrap_or(last) } else { last }
}
