//! The form of a key file: Web3 Secret Storage (version 3), as several programs write it.
//!
//! The file itself states what opening it costs, so a file from a stranger could demand all the
//! memory of the machine: the cost has limits.

use std::fs;
use std::path::Path;

use alloy::primitives::Address;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Most bytes that scrypt may fill to open a file: four times as many as for geth's own files.
const SCRYPT_BYTES_MAX: u64 = 1 << 30;
/// Most rounds of PBKDF2 to open a file: sixty-four times as many as for geth's own files.
const PBKDF2_ROUNDS_MAX: u64 = 1 << 24;
/// Fewest bytes of the key derived from a pass phrase: one half encrypts, the other half checks.
const DERIVED_KEY_BYTES_MIN: u64 = 32;
/// Fewest hexadecimal digits of the first block of the cipher's counter.
const IV_DIGITS_MIN: usize = 32;
/// The only cipher of the format's third version.
const CIPHER: &str = "aes-128-ctr";
/// The id of a file that has none: the library wants an id, and nothing depends on its value.
const NO_ID: &str = "00000000-0000-0000-0000-000000000000";

/// A key file that is well-formed and bears no absurd cost.
pub(super) struct Form {
    /// The content as the library reads it: names in lower case, no `0x`, an id.
    pub(super) text: String,
    /// The address that the file says its key has, if the file says so.
    pub(super) address: Option<Address>,
}

/// The fields of a key file that are checked before the file is opened. The other fields only
/// decide whether a pass phrase fits.
#[derive(Debug, Deserialize)]
struct KeyFile {
    version: u64,
    address: Option<String>,
    crypto: Crypto,
}

#[derive(Debug, Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParameters,
    kdfparams: Cost,
}

#[derive(Debug, Deserialize)]
struct CipherParameters {
    iv: String,
}

/// The cost of one try at the pass phrase: `n`, `r`, `p` of scrypt or `c` of PBKDF2.
#[derive(Debug, Deserialize)]
struct Cost {
    dklen: u64,
    n: Option<u64>,
    r: Option<u64>,
    p: Option<u64>,
    c: Option<u64>,
}

impl KeyFile {
    /// Whether the library can read the file without a panic.
    fn is_well_formed(&self) -> bool {
        let Crypto { cipher, cipherparams, kdfparams } = &self.crypto;
        self.version == 3
            && cipher == CIPHER
            && kdfparams.dklen >= DERIVED_KEY_BYTES_MIN
            && cipherparams.iv.len() >= IV_DIGITS_MIN
    }
}

impl Cost {
    /// Whether the cost is within the limits of both functions, whichever of them the file uses.
    fn is_bearable(&self) -> bool {
        let scrypt = [self.n, self.r, self.p].map(|one| one.unwrap_or(1).max(1));
        let bytes = scrypt.into_iter().fold(128, u64::saturating_mul);
        bytes <= SCRYPT_BYTES_MAX && self.c.unwrap_or(0) <= PBKDF2_ROUNDS_MAX
    }
}

impl Form {
    /// Reads a key file and checks that opening it costs no more than the limits. A file that was
    /// read and cannot be decrypted has another pass phrase.
    ///
    /// # Errors
    /// When the file cannot be read, is no key file of version 3, or costs too much to open.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        let no_key_file = || format!("{name} is no key file (Web3 Secret Storage 3)");
        let content: Map<String, Value> =
            serde_json::from_str(&text).ok().with_context(no_key_file)?;
        let content = plain(content.into());
        let read: Option<KeyFile> = serde_json::from_value(content.clone()).ok();
        let file = read.filter(KeyFile::is_well_formed).with_context(no_key_file)?;
        ensure!(
            file.crypto.kdfparams.is_bearable(),
            "opening {name} would take more than {} MiB or {PBKDF2_ROUNDS_MAX} rounds, which no \
             honest key file asks for",
            SCRYPT_BYTES_MAX >> 20
        );
        let address = file.address.map(|text| text.parse()).transpose();
        let address = address.ok().with_context(no_key_file)?;
        Ok(Self { text: content.to_string(), address })
    }
}

/// The content of a key file as the library reads it. Other programs write `Crypto`, put `0x`
/// before digits, write the version as text, or leave the id out.
fn plain(content: Value) -> Value {
    let mut content = lower(content);
    if let Some(version) = content["version"].as_str().and_then(|text| text.parse::<u64>().ok()) {
        content["version"] = version.into();
    }
    if content["id"].is_null() {
        content["id"] = json!(NO_ID);
    }
    content
}

/// The same with every name in lower case, and without `0x` before digits.
fn lower(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name.to_lowercase(), lower(value))).collect()
        }
        Value::String(text) => text.strip_prefix("0x").unwrap_or(&text).into(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::wallet::key_file::create;
    use alloy::signers::local::PrivateKeySigner;

    /// Bytes that scrypt fills for a file that Sheaf writes: as many as for geth's own files.
    const SCRYPT_BYTES: u64 = 256 << 20;
    const PASSPHRASE: &str = "a pass phrase for tests";

    /// A new wallet's file in a folder of its own, and its content.
    fn written() -> (tempfile::TempDir, PathBuf, Value) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wallet.json");
        let signer = PrivateKeySigner::from_slice(&[7; 32]).expect("a key");
        create(&path, PASSPHRASE, signer).expect("it is written");
        let text = fs::read_to_string(&path).expect("it can be read");
        (folder, path, serde_json::from_str(&text).expect("JSON"))
    }

    fn parameter(file: &Value, name: &str) -> u64 {
        file["crypto"]["kdfparams"][name].as_u64().expect("a number")
    }

    #[test]
    fn a_new_key_file_costs_what_it_says() {
        let (_folder, path, mut file) = written();
        assert_eq!(file["crypto"]["kdf"], "scrypt");
        let [n, r, p] = ["n", "r", "p"].map(|name| parameter(&file, name));
        assert!(128 * n * r >= SCRYPT_BYTES && p >= 1, "n {n}, r {r}, p {p}");
        Form::read(&path).expect("it is well-formed");
        PrivateKeySigner::decrypt_keystore(&path, PASSPHRASE).expect("at that cost it opens");
        // At half the cost it does not: the key was made at the cost that the file names.
        file["crypto"]["kdfparams"]["n"] = json!(n / 2);
        fs::write(&path, file.to_string()).expect("it is written");
        Form::read(&path).expect("it is well-formed");
        PrivateKeySigner::decrypt_keystore(&path, PASSPHRASE).expect_err("it is another key");
    }

    #[test]
    fn a_file_that_asks_for_an_absurd_cost_is_refused_and_geths_is_not() {
        let (_folder, path, file) = written();
        let refusal = |changes: &[(&str, Value)]| {
            let mut file = file.clone();
            for (name, value) in changes {
                file["crypto"]["kdfparams"][name] = value.clone();
            }
            fs::write(&path, file.to_string()).expect("it is written");
            Form::read(&path).err().map(|error| error.to_string())
        };
        assert_eq!(refusal(&[("n", json!(1 << 18))]), None, "geth's own");
        assert_eq!(refusal(&[("n", json!(1 << 12)), ("p", json!(6))]), None, "geth's light");
        assert_eq!(refusal(&[("n", json!(1 << 20))]), None, "the dearest");
        let all_memory = json!(u64::from(u32::MAX));
        for (name, value) in [
            ("n", json!(1_u64 << 21)),
            ("n", all_memory.clone()),
            ("n", json!(u64::MAX)),
            ("r", all_memory.clone()),
            ("p", all_memory.clone()),
            ("c", all_memory.clone()),
        ] {
            let said = refusal(&[(name, value.clone())]).expect("it is refused");
            assert!(said.contains("more than 1024 MiB"), "{name} {value}: {said}");
        }
        let said = refusal(&[("n", json!(0)), ("r", all_memory)]).expect("it is refused");
        assert!(said.contains("more than 1024 MiB"), "{said}");
    }

    #[test]
    fn a_file_that_the_library_would_panic_over_is_no_key_file() {
        let (_folder, path, file) = written();
        for (pointer, value) in [
            ("/version", json!(4)),
            ("/crypto/cipher", json!("aes-128-cbc")),
            ("/address", json!("no address")),
            ("/crypto/kdfparams/dklen", json!(16)),
            ("/crypto/cipherparams/iv", json!("00")),
            ("/crypto/kdfparams/n", json!(-1)),
            ("/crypto/kdfparams", json!({})),
        ] {
            let mut file = file.clone();
            *file.pointer_mut(pointer).expect("it is there") = value;
            fs::write(&path, file.to_string()).expect("it is written");
            let said = Form::read(&path).err().expect("it is refused").to_string();
            assert!(said.contains("is no key file"), "{pointer}: {said}");
        }
    }
}
