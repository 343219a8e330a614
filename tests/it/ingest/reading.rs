//! How the tests of this layer load reports.

use std::ops::Deref;
use std::sync::Arc;

use quell::ingest::input::Input;
use quell::ingest::load::{Loaded, Options, Progress, load};
use quell::model::detail::Detail;
use quell::model::problem::Loss;

use crate::support::tree::Tree;

/// Loads files of a tree, in this order.
pub(crate) fn load_files(tree: &Tree, files: &[&str]) -> Loaded {
    load_with(tree, files, &Options::default())
}

pub(crate) fn load_with(tree: &Tree, files: &[&str], options: &Options) -> Loaded {
    let root = tree.repo().root().to_path_buf();
    let inputs: Vec<Input> = files.iter().map(|file| Input::File(root.join(file))).collect();
    load(&tree.repo(), &inputs, options, &Arc::new(Progress::default()))
}

/// Problems as `place: reason`, with the loss where there is one.
pub(crate) fn problems(loaded: &Loaded) -> Vec<String> {
    let line = |problem: &quell::model::problem::Problem| {
        let loss = match problem.loss {
            Loss::Nothing => "",
            Loss::Result => " [result]",
            Loss::File => " [file]",
        };
        let place = if problem.place.is_empty() { String::new() } else { format!("{}: ", problem.place) };
        format!("{place}{}{loss}", problem.reason)
    };
    loaded.backlog.problems.iter().map(line).collect()
}

/// A loaded report and the tree that it lies in.
pub(crate) struct Read {
    loaded: Loaded,
    _tree: Tree,
}

impl Deref for Read {
    type Target = Loaded;

    fn deref(&self) -> &Loaded {
        &self.loaded
    }
}

impl Read {
    /// A result decoded whole.
    pub(crate) fn detail(&self, result: u32) -> Detail {
        self.reader.detail(&self.backlog, result).unwrap()
    }
}

/// Loads one report.
pub(crate) fn load_text(text: impl AsRef<[u8]>) -> Read {
    let tree = Tree::plain(&[]);
    std::fs::write(tree.root().join("a.sarif"), text).unwrap();
    Read { loaded: load_files(&tree, &["a.sarif"]), _tree: tree }
}

/// A report with one run of a tool with these results, each a JSON object.
pub(crate) fn report(tool: &str, results: &str) -> String {
    run(&format!(r#""tool": {{"driver": {{"name": "{tool}"}}}}, "results": [{results}]"#))
}

/// A report with one run with these members.
pub(crate) fn run(members: &str) -> String {
    format!(r#"{{"version": "2.1.0", "runs": [{{{members}}}]}}"#)
}

/// A result of a rule at a line of a file, with more members.
pub(crate) fn result(rule: &str, path: &str, line: u32, more: &str) -> String {
    let comma = if more.is_empty() { "" } else { ", " };
    format!(
        r#"{{"ruleId": "{rule}", "message": {{"text": "m"}}, "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "{path}"}}, "region": {{"startLine": {line}}}}}}}]{comma}{more}}}"#
    )
}

/// Each result as `rule path:line:column level severity message`.
pub(crate) fn rows(loaded: &Loaded) -> Vec<String> {
    let backlog = &loaded.backlog;
    let row = |(number, record): (usize, &quell::model::backlog::Record)| {
        let rule = &backlog.rule(record).id;
        let place = format!("{}:{}:{}", backlog.path(record), record.line, record.column);
        let message = backlog.messages.get(u32::try_from(number).unwrap());
        format!("{rule} {place} {} {} {message}", record.level().name(), record.severity().name())
    };
    backlog.results.iter().enumerate().map(row).collect()
}
