//! The linear layer of Poseidon: multiplication by plonky2's matrix, circulant plus one diagonal
//! entry, and the addition of the next round's constants.
//!
//! The circulant part is a product of polynomials modulo x^12 − 1 with small coefficients, so the
//! low and the high 32 bits of the state are multiplied apart, in integers, without reduction.
//! x^12 − 1 = (x^3 − 1)(x^3 + 1)(x^6 + 1), and modulo each factor the kernel's coefficients are
//! small powers of two: shifts and additions are all it takes.

use super::WIDTH;
use crate::goldilocks::{EPSILON, reduce_split};

/// The matrix's first row; each further row is the one above, turned right by one place.
const CIRCULANT: [u64; WIDTH] = [17, 15, 41, 16, 2, 28, 13, 13, 39, 18, 34, 20];
/// What is added to the matrix's first entry.
const CORNER: u64 = 8;

/// An entry of the matrix.
pub(super) const fn entry(row: usize, column: usize) -> u64 {
    let corner = if row == 0 && column == 0 { CORNER } else { 0 };
    CIRCULANT[(column + WIDTH - row) % WIDTH] + corner
}

/// state ← matrix·state + constants, for any 64-bit representatives.
#[inline(always)]
pub(super) fn mix(state: &mut [u64; WIDTH], constants: &[u64; WIDTH]) {
    let (mut low, mut high) = ([0; WIDTH], [0; WIDTH]);
    for i in 0..WIDTH {
        low[i] = state[i] & EPSILON;
        high[i] = state[i] >> 32;
    }
    let corner = [low[0].wrapping_mul(CORNER), high[0].wrapping_mul(CORNER)];
    convolve(&mut low);
    convolve(&mut high);
    low[0] = low[0].wrapping_add(corner[0]);
    high[0] = high[0].wrapping_add(corner[1]);
    // Row sums are 264 at most, so both halves stay below 2^41.
    for i in 0..WIDTH {
        let low = low[i].wrapping_add(constants[i] & EPSILON);
        let high = high[i].wrapping_add(constants[i] >> 32);
        state[i] = reduce_split(low, high);
    }
}

/// The circulant part, over the integers, for entries below 2^32. Intermediate values may be
/// negative, in two's complement; the results are not.
#[inline(always)]
fn convolve(v: &mut [u64; WIDTH]) {
    let (mut sum, mut difference) = ([0; 6], [0; 6]);
    for i in 0..6 {
        sum[i] = v[i].wrapping_add(v[i + 6]);
        difference[i] = v[i].wrapping_sub(v[i + 6]);
    }
    let (mut even, mut odd) = ([0; 3], [0; 3]);
    for i in 0..3 {
        even[i] = sum[i].wrapping_add(sum[i + 3]);
        odd[i] = sum[i].wrapping_sub(sum[i + 3]);
    }
    let even = modulo_cubic_minus(even);
    let odd = modulo_cubic_plus(odd);
    let outer = modulo_sextic_plus(difference);
    // The halvings of the Chinese remainder theorem are already taken out of the kernels.
    for i in 0..3 {
        let inner = [even[i].wrapping_add(odd[i]), even[i].wrapping_sub(odd[i])];
        v[i] = inner[0].wrapping_add(outer[i]);
        v[i + 3] = inner[1].wrapping_add(outer[i + 3]);
        v[i + 6] = inner[0].wrapping_sub(outer[i]);
        v[i + 9] = inner[1].wrapping_sub(outer[i + 3]);
    }
}

/// Product with the kernel 16 + 32x + 16x² modulo x³ − 1: a quarter of the true one.
#[inline(always)]
fn modulo_cubic_minus([a, b, c]: [u64; 3]) -> [u64; 3] {
    let sum = a.wrapping_add(b).wrapping_add(c);
    [sum.wrapping_add(c) << 4, sum.wrapping_add(a) << 4, sum.wrapping_add(b) << 4]
}

/// Product with the kernel −1 − 8x + 2x² modulo x³ + 1: a quarter of the true one.
#[inline(always)]
fn modulo_cubic_plus([a, b, c]: [u64; 3]) -> [u64; 3] {
    [
        (c << 3).wrapping_sub(b << 1).wrapping_sub(a),
        0u64.wrapping_sub(a << 3).wrapping_sub(b).wrapping_sub(c << 1),
        (a << 1).wrapping_sub(b << 3).wrapping_sub(c),
    ]
}

/// Product with the kernel 2 − 4x + 16x² + x³ − x⁴ − x⁵ modulo x⁶ + 1: half of the true one.
#[inline(always)]
fn modulo_sextic_plus([a, b, c, d, e, f]: [u64; 6]) -> [u64; 6] {
    /// one + 2·two − 4·four + 16·sixteen.
    #[inline(always)]
    fn combine(one: u64, two: u64, four: u64, sixteen: u64) -> u64 {
        one.wrapping_add(two << 1).wrapping_sub(four << 2).wrapping_add(sixteen << 4)
    }
    let minus = |x: u64| 0u64.wrapping_sub(x);
    [
        combine(b.wrapping_add(c).wrapping_sub(d), a, minus(f), minus(e)),
        combine(c.wrapping_add(d).wrapping_sub(e), b, a, minus(f)),
        combine(d.wrapping_add(e).wrapping_sub(f), c, b, a),
        combine(a.wrapping_add(e).wrapping_add(f), d, c, b),
        combine(b.wrapping_sub(a).wrapping_add(f), e, d, c),
        combine(c.wrapping_sub(a).wrapping_sub(b), f, e, d),
    ]
}
