//! The program: arguments in, exit code out.

use std::panic::catch_unwind;
use std::process::ExitCode;

use quell::cli::{self, Exit};
use quell::memory;

fn main() -> ExitCode {
    memory::give_back();
    // The panic hook has said what happened; scripts get the code of an internal error.
    let code = catch_unwind(|| cli::run(std::env::args_os())).unwrap_or(Exit::Internal as i32);
    ExitCode::from(u8::try_from(code).unwrap_or(Exit::Internal as u8))
}
