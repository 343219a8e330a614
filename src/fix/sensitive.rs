//! Files that run later, or decide what runs: a change there is never part of a bulk accept.

use serde_json::Value;

/// What a name in the table stands for. Names are in lower case.
enum Place {
    /// A folder anywhere in the path.
    Folder(&'static str),
    /// A folder that directly holds the file, whose name has no ending.
    HookFolder(&'static str),
    /// The name of the file.
    Name(&'static str),
    /// What the name begins with.
    Start(&'static str),
    /// What the name ends with.
    End(&'static str),
    /// A JSON file in which only these members matter.
    Members(&'static str, &'static [&'static str]),
}

use Place::{End, Folder, HookFolder, Members, Name, Start};

pub(super) const RUNS: &str = "what stands in this file runs later or decides what runs";
const PINS: &str = "this file decides which packages are installed";

/// Places with what they do, in words for people.
const TABLE: [(Place, &str); 101] = [
    (Start(".git"), RUNS),
    (Folder(".git"), RUNS),
    (Folder(".github"), RUNS),
    (Folder(".gitlab"), RUNS),
    (Folder(".gitea"), RUNS),
    (Folder(".forgejo"), RUNS),
    (Folder(".circleci"), RUNS),
    (Folder(".buildkite"), RUNS),
    (Folder(".woodpecker"), RUNS),
    (Folder(".teamcity"), RUNS),
    (Folder(".husky"), RUNS),
    (Folder(".githooks"), RUNS),
    (Folder(".vscode"), RUNS),
    (Folder(".idea"), RUNS),
    (Folder(".zed"), RUNS),
    (Folder(".devcontainer"), RUNS),
    (Folder(".cargo"), RUNS),
    (Folder(".mvn"), RUNS),
    (Folder(".yarn"), RUNS),
    (Folder(".lefthook"), RUNS),
    (Folder(".semaphore"), RUNS),
    (Folder(".claude"), RUNS),
    (Folder(".cursor"), RUNS),
    (Folder(".codex"), RUNS),
    (Folder(".gemini"), RUNS),
    (Folder(".windsurf"), RUNS),
    (Folder(".clinerules"), RUNS),
    (Folder(".quell"), RUNS),
    (HookFolder("hooks"), RUNS),
    (Name("makefile"), RUNS),
    (Name("gnumakefile"), RUNS),
    (Name("justfile"), RUNS),
    (Name("rakefile"), RUNS),
    (Name("taskfile.yml"), RUNS),
    (Name("taskfile.yaml"), RUNS),
    (Name(".justfile"), RUNS),
    (Name("jenkinsfile"), RUNS),
    (Name("vagrantfile"), RUNS),
    (Name("build.rs"), RUNS),
    (Name("cmakelists.txt"), RUNS),
    (Name("meson.build"), RUNS),
    (Name("sconstruct"), RUNS),
    (Name("binding.gyp"), RUNS),
    (Start("build.gradle"), RUNS),
    (Start("settings.gradle"), RUNS),
    (Name("gradlew"), RUNS),
    (Name("gradle-wrapper.properties"), RUNS),
    (Name("mvnw"), RUNS),
    (Name(".bazelrc"), RUNS),
    (Name("setup.py"), RUNS),
    (Name("conftest.py"), RUNS),
    (Name("noxfile.py"), RUNS),
    (Name("tox.ini"), RUNS),
    (Name("sitecustomize.py"), RUNS),
    (Name("usercustomize.py"), RUNS),
    (End(".pth"), RUNS),
    (Name("gruntfile.js"), RUNS),
    (Name("gulpfile.js"), RUNS),
    (Name(".envrc"), RUNS),
    (Name(".npmrc"), RUNS),
    (Name(".yarnrc.yml"), RUNS),
    (Name(".yarnrc"), RUNS),
    (Name(".pnpmfile.cjs"), RUNS),
    (Name("mise.toml"), RUNS),
    (Name(".mise.toml"), RUNS),
    (Name(".tool-versions"), RUNS),
    (Name(".mcp.json"), RUNS),
    (Name("agents.md"), RUNS),
    (Name("claude.md"), RUNS),
    (Name("gemini.md"), RUNS),
    (Name(".cursorrules"), RUNS),
    (Name(".windsurfrules"), RUNS),
    (Name(".pre-commit-config.yaml"), RUNS),
    (Name("lefthook.yml"), RUNS),
    (Name("lefthook.yaml"), RUNS),
    (Name(".lefthook.yml"), RUNS),
    (Name(".lefthook.yaml"), RUNS),
    (Name(".travis.yml"), RUNS),
    (Name(".drone.yml"), RUNS),
    (Name("azure-pipelines.yml"), RUNS),
    (Name("appveyor.yml"), RUNS),
    (Name(".appveyor.yml"), RUNS),
    (Name(".cirrus.yml"), RUNS),
    (Name("buildspec.yml"), RUNS),
    (Name("bitbucket-pipelines.yml"), RUNS),
    (Name("cloudbuild.yaml"), RUNS),
    (Name("codeowners"), RUNS),
    (End(".mk"), RUNS),
    (End(".code-workspace"), RUNS),
    (Members("package.json", &["scripts", "bin", "husky", "simple-git-hooks", "lint-staged"]), RUNS),
    (Members("composer.json", &["scripts", "bin"]), RUNS),
    (End(".lock"), PINS),
    (Name("package-lock.json"), PINS),
    (Name("npm-shrinkwrap.json"), PINS),
    (Name("pnpm-lock.yaml"), PINS),
    (Name("go.sum"), PINS),
    (Name("bun.lockb"), PINS),
    (Name("packages.lock.json"), PINS),
    (Name("gradle.lockfile"), PINS),
    (Name("package.resolved"), PINS),
    (Name(".terraform.lock.hcl"), PINS),
];

/// Why a change of this file needs a person, in words; `None` where the file is like any other.
pub(super) fn reason<'a>(path: &str, before: &[u8], after: impl Fn() -> &'a [u8]) -> Option<&'static str> {
    let path = path.to_ascii_lowercase();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let is_there = |place: &Place| match *place {
        Folder(folder) => folders.split('/').any(|one| one == folder),
        HookFolder(folder) => folders.rsplit('/').next() == Some(folder) && !name.contains('.'),
        Name(whole) => name == whole,
        Start(start) => name.starts_with(start),
        End(end) => name.ends_with(end),
        Members(whole, members) => name == whole && has_changed(members, before, after()),
    };
    TABLE.iter().find(|(place, _)| is_there(place)).map(|(_, why)| *why)
}

/// Whether one of these members differs, or the file cannot be read.
fn has_changed(members: &[&str], before: &[u8], after: &[u8]) -> bool {
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes);
    let (Ok(before), Ok(after)) = (read(before), read(after)) else { return true };
    members.iter().any(|member| before.get(member) != after.get(member))
}
