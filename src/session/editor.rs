//! The user's editor at a line. Its command line comes from the user alone and never goes through a shell;
//! the path comes from a report, and is opened only where it is a file inside the repository.

use std::path::Path;
use std::process::Command;

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

/// Runs `$VISUAL`, else `$EDITOR`, else `vi`, and waits for it.
pub(super) fn open(tty: &Tty, root: &Path, path: &str, line: u32) -> Result<(), Problem> {
    let file = confined(root, path)?;
    let words = command()?;
    let Some((program, args)) = words.split_first() else {
        return Err(Problem::of_file("EDITOR", "it is empty", "set it to an editor"));
    };
    // Standard input may be a report that is piped in; the editor reads the terminal.
    let status = tty.input().try_clone_to_owned().and_then(|keys| {
        Command::new(program).args(args).args(place(program, &file, line)).current_dir(root).stdin(keys).status()
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
