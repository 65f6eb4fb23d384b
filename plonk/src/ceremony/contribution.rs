//! A contribution: δ times a secret number, and every point that is divided by δ divided by it.
//!
//! The key is never in memory as a whole: its sections pass from the old file to the new one.

use std::io::{Read, Seek, Write};

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::CurveGroup;
use ark_ff::Field;
use rayon::prelude::*;
use zeroize::Zeroizing;

pub use super::transcript::NAME_BYTES_MAX;

use super::Digest;
use super::encoding::affine;
use super::key::{FIXED, Header, KeyFile, QUOTIENT, WITNESSES, begin, end};
use super::secret::{Beacon, Secret};
use super::sections::SectionWriter;
use super::transcript::Transcript;
use crate::error::Error;

/// How many parts [`KeyFile::write_contributed`] reports to `progress`.
pub const WRITING_PARTS: usize = 3;
/// Bytes of a section that are copied at once.
const COPIED_AT_ONCE: u64 = 1 << 22;
/// Points that are divided at once.
const DIVIDED_AT_ONCE: usize = 1 << 16;

/// A contribution that is drawn and not yet written.
pub struct Pending {
    header: Header,
    transcript: Transcript,
    digest: Digest,
    inverse: Zeroizing<Fr>,
}

impl Pending {
    /// The digest that names the contribution: its contributor publishes the digest.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }
}

impl<R: Read + Seek> KeyFile<R> {
    /// Makes a person's contribution. `name` is empty for a contributor without a name.
    ///
    /// # Errors
    /// [`Error::Contribution`] when a contribution before is wrong, or the name has more than
    /// [`NAME_BYTES_MAX`] bytes.
    pub fn contribution(&self, secret: &Secret, name: &str) -> Result<Pending, Error> {
        if name.len() > NAME_BYTES_MAX {
            let number = self.transcript.contributions.len() + 1;
            return Err(Error::Contribution { number, fault: "the name is longer than 64 bytes" });
        }
        self.pending(secret, (name, None))
    }

    /// Makes the contribution of a beacon, which should be the last.
    ///
    /// # Errors
    /// [`Error::Contribution`] when a contribution before is wrong.
    pub fn beacon_contribution(&self, beacon: Beacon) -> Result<Pending, Error> {
        self.pending(&Secret::of_beacon(&beacon), ("", Some(beacon)))
    }

    fn pending(&self, secret: &Secret, author: (&str, Option<Beacon>)) -> Result<Pending, Error> {
        let (mut header, mut transcript) = (self.header.clone(), self.transcript.clone());
        if transcript.check()? != header.delta_g1 {
            let number = transcript.contributions.len();
            return Err(Error::Contribution { number, fault: "the key has another delta" });
        }
        let contribution = transcript.next(header.delta_g1, secret, author);
        header.delta_g1 = contribution.delta;
        header.delta_g2 = (header.delta_g2 * *secret.delta).into_affine();
        let digest = contribution.digest();
        transcript.contributions.push(contribution);
        let inverse = secret.delta.inverse();
        let inverse = Zeroizing::new(inverse.expect("a secret is zero with probability 2^-254"));
        Ok(Pending { header, transcript, digest, inverse })
    }

    /// Writes the key after a contribution. The points of the key before are checked only to be on
    /// their curve: [`super::verify::verify`] checks keys.
    ///
    /// # Errors
    /// [`Error::CeremonyRead`] and [`Error::CeremonyRefused`] when the key before cannot be read,
    /// or a point is not on its curve; [`Error::CeremonyWrite`] with the writer's error.
    pub fn write_contributed(
        &mut self,
        pending: &Pending,
        writer: impl Write,
        progress: &dyn Fn(&str),
    ) -> Result<(), Error> {
        let mut writer = begin(writer, &pending.header)?;
        progress("copying");
        for number in FIXED {
            self.copy(number, &mut writer)?;
        }
        let Header { variables, inputs, domain, .. } = self.header;
        progress("points of the witnesses");
        let witnesses = (variables - inputs - 1) as usize;
        self.divide((WITNESSES, witnesses), pending, &mut writer)?;
        progress("points of the quotient");
        self.divide((QUOTIENT, domain as usize), pending, &mut writer)?;
        end(writer, &pending.transcript)
    }

    fn copy<W: Write>(&mut self, number: u32, writer: &mut SectionWriter<W>) -> Result<(), Error> {
        let length = self.sections.length(number).unwrap_or_default();
        writer.begin(number, length)?;
        let mut from = 0;
        while from < length {
            let some = COPIED_AT_ONCE.min(length - from);
            writer.write(&self.sections.read(number, from, some)?)?;
            from += some;
        }
        Ok(())
    }

    fn divide<W: Write>(
        &mut self,
        (number, count): (u32, usize),
        pending: &Pending,
        writer: &mut SectionWriter<W>,
    ) -> Result<(), Error> {
        writer.begin(number, self.sections.length(number).unwrap_or_default())?;
        let inverse = *pending.inverse;
        for first in (0..count).step_by(DIVIDED_AT_ONCE) {
            let some = DIVIDED_AT_ONCE.min(count - first);
            let points: Vec<G1Affine> = self.sections.points(number, first, some)?;
            let divided = points.par_iter().map(|point| *point * inverse);
            let divided: Vec<G1Projective> = divided.collect();
            writer.write_points(&affine::<G1Affine>(&divided))?;
        }
        Ok(())
    }
}
