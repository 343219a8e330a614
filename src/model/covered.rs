//! Secrets in text that is hashed: covered first, so that they cannot be guessed from an id or an anchor.

/// The shortest run of characters that is taken for a secret.
const SECRET: usize = 8;

/// A text whose quoted literals and token-like runs are covered.
pub fn covered(text: &str) -> String {
    cover_tokens(&cover_quoted(text))
}

fn cover_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let (before, from) = rest.split_at(at);
        let quote = from.chars().next().unwrap_or('"');
        let inside = from.get(1..).unwrap_or_default();
        out.push_str(before);
        let Some((_, after)) = inside.split_once(quote) else {
            // A literal that does not end is covered to the end of the text.
            out.push(quote);
            out.push('*');
            return out;
        };
        out.push(quote);
        out.push('*');
        out.push(quote);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn cover_tokens(text: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '_' | '=' | '-');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c| is_token(c) != is_token(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(length);
        out.push_str(if is_token(first) && run.len() >= SECRET { "*" } else { run });
        rest = after;
    }
    out
}
