//! Everything that the console knows. One value, changed only by `update`, drawn by `ui`.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::Date;

use crate::model::backlog::FindingIdx;
use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::detail::{Flow, Location};
use crate::model::follow::Follow;
use crate::model::id::FindingId;
use crate::model::plan::Plan;
use crate::model::problem::Problem;
use crate::model::snippet::Snippet;
use crate::query::{Completion, Finder, Lens, QueryError, Rows, SortKey};

use super::command::Scope;
use super::effect::{Opened, Ticket};
use super::form::{Confirm, Form};
use super::input::LineInput;
use super::key::Key;
use super::keymap::Keymap;
use super::lines::Lines;
use super::page::Page;
use super::pages::dashboard::Counting;
use super::review::{Choices, Review, Seat};

/// Findings that are looked at before a frame can be drawn, to begin with.
const SLICE: usize = 250_000;

/// The console.
#[derive(Debug)]
pub struct State {
    /// Columns and rows of the terminal; 80x24 until the session says otherwise.
    pub size: (u16, u16),
    pub board: Board,
    pub branch: Option<String>,
    /// Everything that was wrong with the input, and what failed since.
    pub problems: Vec<Problem>,
    /// What was wrong before anything was loaded (settings): stays through reloads.
    pub own_problems: Vec<Problem>,
    pub loading: Option<Loading>,
    pub extent: Extent,
    pub changed: Changed,
    pub lens: Lens,
    pub filter: Filter,
    /// Finds the rows of the lens; while it looks (`tickets.rows`), those of the lens before stay.
    pub finder: Finder,
    /// How much it looks at before a frame can be drawn (see [`Finder::go_on`] and [`super::update::slice_took`]).
    pub slice: usize,
    pub rows: Rows,
    pub list: List,
    pub selection: Selection,
    pub detail: Detail,
    pub pane: Pane,
    pub is_zoomed: bool,
    pub screen: Screen,
    /// What the dashboard shows, while it is open.
    pub counting: Option<Counting>,
    pub overlay: Option<Overlay>,
    /// Findings whose fix is kept for the next batch, in the order they were chosen.
    pub kept: Vec<FindingId>,
    /// What was made of them in reviews.
    pub choices: Choices,
    /// Names of the fix commands that can be asked.
    pub commands: Vec<String>,
    /// The question that is waited for.
    pub asking: Option<Asking>,
    /// The command that proves a batch, if the user's settings name one.
    pub check: Option<String>,
    /// The proof that is waited for.
    pub proving: Option<Ticket>,
    pub notice: Option<Notice>,
    /// What `u` would take back, in words.
    pub undo: Option<String>,
    /// Files under `.quell/decisions` that git has not committed.
    pub uncommitted: usize,
    /// Digits typed before a command.
    pub count: Option<u32>,
    /// The keys of every command.
    pub keymap: Arc<Keymap>,
    /// Keys of a sequence that is not complete.
    pub prefix: Vec<Key>,
    pub mouse: bool,
    pub tickets: Tickets,
    /// What the last frame showed as the target of a decision key, and whether one was used since.
    pub shown: Shown,
    /// Text of forms that were closed with Esc, kept for the next time: (form name, field texts).
    pub drafts: Vec<(String, Vec<String>)>,
    /// Finding that the next `duplicate` names as the one that stays.
    pub marked: Option<FindingId>,
    pub is_quitting: bool,
}

/// How much of the reports the board has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// Nothing was loaded yet.
    #[default]
    Nothing,
    /// Their beginnings, in the order of the reports and without what was decided: for a look. More of it comes while
    /// a load is under way, and no more when that was stopped.
    Part,
    Whole,
}

/// A load under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loading {
    pub bytes: u64,
    /// Bytes of all reports; 0 where nobody knows.
    pub total: u64,
    pub results: u64,
    /// A pipe whose writer has nothing to say yet.
    pub waits_for: Option<String>,
}

/// What others have changed on the disk since the load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// A loaded report, or which reports there are.
    pub reports: bool,
    pub decisions: bool,
}

/// A fix command that is at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    pub ticket: Ticket,
    pub finding: FindingId,
    pub command: String,
}

/// Newest ticket of each kind of request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tickets {
    pub next: u64,
    pub load: Ticket,
    pub open: Ticket,
    pub code: Ticket,
    pub preview: Ticket,
    pub plan: Ticket,
    /// While rows are being looked for.
    pub rows: Option<Ticket>,
    /// While the dashboard is being counted.
    pub counting: Option<Ticket>,
    /// While remedies are being looked for.
    pub remedies: Option<Ticket>,
    /// While upgrades are being looked for.
    pub upgrades: Option<Ticket>,
}

/// The filter bar.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The query in effect, as text.
    pub text: String,
    /// What is being typed, while the bar has the keys.
    pub editing: Option<LineInput>,
    /// What is wrong with what is being typed.
    pub error: Option<QueryError>,
    /// Words that would complete what is being typed.
    pub completions: Vec<Completion>,
    /// Text to go back to with Esc.
    pub before: String,
}

/// The findings list.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// What the list shows from top to bottom after folding: see [`State::line`].
    pub lines: Lines,
    /// The line under the cursor, as an id that survives reloads.
    pub cursor: Option<Target>,
    /// Its number in `lines`.
    pub at: usize,
    /// First visible line.
    pub top: usize,
    /// Whether some row may have a word in the column for the status.
    pub has_status: bool,
    pub folds: Folds,
    /// Whether it shows the rungs of each finding.
    pub ladder: Ladder,
    /// Numbers of the groups in `Rows::groups` that are folded.
    pub closed: Bits,
    /// Where `^o` goes back to.
    pub jumps: Vec<FindingId>,
    /// Whether somebody looked around in the part that is shown: then the cursor stays where it is.
    pub is_touched: bool,
    /// Whether somebody sorted the part that is shown; else it is in the order of the reports.
    pub is_sorted: bool,
}

/// Whether the list has a column for the rungs of each finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ladder {
    #[default]
    Hidden,
    Shown,
}

/// Which groups are folded, by their labels, which survive reloads.
#[derive(Clone, Debug, Default)]
pub struct Folds {
    pub labels: HashSet<String>,
    /// Whether those with a label here are the ones that are open, and all others are folded.
    pub are_open: bool,
}

impl Folds {
    pub fn fold(&mut self, label: String) {
        if self.are_open {
            self.labels.remove(&label);
        } else {
            self.labels.insert(label);
        }
    }

    pub fn unfold(&mut self, label: String) {
        if self.are_open {
            self.labels.insert(label);
        } else {
            self.labels.remove(&label);
        }
    }

    /// The groups of some rows that are folded.
    pub fn of(&self, rows: &Rows, board: &Board) -> Bits {
        let labels: Vec<&str> = self.labels.iter().map(String::as_str).collect();
        let named = if labels.is_empty() { Bits::default() } else { rows.groups_called(board, &labels) };
        if !self.are_open {
            return named;
        }
        let mut others = Bits::all(rows.groups.len());
        others.drop_all(&named);
        others
    }
}

/// One line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListLine {
    /// Number of a group in `Rows::groups`.
    Group(u32),
    Finding(FindingIdx),
}

/// What the cursor is on, by identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Group(String),
    Finding(FindingId),
}

/// Chosen findings.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Numbers of the board's findings; a reload takes them over by id.
    pub findings: Bits,
    /// Where a `V` range began.
    pub anchor: Option<FindingId>,
    /// The selection before the range began.
    pub before_range: Bits,
    /// The selection that was lost last, for undo.
    pub lost: Option<Bits>,
    /// What every frame asks of the selection; emptied when it or the list changes.
    pub count: OnceCell<SelectionCount>,
}

impl Selection {
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// The same findings in another backlog; what is not there is left out.
    pub fn move_along(&mut self, follow: &Follow) {
        let moved = |findings: &Bits| follow.findings(findings);
        self.findings = moved(&self.findings);
        self.before_range = moved(&self.before_range);
        self.lost = self.lost.as_ref().map(moved);
        self.anchor = self.anchor.and_then(|id| follow.id(id));
    }
}

/// How many of the chosen findings the list does not show, and whether one of them has a fix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SelectionCount {
    pub hidden: usize,
    pub is_fixable: bool,
}

/// The detail pane.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// The finding it is for; its content may still be on the way.
    pub finding: Option<FindingId>,
    pub opened: Option<Arc<Opened>>,
    /// Placement of its fixes.
    pub preview: Option<Arc<Plan>>,
    /// The finding whose secret is shown; it is covered again when another is opened.
    pub revealed: Option<FindingId>,
    /// Stepping through a flow.
    pub flow: Option<FlowCursor>,
    /// What is drawn, for `width` columns.
    pub page: Page,
    pub width: u16,
    pub top: usize,
}

/// A place in the flows of the open finding.
#[derive(Clone, Debug, Default)]
pub struct FlowCursor {
    pub flows: Vec<Flow>,
    pub flow: usize,
    pub step: usize,
    /// Code at the step; the last one stays until the next is read.
    pub code: Option<Arc<Snippet>>,
}

impl FlowCursor {
    /// Place of the current step.
    pub fn location(&self) -> Option<&Location> {
        Some(&self.flows.get(self.flow)?.steps.get(self.step)?.location)
    }
}

/// Which pane has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    #[default]
    List,
    Detail,
}

/// What fills the screen between header and footer.
#[derive(Debug, Default)]
pub enum Screen {
    /// List and detail.
    #[default]
    Triage,
    /// Review of a batch of fixes.
    Review(Box<Review>),
    /// A page to read: problems, dashboard.
    Read(Reading),
}

/// A page over the whole screen.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub kind: ReadingKind,
    pub page: Page,
    pub top: usize,
}

/// Which page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadingKind {
    #[default]
    Problems,
    Dashboard,
    /// Why the open finding stands where it stands.
    Why,
    /// What was ever decided about the open finding.
    History,
    /// Decisions that match nothing.
    Orphans,
}

/// What lies over the screen and has the keys.
#[derive(Debug)]
pub enum Overlay {
    /// All commands of a scope; typing filters, Enter runs.
    Help(Picker),
    /// All commands; typing filters, Enter runs.
    Palette(Picker),
    Form(Box<Form>),
    Confirm(Box<Confirm>),
    /// Text that was sent to the terminal's clipboard, to be taken by hand where that did not work.
    Copied(String),
}

/// A list of commands to choose from.
#[derive(Clone, Debug, Default)]
pub struct Picker {
    pub input: LineInput,
    pub items: Vec<PickerItem>,
    pub at: usize,
    pub top: usize,
    /// Scope that the commands run in.
    pub scope: Scope,
}

/// One command of a picker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickerItem {
    pub name: &'static str,
    pub keys: String,
    pub help: &'static str,
    /// Heading that it stands under in help.
    pub section: &'static str,
    /// Why it is not possible now.
    pub why_not: Option<String>,
}

/// One line for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub tone: Tone,
    pub text: String,
}

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Done,
    Info,
    Warning,
    Error,
}

/// What the last written frame showed, so that a verdict applies only to what was on the screen.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    pub cursor: Option<Target>,
    /// In a review, and the plan that it was of.
    pub seat: Option<(Option<Seat>, Ticket)>,
    pub has_decided: bool,
    pub dropped: usize,
}

impl State {
    pub fn new(today: Date) -> Self {
        Self {
            size: (80, 24),
            board: Board::empty(today),
            branch: None,
            problems: Vec::new(),
            own_problems: Vec::new(),
            loading: Some(Loading::default()),
            extent: Extent::Nothing,
            changed: Changed::default(),
            lens: Lens { open_only: true, sort: vec![SortKey::Lane], ..Lens::default() },
            filter: Filter::default(),
            finder: Finder::default(),
            slice: SLICE,
            rows: Rows::default(),
            list: List::default(),
            selection: Selection::default(),
            detail: Detail::default(),
            pane: Pane::List,
            is_zoomed: false,
            screen: Screen::Triage,
            counting: None,
            overlay: None,
            kept: Vec::new(),
            choices: Choices::default(),
            commands: Vec::new(),
            asking: None,
            check: None,
            proving: None,
            notice: None,
            undo: None,
            uncommitted: 0,
            count: None,
            keymap: Arc::default(),
            prefix: Vec::new(),
            mouse: false,
            tickets: Tickets::default(),
            shown: Shown::default(),
            drafts: Vec::new(),
            marked: None,
            is_quitting: false,
        }
    }

    /// The scope whose commands the keys mean now, innermost first.
    pub fn scope(&self) -> Scope {
        match &self.overlay {
            Some(Overlay::Help(_) | Overlay::Palette(_)) => return Scope::Picker,
            Some(Overlay::Form(_)) => return Scope::Form,
            Some(Overlay::Confirm(_)) => return Scope::Confirm,
            Some(Overlay::Copied(_)) => return Scope::Popup,
            None => {}
        }
        if self.filter.editing.is_some() {
            return Scope::Filter;
        }
        match &self.screen {
            Screen::Review(_) => Scope::Review,
            Screen::Read(_) => Scope::Read,
            Screen::Triage if self.detail.flow.is_some() => Scope::Flow,
            Screen::Triage => match self.pane {
                Pane::List => Scope::List,
                Pane::Detail => Scope::Detail,
            },
        }
    }

    /// What a decision key acts on in a review.
    pub fn review_seat(&self) -> Option<(Option<Seat>, Ticket)> {
        match &self.screen {
            Screen::Review(review) => Some((review.seat(), review.plan_ticket)),
            Screen::Triage | Screen::Read(_) => None,
        }
    }

    /// The finding under the cursor.
    pub fn current(&self) -> Option<FindingId> {
        match self.list.cursor {
            Some(Target::Finding(id)) => Some(id),
            _ => None,
        }
    }

    /// What a line of the list shows.
    pub fn line(&self, line: usize) -> Option<ListLine> {
        self.list.lines.get(&self.rows, line)
    }

    /// The finding under the cursor as a number of the board.
    pub fn current_idx(&self) -> Option<FindingIdx> {
        match self.line(self.list.at) {
            Some(ListLine::Finding(finding)) => Some(finding),
            _ => None,
        }
    }

    /// What a verb acts on: the selection, else the finding or the group under the cursor.
    pub fn targets(&self) -> Cow<'_, Bits> {
        if self.selection.is_empty() {
            return Cow::Owned(self.under_cursor().iter().copied().collect());
        }
        Cow::Borrowed(&self.selection.findings)
    }

    /// Some findings in the order in which the list shows them; what it does not show comes last.
    pub fn in_order<'s>(&'s self, findings: &'s Bits) -> impl Iterator<Item = FindingIdx> {
        let shown = self.rows.findings.iter().copied().filter(|finding| findings.has(*finding));
        shown.chain(findings.iter().filter(|finding| !self.rows.set.has(*finding)))
    }

    /// The finding under the cursor, or all of the group there.
    pub fn under_cursor(&self) -> &[FindingIdx] {
        match self.line(self.list.at) {
            Some(ListLine::Group(group)) => self.rows.of_group(group),
            Some(ListLine::Finding(_)) | None => {
                let mut shown = self.list.lines.findings(&self.rows, self.list.at..self.list.at + 1);
                shown.next().map_or(&[], |(_, finding)| finding)
            }
        }
    }

    /// Selected findings that the list does not show now.
    pub fn hidden_selected(&self) -> usize {
        if self.selection.is_empty() { 0 } else { self.selection_count().hidden }
    }

    /// Whether a finding that a verb acts on has a fix.
    pub fn has_fixable_target(&self) -> bool {
        if self.selection.is_empty() {
            self.under_cursor().iter().any(|finding| self.board.is_fixable(*finding))
        } else {
            self.selection_count().is_fixable
        }
    }

    fn selection_count(&self) -> &SelectionCount {
        self.selection.count.get_or_init(|| {
            let selected = &self.selection.findings;
            let mut hidden = selected.clone();
            hidden.drop_all(&self.rows.set);
            SelectionCount { hidden: hidden.len(), is_fixable: selected.meets(&self.board.fixable()) }
        })
    }

    /// Why nothing can be decided or written; `None` where all is loaded. A verdict on a part could be one on a group
    /// that is another when all is there.
    pub fn why_not_whole(&self) -> Option<&'static str> {
        match (self.extent, &self.loading) {
            (Extent::Whole, _) => None,
            (_, Some(_)) => Some("still loading: decisions and fixes wait until everything is there"),
            (_, None) => Some("only a part is loaded: decisions and fixes need all of it; R reads it"),
        }
    }

    /// How the list is looked at now: a part keeps the order of the reports until somebody sorts it.
    pub fn lens_now(&self) -> Cow<'_, Lens> {
        if self.extent == Extent::Part && !self.list.is_sorted {
            Cow::Owned(Lens { sort: vec![SortKey::Report], ..self.lens.clone() })
        } else {
            Cow::Borrowed(&self.lens)
        }
    }

    /// Whether the fix of a finding is kept for the batch.
    pub fn is_kept(&self, id: FindingId) -> bool {
        self.kept.contains(&id)
    }

    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.notice = Some(Notice { tone, text: text.into() });
    }

    /// Says what went wrong, and keeps it for the problems page.
    pub fn fail(&mut self, problem: Problem) {
        self.say(Tone::Error, problem.to_string());
        self.problems.push(problem);
    }

    /// A ticket that is newer than all before.
    pub fn ticket(&mut self) -> Ticket {
        self.tickets.next += 1;
        Ticket(self.tickets.next)
    }
}
