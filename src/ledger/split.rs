//! A decision about more results than one file should hold, as several events.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::model::decision::{Anchor, Event};
use crate::model::exhibit::{Exhibit, Exhibits};

/// Bytes of members from which on the next finding goes into another event: some 16,000 of them. Whoever reviews, mails or
/// hosts the file has limits of his own.
const LARGE: usize = 8 << 20;
/// Bytes of a member beside its texts.
const BARE: usize = 420;

/// The event, or several that say the same of some of its members each. The results of a finding stay together, and what is
/// known of them goes with them. Links to other events are about the same results only, so that each part has all.
pub(super) fn parts(mut event: Event) -> Vec<Event> {
    let mut said: HashMap<&str, usize, RandomState> = HashMap::default();
    for opinion in &event.ai {
        let texts = [&opinion.model, &opinion.verdict, &opinion.result].into_iter().chain(&opinion.reason);
        *said.entry(&opinion.result).or_default() += BARE + texts.chain(&opinion.cites).map(String::len).sum::<usize>();
    }
    let mut sizes = vec![0];
    let mut bytes = 0;
    for (at, member) in event.members.iter().enumerate() {
        let is_next = at.checked_sub(1).is_some_and(|before| finding_of(&event.members[before]) != finding_of(member));
        if bytes >= LARGE && is_next {
            sizes.push(0);
            bytes = 0;
        }
        bytes += size(member) + said.get(member.id.as_str()).copied().unwrap_or_default();
        *sizes.last_mut().expect("it never is empty") += 1;
    }
    if sizes.len() == 1 {
        return vec![event];
    }
    let mut members = std::mem::take(&mut event.members).into_iter();
    let exhibits = event.exhibits.list();
    let part = |size| {
        let members: Vec<Anchor> = members.by_ref().take(size).collect();
        let ids: HashSet<&str, RandomState> =
            members.iter().flat_map(|member| [member.id.as_str(), finding_of(member)]).collect();
        let ai = event.ai.iter().filter(|opinion| ids.contains(opinion.result.as_str())).cloned().collect();
        let own = exhibits.iter().filter(|exhibit| ids.contains(exhibit.finding.as_str())).cloned();
        let exhibits = Exhibits::of(&own.collect::<Vec<Exhibit>>());
        Event { ai, exhibits, members, ..event.clone() }
    };
    sizes.into_iter().map(part).collect()
}

fn finding_of(member: &Anchor) -> &str {
    let stated = member.facts.as_deref().and_then(|facts| facts.finding.as_deref());
    stated.unwrap_or(&member.id)
}

fn size(member: &Anchor) -> usize {
    let texts = [&member.context, &member.fingerprint, &member.message, &member.text, &member.window];
    let texts: usize = texts.into_iter().flatten().chain(&member.was).map(String::len).sum();
    BARE + texts + member.path.len() + member.rule.len() + member.tool.len()
}
