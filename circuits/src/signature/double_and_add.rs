//! One row of the ladder: 64·A plus three digits of a variable base and three of the generator.
//!
//! For points A, B and 3B of `E[n]` other than zero (see `curve`), the row proves:
//!
//! 1. The challenge digit is c₀ + 4c₁ + 16c₂ with each cᵢ in 0 … 3.
//! 2. Each of the generator digits d₀, d₁, d₂ is one of ±1, ±3, … ±63.
//! 3. The result is 64·A + Σ (2cᵢ − 3)·4ⁱ·B + (d₀·2^252 + d₁·2^126 + d₂)·G, and no intermediate
//!    sum is zero.
//!
//! The prover chooses the generator digits freely. The integer to which they add up is the discrete
//! logarithm of a point, so only its residue modulo n matters. The digits of a row are packed into
//! one number, so that a prover sets one wire for a row.
//!
//! In an addition of a multiple of the generator, the sum's x has wires of its own. All other
//! coordinates are expressions in the slopes, whose degree does not grow from one window to the
//! next: x = μ² − λ² + x_Q and y = μ(x_P − x) − y_P.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, PrimeField64};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::quintic::Fe5;
use sheaf_plonk::gates::range_check::check_limbs;
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::value::{Apart, Known, Value};
use sheaf_plonk::gates::wires::wires;

use crate::signature::curve::{Affine, NativePoint, add_into, double, double_and_add};
use crate::signature::generator_table::{DIGIT_BITS, GeneratorTable, tables};
use crate::signature::quintic::{Quintic, flat, known, quintics, to_known};

/// Bits of the challenge that a row of the ladder consumes: one digit.
pub const CHALLENGE_BITS: usize = 2 * WINDOWS;
/// Windows of the challenge, of two bits each, that a row of the ladder consumes.
pub const WINDOWS: usize = 3;

const HALF: GoldilocksField = GoldilocksField(Fe::from_u64(2).inverse().canonical());
const SIXTH: GoldilocksField = GoldilocksField(Fe::from_u64(6).inverse().canonical());

/// A row of the ladder.
#[derive(Clone, Copy, Debug, Default)]
pub struct DoubleAndAddRow;

wires! {
    /// The inputs of a row of the ladder.
    LadderStep {
        /// The x of A.
        x: 5,
        /// The y of A.
        y: 5,
        /// The x of B.
        base_x: 5,
        /// The y of B.
        base_y: 5,
        /// The x of 3B.
        triple_x: 5,
        /// The y of 3B.
        triple_y: 5,
        /// The challenge digit, c₀ + 4c₁ + 16c₂.
        challenge_digit: 1,
        /// The three generator digits packed into 18 bits, d₀'s lowest.
        generator_digits: 1,
    }
}

wires! {
    /// The y of a ladder row's result; its x is the hint `x`.
    LadderSum {
        /// The y of the result.
        y: 5,
    }
}

wires! {
    /// The prover's choices for a row of the ladder, which the rules check. The circuit connects
    /// the first two fields, so these must lie in routed columns.
    LadderHints {
        /// The x of the result.
        x: 5,
        /// The windows c₀, c₁, c₂.
        windows: 3,
        /// The digits d₀, d₁, d₂, each as five bits of an index, lowest first, then the sign.
        generator_bits: 18,
        /// The x of the sums after the additions for d₀ and d₁.
        sums: 10,
        /// The slopes of the additions for d₀, d₁ and d₂.
        generator_slopes: 15,
        /// Three slopes for each window, c₂'s first: that of the doubling, then the two of
        /// `double_and_add`.
        window_slopes: 45,
    }
}

/// The point of a window: −3B, −B, B or 3B for 0, 1, 2 or 3. x is of degree 3, y of degree 4.
#[inline(always)]
fn select_multiple<V: Value>(window: V, base: Affine<V>, triple: Affine<V>) -> Affine<V> {
    let minus_three = GoldilocksField::ZERO - GoldilocksField(3);
    // t = c² − 3c is 0 for c = 0 and 3, and −2 for c = 1 and 2; d = 2c − 3.
    let folded = window.mul_plus(window, minus_three, window);
    let digit = (window + window).plus(minus_three);
    let is_triple = folded.times(HALF).plus(GoldilocksField::ONE);
    let base_factor = (folded * digit).times(GoldilocksField::ZERO - HALF);
    let triple_factor = (folded.plus(GoldilocksField::TWO) * digit).times(SIXTH);
    Affine {
        x: (triple.x - base.x).scale(is_triple) + base.x,
        y: base.y.scale(base_factor) + triple.y.scale(triple_factor),
    }
}

/// The `i`-th element of the extension in a run of coefficients.
#[inline(always)]
fn coefficients<V: Copy>(run: &[V], i: usize) -> Quintic<V> {
    Quintic([run[5 * i], run[5 * i + 1], run[5 * i + 2], run[5 * i + 3], run[5 * i + 4]])
}

/// A + d·G for the digit with the number `i`.
#[inline(always)]
fn add_multiple<V: Value>(
    point: Affine<V>,
    i: usize,
    hints: &LadderHints<V>,
    check: &mut impl FnMut(V),
) -> Affine<V> {
    let LadderHints { x, generator_bits, sums, generator_slopes, .. } = hints;
    let (digits, _) = generator_bits.as_chunks::<DIGIT_BITS>();
    let x = if i < 2 { coefficients(sums, i) } else { Quintic(*x) };
    let mut inputs = [x.0[0]; 26];
    let (digit, elements) = inputs.split_at_mut(DIGIT_BITS);
    digit.copy_from_slice(&digits[i]);
    let of_point: [V; 20] = flat(&[point.x, point.y, coefficients(generator_slopes, i), x]);
    elements.copy_from_slice(&of_point);
    let found: [V; 20] = V::apart(AddMultiple { table: &tables()[i] }, &inputs);
    let (zeros, y) = found.split_at(15);
    for zero in zeros {
        check(*zero);
    }
    let [y] = quintics(y);
    Affine { x, y }
}

/// A + d·G from the digit d, A, the slope and the sum's x: fifteen values that must be zero, then
/// the y.
#[derive(Clone, Copy)]
struct AddMultiple {
    table: &'static GeneratorTable,
}

impl Apart<26, 20> for AddMultiple {
    #[inline(always)]
    fn run<V: Value>(self, inputs: &[V; 26]) -> [V; 20] {
        let [d0, d1, d2, d3, d4, d5, elements @ ..] = inputs;
        let [x, y, slope, sum_x] = quintics(elements);
        let multiple = self.table.select([*d0, *d1, *d2, *d3, *d4, *d5]);
        let ([chord, sum, coefficient], point) =
            add_into(Affine { x, y }, multiple, [slope, sum_x]);
        flat(&[chord, sum, coefficient, point.y])
    }
}

/// The point of a window, which the caller checks to be in range: −3B, −B, B or 3B.
#[inline(always)]
pub fn multiple_of_window<V: Value>(window: V, [base, triple]: [Affine<V>; 2]) -> Affine<V> {
    let mut inputs = [window; 21];
    inputs[1..].copy_from_slice(&flat::<V, 20>(&[base.x, base.y, triple.x, triple.y]));
    let [x, y] = quintics(&V::apart(SelectMultiple, &inputs));
    Affine { x, y }
}

/// The point of a window, from the window, B and 3B: x and y.
#[derive(Clone, Copy)]
struct SelectMultiple;

impl Apart<21, 10> for SelectMultiple {
    #[inline(always)]
    fn run<V: Value>(self, inputs: &[V; 21]) -> [V; 10] {
        let [window, elements @ ..] = inputs;
        let [base_x, base_y, triple_x, triple_y] = quintics(elements);
        let (base, triple) = (Affine { x: base_x, y: base_y }, Affine { x: triple_x, y: triple_y });
        let Affine { x, y } = select_multiple(*window, base, triple);
        flat(&[x, y])
    }
}

impl RowRules for DoubleAndAddRow {
    const NAME: &'static str = "DoubleAndAdd";
    const STAGES: &'static [usize] = &[32];
    type Inputs<V: Copy> = LadderStep<V>;
    type Outputs<V: Copy> = LadderSum<V>;
    type Hints<V: Copy> = LadderHints<V>;

    fn hints(inputs: &LadderStep<Known>) -> LadderHints<Known> {
        let LadderStep { x, y, base_x, base_y, triple_x, triple_y, .. } = *inputs;
        let LadderStep { challenge_digit, generator_digits, .. } = *inputs;
        let point = |x, y| NativePoint { x: known(x), y: known(y) };
        let number = |value: Known| value.0.unwrap_or_default().to_canonical_u64() as usize;
        let [challenge, generator] =
            [challenge_digit, generator_digits].map(|[digit]| number(digit));
        let trace = LadderTrace::new(Ladder {
            accumulator: point(x, y),
            base: point(base_x, base_y),
            triple: point(triple_x, triple_y),
            windows: core::array::from_fn(|i| challenge >> (2 * i) & 3),
            digits: core::array::from_fn(|i| generator >> (DIGIT_BITS * i) & 63),
        });
        let integer = |value: usize| Known(Some(GoldilocksField::from_canonical_usize(value)));
        LadderHints {
            x: to_known(trace.sums[2]),
            windows: core::array::from_fn(|i| integer(challenge >> (2 * i) & 3)),
            generator_bits: core::array::from_fn(|i| integer(generator >> i & 1)),
            sums: flatten(&trace.sums[..2]),
            generator_slopes: flatten(&trace.generator_slopes),
            window_slopes: flatten(&trace.window_slopes),
        }
    }

    #[inline(always)]
    fn evaluate<V: Value>(
        inputs: &LadderStep<V>,
        hints: &LadderHints<V>,
        check: &mut impl FnMut(V),
    ) -> LadderSum<V> {
        let LadderStep { x, y, base_x, base_y, triple_x, triple_y, .. } = *inputs;
        let LadderStep { challenge_digit, generator_digits, .. } = *inputs;
        let LadderHints { windows, generator_bits, window_slopes, .. } = hints;

        // Statement 1.
        let challenge = check_limbs(windows, check);
        check(challenge - challenge_digit[0]);
        // Statement 2.
        for &bit in generator_bits {
            check(bit.mul_plus(bit, GoldilocksField::NEG_ONE, bit));
        }
        check(sum_of_bits(generator_bits) - generator_digits[0]);

        // Statement 3.
        let affine = |x, y| Affine { x: Quintic(x), y: Quintic(y) };
        let multiples = [affine(base_x, base_y), affine(triple_x, triple_y)];
        let mut point = affine(x, y);
        point = add_multiple(point, 0, hints, check);
        for (i, &window) in windows.iter().rev().enumerate() {
            if i == 1 {
                point = add_multiple(point, 1, hints, check);
            }
            point = double(point, coefficients(window_slopes, 3 * i), check);
            let multiple = multiple_of_window(window, multiples);
            let first = coefficients(window_slopes, 3 * i + 1);
            let second = coefficients(window_slopes, 3 * i + 2);
            point = double_and_add(point, multiple, [first, second], check);
        }
        let point = add_multiple(point, 2, hints, check);
        LadderSum { y: point.y.0 }
    }
}

/// The number whose bits are `bits`, lowest first.
#[inline(always)]
fn sum_of_bits<V: Value>(bits: &[V]) -> V {
    let (highest, lower) = bits.split_last().expect("a number has bits");
    let mut sum = *highest;
    for &bit in lower.iter().rev() {
        sum = sum.times_plus(GoldilocksField::TWO, bit);
    }
    sum
}

/// Elements of the extension as one run of coefficients.
fn flatten<const N: usize>(elements: &[Fe5]) -> [Known; N] {
    core::array::from_fn(|i| to_known(elements[i / 5])[i % 5])
}

/// A row's inputs as the prover computes with them.
struct Ladder {
    accumulator: NativePoint,
    base: NativePoint,
    triple: NativePoint,
    /// c₀, c₁, c₂.
    windows: [usize; WINDOWS],
    /// d₀, d₁, d₂.
    digits: [usize; 3],
}

/// The hints that follow from a row's inputs: the x of each sum with a multiple of the generator,
/// and all slopes.
struct LadderTrace {
    sums: [Fe5; 3],
    generator_slopes: [Fe5; 3],
    window_slopes: [Fe5; 3 * WINDOWS],
}

impl LadderTrace {
    fn new(ladder: Ladder) -> Self {
        let Ladder { accumulator, base, triple, windows, digits } = ladder;
        let mut trace = Self {
            sums: [Fe5::ZERO; 3],
            generator_slopes: [Fe5::ZERO; 3],
            window_slopes: [Fe5::ZERO; 3 * WINDOWS],
        };
        let mut point = trace.add_multiple(accumulator, 0, digits[0]);
        for (i, window) in windows.into_iter().rev().enumerate() {
            if i == 1 {
                point = trace.add_multiple(point, 1, digits[1]);
            }
            let doubling = point.tangent();
            point = point.add_by(point, doubling);
            let multiple = base.window_multiple(triple, window);
            let (sum, [first, second]) = point.double_and_add(multiple);
            trace.window_slopes[3 * i..3 * i + 3].copy_from_slice(&[doubling, first, second]);
            point = sum;
        }
        trace.add_multiple(point, 2, digits[2]);
        trace
    }

    fn add_multiple(&mut self, point: NativePoint, i: usize, digit: usize) -> NativePoint {
        let multiple = tables()[i].point(digit);
        let slope = point.slope(multiple);
        let sum = point.add_by(multiple, slope);
        self.generator_slopes[i] = slope;
        self.sums[i] = sum.x;
        sum
    }
}
