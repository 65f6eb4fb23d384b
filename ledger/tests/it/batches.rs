//! Random batches: machine, model, record, words and tree agree about the effects of each batch.

use crate::random_batch::{TOKENS, World, actions, opening_slots, seal};
use proptest::prelude::*;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::binding::{Cursor, challenge, evaluate};
use sheaf_ledger::chunk::{DataChunk, EntryChunk, SignatureChunk};
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::l1_word::L1Effect;
use sheaf_ledger::rebuild::rebuild;
use sheaf_ledger::{
    Entry, Machine, RuleError, SealedBatch, SignedMessage, Slot, SlotTree, Touch, apply,
};

fn supply(slots: &[Slot]) -> Vec<u128> {
    let of = |token| slots.iter().filter(move |slot| slot.token == token);
    (0..TOKENS).map(|token| of(token).map(|slot| u128::from(slot.balance)).sum()).collect()
}

/// What came in less what went out on L1, by token.
fn inflow(effects: &[L1Effect]) -> Vec<i128> {
    let mut inflow = vec![0; usize::from(TOKENS)];
    for effect in effects {
        match *effect {
            L1Effect::Deposit { token, amount, .. } => {
                inflow[usize::from(token)] += i128::from(amount);
            }
            L1Effect::Withdraw { token, amount, .. } | L1Effect::Exit { token, amount, .. } => {
                inflow[usize::from(token)] -= i128::from(amount);
            }
        }
    }
    inflow
}

/// Every entry of a batch with its leaf and path.
pub(crate) fn touches_of(batch: &SealedBatch) -> Vec<Touch> {
    let whole = batch.entry_chunk(0..batch.entries.len());
    whole.expect("the whole batch is one chunk").touches
}

fn check_state(tree: &SlotTree, batch: &SealedBatch, world: &World) {
    // One entry at a time, each against its path.
    let mut machine = batch.before;
    for touch in &touches_of(batch) {
        apply(&mut machine, touch).expect("a sealed batch keeps the rules");
    }
    assert_eq!(machine, batch.after);
    // By the rules alone, the same but for root and digests.
    let Machine { root, message, signatures, data, l1, .. } = batch.before;
    let (mut stepped, mut followed) = (batch.before, batch.before);
    for Touch { entry, leaf, .. } in &touches_of(batch) {
        let after = stepped.step(entry, leaf).expect("a sealed batch keeps the rules").leaf;
        assert_eq!(followed.follow(entry, leaf), Ok(after));
    }
    assert_eq!(followed, Machine { root, message, signatures, data, l1, ..batch.after });
    // One update of the tree, and a tree built anew from the model.
    let mut updated = tree.clone();
    batch.update(&mut updated).expect("the batch follows the tree");
    assert_eq!(updated, SlotTree::from_slots(world.slots.clone()));
    // What a stranger reads off L1.
    let mut slots = tree.slots().to_vec();
    rebuild(&mut slots, &batch.data_words).expect("a sealed batch publishes known words");
    assert_eq!(slots, world.slots);
    let (pairs, []) = batch.l1_words.as_chunks::<2>() else { panic!("L1 words come in pairs") };
    let effects: Vec<L1Effect> =
        pairs.iter().map(|pair| L1Effect::decode(pair).expect("known")).collect();
    assert_eq!(effects, world.effects);
    for (token, inflow) in inflow(&effects).into_iter().enumerate() {
        let [before, after] = [tree.slots(), &slots].map(|slots| supply(slots)[token]);
        assert_eq!(after as i128 - before as i128, inflow, "token {token} is conserved");
    }
}

fn check_entry_chunks(batch: &SealedBatch, capacity: usize) {
    let most = batch.entries.len();
    let ends: Vec<usize> = (capacity..most).step_by(capacity).chain([most]).collect();
    let chunk = |start: usize| batch.entry_chunk(start..most.min(start + capacity));
    let chunks: Vec<EntryChunk> =
        (0..most).step_by(capacity).map(|start| chunk(start).expect("the batch has it")).collect();
    assert_eq!([most..most, 1..most + 1].map(|range| batch.entry_chunk(range)), [None, None]);
    let machines = batch.entry_machines(&ends);
    let befores = chunks.iter().map(|chunk| chunk.before);
    assert!(befores.chain([batch.after]).eq(machines));
    let mut machine = batch.before;
    let (mut entries, mut signatures) = (Vec::new(), Vec::<&SignedMessage>::new());
    for EntryChunk { before, touches, signed, after } in &chunks {
        assert_eq!(*before, machine);
        let mut owed = Vec::new();
        for touch in touches {
            owed.extend(apply(&mut machine, touch).expect("chunks keep the rules").owed);
            entries.push(touch.entry);
        }
        assert_eq!(*after, machine);
        let given = signed.iter().map(|given| (given.signer(), given.message));
        assert!(given.eq(owed.iter().map(|owed| (owed.signer, owed.message))));
        signatures.extend(signed);
    }
    assert!(signatures.into_iter().eq(&batch.signatures));
    assert_eq!(machine, batch.after);
    assert_eq!(entries, batch.entries);
    for chunk in chunks {
        assert_eq!(EntryChunk::from_bytes(&chunk.to_bytes()), Ok(chunk));
    }
}

fn check_signature_chunks(batch: &SealedBatch, capacity: usize) {
    let chunks = batch.signature_chunks(capacity);
    let mut chain = Digest::ZERO;
    let mut messages: Vec<SignedMessage> = Vec::new();
    for chunk in &chunks {
        assert_eq!(chunk.before, chain);
        assert!(chunk.messages.len() <= capacity);
        messages.extend(&chunk.messages);
        chain = chunk.after;
    }
    assert!(!chunks.is_empty());
    assert_eq!(messages, batch.signatures);
    assert_eq!(chain, batch.after.signatures);
    for chunk in chunks {
        assert_eq!(SignatureChunk::from_bytes(&chunk.to_bytes()), Ok(chunk));
    }
}

fn check_data_chunks(batch: &SealedBatch, capacity: usize) {
    let z = challenge(&batch.header(DataReference::calldata(&batch.data_words)));
    let chunks = batch.data_chunks(capacity, z);
    let mut cursor = Cursor::start(batch.after.data, batch.after.l1, z);
    for DataChunk { before, steps, after } in &chunks {
        assert_eq!(*before, cursor);
        assert!((1..=capacity).contains(&steps.len()));
        for step in steps {
            cursor.step_back(step.previous, &step.word).expect("the chains' words");
        }
        assert_eq!(*after, cursor);
    }
    let y = evaluate(&batch.l1_words, &batch.data_words, &z);
    assert_eq!(cursor, Cursor { data: Digest::ZERO, l1: Digest::ZERO, z, y });
    for chunk in chunks {
        assert_eq!(DataChunk::from_bytes(&chunk.to_bytes()), Ok(chunk));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_view_of_a_batch_agrees(
        slots in opening_slots(), actions in actions(1..24), capacity in 1..9usize,
    ) {
        if let Some((tree, batch, world)) = seal(slots, &actions) {
            check_state(&tree, &batch, &world);
            check_entry_chunks(&batch, capacity);
            check_signature_chunks(&batch, capacity);
            check_data_chunks(&batch, capacity);
        }
    }

    #[test]
    fn a_record_reads_as_it_was_or_not_at_all(
        slots in opening_slots(), actions in actions(1..12), place in any::<prop::sample::Index>(),
    ) {
        if let Some((_, batch, _)) = seal(slots, &actions) {
            let bytes = batch.to_bytes();
            prop_assert_eq!(SealedBatch::from_bytes(&bytes), Ok(batch.clone()));
            let place = place.index(bytes.len());
            prop_assert!(SealedBatch::from_bytes(&bytes[..place]).is_err());
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            // A changed byte is refused, or it is another batch (of another number, say), never
            // the same one.
            prop_assert_ne!(SealedBatch::from_bytes(&changed), Ok(batch.clone()));
            let mut longer = bytes;
            longer.push(0);
            prop_assert!(SealedBatch::from_bytes(&longer).is_err());
            let json = serde_json::to_string(&batch).expect("a string of digits");
            prop_assert_eq!(serde_json::from_str::<SealedBatch>(&json).expect("round"), batch);
        }
    }

    #[test]
    fn a_lie_in_a_touch_is_refused(
        slots in opening_slots(), actions in actions(1..8), place in any::<prop::sample::Index>(),
    ) {
        if let Some((_, batch, _)) = seal(slots, &actions) {
            let touches = touches_of(&batch);
            let place = place.index(touches.len());
            let mut machine = batch.before;
            for touch in &touches[..place] {
                apply(&mut machine, touch).expect("a sealed batch keeps the rules");
            }
            let honest = &touches[place];
            let refused = Err(RuleError::WrongPath { slot: honest.entry.slot() });
            let before = machine;
            let mut lie = honest.clone();
            lie.siblings[place % 32].0[0] += sheaf_crypto::goldilocks::Fe::ONE;
            prop_assert_eq!(apply(&mut machine, &lie), refused);
            let mut richer = honest.clone();
            richer.leaf = match richer.leaf {
                Some(slot) => Some(Slot { balance: slot.balance + 1, ..slot }),
                None => Some(Slot { owner: Default::default(), token: 0, balance: 1, nonce: 0 }),
            };
            prop_assert_eq!(apply(&mut machine, &richer), refused);
            prop_assert_eq!(machine, before);
        }
    }
}

#[test]
fn a_batch_updates_only_the_tree_that_it_follows() {
    let slots: Vec<Slot> =
        (0..5).map(|i| Slot { balance: i, ..Slot::opened(Default::default(), 0) }).collect();
    let tree = SlotTree::from_slots(slots);
    let mut builder = sheaf_ledger::BatchBuilder::new(
        &tree,
        crate::random_batch::domain(),
        crate::random_batch::TIMESTAMP,
    );
    builder.push(&[Entry::Deposit { slot: 1, amount: 5 }], &[]).expect("slot 1 is open");
    let batch = builder.seal(1).expect("settled");
    let mut right = tree.clone();
    assert_eq!(batch.update(&mut right), Ok(()));
    let refused = batch.update(&mut SlotTree::from_slots(right.slots()[..4].to_vec()));
    assert!(matches!(refused, Err(RuleError::RootMismatch { .. })));
}
