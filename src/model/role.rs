//! What a file is for, by its path.

use super::grade::vocabulary;

vocabulary! {
    /// What a file is for.
    #[derive(Default)]
    Role {
        #[default] Source = "source", Test = "test", Example = "example", Generated = "generated",
        Vendored = "vendored", Documentation = "documentation", Build = "build",
    }
}

/// Names of folders that say it.
const FOLDERS: &[(&str, Role)] = &[
    ("test", Role::Test),
    ("tests", Role::Test),
    ("__tests__", Role::Test),
    ("spec", Role::Test),
    ("docs", Role::Documentation),
    ("examples", Role::Example),
    ("vendor", Role::Vendored),
    ("node_modules", Role::Vendored),
];

impl Role {
    /// The role of a path with `/`.
    pub fn of(path: &str) -> Self {
        let by_folder = path.split('/').find_map(|part| FOLDERS.iter().find(|(name, _)| *name == part));
        by_folder.map_or(Self::Source, |(_, role)| *role)
    }
}

impl Role {
    /// What files of this role are called.
    pub fn words(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Test => "a test",
            Self::Example => "an example",
            Self::Generated => "generated",
            Self::Vendored => "vendored",
            Self::Documentation => "documentation",
            Self::Build => "a build file",
        }
    }
}
