//! Where a reader of L1 keeps the blobs that it has read: Ethereum's nodes forget them after 18
//! days.
//!
//! Clients read blobs and check them; a sequencer's database can keep them for other readers.

use std::error::Error;
use std::fmt::Debug;
use std::pin::Pin;

use alloy::primitives::B256;
use sheaf_ledger::word::Word;

/// What a shelf answers, some time later.
pub type Answer<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// A place that keeps blobs under their versioned hashes.
pub trait BlobShelf: Debug + Send + Sync {
    /// The words of a blob, with or without zeros at the end; `None` if the shelf has none of this
    /// hash.
    ///
    /// # Errors
    /// When the shelf cannot be read.
    fn find(&self, versioned_hash: B256) -> Answer<'_, Option<Vec<Word>>>;

    /// Keeps a blob of these words, also in the place of one that is there.
    ///
    /// # Errors
    /// When the shelf cannot be written.
    fn keep<'a>(&'a self, versioned_hash: B256, words: &'a [Word]) -> Answer<'a, ()>;
}
