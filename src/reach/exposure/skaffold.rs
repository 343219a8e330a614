//! Skaffold: which image is built from which folder (<https://skaffold.dev/docs/references/yaml/>), also in profiles.

use serde_json::Value;

use super::facts::{Build, Facts, Place};
use super::files::Tree;
use super::path::folder_of;
use super::value::{list, text};

pub(super) fn read(value: &Value, place: &Place, tree: &Tree<'_>, facts: &mut Facts) {
    artifacts(value, place, tree, facts);
    for profile in list(value, "/profiles") {
        artifacts(profile, place, tree, facts);
    }
}

fn artifacts(value: &Value, place: &Place, tree: &Tree<'_>, facts: &mut Facts) {
    for artifact in list(value, "/build/artifacts") {
        let Some(image) = text(artifact, "/image") else { continue };
        let context = text(artifact, "/context").unwrap_or_default();
        // Relative to the context, unlike that of compose and of a workflow.
        let dockerfile = ["/docker/dockerfile", "/kaniko/dockerfile"].iter().find_map(|at| text(artifact, at));
        let source = tree.source(folder_of(&place.file), &context, dockerfile.as_deref(), place, facts);
        facts.builds.extend(source.map(|source| Build { image, source, place: place.clone() }));
    }
}
