//! The circuit proves exactly the signatures that the ledger accepts.

use proptest::prelude::*;
use sheaf_circuits::error::Error;
use sheaf_circuits::signature::link::LinkWires;
use sheaf_crypto::fixed_base::generator_product_vartime;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::{DecodedKey, PublicKey};
use sheaf_crypto::quintic::Fe5;
use sheaf_crypto::scalar::Scalar;
use sheaf_crypto::signature::{Signature, challenge, verify};
use sheaf_ledger::chunk::SignatureChunk;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::transaction::SignedMessage;
use sheaf_plonk::proof::element;

use crate::signature::{CAPACITY, chunk, circuit, message, signed};
use crate::trace::Layout;

#[test]
fn full_part_full_and_empty_chunks_are_proven() {
    for length in [CAPACITY, 1, 0] {
        let chunk = chunk((1..=length as u64).map(signed).collect());
        let proof = circuit().prove(&chunk).expect("honest");
        let expected: Vec<_> =
            chunk.before.0.into_iter().chain(chunk.after.0).map(element).collect();
        assert_eq!(proof.public_inputs, expected);
        circuit().data.verify(proof).expect("what was proven");
    }
}

#[test]
fn a_chunk_that_does_not_hold_is_refused_by_name() {
    let honest = chunk(vec![signed(1), signed(2)]);
    let mut forged = honest.clone();
    forged.messages[1].signature = forged.messages[0].signature;
    let refused = circuit().prove(&forged).expect_err("forged");
    assert!(matches!(refused, Error::Signature { position: 1, .. }));

    let wrong_end = SignatureChunk { after: honest.before, ..honest.clone() };
    let refused = circuit().prove(&wrong_end).expect_err("ends elsewhere");
    let Error::WrongEnd { claimed, found } = refused else {
        panic!("{refused}");
    };
    assert_eq!([claimed, found], [honest.before, honest.after]);

    let long = chunk((1..=CAPACITY as u64 + 1).map(signed).collect());
    let refused = circuit().prove(&long).expect_err("too long");
    let Error::Capacity { capacity, found } = refused else {
        panic!("{refused}");
    };
    assert_eq!([found, capacity], [CAPACITY + 1, CAPACITY]);
}

/// Whether the circuit's constraints hold when a prover claims that `signed` is signed.
fn circuit_accepts(signed: &SignedMessage) -> bool {
    let layout = Layout::new(&circuit().data);
    let mut links = vec![LinkWires::padding(); CAPACITY];
    links[0] = LinkWires::new(signed);
    let inputs = circuit().partial_witness(&Digest::ZERO, &links).expect("one for each position");
    layout.fill(inputs, &[]).violations().is_empty()
}

fn ledger_accepts(signed: &SignedMessage) -> bool {
    let SignedMessage { key, address: _, message, signature } = signed;
    DecodedKey::new(*key).and_then(|key| verify(&key, message, signature)).is_ok()
}

/// A valid signature with these secrets.
fn signed_with(secret: Scalar, nonce: Scalar) -> SignedMessage {
    let point = |scalar: &Scalar| generator_product_vartime(scalar).encode();
    let (key, r) = (PublicKey::from_elements(point(&secret).0), point(&nonce));
    let message = message(5);
    let s = nonce + Scalar::from(challenge(&r, &key, &message)) * secret;
    SignedMessage { key, address: L1Address([3; 20]), message, signature: Signature { r, s } }
}

#[test]
fn unusual_keys_and_nonces_are_accepted() {
    let small = [Scalar::ONE, -Scalar::ONE, Scalar::from(2u64), Scalar::from(63u64)];
    for secret in small {
        for nonce in small {
            let signed = signed_with(secret, nonce);
            assert!(ledger_accepts(&signed));
            assert!(circuit_accepts(&signed));
        }
    }
}

#[test]
fn neutral_points_are_refused_by_both() {
    for (secret, nonce) in [(Scalar::ZERO, Scalar::ONE), (Scalar::ONE, Scalar::ZERO)] {
        let signed = signed_with(secret, nonce);
        assert!(!ledger_accepts(&signed));
        assert!(!circuit_accepts(&signed));
    }
}

/// What may be wrong with a signature.
#[derive(Clone, Copy, Debug)]
enum Change {
    Nothing,
    Message,
    S(Scalar),
    RPoint(u64),
    REncoding(usize, u64),
    KeyPoint(u64),
    KeyEncoding(usize, u64),
    NegatedR,
    Address,
}

fn apply(change: Change, signed: &mut SignedMessage) {
    let SignedMessage { key, address, message: digest, signature } = signed;
    let Signature { r, s } = signature;
    let point = |scalar: u64| generator_product_vartime(&Scalar::from(scalar)).encode();
    match change {
        Change::Nothing => {}
        Change::Message => *digest = message(1 << 50),
        Change::S(offset) => *s += offset,
        Change::RPoint(scalar) => *r = point(scalar),
        Change::REncoding(i, value) => r.0[i] = Fe::from_u64(value),
        Change::KeyPoint(scalar) => *key = PublicKey::from_elements(point(scalar).0),
        Change::KeyEncoding(i, value) => {
            let mut elements = *key.elements();
            elements[i] = Fe::from_u64(value);
            *key = PublicKey::from_elements(elements);
        }
        Change::NegatedR => *r = Fe5::ZERO - *r,
        Change::Address => *address = L1Address([9; 20]),
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Nothing),
        Just(Change::Address),
        Just(Change::Message),
        Just(Change::NegatedR),
        (0u32..128).prop_map(|bit| Change::S(Scalar::from(1u128 << bit))),
        (1u64..9).prop_map(Change::RPoint),
        (0usize..5, any::<u64>()).prop_map(|(i, value)| Change::REncoding(i, value)),
        (1u64..9).prop_map(Change::KeyPoint),
        (0usize..5, any::<u64>()).prop_map(|(i, value)| Change::KeyEncoding(i, value)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn ledger_and_circuit_agree(number in 1u64..1000, change in change()) {
        let mut signed = signed(number);
        apply(change, &mut signed);
        prop_assert_eq!(circuit_accepts(&signed), ledger_accepts(&signed));
    }
}
