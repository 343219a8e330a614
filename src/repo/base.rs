//! Files as a scanner saw them that git does not have: kept, so that a fix can be merged with what is changed later.
//!
//! Each is one private file in the state folder, named by path and time of the report. It begins with the SHA-256 of what
//! follows: half a file is none. Nothing depends on them: what cannot be kept or read is as if it had never been there.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::Repo;
use super::disk;
use super::tree::sha256;

const FOLDER: &str = "bases";
/// Most files that are kept, and the largest, in bytes.
const MAX_KEPT: usize = 256;
const MAX_BYTES: usize = 1 << 20;
/// Bytes of the hash in front.
const HASH: usize = 32;

/// A file as it was when a report was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    pub path: String,
    pub made: Timestamp,
    pub bytes: Arc<[u8]>,
}

impl Repo {
    /// Keeps these files; the oldest go where there are too many.
    pub fn keep_bases(&self, bases: &[Base]) {
        if !bases.is_empty() {
            // They make a later placement better; nothing is lost without them.
            let _ = self.try_to_keep(bases);
        }
    }

    fn try_to_keep(&self, bases: &[Base]) -> io::Result<()> {
        let path = self.bases();
        disk::make_private(&path)?;
        let folder = disk::open(&path)?;
        for base in bases.iter().filter(|base| base.bytes.len() <= MAX_BYTES).take(MAX_KEPT) {
            let name = name(&base.path, base.made);
            if !path.join(&name).exists() {
                let bytes = [Sha256::digest(&base.bytes).as_slice(), &base.bytes].concat();
                disk::write(&folder, &name, &bytes, 0o600)?;
            }
        }
        let mut kept = Vec::new();
        for file in fs::read_dir(&path)? {
            let file = file?;
            kept.push((file.metadata()?.modified()?, file.file_name()));
        }
        kept.sort_unstable();
        for (_, name) in kept.iter().take(kept.len().saturating_sub(MAX_KEPT)) {
            disk::remove(&folder, &name.to_string_lossy())?;
        }
        Ok(())
    }

    /// A file as it was when a report of this time was made, if it was kept.
    pub fn kept_base(&self, path: &str, made: Timestamp) -> Option<Vec<u8>> {
        let bytes = fs::read(self.bases().join(name(path, made))).ok()?;
        let (hash, content) = bytes.split_at_checked(HASH)?;
        (Sha256::digest(content).as_slice() == hash).then(|| content.to_vec())
    }

    fn bases(&self) -> PathBuf {
        self.state_dir().join(FOLDER)
    }
}

fn name(path: &str, made: Timestamp) -> String {
    sha256(format!("{path}\0{}", made.as_nanosecond()).as_bytes())
}
