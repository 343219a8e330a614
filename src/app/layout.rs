//! Where everything stands: one pure function that both `update` (page sizes, clicks) and `ui` (drawing) call.

use ratatui::layout::Rect;

use super::state::{Pane, Screen, State};

/// Columns from which list and detail stand side by side.
pub const WIDE: u16 = 110;
/// Below these only the focused pane is drawn.
pub const NARROW: u16 = 60;
pub const LOW: u16 = 15;
/// Columns from which a tree and two versions of a file stand beside each other.
const TWO_AND_TREE: u16 = 200;

/// Parts of the screen. A part that is not drawn has no area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    pub header: Rect,
    pub filter: Rect,
    /// Left or upper pane with its title line: the list, or the tree of a review.
    pub first: Pane1,
    /// Right or lower pane: the detail, the diff of a review. A page to read fills `first`.
    pub second: Pane1,
    pub status: Rect,
    pub hints: Rect,
    /// Whether panes have frames around them (wide screens) or only a title line.
    pub is_framed: bool,
}

/// A pane: all of it, and what is inside its frame or below its title.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pane1 {
    pub outer: Rect,
    pub body: Rect,
}

/// The regions for the state's size.
pub fn split(state: &State) -> Regions {
    let (width, height) = state.size;
    let area = Rect::new(0, 0, width, height);
    if width < NARROW || height < LOW {
        return split_small(area, state);
    }
    let is_framed = width >= WIDE;
    let body = Rect::new(0, 2, width, height - 4);
    let is_single = state.is_zoomed || matches!(state.screen, Screen::Read(_));
    let (first, second) = match (is_single, focus_is_second(state)) {
        (true, false) => (body, Rect::ZERO),
        (true, true) => (Rect::ZERO, body),
        (false, _) if is_framed && !has_wide_diff(state) => side_by_side(body, state),
        (false, _) => stacked(body, state),
    };
    Regions {
        header: Rect::new(0, 0, width, 1),
        filter: Rect::new(0, 1, width, 1),
        first: pane(first, is_framed),
        second: pane(second, is_framed),
        status: Rect::new(0, height - 2, width, 1),
        hints: Rect::new(0, height - 1, width, 1),
        is_framed,
    }
}

/// One pane at a time, without frames; header and hints go first when rows are few.
fn split_small(area: Rect, state: &State) -> Regions {
    let has_filter = area.height >= 6;
    let has_header = area.height >= 10;
    let has_hints = area.height >= 4;
    let top = u16::from(has_header) + u16::from(has_filter);
    let bottom = u16::from(has_hints) + u16::from(area.height >= 2);
    let body = Rect::new(0, top, area.width, area.height.saturating_sub(top + bottom));
    let line = |shown: bool, y: u16| if shown { Rect::new(0, y, area.width, 1) } else { Rect::ZERO };
    let (first, second) = if focus_is_second(state) { (Rect::ZERO, body) } else { (body, Rect::ZERO) };
    Regions {
        header: line(has_header, 0),
        filter: line(has_filter, u16::from(has_header)),
        first: Pane1 { outer: first, body: first },
        second: Pane1 { outer: second, body: second },
        status: line(area.height >= 2, area.height.saturating_sub(bottom)),
        hints: line(has_hints, area.height.saturating_sub(1)),
        is_framed: false,
    }
}

fn focus_is_second(state: &State) -> bool {
    match &state.screen {
        Screen::Triage => state.pane == Pane::Detail || state.detail.flow.is_some(),
        Screen::Review(_) => state.pane == Pane::Detail,
        Screen::Read(_) => false,
    }
}

/// Two versions beside each other need the whole width: the tree of the review then lies above them.
fn has_wide_diff(state: &State) -> bool {
    matches!(&state.screen, Screen::Review(review) if review.is_side_by_side) && state.size.0 < TWO_AND_TREE
}

/// A list needs less than its text; code and diffs take the rest.
fn side_by_side(body: Rect, state: &State) -> (Rect, Rect) {
    let share = match &state.screen {
        Screen::Review(review) if review.is_side_by_side => 26,
        Screen::Review(_) => 36,
        Screen::Triage | Screen::Read(_) => 50,
    };
    let left = u16::try_from(u32::from(body.width) * share / 100).unwrap_or(body.width).min(110);
    (Rect { width: left, ..body }, Rect { x: body.x + left, width: body.width - left, ..body })
}

fn stacked(body: Rect, state: &State) -> (Rect, Rect) {
    let share = match &state.screen {
        Screen::Review(_) => 30,
        // What is being read gets the room; the list keeps the lines around its cursor.
        Screen::Triage if focus_is_second(state) => 25,
        Screen::Triage | Screen::Read(_) => 45,
    };
    let upper = (u32::from(body.height) * share).div_ceil(100);
    let upper = u16::try_from(upper).unwrap_or(body.height).clamp(3, body.height.max(3));
    (Rect { height: upper, ..body }, Rect { y: body.y + upper, height: body.height - upper, ..body })
}

/// What is inside the frame, or below the title line. The list on a stacked screen needs no title:
/// the filter bar above it is one.
fn pane(outer: Rect, is_framed: bool) -> Pane1 {
    let body = if outer.area() == 0 {
        outer
    } else if is_framed {
        Rect::new(outer.x + 1, outer.y + 1, outer.width.saturating_sub(2), outer.height.saturating_sub(2))
    } else if outer.y > 2 {
        Rect { y: outer.y + 1, height: outer.height.saturating_sub(1), ..outer }
    } else {
        outer
    };
    Pane1 { outer, body }
}

/// Where help and palette lie: most of a small screen, the middle of a large one.
pub fn picker(state: &State) -> Rect {
    let (width, height) = state.size;
    // A narrow screen has no columns for what lies behind.
    let columns = if width < NARROW { width } else { width.saturating_sub(4).min(96) };
    let rows = height.saturating_sub(4).clamp(height.min(4), 36);
    Rect::new((width - columns) / 2, (height - rows) / 2, columns, rows)
}
