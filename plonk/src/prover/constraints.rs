//! The quotient at some points of its domain, eight points side by side: the sum of all
//! constraints, each weighed by a power of a challenge, divided by the polynomial that is zero on
//! all rows.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::plonk::vars::EvaluationVarsBaseBatch;
use sheaf_crypto::goldilocks::simd::{self, Kernel, LANES, Vector};

use super::permutation::{Factors, part_products};
use super::{Challenges, Config, Proving};
use crate::proof::{F, Shape};

/// The number of points at which constraints are evaluated together.
pub(super) const POINTS: usize = 32;
/// The number of groups of eight points.
const EIGHTS: usize = POINTS / LANES;

/// The value that plonky2 gives a selector on a row whose gate belongs to another selector.
const UNUSED_SELECTOR: u64 = u32::MAX as u64;

/// The challenges that combine the constraints, and the hash that some gates compare.
pub(super) struct Combination {
    pub challenges: Challenges,
    pub alphas: Vec<F>,
    pub public_inputs_hash: HashOut<F>,
}

/// One sum for each point, in groups of eight.
type Sums = [[u64; LANES]; EIGHTS];

/// Values of columns at the points of a task: all values of the first column, then all values of
/// the next column.
pub(super) struct Columns(pub Vec<F>);

/// The points of a task and the values of the committed polynomials at those points.
pub(super) struct Task {
    /// The points themselves.
    pub xs: Columns,
    /// The polynomial that is one on the first row and zero on the other rows.
    pub first_row: Columns,
    /// The inverses of the polynomial that is zero on all rows.
    pub inverses: Columns,
    pub fixed: Columns,
    pub wires: Columns,
    pub products: Columns,
    /// The Zs at the points of the next rows.
    pub next_zs: Columns,
}

/// For each repetition the powers of α that weigh the constraints. The first powers belong to the
/// permutation argument, the others to the gates.
pub(super) struct Weights {
    permutation: Vec<Vec<u64>>,
    gates: Vec<Vec<u64>>,
}

impl<C: Config> Proving<'_, C> {
    /// The weights of all constraints.
    pub(super) fn weights(&self, alphas: &[F]) -> Weights {
        // Each Z starts with one, and each product follows from the product before it.
        let of_permutation = alphas.len() * (1 + self.parts());
        let count = of_permutation + self.shape.num_gate_constraints;
        let powers = alphas.iter().map(|alpha| {
            let mut powers: Vec<u64> = alpha.powers().take(count).map(|power| power.0).collect();
            let gates = powers.split_off(of_permutation);
            (powers, gates)
        });
        let (permutation, gates) = powers.unzip();
        Weights { permutation, gates }
    }

    /// The quotient of each repetition at the points of a task.
    pub(super) fn constraints_at(
        &self,
        task: &Task,
        combination: &Combination,
        weights: &Weights,
    ) -> Vec<[F; POINTS]> {
        let mut sums = vec![Sums::default(); combination.alphas.len()];
        let challenges = &combination.challenges;
        let (shape, weights_of_permutation) = (self.shape, &weights.permutation);
        simd::run(Permutation {
            shape,
            parts: self.parts(),
            task,
            challenges,
            weights: weights_of_permutation,
            sums: &mut sums,
        });
        let (constants, wires) = (shape.num_constants * POINTS, &task.wires.0);
        let (constants, hash) = (&task.fixed.0[..constants], &combination.public_inputs_hash);
        let mut variables = EvaluationVarsBaseBatch::new(POINTS, constants, wires, hash);
        let selectors = &shape.selectors_info;
        variables.remove_prefix(selectors.num_selectors() + shape.num_lookup_selectors);
        let unused = (selectors.num_selectors() > 1).then_some(UNUSED_SELECTOR);
        for (index, gate) in shape.gates.iter().enumerate() {
            let selector = selectors.selector_indices[index];
            let others = selectors.groups[selector].clone().filter(|other| *other != index);
            let constraints = Columns(gate.0.eval_unfiltered_base_batch(variables));
            simd::run(Gate {
                constraints: &constraints,
                selector: (&task.fixed, selector),
                others: &others.map(|other| other as u64).chain(unused).collect::<Vec<_>>(),
                weights: &weights.gates,
                sums: &mut sums,
            });
        }
        sums.into_iter()
            .map(|sums| simd::run(Division { sums, inverses: &task.inverses }))
            .collect()
    }
}

impl Columns {
    #[inline(always)]
    fn at<V: Vector>(&self, column: usize, eight: usize, zero: V) -> V {
        let (eights, _) = self.0.as_chunks::<LANES>();
        zero.of(eights[column * EIGHTS + eight].map(|value| value.0))
    }
}

/// Adds the permutation argument's constraints to the sums, in plonky2's order.
struct Permutation<'a> {
    shape: &'a Shape,
    parts: usize,
    task: &'a Task,
    challenges: &'a Challenges,
    weights: &'a [Vec<u64>],
    sums: &'a mut [Sums],
}

impl Kernel for Permutation<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, zero: V) {
        let Self { shape, parts, task, challenges, weights, sums } = self;
        let Challenges { betas, gammas } = challenges;
        let Task { wires, fixed, products, next_zs, .. } = task;
        let (repetitions, sigmas) = (betas.len(), shape.sigmas_range().start);
        for eight in 0..EIGHTS {
            let [x, first_row] =
                [&task.xs, &task.first_row].map(|column| column.at(0, eight, zero));
            let mut term = repetitions;
            for (repetition, (beta, gamma)) in betas.iter().zip(gammas).enumerate() {
                let mut before = products.at(repetition, eight, zero);
                let start = first_row.times(before.difference(zero.repeat(1)));
                add(sums, (weights, repetition), eight, start);
                let [beta, gamma] = [beta, gamma].map(|challenge| zero.repeat(challenge.0));
                let factors = Factors { shifted_x: beta.times(x), beta, gamma };
                let first = repetitions + repetition * (parts - 1);
                for part in 0..parts {
                    let after = if part + 1 < parts {
                        products.at(first + part, eight, zero)
                    } else {
                        next_zs.at(repetition, eight, zero)
                    };
                    let wire = |wire: usize| {
                        [wires.at(wire, eight, zero), fixed.at(sigmas + wire, eight, zero)]
                    };
                    let [above, below] = part_products(shape, part, wire, factors);
                    let step = before.times(above).difference(after.times(below));
                    add(sums, (weights, term), eight, step);
                    before = after;
                    term += 1;
                }
            }
        }
    }
}

/// Adds one constraint, with the weight at its `place` among all constraints, to the sums of eight
/// points.
#[inline(always)]
fn add<V: Vector>(
    sums: &mut [Sums],
    (weights, place): (&[Vec<u64>], usize),
    eight: usize,
    constraint: V,
) {
    for (sums, weights) in sums.iter_mut().zip(weights) {
        let weighed = constraint.times(constraint.repeat(weights[place]));
        sums[eight] = constraint.of(sums[eight]).sum(weighed).words();
    }
}

/// Adds a gate's constraints to the sums, times a filter that is zero on the rows of all other
/// gates: on each row the selector is the number of the row's gate.
struct Gate<'a> {
    constraints: &'a Columns,
    /// The constants and the selector's place among them.
    selector: (&'a Columns, usize),
    /// The other values that the selector can have.
    others: &'a [u64],
    weights: &'a [Vec<u64>],
    sums: &'a mut [Sums],
}

impl Kernel for Gate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, zero: V) {
        let Self { constraints, selector: (constants, selector), others, weights, sums } = self;
        let count = constraints.0.len() / POINTS;
        for eight in 0..EIGHTS {
            let selector = constants.at(selector, eight, zero);
            let mut filter = zero.repeat(1);
            for other in others {
                filter = filter.times(zero.repeat(*other).difference(selector));
            }
            for (sums, weights) in sums.iter_mut().zip(weights) {
                let mut sum = zero;
                for (index, weight) in weights[..count].iter().enumerate() {
                    let constraint = constraints.at(index, eight, zero);
                    sum = sum.sum(constraint.times(zero.repeat(*weight)));
                }
                sums[eight] = zero.of(sums[eight]).sum(filter.times(sum)).words();
            }
        }
    }
}

/// Divides the sums by the polynomial that is zero on all rows.
struct Division<'a> {
    sums: Sums,
    inverses: &'a Columns,
}

impl Kernel for Division<'_> {
    type Output = [F; POINTS];

    #[inline(always)]
    fn run<V: Vector>(self, zero: V) -> Self::Output {
        let Self { mut sums, inverses } = self;
        for (eight, sums) in sums.iter_mut().enumerate() {
            *sums = zero.of(*sums).times(inverses.at(0, eight, zero)).words();
        }
        core::array::from_fn(|point| GoldilocksField(sums[point / LANES][point % LANES]))
    }
}
