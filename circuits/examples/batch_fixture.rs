//! Prints `contracts/fixtures/batch.json`: a whole `finalise` call with its real proof, the
//! verifying key, and the requests that L1 must have received before the call.
//!
//! The contract's tests use the file, so the batch contains every kind of entry that moves money
//! between L1 and L2. The circuits are small: the proof that L1 verifies has the same size and cost
//! for every size of the circuits. The key is drawn from a fixed seed, so it must protect nothing
//! of value.
//!
//! The file contains its own verifying key, so a change of circuits does not make the file stale. A
//! change of the protocol's bytes does, and the tests then fail. The proof differs from run to run,
//! and with it a few units of gas in `contracts/snapshots/`.
//!
//! A run takes some minutes on two cores. From `contracts/fixtures/`:
//!
//! `cargo run --release -p sheaf-circuits --example batch_fixture > batch.json`

use std::collections::HashMap;
use std::error::Error;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};
use sha3::{Digest as _, Keccak256};
use sheaf_circuits::keys::{Provers, VerifyingKeyWords, build_circuits};
use sheaf_circuits::sizes::{CircuitSizes, EntryLeafSizes, KindSize};
use sheaf_crypto::key::{DecodedKey, PublicKey, SecretKey};
use sheaf_ledger::batch::{BatchBuilder, SealedBatch};
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::public_values::PublicValues;
use sheaf_ledger::transaction::{
    AcceptedTransaction, Payment, SignedTransaction, Transaction, Transfer, Withdrawal,
};
use sheaf_ledger::tree::SlotTree;
use sheaf_ledger::word::Word;
use sheaf_wire::{JobInputs, ProofStep, TreeStep};

const CHAIN_ID: u64 = 31_337;
/// The account that deploys the contract with its first transaction, which fixes the contract's
/// address.
const DEPLOYER: L1Address = L1Address([0xd0; 20]);
const OPERATOR: L1Address = L1Address([0x0b; 20]);
const TIMESTAMP: u32 = 1_800_000_000;
const SEED: u64 = 0x5ea7;
const SIZES: CircuitSizes = CircuitSizes {
    entry: KindSize { degree_bits: 10, levels: 1 },
    entry_leaves: EntryLeafSizes::Rows { signature: KindSize { degree_bits: 10, levels: 0 } },
    data: KindSize { degree_bits: 10, levels: 0 },
};

/// The slots' indices, in the order in which the batch opens the slots.
const ALICE: u32 = 0;
const BOB: u32 = 1;
const CAROL: u32 = 2;
/// The deposits to Alice and Bob, in L2 units, as are all amounts below.
const DEPOSITS: [u64; 2] = [1_000_000, 250_000];
const PAYMENTS: [(u32, u64); 2] = [(BOB, 100), (CAROL, 2_000)];
const WITHDRAWN: u64 = 40_000;
const RECIPIENT: L1Address = L1Address([0x77; 20]);
const FEE: u64 = 5;

/// Somebody with a key on L2 and an account on L1.
struct Person {
    secret: SecretKey,
    address: L1Address,
}

impl Person {
    fn new(slot: u32) -> Self {
        let number = slot + 1;
        let mut seed = [0; 40];
        seed[..4].copy_from_slice(&number.to_le_bytes());
        let secret = SecretKey::from_bytes(&seed).expect("a small number is a scalar but not zero");
        Self { secret, address: L1Address([number as u8; 20]) }
    }

    fn key(&self) -> PublicKey {
        self.secret.public_key()
    }

    fn owner(&self) -> Owner {
        Owner::new(&self.key(), &self.address)
    }

    fn sign(
        &self,
        transaction: Transaction,
        domain: &Domain,
        rng: &mut ChaCha20Rng,
    ) -> Result<AcceptedTransaction, Box<dyn Error>> {
        let signer = (&self.secret, self.address);
        let signed = SignedTransaction::sign(transaction, domain, signer, rng)?;
        Ok(signed.check(domain)?.accept(&DecodedKey::new(self.key())?)?)
    }
}

/// The address of the first contract of [`DEPLOYER`]: the last 20 bytes of keccak256 of the RLP
/// list of deployer and nonce 0.
fn contract() -> L1Address {
    let list = [&[0xd6, 0x94][..], &DEPLOYER.0, &[0x80]].concat();
    L1Address(Keccak256::digest(list)[12..].try_into().expect("20 of 32 bytes remain"))
}

/// A batch of two deposits, Alice's transfer to Bob and Carol, Alice's withdrawal, Bob's exit, and
/// the fees that Carol collects.
fn batch(people: &[Person; 3]) -> Result<SealedBatch, Box<dyn Error>> {
    let domain = Domain::on_chain(CHAIN_ID, contract());
    let owners = people.each_ref().map(Person::owner);
    let slot_of = |owner: &Owner| (0..).zip(owners).find(|(_, o)| o == owner).map(|(slot, _)| slot);
    let owner = |slot: u32| owners[slot as usize];
    let open = |slot| Entry::Open { slot, owner: owner(slot), token: 0 };

    let tree = SlotTree::new();
    let mut builder = BatchBuilder::new(&tree, domain, TIMESTAMP);
    for (slot, amount) in [ALICE, BOB].into_iter().zip(DEPOSITS) {
        builder.push(&[open(slot), Entry::Deposit { slot, amount }], &[])?;
    }
    builder.push(&[open(CAROL)], &[])?;
    let valid_until = TIMESTAMP + 60;
    let payments = PAYMENTS.map(|(slot, amount)| Payment { owner: owner(slot), amount }).to_vec();
    let transfer = Transfer { slot: ALICE, token: 0, nonce: 0, fee: FEE, valid_until, payments };
    let withdrawal = Withdrawal {
        slot: ALICE,
        token: 0,
        nonce: 1,
        fee: FEE,
        valid_until,
        amount: WITHDRAWN,
        recipient: RECIPIENT,
    };
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    for transaction in [Transaction::Transfer(transfer), Transaction::Withdrawal(withdrawal)] {
        let accepted = people[ALICE as usize].sign(transaction, &domain, &mut rng)?;
        builder.push(&accepted.entries(0, slot_of)?, &[accepted.signed_message()])?;
    }
    builder.push(&[Entry::Exit { slot: BOB, owner: owner(BOB) }], &[])?;
    builder.push(&[Entry::Collect { slot: CAROL, pot: 0 }], &[])?;
    Ok(builder.seal(1)?)
}

/// Proves every step and returns the bytes of the wrapped proof.
fn prove(provers: &Provers, batch: &SealedBatch) -> Result<Vec<u8>, Box<dyn Error>> {
    let named = DataReference::calldata(&batch.data_words);
    let mut proofs = HashMap::<ProofStep, Vec<u8>>::new();
    for TreeStep { step, needs } in provers.verifiers().steps(batch)? {
        eprintln!("proving {step}");
        let needs = needs.iter().map(|need| proofs[need].clone()).collect();
        let inputs = JobInputs { witness: batch.to_bytes(), proofs: needs };
        proofs.insert(step, provers.prove(step, &inputs, named)?);
    }
    let last = proofs.remove(&ProofStep::Wrap).ok_or("the last step is the wrap")?;
    provers.verifiers().verify(ProofStep::Wrap, batch, named, &last)?;
    Ok(last)
}

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}")
}

fn hexes(words: &[[u8; 32]]) -> Vec<String> {
    words.iter().map(|word| hex(word)).collect()
}

fn stream(words: &[Word]) -> String {
    hex(&words.iter().flat_map(Word::to_bytes).collect::<Vec<u8>>())
}

/// The requests that L1 received before the batch, and the payouts that it credits with the batch.
fn l1_side(people: &[Person; 3]) -> Value {
    let [alice, bob, _] = people;
    let deposit = |(person, units): (&Person, u64)| {
        let owner = hex(&person.owner().to_bytes());
        json!({ "sender": person.address, "owner": owner, "units": units })
    };
    let deposits: Vec<Value> = [alice, bob].into_iter().zip(DEPOSITS).map(deposit).collect();
    let key = bob.key().elements().map(|element| hex(&element.to_be_bytes()));
    let left: u64 = DEPOSITS[1] + PAYMENTS[0].1;
    json!({
        "deposits": deposits,
        "exit": { "sender": bob.address, "slot": BOB, "key": key },
        "payouts": [
            { "account": RECIPIENT, "units": WITHDRAWN },
            { "account": bob.address, "units": left },
        ],
    })
}

/// The hash by which the contract names the key (docs/protocol.md, section 9).
fn key_hash(key: &VerifyingKeyWords) -> String {
    let VerifyingKeyWords { alpha, beta, gamma, delta, inputs: points } = key;
    let word = |value: u16| {
        let mut bytes = [0; 32];
        bytes[30..].copy_from_slice(&value.to_be_bytes());
        [bytes]
    };
    let (key_at, points_at) = (word(0x20), word(0x1e0));
    let (points, count) = (points.as_flattened(), word(points.as_flattened().len() as u16));
    let parts: [&[[u8; 32]]; 8] = [&key_at, alpha, beta, gamma, delta, &points_at, &count, points];
    hex(&Keccak256::digest(parts.concat().as_flattened()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let people = [ALICE, BOB, CAROL].map(Person::new);
    let batch = batch(&people)?;
    let progress = |part: &str| eprintln!("building {part}");
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&SEED.to_le_bytes());
    let provers = Provers::set_up(build_circuits(&SIZES, progress)?, &seed, progress)?;
    let proof = prove(&provers, &batch)?;
    let (words, []) = proof.as_chunks::<32>() else { return Err("a proof is whole words".into()) };
    let key = provers.verifiers().verifying_key()?;
    let key_hash = key_hash(&key);
    let VerifyingKeyWords { alpha, beta, gamma, delta, inputs: points } = key;
    let values = PublicValues::of(&batch, DataReference::calldata(&batch.data_words));
    let fixture = json!({
        "chain_id": CHAIN_ID,
        "deployer": DEPLOYER,
        "contract": contract(),
        "operator": OPERATOR,
        "l1": l1_side(&people),
        "pre": hex(&batch.pre().to_bytes()),
        "batch": {
            "number": batch.number,
            "post_state": hex(&batch.post().to_bytes()),
            "chains": hex(&batch.after.chains().to_bytes()),
            "timestamp": batch.timestamp(),
        },
        "l1_words": stream(&batch.l1_words),
        "data": stream(&batch.data_words),
        "proof": hexes(words),
        "inputs": hexes(&values.to_packed_bytes()),
        "vk": {
            "alpha": hexes(&alpha),
            "beta": hexes(&beta),
            "gamma": hexes(&gamma),
            "delta": hexes(&delta),
            "points": hexes(points.as_flattened()),
            "hash": key_hash,
        },
    });
    println!("{fixture:#}");
    Ok(())
}
