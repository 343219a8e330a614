//! Report files to the backlog, through `ingest::load`.

mod corpus;
mod dates;
mod details;
mod findings;
mod hostile;
mod ids;
mod inputs;
mod lowering;
mod native;
mod oddities;
mod reading;
