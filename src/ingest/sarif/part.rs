//! What results and runs are made of. One shape for the index, which borrows from the report, and for details,
//! which own their text: the two cannot read a report differently.

use crate::ingest::json::{Int, List, Rare, Said, shared};

shared! {
    /// `message` (3.11), `multiformatMessageString` (3.12).
    Message<T> from text {
        text: T = "text",
        markdown: T = "markdown",
        id: T = "id" | "messageId",
        arguments: List<T> = "arguments",
    }
}

shared! {
    /// `reportingDescriptorReference` (3.52).
    Reference<T> {
        id: T = "id",
        index: Int = "index",
        guid: T = "guid",
        component: ComponentReference<T> = "toolComponent",
    }
}

shared! {
    /// `toolComponentReference` (3.54).
    ComponentReference<T> {
        name: T = "name",
        index: Int = "index",
        guid: T = "guid",
    }
}

shared! {
    /// `location` (3.28).
    Location<T> {
        id: Int = "id",
        physical: PhysicalLocation<T> = "physicalLocation",
        logical: List<LogicalLocation<T>> = "logicalLocations" | "logicalLocation",
        /// SARIF 2.0.0.
        logical_name: T = "fullyQualifiedLogicalName",
        message: Rare<Message<T>> = "message",
        annotations: List<Region<T>> = "annotations",
    }
}

shared! {
    /// `logicalLocation` (3.33).
    LogicalLocation<T> {
        name: T = "name",
        full_name: T = "fullyQualifiedName",
        decorated_name: T = "decoratedName",
        index: Int = "index",
        parent: Int = "parentIndex",
    }
}

shared! {
    /// `physicalLocation` (3.29).
    PhysicalLocation<T> {
        artifact: ArtifactLocation<T> = "artifactLocation" | "fileLocation",
        region: Region<T> = "region",
        context: Region<T> = "contextRegion",
        address: Rare<Address<T>> = "address",
    }
}

shared! {
    /// `address` (3.32).
    Address<T> {
        absolute: Int = "absoluteAddress",
        full_name: T = "fullyQualifiedName",
        name: T = "name",
        index: Int = "index",
    }
}

shared! {
    /// `artifactLocation` (3.4).
    ArtifactLocation<T> from uri {
        uri: T = "uri",
        base: T = "uriBaseId",
        index: Int = "index" | "fileIndex",
    }
}

shared! {
    /// `region` (3.30).
    Region<T> {
        start_line: Int = "startLine",
        start_column: Int = "startColumn",
        end_line: Int = "endLine",
        end_column: Int = "endColumn",
        char_offset: Int = "charOffset",
        char_length: Int = "charLength",
        byte_offset: Int = "byteOffset",
        byte_length: Int = "byteLength",
        snippet: Content<T> = "snippet",
        message: Rare<Message<T>> = "message",
    }
}

shared! {
    /// `artifactContent` (3.3).
    Content<T> from text {
        text: T = "text",
    }
}

shared! {
    /// `suppression` (3.35).
    Suppression<T> {
        kind: T = "kind",
        status: T = "status" | "state",
        justification: T = "justification",
        guid: T = "guid",
        location: Rare<Location<T>> = "location",
        properties: SuppressionProperties<T> = "properties",
    }
}

shared! {
    /// What the property bag of a suppression says of who made it: a model (oasis-tcs/sarif-spec#776), or a decision that
    /// Quell has written.
    SuppressionProperties<T> {
        is_triaged: T = "ai.triaged",
        confidence: T = "ai.triage.confidence",
        model: T = "ai.triage.model",
        decision: T = "quell/decision",
    }
}

impl<T: Said> LogicalLocation<T> {
    /// The name that says most.
    pub(in crate::ingest) fn called(&self) -> Option<&str> {
        let names = [&self.full_name, &self.name, &self.decorated_name];
        names.into_iter().filter_map(|name| name.get()).find(|name| !name.is_empty())
    }
}

/// A reference to a rule or taxon, whoever owns its text.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Pointer<'a> {
    pub(in crate::ingest) id: Option<&'a str>,
    pub(in crate::ingest) index: Int,
    pub(in crate::ingest) guid: Option<&'a str>,
    pub(in crate::ingest) component: ComponentPointer<'a>,
}

/// A reference to a tool component or taxonomy.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct ComponentPointer<'a> {
    pub(in crate::ingest) name: Option<&'a str>,
    pub(in crate::ingest) index: Int,
    pub(in crate::ingest) guid: Option<&'a str>,
}

impl<T: Said> Reference<T> {
    pub(in crate::ingest) fn pointer(&self) -> Pointer<'_> {
        let ComponentReference { name, index, guid } = &self.component;
        let component = ComponentPointer { name: name.get(), index: *index, guid: guid.get() };
        Pointer { id: self.id.get(), index: self.index, guid: self.guid.get(), component }
    }

    /// The rule of a result, which may also say id and index beside the reference (3.27.5 to 3.27.7).
    pub(in crate::ingest) fn of_result<'a>(&'a self, id: &'a T, index: Int) -> Pointer<'a> {
        let own = self.pointer();
        let id = id.get().filter(|id| !id.is_empty()).or(own.id.filter(|id| !id.is_empty()));
        let index = if index.position().is_some() { index } else { own.index };
        Pointer { id, index, ..own }
    }
}
