//! Admission: checks the transactions that clients send, before ordering may take them.
//!
//! Cheap checks come first, so that invalid transactions cost little; signatures are verified last,
//! and many at once. Admission compares balances and nonces with the durable view, only to refuse
//! hopeless transactions early; the mempool decides with the executed balances and nonces. A
//! transaction never waits in admission for an earlier nonce.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use sheaf_crypto::error::Error as CryptoError;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::{DecodedKey, PublicKey};
use sheaf_ledger::domain::Domain;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::message::Terms;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::rule_error::RuleError;
use sheaf_ledger::transaction::{CheckedTransaction, SignedTransaction, Transaction};
use tokio::sync::mpsc;
use tracing::field::Empty;

use crate::capacity::{BatchLimits, Contents};
use crate::directory::{Directory, Identity};
use crate::error::StageError;
use crate::fees::FeePolicy;
use crate::intake::{IntakeTurns, Lane, Queued, Turn};
use crate::l1_clock::L1Time;
use crate::lifecycle::{Admission, AdmittedTransaction, Outcome, Submission, Waiter};
use crate::limits::{DECODED_KEYS_MAX, NONCE_GAP_MAX};
use crate::metrics;
use crate::rejection::Rejection;
use crate::store::now_ms;
use crate::tracker::{Tracked, Tracker};
use crate::view::View;

/// The settings and the shared state that admission checks transactions against.
#[derive(Debug)]
pub struct Admitter {
    pub domain: Domain,
    /// The rollup's contract. A withdrawal to it is refused, because the contract never claims.
    pub contract: L1Address,
    pub fees: FeePolicy,
    pub limits: BatchLimits,
    pub directory: Arc<Directory>,
    pub view: Arc<View>,
    pub tracker: Arc<Tracker>,
    pub keys: KeyCache,
    pub l1_time: L1Time,
}

/// A cache of decoded public keys: decoding a key costs a square root. A full cache is emptied.
#[derive(Debug, Default)]
pub struct KeyCache {
    decoded: Mutex<HashMap<PublicKey, DecodedKey>>,
}

impl KeyCache {
    fn decode(&self, key: &PublicKey) -> Result<DecodedKey, CryptoError> {
        let known = self.decoded.lock().expect("no holder of the lock panics").get(key).copied();
        if let Some(decoded) = known {
            return Ok(decoded);
        }
        let decoded = DecodedKey::new(*key)?;
        let mut keys = self.decoded.lock().expect("no holder of the lock panics");
        if keys.len() >= DECODED_KEYS_MAX {
            keys.clear();
        }
        keys.insert(*key, decoded);
        Ok(decoded)
    }
}

/// Runs until the API has ended.
///
/// # Errors
/// `StageError::Gone` when ordering has ended; `StageError::Panicked` when a check panics.
pub async fn run(
    admitter: Admitter,
    mut intake: IntakeTurns,
    admitted: mpsc::Sender<Queued<Admission>>,
) -> Result<(), StageError> {
    let admitter = Arc::new(admitter);
    while let Some(Turn { taken, refused }) = intake.next().await {
        metrics::reached("received", taken.len() + refused.len());
        let admitter = Arc::clone(&admitter);
        let span = tracing::debug_span!("admission", transactions = taken.len(), accepted = Empty);
        let admit = move || {
            let _entered = span.enter();
            for Queued { item: Submission { waiter, .. }, .. } in refused {
                admitter.refuse(None, Rejection::WrongSignatures, waiter);
            }
            let admitted = admitter.admit(taken);
            span.record("accepted", admitted.admissions.len());
            admitted
        };
        let Admitted { admissions, verdicts } = tokio::task::spawn_blocking(admit)
            .await
            .map_err(|source| StageError::Panicked { source })?;
        intake.judge(verdicts, Instant::now());
        for admission in admissions {
            let sent = admitted.send(admission).await;
            sent.map_err(|_| StageError::Gone { stage: "ordering" })?;
        }
    }
    Ok(())
}

/// The outcome of a turn.
struct Admitted {
    admissions: Vec<Queued<Admission>>,
    /// For each signature that was verified, the lane that it came by, and whether it is valid.
    verdicts: Vec<(Lane, bool)>,
}

impl Admitter {
    /// Checks many submissions at once. Returns the admitted ones, and sends a rejection to the
    /// waiter of each other.
    fn admit(&self, submissions: Vec<(Lane, Queued<Submission>)>) -> Admitted {
        let (mut checked, mut waiters, mut lanes) = (Vec::new(), Vec::new(), Vec::new());
        let now_s = self.l1_time.settled_ms(Instant::now(), now_ms()) / 1_000;
        let (mut signed, mut senders) = (Vec::new(), Vec::new());
        for (lane, Queued { item: Submission { transaction, waiter }, room }) in submissions {
            signed.push(transaction);
            senders.push((lane, waiter, room));
        }
        let forms = SignedTransaction::check_all(signed, &self.domain);
        for (form, (lane, waiter, room)) in forms.into_iter().zip(senders) {
            match self.check(form, now_s) {
                Ok(transaction) => {
                    checked.push(transaction);
                    waiters.push((waiter, room));
                    lanes.push(lane);
                }
                Err((id, rejection)) => self.refuse(id, rejection, waiter),
            }
        }
        self.tracker.note(checked.iter().map(|one| (*one.id(), Tracked::Received)));
        let ids: Vec<Digest> = checked.iter().map(|one| *one.id()).collect();
        let results = CheckedTransaction::accept_all(checked, |key| self.keys.decode(key));
        let verdicts = lanes.into_iter().zip(results.iter().map(Result::is_ok)).collect();
        let (mut accepted, mut accepted_waiters) = (Vec::new(), Vec::new());
        for ((result, (waiter, room)), id) in results.into_iter().zip(waiters).zip(ids) {
            match result {
                Ok(transaction) => {
                    accepted.push(transaction);
                    accepted_waiters.push((waiter, room));
                }
                Err(rule) => self.refuse(Some(id), rule.into(), waiter),
            }
        }
        self.tracker.note(accepted.iter().map(|one| (*one.checked().id(), Tracked::Accepted)));
        metrics::reached("accepted", accepted.len());
        let now = Instant::now();
        metrics::took("accepted", accepted_waiters.iter_mut().map(|(one, _)| one.reach(now)));
        let directory = self.directory.read();
        let admissions = accepted.into_iter().zip(accepted_waiters).map(|(one, (waiter, room))| {
            let token = one.checked().terms().token;
            let find = |owner: &Owner| directory.find(Identity { owner: *owner, token });
            let transaction = AdmittedTransaction::new(one, find);
            Queued { item: Admission { transaction, waiter }, room }
        });
        Admitted { admissions: admissions.collect(), verdicts }
    }

    /// Makes every check that costs less than verifying a signature, after the rules of form.
    /// `now_s` is the time that both clocks have reached, in Unix seconds.
    ///
    /// # Errors
    /// The rule that the transaction breaks, with the transaction's id unless a rule of form is
    /// broken.
    fn check(
        &self,
        form: Result<CheckedTransaction, RuleError>,
        now_s: u64,
    ) -> Result<CheckedTransaction, (Option<Digest>, Rejection)> {
        let checked = form.map_err(|rule| (None, rule.into()))?;
        let refused = |rejection| (Some(*checked.id()), rejection);
        let terms = *checked.terms();
        self.check_size(&checked.signed().transaction, terms.token).map_err(refused)?;
        self.check_terms(&checked, now_s).map_err(refused)?;
        let slot = terms.slot;
        let unopened = || refused(RuleError::SlotNotOpen { slot }.into());
        let identity = self.directory.identity(slot).ok_or_else(unopened)?;
        if identity.owner != *checked.owner() {
            return Err(refused(RuleError::WrongOwner { slot }.into()));
        }
        if identity.token != terms.token {
            let (held, token) = (identity.token, terms.token);
            return Err(refused(RuleError::WrongToken { slot, held, token }.into()));
        }
        let account = self.view.account(slot).ok_or_else(unopened)?;
        let (nonce, next, needed) = (terms.nonce, account.nonce, terms.debited());
        if nonce < next {
            return Err(refused(Rejection::NonceUsed { nonce, next }));
        }
        // The view lags behind the executor by the blocks that are not durable yet, so twice the
        // gap is allowed here. The mempool checks the exact gap.
        if nonce - next > 2 * NONCE_GAP_MAX {
            return Err(refused(Rejection::NonceTooFar { nonce, next }));
        }
        // The view has each payment before anybody is told of it. A payment that is executed and
        // not yet durable could cover more, and its recipient cannot know of it.
        if account.balance < needed {
            let rule = RuleError::BalanceTooLow { balance: account.balance, needed };
            return Err(refused(rule.into()));
        }
        Ok(checked)
    }

    /// Refuses a transaction that no batch can contain. An open slot stays open, so a transaction
    /// that fits now fits later.
    fn check_size(&self, transaction: &Transaction, token: u16) -> Result<(), Rejection> {
        let payments = transaction.payments();
        let most = Contents::of_transaction(transaction, payments.len());
        if self.limits.leave_room_to_close(most) {
            return Ok(());
        }
        let directory = self.directory.read();
        let is_new = |owner| directory.find(Identity { owner, token }).is_none();
        let opens = payments.iter().filter(|payment| is_new(payment.owner)).count();
        let contents = Contents::of_transaction(transaction, opens);
        if self.limits.leave_room_to_close(contents) {
            return Ok(());
        }
        let (entries, words) = (contents.entries, contents.words.data);
        let (entries_max, words_max) = (self.limits.entries, self.limits.words);
        Err(Rejection::TransactionTooLarge { entries, words, entries_max, words_max })
    }

    /// Checks the fee, and refuses a withdrawal that nobody could claim and an expired transaction.
    fn check_terms(&self, checked: &CheckedTransaction, now_s: u64) -> Result<(), Rejection> {
        let Terms { token, fee, valid_until, .. } = *checked.terms();
        let transaction = &checked.signed().transaction;
        match transaction {
            Transaction::Withdrawal(withdrawal) if withdrawal.recipient == L1Address([0; 20]) => {
                return Err(Rejection::RecipientZero);
            }
            Transaction::Withdrawal(withdrawal) if withdrawal.recipient == self.contract => {
                return Err(Rejection::RecipientContract);
            }
            Transaction::Transfer(_) | Transaction::Withdrawal(_) => {}
        }
        let minimum = self.fees.minimum(token, transaction.recipients());
        let minimum = minimum.ok_or(Rejection::TokenNotPriced { token })?;
        if fee < minimum {
            return Err(Rejection::FeeTooLow { fee, minimum });
        }
        // A batch's timestamp is not below the previous batch's. A transaction that has expired
        // must not reach the mempool. A transaction that expires there later is refused and costs
        // its sender nothing.
        let clock = u32::try_from(now_s).unwrap_or(u32::MAX);
        let timestamp = clock.max(self.view.head().timestamp);
        if valid_until < timestamp {
            return Err(RuleError::Expired { valid_until, timestamp }.into());
        }
        Ok(())
    }

    fn refuse(&self, id: Option<Digest>, rejection: Rejection, waiter: Waiter) {
        metrics::rejected(&rejection);
        self.tracker.note(id.map(|id| (id, Tracked::Rejected(rejection))));
        waiter.send(Outcome::Rejected { id, rejection });
    }
}
