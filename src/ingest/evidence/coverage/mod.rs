//! Coverage: which lines of which file a run executed. Each format is one file; what they have in common is in
//! `measured`.

pub(super) mod cobertura;
pub(super) mod coverage_py;
pub(super) mod go;
mod heads;
pub(super) mod jacoco;
pub(super) mod lcov;
mod measured;
mod ran;
mod time;
pub(super) mod v8;
