//! What each command of `sheaf wallet` does and prints.

use std::fs;
use std::path::Path;
use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use sheaf_client::{Api, ClientError, Payer, Payment, Signed, TransactionStatus, derive};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::domain::key_text;
use sheaf_ledger::{L1Address, Owner};
use sheaf_wire::history::HistoryParameters;
use sheaf_wire::status::StatusBody;
use tokio::time::timeout;

use super::advice::advised;
use super::key_file::Wallet;
use super::session::{Answer, Turn, open, rollup, send_next};
use super::{Arguments, Command, Sending, Waiting, history, leaving, payroll, session};
use crate::output;

/// How long L1 is asked whether a withdrawal goes to a contract.
const WARNING_PATIENCE: Duration = Duration::from_secs(3);

/// Runs one command of `sheaf wallet` and prints its answer to standard output.
///
/// # Errors
/// When an argument cannot be read, when the key file cannot be opened or written, or when the
/// sequencer or L1 refuses or stays silent.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let arguments = arguments.with_rollup()?;
    let answer = match answer(&arguments).await.map_err(advised) {
        Ok(answer) => answer,
        Err(error) => {
            if arguments.json {
                output::answer(json_error(&error));
            }
            return Err(error);
        }
    };
    if arguments.json {
        output::answer(answer.json);
    } else {
        output::answer(answer.text);
    }
    Ok(())
}

/// An error as a program reads it. The sequencer's code is there if the sequencer has refused.
fn json_error(error: &anyhow::Error) -> Value {
    let code = error.chain().find_map(|cause| cause.downcast_ref::<ClientError>()?.code());
    json!({ "error": { "code": code, "message": format!("{error:#}") } })
}

async fn answer(arguments: &Arguments) -> Result<Answer> {
    match &arguments.command {
        Command::New { import } => new(arguments, import.as_deref()).await,
        Command::Address { l2, l1 } => address(arguments, (*l2, *l1)).await,
        Command::Balance => balance(arguments).await,
        Command::Deposit { amount, to, waiting } => deposit(arguments, amount, *to, *waiting).await,
        Command::Send { payments, all: true, sending } => {
            send_all(arguments, payments, *sending).await
        }
        Command::Send { payments, all: false, sending } => {
            send(arguments, payments, *sending).await
        }
        Command::PayFile(asked) => payroll::run(arguments, asked).await,
        Command::Withdraw { amount, all: _, to, sending } => {
            withdraw(arguments, amount.as_deref(), *to, *sending).await
        }
        Command::Claim { to } => leaving::claim(arguments, *to).await,
        Command::Exit { slot } => leaving::exit(arguments, *slot).await,
        Command::Escape => leaving::escape(arguments).await,
        Command::Refund => leaving::refund(arguments).await,
        Command::History { csv: true, .. } => history::csv(&payer(arguments).await?).await,
        Command::History { ids, limit, before, .. } if ids.is_empty() => {
            account(arguments, *limit, before.as_deref()).await
        }
        Command::History { ids, .. } => transactions(arguments, ids).await,
    }
}

async fn new(arguments: &Arguments, import: Option<&Path>) -> Result<Answer> {
    let import = import.map(read_l1_key).transpose()?;
    let path = arguments.key_file()?;
    let wallet = Wallet::create(&path, &arguments.passphrase.choose()?, import)?;
    let (path, l1) = (path.display(), wallet.signer().address());
    // The key file is written already, so an unknown rollup is no error.
    let (owner, place) = match owner(arguments, &wallet).await {
        Ok(owner) => (Some(owner), owner.to_string()),
        Err(error) => (None, format!("unknown ({error}); ask again with `sheaf wallet address`")),
    };
    Ok(Answer {
        text: format!(
            "wrote {path}\nL2 address  {place}\nL1 address  {l1}\n\
             Keep the file and its pass phrase: nobody can restore them."
        ),
        json: json!({ "wallet": path.to_string(), "owner": owner, "l1_address": l1 }),
    })
}

fn read_l1_key(path: &Path) -> Result<PrivateKeySigner> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.trim().parse().with_context(|| format!("{} has no L1 key", path.display()))
}

/// The L2 address of a wallet. `--chain-id` and `--contract` together name the rollup; otherwise
/// the sequencer is asked.
async fn owner(arguments: &Arguments, wallet: &Wallet) -> Result<Owner> {
    let (chain_id, contract) = match (arguments.chain_id, arguments.contract) {
        (Some(chain_id), Some(contract)) => (chain_id, contract),
        _ => {
            let StatusBody { chain_id, contract, .. } =
                rollup(arguments, &Api::new(&arguments.url)?).await?;
            (chain_id, contract)
        }
    };
    let secret = derive(wallet.signer(), &key_text(&chain_id.to_string(), &contract))?;
    Ok(Owner::new(&secret.public_key(), &L1Address(wallet.signer().address().0.0)))
}

/// The wallet as a payer, whose requests are sent once.
async fn payer(arguments: &Arguments) -> Result<Payer> {
    Ok(session::payer(arguments, Duration::ZERO).await?.0)
}

async fn address(arguments: &Arguments, (l2_alone, l1_alone): (bool, bool)) -> Result<Answer> {
    let wallet = open(arguments)?;
    let (owner, l1) = (owner(arguments, &wallet).await?, wallet.signer().address());
    let text = match (l2_alone, l1_alone) {
        (true, _) => owner.to_string(),
        (false, true) => l1.to_string(),
        (false, false) => format!("L2 address  {owner}\nL1 address  {l1}"),
    };
    Ok(Answer { text, json: json!({ "owner": owner, "l1_address": l1 }) })
}

async fn balance(arguments: &Arguments) -> Result<Answer> {
    let payer = payer(arguments).await?;
    let (token, l2) = (payer.token(), payer.balance().await?);
    let on_l1 = match payer.claimable().await {
        Ok(claimable) => payer.l1_balance().await.map(|held| (claimable, held)),
        Err(error) => Err(error),
    };
    let (on_l1, rest) = match on_l1 {
        Ok((claimable, held)) => {
            let shown = (token.show(claimable), token.show_l1(held));
            (Some((claimable, held)), format!("claimable  {}\non L1      {}", shown.0, shown.1))
        }
        // The L2 balance is known without L1, so a silent L1 is no error.
        Err(error) => (None, format!("on L1      unknown: {:#}", advised(error.into()))),
    };
    Ok(Answer {
        text: format!("on L2      {}\n{rest}", token.show(l2)),
        json: json!({
            "owner": payer.owner(),
            "l1_address": payer.l1_address(),
            "token": token.number,
            "l2": l2.to_string(),
            "claimable": on_l1.map(|(claimable, _)| claimable.to_string()),
            "l1": on_l1.map(|(_, held)| held.to_string()),
        }),
    })
}

async fn deposit(
    arguments: &Arguments,
    text: &str,
    to: Option<Owner>,
    waiting: Waiting,
) -> Result<Answer> {
    let payer = payer(arguments).await?;
    let (units, owner) = (payer.token().parse(text)?, to.unwrap_or(payer.owner()));
    let (transaction, _) = payer.deposit(units, owner).await?;
    let amount = payer.token().show(units);
    output::note("L1 has taken the deposit");
    let stage = waiting.for_deposit(payer.api(), &owner, transaction).await?;
    Ok(Answer {
        text: format!("deposit of {amount}: {stage}\nL1 transaction {transaction}"),
        json: json!({
            "l1_transaction": transaction,
            "stage": stage,
            "owner": owner,
            "token": payer.token().number,
            "amount": units.to_string(),
        }),
    })
}

async fn send(arguments: &Arguments, texts: &[String], sending: Sending) -> Result<Answer> {
    // Payments are parsed first: a spelling error is reported before a pass phrase is asked for.
    let recipients: Vec<(Owner, &str)> =
        texts.iter().map(|text| parse_payment(text)).collect::<Result<_>>()?;
    let payer = payer(arguments).await?;
    let payments: Vec<Payment> = recipients
        .iter()
        .map(|(owner, text)| Ok(Payment { owner: *owner, amount: payer.token().parse(text)? }))
        .collect::<Result<_>>()?;
    let turn = Turn::take(&arguments.key_file()?).await?;
    pay((&payer, turn), &payments, sending).await
}

async fn send_all(arguments: &Arguments, texts: &[String], sending: Sending) -> Result<Answer> {
    let [owner] = texts else { bail!("--all takes one owner: `sheaf wallet send OWNER --all`") };
    let owner = owner.parse();
    let owner = owner.with_context(|| format!("'{}' is no L2 address", texts[0]))?;
    let payer = payer(arguments).await?;
    let turn = Turn::take(&arguments.key_file()?).await?;
    let amount = payer.everything().await?;
    pay((&payer, turn), &[Payment { owner, amount }], sending).await
}

async fn pay(
    (payer, turn): (&Payer, Turn),
    payments: &[Payment],
    sending: Sending,
) -> Result<Answer> {
    let total = payments.iter().map(|payment| payment.amount).fold(0, u64::saturating_add);
    let what = match payments {
        [one] => format!("payment of {} to {}", payer.token().show(total), one.owner),
        many => format!("payment of {} to {} owners", payer.token().show(total), many.len()),
    };
    submit((payer, turn), async || payer.sign_transfer(payments.to_vec()).await, sending, &what)
        .await
}

async fn withdraw(
    arguments: &Arguments,
    amount: Option<&str>,
    to: Option<L1Address>,
    sending: Sending,
) -> Result<Answer> {
    let payer = payer(arguments).await?;
    if let Some(other) = to {
        warn_of_contract(&payer, other).await;
    }
    let to = to.unwrap_or(L1Address(payer.l1_address().0.0));
    let turn = Turn::take(&arguments.key_file()?).await?;
    let units = match amount {
        Some(text) => payer.token().parse(text)?,
        None => payer.everything().await?,
    };
    let what = format!("withdrawal of {} to {to}", payer.token().show(units));
    submit((&payer, turn), async || payer.sign_withdrawal(units, to).await, sending, &what).await
}

/// Says how a contract is paid, because not every contract can be. An L1 that is silent or slow is
/// no error: the withdrawal needs the sequencer alone.
async fn warn_of_contract(payer: &Payer, to: L1Address) {
    let asked = timeout(WARNING_PATIENCE, payer.is_contract(to.0.into())).await;
    if matches!(asked, Ok(Ok(true))) {
        output::note(format_args!(
            "note: {to} is a contract. Anybody can have it paid with the rollup's `claimFor`, \
             unless it refuses the token; then only its own call of `claim` takes the money out"
        ));
    }
}

/// Signs a transaction, sends it and waits as `sending` says, or prints the transaction only.
async fn submit(
    (payer, turn): (&Payer, Turn),
    sign: impl AsyncFn() -> sheaf_client::Result<Signed>,
    sending: Sending,
    what: &str,
) -> Result<Answer> {
    if sending.print {
        let json = serde_json::to_value(sign().await?.transaction);
        let json = json.context("transactions are plain JSON")?;
        return Ok(Answer { text: json.to_string(), json });
    }
    let (Signed { id, fee, left, .. }, status) = send_next(turn, payer, sign).await?;
    let status = sending.waiting.for_transaction(payer.api(), &id, status).await?;
    let TransactionStatus { stage, batch, l1_transaction, .. } = status;
    Ok(Answer {
        text: format!(
            "{what}: {stage}\nid   {id}\nfee  {}\nleft {}",
            payer.token().show(fee),
            payer.token().show(left)
        ),
        json: json!({
            "id": id,
            "stage": stage,
            "batch": batch,
            "l1_transaction": l1_transaction,
            "fee": fee.to_string(),
            "left": left.to_string(),
        }),
    })
}

async fn account(arguments: &Arguments, limit: u32, before: Option<&str>) -> Result<Answer> {
    let is_place =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    ensure!(before.is_none_or(is_place), "--before takes what the page before ended with");
    let payer = payer(arguments).await?;
    let asked = HistoryParameters { before: before.map(str::to_owned), limit: Some(limit) };
    let page = payer.api().history(&payer.owner(), &asked).await?;
    let json = serde_json::to_value(&page).context("a page is plain JSON")?;
    Ok(Answer { text: history::text(&payer, &page, limit).await, json })
}

async fn transactions(arguments: &Arguments, ids: &[Digest]) -> Result<Answer> {
    let api = Api::new(&arguments.url)?;
    rollup(arguments, &api).await?;
    let (mut lines, mut list) = (Vec::new(), Vec::new());
    for id in ids {
        let status = api.transaction(id).await.with_context(|| format!("transaction {id}"))?;
        let TransactionStatus { stage, batch, l1_transaction, .. } = status;
        let place = batch.map_or(String::new(), |batch| format!(", batch {batch}"));
        let l1 = l1_transaction.as_ref().map_or(String::new(), |hash| format!(", L1 {hash}"));
        lines.push(format!("{id}  {stage}{place}{l1}"));
        list.push(json!({
            "id": id, "stage": stage, "batch": batch, "l1_transaction": l1_transaction
        }));
    }
    Ok(Answer { text: lines.join("\n"), json: Value::Array(list) })
}

fn parse_payment(text: &str) -> Result<(Owner, &str)> {
    let (owner, amount) = text
        .split_once('=')
        .with_context(|| format!("'{text}' is no payment; write OWNER=AMOUNT"))?;
    let owner = owner.parse().with_context(|| format!("'{owner}' is no L2 address"))?;
    Ok((owner, amount))
}
