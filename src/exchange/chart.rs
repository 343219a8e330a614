//! Charts as SVG inside a page: no script, no font, nothing from outside. Each says in words what it shows.

use std::fmt::Write as _;

use super::markup::html;

/// Columns of a drawing in its own units.
const WIDTH: usize = 480;
const LABELS: usize = 110;
const ROW: usize = 22;
/// Height of the columns of a series.
const HEIGHT: usize = 110;

/// One bar or column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    pub label: String,
    pub count: usize,
    /// Class of the style: one word of ours.
    pub class: &'static str,
}

impl Bar {
    pub fn new(label: impl Into<String>, count: usize, class: &'static str) -> Self {
        Self { label: label.into(), count, class }
    }
}

/// Style of the charts, for the head of a page.
pub const STYLE: &str = "svg{max-width:480px;width:100%;height:auto;margin:0 2em 1em 0}svg text{font-size:12px;fill:currentColor}\n\
.bar{fill:#58779e}.critical{fill:#a5193c}.high{fill:#d1562b}.medium{fill:#c9962c}.low{fill:#58779e}.info{fill:#888}\n\
figure{display:inline-block;margin:0;vertical-align:top}figcaption{font-weight:bold;margin-bottom:.3em}\n";

/// Bars that lie under one another, each with its number.
pub fn bars(title: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let mut out = open(title, bars, ROW * bars.len().max(1));
    for (number, Bar { label, count, class }) in bars.iter().enumerate() {
        let (y, length) = (number * ROW, (WIDTH - LABELS - 50) * count / most);
        let text = y + 15;
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "<text x=\"0\" y=\"{text}\">{}</text><rect class=\"{class}\" x=\"{LABELS}\" y=\"{}\" width=\"{length}\" \
             height=\"14\"/><text x=\"{}\" y=\"{text}\">{count}</text>",
            html(label),
            y + 4,
            LABELS + length + 6
        );
    }
    out + "</svg></figure>\n"
}

/// Columns side by side over time; of many only some are labelled.
pub fn columns(title: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let mut out = open(title, bars, HEIGHT + 40);
    let step = WIDTH / bars.len().max(1);
    let labelled = bars.len().div_ceil(6).max(1);
    for (number, Bar { label, count, class }) in bars.iter().enumerate() {
        let (x, length) = (number * step, HEIGHT * count / most);
        let top = 16 + HEIGHT - length;
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"{}\" height=\"{length}\"/>\
             <text x=\"{x}\" y=\"{}\">{count}</text>",
            step.saturating_sub(4).max(1),
            top - 3
        );
        if number % labelled == 0 {
            let _ = writeln!(out, "<text x=\"{x}\" y=\"{}\">{}</text>", HEIGHT + 34, html(label));
        }
    }
    out + "</svg></figure>\n"
}

fn open(title: &str, bars: &[Bar], height: usize) -> String {
    let said: Vec<String> = bars.iter().map(|bar| format!("{} {}", bar.label, bar.count)).collect();
    let title = html(title);
    format!(
        "<figure><figcaption>{title}</figcaption><svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" \
         viewBox=\"0 0 {WIDTH} {height}\"><title>{title}: {}</title>\n",
        html(&said.join(", "))
    )
}
