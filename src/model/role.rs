//! What part a file has in its repository, told by its path alone.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::grade::vocabulary;

vocabulary! {
    /// The role of a file. Where several fit, the last of this list counts: a test below `node_modules` is vendored.
    #[derive(Default)]
    Role {
        #[default] Source = "source", Build = "build", Documentation = "documentation", Example = "example",
        Test = "test", Generated = "generated", Vendored = "vendored",
    }
}

/// What a pattern is compared with, without regard to case in ASCII.
enum Of {
    /// A folder on the way.
    Folder(&'static str),
    /// The whole name of the file.
    Name(&'static str),
    /// How that name starts.
    Start(&'static str),
    /// How it ends.
    End(&'static str),
    /// How it ends, in exactly this spelling: `ContestTest.java`, not `Contest.java`.
    Word(&'static str),
}

use Of::{End, Folder, Name, Start, Word};

/// All patterns. A place of the project's own conventions is here if most projects share it; Docker files, lock files
/// and manifests are source, since what they say runs in production.
const PATTERNS: &[(Of, Role)] = &[
    (Folder("node_modules"), Role::Vendored),
    (Folder("bower_components"), Role::Vendored),
    (Folder("vendor"), Role::Vendored),
    (Folder("vendored"), Role::Vendored),
    (Folder("third_party"), Role::Vendored),
    (Folder("thirdparty"), Role::Vendored),
    (Folder("third-party"), Role::Vendored),
    (Folder("site-packages"), Role::Vendored),
    (Folder(".venv"), Role::Vendored),
    (Folder("venv"), Role::Vendored),
    (Folder("Pods"), Role::Vendored),
    (Folder("generated"), Role::Generated),
    (Folder("__generated__"), Role::Generated),
    (Folder("dist"), Role::Generated),
    (Folder("target"), Role::Generated),
    (Folder("__pycache__"), Role::Generated),
    (End(".min.js"), Role::Generated),
    (End(".min.css"), Role::Generated),
    (End(".bundle.js"), Role::Generated),
    (End(".pb.go"), Role::Generated),
    (End("_pb2.py"), Role::Generated),
    (End("_pb2_grpc.py"), Role::Generated),
    (End("_pb.js"), Role::Generated),
    (End("_pb.rb"), Role::Generated),
    (End(".pb.cc"), Role::Generated),
    (End(".pb.h"), Role::Generated),
    (End(".g.dart"), Role::Generated),
    (End(".g.cs"), Role::Generated),
    (End(".designer.cs"), Role::Generated),
    (End(".generated.ts"), Role::Generated),
    (End(".generated.go"), Role::Generated),
    (Start("zz_generated"), Role::Generated),
    (Folder("test"), Role::Test),
    (Folder("tests"), Role::Test),
    (Folder("testing"), Role::Test),
    (Folder("__tests__"), Role::Test),
    (Folder("__mocks__"), Role::Test),
    (Folder("__fixtures__"), Role::Test),
    (Folder("testdata"), Role::Test),
    (Folder("test-data"), Role::Test),
    (Folder("test_data"), Role::Test),
    (Folder("testutil"), Role::Test),
    (Folder("testutils"), Role::Test),
    (Folder("fixtures"), Role::Test),
    (Folder("spec"), Role::Test),
    (Folder("specs"), Role::Test),
    (Folder("e2e"), Role::Test),
    (Folder("cypress"), Role::Test),
    (Folder("unittests"), Role::Test),
    (Folder("unit-tests"), Role::Test),
    (Folder("integration-tests"), Role::Test),
    (Folder("integration_tests"), Role::Test),
    (Folder("androidTest"), Role::Test),
    (Folder("testFixtures"), Role::Test),
    (Start("test_"), Role::Test),
    (Start("test-"), Role::Test),
    (Name("conftest.py"), Role::Test),
    (Name("karma.conf.js"), Role::Test),
    (Name("protractor.conf.js"), Role::Test),
    (Start("jest.config."), Role::Test),
    (Start("jest.setup."), Role::Test),
    (Start("vitest.config."), Role::Test),
    (Start("playwright.config."), Role::Test),
    (Start("cypress.config."), Role::Test),
    (End("_test.go"), Role::Test),
    (End("_test.py"), Role::Test),
    (End("_test.rb"), Role::Test),
    (End("_test.rs"), Role::Test),
    (End("_test.cc"), Role::Test),
    (End("_test.cpp"), Role::Test),
    (End("_test.dart"), Role::Test),
    (End("_test.exs"), Role::Test),
    (End("_spec.rb"), Role::Test),
    (End("_spec.js"), Role::Test),
    (End("_spec.ts"), Role::Test),
    (End("-test.js"), Role::Test),
    (End("-test.ts"), Role::Test),
    (End("-spec.js"), Role::Test),
    (End("-spec.ts"), Role::Test),
    (End(".test.js"), Role::Test),
    (End(".test.jsx"), Role::Test),
    (End(".test.mjs"), Role::Test),
    (End(".test.cjs"), Role::Test),
    (End(".test.ts"), Role::Test),
    (End(".test.tsx"), Role::Test),
    (End(".spec.js"), Role::Test),
    (End(".spec.jsx"), Role::Test),
    (End(".spec.ts"), Role::Test),
    (End(".spec.tsx"), Role::Test),
    (End(".cy.js"), Role::Test),
    (End(".cy.ts"), Role::Test),
    (Word("Test.java"), Role::Test),
    (Word("Tests.java"), Role::Test),
    (Word("TestCase.java"), Role::Test),
    (Word("IT.java"), Role::Test),
    (Word("Test.kt"), Role::Test),
    (Word("Tests.kt"), Role::Test),
    (Word("Test.scala"), Role::Test),
    (Word("Spec.scala"), Role::Test),
    (Word("Test.groovy"), Role::Test),
    (Word("Spec.groovy"), Role::Test),
    (Word("Test.cs"), Role::Test),
    (Word("Tests.cs"), Role::Test),
    (Word("Test.php"), Role::Test),
    (Word("Tests.swift"), Role::Test),
    (Folder("example"), Role::Example),
    (Folder("examples"), Role::Example),
    (Folder("sample"), Role::Example),
    (Folder("samples"), Role::Example),
    (Folder("demo"), Role::Example),
    (Folder("demos"), Role::Example),
    (Folder("_examples"), Role::Example),
    (Folder("doc"), Role::Documentation),
    (Folder("docs"), Role::Documentation),
    (End(".md"), Role::Documentation),
    (End(".rst"), Role::Documentation),
    (End(".adoc"), Role::Documentation),
    (Folder(".github"), Role::Build),
    (Folder(".circleci"), Role::Build),
    (Folder(".ci"), Role::Build),
    (Folder("ci"), Role::Build),
    (Folder("buildSrc"), Role::Build),
    (Start("gruntfile."), Role::Build),
    (Start("gulpfile."), Role::Build),
    (Folder("gulp"), Role::Build),
    (Folder("grunt"), Role::Build),
    (Start("webpack."), Role::Build),
    (Folder("webpack"), Role::Build),
    (Start("rollup.config."), Role::Build),
    (Start("vite.config."), Role::Build),
    (Start("babel.config."), Role::Build),
    (Start("esbuild."), Role::Build),
    (Start("eslint.config."), Role::Build),
    (Start(".eslintrc"), Role::Build),
    (Start("metro.config."), Role::Build),
    (Start("postcss.config."), Role::Build),
    (Start("tailwind.config."), Role::Build),
    (Name("setup.py"), Role::Build),
    (Name("noxfile.py"), Role::Build),
    (Name("fabfile.py"), Role::Build),
    (Name("build.rs"), Role::Build),
    (Name("build.gradle"), Role::Build),
    (Name("build.gradle.kts"), Role::Build),
    (Name("settings.gradle"), Role::Build),
    (Name("build.sbt"), Role::Build),
    (Name("Makefile"), Role::Build),
    (Name("GNUmakefile"), Role::Build),
    (Name("CMakeLists.txt"), Role::Build),
    (Name("Rakefile"), Role::Build),
    (Name("Jenkinsfile"), Role::Build),
    (Name(".gitlab-ci.yml"), Role::Build),
    (Name(".travis.yml"), Role::Build),
    (Name("azure-pipelines.yml"), Role::Build),
];

/// The patterns by what tells most of them apart at one look: the length of a folder, and the first or last letter of a
/// file.
struct Index {
    folders: Vec<Vec<(&'static str, Role)>>,
    starts: Letters,
    ends: Letters,
}

/// By a letter in lower case.
type Letters = HashMap<u8, Vec<&'static (Of, Role)>>;

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { folders: Vec::new(), starts: HashMap::new(), ends: HashMap::new() };
    for pattern in PATTERNS {
        match pattern.0 {
            Folder(name) => {
                index.folders.resize(index.folders.len().max(name.len() + 1), Vec::new());
                index.folders[name.len()].push((name, pattern.1));
            }
            Name(text) | Start(text) => index.starts.entry(letter(text.bytes().next())).or_default().push(pattern),
            End(text) | Word(text) => index.ends.entry(letter(text.bytes().last())).or_default().push(pattern),
        }
    }
    index
});

fn letter(byte: Option<u8>) -> u8 {
    byte.unwrap_or_default().to_ascii_lowercase()
}

impl Role {
    /// The role of a path with `/`, relative to the repository. One pass over it, without allocating.
    pub fn of(path: &str) -> Self {
        let index = &*INDEX;
        let mut role = Self::Source;
        let mut start = 0;
        for end in memchr::memchr_iter(b'/', path.as_bytes()) {
            let folder = path.get(start..end).unwrap_or_default();
            for (name, of) in index.folders.get(folder.len()).into_iter().flatten() {
                if folder.eq_ignore_ascii_case(name) {
                    role = role.max(*of);
                }
            }
            start = end + 1;
        }
        let name = path.get(start..).unwrap_or_default();
        let begin = index.starts.get(&letter(name.bytes().next()));
        let end = index.ends.get(&letter(name.bytes().last()));
        let fitting = [begin, end].into_iter().flatten().flatten().filter(|(pattern, _)| is_named(name, pattern));
        fitting.fold(role, |role, (_, of)| role.max(*of))
    }
}

fn is_named(name: &str, pattern: &Of) -> bool {
    let (name, bytes) = (name.as_bytes(), name.len());
    let part = |from: Option<usize>, text: &str| {
        let part = from.and_then(|from| name.get(from..from + text.len()));
        part.is_some_and(|part| part.eq_ignore_ascii_case(text.as_bytes()))
    };
    match pattern {
        Folder(_) => false,
        Name(text) => bytes == text.len() && part(Some(0), text),
        Start(text) => part(Some(0), text),
        End(text) => part(bytes.checked_sub(text.len()), text),
        Word(text) => name.ends_with(text.as_bytes()),
    }
}

impl Role {
    /// What a file of this role is called.
    pub fn words(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Build => "a build file",
            Self::Documentation => "documentation",
            Self::Example => "an example",
            Self::Test => "a test",
            Self::Generated => "generated",
            Self::Vendored => "vendored",
        }
    }
}
