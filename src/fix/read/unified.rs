//! Unified diffs: of git, of `diff -u`, in mails, in prose and fences, and as language models write them.
//!
//! Numbers and counts are hints. A hunk goes as far as its counts say if its lines agree; where they do not, to the
//! next line that cannot be one of it. What stands in the file decides, later, where it goes.

use std::collections::HashMap;

use crate::model::fix::{FileEdit, FileOp, Passage};

use super::document::{Document, chomp, words};
use super::draft::{Draft, Drafts};
use super::git::{self, Header};

/// Characters of a title that is put together from several lines.
const MAX_TITLE: usize = 200;

pub(super) fn is(document: &Document<'_>) -> bool {
    let is_pair = |pair: &[&[u8]]| matches!(pair, [old, new] if old.starts_with(b"--- ") && new.starts_with(b"+++ "));
    document.lines.windows(2).any(is_pair)
        || document.has(|line| line.starts_with(b"diff --git ") || line.starts_with(b"diff --cc "))
        || document.has(|line| hunk_header(chomp(line)).is_some())
}

pub(super) fn read(document: &Document<'_>, drafts: &mut Drafts<'_>) {
    let is_windows = has_windows_headers(document);
    let mut reader = Reader { document, drafts, at: 0, commits: vec![Commit::default()], is_open: false, is_windows };
    while reader.at < document.lines.len() {
        reader.step();
    }
    let commits = std::mem::take(&mut reader.commits);
    for (number, commit) in joined(commits).into_iter().enumerate() {
        drafts.add(commit.draft(document, number));
    }
}

/// One commit of a series, or all of a plain diff.
#[derive(Default)]
struct Commit {
    title: String,
    /// One entry a header, in their order.
    files: Vec<FileEdit>,
    warnings: Vec<String>,
    /// Commits that were joined to this one.
    others: usize,
}

impl Commit {
    fn draft(self, document: &Document<'_>, number: usize) -> Draft {
        let title = if self.title.is_empty() { document.title() } else { self.title };
        let more = if self.others > 0 { format!(" (and {} more)", self.others) } else { String::new() };
        let mut files: Vec<FileEdit> = Vec::new();
        for file in self.files {
            let is_same = |known: &&mut FileEdit| known.path == file.path || known.op.new_path() == Some(&file.path);
            match files.iter_mut().find(is_same) {
                Some(known) => follow(known, file),
                None => files.push(file),
            }
        }
        let place = format!("/{number}");
        Draft { title: title + &more, place, files, warnings: self.warnings, ..Draft::default() }
    }
}

/// Adds a later change of a file: it is about what the earlier ones make of it.
fn follow(known: &mut FileEdit, later: FileEdit) {
    let step = known.passages.last().map_or(0, |last| last.step + 1);
    known.refused = known.refused.take().or(later.refused);
    match (&known.op, later.op) {
        (FileOp::Delete, _)
        | (_, FileOp::Create | FileOp::Delete)
        | (FileOp::Create | FileOp::Rename(_), FileOp::Rename(_)) => {
            let reason = "several changes of it in one patch make, remove or rename it";
            known.refused.get_or_insert_with(|| reason.to_owned());
        }
        (FileOp::Change, op @ FileOp::Rename(_)) => known.op = op,
        (_, FileOp::Change) => {}
    }
    known.passages.extend(later.passages.into_iter().map(|passage| Passage { step, ..passage }));
}

/// The commits of a series; those that change the same files are one, because the later ones cannot be made alone.
fn joined(commits: Vec<Commit>) -> Vec<Commit> {
    let mut joined: Vec<Commit> = Vec::new();
    let mut owners: HashMap<String, usize> = HashMap::new();
    for commit in commits.into_iter().filter(|commit| !commit.files.is_empty()) {
        let mut known: Vec<usize> =
            commit.files.iter().flat_map(names).filter_map(|path| owners.get(path).copied()).collect();
        known.sort_unstable();
        known.dedup();
        let seat = known.first().copied().unwrap_or(joined.len());
        if seat == joined.len() {
            joined.push(Commit { title: commit.title.clone(), ..Commit::default() });
        }
        let merged: Vec<Commit> =
            known.iter().skip(1).filter_map(|at| joined.get_mut(*at).map(std::mem::take)).collect();
        let is_first = known.is_empty();
        for other in merged.into_iter().chain([commit]) {
            owners.extend(other.files.iter().flat_map(names).map(|path| (path.to_owned(), seat)));
            if let Some(whole) = joined.get_mut(seat) {
                whole.others += other.others + usize::from(!is_first);
                whole.files.extend(other.files);
                whole.warnings.extend(other.warnings);
            }
        }
    }
    joined.retain(|commit| !commit.files.is_empty());
    joined
}

/// The paths that a file has before and after.
fn names(file: &FileEdit) -> impl Iterator<Item = &str> {
    file.op.new_path().into_iter().chain([file.path.as_str()])
}

struct Reader<'d, 'a, 'r> {
    document: &'d Document<'a>,
    drafts: &'d mut Drafts<'r>,
    /// The line that is read next.
    at: usize,
    commits: Vec<Commit>,
    /// Whether the last file takes the hunks that follow.
    is_open: bool,
    /// Whether the whole text has Windows line ends, so that those of its lines say nothing of the file.
    is_windows: bool,
}

/// What the head of a hunk states: first line and number of lines, old and new.
#[derive(Clone, Copy)]
struct Numbers {
    old: u64,
    old_lines: u64,
    new_lines: u64,
}

/// The lines of a hunk.
#[derive(Default)]
struct Body {
    before: Vec<u8>,
    after: Vec<u8>,
    old_lines: u64,
    new_lines: u64,
    /// Line behind it.
    end: usize,
    /// Whether the last line is an old one and a new one.
    last: (bool, bool),
}

impl<'a> Reader<'_, 'a, '_> {
    fn line(&self, at: usize) -> &'a [u8] {
        let line = self.document.line(at);
        if self.is_windows { chomp(line) } else { line }
    }

    fn is_end(&self, at: usize) -> bool {
        at >= self.document.lines.len()
    }

    /// Reads what begins at the current line.
    fn step(&mut self) {
        let line = self.line(self.at);
        if let Some(rest) = line.strip_prefix(b"diff --git ") {
            self.at += 1;
            self.git_file(git::begin(chomp(rest)));
        } else if self.is_names(self.at) {
            let mut header = Header::default();
            self.names(&mut header);
            self.open(header);
        } else if let Some(numbers) = hunk_header(chomp(line)) {
            self.at += 1;
            self.hunk(numbers);
        } else if line.starts_with(b"diff --cc ") || line.starts_with(b"diff --combined ") {
            self.refuse("a combined diff of a merge is not read; make one against one parent");
        } else if line.starts_with(b"***************") {
            self.refuse("a context diff is not read; make a unified one with `diff -u`");
        } else {
            self.at += 1;
            self.word(line);
        }
    }

    fn refuse(&mut self, reason: &str) {
        self.at += 1;
        self.lose(self.at, reason);
        self.is_open = false;
    }

    /// Says that a part was left out: what is left may not do without it.
    fn lose(&mut self, line: usize, reason: &str) {
        self.drafts.problem(line, reason);
        if let Some(commit) = self.commits.last_mut() {
            commit.warnings.push(format!("a part of it could not be read: {reason}"));
        }
    }

    /// A line of prose: where a commit begins, and what it is called.
    fn word(&mut self, line: &[u8]) {
        if is_commit(line) {
            self.commits.push(Commit::default());
            self.is_open = false;
            return;
        }
        let has_files = self.commits.last().is_some_and(|commit| !commit.files.is_empty());
        if let Some(subject) = line.strip_prefix(b"Subject: ") {
            if has_files {
                self.commits.push(Commit::default());
            }
            let title = self.subject(subject);
            self.name_commit(|_| true, &title);
        } else if let Some(title) = line.strip_prefix(b"    ").filter(|_| !has_files && self.commits.len() > 1) {
            // `git log -p` and `git show` indent the message.
            self.name_commit(|commit| commit.title.is_empty(), &words(title));
        }
    }

    fn name_commit(&mut self, may: impl Fn(&Commit) -> bool, title: &str) {
        if let Some(commit) = self.commits.last_mut().filter(|commit| may(commit)) {
            title.clone_into(&mut commit.title);
        }
    }

    /// A subject without `[PATCH 1/2]`. RFC 5322, 2.2.3: a line that begins with a blank goes on with the one before.
    fn subject(&mut self, first: &[u8]) -> String {
        let mut title = words(first);
        while self.line(self.at).starts_with(b" ") && title.len() < MAX_TITLE {
            title = format!("{title} {}", words(self.line(self.at)));
            self.at += 1;
        }
        let bare = title.strip_prefix("[PATCH").and_then(|rest| rest.split_once(']')).map(|(_, bare)| bare.trim());
        bare.unwrap_or(&title).to_owned()
    }

    /// What follows `diff --git`: header lines, and names where there are hunks.
    fn git_file(&mut self, mut header: Header) {
        while !self.is_end(self.at) && !self.is_names(self.at) && header.take(chomp(self.line(self.at))) {
            self.at += 1;
        }
        if self.is_names(self.at) {
            self.names(&mut header);
        }
        self.open(header);
    }

    fn is_names(&self, at: usize) -> bool {
        self.line(at).starts_with(b"--- ") && self.line(at + 1).starts_with(b"+++ ")
    }

    fn names(&mut self, header: &mut Header) {
        let rest = |line: &'a [u8]| chomp(line.get(4..).unwrap_or_default());
        header.take_old(rest(self.line(self.at)));
        header.take_new(rest(self.line(self.at + 1)));
        self.at += 2;
    }

    fn open(&mut self, header: Header) {
        let mut file = match &header.op {
            FileOp::Change | FileOp::Delete => self.drafts.file_of_names(&header.old, &header.new),
            FileOp::Create => self.drafts.new_file(&header.new, header.is_bare),
            FileOp::Rename(_) => self.drafts.renamed(&header.renamed.0, &header.renamed.1),
        };
        if header.op == FileOp::Delete {
            file.op = FileOp::Delete;
        }
        file.blob = header.blob;
        file.refused = file.refused.take().or(header.refused);
        self.is_open = true;
        if let Some(commit) = self.commits.last_mut() {
            commit.files.push(file);
        }
    }

    fn hunk(&mut self, numbers: Option<Numbers>) {
        let begin = self.at;
        let body = self.body(numbers);
        self.at = body.end;
        let is_cut_off = self.is_end(body.end)
            && numbers.is_some_and(|numbers| body.old_lines < numbers.old_lines || body.new_lines < numbers.new_lines);
        if !self.is_open {
            self.lose(begin, "a hunk without the name of a file before it");
            return;
        }
        let Some(Commit { files, warnings, .. }) = self.commits.last_mut() else { return };
        if is_cut_off {
            warnings.push("its last hunk is shorter than it says: the text may be cut off".to_owned());
        }
        // With no old lines the number is that of the line before.
        let line = numbers.map_or(0, |numbers| numbers.old.saturating_add(u64::from(body.before.is_empty())));
        let Body { before, after, .. } = body;
        if let Some(file) = files.last_mut().filter(|_| before != after) {
            let line = u32::try_from(line).unwrap_or(0);
            file.passages.push(Passage { line, before, after, ..Passage::default() });
        }
    }

    /// The lines of a hunk: as many as it states, or, where these are not lines of a hunk or more follow, all.
    fn body(&self, numbers: Option<Numbers>) -> Body {
        let counted = numbers.and_then(|numbers| self.counted(&numbers));
        counted.unwrap_or_else(|| self.uncounted(numbers))
    }

    /// As many lines as are stated; `None` where they are not there, or not all.
    fn counted(&self, numbers: &Numbers) -> Option<Body> {
        let mut body = Body { end: self.at, ..Body::default() };
        while body.old_lines < numbers.old_lines || body.new_lines < numbers.new_lines {
            let is_line = !self.is_end(body.end) && !self.is_header(body.end, &body, numbers);
            if !is_line || !body.take(self.line(body.end)) {
                return None;
            }
        }
        if body.old_lines > numbers.old_lines || body.new_lines > numbers.new_lines {
            return None;
        }
        if is_note(self.line(body.end)) {
            body.take(self.line(body.end));
        }
        // A count that is too small must not drop lines in silence, also not behind an empty one.
        let next = (body.end..self.document.lines.len()).find(|at| !chomp(self.line(*at)).is_empty());
        let is_line = |at: usize| matches!(self.line(at).first(), Some(b' ' | b'+' | b'-')) && !self.ends_hunk(at);
        (!next.is_some_and(is_line)).then_some(body)
    }

    /// A removed `-- x` before an added `++ y` looks like the names of the next file; where the counts have room for
    /// it, it is not.
    fn is_header(&self, at: usize, body: &Body, numbers: &Numbers) -> bool {
        let has_room = body.old_lines < numbers.old_lines && body.new_lines < numbers.new_lines;
        self.is_names(at) && !has_room
    }

    /// All lines until one that cannot be of a hunk.
    fn uncounted(&self, numbers: Option<Numbers>) -> Body {
        let mut body = Body { end: self.at, ..Body::default() };
        let mut kept = (0, 0, self.at);
        while !self.is_end(body.end) && !self.ends_hunk(body.end) && body.take(self.line(body.end)) {
            let is_stated = numbers
                .is_some_and(|numbers| body.old_lines <= numbers.old_lines && body.new_lines <= numbers.new_lines);
            // Empty lines at the end stand between the hunk and what follows, unless it counts them.
            if is_stated || !chomp(self.line(body.end - 1)).is_empty() {
                kept = (body.before.len(), body.after.len(), body.end);
            }
        }
        body.before.truncate(kept.0);
        body.after.truncate(kept.1);
        body.end = kept.2;
        body
    }

    /// Whether a line begins something else.
    fn ends_hunk(&self, at: usize) -> bool {
        let line = chomp(self.line(at));
        hunk_header(line).is_some()
            || self.is_names(at)
            || is_commit(line)
            || matches!(line, b"-- " | b"--")
            || ["diff ", "Index: ", "```", "*** "].iter().any(|start| line.starts_with(start.as_bytes()))
    }
}

impl Body {
    /// Takes one line of a hunk; `false` if it is none.
    fn take(&mut self, line: &[u8]) -> bool {
        let (is_old, is_new, content) = match line {
            [] | [b'\r'] => (true, true, line),
            [b' ', content @ ..] => (true, true, content),
            [b'-', content @ ..] => (true, false, content),
            [b'+', content @ ..] => (false, true, content),
            _ if is_note(line) => {
                self.end += 1;
                self.unend();
                return true;
            }
            _ => return false,
        };
        self.end += 1;
        for (is_side, side, lines) in
            [(is_old, &mut self.before, &mut self.old_lines), (is_new, &mut self.after, &mut self.new_lines)]
        {
            if is_side {
                side.extend_from_slice(content);
                side.push(b'\n');
                *lines += 1;
            }
        }
        self.last = (is_old, is_new);
        true
    }

    /// The line before a note about a missing line end has none.
    fn unend(&mut self) {
        let (is_old, is_new) = self.last;
        for (is_side, side) in [(is_old, &mut self.before), (is_new, &mut self.after)] {
            if is_side && side.ends_with(b"\n") {
                side.pop();
            }
        }
    }
}

/// `\ No newline at end of file`, in any language.
fn is_note(line: &[u8]) -> bool {
    line.starts_with(b"\\ ")
}

/// Where a mail of `git format-patch` or an entry of `git log` begins.
fn is_commit(line: &[u8]) -> bool {
    let id = line.strip_prefix(b"From ").map(|rest| (rest, 40)).or(line.strip_prefix(b"commit ").map(|rest| (rest, 7)));
    id.is_some_and(|(rest, least)| rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count() >= least)
}

/// `@@ -1,2 +3,4 @@ heading`: its numbers, or `None` inside where it states none (`@@ @@`, `@@ ... @@`, `@@`).
#[expect(clippy::option_option, reason = "no head, and a head without numbers")]
fn hunk_header(line: &[u8]) -> Option<Option<Numbers>> {
    let rest = line.strip_prefix(b"@@")?;
    if !matches!(rest.first(), None | Some(b' ')) {
        return None;
    }
    let text = std::str::from_utf8(rest).unwrap_or_default();
    let numbers = text.split("@@").next().unwrap_or_default();
    let mut ranges = numbers.split_whitespace();
    let range = |text: Option<&str>, sign: char| -> Option<(u64, u64)> {
        let (first, count) = text?.strip_prefix(sign)?.split_once(',').unwrap_or((text?.get(1..)?, "1"));
        Some((first.parse().ok()?, count.parse().ok()?))
    };
    let (old, new) = (range(ranges.next(), '-'), range(ranges.next(), '+'));
    Some(old.zip(new).map(|((old, old_lines), (_, new_lines))| Numbers { old, old_lines, new_lines }))
}

/// Whether every line of the diff's own frame ends with `\r\n`: then the whole text was converted.
fn has_windows_headers(document: &Document<'_>) -> bool {
    let is_frame = |line: &[u8]| {
        let names = line.starts_with(b"--- ") || line.starts_with(b"+++ ") || line.starts_with(b"diff --git ");
        names || hunk_header(chomp(line)).is_some()
    };
    let mut frame = document.lines.iter().filter(|line| is_frame(line)).peekable();
    frame.peek().is_some() && frame.all(|line| line.ends_with(b"\r"))
}
