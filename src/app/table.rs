//! The rows of the command table.

use super::act::{decide, dialog, filter, fix, go, hunk, keep, list, picker, prove, review, see, select};
use super::command::{Command, Scope, Section};
use super::effect::Effect;
use super::state::State;

/// Every command. Help and README show the sections in their own order, and within one the order of this table;
/// footers show as many as fit, in the order of this table.
pub static COMMANDS: &[Command] = &[
    // Move
    row("down", &["j", "down"], Scope::List, Section::Move, "next line", list::down),
    row("up", &["k", "up"], Scope::List, Section::Move, "previous line", list::up),
    row("top", &["g g", "home"], Scope::List, Section::Move, "first line", list::first),
    row("bottom", &["G", "end"], Scope::List, Section::Move, "last line, or the line of a count", list::last),
    row("half-page-down", &["ctrl-d"], Scope::List, Section::Move, "half a page down", list::half_down),
    row("half-page-up", &["ctrl-u"], Scope::List, Section::Move, "half a page up", list::half_up),
    row("page-down", &["pgdn", "ctrl-f"], Scope::List, Section::Move, "a page down", list::page_down),
    row("page-up", &["pgup"], Scope::List, Section::Move, "a page up", list::page_up),
    row("next-group", &["] g"], Scope::List, Section::Move, "next group", list::next_group).when(list::has_groups),
    row("previous-group", &["[ g"], Scope::List, Section::Move, "previous group", list::previous_group)
        .when(list::has_groups),
    row("next-match", &["n"], Scope::List, Section::Move, "next finding, over group lines", list::next_match),
    row("previous-match", &["N"], Scope::List, Section::Move, "previous finding", list::previous_match),
    row("open", &["enter"], Scope::List, Section::See, "open the finding, fold or unfold a group", list::open)
        .hint("open"),
    row("fold", &["h", "left"], Scope::List, Section::Move, "fold the group", list::fold).when(list::has_groups),
    row("unfold", &["l", "right"], Scope::List, Section::Move, "unfold the group", list::unfold).when(list::has_groups),
    row("fold-all", &["z M"], Scope::List, Section::Move, "fold all groups", list::fold_all).when(list::has_groups),
    row("unfold-all", &["z R"], Scope::List, Section::Move, "unfold all groups", list::unfold_all)
        .when(list::has_groups),
    row("back", &["ctrl-o"], Scope::Triage, Section::Move, "where the cursor was before", list::back)
        .when(list::has_jumps),
    row("other-pane", &["tab", "shift-tab"], Scope::Triage, Section::Move, "the other pane", list::other_pane),
    row("zoom", &["+"], Scope::Global, Section::Move, "this pane over the whole screen", list::zoom),
    row("unzoom", &["_"], Scope::Global, Section::Move, "both panes", list::unzoom),
    row("scroll-down", &["j", "down"], Scope::Detail, Section::Move, "scroll down", see::down),
    row("scroll-up", &["k", "up"], Scope::Detail, Section::Move, "scroll up", see::up),
    row("scroll-half-down", &["ctrl-d", "space"], Scope::Detail, Section::Move, "half a page down", see::half_down),
    row("scroll-half-up", &["ctrl-u"], Scope::Detail, Section::Move, "half a page up", see::half_up),
    row("scroll-page-down", &["pgdn", "ctrl-f"], Scope::Detail, Section::Move, "a page down", see::page_down),
    row("scroll-page-up", &["pgup"], Scope::Detail, Section::Move, "a page up", see::page_up),
    row("scroll-top", &["g g", "home"], Scope::Detail, Section::Move, "to the top", see::top),
    row("scroll-bottom", &["G", "end"], Scope::Detail, Section::Move, "to the end", see::bottom),
    row("next-finding", &["J"], Scope::Triage, Section::Move, "next finding, from any pane", list::next_match),
    row(
        "previous-finding",
        &["K"],
        Scope::Triage,
        Section::Move,
        "previous finding, from any pane",
        list::previous_match,
    ),
    // Early, so that narrow footers show it.
    row("filter", &["/"], Scope::Triage, Section::List, "filter the list", filter::begin).hint("filter"),
    // Decide
    row("confirm", &["c", "s c"], Scope::Triage, Section::Decide, "confirm: a real problem", decide::confirm)
        .when(decide::has_target)
        .decision()
        .hint("confirm"),
    row("false-positive", &["x", "s x"], Scope::Triage, Section::Decide, "false positive", decide::false_positive)
        .when(decide::has_target)
        .decision()
        .hint("false pos"),
    row(
        "accept-risk",
        &["a", "s a"],
        Scope::Triage,
        Section::Decide,
        "accept the risk for a while",
        decide::accept_risk,
    )
    .when(decide::has_target)
    .decision()
    .hint("accept"),
    row("defer", &["d", "s d"], Scope::Triage, Section::Decide, "defer until a date", decide::defer)
        .when(decide::has_target)
        .decision()
        .hint("defer"),
    row(
        "not-affected",
        &["s n"],
        Scope::Triage,
        Section::Decide,
        "not affected, with a VEX label",
        decide::not_affected,
    )
    .when(decide::has_target)
    .decision(),
    row("mitigated", &["s m"], Scope::Triage, Section::Decide, "mitigated by something else", decide::mitigated)
        .when(decide::has_target)
        .decision(),
    row("duplicate", &["s u"], Scope::Triage, Section::Decide, "duplicate of another finding", decide::duplicate)
        .when(decide::has_target)
        .decision(),
    row("owner", &["s o"], Scope::Triage, Section::Decide, "give it an owner", decide::owner)
        .when(decide::has_target)
        .decision(),
    row("reopen", &["s r"], Scope::Triage, Section::Decide, "open it again", decide::reopen)
        .when(decide::has_target)
        .decision(),
    row("comment", &["s ;"], Scope::Triage, Section::Decide, "comment", decide::comment)
        .when(decide::has_target)
        .decision(),
    row("approve", &["s +"], Scope::Triage, Section::Decide, "approve what another accepted", decide::approve)
        .when(decide::is_accepted)
        .decision(),
    row("deny", &["s -"], Scope::Triage, Section::Decide, "deny what was accepted", decide::deny)
        .when(decide::is_accepted)
        .decision(),
    row(
        "extend",
        &["="],
        Scope::Triage,
        Section::Decide,
        "the same decision for results that joined, or moved",
        decide::extend,
    )
    .when(decide::can_extend)
    .decision(),
    row(
        "as-proposed",
        &["i"],
        Scope::Triage,
        Section::Decide,
        "AI verdict: decide as the model proposes",
        decide::as_proposed,
    )
    .when(decide::is_proposed)
    .decision(),
    row("reject-proposed", &["I"], Scope::Triage, Section::Decide, "AI verdict: reject it", decide::reject_proposed)
        .when(decide::is_proposed)
        .decision(),
    row("mark", &["m"], Scope::Triage, Section::Decide, "mark as the one that duplicates refer to", decide::mark),
    row("undo", &["u"], Scope::Global, Section::Decide, "take back the last decision, batch or selection", go::undo)
        .when(go::can_undo)
        .hint("undo"),
    row("redo", &["U"], Scope::Global, Section::Decide, "bring it back", go::redo).whole(),
    // Fix
    row("keep-fix", &["f"], Scope::Triage, Section::Fix, "keep or drop the fix for the batch", fix::toggle)
        .when(fix::has_fix)
        .decision()
        .hint("fix"),
    row("ask", &["A"], Scope::Triage, Section::Fix, "ask a fix command for a fix, or stop it", fix::ask)
        .when(fix::can_ask)
        .decision(),
    row("upgrades", &["B"], Scope::Triage, Section::Fix, "offer upgrades of packages as fixes", fix::upgrade)
        .when(fix::can_upgrade)
        .decision(),
    row("review", &["F"], Scope::Triage, Section::Fix, "review the batch of fixes", fix::review)
        .when(fix::can_review)
        .whole()
        .hint("review"),
    // Select
    row("select", &["space"], Scope::List, Section::Select, "select or unselect, and down", select::toggle)
        .hint("select"),
    row("select-range", &["V"], Scope::List, Section::Select, "begin or end a range", select::range),
    row("select-all", &["*"], Scope::Triage, Section::Select, "select all that match", select::all),
    row("select-invert", &["!"], Scope::Triage, Section::Select, "invert the selection", select::invert),
    row(
        "close",
        &["esc"],
        Scope::Triage,
        Section::Select,
        "close the innermost: zoom, selection, filter; stop loading",
        go::close,
    ),
    // Review
    row("review-down", &["j", "down"], Scope::Review, Section::Move, "next line of the tree", review::down),
    row("review-up", &["k", "up"], Scope::Review, Section::Move, "previous line of the tree", review::up),
    row("review-top", &["g g", "home"], Scope::Review, Section::Move, "first line of the tree", review::first),
    row("review-bottom", &["G", "end"], Scope::Review, Section::Move, "last line of the tree", review::last),
    row("diff-down", &["ctrl-d", "pgdn"], Scope::Review, Section::Move, "scroll the diff down", review::scroll_down),
    row("diff-up", &["ctrl-u", "pgup"], Scope::Review, Section::Move, "scroll the diff up", review::scroll_up),
    row("review-pane", &["tab", "shift-tab"], Scope::Review, Section::Move, "the other pane", list::other_pane),
    row("keep", &["y"], Scope::Review, Section::Fix, "keep this fix or hunk", keep::keep).decision().hint("keep"),
    row("drop", &["n"], Scope::Review, Section::Fix, "drop this fix or hunk", keep::drop).decision().hint("drop"),
    row("next-hunk", &["] c"], Scope::Review, Section::See, "next hunk", review::next_hunk).hint("hunk"),
    row("previous-hunk", &["[ c"], Scope::Review, Section::See, "previous hunk", review::previous_hunk),
    row("next-file", &["] f"], Scope::Review, Section::See, "next file", review::next_file),
    row("previous-file", &["[ f"], Scope::Review, Section::See, "previous file", review::previous_file),
    row("keep-rest", &["Y"], Scope::Review, Section::Fix, "keep all the rest", keep::keep_rest).decision(),
    row("drop-rest", &["N"], Scope::Review, Section::Fix, "drop all the rest", keep::drop_rest).decision(),
    row("toggle-fix", &["space"], Scope::Review, Section::Fix, "keep or drop, and down", keep::toggle).decision(),
    row("edit-hunk", &["E"], Scope::Review, Section::Fix, "edit the hunk in your editor", hunk::edit)
        .when(hunk::can_edit)
        .whole()
        .hint("edit"),
    row("forget-edit", &["r"], Scope::Review, Section::Fix, "the hunk as it was before you edited it", hunk::forget)
        .when(hunk::can_forget),
    row("next-place", &["p"], Scope::Review, Section::Fix, "the next place where the fix fits", review::next_place)
        .when(review::can_choose)
        .decision(),
    row("side-by-side", &["v"], Scope::Review, Section::See, "side by side or unified", review::side_by_side)
        .when(review::can_side_by_side)
        .hint("side by side"),
    row("edit-file", &["e"], Scope::Review, Section::See, "editor at the line of the file", review::edit),
    row(
        "prove",
        &["P"],
        Scope::Review,
        Section::Fix,
        "prove the batch by your command in a copy of the tree, or stop that",
        prove::prove,
    )
    .when(prove::can_prove)
    .whole(),
    row("write", &["W"], Scope::Review, Section::Fix, "write the batch to the working tree", review::write)
        .when(review::can_write)
        .whole()
        .hint("write"),
    row(
        "leave-review",
        &["q", "esc"],
        Scope::Review,
        Section::Go,
        "back to the list; the batch is kept",
        review::leave,
    )
    .hint("back"),
    // See
    row("flow", &["t"], Scope::Triage, Section::See, "step through the flow", see::flow)
        .when(see::has_flow)
        .hint("flow"),
    row("quit", &["q"], Scope::Triage, Section::Go, "quit", go::quit).hint("quit"),
    row("next-step", &["n", "j", "down", "enter"], Scope::Flow, Section::See, "next step", see::next_step)
        .hint("next step"),
    row("previous-step", &["p", "k", "up"], Scope::Flow, Section::See, "previous step", see::previous_step)
        .hint("previous"),
    row("next-flow", &[">"], Scope::Flow, Section::See, "next flow", see::next_flow),
    row("previous-flow", &["<"], Scope::Flow, Section::See, "previous flow", see::previous_flow),
    row("leave-flow", &["t", "q", "esc"], Scope::Flow, Section::See, "back to the finding", see::leave_flow)
        .hint("back"),
    row("edit", &["e"], Scope::Triage, Section::See, "editor at the line", see::edit)
        .when(see::has_place)
        .hint("editor"),
    row("copy-place", &["y p"], Scope::Triage, Section::See, "copy path:line", see::copy_place).when(see::has_place),
    row("copy-id", &["y i"], Scope::Triage, Section::See, "copy the id", see::copy_id).when(see::has_finding),
    row("copy-rule", &["y r"], Scope::Triage, Section::See, "copy the rule", see::copy_rule).when(see::has_finding),
    row("copy-link", &["y u"], Scope::Triage, Section::See, "copy the link to the rule's help", see::copy_link)
        .when(see::has_link),
    row("copy-markdown", &["y m"], Scope::Triage, Section::See, "copy as Markdown", see::copy_markdown)
        .when(see::has_finding),
    row(
        "reveal",
        &["r"],
        Scope::Triage,
        Section::See,
        "show the secret until the finding is left, or cover it",
        see::reveal,
    )
    .when(see::has_secret),
    row(
        "why",
        &["w"],
        Scope::Triage,
        Section::See,
        "why: verdict, lane, evidence, score, what would change it",
        see::why,
    )
    .when(see::has_finding),
    row("history", &["H"], Scope::Triage, Section::See, "history: every decision about it, in full", see::history)
        .when(see::has_finding),
    row("problems", &["p"], Scope::Triage, Section::See, "what was wrong with the input", see::problems),
    row("dashboard", &["D"], Scope::Triage, Section::See, "dashboard: charts and counts of everything", see::dashboard),
    row("read-down", &["j", "down"], Scope::Read, Section::Move, "scroll down", see::read_down),
    row("read-up", &["k", "up"], Scope::Read, Section::Move, "scroll up", see::read_up),
    row("read-page-down", &["ctrl-d", "pgdn", "space"], Scope::Read, Section::Move, "a page down", see::read_page_down),
    row("read-page-up", &["ctrl-u", "pgup"], Scope::Read, Section::Move, "a page up", see::read_page_up),
    row("read-top", &["g g", "home"], Scope::Read, Section::Move, "to the top", see::read_top),
    row("read-bottom", &["G", "end"], Scope::Read, Section::Move, "to the end", see::read_bottom),
    row("page-service", &["g s"], Scope::Read, Section::List, "all findings of its service", filter::same_service)
        .when(filter::has_service)
        .hint("its service"),
    row("page-flow", &["t"], Scope::Read, Section::See, "step through its path", see::page_flow)
        .when(see::has_page_flow)
        .hint("its path"),
    row("leave-page", &["q", "esc", "enter"], Scope::Read, Section::Go, "back to the list", see::leave_page)
        .hint("back"),
    // List
    row("view-open", &["v o"], Scope::Triage, Section::List, "view: open findings", filter::view_open),
    row("view-act-now", &["v u"], Scope::Triage, Section::List, "view: act now", filter::view_act_now),
    row("view-sprint", &["v i"], Scope::Triage, Section::List, "view: act now and this sprint", filter::view_sprint),
    row("view-scheduled", &["v S"], Scope::Triage, Section::List, "view: scheduled", filter::view_scheduled),
    row("view-on-upgrade", &["v G"], Scope::Triage, Section::List, "view: on upgrade", filter::view_on_upgrade),
    row("view-test-only", &["v t"], Scope::Triage, Section::List, "view: only tests reach it", filter::view_test_only),
    row("view-unreached", &["v U"], Scope::Triage, Section::List, "view: not reached", filter::view_unreached),
    row(
        "view-contested",
        &["v k"],
        Scope::Triage,
        Section::List,
        "view: evidence contradicts itself or is outdated",
        filter::view_contested,
    ),
    row("view-all", &["v a"], Scope::Triage, Section::List, "view: everything that was loaded", filter::view_all),
    row("view-fixable", &["v f"], Scope::Triage, Section::List, "view: open and fixable", filter::view_fixable),
    row("view-new", &["v n"], Scope::Triage, Section::List, "view: new in the last scan", filter::view_new),
    row("view-came-back", &["v c"], Scope::Triage, Section::List, "view: came back", filter::view_came_back),
    row(
        "view-overdue",
        &["v l"],
        Scope::Triage,
        Section::List,
        "view: late, overdue by its lane",
        filter::view_overdue,
    ),
    row("view-secrets", &["v s"], Scope::Triage, Section::List, "view: secrets", filter::view_secrets),
    row("view-high", &["v h"], Scope::Triage, Section::List, "view: high and critical", filter::view_high),
    row("view-decided", &["v d"], Scope::Triage, Section::List, "view: decided", filter::view_decided),
    row("view-expiring", &["v e"], Scope::Triage, Section::List, "view: expires within 14 days", filter::view_expiring),
    row(
        "view-requested",
        &["v r"],
        Scope::Triage,
        Section::List,
        "view: approval is asked for",
        filter::view_requested,
    ),
    row(
        "view-proposed",
        &["v p"],
        Scope::Triage,
        Section::List,
        "view: AI verdicts that wait for you",
        filter::view_proposed,
    ),
    row("orphans", &["v x"], Scope::Triage, Section::List, "decisions that match nothing that is loaded", see::orphans),
    row("sort-lane", &["S l"], Scope::Triage, Section::List, "sort by lane and score", list::sort_lane),
    row("sort-score", &["S o"], Scope::Triage, Section::List, "sort by score", list::sort_score),
    row("sort-reach", &["S e"], Scope::Triage, Section::List, "sort by reach", list::sort_reach),
    row("sort-severity", &["S s"], Scope::Triage, Section::List, "sort by severity", list::sort_severity),
    row("sort-path", &["S p"], Scope::Triage, Section::List, "sort by path", list::sort_path),
    row("sort-rule", &["S r"], Scope::Triage, Section::List, "sort by rule", list::sort_rule),
    row("sort-tool", &["S t"], Scope::Triage, Section::List, "sort by tool", list::sort_tool),
    row("sort-age", &["S a"], Scope::Triage, Section::List, "sort by age", list::sort_age),
    row("sort-due", &["S d"], Scope::Triage, Section::List, "sort by due date", list::sort_due),
    row("sort-status", &["S u"], Scope::Triage, Section::List, "sort by status", list::sort_status),
    row("group-none", &["b n"], Scope::Triage, Section::List, "no groups", list::group_none),
    row("group-severity", &["b s"], Scope::Triage, Section::List, "group by severity", list::group_severity),
    row("group-lane", &["b l"], Scope::Triage, Section::List, "group by lane", list::group_lane),
    row("group-reach", &["b e"], Scope::Triage, Section::List, "group by reach", list::group_reach),
    row("group-exposure", &["b x"], Scope::Triage, Section::List, "group by exposure", list::group_exposure),
    row("group-rule", &["b r"], Scope::Triage, Section::List, "group by rule", list::group_rule),
    row("group-cwe", &["b c"], Scope::Triage, Section::List, "group by CWE", list::group_cwe),
    row("group-file", &["b f"], Scope::Triage, Section::List, "group by file", list::group_file),
    row("group-directory", &["b d"], Scope::Triage, Section::List, "group by directory", list::group_directory),
    row("group-tool", &["b t"], Scope::Triage, Section::List, "group by tool", list::group_tool),
    row("group-category", &["b g"], Scope::Triage, Section::List, "group by category", list::group_category),
    row("group-package", &["b p"], Scope::Triage, Section::List, "group by package", list::group_package),
    row("group-remedy", &["b m"], Scope::Triage, Section::List, "group by remedy", list::group_remedy),
    row("group-status", &["b u"], Scope::Triage, Section::List, "group by status", list::group_status),
    row("group-owner", &["b o"], Scope::Triage, Section::List, "group by owner", list::group_owner),
    row("group-baseline", &["b b"], Scope::Triage, Section::List, "group by baseline state", list::group_baseline),
    row("group-service", &["b v"], Scope::Triage, Section::List, "group by service", list::group_service),
    row("group-workload", &["b w"], Scope::Triage, Section::List, "group by workload", list::group_workload),
    row("group-image", &["b i"], Scope::Triage, Section::List, "group by image", list::group_image),
    row("same-service", &["g s"], Scope::Triage, Section::List, "all findings of its service", filter::same_service)
        .when(filter::has_service),
    row(
        "ladder",
        &["z l"],
        Scope::Triage,
        Section::List,
        "ladder in the list, or not: present imported called loaded executed controllable exposed exploited",
        list::ladder,
    ),
    row("reload", &["R"], Scope::Triage, Section::List, "read all reports again", go::reload),
    // Quell
    row("palette", &[":"], Scope::Global, Section::Go, "choose a command by name", picker::palette).hint("commands"),
    row("help", &["?"], Scope::Global, Section::Go, "help", picker::help).hint("help"),
    row("mouse", &["M"], Scope::Global, Section::Go, "mouse on or off", go::mouse),
    row(
        "quit-now",
        &["ctrl-c"],
        Scope::Global,
        Section::Go,
        "quit; where text is typed, close that first",
        go::quit_now,
    ),
    row("suspend", &["ctrl-z"], Scope::Global, Section::Go, "suspend to the shell", go::suspend),
    // Where text is typed
    row("filter-keep", &["enter"], Scope::Filter, Section::List, "keep the filter", filter::keep).hint("keep"),
    row(
        "filter-cancel",
        &["esc", "ctrl-g", "ctrl-c"],
        Scope::Filter,
        Section::List,
        "back to the filter before",
        filter::cancel,
    )
    .hint("cancel"),
    row("filter-complete", &["tab"], Scope::Filter, Section::List, "complete the word", filter::complete)
        .hint("complete"),
    row("filter-down", &["down"], Scope::Filter, Section::List, "next line of the list", list::down),
    row("filter-up", &["up"], Scope::Filter, Section::List, "previous line of the list", list::up),
    row("pick", &["enter"], Scope::Picker, Section::Go, "run the command", picker::run).hint("run"),
    row("pick-down", &["down", "ctrl-n"], Scope::Picker, Section::Go, "next", picker::down),
    row("pick-up", &["up", "ctrl-p"], Scope::Picker, Section::Go, "previous", picker::up),
    row("pick-page-down", &["pgdn"], Scope::Picker, Section::Go, "a page down", picker::page_down),
    row("pick-page-up", &["pgup"], Scope::Picker, Section::Go, "a page up", picker::page_up),
    row("pick-close", &["esc", "ctrl-g", "ctrl-c"], Scope::Picker, Section::Go, "close", picker::close).hint("close"),
    row(
        "form-submit",
        &["enter"],
        Scope::Form,
        Section::Decide,
        "decide, or the next field that is needed",
        dialog::submit,
    )
    .hint("decide"),
    row("form-next", &["tab", "down"], Scope::Form, Section::Decide, "next field", dialog::next_field)
        .hint("next field"),
    row("form-previous", &["shift-tab", "up"], Scope::Form, Section::Decide, "previous field", dialog::previous_field),
    row("form-close", &["esc", "ctrl-g", "ctrl-c"], Scope::Form, Section::Decide, "close, text is kept", dialog::close)
        .hint("close"),
    row("yes", &["enter"], Scope::Confirm, Section::Decide, "do it, when the number is typed", dialog::answer)
        .hint("do it"),
    row("no", &["esc", "ctrl-g", "ctrl-c"], Scope::Confirm, Section::Decide, "do not", dialog::close).hint("do not"),
    row("popup-close", &["esc", "enter", "q", "space", "ctrl-c"], Scope::Popup, Section::Go, "close", dialog::close)
        .hint("close"),
];

const fn row(
    name: &'static str,
    keys: &'static [&'static str],
    scope: Scope,
    section: Section,
    help: &'static str,
    run: fn(&mut State) -> Vec<Effect>,
) -> Command {
    Command { name, keys, scope, section, help, hint: "", is_decision: false, needs_whole: false, when: always, run }
}

#[expect(clippy::unnecessary_wraps, reason = "one signature for every row of the table")]
fn always(_: &State) -> Result<(), String> {
    Ok(())
}

impl Command {
    const fn when(mut self, when: fn(&State) -> Result<(), String>) -> Self {
        self.when = when;
        self
    }

    const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    const fn decision(mut self) -> Self {
        self.is_decision = true;
        self.whole()
    }

    const fn whole(mut self) -> Self {
        self.needs_whole = true;
        self
    }
}
