//! `sheaf wallet pay-file`: pays every line of a CSV file once, however often the command is
//! stopped and run again.

mod journal;
mod lines;
mod paying;
mod receipt;
mod table;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::json;
use sheaf_client::Payer;
use sheaf_wire::status::StatusBody;

use self::journal::{Journal, Standing, Subject};
use self::lines::{Names, Payroll};
use self::paying::{Paying, parts};
use super::session::{Answer, payer};
use super::waiting::Waiting;
use crate::output;
use crate::question::Question;
use crate::whole_file::beside;

/// How long a sequencer that is away or busy is asked again.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file of payments.
#[derive(Debug, Args)]
pub(super) struct PayFile {
    /// CSV file; the first line names the columns owner, amount and, if wanted, memo
    ///
    /// An amount is decimal, like 0.25. A memo is for the receipt and never sent.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Address book: a CSV file with the columns name and owner, for names instead of L2 addresses
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
    /// Where the receipt is written [default: FILE with .receipt.csv at the end]
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// Check every line and say what the payments cost, and pay nothing
    #[arg(long)]
    dry_run: bool,
    /// Pay without asking
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    waiting: Waiting,
}

/// What the payments that are left will take.
struct Quote {
    payments: usize,
    transfers: usize,
    /// L2 units.
    amount: u128,
    fee: u128,
    balance: u64,
}

/// Pays a file.
///
/// # Errors
/// With every faulty line; when the balance is too low; when nobody agrees; when the sequencer
/// refuses or does not answer. A later run goes on.
pub(super) async fn run(arguments: &super::Arguments, asked: &PayFile) -> Result<Answer> {
    let names = asked.names.as_deref().map_or(Ok(Names::new()), lines::read_names)?;
    let (payer, status) = payer(arguments, PATIENCE).await?;
    let payroll = lines::read(&asked.file, &names, payer.token())?;
    let place = beside(&asked.file, ".journal");
    if asked.dry_run && !place.exists() {
        return Ok(Quote::of(&payer, &payroll, |_| false).await?.answer(&payer));
    }
    let journal = Journal::open(&place, &subject(&payer, &payroll, &status))?;
    if asked.dry_run {
        let quote = Quote::of(&payer, &payroll, |part| journal.is_executed(part)).await?;
        return Ok(quote.answer(&payer));
    }
    let key_file = arguments.key_file()?;
    let mut paying = Paying { payer: &payer, payroll: &payroll, journal, key_file };
    paying.settle().await?;
    let quote = Quote::of(&payer, &payroll, |part| paying.journal.is_executed(part)).await?;
    quote.agree(&payer, asked.yes)?;
    let paid = paying.pay_all().await;
    let last = parts(&payroll).len() - 1;
    let waited = match (&paid, paying.journal.part(last)) {
        (Ok(()), Some(Standing::Executed(sent))) => {
            let status = payer.api().transaction(&sent.id).await?;
            asked.waiting.for_transaction(payer.api(), &sent.id, status).await.map(drop)
        }
        _ => Ok(()),
    };
    let receipt = asked.receipt.clone().unwrap_or_else(|| beside(&asked.file, ".receipt.csv"));
    receipt::write(&receipt, (&payroll, &paying.journal), payer.api()).await?;
    paid.and(waited).with_context(|| {
        format!("run this again to go on; {} tells how far it came", receipt.display())
    })?;
    answer(&paying, &receipt, &quote).await
}

fn subject(payer: &Payer, payroll: &Payroll, status: &StatusBody) -> Subject {
    Subject {
        file: payroll.file,
        owner: payer.owner(),
        chain_id: status.chain_id,
        contract: status.contract,
        token: payer.token().number,
    }
}

async fn answer(paying: &Paying<'_>, receipt: &Path, quote: &Quote) -> Result<Answer> {
    let Paying { payer, payroll, journal, .. } = paying;
    let count = parts(payroll).len();
    let sent = (0..count).filter_map(|part| match journal.part(part) {
        Some(Standing::Executed(sent) | Standing::Open(sent)) => Some(sent),
        None => None,
    });
    let (ids, fees): (Vec<_>, Vec<u64>) = sent.map(|sent| (sent.id, sent.fee)).unzip();
    let fee = fees.iter().fold(0, |sum: u64, fee| sum.saturating_add(*fee));
    let amounts = payroll.lines.iter().map(|line| line.payment.amount);
    let amount = amounts.fold(0, u64::saturating_add);
    let (left, token) = (payer.balance().await?, payer.token());
    let payments = payroll.lines.len();
    let done = match quote.payments {
        0 => "were paid before",
        _ => "are paid",
    };
    Ok(Answer {
        text: format!(
            "{payments} payments of {} {done}, in {count} transfers\nfee      {}\nleft     {}\n\
             receipt  {}",
            token.show(amount),
            token.show(fee),
            token.show(left),
            receipt.display()
        ),
        json: json!({
            "payments": payments,
            "token": token.number,
            "amount": amount.to_string(),
            "fee": fee.to_string(),
            "left": left.to_string(),
            "receipt": receipt.display().to_string(),
            "ids": ids,
        }),
    })
}

impl Quote {
    /// What the parts take that are not paid yet.
    async fn of(payer: &Payer, payroll: &Payroll, is_paid: impl Fn(usize) -> bool) -> Result<Self> {
        let balance = payer.balance().await?;
        let mut quote = Self { payments: 0, transfers: 0, amount: 0, fee: 0, balance };
        let mut known: Option<(usize, u64)> = None;
        for (_, lines) in parts(payroll).enumerate().filter(|(part, _)| !is_paid(*part)) {
            let fee = match known {
                Some((payments, fee)) if payments == lines.len() => fee,
                _ => payer.api().quote(payer.token().number, lines.len()).await?,
            };
            known = Some((lines.len(), fee));
            quote.payments += lines.len();
            quote.transfers += 1;
            quote.amount += lines.iter().map(|line| u128::from(line.payment.amount)).sum::<u128>();
            quote.fee += u128::from(fee);
        }
        Ok(quote)
    }

    /// What is left of the balance; `None` when the balance is too low.
    fn left(&self) -> Option<u64> {
        u128::from(self.balance).checked_sub(self.amount + self.fee).map(|left| left as u64)
    }

    fn text(&self, payer: &Payer) -> String {
        let shown = |units: u128| payer.token().show(u64::try_from(units).unwrap_or(u64::MAX));
        let left = match self.left() {
            Some(left) => shown(left.into()),
            None => "not enough".to_owned(),
        };
        format!(
            "{} payments in {} transfers\namount   {}\nfee      {}\nbalance  {}\nleft     {left}",
            self.payments,
            self.transfers,
            shown(self.amount),
            shown(self.fee),
            shown(self.balance.into())
        )
    }

    fn answer(&self, payer: &Payer) -> Answer {
        Answer {
            text: self.text(payer),
            json: json!({
                "payments": self.payments,
                "transfers": self.transfers,
                "amount": self.amount.to_string(),
                "fee": self.fee.to_string(),
                "balance": self.balance.to_string(),
                "left": self.left().map(|left| left.to_string()),
            }),
        }
    }

    /// Shows the quote and asks whether to pay, unless nothing is left to pay.
    ///
    /// # Errors
    /// When the balance is too low, the answer is another than yes, or nobody can be asked.
    fn agree(&self, payer: &Payer, is_agreed: bool) -> Result<()> {
        if self.payments == 0 {
            return Ok(());
        }
        output::note(self.text(payer));
        ensure!(self.left().is_some(), "the balance is too low; nothing was paid");
        if is_agreed {
            return Ok(());
        }
        Question { text: "Pay?", refusal: "nothing was paid", act: "pay" }.ask()
    }
}
