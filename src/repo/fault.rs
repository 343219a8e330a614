//! Interruptions on purpose, for the tests that a kill or a sick disk at any moment leaves the tree whole.
//! Debug builds read `QUELL_FAULT`; in release builds nothing of this exists.

#[cfg(debug_assertions)]
use std::sync::{Mutex, PoisonError, atomic::AtomicUsize, atomic::Ordering};

/// Effects since the fault was armed.
#[cfg(debug_assertions)]
static STEPS: AtomicUsize = AtomicUsize::new(0);

/// What counts instead of `QUELL_FAULT`.
#[cfg(debug_assertions)]
static ARMED: Mutex<Option<String>> = Mutex::new(None);

/// Called before every effect on the disk. `QUELL_FAULT=kill:7` kills the process at the seventh one without notice,
/// `stop:7` writes a dot to standard error there and waits for a byte from standard input; `fail:7` lets that one fail as
/// on a full disk, `io:7` as on a broken one, `denied:7` for want of a permission. With `fail:7+` all that follow fail too.
#[cfg(debug_assertions)]
pub(super) fn step() -> std::io::Result<()> {
    use rustix::io::Errno;
    let armed = ARMED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let Some(fault) = armed.or_else(|| std::env::var("QUELL_FAULT").ok()) else { return Ok(()) };
    let step = STEPS.fetch_add(1, Ordering::SeqCst) + 1;
    let (kind, at) = fault.split_once(':').unwrap_or_default();
    let first = at.trim_end_matches('+').parse().unwrap_or(usize::MAX);
    if step < first || (step > first && !at.ends_with('+')) {
        return Ok(());
    }
    match kind {
        "kill" => {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)?;
            // A signal to the process lets this thread run on for a while.
            loop {
                std::thread::park();
            }
        }
        "stop" => {
            rustix::io::write(rustix::stdio::stderr(), b".")?;
            rustix::io::read(rustix::stdio::stdin(), &mut [0; 1])?;
            Ok(())
        }
        "fail" => Err(Errno::NOSPC.into()),
        "io" => Err(Errno::IO.into()),
        "denied" => Err(Errno::ACCESS.into()),
        _ => Ok(()),
    }
}

#[cfg(not(debug_assertions))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as in debug builds")]
pub(super) fn step() -> std::io::Result<()> {
    Ok(())
}

/// Takes another fault in this process, as `QUELL_FAULT` spells it, and counts anew. Returns how many effects there
/// were since the last one.
#[cfg(debug_assertions)]
pub fn arm(fault: &str) -> usize {
    *ARMED.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault.to_owned());
    STEPS.swap(0, Ordering::SeqCst)
}

/// Whether to behave as on a file system that cannot exchange two files, nor rename one only where nothing stands.
pub(super) fn is_exchange_off() -> bool {
    cfg!(debug_assertions) && std::env::var_os("QUELL_NO_EXCHANGE").is_some()
}
