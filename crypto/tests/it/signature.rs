//! Signatures through the public interface: which are accepted, which are refused, and that
//! checking a batch decides as single checks do.

use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use sheaf_crypto::error::Error;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, Tag, hash};
use sheaf_crypto::key::{DecodedKey, SecretKey};
use sheaf_crypto::quintic::Fe5;
use sheaf_crypto::scalar::{GROUP_ORDER, Scalar};
use sheaf_crypto::signature::{Signature, verify};
use sheaf_crypto::signature_batch::{Claim, verify_all};

fn secret(number: u64) -> SecretKey {
    let wide = core::array::from_fn(|i| (number as u8).wrapping_mul(37).wrapping_add(i as u8));
    SecretKey::from_scalar(Scalar::from_wide_bytes(&wide)).expect("not zero")
}

fn decoded(secret: &SecretKey) -> DecodedKey {
    DecodedKey::new(secret.public_key()).expect("a public key is a point")
}

fn message(number: u64) -> Digest {
    hash(Tag::new(5), &[Fe::from_u64(number)])
}

fn claims(count: usize, keys: usize) -> Vec<Claim> {
    let mut rng = ChaCha20Rng::seed_from_u64(count as u64);
    let secrets: Vec<SecretKey> = (0..keys as u64).map(secret).collect();
    let keys: Vec<DecodedKey> = secrets.iter().map(decoded).collect();
    (0..count)
        .map(|i| {
            let message = message(i as u64);
            let signer = i % keys.len();
            let signature = secrets[signer].sign(&message, &mut rng);
            Claim { key: keys[signer], message, signature }
        })
        .collect()
}

/// Every way in which one part of a claim can be wrong.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Message,
    Key,
    ScalarOff,
    ScalarNegated,
    OtherPoint,
    NoPoint,
    NeutralPoint,
}

const FAULTS: [Fault; 7] = [
    Fault::Message,
    Fault::Key,
    Fault::ScalarOff,
    Fault::ScalarNegated,
    Fault::OtherPoint,
    Fault::NoPoint,
    Fault::NeutralPoint,
];

fn spoil(claim: &mut Claim, fault: Fault) {
    match fault {
        Fault::Message => claim.message.0[3] += Fe::ONE,
        Fault::Key => claim.key = decoded(&secret(200)),
        Fault::ScalarOff => claim.signature.s += Scalar::ONE,
        Fault::ScalarNegated => claim.signature.s = -claim.signature.s,
        Fault::OtherPoint => claim.signature.r = Fe5(*secret(201).public_key().elements()),
        // From the reference implementation's list of values that encode no point.
        Fault::NoPoint => {
            claim.signature.r = Fe5([
                13557832913345268708,
                15669280705791538619,
                8534654657267986396,
                12533218303838131749,
                5058070698878426028,
            ]
            .map(Fe::from_u64));
        }
        Fault::NeutralPoint => claim.signature.r = Fe5::ZERO,
    }
}

#[test]
fn a_signature_fits_its_key_and_message_only() {
    let good = claims(1, 1)[0];
    assert_eq!(verify(&good.key, &good.message, &good.signature), Ok(()));
    for fault in FAULTS {
        let mut bad = good;
        spoil(&mut bad, fault);
        let refused = verify(&bad.key, &bad.message, &bad.signature);
        assert_eq!(refused, Err(Error::WrongSignature), "{fault:?}");
    }
}

#[test]
fn a_neutral_nonce_is_refused_alike_by_both_checks() {
    // R is neutral and s = e·secret: the equation holds, and gives the secret away.
    let key = secret(3);
    let message = message(9);
    let r = Fe5::ZERO;
    let e = sheaf_crypto::signature::challenge(&r, &key.public_key(), &message);
    let own = Scalar::from_le_bytes(&key.to_bytes()).expect("a secret is a scalar");
    let claim =
        Claim { key: decoded(&key), message, signature: Signature { r, s: Scalar::from(e) * own } };
    assert!(!claim.is_valid());
    assert_eq!(verify_all(&[claim]), [false]);
}

#[test]
fn signing_twice_gives_two_signatures_that_both_hold() {
    let [first, second] = [1, 2].map(|seed| {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        secret(1).sign(&message(1), &mut rng)
    });
    assert_ne!(first, second);
    for signature in [first, second] {
        assert_eq!(verify(&decoded(&secret(1)), &message(1), &signature), Ok(()));
    }
}

#[test]
fn bytes_and_text_go_round_and_refuse_what_is_not_canonical() {
    let signature = claims(1, 1)[0].signature;
    let bytes = signature.to_bytes();
    assert_eq!(Signature::from_bytes(&bytes), Ok(signature));
    assert_eq!(signature.to_string().parse(), Ok(signature));
    let json = serde_json::to_string(&signature).expect("a string");
    assert_eq!(serde_json::from_str::<Signature>(&json).expect("its own text"), signature);

    // s + n is the same residue, but not canonical.
    let mut wrapped = bytes;
    let mut carry = false;
    for (chunk, order) in wrapped[40..].chunks_exact_mut(8).zip(GROUP_ORDER) {
        let limb = u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
        let (sum, out) = limb.carrying_add(order, carry);
        carry = out;
        chunk.copy_from_slice(&sum.to_le_bytes());
    }
    assert_eq!(Signature::from_bytes(&wrapped), Err(Error::NonCanonicalScalar));

    let mut large = bytes;
    large[..8].fill(0xff);
    let refused = Error::NonCanonicalElement { value: u64::MAX };
    assert_eq!(Signature::from_bytes(&large), Err(refused));
    let text = signature.to_string();
    assert_eq!(text[..161].parse::<Signature>(), Err(Error::HexText { bytes: 80 }));
}

#[test]
fn a_batch_of_valid_claims_holds_whatever_keys_repeat() {
    for (count, keys) in [(0, 1), (1, 1), (2, 1), (33, 33), (64, 5), (300, 7)] {
        let claims = claims(count, keys);
        assert_eq!(verify_all(&claims), vec![true; count], "{count} signatures of {keys} keys");
    }
}

#[test]
fn every_fault_at_every_position_is_found() {
    let good = claims(21, 4);
    for position in 0..good.len() {
        for fault in FAULTS {
            let mut spoilt = good.clone();
            spoil(&mut spoilt[position], fault);
            let verdicts = verify_all(&spoilt);
            let expected: Vec<bool> = (0..good.len()).map(|i| i != position).collect();
            assert_eq!(verdicts, expected, "{fault:?} at {position}");
        }
    }
}

#[test]
fn faults_that_cancel_without_weights_are_found() {
    let mut pair = claims(2, 1);
    pair[0].signature.s += Scalar::ONE;
    pair[1].signature.s += -Scalar::ONE;
    assert_eq!(verify_all(&pair), [false, false]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn a_batch_decides_like_single_checks(
        faults in prop::collection::vec(prop::option::weighted(0.2, 0..FAULTS.len()), 1..90),
        keys in 1usize..12,
    ) {
        let mut claims = claims(faults.len(), keys);
        for (claim, fault) in claims.iter_mut().zip(&faults) {
            if let Some(fault) = fault {
                spoil(claim, FAULTS[*fault]);
            }
        }
        let alone: Vec<bool> = claims.iter().map(Claim::is_valid).collect();
        let expected: Vec<bool> = faults.iter().map(Option::is_none).collect();
        prop_assert_eq!(&alone, &expected);
        prop_assert_eq!(verify_all(&claims), alone);
    }
}
