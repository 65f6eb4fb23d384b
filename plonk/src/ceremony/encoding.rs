//! Field elements and points as snarkjs' files and hashes have them.
//!
//! In a file, a coordinate is its Montgomery form (times 2^256), little-endian; a coordinate of G2
//! is its real part, then its imaginary part; zero is all zeros. In a hash, a coordinate is
//! big-endian, and a coordinate of G2 is its imaginary part first.

use ark_bn254::{Fq, Fr, g1, g2};
use ark_ec::short_weierstrass::{Affine, Projective, SWCurveConfig};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInt, BigInteger, Field, PrimeField};
use rayon::prelude::*;

use crate::groth16::{sum_in_g1, sum_in_g2};

/// Bytes of an element of either field.
pub(super) const FIELD_BYTES: usize = 32;

/// The curve of G1 or of G2.
pub(super) trait Curve:
    SWCurveConfig<ScalarField = Fr, BaseField: Field<BasePrimeField = Fq>>
{
    /// Elements of the base field in a coordinate.
    const PARTS: usize;

    /// Σ scalarᵢ · pointᵢ.
    fn sum(points: &[Affine<Self>], scalars: &[BigInt<4>]) -> Projective<Self>;
}

impl Curve for g1::Config {
    const PARTS: usize = 1;

    fn sum(points: &[Affine<Self>], scalars: &[BigInt<4>]) -> Projective<Self> {
        sum_in_g1(points, scalars)
    }
}

impl Curve for g2::Config {
    const PARTS: usize = 2;

    fn sum(points: &[Affine<Self>], scalars: &[BigInt<4>]) -> Projective<Self> {
        sum_in_g2(points, scalars)
    }
}

/// A point that files contain.
pub(super) trait FilePoint: AffineRepr<ScalarField = Fr> {
    /// Bytes of an encoded point.
    const BYTES: usize;

    /// Reads a point from [`FilePoint::BYTES`] bytes. `None` when a coordinate is not below the
    /// field's order or the point is neither zero nor on its curve.
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// Appends the point as a file has it.
    fn encode(&self, bytes: &mut Vec<u8>);

    /// Appends the point as a hash has it.
    fn encode_for_hash(&self, bytes: &mut Vec<u8>);

    /// Whether a point on the curve is in the group.
    fn is_in_group(&self) -> bool;

    /// Σ scalarᵢ · pointᵢ.
    fn sum(points: &[Self], scalars: &[BigInt<4>]) -> Self::Group;
}

impl<C: Curve> FilePoint for Affine<C> {
    const BYTES: usize = 2 * C::PARTS * FIELD_BYTES;

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut coordinates = bytes.chunks_exact(C::PARTS * FIELD_BYTES).map(|bytes| {
            let parts: Option<Vec<Fq>> = bytes.chunks_exact(FIELD_BYTES).map(element).collect();
            C::BaseField::from_base_prime_field_elems(parts?)
        });
        let point = Self::new_unchecked(coordinates.next()??, coordinates.next()??);
        (point.is_zero() || point.is_on_curve()).then_some(point)
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        for coordinate in [self.x, self.y] {
            let parts = coordinate.to_base_prime_field_elements();
            parts.for_each(|part| put_integer(&part.0, bytes));
        }
    }

    fn encode_for_hash(&self, bytes: &mut Vec<u8>) {
        for coordinate in [self.x, self.y] {
            let parts: Vec<Fq> = coordinate.to_base_prime_field_elements().collect();
            let parts = parts.iter().rev();
            parts.for_each(|part| bytes.extend(part.into_bigint().to_bytes_be()));
        }
    }

    fn is_in_group(&self) -> bool {
        self.is_in_correct_subgroup_assuming_on_curve()
    }

    fn sum(points: &[Self], scalars: &[BigInt<4>]) -> Self::Group {
        C::sum(points, scalars)
    }
}

/// Reads points that follow each other.
///
/// # Errors
/// The index of a point that [`FilePoint::decode`] refuses.
pub(super) fn decode_points<A: FilePoint>(bytes: &[u8]) -> Result<Vec<A>, usize> {
    let points = bytes.par_chunks_exact(A::BYTES).enumerate();
    points.map(|(index, bytes)| A::decode(bytes).ok_or(index)).collect()
}

/// Points in affine coordinates, with shared inversions on all processors.
pub(super) fn affine<A: FilePoint>(points: &[A::Group]) -> Vec<A> {
    /// Points that share an inversion.
    const SHARED: usize = 1 << 10;
    let parts = points.par_chunks(SHARED).map(<A::Group as CurveGroup>::normalize_batch);
    parts.flatten_iter().collect()
}

/// Appends the bytes of an element as coefficients are in a key's file: times 2^512.
pub(super) fn put_coefficient(coefficient: &Fr, bytes: &mut Vec<u8>) {
    // An element is stored as its Montgomery form, so that this has the factor twice.
    let once = Fr::from_bigint(coefficient.0).expect("a Montgomery form is below the order");
    put_integer(&once.0, bytes);
}

/// Appends an integer, little-endian.
pub(super) fn put_integer(integer: &BigInt<4>, bytes: &mut Vec<u8>) {
    integer.0.iter().for_each(|limb| bytes.extend(limb.to_le_bytes()));
}

/// The element with this Montgomery form; `None` when the form is not below the order.
fn element(form: &[u8]) -> Option<Fq> {
    let form = integer(form);
    (form < Fq::MODULUS).then(|| Fq::new_unchecked(form))
}

/// The little-endian integer of 32 bytes.
pub(super) fn integer(bytes: &[u8]) -> BigInt<4> {
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    }
    BigInt::new(limbs)
}
