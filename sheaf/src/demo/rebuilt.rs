//! The rollup rebuilt from L1 alone: the state from the calldata of every batch, and the ether that
//! the contract has for it. Nothing here asks the sequencer.

use std::collections::BTreeSet;

use alloy::consensus::Transaction;
use alloy::primitives::{Address, U256};
use alloy::providers::Provider;
use alloy::sol_types::SolCall;
use anyhow::{Context, Result, bail, ensure};
use sheaf_contracts::Sheaf::{SheafInstance, finaliseCall};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::machine::state_digest;
use sheaf_ledger::rebuild::rebuild;
use sheaf_ledger::{Domain, Slot, SlotTree, Word};

/// Ether's number in the contract's list of tokens.
const ETHER: u16 = 0;
/// Wei in one L2 unit of ether.
const ETHER_SCALE: u64 = 1_000_000_000;

/// The state that the published data lead to.
#[derive(Debug, Clone)]
pub(super) struct Rebuilt {
    domain: Domain,
    /// The number of batches that were applied.
    batches: u64,
    slots: Vec<Slot>,
}

impl Rebuilt {
    fn new(domain: Domain) -> Self {
        Self { domain, batches: 0, slots: Vec::new() }
    }

    /// Reads the calldata of every batch that the contract has finalised, and applies the batches
    /// in order.
    ///
    /// # Errors
    /// When a batch is missing, when the data of a batch do not lead to the state that the batch
    /// claims, or when L1 does not answer.
    pub(super) async fn read(
        contract: &SheafInstance<impl Provider>,
        domain: Domain,
    ) -> Result<Self> {
        let mut rebuilt = Self::new(domain);
        for (_, log) in contract.BatchFinalised_filter().from_block(0).query().await? {
            let hash = log.transaction_hash.context("an event comes from a transaction")?;
            let found = contract.provider().get_transaction_by_hash(hash).await?;
            let transaction = found.context("L1 has every transaction of its events")?;
            rebuilt.apply(&finaliseCall::abi_decode(transaction.input())?)?;
        }
        Ok(rebuilt)
    }

    fn apply(&mut self, call: &finaliseCall) -> Result<()> {
        let number = call.batch.number;
        ensure!(number == self.batches + 1, "L1 has batch {number} after batch {}", self.batches);
        let (words, []) = call.data.as_chunks() else {
            bail!("the data of batch {number} are no whole number of words")
        };
        let words: Vec<Word> = words.iter().map(Word::from_bytes).collect::<Result<_, _>>()?;
        rebuild(&mut self.slots, &words)?;
        self.batches = number;
        ensure!(
            self.state().to_bytes() == call.batch.postState.0,
            "the data of batch {number} do not lead to the state that it claims"
        );
        Ok(())
    }

    /// The State digest, which the contract must have.
    pub(super) fn state(&self) -> Digest {
        let tree = SlotTree::from_slots(self.slots.clone());
        state_digest(&tree.root(), tree.len() as u64, &self.domain)
    }

    /// Every slot at its index.
    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }
}

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
    use alloy::primitives::Bytes;
    use sheaf_contracts::ISheaf;
    use sheaf_ledger::data_word::DataWord;
    use sheaf_ledger::{Kind, L1Address, Owner};

    use super::*;

    fn domain() -> Domain {
        Domain::on_chain(31_337, L1Address([7; 20]))
    }

    /// A first batch with these words, which claims the state that they lead to from no slots.
    fn first_batch(words: &[DataWord]) -> finaliseCall {
        let data: Vec<u8> = words.iter().flat_map(|word| word.encode().to_bytes()).collect();
        let mut slots = Vec::new();
        let words: Vec<Word> = words.iter().map(DataWord::encode).collect();
        rebuild(&mut slots, &words).expect("the words are a batch's");
        let state = Rebuilt { slots, ..Rebuilt::new(domain()) }.state();
        let batch = ISheaf::Batch {
            number: 1,
            postState: state.to_bytes().into(),
            chains: [0; 32].into(),
            timestamp: 0,
        };
        let (l1_words, data) = (Bytes::new(), Bytes::from(data));
        finaliseCall { batch, l1Words: l1_words, data, proof: [U256::ZERO; 8] }
    }

    fn deposited(amount: u64) -> DataWord {
        DataWord::Moved { kind: Kind::Deposit, slot: 0, amount, fee: 0 }
    }

    fn deposit() -> finaliseCall {
        let open = DataWord::Open { owner: Owner::default(), token: ETHER };
        first_batch(&[open, deposited(100)])
    }

    #[test]
    fn a_batch_whose_data_lead_to_its_state_is_applied() {
        let mut rebuilt = Rebuilt::new(domain());
        rebuilt.apply(&deposit()).expect("the data are the state's");
        let slot = Slot { balance: 100, ..Slot::opened(Owner::default(), ETHER) };
        assert_eq!(rebuilt.slots(), [slot]);
    }

    #[test]
    fn a_batch_with_other_data_another_number_or_half_a_word_is_refused() {
        let refused = |change: &dyn Fn(&mut finaliseCall)| {
            let mut call = deposit();
            change(&mut call);
            Rebuilt::new(domain()).apply(&call).expect_err("it is refused").to_string()
        };
        let other = deposited(101);
        let said = refused(&|call| {
            let data = [&call.data[..Word::BYTES], &other.encode().to_bytes()].concat();
            call.data = data.into();
        });
        assert!(said.contains("do not lead to the state"), "{said}");
        let said = refused(&|call| call.batch.number = 2);
        assert!(said.contains("L1 has batch 2 after batch 0"), "{said}");
        let said = refused(&|call| call.data = call.data.slice(..Word::BYTES + 1));
        assert!(said.contains("no whole number of words"), "{said}");
    }

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
