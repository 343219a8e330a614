//! Where a path of calls starts, as far as the file that it starts in tells.

use crate::model::evidence::Entry;
use crate::model::role::Role;

pub(super) fn of_file(path: &str) -> Entry {
    match Role::of(path) {
        Role::Test => Entry::Test,
        Role::Build => Entry::Build,
        Role::Source | Role::Documentation | Role::Example | Role::Generated | Role::Vendored => Entry::Unknown,
    }
}
