//! The wallet's key file: one Ethereum key, encrypted under a pass phrase.
//!
//! The format is Web3 Secret Storage (version 3), the one that geth, Foundry and most wallets read,
//! so a key can move in and out of Sheaf. The Sheaf key is not stored: it is derived from a
//! signature of the Ethereum key (docs/protocol.md, section 3), so one file is all there is to
//! keep.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use alloy::signers::SignerSync;
use alloy::signers::k256::elliptic_curve::rand_core::OsRng;
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use sheaf_crypto::key::SecretKey;
use tempfile::NamedTempFile;

use super::encryption::encrypt;
use super::key_cost::check_form;
use super::passphrase::PassphraseSource;

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
        // Said before the cost is paid; what appears meanwhile is not overwritten either.
        ensure!(!path.exists(), "{}", exists_already(path));
        let signer = import.unwrap_or_else(|| PrivateKeySigner::random_with(&mut OsRng));
        write_new(path, encrypt(&signer, passphrase).to_string().as_bytes())?;
        Ok(Self { signer })
    }

    /// Opens the key file at `path`; a pass phrase is asked for only if there is a file.
    pub fn open(path: &Path, passphrase: &PassphraseSource) -> Result<Self> {
        ensure!(
            path.exists(),
            "there is no wallet at {}; make one with `sheaf wallet new`",
            path.display()
        );
        check_form(path)?;
        let passphrase = passphrase.read()?;
        // Whatever fails now, the library calls it by the name of an inner check.
        match PrivateKeySigner::decrypt_keystore(path, &*passphrase) {
            Ok(signer) => Ok(Self { signer }),
            Err(_) => bail!("the pass phrase does not open {}", path.display()),
        }
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

/// Writes a file that nobody but its owner can read at any moment: encryption is the second lock,
/// not the first. It is there as a whole and on the disk, or not at all.
fn write_new(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let cannot = || format!("cannot write the wallet {}", path.display());
    // Such a file is made with mode 0600.
    let mut draft = NamedTempFile::new_in(folder).with_context(cannot)?;
    draft.write_all(content).with_context(cannot)?;
    draft.as_file().sync_all().with_context(cannot)?;
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

    use sheaf_ledger::domain::key_text;
    use sheaf_ledger::{L1Address, Owner};

    use super::*;

    const PROTOCOL: &str = include_str!("../../../docs/protocol.md");
    /// The second account of the mnemonic "test test … junk".
    const L1_KEY: &str = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
    const CONTRACT: &str = "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512";

    fn text(chain_id: &str) -> String {
        key_text(chain_id, &CONTRACT.parse().expect("an address"))
    }

    #[test]
    fn the_text_to_sign_is_the_one_that_the_protocol_prints() {
        let (_, after) = PROTOCOL.split_once("- **derivation**").expect("section 3 has it");
        let block = after.split("```").nth(1).expect("the text stands in a block");
        let printed = block.trim_matches('\n');
        let expected = printed.replace("{chain_id}", "31337").replace("{contract}", CONTRACT);
        assert_ne!(printed, expected, "the block names chain and contract");
        assert_eq!(text("31337"), expected);
    }

    /// The signature is Foundry's (`cast wallet sign`), the secret that of Python's hashlib, the
    /// key that of a Python script written from docs/protocol.md alone.
    #[test]
    fn an_ethereum_key_makes_the_key_that_other_programs_make_of_it() {
        let signer: PrivateKeySigner = L1_KEY.parse().expect("a key");
        let signature = signer.sign_message_sync(text("31337").as_bytes()).expect("a signature");
        assert_eq!(
            hex::encode(signature.as_bytes()),
            "cfadfbb171624e06d7c9d9f54506fa4ecf3fde495bd3cf1747a487b3f514fe55\
             3b7bbe6f5226613106973c5c4896b139bdce401305f9fc9bef228ffef11346fc1c"
        );
        let secret = derive(&signer, &text("31337")).expect("a key");
        assert_eq!(
            hex::encode(*secret.to_bytes()),
            "c46bbb3234ebcaa00ae31ce907c5ff361104412f1d15621a56c42f1052fca650f071d563aca32a57"
        );
        let key = secret.public_key();
        assert_eq!(
            key.to_string(),
            "0xdb1514c54ae2dbd508858ebba8235aea9d8eab5c7d708eeba3ef5a90b15750c50eff6b70c4f38328"
        );
        let owner = Owner::new(&key, &L1Address(signer.address().0.0));
        assert_eq!(owner.to_string(), "sheaf17jphnfa78e08ehhhnz7k8ez0u67axat5kze7jes0l6rqk");
    }

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

    #[test]
    fn another_rollup_or_another_account_has_another_key() {
        let signer: PrivateKeySigner = L1_KEY.parse().expect("a key");
        let here = derive(&signer, &text("31337")).expect("a key").public_key();
        assert_ne!(derive(&signer, &text("1")).expect("a key").public_key(), here);
        let other = PrivateKeySigner::random_with(&mut OsRng);
        assert_ne!(derive(&other, &text("31337")).expect("a key").public_key(), here);
    }
}
