mod batch;
mod codeowners;
mod confine;
mod crash;
mod decisions;
#[cfg(debug_assertions)]
mod faults;
mod git;
mod likeness;
mod locate;
mod packs;
mod staging;
mod watch;
