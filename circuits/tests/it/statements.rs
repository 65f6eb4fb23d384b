//! What each row of rules demands, written a second time in plain arithmetic.
//!
//! A constraint that is missing is seldom seen by honest hints or by one changed wire: another
//! check fires in its place. Here each statement is a polynomial in the row's wires, which must be
//! a sum of the gate's constraints, at as many random points as decide that. And the gate must
//! demand nothing else, so that a constraint cannot come without its statement.
//!
//! Three tests compare the leaves' circuits with what they should say: this one what rows demand,
//! `wiring` where inputs come from, `pins` whether anything has changed. Which test refuses a gap:
//!
//! | what is missing, and what a prover gains | refused by |
//! |---|---|
//! | digits of the ladder as the opening's: any message is signed | `wiring`, `mutation` |
//! | message, key, R, owner of the challenge as the link's | `wiring`, the message `mutation` |
//! | windows of digits 5, 10, 21: a part of the challenge is free | `wiring` |
//! | x or y of the ladder's end: a point off the curve ends it | `wiring` |
//! | a generator bit as a bit, a window as 0 to 3 | this |
//! | tangent, chord, x of a sum: a sum that is none | this, `signature` |
//! | word hashed as word evaluated, y and z from group to group | `wiring` |
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
mod span;
