//! Whether a YAML file is indented as YAML is. This is no parser: it knows block maps and lists, block scalars, and
//! brackets and quotes of values, and takes for whole what it does not know.

/// Whether each line stands at a level that is open, or opens one where one can be opened.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut file = File::default();
    text.lines().all(|line| file.takes(line)) && file.flow.is_none()
}

#[derive(Default)]
struct File {
    /// Columns of the maps and lists that are open, from the outside in.
    levels: Vec<usize>,
    /// Whether the next line may open a level: the last one ended with a key or a dash.
    can_open: bool,
    /// Whether the last line ended in a value that may go on in deeper lines.
    can_go_on: bool,
    /// The column of the key of a block scalar, in which nothing is read.
    scalar: Option<usize>,
    /// What closes a value of several lines.
    flow: Option<Vec<char>>,
}

impl File {
    fn takes(&mut self, line: &str) -> bool {
        let content = line.trim_start_matches(' ');
        let column = line.len() - content.len();
        if self.flow.is_some() {
            return self.reads(content);
        }
        if content.trim().is_empty() || (content.starts_with('#') && self.scalar.is_none()) {
            return true;
        }
        if self.scalar.is_some_and(|key| column > key) {
            return true;
        }
        self.scalar = None;
        if content.starts_with('\t') {
            return false;
        }
        if column == 0 && (line.starts_with("---") || line.starts_with("...") || line.starts_with('%')) {
            *self = Self { can_open: true, ..Self::default() };
            return true;
        }
        if self.levels.is_empty() {
            self.can_open = true;
        }
        self.enters(column, content)
    }

    /// A line at its level, and what its dashes and its key open.
    fn enters(&mut self, mut column: usize, mut content: &str) -> bool {
        let is_entry = is_dash(content);
        while self.levels.last().is_some_and(|level| *level > column) {
            self.levels.pop();
            (self.can_open, self.can_go_on) = (false, false);
        }
        let is_open = self.levels.last() == Some(&column);
        let has_key = key_end(content).is_some();
        if !is_open {
            if self.can_go_on && !has_key && !is_entry {
                return self.reads(content);
            }
            if !self.can_open {
                return false;
            }
            self.levels.push(column);
        }
        while is_dash(content) {
            let rest = content.get(1..).unwrap_or_default();
            let value = rest.trim_start_matches(' ');
            column += content.len() - value.len();
            content = value;
            if key_end(content).is_some() || is_dash(content) {
                self.levels.push(column);
            }
        }
        let value = match key_end(content) {
            Some(end) => content.get(end..).unwrap_or_default().trim(),
            None => content.trim(),
        };
        let value = value.split_once(" #").map_or(value, |(value, _)| value.trim_end());
        let is_scalar = value.starts_with(['|', '>']) && value.len() <= 3;
        if is_scalar {
            self.scalar = self.levels.last().copied();
        }
        let is_tag = value.starts_with(['&', '!']) && !value.contains(' ');
        self.can_open = value.is_empty() || value.starts_with('#') || is_tag;
        self.can_go_on = !self.can_open && !is_scalar;
        is_scalar || self.can_open || self.reads(value)
    }

    /// The brackets and quotes of a value, which may go on in the next line.
    fn reads(&mut self, value: &str) -> bool {
        let mut open = self.flow.take().unwrap_or_default();
        let starts_value = !open.is_empty() || value.starts_with(['[', '{', '"', '\'']);
        if !starts_value {
            return true;
        }
        let mut characters = value.chars().peekable();
        let mut before = ' ';
        while let Some(c) = characters.next() {
            match (open.last(), c) {
                (Some('"'), '\\') => drop(characters.next()),
                (Some('\''), '\'') if characters.peek() == Some(&'\'') => drop(characters.next()),
                (Some('"'), '"') | (Some('\''), '\'') => drop(open.pop()),
                (Some('"' | '\''), _) => {}
                (_, '#') if before == ' ' => break,
                (_, '"' | '\'') if " [{,:".contains(before) => open.push(c),
                (_, '[') => open.push(']'),
                (_, '{') => open.push('}'),
                (Some(wanted), ']' | '}') if *wanted != c => return false,
                (None, ']' | '}') => return false,
                (Some(_), ']' | '}') => drop(open.pop()),
                _ => {}
            }
            before = c;
            if open.is_empty() && matches!(c, ']' | '}' | '"' | '\'') {
                break;
            }
        }
        self.flow = (!open.is_empty()).then_some(open);
        true
    }
}

fn is_dash(content: &str) -> bool {
    content == "-" || content.starts_with("- ")
}

/// The end of `key:` at the start of a line.
fn key_end(content: &str) -> Option<usize> {
    let quoted = ['"', '\''].into_iter().find(|quote| content.starts_with(*quote));
    let from = match quoted {
        Some(quote) => content.get(1..)?.find(quote)? + 2,
        None if content.starts_with(['[', '{', '#']) => return None,
        None => 0,
    };
    let rest = content.get(from..)?;
    let end = rest.find(": ").or_else(|| rest.trim_end().ends_with(':').then(|| rest.trim_end().len() - 1))?;
    let is_comment = rest.find(" #").is_some_and(|comment| comment < end);
    (!is_comment).then_some(from + end + 1)
}
