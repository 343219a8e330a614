//! Reports inside ZIP archives. The names in an archive say what is a report and are shown; they are never paths.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::read::ZipFile;

use super::input::{self, Input, MAX_FILES, SNIFFED};
use super::open::most_inflated;

/// How a ZIP archive starts.
const MAGIC: &[u8] = b"PK\x03\x04";

/// The inputs with the reports of each archive in its place. An archive that holds none, that cannot be read, or
/// that would unpack to far more than reports do, stays what it is and is told when it is opened.
pub(super) fn expand(inputs: &[Input]) -> Vec<Input> {
    let in_place = |input: &Input| match input {
        Input::File(path) => members(path).unwrap_or_else(|| vec![input.clone()]),
        Input::Member { .. } | Input::Stdin => vec![input.clone()],
    };
    inputs.iter().flat_map(in_place).collect()
}

fn members(path: &Path) -> Option<Vec<Input>> {
    // To open a pipe would wait for its other end.
    let bytes = path.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    let mut archive = open(path)?;
    let mut found = Vec::new();
    let mut left = most_inflated(bytes);
    for index in 0..archive.len().min(MAX_FILES) {
        let Some((name, size)) = report(&mut archive, index) else { continue };
        left = left.checked_sub(size)?;
        found.push(Input::Member { archive: path.to_path_buf(), index, name });
    }
    (!found.is_empty()).then_some(found)
}

fn open(path: &Path) -> Option<ZipArchive<File>> {
    let mut file = File::open(path).ok()?;
    let mut start = [0; MAGIC.len()];
    file.read_exact(&mut start).ok()?;
    if start != MAGIC {
        return None;
    }
    ZipArchive::new(file).ok()
}

/// Name and size of a member that is a report, by its name, or by its start where the name leaves it open.
fn report(archive: &mut ZipArchive<File>, index: usize) -> Option<(String, u64)> {
    let member = archive.by_index(index).ok().filter(ZipFile::is_file)?;
    let (name, size) = (member.name().ok()?.into_owned(), member.size());
    let start = || {
        let mut start = Vec::new();
        member.take(SNIFFED).read_to_end(&mut start).ok().map(|_| start)
    };
    input::is_report_named(&name, start).then_some((name, size))
}

/// Reads a member, at most as many bytes as the archive says.
pub(super) fn read<T>(path: &Path, index: usize, reader: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> io::Result<T> {
    let damaged = || io::Error::other("the archive has changed or is damaged");
    let mut archive = open(path).ok_or_else(damaged)?;
    let member = archive.by_index(index)?;
    let size = member.size();
    reader(&mut member.take(size))
}
