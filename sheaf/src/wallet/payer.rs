//! A payer: an opened wallet in one rollup, with both of its sides, L1 and L2.

use std::time::{SystemTime, UNIX_EPOCH};

use alloy::primitives::{Address, B256, FixedBytes, U256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result, ensure};
use sheaf_ledger::key::{SecretKey, key_text};
use sheaf_ledger::transaction::{Payment, Transfer, Withdrawal};
use sheaf_ledger::{Domain, L1Address, Owner, SignedTransaction, Transaction};
use sheaf_sequencer::l1::Sheaf;

use super::{ETHER, derive};
use crate::api::{Api, Slot, Status, TransactionStatus};

/// Wei in one L2 unit of ether.
const ETHER_SCALE: u64 = 1_000_000_000;
/// Seconds for which a transaction is valid after it was signed.
const VALIDITY_SECONDS: u64 = 3_600;

/// Somebody with a key, in one rollup.
#[derive(Debug)]
pub struct Payer {
    api: Api,
    l1: DynProvider,
    contract: Address,
    domain: Domain,
    secret: SecretKey,
    l1_address: L1Address,
    owner: Owner,
}

impl Payer {
    /// Joins the rollup that the sequencer behind `api` runs.
    pub fn new(signer: PrivateKeySigner, api: Api, l1: &str, status: &Status) -> Result<Self> {
        let text = key_text(&status.chain_id.to_string(), &status.contract);
        let secret = derive(&signer, &text)?;
        let l1_address = L1Address(signer.address().0.0);
        let owner = Owner::new(&secret.public_key(), &l1_address);
        let url = l1.parse().with_context(|| format!("'{l1}' is no address of an L1 node"))?;
        let l1 = ProviderBuilder::new().wallet(signer).connect_http(url).erased();
        let contract = status.contract.0.into();
        let domain = Domain::on_chain(status.chain_id, status.contract);
        Ok(Self { api, l1, contract, domain, secret, l1_address, owner })
    }

    /// The L2 address.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// The L1 address.
    pub fn l1_address(&self) -> Address {
        self.l1_address.0.into()
    }

    /// The L2 balance of ether, in gwei.
    pub async fn balance(&self) -> Result<u64> {
        let account = self.api.account(&self.owner).await?;
        Ok(account.slot_of(ETHER).map_or(0, |slot| slot.balance))
    }

    /// The L1 balance, in wei.
    pub async fn l1_balance(&self) -> Result<U256> {
        Ok(self.l1.get_balance(self.l1_address()).await?)
    }

    /// What finalised batches have paid to this L1 address and nobody has claimed, in gwei.
    pub async fn claimable(&self) -> Result<u64> {
        let contract = Sheaf::new(self.contract, &self.l1);
        Ok(contract.pending(self.l1_address(), ETHER).call().await?)
    }

    /// Asks the contract to credit `units` gwei to `owner`. Returns the L1 transaction.
    pub async fn deposit(&self, units: u64, owner: Owner) -> Result<B256> {
        let contract = Sheaf::new(self.contract, &self.l1);
        let value = U256::from(units) * U256::from(ETHER_SCALE);
        let call = contract.depositEther(FixedBytes(owner.to_bytes())).value(value);
        let receipt = call.send().await?.get_receipt().await?;
        ensure!(receipt.status(), "L1 reverted the deposit {}", receipt.transaction_hash);
        Ok(receipt.transaction_hash)
    }

    /// Signs and sends a transfer.
    pub async fn send(&self, payments: Vec<Payment>) -> Result<TransactionStatus> {
        let slot = self.slot().await?;
        let fee = self.api.quote(ETHER, payments.len()).await?;
        let transfer = Transfer {
            slot: slot.slot,
            token: ETHER,
            nonce: slot.next_nonce,
            fee,
            valid_until: valid_until()?,
            payments,
        };
        self.submit(Transaction::Transfer(transfer)).await
    }

    /// Signs and sends a withdrawal.
    pub async fn withdraw(&self, amount: u64, to: L1Address) -> Result<TransactionStatus> {
        let slot = self.slot().await?;
        let withdrawal = Withdrawal {
            slot: slot.slot,
            token: ETHER,
            nonce: slot.next_nonce,
            fee: self.api.quote(ETHER, 1).await?,
            valid_until: valid_until()?,
            amount,
            recipient: to,
        };
        self.submit(Transaction::Withdrawal(withdrawal)).await
    }

    /// Takes out what is claimable. Returns the L1 transaction and the fee paid for it, in wei.
    pub async fn claim(&self, to: Address) -> Result<(B256, U256)> {
        let contract = Sheaf::new(self.contract, &self.l1);
        let receipt = contract.claim(ETHER, to).send().await?.get_receipt().await?;
        ensure!(receipt.status(), "L1 reverted the claim {}", receipt.transaction_hash);
        let fee = U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price);
        Ok((receipt.transaction_hash, fee))
    }

    async fn slot(&self) -> Result<Slot> {
        let account = self.api.account(&self.owner).await?;
        account.slot_of(ETHER).cloned().with_context(|| {
            format!(
                "{} has no ether on L2 yet; deposit some with `sheaf wallet deposit`",
                self.owner
            )
        })
    }

    async fn submit(&self, transaction: Transaction) -> Result<TransactionStatus> {
        let payer = (&self.secret, self.l1_address);
        let signed = SignedTransaction::sign(transaction, &self.domain, payer, &mut rand::rng())?;
        self.api.submit(&signed).await
    }
}

/// When a transaction that is signed now ends to be valid.
fn valid_until() -> Result<u32> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    u32::try_from(now.as_secs() + VALIDITY_SECONDS).context("the clock is after 2106")
}
