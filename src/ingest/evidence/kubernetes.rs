//! Kubernetes objects, as manifests and as `kubectl get -o yaml|json` prints them: kept as they are for the exposure
//! graph, which puts them together with the files of the repository. They make no statement of their own.

use crate::ingest::native::original::Original;

use super::draft::Draft;
use super::kubescape;

pub(super) const NAME: &str = "Kubernetes";

/// The keys of an object at the start of lines; a list of `kubectl` has its kind behind its items.
pub(super) fn is_manifest(head: &str) -> bool {
    let has = |key: &str| head.lines().any(|line| line.starts_with(key));
    has("apiVersion:") && (has("kind:") || has("items:")) && !kubescape::is_kubescape(head)
}

/// Whether a text starts as what `kubectl` prints of a cluster: a list, whose items no manifest has at its root.
pub(super) fn is_dump(head: &str) -> bool {
    let is_json = head.trim_start().starts_with('{');
    let is_list = |line: &str| line.starts_with("items:") || (is_json && line.trim_start().starts_with("\"items\":"));
    head.lines().any(is_list)
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "kubectl".into();
    draft.keep(&String::from_utf8_lossy(original.text()));
}
