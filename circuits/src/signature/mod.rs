//! The signature circuit: it proves that every signature owed in a run of links was made.
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
//! 7. The first position starts at the chain before. The last position ends at the chain after.
//!
//! Inactive positions satisfy 3 to 6 as well, with a fixed valid signature.
//!
//! The circuit does not check that the address's three elements are the limbs of an L1 address.
//! Elements that are not such limbs open owners that no L1 address opens. That harms only the maker
//! of such an owner: to open any other owner with such elements is to find a second preimage.
//!
//! s has no wire of its own. Signed digits add up to some integer g, and s = g/2 modulo n. The
//! ledger accepts the signature that has this s.
//!
//! `open_signature.rs` and `double_and_add.rs` give the arguments for 4, 5 and 6.

pub mod circuit;
pub mod curve;
pub mod double_and_add;
pub mod generator_table;
pub mod link;
pub mod open_signature;
pub mod quintic;
pub mod witness;
