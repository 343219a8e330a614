//! The fields of a result that its record is made of, borrowed from the report.

use crate::ingest::json::{Bag, Count, First, Int, List, Text, lenient};

use super::part::{Location, Message, Reference, Suppression};

lenient! {
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
        code_flows: Count = "codeFlows",
        provenance: Provenance = "provenance",
        taxa: List<Reference<Text<'a>>> = "taxa",
        properties: Bag<'a> = "properties",
    }
}

lenient! {
    /// `fix` (3.55): only whether it changes anything.
    Fix {
        changes: List<Change> = "artifactChanges" | "fileChanges",
    }
}

lenient! {
    /// `artifactChange` (3.56).
    Change {
        replacements: Count = "replacements",
    }
}

lenient! {
    /// `resultProvenance` (3.48).
    Provenance {
        invocation: Int = "invocationIndex",
    }
}
