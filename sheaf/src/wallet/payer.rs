//! A payer: an opened wallet in one rollup, with both of its sides, L1 and L2, and the token that
//! it pays with.

use std::time::{SystemTime, UNIX_EPOCH};

use alloy::contract::Error as ContractError;
use alloy::network::Ethereum;
use alloy::primitives::{Address, B256, FixedBytes, U256};
use alloy::providers::{DynProvider, PendingTransactionBuilder, Provider, ProviderBuilder};
use alloy::rpc::types::TransactionReceipt;
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Error, Result, anyhow, ensure};
use sheaf_crypto::key::SecretKey;
use sheaf_ledger::domain::key_text;
use sheaf_ledger::transaction::{Payment, Transfer, Withdrawal};
use sheaf_ledger::{Domain, L1Address, Owner, SignedTransaction, Transaction};
use sheaf_sequencer::l1::Sheaf::{self, SheafErrors, SheafInstance};
use sheaf_sequencer::l1::client;

use super::derive;
use super::token::{Erc20, Token};
use crate::api::{Api, Slot, Status, TransactionStatus, is_silence};

/// Seconds for which a transaction is valid after it was signed.
const VALIDITY_SECONDS: u64 = 3_600;

/// A signed transaction and what it does to its payer.
#[derive(Debug, Clone)]
pub struct Signed {
    pub transaction: SignedTransaction,
    /// In L2 units.
    pub fee: u64,
    /// The payer's balance once it is executed, in L2 units, unless something else moves it.
    pub left: u64,
}

/// What a payment is taken from.
struct Source {
    slot: Slot,
    fee: u64,
    left: u64,
}

/// Somebody with a key, in one rollup.
#[derive(Debug)]
pub struct Payer {
    api: Api,
    l1: DynProvider,
    chain_id: u64,
    contract: Address,
    domain: Domain,
    secret: SecretKey,
    l1_address: L1Address,
    owner: Owner,
    token: Token,
}

impl Payer {
    /// Joins the rollup that the sequencer behind `api` runs, to pay in ether.
    pub fn new(signer: PrivateKeySigner, api: Api, l1: &str, status: &Status) -> Result<Self> {
        let Status { chain_id, contract, .. } = *status;
        let secret = derive(&signer, &key_text(&chain_id.to_string(), &contract))?;
        let l1_address = L1Address(signer.address().0.0);
        let owner = Owner::new(&secret.public_key(), &l1_address);
        // The URL is not repeated: it may hold a key.
        let url = l1.parse().context("what --l1 gives is no address of an L1 node")?;
        let l1 = ProviderBuilder::new().wallet(signer).connect_client(client(url)).erased();
        let domain = Domain::on_chain(chain_id, contract);
        let (contract, token) = (contract.0.into(), Token::ether());
        Ok(Self { api, l1, chain_id, contract, domain, secret, l1_address, owner, token })
    }

    /// The same payer with another token of the contract's list.
    pub async fn with_token(self, number: u16) -> Result<Self> {
        if number == self.token.number {
            return Ok(self);
        }
        self.check_l1().await?;
        let token = Token::listed(number, &self.sheaf()).await?;
        Ok(Self { token, ..self })
    }

    /// The L2 address.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// The L1 address.
    pub fn l1_address(&self) -> Address {
        self.l1_address.0.into()
    }

    /// The sequencer.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// What it pays with.
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// Another token of the contract's list.
    pub async fn listed(&self, number: u16) -> Result<Token> {
        Token::listed(number, &self.sheaf()).await
    }

    /// The L2 balance, in L2 units.
    pub async fn balance(&self) -> Result<u64> {
        let account = self.api.account(&self.owner).await?;
        Ok(account.slot_of(self.token.number).map_or(0, |slot| slot.balance))
    }

    /// The L1 balance, in L1 units.
    pub async fn l1_balance(&self) -> Result<U256> {
        self.check_l1().await?;
        match self.token.erc20 {
            None => Ok(self.l1.get_balance(self.l1_address()).await?),
            Some(erc20) => {
                let erc20 = Erc20::new(erc20, &self.l1);
                Ok(erc20.balanceOf(self.l1_address()).call().await?)
            }
        }
    }

    /// What finalised batches have paid to this L1 address and nobody has claimed, in L2 units.
    pub async fn claimable(&self) -> Result<u64> {
        self.check_l1().await?;
        Ok(self.sheaf().pending(self.l1_address(), self.token.number).call().await?)
    }

    /// Asks the contract to credit `units` to `owner`; an ERC-20 is approved first. Returns the
    /// L1 transaction and the fee paid for it, in wei; an approval's is not in it.
    pub async fn deposit(&self, units: u64, owner: Owner) -> Result<(B256, U256)> {
        let (amount, held) = (self.token.on_l1(units), self.l1_balance().await?);
        ensure!(
            held >= amount,
            "the L1 account {} has {}, less than the deposit of {}",
            self.l1_address(),
            self.token.show_l1(held),
            self.token.show(units)
        );
        let (sheaf, owner) = (self.sheaf(), FixedBytes(owner.to_bytes()));
        let receipt = match self.token.erc20 {
            None => mined(sheaf.depositEther(owner).value(amount).send().await).await,
            Some(erc20) => {
                self.approve(erc20, amount).await.context("the token refuses the approval")?;
                mined(sheaf.depositToken(self.token.number, amount, owner).send().await).await
            }
        };
        let receipt = receipt.context("the deposit failed on L1")?;
        Ok((receipt.transaction_hash, gas_fee(&receipt)))
    }

    /// Signs and sends a transfer.
    pub async fn send(&self, payments: Vec<Payment>) -> Result<TransactionStatus> {
        self.submit(&self.sign_transfer(payments).await?.transaction).await
    }

    /// Signs and sends a withdrawal.
    pub async fn withdraw(&self, amount: u64, to: L1Address) -> Result<TransactionStatus> {
        self.submit(&self.sign_withdrawal(amount, to).await?.transaction).await
    }

    /// Signs a transfer with the next nonce and the fee that is asked now.
    pub async fn sign_transfer(&self, payments: Vec<Payment>) -> Result<Signed> {
        let total = payments.iter().map(|payment| u128::from(payment.amount)).sum();
        let source = self.source_of(total, payments.len()).await?;
        let transaction = Transaction::Transfer(Transfer {
            slot: source.slot.slot,
            token: self.token.number,
            nonce: source.slot.next_nonce,
            fee: source.fee,
            valid_until: valid_until()?,
            payments,
        });
        self.sign(transaction, &source)
    }

    /// Signs a withdrawal with the next nonce and the fee that is asked now.
    pub async fn sign_withdrawal(&self, amount: u64, to: L1Address) -> Result<Signed> {
        let source = self.source_of(amount.into(), 1).await?;
        let transaction = Transaction::Withdrawal(Withdrawal {
            slot: source.slot.slot,
            token: self.token.number,
            nonce: source.slot.next_nonce,
            fee: source.fee,
            valid_until: valid_until()?,
            amount,
            recipient: to,
        });
        self.sign(transaction, &source)
    }

    /// Sends what was signed. The answer always has the transaction's id.
    pub async fn submit(&self, signed: &SignedTransaction) -> Result<TransactionStatus> {
        let id = signed.transaction.message(&self.domain)?;
        match self.api.submit(signed).await {
            Ok(status) => Ok(TransactionStatus { id: Some(id), ..status }),
            Err(error) if is_silence(&error) => Err(error.context(format!(
                "it is not known whether the transaction was taken; ask with \
                 `sheaf wallet history {id}` before you send another"
            ))),
            Err(error) => Err(error),
        }
    }

    /// Takes out what is claimable. Returns the L1 transaction and the fee paid for it, in wei.
    pub async fn claim(&self, to: Address) -> Result<(B256, U256)> {
        let claimed = mined(self.sheaf().claim(self.token.number, to).send().await).await;
        let receipt = claimed.context("the claim failed on L1")?;
        Ok((receipt.transaction_hash, gas_fee(&receipt)))
    }

    fn sheaf(&self) -> SheafInstance<&DynProvider> {
        Sheaf::new(self.contract, &self.l1)
    }

    /// Lets the contract pull `amount`. Some tokens change an allowance only from or to zero.
    async fn approve(&self, erc20: Address, amount: U256) -> Result<()> {
        let erc20 = Erc20::new(erc20, &self.l1);
        let allowed = erc20.allowance(self.l1_address(), self.contract).call().await?;
        if allowed >= amount {
            return Ok(());
        }
        if !allowed.is_zero() {
            mined(erc20.approve(self.contract, U256::ZERO).send().await).await?;
        }
        mined(erc20.approve(self.contract, amount).send().await).await?;
        Ok(())
    }

    /// Whether the L1 node serves the chain that the sequencer speaks of: a deposit to a contract's
    /// address on another chain would be lost.
    async fn check_l1(&self) -> Result<()> {
        let found =
            self.l1.get_chain_id().await.context("the L1 node does not answer; see --l1")?;
        ensure!(
            found == self.chain_id,
            "the L1 node serves chain {found}, the rollup is on chain {}",
            self.chain_id
        );
        Ok(())
    }

    /// The slot to pay from, once its balance is known to cover `total` and the fee.
    async fn source_of(&self, total: u128, payments: usize) -> Result<Source> {
        let (number, token) = (self.token.number, &self.token);
        let account = self.api.account(&self.owner).await?;
        let slot = account.slot_of(number).cloned().with_context(|| {
            format!(
                "{} has no balance on L2 yet; deposit with `sheaf wallet deposit`, or be paid",
                self.owner
            )
        })?;
        let fee = self.api.quote(number, payments).await?;
        let needed = u64::try_from(total + u128::from(fee)).ok();
        let left = needed.and_then(|needed| slot.balance.checked_sub(needed));
        let left = left.with_context(|| {
            format!(
                "the balance of {} does not cover the payment and its fee of {}",
                token.show(slot.balance),
                token.show(fee)
            )
        })?;
        Ok(Source { slot, fee, left })
    }

    fn sign(&self, transaction: Transaction, source: &Source) -> Result<Signed> {
        let payer = (&self.secret, self.l1_address);
        let transaction =
            SignedTransaction::sign(transaction, &self.domain, payer, &mut rand::rng())?;
        Ok(Signed { transaction, fee: source.fee, left: source.left })
    }
}

/// Waits for an L1 transaction to be mined; a refusal of the contract is told by its name.
async fn mined(
    sent: Result<PendingTransactionBuilder<Ethereum>, ContractError>,
) -> Result<TransactionReceipt> {
    let receipt = sent.map_err(refusal)?.get_receipt().await?;
    ensure!(receipt.status(), "L1 reverted the transaction {}", receipt.transaction_hash);
    Ok(receipt)
}

/// What an L1 transaction cost, in wei.
fn gas_fee(receipt: &TransactionReceipt) -> U256 {
    U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price)
}

/// An error of a call, by the name that the contract gives it.
pub fn refusal(error: ContractError) -> Error {
    match error.as_decoded_interface_error::<SheafErrors>() {
        Some(named) => anyhow!("the contract refuses: {named:?}"),
        None => error.into(),
    }
}

/// When a transaction that is signed now ends to be valid.
fn valid_until() -> Result<u32> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    u32::try_from(now.as_secs() + VALIDITY_SECONDS).context("the clock is after 2106")
}
