//! The loop: waits for keys, answers of the worker and signals, hands them to `update`, draws once for all that
//! waited, and does what only the holder of the terminal can do (editor, clipboard, suspend).

mod appearance;
mod clipboard;
mod crash;
mod editor;
mod events;
mod log;
mod print;
mod priority;
mod settings;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use jiff::civil::Date;
use ratatui::Terminal;
use signal_hook::consts::SIGTSTP;

use crate::app::answer;
use crate::app::effect::{Effect, Msg, Ticket};
use crate::app::keymap::Keymap;
use crate::app::state::{Ladder, State, Tone};
use crate::app::update::{self, Input};
use crate::model::problem::Problem;
use crate::query::Lens;
use crate::terminal::Tty;
use crate::ui::backend::Painter;
use crate::ui::{Theme, view};
pub use crate::worker::Link;

pub use appearance::{Color, theme};
pub use print::{Paint, print};
pub use settings::{Settings, settings, settings_files};

use crash::Crashes;
use events::{Event, Inputs};
use log::Log;

/// Exit codes of the console (`design: commands`).
const DONE: u8 = 0;
const INTERNAL: u8 = 5;
const HANGUP: u8 = 129;

/// Most events that are taken before a frame is drawn: a flood must not freeze the screen.
const BATCH: usize = 256;

/// Room for events that wait; behind it, the terminal and the worker wait.
const QUEUE: usize = 256;

/// What the console is started with.
pub struct Options {
    /// Name of a theme, or path of a theme file; the default theme without.
    pub theme: Option<String>,
    pub ascii: bool,
    pub color: Color,
    /// Query, grouping and sorting that the list starts with; an empty sort is the default one.
    pub lens: Lens,
    /// Where notices and problems are written as they come up.
    pub log_file: Option<PathBuf>,
    pub keymap: Arc<Keymap>,
    pub ladder: Ladder,
    /// Names of the fix commands.
    pub commands: Vec<String>,
    /// The command that proves a batch, as it is shown.
    pub check: Option<String>,
    /// What was wrong before the console began, to be said in it.
    pub problems: Vec<Problem>,
    /// Root of the repository: where the editor is started.
    pub root: PathBuf,
    pub today: Date,
    /// Starts the worker, after the first frame is out.
    pub start: Box<dyn FnOnce() -> Result<Link, Problem>>,
}

/// Runs the console until it is left; returns the exit code.
///
/// Fails, with the terminal as it was, where there is no terminal or the theme cannot be used.
pub fn run(options: Options) -> Result<u8, Problem> {
    let theme = theme(options.theme.as_deref(), options.color, options.ascii)?;
    let no_terminal = |error: io::Error| {
        Problem::of_file("terminal", error.to_string(), "use `quell status` or `quell list` without one")
    };
    let log = Log::open(options.log_file.as_deref())?;
    let tty = Tty::open().map_err(no_terminal)?;
    let crashes = Crashes::watch(&tty);
    let code = crash::catch(|| {
        let _guard = tty.guard();
        let session = Session::new(&tty, theme, log, &options, &crashes);
        session.map_or(HANGUP, |session| session.run(options.start))
    });
    crashes.tell();
    Ok(code.unwrap_or(INTERNAL))
}

struct Session {
    state: State,
    theme: Theme,
    tty: Tty,
    screen: Terminal<Painter<Tty>>,
    root: PathBuf,
    events: Receiver<Event>,
    sender: SyncSender<Event>,
    inputs: Inputs,
    worker: Option<Worker>,
    /// Rows are being looked for, charts counted: done in turns when nothing else waits.
    looking: VecDeque<Ticket>,
    /// Whether the state was changed since the last frame.
    is_changed: bool,
    log: Log,
}

/// The worker's queue, and the thread that ends when all that was asked for is written.
struct Worker {
    effects: SyncSender<Effect>,
    thread: JoinHandle<()>,
}

/// What follows an event.
enum Next {
    Go,
    Leave(u8),
}

impl Session {
    fn new(tty: &Tty, theme: Theme, log: Log, options: &Options, crashes: &Crashes) -> io::Result<Self> {
        let (sender, events) = sync_channel(QUEUE);
        crashes.report_to(&sender);
        let mut state = State::new(options.today);
        let size = tty.size();
        state.size = (size.width, size.height);
        update::look_through(&mut state, options.lens.clone());
        state.keymap = Arc::clone(&options.keymap);
        state.list.ladder = options.ladder;
        state.commands.clone_from(&options.commands);
        state.check.clone_from(&options.check);
        state.own_problems.clone_from(&options.problems);
        Ok(Self {
            log,
            state,
            theme,
            tty: tty.clone(),
            screen: Terminal::new(Painter::new(tty.clone(), size))?,
            root: options.root.clone(),
            events,
            inputs: Inputs::start(tty, &sender)?,
            sender,
            worker: None,
            looking: VecDeque::new(),
            is_changed: true,
        })
    }

    /// A terminal that takes nothing more is one that was closed; then too the worker ends what it has started.
    fn run(mut self, start: Box<dyn FnOnce() -> Result<Link, Problem>>) -> u8 {
        let code = self.work(start).unwrap_or(HANGUP);
        self.leave(code)
    }

    /// The first frame is out before anything is loaded.
    fn work(&mut self, start: Box<dyn FnOnce() -> Result<Link, Problem>>) -> io::Result<u8> {
        // Signals are heard by now: whatever happens, the terminal is given back.
        self.tty.take()?;
        self.draw(true)?;
        crash::test_panic();
        match start() {
            Ok(link) => self.connect(link),
            Err(problem) => drop(answer::receive(&mut self.state, Msg::Notice(problem))),
        }
        let effects = update::start(&mut self.state);
        let mut next = self.perform(effects)?;
        while matches!(next, Next::Go) {
            next = self.take_waiting()?;
            if self.is_changed && matches!(next, Next::Go) {
                self.draw(true)?;
            }
        }
        match next {
            Next::Go => Ok(DONE),
            Next::Leave(code) => Ok(code),
        }
    }

    fn connect(&mut self, link: Link) {
        let Link { effects, mut answers, thread } = link;
        let sender = self.sender.clone();
        std::thread::spawn(move || {
            // When the session has gone first, answers are thrown away until the worker is done.
            while let Some(msg) = answers.blocking_recv() {
                let _ = sender.send(Event::Msg(Box::new(msg)));
            }
            let _ = sender.send(Event::WorkerIsGone);
        });
        self.worker = Some(Worker { effects, thread });
    }

    /// Waits for an event, then takes all that wait behind it.
    fn take_waiting(&mut self) -> io::Result<Next> {
        let Some(first) = self.next_event() else { return Ok(Next::Leave(INTERNAL)) };
        let mut event = Some(first);
        for _ in 0..BATCH {
            let Some(taken) = event else { break };
            if let Next::Leave(code) = self.take(taken)? {
                return Ok(Next::Leave(code));
            }
            event = self.events.try_recv().ok();
        }
        Ok(Next::Go)
    }

    /// The next event; while rows are being looked for or charts counted, a slice of that if none waits.
    fn next_event(&mut self) -> Option<Event> {
        let Some(ticket) = self.looking.pop_front() else { return self.events.recv().ok() };
        match self.events.try_recv() {
            Ok(event) => {
                self.looking.push_front(ticket);
                Some(event)
            }
            Err(TryRecvError::Empty) => Some(Event::Msg(Box::new(Msg::GoOn(ticket)))),
            Err(TryRecvError::Disconnected) => None,
        }
    }

    fn take(&mut self, event: Event) -> io::Result<Next> {
        match event {
            Event::Input(input) => self.take_input(input),
            Event::Resized => {
                let size = self.tty.size();
                self.take_input(Input::Resize(size.width, size.height))
            }
            Event::Msg(msg) => {
                let is_slice = matches!(*msg, Msg::GoOn(_));
                let start = Instant::now();
                let effects = answer::receive(&mut self.state, *msg);
                if is_slice {
                    update::slice_took(&mut self.state, start.elapsed());
                }
                // A slice that is not the last changes nothing on the screen.
                let tickets = &self.state.tickets;
                self.is_changed |= !is_slice || tickets.rows.is_none() && tickets.counting.is_none();
                self.perform(effects)
            }
            Event::Suspend => self.suspend(),
            Event::Continued => self.repaint(),
            Event::Crashed(message) => {
                self.state.say(Tone::Error, message);
                self.is_changed = true;
                Ok(Next::Go)
            }
            Event::Stop(code) => Ok(Next::Leave(code)),
            Event::WorkerIsGone => Ok(Next::Leave(INTERNAL)),
        }
    }

    /// A decision acts on what the last frame has shown: what is typed ahead waits for that frame.
    fn take_input(&mut self, input: Input) -> io::Result<Next> {
        if let Input::Resize(width, height) = input {
            self.screen.backend_mut().resize(ratatui::layout::Size { width, height });
        }
        let effects = update::settle(&mut self.state, &input);
        if let Next::Leave(code) = self.perform(effects)? {
            return Ok(Next::Leave(code));
        }
        if update::needs_frame(&self.state, &input) {
            self.draw(false)?;
        }
        let effects = update::input(&mut self.state, input);
        self.is_changed = true;
        self.perform(effects)
    }

    fn draw(&mut self, is_settled: bool) -> io::Result<()> {
        let (state, theme) = (&self.state, &self.theme);
        self.screen.draw(|frame| view(frame, state, theme))?;
        self.is_changed = false;
        self.log.note(self.state.notice.as_ref());
        update::frame_is_out(&mut self.state, is_settled);
        Ok(())
    }

    fn perform(&mut self, effects: Vec<Effect>) -> io::Result<Next> {
        for effect in effects {
            let next = match effect {
                Effect::Edit { path, line } => {
                    self.edit(|tty, root| Msg::Edited(editor::open(tty, root, &path, line)))?
                }
                Effect::EditHunk(edit) => self.edit(|tty, root| {
                    let saved = editor::edit_hunk(tty, root, &edit);
                    Msg::HunkEdited(edit, saved)
                })?,
                Effect::Copy(text) => self.copy(&text)?,
                Effect::MouseCapture(on) => {
                    self.tty.set_mouse(on)?;
                    Next::Go
                }
                Effect::GoOn(ticket) => {
                    let wanted = [self.state.tickets.rows, self.state.tickets.counting];
                    self.looking.retain(|known| wanted.contains(&Some(*known)));
                    self.looking.push_back(ticket);
                    Next::Go
                }
                Effect::Suspend => self.suspend()?,
                Effect::Quit => Next::Leave(DONE),
                work => self.hand_over(work),
            };
            if matches!(next, Next::Leave(_)) {
                return Ok(next);
            }
        }
        Ok(Next::Go)
    }

    fn hand_over(&mut self, work: Effect) -> Next {
        match self.worker.as_ref().map(|worker| worker.effects.try_send(work)) {
            Some(Err(TrySendError::Full(_))) => {
                self.state.say(Tone::Error, "too much work is waiting, this was not started; press the key again");
                self.is_changed = true;
            }
            // A worker that is gone says so itself.
            Some(Ok(()) | Err(TrySendError::Disconnected(_))) | None => {}
        }
        Next::Go
    }

    /// The editor has the terminal until it ends.
    fn edit(&mut self, run: impl FnOnce(&Tty, &Path) -> Msg) -> io::Result<Next> {
        self.inputs.pause();
        self.tty.give_back();
        let msg = run(&self.tty, &self.root);
        self.repaint()?;
        self.inputs.resume();
        let effects = answer::receive(&mut self.state, msg);
        self.is_changed = true;
        self.perform(effects)
    }

    fn copy(&mut self, text: &str) -> io::Result<Next> {
        if let Err(problem) = clipboard::send(&self.tty, text)? {
            let effects = answer::receive(&mut self.state, Msg::Notice(problem));
            self.is_changed = true;
            return self.perform(effects);
        }
        Ok(Next::Go)
    }

    /// Stops this process as `ctrl-z` in a shell does; goes on here when it is continued.
    fn suspend(&mut self) -> io::Result<Next> {
        self.tty.give_back();
        signal_hook::low_level::emulate_default_handler(SIGTSTP)?;
        self.repaint()
    }

    /// Takes the terminal again and draws everything, whatever has happened to it in between.
    fn repaint(&mut self) -> io::Result<Next> {
        self.tty.take()?;
        self.screen.backend_mut().forget();
        self.screen.clear()?;
        let size = self.tty.size();
        self.take_input(Input::Resize(size.width, size.height))
    }

    /// Gives the terminal back, then waits for what the worker is writing. A second signal does not wait.
    fn leave(self, code: u8) -> u8 {
        self.tty.give_back();
        let Self { worker, events, .. } = self;
        drop(events);
        if let Some(Worker { effects, thread }) = worker {
            drop(effects);
            // A thread that panicked has been reported.
            let _ = thread.join();
        }
        code
    }
}
