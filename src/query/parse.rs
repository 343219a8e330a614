//! Query text to terms (`design: commands, "Queries"`).

/// A parsed query: terms joined by AND.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    pub text: String,
}

/// A bad term, with where it stands and what is allowed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Byte range in the query text.
    pub span: std::ops::Range<usize>,
    pub reason: String,
    /// Words that would be allowed, for completion.
    pub allowed: Vec<&'static str>,
}

/// Parses a query. Blank text matches everything.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    let _ = text;
    unimplemented!()
}

/// Whole words that would complete the word before `cursor` (a byte position), best first.
pub fn completions(text: &str, cursor: usize, board: &crate::model::board::Board) -> Vec<String> {
    let _ = (text, cursor, board);
    unimplemented!()
}

/// Where the word that is being typed begins: what a completion replaces.
pub fn word_start(head: &str) -> usize {
    let _ = head;
    unimplemented!()
}
