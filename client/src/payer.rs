//! A payer: an opened wallet in one rollup, with both of its sides, L1 and L2, and the token that
//! it pays with.

use std::time::{SystemTime, UNIX_EPOCH};

use alloy::contract::Error as ContractError;
use alloy::network::Ethereum;
use alloy::primitives::{Address, B256, FixedBytes, U256};
use alloy::providers::{DynProvider, PendingTransactionBuilder, Provider, ProviderBuilder};
use alloy::rpc::types::TransactionReceipt;
use alloy::signers::local::PrivateKeySigner;
use sheaf_contracts::Sheaf::{self, SheafInstance};
use sheaf_contracts::client;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::SecretKey;
use sheaf_ledger::domain::key_text;
use sheaf_ledger::transaction::{Payment, Transfer, Withdrawal};
use sheaf_ledger::{Domain, L1Address, Owner, SignedTransaction, Transaction};
use sheaf_wire::accounts::SlotBody;
use sheaf_wire::status::StatusBody;
use sheaf_wire::transactions::TransactionStatus;

use crate::api::Api;
use crate::error::{ClientError, Result};
use crate::key::derive;
use crate::token::{Erc20, Token};

/// Seconds for which a transaction is valid after it was signed.
const VALIDITY_SECONDS: u64 = 3_600;

/// A signed transaction and what it does to its payer.
#[derive(Debug, Clone)]
pub struct Signed {
    /// What the sequencer knows it by.
    pub id: Digest,
    pub transaction: SignedTransaction,
    /// In L2 units.
    pub fee: u64,
    /// The payer's balance once it is executed, in L2 units, unless something else moves it.
    pub left: u64,
}

/// What a payment is taken from.
struct Source {
    slot: SlotBody,
    fee: u64,
    left: u64,
}

/// Somebody with a key, in one rollup.
///
/// Whatever asks the sequencer or L1 fails with what that one refuses, or with its silence; what
/// signs fails with `NoBalance` and `BalanceTooLow`, what needs L1 with `L1Silent` and
/// `OtherChain`.
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
    /// Joins the rollup that the sequencer behind `api` runs, to pay in ether. `l1` is the URL of a
    /// node; nothing is asked of it yet.
    ///
    /// # Errors
    /// `Signing`, `NoKey`, `L1Url`.
    pub fn new(signer: PrivateKeySigner, api: Api, l1: &str, status: &StatusBody) -> Result<Self> {
        let StatusBody { chain_id, contract, .. } = *status;
        let secret = derive(&signer, &key_text(&chain_id.to_string(), &contract))?;
        let l1_address = L1Address(signer.address().0.0);
        let owner = Owner::new(&secret.public_key(), &l1_address);
        // The URL is not repeated: it may hold a key.
        let url = l1.parse().map_err(|source| ClientError::L1Url { source })?;
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
        if held < amount {
            return Err(ClientError::L1BalanceTooLow {
                account: self.l1_address(),
                balance: self.token.show_l1(held),
                deposit: self.token.show(units),
            });
        }
        let (sheaf, owner) = (self.sheaf(), FixedBytes(owner.to_bytes()));
        let receipt = match self.token.erc20 {
            None => mined(sheaf.depositEther(owner).value(amount).send().await).await,
            Some(erc20) => {
                self.approve(erc20, amount).await.map_err(failed("the approval"))?;
                mined(sheaf.depositToken(self.token.number, amount, owner).send().await).await
            }
        };
        let receipt = receipt.map_err(failed("the deposit"))?;
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
    ///
    /// # Errors
    /// `OutcomeUnknown` when nobody answers; what the sequencer refuses.
    pub async fn submit(&self, signed: &SignedTransaction) -> Result<TransactionStatus> {
        let id = self.id_of(&signed.transaction)?;
        match self.api.submit(signed).await {
            Ok(status) => Ok(TransactionStatus { id: Some(id), ..status }),
            Err(error) if error.is_silence() => {
                Err(ClientError::OutcomeUnknown { id, source: Box::new(error) })
            }
            Err(error) => Err(error),
        }
    }

    /// Takes out what is claimable. Returns the L1 transaction and the fee paid for it, in wei.
    pub async fn claim(&self, to: Address) -> Result<(B256, U256)> {
        let claimed = mined(self.sheaf().claim(self.token.number, to).send().await).await;
        let receipt = claimed.map_err(failed("the claim"))?;
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
        let found = self.l1.get_chain_id().await;
        let found = found.map_err(|error| ClientError::L1Silent { source: Box::new(error) })?;
        if found != self.chain_id {
            return Err(ClientError::OtherChain { expected: self.chain_id, found });
        }
        Ok(())
    }

    /// The slot to pay from, once its balance is known to cover `total` and the fee.
    async fn source_of(&self, total: u128, payments: usize) -> Result<Source> {
        let number = self.token.number;
        let account = self.api.account(&self.owner).await?;
        let slot = account.slot_of(number).cloned();
        let slot = slot.ok_or(ClientError::NoBalance { owner: self.owner })?;
        let fee = self.api.quote(number, payments).await?;
        let needed = u64::try_from(total + u128::from(fee)).ok();
        let left = needed.and_then(|needed| slot.balance.checked_sub(needed));
        let left = left.ok_or_else(|| ClientError::BalanceTooLow {
            balance: self.token.show(slot.balance),
            fee: self.token.show(fee),
        })?;
        Ok(Source { slot, fee, left })
    }

    fn sign(&self, transaction: Transaction, source: &Source) -> Result<Signed> {
        let (id, payer) = (self.id_of(&transaction)?, (&self.secret, self.l1_address));
        let signed = SignedTransaction::sign(transaction, &self.domain, payer, &mut rand::rng());
        let transaction = signed.map_err(|source| ClientError::Rule { source })?;
        Ok(Signed { id, transaction, fee: source.fee, left: source.left })
    }

    fn id_of(&self, transaction: &Transaction) -> Result<Digest> {
        transaction.message(&self.domain).map_err(|source| ClientError::Rule { source })
    }
}

/// Waits for an L1 transaction to be mined; a refusal of the contract is told by its name.
async fn mined(
    sent: std::result::Result<PendingTransactionBuilder<Ethereum>, ContractError>,
) -> Result<TransactionReceipt> {
    let receipt = sent?.get_receipt().await?;
    if !receipt.status() {
        return Err(ClientError::Reverted { transaction: receipt.transaction_hash });
    }
    Ok(receipt)
}

/// Says which act a failure on L1 ended.
fn failed(act: &'static str) -> impl FnOnce(ClientError) -> ClientError {
    move |error| ClientError::Failed { act, source: Box::new(error) }
}

/// What an L1 transaction cost, in wei.
fn gas_fee(receipt: &TransactionReceipt) -> U256 {
    U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price)
}

/// When a transaction that is signed now ends to be valid.
fn valid_until() -> Result<u32> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| ClientError::Clock)?;
    u32::try_from(now.as_secs() + VALIDITY_SECONDS).map_err(|_| ClientError::Clock)
}
