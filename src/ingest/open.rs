//! From an input to its text: gzip, Zstandard, UTF-16, standard input. What cannot be read again by position goes to
//! an unlinked spool file.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use ruzstd::decoding::StreamingDecoder;
use sha2::{Digest, Sha256};

use crate::repo::Repo;

use super::archive;
use super::input::Input;
use super::native::{self, Pointers, Text};
use super::notes::Notes;

/// Most bytes of one report, as a file and as its text: some three million results of the usual size.
const MAX_REPORT: u64 = 4 << 30;
/// A packed file may always inflate to so much, and beyond it to so many times its size: of 116 reports half
/// give 9 times or more, the densest that a tool wrote 35; a bomb gives a thousand.
const FREELY_INFLATED: u64 = 64 << 20;
const MAX_RATIO: u64 = 128;

/// One file for the text of all inputs that have no other place.
#[derive(Debug, Default)]
pub(super) struct Spool {
    file: Mutex<Option<File>>,
}

/// Where the text of a report is read again.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The report itself, as long as size and time are the same.
    File { path: PathBuf, bytes: u64, written: Option<SystemTime> },
    /// A part of the spool that starts here.
    Spool { spool: Arc<Spool>, start: u64 },
    /// Nowhere: the spool could not be written.
    Lost,
}

/// What came through standard input, which can be read only once, kept for the next load. Clones are the same input.
#[derive(Clone, Debug, Default)]
pub struct Piped(Arc<Mutex<Pipe>>);

#[derive(Debug, Default)]
enum Pipe {
    #[default]
    Unread,
    Kept(File),
    /// It was read, and there was no place to keep it.
    Gone(String),
}

impl Piped {
    /// All of it, as it was the first time.
    fn read(&self) -> io::Result<Vec<u8>> {
        let mut pipe = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut raw = Vec::new();
        match &mut *pipe {
            Pipe::Unread => {
                read_capped(io::stdin().lock(), &mut raw)?;
                *pipe = keep(&raw).map_or_else(|error| Pipe::Gone(error.to_string()), Pipe::Kept);
            }
            Pipe::Kept(file) => {
                file.rewind()?;
                file.read_to_end(&mut raw)?;
            }
            Pipe::Gone(why) => {
                return Err(io::Error::other(format!("it was read once and there was no temporary file ({why})")));
            }
        }
        Ok(raw)
    }
}

fn keep(raw: &[u8]) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(raw)?;
    Ok(file)
}

/// The text of an input and what is known of the file.
pub(super) struct Opened {
    pub(super) text: Vec<u8>,
    /// Size and SHA-256 of the file before anything was decoded.
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) written: Option<Timestamp>,
    pub(super) source: Source,
    /// Whether all of it could be read and decoded.
    pub(super) is_whole: bool,
    /// Where the results of each run stand in the report, if that is not SARIF.
    pub(super) pointers: Vec<Pointers>,
}

impl Spool {
    fn append(&self, text: &[u8]) -> io::Result<u64> {
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some(tempfile::tempfile()?);
        }
        let Some(file) = slot.as_mut() else { return Err(io::ErrorKind::NotFound.into()) };
        let start = file.seek(SeekFrom::End(0))?;
        file.write_all(text)?;
        Ok(start)
    }

    fn read(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = slot.as_mut() else { return Err(io::ErrorKind::NotFound.into()) };
        read_at(file, at, len)
    }
}

fn read_at(file: &mut File, at: u64, len: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; len];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl Source {
    /// Parts of the text, one after the other. `None` if the report is no longer what was loaded.
    pub(super) fn read(&self, parts: &[(u64, usize)]) -> Option<Vec<u8>> {
        let mut text = Vec::with_capacity(parts.iter().map(|(_, len)| len).sum());
        match self {
            Self::Lost => return None,
            Self::Spool { spool, start } => {
                for &(at, len) in parts {
                    text.extend(spool.read(start + at, len).ok()?);
                }
            }
            Self::File { path, bytes, written } => {
                // To open what has become a pipe would wait for its other end.
                if !path.metadata().ok()?.is_file() {
                    return None;
                }
                let mut file = File::open(path).ok()?;
                for &(at, len) in parts {
                    text.extend(read_at(&mut file, at, len).ok()?);
                }
                let state = file.metadata().ok()?;
                if state.len() != *bytes || state.modified().ok() != *written {
                    return None;
                }
            }
        }
        Some(text)
    }
}

/// Reads an input whole. Fails with words for a problem.
pub(super) fn open(
    repo: &Repo,
    input: &Input,
    piped: &Piped,
    spool: &Arc<Spool>,
    notes: &mut Notes,
) -> Result<Opened, String> {
    let (raw, written, place) = match input {
        Input::File(path) => read_file(path)?,
        Input::Member { archive, index, .. } => (archive::read(archive, *index)?, modified(archive), None),
        Input::Stdin => (piped.read().map_err(|error| error.to_string())?, None, None),
    };
    let bytes = raw.len() as u64;
    let (sha256, (text, is_whole, is_decoded)) = rayon::join(|| hex(&Sha256::digest(&raw)), || decode(&raw));
    if !is_whole {
        notes.at(
            "",
            "the compressed text is damaged, or too large when it is unpacked; its beginning was read",
            "make the report again",
            crate::model::problem::Loss::File,
        );
    }
    let text = if is_decoded { text } else { raw };
    let Text { sarif: text, is_rewritten, is_cut, pointers } = native::sarif_of(text, repo, notes);
    let source = match place {
        Some(path) if !is_decoded && !is_rewritten => Source::File { path, bytes, written },
        _ => match spool.append(&text) {
            Ok(start) => Source::Spool { spool: Arc::clone(spool), start },
            Err(error) => {
                notes.at(
                    "",
                    format!("its details cannot be shown: no temporary file ({error})"),
                    "free some space for temporary files",
                    crate::model::problem::Loss::Result,
                );
                Source::Lost
            }
        },
    };
    let written = written.and_then(|time| Timestamp::try_from(time).ok());
    Ok(Opened { text, bytes, sha256, written, source, is_whole: is_whole && !is_cut, pointers })
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|state| state.modified()).ok()
}

type Raw = (Vec<u8>, Option<SystemTime>, Option<PathBuf>);

/// Bytes, time and, if it is a file that can be read again, path.
fn read_file(path: &Path) -> Result<Raw, String> {
    let kind = path.metadata().map_err(|error| error.to_string())?.file_type();
    if kind.is_dir() {
        return Err("it is a directory".to_owned());
    }
    if kind.is_char_device() || kind.is_block_device() {
        return Err("it is a device".to_owned());
    }
    let file = File::open(path).map_err(|error| error.to_string())?;
    let state = file.metadata().map_err(|error| error.to_string())?;
    if state.len() > MAX_REPORT {
        return Err(too_large().to_string());
    }
    let mut raw = Vec::with_capacity(usize::try_from(state.len()).unwrap_or_default());
    read_capped(file, &mut raw).map_err(|error| error.to_string())?;
    let place = state.is_file().then(|| path.to_path_buf());
    Ok((raw, state.modified().ok(), place))
}

/// Reads to the end, which may not come: a pipe can go on for ever.
fn read_capped(from: impl Read, raw: &mut Vec<u8>) -> io::Result<()> {
    from.take(MAX_REPORT + 1).read_to_end(raw)?;
    if raw.len() as u64 > MAX_REPORT { Err(too_large()) } else { Ok(()) }
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {} GiB", MAX_REPORT >> 30))
}

/// Most bytes that so many may unpack to.
pub(super) fn most_inflated(bytes: u64) -> u64 {
    bytes.saturating_mul(MAX_RATIO).clamp(FREELY_INFLATED, MAX_REPORT)
}

/// The text if it is not what the bytes already are: (text, whether all was decoded, whether it was).
fn decode(raw: &[u8]) -> (Vec<u8>, bool, bool) {
    let most = most_inflated(raw.len() as u64);
    let mut inflated = Vec::new();
    let outcome = match raw {
        [0x1f, 0x8b, ..] => MultiGzDecoder::new(raw).take(most + 1).read_to_end(&mut inflated).map(drop),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => unzstd(raw, most, &mut inflated),
        _ => {
            let text = from_utf16(raw);
            let is_decoded = text.is_some();
            return (text.unwrap_or_default(), true, is_decoded);
        }
    };
    let is_whole = outcome.is_ok() && inflated.len() as u64 <= most;
    let text = from_utf16(&inflated).unwrap_or(inflated);
    (text, is_whole, true)
}

/// Unpacks the frames of Zstandard (RFC 8878), one after the other, until one more byte than may be.
fn unzstd(mut raw: &[u8], most: u64, into: &mut Vec<u8>) -> io::Result<()> {
    while !raw.is_empty() {
        let frame = StreamingDecoder::new(&mut raw).map_err(io::Error::other)?;
        let left = (most + 1).saturating_sub(into.len() as u64);
        frame.take(left).read_to_end(into)?;
        if into.len() as u64 > most {
            break;
        }
    }
    Ok(())
}

/// UTF-16 by its byte order mark, or by the zero beside the first bracket; `None` for other text.
fn from_utf16(raw: &[u8]) -> Option<Vec<u8>> {
    let unit: fn([u8; 2]) -> u16 = match raw.get(..2)? {
        [0xff, 0xfe] | [b'{' | b'[', 0] => u16::from_le_bytes,
        [0xfe, 0xff] | [0, b'{' | b'['] => u16::from_be_bytes,
        _ => return None,
    };
    let units = raw.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit);
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Some(text.into_bytes())
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
