//! `[policy]` of `.quell/config.toml`, as the protected base has it and as the tree does.
//!
//! The fold holds every event against it, where severity and exploitation are those of today's reports: a status that a
//! list, a gate or an export shows is then the same, and a policy that is loosened in a change, or an event that was
//! written by hand, hides nothing. What cannot be read hides nothing either.

use globset::GlobBuilder;
use jiff::Timestamp;
use toml::{Table, Value};

use crate::model::decision::Op;
use crate::model::due::utc;
use crate::model::grade::Severity;
use crate::model::policy::{NameGlob, OPS, Person, Policies, Policy, Rules, Said, Scale};
use crate::model::problem::{Loss, Problem};
use crate::repo::Repo;
use crate::repo::read::ReadError;

use super::home::{CONFIG, Home};

/// The longest time that can be allowed, in days.
const MAX_DAYS: i64 = 36_500;
/// What the policy of the tree is called; no branch has such a name.
const THIS_TREE: &str = "this tree";
const HINT: &str = "correct it: until then nothing counts that hides a finding";

/// What is wrong with a part of a policy: its place and the reason.
type Wrong = (String, String);

/// The policy of one place, if it has one, and what is wrong with it.
type Found = (Option<Policy>, Option<Problem>);

/// The policies of the tree and of its base, and what is wrong with them.
pub fn in_force(repo: &Repo) -> (Policies, Vec<Problem>) {
    let home = Home::of(repo).0;
    let mut found: Vec<Found> = [Some(repo), home.other()].into_iter().flatten().filter_map(base).collect();
    match repo.read(CONFIG) {
        Ok(bytes) => found.push(read(THIS_TREE, &String::from_utf8_lossy(&bytes))),
        Err(ReadError::Missing) => {}
        // Who looks there for the ledger tells it.
        Err(error) => found.push((Some(broken(THIS_TREE, format!("{CONFIG}: {error}"))), None)),
    }
    collected(repo, found)
}

/// The policies of the protected base alone: of the repository that keeps the decisions at this commit, and where that is
/// another one, of the code's own.
pub(super) fn of_base(repo: &Repo, home: &Home, commit: &str, name: &str) -> (Policies, Vec<Problem>) {
    let mut found = vec![at(home.keeper(), commit, name)];
    found.extend(home.other().and_then(|_| base(repo)));
    collected(repo, found)
}

/// The policies as they were at a time: of the commit whose tree counts, else of that of HEAD then, and of what the protected
/// base was then.
pub(super) fn as_of(repo: &Repo, commit: Option<&str>, time: Timestamp) -> Policies {
    let home = Home::of(repo).0;
    let base = |repo: &Repo| {
        let name = repo.configured("quell.base").or_else(|| repo.base_of_remote())?;
        Some(at(repo, &repo.as_of(&name, time)?, &name))
    };
    let mut found: Vec<Found> = [Some(repo), home.other()].into_iter().flatten().filter_map(base).collect();
    let commit = commit.map(str::to_owned).or_else(|| repo.as_of("HEAD", time));
    found.extend(commit.map(|commit| at(repo, &commit, THIS_TREE)));
    collected(repo, found).0
}

fn collected(repo: &Repo, found: Vec<Found>) -> (Policies, Vec<Problem>) {
    let (list, problems): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let me = Person { name: repo.author(), mail: repo.configured("user.email") };
    let day = utc(Timestamp::now());
    (Policies { list: list.into_iter().flatten().collect(), me, day }, problems.into_iter().flatten().collect())
}

/// The policy of the protected branch, if there is one. One that is named and not here may say anything.
fn base(repo: &Repo) -> Option<Found> {
    let named = repo.configured("quell.base");
    let name = named.clone().or_else(|| repo.base_of_remote())?;
    let short = name.strip_prefix("refs/remotes/").or_else(|| name.strip_prefix("refs/heads/")).unwrap_or(&name);
    if let Some(commit) = repo.commit_id(&name) {
        return Some(at(repo, &commit, short));
    }
    let reason = format!("the protected branch {short} is not here, so that its policy is not known");
    Some(if named.is_some() {
        let problem = Problem::of_file("git config quell.base", reason.clone(), "fetch it, or name another");
        (Some(broken(short, reason)), Some(problem))
    } else {
        let problem = Problem::at("refs/remotes/origin/HEAD", "", reason, Loss::Nothing);
        (None, Some(problem.hint("git remote set-head origin --auto")))
    })
}

/// The policy of one commit.
fn at(repo: &Repo, commit: &str, name: &str) -> Found {
    repo.blob_at(commit, CONFIG).map_or((None, None), |bytes| read(name, &String::from_utf8_lossy(&bytes)))
}

fn broken(source: &str, reason: String) -> Policy {
    Policy { source: source.to_owned(), broken: Some(reason), ..Policy::default() }
}

/// The policy in a configuration; `None` where it has none.
fn read(source: &str, text: &str) -> Found {
    let read = match text.parse::<Table>() {
        Ok(config) => match config.get("policy") {
            None => return (None, None),
            Some(Value::Table(table)) => policy(table),
            Some(_) => Err(("policy".to_owned(), "it is no table".to_owned())),
        },
        Err(error) => {
            let line =
                error.span().map_or(1, |span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
            Err((format!("line {line}"), error.message().to_owned()))
        }
    };
    match read {
        Ok(policy) => (Some(Policy { source: source.to_owned(), ..policy }), None),
        Err((place, reason)) => {
            let file = if source == THIS_TREE { CONFIG.to_owned() } else { format!("{source}:{CONFIG}") };
            let policy = broken(source, format!("{file}: {place}: {reason}"));
            // What is no TOML at all in the tree is told by who looks there for the ledger.
            let is_told = source == THIS_TREE && place.starts_with("line ");
            let problem = (!is_told).then(|| Problem::at(file, place, reason, Loss::File).hint(HINT));
            (Some(policy), problem)
        }
    }
}

fn policy(table: &Table) -> Result<Policy, Wrong> {
    let mut policy = Policy::default();
    for (key, value) in table {
        let place = format!("policy.{key}");
        if key == "never-in-bulk" {
            policy.never_in_bulk = globs(&place, value)?;
            continue;
        }
        let op = OPS.iter().copied().find(|op| op.name() == key);
        let known = || OPS.iter().map(|op| op.name()).collect::<Vec<_>>().join(", ");
        let op = op.ok_or_else(|| (place.clone(), format!("it is none of never-in-bulk, {}", known())))?;
        let Value::Table(stated) = value else { return Err((place, "it is no table".to_owned())) };
        policy.rules.push((op, rules(&place, op, stated)?));
    }
    Ok(policy)
}

fn rules(place: &str, op: Op, table: &Table) -> Result<Rules, Wrong> {
    let mut rules = Rules::default();
    for (key, value) in table {
        let place = format!("{place}.{key}");
        let lasts = matches!(key.as_str(), "max-days" | "max-total-days") && op != Op::Approve;
        match key.as_str() {
            "required" => {
                rules.required =
                    words(&place, value)?.iter().map(|word| said(&place, word)).collect::<Result<_, _>>()?;
            }
            "who" => rules.who = scale(&place, value, &globs)?,
            "max-days" if lasts => rules.max_days = scale(&place, value, &number)?,
            "max-total-days" if lasts => rules.max_total_days = scale(&place, value, &number)?,
            "approval" if op == Op::AcceptRisk => approval(&place, value, &mut rules)?,
            "approval" => return Err((place, "only accept-risk is approved by another person".to_owned())),
            _ => {
                let lasting = if op == Op::Approve { "" } else { ", max-days, max-total-days" };
                let approved = if op == Op::AcceptRisk { ", approval" } else { "" };
                return Err((place, format!("it is none of required, who{lasting}{approved}")));
            }
        }
    }
    Ok(rules)
}

/// Words that are severities: from that on; or `kev`.
fn approval(place: &str, value: &Value, rules: &mut Rules) -> Result<(), Wrong> {
    for word in words(place, value)? {
        if word == "kev" {
            rules.approval_of_kev = true;
        } else {
            let from = severity(place, &word, ", kev")?;
            rules.approval = Some(rules.approval.map_or(from, |known| known.min(from)));
        }
    }
    Ok(())
}

fn said(place: &str, word: &str) -> Result<Said, Wrong> {
    let known = Said::ALL.iter().map(|said| said.name()).collect::<Vec<_>>().join(", ");
    let said = Said::ALL.iter().copied().find(|said| said.name() == word);
    said.ok_or_else(|| (place.to_owned(), format!("{word} is none of {known}")))
}

fn severity(place: &str, word: &str, or: &str) -> Result<Severity, Wrong> {
    let known = Severity::ALL.iter().map(|severity| severity.name()).collect::<Vec<_>>().join(", ");
    let severity = Severity::ALL.iter().copied().find(|severity| severity.name() == word);
    severity.ok_or_else(|| (place.to_owned(), format!("{word} is none of {known}{or}")))
}

/// One value for all, or a table of values by severity.
fn scale<T>(place: &str, value: &Value, read: &dyn Fn(&str, &Value) -> Result<T, Wrong>) -> Result<Scale<T>, Wrong> {
    let mut scale = Scale::default();
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                scale.set(severity(place, key, "")?, read(&format!("{place}.{key}"), value)?);
            }
        }
        value => scale.set(Severity::Info, read(place, value)?),
    }
    Ok(scale)
}

fn number(place: &str, value: &Value) -> Result<u32, Wrong> {
    let number = value.as_integer().filter(|number| (0..=MAX_DAYS).contains(number));
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| (place.to_owned(), format!("{value} is no number of days from 0 to {MAX_DAYS}")))
}

fn words(place: &str, value: &Value) -> Result<Vec<String>, Wrong> {
    let wrong = || (place.to_owned(), format!("{value} is no list of words"));
    let word = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(wrong);
    value.as_array().ok_or_else(wrong)?.iter().map(word).collect()
}

fn globs(place: &str, value: &Value) -> Result<Vec<NameGlob>, Wrong> {
    let glob = |text: String| match GlobBuilder::new(&text).case_insensitive(true).build() {
        Ok(glob) => Ok(NameGlob { matcher: glob.compile_matcher(), text }),
        Err(error) => Err((place.to_owned(), error.to_string())),
    };
    words(place, value)?.into_iter().map(glob).collect()
}
