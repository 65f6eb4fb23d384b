//! FRI as constraints: the opened values belong to polynomials of low degree.
//!
//! For each query index:
//! 1. The leaves of the four oracles open under their caps at the index.
//! 2. The leaves less the openings, combined by α and divided by x − ζ and x − g·ζ, give the value
//!    of the first codeword.
//! 3. At each step the value is the opened evaluation, of 16, that the index names. The 16
//!    evaluations open under the step's cap, and their interpolation at β is the next value.
//! 4. The last value is the final polynomial's.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, PrimeField64};

use super::builder::{Builder, Linear};
use super::extension::Ext;
use super::goldilocks::{Element, REDUCED_BITS};
use super::merkle::{MerkleOpening, assert_opens, select_entry};
use super::proof_witness::{FriStep, Openings, Query};
use super::query_point::QueryPoint;
use super::verifier::{ARITY, ARITY_BITS, CHALLENGES, OuterVerifier};

/// The name of the part that computes the first codeword's values from the leaves.
pub(crate) const COMBINATION: &str = "FRI combination";
/// The name of the part that computes the domain points of a query's index.
const POINTS: &str = "FRI points";

/// The number of groups in which leaf values are combined, with a Horner step between groups.
const COMBINE_GROUPS: usize = 4;
/// Coefficients of a low-degree polynomial that one Horner step takes, with precomputed powers.
const EVALUATION_GROUP: usize = 4;

/// The challenges that all queries share.
pub(crate) struct FriChallenges {
    pub(crate) alpha: Ext,
    pub(crate) betas: Vec<Ext>,
    pub(crate) zeta: Ext,
}

/// The caps under which the leaves of every query open.
pub(crate) struct FriCaps {
    /// The caps of constants and sigmas, wires, Z and partial products, and quotient.
    pub(crate) oracles: Vec<Vec<Linear>>,
    /// The cap of each step.
    pub(crate) steps: Vec<Vec<Linear>>,
}

/// The parts of statement 2 that do not depend on the query.
pub(crate) struct Combiner {
    /// α⁰ … α^group, reduced, where a group is a `COMBINE_GROUPS`-th of the openings at ζ.
    powers: Vec<Ext>,
    /// α to the number of polynomials opened at g·ζ, by which the openings at ζ are apart.
    shift: Ext,
    /// Σ αⁱ·(opening at ζ), and the same at g·ζ.
    opened: [Ext; 2],
    /// ζ and g·ζ.
    points: [Ext; 2],
}

impl Combiner {
    pub(crate) fn new(
        builder: &mut Builder,
        verifier: &OuterVerifier,
        openings: &Openings,
        challenges: &FriChallenges,
    ) -> Self {
        let at_zeta = openings.at_zeta();
        let group = at_zeta.len().div_ceil(COMBINE_GROUPS);
        let mut powers = vec![Ext::constant(1), challenges.alpha.clone()];
        while powers.len() <= group {
            let next = builder.ext_mul(&powers[powers.len() - 1], &challenges.alpha);
            powers.push(builder.ext_reduce(&next));
        }
        let opened = [&at_zeta, &openings.zs_next].map(|values| {
            let sum = combine(builder, &powers, values.len(), |builder, i, power| {
                builder.ext_mul(&values[i], power)
            });
            builder.ext_reduce(&sum)
        });
        let generator =
            GoldilocksField::primitive_root_of_unity(verifier.degree_bits()).to_canonical_u64();
        let next = builder.ext_reduce(&challenges.zeta.scaled(generator));
        Self {
            shift: powers[CHALLENGES].clone(),
            powers,
            opened,
            points: [challenges.zeta.clone(), next],
        }
    }

    /// The value of the first codeword at x, from the four leaves.
    fn evaluate(&self, builder: &mut Builder, x: &Element, leaves: &[MerkleOpening]) -> Ext {
        let all: Vec<&Element> = leaves.iter().flat_map(|opening| &opening.leaf).collect();
        // The polynomials opened at g·ζ are the third oracle's first columns, one a challenge.
        let next = &leaves[2].leaf[..CHALLENGES];
        let first = combine(builder, &self.powers, all.len(), |builder, i, power| {
            builder.ext_mul_base(power, all[i])
        });
        let second = combine(builder, &self.powers, next.len(), |builder, i, power| {
            builder.ext_mul_base(power, &next[i])
        });
        let [first, second] = [(first, 0), (second, 1)].map(|(sum, batch)| {
            let numerator = sum.minus(&self.opened[batch]);
            let denominator = Ext::from_base(x.clone()).minus(&self.points[batch]);
            builder.ext_divide_nonzero(&numerator, &denominator)
        });
        builder.ext_mul(&first, &self.shift).plus(&second)
    }
}

/// Σ αⁱ·valueᵢ over `count` values, where `product` multiplies value i by the power of α that
/// `combine` passes.
fn combine(
    builder: &mut Builder,
    powers: &[Ext],
    count: usize,
    mut product: impl FnMut(&mut Builder, usize, &Ext) -> Ext,
) -> Ext {
    let group = powers.len() - 1;
    let mut sum = Ext::zero();
    for start in (0..count).step_by(group).rev() {
        if start + group < count {
            let reduced = builder.ext_reduce(&sum);
            sum = builder.ext_mul(&reduced, &powers[group]);
        }
        for i in start..count.min(start + group) {
            sum = sum.plus(&product(builder, i, &powers[i - start]));
        }
    }
    sum
}

/// Enforces the four statements for one query.
pub(crate) fn assert_query(
    builder: &mut Builder,
    (query, final_poly): (&Query, &[Ext]),
    index_bits: &[Linear],
    (combiner, challenges, caps): (&Combiner, &FriChallenges, &FriCaps),
) {
    for (opening, cap) in query.oracles.iter().zip(&caps.oracles) {
        assert_opens(builder, opening, index_bits, cap);
    }
    let (point, x) = builder.within(POINTS, |builder| {
        let point = QueryPoint::new(builder, index_bits);
        let x = point.coordinate(builder);
        (point, x)
    });
    let mut value =
        builder.within(COMBINATION, |builder| combiner.evaluate(builder, &x, &query.oracles));

    for (i, (step, beta)) in query.steps.iter().zip(&challenges.betas).enumerate() {
        let FriStep { evaluations, siblings } = step;
        let (within, coset_bits) = index_bits[i * ARITY_BITS..].split_at(ARITY_BITS);
        builder.within("FRI folds", |builder| assert_named(builder, evaluations, within, &value));

        let leaf = evaluations.iter().flat_map(|e| e.0.iter().cloned()).collect();
        let opening = MerkleOpening { leaf, siblings: siblings.clone() };
        assert_opens(builder, &opening, coset_bits, &caps.steps[i]);

        let inverse =
            builder.within(POINTS, |builder| point.inverse_of_coset_start(builder, i + 1));
        value = builder.within("FRI interpolation", |builder| {
            interpolate(builder, evaluations, beta, &inverse)
        });
    }
    let x = builder.within(POINTS, |builder| point.after_steps(builder, query.steps.len()));
    builder.within("final polynomial", |builder| {
        let expected = evaluate_at_base(builder, final_poly, &x);
        builder.ext_assert_equal(&value, &expected);
    });
}

/// Enforces that the value is the evaluation at the index with these bits.
fn assert_named(builder: &mut Builder, evaluations: &[Ext], bits: &[Linear], value: &Ext) {
    let named = [0, 1].map(|part| {
        let entries: Vec<Linear> = evaluations.iter().map(|e| e.0[part].linear().clone()).collect();
        Element::from_bounded(select_entry(builder, bits, &entries), REDUCED_BITS)
    });
    builder.ext_assert_equal(value, &Ext(named));
}

/// The value at β of the polynomial of degree below 16 with the given evaluations on the coset of
/// `start`, in bit-reversed order. With P(start·wⁱ) = eᵢ and aₖ = Σ eᵢ·w^(−ik) / 16,
/// P(β) = Σ aₖ·(β/start)ᵏ; the aₖ are linear in the evaluations.
fn interpolate(
    builder: &mut Builder,
    evaluations: &[Ext],
    beta: &Ext,
    start_inverse: &Element,
) -> Ext {
    let inverse_root = GoldilocksField::primitive_root_of_unity(ARITY_BITS).inverse();
    let scale = GoldilocksField::from_canonical_usize(ARITY).inverse();
    let coefficients: Vec<Ext> = (0..ARITY)
        .map(|k| {
            let mut sum = Ext::zero();
            for (position, evaluation) in evaluations.iter().enumerate() {
                let natural = position.reverse_bits() >> (usize::BITS as usize - ARITY_BITS);
                let weight = scale * inverse_root.exp_u64((natural * k) as u64);
                sum.add_scaled(weight.to_canonical_u64(), evaluation);
            }
            sum
        })
        .collect();
    let ratio = builder.ext_mul_base(beta, start_inverse);
    let ratio = builder.ext_reduce(&ratio);
    let mut powers = vec![Ext::constant(1), ratio.clone()];
    while powers.len() <= EVALUATION_GROUP {
        let next = builder.ext_mul(&powers[powers.len() - 1], &ratio);
        powers.push(builder.ext_reduce(&next));
    }
    combine(builder, &powers, ARITY, |builder, i, power| builder.ext_mul(&coefficients[i], power))
}

/// The value at x of the polynomial with the given coefficients, the lowest first.
fn evaluate_at_base(builder: &mut Builder, coefficients: &[Ext], x: &Element) -> Ext {
    let mut powers = vec![Element::constant(1), x.clone()];
    while powers.len() <= EVALUATION_GROUP {
        let next = builder.mul(&powers[powers.len() - 1], x);
        powers.push(builder.reduce(&next));
    }
    let mut sum = Ext::zero();
    for (index, group) in coefficients.chunks(EVALUATION_GROUP).rev().enumerate() {
        if index > 0 {
            let reduced = builder.ext_reduce(&sum);
            sum = builder.ext_mul_base(&reduced, &powers[EVALUATION_GROUP]);
        }
        for (coefficient, power) in group.iter().zip(&powers) {
            sum = sum.plus(&builder.ext_mul_base(coefficient, power));
        }
    }
    sum
}
