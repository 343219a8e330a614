//! The user's editor at a line. Its command line comes from the user alone and never goes through a shell;
//! the path comes from a report, and is opened only where it is a file inside the repository. A hunk is edited in a
//! private file outside of it.

use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::{Builder, TempDir};

use crate::app::effect::{HunkEdit, HunkSaved};
use crate::model::problem::Problem;
use crate::terminal::Tty;

/// How an editor is told the line; all others understand `+LINE FILE`.
const LINE_STYLES: &[(&str, LineStyle)] = &[
    ("code", LineStyle::Goto),
    ("codium", LineStyle::Goto),
    ("cursor", LineStyle::Goto),
    ("hx", LineStyle::Colon),
    ("helix", LineStyle::Colon),
    ("subl", LineStyle::Colon),
    ("zed", LineStyle::Colon),
];

#[derive(Clone, Copy)]
enum LineStyle {
    /// `+12 ./src/a.rs`
    Plus,
    /// `./src/a.rs:12`
    Colon,
    /// `--goto ./src/a.rs:12`
    Goto,
}

/// Most bytes of a hunk that are taken from the editor.
const MAX_HUNK: u64 = 16 << 20;

/// Runs `$VISUAL`, else `$EDITOR`, else `vi`, and waits for it.
pub(super) fn open(tty: &Tty, root: &Path, path: &str, line: u32) -> Result<(), Problem> {
    let file = confined(root, path)?;
    run(tty, root, &file, line)
}

/// Lets the user edit a hunk, and returns what he left. The file is his alone, and gone afterwards, unless what is in
/// it could not be read.
pub(super) fn edit_hunk(tty: &Tty, root: &Path, edit: &HunkEdit) -> HunkSaved {
    let failed = |problem| HunkSaved { text: None, problem: Some(problem) };
    let (folder, file) = match private_file(root, &edit.text) {
        Ok(made) => made,
        Err(problem) => return failed(problem),
    };
    let ended = run(tty, root, &file.to_string_lossy(), edit.line).err();
    match (read_hunk(&file), ended) {
        (Ok(text), problem) => HunkSaved { text: Some(text), problem },
        // There is nothing to read where the editor has never come up.
        (Err(_), Some(problem)) => failed(problem),
        (Err(reason), None) => {
            let place = folder.keep().join("hunk.diff");
            failed(Problem::of_file(place.display().to_string(), reason, "what you saved is still there"))
        }
    }
}

fn private_file(root: &Path, text: &str) -> Result<(TempDir, PathBuf), Problem> {
    let temp = std::env::temp_dir();
    let failed = |error: std::io::Error| {
        let reason = format!("no file for the hunk can be made: {error}");
        Problem::of_file(temp.display().to_string(), reason, "set TMPDIR to a folder that can be written")
    };
    let private = Permissions::from_mode(0o700);
    let folder = Builder::new().prefix("quell-").permissions(private).tempdir_in(&temp).map_err(failed)?;
    let real = folder.path().canonicalize().map_err(failed)?;
    if root.canonicalize().is_ok_and(|root| real.starts_with(root)) {
        let reason = "the folder for temporary files is inside the repository";
        return Err(Problem::of_file(temp.display().to_string(), reason, "set TMPDIR to a folder outside of it"));
    }
    let mut file = Builder::new().prefix("hunk").suffix(".diff").rand_bytes(0).tempfile_in(&real).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    let (_, path) = file.keep().map_err(|error| failed(error.error))?;
    Ok((folder, path))
}

fn read_hunk(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_HUNK + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_HUNK {
        return Err(format!("it has more than {} MiB", MAX_HUNK >> 20));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

fn run(tty: &Tty, root: &Path, file: &str, line: u32) -> Result<(), Problem> {
    let words = command()?;
    let Some((program, args)) = words.split_first() else {
        return Err(Problem::of_file("EDITOR", "it is empty", "set it to an editor"));
    };
    // Standard input may be a report that is piped in; the editor reads the terminal.
    let status = tty.input().try_clone_to_owned().and_then(|keys| {
        Command::new(program).args(args).args(place(program, file, line)).current_dir(root).stdin(keys).status()
    });
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Problem::of_file(program, format!("the editor ended with {status}"), "")),
        Err(error) => Err(Problem::of_file(
            program,
            format!("the editor could not be started: {error}"),
            "set VISUAL or EDITOR to one that is installed",
        )),
    }
}

fn command() -> Result<Vec<String>, Problem> {
    let set = |name: &str| {
        std::env::var(name).ok().filter(|value| !value.trim().is_empty()).map(|value| (name.to_owned(), value))
    };
    let (name, value) =
        set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| ("EDITOR".to_owned(), "vi".to_owned()));
    shell_words::split(&value)
        .map_err(|_| Problem::of_file(name, format!("quotes do not match in {value}"), "correct the variable"))
}

/// The path below the root as `./…`, which no editor takes for an option.
fn confined(root: &Path, path: &str) -> Result<String, Problem> {
    let missing =
        |_| Problem::of_file(path, "no such file in the repository", "the code may have moved since the scan");
    let real_root = root.canonicalize().map_err(missing)?;
    let real = root.join(path).canonicalize().map_err(missing)?;
    let below = real.strip_prefix(&real_root).map_err(|_| {
        Problem::of_file(path, "the path leads outside the repository", "open it yourself if you trust the report")
    })?;
    if !real.is_file() {
        return Err(Problem::of_file(path, "it is not a file", ""));
    }
    Ok(format!("./{}", below.display()))
}

fn place(program: &str, file: &str, line: u32) -> Vec<String> {
    let name = Path::new(program).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let style = LINE_STYLES.iter().find(|(known, _)| *known == name).map_or(LineStyle::Plus, |(_, style)| *style);
    match (line, style) {
        (0, _) => vec![file.to_owned()],
        (line, LineStyle::Plus) => vec![format!("+{line}"), file.to_owned()],
        (line, LineStyle::Colon) => vec![format!("{file}:{line}")],
        (line, LineStyle::Goto) => vec!["--goto".to_owned(), format!("{file}:{line}")],
    }
}
