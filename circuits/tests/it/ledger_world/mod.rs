//! A small random rollup for tests: slots, a machine, and entries that the rules allow or nearly
//! allow.

use std::sync::OnceLock;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sheaf_circuits::entry::witness::EntryWitness;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::{PublicKey, SecretKey};
use sheaf_crypto::scalar::Scalar;
use sheaf_ledger::apply::{Touch, apply};
use sheaf_ledger::chunk::EntryChunk;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::limits::AMOUNT_MAX;
use sheaf_ledger::machine::{FeePot, Machine};
use sheaf_ledger::owner::Owner;
use sheaf_ledger::slot::Slot;
use sheaf_ledger::step::OwedSignature;
use sheaf_ledger::transaction::SignedMessage;
use sheaf_ledger::tree::SlotTree;
use sheaf_ledger::tree_update::TreeUpdate;

const SLOTS: u32 = 8;
const TOKENS: u16 = 2;

pub(crate) struct World {
    pub tree: SlotTree,
    pub machine: Machine,
    pub rng: ChaCha20Rng,
    /// The signatures of the entries that were run, as far as wallets owe them.
    pub signed: Vec<SignedMessage>,
}

/// Somebody who signs.
struct Wallet {
    secret: SecretKey,
    address: L1Address,
    owner: Owner,
}

/// The secret of a wallet with this key.
pub(crate) fn secret_of(key: &PublicKey) -> Option<Scalar> {
    let secrets = WALLETS.map(secret);
    secrets.into_iter().find(|secret| {
        SecretKey::from_scalar(*secret).is_ok_and(|secret| secret.public_key() == *key)
    })
}

/// The numbers of the wallets of every world.
const WALLETS: [u8; 3] = [1, 2, 3];

fn secret(number: u8) -> Scalar {
    Scalar::from(u64::from(number) * 1_000)
}

/// The wallets of every world.
fn wallets() -> &'static [Wallet; 3] {
    static MADE: OnceLock<[Wallet; 3]> = OnceLock::new();
    MADE.get_or_init(|| {
        WALLETS.map(|number| {
            let secret = SecretKey::from_scalar(secret(number));
            let (secret, address) = (secret.expect("not zero"), L1Address([number; 20]));
            let owner = Owner::new(&secret.public_key(), &address);
            Wallet { secret, address, owner }
        })
    })
}

fn wallet_of(owner: Owner) -> Option<&'static Wallet> {
    wallets().iter().find(|wallet| wallet.owner == owner)
}

fn element(rng: &mut ChaCha20Rng) -> Fe {
    // Elements whose upper half is all ones are rare and special: a split of them has a rival.
    if rng.random_ratio(1, 8) { Fe::from_u64(u64::MAX << 32) } else { Fe::from_u64(rng.random()) }
}

pub(crate) fn owner(rng: &mut ChaCha20Rng) -> Owner {
    Owner([0; 3].map(|_| element(rng)))
}

impl World {
    pub(crate) fn random(seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let slots = (0..SLOTS).map(|slot| Slot {
            owner: match wallets().get(slot as usize % 4) {
                Some(wallet) => wallet.owner,
                None => owner(&mut rng),
            },
            token: if slot == 0 { u16::MAX } else { rng.random_range(0..TOKENS) },
            balance: if rng.random_ratio(1, 8) { 0 } else { rng.random_range(0..AMOUNT_MAX / 4) },
            nonce: match rng.random_range(0..16) {
                0 => u32::MAX,
                1 => u32::MAX - 1,
                _ => rng.random_range(0..9),
            },
        });
        let tree = SlotTree::from_slots(slots.collect());
        let contract = L1Address(rng.random());
        let domain = Domain::new(rng.random(), contract);
        let timestamp = rng.random();
        let machine = Machine::start(tree.root(), u64::from(SLOTS), domain, timestamp);
        Self { tree, machine, rng, signed: Vec::new() }
    }

    /// The same, and half of the time with a machine to which something else than entries has
    /// happened: a pot that is full, or a next slot that is open.
    pub(crate) fn odd(seed: u64) -> Self {
        let mut world = Self::random(seed);
        match world.rng.random_range(0..4) {
            0 => {
                let token = world.rng.random_range(0..TOKENS);
                let amount = AMOUNT_MAX - world.rng.random_range(0..3);
                world.machine.pots[0] = FeePot { token, amount };
            }
            1 => world.machine.next_slot -= 1,
            _ => (),
        }
        world
    }

    /// A rollup of these slots, at this second.
    pub(crate) fn of(slots: Vec<Slot>, timestamp: u32) -> Self {
        let tree = SlotTree::from_slots(slots);
        let domain = Domain::new([7; 32], L1Address([9; 20]));
        let machine = Machine::start(tree.root(), tree.len() as u64, domain, timestamp);
        Self { tree, machine, rng: ChaCha20Rng::seed_from_u64(0), signed: Vec::new() }
    }

    pub(crate) fn touch(&self, entry: Entry) -> Touch {
        let slot = entry.slot();
        Touch { entry, leaf: self.tree.get(slot), siblings: Box::new(self.tree.path(slot)) }
    }

    /// Runs an entry that is allowed.
    pub(crate) fn run(&mut self, touch: &Touch) {
        let stepped = apply(&mut self.machine, touch).expect("the entry is allowed");
        if let Some(OwedSignature { signer, message }) = stepped.owed {
            self.sign(signer, message);
        }
        let update = TreeUpdate::new(&self.tree, [(touch.entry.slot(), stepped.leaf)]);
        let update = update.expect("slots are opened in order");
        self.tree.update(&update).expect("it was made over this tree");
        assert_eq!(self.tree.root(), self.machine.root);
    }

    fn sign(&mut self, signer: Owner, message: Digest) {
        let wallet = wallet_of(signer);
        self.signed.extend(wallet.map(|Wallet { secret, address, owner: _ }| SignedMessage {
            key: secret.public_key(),
            address: *address,
            message,
            signature: secret.sign(&message, &mut self.rng),
        }));
    }

    /// Runs `count` random entries that are allowed; returns them as a chunk.
    pub(crate) fn honest_chunk(&mut self, count: usize) -> EntryChunk {
        let before = self.machine;
        self.signed.clear();
        let touches = self.honest_touches(count);
        EntryChunk { before, touches, signed: self.signed.clone(), after: self.machine }
    }

    /// Runs `count` random entries that are allowed; returns them as touches.
    pub(crate) fn honest_touches(&mut self, count: usize) -> Vec<Touch> {
        (0..count).map(|_| self.honest_touch()).collect()
    }

    /// The same, as what a prover gives.
    pub(crate) fn honest_entries(&mut self, count: usize) -> Vec<EntryWitness> {
        let mut entries = Vec::with_capacity(count);
        for _ in 0..count {
            let machine = self.machine;
            entries.push(EntryWitness::new(&machine, &self.honest_touch()));
        }
        entries
    }

    fn honest_touch(&mut self) -> Touch {
        loop {
            let entry = self.likely_entry();
            let touch = self.touch(entry);
            let spends = entry.kind().facts().spends;
            let signs = touch.leaf.is_some_and(|open| wallet_of(open.owner).is_some());
            if (signs || !spends) && apply(&mut self.machine.clone(), &touch).is_ok() {
                self.run(&touch);
                return touch;
            }
        }
    }

    fn slot(&mut self) -> u32 {
        self.rng.random_range(0..self.tree.len() as u32)
    }

    /// A slot of the token, or any where it has none.
    fn slot_of(&mut self, token: u16) -> u32 {
        let fits = |slot: &u32| self.tree.get(*slot).is_some_and(|open| open.token == token);
        let slots: Vec<u32> = (0..self.tree.len() as u32).filter(fits).collect();
        match slots.choose(&mut self.rng) {
            Some(slot) => *slot,
            None => self.slot(),
        }
    }

    fn part_of(&mut self, amount: u64) -> u64 {
        if amount < 2 || self.rng.random() { amount } else { self.rng.random_range(1..=amount) }
    }

    /// An entry that the rules probably allow.
    pub(crate) fn likely_entry(&mut self) -> Entry {
        let Machine { remaining, token, .. } = self.machine;
        if remaining > 0 {
            let amount = self.part_of(remaining);
            return Entry::Credit { slot: self.slot_of(token), amount };
        }
        self.entry_between_transactions()
    }

    fn entry_between_transactions(&mut self) -> Entry {
        let Machine { timestamp, pots, .. } = self.machine;
        let slot = self.slot();
        let open = self.tree.get(slot).expect("the slot is open");
        let valid_until = timestamp.saturating_add(self.rng.random_range(0..2));
        let fee = if self.rng.random() { 0 } else { self.rng.random_range(0..9) };
        let spendable = open.balance.saturating_sub(fee);
        let pot = self.rng.random_range(0..4);
        match self.rng.random_range(0..8) {
            0 => Entry::Idle { slot: self.rng.random() },
            1 => {
                let slot = self.machine.next_slot as u32;
                let token = self.rng.random_range(0..TOKENS);
                Entry::Open { slot, owner: owner(&mut self.rng), token }
            }
            2 | 3 => {
                let total = self.part_of(spendable);
                Entry::Debit { slot, total, fee, valid_until, pot }
            }
            4 => {
                let amount = self.part_of(spendable);
                let recipient = L1Address(self.rng.random());
                Entry::Withdraw { slot, amount, fee, valid_until, pot, recipient }
            }
            5 => Entry::Deposit { slot, amount: self.rng.random_range(1..1 << 61) },
            6 => {
                let owner = if self.rng.random() { open.owner } else { owner(&mut self.rng) };
                let slot = if self.rng.random_ratio(1, 4) { self.rng.random() } else { slot };
                Entry::Exit { slot, owner }
            }
            _ => {
                let full = pots.iter().position(|pot| pot.amount > 0).unwrap_or(0);
                let FeePot { token, .. } = pots[full];
                Entry::Collect { slot: self.slot_of(token), pot: full as u8 }
            }
        }
    }

    /// A touch that differs in one place from one that the rules probably allow, or may stand where
    /// a Credit must.
    pub(crate) fn doubtful_touch(&mut self) -> Touch {
        let entry = self.likely_entry();
        let mut touch = self.touch(entry);
        match self.rng.random_range(0..8) {
            0 | 1 => self.spoil_witness(&mut touch),
            2 => {
                let entry = self.entry_between_transactions();
                touch = self.touch(entry);
            }
            _ => {
                let entry = self.spoil_entry(entry);
                touch = self.touch(entry);
            }
        }
        touch
    }

    fn spoil_witness(&mut self, touch: &mut Touch) {
        let other = element(&mut self.rng);
        match (self.rng.random_range(0..6), touch.leaf.as_mut()) {
            (0, Some(_)) => touch.leaf = None,
            (1, Some(leaf)) => leaf.owner.0[self.rng.random_range(0..3)] = other,
            (2, Some(leaf)) => leaf.token ^= 1,
            (3, Some(leaf)) => leaf.balance += 1,
            (4, Some(leaf)) => leaf.nonce ^= 1,
            (5, None) => touch.leaf = Some(Slot::opened(owner(&mut self.rng), 0)),
            _ => touch.siblings[self.rng.random_range(0..32)] = Digest([other; 4]),
        }
    }

    fn doubtful_amount(&mut self, amount: u64, slot: u32) -> u64 {
        let Machine { remaining, .. } = self.machine;
        let balance = self.tree.get(slot).map_or(0, |open| open.balance);
        let choices = [0, 1, AMOUNT_MAX, AMOUNT_MAX + 1, amount + 1, remaining + 1, balance];
        let more = [balance + 1, AMOUNT_MAX - balance, AMOUNT_MAX - balance + 1, 1 << 63];
        *choices
            .iter()
            .chain(&more)
            .collect::<Vec<_>>()
            .choose(&mut self.rng)
            .expect("choices")
            .to_owned()
    }

    /// The entry with one field changed, often to a value at an edge.
    fn spoil_entry(&mut self, mut entry: Entry) -> Entry {
        let field = self.rng.random_range(0..5);
        let other_slot = if self.rng.random() { self.slot() } else { self.rng.random() };
        let times = [0, self.machine.timestamp.wrapping_sub(1), u32::MAX, u32::MAX - 1];
        let time = *times.choose(&mut self.rng).expect("there are times");
        let other_pot = self.rng.random_range(0..4);
        let sum = {
            let amount = self.rng.random_range(1..9);
            self.doubtful_amount(amount, entry.slot())
        };
        match &mut entry {
            Entry::Idle { slot } => *slot = other_slot,
            Entry::Open { slot, owner, token } => match field {
                0 => *owner = Owner::default(),
                1 => *token = u16::MAX,
                _ => *slot = other_slot,
            },
            Entry::Debit { slot, total: amount, fee, valid_until, pot }
            | Entry::Withdraw { slot, amount, fee, valid_until, pot, .. } => match field {
                0 => *slot = other_slot,
                1 => *amount = sum,
                2 => *fee = sum,
                3 => *valid_until = time,
                _ => *pot = other_pot,
            },
            Entry::Credit { slot, amount } | Entry::Deposit { slot, amount } => match field {
                0 | 1 => *slot = other_slot,
                _ => *amount = sum,
            },
            Entry::Exit { slot, owner } => match field {
                0 => *slot = other_slot,
                _ => owner.0[field % 3] += Fe::ONE,
            },
            Entry::Collect { slot, pot } => match field {
                0 | 1 => *slot = other_slot,
                _ => *pot = other_pot,
            },
        }
        entry
    }
}
