//! What a proof over tables states beside its rules: the messages that the verifier exchanges.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::iop::target::Target;
use plonky2::plonk::config::Hasher;

use super::rules::{Bus, Direction};
use super::shape::Tables;
use crate::proof::F;

/// A message that the verifier sends or receives once: how tables are bound to values outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<V> {
    /// The bus of the message.
    pub bus: Bus,
    /// Whether the verifier sends or receives it.
    pub direction: Direction,
    /// The message itself.
    pub fields: Vec<V>,
}

/// A message in a circuit.
pub type MessageTarget = Message<Target>;

impl Tables {
    /// The digest of everything about the tables and the verifier's messages that a program fixes:
    /// the transcript begins with it.
    pub(super) fn digest<V>(&self, messages: &[Message<V>]) -> HashOut<F> {
        let number = F::from_canonical_usize;
        let mut elements = vec![number(self.tables().len())];
        for table in self.tables() {
            let [columns, sums, quotients] = table.polynomials();
            let shape = [table.height_bits, columns, sums, quotients, table.shape.constraints];
            elements.extend(shape.map(number));
            elements.extend(table.rules.name().bytes().map(|byte| number(byte.into())));
        }
        for message in messages {
            let sent = number(usize::from(message.direction == Direction::Send));
            elements.extend([message.bus.element(), sent, number(message.fields.len())]);
        }
        PoseidonHash::hash_no_pad(&elements)
    }
}
