//! Lies that one message of a signature's rows refuses, and nothing else does.
//!
//! Fields of such a message are a point or a digest, so they differ together, and a lie that only
//! one field refuses cannot be told. So each of these messages is tried as a whole.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry_tables::buses::{CHALLENGE_DIGITS, LADDERS, SIGNATURES};
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::entry_tables::signatures::SignatureColumns;
use sheaf_circuits::signature::open_signature::DIGITS;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::hash;
use sheaf_crypto::scalar::Scalar;
use sheaf_crypto::signature::{Signature, challenge};
use sheaf_ledger::chunk::EntryChunk;
use sheaf_ledger::tag;
use sheaf_ledger::transaction::SignedMessage;
use sheaf_plonk::tables::permutation::{DIGESTS, STATES};
use sheaf_plonk::tables::rules::Bus;

use super::forgeries::{chunk, faults, rows};
use super::lies::{are_on, numbers};
use crate::ledger_world::secret_of;

/// The message's name, the bus that has it, and rows of `chunk` that only this message refuses.
pub(crate) type Lie = (&'static str, Bus, fn(&EntryChunk) -> Rows);

pub(crate) const LIES: [Lie; 7] = [
    ("signatures: what the entry owes", SIGNATURES, |honest| {
        let mut forged = honest.clone();
        forged.signed.swap(0, 1);
        rows(&forged)
    }),
    ("signatures: the owner's digest", DIGESTS, |honest| {
        let mut rows = rows(honest);
        rows.signatures[0][numbers::<SignatureColumns<usize>>().owner_hash[3]] += F::ONE;
        rows
    }),
    ("signatures: the state inside the challenge's hash", STATES, |honest| {
        let mut rows = rows(honest);
        rows.signatures[0][numbers::<SignatureColumns<usize>>().challenge_state[0]] += F::ONE;
        rows
    }),
    ("signatures: the challenge's digest", DIGESTS, |honest| {
        let mut rows = rows(honest);
        let columns: SignatureColumns<usize> = numbers();
        let Rows { signatures, ladder, .. } = self::rows(&resigned(honest));
        rows.ladder[..DIGITS].clone_from_slice(&ladder[..DIGITS]);
        let forged = std::mem::replace(&mut rows.signatures[0], signatures[0].clone());
        columns.message.iter().for_each(|column| rows.signatures[0][*column] = forged[*column]);
        rows
    }),
    ("signatures: where the ladder ends", LADDERS, |honest| {
        let mut forged = honest.clone();
        forged.signed[0].signature.s += Scalar::ONE;
        rows(&forged)
    }),
    ("ladder: the point before a step", LADDERS, |honest| {
        let (mut rows, mut forged) = (rows(honest), honest.clone());
        forged.signed[0].signature.s += Scalar::ONE;
        rows.ladder[DIGITS - 1] = self::rows(&forged).ladder[DIGITS - 1].clone();
        rows
    }),
    ("ladder: a digit of the challenge", CHALLENGE_DIGITS, |honest| {
        let mut rows = rows(honest);
        let ladder = self::rows(&resigned(honest)).ladder;
        rows.ladder[..DIGITS].clone_from_slice(&ladder[..DIGITS]);
        rows
    }),
];

/// The chunk with its first signature over another message: its owner has used the nonce again, and
/// the challenge has the same top window, so that R and both ends of the ladder are the same.
fn resigned(chunk: &EntryChunk) -> EntryChunk {
    let SignedMessage { key, message, signature: Signature { r, s }, .. } = chunk.signed[0];
    let secret = secret_of(&key).expect("the key of a wallet");
    let old = challenge(&r, &key, &message);
    let nonce = s - Scalar::from(old) * secret;
    let others = (0..).map(|number| hash(tag::DEBIT, &[Fe::from_u64(number)]));
    let (message, new) = others
        .map(|other| (other, challenge(&r, &key, &other)))
        .find(|(_, new)| new >> 126 == old >> 126)
        .expect("one challenge in four has the window");
    let mut forged = chunk.clone();
    let signature = Signature { r, s: nonce + Scalar::from(new) * secret };
    forged.signed[0] = SignedMessage { message, signature, ..forged.signed[0] };
    forged
}

/// Whether the lie's rows have faults, and all of them on the message's bus.
pub(crate) fn is_refused_by_its_message(&(_, bus, lie): &Lie) -> bool {
    let chunk = chunk();
    are_on(&faults(&chunk, &lie(&chunk)), &format!("{bus:?}"))
}

#[test]
fn each_message_of_a_signature_refuses_a_lie() {
    for lie in &LIES {
        assert!(is_refused_by_its_message(lie), "{}", lie.0);
    }
}
