//! Sums of products over BN254's scalar field, eight sums side by side, with one reduction for each
//! sum.

use core::arch::x86_64::__m512i;

use ark_bn254::{Fr, FrConfig};

use super::eight::{self, Ifma, LIMB_BITS, LIMBS, Limbs, Modulus, split};

/// Eight elements of the scalar field.
pub(super) type Eight = eight::Eight<FrConfig>;

/// The lanes' Montgomery factor, 2^260, divided by arkworks', 2^256.
const OVER_ARKWORKS: u64 = 16;

/// A term or a factor that is the same in all lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Constant(Limbs);

impl From<Fr> for Constant {
    fn from(value: Fr) -> Self {
        Self(split((value * Fr::from(OVER_ARKWORKS)).0.0))
    }
}

impl Constant {
    #[inline(always)]
    pub(super) fn in_all_lanes(self, simd: Ifma) -> Eight {
        Eight::repeat(simd, self.0)
    }
}

/// Sums of products before their reduction. For each product a column takes up to ten halves below
/// 2^52, and ten more for the reduction. A sum has at most eleven products, so a column stays below
/// 2^64.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    simd: Ifma,
    columns: [__m512i; 2 * LIMBS],
}

impl Sum {
    #[inline(always)]
    pub(super) fn zero(simd: Ifma) -> Self {
        Self { simd, columns: [simd.avx512f._mm512_setzero_si512(); 2 * LIMBS] }
    }

    /// The sum whose reduction is `element`.
    #[inline(always)]
    pub(super) fn starting_with(element: Eight) -> Self {
        let mut sum = Self::zero(element.simd);
        sum.columns[LIMBS..].copy_from_slice(&element.limbs);
        sum
    }

    #[inline(always)]
    pub(super) fn plus_product(self, left: Eight, right: Eight) -> Self {
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

    /// An element that is sum/R modulo r, and below sum/R + r.
    #[inline(always)]
    pub(super) fn reduced(self) -> Eight {
        let Self { simd, mut columns } = self;
        let zero = simd.avx512f._mm512_setzero_si512();
        let inverse = simd.avx512f._mm512_set1_epi64(Modulus::<FrConfig>::INVERSE.cast_signed());
        let modulus = Eight::repeat(simd, Modulus::<FrConfig>::LIMBS).limbs;
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
        Eight::carried(simd, upper)
    }
}
