//! The PLONK identity at ζ.
//!
//! 1. For each of the challenges α: Σ αⁱ·termᵢ(ζ) = Z_H(ζ)·t(ζ), where the terms are, in plonky2's
//!    order, L₀·(Z − 1) for each challenge, the partial products of the permutation argument for
//!    each challenge, and the gate constraints. Gate term j is the sum, over all gates, of the
//!    gate's filter times its constraint j.
//! 2. ζ is not in the base field, so that no denominator here or in FRI is zero.

use plonky2::field::types::{Field, PrimeField64};

use super::builder::Builder;
use super::extension::Ext;
use super::gates::{Filter, GateInputs};
use super::goldilocks::{Element, GOLDILOCKS};
use super::proof_witness::Openings;
use super::verifier::{CHALLENGES, OuterVerifier};

/// The names of the identity's parts, one for each challenge α.
const IDENTITIES: [&str; CHALLENGES] =
    ["identity of the first alpha", "identity of the second", "identity of the third"];

/// Terms that are multiplied by precomputed powers between two Horner steps.
const FOLD_GROUP: usize = 16;
/// Bits of a term before the multiplication by a power of α; a longer term is reduced. The sum of
/// 16 products with a 64-bit power, and of the Horner step's product, stays below the bound.
const TERM_BITS: usize = 180;

/// The challenges that the identity uses.
pub(crate) struct PlonkChallenges {
    pub(crate) betas: Vec<Element>,
    pub(crate) gammas: Vec<Element>,
    pub(crate) alphas: Vec<Element>,
    pub(crate) zeta: Ext,
}

/// Powers α⁰ … α^16 of one challenge, reduced.
struct Powers(Vec<Element>);

impl Powers {
    fn new(builder: &mut Builder, alpha: &Element) -> Self {
        let mut powers = vec![Element::constant(1), alpha.clone()];
        while powers.len() <= FOLD_GROUP {
            let next = builder.mul(&powers[powers.len() - 1], alpha);
            powers.push(builder.reduce(&next));
        }
        Self(powers)
    }

    /// αⁿ, reduced.
    fn power(&self, builder: &mut Builder, exponent: usize) -> Element {
        let mut power = self.0[exponent % FOLD_GROUP].clone();
        for _ in 0..exponent / FOLD_GROUP {
            let next = builder.mul(&power, &self.0[FOLD_GROUP]);
            power = builder.reduce(&next);
        }
        power
    }

    /// Σ αⁱ·termᵢ, for terms of at most `TERM_BITS` bits.
    fn fold(&self, builder: &mut Builder, terms: &[Ext]) -> Ext {
        let mut sum = Ext::zero();
        for (index, group) in terms.chunks(FOLD_GROUP).rev().enumerate() {
            if index > 0 {
                let reduced = builder.ext_reduce(&sum);
                sum = builder.ext_mul_base(&reduced, &self.0[FOLD_GROUP]);
            }
            for (term, power) in group.iter().zip(&self.0) {
                sum = sum.plus(&builder.ext_mul_base(term, power));
            }
        }
        sum
    }
}

/// Σ αⁱ·termᵢ over all terms: first the permutation argument's terms, then the gates' constraints
/// times the gates' filters.
fn total(
    builder: &mut Builder,
    alpha: &Element,
    (terms, gates): (&[Ext], &[(Ext, Vec<Ext>)]),
) -> Ext {
    let powers = Powers::new(builder, alpha);
    let mut constraints = Ext::zero();
    for (filter, terms) in gates {
        let folded = powers.fold(builder, terms);
        let filtered = builder.ext_mul(&folded, filter);
        constraints = constraints.plus(&builder.ext_reduce(&filtered));
    }
    let offset = powers.power(builder, terms.len());
    let shifted = builder.ext_mul_base(&constraints, &offset);
    powers.fold(builder, terms).plus(&shifted)
}

/// t(ζ) from its parts, each of which is multiplied by a power of ζⁿ.
fn evaluate_quotient(builder: &mut Builder, parts: &[Ext], zeta_power: &Ext) -> Ext {
    let mut value = Ext::zero();
    for part in parts.iter().rev() {
        let product = builder.ext_mul(&value, zeta_power);
        value = builder.ext_reduce(&product).plus(part);
    }
    value
}

fn fit_terms(builder: &mut Builder, terms: &[Ext]) -> Vec<Ext> {
    terms.iter().map(|term| builder.ext_fit(term, TERM_BITS)).collect()
}

/// The inputs of both statements.
pub(crate) struct Identity<'a> {
    pub(crate) verifier: &'a OuterVerifier,
    pub(crate) openings: &'a Openings,
    pub(crate) public_inputs_hash: &'a [Element],
    pub(crate) challenges: &'a PlonkChallenges,
}

impl Identity<'_> {
    /// Enforces both statements of this file.
    pub(crate) fn enforce(&self, builder: &mut Builder) {
        let Self { verifier, openings, challenges, .. } = self;
        let zeta = &challenges.zeta;
        builder.within("zeta outside the base field", |builder| {
            assert_not_in_base_field(builder, zeta);
        });
        let zeta_power = builder.within("vanishing polynomial", |builder| {
            let mut power = zeta.clone();
            for _ in 0..verifier.degree_bits() {
                let square = builder.ext_mul(&power, &power);
                power = builder.ext_reduce(&square);
            }
            power
        });
        let z_h = zeta_power.minus_constant(1);

        let terms = builder.within("permutation argument", |builder| {
            let mut terms = self.boundary_terms(builder, &z_h);
            for repetition in 0..challenges.betas.len() {
                terms.extend(self.permutation_terms(builder, repetition));
            }
            fit_terms(builder, &terms)
        });
        let gates = self.gate_terms(builder);

        let quotients = openings.quotients.chunks(verifier.common.quotient_degree_factor);
        for ((alpha, quotient), part) in challenges.alphas.iter().zip(quotients).zip(IDENTITIES) {
            builder.within(part, |builder| {
                let total = total(builder, alpha, (&terms, &gates));
                let quotient = evaluate_quotient(builder, quotient, &zeta_power);
                let expected = builder.ext_mul(&quotient, &z_h);
                builder.ext_assert_equal(&total, &expected);
            });
        }
    }

    /// L₀(ζ)·(Z(ζ) − 1) for each challenge, with L₀(ζ) = Z_H(ζ) / (n·(ζ − 1)).
    fn boundary_terms(&self, builder: &mut Builder, z_h: &Ext) -> Vec<Ext> {
        let zeta = &self.challenges.zeta;
        let denominator = zeta.minus_constant(1).scaled(1 << self.verifier.degree_bits());
        let l_0 = builder.ext_divide_nonzero(z_h, &denominator);
        self.openings.zs.iter().map(|z| builder.ext_mul(&l_0, &z.minus_constant(1))).collect()
    }

    /// prev·Π(w + β·k·ζ + γ) − next·Π(w + β·σ + γ) for each chunk of routed wires.
    fn permutation_terms(&self, builder: &mut Builder, repetition: usize) -> Vec<Ext> {
        let Self { verifier, openings, challenges, .. } = self;
        let (beta, gamma) = (&challenges.betas[repetition], &challenges.gammas[repetition]);
        let common = &verifier.common;
        let partials = common.num_partial_products;
        let beta_zeta = builder.ext_mul_base(&challenges.zeta, beta);
        let beta_zeta = builder.ext_reduce(&beta_zeta);

        let own = &openings.partial_products[repetition * partials..][..partials];
        let mut accumulators = vec![&openings.zs[repetition]];
        accumulators.extend(own);
        accumulators.push(&openings.zs_next[repetition]);

        let routed = &openings.wires[..common.config.num_routed_wires];
        let chunk_size = common.quotient_degree_factor;
        let mut terms = Vec::with_capacity(accumulators.len() - 1);
        for (chunk, wires) in routed.chunks(chunk_size).enumerate() {
            let mut numerator = accumulators[chunk].clone();
            let mut denominator = accumulators[chunk + 1].clone();
            for (offset, wire) in wires.iter().enumerate() {
                let column = chunk * chunk_size + offset;
                let shift = common.k_is[column].to_canonical_u64();
                let factor = wire.plus(&beta_zeta.scaled(shift)).plus_base(gamma);
                numerator = builder.ext_mul(&numerator, &factor);

                let sigma = builder.ext_mul_base(&openings.sigmas[column], beta);
                let factor = wire.plus(&sigma).plus_base(gamma);
                denominator = builder.ext_mul(&denominator, &factor);
            }
            terms.push(numerator.minus(&denominator));
        }
        terms
    }

    /// Each gate's filter, reduced, and its constraints, of at most `TERM_BITS` bits.
    fn gate_terms(&self, builder: &mut Builder) -> Vec<(Ext, Vec<Ext>)> {
        let Self { verifier, openings, public_inputs_hash, .. } = self;
        let selectors = &verifier.common.selectors_info;
        let constants = &openings.constants[selectors.groups.len()..];
        let inputs = GateInputs { constants, wires: &openings.wires, public_inputs_hash };
        let mut terms = Vec::with_capacity(verifier.gates.len());
        for (row, gate) in verifier.gates.iter().enumerate() {
            let constraints =
                builder.within(gate.part(), |builder| gate.constraints(builder, &inputs));
            let selector = selectors.selector_indices[row];
            let group = selectors.groups[selector].clone();
            let filter = Filter { row, group, many_selectors: selectors.groups.len() > 1 };
            let filter = builder.within("gate filters", |builder| {
                let filter = filter.factor(builder, &openings.constants[selector]);
                builder.ext_reduce(&filter)
            });
            let constraints =
                builder.within(gate.part(), |builder| fit_terms(builder, &constraints));
            terms.push((filter, constraints));
        }
        terms
    }
}

/// Enforces ζ₁ ≠ 0 modulo p, with the inverse of ζ₁ as a hint.
fn assert_not_in_base_field(builder: &mut Builder, zeta: &Ext) {
    use plonky2::field::goldilocks_field::GoldilocksField;
    let high = &zeta.0[1];
    let inverse = GoldilocksField::from_canonical_u64(high.native())
        .try_inverse()
        .map_or(0, |inverse| inverse.to_canonical_u64());
    let inverse = builder.canonical(inverse);
    let product = builder.mul(high, &inverse);
    builder.assert_zero(&product.plus(&Element::constant(GOLDILOCKS - 1)));
}

#[cfg(test)]
mod tests {
    use ark_relations::gr1cs::ConstraintSystem;
    use plonky2::field::extension::FieldExtension;
    use plonky2::field::extension::quadratic::QuadraticExtension;
    use plonky2::field::goldilocks_field::GoldilocksField;

    use super::*;

    #[test]
    fn zeta_in_the_base_field_is_refused() {
        for (parts, expected) in [([5, 1], 0), ([0, GOLDILOCKS - 1], 0), ([5, 0], 1), ([0, 0], 1)] {
            let mut builder = Builder::new(ConstraintSystem::new_ref());
            let zeta = parts.map(GoldilocksField::from_canonical_u64);
            let zeta = builder.ext_canonical(&QuadraticExtension::from_basefield_array(zeta));
            assert_not_in_base_field(&mut builder, &zeta);
            assert_eq!(builder.finish().expect("no fault").len(), expected, "{parts:?}");
        }
    }
}
