//! A file of Quell's own state that grows by frames, each with its length and checksum. One that is cut off at the end,
//! as a kill in the middle of a write leaves it, holds what was whole; the next write goes over the rest.
//!
//! A file is a line that names its format, then frames: length and CRC-32 of the bytes, four bytes each with the lowest
//! first, and the bytes.

use std::fs::File;
use std::io::Read;
use std::ops::Range;

use flate2::Crc;
use rustix::fs::{Mode, OFlags, fstat, openat};

use crate::model::problem::{Loss, Problem};

use super::Repo;
use super::disk;
use super::kept::Mark;
use super::lock::Lock;
use super::read::ReadError;
use super::tree::plain;
use super::write::WriteError;

const HEAD: usize = 8;
/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// What such a file holds.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    ranges: Vec<Range<usize>>,
    /// Bytes from the start that are whole.
    end: usize,
    /// As it was when it was read; `None` where there is none.
    mark: Option<Mark>,
}

/// What is to become of such a file.
#[derive(Debug)]
pub enum Change {
    Nothing,
    /// These frames more.
    Add(Vec<Vec<u8>>),
    /// This frame in the place of all.
    Replace(Vec<u8>),
}

impl Frames {
    /// The whole frames, in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.ranges.iter().filter_map(|range| self.bytes.get(range.clone()))
    }

    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Bytes behind the first frame.
    pub fn bytes_behind_first(&self) -> usize {
        self.ranges.first().map_or(0, |first| self.end - first.end)
    }

    /// Bytes of the first frame.
    pub fn bytes_of_first(&self) -> usize {
        self.ranges.first().map_or(0, ExactSizeIterator::len)
    }

    fn of(bytes: Vec<u8>, magic: &str, mark: Mark) -> Option<Self> {
        // What begins a file of this kind and was cut off there holds nothing.
        if bytes.len() < magic.len() && magic.as_bytes().starts_with(&bytes) {
            return Some(Self { mark: Some(mark), ..Self::default() });
        }
        bytes.strip_prefix(magic.as_bytes())?;
        let (mut ranges, mut end) = (Vec::new(), magic.len());
        while let Some(range) = next(&bytes, end) {
            end = range.end;
            ranges.push(range);
        }
        Some(Self { bytes, ranges, end, mark: Some(mark) })
    }
}

/// The frame that begins at `start`, if it is whole.
fn next(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (len, sum) = (word(start)? as usize, word(start + 4)?);
    let range = start + HEAD..(start + HEAD).checked_add(len)?;
    (checksum(bytes.get(range.clone())?) == sum).then_some(range)
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// A frame whose length is no number is one that no reader takes.
fn framed(bytes: &[u8]) -> Vec<u8> {
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&len.to_le_bytes()[..], &checksum(bytes).to_le_bytes(), bytes].concat()
}

impl Repo {
    /// Reads such a file of Quell's own state. `magic` is its first line, with its end.
    pub fn frames(&self, name: &str, magic: &str) -> Result<Frames, Problem> {
        let path = self.state_dir().join(name);
        let problem = |reason: String, hint: &str| {
            Problem::at(path.display().to_string(), "", reason, Loss::Nothing).hint(hint.to_owned())
        };
        match self.read_frames(name) {
            Ok(None) => Ok(Frames::default()),
            Ok(Some((bytes, mark))) => Frames::of(bytes, magic, mark)
                .ok_or_else(|| problem("it is of another version of Quell".to_owned(), "remove it to begin anew")),
            Err(error) => Err(problem(error.to_string(), "make it a file that can be read, or remove it")),
        }
    }

    fn read_frames(&self, name: &str) -> Result<Option<(Vec<u8>, Mark)>, ReadError> {
        let Ok(folder) = disk::open(&self.state_dir()) else { return Ok(None) };
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match openat(&folder, name, flags, Mode::empty()) {
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            opened => File::from(opened?),
        };
        let mark = Mark::of(&fstat(&file)?);
        if !file.metadata().is_ok_and(|state| state.is_file()) {
            return Err(ReadError::NotAFile("folder, pipe or device"));
        }
        if mark.bytes > MAX_BYTES {
            return Err(ReadError::TooLarge(mark.bytes));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(mark.bytes).unwrap_or(0) + 1);
        (&file).take(MAX_BYTES).read_to_end(&mut bytes).map_err(|error| ReadError::Io(plain(&error)))?;
        Ok(Some((bytes, mark)))
    }

    /// Changes such a file under the lock. `change` is asked with what it holds now, unless that is what `known` was read
    /// from. Another writer is not waited for beyond what the lock waits; then nothing is changed, and nothing said:
    /// `Ok(false)`.
    pub fn change_frames(
        &self,
        name: &str,
        magic: &str,
        known: Frames,
        change: impl FnOnce(&Frames, bool) -> Change,
    ) -> Result<bool, Problem> {
        let state = self.state_dir();
        let _lock = match Lock::take(&state) {
            Ok(lock) => lock,
            Err(WriteError::Refused(problem)) => return Err(Problem { loss: Loss::Nothing, ..problem }),
            Err(WriteError::Locked(_) | WriteError::Changed(_)) => return Ok(false),
        };
        let folder = disk::open(&state).map_err(|error| self.cannot_keep(name, &error))?;
        let now = rustix::fs::statat(&folder, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW);
        let is_known = now.ok().map(|stat| Mark::of(&stat)) == known.mark;
        let frames = if is_known { known } else { self.frames(name, magic)? };
        let anew = |bytes: Vec<u8>| disk::save(&state, name, &[magic.as_bytes(), &bytes].concat());
        let done = match change(&frames, is_known) {
            Change::Nothing => Ok(()),
            Change::Replace(frame) => anew(framed(&frame)),
            Change::Add(more) => {
                let bytes: Vec<u8> = more.iter().flat_map(|frame| framed(frame)).collect();
                if frames.end > 0 { disk::append(&folder, name, frames.end as u64, &bytes) } else { anew(bytes) }
            }
        };
        done.map(|()| true).map_err(|error| self.cannot_keep(name, &error))
    }

    fn cannot_keep(&self, name: &str, error: &std::io::Error) -> Problem {
        let path = self.state_dir().join(name).display().to_string();
        let reason = format!("it cannot be written: {}", plain(error));
        Problem::at(path, "", reason, Loss::Nothing).hint(disk::way_out(error))
    }
}
