//! The fields of a result that its record is made of, borrowed from the report.

use crate::ingest::cursor::{Cursor, Next, Read, Step};
use crate::ingest::json::{Count, First, Int, List, Properties, Text, indexed};

use crate::ingest::lower;

use super::part::{Location, Message, Reference, Suppression};

indexed! {
    /// `result` (3.27), as far as a row needs it.
    IndexResult<'a> {
        rule_id: Text<'a> = "ruleId",
        rule_index: Int = "ruleIndex",
        rule: Reference<Text<'a>> = "rule",
        kind: Text<'a> = "kind",
        level: Text<'a> = "level",
        message: Message<Text<'a>> = "message",
        /// SARIF 2.0.0.
        rule_message_id: Text<'a> = "ruleMessageId",
        locations: First<Location<Text<'a>>> = "locations",
        baseline: Text<'a> = "baselineState",
        suppressions: List<Suppression<Text<'a>>> = "suppressions",
        /// SARIF 2.0.0.
        suppression_states: List<Text<'a>> = "suppressionStates",
        fixes: List<Fix> = "fixes",
        code_flows: List<Flow<'a>> = "codeFlows",
        provenance: Provenance = "provenance",
        taxa: List<Reference<Text<'a>>> = "taxa",
        properties: Telling<'a> = "properties",
    }
}

indexed! {
    /// `fix` (3.55): only whether it changes anything.
    Fix {
        changes: List<Change> = "artifactChanges" | "fileChanges",
    }
}

indexed! {
    /// `artifactChange` (3.56).
    Change {
        replacements: Count = "replacements",
    }
}

indexed! {
    /// `codeFlow` (3.36): only where it starts.
    Flow<'a> {
        threads: First<ThreadFlow<'a>> = "threadFlows",
    }
}

indexed! {
    /// `threadFlow` (3.37).
    ThreadFlow<'a> {
        steps: First<FlowStep<'a>> = "locations",
    }
}

indexed! {
    /// `threadFlowLocation` (3.38).
    FlowStep<'a> {
        index: Int = "index",
        location: Location<Text<'a>> = "location",
    }
}

indexed! {
    /// `resultProvenance` (3.48).
    Provenance {
        invocation: Int = "invocationIndex",
    }
}

/// The properties of a result that its row is made of, with their values as JSON text.
#[derive(Clone, Debug, Default)]
pub(in crate::ingest) struct Telling<'a>(Vec<(Box<str>, &'a str)>);

impl<'a> Read<'a> for Telling<'a> {
    fn read(&mut self, from: &mut Cursor<'a>) -> Step<()> {
        if from.next()? != Next::Object {
            return from.scalar().map(drop);
        }
        from.object(|from, key| {
            if lower::is_telling(key) {
                self.0.push((key.into(), from.raw()?));
                return Ok(());
            }
            from.skip()
        })
    }
}

impl Telling<'_> {
    pub(in crate::ingest) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }
}

impl Properties for Telling<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| **key == *name).map(|(_, value)| *value)
    }
}
