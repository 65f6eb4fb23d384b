//! Mutations of a chunk with two signatures and one unused position.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sheaf_circuits::signature::circuit::SignatureCircuit;
use sheaf_circuits::signature::link::LinkWires;
use sheaf_crypto::fixed_base::generator_product_vartime;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, hash};
use sheaf_crypto::key::SecretKey;
use sheaf_crypto::scalar::Scalar;
use sheaf_crypto::signature::{Signature, challenge};
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::step::OwedSignature;
use sheaf_ledger::tag;
use sheaf_ledger::transaction::SignedMessage;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::{element, fe};

use crate::mutation::harness::{Subject, other_value, seed, strokes};
use crate::trace::Layout;

pub(crate) const CAPACITY: usize = 3;

/// Strokes for each lie about what the prover gives, which costs a whole witness.
const STROKES_PER_GIVEN_LIE: usize = 8;

pub(crate) fn before() -> Digest {
    hash(tag::STATE, &[Fe::ONE])
}

pub(crate) fn links() -> [LinkWires<F>; CAPACITY] {
    let signed = |number: u64| {
        let secret = SecretKey::from_scalar(Scalar::from(number)).expect("not zero");
        let message = hash(tag::DEBIT, &[Fe::from_u64(number)]);
        let signature = secret.sign(&message, &mut ChaCha20Rng::seed_from_u64(number));
        let address = L1Address([number as u8; 20]);
        SignedMessage { key: secret.public_key(), address, message, signature }
    };
    [LinkWires::new(&signed(5)), LinkWires::new(&signed(6)), LinkWires::padding()]
}

#[test]
fn no_change_of_a_signature_witness_changes_what_is_proven() {
    let circuit = SignatureCircuit::build(CAPACITY);
    let layout = Layout::new(&circuit.data);
    let inputs = circuit.partial_witness(&before(), &links()).expect("one for each position");
    Subject { layout: &layout, inputs: &inputs, first_row: 0, is_free: |_, _| false }
        .mutate(seed());
}

/// A message that a position signs, with the secret and nonce of that position.
fn signed(number: u64, message: Digest) -> SignedMessage {
    let [secret, nonce] = [Scalar::from(number), Scalar::from(1_000 + number)];
    let key = SecretKey::from_scalar(secret).expect("not zero").public_key();
    let r = generator_product_vartime(&nonce).encode();
    let s = nonce + Scalar::from(challenge(&r, &key, &message)) * secret;
    let address = L1Address([number as u8; 20]);
    SignedMessage { key, address, message, signature: Signature { r, s } }
}

/// The bits of the challenge that the opening reads as windows from the ladder itself: those of
/// digits 5 and 10.
fn window_bits(signed: &SignedMessage) -> u128 {
    let SignedMessage { key, message, signature, .. } = signed;
    let challenge = challenge(&signature.r, key, message);
    challenge & (63 << 30 | 63 << 60)
}

/// Two messages for each of two positions, under one key and one R, so that of a signature nothing
/// but digits is different. The digits whose windows are tied twice are the same, which a forger
/// would see to as well: one of 2^12 messages will do.
fn pairs() -> [[SignedMessage; 2]; 2] {
    [5, 6].map(|number| {
        let message = |salt: u64| hash(tag::DEBIT, &[number, salt].map(Fe::from_u64));
        let first = signed(number, message(0));
        let others = (1..).map(|salt| signed(number, message(salt)));
        let mut others = others.filter(|other| window_bits(other) == window_bits(&first));
        let second = others.next().expect("messages do not end");
        [first, second]
    })
}

/// No signature of one message serves another one, though key and R are the same.
#[test]
fn no_splice_of_two_signatures_changes_what_is_proven() {
    let circuit = SignatureCircuit::build(CAPACITY);
    let layout = Layout::new(&circuit.data);
    let [first, second] = pairs();
    let witness = |which: usize| {
        let [first, second] = [&first, &second].map(|pair| LinkWires::new(&pair[which]));
        let links = [first, second, LinkWires::padding()];
        circuit.partial_witness(&before(), &links).expect("one for each position")
    };
    let [inputs, other] = [0, 1].map(witness);
    Subject { layout: &layout, inputs: &inputs, first_row: 0, is_free: |_, _| false }
        .splice(&other, seed());
}

/// The chain after, if each position's signature is the one that was made and the active ones come
/// first. An address may be anything: it opens another owner.
fn ledger(given: &[LinkWires<F>; CAPACITY]) -> Option<Digest> {
    let signature = |link: &LinkWires<F>| {
        let mut values = Vec::new();
        LinkWires { active: [F::ZERO], address: [F::ZERO; 3], ..*link }
            .visit(&mut |value| values.push(value));
        values
    };
    let mut chain = before();
    let mut ended = false;
    for (link, honest) in given.iter().zip(&links()) {
        let [active] = link.active;
        if signature(link) != signature(honest) || !(active.is_zero() || active.is_one()) {
            return None;
        }
        ended |= active.is_zero();
        if active.is_one() {
            if ended {
                return None;
            }
            let opening: Vec<Fe> = link.key.iter().chain(&link.address).map(|v| fe(*v)).collect();
            let [o0, o1, o2, _] = hash(tag::OWNER, &opening).0;
            let (signer, message) = (Owner([o0, o1, o2]), Digest(link.message.map(fe)));
            chain = OwedSignature { signer, message }.link(&chain);
        }
    }
    Some(chain)
}

/// Lies about what the prover gives, with everything else recomputed: what satisfies the circuit
/// is a chain of the signatures that were made.
#[test]
fn what_a_prover_gives_is_what_was_signed() {
    let circuit = SignatureCircuit::build(CAPACITY);
    let layout = Layout::new(&circuit.data);
    let mut rng = ChaCha20Rng::seed_from_u64(seed());
    let [mut caught, mut allowed] = [0, 0];
    for _ in 0..strokes() / STROKES_PER_GIVEN_LIE {
        let mut given = links();
        let link = &mut given[rng.random_range(0..CAPACITY)];
        let mut values = Vec::new();
        link.visit(&mut |value| values.push(value));
        let at = rng.random_range(0..values.len());
        values[at] = other_value(values[at], &mut rng);
        let mut values = values.into_iter();
        *link = LinkWires::read(&mut || values.next().expect("as many as there were"));
        let inputs = circuit.partial_witness(&before(), &given).expect("one for each position");
        let trace = layout.fill(inputs, &[]);
        if trace.violations().is_empty() {
            let after = ledger(&given).expect("no signature but those that were made");
            let ends = [before(), after].map(|digest| digest.0.map(element));
            assert_eq!(trace.public_inputs(), ends.as_flattened());
            allowed += 1;
        } else {
            caught += 1;
        }
    }
    println!("{caught} lies caught, {allowed} were true of other owners or fewer signatures");
    assert!(caught > allowed && allowed > 0);
}
