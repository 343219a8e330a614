//! The ecosystems whose imports are read, with the files that hold them: one table.

use super::imports::{self, Import};

/// Finds the imports of a text.
type Imports = fn(&str, &mut dyn FnMut(Import<'_>));

/// How packages of one ecosystem get into code.
pub(super) struct Ecosystem {
    /// The type of its package URLs.
    pub(super) kind: &'static str,
    /// What its language is called.
    pub(super) language: &'static str,
    /// Ends of its sources.
    pub(super) ends: &'static [&'static str],
    /// Its manifests and lock files, by whole name: what a package is found under where a report has no package URL.
    pub(super) manifests: &'static [&'static str],
    /// The imports of a source.
    pub(super) imports: Imports,
    /// Whether a package that no source imports may be called unused. Not where a loader finds what is declared
    /// (Bundler, Composer, the class path) or names of modules do not follow from names of packages.
    pub(super) can_deny: bool,
    /// Whether a tool of its own may load a package by a name in a text.
    pub(super) is_loaded_by_name: bool,
}

/// All of them.
pub(super) const ECOSYSTEMS: &[Ecosystem] = &[
    Ecosystem {
        kind: "pypi",
        language: "Python",
        ends: &["py", "pyi", "pyx", "ipynb"],
        manifests: &[
            "pyproject.toml",
            "Pipfile",
            "Pipfile.lock",
            "poetry.lock",
            "uv.lock",
            "pdm.lock",
            "setup.py",
            "setup.cfg",
        ],
        imports: imports::python,
        can_deny: true,
        is_loaded_by_name: true,
    },
    Ecosystem {
        kind: "npm",
        language: "JavaScript",
        ends: &["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro"],
        manifests: &[
            "package.json",
            "package-lock.json",
            "npm-shrinkwrap.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "bun.lock",
            "bun.lockb",
        ],
        imports: imports::javascript,
        can_deny: true,
        is_loaded_by_name: true,
    },
    Ecosystem {
        kind: "golang",
        language: "Go",
        ends: &["go"],
        manifests: &["go.mod", "go.sum"],
        imports: imports::go,
        can_deny: true,
        is_loaded_by_name: false,
    },
    Ecosystem {
        kind: "cargo",
        language: "Rust",
        ends: &["rs"],
        manifests: &["Cargo.toml", "Cargo.lock"],
        imports: imports::rust,
        can_deny: true,
        is_loaded_by_name: false,
    },
    Ecosystem {
        kind: "gem",
        language: "Ruby",
        ends: &["rb", "ru", "rake"],
        manifests: &["Gemfile", "Gemfile.lock"],
        imports: imports::ruby,
        can_deny: false,
        is_loaded_by_name: false,
    },
    Ecosystem {
        kind: "maven",
        language: "Java",
        ends: &["java", "kt", "scala", "groovy"],
        manifests: &["pom.xml", "build.gradle", "build.gradle.kts", "gradle.lockfile"],
        imports: imports::java,
        can_deny: false,
        is_loaded_by_name: false,
    },
];

/// The number of an ecosystem by the type of a package URL, else by the file in which a package was found.
pub(super) fn ecosystem_of(kind: &str, path: &str) -> Option<usize> {
    if !kind.is_empty() {
        return ECOSYSTEMS.iter().position(|one| one.kind == kind);
    }
    let name = name_of(path);
    ECOSYSTEMS.iter().position(|one| one.manifests.contains(&name) || one.kind == "pypi" && is_requirements(path))
}

/// The ecosystem whose source this is.
pub(super) fn source_of(path: &str) -> Option<usize> {
    let (_, end) = name_of(path).rsplit_once('.')?;
    ECOSYSTEMS.iter().position(|one| one.ends.contains(&end))
}

/// `requirements-dev.txt`, `requirements/base.in`.
pub(super) fn is_requirements(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_list = name.contains("requirements") || name.starts_with("constraints");
    let is_below = folder.rsplit('/').next() == Some("requirements");
    matches!(name.rsplit_once('.'), Some((_, "txt" | "in"))) && (is_list || is_below)
}

pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// One spelling for each package: in lower case, `-` for `_`, and in Python for `.` too; `/` for the `:` of Maven.
pub(super) fn plain(ecosystem: usize, name: &str) -> String {
    let name = name.to_lowercase().replace('_', "-").replace(':', "/");
    if ECOSYSTEMS.get(ecosystem).is_some_and(|one| one.kind == "pypi") { name.replace('.', "-") } else { name }
}
