//! From an input to its text: gzip, Zstandard, UTF-16, archives, standard input. What cannot be read by position goes to
//! an unlinked spool file, block by block, so that no text is ever whole in memory.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use sha2::{Digest, Sha256};

use super::archive;
use super::input::Input;
use super::load::Progress;
use super::notes::Notes;
use super::pipe::NamedPipe;

/// Most bytes of one report, as a file and as its text: some three million results of the usual size.
const MAX_REPORT: u64 = 4 << 30;
/// A packed file may always inflate to so much, and beyond it to so many times its size: of 116 reports half
/// give 9 times or more, the densest that a tool wrote 35; a bomb gives a thousand.
const FREELY_INFLATED: u64 = 64 << 20;
const MAX_RATIO: u64 = 128;

/// Texts up to this size are unpacked in memory first, so that threads wait for each other only over large ones.
const SMALL: u64 = 1 << 20;
/// The largest text that is read whole, and that is kept in memory where no temporary file can be made.
const MAX_IN_MEMORY: u64 = 256 << 20;
/// Bytes that are copied at a time.
const BLOCK: usize = 64 << 10;

/// One unlinked file for the text of all inputs that have no other place.
#[derive(Debug, Default)]
pub(super) struct Spool {
    file: Mutex<Option<Arc<File>>>,
}

/// The text of a report: read by position, so that threads can share it.
#[derive(Clone, Debug)]
pub(super) struct Text {
    place: Place,
    pub(super) len: u64,
}

#[derive(Clone, Debug)]
enum Place {
    /// A file from this position on.
    File(Arc<File>, u64),
    /// Where no temporary file can be made.
    Memory(Arc<Vec<u8>>),
}

impl Text {
    /// Reads up to `into.len()` bytes from position `at` on; 0 at the end.
    pub(super) fn read(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX).min(into.len());
        let Some(into) = into.get_mut(..most) else { return Ok(0) };
        match &self.place {
            Place::Memory(bytes) => {
                bytes.get(usize::try_from(at).unwrap_or(usize::MAX)..).unwrap_or_default().read(into)
            }
            Place::File(file, start) => loop {
                match file.read_at(into, start + at) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    read => return read,
                }
            },
        }
    }

    /// All of it, from its start.
    pub(super) fn reading(&self) -> impl BufRead {
        BufReader::with_capacity(BLOCK, Reading { text: self, at: 0 })
    }

    /// The whole text; `None` where it cannot be read or is too large for memory.
    pub(super) fn whole(&self) -> Option<Vec<u8>> {
        let len = usize::try_from(self.len).ok().filter(|_| self.len <= MAX_IN_MEMORY)?;
        self.parts(&[(0, len)]).ok()
    }

    /// Parts of it by position and length, one after the other.
    pub(super) fn parts(&self, parts: &[(u64, usize)]) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; parts.iter().map(|(_, len)| len).sum()];
        let mut rest = bytes.as_mut_slice();
        for &(at, len) in parts {
            let (part, after) = rest.split_at_mut(len);
            Reading { text: self, at }.read_exact(part)?;
            rest = after;
        }
        Ok(bytes)
    }
}

/// Where the text of a report is read again.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The report itself, as long as size and time are the same.
    File { path: PathBuf, bytes: u64, written: Option<SystemTime> },
    /// A copy that nobody else can change.
    Kept(Text),
    /// Nowhere: nothing could be read.
    Lost,
}

/// What came through standard input, which can be read only once, kept for the next load. Clones are the same input.
#[derive(Clone, Debug, Default)]
pub struct Piped(Arc<Mutex<Pipe>>);

#[derive(Debug, Default)]
enum Pipe {
    #[default]
    Unread,
    Kept(Text),
    /// It was read, and could not be kept.
    Gone(String),
}

impl Piped {
    /// All of it, as it was the first time.
    fn read(&self) -> io::Result<Text> {
        let mut pipe = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*pipe {
            Pipe::Kept(text) => Ok(text.clone()),
            Pipe::Gone(why) => Err(io::Error::other(format!("it was read once and could not be kept ({why})"))),
            Pipe::Unread => {
                let read = keep(io::stdin().lock());
                *pipe = match &read {
                    Ok(text) => Pipe::Kept(text.clone()),
                    Err(error) => Pipe::Gone(error.to_string()),
                };
                read
            }
        }
    }
}

/// Copies what can be read only once to a file that has no name. Its end may not come: a pipe can go on for ever.
fn keep(from: impl Read) -> io::Result<Text> {
    let mut from = from.take(MAX_REPORT + 1);
    let text = match tempfile::tempfile() {
        Ok(file) => {
            let len = io::copy(&mut from, &mut &file)?;
            Text { place: Place::File(Arc::new(file), 0), len }
        }
        Err(error) => in_memory(&mut from, &error)?.0,
    };
    if text.len > MAX_REPORT { Err(too_large()) } else { Ok(text) }
}

/// A text that has no other place, and whether all of it could be read.
fn in_memory(mut from: impl Read, why: &io::Error) -> io::Result<(Text, bool)> {
    let mut bytes = Vec::new();
    let outcome = (&mut from).take(MAX_IN_MEMORY + 1).read_to_end(&mut bytes);
    let len = bytes.len() as u64;
    if len > MAX_IN_MEMORY {
        return Err(io::Error::other(format!("there is no temporary file for it ({why}); free some space for one")));
    }
    Ok((Text { place: Place::Memory(Arc::new(bytes)), len }, outcome.is_ok()))
}

/// An input that can be read, and what is known of the file.
pub(super) struct Opened {
    pub(super) text: Text,
    /// Size of the file before anything was decoded.
    pub(super) bytes: u64,
    pub(super) written: Option<Timestamp>,
    pub(super) source: Source,
    /// The file itself.
    pub(super) raw: Source,
    /// Whether all of it could be decoded.
    pub(super) is_whole: bool,
}

impl Spool {
    /// Keeps a text that no file has as it is.
    pub(super) fn keep(&self, text: Vec<u8>) -> Text {
        match self.add(text.as_slice()) {
            Ok((kept, true)) => kept,
            Ok((_, false)) | Err(_) => Text { len: text.len() as u64, place: Place::Memory(Arc::new(text)) },
        }
    }

    /// Adds a text; the number of its bytes that could be read may be smaller than the text was. Whether reading came
    /// to an end without an error is the second answer.
    fn add(&self, mut text: impl Read) -> io::Result<(Text, bool)> {
        let mut block = Vec::new();
        let mut outcome = (&mut text).take(SMALL).read_to_end(&mut block);
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &*slot {
            Some(file) => Arc::clone(file),
            None => match tempfile::tempfile() {
                Ok(file) => Arc::clone(slot.insert(Arc::new(file))),
                Err(error) => {
                    let (text, was_read) = in_memory(io::Cursor::new(block).chain(text), &error)?;
                    return Ok((text, was_read && outcome.is_ok()));
                }
            },
        };
        let start = (&*file).seek(SeekFrom::End(0))?;
        let mut len = 0;
        while !block.is_empty() {
            (&*file).write_all(&block)?;
            len += block.len() as u64;
            block.clear();
            if outcome.is_ok() {
                outcome = (&mut text).take(SMALL).read_to_end(&mut block);
            }
        }
        Ok((Text { place: Place::File(file, start), len }, outcome.is_ok()))
    }
}

impl Source {
    /// Parts of the text, one after the other. `None` if the report is no longer what was loaded.
    pub(super) fn read(&self, parts: &[(u64, usize)]) -> Option<Vec<u8>> {
        self.with(|file| file.parts(parts).ok())
    }

    /// Many parts of the text, opened once. `None` if the report is no longer what was loaded.
    pub(super) fn read_each(&self, parts: &[(u64, usize)]) -> Option<Vec<Vec<u8>>> {
        self.with(|file| parts.iter().map(|part| file.parts(std::slice::from_ref(part)).ok()).collect())
    }

    /// SHA-256 of all of it, in hex. `None` if it is no longer what was loaded.
    pub(super) fn sha256(&self) -> Option<String> {
        self.with(|file| {
            let mut hash = Sha256::new();
            let mut block = vec![0; BLOCK];
            let mut at = 0;
            loop {
                let count = file.read(at, &mut block).ok()?;
                match block.get(..count)? {
                    [] => return Some(hex(&hash.finalize())),
                    read => hash.update(read),
                }
                at += count as u64;
            }
        })
    }

    /// Opens the text for one answer, which counts only if the text is still what was loaded.
    fn with<T>(&self, read: impl FnOnce(&Text) -> Option<T>) -> Option<T> {
        match self {
            Self::Lost => None,
            Self::Kept(text) => read(text),
            Self::File { path, bytes, written } => {
                // To open what has become a pipe would wait for its other end.
                if !path.metadata().ok()?.is_file() {
                    return None;
                }
                let file = Arc::new(File::open(path).ok()?);
                let answer = read(&Text { place: Place::File(Arc::clone(&file), 0), len: *bytes })?;
                let state = file.metadata().ok()?;
                (state.len() == *bytes && state.modified().ok() == *written).then_some(answer)
            }
        }
    }
}

/// The first bytes of a file, unpacked where it is packed; `None` for what cannot be read twice.
pub(super) fn begin(path: &Path, most: u64, spool: &Spool) -> Option<Opened> {
    // To open a pipe would wait for its other end.
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let (text, written, raw) = plain(path).ok()?;
    let bytes = text.len;
    let text = Text { len: bytes.min(most), ..text };
    let (text, source) = match decode(&text, most, spool).ok()? {
        Some((text, _)) => (text.clone(), Source::Kept(text)),
        None => (text, raw.clone()),
    };
    let written = written.and_then(|time| Timestamp::try_from(time).ok());
    Some(Opened { text, bytes, written, source, raw, is_whole: false })
}

/// Opens an input and decodes it where it is not plain text. Fails with words for a problem.
pub(super) fn open(
    input: &Input,
    piped: &Piped,
    spool: &Spool,
    notes: &mut Notes,
    progress: &Progress,
) -> Result<Opened, String> {
    let (raw_text, written, raw) = match input {
        Input::File(path) => open_file(path, progress)?,
        Input::Member { archive, index, .. } => open_member(archive, *index, spool)?,
        Input::Stdin => {
            let text = piped.read().map_err(|error| error.to_string())?;
            (text.clone(), None, Source::Kept(text))
        }
    };
    let bytes = raw_text.len;
    let decoded =
        decode(&raw_text, most_inflated(bytes), spool).map_err(|error| format!("its text cannot be kept: {error}"))?;
    let (text, source, is_whole) = match decoded {
        Some((text, is_whole)) => (text.clone(), Source::Kept(text), is_whole),
        None => (raw_text, raw.clone(), true),
    };
    if !is_whole {
        notes.at(
            "",
            "the compressed text is damaged, or too large when it is unpacked; its beginning was read",
            "make the report again",
            crate::model::problem::Loss::File,
        );
    }
    let written = written.and_then(|time| Timestamp::try_from(time).ok());
    Ok(Opened { text, bytes, written, source, raw, is_whole })
}

/// Text and time of a file, and how to get it again.
fn open_file(path: &Path, progress: &Progress) -> Result<(Text, Option<SystemTime>, Source), String> {
    let words = |error: io::Error| error.to_string();
    let kind = path.metadata().map_err(words)?.file_type();
    if kind.is_dir() {
        return Err("it is a directory".to_owned());
    }
    if kind.is_char_device() || kind.is_block_device() {
        return Err("it is a device".to_owned());
    }
    if kind.is_fifo() {
        let text = NamedPipe::open(path, progress).and_then(keep).map_err(words)?;
        return Ok((text.clone(), None, Source::Kept(text)));
    }
    plain(path).map_err(words)
}

/// The bytes of a file that is no pipe.
fn plain(path: &Path) -> io::Result<(Text, Option<SystemTime>, Source)> {
    let file = File::open(path)?;
    let state = file.metadata()?;
    let written = state.modified().ok();
    if !state.is_file() {
        let text = keep(file)?;
        return Ok((text.clone(), written, Source::Kept(text)));
    }
    let bytes = state.len();
    if bytes > MAX_REPORT {
        return Err(too_large());
    }
    let text = Text { place: Place::File(Arc::new(file), 0), len: bytes };
    // A file that cannot be read must say so here.
    text.read(0, &mut [0])?;
    Ok((text, written, Source::File { path: path.to_path_buf(), bytes, written }))
}

/// Text and time of a report in an archive.
fn open_member(path: &Path, index: usize, spool: &Spool) -> Result<(Text, Option<SystemTime>, Source), String> {
    let (text, was_read) = archive::read(path, index, |member| spool.add(member)).map_err(|error| error.to_string())?;
    if !was_read {
        return Err("it is damaged".to_owned());
    }
    let written = path.metadata().and_then(|state| state.modified()).ok();
    Ok((text.clone(), written, Source::Kept(text)))
}

/// Most bytes that so many may unpack to.
pub(super) fn most_inflated(bytes: u64) -> u64 {
    bytes.saturating_mul(MAX_RATIO).clamp(FREELY_INFLATED, MAX_REPORT)
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {} GiB", MAX_REPORT >> 30))
}

/// The text behind the bytes, in the spool, at most so much of it, and whether it is all; `None` where the bytes are
/// the text.
fn decode(raw: &Text, most: u64, spool: &Spool) -> io::Result<Option<(Text, bool)>> {
    let bytes = raw.reading();
    let mut start = [0; 4];
    raw.read(0, &mut start)?;
    match start {
        [0x1f, 0x8b, ..] => inflate(MultiGzDecoder::new(bytes), most, spool).map(Some),
        [0x28, 0xb5, 0x2f, 0xfd] => inflate(Frames { from: bytes, frame: FrameDecoder::new() }, most, spool).map(Some),
        [first, second, ..] if unit_of([first, second]).is_some() => transcode(bytes, spool).map(Some),
        _ => Ok(None),
    }
}

/// Unpacks a text, of which at most so many bytes count.
fn inflate(from: impl Read, most: u64, spool: &Spool) -> io::Result<(Text, bool)> {
    let mut inflated = from.take(most + 1);
    let (text, is_whole) = transcode(&mut inflated, spool)?;
    Ok((text, is_whole && inflated.limit() > 0))
}

/// Frames of Zstandard (RFC 8878), one after the other.
struct Frames<R> {
    from: R,
    frame: FrameDecoder,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Self { from, frame } = self;
        while frame.can_collect() == 0 {
            if !frame.is_finished() {
                frame.decode_blocks(&mut *from, BlockDecodingStrategy::UptoBlocks(1)).map_err(io::Error::other)?;
            } else if from.fill_buf()?.is_empty() {
                return Ok(0);
            } else {
                frame.init(&mut *from).map_err(io::Error::other)?;
            }
        }
        frame.read(into)
    }
}

/// Puts a text into the spool, from UTF-16 where it is that.
fn transcode(mut from: impl Read, spool: &Spool) -> io::Result<(Text, bool)> {
    let mut start = Vec::new();
    let is_sound = (&mut from).take(2).read_to_end(&mut start).is_ok();
    let unit = start.as_slice().try_into().ok().and_then(unit_of);
    let rest = io::Cursor::new(start).chain(from);
    let (text, was_read) = match unit {
        Some(unit) => {
            spool.add(Utf8 { from: BufReader::with_capacity(BLOCK, rest), unit, high: None, out: Vec::new(), at: 0 })?
        }
        None => spool.add(rest)?,
    };
    Ok((text, is_sound && was_read))
}

/// A text from one end to the other.
struct Reading<'t> {
    text: &'t Text,
    at: u64,
}

impl Read for Reading<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(self.at, into)?;
        self.at += count as u64;
        Ok(count)
    }
}

type Unit = fn([u8; 2]) -> u16;

/// How UTF-16 is read, by its byte order mark, or by the zero beside the first bracket; `None` for other text.
fn unit_of(start: [u8; 2]) -> Option<Unit> {
    match start {
        [0xff, 0xfe] | [b'{' | b'[', 0] => Some(u16::from_le_bytes),
        [0xfe, 0xff] | [0, b'{' | b'['] => Some(u16::from_be_bytes),
        _ => None,
    }
}

/// UTF-16 as UTF-8.
struct Utf8<R> {
    from: R,
    unit: Unit,
    /// The first half of a pair that the last block ended with.
    high: Option<u16>,
    out: Vec<u8>,
    /// What of `out` was taken.
    at: usize,
}

impl<R: Read> Utf8<R> {
    fn refill(&mut self) -> io::Result<()> {
        let mut block = Vec::with_capacity(BLOCK);
        (&mut self.from).take(BLOCK as u64).read_to_end(&mut block)?;
        let is_end = block.len() < BLOCK;
        let pairs = block.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(self.unit);
        let mut units: Vec<u16> = self.high.take().into_iter().chain(pairs).collect();
        self.high = units.pop_if(|unit| !is_end && (0xd800..0xdc00).contains(unit));
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        (self.out, self.at) = (text.into_bytes(), 0);
        Ok(())
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.out.len() {
            self.refill()?;
        }
        let mut rest = self.out.get(self.at..).unwrap_or_default();
        let count = rest.read(into)?;
        self.at += count;
        Ok(count)
    }
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
