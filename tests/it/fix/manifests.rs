//! Manifests: the exact bytes that ask for a package, and another version in their place.

use quell::fix::upgrade::ecosystem::Ecosystem;
use quell::fix::upgrade::manifest::{NotHere, find};
use quell::fix::upgrade::requirement::{Raised, Style, raised};
use quell::fix::upgrade::version::Version;

use Ecosystem::{Cargo, Gem, Go, Maven, Npm, PyPi};

/// The manifest with every place raised; a reason where one cannot be.
fn upgraded(path: &str, text: &str, ecosystem: Ecosystem, package: &str, version: &str) -> Result<String, String> {
    let target = Version::parse(ecosystem, version).unwrap();
    let literals = find(path, text, ecosystem, package).map_err(|why| match why {
        NotHere::Unnamed => "unnamed".to_owned(),
        NotHere::Odd(why) => why,
    })?;
    let mut out = text.to_owned();
    // From the last to the first, so that what is before stays where it is.
    let mut literals = literals;
    literals.sort_by_key(|literal| std::cmp::Reverse(literal.span.start));
    for literal in literals {
        let start = literal.span.start;
        if let Raised::Edit(span, insert) = raised(literal.style, &text[literal.span], &target)? {
            out.replace_range(start + span.start..start + span.end, &insert);
        }
    }
    Ok(out)
}

#[track_caller]
fn check(path: &str, ecosystem: Ecosystem, (package, version): (&str, &str), before: &str, after: &str) {
    assert_eq!(upgraded(path, before, ecosystem, package, version).as_deref(), Ok(after), "{package} in {before}");
    assert_ne!(before, after);
}

#[track_caller]
fn refuses(path: &str, ecosystem: Ecosystem, package: &str, text: &str, part: &str) {
    let why = upgraded(path, text, ecosystem, package, "9.9.9").unwrap_err();
    assert!(why.contains(part), "{package} in {text}: {why}");
}

#[test]
fn ranges_keep_their_style() {
    use Style::{Gem, Go, Maven, Npm, Poetry, Python};
    // Style, what is asked for, the version to take, what is asked for then; `=` where it already is, `!` where a person
    // has to do it.
    for (style, text, target, wanted) in [
        (Npm, "^4.17.0", "4.17.21", "^4.17.21"),
        (Npm, "~4.17.0", "4.17.21", "~4.17.21"),
        (Npm, "~4.17", "4.17.21", "~4.17.21"),
        (Npm, "4.17.0", "4.17.21", "4.17.21"),
        (Npm, "=4.17.0", "4.17.21", "=4.17.21"),
        (Npm, "v4.17.0", "4.17.21", "v4.17.21"),
        (Npm, "^4", "4.17.21", "^4.17.21"),
        (Npm, " >= 4.17.0  <5.0.0", "4.17.21", " >= 4.17.21  <5.0.0"),
        (Npm, ">=4.17.0 <4.17.20", "4.17.21", "!"),
        (Npm, "^4.17.21", "4.17.21", "="),
        (Npm, "^4.18.0", "4.17.21", "="),
        (Npm, "4.x", "4.17.21", "!"),
        (Npm, "4.17", "4.17.21", "!"),
        (Npm, "*", "4.17.21", "!"),
        (Npm, "", "4.17.21", "!"),
        (Npm, "latest", "4.17.21", "!"),
        (Npm, "^3.0.0 || ^4.0.0", "4.17.21", "!"),
        (Npm, "1.0.0 - 2.0.0", "4.17.21", "!"),
        (Npm, "<5", "4.17.21", "!"),
        (Style::Cargo, "1.2", "1.2.9", "1.2.9"),
        (Style::Cargo, ">=1.2, <1.9", "1.2.9", ">=1.2.9, <1.9"),
        (Style::Cargo, "=1.2.3", "1.2.9", "=1.2.9"),
        (Style::Cargo, "0.1.*", "0.1.9", "!"),
        (Python, "==3.2.1", "3.2.13", "==3.2.13"),
        (Python, ">=3.2,<4", "3.2.13", ">=3.2.13,<4"),
        (Python, ">= 3.2 , != 3.2.13", "3.2.13", "!"),
        (Python, "~=3.2.1", "3.2.13", "~=3.2.13"),
        (Python, "~=3.2", "3.2.13", "~=3.2,>=3.2.13"),
        (Python, "~=3.2", "4.1.2", "~=4.1,>=4.1.2"),
        (Python, "==3.2.*", "3.2.13", "!"),
        (Python, "<4", "3.2.13", "!"),
        (Poetry, "^3.2", "3.2.13", "^3.2.13"),
        (Poetry, "*", "3.2.13", "!"),
        (Go, "v1.2.3", "1.2.9", "v1.2.9"),
        (Go, "v2.2.3+incompatible", "v2.2.9", "v2.2.9+incompatible"),
        (Maven, "2.14.0", "2.17.1", "2.17.1"),
        (Maven, "[2.0,3.0)", "2.17.1", "!"),
        (Gem('"'), "~> 6.1.4", "6.1.7", "~> 6.1.7"),
        (Gem('\''), "~> 6.1.4", "6.1.7.2", "~> 6.1.4', '>= 6.1.7.2"),
        (Gem('"'), "6.1.4", "6.1.7.2", "6.1.7.2"),
    ] {
        let ecosystem = match style {
            Npm => Ecosystem::Npm,
            Style::Cargo => Ecosystem::Cargo,
            Python | Poetry => Ecosystem::PyPi,
            Go => Ecosystem::Go,
            Maven => Ecosystem::Maven,
            Gem(_) => Ecosystem::Gem,
        };
        let target = Version::parse(ecosystem, target).unwrap();
        let found = match raised(style, text, &target) {
            Ok(Raised::Already) => "=".to_owned(),
            Ok(Raised::Edit(span, insert)) => format!("{}{insert}{}", &text[..span.start], &text[span.end..]),
            Err(_) => "!".to_owned(),
        };
        assert_eq!(found, wanted, "{style:?} {text:?}");
    }
}

#[test]
fn package_json() {
    let path = "package.json";
    check(
        path,
        Npm,
        ("lodash", "4.17.21"),
        "\u{feff}{\r\n\t\"name\": \"lodash\",\r\n\t\"dependencies\": {\"lodash\" :  \"^4.17.0\", \"a\": \"^4.17.0\"},\r\n\t\"devDependencies\": {\"lodash\": \"4.17.0\"}\r\n}",
        "\u{feff}{\r\n\t\"name\": \"lodash\",\r\n\t\"dependencies\": {\"lodash\" :  \"^4.17.21\", \"a\": \"^4.17.0\"},\r\n\t\"devDependencies\": {\"lodash\": \"4.17.21\"}\r\n}",
    );
    check(path, Npm, ("@a/b", "2.0.1"), r#"{"overrides":{"@a/b":"~2.0.0"}}"#, r#"{"overrides":{"@a/b":"~2.0.1"}}"#);
    refuses(path, Npm, "a", r#"{"peerDependencies":{"a":"^1.0.0"}}"#, "peer");
    refuses(path, Npm, "a", r#"{"dependencies":{"a":"npm:b@^1.0.0"}}"#, "address");
    refuses(path, Npm, "a", r#"{"dependencies":{"a":"workspace:^1.0.0"}}"#, "address");
    refuses(path, Npm, "a", r#"{"dependencies":{"a":"\u005e1.0.0"}}"#, "plain text");
    refuses(path, Npm, "a", r#"{"dependencies":{"a":{"version":"1.0.0"}}}"#, "plain text");
    refuses(path, Npm, "a", r#"{"dependencies":{"b":"1.0.0"}}"#, "unnamed");
    refuses(path, Npm, "a", "{", "no JSON");
}

#[test]
fn cargo_toml() {
    let path = "Cargo.toml";
    check(
        path,
        Cargo,
        ("time", "0.2.23"),
        "[dependencies] # time = \"0.1\"\ntime   = '0.1.43' # keep\n\n[target.'cfg(unix)'.dev-dependencies]\nt = { version = \"0.1\", package = \"time\" }\n[workspace.dependencies.time]\nversion = \"^0.1\"\n",
        "[dependencies] # time = \"0.1\"\ntime   = '0.2.23' # keep\n\n[target.'cfg(unix)'.dev-dependencies]\nt = { version = \"0.2.23\", package = \"time\" }\n[workspace.dependencies.time]\nversion = \"^0.2.23\"\n",
    );
    refuses(path, Cargo, "a", "[dependencies]\na = { workspace = true }\n", "inherited");
    refuses(path, Cargo, "a", "[dependencies]\na.workspace = true\n", "inherited");
    refuses(path, Cargo, "a", "[dependencies]\na = { path = \"../a\" }\n", "path");
    refuses(path, Cargo, "a", "[dependencies]\na = { version = \"1\", package = \"b\" }\n", "unnamed");
    refuses(path, Cargo, "a", "[dependencies]\na = \"\\u0031.0\"\n", "plain text");
    refuses(path, Cargo, "a", "[dependencies\n", "no TOML");
}

#[test]
fn python() {
    check(
        "requirements-dev.txt",
        PyPi,
        ("typing-extensions", "4.5"),
        "# typing-extensions==4.0\n-r base.txt\nTyping.Extensions[x] == 4.0 ; python_version < '3.9'  # why\nother==4.0\r\n",
        "# typing-extensions==4.0\n-r base.txt\nTyping.Extensions[x] == 4.5 ; python_version < '3.9'  # why\nother==4.0\r\n",
    );
    check(
        "a/pyproject.toml",
        PyPi,
        ("django", "3.2.13"),
        "[project]\ndependencies = [\n  \"Django>=3.2,<4\", # lts\n  'django-x==3.2',\n]\n[project.optional-dependencies]\nx = [\"django (==3.2.1)\"]\n[tool.poetry.dependencies]\nDjango = { version = \"~3.2\", extras = [] }\n",
        "[project]\ndependencies = [\n  \"Django>=3.2.13,<4\", # lts\n  'django-x==3.2',\n]\n[project.optional-dependencies]\nx = [\"django (==3.2.13)\"]\n[tool.poetry.dependencies]\nDjango = { version = \"~3.2.13\", extras = [] }\n",
    );
    let hashed = "a==1.0 \\\n    --hash=sha256:00\n";
    refuses("requirements.txt", PyPi, "a", hashed, "hashes");
    refuses("requirements.txt", PyPi, "a", "a\n", "any version");
    refuses("requirements.txt", PyPi, "a", "a @ https://example.org/a.whl\n", "address");
    refuses("requirements.txt", PyPi, "a", "--index-url a==1.0\nab==1.0\n", "unnamed");
}

#[test]
fn go_mod() {
    check(
        "go.mod",
        Go,
        ("golang.org/x/net", "0.17.0"),
        "module example.org/golang.org/x/net v1\n\nrequire (\n\tgolang.org/x/net v0.7.0\n\tgolang.org/x/net/x v0.7.0 // indirect\n)\n",
        "module example.org/golang.org/x/net v1\n\nrequire (\n\tgolang.org/x/net v0.17.0\n\tgolang.org/x/net/x v0.7.0 // indirect\n)\n",
    );
    check("go.mod", Go, ("a.b/c", "v1.2.0"), "require a.b/c v1.0.0\n", "require a.b/c v1.2.0\n");
    refuses("go.mod", Go, "a.b/c", "require (\n\ta.b/c v1.0.0 // indirect\n)\n", "unnamed");
    refuses("go.mod", Go, "a.b/c", "require a.b/c v1.0.0\nreplace a.b/c => ../c\n", "replace");
}

#[test]
fn pom_xml() {
    let pom = |version: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<project>\n  <!-- <dependency> -->\n  <dependencies>\n    <dependency>\n      <groupId>org.a</groupId><artifactId>core</artifactId>\n      <version>{version}</version>\n      <exclusions><exclusion><groupId>org.a</groupId><artifactId>x</artifactId></exclusion></exclusions>\n    </dependency>\n    <dependency><groupId>org.b</groupId><artifactId>core</artifactId><version>2.14.0</version></dependency>\n    <dependency><groupId>org.c</groupId><artifactId>core</artifactId></dependency>\n  </dependencies>\n</project>\n"
        )
    };
    check("pom.xml", Maven, ("org.a:core", "2.17.1"), &pom(" 2.14.0 "), &pom(" 2.17.1 "));
    check("pom.xml", Maven, ("org.a/core", "2.17.1"), &pom("<!-- x -->2.14.0"), &pom("<!-- x -->2.17.1"));
    refuses("pom.xml", Maven, "org.a:core", &pom("${a.version}"), "${a.version}");
    refuses("pom.xml", Maven, "org.a:core", &pom("[1,2)"), "without a version of its own");
    refuses("pom.xml", Maven, "org.c:core", &pom("1"), "inherited");
    refuses("pom.xml", Maven, "org.d:core", &pom("1"), "unnamed");
    refuses("pom.xml", Maven, "org.a:core", "<project></b>", "tags");
}

#[test]
fn gemfile() {
    check(
        "Gemfile",
        Gem,
        ("rails", "6.1.7.2"),
        "# gem 'rails', '6.0'\ngem 'rails-html', '6.1.4'\n  gem \"rails\",  \"~> 6.1.4\", require: false # x\n",
        "# gem 'rails', '6.0'\ngem 'rails-html', '6.1.4'\n  gem \"rails\",  \"~> 6.1.4\", \">= 6.1.7.2\", require: false # x\n",
    );
    refuses("Gemfile", Gem, "rails", "gem 'rails'\n", "any version");
    refuses("Gemfile", Gem, "rails", "gem 'rails', git: 'https://example.org'\n", "any version");
    refuses("Gemfile", Gem, "rails", "gem 'rails', '> 1', '< 2'\n", "several");
    refuses("Gemfile", Gem, "rails", "gem 'rails', \"#{v}\"\n", "any version");
}
