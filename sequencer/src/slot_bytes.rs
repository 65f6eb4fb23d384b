//! Slots as bytes, as snapshots and the base of a rebuilt database have them.

use sheaf_ledger::owner::Owner;
use sheaf_ledger::slot::Slot;

/// Bytes of a slot: owner, token, balance, nonce; integers are big-endian.
pub(crate) const SLOT_BYTES: usize = 38;

/// The bytes of a slot.
pub(crate) fn encode(slot: &Slot) -> [u8; SLOT_BYTES] {
    let Slot { owner, token, balance, nonce } = slot;
    let mut bytes = [0; SLOT_BYTES];
    let (start, rest) = bytes.split_at_mut(Owner::BYTES);
    start.copy_from_slice(&owner.to_bytes());
    rest[..2].copy_from_slice(&token.to_be_bytes());
    rest[2..10].copy_from_slice(&balance.to_be_bytes());
    rest[10..].copy_from_slice(&nonce.to_be_bytes());
    bytes
}

/// Reads slots that `encode` wrote one after another; `None` when the bytes are no slots.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<Slot>> {
    let (slots, rest) = bytes.as_chunks::<SLOT_BYTES>();
    if !rest.is_empty() {
        return None;
    }
    slots.iter().map(decode_slot).collect()
}

fn decode_slot(bytes: &[u8; SLOT_BYTES]) -> Option<Slot> {
    let (owner, rest) = bytes.split_first_chunk::<{ Owner::BYTES }>()?;
    let (token, rest) = rest.split_first_chunk::<2>()?;
    let (balance, nonce) = rest.split_first_chunk::<8>()?;
    Some(Slot {
        owner: Owner::from_bytes(*owner)?,
        token: u16::from_be_bytes(*token),
        balance: u64::from_be_bytes(*balance),
        nonce: u32::from_be_bytes(nonce.try_into().ok()?),
    })
}
