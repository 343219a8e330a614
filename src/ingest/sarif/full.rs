//! A result with all that it says, owned.

use crate::ingest::json::{Entries, Int, List, Owned, OwnedBag, Real, lenient};

use super::part::{ArtifactLocation, Content, Location, Message, Reference, Region, Suppression};

lenient! {
    /// `result` (3.27).
    FullResult {
        message: Message<Owned> = "message",
        analysis_target: ArtifactLocation<Owned> = "analysisTarget",
        locations: List<Location<Owned>> = "locations",
        related: List<Location<Owned>> = "relatedLocations",
        code_flows: List<CodeFlow> = "codeFlows",
        stacks: List<Stack> = "stacks",
        graphs: List<Graph> = "graphs",
        traversals: List<Traversal> = "graphTraversals",
        fixes: List<Fix> = "fixes",
        guid: Owned = "guid",
        correlation_guid: Owned = "correlationGuid",
        occurrences: Owned = "occurrenceCount",
        fingerprints: OwnedBag = "fingerprints",
        partial_fingerprints: OwnedBag = "partialFingerprints",
        suppressions: List<Suppression<Owned>> = "suppressions",
        /// SARIF 2.0.0.
        suppression_states: List<Owned> = "suppressionStates",
        properties: OwnedBag = "properties",
        taxa: List<Reference<Owned>> = "taxa",
        hosted_uri: Owned = "hostedViewerUri",
        work_items: List<Owned> = "workItemUris",
        rank: Real = "rank",
        attachments: List<Attachment> = "attachments",
        request: WebRequest = "webRequest",
        response: WebResponse = "webResponse",
        provenance: Provenance = "provenance",
    }
}

lenient! {
    /// `codeFlow` (3.36).
    CodeFlow {
        message: Message<Owned> = "message",
        threads: List<ThreadFlow> = "threadFlows",
    }
}

lenient! {
    /// `threadFlow` (3.37).
    ThreadFlow {
        id: Owned = "id",
        message: Message<Owned> = "message",
        initial_state: Entries<Message<Owned>> = "initialState",
        steps: List<ThreadFlowLocation> = "locations",
    }
}

lenient! {
    /// `threadFlowLocation` (3.38).
    ThreadFlowLocation {
        index: Int = "index",
        location: Location<Owned> = "location",
        importance: Owned = "importance",
        kinds: List<Owned> = "kinds" | "kind",
        nesting: Int = "nestingLevel",
        module: Owned = "module",
        state: Entries<Message<Owned>> = "state",
        stack: Stack = "stack",
    }
}

lenient! {
    /// `stack` (3.44).
    Stack {
        message: Message<Owned> = "message",
        frames: List<Frame> = "frames",
    }
}

lenient! {
    /// `stackFrame` (3.45).
    Frame {
        location: Location<Owned> = "location",
        module: Owned = "module",
        thread: Owned = "threadId",
        parameters: List<Owned> = "parameters",
    }
}

lenient! {
    /// `graph` (3.39).
    Graph {
        description: Message<Owned> = "description",
        nodes: List<Node> = "nodes",
        edges: List<Edge> = "edges",
    }
}

lenient! {
    /// `node` (3.40).
    Node {
        id: Owned = "id",
        label: Message<Owned> = "label",
        location: Location<Owned> = "location",
        children: List<Node> = "children",
    }
}

lenient! {
    /// `edge` (3.41).
    Edge {
        id: Owned = "id",
        label: Message<Owned> = "label",
        from: Owned = "sourceNodeId",
        to: Owned = "targetNodeId",
    }
}

lenient! {
    /// `graphTraversal` (3.42).
    Traversal {
        run_graph: Int = "runGraphIndex",
        result_graph: Int = "resultGraphIndex",
        description: Message<Owned> = "description",
        initial_state: Entries<Message<Owned>> = "initialState",
        edges: List<EdgeTraversal> = "edgeTraversals",
    }
}

lenient! {
    /// `edgeTraversal` (3.43).
    EdgeTraversal {
        edge: Owned = "edgeId",
        message: Message<Owned> = "message",
        state: Entries<Message<Owned>> = "finalState",
    }
}

lenient! {
    /// `fix` (3.55).
    Fix {
        description: Message<Owned> = "description",
        changes: List<Change> = "artifactChanges" | "fileChanges",
        properties: OwnedBag = "properties",
    }
}

lenient! {
    /// `artifactChange` (3.56).
    Change {
        artifact: ArtifactLocation<Owned> = "artifactLocation" | "fileLocation",
        replacements: List<Replacement> = "replacements",
    }
}

lenient! {
    /// `replacement` (3.57).
    Replacement {
        deleted: Region<Owned> = "deletedRegion",
        inserted: Content<Owned> = "insertedContent",
    }
}

lenient! {
    /// `attachment` (3.21).
    Attachment {
        description: Message<Owned> = "description",
        artifact: ArtifactLocation<Owned> = "artifactLocation" | "fileLocation",
    }
}

lenient! {
    /// `webRequest` (3.46).
    WebRequest {
        index: Int = "index",
        protocol: Owned = "protocol",
        version: Owned = "version",
        target: Owned = "target",
        method: Owned = "method",
        headers: Entries<Owned> = "headers",
        parameters: Entries<Owned> = "parameters",
        body: Content<Owned> = "body",
    }
}

lenient! {
    /// `webResponse` (3.47).
    WebResponse {
        index: Int = "index",
        protocol: Owned = "protocol",
        version: Owned = "version",
        status: Owned = "statusCode",
        reason: Owned = "reasonPhrase",
        headers: Entries<Owned> = "headers",
        body: Content<Owned> = "body",
        is_missing: Owned = "noResponseReceived",
    }
}

lenient! {
    /// `resultProvenance` (3.48).
    Provenance {
        first_seen: Owned = "firstDetectionTimeUtc",
        last_seen: Owned = "lastDetectionTimeUtc",
        first_run: Owned = "firstDetectionRunGuid",
        last_run: Owned = "lastDetectionRunGuid",
        invocation: Int = "invocationIndex",
    }
}
