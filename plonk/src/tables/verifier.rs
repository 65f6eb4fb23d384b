//! The verifier of a proof over tables.

use plonky2::batch_fri::verifier::verify_batch_fri_proof;
use plonky2::field::types::Field;
use plonky2::fri::FriChallenger;
use plonky2::fri::structure::FriOpenings;
use plonky2::hash::poseidon::PoseidonHash;

use super::combination::{Extension, Sums, fingerprint};
use super::evaluate::Powers;
use super::proof::{OpenedTable, TablesProof};
use super::quotient::{joined, quotient_at};
use super::rules::Direction;
use super::shape::{COLUMNS, QUOTIENTS, SUMS, Table, Tables};
use super::statement::Message;
use super::sums::mean;
use crate::error::Error;
use crate::proof::{C, D, F};

impl Tables {
    /// Verifies that there are rows that satisfy the rules of all tables, and whose messages
    /// balance with `messages`, those of the verifier.
    ///
    /// # Errors
    /// [`Error::TablesShape`] when the proof has other lists than proofs over these tables;
    /// [`Error::Unbalanced`] when messages do not balance; [`Error::Row`] when a constraint does
    /// not hold; [`Error::Refused`] when FRI refuses the openings; [`Error::OpeningPoint`] when the
    /// point of the openings is a row.
    pub fn verify(&self, messages: &[Message<F>], proof: &TablesProof) -> Result<(), Error> {
        self.check_shape(proof)?;
        let TablesProof { caps, totals, openings, fri } = proof;
        let mut transcript = self.start(messages);
        transcript.observe_cap::<PoseidonHash>(&caps[COLUMNS]);
        let mut powers = self.powers(&mut transcript);
        transcript.observe_cap::<PoseidonHash>(&caps[SUMS]);
        transcript.observe_extension_elements::<D>(totals);
        self.weigh(&mut powers, &mut transcript);
        transcript.observe_cap::<PoseidonHash>(&caps[QUOTIENTS]);
        let points = self.points(transcript.get_extension_challenge::<D>())?;

        if totals.iter().copied().sum::<Extension>() + balance(messages, &powers) != Extension::ZERO
        {
            return Err(Error::Unbalanced);
        }
        let mut totals = totals.iter();
        for ((group, opened), points) in self.groups().iter().zip(openings).zip(&points) {
            for (table, opened) in group.tables.iter().zip(opened.by_table(group)) {
                let total = totals.next().expect("a total for each table");
                if !holds(table, &opened, *total, (points.here, &powers)) {
                    return Err(Error::Row { table: table.rules.name() });
                }
            }
        }

        let openings: Vec<FriOpenings<F, D>> =
            openings.iter().map(|opened| opened.for_fri()).collect();
        for opened in &openings {
            transcript.observe_openings(opened);
        }
        let challenges = transcript.fri_challenges::<C, D>(
            &fri.commit_phase_merkle_caps,
            &fri.final_poly,
            fri.pow_witness,
            self.params.degree_bits,
            &self.params.config,
            None,
            None,
        );
        verify_batch_fri_proof::<F, C, D>(
            &self.heights(),
            &self.instances(&points),
            &openings,
            &challenges,
            caps,
            fri,
            &self.params,
        )
        .map_err(|reason| Error::Refused { reason })
    }

    /// Checks the lengths of all lists that this verifier reads; FRI checks those of its own.
    fn check_shape(&self, proof: &TablesProof) -> Result<(), Error> {
        let groups = self.groups();
        let roots = 1 << self.params.config.cap_height;
        let opened = proof.openings.iter().zip(&groups).all(|(opened, group)| {
            let here: usize = group.polynomials().iter().sum();
            opened.here.len() == here && opened.next.len() == D * group.tables.len()
        });
        let right = proof.totals.len() == self.tables().len()
            && proof.openings.len() == groups.len()
            && proof.caps.iter().all(|cap| cap.0.len() == roots)
            && opened;
        if right { Ok(()) } else { Err(Error::TablesShape) }
    }
}

/// The sum of the quotients of the verifier's messages.
fn balance(messages: &[Message<F>], powers: &Powers<Extension>) -> Extension {
    let quotient = |message: &Message<F>| {
        let found: Extension = fingerprint(powers, message.bus.element(), &message.fields);
        match message.direction {
            Direction::Send => found.inverse(),
            Direction::Receive => -found.inverse(),
        }
    };
    messages.iter().map(quotient).sum()
}

/// Whether the sum of a table's constraints is the quotient times the polynomial that is zero on
/// all rows.
fn holds(
    table: &Table,
    opened: &OpenedTable<'_, Extension>,
    total: Extension,
    (point, powers): (Extension, &Powers<Extension>),
) -> bool {
    let (sums, _) = opened.sums.as_chunks::<D>();
    let sums: Vec<Extension> = sums.iter().map(|pair| joined(*pair)).collect();
    let [helpers @ .., sum] = &sums[..] else { unreachable!("a table has a sum") };
    let next_sum = joined(core::array::from_fn(|i| opened.next_sum[i]));
    let sums = Sums { helpers, sum: *sum, next_sum, mean: mean(table, total) };
    let constraints = table.rules.at(opened.columns, powers, sums);
    let to_height = point.exp_power_of_2(table.height_bits);
    constraints == (to_height - Extension::ONE) * quotient_at(opened.quotient, to_height)
}
