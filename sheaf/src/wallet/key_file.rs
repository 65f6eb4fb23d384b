//! The wallet's key file: one Ethereum key, encrypted under a pass phrase.
//!
//! The format is Web3 Secret Storage (version 3), the one that geth, Foundry and most wallets read,
//! so a key can move in and out of Sheaf. The Sheaf key is not stored: it is derived from a
//! signature of the Ethereum key (docs/protocol.md, section 3), so one file is all there is to
//! keep.

use std::fs;
use std::path::{Path, PathBuf};

use alloy::signers::SignerSync;
use alloy::signers::k256::elliptic_curve::rand_core::OsRng;
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result, bail, ensure};
use sheaf_ledger::key::SecretKey;
use zeroize::Zeroizing;

/// Bytes of the shortest pass phrase that is accepted for a new wallet.
const PASSPHRASE_BYTES_MIN: usize = 8;

/// An opened wallet.
pub struct Wallet {
    signer: PrivateKeySigner,
}

impl Wallet {
    /// Makes a new key, or takes `import`, and writes it to `path`; an existing file is never
    /// overwritten.
    pub fn create(path: &Path, passphrase: &str, import: Option<PrivateKeySigner>) -> Result<Self> {
        ensure!(
            passphrase.len() >= PASSPHRASE_BYTES_MIN,
            "the pass phrase must have at least {PASSPHRASE_BYTES_MIN} characters"
        );
        if path.exists() {
            bail!(
                "{} exists already; choose another file with --wallet, or move it away",
                path.display()
            );
        }
        let (folder, name) = split(path)?;
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let signer = import.unwrap_or_else(|| PrivateKeySigner::random_with(&mut OsRng));
        let secret = Zeroizing::new(signer.to_bytes().0);
        PrivateKeySigner::encrypt_keystore(&folder, &mut OsRng, *secret, passphrase, Some(&name))
            .with_context(|| format!("cannot write the wallet {}", path.display()))?;
        restrict(path)?;
        Ok(Self { signer })
    }

    /// Opens the key file at `path`.
    pub fn open(path: &Path, passphrase: &str) -> Result<Self> {
        ensure!(
            path.exists(),
            "there is no wallet at {}; make one with `sheaf wallet new`",
            path.display()
        );
        let signer = PrivateKeySigner::decrypt_keystore(path, passphrase).with_context(|| {
            format!("cannot open {}: wrong pass phrase, or not a key file", path.display())
        })?;
        Ok(Self { signer })
    }

    /// The Ethereum side of the wallet, which pays for deposits and claims.
    pub fn signer(&self) -> &PrivateKeySigner {
        &self.signer
    }
}

/// Writes the key file of a key that exists already.
pub fn create(path: &Path, passphrase: &str, signer: PrivateKeySigner) -> Result<()> {
    Wallet::create(path, passphrase, Some(signer)).map(|_| ())
}

/// The Sheaf key of an Ethereum key in the rollup that `text` names (docs/protocol.md, section 3).
pub fn derive(signer: &PrivateKeySigner, text: &str) -> Result<SecretKey> {
    let signature = signer.sign_message_sync(text.as_bytes())?;
    SecretKey::from_l1_signature(&signature.as_bytes())
        .context("this Ethereum key yields no Sheaf key; use another one")
}

/// The folder and the file name that a keystore path consists of.
fn split(path: &Path) -> Result<(PathBuf, String)> {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .with_context(|| format!("{} does not name a file", path.display()))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Ok((folder.unwrap_or(Path::new(".")).to_owned(), name.to_owned()))
}

/// Only the owner of the file may read it; encryption is the second lock, not the first.
fn restrict(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
        .with_context(|| format!("cannot restrict {}", path.display()))
}
