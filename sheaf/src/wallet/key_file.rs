//! The wallet's key file: one Ethereum key, encrypted under a pass phrase.
//!
//! The format is Web3 Secret Storage (version 3), the one that geth, Foundry and most wallets read,
//! so a key can move in and out of Sheaf. The Sheaf key is not stored: it is derived from a
//! signature of the Ethereum key (docs/protocol.md, section 3), so this one file is all that a
//! user must keep.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use alloy::signers::k256::elliptic_curve::rand_core::OsRng;
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Error, Result, anyhow, ensure};
use tempfile::NamedTempFile;

use super::encryption::encrypt;
use super::key_form::Form;
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
        let form = Form::read(path)?;
        let passphrase = passphrase.read()?;
        Self::unlock(path, &form, &passphrase)
    }

    /// Opens a key file whose form was read. The library reads files only, so the content as the
    /// library reads it lies in a temporary file meanwhile, encrypted as before.
    fn unlock(path: &Path, form: &Form, passphrase: &str) -> Result<Self> {
        let name = path.display();
        let plain = NamedTempFile::new().and_then(|mut file| {
            file.write_all(form.text.as_bytes())?;
            Ok(file)
        });
        let plain = plain.context("cannot write a temporary file")?;
        // The form was checked, so any error means another pass phrase. The library's own error
        // names an inner check.
        let signer = PrivateKeySigner::decrypt_keystore(plain.path(), passphrase).ok();
        let signer = signer.with_context(|| format!("the pass phrase does not open {name}"))?;
        ensure!(
            form.address.is_none_or(|address| address == signer.address()),
            "{name} has the key of {}, and says that the key is another account's",
            signer.address()
        );
        Ok(Self { signer })
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
    whole_file::put_new(draft, path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => anyhow!(exists_already(path)),
        _ => Error::new(error).context(cannot()),
    })
}

fn exists_already(path: &Path) -> String {
    format!("{} exists already; choose another file with --wallet, or move it away", path.display())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use serde_json::Value;

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

    /// The secret key of every file below, and the pass phrase that opens them all.
    const SECRET: [u8; 32] = [7; 32];
    const PASSPHRASE: &str = "a pass phrase for tests";
    /// Key files that other programs wrote: ethers 6 writes `Crypto`, Foundry no address, and
    /// eth-account can derive with PBKDF2.
    const OTHERS: [&str; 3] = [
        include_str!("../../tests/key_files/ethers.json"),
        include_str!("../../tests/key_files/foundry.json"),
        include_str!("../../tests/key_files/eth_account_pbkdf2.json"),
    ];

    /// Opens a wallet with this content.
    fn opened(content: &str, passphrase: &str) -> Result<Wallet> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wallet.json");
        fs::write(&path, content).expect("it is written");
        Wallet::unlock(&path, &Form::read(&path)?, passphrase)
    }

    #[test]
    fn key_files_of_other_programs_open() {
        let mut files: Vec<String> = OTHERS.iter().map(|&text| text.to_owned()).collect();
        let foundry: Value = serde_json::from_str(OTHERS[1]).expect("JSON");
        let mut bare = foundry.clone();
        bare.as_object_mut().expect("an object").remove("id");
        let mut prefixed = foundry;
        let mac = format!("0x{}", prefixed["crypto"]["mac"].as_str().expect("text"));
        (prefixed["crypto"]["mac"], prefixed["version"]) = (mac.into(), "3".into());
        files.extend([bare.to_string(), prefixed.to_string()]);
        for file in files {
            let wallet = opened(&file, PASSPHRASE);
            let wallet = wallet.unwrap_or_else(|error| panic!("{error:#} in {file}"));
            assert_eq!(wallet.signer().to_bytes(), SECRET);
            let refused = opened(&file, "another pass phrase").err().expect("it stays closed");
            assert!(format!("{refused:#}").contains("the pass phrase does not open"));
        }
    }

    #[test]
    fn a_key_file_that_names_another_account_is_refused() {
        let mut file: Value = serde_json::from_str(OTHERS[0]).expect("JSON");
        file["address"] = "00000000000000000000000000000000000000ff".into();
        let said = opened(&file.to_string(), PASSPHRASE).err().expect("it is refused").to_string();
        assert!(said.contains("says that the key is another account's"), "{said}");
    }
}
