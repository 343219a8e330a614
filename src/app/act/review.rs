//! Review of a batch: keep or drop each fix, see exactly what would be written, write it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::form::{Confirm, Release};
use crate::app::input::LineInput;
use crate::app::layout;
use crate::app::page::{Line, Role};
use crate::app::pages;
use crate::app::review::{Mark, Review, ReviewItem, current_fix, mark};
use crate::app::state::{Overlay, Pane, Screen, State, Tone};
use crate::model::id::FixId;
use crate::model::plan::{FixReason, FixState, Plan, PlannedFix};
use crate::model::text;

use super::prove;

/// Files that the question before writing names one by one.
const NAMED: usize = 10;

fn review(state: &mut State) -> Option<&mut Review> {
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
    let Some(review) = review(state) else { return effects };
    effects.push(Effect::Plan {
        ticket,
        findings: review.findings.clone(),
        dropped: review.dropped.iter().copied().collect(),
        include: review.included.iter().copied().collect(),
        at: review.chosen.iter().map(|(id, line)| (*id, *line)).collect(),
    });
    effects
}

/// Takes a new plan; the cursor stays on its fix.
pub fn planned(state: &mut State, plan: Arc<Plan>) {
    let Some(review) = review(state) else { return };
    let current = current_fix(review).map(|fix| fix.id);
    let plan = with_dropped(review, plan);
    review.items = items(&plan);
    let kept = current.and_then(|id| {
        review.items.iter().position(|item| matches!(item, ReviewItem::Fix(at) if plan.fixes[*at].id == id))
    });
    let first = review.items.iter().position(|item| matches!(item, ReviewItem::Fix(_))).unwrap_or(0);
    review.at = kept.unwrap_or(first);
    review.plan = Some(plan);
    show(state);
}

/// The plan of what is kept with what was dropped, in the order of the plan before: a dropped fix stays in the tree,
/// so that it can be kept again. Its state is not *will write*, and the files to write are those of the new plan.
fn with_dropped(review: &Review, plan: Arc<Plan>) -> Arc<Plan> {
    let Some(before) = review.plan.as_ref().filter(|_| !review.dropped.is_empty()) else { return plan };
    let mut new: HashMap<FixId, &PlannedFix> = plan.fixes.iter().map(|fix| (fix.id, fix)).collect();
    let mut fixes = Vec::with_capacity(before.fixes.len());
    for old in &before.fixes {
        if let Some(fix) = new.remove(&old.id) {
            fixes.push(fix.clone());
        } else if review.dropped.contains(&old.id) {
            let is_guilty = old.reason == FixReason::Guilty;
            let why = if is_guilty { old.why.clone() } else { "dropped; y keeps it again".to_owned() };
            fixes.push(PlannedFix { state: FixState::NeedsYou, why, ..old.clone() });
        }
    }
    fixes.extend(plan.fixes.iter().filter(|fix| new.contains_key(&fix.id)).cloned());
    Arc::new(Plan { fixes, files: plan.files.clone() })
}

/// The tree: files in the order of their first fix, fixes below the first file they write.
fn items(plan: &Plan) -> Vec<ReviewItem> {
    let mut files: Vec<(&str, Vec<usize>)> = Vec::new();
    for (at, fix) in plan.fixes.iter().enumerate() {
        let path = fix.files.first().map_or("no file", String::as_str);
        match files.iter_mut().find(|(known, _)| *known == path) {
            Some((_, known)) => known.push(at),
            None => files.push((path, vec![at])),
        }
    }
    let mut items = Vec::new();
    for (path, fixes) in files {
        items.push(ReviewItem::File(path.to_owned()));
        items.extend(fixes.into_iter().map(ReviewItem::Fix));
    }
    items
}

/// Makes the diff of what is under the cursor anew, and keeps the cursor in view.
pub fn show(state: &mut State) {
    let regions = layout::split(state);
    let width = if regions.second.body.width == 0 { regions.first.body.width } else { regions.second.body.width };
    let height = usize::from(regions.first.body.height.max(1));
    let Some(review) = review(state) else { return };
    review.page = pages::diff::page(review, width);
    review.page_width = width;
    let lowest = review.at.saturating_sub(height - 1);
    review.top = review.top.clamp(lowest, review.at.max(lowest));
}

fn go_to(state: &mut State, at: usize) -> Vec<Effect> {
    let Some(review) = review(state) else { return Vec::new() };
    let at = at.min(review.items.len().saturating_sub(1));
    if at != review.at {
        review.at = at;
        review.page_top = 0;
    }
    show(state);
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

pub fn next_hunk(state: &mut State) -> Vec<Effect> {
    if let Some(review) = review(state) {
        let next = stops(review).find(|at| *at > review.page_top);
        review.page_top = next.unwrap_or(review.page_top);
    }
    scroll(state, 0)
}

pub fn previous_hunk(state: &mut State) -> Vec<Effect> {
    if let Some(review) = review(state) {
        let before = stops(review).filter(|at| *at < review.page_top).last();
        review.page_top = before.unwrap_or(review.page_top);
    }
    scroll(state, 0)
}

fn stops(review: &Review) -> impl Iterator<Item = usize> + '_ {
    review.page.lines.iter().enumerate().filter(|(_, line)| line.is_stop).map(|(at, _)| at)
}

pub fn next_file(state: &mut State) -> Vec<Effect> {
    let next = review(state).and_then(|review| {
        (review.at + 1..review.items.len()).find(|at| matches!(review.items[*at], ReviewItem::File(_)))
    });
    next.map_or_else(Vec::new, |at| go_to(state, at))
}

pub fn previous_file(state: &mut State) -> Vec<Effect> {
    let before = review(state).and_then(|review| {
        (0..review.at.min(review.items.len())).rev().find(|at| matches!(review.items[*at], ReviewItem::File(_)))
    });
    before.map_or_else(Vec::new, |at| go_to(state, at))
}

/// Fixes under the cursor: one, or all of a file.
fn under_cursor(review: &Review) -> Vec<FixId> {
    let Some(plan) = &review.plan else { return Vec::new() };
    let fix_of = |item: &ReviewItem| match item {
        ReviewItem::Fix(at) => plan.fixes.get(*at).map(|fix| fix.id),
        ReviewItem::File(_) => None,
    };
    match review.items.get(review.at) {
        Some(item @ ReviewItem::Fix(_)) => fix_of(item).into_iter().collect(),
        Some(ReviewItem::File(_)) => {
            let below = review.items.get(review.at + 1..).unwrap_or_default();
            below.iter().take_while(|item| matches!(item, ReviewItem::Fix(_))).filter_map(fix_of).collect()
        }
        None => Vec::new(),
    }
}

fn set_kept(state: &mut State, ids: &[FixId], is_kept: bool) {
    let Some(review) = review(state) else { return };
    // What needs a person is kept one by one, not with its file.
    let is_bulk = matches!(review.items.get(review.at), Some(ReviewItem::File(_)));
    for id in ids {
        if is_kept {
            // What was dropped comes back as it was; keeping what needs a person is a press of its own.
            if review.dropped.remove(id) || is_bulk {
                continue;
            }
            let needs_person = review.plan.iter().flat_map(|plan| &plan.fixes);
            if needs_person.into_iter().any(|fix| fix.id == *id && fix.state == FixState::NeedsYou) {
                review.included.insert(*id);
            }
        } else {
            review.dropped.insert(*id);
            review.included.remove(id);
        }
    }
}

/// Says why a fix that cannot be written stays out.
fn say_cannot(state: &mut State, ids: &[FixId]) {
    let Some(review) = review(state) else { return };
    let fixes = review.plan.iter().flat_map(|plan| &plan.fixes);
    let cannot = fixes.into_iter().find(|fix| ids.contains(&fix.id) && fix.state == FixState::Cannot);
    if let Some(why) = cannot.map(|fix| fix.why.clone()) {
        state.say(Tone::Warning, why);
    }
}

fn set_current(state: &mut State, is_kept: bool) -> Vec<Effect> {
    let ids = review(state).map(|review| under_cursor(review)).unwrap_or_default();
    set_kept(state, &ids, is_kept);
    if is_kept {
        say_cannot(state, &ids);
    }
    let next = review(state).map_or(0, |review| after(review));
    let mut effects = go_to(state, next);
    effects.extend(plan(state));
    effects
}

/// The next fix behind what the cursor is on; a heading would make the next press one for a whole file.
fn after(review: &Review) -> usize {
    let is_file = |at: usize| matches!(review.items.get(at), Some(ReviewItem::File(_)));
    let mut at = review.at + 1;
    while is_file(review.at) && at < review.items.len() && !is_file(at) {
        at += 1;
    }
    while is_file(at) {
        at += 1;
    }
    if at < review.items.len() { at } else { review.at }
}

pub fn keep(state: &mut State) -> Vec<Effect> {
    set_current(state, true)
}

pub fn drop(state: &mut State) -> Vec<Effect> {
    set_current(state, false)
}

pub fn toggle(state: &mut State) -> Vec<Effect> {
    let Some(review) = review(state) else { return Vec::new() };
    let ids = under_cursor(review);
    let fixes = review.plan.iter().flat_map(|plan| &plan.fixes);
    let is_kept = fixes.into_iter().any(|fix| ids.contains(&fix.id) && mark(review, fix) == Mark::Kept);
    set_current(state, !is_kept)
}

/// All fixes from the cursor on. Those that need a person are not kept in bulk.
fn set_rest(state: &mut State, is_kept: bool) -> Vec<Effect> {
    let Some(review) = review(state) else { return Vec::new() };
    let rest = review.items.get(review.at..).unwrap_or_default();
    let fixes = review.plan.as_ref().map(|plan| plan.fixes.as_slice()).unwrap_or_default();
    let ids: Vec<FixId> = rest
        .iter()
        .filter_map(|item| match item {
            ReviewItem::Fix(at) => fixes.get(*at),
            ReviewItem::File(_) => None,
        })
        .filter(|fix| !is_kept || fix.state == FixState::WillWrite || review.dropped.contains(&fix.id))
        .map(|fix| fix.id)
        .collect();
    for id in &ids {
        if is_kept {
            review.dropped.remove(id);
        } else {
            review.dropped.insert(*id);
            review.included.remove(id);
        }
    }
    plan(state)
}

pub fn keep_rest(state: &mut State) -> Vec<Effect> {
    set_rest(state, true)
}

pub fn drop_rest(state: &mut State) -> Vec<Effect> {
    set_rest(state, false)
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
    let chosen = review.chosen.get(&id).copied().unwrap_or(0);
    let next = places.iter().find(|line| **line > chosen).or(places.first());
    let Some(line) = next.copied() else { return Vec::new() };
    review.chosen.insert(id, line);
    review.dropped.remove(&id);
    plan(state)
}

pub fn side_by_side(state: &mut State) -> Vec<Effect> {
    if let Some(review) = review(state) {
        review.is_side_by_side = !review.is_side_by_side;
        review.page_top = 0;
    }
    show(state);
    Vec::new()
}

pub fn edit(state: &mut State) -> Vec<Effect> {
    let Some(review) = review(state) else { return Vec::new() };
    let place = match review.items.get(review.at) {
        Some(ReviewItem::File(path)) => Some((path.clone(), 1)),
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
    let hidden: u32 = plan.files.iter().map(|file| file.diff.hidden_added).sum();
    if hidden > 0 {
        about.push(Line::new(Role::Warning, &format!("{hidden} hidden characters would be added")));
    }
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

/// Back to the list; dropped fixes leave the batch.
pub fn leave(state: &mut State) -> Vec<Effect> {
    if let Screen::Review(review) = &state.screen {
        let dropped: Vec<_> = review
            .plan
            .iter()
            .flat_map(|plan| &plan.fixes)
            .filter(|fix| review.dropped.contains(&fix.id))
            .filter_map(|fix| fix.finding)
            .collect();
        state.kept.retain(|id| !dropped.contains(id));
    }
    state.screen = Screen::Triage;
    state.pane = Pane::List;
    prove::stop(state)
}
