mod batch;
mod confine;
mod crash;
mod decisions;
mod git;
mod locate;
mod staging;
mod watch;
