//! The table of formats.

/// A format that decisions go out in or come from.
#[derive(Debug, PartialEq, Eq)]
pub struct Format {
    /// Name for `--format`.
    pub name: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    /// How its files end.
    pub ending: &'static str,
    pub is_exported: bool,
    pub is_imported: bool,
    /// Whether a file of it can hold secrets of reports as they are, so that only its owner may read it.
    pub is_private: bool,
    /// What of a decision it holds.
    pub holds: &'static str,
}

const fn both(name: &'static str, title: &'static str, holds: &'static str) -> Format {
    Format { name, title, ending: name, is_exported: true, is_imported: true, is_private: false, holds }
}

const fn out(name: &'static str, title: &'static str, holds: &'static str) -> Format {
    Format { is_imported: false, ..both(name, title, holds) }
}

const fn from(name: &'static str, title: &'static str, holds: &'static str) -> Format {
    Format { is_exported: false, ..both(name, title, holds) }
}

/// All of them, in the order of help and README.
pub const FORMATS: &[Format] = &[
    Format {
        is_private: true,
        ..both("sarif", "SARIF 2.1.0 with suppressions", "every decision; the reports' own text, secrets too")
    },
    Format {
        ending: "openvex.json",
        is_private: true,
        ..both(
            "openvex",
            "OpenVEX 0.2.0",
            "findings about packages; an accepted risk is affected; notes say what it has no field for",
        )
    },
    Format {
        ending: "cdx.json",
        is_private: true,
        ..both(
            "cyclonedx",
            "CycloneDX 1.6 VEX",
            "findings about packages; an accepted risk is exploitable; properties say the rest",
        )
    },
    Format {
        ending: "trivyignore.yaml",
        ..both("trivyignore", ".trivyignore.yaml", "what is decided, by id with package or path; the end date")
    },
    Format {
        ending: "grype.yaml",
        ..both("grype", "ignore rules of .grype.yaml", "what is decided, by id and package")
    },
    Format {
        ending: "osv-scanner.toml",
        ..both("osv", "IgnoredVulns of osv-scanner.toml", "what is decided, by id alone; the end date")
    },
    out("csv", "CSV", "one line a finding, secrets covered"),
    Format { ending: "md", ..out("markdown", "Markdown", "one row a finding, secrets covered") },
    out("html", "HTML in one file, without scripts", "one row a finding with its decision, secrets covered"),
    from("github", "dismissed alerts of the GitHub API (JSON)", "reason and comment"),
    from("defectdojo", "findings of DefectDojo (JSON)", "false positives, accepted risks, verified findings"),
];

/// The export format with this name.
pub fn parse(text: &str) -> Result<&'static Format, String> {
    let mut exported = FORMATS.iter().filter(|format| format.is_exported);
    exported.clone().find(|format| format.name == text).ok_or_else(|| {
        let first = exported.next().map_or("", |format| format.name).to_owned();
        let names = exported.fold(first, |names, format| format!("{names}, {}", format.name));
        format!("not one of them; allowed: {names}")
    })
}

/// The table for `--help`: one line a format.
pub fn help() -> String {
    FORMATS.iter().fold(String::from("Formats:"), |text, format| {
        let ways = match (format.is_exported, format.is_imported) {
            (true, true) => "export, import",
            (true, false) => "export",
            (false, _) => "import",
        };
        format!("{text}\n  {:<12} {:<15} {}: {}", format.name, ways, format.title, format.holds)
    })
}
