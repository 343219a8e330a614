//! Whether the ledger can be told to an auditor: who signed what counts, what was taken out of history, which clocks lied.
//!
//! What may sign stands in the file of allowed signers of the protected base, never in the tree that is checked. A signature
//! is that of a commit which brought the event (`git commit -S`), or of the event itself: `<event>.json.sig` beside it, for
//! the namespace `quell`, which no merge or squash loses.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::model::decision::{Event, Op, Origin};
use crate::model::policy::Policies;
use crate::model::problem::{Loss, Problem};
use crate::repo::Repo;
use crate::repo::past::{Past, PastFile};
use crate::repo::signature::Signer;

use super::decide::refuse;
use super::event::{op_of, path_of};
use super::home::{FOLDER, Home, in_tree};
use super::policy;
use super::read::read_file;
use super::verify::{AHEAD, Verified, keeping, told, verify_files};

/// Who may sign, in the tree of the base.
pub const ALLOWED: &str = ".quell/allowed_signers";
/// For what an event is signed.
pub const NAMESPACE: &str = "quell";
/// Seconds that an event may be older than the commit that brought it before that is told.
const LATE: i64 = 7 * 86_400;

/// An event that has to be signed, and who did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signed {
    pub event: String,
    pub op: String,
    /// The name that it states.
    pub author: String,
    /// `None` for one that is unsigned, whatever name it states.
    pub signer: Option<Signer>,
}

/// As [`verify`](super::verify::verify), with history and signatures, and with the policy of the base alone. `base` is the
/// protected branch: the default branch of the remote if `None`.
pub fn strict(repo: &Repo, base: Option<&str>, now: Timestamp) -> Result<(Verified, Vec<Signed>), Problem> {
    let home = Home::of(repo).0;
    let (base, name) = base_of(home.keeper(), base)?;
    let mut verified = verify_files(repo, now);
    let (policies, wrong) = policy::of_base(repo, &home, &base, &name);
    verified.problems.extend(wrong);
    let history = History::of(&home, &base, &name, &mut verified.problems)?;
    history.missing(&verified.ledger.events, &mut verified.problems);
    history.clocks(&verified.ledger.events, &mut verified.problems);
    let signed = history.signatures(&base, &verified.ledger.events, &policies, &mut verified.problems);
    let signers: HashMap<&str, &Signed> = signed.iter().map(|one| (one.event.as_str(), one)).collect();
    // The key counts, and what it is called; the name that an event states is a label. What had to be signed and is not was
    // told already.
    let names = |event: &Event| match signers.get(event.id.as_str()) {
        None => Some(Vec::new()),
        Some(signed) => signed.signer.as_ref().map(|signer| vec![signer.name.as_str(), signer.key.as_str()]),
    };
    let against = keeping(repo, &verified.ledger.events, &policies, now, &names);
    verified.problems.extend(against);
    Ok((verified, signed))
}

/// The commit of the protected base, and its name.
fn base_of(repo: &Repo, base: Option<&str>) -> Result<(String, String), Problem> {
    let name = base.map(str::to_owned).or_else(|| repo.configured("quell.base")).or_else(|| repo.base_of_remote());
    let hint = "name the protected branch with --base";
    let name = name.ok_or_else(|| refuse("", "nothing says which branch is protected", hint))?;
    let commit = repo.commit_id(&name).ok_or_else(|| refuse(&name, "there is no such commit here", hint))?;
    Ok((commit, name))
}

/// What git knows of the events.
struct History<'r> {
    repo: &'r Repo,
    past: Past,
    /// The files of each event.
    files: HashMap<String, Vec<PastFile>>,
    /// Events that were only ever in archives.
    archived: BTreeMap<String, PastFile>,
}

impl<'r> History<'r> {
    fn of(home: &'r Home, base: &str, name: &str, problems: &mut Vec<Problem>) -> Result<Self, Problem> {
        let repo = home.keeper();
        let mut refs = repo.refs_named(name);
        refs.extend(home.reference().into_iter().flat_map(|name| repo.refs_named(&name)));
        refs.extend(home.settings.also.iter().flat_map(|name| repo.refs_named(name)));
        refs.sort();
        refs.dedup();
        let mut starts = vec![base.to_owned()];
        starts.extend(repo.head());
        for name in &refs {
            starts.extend(repo.commit_id(name));
            for lost in repo.rewritten(name) {
                let short: String = lost.chars().take(10).collect();
                let reason = format!("was rewritten: the commit {short} that it had is no part of it any more");
                let hint = format!("somebody forced a push, or reset it: git log {short}");
                problems.push(Problem::of_file(name.as_str(), reason, hint));
                starts.push(lost);
            }
        }
        let past = repo.past(&starts, &format!(".quell/{FOLDER}"))?;
        let (mut files, mut archived) = (HashMap::<String, Vec<PastFile>>::new(), BTreeMap::new());
        for (path, versions) in &past.files {
            for version in versions {
                let Some(bytes) = repo.blob(&version.blob) else { continue };
                // What never was an event cannot be missed.
                let events = read_file(path, path, &bytes).unwrap_or_default();
                for event in events {
                    if event.origin == Origin::Archive {
                        archived.insert(event.id, version.clone());
                    } else {
                        files.entry(event.id).or_default().push(version.clone());
                    }
                }
            }
        }
        Ok(Self { repo, past, files, archived })
    }

    /// Events that were there and are not, and files that were changed.
    fn missing(&self, events: &[Event], problems: &mut Vec<Problem>) {
        let present: HashSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
        let single = self.files.iter().filter_map(|(id, files)| Some((id, files.last()?)));
        let mut missing: BTreeMap<&String, &PastFile> = single.chain(&self.archived).collect();
        missing.retain(|id, _| !present.contains(id.as_str()));
        for (id, file) in missing {
            let by = file
                .removed
                .as_ref()
                .map_or_else(String::new, |commit| format!(", since the commit {}", short(commit)));
            let reason = format!("the event {id} was there and is neither in the tree nor in an archive{by}");
            let commit = file.brought.first().map_or_else(String::new, |commit| short(commit));
            let hint = format!("bring it back: git checkout {commit} -- .quell/{FOLDER}");
            problems.push(Problem::of_file(format!(".quell/{FOLDER}"), reason, hint));
        }
        for (path, versions) in self.past.files.iter().filter(|(path, versions)| versions.len() > 1 && is_event(path)) {
            let commits: Vec<String> =
                versions.iter().flat_map(|version| &version.brought).map(|id| short(id)).collect();
            let reason = format!("the file was changed, which no event is: in the commits {}", commits.join(", "));
            problems.push(Problem::of_file(in_tree(path), reason, "look at each: git show"));
        }
    }

    /// Events and commits whose times cannot be.
    fn clocks(&self, events: &[Event], problems: &mut Vec<Problem>) {
        let mut told_of = HashSet::new();
        for event in events {
            let files = self.files.get(&event.id).map(Vec::as_slice).unwrap_or_default();
            let commits = files.iter().flat_map(|file| &file.brought);
            let times = commits.filter_map(|commit| Some((commit, self.repo.commit_times(commit)?)));
            let times: Vec<_> = times.collect();
            for (commit, time) in &times {
                if time.back_dated().is_some() && told_of.insert((*commit).clone()) {
                    let reason = format!("the commit {} is dated {}, before its parent", short(commit), time.at);
                    let place = format!(".quell/{FOLDER}");
                    problems.push(Problem::of_file(place, reason, "a clock was wrong, or the commit is back-dated"));
                }
            }
            let Some((commit, first)) = times.iter().min_by_key(|(_, time)| time.at) else { continue };
            let (made, brought) = (event.at.as_second(), first.at.as_second());
            if made > brought + AHEAD {
                let reason = format!(
                    "is dated {}, after the commit {} of {} that brought it",
                    event.at,
                    short(commit),
                    first.at
                );
                problems.push(told(event, &reason, Loss::File).hint("a clock was wrong, or one of them is back-dated"));
            } else if made + LATE < brought {
                let days = (brought - made) / 86_400;
                let reason =
                    format!("is dated {}, {days} days before the commit {} that brought it", event.at, short(commit));
                problems
                    .push(told(event, &reason, Loss::Nothing).hint("it was a draft for so long, or it is back-dated"));
            }
        }
    }

    /// Who signed what has to be signed.
    fn signatures(
        &self,
        base: &str,
        events: &[Event],
        policies: &Policies,
        problems: &mut Vec<Problem>,
    ) -> Vec<Signed> {
        let by_id: HashMap<&str, &Event> = events.iter().map(|event| (event.id.as_str(), event)).collect();
        let bound: Vec<&Event> =
            events.iter().filter(|event| has_to_be_signed(event, &by_id) || asks_who(policies, event)).collect();
        let allowed = self.repo.blob_at(base, ALLOWED);
        if allowed.is_none() && !bound.is_empty() {
            let reason = "the protected base has no such file: no key is allowed to sign";
            problems.push(Problem::of_file(
                ALLOWED,
                reason,
                "commit it there: one line for each, `NAME KEY` (ssh-keygen(1))",
            ));
        }
        let allowed = allowed.unwrap_or_default();
        let mut signers: HashMap<&str, Signer> = HashMap::new();
        let mut checked: HashMap<String, Result<Signer, String>> = HashMap::new();
        for event in &bound {
            match self.signer(event, &allowed, &mut checked) {
                Ok(signer) => drop(signers.insert(&event.id, signer)),
                Err(why) => problems.push(
                    told(event, &format!("is unsigned, so that nobody knows who made it: {why}"), Loss::File)
                        .hint("its author signs it: quell ledger sign, or git commit -S"),
                ),
            }
        }
        for event in bound.iter().filter(|event| event.op == Op::Approve.name()) {
            let own = signers.get(event.id.as_str());
            let same = event
                .about
                .iter()
                .filter(|id| own.is_some_and(|own| signers.get(id.as_str()).is_some_and(|other| other.key == own.key)));
            for id in same {
                let reason = format!("is signed by the key that asked for it in the event {id}");
                problems.push(told(event, &reason, Loss::File).hint("another person has to approve it"));
            }
        }
        let signed = |event: &&Event| Signed {
            event: event.id.clone(),
            op: event.op.to_string(),
            author: event.author.to_string(),
            signer: signers.get(event.id.as_str()).cloned(),
        };
        bound.iter().map(signed).collect()
    }

    /// By the signature beside the event, else by that of a commit which brought it.
    fn signer(
        &self,
        event: &Event,
        allowed: &[u8],
        checked: &mut HashMap<String, Result<Signer, String>>,
    ) -> Result<Signer, String> {
        let mut why = "it has no signature".to_owned();
        let path = path_of(event);
        let text = super::canonical::text(event);
        let here = self.repo.read_small(&in_tree(&format!("{path}.sig")), 1 << 16).ok();
        let old = self.past.files.get(&format!("{path}.sig")).into_iter().flatten();
        for signature in here.into_iter().chain(old.filter_map(|file| self.repo.blob(&file.blob))) {
            match self.repo.signer(allowed, NAMESPACE, text.as_bytes(), &signature, event.at) {
                Ok(signer) => return Ok(signer),
                Err(reason) => why = reason,
            }
        }
        for commit in self.files.get(&event.id).into_iter().flatten().flat_map(|file| &file.brought) {
            let found = checked.entry(commit.clone()).or_insert_with(|| self.signer_of(commit, allowed));
            match found {
                Ok(signer) => return Ok(signer.clone()),
                Err(reason) => why.clone_from(reason),
            }
        }
        Err(why)
    }

    fn signer_of(&self, commit: &str, allowed: &[u8]) -> Result<Signer, String> {
        let none = || format!("neither it nor the commit {} has a signature", short(commit));
        let (signature, signed) = self.repo.commit_signature(commit).ok_or_else(none)?;
        let at = self.repo.commit_times(commit).ok_or_else(none)?.at;
        self.repo.signer(allowed, "git", &signed, &signature, at)
    }
}

/// Acceptances, approvals, and what brings one of them back that was taken back or denied.
fn has_to_be_signed(event: &Event, by_id: &HashMap<&str, &Event>) -> bool {
    let is = |event: &Event, op: Op| event.op == op.name();
    let brings_back = |id: &String| {
        by_id
            .get(id.as_str())
            .is_some_and(|other| is(other, Op::Revoke) || is(other, Op::Deny) || is(other, Op::Reopen))
    };
    is(event, Op::AcceptRisk)
        || is(event, Op::Approve)
        || is(event, Op::Revoke) && event.supersedes.iter().any(brings_back)
}

/// Whether a policy asks who made it.
fn asks_who(policies: &Policies, event: &Event) -> bool {
    op_of(event).is_some_and(|op| policies.asks_who(op))
}

fn is_event(path: &str) -> bool {
    super::read::is_read(path)
}

fn short(commit: &str) -> String {
    commit.chars().take(10).collect()
}

/// Signs events by their ids, or all of this author that have to be signed and are not. Returns how many.
pub fn sign(repo: &Repo, ids: &[String]) -> Result<usize, Problem> {
    let home = Home::of(repo).0;
    let events = super::read(repo).events;
    let keeper = home.keeper();
    let by_id: HashMap<&str, &Event> = events.iter().map(|event| (event.id.as_str(), event)).collect();
    let (author, policies) = (repo.author(), policy::in_force(repo).0);
    let is_meant = |event: &&Event| {
        if ids.is_empty() {
            let has_to = has_to_be_signed(event, &by_id) || asks_who(&policies, event);
            *event.author == *author && has_to && event.origin == Origin::Tree
        } else {
            ids.iter().any(|id| event.id.starts_with(id.as_str()))
        }
    };
    let (mut signatures, mut failed) = (Vec::new(), None);
    for event in events.iter().filter(is_meant) {
        let path = format!("{}.sig", path_of(event));
        if keeper.file_state(&in_tree(&path)).is_ok() {
            continue;
        }
        match repo.sign(NAMESPACE, super::canonical::text(event).as_bytes()) {
            Ok(signature) => signatures.push((path, signature)),
            Err(problem) => {
                failed = Some(problem);
                break;
            }
        }
    }
    // Each may have cost a touch of a key.
    let count = signatures.len();
    if count > 0 {
        home.put(signatures, "quell: sign")?;
    }
    if let Some(problem) = failed {
        return Err(problem);
    }
    if count == 0 && !ids.is_empty() && !events.iter().any(|event| is_meant(&event)) {
        return Err(refuse(ids.join(", "), "there is no such event", "quell ledger log names them"));
    }
    Ok(count)
}
