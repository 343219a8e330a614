//! The two files of a VEX repository (<https://github.com/aquasecurity/vex-repo-spec>), which say where documents are
//! and nothing about a flaw.

use crate::ingest::json::{List, Stated, lenient};
use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;
use crate::model::text::counted;

use super::draft::Draft;

lenient! {
    Index {
        packages: List<Stated> = "packages",
    }
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let index: Index = original.document();
    let packages = index.packages.0.len();
    let of = if packages > 0 { format!(" of {}", counted(packages, "package", "packages")) } else { String::new() };
    let what = format!("it says where the VEX documents{of} are; name the documents themselves");
    draft.odd("", Oddity::harmless("an index of a VEX repository", what));
}
