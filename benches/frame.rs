//! Milliseconds and bytes for a frame at 120x40 with 100,000 findings, through the real drawing code into a sink
//! that counts. `cargo bench --bench frame`; bytes are also held by a test (`tests/it/bytes.rs`).
#![allow(dead_code, reason = "the sample has more than this bench needs")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops; it prints a table")]

#[path = "../tests/it/support/console.rs"]
mod console;
#[path = "../tests/it/support/keys.rs"]
mod keys;

use std::time::Duration;

use keys::{Bytes, Console, SCENES};
use ratatui::backend::CrosstermBackend;

/// Findings of the sample.
const FINDINGS: u32 = 100_000;

fn main() {
    println!("{:28} {:>10} {:>10} {:>10} {:>12}", "key at 120x40", "bytes", "most", "ms", "stock bytes");
    for scene in SCENES {
        let mut console = Console::new((120, 40), FINDINGS);
        let frames = console.play(scene);
        let stock = stock_bytes(scene);
        let time = median(frames.iter().map(|frame| frame.time).collect());
        let bytes = keys::median_bytes(&frames);
        let most = frames.iter().map(|frame| frame.bytes).max().unwrap_or(0);
        println!("{:28} {bytes:>10} {most:>10} {:>10.3} {stock:>12}", scene.name, time.as_secs_f64() * 1e3);
    }
}

/// The same through the backend that comes with ratatui.
fn stock_bytes(scene: &keys::Scene) -> usize {
    let mut console = Console::with_backend((120, 40), FINDINGS, |bytes: Bytes| CrosstermBackend::new(bytes));
    keys::median_bytes(&console.play(scene))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
