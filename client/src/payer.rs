//! A payer: a key in one rollup, with its accounts on L1 and L2 and the token with which it pays.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use alloy::primitives::{Address, B256, FixedBytes, U256};
use alloy::providers::{DynProvider, Provider};
use alloy::signers::local::PrivateKeySigner;
use sheaf_contracts::Sheaf::{self, SheafInstance};
use sheaf_contracts::token::Erc20;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::SecretKey;
use sheaf_ledger::domain::key_text;
use sheaf_ledger::transaction::{Payment, Transfer, Withdrawal};
use sheaf_ledger::{Domain, L1Address, Owner, SignedTransaction, Transaction};
use sheaf_wire::accounts::SlotBody;
use sheaf_wire::status::StatusBody;
use sheaf_wire::transactions::TransactionStatus;
use tokio::time::sleep;

use crate::api::Api;
use crate::error::{ClientError, Result};
use crate::key::derive;
use crate::l1_account::{Tell, connect, gas_fee, mined, with_margin};
use crate::token::Token;

/// For how many seconds a transaction is valid after it was signed.
const VALIDITY_SECONDS: u64 = 3_600;
/// How many seconds more a transaction may be valid, by chance. Two machines with one key that pay
/// the same at the same second would else sign one transaction, and one of two payments be missing.
const VALIDITY_SPREAD_SECONDS: u64 = 1_024;
/// How long a transaction is sent again whose outcome the sequencer does not know: as long as a
/// restart, or another sequencer's take-over, takes at most.
const OUTCOME_PATIENCE: Duration = Duration::from_secs(30);
/// How the code of an account begins that delegates to a contract (EIP-7702).
const DELEGATION: [u8; 3] = [0xef, 0x01, 0x00];
/// The pause before the transaction is sent again.
const OUTCOME_PAUSE: Duration = Duration::from_millis(500);

/// A signed transaction, with its effect on the payer.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The transaction's id, under which the sequencer's API finds it.
    pub id: Digest,
    pub transaction: SignedTransaction,
    /// L2 units.
    pub fee: u64,
    /// The payer's balance after the transaction, in L2 units, if nothing else moves the balance.
    pub left: u64,
}

/// The slot from which a transaction pays, with its fee and the balance that it leaves.
struct Source {
    slot: SlotBody,
    fee: u64,
    left: u64,
}

/// The owner of a key, in one rollup.
///
/// A method that asks the sequencer can return the errors of [`Api`]. A method that uses L1 can
/// return `ContractRefused` with the contract's own error, or `L1` with another error of the node.
/// The other errors are in each method's documentation.
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
    tell: Tell,
}

impl Payer {
    /// A payer, in ether, in the rollup of the sequencer behind `api`. `status` is the sequencer's
    /// answer to [`Api::status`]; `l1` is the URL of an L1 node, to which this call sends nothing.
    ///
    /// # Errors
    /// `Signing` or `NoKey` as [`derive()`]; `L1Url` when the URL cannot be read.
    pub fn new(signer: PrivateKeySigner, api: Api, l1: &str, status: &StatusBody) -> Result<Self> {
        let StatusBody { chain_id, contract, .. } = *status;
        let secret = derive(&signer, &key_text(&chain_id.to_string(), &contract))?;
        let l1_address = L1Address(signer.address().0.0);
        let owner = Owner::new(&secret.public_key(), &l1_address);
        let l1 = connect(signer, l1)?;
        let domain = Domain::on_chain(chain_id, contract);
        let (contract, token) = (contract.0.into(), Token::ether());
        let tell: Tell = |_, _| {};
        Ok(Self { api, l1, chain_id, contract, domain, secret, l1_address, owner, token, tell })
    }

    /// The same payer, which tells `tell` of each L1 transaction once the node has taken it.
    #[must_use]
    pub fn telling(self, tell: Tell) -> Self {
        Self { tell, ..self }
    }

    /// The same payer with another token of the contract's list.
    ///
    /// # Errors
    /// `L1Silent` when the node does not answer; `OtherChain` when it serves another chain;
    /// `NoToken`, `NoDecimals` or `NoDecimalScale` as [`Token::listed`].
    pub async fn with_token(self, number: u16) -> Result<Self> {
        if number == self.token.number {
            return Ok(self);
        }
        let token = self.listed(number).await?;
        Ok(Self { token, ..self })
    }

    /// The payer's L2 address.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// The payer's L1 address.
    pub fn l1_address(&self) -> Address {
        self.l1_address.0.into()
    }

    /// The connection to the sequencer.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The token with which the payer pays.
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// A token of the contract's list, by its number.
    ///
    /// # Errors
    /// `L1Silent` when the node does not answer; `OtherChain` when it serves another chain;
    /// `NoToken`, `NoDecimals` or `NoDecimalScale` as [`Token::listed`].
    pub async fn listed(&self, number: u16) -> Result<Token> {
        self.check_l1().await?;
        Token::listed(number, &self.sheaf()).await
    }

    /// The L2 balance of the payer's token, in L2 units; 0 without a slot.
    pub async fn balance(&self) -> Result<u64> {
        let account = self.api.account(&self.owner).await?;
        Ok(account.slot_of(self.token.number).map_or(0, |slot| slot.balance))
    }

    /// The L1 balance of the payer's token, in L1 units.
    ///
    /// # Errors
    /// `L1Silent` when the node does not answer; `OtherChain` when it serves another chain.
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

    /// The amount of the payer's token that payouts have credited to its L1 address and that is not
    /// claimed yet, in L2 units.
    ///
    /// # Errors
    /// `L1Silent` when the node does not answer; `OtherChain` when it serves another chain.
    pub async fn claimable(&self) -> Result<u64> {
        self.check_l1().await?;
        Ok(self.sheaf().pending(self.l1_address(), self.token.number).call().await?.amount)
    }

    /// Whether a contract is at an L1 address. An account with a key that delegates to code is none
    /// (EIP-7702).
    ///
    /// # Errors
    /// `L1Silent` when the node does not answer; `OtherChain` when it serves another chain.
    pub async fn is_contract(&self, address: Address) -> Result<bool> {
        self.check_l1().await?;
        let code = self.l1.get_code_at(address).await?;
        Ok(!code.is_empty() && !code.starts_with(&DELEGATION))
    }

    /// Deposits `units` L2 units for `owner`; an ERC-20 is approved first. The contract takes the
    /// price of a request in ether on top and gives back what is above. Returns the hash of the
    /// deposit's L1 transaction, and the transaction's fee and the price together in wei, without
    /// the fee of an approval.
    ///
    /// # Errors
    /// `L1BalanceTooLow` when the L1 balance does not cover the amount, or amount and price of
    /// ether; `Failed` with the error of the approval or the deposit, such as `Reverted` or
    /// `ContractRefused`; `NotMined` when no block with one of them is seen in time; `L1Silent`
    /// when the node does not answer; `OtherChain` when it serves another chain.
    pub async fn deposit(&self, units: u64, owner: Owner) -> Result<(B256, U256)> {
        let (amount, held) = (self.token.on_l1(units), self.l1_balance().await?);
        let price = self.sheaf().priceOfRequest().call().await?;
        let along = with_margin(price);
        let needed = if self.token.erc20.is_none() { amount + along } else { amount };
        if held < needed {
            return Err(ClientError::L1BalanceTooLow {
                account: self.l1_address(),
                balance: self.token.show_l1(held),
                deposit: self.token.show_l1(needed),
            });
        }
        let (sheaf, owner) = (self.sheaf(), FixedBytes(owner.to_bytes()));
        let sent = match self.token.erc20 {
            None => sheaf.depositEther(amount, owner).value(needed).send().await,
            Some(erc20) => {
                self.approve(erc20, amount).await?;
                let deposit = sheaf.depositToken(self.token.number, amount, owner);
                deposit.value(along).send().await
            }
        };
        let receipt = mined(("the deposit", self.tell), sent).await?;
        Ok((receipt.transaction_hash, gas_fee(&receipt) + price))
    }

    /// What one payment or withdrawal can move at most: the balance of the payer's token less the
    /// fee, in L2 units.
    ///
    /// # Errors
    /// `NoBalance` when the owner has no slot of the token; `BalanceTooLow` when nothing is left
    /// after the fee.
    pub async fn everything(&self) -> Result<u64> {
        let source = self.source_of(0, 1).await?;
        match source.left {
            0 => Err(ClientError::BalanceTooLow {
                balance: self.token.show(source.slot.balance),
                fee: self.token.show(source.fee),
            }),
            left => Ok(left),
        }
    }

    /// Signs and sends a transfer.
    ///
    /// # Errors
    /// As `sign_transfer` and `submit`.
    pub async fn send(&self, payments: Vec<Payment>) -> Result<TransactionStatus> {
        self.submit(&self.sign_transfer(payments).await?.transaction).await
    }

    /// Signs and sends a withdrawal of `amount` L2 units.
    ///
    /// # Errors
    /// As `sign_withdrawal` and `submit`.
    pub async fn withdraw(&self, amount: u64, to: L1Address) -> Result<TransactionStatus> {
        self.submit(&self.sign_withdrawal(amount, to).await?.transaction).await
    }

    /// Signs a transfer with the next nonce and the sequencer's current least fee. The transaction
    /// is valid for an hour and some minutes.
    ///
    /// # Errors
    /// `NoBalance` when the owner has no slot of the token; `BalanceTooLow` when the balance does
    /// not cover amounts and fee; `Rule` when the transfer breaks a rule of form; `Clock`.
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

    /// Signs a withdrawal of `amount` L2 units to the L1 address `to`, with the next nonce and the
    /// sequencer's current least fee. The transaction is valid for an hour and some minutes.
    ///
    /// # Errors
    /// As `sign_transfer`.
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

    /// Sends a signed transaction. The answer always has the transaction's id. When the sequencer
    /// answers that it does not know the outcome, as it does when it stops, the same transaction is
    /// sent again for as long as `OUTCOME_PATIENCE`, which is harmless.
    ///
    /// # Errors
    /// `OutcomeUnknown` when no whole answer arrives, or none that tells the outcome; the other
    /// errors of [`Api`]; `Rule` when the transaction breaks a rule of form.
    pub async fn submit(&self, signed: &SignedTransaction) -> Result<TransactionStatus> {
        self.submit_within(signed, OUTCOME_PATIENCE).await
    }

    async fn submit_within(
        &self,
        signed: &SignedTransaction,
        patience: Duration,
    ) -> Result<TransactionStatus> {
        let id = self.id_of(&signed.transaction)?;
        let start = Instant::now();
        let mut unknown: Option<Box<ClientError>> = None;
        loop {
            let error = match self.api.submit(signed).await {
                Ok(status) => return Ok(TransactionStatus { id: Some(id), ..status }),
                Err(error) => error,
            };
            // Once a request may have been taken, only a verdict on the transaction ends the doubt.
            let (is_first, is_silence) = (unknown.is_none(), error.is_silence());
            let is_open = if is_first { error.leaves_open() } else { error.may_pass() };
            if !is_open && !is_silence {
                return Err(error);
            }
            let source = unknown.take().unwrap_or_else(|| Box::new(error));
            if (is_first && is_silence) || start.elapsed() >= patience {
                return Err(ClientError::OutcomeUnknown { id, source });
            }
            unknown = Some(source);
            sleep(OUTCOME_PAUSE).await;
        }
    }

    /// Claims the claimable amount of the payer's token, to the L1 address `to`. Returns the hash
    /// of the L1 transaction and its fee in wei.
    ///
    /// # Errors
    /// `Failed` with the error of the claim, such as `Reverted` or `ContractRefused`; `NotMined`
    /// when no block with the claim is seen in time; `L1Silent` when the node does not answer;
    /// `OtherChain` when it serves another chain.
    pub async fn claim(&self, to: Address) -> Result<(B256, U256)> {
        self.check_l1().await?;
        let sent = self.sheaf().claim(self.token.number, to).send().await;
        let receipt = mined(("the claim", self.tell), sent).await?;
        Ok((receipt.transaction_hash, gas_fee(&receipt)))
    }

    fn sheaf(&self) -> SheafInstance<&DynProvider> {
        Sheaf::new(self.contract, &self.l1)
    }

    /// Allows the contract to pull `amount` L1 units. A smaller allowance is set to zero first,
    /// because some tokens change an allowance only from or to zero.
    async fn approve(&self, erc20: Address, amount: U256) -> Result<()> {
        let (erc20, act) = (Erc20::new(erc20, &self.l1), ("the approval", self.tell));
        let allowed = erc20.allowance(self.l1_address(), self.contract).call().await?;
        if allowed >= amount {
            return Ok(());
        }
        if !allowed.is_zero() {
            mined(act, erc20.approve(self.contract, U256::ZERO).send().await).await?;
        }
        mined(act, erc20.approve(self.contract, amount).send().await).await?;
        Ok(())
    }

    /// Checks that the L1 node serves the sequencer's chain, because a deposit to the contract's
    /// address on another chain would be lost.
    async fn check_l1(&self) -> Result<()> {
        let found = self.l1.get_chain_id().await;
        let found = found.map_err(|error| ClientError::L1Silent { source: Box::new(error) })?;
        if found != self.chain_id {
            return Err(ClientError::OtherChain { expected: self.chain_id, found });
        }
        Ok(())
    }

    /// The slot to pay from, after a check that its balance covers `total` (L2 units) and the fee.
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

/// The last second, Unix time, at which a transaction that is signed now is valid.
fn valid_until() -> Result<u32> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| ClientError::Clock)?;
    let seconds = VALIDITY_SECONDS + rand::random_range(0..VALIDITY_SPREAD_SECONDS);
    u32::try_from(now.as_secs() + seconds).map_err(|_| ClientError::Clock)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{Server, refusal};

    const STATUS: &str = r#"{"stage":"executed","durable":true,"block":7}"#;

    fn payer(url: &str, l1: &str) -> Payer {
        let status = serde_json::json!({
            "chain_id": 31_337, "contract": L1Address([7; 20]).to_string(), "development": true,
            "circuits": "", "block": 0, "block_executed_ms": 0, "sealed_batch": 0, "slots": 0,
            "waiting": 0, "jobs": { "waiting": 0, "ready": 0, "leased": 0, "done": 0,
            "quarantined": 0 }, "quarantined": [],
        });
        let status = serde_json::from_value(status).expect("a status");
        let api = Api::new(url).expect("a URL");
        Payer::new(PrivateKeySigner::random(), api, l1, &status).expect("a key")
    }

    fn withdrawal(payer: &Payer) -> SignedTransaction {
        let (slot, token, nonce, fee, valid_until, amount) = (0, 0, 0, 0, 4_000_000_000, 1);
        let recipient = L1Address([1; 20]);
        let withdrawal = Withdrawal { slot, token, nonce, fee, valid_until, amount, recipient };
        let transaction = Transaction::Withdrawal(withdrawal);
        let signer = (&payer.secret, payer.l1_address);
        SignedTransaction::sign(transaction, &payer.domain, signer, &mut rand::rng())
            .expect("it keeps the rules of form")
    }

    /// What becomes of a transaction whose submissions get these answers one after another, and
    /// how often the transaction was sent.
    async fn sent(answers: &[(u16, String)]) -> (Result<TransactionStatus>, usize) {
        let answers = answers.to_vec();
        let server = Server::start(answers.len(), move |place, _| answers[place].clone());
        let payer = payer(&server.url, "http://127.0.0.1:1");
        let sent = payer.submit(&withdrawal(&payer)).await;
        (sent, server.asked())
    }

    #[tokio::test]
    async fn a_transaction_whose_outcome_is_unknown_is_sent_again() {
        let executed = (200, STATUS.to_owned());
        let open = [refusal(503, "outcome_unknown"), (502, "<html>".to_owned())];
        for unknown in open {
            let answers = [unknown.clone(), refusal(429, "paused"), executed.clone()];
            let (status, asked) = sent(&answers).await;
            assert_eq!((status.expect("it is executed").block, asked), (Some(7), 3));
            // A verdict ends the doubt.
            let (refused, asked) = sent(&[unknown, refusal(422, "expired")]).await;
            let refused = refused.expect_err("it is refused");
            assert!(matches!(&refused, ClientError::Refused { code, .. } if code == "expired"));
            assert_eq!(asked, 2);
        }
        // What was refused before it could be taken is refused, and is not sent again.
        let (refused, asked) = sent(&[refusal(429, "paused")]).await;
        assert!(matches!(refused, Err(ClientError::Refused { .. })));
        assert_eq!(asked, 1);
    }

    #[tokio::test]
    async fn an_outcome_that_stays_unknown_is_said_to_be() {
        let server = Server::start(1, |_, _| refusal(503, "outcome_unknown"));
        let payer = payer(&server.url, "http://127.0.0.1:1");
        let unknown = payer.submit_within(&withdrawal(&payer), Duration::ZERO).await;
        assert_eq!(server.asked(), 1);
        let Err(ClientError::OutcomeUnknown { source, .. }) = unknown else {
            panic!("{unknown:?}")
        };
        assert!(matches!(&*source, ClientError::Refused { code, .. } if code == "outcome_unknown"));
    }

    #[tokio::test]
    async fn nothing_is_read_from_or_sent_to_another_chain() {
        let other = || Server::start(1, |_, _| (200, r#"{"id":0,"result":"0x7"}"#.to_owned()));
        let is_other = |error| matches!(error, Some(ClientError::OtherChain { found: 7, .. }));
        let l1 = other();
        let claimed = payer("http://127.0.0.1:1", &l1.url).claim(Address::ZERO).await;
        assert!(is_other(claimed.err()));
        assert_eq!(l1.asked(), 1);
        let l1 = other();
        let listed = payer("http://127.0.0.1:1", &l1.url).listed(1).await;
        assert!(is_other(listed.err()));
        assert_eq!(l1.asked(), 1);
    }
}
