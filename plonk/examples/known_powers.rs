//! Writes powers of a τ that is no secret, as a .ptau file: for measurements, and for the test of a
//! whole ceremony over the wrap. Whoever has read this file can forge proofs under any key that was
//! made from these powers.
//!
//! ```text
//! cargo run --release -p sheaf-plonk --example known_powers -- 21 known.ptau
//! ```
//!
//! Lagrange points are written for the domains of 2^power and 2^(power + 1) points. The places of
//! those for smaller domains stay zero.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

use ark_bn254::{Fq, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::PrimeGroup;
use ark_ec::scalar_mul::BatchMulPreprocessing;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

/// Scalars that are multiplied at once.
const AT_ONCE: usize = 1 << 18;

/// A .ptau file under way.
struct Powers {
    file: BufWriter<File>,
    g1: BatchMulPreprocessing<G1Projective>,
    g2: BatchMulPreprocessing<G2Projective>,
}

impl Powers {
    fn section(&mut self, number: u32, length: usize) -> std::io::Result<()> {
        self.file.write_all(&number.to_le_bytes())?;
        self.file.write_all(&(length as u64).to_le_bytes())
    }

    /// A section of points in G1, behind `skipped` points that stay zero.
    fn in_g1(&mut self, number: u32, skipped: usize, scalars: &[Fr]) -> std::io::Result<()> {
        eprintln!("section {number}");
        self.section(number, (skipped + scalars.len()) * 64)?;
        self.file.seek(SeekFrom::Current(skipped as i64 * 64))?;
        for some in scalars.chunks(AT_ONCE) {
            let points: Vec<G1Affine> = self.g1.batch_mul(some);
            let bytes = points.iter().flat_map(|point| [point.x, point.y]).flat_map(bytes);
            self.file.write_all(&bytes.collect::<Vec<u8>>())?;
        }
        Ok(())
    }

    /// As `in_g1`, in G2.
    fn in_g2(&mut self, number: u32, skipped: usize, scalars: &[Fr]) -> std::io::Result<()> {
        eprintln!("section {number}");
        self.section(number, (skipped + scalars.len()) * 128)?;
        self.file.seek(SeekFrom::Current(skipped as i64 * 128))?;
        for some in scalars.chunks(AT_ONCE) {
            let points: Vec<G2Affine> = self.g2.batch_mul(some);
            let parts = points.iter().flat_map(|p| [p.x.c0, p.x.c1, p.y.c0, p.y.c1]);
            self.file.write_all(&parts.flat_map(bytes).collect::<Vec<u8>>())?;
        }
        Ok(())
    }
}

/// A coordinate's Montgomery form.
fn bytes(coordinate: Fq) -> impl Iterator<Item = u8> {
    coordinate.0.0.into_iter().flat_map(u64::to_le_bytes)
}

fn limbs(integer: &BigInt<4>) -> Vec<u8> {
    integer.0.into_iter().flat_map(u64::to_le_bytes).collect()
}

/// The values of the Lagrange polynomials of 2^bits points at τ. Powers beyond `known` are taken
/// for zero, as snarkjs does with the one that a file has not.
fn lagrange(powers: &[Fr], bits: u32) -> Vec<Fr> {
    let mut values = powers.to_vec();
    values.resize(1 << bits, Fr::ZERO);
    Radix2EvaluationDomain::<Fr>::new(1 << bits).expect("a small domain").ifft(&values)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [power, path] = &arguments[..] else { return Err("give a power and a file".into()) };
    let power: u32 = power.parse()?;
    let count = 1usize << power;
    let [tau, alpha, beta] = [3u64, 5, 7].map(|base| Fr::from(base).pow([1_000_003]));
    let mut powers = vec![Fr::ONE; 2 * count - 1];
    for index in 1..powers.len() {
        powers[index] = powers[index - 1] * tau;
    }
    let times = |factor: Fr| powers[..count].iter().map(|tau| *tau * factor).collect::<Vec<_>>();
    let (alphas, betas) = (times(alpha), times(beta));

    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"ptau")?;
    file.write_all(&[1u32, 11].map(u32::to_le_bytes).concat())?;
    let mut out = Powers {
        file,
        g1: BatchMulPreprocessing::new(G1Projective::generator(), 1 << 22),
        g2: BatchMulPreprocessing::new(G2Projective::generator(), 1 << 20),
    };
    out.section(1, 44)?;
    let header = [&32u32.to_le_bytes()[..], &limbs(&Fq::MODULUS)].concat();
    out.file.write_all(&header)?;
    out.file.write_all(&[power, power].map(u32::to_le_bytes).concat())?;
    out.in_g1(2, 0, &powers)?;
    out.in_g2(3, 0, &powers[..count])?;
    out.in_g1(4, 0, &alphas)?;
    out.in_g1(5, 0, &betas)?;
    out.in_g2(6, 0, &[beta])?;
    out.section(7, 4)?;
    out.file.write_all(&[0; 4])?;
    let small = lagrange(&powers[..count], power);
    let both = [small.clone(), lagrange(&powers, power + 1)].concat();
    out.in_g1(12, count - 1, &both)?;
    out.in_g2(13, count - 1, &small)?;
    out.in_g1(14, count - 1, &lagrange(&alphas, power))?;
    out.in_g1(15, count - 1, &lagrange(&betas, power))?;
    out.file.flush()?;
    Ok(())
}
