//! What batches that are not final will pay on L1.

use sheaf_ledger::l1_word::L1Effect;

use super::{Store, StoreError, exits};

impl Store {
    /// The effects on L1 of every sealed batch that is not final, in the batches' order.
    pub async fn not_final_effects(&self) -> Result<Vec<L1Effect>, StoreError> {
        let words: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT published.l1_words
             FROM batches JOIN published ON published.batch = batches.number
             WHERE batches.state IN ('sealed', 'proven', 'submitted') ORDER BY number",
        )
        .fetch_all(&self.readers)
        .await?;
        let pairs: Result<Vec<_>, _> = words.iter().map(|words| exits::effects(words)).collect();
        Ok(pairs?.into_iter().flatten().map(|(_, effect)| effect).collect())
    }
}
