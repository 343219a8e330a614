//! A decision about more results than one file should hold, as several events.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::model::decision::{Anchor, Event};
use crate::model::exhibit::{Exhibit, Exhibits};
use crate::model::id::FindingId;

/// Bytes of members from which on the next finding goes into another event: some 16,000 of them. Whoever reviews, mails or
/// hosts the file has limits of his own.
const LARGE: usize = 8 << 20;
/// Bytes of a member beside its texts, with its hashes.
const BARE: usize = 480;
/// Bytes of one of the ids that it had.
const EACH_ID: usize = 30;

/// The event, or several that say the same of some of its members each. The results of a finding stay together, and what is
/// known of them goes with them. Links to other events are about the same results only, so that each part has all.
pub(super) fn parts(mut event: Event) -> Vec<Event> {
    let mut said: HashMap<FindingId, usize, RandomState> = HashMap::default();
    for opinion in &event.ai {
        let texts = [&opinion.model, &opinion.verdict, &opinion.result].into_iter().chain(&opinion.reason);
        let bytes = BARE + texts.chain(&opinion.cites).map(String::len).sum::<usize>();
        if let Ok(result) = opinion.result.parse() {
            *said.entry(result).or_default() += bytes;
        }
    }
    let mut sizes = vec![0];
    let mut bytes = 0;
    for (at, member) in event.members.iter().enumerate() {
        let is_next = at.checked_sub(1).is_some_and(|before| event.members[before].finding() != member.finding());
        if bytes >= LARGE && is_next {
            sizes.push(0);
            bytes = 0;
        }
        bytes += size(member) + said.get(&member.id).copied().unwrap_or_default();
        *sizes.last_mut().expect("it never is empty") += 1;
    }
    if sizes.len() == 1 {
        return vec![event];
    }
    let mut members = std::mem::take(&mut event.members).into_iter();
    let exhibits = event.exhibits.list();
    let part = |size| {
        let members: Vec<Anchor> = members.by_ref().take(size).collect();
        let ids: HashSet<FindingId, RandomState> =
            members.iter().flat_map(|member| [member.id, member.finding()]).collect();
        let is_own = |id: &str| id.parse().is_ok_and(|id| ids.contains(&id));
        let ai = event.ai.iter().filter(|opinion| is_own(&opinion.result)).cloned().collect();
        let own = exhibits.iter().filter(|exhibit| is_own(&exhibit.finding)).cloned();
        let exhibits = Exhibits::of(&own.collect::<Vec<Exhibit>>());
        Event { ai, exhibits, members, ..event.clone() }
    };
    sizes.into_iter().map(part).collect()
}

fn size(member: &Anchor) -> usize {
    let texts: usize = [&member.fingerprint, &member.window].into_iter().flatten().map(String::len).sum();
    BARE + texts + member.was.len() * EACH_ID + member.path.len() + member.rule.len() + member.tool.len()
}
