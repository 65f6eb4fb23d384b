//! The data circuit: these words, committed in these chains, evaluate to y at z.
//!
//! Eight public inputs: the digest of a cursor (D, L, z, y) before, and after, `capacity` steps.
//! Idle steps come first; each active one takes the last word off D, or off L once D is zero.
//!
//! 1. The public inputs are Hash(Cursor, D, L, z, y) of the cursor before and of the one after,
//!    with one z.
//! 2. An active step's word is the last link of the chain it is taken off, which is L only when D
//!    is zero, and leaves the chain before that link.
//! 3. Each word, z, and y before and after is made of limbs of 62 bits; z and words have no 249th
//!    bit, y no 257th.
//! 4. y after is congruent to y·zⁿ + Σ wᵢ·zⁿ⁻¹⁻ⁱ modulo r over all n steps.
//! 5. An idle step has the word zero, and y before is zero if there is one: so its y·z + 0 is y.
//!
//! Words are evaluated in groups, with powers of z made once a circuit and one reduction a group:
//! three rows a word and a sixth, six rows a group. y need not be below r in between and at the
//! end; L1 accepts only the canonical one.

pub mod chain_walk;
mod circuit;
mod evaluation;
mod integer;
pub mod limbs;
pub mod multiply_add;
pub mod reduce;
mod walk;

pub use circuit::{DataCircuit, capacity_for};
