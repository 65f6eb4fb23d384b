//! An owner who leaves by L1 alone, whether a sequencer answers or not.

use alloy::contract::Error as ContractError;
use alloy::network::Ethereum;
use alloy::primitives::{Address, B256, FixedBytes, U256};
use alloy::providers::{DynProvider, PendingTransactionBuilder};
use alloy::signers::local::PrivateKeySigner;
use sheaf_contracts::ISheaf;
use sheaf_contracts::Sheaf::SheafInstance;
use sheaf_crypto::key::SecretKey;
use sheaf_ledger::domain::key_text;
use sheaf_ledger::l1_word::L1Effect;
use sheaf_ledger::{L1Address, Owner, Word};

use crate::blob_source::BlobSource;
use crate::error::{ClientError, Result};
use crate::key::derive;
use crate::l1_account::{Tell, connect, mined, with_margin};
use crate::l1_data::L1Data;
use crate::rebuilt::{IndexedSlot, Rebuilt};
use crate::token::Token;

/// A request of the owner that no batch has consumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingRequest {
    /// The request's place in the contract's queue.
    pub index: u64,
    /// The request's L1 words.
    pub words: [Word; 2],
}

/// What a request asked for.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Deposit { token: u16, amount: u64 },
    Exit { slot: u32 },
}

impl Asked {
    /// The words that the contract chained.
    fn words(self, owner: Owner) -> [Word; 2] {
        match self {
            Self::Deposit { token, amount } => L1Effect::Deposit { token, amount, owner },
            Self::Exit { slot } => L1Effect::Exit { slot, token: 0, amount: 0, owner },
        }
        .encode()
    }
}

/// The owner of a key, with the rollup's contract and nothing else.
///
/// Every method can return `ContractRefused` with the contract's own error, or `L1` with another
/// error of the node. A method that sends a transaction returns these, and `Reverted` for a
/// transaction that had no effect, in `Failed` with the name of the act; and `NotMined` when no
/// block with the transaction is seen in time.
#[derive(Debug)]
pub struct Leaver {
    data: L1Data,
    secret: SecretKey,
    l1_address: L1Address,
    owner: Owner,
    tell: Tell,
}

impl Leaver {
    /// The owner of the L1 key `signer` in the rollup of `contract`; `l1` is the URL of an L1 node.
    ///
    /// # Errors
    /// `Signing` or `NoKey` as [`derive()`]; `L1Url` when the URL cannot be read; `NotSheaf` as
    /// [`L1Data::new`].
    pub async fn new(signer: PrivateKeySigner, l1: &str, contract: L1Address) -> Result<Self> {
        let data = L1Data::new(connect(signer.clone(), l1)?, contract).await?;
        let secret = derive(&signer, &key_text(&data.chain_id().to_string(), &contract))?;
        let l1_address = L1Address(signer.address().0.0);
        let owner = Owner::new(&secret.public_key(), &l1_address);
        Ok(Self { data, secret, l1_address, owner, tell: |_, _| {} })
    }

    /// The same, which tells `tell` of each L1 transaction once the node has taken it.
    #[must_use]
    pub fn telling(self, tell: Tell) -> Self {
        Self { tell, ..self }
    }

    /// The same, with sources of the blobs of batches, which are asked one after another.
    #[must_use]
    pub fn with_blobs(self, sources: Vec<BlobSource>) -> Self {
        Self { data: self.data.with_blobs(sources), ..self }
    }

    /// The L2 address of the owner.
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// The L1 address of the owner, which is paid.
    pub fn l1_address(&self) -> Address {
        self.l1_address.0.into()
    }

    /// What the rollup's batches published.
    pub const fn data(&self) -> &L1Data {
        &self.data
    }

    /// A token of the contract's list, by its number.
    ///
    /// # Errors
    /// `NoToken`, `NoDecimals` or `NoDecimalScale` as [`Token::listed`].
    pub async fn token(&self, number: u16) -> Result<Token> {
        Token::listed(number, self.contract()).await
    }

    /// What the owner's L1 address may claim in a token.
    pub async fn claimable(&self, token: u16) -> Result<ISheaf::Payout> {
        Ok(self.contract().pending(self.l1_address(), token).call().await?)
    }

    /// Claims what is claimable in a token, to the L1 address `to`. Returns the hash of the L1
    /// transaction.
    pub async fn claim(&self, token: u16, to: Address) -> Result<B256> {
        self.mined("the claim", self.contract().claim(token, to).send().await).await
    }

    /// Whether the rollup is frozen.
    pub async fn is_frozen(&self) -> Result<bool> {
        Ok(self.contract().progress().call().await?.frozen)
    }

    /// Requests an exit of a slot, with price and bond. Returns the hash of the L1 transaction.
    pub async fn request_exit(&self, slot: u32) -> Result<B256> {
        let price = with_margin(self.contract().priceOfRequest().call().await?);
        let bond = self.contract().exitBond().call().await?;
        let due = price + Token::ether().on_l1(bond);
        let request = self.contract().requestExit(slot, self.key()).value(due);
        self.mined("the exit request", request.send().await).await
    }

    /// Freezes the rollup, if an exit request has waited for the freeze delay. Returns the hash of
    /// the L1 transaction.
    pub async fn freeze(&self, rebuilt: &Rebuilt) -> Result<B256> {
        let tree = rebuilt.tree();
        let (root, next_slot) = (tree.root().to_bytes(), tree.len() as u64);
        self.mined("the freeze", self.contract().freeze(root.into(), next_slot).send().await).await
    }

    /// The owner's slots with a balance that have not escaped from the frozen rollup.
    ///
    /// # Errors
    /// `NotFrozen`; `OtherRoot` when the rollup was frozen with another root than `rebuilt` has.
    pub async fn left_behind(&self, rebuilt: &Rebuilt) -> Result<Vec<IndexedSlot>> {
        let frozen = self.contract().frozenRoot().call().await?;
        if frozen.is_zero() {
            return Err(ClientError::NotFrozen { owner: self.owner });
        }
        if frozen.0 != rebuilt.tree().root().to_bytes() {
            return Err(ClientError::OtherRoot);
        }
        let mut left = Vec::new();
        for found in rebuilt.slots_of(&self.owner) {
            let is_empty = found.slot.balance == 0;
            if !is_empty && !self.contract().escaped(found.index).call().await? {
                left.push(found);
            }
        }
        Ok(left)
    }

    /// Credits a slot of the frozen rollup to the owner's L1 address. Returns the hash of the L1
    /// transaction.
    pub async fn escape(&self, rebuilt: &Rebuilt, left: &IndexedSlot) -> Result<B256> {
        let IndexedSlot { index, slot } = *left;
        let siblings = rebuilt.tree().path(index).map(|sibling| FixedBytes(sibling.to_bytes()));
        let slot =
            ISheaf::Slot { index, token: slot.token, balance: slot.balance, nonce: slot.nonce };
        let call = self.contract().escape(slot, self.key(), self.l1_address(), siblings);
        self.mined("the escape", call.send().await).await
    }

    /// The owner's requests that no batch has consumed and that were not refunded, in order.
    pub async fn waiting_requests(&self) -> Result<Vec<WaitingRequest>> {
        let (sender, head) = (self.l1_address(), self.contract().queue().call().await?.head);
        let mut requests: Vec<(u64, FixedBytes<24>, Asked)> = Vec::new();
        for (from, to) in self.data.ranges().await? {
            let deposits = self.contract().DepositRequested_filter().topic2(sender);
            for (event, _) in deposits.from_block(from).to_block(to).query().await? {
                let asked = Asked::Deposit { token: event.token, amount: event.amount };
                requests.push((event.index, event.owner, asked));
            }
            let exits = self.contract().ExitRequested_filter().topic2(sender);
            for (event, _) in exits.from_block(from).to_block(to).query().await? {
                requests.push((event.index, event.owner, Asked::Exit { slot: event.slot }));
            }
        }
        requests.sort_unstable_by_key(|(index, ..)| *index);
        let mut waiting = Vec::new();
        for (index, owner, asked) in requests.into_iter().filter(|(index, ..)| *index >= head) {
            let is_kept = self.contract().request(index).call().await?.sender == sender;
            // The contract takes canonical owners only.
            let owner = Owner::from_bytes(owner.0).filter(|_| is_kept);
            waiting.extend(owner.map(|owner| WaitingRequest { index, words: asked.words(owner) }));
        }
        Ok(waiting)
    }

    /// Credits a waiting request of the frozen rollup to its sender. Returns the hash of the L1
    /// transaction.
    pub async fn refund(&self, request: &WaitingRequest) -> Result<B256> {
        let [a, b] = request.words.map(|word| U256::from_be_bytes(word.to_bytes()));
        self.mined("the refund", self.contract().refund(request.index, a, b).send().await).await
    }

    /// Waits until an act is mined. Returns the hash of its L1 transaction.
    async fn mined(
        &self,
        act: &'static str,
        sent: std::result::Result<PendingTransactionBuilder<Ethereum>, ContractError>,
    ) -> Result<B256> {
        Ok(mined((act, self.tell), sent).await?.transaction_hash)
    }

    fn contract(&self) -> &SheafInstance<DynProvider> {
        self.data.contract()
    }

    /// The key as the contract takes it: five elements, constant term first.
    fn key(&self) -> [u64; 5] {
        self.secret.public_key().elements().map(|element| element.canonical())
    }
}
