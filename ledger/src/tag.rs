//! The tags of every hash in the protocol. No two uses of the hash share a tag.

use sheaf_crypto::hash::Tag;

/// A slot: owner, token, balance, nonce.
pub const LEAF: Tag = Tag::new(1);
/// Two children in the slot tree.
pub const NODE: Tag = Tag::NODE;
/// A key and an L1 address, cut to an owner.
pub const OWNER: Tag = Tag::new(3);
/// The chain id and the contract.
pub const DOMAIN: Tag = Tag::new(4);
/// The terms of a transfer: m₀ of its message.
pub const DEBIT: Tag = Tag::new(5);
/// The terms of a withdrawal: m₀ of its message.
pub const WITHDRAW: Tag = Tag::new(6);
/// One more recipient of a message: a payment's owner, or the L1 address of a withdrawal.
pub const PAYEE: Tag = Tag::new(7);
/// The challenge of a signature.
pub const CHALLENGE: Tag = Tag::CHALLENGE;
/// One more link of the chain of signatures owed.
pub const SIGNATURE_LINK: Tag = Tag::new(9);
/// One more link of the chain of data words.
pub const DATA_LINK: Tag = Tag::new(10);
/// One more link of the chain of L1 words.
pub const L1_LINK: Tag = Tag::new(11);
/// The state between batches.
pub const STATE: Tag = Tag::new(12);
/// The machine between entries.
pub const MACHINE: Tag = Tag::new(13);
/// The chains D and L together.
pub const CHAINS: Tag = Tag::new(14);
/// The cursor over D and L, with z and y.
pub const CURSOR: Tag = Tag::new(15);

#[cfg(test)]
mod tests {
    use super::*;

    /// The tags number every use of the hash from 1 on, without a gap, each once.
    #[test]
    fn every_use_has_a_tag_of_its_own() {
        let tags = [
            LEAF,
            NODE,
            OWNER,
            DOMAIN,
            DEBIT,
            WITHDRAW,
            PAYEE,
            CHALLENGE,
            SIGNATURE_LINK,
            DATA_LINK,
            L1_LINK,
            STATE,
            MACHINE,
            CHAINS,
            CURSOR,
        ];
        for (number, tag) in (1..).zip(tags) {
            assert_eq!(tag, Tag::new(number));
        }
    }
}
