//! The log that the user asked for with `--log-file`: every notice of the status line, with its time.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use crate::app::state::Notice;
use crate::model::problem::Problem;
use crate::model::text::visible;

/// Appends to a file, or does nothing.
pub(super) struct Log {
    file: Option<File>,
    last: Option<Notice>,
}

impl Log {
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Problem> {
        let open = |path: &Path| {
            OpenOptions::new().create(true).append(true).open(path).map_err(|error| {
                let reason = format!("the log cannot be written: {error}");
                Problem::of_file(path.display().to_string(), reason, "name a file in a folder that is there")
            })
        };
        Ok(Self { file: path.map(open).transpose()?, last: None })
    }

    /// Writes a notice when it is new. A log that cannot be written ends in silence: the console goes on.
    pub(super) fn note(&mut self, notice: Option<&Notice>) {
        if self.last.as_ref() == notice {
            return;
        }
        self.last = notice.cloned();
        let (Some(file), Some(notice)) = (&mut self.file, notice) else { return };
        if writeln!(file, "{} {:?} {}", Timestamp::now(), notice.tone, visible(&notice.text)).is_err() {
            self.file = None;
        }
    }
}
