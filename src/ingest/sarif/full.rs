//! A result with all that it says, owned.

use crate::ingest::json::{Int, List, Owned, OwnedBag, Real, lenient};

use super::run::Reference;

lenient! {
    /// `result` (3.27).
    FullResult {
        message: Message = "message",
        /// SARIF 2.0.0.
        rule_message_id: Owned = "ruleMessageId",
        locations: List<Location> = "locations",
        related: List<Location> = "relatedLocations",
        code_flows: List<CodeFlow> = "codeFlows",
        stacks: List<Stack> = "stacks",
        fixes: List<Fix> = "fixes",
        fingerprints: OwnedBag = "fingerprints",
        partial_fingerprints: OwnedBag = "partialFingerprints",
        suppressions: List<Suppression> = "suppressions",
        properties: OwnedBag = "properties",
        taxa: List<Reference> = "taxa",
        hosted_uri: Owned = "hostedViewerUri",
        work_items: List<Owned> = "workItemUris",
        rank: Real = "rank",
    }
}

lenient! {
    /// `message` (3.11).
    Message from text {
        text: Owned = "text",
        markdown: Owned = "markdown",
        id: Owned = "id" | "messageId",
        arguments: List<Owned> = "arguments",
    }
}

lenient! {
    /// `location` (3.28).
    Location {
        physical: PhysicalLocation = "physicalLocation",
        logical: List<LogicalLocation> = "logicalLocations",
        /// SARIF 2.0.0.
        logical_name: Owned = "fullyQualifiedLogicalName",
        message: Message = "message",
    }
}

lenient! {
    /// `logicalLocation` (3.33).
    LogicalLocation {
        name: Owned = "name",
        full_name: Owned = "fullyQualifiedName",
        index: Int = "index",
    }
}

lenient! {
    /// `physicalLocation` (3.29).
    PhysicalLocation {
        artifact: ArtifactLocation = "artifactLocation" | "fileLocation",
        region: Region = "region",
        context: Region = "contextRegion",
    }
}

lenient! {
    /// `artifactLocation` (3.4).
    ArtifactLocation from uri {
        uri: Owned = "uri",
        base: Owned = "uriBaseId",
        index: Int = "index" | "fileIndex",
    }
}

lenient! {
    /// `region` (3.30).
    Region {
        start_line: Int = "startLine",
        start_column: Int = "startColumn",
        end_line: Int = "endLine",
        end_column: Int = "endColumn",
        char_offset: Int = "charOffset",
        char_length: Int = "charLength",
        byte_offset: Int = "byteOffset",
        byte_length: Int = "byteLength",
        snippet: Snippet = "snippet",
    }
}

lenient! {
    /// `artifactContent` (3.3).
    Snippet from text {
        text: Owned = "text",
    }
}

lenient! {
    /// `codeFlow` (3.36).
    CodeFlow {
        message: Message = "message",
        threads: List<ThreadFlow> = "threadFlows",
    }
}

lenient! {
    /// `threadFlow` (3.37).
    ThreadFlow {
        message: Message = "message",
        steps: List<ThreadFlowLocation> = "locations",
    }
}

lenient! {
    /// `threadFlowLocation` (3.38).
    ThreadFlowLocation {
        index: Int = "index",
        location: Location = "location",
        importance: Owned = "importance",
        kinds: List<Owned> = "kinds",
        nesting: Int = "nestingLevel",
    }
}

lenient! {
    /// `stack` (3.44).
    Stack {
        message: Message = "message",
        frames: List<Frame> = "frames",
    }
}

lenient! {
    /// `stackFrame` (3.45).
    Frame {
        location: Location = "location",
    }
}

lenient! {
    /// `fix` (3.55).
    Fix {
        description: Message = "description",
        changes: List<Change> = "artifactChanges" | "fileChanges",
        properties: OwnedBag = "properties",
    }
}

lenient! {
    /// `artifactChange` (3.56).
    Change {
        artifact: ArtifactLocation = "artifactLocation" | "fileLocation",
        replacements: List<Replacement> = "replacements",
    }
}

lenient! {
    /// `replacement` (3.57).
    Replacement {
        deleted: Region = "deletedRegion",
        inserted: Snippet = "insertedContent",
    }
}

lenient! {
    /// `suppression` (3.35).
    Suppression {
        kind: Owned = "kind",
        status: Owned = "status" | "state",
        justification: Owned = "justification",
    }
}
