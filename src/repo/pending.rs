//! What a console leaves for the next one: one private file in the state folder.

use std::fs::File;
use std::io::{self, Read};

use super::Repo;
use super::disk;

const FILE: &str = "batch.json";
/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 32 << 20;

impl Repo {
    /// Keeps these bytes for the next console; `None` for nothing. A loss of power may take the last change.
    pub fn keep_pending(&self, bytes: Option<&[u8]>) -> io::Result<()> {
        let state = self.state_dir();
        match bytes {
            Some(bytes) => {
                disk::make_private(&state)?;
                disk::save_unsynced(&state, FILE, [bytes])
            }
            None if state.join(FILE).exists() => disk::remove(&disk::open(&state)?, FILE),
            None => Ok(()),
        }
    }

    /// What was kept; `None` where it cannot be read either.
    pub fn pending(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(self.state_dir().join(FILE)).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}
