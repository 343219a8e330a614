//! Who owns a path by the repository's own file (docs.github.com, "About code owners"): the last pattern that matches
//! counts; patterns are those of gitignore without `!` and `[ ]`, and `docs/*` means the files right in that folder.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use super::Repo;

/// Where it can be, the first that is there counts.
const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
/// GitHub reads no larger one.
const MAX_BYTES: u64 = 3 << 20;

/// The rules of a repository, ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct Codeowners {
    globs: GlobSet,
    /// By glob: the rule that it is of, in the order of the file.
    rules: Vec<usize>,
    owners: Vec<Vec<Box<str>>>,
}

impl Codeowners {
    /// The rules of a text. Lines that are no rule are passed over, as GitHub does.
    pub fn parse(text: &str) -> Self {
        let (mut globs, mut rules, mut owners) = (GlobSetBuilder::new(), Vec::new(), Vec::new());
        for (pattern, names) in text.lines().filter_map(rule) {
            for glob in of_pattern(&pattern) {
                globs.add(glob);
                rules.push(owners.len());
            }
            owners.push(names);
        }
        // Together they can be too large to be compiled: then nobody owns anything.
        globs.build().map_or_else(|_| Self::default(), |globs| Self { globs, rules, owners })
    }

    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    /// Those who own a file, by its path in the repository; none where no pattern matches, or the last one names nobody.
    pub fn of(&self, path: &str) -> &[Box<str>] {
        let last = self.globs.matches(path).into_iter().map(|glob| self.rules[glob]).max();
        last.map_or(&[], |rule| &self.owners[rule])
    }
}

impl Repo {
    /// The rules of the tree, or of a commit.
    pub fn codeowners(&self, commit: Option<&str>) -> Codeowners {
        let read = |path: &&str| match commit {
            None => self.read_small(path, MAX_BYTES).ok(),
            Some(commit) => self.blob_at(commit, path).filter(|bytes| bytes.len() as u64 <= MAX_BYTES),
        };
        let bytes = PLACES.iter().find_map(read).unwrap_or_default();
        Codeowners::parse(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}'))
    }
}

/// Pattern and owners of a line.
fn rule(line: &str) -> Option<(String, Vec<Box<str>>)> {
    let mut words = words(line).into_iter();
    let pattern = words.next().filter(|pattern| !pattern.starts_with('!') && pattern != "/")?;
    let is_owner = |word: &String| word.contains('@');
    Some((pattern, words.filter(is_owner).map(String::into_boxed_str).collect()))
}

/// The words of a line up to a comment, with what was escaped still so.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_escaped) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        if c == '#' && word.is_empty() {
            break;
        }
        if c.is_whitespace() && !is_escaped {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        word.push(c);
        is_escaped = c == '\\' && !is_escaped;
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// The globs that mean the same as a pattern.
fn of_pattern(pattern: &str) -> Vec<Glob> {
    let (is_rooted, rest) = pattern.strip_prefix('/').map_or((false, pattern), |rest| (true, rest));
    let (is_folder, rest) = rest.strip_suffix('/').map_or((false, rest), |rest| (true, rest));
    let depth = if is_rooted || rest.contains('/') { "" } else { "**/" };
    let own = format!("{depth}{}", escaped(rest));
    let texts = if is_folder {
        vec![format!("{own}/**")]
    } else if rest == "*" || rest.ends_with("/*") || rest.ends_with("/**") {
        vec![own]
    } else {
        vec![format!("{own}/**"), own]
    };
    let glob = |text: &String| GlobBuilder::new(text).literal_separator(true).build().ok();
    texts.iter().filter_map(glob).collect()
}

/// With only `*` and `?` left to mean something.
fn escaped(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push_str(&globset::escape(&chars.next().map(String::from).unwrap_or_default())),
            '*' | '?' => out.push(c),
            c => out.push_str(&globset::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}
