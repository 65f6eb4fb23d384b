//! The batch circuit: entries, signatures and words are those of one whole batch.
//!
//! The circuit has 23 public inputs, in the order of [`PublicValues`]. M is the machine before the
//! first entry, M' the machine after the last.
//!
//! 1. One proof of each kind verifies, of a join of that kind or of the kind's leaf
//!    ([`crate::one_of`]). There are no proofs of signatures where the leaves of entries prove that
//!    owners signed ([`crate::entry_tables`]).
//! 2. The entries lead from Hash(Machine, M) to Hash(Machine, M').
//! 3. M is zero everywhere but in the root, the next slot, the domain and the timestamp.
//! 4. M' has M's domain and timestamp, nothing remaining and no fee in any pot.
//! 5. The signatures lead from zero to the chain of M', where there are proofs of signatures.
//!    Where there are none, the chain of M' stays zero, because entries do not change it.
//! 6. The words lead from Hash(Cursor, D, L, z, 0) to Hash(Cursor, 0, 0, z, y), with D, L of M'.
//! 7. M' counts at most 24,576 data words and at most 1,024 L1 words.
//! 8. pre and post are the states at M and M', chains is Hash(Chains, D, L), and the timestamp
//!    and the number of L1 words are those of M'.
//! 9. z has limbs of 62 bits, y four of 62 and one of 7; the timestamp has 32 bits.

use plonky2::field::types::{Field, PrimeField64};
use plonky2::iop::target::Target;
use plonky2::iop::witness::PartialWitness;
use sheaf_crypto::hash::DIGEST;
use sheaf_ledger::binding::{Challenge, Evaluation};
use sheaf_ledger::limits::{DATA_WORDS_MAX, L1_WORDS_MAX};
use sheaf_ledger::machine::Machine;
use sheaf_ledger::tag;
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::hash::hash_checked;
use sheaf_plonk::proof::{Builder, Circuit, F, Proof, config, set};
use sheaf_plonk::prover::prove_verified;
use sheaf_plonk::verifier_data::VerifierData;

use crate::entry::machine::MachineWires;
use crate::error::Error;
use crate::join::SegmentTarget;
use crate::kinds::Kinds;
use crate::one_of::{OneOf, Part};
use crate::public_values::{PUBLIC_VALUES, PublicValues};

/// Bits of a limb of z, and of each limb of y but the last.
const LIMB_BITS: usize = 62;
/// Bits of the last limb of y.
const TOP_LIMB_BITS: usize = 7;
/// Bits of a timestamp.
const TIMESTAMP_BITS: usize = 32;

/// What a batch proof states, before it is hashed into public values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchStatement {
    /// The machine before the first entry.
    pub before: Machine,
    /// The machine after the last entry.
    pub after: Machine,
    /// The point of evaluation.
    pub z: Challenge,
    /// The evaluation of all words at z.
    pub y: Evaluation,
}

impl BatchStatement {
    /// The 23 public values of a proof of this statement.
    pub fn public_values(&self) -> PublicValues {
        let Self { before, after, z, y } = self;
        let [pre, post, chains] = [before.state(), after.state(), after.chains()]
            .map(|digest| digest.0.map(|fe| fe.canonical()));
        let (timestamp, l1_words) = (after.timestamp, after.l1_words);
        PublicValues { pre, post, chains, z: *z, y: *y, timestamp, l1_words }
    }
}

/// The values that a batch proof states.
///
/// # Errors
/// `PublicInputs` when the proof has another number of public inputs than 23; `OtherStatement` when
/// the timestamp or the number of L1 words exceeds 32 bits, which no batch proof states.
pub fn public_values(proof: &Proof) -> Result<PublicValues, Error> {
    let found = proof.public_inputs.len();
    let elements: Vec<u64> = proof.public_inputs.iter().map(F::to_canonical_u64).collect();
    let elements = elements
        .try_into()
        .map_err(|_| PlonkError::PublicInputs { expected: PUBLIC_VALUES, found })?;
    PublicValues::from_elements(&elements).ok_or(Error::OtherStatement)
}

/// The circuit and the targets of its witness.
pub struct BatchCircuit {
    /// plonky2's circuit, with the data of prover and verifier.
    pub circuit: Circuit,
    proofs: Kinds<Option<OneOf>>,
    before: MachineWires<Target>,
    after: MachineWires<Target>,
    z: [Target; 4],
    y: [Target; 5],
}

impl BatchCircuit {
    /// Builds the circuit that verifies a proof of each kind, of one of the circuits in `tops`: the
    /// kind's joins, or its leaf where the kind has no joins. Signatures have no circuits where the
    /// leaves of entries prove that owners signed.
    ///
    /// # Panics
    /// When entries or words have no circuit, or a kind's circuits do not have one shape.
    pub fn build(tops: &Kinds<Vec<&VerifierData>>) -> Self {
        let mut builder = Builder::new(config());
        let proofs = tops.as_ref().map(|_, tops| {
            let tops = (!tops.is_empty()).then_some(tops.as_slice());
            tops.map(|tops| OneOf::verified_checked(&mut builder, tops))
        });
        let segment = |kind| {
            let proof: Option<&OneOf> = proofs.get(kind).as_ref();
            proof.map(|proof| SegmentTarget::of(&proof.proof))
        };
        let [entries, signatures, words] = Kinds::<()>::ALL.map(segment);
        let before = MachineWires::add_unchecked(&mut builder);
        let after = MachineWires::add_unchecked(&mut builder);
        let z = builder.add_virtual_target_arr();
        let y = builder.add_virtual_target_arr();
        let this = Targets { before: &before, after: &after, z, y };
        this.entries_checked(&mut builder, &entries.expect("entries have a circuit"));
        this.start_checked(&mut builder);
        this.end_checked(&mut builder);
        if let Some(signatures) = signatures {
            this.signatures_checked(&mut builder, &signatures);
        }
        this.words_checked(&mut builder, &words.expect("words have a circuit"));
        this.ranges_checked(&mut builder);
        this.register(&mut builder);
        Self { circuit: builder.build(), proofs, before, after, z, y }
    }

    /// Proves a batch from one proof of each kind that has circuits, in the order of the kinds, and
    /// verifies the proof.
    ///
    /// # Errors
    /// `InputProofs` for another number of proofs; `Witness` or `Refused` when a proof is of
    /// another circuit or the statement is false.
    pub fn prove(&self, statement: &BatchStatement, parts: &[Part<'_>]) -> Result<Proof, Error> {
        let proofs = Kinds::<()>::ALL.map(|kind| self.proofs.get(kind).as_ref());
        let (expected, found) = (proofs.iter().flatten().count(), parts.len());
        if expected != found {
            return Err(Error::InputProofs { expected, found });
        }
        let BatchStatement { before, after, z, y } = statement;
        let mut witness = PartialWitness::new();
        for (proof, part) in proofs.into_iter().flatten().zip(parts) {
            proof.assign(*part, &mut witness)?;
        }
        let after = match self.proofs.signature {
            Some(_) => *after,
            None => after.without_signatures(),
        };
        self.before.assign(before, &mut witness)?;
        self.after.assign(&after, &mut witness)?;
        let limbs = self.z.iter().zip(z).chain(self.y.iter().zip(y));
        for (target, limb) in limbs {
            set(&mut witness, *target, F::from_noncanonical_u64(*limb))?;
        }
        Ok(prove_verified(&self.circuit, witness)?)
    }
}

/// The targets that the numbered statements constrain, besides those of the proofs.
struct Targets<'a> {
    before: &'a MachineWires<Target>,
    after: &'a MachineWires<Target>,
    z: [Target; 4],
    y: [Target; 5],
}

impl Targets<'_> {
    /// Statement 2.
    fn entries_checked(&self, builder: &mut Builder, segment: &SegmentTarget) {
        let from = self.before.digest_checked(builder);
        let to = self.after.digest_checked(builder);
        builder.connect_array(segment.from.elements, from);
        builder.connect_array(segment.to.elements, to);
    }

    /// Statement 3.
    fn start_checked(&self, builder: &mut Builder) {
        let MachineWires {
            root: _,
            next_slot: _,
            domain: _,
            timestamp: _,
            signer,
            token,
            remaining,
            message,
            pots,
            signatures,
            data,
            l1,
            data_words,
            l1_words,
        } = self.before;
        let parts: [&[Target]; 10] =
            [signer, token, remaining, message, pots, signatures, data, l1, data_words, l1_words];
        for target in parts.concat() {
            builder.assert_zero(target);
        }
    }

    /// Statement 4.
    fn end_checked(&self, builder: &mut Builder) {
        let Self { before, after, .. } = self;
        builder.connect_array(before.domain, after.domain);
        builder.connect_array(before.timestamp, after.timestamp);
        builder.assert_zero(after.remaining[0]);
        for [_token, amount] in after.pots.as_chunks().0 {
            builder.assert_zero(*amount);
        }
    }

    /// Statement 5.
    fn signatures_checked(&self, builder: &mut Builder, segment: &SegmentTarget) {
        for element in segment.from.elements {
            builder.assert_zero(element);
        }
        builder.connect_array(segment.to.elements, self.after.signatures);
    }

    /// Statement 6.
    fn words_checked(&self, builder: &mut Builder, segment: &SegmentTarget) {
        let zero = builder.zero();
        let MachineWires { data, l1, .. } = self.after;
        let start: [&[Target]; 4] = [data, l1, &self.z, &[zero; 5]];
        let end: [&[Target]; 4] = [&[zero; DIGEST], &[zero; DIGEST], &self.z, &self.y];
        for (stated, cursor) in [(segment.from, start), (segment.to, end)] {
            let digest = hash_checked(builder, tag::CURSOR, &cursor.concat());
            builder.connect_hashes(stated, digest);
        }
    }

    /// Statements 7 and 9.
    fn ranges_checked(&self, builder: &mut Builder) {
        let ([data_words], [l1_words]) = (self.after.data_words, self.after.l1_words);
        for (count, limit) in [(data_words, DATA_WORDS_MAX), (l1_words, L1_WORDS_MAX)] {
            // Count and limit − count are both below 2^bits, so the subtraction does not wrap.
            let bits = limit.ilog2() as usize + 1;
            let limit = builder.constant(F::from_canonical_u32(limit));
            let left = builder.sub(limit, count);
            builder.range_check(count, bits);
            builder.range_check(left, bits);
        }
        let [y0, y1, y2, y3, y4] = self.y;
        for limb in self.z.into_iter().chain([y0, y1, y2, y3]) {
            builder.range_check(limb, LIMB_BITS);
        }
        builder.range_check(y4, TOP_LIMB_BITS);
        builder.range_check(self.after.timestamp[0], TIMESTAMP_BITS);
    }

    /// Statement 8, and the order of the public inputs.
    fn register(&self, builder: &mut Builder) {
        let Self { before, after, z, y } = self;
        let pre = before.state_checked(builder);
        let post = after.state_checked(builder);
        let chains = hash_checked(builder, tag::CHAINS, &[after.data, after.l1].concat());
        let digests = [pre, post, chains.elements];
        let parts: [&[Target]; 5] =
            [digests.as_flattened(), z, y, &after.timestamp, &after.l1_words];
        builder.register_public_inputs(&parts.concat());
        assert_eq!(builder.num_public_inputs(), PUBLIC_VALUES);
    }
}
