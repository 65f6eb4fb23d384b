//! The key of a ceremony in a .zkey file.
//!
//! For a circuit of v variables, of which i are public inputs, and a domain of n points:
//!
//! | section | content |
//! |---|---|
//! | 1 | 1, which stands for Groth16 |
//! | 2 | both fields (bytes, order), v, i, n; α, β in G1; β, γ in G2; δ in G1, in G2 |
//! | 3 | the points of the constant and of the public inputs, 1 + i of them in G1 |
//! | 4 | the coefficients of the first two matrices |
//! | 5, 6, 7 | the points of the first matrix in G1, and of the second in G1 and in G2, v each |
//! | 8 | the points of the witnesses, divided by δ, v − i − 1 of them in G1 |
//! | 9 | the points of the quotient, divided by δ, n of them in G1 |
//! | 10 | the digest of the circuit and the first key, and the contributions |

use std::io::{Read, Seek, Write};

use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ff::PrimeField;

use super::constraints::Constraints;
use super::encoding::{FIELD_BYTES, FilePoint, integer, put_integer};
use super::sections::{SectionWriter, Sections, u32_at};
use super::transcript::{Listed, Transcript};
use crate::error::{CeremonyFile, Error};
use crate::groth16::{ProvingKey, VerifyingKey};

const PROOF_SYSTEM: u32 = 1;
const HEADER: u32 = 2;
const INPUTS: u32 = 3;
pub(super) const COEFFICIENTS: u32 = 4;
const A: u32 = 5;
const B_IN_G1: u32 = 6;
const B_IN_G2: u32 = 7;
pub(super) const WITNESSES: u32 = 8;
pub(super) const QUOTIENT: u32 = 9;
const CONTRIBUTIONS: u32 = 10;
/// The sections that no contribution changes, besides the coefficients.
pub(super) const FIXED: [u32; 5] = [INPUTS, COEFFICIENTS, A, B_IN_G1, B_IN_G2];
/// How many sections a key's file has.
const SECTIONS: u32 = 10;
/// The number in section 1.
const GROTH16: u32 = 1;
/// Bytes of section 2 before its points.
const COUNTS_END: usize = 2 * (4 + FIELD_BYTES) + 12;

/// The content of section 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) variables: u32,
    /// Without the constant.
    pub(super) inputs: u32,
    pub(super) domain: u32,
    pub(super) alpha_g1: G1Affine,
    pub(super) beta_g1: G1Affine,
    pub(super) beta_g2: G2Affine,
    pub(super) gamma_g2: G2Affine,
    pub(super) delta_g1: G1Affine,
    pub(super) delta_g2: G2Affine,
}

impl Header {
    /// The header of a key for this circuit.
    fn of(key: &ProvingKey, constraints: &Constraints) -> Self {
        Self {
            variables: constraints.variables() as u32,
            inputs: constraints.inputs() as u32 - 1,
            domain: 1 << constraints.domain_bits(),
            alpha_g1: key.vk.alpha_g1,
            beta_g1: key.beta_g1,
            beta_g2: key.vk.beta_g2,
            gamma_g2: key.vk.gamma_g2,
            delta_g1: key.delta_g1,
            delta_g2: key.vk.delta_g2,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for order in [Fq::MODULUS, Fr::MODULUS] {
            bytes.extend((FIELD_BYTES as u32).to_le_bytes());
            put_integer(&order, &mut bytes);
        }
        let counts = [self.variables, self.inputs, self.domain];
        bytes.extend(counts.map(u32::to_le_bytes).concat());
        self.alpha_g1.encode(&mut bytes);
        self.beta_g1.encode(&mut bytes);
        self.beta_g2.encode(&mut bytes);
        self.gamma_g2.encode(&mut bytes);
        self.delta_g1.encode(&mut bytes);
        self.delta_g2.encode(&mut bytes);
        bytes
    }

    /// # Errors
    /// A sentence that says what is wrong.
    fn decode(bytes: &[u8]) -> Result<Self, &'static str> {
        let length = COUNTS_END + 3 * (G1Affine::BYTES + G2Affine::BYTES);
        let is_field = |at: usize, order| {
            u32_at(bytes, at) == FIELD_BYTES as u32 && integer(&bytes[at + 4..]) == order
        };
        if bytes.len() != length
            || !is_field(0, Fq::MODULUS)
            || !is_field(4 + FIELD_BYTES, Fr::MODULUS)
        {
            return Err("it is for another curve than BN254");
        }
        let [variables, inputs, domain] = [12, 8, 4].map(|back| u32_at(bytes, COUNTS_END - back));
        if inputs >= variables || !domain.is_power_of_two() {
            return Err("its counts are not those of a circuit");
        }
        let mut points = &bytes[COUNTS_END..];
        Ok(Self {
            variables,
            inputs,
            domain,
            alpha_g1: point(&mut points)?,
            beta_g1: point(&mut points)?,
            beta_g2: point(&mut points)?,
            gamma_g2: point(&mut points)?,
            delta_g1: point(&mut points)?,
            delta_g2: point(&mut points)?,
        })
    }
}

/// Takes a point from the beginning of `bytes`, which has enough of them.
fn point<P: FilePoint>(bytes: &mut &[u8]) -> Result<P, &'static str> {
    let (one, rest) = bytes.split_at(P::BYTES);
    *bytes = rest;
    let point = P::decode(one).filter(|point| !point.is_zero() && point.is_in_group());
    point.ok_or("a point of its header is zero or not in its group")
}

/// An open key file, whose points are not read yet.
#[derive(Debug)]
pub struct KeyFile<R> {
    pub(super) sections: Sections<R>,
    pub(super) header: Header,
    pub(super) transcript: Transcript,
    /// Whether the contributions were found right, and δ what they make of it.
    pub(super) has_checked_delta: bool,
}

impl<R: Read + Seek> KeyFile<R> {
    /// Opens a .zkey file, and reads its header and its contributions.
    ///
    /// # Errors
    /// [`Error::CeremonyRead`] when the file cannot be read; [`Error::CeremonyRefused`] when it is
    /// no Groth16 key over BN254 or is incomplete; [`Error::Contribution`] when the list of
    /// contributions cannot be read.
    pub fn open(reader: R) -> Result<Self, Error> {
        let mut sections = Sections::open(reader, CeremonyFile::Key, *b"zkey")?;
        if sections.read_whole(PROOF_SYSTEM)? != GROTH16.to_le_bytes() {
            return Err(sections.refused("it is no key for Groth16".to_owned()));
        }
        let header = Header::decode(&sections.read_whole(HEADER)?);
        let header = header.map_err(|fault| sections.refused(fault.to_owned()))?;
        let (g1, g2) = (G1Affine::BYTES as u64, G2Affine::BYTES as u64);
        let Header { variables, inputs, domain, .. } = header;
        let [variables, inputs, domain] = [variables, inputs + 1, domain].map(u64::from);
        sections.require(INPUTS, inputs * g1)?;
        for (number, bytes) in [(A, g1), (B_IN_G1, g1), (B_IN_G2, g2)] {
            sections.require(number, variables * bytes)?;
        }
        sections.require(WITNESSES, (variables - inputs) * g1)?;
        sections.require(QUOTIENT, domain * g1)?;
        let transcript = Transcript::decode(&sections.read_whole(CONTRIBUTIONS)?)?;
        Ok(Self { sections, header, transcript, has_checked_delta: false })
    }

    /// All contributions as the file lists them, unchecked.
    pub fn contributions(&self) -> Vec<Listed> {
        self.transcript.list()
    }

    /// Reads all points. Points on the curve are not checked to be in the group.
    ///
    /// # Errors
    /// [`Error::CeremonyRead`] and [`Error::CeremonyRefused`] as [`KeyFile::open`].
    pub(super) fn proving_key(&mut self) -> Result<ProvingKey, Error> {
        let Header { variables, inputs, domain, .. } = self.header;
        let [variables, inputs, domain] =
            [variables, inputs + 1, domain].map(|count| count as usize);
        let sections = &mut self.sections;
        Ok(ProvingKey {
            vk: VerifyingKey {
                alpha_g1: self.header.alpha_g1,
                beta_g2: self.header.beta_g2,
                gamma_g2: self.header.gamma_g2,
                delta_g2: self.header.delta_g2,
                gamma_abc_g1: sections.points(INPUTS, 0, inputs)?,
            },
            beta_g1: self.header.beta_g1,
            delta_g1: self.header.delta_g1,
            a_query: sections.points(A, 0, variables)?,
            b_g1_query: sections.points(B_IN_G1, 0, variables)?,
            b_g2_query: sections.points(B_IN_G2, 0, variables)?,
            h_query: sections.points(QUOTIENT, 0, domain)?,
            l_query: sections.points(WITNESSES, 0, variables - inputs)?,
        })
    }
}

/// Begins a key's file with its first two sections; the others must follow.
///
/// # Errors
/// [`Error::CeremonyWrite`] with the writer's error.
pub(super) fn begin<W: Write>(writer: W, header: &Header) -> Result<SectionWriter<W>, Error> {
    let mut writer = SectionWriter::new(writer, CeremonyFile::Key, *b"zkey", SECTIONS)?;
    writer.section(PROOF_SYSTEM, &GROTH16.to_le_bytes())?;
    writer.section(HEADER, &header.encode())?;
    Ok(writer)
}

/// Ends a key's file with its list of contributions.
///
/// # Errors
/// [`Error::CeremonyWrite`] with the writer's error.
pub(super) fn end<W: Write>(
    mut writer: SectionWriter<W>,
    transcript: &Transcript,
) -> Result<(), Error> {
    writer.section(CONTRIBUTIONS, &transcript.encode())?;
    writer.finish()
}

/// Writes the file of a key without contributions.
///
/// # Errors
/// [`Error::CeremonyWrite`] with the writer's error.
pub(super) fn write(
    key: &ProvingKey,
    constraints: &Constraints,
    transcript: &Transcript,
    writer: impl Write,
) -> Result<(), Error> {
    let mut writer = begin(writer, &Header::of(key, constraints))?;
    writer.points(INPUTS, &key.vk.gamma_abc_g1)?;
    writer.begin(COEFFICIENTS, constraints.coefficients_length())?;
    constraints.for_coefficients(|bytes| writer.write(bytes))?;
    writer.points(A, &key.a_query)?;
    writer.points(B_IN_G1, &key.b_g1_query)?;
    writer.points(B_IN_G2, &key.b_g2_query)?;
    writer.points(WITNESSES, &key.l_query)?;
    writer.points(QUOTIENT, &key.h_query)?;
    end(writer, transcript)
}
