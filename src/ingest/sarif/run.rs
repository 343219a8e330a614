//! Everything of a run outside its results, owned, so that it can be kept for details.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::ingest::json::{
    Entries, Fields, Int, Key, List, Owned, OwnedBag, Real, Stated, lenient, scalars_read_as_absent,
};

use super::full::{Graph, ThreadFlowLocation, WebRequest, WebResponse};
use super::part::{Address, ArtifactLocation, Content, Location, LogicalLocation, Message, Reference};

lenient! {
    /// `sarifLog` (3.13).
    Log {
        version: Owned = "version",
        schema: Owned = "$schema",
        runs: List<Run> = "runs",
        inline: List<InlineProperties> = "inlineExternalProperties",
    }
}

lenient! {
    /// `externalProperties` (4.3): only whether it holds results, which are not read.
    InlineProperties {
        results: List<IgnoredAny> = "results",
    }
}

lenient! {
    /// `run` (3.14) without results.
    Run {
        tool: Tool = "tool",
        /// SARIF 2.0.0.
        resources: Resources = "resources",
        base_ids: Entries<ArtifactLocation<Owned>> = "originalUriBaseIds",
        artifacts: List<Artifact> = "artifacts",
        invocations: List<Invocation> = "invocations" | "invocation",
        versions: List<Version> = "versionControlProvenance",
        column_kind: Owned = "columnKind",
        taxonomies: List<Component> = "taxonomies",
        thread_flow_locations: List<ThreadFlowLocation> = "threadFlowLocations",
        logical_locations: List<LogicalLocation<Owned>> = "logicalLocations",
        addresses: List<Address<Owned>> = "addresses",
        graphs: List<Graph> = "graphs",
        requests: List<WebRequest> = "webRequests",
        responses: List<WebResponse> = "webResponses",
        automation: Automation = "automationDetails" | "id",
        conversion: Conversion = "conversion",
        properties: RunProperties = "properties",
        /// What lies in other files; empty once these were read.
        external: OwnedBag = "externalPropertyFileReferences",
    }
}

impl Run {
    /// Takes what stood behind the results and says nothing of what these mean.
    pub(in crate::ingest) fn take_late(&mut self, late: Self) {
        if !late.base_ids.0.is_empty() {
            self.base_ids = late.base_ids;
        }
        if !late.versions.0.is_empty() {
            self.versions = late.versions;
        }
        if late.column_kind.0.is_some() {
            self.column_kind = late.column_kind;
        }
        if late.properties.says_anything() {
            self.properties = late.properties;
        }
        if !late.external.0.is_empty() {
            self.external = late.external;
        }
    }
}

lenient! {
    /// `runAutomationDetails` (3.17).
    Automation from id {
        id: Owned = "id" | "instanceId",
    }
}

lenient! {
    /// What Trivy says of an image that it scanned, and what is said of the model that made or judged the results.
    RunProperties {
        image: Owned = "imageName",
        is_triaged: Owned = "ai.triaged",
        model: Owned = "ai.triage.model",
        origin: Owned = "ai/origin",
    }
}

impl RunProperties {
    fn says_anything(&self) -> bool {
        [&self.image, &self.is_triaged, &self.model, &self.origin].into_iter().any(|text| text.0.is_some())
    }
}

lenient! {
    /// `conversion` (3.22).
    Conversion {
        tool: Tool = "tool",
    }
}

lenient! {
    /// `tool` (3.18); name and version stand here in SARIF 2.0.0.
    Tool {
        driver: Component = "driver",
        extensions: List<Component> = "extensions",
        name: Owned = "name",
        version: Owned = "version" | "semanticVersion",
    }
}

lenient! {
    /// `run.resources` of SARIF 2.0.0.
    Resources {
        rules: Descriptors<Descriptor> = "rules",
        strings: Entries<Message<Owned>> = "messageStrings",
    }
}

lenient! {
    /// `toolComponent` (3.19).
    Component {
        name: Owned = "name",
        guid: Owned = "guid",
        version: Owned = "version",
        semantic_version: Owned = "semanticVersion",
        rules: Descriptors<Descriptor> = "rules",
        notifications: Descriptors<Descriptor> = "notifications",
        taxa: Descriptors<Descriptor> = "taxa",
        strings: Entries<Message<Owned>> = "globalMessageStrings",
    }
}

lenient! {
    /// `reportingDescriptor` (3.49).
    Descriptor {
        id: Owned = "id",
        guid: Owned = "guid",
        name: Owned = "name",
        short: Content<Owned> = "shortDescription",
        full: Content<Owned> = "fullDescription",
        /// See `Help`.
        help: Stated = "help",
        help_uri: Owned = "helpUri",
        strings: Entries<Message<Owned>> = "messageStrings",
        configuration: Configuration = "defaultConfiguration" | "configuration",
        relationships: List<Relationship> = "relationships",
        deprecated_ids: List<Owned> = "deprecatedIds",
        deprecated_guids: List<Owned> = "deprecatedGuids",
        properties: OwnedBag = "properties",
    }
}

lenient! {
    /// `reportingConfiguration` (3.50).
    Configuration {
        enabled: Owned = "enabled",
        level: Owned = "level" | "defaultLevel",
        rank: Real = "rank" | "defaultRank",
    }
}

lenient! {
    /// `reportingDescriptorRelationship` (3.53).
    Relationship {
        target: Reference<Owned> = "target",
    }
}

lenient! {
    /// `artifact` (3.24).
    Artifact {
        location: ArtifactLocation<Owned> = "location" | "fileLocation",
        parent: Int = "parentIndex",
        contents: Content<Owned> = "contents",
        hashes: Hashes = "hashes",
    }
}

lenient! {
    /// `artifact.hashes` (3.24.11): SHA-256 under the spellings that are met.
    Hashes {
        sha256: Owned = "sha-256" | "SHA-256" | "sha256" | "SHA256",
    }
}

lenient! {
    /// `invocation` (3.20).
    Invocation {
        start: Owned = "startTimeUtc" | "startTime",
        end: Owned = "endTimeUtc" | "endTime",
        command: Owned = "commandLine",
        is_successful: Owned = "executionSuccessful" | "toolExecutionSuccessful",
        exit_code: Int = "exitCode",
        exit_words: Owned = "exitCodeDescription",
        signal: Owned = "exitSignalName",
        start_failure: Owned = "processStartFailureMessage",
        overrides: List<Override> = "ruleConfigurationOverrides",
        of_tool: List<Notification> = "toolExecutionNotifications" | "toolNotifications",
        of_configuration: List<Notification> = "toolConfigurationNotifications" | "configurationNotifications",
    }
}

lenient! {
    /// `notification` (3.58).
    Notification {
        message: Message<Owned> = "message",
        level: Owned = "level",
        descriptor: Reference<Owned> = "descriptor",
        /// SARIF 2.0.0.
        id: Owned = "id",
        locations: List<Location<Owned>> = "locations" | "physicalLocation",
        exception: Exception = "exception",
    }
}

lenient! {
    /// `exception` (3.59).
    Exception {
        kind: Owned = "kind",
        message: Message<Owned> = "message",
    }
}

lenient! {
    /// `configurationOverride` (3.51).
    Override {
        descriptor: Reference<Owned> = "descriptor",
        configuration: Configuration = "configuration",
    }
}

lenient! {
    /// `versionControlDetails` (3.23).
    Version {
        repository: Owned = "repositoryUri",
        revision: Owned = "revisionId",
        branch: Owned = "branch",
        tag: Owned = "revisionTag",
    }
}

/// Rules: an array, or in SARIF 2.0.0 an object by id.
#[derive(Clone, Debug)]
pub(in crate::ingest) struct Descriptors<D>(pub(in crate::ingest) Vec<D>);

/// What takes the key under which it stands in an object.
pub(in crate::ingest) trait Keyed {
    fn keyed(&mut self, key: String);
}

impl Keyed for Descriptor {
    fn keyed(&mut self, key: String) {
        self.id.0.get_or_insert(key);
    }
}

impl<D> Default for Descriptors<D> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, D: Deserialize<'de> + Keyed> Deserialize<'de> for Descriptors<D> {
    fn deserialize<R: Deserializer<'de>>(deserializer: R) -> Result<Self, R::Error> {
        deserializer.deserialize_any(Fields(PhantomData::<Self>))
    }
}

impl<'de, D: Deserialize<'de> + Keyed> Visitor<'de> for Fields<Descriptors<D>> {
    type Value = Descriptors<D>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut rules = Vec::new();
        while let Some(rule) = seq.next_element()? {
            rules.push(rule);
        }
        Ok(Descriptors(rules))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut rules = Vec::new();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            let mut rule: D = map.next_value()?;
            rule.keyed(key.0.into_owned());
            rules.push(rule);
        }
        Ok(Descriptors(rules))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Descriptors::default())
    }

    scalars_read_as_absent!();
}
