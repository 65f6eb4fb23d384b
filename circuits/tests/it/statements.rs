//! The rules of each row, stated a second time in plain arithmetic.
//!
//! Honest hints and single changed wires seldom reveal a missing constraint, because another check
//! fires in its place. So each statement here is a polynomial in the row's wires. It must be a
//! linear combination of the gate's constraints at enough random points to decide that. Conversely,
//! each constraint of the gate must follow from the statements, so that no constraint is added
//! without its statement.
//!
//! Three tests compare the leaves' circuits with their specification: this test compares the rules
//! of each row, `wiring` the source of each input, and `pins` any change at all. The table lists
//! missing constraints, with what a prover would gain from some, and the tests that refuse the gap:
//!
//! | missing constraint, and what a prover gains | refused by |
//! |---|---|
//! | digits of the ladder equal the opening's: any message is signed | `wiring`, `mutation` |
//! | message, key, R, owner of the challenge equal the link's | `wiring`, the message `mutation` |
//! | windows of digits 5, 10, 21: a part of the challenge is free | `wiring` |
//! | x or y of the ladder's end: a point off the curve ends it | `wiring` |
//! | a generator bit is 0 or 1, a window is 0 to 3 | this |
//! | tangent, chord, x of a sum: a wrong sum passes | this, `signature` |
//! | the word hashed is the word evaluated, y and z from group to group | `wiring` |
//! | ranges of quotient and carries: y is anything | `wiring`, `data` |
//! | streams, activities, idle words: words are skipped | this |
//! | the fee's range: a fee of −5 takes 5 from a pot | this, `entry` |
//! | `open`, `same_owner`, limbs: parts of a leaf, late entries | this, `entry` |
//! | flags of pots, a pot's token, `paid_up` | this, `entry` |
//! | copies between an entry's rows, hashes and paths | `wiring` |

mod curve;
mod data;
mod entry;
mod signature;
pub(crate) mod span;

use rayon::prelude::*;

use self::span::Comparison;

/// The comparisons of all rows of rules.
pub(crate) const ALL: [fn() -> Comparison; 11] = [
    entry::the_slot_before_and_after,
    entry::the_subject_in_words,
    entry::the_running_transaction_and_the_pots,
    entry::words_and_chains,
    signature::a_signature_is_opened,
    signature::a_row_of_the_ladder,
    data::amounts_are_62_bits,
    data::an_integer_is_16_limbs_of_16_bits_and_regrouped,
    data::a_total_grows_by_a_product,
    data::a_total_is_its_quotient_and_remainder,
    data::a_walk_takes_links_off_two_chains,
];

#[test]
fn rows_demand_what_is_stated_and_nothing_else() {
    ALL.par_iter().for_each(|comparison| comparison().check());
}
