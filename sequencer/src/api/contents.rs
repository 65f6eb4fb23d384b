//! Transactions as durable blocks have them: one by its id, and page by page those of a block or
//! of a batch.
//!
//! A block has entries and signatures. What an owner signed follows from them: the slots of the
//! Credits say whom a transfer pays, and the nonces that the block left say which nonce each
//! transaction used.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use axum::extract::State;
use axum::{Extension, Json};
use sheaf_ledger::entry::Entry;
use sheaf_wire::blocks::{TransactionBody, TransactionsBody, TransactionsParameters};
use sheaf_wire::transactions::{PaymentBody, TransferBody, WithdrawalBody};
use sheaf_wire::{ErrorBody, schema};

use super::extract::{Segment, page_length};
use super::rate::Source;
use super::transactions::parse_id;
use super::{ApiError, ApiState};
use crate::block::Block;
use crate::directory::{DirectoryReader, Identity};
use crate::index::TransactionPosition;
use crate::limits::{PAYMENTS_PER_PAGE_MAX, TRANSACTIONS_PER_PAGE_MAX};
use crate::movement::read_place;

/// A durable transaction as its owner signed it, without the signature.
#[utoipa::path(
    get, path = "/v1/transactions/{id}/body", tag = "transactions",
    operation_id = "transaction_body",
    params(("id" = schema::AnyHash, Path, description = "the signed message")),
    responses(
        (status = 200, description = "whom the transaction pays, and where it is in the log",
            body = TransactionBody),
        (status = 400, description = "this is no id", body = ErrorBody),
        (status = 404, description = "no durable block has the transaction", body = ErrorBody),
        (status = 410, description = "the block is archived and not served here",
            body = ErrorBody),
    )
)]
pub(super) async fn body(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
    Segment(id): Segment<String>,
) -> Result<Json<TransactionBody>, ApiError> {
    let id = parse_id(&id)?;
    let unknown = || ApiError::not_found("transaction", "no durable block has it");
    let _turn = state.readers.turn(source).await?;
    let place = state.index.transaction(&id).await?.ok_or_else(unknown)?;
    let TransactionPosition { block, position } = place;
    if block > state.view.head().block {
        return Err(unknown());
    }
    let block = state.store.block(block).await?.ok_or_else(unknown)?;
    let contents = Contents::of(&block, words_before(&state, &block).await?);
    let directory = state.directory.read();
    contents.transaction(position, &directory).map(Json).ok_or_else(unknown)
}

/// The page that a client asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// The first transaction of the page; `None` for the first of all.
    from: Option<TransactionPosition>,
    limit: u32,
}

impl Asked {
    /// Reads the parameters of a page.
    ///
    /// # Errors
    /// 400 `page_length`, `malformed_cursor`.
    pub(super) fn read(parameters: TransactionsParameters) -> Result<Self, ApiError> {
        let TransactionsParameters { after, limit } = parameters;
        let limit = page_length(limit, TRANSACTIONS_PER_PAGE_MAX, "transactions")?;
        let from = after.map(|text| read_place(&text).ok_or_else(foreign_cursor)).transpose()?;
        let from = from.map(|(block, position)| TransactionPosition { block, position });
        Ok(Self { from, limit })
    }
}

fn foreign_cursor() -> ApiError {
    let message = "`after` must be the `next` of another page of the same list";
    ApiError::bad_request("malformed_cursor", message)
}

/// A page of the transactions of consecutive blocks: those of a block, or of a batch, which has a
/// bounded number of entries. The blocks are durable, and the view has them.
///
/// # Errors
/// 400 `malformed_cursor` for a place outside the blocks; 503 `overloaded`; 410 `archived` or
/// `before_log`; 500.
pub(super) async fn page(
    state: &ApiState,
    source: Source,
    blocks: RangeInclusive<u64>,
    Asked { from, limit }: Asked,
) -> Result<TransactionsBody, ApiError> {
    let begin = TransactionPosition { block: *blocks.start(), position: 0 };
    let from = from.unwrap_or(begin);
    if !blocks.contains(&from.block) {
        return Err(foreign_cursor());
    }
    let _turn = state.readers.turn(source).await?;
    let count = blocks.end() + 1 - from.block;
    let count = u32::try_from(count).expect("a block of a batch has an entry, and a batch few");
    let blocks = state.store.blocks_after(from.block - 1, count).await?;
    let mut words = match blocks.first() {
        Some(first) => words_before(state, first).await?,
        None => None,
    };
    let directory = state.directory.read();
    let (mut transactions, mut payments) = (Vec::new(), 0);
    for block in &blocks {
        let contents = Contents::of(block, words);
        words = words.map(|words| words + block.entries.len() as u64);
        let skipped = if block.number == from.block { from.position } else { 0 };
        for position in skipped..contents.count() {
            if transactions.len() == limit as usize || payments >= PAYMENTS_PER_PAGE_MAX {
                let next = Some(format!("{}-{position}", block.number));
                return Ok(TransactionsBody { transactions, next });
            }
            let Some(body) = contents.transaction(position, &directory) else { continue };
            payments += body.transfer.as_ref().map_or(1, |transfer| transfer.payments.len());
            transactions.push(body);
        }
    }
    Ok(TransactionsBody { transactions, next: None })
}

/// How many data words the batch of a block has before those of the block. Each entry of a block
/// has one. `None` before the batch is sealed.
async fn words_before(state: &ApiState, block: &Block) -> Result<Option<u64>, ApiError> {
    let Some(batch) = state.store.batch(block.batch).await? else { return Ok(None) };
    Ok(Some(state.store.entries_between(batch.sealed.first_block, block.number).await?))
}

/// The transactions of a block, with the nonce that each used.
struct Contents<'a> {
    block: &'a Block,
    nonces: Vec<u32>,
    /// Data words of the batch before the block's, if that is known.
    words_before: Option<u64>,
}

impl<'a> Contents<'a> {
    fn of(block: &'a Block, words_before: Option<u64>) -> Self {
        // The block has each slot's nonce after its last transaction.
        let mut after: HashMap<u32, u32> =
            block.changes.iter().map(|change| (change.slot, change.account.nonce)).collect();
        let mut nonces = vec![0; block.transactions.len()];
        for (nonce, transaction) in nonces.iter_mut().zip(&block.transactions).rev() {
            let slot = block.entries[transaction.first_entry() as usize].slot();
            if let Some(after) = after.get_mut(&slot) {
                *after = after.saturating_sub(1);
                *nonce = *after;
            }
        }
        Self { block, nonces, words_before }
    }

    fn count(&self) -> u32 {
        u32::try_from(self.nonces.len()).expect("a block is far below 2^32 entries")
    }

    /// A transaction by its index; `None` beyond the last, or if the directory lacks a slot.
    fn transaction(
        &self,
        position: u32,
        directory: &DirectoryReader<'_>,
    ) -> Option<TransactionBody> {
        let (block, nonce) = (self.block, *self.nonces.get(position as usize)?);
        let applied = &block.transactions[position as usize];
        let (first, rest) = block.entries.get(applied.first_entry() as usize..)?.split_first()?;
        let Identity { owner, token } = directory.identity(first.slot())?;
        let (mut transfer, mut withdrawal) = (None, None);
        match *first {
            Entry::Debit { slot, fee, valid_until, .. } => {
                let payments = payments(rest, directory)?;
                let fee = fee.to_string();
                transfer = Some(TransferBody { slot, token, nonce, fee, valid_until, payments });
            }
            Entry::Withdraw { slot, amount, fee, valid_until, recipient, .. } => {
                let (fee, amount) = (fee.to_string(), amount.to_string());
                let recipient = recipient.to_string();
                withdrawal = Some(WithdrawalBody {
                    slot,
                    token,
                    nonce,
                    fee,
                    valid_until,
                    amount,
                    recipient,
                });
            }
            Entry::Idle { .. }
            | Entry::Open { .. }
            | Entry::Credit { .. }
            | Entry::Deposit { .. }
            | Entry::Exit { .. }
            | Entry::Collect { .. } => return None,
        }
        Some(TransactionBody {
            id: *applied.id(),
            block: block.number,
            position,
            batch: block.batch,
            executed_ms: block.executed_ms,
            first_word: self.words_before.map(|before| before + u64::from(applied.first_entry())),
            owner,
            transfer,
            withdrawal,
        })
    }
}

/// The payments of the Credits with which `entries` begin.
fn payments(entries: &[Entry], directory: &DirectoryReader<'_>) -> Option<Vec<PaymentBody>> {
    let credits = entries.iter().map_while(|entry| match *entry {
        Entry::Credit { slot, amount } => Some((slot, amount)),
        _ => None,
    });
    let payment = |(slot, amount): (u32, u64)| {
        let owner = directory.identity(slot)?.owner.to_string();
        Some(PaymentBody { owner, amount: amount.to_string() })
    };
    credits.map(payment).collect()
}
