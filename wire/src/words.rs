//! The bodies of `/v1/batches/{number}/words`: what a batch publishes on L1, word by word, and what
//! each word says. docs/protocol.md, section 7, has the layout.

use serde::{Deserialize, Serialize};
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::word::Word;
use utoipa::{IntoParams, ToSchema};

use crate::history::Decimal;
use crate::schema;

/// A page of the words of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WordsBody {
    pub batch: u64,
    /// In the batch's order, before all L1 words.
    pub data_words: Vec<DataWordBody>,
    /// Pairs, in the batch's order.
    pub l1_words: Vec<L1WordsBody>,
    /// The value of `after` for the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<u64>,
}

/// A data word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DataWordBody {
    /// The word's place among the batch's data words, from 0.
    pub index: u64,
    /// `0x` and 64 hex digits.
    #[schema(value_type = schema::Hash)]
    pub word: Word,
    /// The kind of the entry that published the word.
    #[schema(value_type = schema::WordKind)]
    pub kind: String,
    /// The entry's slot. An `open` opens the next slot, which the word does not name.
    pub slot: u32,
    /// Of an `open`: the slot's owner, bech32m with the prefix `sheaf`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Owner, required = false)]
    pub owner: Option<Owner>,
    /// Of an `open`: the slot's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token: Option<u16>,
    /// L2 units, a decimal string: what the entry moved, without the fee. Absent of an `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Amount, required = false)]
    pub amount: Option<Decimal>,
    /// Of a `debit` or a `withdraw`: L2 units, a decimal string.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Amount, required = false)]
    pub fee: Option<Decimal>,
}

/// A pair of L1 words, with which the contract pays, or takes a request off its queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct L1WordsBody {
    /// The pair's place among the batch's pairs, from 0.
    pub index: u64,
    /// The first word, `0x` and 64 hex digits.
    #[schema(value_type = schema::Hash)]
    pub a: Word,
    /// The second word, `0x` and 64 hex digits.
    #[schema(value_type = schema::Hash)]
    pub b: Word,
    /// The kind of the entry that published the pair: `withdraw`, `deposit` or `exit`.
    #[schema(value_type = schema::WordKind)]
    pub kind: String,
    /// The token; 0 of an exit that pays nothing.
    pub token: u16,
    /// L2 units, a decimal string.
    #[schema(value_type = schema::Amount)]
    pub amount: Decimal,
    /// Of an `exit`: the slot that the request names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub slot: Option<u32>,
    /// Of a `deposit` or an `exit`: the owner that the request names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Owner, required = false)]
    pub owner: Option<Owner>,
    /// Of a `withdraw`: the L1 address that is paid, `0x` and 40 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Address, required = false)]
    pub recipient: Option<L1Address>,
}

/// The parameters of a page of words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WordsParameters {
    /// Only what comes after another page: that page's `next`.
    pub after: Option<u64>,
    /// The most data words and pairs together in the page, 1 to 1,000; 1,000 if absent.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}
