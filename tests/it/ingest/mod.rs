//! Report files to the backlog, through `ingest::load`.

mod corpus;
mod reading;
