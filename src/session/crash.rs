//! A panic is our mistake: the terminal is given back first, then a short report is written and its place is said.

use std::backtrace::Backtrace;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::terminal::Tty;

use super::events::Event;

/// Panics since the start.
pub(super) struct Crashes(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    /// What the person is told in the end.
    messages: Vec<String>,
    /// Who is told of other threads' panics at once.
    session: Option<SyncSender<Event>>,
}

impl Crashes {
    /// From now on a panic writes a report; one of this thread also gives the terminal back, before anything
    /// that could go wrong while unwinding.
    pub(super) fn watch(tty: &Tty) -> Self {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let (tty, shared, owner) = (tty.clone(), Arc::clone(&seen), thread::current().id());
        panic::set_hook(Box::new(move |info| {
            let is_ours = thread::current().id() == owner;
            if is_ours {
                tty.give_back();
            }
            let message = message(info);
            let mut seen = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(session) = seen.session.as_ref().filter(|_| !is_ours) {
                // A full queue loses the notice; the message is still told in the end.
                let _ = session.try_send(Event::Crashed(message.clone()));
            }
            seen.messages.push(message);
        }));
        Self(seen)
    }

    pub(super) fn report_to(&self, session: &SyncSender<Event>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).session = Some(session.clone());
    }

    /// Runs the session; `None` when it panicked.
    pub(super) fn catch<T>(&self, session: impl FnOnce() -> T) -> Option<T> {
        panic::catch_unwind(AssertUnwindSafe(session)).ok()
    }

    /// Says on standard error what went wrong, now that the terminal is given back.
    pub(super) fn tell(&self) {
        drop(panic::take_hook());
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for message in &seen.messages {
            // Nobody reads a standard error that is closed.
            let _ = writeln!(std::io::stderr(), "{message}");
        }
    }
}

/// One line for the person; the rest is in the report that it names.
fn message(info: &PanicHookInfo) -> String {
    let what = info.payload_as_str().unwrap_or("a panic without a message");
    let place = info.location().map_or_else(String::new, |location| format!(" at {location}"));
    let what = crate::model::text::visible(what).into_owned();
    match write_report(&format!("{what}{place}")) {
        Some(path) => format!("quell: internal error: {what}{place}; report: {}", path.display()),
        None => format!("quell: internal error: {what}{place}"),
    }
}

/// Version, place and stack: nothing of reports or code. Readable by its owner only.
fn write_report(summary: &str) -> Option<PathBuf> {
    let thread = thread::current().name().unwrap_or("unnamed").to_owned();
    let text = format!(
        "quell {} on {} {}\nthread: {thread}\n{summary}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        Backtrace::force_capture()
    );
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("quell-crash-").suffix(".txt");
    let mut file = builder.tempfile().ok()?;
    file.write_all(text.as_bytes()).ok()?;
    let (_, path) = file.keep().ok()?;
    Some(path)
}

/// Lets a test see what a panic leaves behind.
#[expect(clippy::panic, reason = "a test asks for it, in debug builds only")]
pub(super) fn test_panic() {
    if cfg!(debug_assertions) && std::env::var_os("QUELL_TEST_PANIC").is_some() {
        panic!("asked for by QUELL_TEST_PANIC");
    }
}
