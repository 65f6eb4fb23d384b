//! The list of contributions in a key's file, and the proofs in it.
//!
//! A contribution multiplies δ by a secret number d. It publishes the new δ in G1, a point s and
//! d·s in G1, and d·r in G2, where r is the point of G2 that belongs to the contribution's
//! transcript: the digest of the circuit and the first key, of all contributions before, and of s
//! and d·s. So only who knows d can have made the contribution, and nobody can take it over to
//! another place in the list or to another ceremony.

use ark_bn254::{G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use blake2::{Blake2b512, Digest as _};

use super::Digest;
use super::encoding::FilePoint;
use super::powers::same;
use super::secret::{BEACON_EXPONENTS, Beacon, Secret, point_of};
use super::sections::u32_at;
use crate::error::Error;

/// Bytes of a contribution without its parameters.
const FIXED_BYTES: usize = 3 * G1Affine::BYTES + G2Affine::BYTES + 64;
/// Bytes of a contributor's name, which a file stores behind a length of one byte.
pub const NAME_BYTES_MAX: usize = 64;
/// Numbers of a contribution's parameters.
const NAME: u8 = 1;
const EXPONENT: u8 = 2;
const BEACON: u8 = 3;

/// A contribution as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contribution {
    /// δ after the contribution, in G1.
    pub(super) delta: G1Affine,
    /// s.
    pub(super) base: G1Affine,
    /// d·s.
    pub(super) times_base: G1Affine,
    /// d·r.
    pub(super) times_challenge: G2Affine,
    /// The digest to which r belongs.
    pub(super) transcript: Digest,
    /// The beacon from which the secret follows; `None` for a person's contribution.
    pub(super) beacon: Option<Beacon>,
    /// The contributor's name; empty when there is none.
    pub(super) name: Vec<u8>,
}

/// A contribution as it is listed for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The digest that the contributor published.
    pub digest: Digest,
    /// The contributor's name; empty when there is none.
    pub name: String,
    /// The beacon from which the secret follows; `None` for a person's contribution.
    pub beacon: Option<Beacon>,
}

/// All contributions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Transcript {
    /// The digest of the circuit and the first key.
    pub(super) circuit: Digest,
    pub(super) contributions: Vec<Contribution>,
}

impl Contribution {
    /// The digest that names the contribution.
    pub(super) fn digest(&self) -> Digest {
        let mut hash = Blake2b512::new();
        self.update(&mut hash);
        hash.finalize().into()
    }

    fn update(&self, hash: &mut Blake2b512) {
        let mut bytes = Vec::with_capacity(FIXED_BYTES);
        for point in [self.delta, self.base, self.times_base] {
            point.encode_for_hash(&mut bytes);
        }
        self.times_challenge.encode_for_hash(&mut bytes);
        hash.update(bytes);
        hash.update(self.transcript);
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        for point in [self.delta, self.base, self.times_base] {
            point.encode(bytes);
        }
        self.times_challenge.encode(bytes);
        bytes.extend(self.transcript);
        bytes.extend(u32::from(self.beacon.is_some()).to_le_bytes());
        let mut parameters = Vec::new();
        if !self.name.is_empty() {
            parameters.extend([NAME, self.name.len() as u8]);
            parameters.extend(&self.name);
        }
        if let Some(Beacon { value, exponent }) = &self.beacon {
            parameters.extend([EXPONENT, *exponent, BEACON, value.len() as u8]);
            parameters.extend(value);
        }
        bytes.extend((parameters.len() as u32).to_le_bytes());
        bytes.extend(parameters);
    }

    /// Reads a contribution from the beginning of `bytes`, and leaves what follows it.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    fn decode(bytes: &mut &[u8]) -> Result<Self, &'static str> {
        let mut fixed = take(bytes, FIXED_BYTES)?;
        let mut g1 = || {
            let point = G1Affine::decode(take(&mut fixed, G1Affine::BYTES)?);
            point.ok_or("a point in G1 is not on the curve")
        };
        let (delta, base, times_base) = (g1()?, g1()?, g1()?);
        let times_challenge = G2Affine::decode(take(&mut fixed, G2Affine::BYTES)?);
        let times_challenge = times_challenge
            .filter(FilePoint::is_in_group)
            .ok_or("a point in G2 is not in the group")?;
        let transcript = fixed.try_into().expect("the rest is a digest");
        let kind = u32_at(take(bytes, 4)?, 0);
        let length = u32_at(take(bytes, 4)?, 0);
        let mut parameters = take(bytes, length as usize)?;
        let (mut name, mut exponent, mut value) = (Vec::new(), None, None);
        let mut last = 0;
        while !parameters.is_empty() {
            let number = take(&mut parameters, 1)?[0];
            if number <= last {
                return Err("its parameters are not in order");
            }
            last = number;
            let content = take(&mut parameters, 1)?[0];
            match number {
                NAME => name = take(&mut parameters, content.into())?.to_vec(),
                EXPONENT => exponent = Some(content),
                BEACON => value = Some(take(&mut parameters, content.into())?.to_vec()),
                _ => return Err("it has an unknown parameter"),
            }
        }
        let beacon = match (kind, exponent, value) {
            (0, None, None) => None,
            (1, Some(exponent), Some(value))
                if BEACON_EXPONENTS.contains(&exponent) && !value.is_empty() =>
            {
                Some(Beacon { value, exponent })
            }
            _ => return Err("it is neither a person's nor a beacon's that can be repeated"),
        };
        Ok(Self { delta, base, times_base, times_challenge, transcript, beacon, name })
    }
}

impl Transcript {
    /// Makes the next contribution, which multiplies `delta` by the secret.
    pub(super) fn next(
        &self,
        delta: G1Affine,
        secret: &Secret,
        (name, beacon): (&str, Option<Beacon>),
    ) -> Contribution {
        let times_base = (secret.base * *secret.delta).into_affine();
        let transcript = self.challenge(self.contributions.len(), [secret.base, times_base]);
        Contribution {
            delta: (delta * *secret.delta).into_affine(),
            base: secret.base,
            times_base,
            times_challenge: (point_of(&transcript) * *secret.delta).into_affine(),
            transcript,
            beacon,
            name: name.as_bytes().to_vec(),
        }
    }

    /// The digest of all that comes before contribution `index`, and of its points s and d·s.
    fn challenge(&self, index: usize, points: [G1Affine; 2]) -> Digest {
        let mut hash = Blake2b512::new();
        hash.update(self.circuit);
        for contribution in &self.contributions[..index] {
            contribution.update(&mut hash);
        }
        let mut bytes = Vec::new();
        points.iter().for_each(|point| point.encode_for_hash(&mut bytes));
        hash.update(bytes);
        hash.finalize().into()
    }

    /// Checks every contribution. Returns δ in G1 after the last one.
    ///
    /// # Errors
    /// [`Error::Contribution`] for the first contribution that is wrong.
    pub(super) fn check(&self) -> Result<G1Affine, Error> {
        let mut before = G1Affine::generator();
        for (index, one) in self.contributions.iter().enumerate() {
            let refused = |fault| Err(Error::Contribution { number: index + 1, fault });
            let Contribution { delta, base, times_base, times_challenge, .. } = *one;
            let in_g1 = [delta, base, times_base];
            if in_g1.iter().any(AffineRepr::is_zero) || times_challenge.is_zero() {
                return refused("it has a point at infinity");
            }
            if one.transcript != self.challenge(index, [base, times_base]) {
                return refused("it was made for another list of contributions");
            }
            let challenge = point_of(&one.transcript);
            if !same(base, times_challenge, times_base, challenge) {
                return refused("it does not prove that its secret was known");
            }
            if !same(before, times_challenge, delta, challenge) {
                return refused("it changed delta by another number than its secret");
            }
            if let Some(beacon) = &one.beacon {
                let secret = Secret::of_beacon(beacon);
                let expected = (secret.base * *secret.delta).into_affine();
                if secret.base != base || expected != times_base {
                    return refused("its secret is not the beacon's");
                }
            }
            before = delta;
        }
        Ok(before)
    }

    /// The contributions for people, in order.
    pub(super) fn list(&self) -> Vec<Listed> {
        let list = self.contributions.iter().map(|one| Listed {
            digest: one.digest(),
            name: String::from_utf8_lossy(&one.name).into_owned(),
            beacon: one.beacon.clone(),
        });
        list.collect()
    }

    /// The section of a key's file.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = self.circuit.to_vec();
        bytes.extend((self.contributions.len() as u32).to_le_bytes());
        self.contributions.iter().for_each(|one| one.encode(&mut bytes));
        bytes
    }

    /// Reads the section of a key's file.
    ///
    /// # Errors
    /// [`Error::Contribution`] for the first contribution that cannot be read, numbered from one;
    /// number 0 stands for the head of the list.
    pub(super) fn decode(mut bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |number| move |fault| Error::Contribution { number, fault };
        let circuit = take(&mut bytes, 64).map_err(wrong(0))?;
        let circuit = circuit.try_into().expect("64 bytes");
        let count = u32_at(take(&mut bytes, 4).map_err(wrong(0))?, 0) as usize;
        let mut contributions = Vec::new();
        for number in 1..=count {
            contributions.push(Contribution::decode(&mut bytes).map_err(wrong(number))?);
        }
        if !bytes.is_empty() {
            return Err(wrong(count)("other bytes follow it"));
        }
        Ok(Self { circuit, contributions })
    }
}

/// Takes bytes from the beginning.
fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], &'static str> {
    bytes.split_off(..count).ok_or("the list of contributions is incomplete")
}
