//! The verdicts of models: which result an entry of a cache is about, which were made on other code, and what goes into the
//! event when a person answers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use crate::ingest::Reader;
use crate::model::ai::{Answer, Attached, Cached, NOTHING_WAITS, Opinion, Says, Verdict};
use crate::model::backlog::{Backlog, FindingIdx, ResultIdx};
use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::decision::{Op, Request};
use crate::model::detail::{AiSaid, Detail, Location};
use crate::model::problem::{Loss, Problem};
use crate::model::secret::Cover;
use crate::repo::tree::sha256;

use super::Desk;
use super::ai_code::{Texts, changed};

/// Results that are decoded to find those of a cache's entries; a cache is about one scan, and names rule and file.
const MAX_DECODED: usize = 50_000;
/// Results with a verdict whose code is compared at each load; that of others is when somebody looks at them.
const MAX_COMPARED: usize = 20_000;

impl Desk {
    /// The entries of caches with the results that they are about, sorted by result.
    pub(super) fn attached(&self, backlog: &Backlog, reader: &Reader) -> Arc<[(ResultIdx, Attached)]> {
        let cached = &backlog.evidence.cached;
        if cached.is_empty() {
            return Arc::default();
        }
        let results = candidates(backlog, cached);
        let details = reader.details(backlog, &results);
        let mut by_key: HashMap<(String, &str), Vec<(ResultIdx, Location)>> = HashMap::new();
        for (&result, detail) in results.iter().zip(details) {
            let Ok(detail) = detail else { continue };
            let (record, location) = (backlog.record(result), detail.locations.first().cloned().unwrap_or_default());
            let rule = backlog.rule(record).id.as_str();
            for key in keys(rule, backlog.path(record), &detail) {
                by_key.entry((key, rule)).or_default().push((result, location.clone()));
            }
        }
        let mut attached: Vec<(ResultIdx, Attached)> = Vec::new();
        let mut texts = Texts::new(&self.repo);
        for (entry, cached) in (0..).zip(cached) {
            // Results that nothing tells apart are counted: `…#1` is the second of them.
            let (key, number) = match cached.key.rsplit_once('#').map(|(key, number)| (key, number.parse::<usize>())) {
                Some((key, Ok(number))) => (key, number),
                _ => (&*cached.key, 0),
            };
            let found = by_key.get(&(key.to_owned(), &*cached.rule));
            let of_file = found.into_iter().flatten().filter(|(result, _)| {
                let path = backlog.path(backlog.record(*result));
                path == &*cached.path || path == &*cached.file
            });
            let Some((result, location)) = of_file.clone().nth(number) else { continue };
            let (stale, code) = match texts.read_by(cached, location) {
                Ok(code) => (None, Some(code.into())),
                Err(why) => (Some(why.into()), None),
            };
            attached.push((*result, Attached { entry, stale, code }));
        }
        attached.sort_by_key(|(result, attached)| (*result, attached.entry));
        attached.into()
    }

    /// The findings of which a model says something that was made on other code; of at most [`MAX_COMPARED`] results in
    /// reports that is known.
    pub(super) fn made_on_other_code(&self, board: &Board, reader: &Reader) -> Bits {
        let backlog = &board.backlog;
        let results: Vec<ResultIdx> = backlog.ai.iter().map(|(result, _)| *result).take(MAX_COMPARED).collect();
        let details = reader.details(backlog, &results);
        let mut files: BTreeMap<&str, Vec<(ResultIdx, &Detail)>> = BTreeMap::new();
        for (result, detail) in results.iter().zip(&details) {
            if let Ok(detail) = detail {
                files.entry(backlog.path(backlog.record(*result))).or_default().push((*result, detail));
            }
        }
        let files: Vec<Vec<(ResultIdx, &Detail)>> = files.into_values().collect();
        let of_file = |of_file: &Vec<(ResultIdx, &Detail)>| {
            let whys = changed(&self.repo, backlog, of_file);
            let stale = of_file.iter().zip(whys).filter(|(_, why)| why.is_some());
            stale.map(|((result, _), _)| *result).collect::<Vec<_>>()
        };
        let mut stale: Vec<ResultIdx> = files.par_iter().flat_map_iter(of_file).collect();
        stale.extend(board.attached.iter().filter(|(_, one)| one.stale.is_some()).map(|(result, _)| *result));
        stale.iter().filter_map(|&result| backlog.find(backlog.record(result).id)).collect()
    }

    /// All that models say of a finding, those in reports decoded, in the order of [`Board::verdicts`].
    pub fn opinions(&self, board: &Board, reader: &Reader, finding: FindingIdx) -> Vec<Opinion> {
        self.opinions_of(board, reader, finding, &board.verdicts(finding))
    }

    /// The same of those that wait for an answer.
    pub fn proposed(&self, board: &Board, reader: &Reader, finding: FindingIdx) -> Vec<Opinion> {
        self.opinions_of(board, reader, finding, &board.proposed(finding))
    }

    fn opinions_of(&self, board: &Board, reader: &Reader, finding: FindingIdx, verdicts: &[Verdict]) -> Vec<Opinion> {
        let backlog = &board.backlog;
        let details: Vec<(ResultIdx, Detail)> = verdicts
            .iter()
            .map(|verdict| verdict.result)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .filter_map(|result| Some((result, reader.detail(backlog, result).ok()?)))
            .collect();
        let cover = Cover::of(backlog.is_secret(finding), details.iter().map(|(_, detail)| detail));
        let opinion = |verdict: &Verdict| {
            let detail = details.iter().find(|(result, _)| *result == verdict.result).map(|(_, detail)| detail);
            let known = match verdict.cached {
                Some(cached) => of_cache(backlog, cached),
                None => self.of_report(backlog, verdict.result, detail),
            };
            Opinion {
                confidence: verdict.confidence,
                cwe: backlog.cwe(finding).to_vec(),
                model: verdict.model.to_owned(),
                proposes: verdict.says.name().to_owned(),
                reason: known.reason.as_deref().map(|reason| cover.text(reason).into_owned()),
                result: backlog.record(verdict.result).id.to_string(),
                ..known
            }
        };
        verdicts.iter().map(opinion).collect()
    }

    /// What a model says of a result in its report.
    fn of_report(&self, backlog: &Backlog, result: ResultIdx, detail: Option<&Detail>) -> Opinion {
        let said = detail.and_then(|detail| detail.ai.clone());
        let AiSaid { verdict, reason, cites } = said.unwrap_or_default();
        let evidence = detail.and_then(|detail| detail.locations.first()?.sha256.clone());
        let stale = match detail {
            Some(detail) => changed(&self.repo, backlog, &[(result, detail)]).pop().flatten(),
            None => Some("the report cannot be read any more".to_owned()),
        };
        Opinion { cites, evidence, reason, stale, verdict, ..Opinion::default() }
    }

    /// A request with what models say of its findings, and how many findings of it were left out: those that an answer for
    /// several at once is not for, because the code is not what the model has read.
    pub(super) fn answered(
        &self,
        board: &Board,
        reader: &Reader,
        request: &Request,
    ) -> Result<(Request, usize), Problem> {
        let is_verdict = matches!(request.op, Op::Confirm | Op::FalsePositive | Op::NotAffected) && !request.extends;
        if !is_verdict && request.answer.is_none() {
            return Ok((request.clone(), 0));
        }
        let confirms = request.answer == Some(Answer::Confirm);
        let is_bulk = request.findings.len() > 1;
        let (mut findings, mut ai, mut left_out) = (Vec::new(), Vec::new(), 0);
        for &id in &request.findings {
            let Some(finding) = board.backlog.find(id) else {
                // Who decides says so.
                findings.push(id);
                continue;
            };
            let opinions = self.proposed(board, reader, finding);
            let fits = |opinion: &&Opinion| opinion.says().and_then(Says::op) == Some(request.op);
            let is_left_out = match request.answer {
                None => false,
                Some(Answer::Reject) => opinions.is_empty(),
                Some(Answer::Confirm) => {
                    !opinions.iter().filter(fits).any(|opinion| opinion.stale.is_none() || !is_bulk)
                }
            };
            if is_left_out {
                left_out += 1;
            } else {
                findings.push(id);
                ai.extend(opinions);
            }
        }
        if findings.is_empty() {
            let reason = if confirms && is_bulk {
                "the code is not what the models have read, so that none of it can be confirmed at once"
            } else {
                NOTHING_WAITS
            };
            let hint = "look at each alone, or scan and ask the model again";
            return Err(Problem::at("", "", reason, Loss::Nothing).hint(hint));
        }
        ai.sort_by(|a: &Opinion, b| a.result.cmp(&b.result));
        Ok((Request { findings, ai, ..request.clone() }, left_out))
    }
}

/// That some verdicts are compared with the code only when somebody looks at them.
pub(super) fn not_compared(board: &Board) -> Option<Problem> {
    let left = board.backlog.ai.len().checked_sub(MAX_COMPARED).filter(|left| *left > 0)?;
    let reason = format!("{left} AI verdicts were not compared with the code: is:ai-stale does not know of them");
    Some(Problem::at("", "", reason, Loss::Nothing).hint("each is compared when it is looked at or answered"))
}

/// What an entry of a cache says.
fn of_cache(backlog: &Backlog, cached: &Attached) -> Opinion {
    let entry = backlog.evidence.cached.get(cached.entry as usize);
    let [code, stale] = [&cached.code, &cached.stale].map(|text| text.as_deref().map(str::to_owned));
    Opinion { code, stale, ..entry.map(|entry| entry.opinion.clone()).unwrap_or_default() }
}

/// Results that have the rule and the file of an entry, in their order.
fn candidates(backlog: &Backlog, cached: &[Cached]) -> Vec<ResultIdx> {
    let wanted: BTreeSet<(&str, &str)> =
        cached.iter().flat_map(|one| [(&*one.rule, &*one.path), (&*one.rule, &*one.file)]).collect();
    let rules: BTreeSet<&str> = wanted.iter().map(|(rule, _)| *rule).collect();
    let is_rule: Vec<bool> = backlog.rules.iter().map(|rule| rules.contains(rule.id.as_str())).collect();
    let is_meant = |result: &ResultIdx| {
        let record = backlog.record(*result);
        let is_of_rule = is_rule.get(record.rule as usize).copied().unwrap_or_default();
        is_of_rule && wanted.contains(&(backlog.rule(record).id.as_str(), backlog.path(record)))
    };
    (0..).take(backlog.results.len()).filter(is_meant).take(MAX_DECODED).collect()
}

/// The fingerprints that sast-triage could have given a result: Semgrep's own, else one of rule, place and text.
fn keys(rule: &str, path: &str, detail: &Detail) -> Vec<String> {
    let own = detail.fingerprints.iter().filter(|(name, _)| name == "matchBasedId/v1");
    let mut keys: Vec<String> = own.map(|(_, value)| value.trim().to_owned()).collect();
    let Some(location) = detail.locations.first() else { return keys };
    let (first, last) = (location.region.line, location.region.end_line);
    let last = if last == 0 { first } else { last };
    let text = location.snippet.as_deref().unwrap_or_default();
    let uri = location.uri.as_deref().map(|uri| uri.trim_start_matches("file://").trim_start_matches("./"));
    for file in [Some(path), uri].into_iter().flatten() {
        let parts = [rule, file, &first.to_string(), &last.to_string(), text].join("\0");
        keys.push(format!("synthetic:{}", sha256(parts.as_bytes())));
    }
    keys
}

/// `, as kimi-k3 proposes`, where a person confirmed that.
pub(super) fn as_proposed(request: &Request) -> String {
    if request.answer != Some(Answer::Confirm) {
        return String::new();
    }
    let models: BTreeSet<&str> = request
        .ai
        .iter()
        .filter(|opinion| opinion.says().and_then(Says::op) == Some(request.op))
        .map(|opinion| opinion.model.as_str())
        .collect();
    format!(", as {} proposed", models.into_iter().collect::<Vec<_>>().join(" and "))
}
