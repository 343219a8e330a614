//! Kubernetes objects, from manifests and from what `kubectl get -o yaml|json` prints.

mod object;
mod policy;
mod route;
mod service;
mod workload;

pub(super) use object::{is_read, object};
