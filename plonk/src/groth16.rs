//! Groth16 over BN254 for the wrap: setup, proof, verification, and the encodings that a contract
//! and a key file need.
//!
//! [`setup`] computes with the trapdoor in memory, so that its keys are for development. A public
//! deployment takes the key of a [ceremony](crate::ceremony).

#[cfg(target_arch = "x86_64")]
mod bucket_sums;
mod msm;
#[cfg(target_arch = "x86_64")]
mod pippenger;
#[cfg(target_arch = "x86_64")]
mod points;
mod prover;
mod quotient;

use std::io::{Read, Write};
use std::sync::Arc;

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use ark_groth16::{Groth16, Proof};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, SerializationError};
use ark_std::rand::{CryptoRng, RngCore};
use sha3::{Digest, Keccak256};

use crate::error::Error;
use crate::outer::OuterProof;
use crate::wrap::{OuterVerifier, WrapCircuit};

pub(crate) use msm::{sum_in_g1, sum_in_g2};
use quotient::OddPowers;

/// The proving key, which contains the verifying key as `vk`. Its points for the quotient are
/// Lⱼ(τ)/δ for the odd powers of a root of unity, as in snarkjs' keys ([decision
/// 0012](../../../docs/decisions/0012-ceremony.md)).
pub type ProvingKey = ark_groth16::ProvingKey<Bn254>;
/// The verifying key.
pub type VerifyingKey = ark_groth16::VerifyingKey<Bn254>;

/// 256-bit words of an encoded proof.
pub const PROOF_WORDS: usize = 8;
/// Bytes that are read or written at once when a proving key is digested.
const COPY_BYTES: usize = 1 << 16;

/// Groth16 with the points of the quotient that the prover needs.
type Setup = Groth16<Bn254, OddPowers>;

/// A 256-bit big-endian word, as the EVM reads it.
pub type Word = [u8; 32];

/// A proof as the contract takes it: the affine coordinates of A, B and C in the order of EIP-197,
/// which puts the imaginary part of each coordinate in G2 first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrapProof(pub [Word; PROOF_WORDS]);

/// A verifying key as the contract takes it, in the encoding of [`WrapProof`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKeyWords {
    /// α in G1.
    pub alpha: [Word; 2],
    /// β in G2.
    pub beta: [Word; 4],
    /// γ in G2.
    pub gamma: [Word; 4],
    /// δ in G2.
    pub delta: [Word; 4],
    /// The point of the constant one, then the point of each public input, in G1.
    pub inputs: Vec<[Word; 2]>,
}

/// Draws a proving key for one outer circuit. Anyone who knows the generator's state can forge
/// proofs.
///
/// # Errors
/// [`Error::Synthesis`] when arkworks cannot generate the constraints or the key;
/// [`Error::WeakKey`] when the drawn key is degenerate.
pub fn setup<R: RngCore + CryptoRng>(
    verifier: Arc<OuterVerifier>,
    rng: &mut R,
) -> Result<ProvingKey, Error> {
    let circuit = WrapCircuit::for_setup(verifier);
    let key = Setup::generate_random_parameters_with_reduction(circuit, rng)?;
    check_verifying_key(&key.vk)?;
    Ok(key)
}

/// Makes the Groth16 proof that an outer proof is valid.
///
/// # Errors
/// [`Error::OuterShape`] when the outer proof has another shape than the outer circuit's proofs;
/// [`Error::Unsatisfied`] when the outer proof does not verify; [`Error::Synthesis`] when arkworks
/// refuses a constraint or has no domain for so many.
pub fn prove<R: RngCore + CryptoRng>(
    key: &ProvingKey,
    verifier: Arc<OuterVerifier>,
    proof: Arc<OuterProof>,
    rng: &mut R,
) -> Result<WrapProof, Error> {
    let assignment = WrapCircuit::for_proof(verifier, proof)?.assign()?;
    Ok(WrapProof::encode(&prover::prove(key, assignment, rng)?))
}

/// Verifies a Groth16 proof for the packed public inputs, as the contract does.
///
/// # Errors
/// [`Error::WeakKey`] when [`check_verifying_key`] refuses the key or the key has another number of
/// inputs; [`Error::Point`] when words of the proof encode no point of the right group;
/// [`Error::WrapRefused`] when the pairing equation is not satisfied.
pub fn verify(key: &VerifyingKey, inputs: &[Fr], proof: &WrapProof) -> Result<(), Error> {
    check_verifying_key(key)?;
    // arkworks treats missing inputs as zeros.
    if inputs.len() + 1 != key.gamma_abc_g1.len() {
        return Err(Error::WeakKey { reason: "number of inputs" });
    }
    let prepared = ark_groth16::prepare_verifying_key(key);
    match Groth16::<Bn254>::verify_proof(&prepared, &proof.decode()?, inputs)? {
        true => Ok(()),
        false => Err(Error::WrapRefused),
    }
}

/// Refuses a key under which proofs can be forged.
///
/// Where two of β, γ and δ are equal or opposite, two pairings of the equation merge into one, and
/// a forger chooses A and C so that the merged one vanishes. γ may be the generator: every
/// ceremony's key has it.
///
/// # Errors
/// [`Error::WeakKey`] when two of β, γ and δ are equal or opposite, when δ is the generator (as an
/// unfinished ceremony leaves δ), when α, β, γ or δ is zero, or when a point of the constant or of
/// an input is zero or equals another such point.
pub fn check_verifying_key(key: &VerifyingKey) -> Result<(), Error> {
    let VerifyingKey { alpha_g1, beta_g2, gamma_g2, delta_g2, gamma_abc_g1 } = key;
    let repeats = (0..gamma_abc_g1.len()).any(|i| gamma_abc_g1[..i].contains(&gamma_abc_g1[i]));
    let faults = [
        (gamma_g2 == delta_g2, "gamma equals delta"),
        (*gamma_g2 == -*delta_g2, "gamma is the opposite of delta"),
        (beta_g2 == gamma_g2, "beta equals gamma"),
        (*beta_g2 == -*gamma_g2, "beta is the opposite of gamma"),
        (beta_g2 == delta_g2, "beta equals delta"),
        (*beta_g2 == -*delta_g2, "beta is the opposite of delta"),
        (*delta_g2 == G2Affine::generator(), "delta is the generator"),
        (alpha_g1.is_zero() || beta_g2.is_zero(), "alpha or beta is zero"),
        (gamma_g2.is_zero() || delta_g2.is_zero(), "gamma or delta is zero"),
        (gamma_abc_g1.iter().any(AffineRepr::is_zero), "an input point is zero"),
        (repeats, "an input point repeats"),
    ];
    match faults.into_iter().find(|(fault, _)| *fault) {
        Some((_, reason)) => Err(Error::WeakKey { reason }),
        None => Ok(()),
    }
}

impl WrapProof {
    fn encode(proof: &Proof<Bn254>) -> Self {
        let words = [&encode_g1(&proof.a)[..], &encode_g2(&proof.b), &encode_g1(&proof.c)].concat();
        Self(words.try_into().expect("two, four and two words"))
    }

    fn decode(&self) -> Result<Proof<Bn254>, Error> {
        let [a0, a1, b0, b1, b2, b3, c0, c1] = self.0;
        Ok(Proof {
            a: decode_g1(&[a0, a1]).ok_or(Error::Point { point: "A" })?,
            b: decode_g2(&[b0, b1, b2, b3]).ok_or(Error::Point { point: "B" })?,
            c: decode_g1(&[c0, c1]).ok_or(Error::Point { point: "C" })?,
        })
    }
}

impl VerifyingKeyWords {
    /// Encodes a key for a contract.
    ///
    /// # Errors
    /// [`Error::WeakKey`] when [`check_verifying_key`] refuses the key, which must not be deployed.
    pub fn encode(key: &VerifyingKey) -> Result<Self, Error> {
        check_verifying_key(key)?;
        Ok(Self {
            alpha: encode_g1(&key.alpha_g1),
            beta: encode_g2(&key.beta_g2),
            gamma: encode_g2(&key.gamma_g2),
            delta: encode_g2(&key.delta_g2),
            inputs: key.gamma_abc_g1.iter().map(encode_g1).collect(),
        })
    }
}

fn encode_coordinate(coordinate: &Fq) -> Word {
    coordinate.into_bigint().to_bytes_be().try_into().expect("four limbs are 32 bytes")
}

fn encode_g1(point: &G1Affine) -> [Word; 2] {
    [encode_coordinate(&point.x), encode_coordinate(&point.y)]
}

fn encode_g2(point: &G2Affine) -> [Word; 4] {
    [&point.x.c1, &point.x.c0, &point.y.c1, &point.y.c0].map(encode_coordinate)
}

fn decode_coordinate(word: &Word) -> Option<Fq> {
    let coordinate = Fq::from_be_bytes_mod_order(word);
    (encode_coordinate(&coordinate) == *word).then_some(coordinate)
}

fn decode_g1([x, y]: &[Word; 2]) -> Option<G1Affine> {
    let point = G1Affine::new_unchecked(decode_coordinate(x)?, decode_coordinate(y)?);
    // The cofactor of G1 is one, so every point on the curve is in the group.
    point.is_on_curve().then_some(point)
}

fn decode_g2([x1, x0, y1, y0]: &[Word; 4]) -> Option<G2Affine> {
    let x = Fq2::new(decode_coordinate(x0)?, decode_coordinate(x1)?);
    let y = Fq2::new(decode_coordinate(y0)?, decode_coordinate(y1)?);
    let point = G2Affine::new_unchecked(x, y);
    (point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve()).then_some(point)
}

/// A reader or writer that passes bytes to or from `inner` and digests them.
struct Digesting<T> {
    inner: T,
    hasher: Keccak256,
}

impl<T> Digesting<T> {
    fn new(inner: T) -> Self {
        Self { inner, hasher: Keccak256::new() }
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

/// Writes a proving key, uncompressed, and returns keccak256 of the written bytes.
///
/// # Errors
/// [`Error::KeyEncoding`] with the writer's error.
pub fn write_proving_key<W: Write>(key: &ProvingKey, writer: W) -> Result<Word, Error> {
    let buffered = std::io::BufWriter::with_capacity(COPY_BYTES, writer);
    let mut digesting = Digesting::new(buffered);
    key.serialize_uncompressed(&mut digesting)?;
    digesting.flush().map_err(SerializationError::IoError)?;
    Ok(digesting.hasher.finalize().into())
}

/// Reads a proving key that [`write_proving_key`] wrote. The points are not checked one by one: the
/// caller has the `expected` digest from a trusted source, and the digest covers all points.
///
/// # Errors
/// [`Error::KeyEncoding`] when the bytes cannot be read or decoded; [`Error::KeyDigest`] when they
/// have another digest; [`Error::WeakKey`] when [`check_verifying_key`] refuses the verifying key.
pub fn read_proving_key<R: Read>(reader: R, expected: &Word) -> Result<ProvingKey, Error> {
    let buffered = std::io::BufReader::with_capacity(COPY_BYTES, reader);
    let mut digesting = Digesting::new(buffered);
    let key = ProvingKey::deserialize_uncompressed_unchecked(&mut digesting)?;
    let found: Word = digesting.hasher.finalize().into();
    if found != *expected {
        return Err(Error::KeyDigest);
    }
    check_verifying_key(&key.vk)?;
    Ok(key)
}

/// Writes a verifying key, uncompressed, and returns keccak256 of the written bytes.
///
/// # Errors
/// [`Error::KeyEncoding`] with the writer's error.
pub fn write_verifying_key<W: Write>(key: &VerifyingKey, writer: W) -> Result<Word, Error> {
    let mut digesting = Digesting::new(writer);
    key.serialize_uncompressed(&mut digesting)?;
    digesting.flush().map_err(SerializationError::IoError)?;
    Ok(digesting.hasher.finalize().into())
}

/// Reads a verifying key that [`write_verifying_key`] wrote, and checks that every point is in its
/// group.
///
/// # Errors
/// [`Error::KeyEncoding`] when the bytes cannot be read or decoded, or a point is not in its group;
/// [`Error::KeyDigest`] when the bytes have another digest; [`Error::WeakKey`] when
/// [`check_verifying_key`] refuses the key.
pub fn read_verifying_key<R: Read>(reader: R, expected: &Word) -> Result<VerifyingKey, Error> {
    let mut digesting = Digesting::new(reader);
    let key = VerifyingKey::deserialize_uncompressed(&mut digesting)?;
    let found: Word = digesting.hasher.finalize().into();
    if found != *expected {
        return Err(Error::KeyDigest);
    }
    check_verifying_key(&key)?;
    Ok(key)
}

#[cfg(test)]
pub(crate) mod tests;
