//! The rules of the rows of the data circuit, and of range checks.

use plonky2::field::types::Field;
use sheaf_circuits::data::chain_walk::{ChainWalkRow, STEPS};
use sheaf_circuits::data::limbs::{LIMBS, LimbRow};
use sheaf_circuits::data::multiply_add::MultiplyAddRow;
use sheaf_circuits::data::reduce::ReduceRow;
use sheaf_ledger::tag;
use sheaf_plonk::gates::range_check::RangeCheckRow;
use sheaf_plonk::proof::F;

use crate::statements::span::{Comparison, number, of_limbs, power};

pub(super) fn amounts_are_62_bits() -> Comparison {
    Comparison::of::<RangeCheckRow>(|say, (inputs, _, hints)| {
        let limbs = [hints.first, hints.second, hints.third, hints.fourth];
        for (i, (value, limbs)) in inputs.values.iter().zip(limbs).enumerate() {
            say.limbs(&format!("amount {i}"), &limbs);
            say.zero(&format!("amount {i} is that of its limbs"), *value - of_limbs(&limbs));
        }
    })
}

pub(super) fn an_integer_is_16_limbs_of_16_bits_and_regrouped() -> Comparison {
    Comparison::of::<LimbRow>(|say, (inputs, outputs, hints)| {
        let mut pieces = Vec::new();
        for (limb, held) in inputs.limbs.iter().zip(hints.pieces.chunks(7)) {
            // What the limb leaves over weighs 2^14.
            pieces.extend(held);
            pieces.push((*limb - of_limbs(held)) * power(14).inverse());
        }
        say.limbs("pieces", &pieces);
        // 62 bits are 31 pieces, whatever limbs they come from.
        for (i, pieces) in pieces.chunks(31).enumerate() {
            let value = of_limbs(pieces);
            say.zero(&format!("value {i}"), outputs.values[i] - value);
            say.zero(&format!("value {i} if not enabled"), value * (inputs.enabled[0] - F::ONE));
        }
    })
}

/// Column `column` of the product of two integers of 16 limbs.
fn product_column(left: &[F], right: &[F], column: usize) -> F {
    let weight = |weight: usize| -> F {
        let pairs = (0..LIMBS).filter(|i| (i..&(i + LIMBS)).contains(&&weight));
        pairs.map(|i| left[i] * right[weight - i]).sum()
    };
    weight(2 * column) + weight(2 * column + 1) * power(16)
}

pub(super) fn a_total_grows_by_a_product() -> Comparison {
    Comparison::of::<MultiplyAddRow>(|say, (inputs, outputs, _)| {
        for (i, before) in inputs.before.iter().enumerate() {
            let after = *before + product_column(&inputs.left, &inputs.right, i);
            say.zero(&format!("column {i}"), outputs.after[i] - after);
        }
    })
}

pub(super) fn a_total_is_its_quotient_and_remainder() -> Comparison {
    /// r of BLS12-381, highest digit first.
    const ORDER: &str = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
    let limb = |i: usize| u64::from_str_radix(&ORDER[60 - 4 * i..64 - 4 * i], 16).expect("digits");
    let order: Vec<F> = (0..LIMBS).map(|i| number(limb(i))).collect();
    Comparison::of::<ReduceRow>(|say, (inputs, _, hints)| {
        let carry = |column: usize| -> F {
            let limbs = hints.carries.get(2 * column..2 * column + 2);
            limbs.map_or(F::ZERO, |c| c[0] + c[1] * power(16) - number(1 << 24))
        };
        for (i, total) in inputs.columns.iter().enumerate() {
            let from_below = if i == 0 { F::ZERO } else { carry(i - 1) };
            let remainder = hints.remainder.get(2 * i..2 * i + 2);
            let remainder = remainder.map_or(F::ZERO, |r| r[0] + r[1] * power(16));
            let divided = product_column(&hints.quotient, &order, i) + remainder;
            let carried = carry(i) * power(32);
            say.zero(&format!("column {i}"), *total + from_below - divided - carried);
        }
    })
}

pub(super) fn a_walk_takes_links_off_two_chains() -> Comparison {
    let (data, l1) =
        (number(u64::from(tag::DATA_LINK.number())), number(u64::from(tag::L1_LINK.number())));
    Comparison::of::<ChainWalkRow>(|say, (walk, walked, between)| {
        let mut before = (walk.stream_before[0], walk.active_before[0]);
        for step in 0..STEPS {
            let (stream, active) = (walk.stream[step], walk.active[step]);
            let (last_stream, last_active) = before;
            say.zero(&format!("step {step} is on D or L"), (stream - data) * (stream - l1));
            let back = (last_stream - data) * (stream - l1);
            say.zero(&format!("step {step} is not back on D"), back);
            say.bit(&format!("activity of step {step}"), active);
            let idle_again = last_active * (active - F::ONE);
            say.zero(&format!("step {step} is not idle again"), idle_again);
            let change = stream - last_stream;
            for i in 0..4 {
                let at = 4 * step + i;
                let stands = if step == 0 { walk.before[i] } else { between.current[at - 4] };
                let start = stands + change * walk.l1[i];
                let after = start + active * (walk.previous[at] - start);
                say.zero(&format!("step {step} leaves D at its end, {i}"), change * stands);
                say.zero(&format!("step {step}'s link, {i}"), active * (walk.hash[at] - start));
                let goes_on = between.current.get(at).unwrap_or(&walked.after[i]);
                say.zero(&format!("where step {step} leads, {i}"), *goes_on - after);
            }
            before = (stream, active);
        }
    })
}
