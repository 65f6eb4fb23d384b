//! Ceremonies over small circuits: with powers whose τ is known, and with snarkjs.

mod keys;
mod powers;
mod snarkjs;

use std::io::Cursor;

use ark_bn254::{Fq, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
use ark_ff::{AdditiveGroup, Field, PrimeField};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_std::rand::SeedableRng;
use ark_std::rand::rngs::StdRng;
use zeroize::Zeroizing;

use super::Digest;
use super::Run;
use super::constraints::Constraints;
use super::encoding::{FIELD_BYTES, FilePoint, put_integer};
use super::initial::first_key;
use super::key::KeyFile;
use super::powers::Powers;
use super::secret::{Beacon, Secret};
use super::sections::{SectionWriter, u32_at};
use super::verify::{Verified, verify};
use crate::error::{CeremonyFile, Error};
use crate::groth16::tests::Squares;

/// The logarithm of the domain of [`squares`]: seven constraints, seven inputs, and the constant.
const BITS: u32 = 4;

fn squares() -> Constraints {
    Constraints::new(Squares([Fr::ONE; 7])).expect("a small circuit")
}

/// The numbers that nobody may know.
#[derive(Clone, Copy)]
struct Waste {
    tau: Fr,
    alpha: Fr,
    beta: Fr,
}

const WASTE: [u64; 3] = [1_234_567_891, 987_654_321, 555_555_557];

fn waste() -> Waste {
    // Large numbers, so that nothing works for small ones alone.
    let [tau, alpha, beta] = WASTE.map(|seed| Fr::from(seed).pow([101]));
    Waste { tau, alpha, beta }
}

/// The sections of a .ptau file by number; `is_prepared` says whether it has Lagrange points.
fn powers_sections(power: u32, of: Waste, is_prepared: bool) -> Vec<(u32, Vec<u8>)> {
    let count = 1usize << power;
    let mut header = (FIELD_BYTES as u32).to_le_bytes().to_vec();
    put_integer(&Fq::MODULUS, &mut header);
    header.extend([power, power].map(u32::to_le_bytes).concat());
    let taus: Vec<Fr> = (0..2 * count as u64 - 1).map(|i| of.tau.pow([i])).collect();
    let times = |factor: Fr| taus[..count].iter().map(|tau| *tau * factor).collect::<Vec<_>>();
    let parts = [(2, taus.clone()), (4, times(of.alpha)), (5, times(of.beta))];
    let mut sections =
        vec![(1, header), (3, in_g2(&taus[..count])), (6, in_g2(&[of.beta])), (7, vec![0; 4])];
    for (number, scalars) in &parts {
        sections.push((*number, in_g1(scalars)));
        if is_prepared {
            sections
                .push((number + 10, in_g1(&lagrange(scalars, power + u32::from(*number == 2)))));
        }
    }
    if is_prepared {
        sections.push((13, in_g2(&lagrange(&taus, power))));
    }
    sections
}

/// The Lagrange values of each domain of up to 2^power points, from the values of the powers.
fn lagrange(powers: &[Fr], power: u32) -> Vec<Fr> {
    let of_domain = |bits: u32| {
        let mut values = powers.to_vec();
        values.resize(1 << bits, Fr::ZERO);
        Radix2EvaluationDomain::<Fr>::new(1 << bits).expect("small").ifft(&values)
    };
    (0..=power).flat_map(of_domain).collect()
}

fn in_g1(scalars: &[Fr]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for scalar in scalars {
        (G1Projective::generator() * scalar).into_affine().encode(&mut bytes);
    }
    bytes
}

fn in_g2(scalars: &[Fr]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for scalar in scalars {
        (G2Projective::generator() * scalar).into_affine().encode(&mut bytes);
    }
    bytes
}

fn file_of(magic: [u8; 4], sections: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let count = sections.len() as u32;
    let mut writer =
        SectionWriter::new(&mut bytes, CeremonyFile::Key, magic, count).expect("memory");
    for (number, content) in sections {
        writer.section(*number, content).expect("memory");
    }
    bytes
}

fn powers(power: u32, is_prepared: bool) -> Vec<u8> {
    file_of(*b"ptau", &powers_sections(power, waste(), is_prepared))
}

/// The sections of a file, to be changed.
fn sections_of(bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let mut sections = Vec::new();
    let mut rest = &bytes[12..];
    while !rest.is_empty() {
        let length = u32_at(rest, 4) as usize;
        sections.push((u32_at(rest, 0), rest[12..12 + length].to_vec()));
        rest = &rest[12 + length..];
    }
    sections
}

/// A file in which one section is changed.
fn changed(bytes: &[u8], number: u32, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut sections = sections_of(bytes);
    let section = sections.iter_mut().find(|(one, _)| *one == number).expect("it is there");
    change(&mut section.1);
    file_of(bytes[..4].try_into().expect("four"), &sections)
}

/// Puts a point into a section.
fn put<A: FilePoint>(content: &mut [u8], index: usize, point: A) {
    let mut bytes = Vec::new();
    point.encode(&mut bytes);
    content[index * A::BYTES..(index + 1) * A::BYTES].copy_from_slice(&bytes);
}

/// Runs what needs randomness and reports no progress.
fn with_run<T>(run: impl FnOnce(&mut Run<'_>) -> T) -> T {
    let mut rng = StdRng::seed_from_u64(9);
    run(&mut Run { rng: &mut rng, progress: &|_| () })
}

fn check(powers: &[u8], bits: u32) -> Result<(), Error> {
    with_run(|run| Powers::open(Cursor::new(powers))?.check(bits, run))
}

/// The file of a first key.
fn new_key(constraints: &Constraints, powers: &[u8]) -> Result<Vec<u8>, Error> {
    let mut file = Vec::new();
    let mut powers = Powers::open(Cursor::new(powers))?;
    with_run(|run| first_key(constraints, &mut powers, run))?.write(constraints, &mut file)?;
    Ok(file)
}

/// The file after one more contribution, and the contribution's digest.
fn contributed(file: &[u8], name: &str) -> Result<(Vec<u8>, Digest), Error> {
    let secret = Secret::draw(&Zeroizing::new(vec![7; 64]), &Zeroizing::new(name.to_owned()));
    let mut key = KeyFile::open(Cursor::new(file))?;
    let pending = key.contribution(&secret, name)?;
    let mut next = Vec::new();
    key.write_contributed(&pending, &mut next, &|_| ())?;
    Ok((next, *pending.digest()))
}

/// The file after the contribution of a beacon.
fn beacon(file: &[u8]) -> Result<Vec<u8>, Error> {
    let mut key = KeyFile::open(Cursor::new(file))?;
    let pending = key.beacon_contribution(Beacon { value: vec![1, 2, 3, 4], exponent: 10 })?;
    let mut next = Vec::new();
    key.write_contributed(&pending, &mut next, &|_| ())?;
    Ok(next)
}

fn verified(file: &[u8], constraints: &Constraints, powers: &[u8]) -> Result<Verified, Error> {
    let mut powers = Powers::open(Cursor::new(powers))?;
    let mut key = KeyFile::open(Cursor::new(file))?;
    with_run(|run| verify(&mut key, constraints, &mut powers, run))
}

/// The sentence of a refusal.
fn refusal<T>(result: Result<T, Error>) -> String {
    result.err().expect("it must be refused").to_string()
}

/// A point of G2's curve that is not in the group.
fn outside_the_group() -> G2Affine {
    use ark_ff::UniformRand;
    let mut rng = StdRng::seed_from_u64(6);
    loop {
        let x = ark_bn254::Fq2::rand(&mut rng);
        if let Some(point) = G2Affine::get_point_from_x_unchecked(x, true) {
            assert!(!point.is_in_correct_subgroup_assuming_on_curve());
            return point;
        }
    }
}

/// A point of G1 that is not the one in any file.
fn stray() -> G1Affine {
    (G1Affine::generator() * Fr::from(99u64)).into_affine()
}
