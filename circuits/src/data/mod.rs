//! The data circuit: these words, committed in these chains, evaluate to y at z.
//!
//! The circuit has eight public inputs: the digest of a cursor (D, L, z, y) before `capacity`
//! steps, then the cursor's digest after the steps. Idle steps come first. Each active step takes
//! the last word off D, or off L where D is zero.
//!
//! 1. The public inputs are Hash(Cursor, D, L, z, y) of the cursor before and of the cursor after,
//!    with one z.
//! 2. The word of an active step is the last link of D or, only when D is zero, of L. After the
//!    step that chain is as it was before the link.
//! 3. Each word, z, and y before and after is made of limbs of 62 bits; z and words have no 249th
//!    bit, y no 257th.
//! 4. y after is congruent to y·zⁿ + Σ wᵢ·zⁿ⁻¹⁻ⁱ modulo r over all n steps.
//! 5. The word of an idle step is zero. If any step is idle then y before is zero, so that the idle
//!    step's y·z + 0 is y.
//!
//! Words are evaluated in groups. The powers of z are made once a circuit, and each group is
//! reduced once. A word takes three rows and a sixth, a group six rows more. y may be r or larger
//! in between and at the end; L1 accepts only the canonical y.

pub mod chain_walk;
mod circuit;
mod evaluation;
mod integer;
pub mod limbs;
pub mod multiply_add;
pub mod reduce;
mod walk;

pub use circuit::{DataCircuit, capacity_for};
