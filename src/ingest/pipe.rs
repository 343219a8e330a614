//! A report from a named pipe: its writer may come late or never, so that reading it can be called off.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::load::Progress;

/// Between two looks at whether the load was called off.
const LOOK: Duration = Duration::from_millis(100);

/// A pipe, read to its end when it is read from.
pub(super) struct NamedPipe<'a> {
    file: File,
    name: String,
    progress: &'a Progress,
}

impl<'a> NamedPipe<'a> {
    /// Opens a pipe without waiting for its writer.
    pub(super) fn open(path: &Path, progress: &'a Progress) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
        Ok(Self { file, name: path.display().to_string(), progress })
    }

    /// Returns when there is something to read, or the end. Fails when the load is called off.
    fn wait(&self) -> io::Result<()> {
        let timeout = Timespec::try_from(LOOK).map_err(io::Error::other)?;
        while !self.progress.is_cancelled() {
            match poll(&mut [PollFd::new(&self.file, PollFlags::IN)], Some(&timeout)) {
                Ok(0) => self.say(Some(self.name.clone())),
                // What is there belongs to the load that replaces this one.
                Ok(_) if self.progress.is_cancelled() => {}
                Ok(_) => {
                    self.say(None);
                    return Ok(());
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::Error::other("reading it was called off"))
    }

    fn say(&self, waits_for: Option<String>) {
        *self.progress.waits_for.lock().unwrap_or_else(PoisonError::into_inner) = waits_for;
    }
}

impl Read for NamedPipe<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            self.wait()?;
            match self.file.read(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }
}
