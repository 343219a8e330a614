//! What other tools and other clones decided becomes decisions here, by the path that every decision takes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::Date;
use serde_json::Value;

use crate::exchange::entries::{Entry, entries};
use crate::exchange::matching::Index;
use crate::exchange::read;
use crate::exchange::sarif::{FINGERPRINT, decision_of, own_decision_of};
use crate::exchange::words::Words;
use crate::ingest::{Progress, Reader};
use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::decision::{Op, Request, Status};
use crate::model::id::FindingId;
use crate::model::problem::{Loss, Problem};
use crate::reach::product_name;

use super::{Desk, Keep, Options};

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// Each decision in words.
    pub decided: Vec<String>,
    /// What of the files has no effect, and why.
    pub said: Vec<String>,
    /// Files that cannot be read.
    pub unread: Vec<Problem>,
    /// Decisions that were refused.
    pub refused: Vec<Problem>,
}

impl Desk {
    /// Decides what the files say about findings of the board. `until` is for accepted risks whose source names no end.
    pub fn import(&self, board: &Board, reader: &Reader, files: &[String], until: Option<Date>) -> Imported {
        let index = Index::of(&board.backlog);
        let mut imported = Imported::default();
        let mut chosen: BTreeMap<Words, BTreeSet<FindingIdx>> = BTreeMap::new();
        let mut taken: HashMap<FindingIdx, Words> = HashMap::new();
        for file in files {
            let entries = match self.entries_of(board, file) {
                Ok(entries) => entries,
                Err(problem) => {
                    imported.unread.push(problem);
                    continue;
                }
            };
            // What a later entry of the file leaves open, an earlier one does not decide.
            let mut blocked: HashSet<FindingIdx> = HashSet::new();
            for mut entry in entries {
                if let Some(words) = entry.words.as_mut().filter(|words| words.op == Op::AcceptRisk.name()) {
                    words.until = words.until.or(until);
                }
                let mut refuse = |why: &str| imported.said.push(format!("{file}: {}: {why}", entry.label()));
                if let Some(why) = self.not_here(board, &entry) {
                    refuse(&why);
                    continue;
                }
                if entry.blocks {
                    blocked.extend(index.find(&entry));
                    if entry.lack.is_none() {
                        continue;
                    }
                }
                let words = match wanted(board, &entry) {
                    Ok(words) => words,
                    Err(why) => {
                        refuse(&why);
                        continue;
                    }
                };
                let found = index.find(&entry);
                if found.is_empty() {
                    refuse("it matches no finding");
                }
                for finding in found {
                    if blocked.contains(&finding) {
                        continue;
                    }
                    if let Some(why) = kept(board, finding, words, taken.get(&finding)) {
                        refuse(&format!("{} {why}", board.backlog.id(finding)));
                    } else if !taken.contains_key(&finding) && known(board, finding, words).is_none() {
                        taken.insert(finding, words.clone());
                        chosen.entry(words.clone()).or_default().insert(finding);
                    }
                }
            }
        }
        for (words, findings) in chosen {
            let Some(request) = words.request() else { continue };
            let findings: Vec<FindingId> = findings.into_iter().map(|finding| board.backlog.id(finding)).collect();
            match self.decide(board, reader, &Request { findings, ..request }) {
                Ok(decided) => imported.decided.push(decided.summary),
                Err(problem) => imported.refused.push(problem),
            }
        }
        imported
    }

    /// Why an entry is about a component in another product than what is built here.
    fn not_here(&self, board: &Board, entry: &Entry) -> Option<String> {
        let product = entry.product.as_deref()?;
        if product.is_empty() {
            return Some("nobody knows which product it is about".to_owned());
        }
        let is_ours = self.own_names(board).contains(&product_name(product));
        (!is_ours).then(|| "it is about another product: load the file as a report, where it is evidence".to_owned())
    }

    /// The entries of a file that is named from the working directory.
    fn entries_of(&self, board: &Board, file: &str) -> Result<Vec<Entry>, Problem> {
        let text = read::text(&self.cwd().join(file), file)?;
        // A key of a report's first object; what is read of it is what any report is read for.
        if text.trim_start().starts_with('{') && text.contains("\"runs\"") {
            return self.suppressions_of(board, file);
        }
        let hint = "nothing of it was imported; `quell import --help` names the formats";
        entries(&text).map_err(|reason| Problem::of_file(file, reason, hint))
    }

    /// The suppressions of a report. Its results are identified as those of every report are; a log of ours names the ids.
    fn suppressions_of(&self, board: &Board, file: &str) -> Result<Vec<Entry>, Problem> {
        let options = Options {
            inputs: vec![file.to_owned()],
            no_merge: true,
            no_verdicts: true,
            fixes: Vec::new(),
            scans: Keep::default(),
            ..self.options.clone()
        };
        let other = Self { options, ..self.clone() };
        let loaded = other.load(other.find(), &Progress::default());
        if let Some(problem) = loaded.problems.iter().find(|problem| problem.loss == Loss::File) {
            return Err(problem.clone());
        }
        let backlog = &loaded.board.backlog;
        let mut entries = Vec::new();
        for number in (0..).take(backlog.results.len()) {
            let Some(result) = loaded.reader.original_result(backlog, number) else { continue };
            let id = backlog.record(number).id.to_string();
            let own = result.get("fingerprints").and_then(|all| all.get(FINGERPRINT)).and_then(Value::as_str);
            let own = own.map(str::to_owned);
            // A log of ours has the suppressions of the scanner too, which the report here says itself.
            let is_said = own.as_deref().and_then(|id| is_suppressed(board, id)) == Some(true);
            let result = Value::Object(result);
            let words = if is_said { own_decision_of(&result) } else { decision_of(&result) };
            if let Some(words) = words {
                entries.push(Entry { id: own.or(Some(id)), words: Some(words), ..Entry::default() });
            }
        }
        Ok(entries)
    }
}

/// Whether the reports that are loaded suppress a finding; `None` where it is not loaded.
fn is_suppressed(board: &Board, id: &str) -> Option<bool> {
    let backlog = &board.backlog;
    let finding = backlog.find(id.parse().ok()?)?;
    Some(backlog.members(finding).iter().all(|&result| backlog.record(result).is_suppressed()))
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

/// Whether the last event about a finding that says this already was taken back; `None` where there is none.
fn known(board: &Board, finding: FindingIdx, words: &Words) -> Option<bool> {
    board.history(finding).iter().rfind(|past| words.is_of(past.event)).map(|past| past.is_taken_back)
}

/// Why a finding stays as it is, where that is worth a word.
fn kept(board: &Board, finding: FindingIdx, words: &Words, taken: Option<&Words>) -> Option<String> {
    if let Some(other) = taken {
        return (other != words).then(|| format!("is decided by another entry: {}", other.op));
    }
    let status = board.status(finding);
    let is_free = status == Status::Open || status == Status::Confirmed && words.op != Op::Confirm.name();
    let known = known(board, finding, words);
    if known == Some(true) && status == Status::Open {
        return Some("was decided so and that was taken back: quell redo, or decide it".to_owned());
    }
    (!is_free && known.is_none()).then(|| format!("is {} already, which stays", status.name()))
}
