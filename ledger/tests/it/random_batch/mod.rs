//! Random batches that keep every rule by construction, with a model of the state after them.
//!
//! The model is a plain vector of slots and moves amounts with plain arithmetic: it shares no code
//! with the machine.

use std::sync::OnceLock;

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sheaf_crypto::key::{DecodedKey, SecretKey};
use sheaf_crypto::scalar::Scalar;
use sheaf_ledger::l1_word::L1Effect;
use sheaf_ledger::transaction::{CheckedTransaction, Payment, Transfer, Withdrawal};
use sheaf_ledger::{
    AcceptedTransaction, BatchBuilder, Domain, Entry, L1Address, Owner, RuleError, SealedBatch,
    SignedMessage, SignedTransaction, Slot, SlotTree, Transaction,
};

pub(crate) const TIMESTAMP: u32 = 1_800_000_000;
pub(crate) const TOKENS: u16 = 3;
const WALLETS: usize = 4;
const LARGEST_DEPOSIT: u64 = 1 << 50;

pub(crate) struct Wallet {
    pub secret: SecretKey,
    pub l1_address: L1Address,
    pub owner: Owner,
}

pub(crate) fn wallets() -> &'static [Wallet] {
    static CELL: OnceLock<Vec<Wallet>> = OnceLock::new();
    CELL.get_or_init(|| {
        let wallet = |i: u64| {
            let secret = SecretKey::from_scalar(Scalar::from(1_000 + i)).expect("not zero");
            let l1_address = L1Address([i as u8 + 1; 20]);
            let owner = Owner::new(&secret.public_key(), &l1_address);
            Wallet { secret, l1_address, owner }
        };
        (0..WALLETS as u64).map(wallet).collect()
    })
}

pub(crate) fn wallet_of(owner: &Owner) -> &'static Wallet {
    wallets().iter().find(|wallet| wallet.owner == *owner).expect("only wallets own slots")
}

pub(crate) fn domain() -> Domain {
    Domain::on_chain(31_337, L1Address([0xc0; 20]))
}

/// A wallet signs, and admission accepts.
pub(crate) fn accepted(transaction: Transaction, wallet: &Wallet) -> AcceptedTransaction {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let key = (&wallet.secret, wallet.l1_address);
    let signed = SignedTransaction::sign(transaction, &domain(), key, &mut rng).expect("in range");
    let checked: CheckedTransaction = signed.check(&domain()).expect("in range");
    let decoded = DecodedKey::new(wallet.secret.public_key()).expect("a point");
    checked.accept(&decoded).expect("just signed")
}

/// What somebody tries next: numbers that are bent until they keep the rules.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    kind: u8,
    slot: usize,
    choice: usize,
    amounts: Vec<u64>,
    fee: u64,
}

pub(crate) fn actions(
    count: impl Into<prop::collection::SizeRange>,
) -> impl Strategy<Value = Vec<Action>> {
    let amounts = prop::collection::vec(any::<u64>(), 1..4);
    let action = (0..16u8, any::<usize>(), any::<usize>(), amounts, any::<u64>())
        .prop_map(|(kind, slot, choice, amounts, fee)| Action { kind, slot, choice, amounts, fee });
    prop::collection::vec(action, count)
}

/// Slots with which a world may start.
pub(crate) fn opening_slots() -> impl Strategy<Value = Vec<Slot>> {
    let slot = (0..WALLETS, 0..TOKENS, 0..LARGEST_DEPOSIT, any::<u16>()).prop_map(
        |(wallet, token, balance, nonce)| {
            let owner = wallets()[wallet].owner;
            Slot { owner, token, balance, nonce: u32::from(nonce) }
        },
    );
    prop::collection::vec(slot, 0..12)
}

/// Entries that belong together, with what they owe.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    pub entries: Vec<Entry>,
    pub signed: Vec<SignedMessage>,
}

/// The model.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub slots: Vec<Slot>,
    pub pots: [(u16, u64); 4],
    pub effects: Vec<L1Effect>,
}

impl World {
    pub(crate) fn new(slots: Vec<Slot>) -> Self {
        Self { slots, pots: [(0, 0); 4], effects: Vec::new() }
    }

    /// Does what the action asks for, or nothing where that is impossible.
    pub(crate) fn act(&mut self, action: &Action) -> Option<Group> {
        if self.slots.is_empty() {
            return Some(self.open(action));
        }
        match action.kind {
            0..8 => self.transfer(action),
            8..10 => self.withdraw(action),
            10..12 => Some(self.deposit(action)),
            12..14 => Some(self.open(action)),
            14 => Some(self.exit(action)),
            _ => self.collect(action.choice % 4),
        }
    }

    /// Empties all pots.
    pub(crate) fn settle(&mut self) -> Vec<Group> {
        (0..4).filter_map(|pot| self.collect(pot)).collect()
    }

    /// The slots of a token that an owner's payment goes to.
    pub(crate) fn resolve(&self, owner: &Owner, token: u16) -> Option<u32> {
        let found = self.slots.iter().position(|slot| slot.owner == *owner && slot.token == token);
        found.map(|slot| slot as u32)
    }

    fn open(&mut self, action: &Action) -> Group {
        let owner = wallets()[action.choice % WALLETS].owner;
        let token = (action.fee % u64::from(TOKENS)) as u16;
        let slot = self.slots.len() as u32;
        self.slots.push(Slot { owner, token, balance: 0, nonce: 0 });
        unsigned(Entry::Open { slot, owner, token })
    }

    fn deposit(&mut self, action: &Action) -> Group {
        let index = action.slot % self.slots.len();
        let amount = 1 + action.amounts[0] % LARGEST_DEPOSIT;
        let slot = &mut self.slots[index];
        slot.balance += amount;
        let Slot { owner, token, .. } = *slot;
        self.effects.push(L1Effect::Deposit { token, amount, owner });
        unsigned(Entry::Deposit { slot: index as u32, amount })
    }

    /// Aims at an open slot or one just behind the last, with any owner.
    fn exit(&mut self, action: &Action) -> Group {
        let index = action.slot % (self.slots.len() + 2);
        let (owner, slot) = (wallets()[action.choice % WALLETS].owner, index as u32);
        let paying = self.slots.get_mut(index).filter(|slot| slot.owner == owner);
        let (token, amount) =
            paying.map_or((0, 0), |slot| (slot.token, std::mem::take(&mut slot.balance)));
        self.effects.push(L1Effect::Exit { slot, token, amount, owner });
        unsigned(Entry::Exit { slot, owner })
    }

    fn transfer(&mut self, action: &Action) -> Option<Group> {
        let (index, pot) = self.sender(action)?;
        let Slot { token, balance, nonce, owner } = self.slots[index];
        let payees: Vec<Owner> =
            self.slots.iter().filter(|slot| slot.token == token).map(|slot| slot.owner).collect();
        let share = balance / action.amounts.len() as u64;
        let amounts = action.amounts.iter().filter(|_| share > 0).map(|amount| 1 + amount % share);
        let payments: Vec<Payment> = amounts
            .enumerate()
            .map(|(i, amount)| Payment {
                owner: payees[(action.choice ^ i) % payees.len()],
                amount,
            })
            .collect();
        let total: u64 = payments.iter().map(|payment| payment.amount).sum();
        if total == 0 {
            return None;
        }
        let fee = action.fee % (balance - total + 1);
        let (slot, valid_until) = (index as u32, TIMESTAMP + action.fee as u32 % 1_000);
        let transfer =
            Transfer { slot, token, nonce, fee, valid_until, payments: payments.clone() };
        let accepted = accepted(Transaction::Transfer(transfer), wallet_of(&owner));
        let entries = accepted.entries(pot, |owner| self.resolve(owner, token));
        self.spend(index, pot, total, fee);
        for Payment { owner, amount } in &payments {
            let payee = self.resolve(owner, token).expect("payees own slots of the token");
            self.slots[payee as usize].balance += amount;
        }
        let signed = vec![accepted.signed_message()];
        Some(Group { entries: entries.expect("payees own slots of the token"), signed })
    }

    fn withdraw(&mut self, action: &Action) -> Option<Group> {
        let (index, pot) = self.sender(action)?;
        let Slot { token, balance, nonce, owner } = self.slots[index];
        let amount = 1 + action.amounts[0] % balance;
        let fee = action.fee % (balance - amount + 1);
        let (slot, valid_until) = (index as u32, TIMESTAMP);
        let recipient = L1Address([action.choice as u8; 20]);
        let withdrawal = Withdrawal { slot, token, nonce, fee, valid_until, amount, recipient };
        let accepted = accepted(Transaction::Withdrawal(withdrawal), wallet_of(&owner));
        self.spend(index, pot, amount, fee);
        self.effects.push(L1Effect::Withdraw { token, amount, recipient });
        let entries = accepted.entries(pot, |_| None).expect("a withdrawal pays no slot");
        Some(Group { entries, signed: vec![accepted.signed_message()] })
    }

    /// A slot that has something to spend, and a pot that takes its token.
    fn sender(&self, action: &Action) -> Option<(usize, u8)> {
        let index = action.slot % self.slots.len();
        let Slot { token, balance, .. } = self.slots[index];
        let fits = |pot: &usize| self.pots[*pot].1 == 0 || self.pots[*pot].0 == token;
        let pot = (0..4).map(|pot| (pot + action.choice) % 4).find(fits)?;
        (balance > 0).then_some((index, pot as u8))
    }

    fn spend(&mut self, index: usize, pot: u8, total: u64, fee: u64) {
        let slot = &mut self.slots[index];
        slot.balance -= total + fee;
        slot.nonce += 1;
        let held = &mut self.pots[usize::from(pot)];
        *held = (slot.token, held.1 + fee);
    }

    fn collect(&mut self, pot: usize) -> Option<Group> {
        let (token, amount) = self.pots[pot];
        let slot = self.slots.iter().position(|slot| slot.token == token)?;
        if amount == 0 {
            return None;
        }
        self.pots[pot].1 = 0;
        self.slots[slot].balance += amount;
        Some(unsigned(Entry::Collect { slot: slot as u32, pot: pot as u8 }))
    }
}

pub(crate) fn unsigned(entry: Entry) -> Group {
    Group { entries: vec![entry], signed: Vec::new() }
}

/// Runs the actions and settles: the tree before, the sealed batch, and the model after. Nothing
/// when the actions came to nothing.
pub(crate) fn seal(slots: Vec<Slot>, actions: &[Action]) -> Option<(SlotTree, SealedBatch, World)> {
    let tree = SlotTree::from_slots(slots.clone());
    let mut world = World::new(slots);
    let mut builder = BatchBuilder::new(&tree, domain(), TIMESTAMP);
    let mut push = |group: &Group| {
        builder.push(&group.entries, &group.signed).expect("valid by construction");
    };
    actions.iter().filter_map(|action| world.act(action)).for_each(|group| push(&group));
    world.settle().iter().for_each(push);
    match builder.seal(1) {
        Ok(batch) => Some((tree, batch, world)),
        Err(RuleError::EmptyBatch) => None,
        Err(error) => panic!("valid by construction: {error}"),
    }
}
