//! Atomic files: after any crash a file is whole under its own name, or is not there.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// The extension of a file that is being written.
const UNFINISHED: &str = "unfinished";

/// Writes a file under another name, synchronises the file and renames it to `path`.
///
/// # Errors
/// When the file or its folder cannot be written.
pub(crate) fn write(path: &Path, content: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let unfinished = path.with_extension(UNFINISHED);
    let file = File::create(&unfinished)?;
    content(&file)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    // The folder of a name without a folder is the current one.
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Whether the file is what a crash left of a file that was being written.
pub(crate) fn is_unfinished(path: &Path) -> bool {
    path.extension() == Some(OsStr::new(UNFINISHED))
}
