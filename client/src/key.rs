//! The derivation of a Sheaf key from an Ethereum key.

use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use sheaf_crypto::key::SecretKey;

use crate::error::{ClientError, Result};

/// The Sheaf key of an Ethereum key in the rollup that `text` names: the text of
/// [`sheaf_ledger::domain::key_text`] (docs/protocol.md, section 3).
///
/// # Errors
/// `Signing` when the Ethereum key cannot sign; `NoKey` for the rare Ethereum key whose signature
/// makes no Sheaf key.
pub fn derive(signer: &PrivateKeySigner, text: &str) -> Result<SecretKey> {
    let signature = signer.sign_message_sync(text.as_bytes());
    let signature = signature.map_err(|source| ClientError::Signing { source })?;
    SecretKey::from_l1_signature(&signature.as_bytes())
        .map_err(|source| ClientError::NoKey { source })
}

#[cfg(test)]
mod tests {
    use sheaf_ledger::domain::key_text;
    use sheaf_ledger::{L1Address, Owner};

    use super::*;

    const PROTOCOL: &str = include_str!("../../docs/protocol.md");
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
        let other = PrivateKeySigner::random();
        assert_ne!(derive(&other, &text("31337")).expect("a key").public_key(), here);
    }
}
