//! Encrypts a key under a pass phrase, in the format Web3 Secret Storage (version 3), with the cost
//! of scrypt that geth chooses.
//!
//! alloy's keystore opens these files. This module writes them, because alloy's keystore writes
//! files at a thirty-second of that cost.

use aes::Aes128;
use aes::cipher::{KeyIvInit, StreamCipher};
use alloy::primitives::keccak256;
use alloy::signers::local::PrivateKeySigner;
use ctr::Ctr128BE;
use scrypt::{Params, scrypt};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Binary logarithm of scrypt's N: a guess at the pass phrase takes 256 MiB, and most of a second.
const SCRYPT_LOG_N: u8 = 18;
/// scrypt's block size, in units of 128 bytes.
const SCRYPT_R: u32 = 8;
/// scrypt's parallelism: how many blocks scrypt mixes.
const SCRYPT_P: u32 = 1;
/// Bytes of the derived key: the first half encrypts, the second half checks the pass phrase.
const DERIVED_KEY_BYTES: usize = 32;

/// The content of a key file: `signer`'s key, encrypted with fresh random salt and counter.
pub(super) fn encrypt(signer: &PrivateKeySigner, passphrase: &str) -> Value {
    let (salt, iv) = (rand::random::<[u8; 32]>(), rand::random::<[u8; 16]>());
    let mut derived = Zeroizing::new([0; DERIVED_KEY_BYTES]);
    let cost = Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P);
    let cost = cost.expect("the constants are in scrypt's range");
    scrypt(passphrase.as_bytes(), &salt, &cost, &mut *derived)
        .expect("the derived key has a length that scrypt gives");
    let (cipher_key, check_key) = derived.split_at(DERIVED_KEY_BYTES / 2);
    let mut ciphertext = *Zeroizing::new(signer.to_bytes().0);
    Ctr128BE::<Aes128>::new_from_slices(cipher_key, &iv)
        .expect("AES-128 has keys and blocks of 16 bytes")
        .apply_keystream(&mut ciphertext);
    let mac = keccak256([check_key, &ciphertext].concat());
    json!({
        "version": 3,
        "id": uuid(rand::random()),
        "address": hex::encode(signer.address()),
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": { "iv": hex::encode(iv) },
            "ciphertext": hex::encode(ciphertext),
            "kdf": "scrypt",
            "kdfparams": {
                "dklen": DERIVED_KEY_BYTES,
                "n": 1_u32 << SCRYPT_LOG_N,
                "r": SCRYPT_R,
                "p": SCRYPT_P,
                "salt": hex::encode(salt),
            },
            "mac": hex::encode(mac),
        },
    })
}

/// A random UUID (version 4) of 16 random bytes.
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex::encode(bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_that_it_is_random() {
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    /// Another program's reader opens what is written here, and notices each change of it.
    #[test]
    fn another_keystore_opens_it_and_notices_a_changed_byte() {
        let signer = PrivateKeySigner::from_slice(&[7; 32]).expect("a key");
        let file = encrypt(&signer, "a pass phrase for tests");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wallet.json");
        let opened = |file: &Value, passphrase: &str| {
            std::fs::write(&path, file.to_string()).expect("it is written");
            PrivateKeySigner::decrypt_keystore(&path, passphrase)
        };
        let found = opened(&file, "a pass phrase for tests").expect("it opens");
        assert_eq!(found.to_bytes(), signer.to_bytes());
        assert_eq!(file["address"], hex::encode(signer.address()));
        assert!(opened(&file, "another pass phrase").is_err());
        for name in ["ciphertext", "mac"] {
            let mut changed = file.clone();
            let text = changed["crypto"][name].as_str().expect("text").to_owned();
            let digit = if text.starts_with('0') { "1" } else { "0" };
            changed["crypto"][name] = json!(format!("{digit}{}", &text[1..]));
            assert!(opened(&changed, "a pass phrase for tests").is_err(), "{name}");
        }
    }

    #[test]
    fn no_two_files_share_salt_or_counter() {
        let signer = PrivateKeySigner::from_slice(&[7; 32]).expect("a key");
        let [a, b] = [0; 2].map(|_| encrypt(&signer, "a pass phrase for tests"));
        for pointer in ["/id", "/crypto/kdfparams/salt", "/crypto/cipherparams/iv"] {
            assert_ne!(a.pointer(pointer), b.pointer(pointer), "{pointer}");
        }
    }
}
