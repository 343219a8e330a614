//! The rungs of a match, one after the other. On each, a decision finds a result where what they have in common is of no
//! other decision and no other result that is left.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use foldhash::fast::RandomState;

use crate::model::backlog::{Backlog, Record};
use crate::model::bound::Tie;
use crate::model::decision::{Anchor, Event};
use crate::model::id::{FindingId, Hash64};

use super::anchor::is_rewritten;
use super::sides::{Now, Sides, Then, Went};

/// The same file, text, context, column and message; of an anchor that has only a context, the same id and context.
pub(super) fn by_place(sides: &mut Sides) {
    let found = pairs(sides, |then| Some((then.id, context(then)?)), |now| Some((now.id, now.look.as_ref()?.context)));
    sides.take(Tie::Place, &found);
    let found = pairs(sides, |then| place_then(then).filter(|_| then.anchor.equals == 0), place_now);
    sides.take(Tie::Place, &found);
}

/// Rule, path, text, context, column and message.
type PlaceKey<'a> = (u32, &'a str, Hash64, Hash64, u32, Hash64);

fn place_then<'t>(then: &'t Then<'_>) -> Option<PlaceKey<'t>> {
    let anchor = then.anchor;
    Some((then.rule, &then.path, anchor.text?, anchor.context?, anchor.column, anchor.message?))
}

fn place_now<'n>(now: &'n Now<'_>) -> Option<PlaceKey<'n>> {
    let look = now.look.as_ref()?;
    Some((now.rule, now.path, look.text, look.context, look.column, now.message?))
}

/// The context of an anchor from before there was more, or of a fix.
fn context(then: &Then) -> Option<Hash64> {
    then.anchor.context.filter(|_| then.anchor.text.is_none() || then.is_fixed)
}

/// The same text at the line where git says that it went; of several there, the same column and message first.
pub(super) fn by_line(sides: &mut Sides) {
    let line = |then: &Then| if let Went::To(line) = then.line { Some(line) } else { None };
    let found = pairs(
        sides,
        |then| {
            let anchor = then.anchor;
            Some((then.rule, &*then.path, line(then)?, anchor.text?, anchor.column, anchor.message?))
        },
        |now| {
            let look = now.look.as_ref()?;
            Some((now.rule, now.path, now.line, look.text, look.column, now.message?))
        },
    );
    sides.take(Tie::Line, &found);
    let found = text_at(sides, line);
    sides.take(Tie::Line, &found);
}

/// The same text at a line that is told of each decision.
fn text_at(sides: &Sides, line: impl Fn(&Then) -> Option<u32>) -> Vec<(usize, usize)> {
    pairs(
        sides,
        |then| Some((then.rule, &*then.path, line(then)?, then.anchor.text?)),
        |now| Some((now.rule, now.path, now.line, now.look.as_ref()?.text)),
    )
}

/// The same text in the same file, once, with the same fingerprint of the tool; where git knows nothing of the line. Many
/// fingerprints count equal results, and the next one gets that of one that is gone.
pub(super) fn by_fingerprint(sides: &mut Sides) {
    let mut lines: HashMap<(u32, &str, Hash64), Vec<u32>, RandomState> = HashMap::default();
    for now in &sides.nows {
        if let Some(look) = &now.look {
            lines.entry((now.rule, now.path, look.text)).or_default().push(now.line);
        }
    }
    let is_alone = |now: &Now, text: Hash64| all_same(lines[&(now.rule, now.path, text)].iter());
    let found = pairs(
        sides,
        |then| {
            let (Went::Unknown, anchor @ Anchor { twins: 0, .. }) = (then.line, then.anchor) else { return None };
            Some((then.rule, &*then.path, anchor.fingerprint.as_deref()?, anchor.text?))
        },
        |now| {
            let text = now.look.as_ref()?.text;
            let fingerprint = now.fingerprint.as_deref().filter(|_| is_alone(now, text))?;
            Some((now.rule, now.path, fingerprint, text))
        },
    );
    sides.take(Tie::Fingerprint, &found);
}

/// The same id, where nothing speaks against it: git knows nothing of the line, or that it is there, in a file that was
/// written after the scan; and neither the ledger nor what is loaded knows another result of the rule in the file, nor was
/// there one with the same text. Or git knows nothing, and it stands at its line as it did, among as many that are the same.
pub(super) fn by_id(sides: &mut Sides) {
    let (mut equals, mut places) = (None, None);
    let mut found = Vec::new();
    for (at, then) in sides.thens.iter().enumerate().filter(|(_, then)| then.found.is_none()) {
        let is_free = |own: &usize| sides.nows[*own].taken.is_none_or(|taken| taken == then.who);
        let Some(own) = then.own.filter(is_free) else { continue };
        let now = &sides.nows[own];
        let record = sides.backlog.record(now.result);
        let is_open = match then.line {
            Went::Unknown => true,
            Went::To(_) | Went::Likely(_) => is_rewritten(sides.repo, sides.backlog, record),
            Went::Gone => false,
        };
        let mut is_alone = || {
            let equals = equals.get_or_insert_with(|| count_equals(sides.backlog, sides.events));
            then.anchor.twins == 0 && equals.get(&key_of(sides.backlog, record)) == Some(&Equals::One(then.id))
        };
        let mut is_counted = || {
            let places = places.get_or_insert_with(|| count_places(&sides.nows));
            let place = place_then(then).filter(|place| place_now(now).as_ref() == Some(place));
            let lines = place.and_then(|place| places.get(&place));
            then.line == Went::Unknown
                && then.anchor.line == now.line
                && lines.is_some_and(|lines| lines.len() == then.anchor.equals as usize + 1)
        };
        if is_open && (is_alone() || is_counted()) {
            found.push((at, own));
        }
    }
    sides.take(Tie::Id, &found);
}

/// The lines at which results look the same.
fn count_places<'n>(nows: &'n [Now<'_>]) -> HashMap<PlaceKey<'n>, HashSet<u32>, RandomState> {
    let mut places: HashMap<PlaceKey, HashSet<u32>, RandomState> = HashMap::default();
    for now in nows {
        if let Some(place) = place_now(now) {
            places.entry(place).or_default().insert(now.line);
        }
    }
    places
}

/// What makes it likely, and no more.
pub(super) fn by_likeness(sides: &mut Sides) {
    let found = text_at(sides, |then| if let Went::Likely(line) = then.line { Some(line) } else { None });
    sides.take(Tie::Moved, &found);
    let found = pairs(
        sides,
        |then| {
            let anchor = then.anchor;
            Some((then.rule, anchor.text?, anchor.context?, anchor.column, anchor.message?))
        },
        |now| {
            let look = now.look.as_ref()?;
            Some((now.rule, look.text, look.context, look.column, now.message?))
        },
    );
    sides.take(Tie::Context, &found);
    let found = pairs(
        sides,
        |then| Some((then.rule, &*then.path, then.anchor.text?, then.anchor.message?)),
        |now| Some((now.rule, now.path, now.look.as_ref()?.text, now.message?)),
    );
    sides.take(Tie::Text, &found);
    let found = pairs(
        sides,
        |then| Some((then.rule, &*then.path, then.anchor.window.as_deref()?)),
        |now| Some((now.rule, now.path, now.look.as_ref()?.window.as_deref()?)),
    );
    sides.take(Tie::Window, &found);
}

/// What is left of both sides by a key that only decisions of one place and results of one place have.
fn pairs<'t, 'a, K: Eq + Hash>(
    sides: &'t Sides<'a>,
    then_key: impl Fn(&'t Then<'a>) -> Option<K>,
    now_key: impl Fn(&'t Now<'a>) -> Option<K>,
) -> Vec<(usize, usize)> {
    let mut keys: HashMap<K, (Vec<usize>, Vec<usize>), RandomState> = HashMap::default();
    for (at, then) in sides.thens.iter().enumerate().filter(|(_, then)| then.found.is_none()) {
        if let Some(key) = then_key(then) {
            keys.entry(key).or_default().0.push(at);
        }
    }
    for (at, now) in sides.nows.iter().enumerate() {
        if let Some((_, nows)) = now_key(now).and_then(|key| keys.get_mut(&key)) {
            nows.push(at);
        }
    }
    let mut pairs = Vec::new();
    for (thens, nows) in keys.values() {
        pair_up(sides, thens, nows, &mut pairs);
    }
    pairs
}

/// Pairs decisions and results that have a key in common, if each side is at one place. What stands there more than once
/// is told apart by id, else by column.
fn pair_up(sides: &Sides, thens: &[usize], nows: &[usize], pairs: &mut Vec<(usize, usize)>) {
    let mut whos: BTreeMap<(u32, FindingId), Vec<usize>> = BTreeMap::new();
    for &at in thens {
        let then = &sides.thens[at];
        whos.entry((then.anchor.column, then.who)).or_default().push(at);
    }
    let is_free = |at: &&usize| {
        let taken = sides.nows[**at].taken;
        taken.is_none_or(|taken| whos.keys().any(|(_, who)| *who == taken))
    };
    let mut nows: Vec<usize> = nows.iter().filter(is_free).copied().collect();
    let one_then = all_same(thens.iter().map(|&at| (&sides.thens[at].anchor.path, sides.thens[at].anchor.line)));
    let one_now = all_same(nows.iter().map(|&at| (sides.nows[at].path, sides.nows[at].line)));
    if !(one_now && (one_then || whos.len() == 1)) {
        return;
    }
    nows.sort_by_key(|&at| (sides.nows[at].look.as_ref().map(|look| look.column), sides.nows[at].id));
    let mut rest = Vec::new();
    for of_one in whos.into_values() {
        let is_own = |now: &usize| of_one.iter().any(|&then| sides.thens[then].id == sides.nows[*now].id);
        match nows.iter().position(is_own) {
            Some(at) => {
                let now = nows.remove(at);
                pairs.extend(of_one.iter().map(|&then| (then, now)));
            }
            None => rest.push(of_one),
        }
    }
    if rest.len() == nows.len() {
        for (of_one, now) in rest.iter().zip(nows) {
            pairs.extend(of_one.iter().map(|&then| (then, now)));
        }
    }
}

fn all_same<T: PartialEq>(mut items: impl Iterator<Item = T>) -> bool {
    let first = items.next();
    items.all(|item| Some(item) == first)
}

/// How many results of a rule there are or were in a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Equals {
    One(FindingId),
    Several,
}

/// Tool family, rule and path.
type Key<'a> = (&'a str, &'a str, &'a str);

fn key_of<'a>(backlog: &'a Backlog, record: &Record) -> Key<'a> {
    (&backlog.tool(record).family, &backlog.rule(record).id, backlog.path(record))
}

fn count_equals<'a>(backlog: &'a Backlog, events: &'a [Event]) -> HashMap<Key<'a>, Equals, RandomState> {
    let now = backlog.results.iter().map(|record| (key_of(backlog, record), record.id));
    let then = events.iter().flat_map(|event| &event.members).map(anchored);
    let mut equals: HashMap<Key<'a>, Equals, RandomState> = HashMap::default();
    for (key, id) in now.chain(then) {
        let entry = equals.entry(key).or_insert(Equals::One(id));
        if *entry != Equals::One(id) {
            *entry = Equals::Several;
        }
    }
    equals
}

fn anchored(anchor: &Anchor) -> (Key<'_>, FindingId) {
    ((&anchor.tool, &anchor.rule, &anchor.path), anchor.id)
}
