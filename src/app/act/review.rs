//! Review of a batch: move over its files, fixes and hunks, see exactly what would be written, write it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::form::{Confirm, Release};
use crate::app::input::LineInput;
use crate::app::layout;
use crate::app::page::{Line, Role};
use crate::app::pages;
use crate::app::review::{DROPPED, PageOf, Review, ReviewItem, Seat, current_fix, current_hunk, tally};
use crate::app::state::{Overlay, Pane, Screen, State, Tone};
use crate::model::id::FixId;
use crate::model::plan::{FixReason, FixState, HunkState, Hunks, Plan, PlannedFix};
use crate::model::text;
use crate::model::unseen::Unseen;

use super::{fix, prove};

/// Files that the question before writing names one by one.
const NAMED: usize = 10;

pub(super) fn review(state: &mut State) -> Option<&mut Review> {
    match &mut state.screen {
        Screen::Review(review) => Some(review),
        Screen::Triage | Screen::Read(_) => None,
    }
}

/// Asks for a plan of what is kept now.
pub fn plan(state: &mut State) -> Vec<Effect> {
    let ticket = state.ticket();
    state.tickets.plan = ticket;
    let mut effects = prove::stop(state);
    effects.push(fix::keep(state));
    let Some(review) = review(state) else { return effects };
    review.is_pending = true;
    review.tally = tally(review);
    let choices = &review.choices;
    effects.push(Effect::Plan {
        ticket,
        findings: review.findings.clone(),
        dropped: choices.dropped.iter().copied().collect(),
        include: choices.included.iter().copied().collect(),
        at: choices.lines.iter().map(|(id, line)| (*id, *line)).collect(),
        hunks: Arc::new(choices.hunks()),
    });
    effects
}

/// Takes a new plan; the cursor stays on its file, fix or hunk.
pub fn planned(state: &mut State, plan: Arc<Plan>) {
    let Some(review) = review(state) else { return };
    let before = review.seat();
    let plan = with_dropped(review, plan);
    review.items = items(&plan);
    review.plan = Some(plan);
    review.is_pending = false;
    review.tally = tally(review);
    let whole = before.as_ref().map(|seat| match seat {
        Seat::Fix(id, Some(_)) => Seat::Fix(*id, None),
        Seat::Fix(..) | Seat::File(_) => seat.clone(),
    });
    let find = |wanted: Option<Seat>| {
        wanted.and_then(|wanted| review.items.iter().position(|item| review.seat_of(item).as_ref() == Some(&wanted)))
    };
    let first = || review.items.iter().position(|item| matches!(item, ReviewItem::Fix(_)));
    review.at = find(before.clone()).or_else(|| find(whole)).or_else(first).unwrap_or(0);
    let has_moved = review.seat() != before;
    let edited = review.edited.take();
    if has_moved {
        aim(state);
    } else {
        show(state);
    }
    if let Some(id) = edited {
        say_edited(state, id);
    }
}

/// Says what came of a hunk that was edited.
fn say_edited(state: &mut State, id: FixId) {
    let Some(review) = review(state) else { return };
    let Some(fix) = review.planned(id) else { return };
    let is_broken = fix.diffs.iter().flat_map(|diff| &diff.hunks).any(|hunk| hunk.state == HunkState::Broken);
    let (tone, said) = match fix.state {
        FixState::WillWrite => (Tone::Done, "the hunk is written as you left it".to_owned()),
        _ if is_broken => (Tone::Warning, fix.why.clone()),
        FixState::NeedsYou | FixState::Cannot => (
            Tone::Warning,
            format!("the hunk is as you left it; its fix {}: {}", fix.state.name().replace('-', " "), fix.why),
        ),
    };
    state.say(tone, said);
}

/// The plan of what is kept with what was dropped, in the order of the plan before: a dropped fix stays in the tree,
/// so that it can be kept again. Its state is not *will write*, and the files to write are those of the new plan.
fn with_dropped(review: &Review, plan: Arc<Plan>) -> Arc<Plan> {
    let dropped = &review.choices.dropped;
    let Some(before) = review.plan.as_ref().filter(|_| !dropped.is_empty()) else { return plan };
    let Plan { fixes: kept, files } = Arc::unwrap_or_clone(plan);
    let mut order: Vec<FixId> = kept.iter().map(|fix| fix.id).collect();
    let mut new: HashMap<FixId, PlannedFix> = kept.into_iter().map(|fix| (fix.id, fix)).collect();
    let mut fixes = Vec::with_capacity(before.fixes.len());
    for old in &before.fixes {
        if let Some(fix) = new.remove(&old.id) {
            fixes.push(fix);
        } else if dropped.contains(&old.id) {
            let is_guilty = old.reason == FixReason::Guilty;
            let why = if is_guilty { old.why.clone() } else { DROPPED.to_owned() };
            fixes.push(PlannedFix { state: FixState::NeedsYou, why, ..old.clone() });
        }
    }
    order.retain(|id| new.contains_key(id));
    fixes.extend(order.iter().filter_map(|id| new.remove(id)));
    Arc::new(Plan { fixes, files })
}

/// The tree: files in the order of their first fix, fixes below the first file they change, hunks below a fix that has
/// several.
fn items(plan: &Plan) -> Vec<ReviewItem> {
    let mut files: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut seats: HashMap<&str, usize> = HashMap::new();
    for (at, fix) in plan.fixes.iter().enumerate() {
        let first = fix.diffs.first().map(|diff| &diff.path).or(fix.files.first());
        let path = first.map_or("no file", String::as_str);
        let seat = *seats.entry(path).or_insert_with(|| {
            files.push((path, Vec::new()));
            files.len() - 1
        });
        files[seat].1.push(at);
    }
    let mut items = Vec::new();
    for (path, fixes) in files {
        items.push(ReviewItem::File(path.to_owned()));
        for fix in fixes {
            items.push(ReviewItem::Fix(fix));
            let diffs = plan.fixes.get(fix).map(|fix| fix.diffs.as_slice()).unwrap_or_default();
            if diffs.iter().map(|diff| diff.hunks.len()).sum::<usize>() > 1 {
                let hunks = diffs.iter().enumerate().flat_map(|(at, diff)| (0..diff.hunks.len()).map(move |n| (at, n)));
                items.extend(hunks.map(|(diff, hunk)| ReviewItem::Hunk { fix, diff, hunk }));
            }
        }
    }
    items
}

/// Makes the diff of what is under the cursor anew where it is of something else, and keeps the cursor in view.
pub fn show(state: &mut State) {
    let regions = layout::split(state);
    let width = if regions.second.body.width == 0 { regions.first.body.width } else { regions.second.body.width };
    let height = usize::from(regions.first.body.height.max(1));
    let page_height = usize::from(regions.second.body.height.max(1));
    let Some(review) = review(state) else { return };
    let lowest = review.at.saturating_sub(height - 1);
    // The file of a fix is in view where there is room for it.
    let headed = review.at.saturating_sub(usize::from(height > 2));
    review.top = review.top.clamp(lowest.min(headed), headed.max(lowest));
    let Some(plan) = review.plan.clone() else {
        review.page = pages::diff::page(review, width);
        return;
    };
    let item = match review.items.get(review.at) {
        Some(ReviewItem::Hunk { fix, .. }) => ReviewItem::Fix(*fix),
        Some(item) => item.clone(),
        None => ReviewItem::File(String::new()),
    };
    let is_side_by_side = review.is_side_by_side;
    let is_same = review.page_of.as_ref().is_some_and(|of| {
        Arc::ptr_eq(&of.plan, &plan) && of.item == item && (of.width, of.is_side_by_side) == (width, is_side_by_side)
    });
    if !is_same {
        review.page = pages::diff::page(review, width);
        review.page_of = Some(PageOf { plan, item, width, is_side_by_side });
    }
    review.page_at = number(review).and_then(|number| stops(review).nth(number));
    review.page_top = review.page_top.min(review.page.lines.len().saturating_sub(page_height));
}

/// The number of the hunk under the cursor among those of its fix.
fn number(review: &Review) -> Option<usize> {
    let Some(ReviewItem::Hunk { diff, hunk, .. }) = review.items.get(review.at) else { return None };
    let before = current_fix(review)?.diffs.iter().take(*diff).map(|diff| diff.hunks.len()).sum::<usize>();
    Some(before + hunk)
}

/// Shows what is under the cursor from its beginning.
fn aim(state: &mut State) {
    if let Some(review) = review(state) {
        review.page_top = 0;
    }
    show(state);
    let page_height = usize::from(layout::split(state).second.body.height.max(1));
    if let Some(review) = review(state) {
        // The first hunk stands below what is said of the fix.
        let top = review.page_at.filter(|_| number(review) != Some(0)).unwrap_or(0);
        review.page_top = top.min(review.page.lines.len().saturating_sub(page_height));
    }
}

pub(super) fn go_to(state: &mut State, at: usize) -> Vec<Effect> {
    let Some(review) = review(state) else { return Vec::new() };
    let at = at.min(review.items.len().saturating_sub(1));
    if at == review.at {
        show(state);
    } else {
        review.at = at;
        aim(state);
    }
    Vec::new()
}

pub fn down(state: &mut State) -> Vec<Effect> {
    if state.pane == Pane::Detail {
        return scroll(state, 1);
    }
    let by = state.count.take().unwrap_or(1) as usize;
    let at = review(state).map_or(0, |review| review.at.saturating_add(by));
    go_to(state, at)
}

pub fn up(state: &mut State) -> Vec<Effect> {
    if state.pane == Pane::Detail {
        return scroll(state, -1);
    }
    let by = state.count.take().unwrap_or(1) as usize;
    let at = review(state).map_or(0, |review| review.at.saturating_sub(by));
    go_to(state, at)
}

pub fn first(state: &mut State) -> Vec<Effect> {
    go_to(state, 0)
}

pub fn last(state: &mut State) -> Vec<Effect> {
    go_to(state, usize::MAX)
}

fn scroll(state: &mut State, by: isize) -> Vec<Effect> {
    let height = usize::from(layout::split(state).second.body.height.max(1));
    if let Some(review) = review(state) {
        let last = review.page.lines.len().saturating_sub(height);
        review.page_top = review.page_top.saturating_add_signed(by).min(last);
    }
    Vec::new()
}

pub fn scroll_down(state: &mut State) -> Vec<Effect> {
    scroll(state, 10)
}

pub fn scroll_up(state: &mut State) -> Vec<Effect> {
    scroll(state, -10)
}

/// The next line of the tree that is wanted, or the last of them that a count leads to.
fn jump(state: &mut State, is_down: bool, is_wanted: impl Fn(&Review, usize) -> bool) -> Vec<Effect> {
    let by = state.count.take().unwrap_or(1) as usize;
    let Screen::Review(review) = &state.screen else { return Vec::new() };
    let wanted = |at: &usize| is_wanted(review, *at);
    let found = if is_down {
        (review.at + 1..review.items.len()).filter(wanted).take(by).last()
    } else {
        (0..review.at.min(review.items.len())).rev().filter(wanted).take(by).last()
    };
    found.map_or_else(Vec::new, |at| go_to(state, at))
}

fn is_hunk(review: &Review, at: usize) -> bool {
    review.items.get(at).is_some_and(|item| review.hunk_of(item).is_some())
}

fn is_file(review: &Review, at: usize) -> bool {
    matches!(review.items.get(at), Some(ReviewItem::File(_)))
}

pub fn next_hunk(state: &mut State) -> Vec<Effect> {
    jump(state, true, is_hunk)
}

pub fn previous_hunk(state: &mut State) -> Vec<Effect> {
    jump(state, false, is_hunk)
}

fn stops(review: &Review) -> impl Iterator<Item = usize> + '_ {
    review.page.lines.iter().enumerate().filter(|(_, line)| line.is_stop).map(|(at, _)| at)
}

pub fn next_file(state: &mut State) -> Vec<Effect> {
    jump(state, true, is_file)
}

pub fn previous_file(state: &mut State) -> Vec<Effect> {
    jump(state, false, is_file)
}

/// Two versions get the whole width of the screen, but for a frame on wide ones.
pub fn can_side_by_side(state: &State) -> Result<(), String> {
    let (needed, columns) = (pages::diff::SIDE_BY_SIDE, state.size.0);
    if columns >= needed {
        return Ok(());
    }
    Err(format!("side by side needs {needed} columns; this screen has {columns}"))
}

pub fn can_choose(state: &State) -> Result<(), String> {
    let Screen::Review(review) = &state.screen else { return Err("no review is open".to_owned()) };
    match current_fix(review) {
        Some(fix) if !fix.places.is_empty() => Ok(()),
        Some(_) | None => Err("this fix has no other place".to_owned()),
    }
}

/// Takes the next of the places where the fix under the cursor fits, from the first one again behind the last.
pub fn next_place(state: &mut State) -> Vec<Effect> {
    let Some(review) = review(state) else { return Vec::new() };
    let Some((id, places)) = current_fix(review).map(|fix| (fix.id, fix.places.clone())) else { return Vec::new() };
    let chosen = review.choices.lines.get(&id).copied().unwrap_or(0);
    let next = places.iter().find(|line| **line > chosen).or(places.first());
    let Some(line) = next.copied() else { return Vec::new() };
    review.choices.lines.insert(id, line);
    review.choices.dropped.remove(&id);
    plan(state)
}

pub fn side_by_side(state: &mut State) -> Vec<Effect> {
    if let Some(review) = review(state) {
        review.is_side_by_side = !review.is_side_by_side;
    }
    aim(state);
    Vec::new()
}

pub fn edit(state: &mut State) -> Vec<Effect> {
    let Some(review) = review(state) else { return Vec::new() };
    let place = match review.items.get(review.at) {
        Some(ReviewItem::File(path)) => Some((path.clone(), 1)),
        Some(ReviewItem::Hunk { .. }) => {
            current_hunk(review).map(|(_, diff, hunk)| (diff.path.clone(), hunk.old_start.max(1)))
        }
        Some(ReviewItem::Fix(_)) => current_fix(review).and_then(|fix| {
            let path = fix.files.first()?.clone();
            let line = fix.diffs.first().and_then(|diff| diff.hunks.first()).map_or(1, |hunk| hunk.old_start);
            Some((path, line.max(1)))
        }),
        None => None,
    };
    place.map_or_else(Vec::new, |(path, line)| vec![Effect::Edit { path, line }])
}

pub fn can_write(state: &State) -> Result<(), String> {
    let Screen::Review(review) = &state.screen else { return Err("no review is open".to_owned()) };
    if review.is_writing {
        return Err("the batch is being written".to_owned());
    }
    if state.proving.is_some() {
        return Err(format!("the batch is being proved; {} stops that", prove::key(state)));
    }
    let Some(plan) = &review.plan else { return Err("the fixes are still being placed".to_owned()) };
    if plan.files.is_empty() {
        return Err("no fix of this batch can be written; the tree at the left says why".to_owned());
    }
    Ok(())
}

/// Asks before writing: names the files, wants the number of fixes typed.
pub fn write(state: &mut State) -> Vec<Effect> {
    let is_current = state.tickets.plan;
    let Screen::Review(review) = &state.screen else { return Vec::new() };
    let Some(plan) = review.plan.clone() else { return Vec::new() };
    if review.plan_ticket != is_current {
        state.say(Tone::Info, "the fixes are still being placed; press W again");
        return Vec::new();
    }
    let count = plan.in_state(FixState::WillWrite).count();
    let left = plan.fixes.len() - count;
    let (added, removed) = plan.totals();
    let mut about: Vec<Line> = plan
        .files
        .iter()
        .take(NAMED)
        .map(|file| {
            let line = Line::new(Role::Text, &file.op.heading(&file.path))
                .with(Role::Added, &format!("  +{}", file.diff.added))
                .with(Role::Removed, &format!(" -{}", file.diff.removed));
            if file.is_dirty { line.with(Role::Warning, "  has changes that are not committed") } else { line }
        })
        .collect();
    if plan.files.len() > NAMED {
        about.push(Line::new(Role::Dim, &format!("and {} more files", plan.files.len() - NAMED)));
    }
    let unseen: Unseen = plan.files.iter().map(|file| file.diff.unseen).sum();
    about.extend(unseen.words().map(|words| Line::new(Role::Warning, &words)));
    about.extend(by_hand(&plan));
    if left > 0 {
        about.push(Line::new(Role::Dim, &format!("{left} of the batch are left out")));
    }
    about.extend(prove::about(state, review, &plan));
    about.push(Line::new(Role::Dim, "u takes the batch back, byte for byte"));
    let title = format!(
        "Write {} to {} (+{added} -{removed})",
        text::counted(count, "fix", "fixes"),
        text::counted(plan.files.len(), "file", "files")
    );
    state.overlay = Some(Overlay::Confirm(Box::new(Confirm {
        title,
        about,
        input: LineInput::default(),
        expect: count.to_string(),
        release: Release::Apply(plan),
        error: None,
    })));
    Vec::new()
}

/// `2 fixes are changed by hand: 1 hunk left out, 3 edited`; nothing where none is.
fn by_hand(plan: &Plan) -> Option<Line> {
    let changed: Vec<_> = plan.in_state(FixState::WillWrite).map(PlannedFix::hunks).filter(Hunks::is_changed).collect();
    let dropped: usize = changed.iter().map(|hunks| hunks.dropped).sum();
    let edited: usize = changed.iter().map(|hunks| hunks.edited).sum();
    let parts = [(dropped, "left out"), (edited, "edited")];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", text::counted(*number, "hunk", "hunks")))
        .collect();
    let fixes = text::counted(changed.len(), "fix is", "fixes are");
    let said = format!("{fixes} changed by hand: {}", parts.join(", "));
    (!changed.is_empty()).then(|| Line::new(Role::Warning, &said))
}

/// Back to the list; dropped fixes leave the batch, and all else stays for the next time.
pub fn leave(state: &mut State) -> Vec<Effect> {
    if let Screen::Review(review) = &mut state.screen {
        let fixes = review.plan.iter().flat_map(|plan| &plan.fixes);
        let is_dropped = |fix: &&PlannedFix| review.choices.dropped.contains(&fix.id);
        let dropped: HashSet<_> = fixes.filter(is_dropped).filter_map(|fix| fix.finding).collect();
        state.kept.retain(|id| !dropped.contains(id));
        state.choices = std::mem::take(&mut review.choices);
        state.choices.dropped.clear();
    }
    state.screen = Screen::Triage;
    state.pane = Pane::List;
    let mut effects = prove::stop(state);
    effects.push(fix::keep(state));
    effects
}
