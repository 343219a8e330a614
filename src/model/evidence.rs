//! What is known about whether code is called, executed, loaded, exposed and exploited: statements, each with the
//! place where it stands, and the documents that make them.
//!
//! Nothing here is weighed or joined with findings yet: a statement says what its document says, with how much that is
//! worth by its kind. Which words of which format mean what is in `ingest::evidence`, one file a format.

use jiff::Timestamp;

use super::ai::Cached;
use super::grade::vocabulary;

vocabulary! {
    /// The ladder: what can be said of a flaw, one rung after another. The first five are about the code, and a yes on
    /// one is a yes on those below; the last three stand for themselves.
    #[derive(Default)]
    Rung {
        #[default] Present = "present", Imported = "imported", Called = "called", Loaded = "loaded", Executed = "executed",
        Controllable = "controllable", Exposed = "exposed", Exploited = "exploited",
    }
}

vocabulary! {
    /// What a statement says of its rung. A tool that failed says `unknown`, never `no`.
    #[derive(Default)]
    Polarity { #[default] Unknown = "unknown", Yes = "yes", No = "no" }
}

vocabulary! {
    /// How it came to be known.
    #[derive(Default)]
    Basis {
        #[default] Static = "static", Dynamic = "dynamic", Deployment = "deployment", Vex = "vex", Intel = "intel",
        Tree = "tree",
    }
}

vocabulary! {
    /// Where a path of calls starts.
    #[derive(Default)]
    Entry { #[default] Unknown = "unknown", Http = "http", Cli = "cli", Job = "job", Test = "test", Build = "build" }
}

vocabulary! {
    /// What ran while something was measured.
    #[derive(Default)]
    Ran { #[default] Unknown = "unknown", Tests = "tests", Staging = "staging", Production = "production" }
}

impl Entry {
    /// Whether what starts here never runs in production.
    pub fn is_test(self) -> bool {
        matches!(self, Self::Test | Self::Build)
    }
}

/// How much a statement is worth: 4 an observed fact (an executed line, a file in memory, a secret that works); 3 an
/// analysis at symbol level with a path, or a supplier's VEX; 2 package or class level, a heuristic, a VEX of one's
/// own; 1 an import, a pattern, an assertion without backing, code that a measurement did not meet; 0 a tool failed.
pub type Strength = u8;

/// All evidence of a load.
#[derive(Debug, Default)]
pub struct Evidence {
    pub documents: Vec<Document>,
    pub statements: Vec<Statement>,
    /// What is known about advisories themselves.
    pub intel: Vec<Intel>,
    /// Ids that documents call the same flaw, beyond those that stand side by side in statements.
    pub aliases: Vec<Box<[Box<str>]>>,
    /// Files that deploy something and were given as reports, such as `kubectl get -o yaml` prints them.
    pub manifests: Vec<Manifest>,
    /// What models said of results, in files of their own.
    pub cached: Vec<Cached>,
}

/// A file that deploys something, as it is.
#[derive(Debug)]
pub struct Manifest {
    pub name: Box<str>,
    pub text: Box<str>,
}

/// One file of evidence.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// As the user named it, or relative to the repository.
    pub name: Box<str>,
    /// What people call its format.
    pub format: &'static str,
    /// Who says it, `govulncheck`; may be empty.
    pub tool: Box<str>,
    pub version: Option<Box<str>>,
    /// When it was made, as it says itself, else when the file was committed or written.
    pub made: Option<Timestamp>,
    /// Whether it says itself when it was made.
    pub states_time: bool,
    /// The commit that it says it describes.
    pub commit: Option<Box<str>>,
    /// The state of the knowledge it was made with, such as the day of an advisory database.
    pub knowledge: Option<Timestamp>,
    /// What ran, for measurements.
    pub ran: Ran,
    /// Whether a tool made its verdicts, and no person (`not_affected` of an analysis written as VEX).
    pub is_generated: bool,
}

/// One dated statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    /// Number in [`Evidence::documents`].
    pub document: u32,
    /// JSON pointer, or `line 12`.
    pub pointer: Box<str>,
    pub subject: Subject,
    pub rung: Rung,
    pub polarity: Polarity,
    pub basis: Basis,
    /// In words, for people: why it is unknown, the justification of a VEX, the native value where it has no equal.
    pub reason: Option<Box<str>>,
    pub strength: Strength,
    /// Where its paths start: one that starts anywhere but in tests or build files counts.
    pub entry: Entry,
    /// From the entry to the flaw.
    pub path: Vec<Frame>,
    /// Its own time, where it has one beside the document's.
    pub made: Option<Timestamp>,
}

/// What a statement is about: all that is stated has to fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subject {
    /// The ids of one advisory, the native one first: `GO-2023-1`, `CVE-…`.
    pub vulns: Vec<Box<str>>,
    /// As written, percent-decoded where it was encoded twice.
    pub purl: Option<Box<str>>,
    pub symbol: Option<Box<str>>,
    /// A file, or a folder if it ends in `/`, relative to the repository where it lies in it.
    pub path: Option<Box<str>>,
    /// 1-based.
    pub line: Option<u32>,
    /// The last line, inclusive, where it is about several.
    pub end_line: Option<u32>,
    /// Name or digest.
    pub image: Option<Box<str>>,
    /// As `namespace/name` where both are known.
    pub service: Option<Box<str>>,
    /// The weakness that an attack used.
    pub cwe: Option<u32>,
    /// What holds the package: a statement about one product says nothing of another.
    pub product: Option<Box<str>>,
}

/// A step on a path of calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Package or module, `lodash@4.17.0`; empty where it is not known.
    pub module: Box<str>,
    pub function: Box<str>,
    /// Relative to the repository where it lies in it; empty where it is not known.
    pub path: Box<str>,
    /// 1-based, 0 is not stated.
    pub line: u32,
    pub column: u32,
    /// Whether it is code of the repository and not of a library.
    pub is_own: bool,
}

impl Frame {
    /// What a step of a deployment is called: its name, after what it is where the name does not say so.
    pub fn step(&self) -> String {
        match &*self.module {
            kind @ ("container" | "image" | "folder") => format!("{kind} {}", self.function),
            _ => self.function.to_string(),
        }
    }

    /// `src/app.py:12`, or as much of it as is known; empty for what stands in no file.
    pub fn place(&self) -> String {
        match self.line {
            0 => self.path.to_string(),
            line if !self.path.is_empty() => format!("{}:{line}", self.path),
            _ => String::new(),
        }
    }
}

/// Something known about an advisory.
#[derive(Clone, Debug, PartialEq)]
pub struct Intel {
    pub document: u32,
    pub pointer: Box<str>,
    /// `CVE-…` or another id.
    pub vuln: Box<str>,
    pub fact: Fact,
}

/// What is known about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Probability that it is exploited within 30 days, and the share of advisories below it, both 0 to 1.
    Epss { probability: f32, percentile: f32 },
    /// A vector, `CVSS:3.1/AV:N/…`.
    Cvss(Box<str>),
    /// There is public code that exploits it.
    Poc,
    /// Whether its exploitation can be automated (CISA's assessment).
    Automatable(bool),
    /// Whether its technical impact is total (CISA's assessment).
    IsTotal(bool),
}

impl Fact {
    /// What it says, for people.
    pub fn words(&self) -> String {
        let yes = |is: bool| if is { "yes" } else { "no" };
        match self {
            Self::Epss { probability, percentile } => {
                format!("EPSS {probability:.3}, above {:.0} % of advisories", percentile * 100.0)
            }
            Self::Cvss(vector) => vector.to_string(),
            Self::Poc => "there is public code that exploits it".to_owned(),
            Self::Automatable(is) => format!("automatable: {}", yes(*is)),
            Self::IsTotal(is) => format!("total technical impact: {}", yes(*is)),
        }
    }
}

impl Evidence {
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Adds the evidence of one more document, or several.
    pub fn absorb(&mut self, mut other: Self) {
        let first = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        other.statements.iter_mut().for_each(|statement| statement.document += first);
        other.intel.iter_mut().for_each(|intel| intel.document += first);
        other.cached.iter_mut().for_each(|cached| cached.document += first);
        self.documents.append(&mut other.documents);
        self.statements.append(&mut other.statements);
        self.intel.append(&mut other.intel);
        self.aliases.append(&mut other.aliases);
        self.manifests.append(&mut other.manifests);
        self.cached.append(&mut other.cached);
    }

    pub fn document(&self, statement: &Statement) -> Option<&Document> {
        self.documents.get(statement.document as usize)
    }
}
