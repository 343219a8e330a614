//! `quell import`: what other tools and other clones decided becomes decisions here, by the path that `quell decide` takes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use globset::GlobBuilder;
use serde_json::Value;

use crate::cli::args::{Common, ImportArgs};
use crate::cli::exit::{Exit, Outcome, Stop};
use crate::cli::out::Out;
use crate::cli::work::Work;
use crate::model::backlog::{Backlog, FindingIdx};
use crate::model::board::Board;
use crate::model::decision::{Op, Request, Status};
use crate::model::id::FindingId;

use super::entries::{Entry, entries};
use super::read;
use super::words::{self, Words};

pub(in crate::cli) fn run(common: &Common, args: &ImportArgs, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let work = Work::load(common, args.reports.clone(), false, err)?;
    let board = &work.loaded.board;
    let index = Index::of(&board.backlog);
    let mut exit = work.exit();
    let mut chosen: BTreeMap<Words, BTreeSet<FindingIdx>> = BTreeMap::new();
    let mut taken: HashMap<FindingIdx, Words> = HashMap::new();
    for file in &args.files {
        let entries = match read_file(common, &work, file, err) {
            Ok(entries) => entries,
            Err(Stop::Problem(problem)) => {
                err.line(&problem.to_string())?;
                exit = Exit::Unread;
                continue;
            }
            Err(stop) => return Err(stop),
        };
        for mut entry in entries {
            if let Some(words) = entry.words.as_mut().filter(|words| words.op == Op::AcceptRisk.name()) {
                words.until = words.until.or(args.until);
            }
            let refused = |why: &str| format!("{file}: {}: {why}", entry.label());
            let words = match wanted(board, &entry) {
                Ok(words) => words,
                Err(why) => {
                    err.line(&refused(&why))?;
                    continue;
                }
            };
            let found = index.find(&entry);
            if found.is_empty() {
                err.line(&refused("it matches no finding"))?;
            }
            for finding in found {
                if let Some(why) = kept(board, finding, words, taken.get(&finding)) {
                    err.line(&refused(&format!("{} {why}", board.backlog.id(finding))))?;
                } else if !taken.contains_key(&finding) && !is_known(board, finding, words) {
                    taken.insert(finding, words.clone());
                    chosen.entry(words.clone()).or_default().insert(finding);
                }
            }
        }
    }
    if chosen.is_empty() {
        out.line("nothing new was decided")?;
    }
    for (words, findings) in chosen {
        let Some(request) = words.request() else { continue };
        let findings: Vec<FindingIdx> = findings.into_iter().collect();
        let request = Request { findings: work.ids(&findings), ..request };
        match work.desk.decide(board, &work.loaded.reader, &request) {
            Ok(decided) => out.line(&decided.summary)?,
            Err(problem) => {
                err.line(&problem.to_string())?;
                exit = Exit::Refused;
            }
        }
    }
    Ok(exit)
}

/// What an entry asks for, if that can be decided today.
fn wanted<'e>(board: &Board, entry: &'e Entry) -> Result<&'e Words, String> {
    if let Some(lack) = entry.lack {
        return Err(lack.to_owned());
    }
    let words = entry.words.as_ref().ok_or("it is no decision")?;
    let request = words.request().ok_or("it is no decision")?;
    match request.lacks(board.today) {
        Some(lack) if words.until.is_none() && words.op == Op::AcceptRisk.name() => {
            Err(format!("{lack}; --until gives one"))
        }
        Some(lack) => Err(lack),
        None => Ok(words),
    }
}

/// Whether an event about a finding says this already, also one that was taken back or replaced since.
fn is_known(board: &Board, finding: FindingIdx, words: &Words) -> bool {
    board.history(finding).iter().any(|past| words.is_of(past.event))
}

/// Why a finding stays as it is, where that is worth a word.
fn kept(board: &Board, finding: FindingIdx, words: &Words, taken: Option<&Words>) -> Option<String> {
    if let Some(other) = taken {
        return (other != words).then(|| format!("is decided by another entry: {}", other.op));
    }
    let status = board.status(finding);
    let is_free = status == Status::Open || status == Status::Confirmed && words.op != Op::Confirm.name();
    (!is_free && !is_known(board, finding, words)).then(|| format!("is {} already, which stays", status.name()))
}

fn read_file(common: &Common, work: &Work, file: &str, err: &mut Out<'_>) -> Result<Vec<Entry>, Stop> {
    let path = work.desk.cwd().join(file);
    let text = read::text(&path, file).map_err(Stop::Problem)?;
    // A key of a report's first object; what is read of it is what any report is read for.
    if text.trim_start().starts_with('{') && text.contains("\"runs\"") {
        return sarif(common, file, err);
    }
    let entries = entries(&text);
    entries.map_err(|reason| {
        let hint = "nothing of it was imported; `quell import --help` names the formats";
        Stop::Problem(crate::model::problem::Problem::of_file(file, reason, hint))
    })
}

/// The suppressions of a report. Its results are identified as those of every report are; a log of ours names the ids.
fn sarif(common: &Common, file: &str, err: &mut Out<'_>) -> Result<Vec<Entry>, Stop> {
    let work = Work::load_quietly(common, vec![file.to_owned()], true, err)?;
    if let Some(problem) = work.loaded.problems.iter().find(|problem| problem.loss == crate::model::problem::Loss::File)
    {
        return Err(Stop::Problem(problem.clone()));
    }
    let backlog = &work.loaded.board.backlog;
    let mut entries = Vec::new();
    for number in (0..).take(backlog.results.len()) {
        let Some(result) = work.loaded.reader.original_result(backlog, number) else { continue };
        let id = backlog.record(number).id.to_string();
        let own = result.get("fingerprints").and_then(|all| all.get("quell/v1")).and_then(Value::as_str);
        if let Some(words) = suppression(&Value::Object(result.clone())) {
            let id = Some(own.map_or(id, str::to_owned));
            entries.push(Entry { id, words: Some(words), ..Entry::default() });
        }
    }
    Ok(entries)
}

/// What a result says that was decided about it.
fn suppression(result: &Value) -> Option<Words> {
    if let Some(own) = result.pointer("/properties/quell~1event") {
        return words::parse_object(own);
    }
    if let Some(own) = result.pointer("/properties/quell~1decision").and_then(Value::as_str) {
        return words::parse(own);
    }
    let suppressions = result.get("suppressions")?.as_array()?;
    // Absent counts as accepted (SARIF 2.1.0, 3.35.3).
    let status = |one: &&Value| one.get("status").is_none_or(|status| status == "accepted");
    let accepted = suppressions.iter().find(status)?;
    let said = accepted.get("justification").and_then(Value::as_str).unwrap_or_default();
    if let Some(own) = words::parse(said) {
        return Some(own);
    }
    let kind = accepted.get("kind").and_then(Value::as_str).unwrap_or("external");
    let op = if said.to_lowercase().contains("false positive") { Op::FalsePositive } else { Op::AcceptRisk };
    Some(Words::new(op, format!("{said} (SARIF: {kind}, accepted)").trim()))
}

/// Findings by the names and paths that entries give.
struct Index<'b> {
    backlog: &'b Backlog,
    names: HashMap<String, Vec<FindingIdx>>,
    paths: HashMap<&'b str, Vec<FindingIdx>>,
}

impl<'b> Index<'b> {
    fn of(backlog: &'b Backlog) -> Self {
        let mut index = Self { backlog, names: HashMap::new(), paths: HashMap::new() };
        for finding in (0..).take(backlog.findings.len()) {
            for &result in backlog.members(finding) {
                let record = backlog.record(result);
                let rule = backlog.rules.get(record.rule as usize).map(|rule| rule.id.as_str());
                let ids = backlog.advisories_of(result).iter().map(|id| &**id);
                for name in ids.chain(rule) {
                    push(index.names.entry(name.to_lowercase()).or_default(), finding);
                }
                push(index.paths.entry(backlog.path(record)).or_default(), finding);
            }
        }
        index
    }

    /// The findings of an entry, each once. An entry that names nothing has none.
    fn find(&self, entry: &Entry) -> Vec<FindingIdx> {
        if let Some(id) = &entry.id {
            let found = id.parse::<FindingId>().ok().and_then(|id| self.backlog.find(id));
            return found.into_iter().collect();
        }
        let globs: Vec<_> = entry
            .paths
            .iter()
            .filter_map(|path| GlobBuilder::new(path.trim_start_matches("./")).literal_separator(true).build().ok())
            .map(|glob| glob.compile_matcher())
            .collect();
        let named: Vec<FindingIdx> = if entry.names.is_empty() {
            // Without a name, only a place of its own says which finding is meant.
            let line = entry.line.and(entry.paths.first());
            let at = |path: &String| self.paths.get(unescaped(path).as_str()).cloned();
            line.and_then(at).unwrap_or_default()
        } else {
            let of = |name: &String| self.names.get(&name.to_lowercase()).cloned().unwrap_or_default();
            entry.names.iter().flat_map(of).collect()
        };
        let named: BTreeSet<FindingIdx> = named.into_iter().collect();
        named.into_iter().filter(|&finding| self.fits(entry, &globs, finding)).collect()
    }

    fn fits(&self, entry: &Entry, globs: &[globset::GlobMatcher], finding: FindingIdx) -> bool {
        let backlog = self.backlog;
        let members = backlog.members(finding);
        let packages = || members.iter().filter_map(|&result| backlog.package_of(result));
        let is_package = |wanted: &Option<String>, of: &dyn Fn(&crate::model::backlog::Package) -> Option<String>| {
            wanted.as_ref().is_none_or(|wanted| packages().any(|package| of(package).as_ref() == Some(wanted)))
        };
        let is_at = |path: &str| globs.iter().any(|glob| glob.is_match(path));
        is_package(&entry.package, &|package| Some(package.name.clone()))
            && is_package(&entry.version, &|package| package.version.clone())
            && (entry.purls.is_empty()
                || packages().filter_map(|package| package.purl.as_ref()).any(|purl| entry.purls.contains(purl)))
            && (entry.paths.is_empty() || members.iter().any(|&result| is_at(backlog.path(backlog.record(result)))))
            && entry
                .line
                .is_none_or(|line| members.iter().any(|&result| u64::from(backlog.record(result).line) == line))
    }
}

fn push(list: &mut Vec<FindingIdx>, finding: FindingIdx) {
    if list.last() != Some(&finding) {
        list.push(finding);
    }
}

/// A path out of a pattern that only escapes.
fn unescaped(pattern: &str) -> String {
    let mut out = pattern.to_owned();
    for c in ['?', '*', '[', ']', '{', '}', '!'] {
        out = out.replace(&format!("[{c}]"), &c.to_string());
    }
    out
}
