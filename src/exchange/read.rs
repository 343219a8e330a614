//! A file that the user named, whole and as text.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::model::problem::Problem;

/// The most bytes of a file that is imported.
const MAX_BYTES: u64 = 256 << 20;

/// Its text, without a byte order mark.
pub fn text(path: &Path, name: &str) -> Result<String, Problem> {
    let failed = |reason: String, hint: &str| Problem::of_file(name, reason, hint);
    if path.metadata().is_ok_and(|known| !known.is_file()) {
        return Err(failed("it is no plain file".to_owned(), "name the file itself"));
    }
    let mut bytes = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    opened.map_err(|error| failed(format!("it cannot be read: {error}"), "check the name"))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(failed(format!("it has more than {} MiB", MAX_BYTES >> 20), "import it in parts"));
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| failed(format!("it is not UTF-8: {}", error.utf8_error()), "convert it to UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
