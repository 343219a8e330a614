//! The command line as clap reads it. What is not built is not listed.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::civil::Date;

use crate::exchange::formats::{self, Format};
use crate::exchange::register::Form;
use crate::model::ai::Answer;
use crate::model::decision::{JUSTIFICATIONS, Op};
use crate::query::{GroupKey, SortKey};

/// A terminal triage console for security findings.
///
/// Without a command it opens the console on the reports that are named, or on those of the repository.
#[derive(Debug, Parser)]
#[command(name = "quell", version, subcommand_negates_reqs = true, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(flatten)]
    pub lens: LensArgs,
    #[command(flatten)]
    pub more: MoreFixes,
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Work on the repository around DIR instead of the working directory
    #[arg(long, value_name = "DIR", global = true)]
    pub repo: Option<PathBuf>,
    /// Take the folder as it is, without git
    #[arg(long, global = true)]
    pub no_git: bool,
    /// Take NAME for the branch that is worked on, where decisions are bound to branches [default: the one that is
    /// checked out]
    #[arg(long, value_name = "NAME", global = true)]
    pub on_branch: Option<String>,
    /// Vouch for reports that state no time: they were made when their file was written, of the files as they are since
    #[arg(long, global = true)]
    pub trust_file_times: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: Color,
    /// Theme of the console
    #[arg(long, value_name = "NAME", global = true)]
    pub theme: Option<String>,
    /// Draw the console with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Write a log of the console to FILE
    #[arg(long, value_name = "FILE", global = true)]
    pub log_file: Option<PathBuf>,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Always,
    Never,
}

/// The reports to read.
#[derive(Clone, Debug, Default, Args)]
pub struct Inputs {
    /// Report files, globs, folders, or - for standard input [default: what the configuration names, else
    /// .quell/reports and the reports in the repository's root]
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<String>,
}

/// How findings are chosen and ordered.
#[derive(Clone, Debug, Default, Args)]
pub struct LensArgs {
    /// Only findings that match, such as 'severity:>=high -path:tests/** tool:semgrep'
    #[arg(short, long, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    /// Group findings by this key
    #[arg(long, value_name = "KEY", value_parser = group_key)]
    pub group_by: Option<GroupKey>,
    /// Sort findings by these keys, the first first
    #[arg(long, value_name = "KEY,…", value_delimiter = ',', value_parser = sort_key)]
    pub sort: Vec<SortKey>,
    /// Keep every result a finding of its own
    #[arg(long)]
    pub no_merge: bool,
}

/// Fixes that no report carries.
#[derive(Clone, Debug, Default, Args)]
pub struct MoreFixes {
    /// Also take the fixes of FILE: a diff or mailed patch, an answer of a coding agent, rdjson, what clang-tidy
    /// exports, SARIF; or of a folder of such files, or - for standard input
    #[arg(long, value_name = "FILE")]
    pub fixes: Vec<String>,
}

/// One command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the console (the same as no command); without a terminal, print the status
    Review {
        #[command(flatten)]
        lens: LensArgs,
        #[command(flatten)]
        more: MoreFixes,
        #[command(flatten)]
        inputs: Inputs,
    },
    /// Make the sample project, a git repository with flaws, reports and fixes, and open it
    Demo {
        /// Where to make it; must be empty or not there [default: a fresh temporary folder]
        #[arg(value_name = "DIR")]
        dir: Option<PathBuf>,
        /// Make it and print where it is
        #[arg(long)]
        no_open: bool,
    },
    /// List findings, also what is decided, suppressed or absent
    List {
        #[command(flatten)]
        lens: LensArgs,
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: ListFormat,
        #[command(flatten)]
        inputs: Inputs,
    },
    /// Show one finding: message, rule, code, flows, fixes and history
    Show {
        /// Id of the finding or the beginning of it
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: TextFormat,
        #[command(flatten)]
        inputs: Inputs,
    },
    /// Say why a finding stands where it stands: verdict, lane, evidence, terms of the score, what would change it
    Explain {
        /// Id of the finding or the beginning of it
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: TextFormat,
        #[command(flatten)]
        inputs: Inputs,
    },
    /// Show the funnel from all findings to what is urgent, and count by lane, reach, status and more; name what ends soon
    Status {
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: TextFormat,
        #[command(flatten)]
        inputs: Inputs,
    },
    /// Read everything, print what is wrong with it, change nothing
    Check {
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: TextFormat,
        #[command(flatten)]
        inputs: Inputs,
    },
    /// Print every statement of the evidence: what is called, executed, loaded, exposed, exploited, and who says so
    Evidence {
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: EvidenceFormat,
        #[command(flatten)]
        inputs: Inputs,
    },
    /// Say where code runs: which folder goes into which image and workload, and whether the internet reaches it
    Context {
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ContextFormat,
        #[command(flatten)]
        inputs: Inputs,
    },
    /// Name what AI models propose about findings and nobody has answered, and count how often people agreed with them
    Ai {
        /// Only open findings that match
        #[arg(short, long, value_name = "QUERY", allow_hyphen_values = true)]
        query: Option<String>,
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: TextFormat,
        #[command(flatten)]
        inputs: Inputs,
    },
    /// Preview proposed fixes as one diff, or write them
    Fix(FixArgs),
    /// Take back the last batches of fixes or decisions, newest first
    Undo {
        /// How many
        #[arg(value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        count: u32,
        /// Name what can be taken back, newest first
        #[arg(long, conflicts_with_all = ["count", "files"])]
        list: bool,
        /// Only this file, of the last batches that wrote it; may be repeated
        #[arg(long = "file", value_name = "PATH")]
        files: Vec<String>,
    },
    /// Bring back what was taken back last
    Redo {
        /// How many
        #[arg(value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        count: u32,
        /// Only this file, of the batches that wrote it; may be repeated
        #[arg(long = "file", value_name = "PATH")]
        files: Vec<String>,
    },
    /// Decide on findings; the decision is a file in .quell/decisions, to be committed
    Decide(Box<DecideArgs>),
    /// Look at the decisions themselves: what was decided and became of it, whether the files are as they were written
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Write the register of risks: what is put up with, why, by whom, until when, and what was known; as it stands or stood
    Report(ReportArgs),
    /// Write findings and decisions as other tools and people read them
    #[command(after_help = formats::help())]
    Export(ExportArgs),
    /// Take over what other tools or clones decided: each entry that matches findings becomes a decision
    #[command(after_help = formats::help())]
    Import(ImportArgs),
    /// Finish or roll back an interrupted batch
    Recover,
    /// Print a completion script for a shell
    Completions {
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// Which fixes, and how far to go.
#[derive(Debug, Args)]
pub struct FixArgs {
    /// Ids of findings (q1-…) or fixes (f1-…), and INPUT files; without an id, the fixes of all open findings, or,
    /// where nothing but --fixes is given, the fixes of those files
    #[arg(value_name = "ID|FIX|INPUT")]
    pub names: Vec<String>,
    #[command(flatten)]
    pub more: MoreFixes,
    /// Fixes of the open findings that match; of a finding that several tools report, only those by results that
    /// match its tool: and rule: terms
    #[arg(short, long, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    #[command(flatten)]
    pub instead: InsteadArgs,
    /// Which fix of findings that have several, from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub alternative: Option<u32>,
    /// Write the fixes, all or none
    #[arg(long)]
    pub apply: bool,
    #[command(flatten)]
    pub landing: LandingArgs,
    /// Write those that can be written where others cannot; the exit code is still 4
    #[arg(long)]
    pub keep_going: bool,
    /// Also take fixes that their source calls unsafe, and those named by f1-… that look wrong
    #[arg(long)]
    pub include_unsafe: bool,
    /// Put the fix f1-… at this line, which is one of those that its message lists
    #[arg(long, value_name = "FIX=LINE")]
    pub at: Vec<String>,
    #[command(flatten)]
    pub verify: VerifyArgs,
    #[arg(long, value_name = "FORMAT", default_value = "diff")]
    pub format: FixFormat,
}

/// What is taken in place of the fixes of reports.
#[derive(Debug, Args)]
pub struct InsteadArgs {
    /// Ask the fix command NAME of your configuration for fixes of the findings that are named or match
    #[arg(long, value_name = "NAME")]
    pub ask: Option<String>,
    /// Upgrades of packages: of the versions that scanners name as fixed the lowest that clears the most, in literal
    /// lines of package.json, Cargo.toml, go.mod, pom.xml, Gemfile, pyproject.toml and requirements*.txt; the command
    /// that brings the lock file up to date is named and not run
    #[arg(long, conflicts_with_all = ["fixes", "ask", "alternative"])]
    pub upgrades: bool,
}

/// Where fixes go besides the files of the tree, or in place of them.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("off_tree").multiple(true))]
pub struct LandingArgs {
    /// Also make the same edits in the index; what else is changed in the files stays unstaged
    #[arg(long, requires = "apply")]
    pub stage: bool,
    /// Also commit them, and only them, with your hooks and signing: in one commit for the batch, or one for each fix
    #[arg(
        long,
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "batch",
        requires = "apply",
        group = "off_tree"
    )]
    pub commit: Option<CommitHow>,
    /// Message of the commit; the findings are named below it
    #[arg(long, value_name = "TEXT", requires = "commit")]
    pub message: Option<String>,
    /// Commit on a new branch from here, and stay on it; with --worktree that one is on it, with a commit or without
    #[arg(long, value_name = "NAME", requires = "off_tree")]
    pub branch: Option<String>,
    /// Write into a new worktree of HEAD in DIR instead, on no branch without --branch; your tree stays as it is
    #[arg(long, value_name = "DIR", requires = "apply", group = "off_tree")]
    pub worktree: Option<PathBuf>,
}

/// How many commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CommitHow {
    Batch,
    Each,
}

/// Proof before writing.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Prove the fixes first: run CMD (its words as they are, no shell) in a copy of the tree, without and with them; a
    /// fix with which it fails is named and not written
    #[arg(long, value_name = "CMD")]
    pub verify: Option<String>,
    /// How many seconds one run of CMD may take
    #[arg(long, value_name = "N", default_value_t = 1800, requires = "verify",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub verify_seconds: u64,
}

/// What a decision can end by, and the word for nothing but its date.
const UNTIL_CHANGES: [&str; 5] = ["code", "reach", "version", "fix", NO_CHANGE];
pub const NO_CHANGE: &str = "none";

/// What `decide` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Decide(Op),
    /// The decision in effect, for all results.
    Extend,
    /// An answer to what models propose.
    Answer(Answer),
}

/// Words of `decide` that are no decisions of their own.
const DEEDS: [(&str, Deed); 3] = [
    ("extend", Deed::Extend),
    ("as-proposed", Deed::Answer(Answer::Confirm)),
    ("reject", Deed::Answer(Answer::Reject)),
];

/// A decision.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// What is decided; `extend` gives results that joined a finding the decision that it has, `as-proposed` decides what an
    /// AI model proposes about it, `reject` does not
    #[arg(value_name = "OP", value_parser = deed)]
    pub op: Deed,
    /// Ids of findings (q1-…), and INPUT files
    #[arg(value_name = "ID|INPUT")]
    pub names: Vec<String>,
    /// The open findings that match
    #[arg(short, long, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    /// Why; needed for accept-risk, mitigated, not-affected and comment
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Last day on which it holds, as 2027-01-31; needed for accept-risk and defer
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// What it ends by before that: another code at the place or around it, a way into it or its use by attackers that is
    /// not known now (reach), another version of the package, a fix where there is none; may be repeated
    /// [default: reach for accept-risk, defer, mitigated and not-affected, where evidence was read; none: its date alone]
    #[arg(long, value_name = "WHAT", value_delimiter = ',',
          value_parser = clap::builder::PossibleValuesParser::new(UNTIL_CHANGES))]
    pub until_change: Vec<String>,
    /// Ticket that follows it
    #[arg(long, value_name = "T")]
    pub ticket: Option<String>,
    /// VEX justification; needed for not-affected
    #[arg(long, value_name = "LABEL", value_parser = clap::builder::PossibleValuesParser::new(JUSTIFICATIONS))]
    pub justification: Option<String>,
    /// New owner; needed for assign
    #[arg(long, value_name = "O")]
    pub owner: Option<String>,
    /// The finding that stays; needed for duplicate
    #[arg(long, value_name = "ID")]
    pub of: Option<String>,
    /// What lowers the risk instead (a compensating control)
    #[arg(long, value_name = "TEXT")]
    pub control: Option<String>,
    /// Who answers for the risk
    #[arg(long, value_name = "WHO")]
    pub risk_owner: Option<String>,
    /// Also about findings to come: `rule`, `rule:GLOB` (that rule under a path), `package`, `package:RANGE` (such as
    /// '>=1.2, <2'), `advisory` (all ids of the flaw), each as the findings that are named have it
    #[arg(long, value_name = "SCOPE", default_value = "finding")]
    pub scope: String,
    /// Print which findings it would be about now, also those that no list shows, and write nothing
    #[arg(long)]
    pub preview: bool,
    /// It holds on branches that match this glob, and there alone; may be repeated [default: where its file is]
    #[arg(long, value_name = "GLOB")]
    pub on: Vec<String>,
}

/// What is done with the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// List the decisions, the newest first, with what became of each
    Log(LogArgs),
    /// Say of each decision that is in effect how many findings of the reports it is about: none, for what may be cleaned up
    Matches {
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: TextFormat,
        #[command(flatten)]
        inputs: Inputs,
    },
    /// Read every file and say what is not as it was written; the exit code is 1 then
    Verify(VerifyLedgerArgs),
    /// Move old decisions that are committed into archives, whole chains only; best on the branch that others merge
    Compact {
        /// Only what was decided before this day [default: 90 days ago]
        #[arg(long, value_name = "DATE")]
        before: Option<Date>,
    },
    /// Sign your acceptances and approvals, or the events that are named, with the SSH key that git signs with
    Sign {
        /// Ids of events, or the beginning of them
        #[arg(value_name = "EVENT")]
        ids: Vec<String>,
    },
    /// Share the decisions that are drafts (`drafts = true` under [ledger] in .quell/config.toml)
    Publish,
}

/// Which events are listed.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Ids of results or findings (q1-…), or of events, or the beginning of them
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// How many
    #[arg(short = 'n', long, value_name = "N")]
    pub count: Option<u32>,
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextFormat,
}

/// How far the ledger is verified.
#[derive(Debug, Args)]
pub struct VerifyLedgerArgs {
    /// Also walk the history: every decision that ever was is still there, no clock lied, and acceptances and approvals
    /// are signed by keys of `.quell/allowed_signers` in the protected base, the approver's not the requester's
    #[arg(long)]
    pub strict: bool,
    /// The protected base [default: git's quell.base, else the default branch of origin]
    #[arg(long, value_name = "REV", requires = "strict")]
    pub base: Option<String>,
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextFormat,
}

/// Which register, and where to.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// As it stood at the end of a day (2027-01-31, in UTC), at a time, or in a revision of git; by what was committed on the
    /// branch that is checked out [default: as it stands on disk]
    #[arg(long, value_name = "DATE|REV")]
    pub as_of: Option<String>,
    /// markdown, csv or html [default: by the ending of FILE, else markdown]
    #[arg(long, value_name = "FORMAT", value_parser = register_form)]
    pub format: Option<Form>,
    /// The file to write, whole or not at all [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What goes out, and where to.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// In which format
    #[arg(long, value_name = "F", value_parser = formats::parse)]
    pub format: &'static Format,
    /// The file to write, whole or not at all; with --split-by the folder of the files [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write a file for each group of this key, such as owner
    #[arg(long, value_name = "KEY", value_parser = group_key)]
    pub split_by: Option<GroupKey>,
    /// Only findings that match
    #[arg(short, long, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    #[command(flatten)]
    pub inputs: Inputs,
}

/// What comes in.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The files; their format is seen from what they hold
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<String>,
    /// Last day of accepted risks whose source names none, as 2027-01-31
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// Reports with the findings, as INPUT of other commands; may be repeated
    #[arg(long = "report", value_name = "INPUT")]
    pub reports: Vec<String>,
}

/// Formats of `list`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    Table,
    Json,
    Jsonl,
    Csv,
    Markdown,
    Sarif,
}

/// Formats of commands that say one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TextFormat {
    Text,
    Json,
}

/// Formats of `evidence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EvidenceFormat {
    Table,
    Json,
}

/// Formats of `context`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ContextFormat {
    Text,
    Json,
    /// For Graphviz.
    Dot,
}

/// Formats of `fix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FixFormat {
    Diff,
    Json,
    /// For a pull request: what is fixed, what is not and why, and the way back.
    Markdown,
}

fn group_key(text: &str) -> Result<GroupKey, String> {
    const LATER: &[&str] = &["author", "agent"];
    GroupKey::parse(text).ok_or_else(|| unknown_key(text, LATER, GroupKey::ALL.iter().map(|key| key.name())))
}

fn sort_key(text: &str) -> Result<SortKey, String> {
    SortKey::parse(text).ok_or_else(|| unknown_key(text, &[], SortKey::ALL.iter().map(|key| key.name())))
}

fn register_form(text: &str) -> Result<Form, String> {
    Form::parse(text).ok_or_else(|| unknown_key(text, &[], Form::ALL.iter().map(|form| form.name())))
}

fn deed(text: &str) -> Result<Deed, String> {
    if let Some((_, deed)) = DEEDS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)) {
        return Ok(*deed);
    }
    let offered = || Op::ALL.iter().copied().filter(|op| !matches!(op, Op::Revoke | Op::FixApplied));
    let op = offered().find(|op| op.name().eq_ignore_ascii_case(text));
    op.map(Deed::Decide)
        .ok_or_else(|| unknown_key(text, &[], offered().map(Op::name).chain(DEEDS.map(|(word, _)| word))))
}

fn unknown_key(text: &str, later: &[&str], known: impl Iterator<Item = &'static str>) -> String {
    let allowed = known.collect::<Vec<_>>().join(", ");
    let reason = if later.contains(&text) { "not built yet" } else { "not one of them" };
    format!("{reason}; allowed: {allowed}")
}
