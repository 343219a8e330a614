//! Whether the packages that findings are about are imported by the tree.

use std::sync::Arc;

use quell::model::evidence::{Polarity, Rung};
use quell::model::reach::{Lane, Reach, Row};

use crate::support::tree::Tree;

use super::verdict::{Case, result, sarif};

/// A result of a dependency scanner; its rule is called as the package.
fn about(purl: &str, file: &str) -> String {
    let name = purl.rsplit_once('@').unwrap().0.rsplit('/').next().unwrap();
    result(name, "error", file, &format!(r#", "properties": {{"purl": "{purl}"}}"#))
}

/// The files of a repository with a report about these packages.
fn case(files: &[(&str, &str)], packages: &[(&str, &str)]) -> Case {
    let results: Vec<String> = packages.iter().map(|(purl, file)| about(purl, file)).collect();
    let report = sarif("scanner", &results);
    let all: Vec<(&str, &str)> = files.iter().copied().chain([("in/a.sarif", report.as_str())]).collect();
    Case::of(&all)
}

/// What the tree says of a package: the first row of its sources.
fn row(case: &Case, rule: &str) -> Row {
    let is_said = |row: &Row| row.tool == "sources of the tree";
    case.why(rule).evidence.into_iter().find(is_said).unwrap_or_else(|| panic!("nothing is said of {rule}"))
}

fn check(case: &Case, expected: &[(&str, Reach, Polarity, u8, &str, &str)]) {
    for (rule, reach, polarity, strength, place, words) in expected {
        let row = row(case, rule);
        let at = if row.pointer.is_empty() { row.file.clone() } else { format!("{} {}", row.file, row.pointer) };
        assert_eq!(
            (case.judged(rule).reach, row.polarity, row.strength, at.as_str()),
            (*reach, *polarity, *strength, *place),
            "{rule}: {}",
            row.words
        );
        assert!(row.words.contains(words), "{rule}: {}", row.words);
    }
}

use Polarity::{No, Unknown, Yes};

/// pip-compile says through what each package came.
const COMPILED: &str = "\
click==8.1.7
    # via flask
flask==2.3.2
    # via -r requirements.in
jinja2==3.1.2
    # via flask
paramiko==2.4.1
    # via -r requirements.in
pillow==9.5.0
    # via -r requirements.in
psycopg2==2.9.9
    # via -r requirements.in
pyyaml==5.3.1
    # via -r requirements.in
some-thing==1.0
    # via -r requirements.in
";

#[test]
fn packages_of_python_are_found_under_the_names_of_their_modules() {
    let case = case(
        &[
            ("requirements.txt", COMPILED),
            ("requirements.in", "flask\nparamiko\npillow\npsycopg2\npyyaml\nsome-thing\n"),
            ("requirements-dev.txt", "black==23.9.1\n    # via -r requirements-dev.in\npy==1.11.0\n"),
            ("app/views.py", "import os\n\ndef load(text):\n    from yaml import load\n    return load(text)\n"),
            ("app/settings.py", "import paramiko_like\nURL = \"postgresql+psycopg2://db\"\nNOTE = 'uses paramikos'\n"),
            ("tests/test_views.py", "import PIL.Image, py\n"),
        ],
        &[
            ("pkg:pypi/pyyaml@5.3.1", "requirements.txt"),
            ("pkg:pypi/paramiko@2.4.1", "requirements.txt"),
            ("pkg:pypi/jinja2@3.1.2", "requirements.txt"),
            ("pkg:pypi/psycopg2@2.9.9", "requirements.txt"),
            ("pkg:pypi/pillow@9.5.0", "requirements.txt"),
            ("pkg:pypi/some-thing@1.0", "requirements.txt"),
            ("pkg:pypi/black@23.9.1", "requirements-dev.txt"),
            ("pkg:pypi/py@1.11.0", "requirements-dev.txt"),
        ],
    );
    check(
        &case,
        &[
            ("pyyaml", Reach::Unknown, Yes, 1, "app/views.py line 4", "imported"),
            (
                "paramiko",
                Reach::Unreached,
                No,
                2,
                "requirements.in line 2",
                "none of 3 files of Python imports paramiko",
            ),
            ("jinja2", Reach::Unknown, Unknown, 0, "", "it comes with flask, whose code was not looked at"),
            ("psycopg2", Reach::Unknown, Unknown, 0, "app/settings.py line 2", "named here"),
            ("pillow", Reach::TestOnly, Yes, 2, "tests/test_views.py line 1", "alone"),
            ("some-thing", Reach::Unknown, Unknown, 0, "", "under which name it is imported is not known"),
            ("black", Reach::TestOnly, Yes, 2, "requirements-dev.txt line 1", "in development alone"),
            ("py", Reach::TestOnly, Yes, 2, "tests/test_views.py line 1", "alone"),
        ],
    );
    let why = case.why("paramiko");
    assert_eq!(why.judged.rungs.get(Rung::Imported).word(), Some("no"));
    assert!(why.judged.lane >= Lane::Scheduled, "{}", why.lane);
}

#[test]
fn without_a_lock_file_nothing_is_denied() {
    let case = case(
        &[("requirements.txt", "paramiko==2.4.1\n"), ("requirements-dev.txt", "black\n"), ("app.py", "import os\n")],
        &[("pkg:pypi/paramiko@2.4.1", "requirements.txt"), ("pkg:pypi/black@23.9.1", "requirements-dev.txt")],
    );
    check(
        &case,
        &[
            ("paramiko", Reach::Unknown, No, 1, "requirements.txt line 1", "no lock file says whether"),
            ("black", Reach::Unknown, Yes, 1, "requirements-dev.txt line 1", "in development alone"),
        ],
    );
}

/// Files beside those that tell all, after which it is not known any more what needs what.
const OPEN: &[(&str, &str)] = &[
    ("other/yarn.lock", ""),
    ("other/package.json", r#"{"dependencies": {"left": "1"}}"#),
    ("other/package-lock.json", "{ broken"),
];

#[test]
fn a_part_of_the_tree_without_a_lock_file_that_is_read_leaves_open_what_needs_what() {
    let files = [
        ("package.json", r#"{"dependencies": {"minimist": "1.2.5"}, "devDependencies": {"mocha": "9"}}"#),
        ("package-lock.json", r#"{"packages": {"node_modules/minimist": {}, "node_modules/mocha": {"dev": true}}}"#),
        ("part/package.json", r#"{"dependencies": {"minimist": "1.2.5"}}"#),
        ("server.js", "start();\n"),
    ];
    let packages = [("pkg:npm/minimist@1.2.5", "package-lock.json"), ("pkg:npm/mocha@9.0.0", "package-lock.json")];
    let expected = [
        ("minimist", Reach::Unreached, No, 2, "package.json line 1", "no package of the lock file needs it"),
        ("mocha", Reach::TestOnly, Yes, 2, "package.json line 1", "in development alone"),
    ];
    check(&case(&files, &packages), &expected);
    for (path, text) in OPEN {
        // A lock file above a part is that of the part too, so the part lies beside it here.
        let beside = files.map(|(name, text)| (format!("shop/{name}"), text));
        let mut all: Vec<(&str, &str)> = beside.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        all.push((path, text));
        let expected = [
            ("minimist", Reach::Unknown, No, 1, "shop/package.json line 1", "no lock file says"),
            ("mocha", Reach::Unknown, Yes, 1, "shop/package.json line 1", "in development alone"),
        ];
        check(&case(&all, &packages), &expected);
    }
}

/// What a lock file does not name is not kept out of production by it, and what has another name here is not looked for
/// under its own.
#[test]
fn a_package_that_the_lock_file_does_not_have_is_not_for_development() {
    let cargo = "[package]\nname = \"shop\"\n[dependencies]\nclock = { package = \"time\", version = \"0.1\" }\n";
    let lock = "[[package]]\nname = \"shop\"\n[[package]]\nname = \"time\"\nsource = \"registry\"\n";
    let case = case(
        &[
            ("Cargo.toml", cargo),
            ("Cargo.lock", lock),
            ("src/main.rs", "fn main() {\n    clock::now();\n}\n"),
            ("package.json", r#"{"dependencies": {"old": "npm:minimist@1.2.5", "ejs": "1"}}"#),
            (
                "package-lock.json",
                r#"{"packages": {"node_modules/old": {"name": "minimist"}, "node_modules/ejs": {}}}"#,
            ),
            ("server.js", "require('old');\n"),
        ],
        &[
            ("pkg:cargo/time@0.1.0", "Cargo.lock"),
            ("pkg:npm/minimist@1.2.5", "package-lock.json"),
            ("pkg:npm/lodash@4.0.0", "package-lock.json"),
        ],
    );
    check(
        &case,
        &[
            ("time", Reach::Unknown, Unknown, 0, "", "under which name it is imported is not known"),
            ("minimist", Reach::Unknown, Unknown, 0, "", "under which name it is imported is not known"),
            ("lodash", Reach::Unknown, Unknown, 0, "", "no manifest asks for it"),
        ],
    );
}

/// As npm 7 and later write it, in short.
const NPM_LOCK: &str = r#"{
  "name": "shop", "lockfileVersion": 3,
  "packages": {
    "": {"dependencies": {"express": "4.17.1", "ejs": "3.1.6", "minimist": "1.2.5", "pm2": "5.0.0"},
         "devDependencies": {"mocha": "9.0.0"}},
    "node_modules/express": {"version": "4.17.1", "dependencies": {"qs": "6.7.0"}},
    "node_modules/qs": {"version": "6.7.0"},
    "node_modules/ejs": {"version": "3.1.6"},
    "node_modules/minimist": {"version": "1.2.5"},
    "node_modules/pm2": {"version": "5.0.0"},
    "node_modules/mocha": {"version": "9.0.0", "dev": true, "dependencies": {"ansi-regex": "5.0.0"}},
    "node_modules/ansi-regex": {"version": "5.0.0", "dev": true}
  }
}"#;

#[test]
fn packages_of_npm_are_told_apart_by_the_lock_file() {
    let manifest = r#"{"name": "shop",
 "scripts": {"start": "pm2 start server.js"},
 "dependencies": {"express": "4.17.1", "ejs": "3.1.6", "minimist": "1.2.5", "pm2": "5.0.0"},
 "devDependencies": {"mocha": "9.0.0"}}"#;
    let case = case(
        &[
            ("package.json", manifest),
            ("package-lock.json", NPM_LOCK),
            ("server.ts", "import express, {\n  Router\n} from 'express';\nconst view = require(\"ejs/lib\");\n"),
            ("lib/other.js", "// minimist is no more\nimport './minimist';\n"),
        ],
        &[
            ("pkg:npm/ejs@3.1.6", "package-lock.json"),
            ("pkg:npm/express@4.17.1", "package-lock.json"),
            ("pkg:npm/minimist@1.2.5", "package-lock.json"),
            ("pkg:npm/qs@6.7.0", "package-lock.json"),
            ("pkg:npm/pm2@5.0.0", "package-lock.json"),
            ("pkg:npm/mocha@9.0.0", "package-lock.json"),
            ("pkg:npm/ansi-regex@5.0.0", "package-lock.json"),
        ],
    );
    check(
        &case,
        &[
            ("ejs", Reach::Unknown, Yes, 1, "server.ts line 4", "imported"),
            ("express", Reach::Unknown, Yes, 1, "server.ts line 3", "imported"),
            ("minimist", Reach::Unreached, No, 2, "package.json line 3", "none of 2 files of JavaScript"),
            ("qs", Reach::Unknown, Unknown, 0, "", "it comes with express"),
            ("pm2", Reach::Unknown, Unknown, 0, "package.json", "named here"),
            ("mocha", Reach::TestOnly, Yes, 2, "package.json line 4", "in development alone"),
            ("ansi-regex", Reach::TestOnly, Yes, 2, "", "by the lock file"),
        ],
    );
}

/// What each of them wrote for [`LOCKED`]: Yarn 1.22 (without the addresses), Yarn 4.18, pnpm 7, 8 and 10, Bun 1.4.
const LOCKS: &[(&str, &str)] = &[
    ("yarn.lock", include_str!("../../data/locks/yarn-1.lock")),
    ("yarn.lock", include_str!("../../data/locks/yarn-4.lock")),
    ("pnpm-lock.yaml", include_str!("../../data/locks/pnpm-5.4.yaml")),
    ("pnpm-lock.yaml", include_str!("../../data/locks/pnpm-6.yaml")),
    ("pnpm-lock.yaml", include_str!("../../data/locks/pnpm-9.yaml")),
    ("bun.lock", include_str!("../../data/locks/bun.lock")),
];

const LOCKED: &str = r#"{
  "name": "shop",
  "dependencies": {"ejs": "3.1.6", "width": "npm:string-width@4.2.3"},
  "devDependencies": {"@isaacs/cliui": "8.0.2", "mkdirp": "0.5.5"}
}"#;

#[test]
fn lock_files_of_yarn_pnpm_and_bun_say_what_needs_what() {
    let names = ["ejs", "async", "emoji-regex", "string-width", "mkdirp", "minimist", "wrap-ansi", "%40isaacs/cliui"];
    let purls = names.map(|name| format!("pkg:npm/{name}@1.0.0"));
    for (name, text) in LOCKS {
        let end = text.find("\n  emoji-regex").or_else(|| text.find("\nemoji-regex")).unwrap_or(text.len() / 2);
        let (cut, _) = text.split_at(end);
        let (cut_at_line, unmerged) = (format!("{cut}\n"), format!("{text}\n<<<<<<< HEAD\n"));
        let unread = ["{ broken", cut, &cut_at_line, &unmerged].map(|text| (text, false));
        for (text, is_read) in unread.into_iter().chain([(*text, true)]) {
            let files = [("package.json", LOCKED), (*name, text), ("server.js", "require('ejs');\n")];
            let packages: Vec<(&str, &str)> = purls.iter().map(|purl| (purl.as_str(), *name)).collect();
            let case = case(&files, &packages);
            let yes = if is_read { (Reach::TestOnly, Yes, 2) } else { (Reach::Unknown, Yes, 1) };
            check(&case, &[("ejs", Reach::Unknown, Yes, 1, "server.js line 1", "imported")]);
            for asked in ["mkdirp", "cliui"] {
                check(&case, &[(asked, yes.0, yes.1, yes.2, "package.json line 4", "in development alone")]);
            }
            if is_read {
                let expected = [
                    ("async", Reach::Unknown, Unknown, 0, "", "it comes with jake"),
                    // By way of `width`, which is another name of `string-width`.
                    ("emoji-regex", Reach::Unknown, Unknown, 0, "", "width, whose code was not looked at"),
                    ("string-width", Reach::Unknown, Unknown, 0, "", "under which name it is imported is not known"),
                    ("minimist", Reach::TestOnly, Yes, 2, "", "by the lock file"),
                    ("wrap-ansi", Reach::TestOnly, Yes, 2, "", "by the lock file"),
                ];
                check(&case, &expected);
            }
        }
    }
}

/// What pipenv wrote, without hashes and addresses.
const PIPFILE: &str = include_str!("../../data/locks/Pipfile");
const PIPFILE_LOCK: &str = include_str!("../../data/locks/Pipfile.lock");

#[test]
fn the_lock_file_of_pipenv_says_what_production_holds_and_not_what_needs_what() {
    let packages = ["flask", "jinja2", "paramiko", "pytest", "iniconfig", "mkdocs"];
    let purls = packages.map(|name| format!("pkg:pypi/{name}@1.0"));
    let about: Vec<(&str, &str)> = purls.iter().map(|purl| (purl.as_str(), "Pipfile.lock")).collect();
    let newer = PIPFILE.replace("[packages]\n", "[packages]\nrequests = \"*\"\n");
    let no_default = PIPFILE_LOCK.replace("\"default\"", "\"other\"");
    for (pipfile, lock, is_read) in [
        (PIPFILE, Some(PIPFILE_LOCK), true),
        (PIPFILE, None, false),
        (PIPFILE, Some("{ broken"), false),
        (PIPFILE, Some(&no_default), false),
        // It was not locked again, and what the new one needs may be among what only development has.
        (&newer, Some(PIPFILE_LOCK), false),
    ] {
        let mut files = vec![("Pipfile", pipfile), ("app.py", "import flask\n")];
        files.extend(lock.map(|lock| ("Pipfile.lock", lock)));
        let case = case(&files, &about);
        let line = |name: &str| pipfile.lines().position(|line| line.starts_with(name)).unwrap() + 1;
        let at = |name: &str| format!("Pipfile line {}", line(name));
        let alone = if is_read { (Reach::TestOnly, Yes, 2) } else { (Reach::Unknown, Yes, 1) };
        check(
            &case,
            &[
                ("flask", Reach::Unknown, Yes, 1, "app.py line 1", "imported"),
                (
                    "paramiko",
                    Reach::Unknown,
                    No,
                    1,
                    &at("paramiko"),
                    "no lock file says whether another package needs it",
                ),
                ("jinja2", Reach::Unknown, Unknown, 0, "", "it comes with another package"),
                ("pytest", alone.0, alone.1, alone.2, &at("pytest"), "in development alone"),
                ("mkdocs", alone.0, alone.1, alone.2, &at("mkdocs"), "in development alone"),
            ],
        );
        let iniconfig = row(&case, "iniconfig");
        assert_eq!(iniconfig.words.contains("by the lock file"), is_read, "{}", iniconfig.words);
    }
}

/// The first bytes of what Bun 1.1 wrote for [`LOCKED`].
const BUN_LOCKB: &[u8] = b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n\x02\0\0\0\x99?a\
     \xaf.C\xcc\x94\x9b\xb1X\xf1\x86&\xfb\xd01\\\xecn\xc3\xd46\xcc\xd9\x93\xd4}-\xaf(b*\0\0\0\0\0\0\x1c\0\0\0\0\0\0\0\x08\0";

#[test]
fn a_lock_file_that_is_no_text_decides_nothing_and_says_what_would() {
    let (_, text) = LOCKS.iter().find(|(name, _)| *name == "bun.lock").unwrap();
    let packages = [("pkg:npm/mkdirp@0.5.5", "bun.lockb"), ("pkg:npm/ejs@3.1.6", "bun.lockb")];
    let report = sarif("scanner", &packages.map(|(purl, file)| about(purl, file)));
    for (name, other, is_read) in [
        ("bun.lockb", None, false),
        ("web/bun.lockb", Some(("bun.lock", *text)), false),
        ("bun.lockb", Some(("bun.lock", *text)), true),
    ] {
        let mut files = vec![("package.json", LOCKED), ("server.js", "start();\n"), ("in/a.sarif", &*report)];
        files.extend(other);
        let tree = Tree::git(&files);
        std::fs::create_dir_all(tree.root().join(name).parent().unwrap()).unwrap();
        std::fs::write(tree.root().join(name), BUN_LOCKB).unwrap();
        tree.commit("first", 1_700_000_000);
        let case = Case::load(tree);
        let next =
            format!("{name} is no text and was not read; `bun install --save-text-lockfile` makes bun.lock of it");
        for (rule, reach, row) in
            [("mkdirp", Reach::TestOnly, row(&case, "mkdirp")), ("ejs", Reach::Unreached, row(&case, "ejs"))]
        {
            assert_eq!(row.words.contains(&next), !is_read, "{}", row.words);
            assert_eq!(case.judged(rule).reach, if is_read { reach } else { Reach::Unknown }, "{}", row.words);
        }
    }
}

/// A fix takes the one import away, and undo brings it back.
#[test]
fn after_a_batch_the_tree_is_searched_again() {
    let files = [
        ("package.json", r#"{"dependencies": {"minimist": "1.2.5"}}"#),
        ("package-lock.json", r#"{"packages": {"node_modules/minimist": {}}}"#),
        ("server.js", "require('minimist');\n"),
    ];
    let mut case = case(&files, &[("pkg:npm/minimist@1.2.5", "package-lock.json")]);
    assert_eq!(case.judged("minimist").reach, Reach::Unknown);
    assert!(case.desk.reach_again(&case.loaded.board).is_none(), "nothing was written");
    for (text, reach, words) in
        [("start();\n", Reach::Unreached, "not imported"), ("require('minimist');\n", Reach::Unknown, "imported")]
    {
        case.tree.write("server.js", text);
        let again = case.desk.reach_again(&case.loaded.board).unwrap();
        case.loaded.board.reaches = Arc::new(again);
        assert_eq!(case.judged("minimist").reach, reach);
        assert!(row(&case, "minimist").words.starts_with(words));
        assert!(case.desk.reach_again(&case.loaded.board).is_none(), "it is told once");
    }
}

#[test]
fn modules_of_go_are_found_by_their_paths_and_others_where_that_is_simple() {
    let case = case(
        &[
            (
                "go.mod",
                "module example.com/shop\n\ngo 1.22\n\nrequire (\n\tgolang.org/x/text v0.3.5\n\tgolang.org/x/net v0.7.0 // indirect\n)\n",
            ),
            (
                "main.go",
                "package main\n\nimport (\n\t\"fmt\"\n\tlang \"golang.org/x/text/language\"\n)\n\nfunc main() { fmt.Println(lang.English) }\n",
            ),
            (
                "Cargo.toml",
                "[package]\nname = \"shop\"\n[dependencies]\nserde_json = \"1\"\ntime = \"0.1\"\n[dev-dependencies]\nproptest = \"1\"\n",
            ),
            (
                "Cargo.lock",
                "[[package]]\nname = \"shop\"\ndependencies = [\"serde_json\", \"time\", \"proptest\"]\n[[package]]\nname = \"serde_json\"\nsource = \"registry\"\n[[package]]\nname = \"time\"\nsource = \"registry\"\n[[package]]\nname = \"proptest\"\nsource = \"registry\"\n",
            ),
            ("src/main.rs", "fn main() {\n    let _ = serde_json::json!(1);\n}\n"),
            ("Gemfile", "gem 'rails'\n"),
            ("app.rb", "require 'nokogiri'\n"),
            ("src/main/java/App.java", "import org.apache.logging.log4j.LogManager;\nclass App {}\n"),
        ],
        &[
            ("pkg:golang/golang.org/x/text@v0.3.5", "go.mod"),
            ("pkg:golang/golang.org/x/net@v0.7.0", "go.mod"),
            ("pkg:cargo/serde_json@1.0.0", "Cargo.lock"),
            ("pkg:cargo/time@0.1.0", "Cargo.lock"),
            ("pkg:cargo/proptest@1.0.0", "Cargo.lock"),
            ("pkg:gem/nokogiri@1.10.0", "Gemfile.lock"),
            ("pkg:gem/rails@5.0.0", "Gemfile.lock"),
            ("pkg:maven/org.apache.logging.log4j/log4j-api@2.14.0", "pom.xml"),
            ("pkg:maven/com.fasterxml/jackson-databind@2.9.0", "pom.xml"),
        ],
    );
    check(
        &case,
        &[
            ("text", Reach::Unknown, Yes, 1, "main.go line 5", "imported"),
            ("net", Reach::Unknown, Unknown, 0, "", "it comes with another package"),
            ("serde_json", Reach::Unknown, Yes, 1, "src/main.rs line 2", "imported"),
            ("time", Reach::Unreached, No, 2, "Cargo.toml line 5", "none of 1 file of Rust imports time"),
            ("proptest", Reach::TestOnly, Yes, 2, "Cargo.toml line 7", "in development alone"),
            ("nokogiri", Reach::Unknown, Yes, 1, "app.rb line 1", "imported"),
            ("rails", Reach::Unknown, Unknown, 0, "", "it may be loaded without an import"),
            ("log4j-api", Reach::Unknown, Yes, 1, "src/main/java/App.java line 1", "imported"),
            ("jackson-databind", Reach::Unknown, Unknown, 0, "", "it may be loaded without an import"),
        ],
    );
}

#[test]
fn a_runtime_is_not_unreached_because_nothing_imports_it() {
    let lock = "[[package]]\nname = \"gunicorn\"\nversion = \"20.0.4\"\n";
    let case = case(
        &[
            ("pyproject.toml", "[project]\ndependencies = [\"gunicorn==20.0.4\"]\n"),
            ("uv.lock", lock),
            ("app.py", "import os\n"),
        ],
        &[("pkg:pypi/gunicorn@20.0.4", "uv.lock")],
    );
    check(&case, &[("gunicorn", Reach::Unknown, No, 2, "pyproject.toml line 2", "not imported")]);
}

/// A path with a large file, one that is no text, one that is a link to nowhere, and a lock file that breaks off.
#[test]
fn what_cannot_be_read_is_never_a_no() {
    let large = format!("{}\n", "x = 1\n".repeat(800_000));
    let lock = "[[package]]\nname = \"paramiko\"\nversion = \"2.4.1\"\n";
    let manifest = "[project]\ndependencies = [\"paramiko\"]\n";
    let files = [("pyproject.toml", manifest), ("uv.lock", lock), ("app.py", "import os\n")];
    let package = [("pkg:pypi/paramiko@2.4.1", "uv.lock")];
    check(&case(&files, &package), &[("paramiko", Reach::Unreached, No, 2, "pyproject.toml line 2", "none of 1 file")]);
    let with_large = [&files[..], &[("big.py", large.as_str())]].concat();
    check(&case(&with_large, &package), &[("paramiko", Reach::Unknown, Unknown, 0, "", "big.py could not be read")]);
    let with_broken =
        [("pyproject.toml", "[project\n"), ("uv.lock", "[[package]]\nname = "), ("app.py", "\u{0}import os\n")];
    check(&case(&with_broken, &package), &[("paramiko", Reach::Unknown, Unknown, 0, "", "no manifest asks for it")]);
}

/// Installed packages in the tree say what their modules are called; what is vendored is not own code.
#[test]
fn the_metadata_of_installed_packages_counts() {
    let lock = "[[package]]\nname = \"odd-name\"\nversion = \"1\"\n[[package]]\nname = \"odder\"\nversion = \"1\"\n";
    let case = case(
        &[
            ("pyproject.toml", "[project]\ndependencies = [\"odd-name\", \"odder\"]\n"),
            ("uv.lock", lock),
            ("lib/site-packages/odd_name-1.dist-info/top_level.txt", "plain\n"),
            ("lib/site-packages/odder-1.dist-info/top_level.txt", "modul\n"),
            ("lib/site-packages/plain.py", "import modul\n"),
            ("app.py", "import plain.part as p\n"),
        ],
        &[("pkg:pypi/odd-name@1", "uv.lock"), ("pkg:pypi/odder@1", "uv.lock")],
    );
    check(
        &case,
        &[
            ("odd-name", Reach::Unknown, Yes, 1, "app.py line 1", "imported"),
            ("odder", Reach::Unreached, No, 2, "pyproject.toml line 2", "imports modul"),
        ],
    );
}
