//! What a person has to look at before it is written.

use quell::fix::{Choice, plan};
use quell::model::fix::Applicability;

use super::case::{With, after, fix, kept, line, planned, verdicts};
use crate::support::tree::Tree;

/// Verdict and reason for writing `insert` over the only line of a file.
fn check(path: &str, text: &str, insert: &str) -> String {
    let tree = Tree::plain(&[(path, text)]);
    let plan = planned(&tree, &[fix(path, line(1), insert).of(text)]);
    format!("{}: {}", verdicts(&plan).concat(), plan.fixes[0].why)
}

#[test]
fn files_that_run_are_not_written_in_bulk() {
    let sensitive = [
        ".github/workflows/ci.yml",
        ".gitattributes",
        ".gitmodules",
        "web/.gitignore",
        ".gitlab-ci.yml",
        "hooks/pre-commit",
        "Makefile",
        "tools/rules.mk",
        "Cargo.lock",
        "web/package-lock.json",
        "build.rs",
        ".envrc",
        ".vscode/tasks.json5",
        ".husky/pre-push",
        "Jenkinsfile",
        "AGENTS.md",
        "CLAUDE.md",
        ".cursorrules",
        "tox.ini",
        "CMakeLists.txt",
        "app/build.gradle.kts",
        "gradle/wrapper/gradle-wrapper.properties",
        ".yarn/releases/yarn.cjs",
        ".pnpmfile.cjs",
    ];
    for path in sensitive {
        let tree = Tree::plain(&[(path, "one\n")]);
        let proposal = fix(path, line(1), "two").of("one\n");
        assert!(check(path, "one\n", "two").starts_with("needs-you flagged"), "{path}");
        assert_eq!(verdicts(&kept(&tree, &[proposal])), ["will-write exact"], "{path}");
    }
    for path in ["src/hooks/use.ts", "deploy/pod.yaml", "src/lock.py", "github/a.py", "src/build.rs.txt", "vscode/a"] {
        assert!(check(path, "one\n", "two").starts_with("will-write exact"), "{path}");
    }
}

#[test]
fn files_in_the_hook_folder_of_git_are_not_written_in_bulk() {
    let tree = Tree::git(&[("tools/git/pre-commit", "one\n"), ("tools/git.py", "one\n")]);
    let check = |path| verdicts(&planned(&tree, &[fix(path, line(1), "two").of("one\n")])).concat();
    assert_eq!(check("tools/git/pre-commit"), "will-write exact");
    let mut config = git2::Config::open(&tree.root().join(".git/config")).unwrap();
    for folder in ["tools/git", "./tools/../tools/git/", tree.root().join("tools/git").to_str().unwrap()] {
        config.set_str("core.hooksPath", folder).unwrap();
        assert_eq!(check("tools/git/pre-commit"), "needs-you flagged", "{folder}");
        assert_eq!(check("tools/git.py"), "will-write exact", "{folder}");
    }
}

#[test]
fn only_what_a_manifest_runs_is_sensitive() {
    let manifest = "{\"scripts\": {\"test\": \"jest\"},\n\"dependencies\": {\"a\": \"1\"}}\n";
    let tree = Tree::plain(&[("package.json", manifest)]);
    let of = |number, insert: &str| planned(&tree, &[fix("package.json", line(number), insert).of(manifest)]);
    assert_eq!(verdicts(&of(2, "\"dependencies\": {\"a\": \"2\"}}")), ["will-write exact"]);
    let script = of(1, "{\"scripts\": {\"test\": \"jest\", \"postinstall\": \"curl x\"},");
    assert_eq!(verdicts(&script), ["needs-you flagged"]);
    assert!(script.fixes[0].why.contains("runs later"), "{}", script.fixes[0].why);
}

#[test]
fn a_fix_that_empties_a_file_needs_a_person() {
    let text = "a line of text\n".repeat(60);
    let tree = Tree::plain(&[("a.txt", &text)]);
    let of = |end| planned(&tree, &[fix("a.txt", super::case::region(1, 1, end, 1), "").of(&text)]);
    assert_eq!(verdicts(&of(20)), ["will-write exact"]);
    assert_eq!(verdicts(&of(40)), ["needs-you flagged"]);
}

#[test]
fn hidden_characters_are_counted() {
    let hidden = check("a.py", "one\n", "two\u{202e}\u{200b}");
    assert_eq!(hidden, "needs-you flagged: a.py: it adds 2 hidden or control characters");
    assert!(check("a.py", "one\u{202e}\n", "two\u{202e}").starts_with("will-write"));
    assert!(check("a.py", "one\n", "two\u{1b}[2J").contains("it adds 1 hidden or control character"));
}

/// An ordinary line, and the fix of it.
#[test]
fn addresses_keys_and_mixed_names_need_a_person() {
    const KEPT: &str =
        "one\nurl = 'http://api.acme.test/v1'\nkey = 'aK3xQ9Zr7LmT2vWs8YpBn4HcJd6FgE1u'\nname = pаypal\n";
    let check = |insert: &str| check("a.txt", KEPT, insert);
    for (insert, what) in [
        ("get('https://evil.example/x')", "an address on the net: evil.example"),
        ("get('http://api.acme.test@evil.example:80/x')", "an address on the net: evil.example"),
        ("FTP://EVIL.example", "an address on the net: EVIL.example"),
        ("key = 'aK3xQ9Zr7LmT2vWs8YpBn4HcJd6FgE1v'", "what looks like a key"),
        ("AKIAIOSFODNN7EXAMPLE", "what looks like a key"),
        ("-----BEGIN RSA PRIVATE KEY-----", "what looks like a key"),
        ("if раypal(one):", "a name with letters of two alphabets: <U+0440><U+0430>ypal"),
        ("ΑBC = 1", "a name with letters of two alphabets: <U+0391>BC"),
    ] {
        assert_eq!(check(insert), format!("needs-you flagged: a.txt: it adds {what}"));
    }
    for ordinary in [
        "get('https://api.acme.test/v2')",
        "http://localhost:80 http://127.0.0.1/ http://${HOST}/ see: //",
        "uses: actions/checkout@8f4b7f84864484a7bf31766abe9204da3cbe65b3",
        "image@sha256:9b2f8f3c3a0f5e0b9c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b",
        "integrity=\"sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC\"",
        "key = 'aK3xQ9Zr7LmT2vWs8YpBn4HcJd6FgE1u'",
        "getHttp2ResponseForUser3OfTheSecondTenant4Only",
        "name = pаypal # кто это: Δt μs naïve 変数x",
        "yaml.safe_load(data)",
    ] {
        assert_eq!(check(ordinary), "will-write exact: a.txt: line 1: the file is what the scanner saw", "{ordinary}");
    }
}

/// No edit is an address, all of them together are.
#[test]
fn what_several_edits_make_together_is_seen() {
    let text = "a b c\n";
    let tree = Tree::plain(&[("a.txt", text)]);
    let edit = |at, insert: &str| fix("a.txt", super::case::region(1, at, 1, at + 1), insert).of(text).edits.remove(0);
    let parts = vec![edit(1, "https:"), edit(2, "//"), edit(3, "evil.example")];
    let plan = planned(&tree, &[super::case::of_edits(parts)]);
    assert!(plan.fixes[0].why.contains("it adds an address on the net: evil.example"), "{}", plan.fixes[0].why);
    assert_eq!(verdicts(&plan), ["needs-you flagged"]);
}

#[test]
fn what_its_source_doubts_needs_a_person() {
    let tree = Tree::plain(&[("a.py", "one\n")]);
    let proposal = fix("a.py", line(1), "two").of("one\n");
    let mut unsafe_one = proposal.clone();
    unsafe_one.applicability = Applicability::Unsafe;
    assert_eq!(verdicts(&planned(&tree, &[unsafe_one.clone()])), ["needs-you unsafe"]);
    let mut warned = proposal;
    warned.warnings.push("the description has a script".to_owned());
    assert_eq!(verdicts(&planned(&tree, &[warned.clone()])), ["needs-you flagged"]);
    for proposal in [unsafe_one, warned] {
        let plan = kept(&tree, &[proposal]);
        assert_eq!(verdicts(&plan), ["will-write exact"]);
        assert_eq!(after(&tree, &plan, "a.py"), "two\n");
    }
}

#[test]
fn one_of_several_alternatives_is_taken() {
    let tree = Tree::plain(&[("a.py", "sha1\n")]);
    let first = fix("a.py", line(1), "sha512").of("sha1\n");
    let mut second = fix("a.py", line(1), "sha256").of("sha1\n");
    second.alternative = 1;
    let both = [first, second];
    assert_eq!(verdicts(&planned(&tree, &both)), ["will-write exact", "needs-you flagged"]);
    let choice = Choice { include: vec![both[1].id], ..Choice::default() };
    let plan = plan(&tree.repo(), &both, &choice);
    assert_eq!(verdicts(&plan), ["needs-you flagged", "will-write exact"]);
    assert_eq!(after(&tree, &plan, "a.py"), "sha256\n");
}
