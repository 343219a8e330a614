//! Kustomizations: recognised, for the names that they give to images.

use serde_json::Value;

use super::facts::Facts;
use super::value::{list, text};

pub(super) fn read(value: &Value, facts: &mut Facts) {
    for image in list(value, "/images") {
        if let (Some(name), Some(new)) = (text(image, "/name"), text(image, "/newName")) {
            facts.renamed.push((name, new));
        }
    }
}
