//! Pays the lines of a payroll, in transfers of as many payments as one transfer may have.

use std::path::PathBuf;
use std::slice::Chunks;

use anyhow::{Result, bail, ensure};
use sheaf_client::{ClientError, Payer, Signed, Stage, waiting};
use sheaf_ledger::limits::PAYMENTS_MAX;
use sheaf_ledger::{SignedTransaction, Transaction};

use super::journal::{Journal, Sent, Standing};
use super::lines::{Line, Payroll};
use crate::output;
use crate::wallet::session::{COLLISIONS_MAX, Turn};

/// A payroll with its payer, and the journal of what was paid.
pub(super) struct Paying<'a> {
    pub payer: &'a Payer,
    pub payroll: &'a Payroll,
    pub journal: Journal,
    /// The wallet's key file, by which its commands take turns.
    pub key_file: PathBuf,
}

/// The lines of a payroll, as many at a time as one transfer pays.
pub(super) fn parts(payroll: &Payroll) -> Chunks<'_, Line> {
    payroll.lines.chunks(PAYMENTS_MAX)
}

/// The first and the last line of a part, for people.
fn span(lines: &[Line]) -> String {
    match lines {
        [first, .., last] => format!("lines {} to {}", first.number, last.number),
        _ => lines.first().map_or(String::new(), |line| format!("line {}", line.number)),
    }
}

impl Paying<'_> {
    /// Finds out what became of transfers that an earlier run has signed and perhaps sent. A
    /// transfer that was not executed is sent again, or replaced by another one of the same nonce,
    /// so that one of the two is executed at most.
    ///
    /// # Errors
    /// When nobody can tell whether a transfer was executed; when the sequencer does not answer;
    /// when the journal cannot be written.
    pub(super) async fn settle(&mut self) -> Result<()> {
        for (part, lines) in parts(self.payroll).enumerate() {
            let Some(Standing::Open(sent)) = self.journal.part(part).cloned() else { continue };
            let id = sent.id;
            output::note(format_args!("{}: transaction {id} of an earlier run", span(lines)));
            let refusal = match self.bring(part, &sent).await? {
                Brought::Executed => continue,
                Brought::Refused(refusal) => refusal,
            };
            // A sequencer that has made its database from L1 knows no ids of earlier transactions.
            let (nonce, next) = (nonce(&sent.transaction), self.next_nonce().await?);
            ensure!(
                nonce == next,
                "{} may be paid already: the sequencer does not know transaction {id} \
                 ({refusal}), and the next nonce is {next}, not {nonce}. Compare the balance with \
                 `sheaf wallet history`, and put what is not paid into another file",
                span(lines)
            );
            self.journal.refused(part)?;
            self.pay(part, lines).await?;
        }
        Ok(())
    }

    /// Pays every part for which nothing was signed.
    ///
    /// # Errors
    /// When the sequencer refuses a transfer or does not answer; when the journal cannot be
    /// written. The next run goes on where this run has ended.
    pub(super) async fn pay_all(&mut self) -> Result<()> {
        for (part, lines) in parts(self.payroll).enumerate() {
            if self.journal.part(part).is_none() {
                self.pay(part, lines).await?;
            }
        }
        Ok(())
    }

    async fn pay(&mut self, part: usize, lines: &[Line]) -> Result<()> {
        let _turn = Turn::take(&self.key_file).await?;
        for _ in 0..COLLISIONS_MAX {
            let payments = lines.iter().map(|line| line.payment).collect();
            let Signed { id, transaction, fee, .. } = self.payer.sign_transfer(payments).await?;
            let sent = Sent { id, fee, transaction };
            self.journal.signed(part, &sent)?;
            output::note(format_args!("{}: transaction {id}", span(lines)));
            match self.bring(part, &sent).await? {
                Brought::Executed => return Ok(()),
                // The sequencer sees the transaction for the first time, so the refusal is final.
                Brought::Refused(refusal) => {
                    self.journal.refused(part)?;
                    if !refusal.is_collision() {
                        return Err(refusal.into());
                    }
                }
            }
        }
        bail!("this wallet on another machine used {COLLISIONS_MAX} nonces first; run this again")
    }

    /// Sends a transfer and waits until it is durable or refused.
    async fn bring(&mut self, part: usize, sent: &Sent) -> Result<Brought> {
        let brought = async {
            let status = self.payer.submit(&sent.transaction).await?;
            if !waiting::is_reached(Stage::Executed, status.stage) {
                waiting::transaction(self.payer.api(), &sent.id, Stage::Executed, |_| {}).await?;
            }
            Ok(())
        };
        match brought.await {
            Ok(()) => {
                self.journal.executed(part)?;
                Ok(Brought::Executed)
            }
            Err(error) if ClientError::is_verdict(&error) => Ok(Brought::Refused(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// The nonce of the next transaction from the payer's slot.
    async fn next_nonce(&self) -> Result<u32> {
        let account = self.payer.api().account(&self.payer.owner()).await?;
        let slot = account.slot_of(self.payer.token().number);
        Ok(slot.map_or(0, |slot| slot.next_nonce))
    }
}

/// What became of a transfer that was sent.
enum Brought {
    Executed,
    /// The sequencer has refused the transfer and does not keep it.
    Refused(ClientError),
}

fn nonce(transaction: &SignedTransaction) -> u32 {
    match &transaction.transaction {
        Transaction::Transfer(transfer) => transfer.nonce,
        Transaction::Withdrawal(withdrawal) => withdrawal.nonce,
    }
}
