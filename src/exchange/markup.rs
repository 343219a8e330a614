//! Text in which nothing is markup, and the frame of a page that runs and fetches nothing.

use crate::model::text::visible;

/// The head of a page up to its body. Nothing in it runs or is fetched; `style` is ours.
pub fn page_head(title: &str, style: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n\
<body>\n",
        html(title)
    )
}

pub const PAGE_END: &str = "</body>\n</html>\n";

const STYLE: &str = "body{font:14px/1.4 sans-serif;margin:2em}table{border-collapse:collapse;width:100%}\n\
th,td{border-bottom:1px solid #ccc;padding:.3em .6em;text-align:left;vertical-align:top;overflow-wrap:anywhere}\n\
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}\n";

/// What means something in HTML and SVG.
const HTML: &[(char, &str)] = &[('<', "&lt;"), ('>', "&gt;"), ('&', "&amp;"), ('"', "&quot;"), ('\'', "&#39;")];

/// What means something in a line of Markdown or a cell of its tables.
const MARKDOWN: &[(char, &str)] = &[
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('&', "&amp;"),
    ('|', "\\|"),
    ('\\', "\\\\"),
    ('`', "\\`"),
    ('*', "\\*"),
    ('_', "\\_"),
    ('[', "\\["),
    (']', "\\]"),
    ('#', "\\#"),
    ('!', "\\!"),
    ('~', "\\~"),
];

/// For HTML and SVG.
pub fn html(text: &str) -> String {
    escaped(text, HTML)
}

/// What begins a formula, in all widths that spreadsheets take.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A field as RFC 4180 quotes it. What a spreadsheet would take for a formula starts with a quote mark, also behind a
/// semicolon, at which many countries' spreadsheets part fields.
pub fn csv(text: &str) -> String {
    let text = visible(text);
    let is_formula = |part: &str| part.trim_start().starts_with(FORMULA);
    let guarded = |part: &str| if is_formula(part) { format!("'{part}") } else { part.to_owned() };
    if !text.split(';').any(is_formula) && !text.contains([',', '"']) {
        return text.into_owned();
    }
    let parts: Vec<String> = text.split(';').map(guarded).collect();
    format!("\"{}\"", parts.join(";").replace('"', "\"\""))
}

/// One line of Markdown, also in a table.
pub fn markdown(text: &str) -> String {
    escaped(text, MARKDOWN)
}

fn escaped(text: &str, special: &[(char, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in visible(text).chars() {
        match special.iter().find(|(other, _)| *other == c) {
            Some((_, instead)) => out.push_str(instead),
            None => out.push(c),
        }
    }
    out
}
