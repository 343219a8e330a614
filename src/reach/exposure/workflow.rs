//! GitHub workflows: which image `docker/build-push-action` builds from which folder.

use serde_json::Value;

use super::facts::{Build, Facts, Place};
use super::files::Tree;
use super::path::{To, below};
use super::value::{entries, list, text};

const BUILD: &str = "docker/build-push-action";
/// Names the images whose tags a build takes from it.
const NAMES: &str = "docker/metadata-action";

pub(super) fn read(value: &Value, place: &Place, tree: &Tree<'_>, facts: &mut Facts) {
    for (_, job) in entries(value, "/jobs") {
        let steps = list(job, "/steps");
        let uses =
            |step: &Value, action: &str| text(step, "/uses").is_some_and(|uses| uses.split('@').next() == Some(action));
        let named: Vec<String> = steps
            .iter()
            .filter(|step| uses(step, NAMES))
            .filter_map(|step| text(step, "/with/images"))
            .flat_map(|images| words(&images))
            .collect();
        for step in steps.iter().filter(|step| uses(step, BUILD)) {
            // Without a context the action builds from the commit itself.
            let context = text(step, "/with/context").filter(|text| !text.contains("{{ github."));
            let context = context.unwrap_or_default();
            let file = text(step, "/with/file");
            let dockerfile = file.as_deref().and_then(|file| from_context(file, &context));
            if dockerfile.is_none() && file.is_some() {
                continue;
            }
            let tags = text(step, "/with/tags").unwrap_or_default();
            let images = if tags.contains("outputs.tags") { named.clone() } else { words(&tags) };
            let Some(source) = tree.source("", &context, dockerfile.as_deref(), place, facts) else { continue };
            let build = |image: String| Build { image, source: source.clone(), place: place.clone() };
            facts.builds.extend(images.into_iter().map(build));
        }
    }
}

/// The path of a Dockerfile as it is seen from the context; `None` where it is not known before the workflow runs.
fn from_context(file: &str, context: &str) -> Option<String> {
    let (To::Inside(file), To::Inside(context)) = (below("", file), below("", context)) else { return None };
    let up = context.split('/').filter(|part| !part.is_empty()).count();
    Some(format!("{}{file}", "../".repeat(up)))
}

/// Images of a list that is separated by commas or lines. What an expression stands for is not known: it is one
/// character that no name has.
fn words(text: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        plain.push_str(before);
        plain.push('$');
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let images = plain.split([',', '\n']).map(str::trim).filter(|word| !word.is_empty());
    images.map(|image| image.strip_prefix("name=").unwrap_or(image).to_owned()).collect()
}
