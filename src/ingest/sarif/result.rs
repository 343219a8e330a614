//! The fields of a result that its record is made of, borrowed from the report.

use crate::ingest::json::{Bag, Count, First, Int, List, Text, lenient};

lenient! {
    /// `result` (3.27), as far as a row needs it.
    IndexResult<'a> {
        rule_id: Text<'a> = "ruleId",
        rule_index: Int = "ruleIndex",
        rule: RuleReference<'a> = "rule",
        kind: Text<'a> = "kind",
        level: Text<'a> = "level",
        message: Message<'a> = "message",
        /// SARIF 2.0.0.
        rule_message_id: Text<'a> = "ruleMessageId",
        locations: First<Location<'a>> = "locations",
        baseline: Text<'a> = "baselineState",
        suppressions: List<Suppression<'a>> = "suppressions",
        /// SARIF 2.0.0.
        suppression_states: List<Text<'a>> = "suppressionStates",
        fixes: List<Fix> = "fixes",
        code_flows: Count = "codeFlows",
        provenance: Provenance = "provenance",
        taxa: List<RuleReference<'a>> = "taxa",
        properties: Bag<'a> = "properties",
    }
}

lenient! {
    /// `reportingDescriptorReference` (3.52).
    RuleReference<'a> {
        id: Text<'a> = "id",
        index: Int = "index",
        guid: Text<'a> = "guid",
        component: ComponentReference<'a> = "toolComponent",
    }
}

lenient! {
    /// `toolComponentReference` (3.54).
    ComponentReference<'a> {
        name: Text<'a> = "name",
        index: Int = "index",
        guid: Text<'a> = "guid",
    }
}

lenient! {
    /// `message` (3.11).
    Message<'a> from text {
        text: Text<'a> = "text",
        markdown: Text<'a> = "markdown",
        id: Text<'a> = "id" | "messageId",
        arguments: List<Text<'a>> = "arguments",
    }
}

lenient! {
    /// `location` (3.28).
    Location<'a> {
        physical: PhysicalLocation<'a> = "physicalLocation",
        logical: First<LogicalLocation<'a>> = "logicalLocations",
    }
}

lenient! {
    /// `logicalLocation` (3.33).
    LogicalLocation<'a> {
        name: Text<'a> = "name",
        full_name: Text<'a> = "fullyQualifiedName",
    }
}

lenient! {
    /// `physicalLocation` (3.29).
    PhysicalLocation<'a> {
        artifact: ArtifactLocation<'a> = "artifactLocation" | "fileLocation",
        region: Region<'a> = "region",
        context: Region<'a> = "contextRegion",
    }
}

lenient! {
    /// `artifactLocation` (3.4).
    ArtifactLocation<'a> from uri {
        uri: Text<'a> = "uri",
        base: Text<'a> = "uriBaseId",
        index: Int = "index" | "fileIndex",
    }
}

lenient! {
    /// `region` (3.30).
    Region<'a> {
        start_line: Int = "startLine",
        start_column: Int = "startColumn",
        end_line: Int = "endLine",
        end_column: Int = "endColumn",
        snippet: Snippet<'a> = "snippet",
    }
}

lenient! {
    /// `artifactContent` (3.3).
    Snippet<'a> from text {
        text: Text<'a> = "text",
    }
}

lenient! {
    /// `suppression` (3.35).
    Suppression<'a> {
        status: Text<'a> = "status" | "state",
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
