//! What a transaction must pay: a fixed price for each token, chosen by the operator.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The price of a transaction in one token, in L2 units of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    pub per_transaction: u64,
    /// For each recipient; a withdrawal has one.
    pub per_payment: u64,
}

/// The prices of all tokens. A token without one is free.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeePolicy {
    prices: BTreeMap<u16, Price>,
}

impl FeePolicy {
    pub fn new(prices: BTreeMap<u16, Price>) -> Self {
        Self { prices }
    }

    /// The least fee of a transaction with `payments` recipients; an absurd price saturates.
    pub fn minimum(&self, token: u16, payments: usize) -> u64 {
        let Price { per_transaction, per_payment } =
            self.prices.get(&token).copied().unwrap_or_default();
        let payments = u64::try_from(payments).unwrap_or(u64::MAX);
        per_transaction.saturating_add(per_payment.saturating_mul(payments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_priced_one_by_one() {
        let price = Price { per_transaction: 10, per_payment: 3 };
        let policy = FeePolicy::new(BTreeMap::from([(1, price)]));
        assert_eq!([1, 2, 0].map(|payments| policy.minimum(1, payments)), [13, 16, 10]);
        assert_eq!(policy.minimum(2, 5), 0);
        let absurd = Price { per_transaction: u64::MAX, per_payment: u64::MAX };
        let policy = FeePolicy::new(BTreeMap::from([(1, absurd)]));
        assert_eq!(policy.minimum(1, 2), u64::MAX);
    }
}
