//! Parameters of Poseidon over BN254 (Grassi et al., eprint 2019/458).
//!
//! Round constants and MDS matrix come from the Grain LFSR of the reference script
//! (`generate_parameters_grain.sage 1 0 254 t 8 R_P r`) and are the same as in circomlib. They are
//! rewritten so that a partial round costs O(t) multiplications (appendix B of the paper). The
//! first use generates the parameters; later uses find them in memory.

use std::sync::OnceLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};

/// Width of the permutation that hashes two digests into one.
pub const NODE_WIDTH: usize = 3;
/// Width of the permutation that hashes Merkle leaves and the transcript.
pub const SPONGE_WIDTH: usize = 9;
/// States that are permuted at once, side by side.
pub(crate) const LANES: usize = 8;
/// Full rounds before, and again after, the partial rounds.
pub(super) const HALF_FULL_ROUNDS: usize = 4;
/// Partial rounds at width 3, from circomlib's table for x⁵ at 128 bits.
const NODE_PARTIAL_ROUNDS: usize = 57;
/// Partial rounds at width 9, from the same table.
const SPONGE_PARTIAL_ROUNDS: usize = 63;
/// Bits of an element of the field.
const FIELD_BITS: usize = 254;

type Matrix<const T: usize> = [[Fr; T]; T];

/// `[[row₀, row₁…], [columnᵢ, I]]`: the matrix of one partial round after the rewriting.
#[derive(Clone, Debug)]
pub struct SparseMatrix<const T: usize> {
    /// The first row.
    pub row: [Fr; T],
    /// The first column, whose entry 0 repeats `row[0]`.
    pub column: [Fr; T],
}

/// The constants of one permutation of width `T`, in the order in which rounds use them.
#[derive(Clone, Debug)]
pub struct PoseidonParameters<const T: usize> {
    /// Constants of the first full rounds.
    pub first_constants: [[Fr; T]; HALF_FULL_ROUNDS],
    /// The single constant of each partial round, which is added to element 0.
    pub partial_constants: Vec<Fr>,
    /// Constants of the last full rounds.
    pub last_constants: [[Fr; T]; HALF_FULL_ROUNDS],
    /// The linear layer of every full round except the last one before the partial rounds.
    pub mds: Matrix<T>,
    /// The linear layer of the last full round before the partial rounds.
    pub before_partial: Matrix<T>,
    /// The linear layers of the partial rounds.
    pub sparse: Vec<SparseMatrix<T>>,
}

/// Parameters of the two-to-one compression.
pub fn node_parameters() -> &'static PoseidonParameters<NODE_WIDTH> {
    static CACHE: OnceLock<PoseidonParameters<NODE_WIDTH>> = OnceLock::new();
    CACHE.get_or_init(|| PoseidonParameters::generate(NODE_PARTIAL_ROUNDS))
}

/// Parameters of the sponge for Merkle leaves and transcript.
pub fn sponge_parameters() -> &'static PoseidonParameters<SPONGE_WIDTH> {
    static CACHE: OnceLock<PoseidonParameters<SPONGE_WIDTH>> = OnceLock::new();
    CACHE.get_or_init(|| PoseidonParameters::generate(SPONGE_PARTIAL_ROUNDS))
}

/// Round constants and matrix in the form of the paper.
struct PlainParameters<const T: usize> {
    constants: Vec<[Fr; T]>,
    mds: Matrix<T>,
}

impl<const T: usize> PlainParameters<T> {
    fn generate(partial_rounds: usize) -> Self {
        let mut grain = Grain::new(T, partial_rounds);
        let constants = (0..2 * HALF_FULL_ROUNDS + partial_rounds)
            .map(|_| std::array::from_fn(|_| grain.next_below_modulus()))
            .collect();
        Self { constants, mds: cauchy_matrix(&mut grain) }
    }
}

impl<const T: usize> PoseidonParameters<T> {
    fn generate(partial_rounds: usize) -> Self {
        let PlainParameters { mut constants, mds } = PlainParameters::<T>::generate(partial_rounds);
        let partial_end = HALF_FULL_ROUNDS + partial_rounds;

        // A partial S-box does not change elements 1 and higher, so their constants can be carried
        // through the matrix into the next round.
        let mut partial_constants = Vec::with_capacity(partial_rounds);
        for round in HALF_FULL_ROUNDS..partial_end {
            partial_constants.push(constants[round][0]);
            let mut rest = constants[round];
            rest[0] = Fr::ZERO;
            let carried = apply(&mds, &rest);
            for (next, carried) in constants[round + 1].iter_mut().zip(carried) {
                *next += carried;
            }
        }

        // M = S·D with D = diag(1, M̂). D commutes with the partial S-box, so it is multiplied into
        // the matrix of the round before. The last D becomes part of the matrix of the full round
        // before the partial rounds.
        let mut sparse = Vec::with_capacity(partial_rounds);
        let mut dense = mds;
        for _ in 0..partial_rounds {
            let (factor, remainder) = split_sparse(&dense);
            sparse.push(factor);
            dense = multiply(&remainder, &mds);
        }
        sparse.reverse();

        Self {
            first_constants: std::array::from_fn(|round| constants[round]),
            partial_constants,
            last_constants: std::array::from_fn(|round| constants[partial_end + round]),
            mds,
            before_partial: dense,
            sparse,
        }
    }
}

fn apply<const T: usize>(matrix: &Matrix<T>, vector: &[Fr; T]) -> [Fr; T] {
    std::array::from_fn(|i| Fr::sum_of_products(&matrix[i], vector))
}

fn multiply<const T: usize>(left: &Matrix<T>, right: &Matrix<T>) -> Matrix<T> {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..T).map(|k| left[i][k] * right[k][j]).sum()))
}

/// Splits `matrix = sparse · remainder`, where `remainder = diag(1, lower right block)`.
fn split_sparse<const T: usize>(matrix: &Matrix<T>) -> (SparseMatrix<T>, Matrix<T>) {
    let mut remainder = *matrix;
    for (i, row) in remainder.iter_mut().enumerate() {
        row[0] = Fr::ZERO;
        if i == 0 {
            *row = [Fr::ZERO; T];
            row[0] = Fr::ONE;
        }
    }
    let inverse = invert(&remainder);
    let row = std::array::from_fn(|j| (0..T).map(|k| matrix[0][k] * inverse[k][j]).sum());
    let column = std::array::from_fn(|i| matrix[i][0]);
    (SparseMatrix { row, column }, remainder)
}

/// Inverts by Gauss-Jordan elimination. Square blocks of an MDS matrix are regular.
fn invert<const T: usize>(matrix: &Matrix<T>) -> Matrix<T> {
    let mut left = *matrix;
    let mut right: Matrix<T> =
        std::array::from_fn(|i| std::array::from_fn(|j| Fr::from(u64::from(i == j))));
    for pivot in 0..T {
        let found = (pivot..T)
            .find(|&row| left[row][pivot] != Fr::ZERO)
            .expect("a square block of an MDS matrix is regular");
        left.swap(pivot, found);
        right.swap(pivot, found);
        let scale = left[pivot][pivot].inverse().expect("the pivot was chosen nonzero");
        for j in 0..T {
            left[pivot][j] *= scale;
            right[pivot][j] *= scale;
        }
        for row in (0..T).filter(|&row| row != pivot) {
            let factor = left[row][pivot];
            for j in 0..T {
                let (l, r) = (left[pivot][j], right[pivot][j]);
                left[row][j] -= factor * l;
                right[row][j] -= factor * r;
            }
        }
    }
    right
}

/// The Cauchy matrix `1 / (xᵢ + yⱼ)` from the next 2·T elements of the generator; draws again where
/// two elements are equal or a sum is zero.
fn cauchy_matrix<const T: usize>(grain: &mut Grain) -> Matrix<T> {
    loop {
        let points: Vec<Fr> = (0..2 * T).map(|_| grain.next_reduced()).collect();
        let distinct = (0..2 * T).all(|i| (0..i).all(|j| points[i] != points[j]));
        let regular = (0..T).all(|i| (T..2 * T).all(|j| points[i] + points[j] != Fr::ZERO));
        if distinct && regular {
            return std::array::from_fn(|i| {
                std::array::from_fn(|j| {
                    (points[i] + points[T + j]).inverse().expect("sums were checked nonzero")
                })
            });
        }
    }
}

/// The Grain LFSR in self-shrinking mode, as the Poseidon reference seeds it.
struct Grain {
    state: [bool; 80],
    position: usize,
}

impl Grain {
    /// Outputs that the reference discards before the first use.
    const WARM_UP: usize = 160;

    fn new(width: usize, partial_rounds: usize) -> Self {
        let fields = [
            (2, 1),
            (4, 0),
            (12, FIELD_BITS),
            (12, width),
            (10, 2 * HALF_FULL_ROUNDS),
            (10, partial_rounds),
            (30, (1 << 30) - 1),
        ];
        let mut state = [false; 80];
        let mut at = 0;
        for (bits, value) in fields {
            for bit in (0..bits).rev() {
                state[at] = value >> bit & 1 == 1;
                at += 1;
            }
        }
        let mut grain = Self { state, position: 0 };
        for _ in 0..Self::WARM_UP {
            grain.clock();
        }
        grain
    }

    fn clock(&mut self) -> bool {
        let tap = |offset: usize| self.state[(self.position + offset) % 80];
        let bit = tap(62) ^ tap(51) ^ tap(38) ^ tap(23) ^ tap(13) ^ tap(0);
        self.state[self.position] = bit;
        self.position = (self.position + 1) % 80;
        bit
    }

    fn next_bit(&mut self) -> bool {
        loop {
            let keep = self.clock();
            let bit = self.clock();
            if keep {
                return bit;
            }
        }
    }

    fn next_integer(&mut self) -> BigInt<4> {
        let mut limbs = [0u64; 4];
        for bit in (0..FIELD_BITS).rev() {
            limbs[bit / 64] |= u64::from(self.next_bit()) << (bit % 64);
        }
        BigInt::new(limbs)
    }

    /// Draws an element by rejection, as the reference draws round constants.
    fn next_below_modulus(&mut self) -> Fr {
        loop {
            if let Some(element) = Fr::from_bigint(self.next_integer()) {
                return element;
            }
        }
    }

    /// Draws an element by reduction, as the reference draws the points of the matrix. Two times
    /// the modulus exceeds 254 bits, so one subtraction is enough.
    fn next_reduced(&mut self) -> Fr {
        use ark_ff::BigInteger;
        let mut integer = self.next_integer();
        if integer >= Fr::MODULUS {
            integer.sub_with_borrow(&Fr::MODULUS);
        }
        Fr::from_bigint(integer).expect("the modulus was subtracted")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bn254::permute;

    fn power5(x: Fr) -> Fr {
        x.square().square() * x
    }

    fn plain_permute<const T: usize>(partial_rounds: usize, mut state: [Fr; T]) -> [Fr; T] {
        let PlainParameters { constants, mds } = PlainParameters::<T>::generate(partial_rounds);
        for (round, constants) in constants.iter().enumerate() {
            for (element, constant) in state.iter_mut().zip(constants) {
                *element += constant;
            }
            let partial = round >= HALF_FULL_ROUNDS && round < HALF_FULL_ROUNDS + partial_rounds;
            let active = if partial { 1 } else { T };
            for element in &mut state[..active] {
                *element = power5(*element);
            }
            state = apply(&mds, &state);
        }
        state
    }

    #[test]
    fn sparse_form_is_the_published_permutation() {
        let node = [Fr::from(0u64), Fr::from(1u64), Fr::from(2u64)];
        let mut sparse = node;
        permute(node_parameters(), &mut sparse);
        assert_eq!(sparse, plain_permute(NODE_PARTIAL_ROUNDS, node));

        let wide: [Fr; SPONGE_WIDTH] = std::array::from_fn(|i| Fr::from(i as u64 + 7));
        let mut sparse = wide;
        permute(sponge_parameters(), &mut sparse);
        assert_eq!(sparse, plain_permute(SPONGE_PARTIAL_ROUNDS, wide));
    }

    /// circomlib's `poseidon([1, 2])`.
    #[test]
    fn width_three_agrees_with_circomlib() {
        let expected: Fr =
            "7853200120776062878684798364095072458815029376092732009249414926327459813530"
                .parse()
                .expect("a decimal literal");
        assert_eq!(crate::bn254::compress(Fr::from(1u64), Fr::from(2u64)), expected);
    }

    /// circomlib's `poseidon([1, …, 8])`, which fixes the wide parameters as well.
    #[test]
    fn width_nine_agrees_with_circomlib() {
        let mut state: [Fr; SPONGE_WIDTH] = std::array::from_fn(|i| Fr::from(i as u64));
        permute(sponge_parameters(), &mut state);
        let expected: Fr =
            "18604317144381847857886385684060986177838410221561136253933256952257712543953"
                .parse()
                .expect("a decimal literal");
        assert_eq!(state[0], expected);
    }
}
