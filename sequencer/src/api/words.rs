//! `/v1/batches/{number}/words`: the words that a batch publishes on L1, decoded.

use axum::extract::State;
use axum::{Extension, Json};
use sheaf_ledger::data_word::DataWord;
use sheaf_ledger::kind::Kind;
use sheaf_ledger::l1_word::L1Effect;
use sheaf_ledger::rule_error::RuleError;
use sheaf_ledger::word::Word;
use sheaf_wire::ErrorBody;
use sheaf_wire::history::Decimal;
use sheaf_wire::words::{DataWordBody, L1WordsBody, WordsBody, WordsParameters};

use super::extract::{Parameters, Segment, page_length};
use super::rate::Source;
use super::{ApiError, ApiState, batches};
use crate::limits::WORDS_PER_PAGE_MAX;
use crate::store::{Published, StoreError, effects};

/// The words that a sealed batch publishes on L1, each with what it says: data words first, then
/// pairs of L1 words.
#[utoipa::path(
    get, path = "/v1/batches/{number}/words", tag = "batches", operation_id = "batch_words",
    params(("number" = u64, Path, description = "from 1"), WordsParameters),
    responses(
        (status = 200, description = "a page of words", body = WordsBody),
        (status = 404, description = "not sealed yet", body = ErrorBody),
        (status = 410, description = "the words are in the batch's L1 transaction alone",
            body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
    Segment(number): Segment<u64>,
    Parameters(WordsParameters { after, limit }): Parameters<WordsParameters>,
) -> Result<Json<WordsBody>, ApiError> {
    let limit = page_length(limit, WORDS_PER_PAGE_MAX, "words")?;
    let sealed = batches::row(&state, number).await?.sealed;
    let _turn = state.readers.turn(source).await?;
    let published = state.store.published(sealed.number).await?.ok_or_else(ApiError::words_gone)?;
    let words = Words::read(&published, sealed.next_slot)?;
    let first = usize::try_from(after.unwrap_or_default()).unwrap_or(usize::MAX);
    Ok(Json(words.page(sealed.number, first, limit as usize)))
}

/// The words of a batch, decoded.
struct Words {
    data: Vec<(Word, DataWord)>,
    l1: Vec<([Word; 2], L1Effect)>,
    /// The first slot that the batch opens.
    first_slot: u64,
}

impl Words {
    /// Reads what a batch has published that left `next_slot` open slots.
    fn read(published: &Published, next_slot: u64) -> Result<Self, StoreError> {
        let malformed = || StoreError::MalformedColumn { column: "published.data_words" };
        let data = Word::stream(&published.data_words).ok_or_else(malformed)?;
        let data = data.into_iter().map(|word| Ok((word, DataWord::decode(&word)?)));
        let data: Result<Vec<(Word, DataWord)>, RuleError> = data.collect();
        let data = data.map_err(|_| malformed())?;
        let l1 = effects(&published.l1_words)?;
        let opened = data.iter().filter(|(_, said)| matches!(said, DataWord::Open { .. })).count();
        Ok(Self { data, l1, first_slot: next_slot.saturating_sub(opened as u64) })
    }

    /// The page of `limit` words and pairs after the first `first` ones.
    fn page(&self, batch: u64, first: usize, limit: usize) -> WordsBody {
        let end = first.saturating_add(limit);
        let data_words: Vec<DataWordBody> = self.data_words().skip(first).take(limit).collect();
        let (first_pair, end_pair) =
            (first.saturating_sub(self.data.len()), end.saturating_sub(self.data.len()));
        let pairs = (0..).zip(&self.l1).skip(first_pair).take(end_pair - first_pair);
        let l1_words = pairs.map(|(index, (words, said))| pair(index, words, said)).collect();
        let is_last = end >= self.data.len() + self.l1.len();
        let next = (!is_last).then_some(end as u64);
        WordsBody { batch, data_words, l1_words, next }
    }

    fn data_words(&self) -> impl Iterator<Item = DataWordBody> {
        let opened = self.data.iter().scan(self.first_slot, |next, (_, said)| {
            let slot = *next;
            *next += u64::from(matches!(said, DataWord::Open { .. }));
            Some(u32::try_from(slot).unwrap_or(u32::MAX))
        });
        (0..).zip(&self.data).zip(opened).map(|((index, (word, said)), next_slot)| {
            let plain = |kind: Kind, slot| DataWordBody {
                index,
                word: *word,
                kind: kind.facts().name.to_owned(),
                slot,
                owner: None,
                token: None,
                amount: None,
                fee: None,
            };
            match *said {
                DataWord::Open { owner, token } => DataWordBody {
                    owner: Some(owner),
                    token: Some(token),
                    ..plain(Kind::Open, next_slot)
                },
                DataWord::Moved { kind, slot, amount, fee } => DataWordBody {
                    amount: Some(Decimal(amount)),
                    fee: kind.facts().spends.then_some(Decimal(fee)),
                    ..plain(kind, slot)
                },
            }
        })
    }
}

fn pair(index: u64, [a, b]: &[Word; 2], said: &L1Effect) -> L1WordsBody {
    let (token, amount, slot, owner, recipient) = match *said {
        L1Effect::Withdraw { token, amount, recipient } => {
            (token, amount, None, None, Some(recipient))
        }
        L1Effect::Deposit { token, amount, owner } => (token, amount, None, Some(owner), None),
        L1Effect::Exit { slot, token, amount, owner } => {
            (token, amount, Some(slot), Some(owner), None)
        }
    };
    let kind = said.kind().facts().name.to_owned();
    L1WordsBody {
        index,
        a: *a,
        b: *b,
        kind,
        token,
        amount: Decimal(amount),
        slot,
        owner,
        recipient,
    }
}

#[cfg(test)]
mod tests {
    use sheaf_crypto::hash::Digest;
    use sheaf_ledger::owner::Owner;

    use super::*;

    fn published() -> Published {
        let moved = |kind, slot| DataWord::Moved { kind, slot, amount: 5, fee: 0 };
        let open = DataWord::Open { owner: Owner::default(), token: 3 };
        let data = [open, moved(Kind::Deposit, 7), open, moved(Kind::Exit, 2)];
        let deposit = L1Effect::Deposit { token: 3, amount: 5, owner: Owner::default() };
        let exit = L1Effect::Exit { slot: 2, token: 0, amount: 5, owner: Owner::default() };
        let l1 = [deposit, exit].map(|effect| effect.encode());
        Published {
            chains: Digest::ZERO,
            data_words: data.iter().flat_map(|word| word.encode().to_bytes()).collect(),
            l1_words: l1.as_flattened().iter().flat_map(Word::to_bytes).collect(),
        }
    }

    #[test]
    fn pages_have_every_word_once_and_opens_have_their_slots() {
        let words = Words::read(&published(), 9).expect("they are words");
        let whole = words.page(1, 0, 6);
        assert_eq!((whole.data_words.len(), whole.l1_words.len(), whole.next), (4, 2, None));
        let slots: Vec<u32> = whole.data_words.iter().map(|word| word.slot).collect();
        assert_eq!(slots, [7, 7, 8, 2]);
        for limit in 1..=7 {
            let (mut data, mut l1, mut after) = (Vec::new(), Vec::new(), Some(0));
            while let Some(first) = after {
                let page = words.page(1, usize::try_from(first).expect("few"), limit);
                assert!(page.data_words.len() + page.l1_words.len() <= limit);
                data.extend(page.data_words);
                l1.extend(page.l1_words);
                after = page.next;
            }
            assert_eq!((&data, &l1), (&whole.data_words, &whole.l1_words), "{limit}");
        }
        let beyond = words.page(1, usize::MAX, 3);
        assert_eq!((beyond.data_words.len(), beyond.l1_words.len(), beyond.next), (0, 0, None));
    }

    #[test]
    fn what_is_no_word_is_damage_of_the_database() {
        let mut damaged = published();
        damaged.data_words[0] = 1;
        let refused = Words::read(&damaged, 9).err().expect("a word's first byte is zero");
        assert_eq!(refused.code(), StoreError::MalformedColumn { column: "" }.code());
        let unknown = Published { data_words: vec![0; 32], ..published() };
        assert!(Words::read(&unknown, 9).is_err());
    }
}
