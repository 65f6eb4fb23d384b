//! What batches that are not final will pay on L1.

use std::collections::BTreeSet;

use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::l1_word::L1Effect;

use super::{Store, StoreError, exits, uint};

impl Store {
    /// What the sealed batches that are not final pay to an L1 account, each with its token, in L2
    /// units: withdrawals to the account, and exits that the account has asked for.
    pub async fn not_final_payouts(&self, to: L1Address) -> Result<Vec<(u16, u64)>, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT batches.first_request, published.l1_words
             FROM batches JOIN published ON published.batch = batches.number
             WHERE batches.state IN ('sealed', 'proven', 'submitted') ORDER BY number",
        )
        .fetch_all(&self.readers)
        .await?;
        let Some((first, _)) = rows.first() else { return Ok(Vec::new()) };
        let first = uint("batches.first_request", *first)?;
        let asked: BTreeSet<u64> = self.exits_asked_by(to, first).await?.into_iter().collect();
        let mut payouts = Vec::new();
        for (first, words) in &rows {
            let first = uint("batches.first_request", *first)?;
            for (request, effect) in exits::numbered(first, words)? {
                payouts.extend(match effect {
                    L1Effect::Withdraw { token, amount, recipient } => {
                        (recipient == to).then_some((token, amount))
                    }
                    L1Effect::Exit { token, amount, .. } => {
                        request.filter(|request| asked.contains(request)).map(|_| (token, amount))
                    }
                    L1Effect::Deposit { .. } => None,
                });
            }
        }
        Ok(payouts)
    }
}
