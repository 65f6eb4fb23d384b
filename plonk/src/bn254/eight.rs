//! Eight elements of one of BN254's prime fields side by side, in registers of AVX-512 with its
//! multiplication of 52-bit integers (IFMA): each half of a product of two limbs is one instruction
//! that also adds it to a sum.
//!
//! An element is five limbs of 52 bits, lowest first, in Montgomery form with R = 2^260. The form
//! need not be below the modulus p, because R is more than 84·p. Each function states its bounds
//! for arguments and results as multiples of p.
//!
//! Loops fill arrays. A closure that the compiler leaves in a function of the standard library
//! would be compiled without the instructions, and each instruction would be a call.

use core::arch::x86_64::__m512i;
use core::marker::PhantomData;

use ark_ff::{BigInt, BigInteger, Field, Fp, MontBackend, MontConfig};

use super::parameters::LANES;

pulp::simd_type! {
    /// The proof that the processor has the instructions used here.
    pub(crate) struct Ifma {
        pub avx512f: "avx512f",
        avx512bw: "avx512bw",
        avx512dq: "avx512dq",
        pub avx512ifma: "avx512ifma",
    }
}

/// Limbs of an element.
pub(super) const LIMBS: usize = 5;
/// Bits of a limb.
pub(super) const LIMB_BITS: u32 = 52;
/// The bits of a limb.
const MASK: u64 = (1 << LIMB_BITS) - 1;

/// An integer below 2^260 in limbs.
pub(super) type Limbs = [u64; LIMBS];

/// 256-bit integers, one for each lane: word, then lane.
pub(crate) type Words = [__m512i; 4];

/// An element of a prime field in arkworks' form.
pub(crate) type Element<P> = Fp<MontBackend<P, 4>, 4>;

/// The constants of a modulus p that multiplication and reduction need.
pub(super) struct Modulus<P>(PhantomData<P>);

impl<P: MontConfig<4>> Modulus<P> {
    /// The limbs of p.
    pub(super) const LIMBS: Limbs = split(P::MODULUS.0);
    /// 2^256 modulo p: a product with it takes an element into arkworks' form.
    const INTO_ARKWORKS: Limbs = split(P::R.0);
    /// 2^264 modulo p, which is 2^8 in arkworks' form: a product with it takes an element out of
    /// that form.
    const OUT_OF_ARKWORKS: Limbs = split(Element::<P>::new(BigInt::new([1 << 8, 0, 0, 0])).0.0);
    /// −1/p modulo 2^52: the low bits of arkworks' −1/p modulo 2^64.
    pub(super) const INVERSE: u64 = P::INV & MASK;
    /// 2⁵⁷ divided by p's highest limb plus one, rounded down. An element's highest limb times this
    /// number estimates how many times p fits into the element.
    const RECIPROCAL: u64 = (1 << 57) / (Self::LIMBS[LIMBS - 1] + 1);
    /// For each limb of p, its multiples by 0 to 7.
    const MULTIPLES: [[u64; LANES]; LIMBS] = {
        let mut table = [[0; LANES]; LIMBS];
        let mut times = 0;
        while times < LANES {
            let mut limb = 0;
            while limb < LIMBS {
                table[limb][times] = Self::LIMBS[limb] * times as u64;
                limb += 1;
            }
            times += 1;
        }
        table
    };
}

/// The limbs of a 256-bit integer.
pub(super) const fn split(words: [u64; 4]) -> Limbs {
    [
        words[0] & MASK,
        (words[0] >> 52 | words[1] << 12) & MASK,
        (words[1] >> 40 | words[2] << 24) & MASK,
        (words[2] >> 28 | words[3] << 36) & MASK,
        words[3] >> 16,
    ]
}

/// Eight elements.
pub(crate) struct Eight<P> {
    pub(super) simd: Ifma,
    pub(super) limbs: [__m512i; LIMBS],
    field: PhantomData<P>,
}

// Derived implementations would require `Copy` and `Clone` of `P`, which only names the field.
impl<P> Copy for Eight<P> {}

impl<P> Clone for Eight<P> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: MontConfig<4>> Eight<P> {
    #[inline(always)]
    fn new(simd: Ifma, limbs: [__m512i; LIMBS]) -> Self {
        Self { simd, limbs, field: PhantomData }
    }

    /// One in every lane.
    #[inline(always)]
    pub(crate) fn one(simd: Ifma) -> Self {
        Self::of_elements(simd, [Element::<P>::ONE; LANES])
    }

    /// The same element in every lane.
    #[inline(always)]
    pub(super) fn repeat(simd: Ifma, limbs: Limbs) -> Self {
        let mut repeated = [simd.avx512f._mm512_setzero_si512(); LIMBS];
        for (repeated, limb) in repeated.iter_mut().zip(limbs) {
            *repeated = simd.avx512f._mm512_set1_epi64(limb.cast_signed());
        }
        Self::new(simd, repeated)
    }

    /// The elements with these Montgomery forms, as [`Eight::words`] returns them.
    #[inline(always)]
    pub(crate) fn of_words(simd: Ifma, [w0, w1, w2, w3]: Words) -> Self {
        let f = simd.avx512f;
        let mask = f._mm512_set1_epi64(MASK as i64);
        let mut limbs = [
            w0,
            f._mm512_or_si512(f._mm512_srli_epi64::<52>(w0), f._mm512_slli_epi64::<12>(w1)),
            f._mm512_or_si512(f._mm512_srli_epi64::<40>(w1), f._mm512_slli_epi64::<24>(w2)),
            f._mm512_or_si512(f._mm512_srli_epi64::<28>(w2), f._mm512_slli_epi64::<36>(w3)),
            f._mm512_srli_epi64::<16>(w3),
        ];
        for limb in &mut limbs {
            *limb = f._mm512_and_si512(*limb, mask);
        }
        Self::new(simd, limbs)
    }

    /// The elements' Montgomery forms as 256-bit integers, for elements below 4p.
    #[inline(always)]
    pub(crate) fn words(self) -> Words {
        let f = self.simd.avx512f;
        let [l0, l1, l2, l3, l4] = self.limbs;
        [
            f._mm512_or_si512(l0, f._mm512_slli_epi64::<52>(l1)),
            f._mm512_or_si512(f._mm512_srli_epi64::<12>(l1), f._mm512_slli_epi64::<40>(l2)),
            f._mm512_or_si512(f._mm512_srli_epi64::<24>(l2), f._mm512_slli_epi64::<28>(l3)),
            f._mm512_or_si512(f._mm512_srli_epi64::<36>(l3), f._mm512_slli_epi64::<16>(l4)),
        ]
    }

    /// Carries from limb to limb, so that limbs below the highest that are negative or longer than
    /// 52 bits become limbs of 52 bits.
    #[inline(always)]
    pub(super) fn carried(simd: Ifma, mut limbs: [__m512i; LIMBS]) -> Self {
        let f = simd.avx512f;
        let mask = f._mm512_set1_epi64(MASK as i64);
        for i in 0..LIMBS - 1 {
            let carry = f._mm512_srai_epi64::<LIMB_BITS>(limbs[i]);
            limbs[i + 1] = f._mm512_add_epi64(limbs[i + 1], carry);
            limbs[i] = f._mm512_and_si512(limbs[i], mask);
        }
        Self::new(simd, limbs)
    }

    /// One limb of p, `times` times, in every lane.
    #[inline(always)]
    fn multiple(simd: Ifma, limb: usize, times: usize) -> __m512i {
        simd.avx512f._mm512_set1_epi64(Modulus::<P>::MULTIPLES[limb][times] as i64)
    }

    /// The sum. Its bound is the sum of the bounds.
    #[inline(always)]
    pub(crate) fn plus(self, other: Self) -> Self {
        let mut limbs = self.limbs;
        for (limb, other) in limbs.iter_mut().zip(other.limbs) {
            *limb = self.simd.avx512f._mm512_add_epi64(*limb, other);
        }
        Self::carried(self.simd, limbs)
    }

    /// The difference plus 4p, where `other` is at most 4p.
    #[inline(always)]
    pub(crate) fn minus(self, other: Self) -> Self {
        let f = self.simd.avx512f;
        let mut limbs = self.limbs;
        for (i, limb) in limbs.iter_mut().enumerate() {
            let raised = f._mm512_add_epi64(*limb, Self::multiple(self.simd, i, 4));
            *limb = f._mm512_sub_epi64(raised, other.limbs[i]);
        }
        Self::carried(self.simd, limbs)
    }

    /// The same elements below 1.1p, for elements below 8p.
    #[inline(always)]
    pub(crate) fn reduced(self) -> Self {
        let Self { simd, mut limbs, .. } = self;
        let f = simd.avx512f;
        let zero = f._mm512_setzero_si512();
        let reciprocal = f._mm512_set1_epi64(Modulus::<P>::RECIPROCAL as i64);
        let times = simd.avx512ifma._mm512_madd52hi_epu64(zero, limbs[LIMBS - 1], reciprocal);
        let times = f._mm512_srli_epi64::<5>(times);
        for (limb, table) in limbs.iter_mut().zip(Modulus::<P>::MULTIPLES) {
            let multiple = f._mm512_permutexvar_epi64(times, pulp::cast(table));
            *limb = f._mm512_sub_epi64(*limb, multiple);
        }
        Self::carried(simd, limbs)
    }

    /// The product. For factors below a·p and b·p it is below (1 + a·b/84)·p, which is below 2p
    /// where a·b is at most 80.
    #[inline(always)]
    pub(crate) fn times(self, other: Self) -> Self {
        let Self { simd, limbs: a, .. } = self;
        let (f, m) = (simd.avx512f, simd.avx512ifma);
        let zero = f._mm512_setzero_si512();
        let modulus = Self::repeat(simd, Modulus::<P>::LIMBS).limbs;
        let inverse = f._mm512_set1_epi64(Modulus::<P>::INVERSE as i64);
        let mut sum = [zero; LIMBS];
        for b in other.limbs {
            for i in 0..LIMBS {
                sum[i] = m._mm512_madd52lo_epu64(sum[i], a[i], b);
            }
            let factor = m._mm512_madd52lo_epu64(zero, sum[0], inverse);
            for i in 0..LIMBS {
                sum[i] = m._mm512_madd52lo_epu64(sum[i], modulus[i], factor);
            }
            let carry = f._mm512_srli_epi64::<LIMB_BITS>(sum[0]);
            sum = [f._mm512_add_epi64(sum[1], carry), sum[2], sum[3], sum[4], zero];
            for i in 0..LIMBS {
                sum[i] = m._mm512_madd52hi_epu64(sum[i], a[i], b);
                sum[i] = m._mm512_madd52hi_epu64(sum[i], modulus[i], factor);
            }
        }
        Self::carried(simd, sum)
    }

    /// In each lane the element of `other` if the mask's bit is set, else the element of `self`.
    #[inline(always)]
    pub(crate) fn or_where(self, mask: u8, other: Self) -> Self {
        let mut limbs = self.limbs;
        for (limb, other) in limbs.iter_mut().zip(other.limbs) {
            *limb = self.simd.avx512f._mm512_mask_blend_epi64(mask, *limb, other);
        }
        Self::new(self.simd, limbs)
    }

    /// The elements one by one in arkworks' form, for elements below 80p.
    #[inline(always)]
    pub(crate) fn elements(self) -> [Element<P>; LANES] {
        let ratio = Self::repeat(self.simd, Modulus::<P>::INTO_ARKWORKS);
        let words: [[u64; LANES]; 4] = self.times(ratio).words().map(pulp::cast);
        core::array::from_fn(|lane| reduced_once([0, 1, 2, 3].map(|word: usize| words[word][lane])))
    }

    /// Eight elements from arkworks' form; the result is below 1.02p.
    #[inline(always)]
    pub(crate) fn of_elements(simd: Ifma, elements: [Element<P>; LANES]) -> Self {
        let words = [0, 1, 2, 3].map(|word: usize| elements.map(|element| element.0.0[word]));
        let ratio = Self::repeat(simd, Modulus::<P>::OUT_OF_ARKWORKS);
        Self::of_words(simd, words.map(pulp::cast)).times(ratio)
    }
}

/// The element whose Montgomery form in arkworks is congruent to an integer below 2p.
fn reduced_once<P: MontConfig<4>>(words: [u64; 4]) -> Element<P> {
    let mut form = BigInt(words);
    if form >= P::MODULUS {
        form.sub_with_borrow(&P::MODULUS);
    }
    Element::new_unchecked(form)
}

#[cfg(test)]
mod tests {
    use ark_bn254::{Fq, FqConfig};
    use ark_ff::{AdditiveGroup, PrimeField, UniformRand};
    use ark_std::rand::SeedableRng;
    use ark_std::rand::rngs::StdRng;

    use super::*;

    /// Random elements, and those whose words are all zeros or all ones as far as they can be.
    fn elements(rng: &mut StdRng) -> [Fq; LANES] {
        let edges = [Fq::ZERO, Fq::ONE, -Fq::ONE, Fq::new_unchecked(BigInt([u64::MAX, 0, 0, 0]))];
        core::array::from_fn(|i| edges.get(i).copied().unwrap_or_else(|| Fq::rand(rng)))
    }

    #[test]
    fn equal_to_arkworks_one_by_one() {
        let Some(simd) = Ifma::try_new() else { return };
        let mut rng = StdRng::seed_from_u64(2);
        for turn in 0..1000 {
            let (a, mut b) = (elements(&mut rng), elements(&mut rng));
            b.rotate_left(turn % LANES);
            let (x, y) = (Eight::of_elements(simd, a), Eight::of_elements(simd, b));
            let each = |f: fn(Fq, Fq) -> Fq| core::array::from_fn(|i| f(a[i], b[i]));
            assert_eq!(x.elements(), a);
            assert_eq!(x.plus(y).elements(), each(|a, b| a + b));
            assert_eq!(x.minus(y).elements(), each(|a, b| a - b));
            assert_eq!(x.times(y).elements(), each(|a, b| a * b));
            // The largest bounds that the functions state: 8p times 10p, and 8p reduced.
            let (wide, wider) = (x.minus(y).plus(y.plus(y)), y.minus(x).minus(x).plus(x.plus(x)));
            assert_eq!(wide.elements(), each(|a, b| a + b));
            assert_eq!(wide.times(wider).elements(), each(|a, b| (a + b) * b));
            assert_eq!(x.or_where(0b0110_0101, y).elements()[..3], [b[0], a[1], b[2]]);
        }
    }

    #[test]
    fn reduced_is_below_what_is_stated() {
        let Some(simd) = Ifma::try_new() else { return };
        let modulus = Fq::MODULUS.0;
        // k·p − 1 and k·p are the hardest to place.
        for times in 1..=7u64 {
            for element in [Fq::ZERO, -Fq::new_unchecked(BigInt([1, 0, 0, 0]))] {
                let mut raised = Eight::<FqConfig>::of_words(
                    simd,
                    unpacked_words(element).map(|word| pulp::cast([word; LANES])),
                );
                for _ in 0..times {
                    let step = modulus.map(|word| pulp::cast([word; LANES]));
                    raised = raised.plus(Eight::of_words(simd, step));
                }
                let reduced = raised.reduced().words().map(pulp::cast);
                let found: [[u64; LANES]; 4] = reduced;
                let found = BigInt(found.map(|word| word[0]));
                let mut bound = Fq::MODULUS;
                bound.add_with_carry(&BigInt(modulus.map(|word| word / 16)));
                assert!(found < bound, "{times}");
            }
        }
    }

    /// The Montgomery form of an element in memory.
    fn unpacked_words(element: Fq) -> [u64; 4] {
        element.0.0
    }
}
