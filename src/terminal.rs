//! The terminal while the console has it: raw mode, the second screen, bracketed paste, and all of it given back
//! on every way out. Nothing is ever asked of the terminal: answers would arrive as typed text.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::Show;
use crossterm::event::EnableBracketedPaste;
use crossterm::queue;
use crossterm::terminal::{EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};
use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

/// Clicks and wheel, with coordinates of any size; not every movement.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// What changes the meaning of keys and clicks, off: an editor that dies leaves on what it had switched on. Mouse reports
/// of every kind, focus reports, bracketed paste, application keys, xterm's `modifyOtherKeys`, and the key protocol of
/// kitty (<https://sw.kovidgoyal.net/kitty/keyboard-protocol/>: to take more from its stack than there is empties it).
/// Attributes come last: a terminal that does not know `CSI > 4 m` takes it for one.
const RESET: &[u8] =
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?1004l\x1b[?2004l\
    \x1b[?1l\x1b>\x1b[<99u\x1b[>4m\x1b[m";

/// A terminal without a size (a new pseudo-terminal has 0x0) is drawn for the classic one.
const FALLBACK: Size = Size { width: 80, height: 24 };

/// The terminal of this process. Clones are the same terminal.
#[derive(Clone, Debug)]
pub struct Tty(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// What keys come from: standard input, or `/dev/tty` where a report is piped in.
    input: OwnedFd,
    /// Standard output, without the buffer and lock of `std::io::stdout`.
    output: OwnedFd,
    before: Termios,
    is_ours: AtomicBool,
    has_mouse: AtomicBool,
    is_putting: AtomicBool,
}

/// Gives the terminal back when dropped.
#[derive(Debug)]
pub struct Guard(Tty);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

impl Tty {
    /// The terminal that standard output goes to.
    ///
    /// Fails where standard output is no terminal, or keys cannot be read.
    pub fn open() -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::new(io::ErrorKind::NotConnected, "standard output is not a terminal"));
        }
        let output = io::stdout().as_fd().try_clone_to_owned()?;
        let input = if io::stdin().is_terminal() {
            io::stdin().as_fd().try_clone_to_owned()?
        } else {
            OwnedFd::from(File::options().read(true).write(true).open("/dev/tty")?)
        };
        let before = tcgetattr(&input)?;
        let [is_ours, has_mouse, is_putting] = [false; 3].map(AtomicBool::new);
        Ok(Self(Arc::new(Inner { input, output, before, is_ours, has_mouse, is_putting })))
    }

    /// Gives the terminal back when it is dropped.
    pub fn guard(&self) -> Guard {
        Guard(self.clone())
    }

    /// Raw mode, second screen, bracketed paste. Taking it again is harmless: a shell or an editor may have changed it.
    pub fn take(&self) -> io::Result<()> {
        let mut raw = self.0.before.clone();
        raw.make_raw();
        tcsetattr(&self.0.input, OptionalActions::Now, &raw)?;
        self.0.is_ours.store(true, Ordering::SeqCst);
        let mut bytes = RESET.to_vec();
        queue!(bytes, EnterAlternateScreen)?;
        // Each screen has keys of its own in the protocol of kitty.
        bytes.extend_from_slice(RESET);
        queue!(bytes, EnableBracketedPaste)?;
        if self.0.has_mouse.load(Ordering::SeqCst) {
            bytes.extend_from_slice(MOUSE_ON);
        }
        self.put(&bytes)
    }

    /// Everything as it was before, as far as the terminal still takes something. Errors are not reported: it may be
    /// gone, and there is nobody left to tell. Can be called from any thread, any number of times.
    pub fn give_back(&self) {
        if !self.0.is_ours.swap(false, Ordering::SeqCst) {
            return;
        }
        let mut bytes = RESET.to_vec();
        // Writing into memory cannot fail.
        let _ = queue!(bytes, EndSynchronizedUpdate, LeaveAlternateScreen, Show);
        bytes.extend_from_slice(RESET);
        // First what needs no output: a terminal may be there and take nothing.
        let _ = tcsetattr(&self.0.input, OptionalActions::Now, &self.0.before);
        let _ = self.put(&bytes);
    }

    /// Whether clicks come as input. Off, the terminal's own selection works.
    pub fn set_mouse(&self, on: bool) -> io::Result<()> {
        self.0.has_mouse.store(on, Ordering::SeqCst);
        self.put(if on { MOUSE_ON } else { MOUSE_OFF })
    }

    /// Columns and rows.
    pub fn size(&self) -> Size {
        match tcgetwinsize(&self.0.output) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => Size { width: size.ws_col, height: size.ws_row },
            _ => FALLBACK,
        }
    }

    /// What keys come from.
    pub fn input(&self) -> BorrowedFd<'_> {
        self.0.input.as_fd()
    }

    /// Whether bytes are on their way to the terminal: for long only where it takes nothing.
    pub fn is_putting(&self) -> bool {
        self.0.is_putting.load(Ordering::SeqCst)
    }

    /// Writes all of it, also where somebody has made the terminal non-blocking.
    pub fn put(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.is_putting.store(true, Ordering::SeqCst);
        let outcome = self.put_all(bytes);
        self.0.is_putting.store(false, Ordering::SeqCst);
        outcome
    }

    fn put_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match rustix::io::write(&self.0.output, bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(rustix::io::Errno::AGAIN) => {
                    poll(&mut [PollFd::new(&self.0.output, PollFlags::OUT)], None)?;
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl Write for Tty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
