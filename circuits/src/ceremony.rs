//! The ceremony that makes the Groth16 key above a rollup's circuits.
//!
//! `sheaf_plonk::ceremony` knows files, contributions and checks. This module adds what they are
//! for: the wrap above the circuits, and the random numbers of the checks.

use std::io::{Read, Seek};
use std::sync::Arc;

use ark_std::rand::SeedableRng;
use ark_std::rand::rngs::StdRng;
use sheaf_plonk::ceremony::constraints::Constraints;
use sheaf_plonk::ceremony::initial::FirstKey;
use sheaf_plonk::ceremony::verify::Verified;
use sheaf_plonk::ceremony::{self, Run};
use sheaf_plonk::wrap_prover::KeylessWrap;

use crate::circuits::Circuits;
use crate::error::Error;
use crate::keys::Provers;
use crate::public_values::PACKING;

pub use sheaf_plonk::ceremony::Digest;
pub use sheaf_plonk::ceremony::contribution::WRITING_PARTS;
pub use sheaf_plonk::ceremony::initial::FIRST_KEY_PARTS;
pub use sheaf_plonk::ceremony::key::KeyFile;
pub use sheaf_plonk::ceremony::powers::Powers;
pub use sheaf_plonk::ceremony::secret::{BEACON_EXPONENTS, Beacon, Secret};
pub use sheaf_plonk::ceremony::transcript::Listed;
pub use sheaf_plonk::ceremony::verify::VERIFY_PARTS;

/// What a ceremony is for: the circuits of a rollup and the wrap above them, without a key.
pub struct Ceremony {
    circuits: Arc<Circuits>,
    wrap: KeylessWrap,
    constraints: Constraints,
}

impl Ceremony {
    /// How many parts `build` reports.
    pub const BUILD_PARTS: usize = 2;

    /// Builds the wrap above circuits. Calls `progress` with the name of each part before the part
    /// is built.
    ///
    /// # Errors
    /// `OuterTooLarge`, `UnsupportedGate`, `UnsupportedShape` and `Synthesis` when the outer
    /// circuit or the wrap cannot be built above these circuits.
    pub fn build(circuits: Arc<Circuits>, progress: impl Fn(&str)) -> Result<Self, Error> {
        progress("outer");
        let wrap = KeylessWrap::build(&PACKING, &circuits.batch_verifier_data())?;
        progress("constraints");
        let constraints = wrap.constraints()?;
        Ok(Self { circuits, wrap, constraints })
    }

    /// The wrap's matrices.
    pub const fn constraints(&self) -> &Constraints {
        &self.constraints
    }

    /// Checks powers of τ and makes the first key from them.
    ///
    /// # Errors
    /// `TooFewPowers` when the wrap needs more powers; `CeremonyRefused` when the powers are wrong;
    /// `CeremonyRead` when their file cannot be read.
    pub fn first_key<P: Read + Seek>(
        &self,
        powers: &mut Powers<P>,
        progress: impl Fn(&str),
    ) -> Result<FirstKey, Error> {
        let mut rng = StdRng::from_seed(rand::random());
        let mut run = Run { rng: &mut rng, progress: &progress };
        Ok(ceremony::initial::first_key(&self.constraints, powers, &mut run)?)
    }

    /// Checks a key against the circuits, powers of τ and its contributions.
    ///
    /// # Errors
    /// `Contribution` for a wrong contribution; `OtherCeremony` when the key does not follow from
    /// circuits, powers and contributions; as [`Ceremony::first_key`].
    pub fn verify<K: Read + Seek, P: Read + Seek>(
        &self,
        key: &mut KeyFile<K>,
        powers: &mut Powers<P>,
        progress: impl Fn(&str),
    ) -> Result<Verified, Error> {
        let mut rng = StdRng::from_seed(rand::random());
        let mut run = Run { rng: &mut rng, progress: &progress };
        Ok(ceremony::verify::verify(key, &self.constraints, powers, &mut run)?)
    }

    /// The provers with a key that was checked.
    ///
    /// # Errors
    /// `WeakKey` when the key has no contributions.
    pub fn into_provers(self, verified: Verified) -> Result<Provers, Error> {
        Provers::made(self.circuits, self.wrap.with_key(verified.key)?)
    }

    /// The circuits below the wrap.
    pub const fn circuits(&self) -> &Arc<Circuits> {
        &self.circuits
    }
}
