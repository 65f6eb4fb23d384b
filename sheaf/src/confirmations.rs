//! How many L1 blocks must follow a block before it is read.

use sheaf_ledger::domain::LOCAL_CHAIN_ID;

/// L1 blocks on top of a request before it is read: two epochs, after which Ethereum is final.
const CONFIRMATIONS: u64 = 64;
/// The same on a development node, whose blocks nobody reorganises by chance.
const LOCAL_CONFIRMATIONS: u64 = 2;

/// How many blocks must follow an L1 block before it is read: as the operator says, or as many as
/// the chain needs.
pub(crate) fn confirmations(chain_id: u64, said: Option<u64>) -> u64 {
    let default = match chain_id {
        LOCAL_CHAIN_ID => LOCAL_CONFIRMATIONS,
        _ => CONFIRMATIONS,
    };
    said.unwrap_or(default)
}
