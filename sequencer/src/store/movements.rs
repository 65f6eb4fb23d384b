//! The places in the log at which each slot's balance moved. They are written with the blocks and
//! read a page at a time.

use sqlx::{QueryBuilder, Sqlite, Transaction};

use super::{Store, StoreError, int, narrow, uint};
use crate::block::Block;
use crate::limits::ROWS_PER_INSERT_MAX;
use crate::movement::{LogPosition, moves};

impl Store {
    /// At most `limit` places at which a slot's balance moved, the newest first. With `before`,
    /// only places before that one.
    pub async fn movements(
        &self,
        slot: u32,
        before: Option<LogPosition>,
        limit: u32,
    ) -> Result<Vec<LogPosition>, StoreError> {
        let (block, entry) =
            before.map_or((i64::MAX, 0), |before| (int(before.block), before.entry));
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT block, entry FROM movements WHERE slot = ? AND (block, entry) < (?, ?)
             ORDER BY block DESC, entry DESC LIMIT ?",
        )
        .bind(slot)
        .bind(block)
        .bind(entry)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        let read = |(block, entry)| {
            let block = uint("movements.block", block)?;
            Ok(LogPosition { block, entry: narrow("movements.entry", entry)? })
        };
        rows.into_iter().map(read).collect()
    }
}

pub(super) async fn insert_movements(
    write: &mut Transaction<'static, Sqlite>,
    block: &Block,
) -> Result<(), StoreError> {
    let indexed = (0_u32..).zip(&block.entries);
    let places: Vec<(u32, u32)> = indexed
        .filter(|(_, entry)| moves(entry))
        .map(|(index, entry)| (entry.slot(), index))
        .collect();
    for chunk in places.chunks(ROWS_PER_INSERT_MAX) {
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO movements (slot, block, entry) ");
        insert.push_values(chunk, |mut row, (slot, entry)| {
            row.push_bind(*slot).push_bind(int(block.number)).push_bind(*entry);
        });
        insert.build().execute(&mut **write).await?;
    }
    Ok(())
}
