//! The ether that the contract has, and to whom it owes it.

use std::collections::BTreeSet;

use alloy::primitives::{Address, U256};
use alloy::providers::Provider;
use anyhow::{Result, ensure};
use sheaf_contracts::Sheaf::SheafInstance;
use sheaf_contracts::token::{ETHER, ETHER_SCALE};
use sheaf_ledger::Slot;

/// The ether of the contract, in its own books and on L1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Money {
    /// The escrow in the contract's books, in L2 units.
    escrow: u64,
    /// The payouts of batches that nobody has claimed, in L2 units.
    pending: u64,
    /// The contract's balance on L1, in wei.
    held: U256,
}

impl Money {
    /// Reads the three amounts from L1.
    ///
    /// # Errors
    /// When L1 does not answer.
    pub(super) async fn read(contract: &SheafInstance<impl Provider>) -> Result<Self> {
        let payouts = contract.PayoutCredited_filter().from_block(0).query().await?;
        let credited: BTreeSet<(Address, u16)> =
            payouts.iter().map(|(event, _)| (event.account, event.token)).collect();
        let mut pending = 0;
        for (account, token) in credited {
            let payout = contract.pending(account, token).call().await?;
            // The bonds of exits are ether, whatever token they lie beside.
            pending += payout.bond + if token == ETHER { payout.amount } else { 0 };
        }
        let escrow = contract.token(ETHER).call().await?.escrow;
        let held = contract.provider().get_balance(*contract.address()).await?;
        Ok(Self { escrow, pending, held })
    }

    /// Checks that the escrow is the sum of all ether in slots and unclaimed payouts, and that the
    /// contract has exactly the escrow on L1.
    ///
    /// # Errors
    /// When either sum is wrong; the error gives both amounts.
    pub(super) fn check(&self, slots: &[Slot]) -> Result<()> {
        let Self { escrow, pending, held } = *self;
        let of_ether = slots.iter().filter(|slot| slot.token == ETHER);
        let owed: u64 = of_ether.map(|slot| slot.balance).sum();
        ensure!(
            owed + pending == escrow,
            "{owed} in slots and {pending} to be claimed are not the escrow of {escrow}"
        );
        ensure!(
            held == U256::from(escrow) * U256::from(ETHER_SCALE),
            "the contract has {held} wei for an escrow of {escrow}"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sheaf_ledger::Owner;

    use super::*;

    #[test]
    fn ether_that_is_missing_or_owed_to_nobody_is_found() {
        let slots = [Slot { balance: 70, ..Slot::opened(Owner::default(), ETHER) }];
        let wei = |units: u64| U256::from(units) * U256::from(ETHER_SCALE);
        let right = Money { escrow: 100, pending: 30, held: wei(100) };
        right.check(&slots).expect("all of it is owed, and there");
        let wrong = [
            Money { pending: 29, ..right },
            Money { held: wei(100) - U256::ONE, ..right },
            Money { escrow: 101, held: wei(101), ..right },
        ];
        for money in wrong {
            assert!(money.check(&slots).is_err(), "{money:?} is accepted");
        }
        // A slot of another token does not count as ether.
        let token = [Slot { token: 1, ..slots[0] }];
        assert!(right.check(&token).is_err());
    }
}
