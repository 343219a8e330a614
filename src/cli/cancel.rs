//! Ctrl-c, a hangup and a polite kill stop a program that Quell runs for the user, and then Quell.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::exit::{Exit, Stop};

/// Whether a signal has come since this was made.
pub(super) struct Cancel {
    pub(super) flag: Arc<AtomicBool>,
    hung_up: Arc<AtomicBool>,
}

impl Cancel {
    pub(super) fn listen() -> io::Result<Self> {
        let (flag, hung_up) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            flag::register(signal, Arc::clone(&flag))?;
        }
        flag::register(SIGHUP, Arc::clone(&hung_up))?;
        Ok(Self { flag, hung_up })
    }

    /// Ends the command if a signal has come.
    pub(super) fn check(&self) -> Result<(), Stop> {
        if !self.flag.load(Ordering::Relaxed) {
            return Ok(());
        }
        let has_hung_up = self.hung_up.load(Ordering::Relaxed);
        Err(Stop::Signal(if has_hung_up { Exit::HungUp } else { Exit::Interrupted }))
    }
}
