//! Confined reads: never outside the root, never through a symbolic link, regular files only.

use jiff::Timestamp;

use super::Repo;

/// Largest source file that is read for code or fixes, in bytes.
pub const MAX_SOURCE: u64 = 64 << 20;

/// Why a file of the repository could not be read; `Display` is a sentence for people without the path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("no such file in the repository")]
    Missing,
    #[error("the path leads outside the repository")]
    Outside,
    #[error("it is a {0}, not a file")]
    NotAFile(&'static str),
    #[error("it has {0} bytes, more than Quell reads")]
    TooLarge(u64),
    #[error("{0}")]
    Io(String),
}

/// What is known of a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileState {
    pub bytes: u64,
    pub written: Timestamp,
}

impl Repo {
    /// All bytes of a file, by its path relative to the root with `/`.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let _ = path;
        unimplemented!()
    }

    /// Size and time of a regular file.
    pub fn file_state(&self, path: &str) -> Result<FileState, ReadError> {
        let _ = path;
        unimplemented!()
    }
}
