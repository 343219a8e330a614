//! What manifests ask for: which packages, and whether for development alone.

use std::collections::HashMap;

use serde_json::Value;

use super::ecosystem::{ECOSYSTEMS, is_requirements, name_of, plain};

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    /// 1-based.
    pub(super) line: u32,
}

/// How a package is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) for_production: Option<Place>,
    pub(super) for_development: Option<Place>,
    /// Whether it has another name here than its own.
    pub(super) is_renamed: bool,
}

/// All that manifests ask for, by ecosystem and plain name.
pub(super) type Declared = HashMap<(usize, String), Asked>;

/// Whether a file is a manifest that is read, or a lock file: what it names is no use of it.
pub(super) fn is_manifest(path: &str) -> bool {
    let name = name_of(path);
    is_requirements(path) || ECOSYSTEMS.iter().any(|one| one.manifests.contains(&name))
}

/// Adds what a manifest asks for.
pub(super) fn read(path: &str, text: &str, declared: &mut Declared) {
    let kind = |kind: &str| ECOSYSTEMS.iter().position(|one| one.kind == kind).unwrap_or_default();
    let mut add = |ecosystem: usize, name: &str, line: Option<u32>, is_for_development: bool, is_renamed: bool| {
        let line = line.unwrap_or_else(|| line_of(text, name));
        let asked = declared.entry((ecosystem, plain(ecosystem, name))).or_default();
        let slot = if is_for_development { &mut asked.for_development } else { &mut asked.for_production };
        slot.get_or_insert_with(|| Place { file: path.to_owned(), line });
        asked.is_renamed |= is_renamed;
    };
    match name_of(path) {
        "package.json" => {
            package_json(text, &mut |name, is_dev, is_renamed| add(kind("npm"), name, None, is_dev, is_renamed));
        }
        "pyproject.toml" => python_toml(text, &mut |name, is_dev| add(kind("pypi"), name, None, is_dev, false)),
        "Pipfile" => pipfile(text, &mut |name, is_dev| add(kind("pypi"), name, None, is_dev, false)),
        "Cargo.toml" => {
            cargo_toml(text, &mut |name, is_dev, is_renamed| add(kind("cargo"), name, None, is_dev, is_renamed));
        }
        "go.mod" => go_mod(text, &mut |name, line| add(kind("golang"), name, Some(line), false, false)),
        _ if is_requirements(path) => {
            let is_dev = is_for_development(path);
            for (line, text) in (1..).zip(text.lines()) {
                if let Some(name) = requirement(text) {
                    add(kind("pypi"), name, Some(line), is_dev, false);
                }
            }
        }
        _ => {}
    }
}

/// Words in names of files and groups that nothing of production is asked for in.
const DEVELOPMENT: &[&str] = &[
    "dev",
    "develop",
    "development",
    "test",
    "tests",
    "testing",
    "lint",
    "linting",
    "docs",
    "doc",
    "ci",
    "typing",
    "types",
    "build",
    "release",
    "tools",
    "local",
];

/// Whether a name, or the name of a file, says that it is about development: `requirements-dev.txt`, `test`.
pub(super) fn is_for_development(name: &str) -> bool {
    let parts = name.rsplit('/').take(2).flat_map(|part| part.split(['-', '_', '.']));
    let mut words = parts.filter(|part| !matches!(*part, "requirements" | "txt" | "in"));
    words.any(|word| DEVELOPMENT.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// The package that a line of a list of requirements asks for.
pub(super) fn requirement(line: &str) -> Option<&str> {
    let line = line.trim();
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')).unwrap_or(line.len());
    let name = line.get(..end)?;
    let rest = line.get(end..)?.trim_start();
    let is_rest = rest.is_empty() || rest.starts_with(['=', '<', '>', '!', '~', '[', ';', '@', '#', '\\']);
    (name.starts_with(|c: char| c.is_ascii_alphanumeric()) && is_rest).then_some(name)
}

const NPM_GROUPS: &[(&str, bool)] =
    &[("dependencies", false), ("optionalDependencies", false), ("peerDependencies", false), ("devDependencies", true)];

fn package_json(text: &str, take: &mut dyn FnMut(&str, bool, bool)) {
    let Ok(manifest) = serde_json::from_str::<Value>(text) else { return };
    for (group, is_dev) in NPM_GROUPS {
        for (name, asked) in manifest.get(group).and_then(Value::as_object).into_iter().flatten() {
            take(name, *is_dev, false);
            // `npm:@scope/name@1.2` under another name.
            if let Some(real) = asked.as_str().and_then(|asked| asked.strip_prefix("npm:")) {
                take(real.rsplit_once('@').map_or(real, |(name, _)| name), *is_dev, true);
            }
        }
    }
}

/// The text of a `package.json` without what it asks for: scripts and settings, where a package may be named.
pub(super) fn rest_of_package_json(text: &str) -> String {
    let Ok(mut manifest) = serde_json::from_str::<Value>(text) else { return String::new() };
    if let Some(members) = manifest.as_object_mut() {
        members.retain(|name, _| {
            !name.to_ascii_lowercase().ends_with("dependencies") && name != "overrides" && name != "resolutions"
        });
    }
    manifest.to_string()
}

/// Tables of a Pipfile that ask for nothing.
const NO_GROUPS: &[&str] = &["source", "requires", "scripts", "pipenv"];

/// `packages`, `dev-packages`, and groups of the user's own.
fn pipfile(text: &str, take: &mut dyn FnMut(&str, bool)) {
    let Ok(manifest) = toml::from_str::<toml::Table>(text) else { return };
    for (group, packages) in manifest.iter().filter(|(group, _)| !NO_GROUPS.contains(&group.as_str())) {
        keys(Some(packages), is_for_development(group), take);
    }
}

/// Keys of tables of packages in `pyproject.toml`.
fn python_toml(text: &str, take: &mut dyn FnMut(&str, bool)) {
    let Ok(manifest) = toml::from_str::<toml::Table>(text) else { return };
    let at = |path: &[&str]| {
        let mut value = manifest.get(*path.first()?)?;
        for part in path.get(1..)? {
            value = value.get(part)?;
        }
        Some(value)
    };
    list(at(&["project", "dependencies"]), false, take);
    for (path, is_always) in [(&["project", "optional-dependencies"][..], false), (&["dependency-groups"], true)] {
        for (group, packages) in at(path).and_then(toml::Value::as_table).into_iter().flatten() {
            list(Some(packages), is_always || is_for_development(group), take);
        }
    }
    list(at(&["tool", "uv", "dev-dependencies"]), true, take);
    for (_, packages) in at(&["tool", "pdm", "dev-dependencies"]).and_then(toml::Value::as_table).into_iter().flatten()
    {
        list(Some(packages), true, take);
    }
    let tables = [(&["tool", "poetry", "dependencies"][..], false), (&["tool", "poetry", "dev-dependencies"], true)];
    for (path, is_dev) in tables {
        keys(at(path), is_dev, take);
    }
    for (group, table) in at(&["tool", "poetry", "group"]).and_then(toml::Value::as_table).into_iter().flatten() {
        keys(table.get("dependencies"), is_for_development(group), take);
    }
}

fn list(packages: Option<&toml::Value>, is_dev: bool, take: &mut dyn FnMut(&str, bool)) {
    for text in packages.and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str) {
        if let Some(name) = requirement(text) {
            take(name, is_dev);
        }
    }
}

fn keys(packages: Option<&toml::Value>, is_dev: bool, take: &mut dyn FnMut(&str, bool)) {
    for name in packages.and_then(toml::Value::as_table).into_iter().flatten().map(|(name, _)| name) {
        take(name, is_dev);
    }
}

fn cargo_toml(text: &str, take: &mut dyn FnMut(&str, bool, bool)) {
    let Ok(manifest) = toml::from_str::<toml::Table>(text) else { return };
    let targets =
        manifest.get("target").and_then(toml::Value::as_table).into_iter().flatten().map(|(_, target)| target);
    let whole = toml::Value::Table(manifest.clone());
    let workspace = manifest.get("workspace");
    for place in targets.chain([&whole]).chain(workspace) {
        for (group, is_dev) in [("dependencies", false), ("dev-dependencies", true), ("build-dependencies", true)] {
            for (name, asked) in place.get(group).and_then(toml::Value::as_table).into_iter().flatten() {
                let real = asked.get("package").and_then(toml::Value::as_str);
                take(real.unwrap_or(name), is_dev, real.is_some());
            }
        }
    }
}

/// Modules that are asked for themselves; those marked `// indirect` come with others.
fn go_mod(text: &str, take: &mut dyn FnMut(&str, u32)) {
    let mut is_inside = false;
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.trim();
        let asked = match text.strip_prefix("require ") {
            Some(rest) if rest.trim() == "(" => {
                is_inside = true;
                continue;
            }
            Some(rest) => rest,
            None if is_inside => text,
            None => continue,
        };
        if text == ")" {
            is_inside = false;
        } else if let Some(name) = asked.split_whitespace().next().filter(|_| !text.ends_with("// indirect")) {
            take(name, line);
        }
    }
}

/// The first line that holds a name, 1-based.
fn line_of(text: &str, name: &str) -> u32 {
    let at = text.find(&format!("\"{name}\"")).or_else(|| text.find(name)).unwrap_or(0);
    let before = text.get(..at).unwrap_or_default();
    u32::try_from(before.matches('\n').count() + 1).unwrap_or(1)
}
