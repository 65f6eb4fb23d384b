//! The signature circuit: a chain of signatures owed is a chain of signatures made.
//!
//! Public inputs: the chain before (4 elements) and the chain after (4). For each position in
//! order, the circuit proves:
//!
//! 1. A position is active or not, and no active one follows an inactive one.
//! 2. An active position appends a link: chain' = Hash(SignatureLink, chain, owner, message). An
//!    inactive one leaves the chain as it is.
//! 3. The owner is the first three elements of Hash(Owner, key, address), for some address.
//! 4. Key and R encode group elements other than the neutral one.
//! 5. e is the 128-bit integer made of the first two elements of Hash(Challenge, R, key, message),
//!    each as the integer below p.
//! 6. Some s satisfies s·G = R + e·key.
//! 7. The first position starts at the chain before, the last one ends at the chain after.
//!
//! Inactive positions satisfy 3 to 6 as well, with a fixed valid signature.
//!
//! The address is any three elements. Beyond the limbs of an L1 address they open owners that no
//! address opens, which is the loss of whoever made such an owner: to open another's owner with
//! them is to find a second preimage.
//!
//! s is a witness only. It enters as signed digits that may add up to any integer; the equation
//! sees it modulo n, and that residue is the s of a signature that the ledger accepts.
//!
//! `open_signature.rs` and `double_and_add.rs` argue for 4, 5 and 6.

pub mod circuit;
pub mod curve;
pub mod double_and_add;
pub mod generator_table;
pub mod link;
pub mod open_signature;
pub mod quintic;
pub mod witness;
