//! Eight elements of BN254's scalar field in registers of AVX-512, on processors that multiply
//! integers of 52 bits there (IFMA): each half of a product of two limbs is one instruction that
//! also adds it to a sum.
//!
//! An element is five limbs of 52 bits in Montgomery form with R = 2^260, not reduced to below the
//! modulus r: 2^260 is 84·r, so the few sums between two reductions need no subtraction.

use core::arch::x86_64::__m512i;

use ark_bn254::{Fr, FrConfig};
use ark_ff::{BigInt, MontConfig, PrimeField};

use super::lanes::LANES;

pulp::simd_type! {
    /// The proof that the processor has the instructions.
    pub(super) struct Ifma {
        pub avx512f: "avx512f",
        pub avx512ifma: "avx512ifma",
    }
}

const LIMBS: usize = 5;
const LIMB_BITS: u32 = 52;
const MASK: u64 = (1 << LIMB_BITS) - 1;
/// R over that of arkworks' form, which is 2^256.
const OVER_ARKWORKS: u64 = 16;
/// −r⁻¹ modulo 2^52.
const INVERSE: u64 = <FrConfig as MontConfig<4>>::INV & MASK;
const MODULUS: Limbs = split(Fr::MODULUS.0);

/// An integer in limbs of 52 bits, the lowest first.
type Limbs = [u64; LIMBS];

/// A factor that is the same in all lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Constant(Limbs);

impl From<Fr> for Constant {
    fn from(value: Fr) -> Self {
        Self(split((value * Fr::from(OVER_ARKWORKS)).0.0))
    }
}

/// What leads from arkworks' form to this one, and back.
#[derive(Debug)]
pub(super) struct Conversion {
    into: Constant,
    out_of: Constant,
}

impl Conversion {
    pub fn new() -> Self {
        let ratio = Fr::from(OVER_ARKWORKS);
        Self { into: ratio.into(), out_of: (Fr::from(1u64) / ratio).into() }
    }
}

/// Eight elements, below 2^260 each, and the proof that the processor can work on them.
#[derive(Clone, Copy)]
pub(super) struct Eight {
    simd: Ifma,
    limbs: [__m512i; LIMBS],
}

impl Eight {
    /// Elements out of arkworks' form.
    #[inline(always)]
    pub fn new(simd: Ifma, elements: [Fr; LANES], conversion: &Conversion) -> Self {
        let mut limbs = [[0; LANES]; LIMBS];
        for (lane, element) in elements.iter().enumerate() {
            for (limb, value) in limbs.iter_mut().zip(split(element.0.0)) {
                limb[lane] = value;
            }
        }
        let unconverted = Self { simd, limbs: pulp::cast(limbs) };
        unconverted.times(Self::repeat(simd, conversion.into))
    }

    /// Elements in arkworks' form. The conversion leaves less than 2·r of each.
    #[inline(always)]
    pub fn elements(self, conversion: &Conversion) -> [Fr; LANES] {
        let converted = self.times(Self::repeat(self.simd, conversion.out_of));
        let limbs: [[u64; LANES]; LIMBS] = pulp::cast(converted.limbs);
        core::array::from_fn(|lane| reduced_once(join(limbs.map(|limb| limb[lane]))))
    }

    #[inline(always)]
    pub fn simd(&self) -> Ifma {
        self.simd
    }

    #[inline(always)]
    pub fn repeat(simd: Ifma, Constant(limbs): Constant) -> Self {
        let mut repeated = [simd.avx512f._mm512_setzero_si512(); LIMBS];
        for (repeated, limb) in repeated.iter_mut().zip(limbs) {
            *repeated = simd.avx512f._mm512_set1_epi64(limb.cast_signed());
        }
        Self { simd, limbs: repeated }
    }

    /// The sum, which has to stay below 2^260.
    #[inline(always)]
    pub fn plus(self, constant: Constant) -> Self {
        let Self { simd, mut limbs } = self;
        for (limb, added) in limbs.iter_mut().zip(Self::repeat(simd, constant).limbs) {
            *limb = simd.avx512f._mm512_add_epi64(*limb, added);
        }
        carried(simd, limbs)
    }

    #[inline(always)]
    pub fn times(self, other: Self) -> Self {
        Sum::zero(self.simd).plus_product(self, other).reduced()
    }

    #[inline(always)]
    pub fn fifth_power(self) -> Self {
        let square = self.times(self);
        square.times(square).times(self)
    }
}

/// Sums of products before their one reduction. A column takes up to ten halves a product, and ten
/// of the reduction: below 2^64 for any number of terms that occurs.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    simd: Ifma,
    columns: [__m512i; 2 * LIMBS],
}

impl Sum {
    #[inline(always)]
    pub fn zero(simd: Ifma) -> Self {
        Self { simd, columns: [simd.avx512f._mm512_setzero_si512(); 2 * LIMBS] }
    }

    /// The sum that is `element` after its reduction.
    #[inline(always)]
    pub fn starting_with(element: Eight) -> Self {
        let mut sum = Self::zero(element.simd);
        sum.columns[LIMBS..].copy_from_slice(&element.limbs);
        sum
    }

    #[inline(always)]
    pub fn plus_product(self, left: Eight, right: Eight) -> Self {
        let Self { simd, mut columns } = self;
        for i in 0..LIMBS {
            for j in 0..LIMBS {
                let (left, right) = (left.limbs[i], right.limbs[j]);
                let (low, high) = (columns[i + j], columns[i + j + 1]);
                columns[i + j] = simd.avx512ifma._mm512_madd52lo_epu64(low, left, right);
                columns[i + j + 1] = simd.avx512ifma._mm512_madd52hi_epu64(high, left, right);
            }
        }
        Self { simd, columns }
    }

    /// The sum over R modulo r: below the sum over R, plus r.
    #[inline(always)]
    pub fn reduced(self) -> Eight {
        let Self { simd, mut columns } = self;
        let zero = simd.avx512f._mm512_setzero_si512();
        let inverse = simd.avx512f._mm512_set1_epi64(INVERSE.cast_signed());
        let modulus = Eight::repeat(simd, Constant(MODULUS)).limbs;
        for i in 0..LIMBS {
            let factor = simd.avx512ifma._mm512_madd52lo_epu64(zero, columns[i], inverse);
            for j in 0..LIMBS {
                let (low, high) = (columns[i + j], columns[i + j + 1]);
                columns[i + j] = simd.avx512ifma._mm512_madd52lo_epu64(low, factor, modulus[j]);
                columns[i + j + 1] =
                    simd.avx512ifma._mm512_madd52hi_epu64(high, factor, modulus[j]);
            }
            let carry = simd.avx512f._mm512_srli_epi64::<LIMB_BITS>(columns[i]);
            columns[i + 1] = simd.avx512f._mm512_add_epi64(columns[i + 1], carry);
        }
        let mut upper = [zero; LIMBS];
        upper.copy_from_slice(&columns[LIMBS..]);
        carried(simd, upper)
    }
}

/// Limbs of 52 bits out of columns of 64.
#[inline(always)]
fn carried(simd: Ifma, mut columns: [__m512i; LIMBS]) -> Eight {
    let mask = simd.avx512f._mm512_set1_epi64(MASK.cast_signed());
    for i in 0..LIMBS - 1 {
        let carry = simd.avx512f._mm512_srli_epi64::<LIMB_BITS>(columns[i]);
        columns[i + 1] = simd.avx512f._mm512_add_epi64(columns[i + 1], carry);
        columns[i] = simd.avx512f._mm512_and_si512(columns[i], mask);
    }
    Eight { simd, limbs: columns }
}

const fn split([a, b, c, d]: [u64; 4]) -> Limbs {
    let low = [a & MASK, (a >> 52 | b << 12) & MASK, (b >> 40 | c << 24) & MASK];
    [low[0], low[1], low[2], (c >> 28 | d << 36) & MASK, d >> 16]
}

/// What `split` takes apart: the integer, which is below 2^256.
const fn join([a, b, c, d, e]: Limbs) -> [u64; 4] {
    [a | b << 52, b >> 12 | c << 40, c >> 24 | d << 28, d >> 36 | e << 16]
}

/// The element of a Montgomery form below 2·r.
fn reduced_once(form: [u64; 4]) -> Fr {
    use ark_ff::BigInteger;
    let mut form = BigInt::new(form);
    if form >= Fr::MODULUS {
        form.sub_with_borrow(&Fr::MODULUS);
    }
    Fr::new_unchecked(form)
}
