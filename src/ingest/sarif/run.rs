//! Everything of a run outside its results, owned, so that it can be kept for details.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::ingest::json::{Entries, Fields, Int, Key, List, Owned, OwnedBag, lenient, scalars_read_as_absent};

use super::full::{ArtifactLocation, LogicalLocation, ThreadFlowLocation};

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
        results: List<serde::de::IgnoredAny> = "results",
    }
}

lenient! {
    /// `run` (3.14) without results.
    Run {
        tool: Tool = "tool",
        /// SARIF 2.0.0.
        resources: Resources = "resources",
        base_ids: Entries<ArtifactLocation> = "originalUriBaseIds",
        artifacts: List<Artifact> = "artifacts",
        invocations: List<Invocation> = "invocations" | "invocation",
        versions: List<Version> = "versionControlProvenance",
        column_kind: Owned = "columnKind",
        taxonomies: List<Component> = "taxonomies",
        thread_flow_locations: List<ThreadFlowLocation> = "threadFlowLocations",
        logical_locations: List<LogicalLocation> = "logicalLocations",
        external: External = "externalPropertyFileReferences",
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
        if !late.external.results.0.is_empty() {
            self.external = late.external;
        }
    }
}

lenient! {
    /// `externalPropertyFileReferences` (3.15): results in other files are not read.
    External {
        results: List<serde::de::IgnoredAny> = "results",
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
        rules: Descriptors = "rules",
        strings: Entries<MessageString> = "messageStrings",
    }
}

lenient! {
    /// `toolComponent` (3.19).
    Component {
        name: Owned = "name",
        guid: Owned = "guid",
        version: Owned = "version",
        semantic_version: Owned = "semanticVersion",
        rules: Descriptors = "rules",
        taxa: Descriptors = "taxa",
        strings: Entries<MessageString> = "globalMessageStrings",
    }
}

lenient! {
    /// `reportingDescriptor` (3.49).
    Descriptor {
        id: Owned = "id",
        guid: Owned = "guid",
        name: Owned = "name",
        short: MessageString = "shortDescription",
        full: MessageString = "fullDescription",
        help: MessageString = "help",
        help_uri: Owned = "helpUri",
        strings: Entries<MessageString> = "messageStrings",
        configuration: Configuration = "defaultConfiguration" | "configuration",
        relationships: List<Relationship> = "relationships",
        deprecated_ids: List<Owned> = "deprecatedIds",
        properties: OwnedBag = "properties",
    }
}

lenient! {
    /// `multiformatMessageString` (3.12).
    MessageString from text {
        text: Owned = "text",
        markdown: Owned = "markdown",
    }
}

lenient! {
    /// `reportingConfiguration` (3.50).
    Configuration {
        level: Owned = "level" | "defaultLevel",
    }
}

lenient! {
    /// `reportingDescriptorRelationship` (3.53).
    Relationship {
        target: Reference = "target",
    }
}

lenient! {
    /// `reportingDescriptorReference` (3.52).
    Reference {
        id: Owned = "id",
        index: Int = "index",
        guid: Owned = "guid",
        component: ComponentReference = "toolComponent",
    }
}

lenient! {
    /// `toolComponentReference` (3.54).
    ComponentReference {
        name: Owned = "name",
        index: Int = "index",
        guid: Owned = "guid",
    }
}

lenient! {
    /// `artifact` (3.24).
    Artifact {
        location: ArtifactLocation = "location" | "fileLocation",
        contents: Contents = "contents",
        hashes: Hashes = "hashes",
    }
}

lenient! {
    /// `artifactContent` (3.3).
    Contents from text {
        text: Owned = "text",
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
        is_successful: Owned = "executionSuccessful",
        overrides: List<Override> = "ruleConfigurationOverrides",
    }
}

lenient! {
    /// `configurationOverride` (3.51).
    Override {
        descriptor: Reference = "descriptor",
        configuration: Configuration = "configuration",
    }
}

lenient! {
    /// `versionControlDetails` (3.23).
    Version {
        revision: Owned = "revisionId",
    }
}

/// Rules: an array, or in SARIF 2.0.0 an object by id.
#[derive(Clone, Debug, Default)]
pub(in crate::ingest) struct Descriptors(pub(in crate::ingest) Vec<Descriptor>);

impl<'de> Deserialize<'de> for Descriptors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Fields(PhantomData::<Self>))
    }
}

impl<'de> Visitor<'de> for Fields<Descriptors> {
    type Value = Descriptors;

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
            let mut rule: Descriptor = map.next_value()?;
            rule.id.0.get_or_insert_with(|| key.0.into_owned());
            rules.push(rule);
        }
        Ok(Descriptors(rules))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Descriptors::default())
    }

    scalars_read_as_absent!();
}
