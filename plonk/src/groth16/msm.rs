//! Sums of points times scalars: eight additions at once on a processor with AVX-512 and IFMA, and
//! arkworks' sums elsewhere. The result is the same.

use ark_bn254::{G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::VariableBaseMSM;
use ark_ff::BigInt;

#[cfg(target_arch = "x86_64")]
use {super::pippenger::Terms, crate::bn254::Ifma};

/// Σ scalarᵢ · baseᵢ in G1, over as many terms as the shorter slice has. Scalars are below the
/// order of the group.
pub(crate) fn sum_in_g1(bases: &[G1Affine], scalars: &[BigInt<4>]) -> G1Projective {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = Ifma::try_new() {
        return Terms::new(bases, scalars).sum(simd);
    }
    G1Projective::msm_bigint(bases, scalars)
}

/// Σ scalarᵢ · baseᵢ in G2, with the same terms as [`sum_in_g1`].
pub(crate) fn sum_in_g2(bases: &[G2Affine], scalars: &[BigInt<4>]) -> G2Projective {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = Ifma::try_new() {
        return Terms::new(bases, scalars).sum(simd);
    }
    G2Projective::msm_bigint(bases, scalars)
}

#[cfg(test)]
mod tests {
    use ark_bn254::Fr;
    use ark_ec::{AffineRepr, CurveGroup};
    use ark_ff::{AdditiveGroup, Field, PrimeField, UniformRand};
    use ark_std::rand::rngs::StdRng;
    use ark_std::rand::{Rng, SeedableRng};

    use super::*;

    /// Scalars of every size, small negatives among them, as the wrap has them.
    fn scalar(rng: &mut StdRng) -> Fr {
        let magnitude = match rng.gen_range(0..8) {
            0 => Fr::ZERO,
            1 => Fr::ONE,
            2 => Fr::from(rng.r#gen::<u16>()),
            3 => Fr::from(rng.r#gen::<u64>()),
            4 => -Fr::ONE / Fr::from(2u64),
            _ => Fr::rand(rng),
        };
        if rng.r#gen() { magnitude } else { -magnitude }
    }

    /// Bases that are zero, repeat, or are another's opposite, and many that are none of this.
    fn bases<A: AffineRepr>(count: usize, rng: &mut StdRng) -> Vec<A> {
        let mut bases: Vec<A> = Vec::new();
        for i in 0..count {
            let other = i.checked_sub(rng.gen_range(1..9)).map(|at| bases[at]);
            bases.push(match (rng.gen_range(0..40), other) {
                (0, _) => A::zero(),
                (1 | 2, Some(other)) => other,
                (3 | 4, Some(other)) => (-other.into_group()).into_affine(),
                _ => A::Group::rand(rng).into_affine(),
            });
        }
        bases
    }

    #[test]
    fn equal_to_arkworks() {
        let mut rng = StdRng::seed_from_u64(3);
        for count in [0, 1, 2, 40, 700, 6000] {
            let scalars: Vec<_> = (0..count).map(|_| scalar(&mut rng).into_bigint()).collect();
            let in_g1: Vec<G1Affine> = bases(count, &mut rng);
            assert_eq!(sum_in_g1(&in_g1, &scalars), G1Projective::msm_bigint(&in_g1, &scalars));
            let in_g2: Vec<G2Affine> = bases(count, &mut rng);
            assert_eq!(sum_in_g2(&in_g2, &scalars), G2Projective::msm_bigint(&in_g2, &scalars));
        }
    }

    /// One bucket has all points, so that every round adds equal points.
    #[test]
    fn equal_for_one_scalar_and_one_base() {
        let mut rng = StdRng::seed_from_u64(4);
        let base = G1Affine::rand(&mut rng);
        for scalar in [Fr::ONE, -Fr::ONE, Fr::rand(&mut rng)] {
            let expected = base * (scalar * Fr::from(1000u64));
            assert_eq!(sum_in_g1(&[base; 1000], &[scalar.into_bigint(); 1000]), expected);
        }
    }
}
