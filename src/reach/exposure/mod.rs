//! The exposure graph: which folders of the repository run in something that the internet can reach, by the files that
//! build and deploy them. One file a source; each yields facts, which `join` puts together and `verdict` judges.
//!
//! Nothing is rendered, run or asked of a cluster. What cannot be read is named, and is never taken for a no.

mod compose;
mod dockerfile;
mod facts;
mod files;
mod image;
mod join;
mod kubernetes;
mod kustomize;
mod path;
mod port;
mod read;
mod skaffold;
mod terraform;
mod value;
mod verdict;
mod workflow;

pub use image::is_same_image;
pub use read::read;
