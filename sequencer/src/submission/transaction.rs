//! The L1 transaction of a batch, and the fees that it offers.

use alloy::consensus::{Transaction as _, TxEip1559, TxEip4844, TypedTransaction};
use alloy::eips::eip7594::BlobTransactionSidecarVariant;
use alloy::primitives::{Address, TxKind, U256};

use super::contents::Contents;
use crate::limits::{
    SUBMISSION_ABOVE_MARKET_MAX, SUBMISSION_BLOB_FEE_MAX, SUBMISSION_BLOBS_BUMP_PERCENT,
    SUBMISSION_BUMP_PERCENT, SUBMISSION_FEE_MAX,
};

/// What a transaction offers, or what the market asks, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fees {
    /// The most for each unit of gas, the priority fee included.
    pub max: u128,
    /// What the block's proposer gets for each unit of gas.
    pub priority: u128,
    /// The most for each unit of blob gas; 0 without blobs.
    pub blob: u128,
}

impl Fees {
    /// The fees that a transaction offers.
    pub(super) fn of(transaction: &TypedTransaction) -> Self {
        Self {
            max: transaction.max_fee_per_gas(),
            priority: transaction.max_priority_fee_per_gas().unwrap_or_default(),
            blob: transaction.max_fee_per_blob_gas().unwrap_or_default(),
        }
    }

    /// What a replacement of a transaction with these fees must offer at least, and no less than
    /// the market asks.
    pub(super) fn raised(self, market: Self) -> Self {
        let percent =
            if self.blob == 0 { SUBMISSION_BUMP_PERCENT } else { SUBMISSION_BLOBS_BUMP_PERCENT };
        let more = |fee: u128, asked: u128| fee.saturating_mul(percent).div_ceil(100).max(asked);
        let max = more(self.max, market.max);
        let priority = more(self.priority, market.priority).min(max);
        Self { max, priority, blob: more(self.blob, market.blob) }
    }

    /// Whether no fee exceeds its cap.
    pub(super) const fn are_bearable(self) -> bool {
        self.max <= SUBMISSION_FEE_MAX && self.blob <= SUBMISSION_BLOB_FEE_MAX
    }

    /// Whether no fee exceeds what the market asks by more than `SUBMISSION_ABOVE_MARKET_MAX`.
    pub(super) const fn are_near(self, market: Self) -> bool {
        self.max <= market.max.saturating_mul(SUBMISSION_ABOVE_MARKET_MAX)
            && self.blob <= market.blob.saturating_mul(SUBMISSION_ABOVE_MARKET_MAX)
    }

    /// Makes a transaction offer these fees.
    pub(super) fn offer_in(self, transaction: &mut TypedTransaction) {
        let Self { max, priority, blob } = self;
        match transaction {
            TypedTransaction::Eip1559(transaction) => {
                transaction.max_fee_per_gas = max;
                transaction.max_priority_fee_per_gas = priority;
            }
            TypedTransaction::Eip4844(transaction) => {
                let transaction: &mut TxEip4844 = transaction.as_mut();
                transaction.max_fee_per_gas = max;
                transaction.max_priority_fee_per_gas = priority;
                transaction.max_fee_per_blob_gas = blob;
            }
            TypedTransaction::Legacy(_)
            | TypedTransaction::Eip2930(_)
            | TypedTransaction::Eip7702(_) => {}
        }
    }
}

/// What a transaction has beside its contents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Envelope {
    pub chain_id: u64,
    pub nonce: u64,
    pub gas_limit: u64,
    pub to: Address,
    pub fees: Fees,
}

impl Envelope {
    /// The transaction with `contents`: of type 3 with blobs, otherwise of type 2.
    pub(super) fn around(self, contents: Contents) -> TypedTransaction {
        let Self { chain_id, nonce, gas_limit, to, fees } = self;
        let Contents { input, sidecar } = contents;
        let (max_fee_per_gas, max_priority_fee_per_gas) = (fees.max, fees.priority);
        let Some(sidecar) = sidecar else {
            return TypedTransaction::Eip1559(TxEip1559 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas,
                max_priority_fee_per_gas,
                to: TxKind::Call(to),
                value: U256::ZERO,
                access_list: Default::default(),
                input: input.into(),
            });
        };
        let transaction = TxEip4844 {
            chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas,
            max_priority_fee_per_gas,
            to,
            value: U256::ZERO,
            access_list: Default::default(),
            blob_versioned_hashes: sidecar.versioned_hashes().collect(),
            max_fee_per_blob_gas: fees.blob,
            input: input.into(),
        };
        let sidecar = BlobTransactionSidecarVariant::Eip7594(sidecar);
        TypedTransaction::Eip4844(transaction.with_sidecar(sidecar).into())
    }
}
