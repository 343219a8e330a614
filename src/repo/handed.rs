//! Files that the user names for what a command makes: written beside their place and put there whole.

use std::fs::Permissions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::tree::plain;

/// Bits of a file that only its owner reads, and of one for everybody.
const PRIVATE: u32 = 0o600;
const SHARED: u32 = 0o644;

/// Makes or replaces a file with what `write` writes, all of it or nothing. What is there and is no plain file is refused.
pub fn hand_over<E: From<io::Error>>(
    path: &Path,
    is_private: bool,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    if path.symlink_metadata().is_ok_and(|known| !known.is_file()) {
        return Err(io::Error::other("it is there and is no plain file").into());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = Permissions::from_mode(if is_private { PRIVATE } else { SHARED });
    let file = tempfile::Builder::new().prefix(".quell-").permissions(mode).tempfile_in(folder);
    // The folder is what is wrong, not the name that nobody chose.
    let file = file.map_err(|error| io::Error::new(error.kind(), plain(&error)))?;
    let mut to = BufWriter::new(file);
    write(&mut to)?;
    let file = to.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
