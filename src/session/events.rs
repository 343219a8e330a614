//! Where events come from: one thread reads the terminal and sees it vanish, one waits for signals.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;

use crate::app::effect::Msg;
use crate::app::key::{Code, Key};
use crate::app::update::Input;
use crate::terminal::Tty;

use super::HANGUP;

/// How long the session has to end by itself after a hangup: long enough for a write, short
/// enough that nobody finds an orphan.
const GRACE: Duration = Duration::from_millis(600);

/// How long a terminal that has to be given back may take nothing.
const PATIENCE: Duration = Duration::from_millis(200);

/// One thing that the session takes.
pub(super) enum Event {
    Input(Input),
    Msg(Box<Msg>),
    Resized,
    Suspend,
    Continued,
    /// A thread of the worker panicked; what it was doing is lost, the rest goes on.
    Crashed(String),
    /// Leave with this exit code.
    Stop(u8),
    WorkerIsGone,
}

/// The thread that reads keys. It is paused while an editor has the terminal.
pub(super) struct Inputs {
    orders: UnixStream,
    is_paused: Receiver<()>,
    is_away: Arc<AtomicBool>,
}

impl Inputs {
    /// Starts reading keys and waiting for signals.
    pub(super) fn start(tty: &Tty, events: &SyncSender<Event>) -> io::Result<Self> {
        let (orders, inbox) = UnixStream::pair()?;
        let (paused, is_paused) = sync_channel(1);
        let is_away = Arc::new(AtomicBool::new(false));
        let reader = Reader { tty: tty.clone(), events: events.clone(), inbox, paused };
        thread::Builder::new().name("keys".into()).spawn(move || reader.run())?;
        let signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH])?;
        let watcher = Watcher { tty: tty.clone(), events: events.clone(), is_away: Arc::clone(&is_away) };
        thread::Builder::new().name("signals".into()).spawn(move || watcher.run(signals))?;
        Ok(Self { orders, is_paused, is_away })
    }

    /// Returns when no key is read any more.
    pub(super) fn pause(&mut self) {
        self.is_away.store(true, Ordering::SeqCst);
        // If the thread is gone, no key is read either.
        if self.orders.write_all(b"p").is_ok() {
            let _ = self.is_paused.recv();
        }
    }

    pub(super) fn resume(&mut self) {
        // If the thread is gone, the terminal is gone, and the session is about to end.
        let _ = self.orders.write_all(b"r");
        self.is_away.store(false, Ordering::SeqCst);
    }
}

struct Reader {
    tty: Tty,
    events: SyncSender<Event>,
    inbox: UnixStream,
    paused: SyncSender<()>,
}

/// Why the reader stopped.
enum End {
    /// The session ended.
    Session,
    /// The terminal is gone.
    Terminal,
}

impl Reader {
    fn run(mut self) {
        match self.read_all() {
            End::Session => {}
            End::Terminal => hang_up(&self.tty, &self.events),
        }
    }

    fn read_all(&mut self) -> End {
        let mut is_paused = false;
        loop {
            // Without any flag a hangup is still reported: also while an editor reads the keys.
            let wanted = if is_paused { PollFlags::empty() } else { PollFlags::IN };
            let mut fds = [PollFd::from_borrowed_fd(self.tty.input(), wanted), PollFd::new(&self.inbox, PollFlags::IN)];
            match poll(&mut fds, None) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => return End::Terminal,
            }
            let (keys, orders) = (fds[0].revents(), fds[1].revents());
            if keys.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
                return End::Terminal;
            }
            if !orders.is_empty() {
                match self.order() {
                    Some(pause) => is_paused = pause,
                    None => return End::Session,
                }
            } else if keys.contains(PollFlags::IN) {
                match self.read_ready() {
                    Ok(true) => {}
                    Ok(false) => return End::Session,
                    Err(_) => return End::Terminal,
                }
            }
        }
    }

    /// Whether to pause; `None` when the session is gone.
    fn order(&mut self) -> Option<bool> {
        let mut byte = [0];
        match self.inbox.read(&mut byte) {
            Ok(1) if byte == *b"p" => {
                self.paused.send(()).ok()?;
                Some(true)
            }
            Ok(1) => Some(false),
            Ok(_) | Err(_) => None,
        }
    }

    /// Reads what has arrived; `false` when nobody takes it any more.
    fn read_ready(&self) -> io::Result<bool> {
        while event::poll(Duration::from_millis(1))? {
            for input in inputs(event::read()?) {
                if self.events.send(Event::Input(input)).is_err() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// The terminal was closed under us. The session gets a moment to finish a write, and no more.
fn hang_up(tty: &Tty, events: &SyncSender<Event>) {
    // When the queue is full or closed, the grace runs out all the same.
    let _ = events.try_send(Event::Stop(HANGUP));
    thread::sleep(GRACE);
    end(tty, HANGUP);
}

/// Ends the process, with the terminal as it was as far as it still takes something.
#[expect(clippy::exit, reason = "whatever hangs: a terminal that takes nothing holds its writer for ever")]
fn end(tty: &Tty, code: u8) {
    let (done, is_done) = sync_channel(1);
    let tty = tty.clone();
    thread::spawn(move || {
        tty.give_back();
        // Nobody waits any more if that took too long.
        let _ = done.send(());
    });
    // Without an answer it has taken too long.
    let _ = is_done.recv_timeout(PATIENCE);
    std::process::exit(i32::from(code));
}

/// A session that is told to end and writes to the terminal all the same is held by it.
fn end_if_held(tty: Tty, code: u8) {
    thread::spawn(move || {
        thread::sleep(GRACE);
        if tty.is_putting() {
            end(&tty, code);
        }
    });
}

struct Watcher {
    tty: Tty,
    events: SyncSender<Event>,
    /// Whether an editor has the terminal; then keys that make signals are meant for it.
    is_away: Arc<AtomicBool>,
}

impl Watcher {
    fn run(self, mut signals: Signals) {
        let mut is_stopping = false;
        for signal in &mut signals {
            let is_away = self.is_away.load(Ordering::SeqCst);
            let event = match signal {
                SIGHUP => return hang_up(&self.tty, &self.events),
                SIGINT | SIGCONT | SIGWINCH if is_away => continue,
                SIGTERM | SIGINT => {
                    // A session that has ended waits for the worker; one that takes nothing more hangs. A second
                    // signal ends both.
                    let is_taken = self.events.try_send(Event::Stop(exit_code(signal))).is_ok();
                    if is_stopping || !is_taken {
                        return end(&self.tty, exit_code(signal));
                    }
                    is_stopping = true;
                    end_if_held(self.tty.clone(), exit_code(signal));
                    continue;
                }
                // An editor that stops itself stops us as well, so that the shell comes back.
                SIGTSTP if is_away => {
                    let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
                    continue;
                }
                SIGTSTP => Event::Suspend,
                SIGCONT => Event::Continued,
                _ => Event::Resized,
            };
            // The session may have ended; then it is not told.
            let _ = self.events.send(event);
        }
    }
}

/// What shells report for a process that a signal has ended.
fn exit_code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

/// What an event of the terminal means. Quell has no Alt keys: terminals send Alt as Esc and the key, and so it is
/// taken, because Esc and a key typed fast look the same.
fn inputs(event: event::Event) -> Vec<Input> {
    match event {
        event::Event::Key(key) => keys(key).into_iter().map(Input::Key).collect(),
        event::Event::Paste(text) => vec![Input::Paste(text)],
        event::Event::Mouse(mouse) => self::mouse(mouse).into_iter().collect(),
        // Sizes come with the signal.
        event::Event::Resize(..) | event::Event::FocusGained | event::Event::FocusLost => Vec::new(),
    }
}

fn keys(event: KeyEvent) -> Vec<Key> {
    if event.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let shift = event.modifiers.contains(KeyModifiers::SHIFT);
    let key = |code: Code| Key { code, ctrl, shift };
    let key = match event.code {
        KeyCode::Char(c) => Key { code: Code::Char(c), ctrl, shift: false },
        KeyCode::Enter => key(Code::Enter),
        KeyCode::Esc => key(Code::Esc),
        KeyCode::Tab => key(Code::Tab),
        KeyCode::BackTab => Key { shift: true, ..key(Code::Tab) },
        KeyCode::Backspace => key(Code::Backspace),
        KeyCode::Delete => key(Code::Delete),
        KeyCode::Up => key(Code::Up),
        KeyCode::Down => key(Code::Down),
        KeyCode::Left => key(Code::Left),
        KeyCode::Right => key(Code::Right),
        KeyCode::Home => key(Code::Home),
        KeyCode::End => key(Code::End),
        KeyCode::PageUp => key(Code::PageUp),
        KeyCode::PageDown => key(Code::PageDown),
        KeyCode::Null => Key::ctrl(' '),
        _ => return Vec::new(),
    };
    if event.modifiers.contains(KeyModifiers::ALT) { vec![Key::code(Code::Esc), key] } else { vec![key] }
}

fn mouse(event: MouseEvent) -> Option<Input> {
    let (column, row) = (event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Input::Click(column, row)),
        MouseEventKind::ScrollDown => Some(Input::Wheel { down: true, column, row }),
        MouseEventKind::ScrollUp => Some(Input::Wheel { down: false, column, row }),
        _ => None,
    }
}
