//! The rows of a table.

use rayon::prelude::*;

use super::shape::Table;
use crate::error::Error;
use crate::proof::F;

/// The rows that a prover gives for one table: a value for each column and row.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Row after row.
    pub(super) values: Vec<F>,
    pub(super) width: usize,
}

impl Trace {
    /// The rows of a table, filled up with the table's filler.
    ///
    /// # Errors
    /// [`Error::TableFull`] when the table has fewer rows.
    ///
    /// # Panics
    /// When a row does not have as many values as the table has columns.
    pub fn new(table: &Table, rows: impl IntoIterator<Item = Vec<F>>) -> Result<Self, Error> {
        let (width, capacity) = (table.width, 1 << table.height_bits);
        let mut values = Vec::with_capacity(width * capacity);
        for row in rows {
            assert_eq!(row.len(), width, "a row of {}", table.rules.name());
            values.extend(row);
        }
        let found = values.len() / width;
        if found > capacity {
            return Err(Error::TableFull { table: table.rules.name(), capacity, found });
        }
        let filler = table.rules.filler();
        values.extend((found..capacity).flat_map(|_| &filler));
        Ok(Self { values, width })
    }

    /// All rows, fillers included.
    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = &[F]> {
        self.values.chunks_exact(self.width)
    }

    /// The values of each column.
    pub(super) fn columns(&self) -> Vec<Vec<F>> {
        let column =
            |column| self.values.iter().skip(column).step_by(self.width).copied().collect();
        (0..self.width).into_par_iter().map(column).collect()
    }
}
