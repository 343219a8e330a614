//! The layers: a module names only modules to its left, and a layer holds no words that are not its business.

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with the layers that it may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("repo", &["model"]),
    ("query", &["model"]),
    ("ingest", &["model", "repo", "memory"]),
    ("reach", &["model", "repo"]),
    ("source", &["model", "repo"]),
    ("fix", &["model", "repo"]),
    ("ledger", &["model", "repo", "memory"]),
    ("reach", &["model", "repo"]),
    ("exchange", &["model", "repo", "query", "ingest", "ledger"]),
    ("desk", &["model", "repo", "query", "ingest", "source", "fix", "ledger", "reach", "exchange"]),
    ("app", &["model", "query"]),
    ("worker", &["model", "repo", "ingest", "source", "fix", "app", "desk"]),
    ("ui", &["model", "query", "app"]),
    ("terminal", &["ui", "model"]),
    ("session", &["model", "query", "app", "worker", "ui", "terminal"]),
    (
        "cli",
        &["model", "repo", "query", "ingest", "source", "fix", "ledger", "exchange", "desk", "ui", "worker", "session"],
    ),
    ("memory", &[]),
    ("main", &["cli", "memory"]),
];

/// Words that must not stand in a layer, with the reason.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    ("model", &["std::fs", "tokio", "git2", "std::env", "::now()"], "plain data, no world"),
    ("app", &["std::fs", "tokio", "git2", "std::env", "::now()", "std::thread"], "decides, touches nothing"),
    ("ui", &["&mut State", "tokio", "git2", "std::thread"], "draws, changes nothing"),
    ("query", &["std::fs", "tokio", "git2", "::now()"], "a function of the board"),
];

/// Ways to change the disk; only `repo` has them.
const WRITES: &[&str] =
    &["fs::write", "File::create", "OpenOptions", "fs::rename", "fs::remove", "create_dir", "set_permissions"];

/// Files that write beside `repo`, with what they write.
const WRITERS: &[(&str, &str)] = &[
    ("src/session/crash.rs", "the crash report, when nothing else works any more"),
    ("src/session/log.rs", "the log file that the user named"),
];

#[test]
fn modules_name_only_modules_to_their_left() {
    let mut seen = Vec::new();
    for (path, layer, text) in sources() {
        let (_, allowed) = LAYERS.iter().find(|(name, _)| *name == layer).unwrap_or_else(|| panic!("{layer} is new"));
        for named in named_layers(&text) {
            let is_own = named == layer;
            assert!(is_own || allowed.contains(&named.as_str()), "{path}: {layer} must not name {named}");
        }
        seen.push(layer);
    }
    assert!(seen.len() > 50, "the sources were found");
}

#[test]
fn layers_hold_only_their_own_business() {
    for (path, layer, text) in sources() {
        for (name, words, why) in FORBIDDEN {
            let found = words.iter().find(|word| *name == layer && code(&text).any(|line| line.contains(*word)));
            assert!(found.is_none(), "{path}: `{}` does not belong there: {layer} is {why}", found.unwrap_or(&""));
        }
        if layer != "repo" {
            assert!(!code(&text).any(|line| line.contains("git2")), "{path}: only repo uses git2");
            let is_writer = WRITERS.iter().any(|(writer, _)| path == *writer);
            let write = WRITES.iter().find(|write| code(&text).any(|line| line.contains(*write)));
            assert!(is_writer || write.is_none(), "{path}: only repo writes, not by {}", write.unwrap_or(&""));
        }
    }
}

#[test]
fn every_module_says_what_it_owns() {
    for (path, _, text) in sources() {
        assert!(text.starts_with("//!"), "{path} begins without a `//!` line");
    }
}

/// Every source file: its path from the crate's root, its layer, its text.
fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    files.sort();
    files
        .into_iter()
        .filter(|path| !path.ends_with("src/lib.rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let relative = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            let layer = relative.split('/').nth(1).unwrap().trim_end_matches(".rs").to_owned();
            (relative, layer, text)
        })
        .collect()
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Lines that are not comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// Layers named by `crate::…` and, in the binary, by `quell::…`; also in groups `crate::{a, b}`.
fn named_layers(text: &str) -> Vec<String> {
    let mut named = Vec::new();
    for line in code(text) {
        for root in ["crate::", "quell::"] {
            for (at, _) in line.match_indices(root) {
                let rest = line.get(at + root.len()..).unwrap_or_default();
                let names = rest.strip_prefix('{').map_or_else(|| vec![rest], |group| group.split(',').collect());
                for name in names {
                    let name: String =
                        name.trim().chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                    if !name.is_empty() && LAYERS.iter().any(|(layer, _)| *layer == name) {
                        named.push(name);
                    }
                }
            }
        }
    }
    named
}
