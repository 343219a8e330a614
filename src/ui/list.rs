//! The findings list: only the visible lines are looked at, and columns adapt to the width.

use ratatui::layout::Rect;

use crate::app::layout::Regions;
use crate::app::page::Role;
use crate::app::pages::why;
use crate::app::state::{Ladder, ListLine, Pane, Screen, State};
use crate::model::backlog::{FindingIdx, Record, Rule};
use crate::model::decision::Flag;
use crate::model::evidence::Rung;
use crate::model::grade::Baseline;
use crate::model::reach::{Lane, Reach};
use crate::model::text;
use crate::query::{Group, GroupKey};

use super::empty;
use super::pen::{Pen, Row, first_line, thousands};

/// Widths of the columns for one width of the pane; 0 leaves a column out.
struct Columns {
    rule: usize,
    place: usize,
    tool: usize,
    reach: usize,
    ladder: usize,
    marks: usize,
    status: usize,
}

/// In place of what a part of a report does not tell yet.
const NOT_YET: &str = "…";
/// From this width on the reach has a column of its own; below, it stands where there is no status.
const WIDE: usize = 100;
/// From this width on there is room for the rungs.
const LADDER: usize = 50;
/// Cursor mark, selection mark, lane, blank, severity, blank.
const HEAD: usize = 9;

impl Columns {
    /// Under headings that are rules, the rule needs no column; where nothing is decided, the status needs none.
    fn new(width: usize, state: &State) -> Self {
        let group = state.rows.key;
        let has_reach = state.board.reaches.has_reach();
        let status = if width >= 40 && (state.list.has_status || has_reach) { 6 } else { 0 };
        let marks = if width >= 50 { 6 } else { 0 };
        let tool = if width >= 90 { 12 } else { 0 };
        let reach = if has_reach && width >= WIDE { 13 } else { 0 };
        let ladder = if state.list.ladder == Ladder::Shown && state.board.reaches.has_rungs() && width >= LADDER {
            Rung::ALL.len() + 1
        } else {
            0
        };
        let rest = width.saturating_sub(HEAD + status + marks + tool + reach + ladder);
        let rule = if group == Some(GroupKey::Rule) { 0 } else { (rest * 9 / 20).min(44) };
        Self { rule, place: rest - rule, tool, reach, ladder, marks, status }
    }
}

pub(super) fn draw(pen: &mut Pen, regions: &Regions, state: &State) {
    let pane = regions.first;
    if pane.outer.area() == 0 {
        return;
    }
    let has_keys = state.pane == Pane::List && state.detail.flow.is_none() && matches!(state.screen, Screen::Triage);
    if regions.is_framed {
        let role = if has_keys { Role::BorderFocus } else { Role::Border };
        pen.frame(pane.outer, role, "Findings", &position(state));
    }
    let lines = &state.list.lines;
    if lines.is_empty() {
        empty::draw(pen, pane.body, state);
        return;
    }
    let height = usize::from(pane.body.height);
    let first = first_line(state.list.top, state.list.at, height);
    let columns = Columns::new(usize::from(pane.body.width), state);
    for (number, line) in (first..first + height).map_while(|number| Some((number, state.line(number)?))) {
        let offset = u16::try_from(number - first).unwrap_or(u16::MAX);
        let area = Rect { y: pane.body.y.saturating_add(offset), height: 1, ..pane.body };
        let is_cursor = number == state.list.at;
        match line {
            ListLine::Group(group) => draw_group(pen, area, state, group, is_cursor),
            ListLine::Finding(finding) => draw_finding(pen, area, state, finding, is_cursor, &columns),
        }
        if is_cursor {
            pen.bar(area);
            if has_keys {
                pen.put_cursor(area.x, area.y);
            }
        }
    }
}

fn position(state: &State) -> String {
    if state.list.lines.is_empty() {
        return String::new();
    }
    format!("{}/{}", thousands(state.list.at + 1), thousands(state.list.lines.len()))
}

fn draw_group(pen: &mut Pen, area: Rect, state: &State, group: u32, is_cursor: bool) {
    let number = group;
    let Some(group) = state.rows.groups.get(number as usize) else { return };
    let is_folded = state.list.closed.has(number);
    let mut row = pen.row(area);
    row.put(Role::Strong, if is_cursor { ">" } else { " " });
    row.put(Role::Strong, if is_folded { "▸ " } else { "▾ " });
    row.put_column(Role::from(group.severity), group.severity.short(), 5);
    let label = state.rows.label(&state.board, number);
    let label = if label.is_empty() { NOT_YET.into() } else { text::visible(&label) };
    row.put(Role::Strong, &label);
    row.put(Role::Dim, &format!(" ({})", thousands(group.len as usize)));
    if let Some(note) = state.rows.note(&state.board, number) {
        row.put(Role::Dim, &format!("  {note}"));
    }
    if let Some(title) = rule_title(state, group) {
        row.put(Role::Dim, &format!("  {}", text::visible(title)));
    }
}

/// What the rule of a heading is called, where the heading is a rule and its name says more than its id.
fn rule_title<'s>(state: &'s State, group: &Group) -> Option<&'s str> {
    let first = state.rows.findings.get(group.start as usize).filter(|_| state.rows.key == Some(GroupKey::Rule))?;
    let backlog = &state.board.backlog;
    let rule = backlog.rule(backlog.lead(*first));
    Some(rule.title()).filter(|title| !title.contains(&rule.id))
}

fn draw_finding(pen: &mut Pen, area: Rect, state: &State, finding: FindingIdx, is_cursor: bool, columns: &Columns) {
    let backlog = &state.board.backlog;
    let found = backlog.finding(finding);
    let lead = backlog.lead(finding);
    let is_selected = state.selection.findings.has(finding);
    let mut row = pen.row(area);
    row.put(Role::Strong, if is_cursor { ">" } else { " " });
    row.put(Role::Selected, if is_selected { "●" } else { " " });
    match state.board.judged(finding).map(|judged| judged.lane) {
        Some(Lane::ActNow) => row.put(Role::Critical, "!"),
        Some(Lane::ThisSprint) => row.put(Role::High, "+"),
        Some(Lane::Scheduled | Lane::OnUpgrade) | None => row.skip(1),
    }
    row.skip(1);
    // What the run says of itself stands behind its results: until it is read, nobody knows what its rules mean.
    let tool = text::visible(&backlog.tool(lead).name);
    let is_known = !tool.is_empty();
    let severity = if is_known { found.severity.short() } else { NOT_YET };
    row.put_column(if is_known { Role::from(found.severity) } else { Role::Dim }, severity, 5);
    if columns.rule > 0 {
        let name = rule_name(backlog.rule(lead), columns.rule - 1);
        row.put_column(Role::Text, if is_known || !name.is_empty() { &name } else { NOT_YET }, columns.rule);
    }
    row.put_column(Role::Text, &place(state, lead, columns.place.saturating_sub(1)), columns.place);
    if columns.tool > 0 {
        let tool = if is_known { text::cut(&tool, columns.tool - 1) } else { NOT_YET.into() };
        row.put_column(Role::Dim, &tool, columns.tool);
    }
    if columns.reach > 0 {
        let reach = state.board.judged(finding).map(|judged| judged.reach).filter(|reach| *reach != Reach::Unknown);
        let word = reach.map_or("", Reach::name);
        row.put_column(reach.map_or(Role::Dim, why::reach_role), &text::cut(word, columns.reach - 1), columns.reach);
    }
    if columns.ladder > 0 {
        let rungs = state.board.judged(finding).unwrap_or_default().rungs;
        for held in Rung::ALL.iter().map(|rung| rungs.get(*rung)) {
            row.put(why::held_role(held), held.name());
        }
        row.skip(1);
    }
    if columns.marks > 0 {
        draw_marks(&mut row, state, finding);
    }
    if columns.status > 0 {
        let (role, word) = status(state, finding, lead);
        let reach =
            state.board.judged(finding).map(|judged| judged.reach).filter(|_| columns.reach == 0 && word.is_empty());
        let (role, word) = reach.map_or((role, word), |reach| (why::reach_role(reach), reach.short()));
        row.put_column(role, word, columns.status);
    }
}

/// How many tools say it, whether a fix is there or kept, whether a flow leads to it.
fn draw_marks(row: &mut Row, state: &State, finding: FindingIdx) {
    let backlog = &state.board.backlog;
    let found = backlog.finding(finding);
    let tools = if backlog.members(finding).len() > 1 { backlog.tool_names(finding).len() } else { 1 };
    let tools = if tools > 1 { format!("{}x", tools.min(99)) } else { String::new() };
    row.put_column(Role::Dim, &tools, 3);
    match (state.board.fixes(finding) > 0, state.is_kept(backlog.id(finding))) {
        (_, true) => row.put_column(Role::Good, "F", 1),
        (true, false) => row.put_column(Role::Good, "f", 1),
        (false, false) => row.skip(1),
    }
    row.put_column(Role::Dim, if found.flows > 0 { "t" } else { " " }, 2);
}

/// What there is to know in one word: the decision, else a flag, else whether it is new.
fn status(state: &State, finding: FindingIdx, lead: &Record) -> (Role, &'static str) {
    let Some(standing) = state.board.standings.get(finding) else { return (Role::Dim, "") };
    let word = standing.status.short();
    if !word.is_empty() {
        return (Role::Dim, word);
    }
    let flags = [
        (Flag::CameBack, "back"),
        (Flag::Expired, "expir"),
        (Flag::AgainstPolicy, "polic"),
        (Flag::DecisionConflict, "confl"),
        (Flag::Stale, "stale"),
    ];
    if let Some((_, word)) = flags.iter().find(|(flag, _)| standing.flags.has(*flag)) {
        return (Role::Warning, word);
    }
    (Role::Strong, if lead.baseline() == Baseline::New { "new" } else { "" })
}

/// The id of a rule; of a dotted one its last part, which says most. A bare code such as `B602` says little: its
/// name follows where there is room.
fn rule_name(rule: &Rule, width: usize) -> String {
    let id = text::visible(&rule.id);
    let last = id.rsplit(['.', '/']).find(|part| !part.is_empty()).unwrap_or(&id);
    let named = if is_code(last) { format!("{last} {}", text::visible(rule.title())) } else { last.to_owned() };
    text::cut(named.trim_end(), width).into_owned()
}

/// `B602`, `CKV_DOCKER_3`, `no-42`: more a number than a name.
fn is_code(id: &str) -> bool {
    id.len() <= 16 && id.ends_with(|c: char| c.is_ascii_digit())
}

/// `path:line`, cut from the left: the file's name says most.
fn place(state: &State, record: &Record, width: usize) -> String {
    let path = text::visible(state.board.backlog.path(record));
    match (path.is_empty(), record.line) {
        (true, _) => "-".to_owned(),
        (false, 0) => text::cut_start(&path, width).into_owned(),
        (false, line) => text::cut_start(&format!("{path}:{line}"), width).into_owned(),
    }
}
