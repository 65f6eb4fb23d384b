//! The events that subscribers get: one for each block that becomes durable, and one for each new
//! state of a batch.

use sheaf_wire::batches::BatchState;

use crate::block::Block;
use crate::store::SealedRow;

pub use sheaf_wire::events::Event;

impl From<&Block> for Event {
    fn from(block: &Block) -> Self {
        Self::Block(block.into())
    }
}

impl From<&SealedRow> for Event {
    fn from(row: &SealedRow) -> Self {
        Self::Batch { number: row.number, state: BatchState::Sealed }
    }
}
