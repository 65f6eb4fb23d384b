//! Files that are whole under their names, or not there, after any crash.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Rights of a file that its owner may change and everybody may read.
pub(crate) const PUBLIC: u32 = 0o644;
/// Rights of a file that is for its owner alone.
pub(crate) const PRIVATE: u32 = 0o600;

/// An empty file beside `path`, which the caller fills and gives the name `path`. A file that never
/// gets the name is removed.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn begin(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(folder_of(path))
}

/// A file beside `path` with this content, on disk, as `begin` makes it.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn draft(path: &Path, content: &[u8], mode: u32) -> io::Result<NamedTempFile> {
    let mut draft = begin(path, mode)?;
    draft.write_all(content)?;
    draft.as_file().sync_all()?;
    Ok(draft)
}

/// Gives a file that is whole and on disk its name, which must be free.
///
/// # Errors
/// When there is such a file, or the folder cannot be written.
pub(crate) fn put_new(draft: NamedTempFile, path: &Path) -> io::Result<()> {
    draft.persist_noclobber(path)?;
    File::open(folder_of(path))?.sync_all()
}

/// The folder of a file; the folder of a name without one is the current one.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file, in the place of one that is there.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn write(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    draft(path, content, mode)?.persist(path)?;
    File::open(folder_of(path))?.sync_all()
}

/// Removes a file, if there is one.
///
/// # Errors
/// When there is a file that cannot be removed.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The place of a file that belongs to another one: the same name with more at the end.
pub(crate) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// The content of a file; `None` if there is no file.
///
/// # Errors
/// When there is a file and it cannot be read.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
