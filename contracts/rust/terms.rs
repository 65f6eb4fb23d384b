//! What a deployment decides once: the verifying key, and the terms of the rollup.

use alloy::primitives::{Address, B256, keccak256};
use alloy::sol_types::SolValue;

use crate::bindings::{Groth16Verifier, ISheaf};

/// What the verifier on L1 checks proofs against.
#[derive(Debug, Clone)]
pub enum VerifierKey {
    /// A Groth16 verifying key.
    Groth16(Box<Groth16Verifier::Key>),
    /// No key: the verifier accepts development proofs, which prove nothing. Every chain but 31337
    /// is refused.
    Development,
}

impl VerifierKey {
    /// The key's hash, which the deployed verifier returns as `keyHash`: keccak256 of the key's ABI
    /// encoding. For development proofs, of the words that open each of them.
    pub fn hash(&self) -> B256 {
        match self {
            Self::Groth16(key) => keccak256(key.abi_encode()),
            Self::Development => keccak256("Sheaf development proof"),
        }
    }

    /// The words of the key's ABI encoding, whose keccak256 is `hash`; `None` for development
    /// proofs, which no key verifies.
    pub fn words(&self) -> Option<Vec<B256>> {
        match self {
            Self::Groth16(key) => Some(key.abi_encode().chunks(32).map(B256::from_slice).collect()),
            Self::Development => None,
        }
    }
}

/// What a deployment decides once, beside the key: roles, delays in seconds, and amounts of ether
/// in L2 units (10^9 wei). `contracts/src/interfaces/ISheaf.sol` has the limits of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The account that may finalise at any time.
    pub operator: Address,
    /// The account that may list tokens; zero for no account.
    pub lister: Address,
    /// Seconds that a request may wait before the request is overdue; at least 3,600.
    pub silence_delay: u64,
    /// Seconds that an exit request may wait before anyone may freeze the rollup; at least four
    /// silence delays.
    pub freeze_delay: u64,
    /// The price of a request while few wait.
    pub request_price: u64,
    /// What an exit request leaves until the exit pays.
    pub exit_bond: u64,
    /// What an account leaves that takes over the operator's role.
    pub takeover_bond: u64,
    /// The most ether that may be claimed in one day; 0 for no limit.
    pub ether_outflow_limit: u64,
}

impl Terms {
    /// The usual terms: requests are overdue after a day, and an exit after a week freezes the
    /// rollup. A request costs 0.0001 ether, an exit leaves 0.01, a takeover 1.
    pub const fn usual(operator: Address, lister: Address) -> Self {
        Self {
            operator,
            lister,
            silence_delay: 86_400,
            freeze_delay: 7 * 86_400,
            request_price: 100_000,
            exit_bond: 10_000_000,
            takeover_bond: 1_000_000_000,
            ether_outflow_limit: 0,
        }
    }

    /// The constructor's argument.
    pub(crate) const fn configuration(
        self,
        verifier: Address,
        key_hash: B256,
    ) -> ISheaf::Configuration {
        ISheaf::Configuration {
            verifier,
            keyHash: key_hash,
            operator: self.operator,
            lister: self.lister,
            silenceDelay: self.silence_delay,
            freezeDelay: self.freeze_delay,
            requestPrice: self.request_price,
            exitBond: self.exit_bond,
            takeoverBond: self.takeover_bond,
            etherOutflowLimit: self.ether_outflow_limit,
        }
    }
}

/// A token that the lister adds to the list. `contracts/src/interfaces/ISheaf.sol` has the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing {
    /// The token's contract.
    pub erc20: Address,
    /// L1 units in one L2 unit.
    pub scale: u128,
    /// The most that may be in escrow, in L2 units.
    pub cap: u64,
    /// The most that may be claimed in one day, in L2 units; 0 for no limit.
    pub outflow_limit: u64,
}
