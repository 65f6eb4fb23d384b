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

#[cfg(test)]
mod tests {
    use sheaf_ledger::key::key_text;
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
    fn another_rollup_or_another_account_has_another_key() {
        let signer: PrivateKeySigner = L1_KEY.parse().expect("a key");
        let here = derive(&signer, &text("31337")).expect("a key").public_key();
        assert_ne!(derive(&signer, &text("1")).expect("a key").public_key(), here);
        let other = PrivateKeySigner::random_with(&mut OsRng);
        assert_ne!(derive(&other, &text("31337")).expect("a key").public_key(), here);
    }
}
