//! The signature circuit accepts what the ledger accepts, and no lie about it.

mod agreement;
mod lies;
pub(crate) mod rows;

use std::sync::OnceLock;

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use sheaf_circuits::signature::circuit::SignatureCircuit;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, hash};
use sheaf_crypto::key::SecretKey;
use sheaf_crypto::scalar::Scalar;
use sheaf_ledger::chunk::SignatureChunk;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::step::OwedSignature;
use sheaf_ledger::tag;
use sheaf_ledger::transaction::SignedMessage;

/// Positions of the circuit that all tests share.
const CAPACITY: usize = 3;

/// The circuit, built once.
fn circuit() -> &'static SignatureCircuit {
    static CIRCUIT: OnceLock<SignatureCircuit> = OnceLock::new();
    CIRCUIT.get_or_init(|| SignatureCircuit::build(CAPACITY))
}

fn secret(number: u64) -> SecretKey {
    SecretKey::from_scalar(Scalar::from(number)).expect("not zero")
}

fn message(number: u64) -> Digest {
    hash(tag::DEBIT, &[Fe::from_u64(number)])
}

/// The message `number`, signed by the key of the same number.
fn signed(number: u64) -> SignedMessage {
    let (secret, message) = (secret(number), message(number));
    let signature = secret.sign(&message, &mut ChaCha20Rng::seed_from_u64(number));
    let address = L1Address([number as u8; 20]);
    SignedMessage { key: secret.public_key(), address, message, signature }
}

/// The chunk of messages signed in order, from some beginning.
fn chunk(messages: Vec<SignedMessage>) -> SignatureChunk {
    let before = message(1 << 40);
    let link = |chain: Digest, signed: &SignedMessage| {
        OwedSignature { signer: signed.signer(), message: signed.message }.link(&chain)
    };
    let after = messages.iter().fold(before, link);
    SignatureChunk { before, messages, after }
}
