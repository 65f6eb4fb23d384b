//! The domain: which rollup on which chain a signature and a state belong to.
//!
//! This module hashes the chain id and the address that it is given; it checks neither.

use serde::{Deserialize, Serialize};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::hash;

use crate::l1_address::L1Address;
use crate::tag;
use crate::word;

/// The chain id of local development nodes, such as anvil's. Development proofs are accepted on
/// this chain only.
pub const LOCAL_CHAIN_ID: u64 = 31_337;

/// Elements of a domain.
pub const DOMAIN: usize = 3;

/// Three elements, hashed from chain id and contract address. Each message and each state contains
/// the domain, so a signature or a proof for one rollup is invalid for every other rollup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Domain(pub [Fe; DOMAIN]);

impl Domain {
    /// The domain of `contract` on the chain with the 256-bit, big-endian `chain_id`.
    pub fn new(chain_id: [u8; 32], contract: L1Address) -> Self {
        let mut elements = [Fe::ZERO; 8];
        for (element, limb) in elements.iter_mut().zip(word::limbs_of_integer(&chain_id)) {
            *element = Fe::from_u64(limb);
        }
        elements[5..].copy_from_slice(&contract.limbs());
        let [first, second, third, _] = hash(tag::DOMAIN, &elements).0;
        Self([first, second, third])
    }

    /// The domain of `contract` on a chain whose id fits in 64 bits, as every chain id in use does.
    pub fn on_chain(chain_id: u64, contract: L1Address) -> Self {
        let mut bytes = [0; 32];
        bytes[24..].copy_from_slice(&chain_id.to_be_bytes());
        Self::new(bytes, contract)
    }

    /// The three elements in order, each big-endian: `bytes24` on L1.
    pub fn to_bytes(&self) -> [u8; DOMAIN * Fe::BYTES] {
        let mut bytes = [0; DOMAIN * Fe::BYTES];
        bytes.copy_from_slice(self.0.map(Fe::to_be_bytes).as_flattened());
        bytes
    }
}

/// The text that a wallet asks an Ethereum account to `personal_sign`. The wallet's Sheaf key is
/// derived from that signature.
///
/// `chain_id` is in decimal. The text names chain and contract, so an account has another key on
/// every rollup.
pub fn key_text(chain_id: &str, contract: &L1Address) -> String {
    format!(
        "Sign this message only in a Sheaf wallet.\n\
         It makes your Sheaf key; whoever has this signature can spend your balance.\n\
         \n\
         chain {chain_id}\n\
         contract {contract}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_five_limbs_of_the_chain_and_three_of_the_contract() {
        let contract = L1Address([0xab; 20]);
        let mut chain_id = [0; 32];
        chain_id[0] = 0x80;
        chain_id[31] = 7;
        let mut elements = [7, 0, 0, 0, 0x80, 0, 0, 0].map(Fe::from_u64);
        elements[5..].copy_from_slice(&contract.limbs());
        let expected = hash(tag::DOMAIN, &elements).0;
        assert_eq!(Domain::new(chain_id, contract).0, expected[..3]);
    }

    #[test]
    fn chains_and_contracts_separate() {
        let domain = Domain::on_chain(1, L1Address([1; 20]));
        let mut same = [0; 32];
        same[31] = 1;
        assert_eq!(domain, Domain::new(same, L1Address([1; 20])));
        assert_ne!(domain, Domain::on_chain(2, L1Address([1; 20])));
        assert_ne!(domain, Domain::on_chain(1, L1Address([2; 20])));
    }

    #[test]
    fn the_text_names_chain_and_contract() {
        let text = key_text("31337", &L1Address([0xAB; 20]));
        let expected = "Sign this message only in a Sheaf wallet.\nIt makes your Sheaf key; \
                        whoever has this signature can spend your balance.\n\nchain 31337\n\
                        contract 0xabababababababababababababababababababab";
        assert_eq!(text, expected);
    }
}
