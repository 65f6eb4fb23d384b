//! Keys, proofs and their encodings, on a statement of seven squares.

use ark_ec::CurveGroup;
use ark_ff::{Field, UniformRand};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError,
};
use ark_std::rand::SeedableRng;
use ark_std::rand::rngs::StdRng;

use super::*;
use crate::wrap::{Assignment, Factors};

/// Public inputs of the statement below.
const INPUTS: usize = 7;

/// A statement each of whose inputs is the square of one of these roots.
pub(crate) struct Squares(pub(crate) [Fr; INPUTS]);

impl ConstraintSynthesizer<Fr> for Squares {
    fn generate_constraints(self, system: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        for root in self.0 {
            let square = system.new_input_variable(|| Ok(root.square()))?;
            let root = system.new_witness_variable(|| Ok(root))?;
            system.enforce_r1cs_constraint(
                || LinearCombination::from(root),
                || LinearCombination::from(root),
                || LinearCombination::from(square),
            )?;
        }
        Ok(())
    }
}

fn roots() -> [Fr; INPUTS] {
    [2u64, 3, 4, 5, 6, 7, 8].map(Fr::from)
}

pub(crate) fn squares() -> [Fr; INPUTS] {
    roots().map(|root| root.square())
}

/// The constant, the squares and their roots.
pub(crate) fn variables() -> Vec<Fr> {
    [&[Fr::ONE][..], &squares(), &roots()].concat()
}

/// A proof of the squares under a key for [`Squares`].
pub(crate) fn prove_squares(key: &ProvingKey) -> WrapProof {
    let assignment = Assignment {
        variables: variables(),
        inputs: 1 + INPUTS,
        factors: Factors { left: roots().to_vec(), right: roots().to_vec() },
    };
    let proof = prover::prove(key, assignment, &mut StdRng::seed_from_u64(6)).expect("squares");
    WrapProof::encode(&proof)
}

fn fixture() -> (ProvingKey, WrapProof) {
    let mut rng = StdRng::seed_from_u64(5);
    let key = Setup::generate_random_parameters_with_reduction(Squares(roots()), &mut rng)
        .expect("a small circuit");
    let proof = prove_squares(&key);
    (key, proof)
}

#[test]
fn proof_verifies_for_its_values_only() {
    let (key, proof) = fixture();
    verify(&key.vk, &squares(), &proof).expect("the values it was made for");
    let mut other = squares();
    other[6] += Fr::ONE;
    assert!(matches!(verify(&key.vk, &other, &proof), Err(Error::WrapRefused)));
    let fewer = verify(&key.vk, &squares()[1..], &proof);
    assert!(matches!(fewer, Err(Error::WeakKey { reason: "number of inputs" })));
}

#[test]
fn proof_words_are_eip_197s_and_checked() {
    let (key, proof) = fixture();
    let decoded = proof.decode().expect("its own encoding");
    assert_eq!(WrapProof::encode(&decoded), proof);
    assert_eq!(proof.0[2], encode_coordinate(&decoded.b.x.c1), "imaginary part first");

    let refused = |proof: WrapProof| verify(&key.vk, &squares(), &proof).unwrap_err();
    let mut off_curve = proof;
    off_curve.0[1][31] ^= 1;
    assert!(matches!(refused(off_curve), Error::Point { point: "A" }));

    let mut swapped = proof;
    swapped.0.swap(2, 3);
    assert!(matches!(refused(swapped), Error::Point { point: "B" }));

    // x + q is another word for the same coordinate.
    let mut above = proof;
    let mut integer = decoded.c.x.into_bigint();
    integer.add_with_carry(&Fq::MODULUS);
    above.0[6] = integer.to_bytes_be().try_into().expect("32 bytes");
    assert!(matches!(refused(above), Error::Point { point: "C" }));

    let mut other = proof;
    let generator = encode_g1(&G1Affine::generator());
    other.0[..2].copy_from_slice(&generator);
    assert!(matches!(refused(other), Error::WrapRefused));
}

#[test]
fn point_outside_the_group_is_refused() {
    let (key, mut proof) = fixture();
    let mut rng = StdRng::seed_from_u64(6);
    let outside = loop {
        let x = Fq2::rand(&mut rng);
        if let Some(point) = G2Affine::get_point_from_x_unchecked(x, true) {
            break point;
        }
    };
    assert!(!outside.is_in_correct_subgroup_assuming_on_curve());
    proof.0[2..6].copy_from_slice(&encode_g2(&outside));
    let result = verify(&key.vk, &squares(), &proof);
    assert!(matches!(result, Err(Error::Point { point: "B" })));
}

#[test]
fn weak_keys_are_refused() {
    let (key, _) = fixture();
    let good = key.vk;
    assert!(VerifyingKeyWords::encode(&good).is_ok());
    let mut unfinished = good.clone();
    unfinished.delta_g2 = G2Affine::generator();
    let mut repeated = good.clone();
    repeated.gamma_abc_g1[2] = repeated.gamma_abc_g1[1];
    let mut vanishing = good.clone();
    vanishing.gamma_abc_g1[3] = G1Affine::zero();
    for (key, fault) in [
        (unfinished, "delta is the generator"),
        (repeated, "an input point repeats"),
        (vanishing, "an input point is zero"),
    ] {
        assert_eq!(refusal(&key), Some(fault));
    }
}

/// Why a key is refused; `None` for an accepted key.
fn refusal(key: &VerifyingKey) -> Option<&'static str> {
    match VerifyingKeyWords::encode(key) {
        Ok(_) => None,
        Err(Error::WeakKey { reason }) => Some(reason),
        Err(other) => panic!("{other}"),
    }
}

/// Every second phase of a ceremony leaves γ the generator.
#[test]
fn gamma_may_be_the_generator_and_delta_may_not() {
    let (key, _) = fixture();
    let generator = G2Affine::generator();
    let ceremony = VerifyingKey { gamma_g2: generator, ..key.vk };
    assert_eq!(refusal(&ceremony), None);
    let unfinished = VerifyingKey { delta_g2: generator, ..ceremony };
    assert_eq!(refusal(&unfinished), Some("gamma equals delta"));
}

#[test]
fn points_in_g2_that_are_equal_or_opposite_are_refused() {
    let (key, _) = fixture();
    let VerifyingKey { gamma_g2: gamma, delta_g2: delta, .. } = key.vk;
    let with = |beta: G2Affine, delta: G2Affine| {
        refusal(&VerifyingKey { beta_g2: beta, delta_g2: delta, ..key.vk.clone() })
    };
    let beta = key.vk.beta_g2;
    assert_eq!(with(beta, gamma), Some("gamma equals delta"));
    assert_eq!(with(beta, -gamma), Some("gamma is the opposite of delta"));
    assert_eq!(with(gamma, delta), Some("beta equals gamma"));
    assert_eq!(with(-gamma, delta), Some("beta is the opposite of gamma"));
    assert_eq!(with(delta, delta), Some("beta equals delta"));
    assert_eq!(with(-delta, delta), Some("beta is the opposite of delta"));
    // Points that are only related otherwise are no such key.
    assert_eq!(with(beta, -delta), None);
    assert_eq!(with((delta + gamma).into_affine(), delta), None);
}

#[test]
fn key_file_is_bound_to_its_digest() {
    let (key, _) = fixture();
    let mut file = Vec::new();
    let digest = write_proving_key(&key, &mut file).expect("writes to memory");
    assert_eq!(read_proving_key(&file[..], &digest).expect("its own digest"), key);

    let last = file.len() - 1;
    file[last] ^= 1;
    assert!(read_proving_key(&file[..], &digest).is_err());
    file.truncate(last);
    assert!(matches!(read_proving_key(&file[..], &digest), Err(Error::KeyEncoding { .. })));
}
