//! From arguments to an exit code.

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal};
use std::path::PathBuf;

use clap::{CommandFactory, Parser};
use tempfile::TempDir;

use crate::query::Lens;
use crate::{desk, session, worker};

use super::args::{Cli, Color, Command, Common, LensArgs, MoreFixes, TextFormat};
use super::exit::{Exit, Outcome, Stop};
use super::out::Out;
use super::work::{one_standard_input, open, parsed};
use super::{
    ai, check, context, decide, demo, evidence, exchange, explain, fix, ledger, list, report, show, status, undo,
};

/// Bytes that are gathered before they are written.
const BUFFER: usize = 64 << 10;

/// Runs one command line, the program's name first. Returns the exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> i32 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output, a usage error to standard error; a closed pipe is no error.
            let _ = error.print();
            return error.exit_code();
        }
    };
    let (to, from) = (io::stdout(), io::stderr());
    let (is_out_terminal, is_err_terminal) = (to.is_terminal(), from.is_terminal());
    let mut to = BufWriter::with_capacity(BUFFER, to.lock());
    let mut from = from.lock();
    let columns = is_out_terminal.then(terminal_columns).flatten();
    let mut out = Out::new(&mut to, has_colour(cli.common.color, is_out_terminal), columns);
    let mut err = Out::new(&mut from, has_colour(cli.common.color, is_err_terminal), None);
    let outcome = dispatch(cli, &mut out, &mut err).and_then(|code| Ok(out.flush().map(|()| code)?));
    match outcome {
        Ok(code) => code,
        Err(stop) => {
            let exit = stop.exit();
            // What was printed before the error is still wanted; nothing is left to tell if that fails too.
            let _ = out.flush();
            if exit != Exit::Done {
                let _ = err.line(&format!("quell: {stop}"));
            }
            exit as i32
        }
    }
}

fn dispatch(cli: Cli, out: &mut Out<'_>, err: &mut Out<'_>) -> Result<i32, Stop> {
    let common = cli.common;
    let outcome: Outcome = match cli.command {
        None => return review(&common, cli.lens, cli.more, cli.inputs.inputs, out, err),
        Some(Command::Review { lens, more, inputs }) => return review(&common, lens, more, inputs.inputs, out, err),
        Some(Command::Demo { dir, no_open }) => return open_demo(common, dir, no_open, out, err),
        Some(Command::List { lens, format, inputs }) => list::run(&common, &lens, format, inputs.inputs, out, err),
        Some(Command::Show { id, format, inputs }) => show::run(&common, &id, format, inputs.inputs, out, err),
        Some(Command::Explain { id, format, inputs }) => explain::run(&common, &id, format, inputs.inputs, out, err),
        Some(Command::Status { format, inputs }) => status::run(&common, format, inputs.inputs, out, err),
        Some(Command::Check { format, inputs }) => check::run(&common, format, inputs.inputs, out, err),
        Some(Command::Evidence { format, inputs }) => evidence::run(&common, format, inputs.inputs, out, err),
        Some(Command::Ai { query, format, inputs }) => {
            ai::run(&common, query.as_deref(), format, inputs.inputs, out, err)
        }
        Some(Command::Context { format, inputs }) => context::run(&common, format, inputs.inputs, out, err),
        Some(Command::Fix(args)) => fix::run(&common, &args, out, err),
        Some(Command::Undo { list: true, .. }) => undo::list(&common, out, err),
        Some(Command::Undo { count, files, list: false }) => undo::undo(&common, count, &files, out, err),
        Some(Command::Redo { count, files }) => undo::redo(&common, count, &files, out, err),
        Some(Command::Decide(args)) => decide::run(&common, *args, out, err),
        Some(Command::Ledger(command)) => ledger::run(&common, command, out, err),
        Some(Command::Report(args)) => report::run(&common, &args, out, err),
        Some(Command::Export(args)) => exchange::export(&common, &args, out, err),
        Some(Command::Import(args)) => exchange::import(&common, &args, out, err),
        Some(Command::Recover) => undo::recover(&common, out, err),
        Some(Command::Completions { shell }) => completions(shell, out),
        Some(Command::Man) => manual(out),
    };
    outcome.map(|exit| exit as i32)
}

/// The console; without a terminal the status, and a word on why.
fn review(
    common: &Common,
    lens: LensArgs,
    more: MoreFixes,
    inputs: Vec<String>,
    out: &mut Out<'_>,
    err: &mut Out<'_>,
) -> Result<i32, Stop> {
    let query = parsed(lens.query.as_deref().unwrap_or_default())?;
    one_standard_input(&inputs, &more.fixes)?;
    if !has_terminal(&inputs) {
        err.line("no terminal: this is the status; `quell --help` names the commands for scripts")?;
        return status::run(common, TextFormat::Text, inputs, out, err).map(|exit| exit as i32);
    }
    out.flush()?;
    let mut desk = open(common, inputs, lens.no_merge, err)?;
    desk.options.scans = desk::Keep::Noted;
    let settings = session::settings();
    desk.options.fixes = more.fixes;
    desk.options.commands.clone_from(&settings.commands);
    desk.options.check.clone_from(&settings.check);
    let (repo, unshared) = (desk.repo.clone(), desk.clone());
    let options = session::Options {
        theme: common.theme.clone().or(settings.theme),
        ascii: common.ascii || settings.ascii,
        color: match common.color {
            Color::Auto => session::Color::Auto,
            Color::Always => session::Color::Always,
            Color::Never => session::Color::Never,
        },
        lens: Lens { query, group: lens.group_by, sort: lens.sort, open_only: true },
        log_file: common.log_file.clone(),
        ladder: settings.ladder,
        keymap: settings.keymap,
        commands: settings.commands.into_iter().map(|command| command.name).collect(),
        check: settings.check.map(|check| shell_words::join(check.command)),
        problems: settings.problems,
        root: repo.root().to_owned(),
        today: desk::today(),
        start: Box::new(move || worker::start(desk)),
    };
    let code = session::run(options).map_err(Stop::usage)?;
    // A terminal that was closed takes no last word; the exit code says what happened.
    let _ = unshared.unshared().words().into_iter().try_for_each(|line| err.line(&line));
    Ok(i32::from(code))
}

fn open_demo(
    common: Common,
    dir: Option<PathBuf>,
    no_open: bool,
    out: &mut Out<'_>,
    err: &mut Out<'_>,
) -> Result<i32, Stop> {
    let dir = dir.map_or_else(|| tempfile::Builder::new().prefix("quell-demo-").tempdir().map(TempDir::keep), Ok)?;
    let made = demo::make(&dir).map_err(Stop::usage)?;
    out.line(&made.display().to_string())?;
    if no_open || !has_terminal(&[]) {
        return Ok(Exit::Done as i32);
    }
    let common = Common { repo: Some(made), ..common };
    review(&common, LensArgs::default(), MoreFixes::default(), Vec::new(), out, err)
}

/// Whether the console can be opened: standard output shows it, and keys come from standard input, or from the
/// terminal itself where standard input is a report.
fn has_terminal(inputs: &[String]) -> bool {
    let is_piped_report = inputs.iter().any(|input| input == "-");
    io::stdout().is_terminal() && (io::stdin().is_terminal() || is_piped_report)
}

fn terminal_columns() -> Option<usize> {
    crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// `NO_COLOR` (no-color.org) and a dumb terminal count where nothing else is asked for.
fn has_colour(wanted: Color, is_terminal: bool) -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match wanted {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}

fn completions(shell: clap_complete::Shell, out: &mut Out<'_>) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "quell", &mut script);
    out.raw(&script)?;
    Ok(Exit::Done)
}

fn manual(out: &mut Out<'_>) -> Outcome {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    out.raw(&page)?;
    Ok(Exit::Done)
}
