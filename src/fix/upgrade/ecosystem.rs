//! Ecosystems whose versions Quell can put in order and whose manifests it can edit: one table.

use crate::model::grade::vocabulary;

vocabulary! {
    /// Named by the type of its package URLs.
    Ecosystem { Npm = "npm", Cargo = "cargo", Go = "golang", PyPi = "pypi", Maven = "maven", Gem = "gem" }
}

/// Manifests and lock files by name, with the manifest of the same folder that is edited.
const FILES: &[(&str, Ecosystem, &str)] = &[
    ("package.json", Ecosystem::Npm, "package.json"),
    ("package-lock.json", Ecosystem::Npm, "package.json"),
    ("npm-shrinkwrap.json", Ecosystem::Npm, "package.json"),
    ("yarn.lock", Ecosystem::Npm, "package.json"),
    ("pnpm-lock.yaml", Ecosystem::Npm, "package.json"),
    ("bun.lock", Ecosystem::Npm, "package.json"),
    ("Cargo.toml", Ecosystem::Cargo, "Cargo.toml"),
    ("Cargo.lock", Ecosystem::Cargo, "Cargo.toml"),
    ("go.mod", Ecosystem::Go, "go.mod"),
    ("go.sum", Ecosystem::Go, "go.mod"),
    ("pyproject.toml", Ecosystem::PyPi, "pyproject.toml"),
    ("poetry.lock", Ecosystem::PyPi, "pyproject.toml"),
    ("uv.lock", Ecosystem::PyPi, "pyproject.toml"),
    ("pdm.lock", Ecosystem::PyPi, "pyproject.toml"),
    ("pom.xml", Ecosystem::Maven, "pom.xml"),
    ("Gemfile", Ecosystem::Gem, "Gemfile"),
    ("Gemfile.lock", Ecosystem::Gem, "Gemfile"),
];

/// The longest name or version that is taken for one.
const MAX_WORD: usize = 200;

impl Ecosystem {
    /// By the type of a package URL, and without one by the file that a package was found in. The error says why the
    /// package cannot be upgraded here.
    pub fn of(purl: Option<&str>, path: &str) -> Result<Self, String> {
        if let Some(kind) = purl.and_then(|purl| purl.strip_prefix("pkg:")?.split_once('/')).map(|(kind, _)| kind) {
            return Self::parse(kind).ok_or_else(|| {
                let kind: String = kind.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
                format!("Quell does not know the order of {kind} versions")
            });
        }
        let known = manifest_of(path).map(|(ecosystem, _)| ecosystem);
        known.ok_or_else(|| "its ecosystem is not known: the report has no package URL".to_owned())
    }

    /// Whether a text can be the name of a package: what registries allow, and never an option of a command.
    pub fn is_name(self, name: &str) -> bool {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "._-/@:~".contains(c);
        let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@' || c == '_');
        let is_short = !name.is_empty() && name.len() <= MAX_WORD;
        is_short && starts && name.chars().all(is_part) && !name.split('/').any(|part| part.is_empty() || part == "..")
    }
}

/// Whether a text can be a version: it starts with a digit, perhaps behind a `v`, and nothing in it can be anything
/// else than a part of a version.
pub fn is_version(text: &str) -> bool {
    let bare = text.strip_prefix('v').unwrap_or(text);
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".+-_!~".contains(c);
    text.len() <= MAX_WORD && bare.starts_with(|c: char| c.is_ascii_digit()) && bare.chars().all(is_part)
}

/// The ecosystem of a manifest or lock file, and the manifest in which its packages are asked for.
pub(super) fn manifest_of(path: &str) -> Option<(Ecosystem, String)> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if is_requirements(path) {
        return Some((Ecosystem::PyPi, path.to_owned()));
    }
    let (_, ecosystem, manifest) = FILES.iter().find(|(file, ..)| *file == name)?;
    Some((*ecosystem, if folder.is_empty() { (*manifest).to_owned() } else { format!("{folder}/{manifest}") }))
}

/// `requirements-dev.txt`, `requirements/base.txt`, `constraints.txt`.
pub(super) fn is_requirements(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_list = name.starts_with("requirements") || name.starts_with("constraints");
    path.rsplit_once('.').is_some_and(|(_, ending)| ending == "txt")
        && (is_list || folder.rsplit('/').next() == Some("requirements"))
}
