//! The headers of git's diffs: names, ids and what Quell does not do to a file.

use crate::model::fix::FileOp;

/// What the lines between `diff --git` and the first hunk say.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    pub(super) old: Vec<u8>,
    pub(super) new: Vec<u8>,
    /// Whether the names are known to have no prefix.
    pub(super) is_bare: bool,
    /// `Rename` without its path: that stands in `renamed`.
    pub(super) op: FileOp,
    /// Both names of a file that is renamed, which never have a prefix.
    pub(super) renamed: (Vec<u8>, Vec<u8>),
    /// Id of the old file, whole or its beginning.
    pub(super) blob: Option<String>,
    /// Why the change is not made, in words.
    pub(super) refused: Option<String>,
}

const LINK: &str = "it makes or changes a symbolic link";
const SUBMODULE: &str = "it changes a submodule";
const PROGRAM: &str = "it makes a program (mode 100755), which is left to you: make it without, then chmod +x";
const COPY: &str = "it copies a file; use `git apply`";
const ODD: &str = "what it says of the file contradicts itself";
const MODE: &str = "it changes the mode of a file; use `git apply`";
const BINARY: &str = "it changes a binary file; use `git apply`";

impl Header {
    /// Takes one line; `false` if it is none of a header.
    pub(super) fn take(&mut self, line: &[u8]) -> bool {
        let text = String::from_utf8_lossy(line);
        let after = |start: &str| text.strip_prefix(start).map(str::trim);
        if let Some(ids) = after("index ") {
            self.index(ids);
        } else if let Some(mode) = after("new file mode ") {
            if let Some(reason) = special(mode).or((mode == "100755").then_some(PROGRAM)) {
                self.refuse(reason);
            }
            self.becomes(FileOp::Create);
        } else if let Some(mode) = after("deleted file mode ") {
            if let Some(reason) = special(mode) {
                self.refuse(reason);
            }
            self.becomes(FileOp::Delete);
        } else if let Some(mode) = after("new mode ") {
            self.refuse(special(mode).unwrap_or(MODE));
        } else if let Some(from) = line.strip_prefix(b"rename from ") {
            self.becomes(FileOp::Rename(String::new()));
            self.renamed.0 = name(from);
        } else if let Some(to) = line.strip_prefix(b"rename to ") {
            self.becomes(FileOp::Rename(String::new()));
            self.renamed.1 = name(to);
        } else if text.starts_with("copy from ") {
            self.refuse(COPY);
        } else if text.starts_with("GIT binary patch") || is_binary(&text) {
            self.refuse(BINARY);
        } else {
            const OTHERS: [&str; 4] = ["old mode ", "similarity index ", "dissimilarity index ", "copy to "];
            return OTHERS.iter().any(|start| text.starts_with(start));
        }
        true
    }

    /// `--- name`, `/dev/null` for a new file.
    pub(super) fn take_old(&mut self, rest: &[u8]) {
        self.old = name(rest);
        if self.old == b"/dev/null" {
            self.becomes(FileOp::Create);
        }
    }

    /// `+++ name`, `/dev/null` for a file that goes.
    pub(super) fn take_new(&mut self, rest: &[u8]) {
        self.new = name(rest);
        if self.new == b"/dev/null" {
            self.becomes(FileOp::Delete);
            self.new.clone_from(&self.old);
        }
        if self.old == b"/dev/null" || self.old.is_empty() {
            self.old.clone_from(&self.new);
        }
    }

    fn becomes(&mut self, op: FileOp) {
        if self.op != FileOp::Change && self.op != op {
            self.refuse(ODD);
        }
        self.op = op;
    }

    pub(super) fn refuse(&mut self, reason: &str) {
        if self.refused.is_none() {
            self.refused = Some(reason.to_owned());
        }
    }

    /// `1234567..89abcde 100644`
    fn index(&mut self, ids: &str) {
        let (ids, mode) = ids.split_once(' ').unwrap_or((ids, ""));
        if let Some(reason) = special(mode) {
            self.refuse(reason);
        }
        let old = ids.split("..").next().unwrap_or_default().to_ascii_lowercase();
        let is_id = (7..=64).contains(&old.len()) && old.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.blob = Some(old).filter(|old| is_id && old.bytes().any(|byte| byte != b'0'));
    }
}

/// The header that `diff --git a/name b/name` begins. The names count where no `---` follows; they are told apart by
/// being equal, because they may hold blanks.
pub(super) fn begin(rest: &[u8]) -> Header {
    let mut header = Header::default();
    if rest.starts_with(b"\"") {
        header.old = name(rest);
        header.new = header.old.clone();
        return header;
    }
    let bare =
        |name: &[u8]| name.iter().position(|byte| *byte == b'/').map_or(name.to_vec(), |at| name[at + 1..].to_vec());
    for (at, _) in rest.iter().enumerate().filter(|(_, byte)| **byte == b' ') {
        let (old, new) = (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default());
        if old == new || bare(old) == bare(new) {
            header.is_bare = old == new;
            (header.old, header.new) = (old.to_vec(), new.to_vec());
            break;
        }
    }
    header
}

fn is_binary(text: &str) -> bool {
    text.starts_with("Binary files ") && text.trim_end().ends_with(" differ")
}

/// Modes that are neither a file's nor a program's.
fn special(mode: &str) -> Option<&'static str> {
    match mode.trim() {
        "120000" => Some(LINK),
        "160000" => Some(SUBMODULE),
        _ => None,
    }
}

/// A name as git or `diff` writes it: in quotes with C escapes (git's `quote_c_style`), or up to the tab before a
/// time stamp.
pub(super) fn name(rest: &[u8]) -> Vec<u8> {
    if let Some(quoted) = rest.strip_prefix(b"\"") {
        return unquoted(quoted);
    }
    let end = rest.iter().position(|byte| *byte == b'\t').unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default().trim_ascii_end().to_vec()
}

fn unquoted(quoted: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = quoted;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'"', _) => break,
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..]) => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            (b'\\', [escape, after @ ..]) => {
                out.push(match escape {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'a' => 7,
                    b'b' => 8,
                    b'v' => 11,
                    b'f' => 12,
                    other => *other,
                });
                rest = after;
            }
            (other, _) => out.push(*other),
        }
    }
    out
}
