//! Output for people and programs: a line at a time, and best effort.
//!
//! A payment that is made stays made when the terminal is gone, the pipe is closed or the disk of
//! the log is full. So a line that cannot be written is dropped, and the program goes on; the print
//! macros of the standard library would panic there, and a house test refuses them.

use std::fmt::Display;
use std::io::{Write as _, stderr, stdout};

/// Writes a line to standard output: the answer to a command.
pub(crate) fn answer(line: impl Display) {
    let mut stdout = stdout().lock();
    // Nobody reads what cannot be written, and what the line tells is done already.
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// Writes a line to standard error: progress, notes and failures.
pub(crate) fn note(line: impl Display) {
    // As above.
    let _ = writeln!(stderr().lock(), "{line}");
}
