//! Interruptions on purpose, for the tests that a kill or a full disk at any moment leaves the tree whole.
//! Debug builds read `QUELL_FAULT`; in release builds nothing of this exists.

/// Called before every effect on the disk. `QUELL_FAULT=kill:7` kills the process at the seventh one without
/// notice, `QUELL_FAULT=fail:7` lets that one fail as on a full disk.
#[cfg(debug_assertions)]
pub(super) fn step() -> std::io::Result<()> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static STEPS: AtomicUsize = AtomicUsize::new(0);
    let Ok(fault) = std::env::var("QUELL_FAULT") else { return Ok(()) };
    let step = STEPS.fetch_add(1, Ordering::SeqCst) + 1;
    match fault.split_once(':') {
        Some(("kill", at)) if at == step.to_string() => {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)?;
            Ok(())
        }
        Some(("fail", at)) if at == step.to_string() => Err(rustix::io::Errno::NOSPC.into()),
        _ => Ok(()),
    }
}

#[cfg(not(debug_assertions))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as in debug builds")]
pub(super) fn step() -> std::io::Result<()> {
    Ok(())
}

/// Whether to behave as on a file system that cannot exchange two files.
pub(super) fn is_exchange_off() -> bool {
    cfg!(debug_assertions) && std::env::var_os("QUELL_NO_EXCHANGE").is_some()
}
