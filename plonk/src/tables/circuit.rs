//! The verifier of a proof over tables as constraints.
//!
//! 1. The sums of all tables and the quotients of the circuit's messages add up to zero.
//! 2. For each table, the sum of the constraints at the drawn point is the quotient times the
//!    polynomial that is zero on all rows.
//! 3. The opened values are those of polynomials whose values the commitments have: plonky2's batch
//!    FRI verifies.
//! 4. All challenges follow from the messages before them; tables and buses are constants.

use core::cell::RefCell;

use plonky2::field::extension::FieldExtension;
use plonky2::field::types::Field;
use plonky2::fri::proof::FriProofTarget;
use plonky2::fri::structure::{
    FriBatchInfoTarget, FriInstanceInfoTarget, FriOpeningBatchTarget, FriOpeningsTarget,
};
use plonky2::fri::witness_util::set_fri_proof_target;
use plonky2::hash::hash_types::MerkleCapTarget;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::iop::challenger::RecursiveChallenger;
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};

use super::combination::{Extension, Sums, fingerprint};
use super::evaluate::Powers;
use super::proof::{Opened, OpenedTable, TablesProof};
use super::rules::Direction;
use super::shape::{COLUMNS, Group, ORACLES, QUOTIENTS, SUMS, Table, Tables};
use super::statement::MessageTarget;
use crate::error::Error;
use crate::gates::value::{Expression, Value};
use crate::proof::{Builder, C, D, F};

type Challenger = RecursiveChallenger<F, PoseidonHash, D>;
type Element = ExtensionTarget<D>;

/// A proof over tables as the witness of a circuit.
#[derive(Clone, Debug)]
pub struct TablesProofTarget {
    caps: [MerkleCapTarget; ORACLES],
    totals: Vec<Element>,
    openings: Vec<Opened<Element>>,
    fri: FriProofTarget<D>,
}

impl TablesProofTarget {
    /// Gives the targets the values of a proof.
    ///
    /// # Errors
    /// [`Error::Witness`] when a target has another value already.
    ///
    /// # Panics
    /// When the proof is not over the tables of the circuit.
    pub fn assign(
        &self,
        witness: &mut PartialWitness<F>,
        proof: &TablesProof,
    ) -> Result<(), Error> {
        let mut set = || {
            for (target, cap) in self.caps.iter().zip(&proof.caps) {
                witness.set_cap_target(target, cap)?;
            }
            witness.set_extension_targets(&self.totals, &proof.totals)?;
            for (targets, opened) in self.openings.iter().zip(&proof.openings) {
                witness.set_extension_targets(&targets.here, &opened.here)?;
                witness.set_extension_targets(&targets.next, &opened.next)?;
            }
            set_fri_proof_target(witness, &self.fri, &proof.fri)
        };
        set().map_err(|reason| Error::Witness { reason })
    }
}

impl Tables {
    /// Adds a proof over the tables to a circuit and constrains it to verify, with the `messages`
    /// that the circuit exchanges with the tables.
    pub fn verify_checked(
        &self,
        builder: &mut Builder,
        messages: &[MessageTarget],
    ) -> TablesProofTarget {
        let proof = self.add_proof(builder);
        let mut challenger = Challenger::new(builder);
        let digest = builder.constant_hash(self.digest(messages));
        challenger.observe_elements(&digest.elements);
        for message in messages {
            challenger.observe_elements(&message.fields);
        }
        challenger.observe_cap(&proof.caps[COLUMNS]);
        let gamma = challenger.get_extension_challenge(builder);
        let beta = challenger.get_extension_challenge(builder);
        challenger.observe_cap(&proof.caps[SUMS]);
        challenger.observe_extension_elements(&proof.totals);
        let alpha = challenger.get_extension_challenge(builder);
        challenger.observe_cap(&proof.caps[QUOTIENTS]);
        let point = challenger.get_extension_challenge(builder);

        let betas = powers_of(builder, beta, self.fields() + 1).split_off(1);
        let alphas = powers_of(builder, alpha, self.constraints());
        {
            let builder = RefCell::new(&mut *builder);
            let expression = |target: Element| Expression { builder: &builder, target };
            let of = |targets: &[Element]| targets.iter().copied().map(expression).collect();
            let powers =
                Powers { gamma: expression(gamma), betas: of(&betas), alphas: of(&alphas) };
            self.check_balance(&powers, &proof.totals, messages);
            self.check_rows(&powers, &proof, expression(point));
        }
        self.check_openings(builder, &mut challenger, &proof, point);
        proof
    }

    fn add_proof(&self, builder: &mut Builder) -> TablesProofTarget {
        let cap_height = self.params.config.cap_height;
        let groups = self.groups();
        let elements = |builder: &mut Builder, count| builder.add_virtual_extension_targets(count);
        let openings = groups.iter().map(|group| Opened {
            here: elements(builder, group.polynomials().iter().sum()),
            next: elements(builder, D * group.tables.len()),
        });
        let openings = openings.collect();
        let polynomials = groups.iter().map(Group::polynomials);
        let leaves = polynomials
            .fold([0; ORACLES], |sum, of| core::array::from_fn(|oracle| sum[oracle] + of[oracle]));
        TablesProofTarget {
            caps: core::array::from_fn(|_| builder.add_virtual_cap(cap_height)),
            totals: elements(builder, self.tables().len()),
            openings,
            fri: builder.add_virtual_fri_proof(&leaves, &self.params),
        }
    }

    /// Statement 1.
    fn check_balance(
        &self,
        powers: &Powers<Expression<'_, '_>>,
        totals: &[Element],
        messages: &[MessageTarget],
    ) {
        let builder = powers.gamma.builder;
        let mut sum = builder.borrow_mut().zero_extension();
        for total in totals {
            sum = builder.borrow_mut().add_extension(sum, *total);
        }
        for message in messages {
            let fields: Vec<_> = message
                .fields
                .iter()
                .map(|field| Expression {
                    builder,
                    target: builder.borrow_mut().convert_to_ext(*field),
                })
                .collect();
            let bus = powers.gamma.constant(message.bus.element());
            let found: Expression<'_, '_> = fingerprint(powers, bus, &fields);
            let mut builder = builder.borrow_mut();
            let one = builder.constant_extension(match message.direction {
                Direction::Send => Extension::ONE,
                Direction::Receive => -Extension::ONE,
            });
            sum = builder.div_add_extension(one, found.target, sum);
        }
        let mut builder = builder.borrow_mut();
        let zero = builder.zero_extension();
        builder.connect_extension(sum, zero);
    }

    /// Statement 2.
    fn check_rows<'a, 'b>(
        &self,
        powers: &Powers<Expression<'a, 'b>>,
        proof: &TablesProofTarget,
        point: Expression<'a, 'b>,
    ) {
        let mut totals = proof.totals.iter();
        for (group, opened) in self.groups().iter().zip(&proof.openings) {
            let to_height = {
                let mut builder = point.builder.borrow_mut();
                builder.exp_power_of_2_extension(point.target, group.height_bits)
            };
            let to_height = Expression { target: to_height, ..point };
            for (table, opened) in group.tables.iter().zip(opened.by_table(group)) {
                let total = totals.next().expect("a total for each table");
                let total = Expression { target: *total, ..point };
                check_table(table, &opened, (total, to_height), powers);
            }
        }
    }

    /// Statement 3.
    fn check_openings(
        &self,
        builder: &mut Builder,
        challenger: &mut Challenger,
        proof: &TablesProofTarget,
        point: Element,
    ) {
        let batch = |values: &Vec<Element>| FriOpeningBatchTarget { values: values.clone() };
        let openings = proof.openings.iter().map(|opened| FriOpeningsTarget {
            batches: vec![batch(&opened.here), batch(&opened.next)],
        });
        let openings: Vec<_> = openings.collect();
        for opened in &openings {
            challenger.observe_openings(opened);
        }
        let instances: Vec<_> = self
            .groups()
            .iter()
            .map(|group| {
                let generator = F::primitive_root_of_unity(group.height_bits);
                let next = builder.mul_const_extension(generator, point);
                FriInstanceInfoTarget {
                    oracles: group.oracles(),
                    batches: vec![
                        FriBatchInfoTarget { point, openings: group.here() },
                        FriBatchInfoTarget { point: next, openings: group.next() },
                    ],
                }
            })
            .collect();
        let fri = &proof.fri;
        let challenges = challenger.fri_challenges(
            builder,
            &fri.commit_phase_merkle_caps,
            &fri.final_poly,
            fri.pow_witness,
            &self.params.config,
        );
        builder.verify_batch_fri_proof::<C>(
            &self.heights(),
            &instances,
            &openings,
            &challenges,
            &proof.caps,
            fri,
            &self.params,
        );
    }
}

/// 1, x, x², …
fn powers_of(builder: &mut Builder, base: Element, count: usize) -> Vec<Element> {
    let mut powers = vec![builder.one_extension()];
    while powers.len() < count {
        powers.push(builder.mul_extension(powers[powers.len() - 1], base));
    }
    powers
}

/// Statement 2 for one table.
fn check_table<'a, 'b>(
    table: &Table,
    opened: &OpenedTable<'_, Element>,
    (total, to_height): (Expression<'a, 'b>, Expression<'a, 'b>),
    powers: &Powers<Expression<'a, 'b>>,
) {
    let of = |target: Element| Expression { target, ..total };
    let builder = total.builder;
    let generator = Extension::from_basefield_array([F::ZERO, F::ONE]);
    let generator = of(builder.borrow_mut().constant_extension(generator));
    let joined = |pair: &[Element; D]| of(pair[1]).mul_add(generator, of(pair[0]));
    let (sums, _) = opened.sums.as_chunks::<D>();
    let sums: Vec<_> = sums.iter().map(joined).collect();
    let [helpers @ .., sum] = &sums[..] else { unreachable!("a table has a sum") };
    let next_sum = joined(&core::array::from_fn(|i| opened.next_sum[i]));
    let mean = total.times(F::inverse_2exp(table.height_bits));
    let sums = Sums { helpers, sum: *sum, next_sum, mean };
    let row: Vec<_> = opened.columns.iter().map(|target| of(*target)).collect();
    let constraints = table.rules.in_circuit(&row, powers, sums);

    let (parts, _) = opened.quotient.as_chunks::<D>();
    let [rest @ .., last] = parts else { unreachable!("a quotient has a part") };
    let quotient =
        rest.iter().rev().fold(joined(last), |sum, part| sum.mul_add(to_height, joined(part)));
    let zero_on_rows = to_height.plus(-F::ONE);
    let product = quotient * zero_on_rows;
    builder.borrow_mut().connect_extension(constraints.target, product.target);
}
