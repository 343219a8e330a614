//! Any bytes as a report. From the root of the project, seeded with the reports of the demo:
//!
//! ```text
//! cargo +nightly fuzz run --fuzz-dir tests/fuzz load tests/fuzz/corpus/load tests/demo/reports -- -max_len=65536 -rss_limit_mb=1024
//! ```
#![no_main]

mod body;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| body::load_and_look(bytes));
