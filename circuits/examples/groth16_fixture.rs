//! Prints `contracts/fixtures/groth16.json`: a Groth16 key and proof with seven public inputs, from
//! a circuit of seven multiplications that has nothing to do with payments.
//!
//! The contract's verifier is tested against it without waiting for the wrap's keys. The random
//! numbers come from a fixed seed, so that the file is the same wherever it is made; it is no key
//! for anything of value. From `contracts/fixtures/`:
//!
//! `cargo run --release -p sheaf-circuits --example groth16_fixture > groth16.json`

use ark_bn254::{Bn254, Fq, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use ark_groth16::Groth16;
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable,
};
use ark_snark::{CircuitSpecificSetupSNARK, SNARK};
use ark_std::rand::SeedableRng;
use ark_std::rand::rngs::StdRng;
use serde_json::json;

/// Public inputs of the contract's verifier.
const INPUTS: usize = 7;

/// 1. Input i is `root` to the power i + 2.
#[derive(Clone)]
struct Powers {
    root: Fr,
}

impl Powers {
    fn inputs(&self) -> Vec<Fr> {
        let first = self.root * self.root;
        std::iter::successors(Some(first), |power| Some(*power * self.root)).take(INPUTS).collect()
    }
}

impl ConstraintSynthesizer<Fr> for Powers {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let root = cs.new_witness_variable(|| Ok(self.root))?;
        let mut power = root;
        for value in self.inputs() {
            let next = cs.new_input_variable(|| Ok(value))?;
            cs.enforce_r1cs_constraint(|| one(power), || one(root), || one(next))?;
            power = next;
        }
        Ok(())
    }
}

fn one(variable: Variable) -> LinearCombination<Fr> {
    LinearCombination::from(variable)
}

fn hex(field: &impl PrimeField) -> String {
    let bytes = field.into_bigint().to_bytes_be();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}")
}

fn g1(point: &G1Affine) -> Vec<String> {
    let (x, y) = point.xy().expect("no point of an honest key or proof is at infinity");
    vec![hex(&x), hex(&y)]
}

/// Imaginary parts first, as EIP-197 has them.
fn g2(point: &G2Affine) -> Vec<String> {
    let (x, y) = point.xy().expect("no point of an honest key or proof is at infinity");
    let coordinates: [&Fq; 4] = [&x.c1, &x.c0, &y.c1, &y.c0];
    coordinates.iter().map(|coordinate| hex(*coordinate)).collect()
}

fn main() -> Result<(), SynthesisError> {
    let mut rng = StdRng::seed_from_u64(0x5ea7);
    let circuit = Powers { root: Fr::from(0x5ea7_u64) };
    let inputs = circuit.inputs();
    let (proving_key, key) = Groth16::<Bn254>::setup(circuit.clone(), &mut rng)?;
    let proof = Groth16::<Bn254>::prove(&proving_key, circuit, &mut rng)?;
    assert!(Groth16::<Bn254>::verify(&key, &inputs, &proof)?, "the proof must verify here first");

    let proof_numbers = [g1(&proof.a), g2(&proof.b), g1(&proof.c)].concat();
    let fixture = json!({
        "vk": {
            "alpha": g1(&key.alpha_g1),
            "beta": g2(&key.beta_g2),
            "gamma": g2(&key.gamma_g2),
            "delta": g2(&key.delta_g2),
            "points": key.gamma_abc_g1.iter().flat_map(g1).collect::<Vec<_>>(),
        },
        "proof": proof_numbers,
        "inputs": inputs.iter().map(hex).collect::<Vec<_>>(),
    });
    println!("{fixture:#}");
    Ok(())
}
