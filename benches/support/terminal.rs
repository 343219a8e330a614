//! The console in a terminal of 120x40, as the benches look at it.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

pub(crate) const ROWS: u16 = 40;
pub(crate) const COLUMNS: u16 = 120;

/// A running console: its keys, and what it writes with the time when that came.
pub(crate) struct Opened {
    pub(crate) child: Box<dyn Child + Send + Sync>,
    pub(crate) keys: Box<dyn Write + Send>,
    pub(crate) output: Receiver<(Instant, Vec<u8>)>,
}

/// The program, to be started in a folder.
pub(crate) fn console(folder: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quell"));
    command.cwd(folder);
    command.env("TERM", "xterm-256color");
    command
}

pub(crate) fn open(command: CommandBuilder) -> Opened {
    let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let keys = pair.master.take_writer().unwrap();
    let (sender, output) = channel();
    std::thread::spawn(move || {
        // The terminal stays open as long as somebody reads from it.
        let _master = pair.master;
        let mut buffer = vec![0; 1 << 16];
        while let Ok(read @ 1..) = reader.read(&mut buffer) {
            if sender.send((Instant::now(), buffer[..read].to_vec())).is_err() {
                return;
            }
        }
    });
    Opened { child, keys, output }
}
