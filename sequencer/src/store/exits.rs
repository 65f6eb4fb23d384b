//! What exits have paid. The log has only that an exit took the whole balance, so the amount is
//! read from the batch's L1 words when the batch is sealed.

use sheaf_ledger::l1_word::L1Effect;
use sheaf_ledger::rule_error::RuleError;
use sheaf_ledger::word::Word;
use sqlx::{Any, Transaction};

use super::{Store, StoreError, int, uint};

impl Store {
    /// What the exit that a request asked for has paid, in L2 units; `None` before its batch is
    /// sealed, and of a batch that an earlier version has sealed.
    pub async fn exit_amount(&self, request: u64) -> Result<Option<u64>, StoreError> {
        let amount: Option<i64> = sqlx::query_scalar("SELECT amount FROM exits WHERE request = $1")
            .bind(int(request))
            .fetch_optional(&self.readers)
            .await?;
        amount.map(|amount| uint("exits.amount", amount)).transpose()
    }
}

/// Stores what the exits of a batch have paid, which begins with request `first_request`.
pub(super) async fn insert(
    write: &mut Transaction<'static, Any>,
    first_request: u64,
    l1_words: &[u8],
) -> Result<(), StoreError> {
    for (request, amount) in paid(first_request, l1_words)? {
        sqlx::query("INSERT INTO exits (request, amount) VALUES ($1, $2)")
            .bind(int(request))
            .bind(int(amount))
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

/// The request of each exit of a batch, and the amount that the exit paid.
fn paid(first_request: u64, l1_words: &[u8]) -> Result<Vec<(u64, u64)>, StoreError> {
    let exits = numbered(first_request, l1_words)?.into_iter().filter_map(|found| match found {
        (Some(request), L1Effect::Exit { amount, .. }) => Some((request, amount)),
        _ => None,
    });
    Ok(exits.collect())
}

/// The effects on L1 of a batch that begins with request `first_request`, each with the request
/// that it takes off the contract's queue; a withdrawal takes none.
pub(super) fn numbered(
    first_request: u64,
    l1_words: &[u8],
) -> Result<Vec<(Option<u64>, L1Effect)>, StoreError> {
    let mut next = first_request;
    let numbered = effects(l1_words)?.into_iter().map(|(_, effect)| {
        let request = effect.request().map(|_| next);
        next += u64::from(request.is_some());
        (request, effect)
    });
    Ok(numbered.collect())
}

/// The pairs of L1 words of a batch, each with what it says.
///
/// # Errors
/// `MalformedColumn` when the bytes are not pairs of L1 words.
pub(crate) fn effects(l1_words: &[u8]) -> Result<Vec<([Word; 2], L1Effect)>, StoreError> {
    let malformed = || StoreError::MalformedColumn { column: "published.l1_words" };
    let words = Word::stream(l1_words).ok_or_else(malformed)?;
    let pairs = words.as_chunks().0.iter().map(|pair| Ok((*pair, L1Effect::decode(pair)?)));
    let effects: Result<_, RuleError> = pairs.collect();
    effects.map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use sheaf_ledger::l1_address::L1Address;
    use sheaf_ledger::owner::Owner;

    use super::*;

    #[test]
    fn exits_are_counted_among_the_requests_and_not_among_withdrawals() {
        let owner = Owner::default();
        let exit = |amount| L1Effect::Exit { slot: 1, token: 0, amount, owner };
        let effects = [
            exit(5),
            L1Effect::Withdraw { token: 0, amount: 6, recipient: L1Address([1; 20]) },
            L1Effect::Deposit { token: 0, amount: 7, owner },
            exit(0),
        ];
        let words: Vec<u8> =
            effects.iter().flat_map(L1Effect::encode).flat_map(|word| word.to_bytes()).collect();
        let found = paid(10, &words).expect("they are words");
        assert_eq!(found, [(10, 5), (12, 0)]);
        assert!(paid(10, &words[1..]).is_err());
    }
}
