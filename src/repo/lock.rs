//! One writer at a time: a lock that the system takes back when its process ends, however it ends.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::model::problem::Problem;

use super::disk::{make_private, way_out};
use super::fault::step;
use super::tree::plain;
use super::write::WriteError;

const NAME: &str = "lock";
/// How often and how long to wait for another writer: a batch takes less.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(50);

/// Held until it is dropped. The file stays, since removing it would let two processes lock two files.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits half a second for another writer.
    pub(super) fn take(state_dir: &Path) -> Result<Self, WriteError> {
        let path = state_dir.join(NAME);
        let refuse = |error: &io::Error| {
            let reason = format!("the lock for writing cannot be taken: {}", plain(error));
            WriteError::Refused(Problem::of_file(path.display().to_string(), reason, way_out(error)))
        };
        make_private(state_dir).map_err(|error| refuse(&error))?;
        let options = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = step().and_then(|()| options()).map_err(|error| refuse(&error))?;
        for _ in 0..TRIES {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {
                    say_who(&file).map_err(|error| refuse(&error))?;
                    return Ok(Self { _file: file });
                }
                Err(Errno::WOULDBLOCK) => sleep(PAUSE),
                Err(error) => return Err(refuse(&error.into())),
            }
        }
        let holder = fs::read_to_string(&path).unwrap_or_default();
        Err(WriteError::Locked(holder.trim().to_owned()))
    }
}

/// Whether somebody holds the lock now. Holds it itself for a moment, shared, which a writer waits out.
pub(super) fn is_locked(state_dir: &Path) -> bool {
    let Ok(file) = File::open(state_dir.join(NAME)) else { return false };
    flock(&file, FlockOperation::NonBlockingLockShared) == Err(Errno::WOULDBLOCK)
}

/// Written for people; the lock itself is what counts.
fn say_who(mut file: &File) -> io::Result<()> {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_else(|_| "this machine".to_owned());
    step()?;
    file.set_len(0)?;
    writeln!(file, "process {} on {}", std::process::id(), host.trim())
}
