//! Golden vectors of the rules: words, tree, machine, binding, transactions. Implementations in
//! other languages test against `ledger/vectors/`; these tests compare the files with the ledger.
//!
//! `SHEAF_WRITE_VECTORS=1` writes the files again.

use std::path::Path;

use crate::random_batch::{TIMESTAMP, accepted, domain, wallets};
use serde_json::{Value, json};
use sheaf_ledger::apply::root_of_path;
use sheaf_ledger::binding::{Cursor, challenge, evaluate};
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::data_word::DataWord;
use sheaf_ledger::l1_word::L1Effect;
use sheaf_ledger::limits::AMOUNT_MAX;
use sheaf_ledger::machine::state_digest;
use sheaf_ledger::slot::leaf_digest;
use sheaf_ledger::transaction::{Payment, Transfer, Withdrawal};
use sheaf_ledger::tree::empty_subtrees;
use sheaf_ledger::{
    AcceptedTransaction, BatchBuilder, Entry, Kind, L1Address, Owner, SealedBatch,
    SignedTransaction, Slot, SlotTree, Transaction, apply,
};

use crate::batches::touches_of;

const CHAIN_ID: u64 = 31_337;
const CONTRACT: L1Address = L1Address([0xc0; 20]);

fn compare(name: &str, vectors: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    let mut text = serde_json::to_string_pretty(vectors).expect("plain JSON");
    text.push('\n');
    if std::env::var_os("SHEAF_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &text).expect("the folder is part of the sources");
    }
    let kept = std::fs::read_to_string(&path).expect("the vectors are part of the sources");
    assert!(kept == text, "{name} is not what the ledger says; was the protocol changed?");
}

fn slots() -> Vec<Slot> {
    let slot = |wallet: usize, token, balance, nonce| Slot {
        owner: wallets()[wallet].owner,
        token,
        balance,
        nonce,
    };
    vec![
        slot(0, 0, 1_000_000_000_000, 0),
        slot(1, 0, AMOUNT_MAX / 2, u32::MAX - 1),
        slot(2, 65_535, 77, 3),
        slot(0, 65_535, 5, 0),
        slot(3, 0, 0, 0),
    ]
}

fn payments() -> AcceptedTransaction {
    let pay = |wallet: usize, amount| Payment { owner: wallets()[wallet].owner, amount };
    let payments = vec![pay(1, 300), pay(3, 200), pay(0, 1)];
    let (slot, token, nonce, fee, valid_until) = (0, 0, 0, 11, TIMESTAMP + 60);
    let transfer = Transfer { slot, token, nonce, fee, valid_until, payments };
    accepted(Transaction::Transfer(transfer), &wallets()[0])
}

fn payout() -> AcceptedTransaction {
    let (slot, token, nonce, fee, valid_until) = (2, 65_535, 3, 2, u32::MAX - 1);
    let recipient = L1Address(core::array::from_fn(|i| 0xf0 + i as u8 % 16));
    let withdrawal = Withdrawal { slot, token, nonce, fee, valid_until, amount: 70, recipient };
    accepted(Transaction::Withdrawal(withdrawal), &wallets()[2])
}

/// One entry of each kind, and two exits that pay nothing.
fn batch() -> (SlotTree, SealedBatch) {
    let tree = SlotTree::from_slots(slots());
    let mut builder = BatchBuilder::new(&tree, domain(), TIMESTAMP);
    let owner = |wallet: usize| wallets()[wallet].owner;
    let requested = [
        Entry::Deposit { slot: 4, amount: 42 },
        Entry::Exit { slot: 3, owner: owner(0) },
        Entry::Exit { slot: 1, owner: owner(0) },
        Entry::Exit { slot: 9, owner: owner(1) },
        Entry::Open { slot: 5, owner: owner(3), token: 65_535 },
        Entry::Idle { slot: 5 },
    ];
    builder.push(&requested, &[]).expect("keeps the rules");
    let slot_of = |token| {
        move |owner: &_| {
            let found = slots().iter().position(|slot| slot.owner == *owner && slot.token == token);
            found.map(|slot| slot as u32)
        }
    };
    for (transaction, pot, token) in [(payments(), 0, 0), (payout(), 3, 65_535)] {
        let entries = transaction.entries(pot, slot_of(token)).expect("all have slots");
        builder.push(&entries, &[transaction.signed_message()]).expect("keeps the rules");
    }
    let collect = [Entry::Collect { slot: 4, pot: 0 }, Entry::Collect { slot: 5, pot: 3 }];
    builder.push(&collect, &[]).expect("keeps the rules");
    let batch = builder.seal(1).expect("settled");
    (tree, batch)
}

#[test]
fn words() {
    let (_, batch) = batch();
    let data: Vec<Value> = (batch.entries.iter())
        .filter(|entry| !matches!(entry, Entry::Idle { .. }))
        .zip(&batch.data_words)
        .map(|(entry, word)| json!({ "entry": entry, "word": word, "limbs": decimal(word.0) }))
        .collect();
    let (pairs, _) = batch.l1_words.as_chunks::<2>();
    let l1: Vec<Value> = (pairs.iter())
        .map(|pair| {
            let effect = L1Effect::decode(pair).expect("known");
            let (kind, slot, token, amount) = match effect {
                L1Effect::Withdraw { token, amount, .. } => ("withdraw", 0, token, amount),
                L1Effect::Deposit { token, amount, .. } => ("deposit", 0, token, amount),
                L1Effect::Exit { slot, token, amount, .. } => ("exit", slot, token, amount),
            };
            let (owner, recipient) = match effect {
                L1Effect::Withdraw { recipient, .. } => (None, Some(recipient)),
                L1Effect::Deposit { owner, .. } | L1Effect::Exit { owner, .. } => {
                    (Some(bytes24(&owner)), None)
                }
            };
            json!({
                "kind": kind, "slot": slot, "token": token, "amount": amount.to_string(),
                "owner": owner, "recipient": recipient,
                "words": pair, "request": effect.request(),
            })
        })
        .collect();
    let largest =
        DataWord::Moved { kind: Kind::Debit, slot: u32::MAX, amount: AMOUNT_MAX, fee: AMOUNT_MAX };
    let largest = largest.encode();
    compare("words.json", &json!({ "data": data, "l1": l1, "largest_debit": largest }));
}

#[test]
fn tree() {
    let (tree, batch) = batch();
    let paths: Vec<Value> = ([0, 3, 4, 5, u32::MAX].into_iter())
        .map(|slot| {
            let (leaf, siblings) = (leaf_digest(&tree.get(slot)), tree.path(slot));
            assert_eq!(root_of_path(slot, &leaf, &siblings), tree.root());
            json!({ "slot": slot, "leaf": leaf, "siblings": siblings.to_vec() })
        })
        .collect();
    let mut updated = tree.clone();
    batch.update(&mut updated).expect("the batch follows the tree");
    let leaves = |tree: &SlotTree| tree.slots().iter().map(Slot::leaf).collect::<Vec<_>>();
    let whole = |tree: &SlotTree| {
        let state = state_digest(&tree.root(), tree.len() as u64, &domain());
        let owners = tree.slots().iter().map(|slot| bytes24(&slot.owner)).collect::<Vec<_>>();
        json!({
            "slots": tree.slots(), "owners": owners, "leaves": leaves(tree), "root": tree.root(),
            "state": state,
        })
    };
    let first = state_digest(&SlotTree::new().root(), 0, &domain());
    compare(
        "tree.json",
        &json!({
            "chain_id": CHAIN_ID, "contract": CONTRACT, "domain": domain(),
            "empty_subtrees": empty_subtrees().to_vec(), "first_state": first,
            "before": whole(&tree), "after": whole(&updated), "paths_before": paths,
        }),
    );
}

#[test]
fn machine() {
    let (_, batch) = batch();
    let mut machine = batch.before;
    let mut steps = Vec::new();
    for touch in &touches_of(&batch) {
        let stepped = apply(&mut machine, touch).expect("a sealed batch keeps the rules");
        let owed = stepped.owed.map(|owed| json!([owed.signer, owed.message]));
        steps.push(json!({
            "entry": touch.entry, "leaf_before": touch.leaf, "leaf_after": stepped.leaf,
            "data_word": stepped.data_word, "l1_words": stepped.l1_words, "owed": owed,
            "elements": machine.elements().to_vec(), "digest": machine.digest(),
        }));
    }
    assert_eq!(machine, batch.after);
    let start = json!({
        "elements": batch.before.elements().to_vec(), "digest": batch.before.digest(),
    });
    compare("machine.json", &json!({ "start": start, "steps": steps }));
}

#[test]
fn binding() {
    let (_, batch) = batch();
    let header = batch.header(DataReference::calldata(&batch.data_words));
    let z = challenge(&header);
    let y = evaluate(&batch.l1_words, &batch.data_words, &z);
    let [start, end] = [
        Cursor::start(batch.after.data, batch.after.l1, z),
        Cursor { y, ..Cursor::start(Default::default(), Default::default(), z) },
    ];
    let hexadecimal = |bytes: [u8; 32]| format!("0x{}", hex::encode(bytes));
    compare(
        "binding.json",
        &json!({
            "data_words": batch.data_words, "l1_words": batch.l1_words,
            "data_chain": batch.after.data, "l1_chain": batch.after.l1, "chains": header.chains,
            "data_reference": header.data_reference,
            "l1_reference": hexadecimal(header.l1_reference),
            "pre": header.pre, "post": header.post, "number": header.number,
            "timestamp": header.timestamp, "z": sheaf_ledger::Word(z), "z_limbs": decimal(z),
            "y": y_as_integer(y), "y_limbs": decimal(y),
            "cursor_start": start.digest(), "cursor_end": end.digest(),
        }),
    );
}

/// An owner as L1 sees it.
fn bytes24(owner: &Owner) -> String {
    format!("0x{}", hex::encode(owner.to_bytes()))
}

/// A transaction in the binary form of section 11.
fn bytes_of(signed: &SignedTransaction) -> String {
    let mut bytes = Vec::new();
    signed.write(&mut bytes);
    format!("0x{}", hex::encode(bytes))
}

/// Limbs as strings, because JavaScript's numbers would lose bits of them.
fn decimal<const N: usize>(limbs: [u64; N]) -> Vec<String> {
    limbs.iter().map(u64::to_string).collect()
}

/// The limbs of y as one integer of 32 bytes.
fn y_as_integer([y0, y1, y2, y3, y4]: [u64; 5]) -> String {
    let mut bytes = sheaf_ledger::Word([y0, y1, y2, y3]).to_bytes();
    bytes[0] = y4 as u8;
    format!("0x{}", hex::encode(bytes))
}

#[test]
fn transactions() {
    let described = |accepted: &AcceptedTransaction| {
        let checked = accepted.checked();
        let signed: &SignedTransaction = checked.signed();
        json!({
            "signed": signed, "id": checked.id(), "owner": checked.owner(),
            "owner_bytes": bytes24(checked.owner()), "bytes": bytes_of(signed),
        })
    };
    let examples = [payments(), payout()].map(|accepted| described(&accepted));
    for example in &examples {
        let read: SignedTransaction =
            serde_json::from_value(example["signed"].clone()).expect("a signed transaction");
        let bytes = hex::decode(&example["bytes"].as_str().expect("text")[2..]).expect("digits");
        assert_eq!(SignedTransaction::read(&bytes, 0), Ok((read.clone(), bytes.len())));
        let checked = read.check(&domain()).expect("in range");
        assert_eq!(json!(checked.id()), example["id"]);
    }
    compare(
        "transactions.json",
        &json!({ "chain_id": CHAIN_ID, "contract": CONTRACT, "examples": examples }),
    );
}
