//! Measures the signature circuit: rows, the time to build the circuit, to compute the links of a
//! full chunk, to generate the witness, and to prove the chunk (links and witness included).
//!
//! `cargo run --release -p sheaf-circuits --example signature_measure -- 14` for 2^14 rows.

use std::time::Instant;

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use sheaf_circuits::signature::circuit::SignatureCircuit;
use sheaf_circuits::signature::link::LinkWires;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, hash};
use sheaf_crypto::key::SecretKey;
use sheaf_crypto::scalar::Scalar;
use sheaf_ledger::chunk::SignatureChunk;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::step::OwedSignature;
use sheaf_ledger::tag;
use sheaf_ledger::transaction::SignedMessage;
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn chunk(length: usize) -> SignatureChunk {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let before = Digest::ZERO;
    let mut after = before;
    let mut messages = Vec::new();
    for i in 0..length as u64 {
        let secret = SecretKey::from_scalar(Scalar::from(1000 + i)).expect("not zero");
        let message = hash(tag::DEBIT, &[Fe::from_u64(i)]);
        let signature = secret.sign(&message, &mut rng);
        let address = L1Address([7; 20]);
        let signed = SignedMessage { key: secret.public_key(), address, message, signature };
        after = OwedSignature { signer: signed.signer(), message }.link(&after);
        messages.push(signed);
    }
    SignatureChunk { before, messages, after }
}

fn main() {
    let degree_bits = std::env::args().nth(1).map_or(14, |text| text.parse().expect("a number"));
    let capacity = SignatureCircuit::capacity_for(degree_bits);
    let started = Instant::now();
    let circuit = SignatureCircuit::build(capacity);
    println!("{capacity} signatures in 2^{} rows", circuit.data.common.degree_bits());
    println!("built in {:.2?}", started.elapsed());
    let chunk = chunk(capacity);
    let started = Instant::now();
    let links: Vec<_> = chunk.messages.iter().map(LinkWires::new).collect();
    println!("links in {:.2?}", started.elapsed());
    let started = Instant::now();
    let inputs = circuit.partial_witness(&chunk.before, &links).expect("one for each position");
    let (prover, common) = (&circuit.data.prover_only, &circuit.data.common);
    plonky2::iop::generator::generate_partial_witness(inputs, prover, common).expect("honest");
    println!("witness in {:.2?}", started.elapsed());
    let started = Instant::now();
    let proof = circuit.prove(&chunk).expect("honest");
    println!("proven in {:.2?}", started.elapsed());
    circuit.data.verify(proof).expect("what was proven");
}
