//! A 256-bit integer in sixteen limbs of 16 bits and, regrouped, in four of 62 bits and one of 8.
//!
//! 1. Each limb is below 2^16: it is the sum of eight pieces of 2 bits. Seven pieces have wires.
//!    The eighth is the limb minus the other seven, divided by 2^14, so it needs no wire.
//! 2. The regrouped values are the same integer. Their bounds follow from the pieces: a regrouped
//!    value is below 2^62 (the last below 2^8), and no sum here reaches p.
//! 3. The integer of a row that is not enabled is zero. The gate does not check that `enabled` is a
//!    boolean, because every value of `enabled` other than 1 makes the integer zero.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, PrimeField64};
use sheaf_plonk::gates::range_check::check_limb;
use sheaf_plonk::gates::rules::{RowRules, RulesGate};
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::wires;

/// Limbs of a 256-bit integer.
pub const LIMBS: usize = 16;
/// Bits of a limb.
pub const LIMB_BITS: usize = 16;
/// Regrouped values of the same integer.
pub const VALUES: usize = 5;
/// Bits of a regrouped value; the last has what remains, 8.
pub const VALUE_BITS: usize = 62;

const PIECE_BITS: usize = 2;
const PIECES: usize = LIMB_BITS / PIECE_BITS;
/// Pieces of a limb that have wires.
const HELD_PIECES: usize = PIECES - 1;

/// The gate of one 256-bit integer.
pub type LimbGate = RulesGate<LimbRow>;

/// The row that range-checks and regroups one 256-bit integer.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimbRow;

wires! {
    /// The integer.
    Limbs {
        /// Its limbs, lowest first.
        limbs: 16,
        /// One if the integer may be other than zero.
        enabled: 1,
    }
}

wires! {
    /// The same integer.
    Regrouped {
        /// Its values of 62 bits, the last of 8, lowest first.
        values: 5,
    }
}

wires! {
    /// The pieces that show that the limbs are in range.
    HeldPieces {
        /// The lowest seven pieces of each limb, limb by limb.
        pieces: 112,
    }
}

impl RowRules for LimbRow {
    const NAME: &'static str = "Limb";
    const STAGES: &'static [usize] = &[LIMBS + 1];
    type Inputs<V: Copy> = Limbs<V>;
    type Outputs<V: Copy> = Regrouped<V>;
    type Hints<V: Copy> = HeldPieces<V>;

    fn hints(inputs: &Limbs<Known>) -> HeldPieces<Known> {
        let piece = |limb: GoldilocksField, piece: usize| {
            let bits = limb.to_canonical_u64() >> (PIECE_BITS * piece);
            GoldilocksField::from_canonical_u64(bits & ((1 << PIECE_BITS) - 1))
        };
        HeldPieces {
            pieces: core::array::from_fn(|i| {
                inputs.limbs[i / HELD_PIECES].map(|limb| piece(limb, i % HELD_PIECES))
            }),
        }
    }

    #[inline]
    fn evaluate<V: Value>(
        inputs: &Limbs<V>,
        hints: &HeldPieces<V>,
        check: &mut impl FnMut(V),
    ) -> Regrouped<V> {
        let Limbs { limbs, enabled: [enabled] } = inputs;
        let pieces: [[V; PIECES]; LIMBS] = core::array::from_fn(|i| {
            let held = &hints.pieces[i * HELD_PIECES..(i + 1) * HELD_PIECES];
            pieces_of(limbs[i], held)
        });
        pieces.iter().flatten().for_each(|&piece| check_limb(piece, check));
        let values = regroup(limbs, &pieces);
        // (enabled − 1)·value
        values
            .iter()
            .for_each(|value| check(value.mul_plus(*enabled, -GoldilocksField::ONE, *value)));
        Regrouped { values }
    }
}

/// The eight pieces of a limb: the given seven, and the rest of the limb as the highest piece.
#[inline]
fn pieces_of<V: Value>(limb: V, held: &[V]) -> [V; PIECES] {
    let unshift = GoldilocksField::inverse_2exp(PIECE_BITS * HELD_PIECES);
    let top = (limb - sum_of_pieces(held)).times(unshift);
    core::array::from_fn(|i| held.get(i).copied().unwrap_or(top))
}

/// Σ pieceᵢ·4ⁱ, in few operations. plonky2's gate for long sums would take one row for each sum.
#[inline]
fn sum_of_pieces<V: Value>(pieces: &[V]) -> V {
    let four = GoldilocksField::from_canonical_u64(1 << PIECE_BITS);
    let (top, lower) = pieces.split_last().expect("a sum has a piece");
    lower.iter().rev().fold(*top, |sum, &piece| sum.times_plus(four, piece))
}

/// Value k consists of the top k pieces of limb 4k−1 (none for k = 0), limbs 4k to 4k+2, and limb
/// 4k+3 without its top k+1 pieces, which belong to value k+1.
#[inline]
fn regroup<V: Value>(limbs: &[V; LIMBS], pieces: &[[V; PIECES]; LIMBS]) -> [V; VALUES] {
    let weight = |bits: usize| GoldilocksField::from_canonical_u64(1 << bits);
    let mut carried = limbs[0].constant(GoldilocksField::ZERO);
    core::array::from_fn(|k| {
        let Some(highest) = limbs.get(4 * k + 3) else { return carried };
        let kept = PIECES - 1 - k;
        let next = sum_of_pieces(&pieces[4 * k + 3][kept..]);
        let rest = next.times_plus(-weight(PIECE_BITS * kept), *highest);
        let joined = (0..3)
            .rev()
            .fold(rest, |joined, i| joined.times_plus(weight(LIMB_BITS), limbs[4 * k + i]));
        let value = joined.times_plus(weight(PIECE_BITS * k), carried);
        carried = next;
        value
    })
}

/// Sixteen limbs out of values of 62 bits, lowest first; bits above the 256th are dropped.
pub fn limbs_of_values(values: &[u64]) -> [u16; LIMBS] {
    let mut limbs = [0; LIMBS];
    for (k, value) in values.iter().enumerate() {
        for bit in 0..VALUE_BITS {
            let at = VALUE_BITS * k + bit;
            if at < LIMBS * LIMB_BITS {
                limbs[at / LIMB_BITS] |= ((value >> bit & 1) as u16) << (at % LIMB_BITS);
            }
        }
    }
    limbs
}
