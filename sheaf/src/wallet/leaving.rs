//! The commands that need L1 alone: claims, exit requests, escapes and refunds.

use alloy::primitives::Address;
use anyhow::{Result, ensure};
use serde_json::json;
use sheaf_client::contracts::ISheaf::Payout;
use sheaf_client::{Api, BlobSource, L1Data, Leaver, Rebuilt, Token};
use sheaf_ledger::L1Address;

use super::Arguments;
use super::session::{Answer, open, rollup, tell_sent};
use crate::blob_sources::sources;
use crate::output;
use crate::progress::BatchBar;

/// Claims what batches, escapes and refunds have credited in the token, and the bonds beside it.
pub(super) async fn claim(arguments: &Arguments, to: Option<Address>) -> Result<Answer> {
    let leaver = leaver(arguments).await?;
    let token = leaver.token(arguments.token).await?;
    let Payout { amount, bond } = leaver.claimable(token.number).await?;
    ensure!(
        amount > 0 || bond > 0,
        "there is nothing to claim yet: a withdrawal's batch must be final first"
    );
    let transaction = leaver.claim(token.number, to.unwrap_or(leaver.l1_address())).await?;
    let left = leaver.claimable(token.number).await?.amount;
    let bonds = match bond {
        0 => String::new(),
        bond => format!(" and {} of bonds", Token::ether().show(bond)),
    };
    let rest = match left {
        0 => String::new(),
        left => format!("\n{} more can be claimed when the day is over (UTC)", token.show(left)),
    };
    let claimed = amount.saturating_sub(left);
    Ok(Answer {
        text: format!("claimed {}{bonds}{rest}\nL1 transaction {transaction}", token.show(claimed)),
        json: json!({
            "l1_transaction": transaction,
            "token": token.number,
            "amount": claimed.to_string(),
            "bond": bond.to_string(),
            "left": left.to_string(),
        }),
    })
}

/// Requests the exit of one slot, or of every slot of the wallet with a balance of the token.
pub(super) async fn exit(arguments: &Arguments, slot: Option<u32>) -> Result<Answer> {
    let leaver = leaver(arguments).await?;
    let slots = match slot {
        Some(slot) => vec![slot],
        None => {
            let own = rebuilt(leaver.data()).await?.slots_of(&leaver.owner());
            let paying = own
                .iter()
                .filter(|found| found.slot.balance > 0 && found.slot.token == arguments.token);
            paying.map(|found| found.index).collect()
        }
    };
    let (owner, token) = (leaver.owner(), arguments.token);
    ensure!(!slots.is_empty(), "{owner} has no balance of token {token} in a final batch");
    let (mut lines, mut list) = (Vec::new(), Vec::new());
    for slot in slots {
        let transaction = leaver.request_exit(slot).await?;
        output::note(format_args!("the exit of slot {slot} is requested"));
        lines.push(format!("exit of slot {slot}: requested\nL1 transaction {transaction}"));
        list.push(json!({ "slot": slot, "l1_transaction": transaction }));
    }
    Ok(Answer { text: lines.join("\n"), json: json!({ "exits": list }) })
}

/// Freezes the rollup unless it is frozen, and lets every slot of the wallet escape.
pub(super) async fn escape(arguments: &Arguments) -> Result<Answer> {
    let leaver = leaver(arguments).await?;
    let rebuilt = rebuilt(leaver.data()).await?;
    if !leaver.is_frozen().await? {
        leaver.freeze(&rebuilt).await?;
        output::note("the rollup is frozen");
    }
    let left = leaver.left_behind(&rebuilt).await?;
    let owner = leaver.owner();
    ensure!(!left.is_empty(), "{owner} has no balance that has not escaped");
    let (mut lines, mut list) = (Vec::new(), Vec::new());
    for found in left {
        let transaction = leaver.escape(&rebuilt, &found).await?;
        let (slot, token, balance) = (found.index, found.slot.token, found.slot.balance);
        output::note(format_args!("slot {slot} has escaped"));
        lines.push(format!(
            "slot {slot}: {balance} units of token {token} escaped\nL1 transaction {transaction}"
        ));
        list.push(json!({
            "slot": slot,
            "token": token,
            "amount": balance.to_string(),
            "l1_transaction": transaction,
        }));
    }
    Ok(Answer { text: lines.join("\n"), json: json!({ "escapes": list }) })
}

/// Gets every request of the wallet back that no batch consumed before the freeze.
pub(super) async fn refund(arguments: &Arguments) -> Result<Answer> {
    let leaver = leaver(arguments).await?;
    ensure!(
        leaver.is_frozen().await?,
        "the rollup is not frozen: a batch has yet to consume the requests that wait"
    );
    let waiting = leaver.waiting_requests().await?;
    ensure!(!waiting.is_empty(), "no request of {} waits", leaver.l1_address());
    let (mut lines, mut list) = (Vec::new(), Vec::new());
    for request in waiting {
        let transaction = leaver.refund(&request).await?;
        let index = request.index;
        output::note(format_args!("request {index} is refunded"));
        lines.push(format!("request {index}: refunded\nL1 transaction {transaction}"));
        list.push(json!({ "request": index, "l1_transaction": transaction }));
    }
    Ok(Answer { text: lines.join("\n"), json: json!({ "refunds": list }) })
}

/// The wallet's owner. `--contract` names the rollup; otherwise the sequencer is asked.
async fn leaver(arguments: &Arguments) -> Result<Leaver> {
    let wallet = open(arguments)?;
    let contract: L1Address = match arguments.contract {
        Some(contract) => contract,
        None => rollup(arguments, &Api::new(&arguments.url)?).await?.contract,
    };
    let leaver = Leaver::new(wallet.signer().clone(), &arguments.l1, contract).await?;
    let mut sources = sources(&arguments.blobs, leaver.data().chain_id(), &arguments.l1)?;
    if arguments.blobs.is_empty() {
        let url = arguments.url.trim_end_matches('/');
        sources.push(BlobSource::Archive(format!("{url}/v1/blobs").parse()?));
    }
    Ok(leaver.with_blobs(sources).telling(tell_sent))
}

/// The state after the newest final batch, with a bar on a terminal.
async fn rebuilt(data: &L1Data) -> Result<Rebuilt> {
    let bar = BatchBar::new();
    let rebuilt = data.rebuild(|progress| bar.show(progress)).await;
    bar.end();
    Ok(rebuilt?)
}
