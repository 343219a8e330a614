//! From the paths that files name to folders of the repository.

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum To {
    /// Relative to the root, without `/` at its end; empty for the root itself.
    Inside(String),
    /// Out of the repository, or to an absolute path.
    Outside,
    /// To something that is no path of this machine, or that is not known before a variable is.
    Elsewhere,
}

/// A path that is relative to a folder of the repository (empty for the root).
pub(super) fn below(folder: &str, path: &str) -> To {
    let path = path.trim();
    if path.contains("://") || path.starts_with("git@") || path.contains(['$', '{', '\n']) {
        return To::Elsewhere;
    }
    if path.starts_with(['/', '~']) || path.contains(['\\', '\0']) {
        return To::Outside;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.pop() {
                Some(_) => {}
                None => return To::Outside,
            },
            part => parts.push(part),
        }
    }
    To::Inside(parts.join("/"))
}

/// The folder that holds a file; empty for the root.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last component.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// A path below a folder, which may be the root.
pub(super) fn joined(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// How people see a folder: with `/` at its end.
pub(super) fn shown(folder: &str) -> String {
    if folder.is_empty() { "./".to_owned() } else { format!("{folder}/") }
}
