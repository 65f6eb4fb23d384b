//! Points of both groups, eight side by side: their form in memory and their coordinates.

use core::arch::x86_64::__m512i;

use ark_bn254::{Fq, FqConfig, g1, g2};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField};

use crate::bn254::{Eight, Ifma, LANES};

/// Two integers of 256 bits: a cache line.
pub(super) type Row = [u64; 2 * 4];

/// Eight elements of a field of coordinates. The functions have the bounds of [`Eight`], except
/// that `times` takes a left factor below 8p and a right factor below 2p.
pub(super) trait Coordinates: Copy {
    type Element: Field;

    fn one(simd: Ifma) -> Self;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn reduced(self) -> Self;
    fn or_where(self, mask: u8, other: Self) -> Self;
    fn elements(self) -> [Self::Element; LANES];
    fn of_elements(simd: Ifma, elements: [Self::Element; LANES]) -> Self;
}

impl Coordinates for Eight<FqConfig> {
    type Element = Fq;

    #[inline(always)]
    fn one(simd: Ifma) -> Self {
        Self::one(simd)
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.plus(other)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.minus(other)
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        self.times(other)
    }

    #[inline(always)]
    fn reduced(self) -> Self {
        self.reduced()
    }

    #[inline(always)]
    fn or_where(self, mask: u8, other: Self) -> Self {
        self.or_where(mask, other)
    }

    #[inline(always)]
    fn elements(self) -> [Fq; LANES] {
        self.elements()
    }

    #[inline(always)]
    fn of_elements(simd: Ifma, elements: [Fq; LANES]) -> Self {
        Self::of_elements(simd, elements)
    }
}

/// Eight elements c0 + c1·u with u² = −1.
#[derive(Clone, Copy)]
pub(super) struct Quadratic {
    c0: Eight<FqConfig>,
    c1: Eight<FqConfig>,
}

impl Coordinates for Quadratic {
    type Element = ark_bn254::Fq2;

    #[inline(always)]
    fn one(simd: Ifma) -> Self {
        let one = Eight::one(simd);
        Self { c0: one, c1: one.minus(one).reduced() }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self { c0: self.c0.plus(other.c0), c1: self.c1.plus(other.c1) }
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self { c0: self.c0.minus(other.c0), c1: self.c1.minus(other.c1) }
    }

    /// Karatsuba's product. The sum of the left factor's parts is below 16p, and the sum of the
    /// right factor's parts is below 4p.
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        let low = self.c0.times(other.c0);
        let high = self.c1.times(other.c1);
        let cross = self.c0.plus(self.c1).times(other.c0.plus(other.c1));
        Self { c0: low.minus(high).reduced(), c1: cross.minus(low.plus(high)).reduced() }
    }

    #[inline(always)]
    fn reduced(self) -> Self {
        Self { c0: self.c0.reduced(), c1: self.c1.reduced() }
    }

    #[inline(always)]
    fn or_where(self, mask: u8, other: Self) -> Self {
        Self { c0: self.c0.or_where(mask, other.c0), c1: self.c1.or_where(mask, other.c1) }
    }

    #[inline(always)]
    fn elements(self) -> [Self::Element; LANES] {
        let (c0, c1) = (self.c0.elements(), self.c1.elements());
        core::array::from_fn(|i| Self::Element::new(c0[i], c1[i]))
    }

    #[inline(always)]
    fn of_elements(simd: Ifma, elements: [Self::Element; LANES]) -> Self {
        Self {
            c0: Eight::of_elements(simd, elements.map(|element| element.c0)),
            c1: Eight::of_elements(simd, elements.map(|element| element.c1)),
        }
    }
}

/// A curve whose points can be added eight at once.
pub(super) trait LaneCurve: SWCurveConfig {
    /// An affine point in memory, x before y. The point at infinity has no such form.
    type Packed: Copy + Send + Sync;
    /// A coordinate of eight points.
    type Coordinates: Coordinates<Element = Self::BaseField>;

    /// Loads x and y of eight points.
    fn load(simd: Ifma, points: [&Self::Packed; LANES]) -> [Self::Coordinates; 2];
    /// Stores eight points, from coordinates below 2p.
    fn store(simd: Ifma, coordinates: [Self::Coordinates; 2]) -> [Self::Packed; LANES];
    /// The form in memory of a point that is not the point at infinity.
    fn pack(point: &Affine<Self>) -> Self::Packed;
    /// The point with this form in memory.
    fn unpack(point: &Self::Packed) -> Affine<Self>;
}

impl LaneCurve for g1::Config {
    type Packed = Row;
    type Coordinates = Eight<FqConfig>;

    #[inline(always)]
    fn load(simd: Ifma, points: [&Row; LANES]) -> [Self::Coordinates; 2] {
        load_row(simd, points)
    }

    #[inline(always)]
    fn store(simd: Ifma, coordinates: [Self::Coordinates; 2]) -> [Row; LANES] {
        store_row(simd, coordinates)
    }

    fn pack(point: &Affine<Self>) -> Row {
        pack_row([point.x, point.y])
    }

    fn unpack(point: &Row) -> Affine<Self> {
        let [x, y] = unpack_row(point);
        Affine::new_unchecked(x, y)
    }
}

impl LaneCurve for g2::Config {
    type Packed = [Row; 2];
    type Coordinates = Quadratic;

    #[inline(always)]
    fn load(simd: Ifma, points: [&[Row; 2]; LANES]) -> [Quadratic; 2] {
        let (mut xs, mut ys) = ([&points[0][0]; LANES], [&points[0][1]; LANES]);
        for i in 0..LANES {
            (xs[i], ys[i]) = (&points[i][0], &points[i][1]);
        }
        let ([x0, x1], [y0, y1]) = (load_row(simd, xs), load_row(simd, ys));
        [Quadratic { c0: x0, c1: x1 }, Quadratic { c0: y0, c1: y1 }]
    }

    #[inline(always)]
    fn store(simd: Ifma, [x, y]: [Quadratic; 2]) -> [[Row; 2]; LANES] {
        let [x, y] = [store_row(simd, [x.c0, x.c1]), store_row(simd, [y.c0, y.c1])];
        core::array::from_fn(|i| [x[i], y[i]])
    }

    fn pack(point: &Affine<Self>) -> [Row; 2] {
        [point.x, point.y].map(|coordinate| pack_row([coordinate.c0, coordinate.c1]))
    }

    fn unpack(point: &[Row; 2]) -> Affine<Self> {
        let [x, y] = [0, 1].map(|coordinate: usize| {
            let [c0, c1] = unpack_row(&point[coordinate]);
            ark_bn254::Fq2::new(c0, c1)
        });
        Affine::new_unchecked(x, y)
    }
}

fn pack_row([first, second]: [Fq; 2]) -> Row {
    let ([a, b, c, d], [e, f, g, h]) = (packed(first), packed(second));
    [a, b, c, d, e, f, g, h]
}

fn unpack_row(&[a, b, c, d, e, f, g, h]: &Row) -> [Fq; 2] {
    [[a, b, c, d], [e, f, g, h]].map(unpacked)
}

/// Doublings that lead from arkworks' Montgomery factor, 2^256, to that of the lanes, 2^260, and
/// halvings that lead back.
const DOUBLINGS: usize = 4;

/// The Montgomery form of an element in the lanes, below p.
fn packed(mut element: Fq) -> [u64; 4] {
    for _ in 0..DOUBLINGS {
        element.double_in_place();
    }
    element.0.0
}

/// The element whose Montgomery form in the lanes is congruent to an integer below 2p.
fn unpacked(words: [u64; 4]) -> Fq {
    let mut integer = BigInt(words);
    if integer >= Fq::MODULUS {
        integer.sub_with_borrow(&Fq::MODULUS);
    }
    for _ in 0..DOUBLINGS {
        if integer.is_odd() {
            integer.add_with_carry(&Fq::MODULUS);
        }
        integer.div2();
    }
    Fq::new_unchecked(integer)
}

#[inline(always)]
fn load_row(simd: Ifma, rows: [&Row; LANES]) -> [Eight<FqConfig>; 2] {
    let mut vectors = [simd.avx512f._mm512_setzero_si512(); LANES];
    for i in 0..LANES {
        vectors[i] = pulp::cast(*rows[i]);
    }
    let [a, b, c, d, e, f, g, h] = transposed(simd, vectors);
    [Eight::of_words(simd, [a, b, c, d]), Eight::of_words(simd, [e, f, g, h])]
}

#[inline(always)]
fn store_row(simd: Ifma, [first, second]: [Eight<FqConfig>; 2]) -> [Row; LANES] {
    let ([a, b, c, d], [e, f, g, h]) = (first.words(), second.words());
    pulp::cast(transposed(simd, [a, b, c, d, e, f, g, h]))
}

/// The transposed matrix: column i of `rows` becomes row i.
#[inline(always)]
fn transposed(simd: Ifma, rows: [__m512i; LANES]) -> [__m512i; LANES] {
    let f = simd.avx512f;
    let mut columns = rows;
    // For each pair of rows: the words of even columns side by side, then those of odd columns.
    for i in (0..LANES).step_by(2) {
        columns[i] = f._mm512_unpacklo_epi64(rows[i], rows[i + 1]);
        columns[i + 1] = f._mm512_unpackhi_epi64(rows[i], rows[i + 1]);
    }
    // Then 128-bit parts 0 and 2, or 1 and 3, of one register beside those of another.
    let [a0, a1, b0, b1, c0, c1, d0, d1] = columns;
    let parts = [[a0, b0, c0, d0], [a1, b1, c1, d1]];
    for (odd, [a, b, c, d]) in parts.into_iter().enumerate() {
        let ab = f._mm512_shuffle_i64x2::<0x88>(a, b);
        let cd = f._mm512_shuffle_i64x2::<0x88>(c, d);
        columns[odd] = f._mm512_shuffle_i64x2::<0x88>(ab, cd);
        columns[4 + odd] = f._mm512_shuffle_i64x2::<0xdd>(ab, cd);
        let ab = f._mm512_shuffle_i64x2::<0xdd>(a, b);
        let cd = f._mm512_shuffle_i64x2::<0xdd>(c, d);
        columns[2 + odd] = f._mm512_shuffle_i64x2::<0x88>(ab, cd);
        columns[6 + odd] = f._mm512_shuffle_i64x2::<0xdd>(ab, cd);
    }
    columns
}
