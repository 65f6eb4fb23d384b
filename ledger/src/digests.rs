//! The machine's digests after many entries: messages and chains.
//!
//! The rules read no digest, so a batch first runs its entries through the rules. Then the messages
//! of its transactions are hashed side by side, and each chain on a thread of its own. The digests
//! are those that `Machine::step` sets entry by entry.

use rayon::prelude::*;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::poseidon::lanes::LANES;

use crate::domain::Domain;
use crate::machine::Machine;
use crate::message::{Inputs, inputs_of, messages};
use crate::owner::Owner;
use crate::step::{OwedSignature, Ruled};
use crate::tag;
use crate::transaction::SignedMessage;
use crate::word::Word;

/// Messages, or owners, that one task hashes: two groups that are hashed side by side.
const HASHED_PER_TASK: usize = 2 * LANES;

/// The signatures that entries owe in their order, which begin and complete their transactions.
pub(crate) fn owed_signatures(ruled: &[Ruled], domain: &Domain) -> Vec<OwedSignature> {
    let inputs = inputs_of(ruled.iter().filter_map(|one| one.said.as_ref()), domain);
    let hash = |inputs: &[Inputs]| messages(inputs);
    let messages = inputs.par_chunks(HASHED_PER_TASK).flat_map_iter(hash);
    let messages: Vec<Digest> = messages.collect();
    let signers = ruled.iter().filter_map(|one| one.signer);
    let owed = signers.zip(messages).map(|(signer, message)| OwedSignature { signer, message });
    owed.collect()
}

/// The owner for whom each message was signed.
pub(crate) fn signers(signed: &[SignedMessage]) -> Vec<Owner> {
    let hash =
        |signed: &[SignedMessage]| Owner::each(signed.iter().map(|one| (&one.key, &one.address)));
    signed.par_chunks(HASHED_PER_TASK).flat_map_iter(hash).collect()
}

/// What the entries of a batch append to the machine's chains, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    pub data_words: Vec<Word>,
    pub l1_words: Vec<Word>,
    pub signatures: Vec<OwedSignature>,
}

impl Links {
    /// The machine with every link appended to its chains, and with the last message.
    pub(crate) fn append_to(&self, machine: Machine) -> Machine {
        let link = |tag| move |chain: Digest, word: &Word| word.link(tag, &chain);
        let sign = |chain: Digest, owed: &OwedSignature| owed.link(&chain);
        let (data, (l1, signatures)) = rayon::join(
            || self.data_words.iter().fold(machine.data, link(tag::DATA_LINK)),
            || {
                rayon::join(
                    || self.l1_words.iter().fold(machine.l1, link(tag::L1_LINK)),
                    || self.signatures.iter().fold(machine.signatures, sign),
                )
            },
        );
        let message = self.signatures.last().map_or(machine.message, |owed| owed.message);
        Machine { message, data, l1, signatures, ..machine }
    }
}
