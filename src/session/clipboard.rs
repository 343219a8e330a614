//! Text for the clipboard of the person's own terminal, also over SSH. Whether it arrives cannot be known.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

use crossterm::clipboard::CopyToClipboard;
use crossterm::queue;

use crate::model::problem::Problem;
use crate::model::text;
use crate::terminal::Tty;

/// Most bytes of text: in base64 it stays below the 74,994 bytes that xterm takes.
const MAX: usize = 55_000;

/// Sends a text with OSC 52, inside tmux through tmux, which drops that sequence by default.
///
/// The outer error is a terminal that takes nothing more; the inner one is a text that cannot be sent.
pub(super) fn send(tty: &Tty, text: &str) -> io::Result<Result<(), Problem>> {
    if text.len() > MAX {
        let reason = format!("{} bytes are more than terminals take", text.len());
        return Ok(Err(Problem::of_file("clipboard", reason, "select the text by hand")));
    }
    let text: String = text.lines().map(|line| text::visible(line).into_owned() + "\n").collect();
    let text = text.trim_end_matches('\n');
    if std::env::var_os("TMUX").is_some() {
        return Ok(
            to_tmux(text).map_err(|error| Problem::of_file("tmux", error.to_string(), "select the text by hand"))
        );
    }
    let mut bytes = Vec::new();
    queue!(bytes, CopyToClipboard::to_clipboard_from(text))?;
    tty.put(&bytes)?;
    Ok(Ok(()))
}

fn to_tmux(text: &str) -> io::Result<()> {
    let mut tmux = Command::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let text = text.to_owned();
    // Written and waited for beside the loop: a tmux that hangs must not stop the keys.
    thread::spawn(move || feed(&mut tmux, &text));
    Ok(())
}

fn feed(tmux: &mut Child, text: &str) {
    if let Some(mut stdin) = tmux.stdin.take() {
        // Nothing is claimed about what arrives; a tmux that went away is no error of ours.
        let _ = stdin.write_all(text.as_bytes());
    }
    let _ = tmux.wait();
}
