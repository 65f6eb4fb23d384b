//! One entry: its rules, and its effect on the machine and on its leaf.
//!
//! `Machine::step` is the transition function without the Merkle path, which `apply` adds. A step
//! is first the rules, then what the entry adds to the machine's digests. The rules read no digest,
//! so a batch runs all its entries through the rules before it hashes (`run`, `digests`), and a
//! start, which needs slots alone, never hashes (`follow`). Sealing, witness, recovery and tests
//! have no other rules. The entry circuit states them as constraints, and ordering's executor has
//! integer rules of its own.

use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, hash};

use crate::data_word::DataWord;
use crate::entry::Entry;
use crate::l1_address::L1Address;
use crate::l1_word::L1Effect;
use crate::limits::{AMOUNT_MAX, NONCE_MAX, VALID_UNTIL_MAX};
use crate::machine::Machine;
use crate::message::{Said, Terms};
use crate::owner::Owner;
use crate::rule_error::RuleError;
use crate::slot::{Leaf, Slot};
use crate::tag;
use crate::word::Word;

/// A link of the chain of signatures: an owner and the message that the owner must have signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwedSignature {
    /// The owner whose key must have signed.
    pub signer: Owner,
    /// The message that must be signed.
    pub message: Digest,
}

impl OwedSignature {
    /// The chain with this link appended: Hash(SignatureLink, chain, signer, message).
    pub fn link(&self, chain: &Digest) -> Digest {
        let mut elements = [Fe::ZERO; 11];
        elements[..4].copy_from_slice(&chain.0);
        elements[4..7].copy_from_slice(&self.signer.0);
        elements[7..].copy_from_slice(&self.message.0);
        hash(tag::SIGNATURE_LINK, &elements)
    }
}

/// The results of an entry beside the changed machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stepped {
    /// The leaf after the entry.
    pub leaf: Leaf,
    /// The data word that the entry publishes; `None` for Idle.
    pub data_word: Option<Word>,
    /// The L1 words that the entry publishes; `None` unless the contract acts on the entry.
    pub l1_words: Option<[Word; 2]>,
    /// The signature that the transaction needs, if the entry completes a signed transaction.
    pub owed: Option<OwedSignature>,
}

/// An entry that satisfies the rules, with what it adds to the machine's digests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ruled {
    /// The leaf after the entry.
    pub leaf: Leaf,
    /// What the entry adds to the chain of data words and to the chain of L1 words.
    pub data_word: Option<Word>,
    pub l1_words: Option<[Word; 2]>,
    /// What the entry adds to the message of its transaction.
    pub said: Option<Said>,
    /// Who must have signed the message, if the entry completes a signed transaction.
    pub signer: Option<Owner>,
}

/// The effect of an entry under the rules of its kind. The table of kinds decides what of the
/// effect is published.
struct Effect {
    leaf: Leaf,
    /// What the entry takes, adds or pays, in L2 units.
    amount: u64,
    fee: u64,
    l1: Option<L1Effect>,
    said: Option<Said>,
    signer: Option<Owner>,
}

impl Effect {
    const fn on(leaf: Leaf, amount: u64) -> Self {
        Self { leaf, amount, fee: 0, l1: None, said: None, signer: None }
    }

    const fn of(slot: Slot, amount: u64) -> Self {
        Self::on(Some(slot), amount)
    }
}

/// The fields that every entry that spends has.
struct Spending {
    slot: u32,
    total: u64,
    fee: u64,
    valid_until: u32,
    pot: u8,
}

impl Machine {
    /// Runs one entry over its slot's leaf. The root stays unchanged. On error the whole machine
    /// stays unchanged.
    pub fn step(&mut self, entry: &Entry, leaf: &Leaf) -> Result<Stepped, RuleError> {
        let mut next = *self;
        let ruled = next.rule(entry, leaf)?;
        let owed = next.absorb(&ruled);
        *self = next;
        let Ruled { leaf, data_word, l1_words, said: _, signer: _ } = ruled;
        Ok(Stepped { leaf, data_word, l1_words, owed })
    }

    /// Runs one entry over its slot's leaf by the rules alone. Returns the leaf after the entry.
    /// Root, message and chains stay unchanged; every other field is as after `step`.
    ///
    /// # Errors
    /// As `step`. The machine is then of no use.
    pub fn follow(&mut self, entry: &Entry, leaf: &Leaf) -> Result<Leaf, RuleError> {
        self.rule(entry, leaf).map(|ruled| ruled.leaf)
    }

    /// Adds to the machine's digests what an entry adds to them. Returns the signature that the
    /// entry's transaction needs, if the entry completes it.
    fn absorb(&mut self, ruled: &Ruled) -> Option<OwedSignature> {
        if let Some(said) = &ruled.said {
            self.message = said.after(&self.message, &self.domain);
        }
        let owed = ruled.signer.map(|signer| OwedSignature { signer, message: self.message });
        if let Some(owed) = owed {
            self.signatures = owed.link(&self.signatures);
        }
        if let Some(word) = ruled.data_word {
            self.data = word.link(tag::DATA_LINK, &self.data);
        }
        for word in ruled.l1_words.iter().flatten() {
            self.l1 = word.link(tag::L1_LINK, &self.l1);
        }
        owed
    }

    /// Runs one entry through the rules. The root and the digests of message and chains stay
    /// unchanged. On error the machine is of no use.
    pub(crate) fn rule(&mut self, entry: &Entry, leaf: &Leaf) -> Result<Ruled, RuleError> {
        let (facts, slot) = (entry.kind().facts(), entry.slot());
        if self.remaining != 0 && !facts.continues {
            return Err(RuleError::TransactionRunning { remaining: self.remaining });
        }
        let open = leaf.ok_or(RuleError::SlotNotOpen { slot });
        if facts.needs_open {
            open?;
        }
        if let Some(amount) = entry.stated_amount() {
            check_amount(amount)?;
        }
        let Effect { leaf, amount, fee, l1, said, signer } = self.effect(entry, leaf, open)?;
        let word = match *entry {
            Entry::Open { owner, token, .. } => DataWord::Open { owner, token },
            _ => DataWord::Moved { kind: facts.kind, slot, amount, fee },
        };
        let data_word = facts.has_data_word.then(|| word.encode());
        let l1_words = l1.map(|effect| effect.encode());
        self.data_words += u32::from(data_word.is_some());
        self.l1_words += l1_words.map_or(0, |words| words.len() as u32);
        Ok(Ruled { leaf, data_word, l1_words, said, signer })
    }

    /// The rules of each kind, after the rules that the table states.
    fn effect(
        &mut self,
        entry: &Entry,
        leaf: &Leaf,
        open: Result<Slot, RuleError>,
    ) -> Result<Effect, RuleError> {
        let slot = entry.slot();
        match *entry {
            Entry::Idle { .. } => Ok(Effect::on(*leaf, 0)),
            Entry::Open { owner, token, .. } => self.open(slot, Slot::opened(owner, token), leaf),
            Entry::Debit { total, fee, valid_until, pot, .. } => {
                self.debit(&Spending { slot, total, fee, valid_until, pot }, open?)
            }
            Entry::Credit { amount, .. } => self.credit(amount, open?),
            Entry::Withdraw { amount, fee, valid_until, pot, recipient, .. } => {
                let spending = Spending { slot, total: amount, fee, valid_until, pot };
                self.withdraw(&spending, recipient, open?)
            }
            Entry::Deposit { amount, .. } => deposit(amount, open?),
            Entry::Exit { owner, .. } => Ok(exit(slot, owner, leaf)),
            Entry::Collect { pot, .. } => self.collect(pot, open?),
        }
    }

    fn open(&mut self, slot: u32, opened: Slot, leaf: &Leaf) -> Result<Effect, RuleError> {
        if u64::from(slot) != self.next_slot {
            return Err(RuleError::SlotNotNext { slot, next_slot: self.next_slot });
        }
        if leaf.is_some() {
            return Err(RuleError::SlotAlreadyOpen { slot });
        }
        self.next_slot += 1;
        Ok(Effect::of(opened, 0))
    }

    fn debit(&mut self, spending: &Spending, before: Slot) -> Result<Effect, RuleError> {
        let (after, terms) = self.spend(spending, before)?;
        let Terms { total, fee, .. } = terms;
        self.remaining = total;
        Ok(Effect { fee, said: Some(Said::Debit(terms)), ..Effect::of(after, total) })
    }

    fn withdraw(
        &mut self,
        spending: &Spending,
        recipient: L1Address,
        before: Slot,
    ) -> Result<Effect, RuleError> {
        let (after, terms) = self.spend(spending, before)?;
        let Terms { token, total: amount, fee, .. } = terms;
        Ok(Effect {
            fee,
            l1: Some(L1Effect::Withdraw { token, amount, recipient }),
            said: Some(Said::Withdrawal(terms, recipient)),
            signer: Some(self.signer),
            ..Effect::of(after, amount)
        })
    }

    /// Takes total and fee from the slot, adds the fee to its pot, and sets the machine's signer
    /// and token.
    fn spend(&mut self, spending: &Spending, before: Slot) -> Result<(Slot, Terms), RuleError> {
        let Spending { slot, total, fee, valid_until, pot } = *spending;
        if fee > AMOUNT_MAX {
            return Err(RuleError::FeeTooLarge { fee });
        }
        if valid_until > VALID_UNTIL_MAX {
            return Err(RuleError::ValidUntilTooLarge);
        }
        if self.timestamp > valid_until {
            return Err(RuleError::Expired { valid_until, timestamp: self.timestamp });
        }
        let Slot { owner, token, balance, nonce } = before;
        if nonce > NONCE_MAX {
            return Err(RuleError::NonceExhausted);
        }
        let needed = total + fee;
        let refused = RuleError::BalanceTooLow { balance, needed };
        let balance = balance.checked_sub(needed).ok_or(refused)?;
        self.pay_fee(pot, token, fee)?;
        self.signer = owner;
        self.token = token;
        let terms = Terms { slot, token, nonce, valid_until, total, fee };
        Ok((Slot { owner, token, balance, nonce: nonce + 1 }, terms))
    }

    /// Adds a fee to a pot. No batch on a chain reaches `PotTooLarge`, because the contract caps
    /// each token's escrow. Where the machine runs without a contract, the rule keeps its integers
    /// exact.
    fn pay_fee(&mut self, pot: u8, token: u16, fee: u64) -> Result<(), RuleError> {
        let held = self.pots.get_mut(usize::from(pot)).ok_or(RuleError::PotUnknown { pot })?;
        if held.amount != 0 && held.token != token {
            return Err(RuleError::PotTaken { pot, held: held.token, token });
        }
        held.token = token;
        held.amount = sum(held.amount, fee).ok_or(RuleError::PotTooLarge { pot })?;
        Ok(())
    }

    fn credit(&mut self, amount: u64, before: Slot) -> Result<Effect, RuleError> {
        if before.token != self.token {
            let (running, token) = (self.token, before.token);
            return Err(RuleError::CreditOfOtherToken { running, token });
        }
        let refused = RuleError::CreditTooLarge { amount, remaining: self.remaining };
        self.remaining = self.remaining.checked_sub(amount).ok_or(refused)?;
        let said = Some(Said::Payment(before.owner, amount));
        let signer = (self.remaining == 0).then_some(self.signer);
        Ok(Effect { said, signer, ..Effect::of(raised(before, amount)?, amount) })
    }

    fn collect(&mut self, pot: u8, before: Slot) -> Result<Effect, RuleError> {
        let held = self.pots.get_mut(usize::from(pot)).ok_or(RuleError::PotUnknown { pot })?;
        let amount = held.amount;
        if amount == 0 {
            return Err(RuleError::PotEmpty { pot });
        }
        if held.token != before.token {
            let (held, token) = (held.token, before.token);
            return Err(RuleError::PotOfOtherToken { pot, held, token });
        }
        held.amount = 0;
        Ok(Effect::of(raised(before, amount)?, amount))
    }
}

fn deposit(amount: u64, before: Slot) -> Result<Effect, RuleError> {
    let l1 = Some(L1Effect::Deposit { token: before.token, amount, owner: before.owner });
    Ok(Effect { l1, ..Effect::of(raised(before, amount)?, amount) })
}

/// No rule refuses an exit, because a batch must be able to consume every request in L1's queue.
fn exit(slot: u32, owner: Owner, leaf: &Leaf) -> Effect {
    let paying = leaf.filter(|open| open.owner == owner);
    let (token, amount) = paying.map_or((0, 0), |open| (open.token, open.balance));
    let after = paying.map(|open| Slot { balance: 0, ..open });
    let l1 = Some(L1Effect::Exit { slot, token, amount, owner });
    Effect { l1, ..Effect::on(after.or(*leaf), amount) }
}

fn check_amount(amount: u64) -> Result<(), RuleError> {
    match amount {
        0 => Err(RuleError::AmountZero),
        1..=AMOUNT_MAX => Ok(()),
        _ => Err(RuleError::AmountTooLarge { amount }),
    }
}

/// The slot with `amount` added to its balance.
fn raised(slot: Slot, amount: u64) -> Result<Slot, RuleError> {
    let refused = RuleError::BalanceTooLarge { balance: slot.balance, amount };
    let balance = sum(slot.balance, amount).ok_or(refused)?;
    Ok(Slot { balance, ..slot })
}

/// The sum, or `None` if it is not below 2^62.
fn sum(left: u64, right: u64) -> Option<u64> {
    left.checked_add(right).filter(|sum| *sum <= AMOUNT_MAX)
}
