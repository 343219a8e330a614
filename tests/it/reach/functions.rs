//! Whether flagged code is in a function, or in a file, that the tree names anywhere else.

use quell::model::exposure::Exposure;
use quell::model::reach::{Note, Reach};

use super::verdict::{Case, sarif};

/// A service that faces the internet, built from the folder `app`.
const DEPLOYED: &[(&str, &str)] = &[
    ("docker-compose.yml", "services:\n  app:\n    build: ./app\n    ports: ['80:80']\n"),
    ("app/Dockerfile", "FROM scratch\nCOPY . .\nCMD [\"python\", \"server.py\"]\n"),
];

/// A result at the one line of a file that holds a word; its rule is called as the word.
fn at(files: &[(&str, &str)], path: &str, word: &str) -> String {
    let (_, text) = files.iter().find(|(name, _)| *name == path).unwrap();
    let line = 1 + text.lines().position(|line| line.contains(word)).unwrap();
    let place = format!(
        r#""physicalLocation": {{"artifactLocation": {{"uri": "{path}"}}, "region": {{"startLine": {line}}}}}"#
    );
    format!(
        r#"{{"ruleId": "{word}", "level": "error", "message": {{"text": "m {word}"}}, "locations": [{{{place}}}]}}"#
    )
}

/// Loads files, of which some are deployed, with a result at each place.
fn load(deployed: &[(&str, &str)], files: &[(&str, &str)], flagged: &[(&str, &str)]) -> Case {
    let results: Vec<String> = flagged.iter().map(|(path, word)| at(files, path, word)).collect();
    let report = sarif("scanner", &results);
    Case::of(&[deployed, files, &[("in/a.sarif", report.as_str())]].concat())
}

fn check(case: &Case, expected: &[(&str, Reach, &str)]) {
    for (word, reach, words) in expected {
        let why = case.why(word);
        let row = why.evidence.iter().find(|row| row.tool == "sources of the tree");
        let said = row.map(|row| format!("{} [{} {}]", row.words, row.file, row.pointer)).unwrap_or_default();
        assert_eq!(why.judged.reach, *reach, "{word}: {said}");
        assert!(said.contains(words) && said.is_empty() == words.is_empty(), "{word}: {said}");
    }
}

const PYTHON: &[(&str, &str)] = &[
    (
        "app/server.py",
        "from flask import Flask\nimport shop\n\napp = Flask(__name__)\n\n\n@app.route('/')\ndef front():\n    FLAW_route\n\n\n\
         def recount(\n    what,\n):\n    FLAW_recount\n    recount(1)\n\n\nclass Bill:\n    def total(self):\n        FLAW_method\n\n\n\
         FLAW_top = shop\n\n\ndef later():\n    FLAW_later\n\n\napp.after_request(later)\n",
    ),
    (
        "app/shop.py",
        "def sweep(folder):\n    FLAW_sweep\n\n\ndef sort_all():\n    FLAW_sorted\n\n\ndef handler(event):\n    FLAW_handler\n",
    ),
    ("app/oldbills.py", "class Old:\n    def read(self):\n        FLAW_old\n"),
    ("app/fakebills.py", "class Fake:\n    def read(self):\n        FLAW_fake\n"),
    ("app/nightly.py", "if __name__ == '__main__':\n    FLAW_program\n"),
    ("app/settings.yaml", "order: sort_all\n"),
    (
        "tests/test_shop.py",
        "from app.shop import sweep\nfrom app import fakebills\n\n\ndef test_sweep():\n    sweep('x')\n",
    ),
    ("docs/notes.md", "recount is called by nobody, and neither is oldbills\n"),
];

#[test]
fn a_function_that_nothing_names_is_unreached_and_one_that_tests_name_is_test_only() {
    let flagged: &[(&str, &str)] = &[
        ("app/server.py", "FLAW_route"),
        ("app/server.py", "FLAW_recount"),
        ("app/server.py", "FLAW_method"),
        ("app/server.py", "FLAW_top"),
        ("app/server.py", "FLAW_later"),
        ("app/shop.py", "FLAW_sweep"),
        ("app/shop.py", "FLAW_sorted"),
        ("app/shop.py", "FLAW_handler"),
        ("app/oldbills.py", "FLAW_old"),
        ("app/fakebills.py", "FLAW_fake"),
        ("app/nightly.py", "FLAW_program"),
    ];
    let case = load(DEPLOYED, PYTHON, flagged);
    check(
        &case,
        &[
            ("FLAW_route", Reach::Unknown, ""),
            ("FLAW_recount", Reach::Unreached, "the function recount (app/server.py:12) is named nowhere else in"),
            ("FLAW_method", Reach::Unknown, ""),
            ("FLAW_top", Reach::Unknown, ""),
            ("FLAW_later", Reach::Unknown, ""),
            ("FLAW_sweep", Reach::TestOnly, "tests and examples alone [tests/test_shop.py line 1]"),
            ("FLAW_sorted", Reach::Unknown, ""),
            ("FLAW_handler", Reach::Unknown, ""),
            ("FLAW_old", Reach::Unreached, "the file app/oldbills.py is named nowhere else"),
            ("FLAW_fake", Reach::TestOnly, "the file app/fakebills.py is named by tests"),
            ("FLAW_program", Reach::Unknown, ""),
        ],
    );
    assert_eq!(case.judged("FLAW_recount").exposure, Exposure::Internet);
    assert!(!case.judged("FLAW_recount").has(Note::Conflict));
}

/// Of a library others call what it does not call itself.
#[test]
fn nothing_is_said_of_what_no_deployment_file_runs() {
    let case = load(&[], PYTHON, &[("app/server.py", "FLAW_recount"), ("app/oldbills.py", "FLAW_old")]);
    check(&case, &[("FLAW_recount", Reach::Unknown, ""), ("FLAW_old", Reach::Unknown, "")]);
}

#[test]
fn nothing_is_said_where_modules_are_loaded_by_names_that_are_made() {
    let loader =
        [("app/plugins.py", "import importlib\n\n\ndef get(name):\n    return importlib.import_module(name)\n")];
    let files = [PYTHON, &loader].concat();
    let case = load(DEPLOYED, &files, &[("app/server.py", "FLAW_recount"), ("app/oldbills.py", "FLAW_old")]);
    check(&case, &[("FLAW_recount", Reach::Unknown, ""), ("FLAW_old", Reach::Unknown, "")]);
}

const JAVASCRIPT: &[(&str, &str)] = &[
    ("app/server.js", "const bills = require('./bills');\nbills.print();\n"),
    (
        "app/bills.js",
        "/** recount is of old. */\nfunction recount(a) {\n  FLAW_private\n}\n\nconst print = () => {\n  FLAW_called\n};\n\n\
         async function purge() {\n  FLAW_purge\n}\n\nfunction audit() {\n  FLAW_audit\n}\n\n\
         const once = () => FLAW_once;\n\nmodule.exports = {\n  print,\n  purge,\n  audit,\n};\n",
    ),
    ("app/orders.ts", "export function shipped() {\n  FLAW_shipped\n}\n"),
    ("app/report.js", "const orders = require('./orders');\nObject.values(orders).forEach((f) => f());\n"),
    ("app/unused.js", "exports.list = function () {\n  FLAW_unused\n};\n"),
    ("app/pages/about.js", "export default function About() {\n  FLAW_page\n}\n"),
    ("test/bills.test.js", "require('../app/bills').purge();\n"),
];

#[test]
fn functions_of_javascript_are_told_apart_by_what_they_hand_out() {
    let flagged: &[(&str, &str)] = &[
        ("app/bills.js", "FLAW_private"),
        ("app/bills.js", "FLAW_called"),
        ("app/bills.js", "FLAW_purge"),
        ("app/bills.js", "FLAW_audit"),
        ("app/bills.js", "FLAW_once"),
        ("app/orders.ts", "FLAW_shipped"),
        ("app/unused.js", "FLAW_unused"),
        ("app/pages/about.js", "FLAW_page"),
    ];
    let expected = [
        ("FLAW_private", Reach::Unreached, "the function recount (app/bills.js:2)"),
        ("FLAW_called", Reach::Unknown, ""),
        ("FLAW_purge", Reach::TestOnly, "the function purge"),
        ("FLAW_audit", Reach::Unreached, "the function audit"),
        ("FLAW_once", Reach::Unreached, "the function once"),
        // Somebody takes all that the file has.
        ("FLAW_shipped", Reach::Unknown, ""),
        ("FLAW_unused", Reach::Unreached, "app/unused.js"),
        ("FLAW_page", Reach::Unknown, ""),
    ];
    check(&load(DEPLOYED, JAVASCRIPT, flagged), &expected);
    // Whoever loads a folder may take what a file hands out, and not what it keeps.
    let loader = [("app/load.js", "fs.readdirSync(__dirname).forEach((name) => require('./' + name));\n")];
    let expected = [
        ("FLAW_private", Reach::Unreached, "the function recount"),
        ("FLAW_audit", Reach::Unknown, ""),
        ("FLAW_unused", Reach::Unknown, ""),
    ];
    check(&load(DEPLOYED, &[JAVASCRIPT, &loader].concat(), flagged), &expected);
}

#[test]
fn functions_of_go_are_told_apart_from_methods_and_directives() {
    let main = "package main\n\nfunc main() {\n\tserve()\n}\n\n// serve answers.\nfunc serve() {\n\tFLAW_serve()\n}\n\n\
                // Export is of old.\nfunc Export(a string,\n\tb int) error {\n\tFLAW_export()\n\treturn nil\n}\n\n\
                func (s S) Lost() {\n\tFLAW_method()\n}\n\n//export Given\nfunc Given() {\n\tFLAW_given()\n}\n\n\
                func Reset() {\n\tFLAW_reset()\n}\n";
    let files = [("app/main.go", main), ("app/main_test.go", "package main\n\nfunc TestReset() {\n\tReset()\n}\n")];
    let words = ["FLAW_serve", "FLAW_export", "FLAW_method", "FLAW_given", "FLAW_reset"];
    let flagged: Vec<(&str, &str)> = words.iter().map(|word| ("app/main.go", *word)).collect();
    check(
        &load(DEPLOYED, &files, &flagged),
        &[
            ("FLAW_serve", Reach::Unknown, ""),
            ("FLAW_export", Reach::Unreached, "the function Export (app/main.go:13)"),
            ("FLAW_method", Reach::Unknown, ""),
            ("FLAW_given", Reach::Unknown, ""),
            ("FLAW_reset", Reach::TestOnly, "the function Reset"),
        ],
    );
}

/// What was seen to run is reached, whatever names it.
#[test]
fn a_measurement_in_staging_outweighs_names() {
    let files = [("app/main.go", "package main\n\nfunc Export() {\n\tFLAW_export()\n}\n")];
    let report = sarif("scanner", &[at(&files, "app/main.go", "FLAW_export")]);
    let cover = "mode: set\nexample.com/app/main.go:3.15,5.2 1 1\n";
    let inputs = [("in/a.sarif", report.as_str()), ("in/staging.out", cover), ("go.mod", "module example.com\n")];
    let case = Case::of(&[DEPLOYED, &files, &inputs].concat());
    assert_eq!(case.judged("FLAW_export").reach, Reach::Reachable, "{:?}", case.why("FLAW_export").evidence);
    assert!(case.judged("FLAW_export").has(Note::Conflict));
}
