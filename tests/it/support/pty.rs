//! A program in a real pseudo-terminal, with a model of its screen.

use std::io::{Read, Write};
use std::num::NonZero;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::termios::{Action, LocalModes, tcflow, tcgetattr};

/// Longest wait for anything; a busy machine is slow, a broken program is slower.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running program and what its terminal shows.
pub(crate) struct Pty {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<Mutex<Seen>>,
    reader: Option<JoinHandle<()>>,
}

struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    /// Whether the reader ends at the next output; it keeps the terminal open.
    is_enough: bool,
}

/// What must be as it was when a program has left.
#[derive(Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one mode of a terminal")]
pub(crate) struct Modes {
    pub(crate) alternate_screen: bool,
    pub(crate) cursor_is_hidden: bool,
    pub(crate) bracketed_paste: bool,
    pub(crate) mouse: bool,
    /// Cursor keys or the number block send other codes than usual.
    pub(crate) application_keys: bool,
    pub(crate) echo: bool,
}

pub(crate) const UNTOUCHED: Modes = Modes {
    alternate_screen: false,
    cursor_is_hidden: false,
    bracketed_paste: false,
    mouse: false,
    application_keys: false,
    echo: true,
};

impl Pty {
    /// Starts a command in a terminal of this size.
    pub(crate) fn spawn(command: CommandBuilder, (columns, rows): (u16, u16)) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let parser = vt100::Parser::new(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap(), 0);
        let seen = Arc::new(Mutex::new(Seen { parser, bytes: Vec::new(), is_enough: false }));
        let shared = Arc::clone(&seen);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                let mut seen = shared.lock().unwrap();
                seen.parser.process(&buffer[..read]);
                seen.bytes.extend_from_slice(&buffer[..read]);
                if seen.is_enough {
                    return;
                }
            }
        });
        Self { master: Some(pair.master), writer: Some(writer), child, seen, reader: Some(reader) }
    }

    pub(crate) fn send(&mut self, keys: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    pub(crate) fn screen(&self) -> String {
        self.seen.lock().unwrap().parser.screen().contents()
    }

    /// Bytes written so far.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.seen.lock().unwrap().bytes.clone()
    }

    /// Forgets the screen, to see what is drawn from now on.
    pub(crate) fn wipe(&self) {
        self.seen.lock().unwrap().parser.process(b"\x1b[2J");
    }

    /// Waits until the screen shows a text.
    pub(crate) fn wait(&self, needle: &str) {
        self.wait_for(needle, |pty| pty.screen().contains(needle));
    }

    /// Waits until the screen shows a text, or the program is gone.
    pub(crate) fn wait_or_end(&self, needle: &str) {
        let is_gone = |pty: &Self| pty.reader.as_ref().is_some_and(JoinHandle::is_finished);
        self.wait_for(needle, |pty| is_gone(pty) || pty.screen().contains(needle));
    }

    /// Waits until something holds; polls, because nothing tells when a program has drawn.
    pub(crate) fn wait_for(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            assert!(start.elapsed() < PATIENCE, "waited for {what:?}; the screen is\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    pub(crate) fn resize(&self, (columns, rows): (u16, u16)) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let mut seen = self.seen.lock().unwrap();
        seen.parser.screen_mut().set_size(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap());
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    pub(crate) fn modes(&self) -> Modes {
        let echo = self.echoes();
        let seen = self.seen.lock().unwrap();
        let screen = seen.parser.screen();
        Modes {
            alternate_screen: screen.alternate_screen(),
            cursor_is_hidden: screen.hide_cursor(),
            bracketed_paste: screen.bracketed_paste(),
            mouse: screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None,
            application_keys: screen.application_cursor() || screen.application_keypad(),
            echo,
        }
    }

    /// Whether the terminal is in its normal mode, by its settings.
    pub(crate) fn echoes(&self) -> bool {
        let modes = tcgetattr(self.terminal()).unwrap().local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON)
    }

    /// From now on the terminal takes nothing: who writes to it waits.
    pub(crate) fn stall(&self) {
        tcflow(self.terminal(), Action::OOff).unwrap();
    }

    /// The side of the program.
    fn terminal(&self) -> OwnedFd {
        let name = self.master.as_ref().unwrap().tty_name().unwrap();
        let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::NOCTTY;
        rustix::fs::open(name, flags, rustix::fs::Mode::empty()).unwrap()
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    fn pid(&self) -> rustix::process::Pid {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        rustix::process::Pid::from_raw(pid).unwrap()
    }

    /// Whether the kernel says that the process is stopped.
    pub(crate) fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid().as_raw_nonzero())).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
    }

    /// Closes the terminal under the program; it has to draw once more for that.
    pub(crate) fn hang_up(&mut self) {
        self.seen.lock().unwrap().is_enough = true;
        // The reader ends at the next output: a process of another session hears of no resize, but of a key.
        self.send("?");
        self.resize((81, 25));
        self.reader.take().unwrap().join().unwrap();
        self.writer = None;
        self.master = None;
    }

    pub(crate) fn exit_code(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return ExitStatus::exit_code(&status);
            }
            if start.elapsed() > PATIENCE {
                let _ = self.child.kill();
                panic!("it is still running; the screen is\n{}", self.screen());
            }
            std::thread::sleep(Duration::from_millis(3));
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
