//! Which theme, which colours, which signs: from options, environment and theme files.

use std::path::{Path, PathBuf};

use crate::model::problem::Problem;
use crate::ui::Theme;
use crate::ui::theme::{BUILTIN, Depth, depth};

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// As the environment says (`NO_COLOR`, `COLORTERM`, `TERM`).
    #[default]
    Auto,
    Always,
    Never,
}

/// Largest theme file, in bytes.
const MAX_THEME: u64 = 64 << 10;

/// The theme of this name or file, in the colours and signs that the terminal has.
pub fn theme(name: Option<&str>, color: Color, ascii: bool) -> Result<Theme, Problem> {
    let chosen = named(name.unwrap_or("ansi"))?;
    let depth = match color {
        Color::Never => Depth::Mono,
        Color::Always => env_depth(None).max(Depth::Ansi16),
        Color::Auto => env_depth(var("NO_COLOR").as_deref()),
    };
    // Without colours a coloured theme would say less than one that was made for it.
    let chosen = if depth == Depth::Mono { named("mono")? } else { chosen };
    let mut theme = chosen.reduced(depth);
    theme.is_ascii = ascii || !locale_has_utf8();
    Ok(theme)
}

fn env_depth(no_color: Option<&str>) -> Depth {
    depth(no_color, var("COLORTERM").as_deref(), var("TERM").as_deref())
}

fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A locale that is set and is not UTF-8 counts; none at all does not, because containers have none and
/// their terminals are UTF-8.
fn locale_has_utf8() -> bool {
    let locale = var("LC_ALL").or_else(|| var("LC_CTYPE")).or_else(|| var("LANG"));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

fn named(name: &str) -> Result<Theme, Problem> {
    if let Some(theme) = Theme::builtin(name) {
        return Ok(theme);
    }
    let is_path = Path::new(name).extension().is_some_and(|extension| extension == "toml") || name.contains('/');
    let candidates = if is_path { vec![PathBuf::from(name)] } else { config_files(name) };
    for path in &candidates {
        if path.is_file() {
            return read(path);
        }
    }
    let ours: Vec<&str> = BUILTIN.iter().map(|(name, _)| *name).collect();
    let place = candidates.first().map(|path| format!("; a file of your own is {}", path.display()));
    let hint = format!("use {}{}", ours.join(", "), place.filter(|_| !is_path).unwrap_or_default());
    Err(Problem::of_file(name, "no such theme", hint))
}

fn read(path: &Path) -> Result<Theme, Problem> {
    let file = path.display().to_string();
    let read = || -> std::io::Result<String> {
        if std::fs::metadata(path)?.len() > MAX_THEME {
            return Err(std::io::Error::other("it is too large for a theme"));
        }
        std::fs::read_to_string(path)
    };
    let text = read().map_err(|error| Problem::of_file(file.as_str(), error.to_string(), ""))?;
    Theme::parse(&file, &text)
}

/// Where a theme of this name can be: the XDG folder on every system, then the system's own.
fn config_files(name: &str) -> Vec<PathBuf> {
    let base = directories::BaseDirs::new();
    let xdg = var("XDG_CONFIG_HOME").map(PathBuf::from);
    let home = base.as_ref().map(|base| base.home_dir().join(".config"));
    let system = base.as_ref().map(|base| base.config_dir().to_owned());
    let folders = [xdg.or(home), system];
    let file = |folder: PathBuf| folder.join("quell/themes").join(format!("{name}.toml"));
    folders.into_iter().flatten().map(file).collect()
}
