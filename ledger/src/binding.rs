//! Binding the words on L1 to the words in the proof: both evaluate one polynomial at one point.
//!
//! The words are the polynomial's coefficients. The point z is a hash of everything published and
//! of both chains, so nobody can choose words after z. The contract and the data circuit compute
//! the value y at z, and the two values must be equal (`docs/protocol.md`, section 8).

use sha3::{Digest as _, Keccak256};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, hash};

use crate::data_reference::DataReference;
use crate::evaluation_field::{Multiplier, Residue};
use crate::rule_error::RuleError;
use crate::tag;
use crate::word::Word;

/// z in four limbs of 62 bits, lowest first.
pub type Challenge = [u64; 4];

/// y in limbs of 62, 62, 62, 62 and 7 bits, lowest first.
pub type Evaluation = [u64; 5];

/// Everything that z depends on. Each field is included because an operator who could choose the
/// field after z could solve for other words with an equal evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHeader {
    /// What names the data words on L1.
    pub data_reference: DataReference,
    /// keccak256 of the L1 words.
    pub l1_reference: [u8; 32],
    /// The State digest before the batch.
    pub pre: Digest,
    /// The State digest after the batch.
    pub post: Digest,
    /// Hash(Chains, D, L).
    pub chains: Digest,
    /// The batch's number. The first batch has the number 1.
    pub number: u64,
    /// The batch's time, in Unix seconds.
    pub timestamp: u32,
}

/// z: keccak256 of the header without the hash's last byte, so that z fits one word.
pub fn challenge(header: &BatchHeader) -> Challenge {
    let BatchHeader { data_reference, l1_reference, pre, post, chains, number, timestamp } = header;
    let mut keccak = Keccak256::new();
    keccak.update(data_reference.0);
    keccak.update(l1_reference);
    for digest in [pre, post, chains] {
        keccak.update(digest.to_bytes());
    }
    for integer in [*number, u64::from(*timestamp)] {
        let mut bytes = [0; 32];
        bytes[24..].copy_from_slice(&integer.to_be_bytes());
        keccak.update(bytes);
    }
    let hashed: [u8; 32] = keccak.finalize().into();
    let mut shifted = [0; 32];
    shifted[1..].copy_from_slice(&hashed[..31]);
    Word::from_bytes(&shifted).expect("the first byte is zero").0
}

/// y: the value at z, modulo r, of the polynomial whose coefficients are the L1 words and then the
/// data words, lowest degree first.
pub fn evaluate(l1: &[Word], data: &[Word], z: &Challenge) -> Evaluation {
    let multiplier = Multiplier::new(&Residue::of_word(&Word(*z)));
    let words = l1.iter().chain(data).rev();
    let y = words.fold(Residue::ZERO, |y, word| extended(&multiplier, &y, word));
    y.limbs()
}

fn extended(multiplier: &Multiplier, y: &Residue, word: &Word) -> Residue {
    multiplier.times(y).plus(&Residue::of_word(word))
}

/// The state of an evaluation. A cursor walks both chains backwards, D before L, because Horner's
/// rule starts with the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// D up to and including its next word; zero once all data words are taken.
    pub data: Digest,
    /// L up to and including its next word, which is taken once D is zero.
    pub l1: Digest,
    /// The point of evaluation.
    pub z: Challenge,
    /// The value at z of the words taken so far.
    pub y: Evaluation,
}

impl Cursor {
    /// The cursor before its first step: both chains whole, and y zero.
    pub const fn start(data: Digest, l1: Digest, z: Challenge) -> Self {
        Self { data, l1, z, y: [0; 5] }
    }

    /// Hash(Cursor, D, L, z, y): the digest at each end of a segment of data.
    pub fn digest(&self) -> Digest {
        let Self { data, l1, z, y } = self;
        let mut elements = [Fe::ZERO; 17];
        elements[..4].copy_from_slice(&data.0);
        elements[4..8].copy_from_slice(&l1.0);
        elements[8..12].copy_from_slice(&z.map(Fe::from_u64));
        elements[12..].copy_from_slice(&y.map(Fe::from_u64));
        hash(tag::CURSOR, &elements)
    }

    /// Removes the last word from D, or from L once D is zero, and sets y to y·z + word modulo r.
    /// On error the cursor is unchanged.
    ///
    /// # Errors
    /// `WrongLink` unless appending `word` to the chain `previous` gives the current chain.
    pub fn step_back(&mut self, previous: Digest, word: &Word) -> Result<(), RuleError> {
        let (chain, tag) = if self.data == Digest::ZERO {
            (&mut self.l1, tag::L1_LINK)
        } else {
            (&mut self.data, tag::DATA_LINK)
        };
        if word.link(tag, &previous) != *chain {
            return Err(RuleError::WrongLink);
        }
        *chain = previous;
        let multiplier = Multiplier::new(&Residue::of_word(&Word(self.z)));
        self.y = extended(&multiplier, &Residue::of_limbs(&self.y), word).limbs();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::AMOUNT_MAX;

    const HEADER: BatchHeader = BatchHeader {
        data_reference: DataReference([1; 32]),
        l1_reference: [2; 32],
        pre: Digest([Fe::from_u64(3); 4]),
        post: Digest([Fe::from_u64(4); 4]),
        chains: Digest([Fe::from_u64(5); 4]),
        number: 6,
        timestamp: 7,
    };

    fn words(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Word>> {
        let word = prop::array::uniform4(0..=AMOUNT_MAX).prop_map(Word);
        prop::collection::vec(word, count)
    }

    fn chain(tag: sheaf_crypto::hash::Tag, words: &[Word]) -> Vec<Digest> {
        let mut chain = vec![Digest::ZERO];
        for word in words {
            chain.push(word.link(tag, chain.last().expect("never empty")));
        }
        chain
    }

    #[test]
    fn the_challenge_is_the_hash_without_its_last_byte() {
        let mut bytes = Vec::new();
        bytes.extend([1; 32]);
        bytes.extend([2; 32]);
        for digest in [HEADER.pre, HEADER.post, HEADER.chains] {
            bytes.extend(digest.to_bytes());
        }
        for last in [6, 7] {
            bytes.extend([0; 31]);
            bytes.push(last);
        }
        let hashed: [u8; 32] = Keccak256::digest(bytes).into();
        assert_eq!(Word(challenge(&HEADER)).to_bytes()[1..], hashed[..31]);
    }

    #[test]
    fn the_challenge_depends_on_each_part() {
        let other = [9; 32];
        let digest = Digest([Fe::ONE; 4]);
        let changed = [
            BatchHeader { data_reference: DataReference(other), ..HEADER },
            BatchHeader { l1_reference: other, ..HEADER },
            BatchHeader { pre: digest, ..HEADER },
            BatchHeader { post: digest, ..HEADER },
            BatchHeader { chains: digest, ..HEADER },
            BatchHeader { number: 9, ..HEADER },
            BatchHeader { timestamp: 9, ..HEADER },
        ];
        for header in changed {
            assert_ne!(challenge(&header), challenge(&HEADER), "{header:?}");
        }
    }

    #[test]
    fn a_small_polynomial_by_hand() {
        let word = |value| Word([value, 0, 0, 0]);
        let z = [10, 0, 0, 0];
        assert_eq!(evaluate(&[word(3), word(2)], &[word(1)], &z), [123, 0, 0, 0, 0]);
        assert_eq!(evaluate(&[], &[], &z), [0; 5]);
    }

    proptest! {
        #[test]
        fn walking_back_gives_the_evaluation(
            l1 in words(0..4), data in words(1..6), z in words(1),
        ) {
            let z = z[0].0;
            let chains = [chain(tag::L1_LINK, &l1), chain(tag::DATA_LINK, &data)];
            let [l, d] = [0, 1].map(|i| *chains[i].last().expect("never empty"));
            let mut cursor = Cursor::start(d, l, z);
            for (words, chain) in [(&data, &chains[1]), (&l1, &chains[0])] {
                for (word, previous) in words.iter().zip(chain).rev() {
                    let before = cursor;
                    let mut lie = *word;
                    lie.0[0] ^= 1;
                    prop_assert_eq!(cursor.step_back(*previous, &lie), Err(RuleError::WrongLink));
                    prop_assert_eq!(cursor, before);
                    prop_assert_eq!(cursor.step_back(*previous, word), Ok(()));
                }
            }
            let y = evaluate(&l1, &data, &z);
            prop_assert_eq!(cursor, Cursor { data: Digest::ZERO, l1: Digest::ZERO, z, y });
        }
    }
}
