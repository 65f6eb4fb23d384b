//! The permutation over eight states in registers. Partial rounds are computed three at a time: the
//! results of their S-boxes are added to elements 1 and higher once, after three rounds. Until then
//! the later rounds' sums for element 0 include these results directly. This saves two of three
//! reductions of the other elements.

use ark_bn254::Fr;
use pulp::NullaryFnOnce;

use super::eight::Ifma;
use super::lane_sum::{Constant, Eight, Sum};
use super::parameters::{HALF_FULL_ROUNDS, LANES, PoseidonParameters, SparseMatrix};

/// Partial rounds that are computed together; both widths have a multiple of this number.
const TOGETHER: usize = 3;

type Rows<const T: usize> = [[Constant; T]; T];

/// The parameters of one width in the form of the lanes.
#[derive(Debug)]
pub(super) struct LaneParameters<const T: usize> {
    first_constants: [[Constant; T]; HALF_FULL_ROUNDS],
    last_constants: [[Constant; T]; HALF_FULL_ROUNDS],
    mds: Rows<T>,
    before_partial: Rows<T>,
    partial: Vec<PartialRounds<T>>,
}

/// Constants of three partial rounds.
#[derive(Debug)]
struct PartialRounds<const T: usize> {
    rounds: [PartialRound<T>; TOGETHER],
    /// For each element, its coefficient of each S-box. The coefficients of element 0 are not used.
    columns: [[Constant; TOGETHER]; T],
}

/// Constants of one of three partial rounds. The next element 0 is the sum of the round's S-box and
/// of the other elements as they were before the three rounds, weighed by `row`, plus the sum of
/// the earlier S-boxes of the three rounds, weighed by `earlier`.
#[derive(Debug)]
struct PartialRound<const T: usize> {
    constant: Constant,
    row: [Constant; T],
    earlier: Vec<Constant>,
}

impl<const T: usize> From<&PoseidonParameters<T>> for LaneParameters<T> {
    fn from(parameters: &PoseidonParameters<T>) -> Self {
        let rows = |matrix: &[[Fr; T]; T]| matrix.map(|row| row.map(Constant::from));
        let constants = |rounds: &[[Fr; T]; HALF_FULL_ROUNDS]| {
            rounds.map(|constants| constants.map(Constant::from))
        };
        let (matrices, rest) = parameters.sparse.as_chunks::<TOGETHER>();
        assert!(rest.is_empty(), "both widths have a multiple of three partial rounds");
        let (added, _) = parameters.partial_constants.as_chunks::<TOGETHER>();
        Self {
            first_constants: constants(&parameters.first_constants),
            last_constants: constants(&parameters.last_constants),
            mds: rows(&parameters.mds),
            before_partial: rows(&parameters.before_partial),
            partial: matrices.iter().zip(added).map(PartialRounds::from).collect(),
        }
    }
}

impl<const T: usize> From<(&[SparseMatrix<T>; TOGETHER], &[Fr; TOGETHER])> for PartialRounds<T> {
    fn from((matrices, constants): (&[SparseMatrix<T>; TOGETHER], &[Fr; TOGETHER])) -> Self {
        let round = |round: usize| {
            let row = matrices[round].row;
            // The weight with which an earlier S-box, added to the other elements, enters this
            // row's sum.
            let through = |matrix: &SparseMatrix<T>| -> Fr {
                row[1..].iter().zip(&matrix.column[1..]).map(|(a, b)| *a * b).sum()
            };
            PartialRound {
                constant: constants[round].into(),
                row: row.map(Constant::from),
                earlier: matrices[..round].iter().map(|m| through(m).into()).collect(),
            }
        };
        Self {
            rounds: core::array::from_fn(round),
            columns: core::array::from_fn(|i| {
                core::array::from_fn(|round| matrices[round].column[i].into())
            }),
        }
    }
}

/// Eight states to permute.
pub(super) struct Permutation<'a, const T: usize> {
    pub simd: Ifma,
    pub parameters: &'a LaneParameters<T>,
    pub states: &'a mut [[Fr; T]; LANES],
}

impl<const T: usize> NullaryFnOnce for Permutation<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { simd, parameters, states } = self;
        let LaneParameters { mds, before_partial, .. } = parameters;
        let mut state = [mds[0][0].in_all_lanes(simd); T];
        for (i, eight) in state.iter_mut().enumerate() {
            *eight = Eight::of_elements(simd, states.map(|state| state[i]));
        }
        for (round, constants) in parameters.first_constants.iter().enumerate() {
            let last = round == HALF_FULL_ROUNDS - 1;
            full_round(&mut state, constants, if last { before_partial } else { mds });
        }
        for rounds in &parameters.partial {
            partial_rounds(&mut state, rounds);
        }
        for constants in &parameters.last_constants {
            full_round(&mut state, constants, mds);
        }
        for (i, eight) in state.into_iter().enumerate() {
            let elements = eight.elements();
            states.iter_mut().zip(elements).for_each(|(state, element)| state[i] = element);
        }
    }
}

#[inline(always)]
fn fifth_power(element: Eight) -> Eight {
    let square = element.times(element);
    square.times(square).times(element)
}

/// For elements below 26·r the powers are below 1.7·r, and the dot products of the powers are below
/// 1.2·r.
#[inline(always)]
fn full_round<const T: usize>(state: &mut [Eight; T], constants: &[Constant; T], matrix: &Rows<T>) {
    for (element, constant) in state.iter_mut().zip(constants) {
        *element = fifth_power(element.plus(constant.in_all_lanes(element.simd)));
    }
    let powers = *state;
    for (element, row) in state.iter_mut().zip(matrix) {
        *element = dot_product(Sum::zero(element.simd), row, &powers).reduced();
    }
}

/// Element 0 stays below 4·r, and its powers stay below 1.1·r. In three rounds each other element
/// grows by less than 1.1·r, so that it is below 25·r after at most 21 times three rounds.
#[inline(always)]
fn partial_rounds<const T: usize>(state: &mut [Eight; T], rounds: &PartialRounds<T>) {
    let simd = state[0].simd;
    let mut powers = [state[0]; TOGETHER];
    for (round, PartialRound { constant, row, earlier }) in rounds.rounds.iter().enumerate() {
        state[0] = fifth_power(state[0].plus(constant.in_all_lanes(simd)));
        powers[round] = state[0];
        let sum = dot_product(Sum::zero(simd), row, state);
        state[0] = dot_product(sum, earlier, &powers).reduced();
    }
    for (element, column) in state.iter_mut().zip(&rounds.columns).skip(1) {
        *element = dot_product(Sum::starting_with(*element), column, &powers).reduced();
    }
}

/// `sum` + Σ cᵢ·eᵢ, over as many terms as there are constants.
#[inline(always)]
fn dot_product(mut sum: Sum, constants: &[Constant], elements: &[Eight]) -> Sum {
    for (constant, element) in constants.iter().zip(elements) {
        sum = sum.plus_product(*element, constant.in_all_lanes(element.simd));
    }
    sum
}
