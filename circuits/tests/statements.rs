//! What each row of rules demands, written a second time in plain arithmetic.
//!
//! A constraint that is missing is seldom seen by honest hints or by one changed wire: another
//! check fires in its place. Here each statement is a polynomial in the row's wires, which must be
//! a sum of the gate's constraints, at as many random points as decide that. And the gate must
//! demand nothing else, so that a constraint cannot come without its statement.

#[path = "statements/curve.rs"]
mod curve;
#[path = "statements/data.rs"]
mod data;
#[path = "statements/entry.rs"]
mod entry;
#[path = "statements/signature.rs"]
mod signature;
#[path = "statements/span.rs"]
mod span;
