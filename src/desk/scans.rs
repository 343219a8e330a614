//! What a load is compared with, and whether it is noted.

use jiff::Timestamp;

use crate::ledger::scans::{self, Inputs};
use crate::model::backlog::Backlog;
use crate::model::sightings::Sightings;

use super::Desk;

impl Desk {
    /// What earlier scans say of a backlog that was read to its end.
    pub(super) fn sightings(&self, backlog: &Backlog) -> Sightings {
        let inputs = if self.options.inputs.is_empty() { Inputs::Own } else { Inputs::Named };
        scans::sightings(&self.repo, backlog, inputs, self.options.scans, Timestamp::now())
    }
}
