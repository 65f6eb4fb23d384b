//! What each command of the wallet does and prints.

use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sheaf_ledger::transaction::Payment;
use sheaf_ledger::{L1Address, Owner};

use super::key_file::Wallet;
use super::{Arguments, Command, ETHER_DECIMALS, Payer, amount};
use crate::api::{Api, TransactionStatus};

/// What a command says: to people, and to programs.
struct Answer {
    text: String,
    json: Value,
}

/// Runs one command of the wallet.
pub async fn run(arguments: Arguments) -> Result<()> {
    let answer = answer(&arguments).await?;
    if arguments.json {
        println!("{}", answer.json);
    } else {
        println!("{}", answer.text);
    }
    Ok(())
}

async fn answer(arguments: &Arguments) -> Result<Answer> {
    match &arguments.command {
        Command::New { import } => new(arguments, import.as_deref()),
        Command::Address => address(arguments).await,
        Command::Balance => balance(arguments).await,
        Command::Deposit { amount, to } => deposit(arguments, amount, *to).await,
        Command::Send { payments } => send(arguments, payments).await,
        Command::Withdraw { amount, to } => withdraw(arguments, amount, *to).await,
        Command::Claim { to } => claim(arguments, *to).await,
        Command::History { ids } => history(arguments, ids).await,
    }
}

fn new(arguments: &Arguments, import: Option<&std::path::Path>) -> Result<Answer> {
    let import = import
        .map(|path| {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let key: PrivateKeySigner = text
                .trim()
                .parse()
                .with_context(|| format!("{} holds no L1 key", path.display()))?;
            anyhow::Ok(key)
        })
        .transpose()?;
    let wallet = Wallet::create(&arguments.wallet, &arguments.passphrase.choose()?, import)?;
    let (path, l1) = (arguments.wallet.display(), wallet.signer().address());
    Ok(Answer {
        text: format!(
            "wrote {path}\nL1 address  {l1}\n\
             Keep the file and its pass phrase: nobody can restore them."
        ),
        json: json!({ "wallet": path.to_string(), "l1_address": l1 }),
    })
}

async fn payer(arguments: &Arguments) -> Result<Payer> {
    let api = Api::new(&arguments.url)?;
    let status = api.status().await?;
    if status.development {
        eprintln!("note: this rollup takes development proofs, which prove nothing");
    }
    let wallet = Wallet::open(&arguments.wallet, &arguments.passphrase.read()?)?;
    Payer::new(wallet.signer().clone(), api, &arguments.l1, &status)
}

async fn address(arguments: &Arguments) -> Result<Answer> {
    let payer = payer(arguments).await?;
    let (owner, l1) = (payer.owner(), payer.l1_address());
    Ok(Answer {
        text: format!("L2 address  {owner}\nL1 address  {l1}"),
        json: json!({ "owner": owner, "l1_address": l1 }),
    })
}

async fn balance(arguments: &Arguments) -> Result<Answer> {
    let payer = payer(arguments).await?;
    let (l2, claimable) = (payer.balance().await?, payer.claimable().await?);
    let l1 = payer.l1_balance().await?;
    let ether = |units| amount::format(units, ETHER_DECIMALS);
    let l1_text = alloy::primitives::utils::format_ether(l1);
    Ok(Answer {
        text: format!(
            "on L2      {} ether\nclaimable  {} ether\non L1      {l1_text} ether",
            ether(l2),
            ether(claimable)
        ),
        json: json!({
            "l2": l2.to_string(), "claimable": claimable.to_string(), "l1_wei": l1.to_string()
        }),
    })
}

async fn deposit(arguments: &Arguments, text: &str, to: Option<Owner>) -> Result<Answer> {
    let units = positive(text)?;
    let payer = payer(arguments).await?;
    let transaction = payer.deposit(units, to.unwrap_or(payer.owner())).await?;
    Ok(Answer {
        text: format!(
            "deposited {text} ether in L1 transaction {transaction}\n\
             it shows on L2 after the confirmations; see `sheaf wallet balance`"
        ),
        json: json!({ "l1_transaction": transaction, "amount": units.to_string() }),
    })
}

async fn send(arguments: &Arguments, payments: &[String]) -> Result<Answer> {
    let payments: Vec<Payment> =
        payments.iter().map(|text| parse_payment(text)).collect::<Result<_>>()?;
    let count = payments.len();
    let status = payer(arguments).await?.send(payments).await?;
    submitted(&format!("payment to {count}"), &status)
}

async fn withdraw(arguments: &Arguments, text: &str, to: Option<L1Address>) -> Result<Answer> {
    let units = positive(text)?;
    let payer = payer(arguments).await?;
    let to = to.unwrap_or(L1Address(payer.l1_address().0.0));
    submitted(&format!("withdrawal to {to}"), &payer.withdraw(units, to).await?)
}

async fn claim(arguments: &Arguments, to: Option<alloy::primitives::Address>) -> Result<Answer> {
    let payer = payer(arguments).await?;
    let units = payer.claimable().await?;
    ensure!(units > 0, "there is nothing to claim yet: a withdrawal's batch must be final first");
    let (transaction, _) = payer.claim(to.unwrap_or(payer.l1_address())).await?;
    let ether = amount::format(units, ETHER_DECIMALS);
    Ok(Answer {
        text: format!("claimed {ether} ether in L1 transaction {transaction}"),
        json: json!({ "l1_transaction": transaction, "amount": units.to_string() }),
    })
}

async fn history(arguments: &Arguments, ids: &[sheaf_ledger::Digest]) -> Result<Answer> {
    let api = Api::new(&arguments.url)?;
    let (mut lines, mut list) = (Vec::new(), Vec::new());
    for id in ids {
        let TransactionStatus { stage, batch, l1_transaction, .. } = api.transaction(id).await?;
        let place = batch.map_or(String::new(), |batch| format!(", batch {batch}"));
        let l1 = l1_transaction.as_ref().map_or(String::new(), |hash| format!(", L1 {hash}"));
        lines.push(format!("{id}  {stage}{place}{l1}"));
        list.push(json!({
            "id": id, "stage": stage, "batch": batch, "l1_transaction": l1_transaction
        }));
    }
    Ok(Answer { text: lines.join("\n"), json: Value::Array(list) })
}

fn submitted(what: &str, status: &TransactionStatus) -> Result<Answer> {
    let id = status.id.context("the sequencer is busy; ask again with `sheaf wallet history`")?;
    Ok(Answer {
        text: format!("{what}: {}\nid {id}", status.stage),
        json: json!({ "id": id, "stage": status.stage }),
    })
}

fn positive(text: &str) -> Result<u64> {
    let units = amount::parse(text, ETHER_DECIMALS)?;
    ensure!(units > 0, "the amount must be more than zero");
    Ok(units)
}

fn parse_payment(text: &str) -> Result<Payment> {
    let (owner, amount) = text
        .split_once('=')
        .with_context(|| format!("'{text}' is no payment; write OWNER=AMOUNT"))?;
    let owner = owner.parse().with_context(|| format!("'{owner}' is no L2 address"))?;
    Ok(Payment { owner, amount: positive(amount)? })
}
