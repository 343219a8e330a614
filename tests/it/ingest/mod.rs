//! Report files to the backlog, through `ingest::load`.

mod ai;
mod beginnings;
mod blocks;
mod corpus;
mod dates;
mod details;
mod evidence;
mod external;
mod findings;
mod hostile;
mod ids;
mod inputs;
mod kubescape;
mod lowering;
mod native;
mod oddities;
mod producers;
mod reading;
