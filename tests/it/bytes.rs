//! Bytes per key at 120x40: what a person over a slow link waits for. They do not vary with the machine.

use crate::support::keys::{Console, SCENES, median_bytes};

/// Most bytes for a scene, from the measured figures of programs of this kind (tig 370 for the cursor, gitui 365;
/// 6,744 and 7,126 for a page).
const LIMITS: &[(&str, usize)] = &[
    ("cursor down", 300),
    ("cursor down, detail follows", 5_000),
    ("scroll by one", 3_000),
    ("page down", 3_500),
    ("page down, detail follows", 7_000),
    ("select", 300),
    ("filter, a letter", 600),
    ("help opens and closes", 8_000),
    ("review: next hunk", 1_500),
    ("review: next hunk, far down", 3_000),
    ("review: drop", 1_500),
    ("review: keep and drop a hunk", 1_500),
    ("review: next file", 1_500),
    ("review: side by side", 7_000),
    ("review: drop and keep all", 1_500),
];

#[test]
fn a_key_costs_few_bytes() {
    for scene in SCENES {
        let bytes = median_bytes(&Console::new((120, 40), 2_000).play(scene));
        let (_, limit) = LIMITS.iter().find(|(name, _)| *name == scene.name).unwrap();
        assert!(bytes <= *limit, "{}: {bytes} bytes, at most {limit}", scene.name);
    }
}
