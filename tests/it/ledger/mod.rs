mod bind;
mod files;
mod fold;
mod merge;
mod status;
mod support;
mod undo;
