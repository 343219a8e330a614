//! Status of every finding: a fold over `supersedes`, bound by result ids.

use jiff::civil::Date;

use crate::model::backlog::Backlog;
use crate::model::decision::{Event, Standing};

/// One standing for each finding of the backlog, in its order.
pub fn standings(backlog: &Backlog, events: &[Event], today: Date) -> Vec<Standing> {
    let _ = (backlog, events, today);
    unimplemented!()
}
