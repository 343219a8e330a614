mod confine;
mod git;
mod locate;
