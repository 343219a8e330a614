//! coverage.py's JSON (`coverage json`, <https://coverage.readthedocs.io/en/latest/commands/cmd_json.html>). From 7.6 on
//! it has the functions of each file: the lines of their bodies, and the line of their `def`.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::ingest::evidence::draft::Draft;
use crate::ingest::evidence::pointer::escaped;
use crate::ingest::json::{Entries, Int, List, Owned, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::Ran;

use super::measured::{Function, Line, Measured, Places, state};
use super::ran;

lenient! {
    Report {
        meta: Meta = "meta",
        files: Entries<File> = "files",
    }
}

lenient! {
    Meta {
        version: Owned = "version",
    }
}

lenient! {
    File {
        executed: List<Int> = "executedLines",
        missing: List<Int> = "missingLines",
        excluded: List<Int> = "excludedLines",
        contexts: Option<Box<RawValue>> = "contexts",
        functions: Entries<Region> = "functions",
    }
}

lenient! {
    /// A function.
    Region {
        executed: List<Int> = "executedLines",
        missing: List<Int> = "missingLines",
        start: Int = "startLine",
    }
}

/// What stands in place of a name for lines outside of all functions.
const OUTSIDE: &str = "";

pub(in crate::ingest::evidence) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let report: Report = original.document();
    draft.document.tool = "coverage.py".into();
    draft.document.version = report.meta.version.0.map(Into::into);
    let (mut said, mut places) = (BTreeSet::new(), Places::default());
    for (name, file) in report.files.0 {
        let pointer = format!("/files/{}", escaped(&name));
        said.extend(file.contexts.as_deref().map(contexts).unwrap_or_default());
        let located = draft.file(&name, &[]);
        places.add(&name, located.is_some());
        let path = located.as_deref().unwrap_or(&name);
        state(draft, path, located.is_some(), measured(&file), |line| {
            let list = if line.ran == Some(true) { "executed_lines" } else { "missing_lines" };
            format!("{pointer}/{list}/{}", line.at)
        });
    }
    places.tell(draft);
    ran::set(draft, &said);
}

fn measured(file: &File) -> Measured {
    let lists = [(&file.executed, Some(true)), (&file.missing, Some(false)), (&file.excluded, None)];
    let lines = lists.into_iter().flat_map(|(list, ran)| {
        (0..).zip(&list.0).filter_map(move |(at, number)| {
            let number = positive(*number)?;
            Some(Line { first: number, last: number, ran, at })
        })
    });
    let functions = file.functions.0.iter().filter(|(name, _)| name != OUTSIDE);
    Measured { lines: lines.collect(), functions: functions.filter_map(|(_, region)| function(region)).collect() }
}

/// A function whose body has no line that counts, such as only a text, cannot be judged.
fn function(region: &Region) -> Option<Function> {
    let (executed, missing) = (&region.executed.0, &region.missing.0);
    let lines = || executed.iter().chain(missing).filter_map(|number| positive(*number));
    let first = positive(region.start).or_else(|| lines().min())?;
    let ran = if executed.is_empty() && missing.is_empty() { None } else { Some(!executed.is_empty()) };
    Some(Function { first, last: lines().max().unwrap_or(first).max(first), ran })
}

fn positive(number: Int) -> Option<u32> {
    number.0.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

/// What the names of the contexts say, by line: most say the same.
fn contexts(raw: &RawValue) -> BTreeSet<Ran> {
    let by_line: Entries<List<Owned>> = serde_json::from_str(raw.get()).unwrap_or_default();
    let names: BTreeSet<String> =
        by_line.0.into_iter().flat_map(|(_, names)| names.0).filter_map(|name| name.0).collect();
    names.iter().filter_map(|name| ran::of_name(name)).collect()
}
