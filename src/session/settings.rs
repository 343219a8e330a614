//! The user's own settings: theme, signs, keys, fix commands. A file that is wrong costs only what is wrong in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use crate::app::keymap::Keymap;
use crate::app::state::Ladder;
use crate::model::due::{Due, MAX_DAYS};
use crate::model::fix::FixCommand;
use crate::model::priority::Priority;
use crate::model::problem::{Loss, Problem};
use crate::model::proof::Check;
use crate::model::reach::Lane;

use super::appearance::config_folders;
use super::priority;

/// Largest settings file, in bytes.
const MAX: usize = 256 << 10;

/// What the user's file says.
#[derive(Debug, Default)]
pub struct Settings {
    pub theme: Option<String>,
    pub ascii: bool,
    /// Whether the list starts with the rungs of each finding.
    pub ladder: Ladder,
    pub keymap: Arc<Keymap>,
    /// Programs that propose fixes, by name. Only the user's own file can name one, never a repository's.
    pub commands: Vec<FixCommand>,
    /// The command that proves a batch; the same holds for it.
    pub check: Option<Check>,
    /// The table of the lanes and the weights of the score.
    pub priority: Priority,
    /// The days that findings may take.
    pub due: Due,
    /// What of the problems concerns lanes, scores and days.
    pub amiss: Vec<Problem>,
    pub problems: Vec<Problem>,
}

/// `quell/config.toml` in the user's configuration folder.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    theme: Option<String>,
    ascii: bool,
    ladder: bool,
    keys: BTreeMap<String, Keys>,
    fix: Fix,
    priority: priority::Section,
    due: BTreeMap<String, toml::Value>,
}

/// `[fix]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fix {
    command: BTreeMap<String, Command>,
    verify: Vec<String>,
    verify_seconds: Option<u64>,
}

/// `[fix.command.NAME]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    run: Vec<String>,
    #[serde(default = "default_seconds")]
    seconds: u64,
}

/// How long a fix command may take, in seconds, and the most that can be asked for.
fn default_seconds() -> u64 {
    120
}
const MAX_SECONDS: u64 = 3_600;
/// The same for one run of the command that proves a batch.
const VERIFY_SECONDS: u64 = 1_800;
const MAX_VERIFY_SECONDS: u64 = 86_400;

/// New keys of one command: `"x"`, or `["x", "g x"]`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Keys {
    One(String),
    Many(Vec<String>),
}

/// Where the settings are looked for, the first one that exists counts.
pub fn settings_files() -> Vec<PathBuf> {
    config_folders().into_iter().map(|folder| folder.join("quell/config.toml")).collect()
}

/// Reads the settings; the defaults where there is no file.
pub fn settings() -> Settings {
    let Some(path) = settings_files().into_iter().find(|path| path.is_file()) else { return Settings::default() };
    let name = path.display().to_string();
    let problem = |reason: String| Problem {
        file: name.clone(),
        place: String::new(),
        reason,
        hint: "correct it; until then the defaults hold".to_owned(),
        loss: Loss::Nothing,
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) if text.len() <= MAX => text,
        Ok(text) => {
            return unread(problem(format!("it has {} bytes, too many for settings", text.len())));
        }
        Err(error) => return unread(problem(error.to_string())),
    };
    match toml::from_str::<File>(&text) {
        Ok(file) => {
            let keys: Vec<(String, Vec<String>)> =
                file.keys.into_iter().map(|(name, keys)| (name, keys.all())).collect();
            let (keymap, errors) = Keymap::with(&keys);
            let (check, amiss) = check(file.fix.verify, file.fix.verify_seconds);
            let (commands, wrong) = commands(file.fix.command);
            let (priority, unfit) = file.priority.read(&name);
            let (due, unfit_days) = due(&file.due);
            let unfit: Vec<Problem> = unfit.into_iter().chain(unfit_days).map(&problem).collect();
            let problems = errors.into_iter().chain(wrong).chain(amiss).map(&problem).chain(unfit.clone()).collect();
            let (theme, ascii, keymap) = (file.theme, file.ascii, Arc::new(keymap));
            let ladder = if file.ladder { Ladder::Shown } else { Ladder::Hidden };
            Settings { theme, ascii, ladder, keymap, commands, check, priority, due, amiss: unfit, problems }
        }
        Err(error) => unread(problem(error.message().to_owned())),
    }
}

/// The defaults, with what is wrong with the whole file.
fn unread(problem: Problem) -> Settings {
    Settings { amiss: vec![problem.clone()], problems: vec![problem], ..Settings::default() }
}

/// The days of each lane: a number, or `"never"`. What is wrong costs only itself.
fn due(stated: &BTreeMap<String, toml::Value>) -> (Due, Vec<String>) {
    let (mut due, mut wrong) = (Due::default(), Vec::new());
    for (name, value) in stated {
        let days = match value {
            toml::Value::String(word) if word == "never" => Some(None),
            value => {
                value.as_integer().and_then(|days| u16::try_from(days).ok()).filter(|days| *days <= MAX_DAYS).map(Some)
            }
        };
        match (Lane::parse(name), days) {
            (Some(lane), Some(days)) => due.set(lane, days),
            (None, _) => {
                let lanes: Vec<&str> = Lane::ALL.iter().map(|lane| lane.name()).collect();
                wrong.push(format!("due.{name} is none of {}", lanes.join(", ")));
            }
            (Some(_), None) => {
                wrong.push(format!("due.{name} is {value}, and takes days from 0 to {MAX_DAYS}, or \"never\""));
            }
        }
    }
    (due, wrong)
}

/// The command that proves a batch, if one is named, and what is wrong with it.
fn check(command: Vec<String>, seconds: Option<u64>) -> (Option<Check>, Option<String>) {
    let seconds = seconds.unwrap_or(VERIFY_SECONDS);
    match command.first() {
        None => (None, None),
        Some(program) if program.is_empty() => (None, Some("fix.verify names no program".to_owned())),
        Some(_) if !(1..=MAX_VERIFY_SECONDS).contains(&seconds) => {
            (None, Some(format!("fix.verify_seconds is from 1 to {MAX_VERIFY_SECONDS}")))
        }
        Some(_) => (Some(Check { command, seconds }), None),
    }
}

/// The commands that can be run, and what is wrong with the others.
fn commands(stated: BTreeMap<String, Command>) -> (Vec<FixCommand>, Vec<String>) {
    let (mut commands, mut wrong) = (Vec::new(), Vec::new());
    for (name, Command { run, seconds }) in stated {
        if run.first().is_none_or(String::is_empty) {
            wrong.push(format!("fix.command.{name}: `run` names no program"));
        } else if !(1..=MAX_SECONDS).contains(&seconds) {
            wrong.push(format!("fix.command.{name}: `seconds` is from 1 to {MAX_SECONDS}"));
        } else {
            commands.push(FixCommand { name, run, seconds });
        }
    }
    (commands, wrong)
}

impl Keys {
    fn all(self) -> Vec<String> {
        match self {
            Self::One(keys) => vec![keys],
            Self::Many(keys) => keys,
        }
    }
}
