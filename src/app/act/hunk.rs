//! A hunk of a review in the user's editor, and what is made of his text.

use std::borrow::Cow;

use crate::app::effect::{Effect, HunkEdit, HunkSaved};
use crate::app::review::{Edit, ReviewItem, current_fix, current_hunk};
use crate::app::state::{Screen, State, Tone};
use crate::model::plan::{Hunk, HunkState};
use crate::model::text;

use super::review::{plan, review};

/// What stands behind the hunk in the file that is edited.
const HELP: &str = "\
# Lines that begin with a blank or - are those of the file and stay as they are: - goes, blank stays.
# Lines that begin with + are written. To keep a line that goes, make its - a blank; to take out
# one that stays, make its blank a -. The numbers behind @@ do not matter.
# An empty or unchanged text leaves the hunk as it is. These lines are left out.
";

const AS_IT_WAS: &str = "the hunk is as it was";

/// Columns of a name inside the text.
const NAME: usize = 60;

pub fn can_edit(state: &State) -> Result<(), String> {
    let Screen::Review(review) = &state.screen else { return Err("no review is open".to_owned()) };
    if current_hunk(review).is_some() {
        return Ok(());
    }
    Err(match (review.items.get(review.at), current_fix(review)) {
        (Some(ReviewItem::File(_)), _) => "the cursor is on a file; ]c goes to a hunk".to_owned(),
        (_, Some(fix)) if fix.diffs.is_empty() => "this fix has no hunk to edit: it has no place".to_owned(),
        (_, Some(_)) => "this fix has several hunks; ]c goes to one".to_owned(),
        (_, None) => "no fix in the batch".to_owned(),
    })
}

/// Gives the hunk under the cursor to the editor.
pub fn edit(state: &mut State) -> Vec<Effect> {
    let Screen::Review(review) = &state.screen else { return Vec::new() };
    let Some((fix, diff, hunk)) = current_hunk(review) else { return Vec::new() };
    let key = (fix.id, hunk.id);
    let known = review.choices.edits.get(&key).and_then(|edit| edit.draft.as_ref().or(edit.text.as_ref()));
    let lines = known.map_or_else(|| Cow::Owned(as_text(hunk)), |text| Cow::Borrowed(text.as_str()));
    let mut head = String::new();
    if hunk.state == HunkState::Broken {
        head.push_str(&comment(&fix.why));
    }
    let about = format!("a hunk of {} in {} ({})", fix.id, text::cut_start(&diff.path, NAME), fix.tool);
    let end = if lines.ends_with('\n') { "" } else { "\n" };
    let changed = lines.lines().position(|line| line.starts_with(['+', '-'])).unwrap_or(0);
    let line = u32::try_from(head.lines().count() + changed + 1).unwrap_or(1);
    let text = format!("{head}{lines}{end}{}{HELP}", comment(&about));
    vec![Effect::EditHunk(Box::new(HunkEdit { fix: fix.id, hunk: hunk.id, text, line }))]
}

/// One line that is left out again; what it says is from outside.
fn comment(said: &str) -> String {
    format!("# {}\n", text::visible(said))
}

/// The hunk as `git diff` writes it, without its file.
fn as_text(hunk: &Hunk) -> String {
    let mut out = hunk.heading() + "\n";
    for line in &hunk.lines {
        out.push(line.kind.sign());
        out.push_str(&line.text());
        out.push('\n');
        if line.no_newline {
            out.push_str("\\ No newline at end of file\n");
        }
    }
    out
}

/// The text without the lines that came with the hunk.
fn without_comments(text: &str, given: &str) -> String {
    let comments: Vec<&str> = given.lines().filter(|line| line.starts_with("# ")).collect();
    let own = text.lines().filter(|line| !comments.contains(&line.trim_end()));
    own.flat_map(|line| [line, "\n"]).collect()
}

/// Takes what the editor left.
pub fn edited(state: &mut State, edit: &HunkEdit, saved: HunkSaved) -> Vec<Effect> {
    let HunkSaved { text, problem } = saved;
    let given = without_comments(&edit.text, &edit.text);
    let text = text.map(|text| without_comments(&text, &edit.text));
    let is_kept = text.as_ref().is_none_or(|text| text.trim().is_empty() || text.trim_end() == given.trim_end());
    let Some(review) = review(state) else {
        if let Some(problem) = problem {
            state.fail(problem);
        }
        return Vec::new();
    };
    let choices = &mut review.choices;
    let key = (edit.fix, edit.hunk);
    let has_draft = choices.edits.get(&key).is_some_and(|known| known.draft.is_some());
    match (text, problem) {
        (Some(text), Some(problem)) if !is_kept => {
            choices.edits.entry(key).or_default().draft = Some(text);
            state.fail(problem.hint("E goes on with what was saved"));
            Vec::new()
        }
        (_, Some(problem)) => {
            state.fail(problem.hint(AS_IT_WAS));
            Vec::new()
        }
        // A draft that is left as it is counts.
        (Some(text), None) if !is_kept || (has_draft && !text.trim().is_empty()) => {
            choices.edits.insert(key, Edit { text: Some(text), draft: None });
            // What was looked at is not what is written now.
            choices.included.remove(&edit.fix);
            choices.dropped.remove(&edit.fix);
            choices.left_out.remove(&key);
            review.edited = Some(edit.fix);
            plan(state)
        }
        (text, None) => {
            let is_empty = text.is_none_or(|text| text.trim().is_empty());
            let why = if is_empty { "the text is empty" } else { "nothing was changed" };
            state.say(Tone::Info, format!("{why}: {AS_IT_WAS}"));
            Vec::new()
        }
    }
}

pub fn can_forget(state: &State) -> Result<(), String> {
    let Screen::Review(review) = &state.screen else { return Err("no review is open".to_owned()) };
    let key = current_hunk(review).map(|(fix, _, hunk)| (fix.id, hunk.id));
    if key.is_some_and(|key| review.choices.edits.contains_key(&key)) {
        return Ok(());
    }
    Err("no hunk that you have edited; E edits one".to_owned())
}

/// Takes the hunk as its source has it again.
pub fn forget(state: &mut State) -> Vec<Effect> {
    let Some(review) = review(state) else { return Vec::new() };
    let key = current_hunk(review).map(|(fix, _, hunk)| (fix.id, hunk.id));
    if let Some(key) = key {
        review.choices.edits.remove(&key);
        review.choices.included.remove(&key.0);
    }
    plan(state)
}
