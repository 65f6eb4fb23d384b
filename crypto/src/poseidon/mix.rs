//! The linear layer of Poseidon: multiplication by plonky2's matrix, circulant plus one diagonal
//! entry, and the addition of the next round's constants.
//!
//! The circulant part is a product of polynomials modulo x^12 − 1 with small coefficients, so the
//! low and the high 32 bits of the state are multiplied apart, in integers, without reduction. The
//! modulus is (x^3 − 1)(x^3 + 1)(x^6 + 1), and modulo each factor the kernel's coefficients are
//! small powers of two, so shifts and additions are enough.

use super::WIDTH;
use crate::goldilocks::word::Word;

/// The matrix's first row. Each further row is the row above, rotated right by one place.
const CIRCULANT: [u64; WIDTH] = [17, 15, 41, 16, 2, 28, 13, 13, 39, 18, 34, 20];
/// The addition to the matrix's first entry.
const CORNER: u64 = 1 << CORNER_BITS;
pub(super) const CORNER_BITS: u32 = 3;

/// An entry of the matrix.
pub(super) const fn entry(row: usize, column: usize) -> u64 {
    let corner = if row == 0 && column == 0 { CORNER } else { 0 };
    CIRCULANT[(column + WIDTH - row) % WIDTH] + corner
}

/// state ← matrix·state + constants, for any 64-bit representatives.
#[inline(always)]
pub(super) fn mix<W: Word>(state: &mut [W; WIDTH], constants: &[u64; WIDTH]) {
    let (mut low, mut high) = (*state, *state);
    for i in 0..WIDTH {
        low[i] = state[i].low();
        high[i] = state[i].high();
    }
    let corner = [low[0], high[0]].map(W::shifted::<CORNER_BITS>);
    convolve(&mut low);
    convolve(&mut high);
    low[0] = low[0].plus(corner[0]);
    high[0] = high[0].plus(corner[1]);
    // Row sums are 264 at most, so both halves stay below 2^41.
    for i in 0..WIDTH {
        let low = low[i].plus(low[i].repeat(constants[i].low()));
        let high = high[i].plus(high[i].repeat(constants[i].high()));
        state[i] = W::joined(low, high);
    }
}

/// The circulant part, over the integers, for entries below 2^32. Intermediate values may be
/// negative, in two's complement; the results are not.
#[inline(always)]
fn convolve<W: Word>(v: &mut [W; WIDTH]) {
    *v = Residues::of(v).multiplied().joined();
}

/// A vector as a polynomial modulo each factor of x^12 − 1.
#[derive(Clone, Copy)]
pub(super) struct Residues<W> {
    /// Modulo x^3 − 1.
    even: [W; 3],
    /// Modulo x^3 + 1.
    odd: [W; 3],
    /// Modulo x^6 + 1.
    outer: [W; 6],
}

impl<W: Word> Residues<W> {
    #[inline(always)]
    pub(super) fn of(v: &[W; WIDTH]) -> Self {
        let (mut sum, mut outer) = ([v[0]; 6], [v[0]; 6]);
        for i in 0..6 {
            sum[i] = v[i].plus(v[i + 6]);
            outer[i] = v[i].minus(v[i + 6]);
        }
        let (mut even, mut odd) = ([v[0]; 3], [v[0]; 3]);
        for i in 0..3 {
            even[i] = sum[i].plus(sum[i + 3]);
            odd[i] = sum[i].minus(sum[i + 3]);
        }
        Self { even, odd, outer }
    }

    /// The product with the matrix's circulant part, without the factors (4, 4, 2) that `joined`
    /// would halve away again.
    #[inline(always)]
    pub(super) fn multiplied(self) -> Self {
        Self {
            even: modulo_cubic_minus(self.even),
            odd: modulo_cubic_plus(self.odd),
            outer: modulo_sextic_plus(self.outer),
        }
    }

    /// The product as a vector: the inverse of `of`, with the factors that `multiplied` leaves out.
    #[inline(always)]
    pub(super) fn joined(self) -> [W; WIDTH] {
        let Self { even, odd, outer } = self;
        let mut v = [even[0]; WIDTH];
        for i in 0..3 {
            let inner = [even[i].plus(odd[i]), even[i].minus(odd[i])];
            v[i] = inner[0].plus(outer[i]);
            v[i + 3] = inner[1].plus(outer[i + 3]);
            v[i + 6] = inner[0].minus(outer[i]);
            v[i + 9] = inner[1].minus(outer[i + 3]);
        }
        v
    }

    /// The first entry of the vector that `joined` returns for this product.
    #[inline(always)]
    pub(super) fn first(&self) -> W {
        self.even[0].plus(self.odd[0]).plus(self.outer[0])
    }

    /// The residues of the vector that `joined` returns for this product, with `change` added to
    /// its first entry.
    #[inline(always)]
    pub(super) fn continued(self, change: W) -> Self {
        let Self { mut even, mut odd, mut outer } = self;
        for i in 0..3 {
            even[i] = even[i].shifted::<2>();
            odd[i] = odd[i].shifted::<2>();
        }
        for residue in &mut outer {
            *residue = residue.shifted::<1>();
        }
        for first in [&mut even[0], &mut odd[0], &mut outer[0]] {
            *first = first.plus(change);
        }
        Self { even, odd, outer }
    }
}

/// Product with the kernel 16 + 32x + 16x² modulo x³ − 1: a quarter of the true product.
#[inline(always)]
fn modulo_cubic_minus<W: Word>([a, b, c]: [W; 3]) -> [W; 3] {
    let sum = a.plus(b).plus(c);
    [sum.plus(c).shifted::<4>(), sum.plus(a).shifted::<4>(), sum.plus(b).shifted::<4>()]
}

/// Product with the kernel −1 − 8x + 2x² modulo x³ + 1: a quarter of the true product.
#[inline(always)]
fn modulo_cubic_plus<W: Word>([a, b, c]: [W; 3]) -> [W; 3] {
    [
        c.shifted::<3>().minus(b.shifted::<1>()).minus(a),
        negated(a.shifted::<3>().plus(b).plus(c.shifted::<1>())),
        a.shifted::<1>().minus(b.shifted::<3>()).minus(c),
    ]
}

/// Product with the kernel 2 − 4x + 16x² + x³ − x⁴ − x⁵ modulo x⁶ + 1: half of the true product.
#[inline(always)]
fn modulo_sextic_plus<W: Word>([a, b, c, d, e, f]: [W; 6]) -> [W; 6] {
    /// one + 2·two − 4·four + 16·sixteen.
    #[inline(always)]
    fn combine<W: Word>(one: W, two: W, four: W, sixteen: W) -> W {
        let rest = one.plus(two.shifted::<1>()).minus(four.shifted::<2>());
        rest.plus(sixteen.shifted::<4>())
    }
    [
        combine(b.plus(c).minus(d), a, negated(f), negated(e)),
        combine(c.plus(d).minus(e), b, a, negated(f)),
        combine(d.plus(e).minus(f), c, b, a),
        combine(a.plus(e).plus(f), d, c, b),
        combine(b.minus(a).plus(f), e, d, c),
        combine(c.minus(a).minus(b), f, e, d),
    ]
}

#[inline(always)]
fn negated<W: Word>(value: W) -> W {
    value.repeat(0).minus(value)
}
