//! What is known of tools beyond their reports: small tables.

use crate::model::grade::Category;

/// CWE numbers of credentials that stand in the code.
pub(super) const CREDENTIALS: &[u32] = &[259, 321, 798];

/// CWE of each bandit test, as bandit states them itself; ruff's `Snnn` are the same tests.
const BANDIT: &[(u32, &[u16])] = &[
    (20, &[313, 314, 315, 316, 317, 318, 319, 320, 405, 406, 407, 408, 409, 410, 411, 506]),
    (22, &[202, 310]),
    (78, &[102, 307, 404, 601, 602, 603, 604, 605, 606, 607, 609]),
    (79, &[308, 702, 703, 704]),
    (89, &[608, 610, 611]),
    (94, &[201, 612, 701]),
    (259, &[105, 106, 107]),
    (295, &[323, 501, 507]),
    (319, &[312, 321, 401, 402, 415, 508, 509]),
    (326, &[505]),
    (327, &[303, 304, 305, 324, 413, 502, 503, 504]),
    (330, &[311]),
    (377, &[108, 306]),
    (400, &[113]),
    (502, &[301, 302, 403, 614]),
    (605, &[104]),
    (703, &[101, 110, 112]),
    (732, &[103]),
];

/// CWE of the rules of eslint-plugin-security, which states none.
const ESLINT_SECURITY: &[(&str, u32)] = &[
    ("detect-bidi-characters", 1007),
    ("detect-buffer-noassert", 120),
    ("detect-child-process", 78),
    ("detect-disable-mustache-escape", 79),
    ("detect-eval-with-expression", 95),
    ("detect-no-csrf-before-method-override", 352),
    ("detect-non-literal-fs-filename", 22),
    ("detect-non-literal-regexp", 1333),
    ("detect-non-literal-require", 95),
    ("detect-object-injection", 915),
    ("detect-possible-timing-attacks", 208),
    ("detect-pseudoRandomBytes", 338),
    ("detect-unsafe-regex", 1333),
];

/// CWE of a rule whose report states none.
pub(super) fn cwe_of_rule(family: &str, rule: &str) -> Option<u32> {
    match family {
        "bandit" => rule.strip_prefix('B').and_then(bandit_test),
        "ruff" => rule.strip_prefix('S').and_then(bandit_test),
        "flake8" => rule.strip_prefix('S').or_else(|| rule.strip_prefix('B')).and_then(bandit_test),
        "eslint" => {
            let name = rule.strip_prefix("security/")?;
            ESLINT_SECURITY.iter().find(|(rule, _)| *rule == name).map(|(_, cwe)| *cwe)
        }
        _ => None,
    }
}

fn bandit_test(digits: &str) -> Option<u32> {
    let number: u16 = digits.parse().ok().filter(|_| digits.len() == 3)?;
    BANDIT.iter().find(|(_, tests)| tests.contains(&number)).map(|(cwe, _)| *cwe)
}

/// Tools that look for one kind of thing: a part of the tool's family.
const TOOLS: &[(Category, &[&str])] = &[
    (
        Category::Secret,
        &[
            "gitleaks",
            "trufflehog",
            "detect-secrets",
            "ggshield",
            "gitguardian",
            "secretlint",
            "noseyparker",
            "nosey parker",
            "kingfisher",
            "titus",
            "talisman",
            "whispers",
            "secret",
        ],
    ),
    (
        Category::Iac,
        &[
            "checkov",
            "tfsec",
            "hadolint",
            "kics",
            "terrascan",
            "cfn-lint",
            "cfn_nag",
            "cfn-nag",
            "kube-linter",
            "kubelinter",
            "kubescape",
            "kube-score",
            "snyk iac",
            "tflint",
            "dockle",
            "terraform",
            "zizmor",
            "actionlint",
            "regula",
        ],
    ),
    (
        Category::Dependency,
        &[
            "trivy",
            "grype",
            "osv-scanner",
            "snyk open source",
            "snyk container",
            "snyk-oss",
            "dependency-check",
            "dependency check",
            "govulncheck",
            "cargo-audit",
            "pip-audit",
            "npm audit",
            "npm-audit",
            "xray",
            "nancy",
            "black duck",
            "renovate",
            "dependabot",
            "retire.js",
            "composer",
        ],
    ),
    (
        Category::Agent,
        &["mcp-scan", "mcp scan", "mcp-scanner", "mcp scanner", "agent-scan", "agent scan", "skill-scanner", "agentic"],
    ),
];

/// Tags, or words inside rule ids, that say what kind of thing a rule looks for.
const TAGS: &[(Category, &[&str])] = &[
    (Category::Secret, &["secret", "secrets", "secret-detection", "credential-leak"]),
    (Category::Dependency, &["sca", "dependency", "vulnerable-dependency", "sbom"]),
    (Category::Iac, &["misconfiguration", "iac", "infrastructure-as-code"]),
    (Category::Agent, &["agent", "ai-agent", "agentic", "mcp", "prompt-injection", "agent-skill"]),
];

/// How the ids of rules for secrets begin, in tools that look for more than secrets.
const SECRET_RULES: &[&str] = &["CKV_SECRET"];

/// What kind of thing a rule looks for, by its tags, else its id, else its tool; code where nothing says.
pub(super) fn category(family: &str, rule: &str, tags: &[String]) -> Category {
    let by_tag =
        TAGS.iter().find(|(_, words)| tags.iter().any(|tag| words.iter().any(|word| tag.eq_ignore_ascii_case(word))));
    let is_secret_rule = rule.split(['.', '/']).any(|part| part.eq_ignore_ascii_case("secrets"))
        || SECRET_RULES.iter().any(|start| rule.starts_with(start));
    let by_tool = || TOOLS.iter().find(|(_, tools)| tools.iter().any(|tool| family.contains(tool)));
    match by_tag {
        Some((category, _)) => *category,
        None if is_secret_rule => Category::Secret,
        None => by_tool().map_or(Category::Code, |(category, _)| *category),
    }
}

/// Words of a tool's name that say which edition it is, not which tool.
const EDITIONS: &[&str] = &[
    "oss",
    "pro",
    "ce",
    "ee",
    "community",
    "enterprise",
    "edition",
    "cli",
    "native",
    "version",
    "command-line",
    "toolchain",
];

/// A tool's name in lower case without edition and version words.
pub(super) fn tool_family(name: &str) -> String {
    let lower = name.to_lowercase();
    let is_version = |word: &str| word.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let words: Vec<&str> = lower
        .split_whitespace()
        .filter(|word| !EDITIONS.contains(word) && !is_version(word) && word.chars().any(char::is_alphanumeric))
        .collect();
    if words.is_empty() { lower.trim().to_owned() } else { words.join(" ") }
}
