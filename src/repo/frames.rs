//! A file of Quell's own state that grows by frames, each with its length and checksum. One that is cut off at the end,
//! as a kill in the middle of a write leaves it, holds what was whole; the next write goes over the rest.
//!
//! A file is a line that names its format, then frames: length and CRC-32 of the bytes, four bytes each with the lowest
//! first, and the bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;

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
/// Bytes that are looked at together.
const WINDOW: usize = 64 << 10;

/// Where the frames of such a file are; each is read when it is asked for.
#[derive(Debug, Default)]
pub struct Frames {
    file: Option<File>,
    ranges: Vec<Range<u64>>,
    /// Bytes from the start that are whole.
    end: u64,
    /// As it was when it was looked at; `None` where there is none.
    mark: Option<Mark>,
}

/// What is to become of such a file.
pub enum Change<'a> {
    Nothing,
    /// These frames more.
    Add(Vec<Vec<u8>>),
    /// These frames in the place of all, made as they are written.
    Replace(Box<dyn Iterator<Item = Vec<u8>> + 'a>),
}

impl Frames {
    /// How many whole frames there are.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The bytes of a frame, in the place of those in `bytes`.
    pub fn read(&self, frame: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
        let (Some(file), Some(range)) = (&self.file, self.ranges.get(frame)) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        bytes.resize(usize::try_from(range.end - range.start).unwrap_or(0), 0);
        file.read_exact_at(bytes, range.start)
    }

    /// Bytes of some frames.
    pub fn bytes(&self, frames: Range<usize>) -> u64 {
        self.ranges.get(frames).into_iter().flatten().map(|range| range.end - range.start).sum()
    }

    /// What begins a file of this kind and was cut off there holds nothing; `None` for one of another kind.
    fn of(file: File, magic: &str, mark: Mark) -> io::Result<Option<Self>> {
        let mut reader = BufReader::with_capacity(WINDOW, (&file).take(MAX_BYTES));
        let mut first = Vec::new();
        reader.by_ref().take(magic.len() as u64).read_to_end(&mut first)?;
        if first != magic.as_bytes() {
            return Ok(magic.as_bytes().starts_with(&first).then(|| Self { mark: Some(mark), ..Self::default() }));
        }
        let (mut ranges, mut end) = (Vec::new(), magic.len() as u64);
        while let Some(range) = next(&mut reader, end)? {
            end = range.end;
            ranges.push(range);
        }
        drop(reader);
        Ok(Some(Self { file: Some(file), ranges, end, mark: Some(mark) }))
    }
}

/// The frame that begins at `start`, if it is whole.
fn next(reader: &mut impl BufRead, start: u64) -> io::Result<Option<Range<u64>>> {
    let mut head = Vec::with_capacity(HEAD);
    reader.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let Some((&[len, sum], [])) = head.as_chunks::<4>().0.split_first_chunk() else { return Ok(None) };
    let (len, sum) = (u32::from_le_bytes(len), u32::from_le_bytes(sum));
    let (mut crc, mut left) = (Crc::new(), len as usize);
    while left > 0 {
        let window = reader.fill_buf()?;
        let taken = window.len().min(left);
        if taken == 0 {
            return Ok(None);
        }
        crc.update(window.get(..taken).unwrap_or_default());
        reader.consume(taken);
        left -= taken;
    }
    let start = start + HEAD as u64;
    Ok((crc.sum() == sum).then(|| start..start + u64::from(len)))
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
    /// Finds the frames of such a file of Quell's own state. `magic` is its first line, with its end.
    pub fn frames(&self, name: &str, magic: &str) -> Result<Frames, Problem> {
        let path = self.state_dir().join(name);
        let problem = |reason: String, hint: &str| {
            Problem::at(path.display().to_string(), "", reason, Loss::Nothing).hint(hint.to_owned())
        };
        match self.look_at_frames(name, magic) {
            Ok(Some(frames)) => Ok(frames),
            Ok(None) => Err(problem("it is of another version of Quell".to_owned(), "remove it to begin anew")),
            Err(error) => Err(problem(error.to_string(), "make it a file that can be read, or remove it")),
        }
    }

    /// No frames where there is no such file; `None` for one of another kind.
    fn look_at_frames(&self, name: &str, magic: &str) -> Result<Option<Frames>, ReadError> {
        let Ok(folder) = disk::open(&self.state_dir()) else { return Ok(Some(Frames::default())) };
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match openat(&folder, name, flags, Mode::empty()) {
            Err(rustix::io::Errno::NOENT) => return Ok(Some(Frames::default())),
            opened => File::from(opened?),
        };
        let mark = Mark::of(&fstat(&file)?);
        if !file.metadata().is_ok_and(|state| state.is_file()) {
            return Err(ReadError::NotAFile("folder, pipe or device"));
        }
        if mark.bytes > MAX_BYTES {
            return Err(ReadError::TooLarge(mark.bytes));
        }
        Frames::of(file, magic, mark).map_err(|error| ReadError::Io(plain(&error)))
    }

    /// Changes such a file under the lock. `change` is asked with what it holds now, unless that is what `known` was read
    /// from. Another writer is not waited for beyond what the lock waits; then nothing is changed, and nothing said:
    /// `Ok(false)`.
    pub fn change_frames<'a>(
        &self,
        name: &str,
        magic: &str,
        known: &Frames,
        change: impl FnOnce(&Frames, bool) -> Change<'a>,
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
        let newer = if is_known { None } else { Some(self.frames(name, magic)?) };
        let frames = newer.as_ref().unwrap_or(known);
        let anew = |frames: &mut dyn Iterator<Item = Vec<u8>>| {
            let framed = frames.map(|frame| framed(&frame));
            disk::save(&state, name, std::iter::once(magic.as_bytes().to_vec()).chain(framed))
        };
        let done = match change(frames, is_known) {
            Change::Nothing => Ok(()),
            Change::Replace(mut all) => anew(&mut all),
            Change::Add(more) if frames.end > 0 => {
                let bytes: Vec<u8> = more.iter().flat_map(|frame| framed(frame)).collect();
                disk::append(&folder, name, frames.end, &bytes)
            }
            Change::Add(more) => anew(&mut more.into_iter()),
        };
        done.map(|()| true).map_err(|error| self.cannot_keep(name, &error))
    }

    fn cannot_keep(&self, name: &str, error: &std::io::Error) -> Problem {
        let path = self.state_dir().join(name).display().to_string();
        let reason = format!("it cannot be written: {}", plain(error));
        Problem::at(path, "", reason, Loss::Nothing).hint(disk::way_out(error))
    }
}
