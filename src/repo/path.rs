//! Which relative paths are allowed at all, before the disk is asked.

use super::read::ReadError;

/// Components of a path relative to the root, split at `/`.
///
/// Fails with [`ReadError::Outside`] for an absolute or empty path, for `.`, `..`, NUL, a backslash (a separator
/// elsewhere), and for `.git` however it is spelled, and the folders of other version control systems: settings there
/// name commands, too.
pub(super) fn components(path: &str) -> Result<Vec<&str>, ReadError> {
    let mut parts = Vec::with_capacity(path.bytes().filter(|byte| *byte == b'/').count() + 1);
    parts.extend(path.split('/'));
    let has_odd_byte = path.bytes().any(|byte| matches!(byte, b'\0' | b'\\'));
    if !has_odd_byte && parts.iter().all(|part| is_allowed(part)) { Ok(parts) } else { Err(ReadError::Outside) }
}

fn is_allowed(component: &str) -> bool {
    !matches!(component, "" | "." | "..") && !is_git_dir(component) && !is_of_other_system(component)
}

/// The folders of Mercurial, Jujutsu, Sapling, Subversion and Bazaar.
fn is_of_other_system(component: &str) -> bool {
    let stem = component.trim_end_matches(['.', ' ']);
    component.starts_with('.')
        && [".hg", ".jj", ".sl", ".svn", ".bzr"].iter().any(|name| stem.eq_ignore_ascii_case(name))
}

/// Whether some file system takes this name for `.git`. These are the rules of git's own `is_ntfs_dotgit` and
/// `is_hfs_dotgit`, applied everywhere: letter case, trailing dots and blanks, the short name `git~1`, streams
/// behind `:`, and code points that HFS+ ignores.
pub(super) fn is_git_dir(component: &str) -> bool {
    // Nearly every name is answered by its first letter.
    if component.is_ascii() && !component.starts_with(['.', 'g', 'G']) {
        return false;
    }
    let shown: String = component.chars().filter(|&c| !is_ignored_by_hfs(c)).collect();
    let stem = shown.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    stem.eq_ignore_ascii_case(".git") || stem.eq_ignore_ascii_case("git~1")
}

fn is_ignored_by_hfs(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}
