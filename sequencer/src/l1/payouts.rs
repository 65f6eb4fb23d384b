//! What the contract has credited to accounts.

use alloy::primitives::{Address, U256};
use futures::future::try_join_all;
use sheaf_ledger::l1_address::L1Address;

use super::{L1, L1Error, Sheaf, transport};
use crate::limits::PAYOUT_CALLS_MAX;

impl L1 {
    /// What an account may claim of each of these tokens, in L1 units, as one node says.
    ///
    /// # Errors
    /// `Silent`, `Refused` or `Reverted` when the node does not say it.
    pub(crate) async fn claimable(
        &self,
        account: L1Address,
        tokens: &[u16],
    ) -> Result<Vec<(u16, U256)>, L1Error> {
        // The clone's step may ask another node than those of other callers.
        let l1 = self.clone();
        l1.attempt(|| l1.claimable_of_each(account, tokens)).await
    }

    async fn claimable_of_each(
        &self,
        account: L1Address,
        tokens: &[u16],
    ) -> Result<Vec<(u16, U256)>, L1Error> {
        let account = Address::from(account.0);
        let mut found = Vec::with_capacity(tokens.len());
        for part in tokens.chunks(PAYOUT_CALLS_MAX) {
            let mut asked = Vec::with_capacity(part.len());
            for token in part {
                asked.push(self.claimable_of(account, *token));
            }
            found.extend(try_join_all(asked).await?);
        }
        Ok(found)
    }

    async fn claimable_of(&self, account: Address, token: u16) -> Result<(u16, U256), L1Error> {
        let contract = Sheaf::new(self.contract(), self.provider());
        let payout = self
            .ask("a payout", || async {
                contract.pending(account, token).call().await.map_err(transport)
            })
            .await?;
        if payout.amount == 0 {
            return Ok((token, U256::ZERO));
        }
        let listed = self
            .ask("a token", || async { contract.token(token).call().await.map_err(transport) })
            .await?;
        Ok((token, U256::from(payout.amount) * U256::from(listed.scale)))
    }
}
