//! The wallet's key file: one Ethereum key, encrypted under a pass phrase.
//!
//! The format is Web3 Secret Storage (version 3), the one that geth, Foundry and most wallets read,
//! so a key can move in and out of Sheaf. The Sheaf key is not stored: it is derived from a
//! signature of the Ethereum key (docs/protocol.md, section 3), so this one file is all that a
//! user must keep.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use alloy::signers::k256::elliptic_curve::rand_core::OsRng;
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Error, Result, anyhow, bail, ensure};

use super::encryption::encrypt;
use super::key_cost::check_form;
use super::passphrase::PassphraseSource;
use crate::whole_file;

/// Bytes of the shortest pass phrase that is accepted for a new wallet.
const PASSPHRASE_BYTES_MIN: usize = 8;

/// An opened wallet.
pub(super) struct Wallet {
    signer: PrivateKeySigner,
}

impl Wallet {
    /// Makes a new key, or takes `import`, and writes it to `path`.
    ///
    /// # Errors
    /// When the pass phrase is shorter than `PASSPHRASE_BYTES_MIN`, when `path` exists (a file is
    /// never overwritten), or when the file cannot be written.
    pub(super) fn create(
        path: &Path,
        passphrase: &str,
        import: Option<PrivateKeySigner>,
    ) -> Result<Self> {
        ensure!(
            passphrase.len() >= PASSPHRASE_BYTES_MIN,
            "the pass phrase must have at least {PASSPHRASE_BYTES_MIN} characters"
        );
        // Checked before the costly encryption. `write_new` checks again, for a file that appears
        // meanwhile.
        ensure!(!path.exists(), "{}", exists_already(path));
        let signer = import.unwrap_or_else(|| PrivateKeySigner::random_with(&mut OsRng));
        write_new(path, encrypt(&signer, passphrase).to_string().as_bytes())?;
        Ok(Self { signer })
    }

    /// Opens the key file at `path`. A pass phrase is asked for only if the file is a key file.
    ///
    /// # Errors
    /// When there is no file, when the file is no key file or too costly to open, or when the pass
    /// phrase does not open it.
    pub(super) fn open(path: &Path, passphrase: &PassphraseSource) -> Result<Self> {
        ensure!(
            path.exists(),
            "there is no wallet at {}; make one with `sheaf wallet new`",
            path.display()
        );
        check_form(path)?;
        let passphrase = passphrase.read()?;
        // `check_form` has checked the file, so any error means another pass phrase. The library's
        // own error names an inner check.
        match PrivateKeySigner::decrypt_keystore(path, &*passphrase) {
            Ok(signer) => Ok(Self { signer }),
            Err(_) => bail!("the pass phrase does not open {}", path.display()),
        }
    }

    /// The Ethereum side of the wallet, which pays for deposits and claims.
    pub(super) fn signer(&self) -> &PrivateKeySigner {
        &self.signer
    }
}

/// Writes the key file of a key that exists already.
///
/// # Errors
/// As `Wallet::create`.
pub(crate) fn create(path: &Path, passphrase: &str, signer: PrivateKeySigner) -> Result<()> {
    Wallet::create(path, passphrase, Some(signer)).map(|_| ())
}

/// Writes a new file that only its owner can read at any moment; the encryption protects a copy of
/// the file. The whole file is on the disk when this returns, or no file is there.
///
/// # Errors
/// When the file exists, or cannot be written.
fn write_new(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let cannot = || format!("cannot write the wallet {}", path.display());
    let draft = whole_file::draft(path, content, whole_file::PRIVATE).with_context(cannot)?;
    draft.persist_noclobber(path).map_err(|failed| match failed.error.kind() {
        ErrorKind::AlreadyExists => anyhow!(exists_already(path)),
        _ => Error::new(failed.error).context(cannot()),
    })?;
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot)
}

fn exists_already(path: &Path) -> String {
    format!("{} exists already; choose another file with --wallet, or move it away", path.display())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_is_there_is_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wallet.json");
        write_new(&path, b"first").expect("it is written");
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let said = write_new(&path, b"second").expect_err("it is there").to_string();
        assert!(said.contains("exists already"), "{said}");
        assert_eq!(fs::read(&path).expect("it can be read"), b"first");
        let left = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 1, "no draft is left");
        write_new(Path::new("/"), b"").expect_err("it names no file");
    }
}
