//! Dockerfiles: what an image starts from, and which parts of its context go into it.

use super::facts::Dockerfile;

/// Reads one. An instruction that is not understood says nothing.
pub(super) fn read(text: &str) -> Dockerfile {
    let mut stages: Vec<String> = Vec::new();
    let mut from = Vec::new();
    let mut copies = Vec::new();
    let mut is_whole = false;
    for instruction in instructions(text) {
        let (name, rest) = instruction.split_once(char::is_whitespace).unwrap_or((&instruction, ""));
        match name.to_ascii_uppercase().as_str() {
            "FROM" => {
                let words: Vec<&str> = rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
                if let [_, r#as, stage, ..] = words.as_slice()
                    && r#as.eq_ignore_ascii_case("as")
                {
                    stages.push(stage.to_ascii_lowercase());
                }
                from.extend(words.first().map(|image| (*image).to_owned()));
            }
            "COPY" | "ADD" => is_whole |= !copied(rest, &mut copies),
            // A mount of the context may hold anything of it.
            "RUN" => is_whole |= rest.contains("--mount=type=bind") && !rest.contains("from="),
            _ => {}
        }
    }
    from.retain(|image| image != "scratch" && !stages.contains(&image.to_ascii_lowercase()));
    copies.sort();
    copies.dedup();
    is_whole |= copies.is_empty() || copies.iter().any(String::is_empty);
    Dockerfile { from, copies: (!is_whole).then_some(copies) }
}

/// Instructions with continued lines joined, without comments.
fn instructions(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = String::new();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        if let Some(part) = line.strip_suffix('\\') {
            open.push_str(part);
            open.push(' ');
        } else {
            open.push_str(line);
            found.push(std::mem::take(&mut open));
        }
    }
    if !open.is_empty() {
        found.push(open);
    }
    found
}

/// Adds the sources of a COPY or ADD; `false` where it cannot be told which they are.
fn copied(rest: &str, copies: &mut Vec<String>) -> bool {
    let mut words: Vec<&str> = rest.split_whitespace().collect();
    let flags = words.iter().take_while(|word| word.starts_with("--")).count();
    if words.iter().take(flags).any(|flag| flag.starts_with("--from")) {
        return true;
    }
    words.drain(..flags);
    let list = words.join(" ");
    let sources: Vec<String> = match serde_json::from_str(&list) {
        Ok(sources) => sources,
        Err(_) => words.into_iter().map(str::to_owned).collect(),
    };
    let Some((_, sources)) = sources.split_last() else { return true };
    for source in sources {
        if source.contains("://") || source.starts_with("git@") || source.starts_with("<<") {
            continue;
        }
        let Some(source) = plain(source) else { return false };
        copies.push(source);
    }
    true
}

/// A source as a path below the context: a pattern is the folder that it looks in. `None` for what is not a plain path.
fn plain(source: &str) -> Option<String> {
    if source.contains(['$', '"', '\'', '\\']) {
        return None;
    }
    let is_pattern = |part: &str| part.contains(['*', '?', '[']);
    let mut parts = Vec::new();
    for part in source.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match part {
            ".." => return None,
            part if is_pattern(part) => break,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
