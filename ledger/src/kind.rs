//! The kinds of entries: one table with the facts of each.
//!
//! Rules, records, words, the sequencer's counting and the circuit's flags all read this table.
//! What a kind does beyond these facts is in `step`, and as constraints in the entry circuit.
//! docs/new-kind.md lists the files that a new kind touches.

mod consistency;

use crate::limits::L1_WORDS_OF_ENTRY;

/// Bits of a kind's code in the last limb of a word.
pub const CODE_BITS: u32 = 4;

/// Where an entry's amount comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// The entry moves nothing.
    None,
    /// The entry states the amount, which is at least 1.
    Stated,
    /// A fee pot's whole amount, which is at least 1.
    Pot,
    /// The whole balance of the slot; 0 if the slot is not open for the owner that the entry
    /// states.
    Balance,
}

/// What the amount does to the slot's balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The balance stays.
    None,
    /// The amount is added.
    In,
    /// The amount is taken, and the fee with it.
    Out,
}

/// The party that the entry names beside its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nobody.
    None,
    /// An owner whom the entry states.
    StatedOwner,
    /// The owner of the slot.
    SlotOwner,
    /// An address on L1.
    L1Address,
}

/// What the pair of L1 words makes the contract do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum L1Role {
    /// No L1 words.
    None,
    /// The contract credits an address on L1, because an owner has signed for the payment.
    Pays,
    /// The contract takes the next request off its queue. An exit's amount is also credited to the
    /// account that made the request.
    Consumes,
}

/// The facts about a kind that do not depend on a single entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindFacts {
    /// The kind that the facts describe.
    pub kind: Kind,
    /// The kind's name in JSON.
    pub name: &'static str,
    /// Whether the slot must be open.
    pub needs_open: bool,
    /// Whether an owner signs for the entry. Such an entry has a fee, a pot and a last valid
    /// second, raises the slot's nonce, and needs one signature.
    pub spends: bool,
    /// Whether the entry continues the running transaction. Every other entry is valid only if no
    /// transaction is running.
    pub continues: bool,
    /// Where the entry's amount comes from.
    pub amount: Amount,
    /// What the amount does to the slot's balance.
    pub direction: Direction,
    /// The party that the entry names beside its slot.
    pub subject: Subject,
    /// Whether the entry appends a data word.
    pub has_data_word: bool,
    /// What the entry's L1 words make the contract do.
    pub l1: L1Role,
}

/// Declares the kinds in the order of their codes, each with its facts.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident { $($fact:ident: $value:expr,)* })*) => {
        /// The kind of an entry. Its number is its code in the protocol.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        /// The facts of every kind, each at the index that is its code.
        pub const KINDS: [KindFacts; [$(Kind::$kind),*].len()] = [
            $(KindFacts { kind: Kind::$kind, $($fact: $value),* },)*
        ];
    };
}

kinds! {
    /// Changes nothing; fills up the last entry chunk of a batch.
    Idle {
        name: "idle",
        needs_open: false,
        spends: false,
        continues: false,
        amount: Amount::None,
        direction: Direction::None,
        subject: Subject::None,
        has_data_word: false,
        l1: L1Role::None,
    }
    /// Opens the next slot in sequence.
    Open {
        name: "open",
        needs_open: false,
        spends: false,
        continues: false,
        amount: Amount::None,
        direction: Direction::None,
        subject: Subject::StatedOwner,
        has_data_word: true,
        l1: L1Role::None,
    }
    /// Starts a signed transfer, whose Credits then pay out the total to the last L2 unit.
    Debit {
        name: "debit",
        needs_open: true,
        spends: true,
        continues: false,
        amount: Amount::Stated,
        direction: Direction::Out,
        subject: Subject::None,
        has_data_word: true,
        l1: L1Role::None,
    }
    /// Pays one recipient of the running transfer.
    Credit {
        name: "credit",
        needs_open: true,
        spends: false,
        continues: true,
        amount: Amount::Stated,
        direction: Direction::In,
        subject: Subject::SlotOwner,
        has_data_word: true,
        l1: L1Role::None,
    }
    /// A signed transaction that pays to an address on L1.
    Withdraw {
        name: "withdraw",
        needs_open: true,
        spends: true,
        continues: false,
        amount: Amount::Stated,
        direction: Direction::Out,
        subject: Subject::L1Address,
        has_data_word: true,
        l1: L1Role::Pays,
    }
    /// Pays the amount of a deposit request on L1 to a slot.
    Deposit {
        name: "deposit",
        needs_open: true,
        spends: false,
        continues: false,
        amount: Amount::Stated,
        direction: Direction::In,
        subject: Subject::SlotOwner,
        has_data_word: true,
        l1: L1Role::Consumes,
    }
    /// Pays out the whole balance of a slot because of an exit request on L1.
    Exit {
        name: "exit",
        needs_open: false,
        spends: false,
        continues: false,
        amount: Amount::Balance,
        direction: Direction::Out,
        subject: Subject::StatedOwner,
        has_data_word: true,
        l1: L1Role::Consumes,
    }
    /// Pays a fee pot to a slot.
    Collect {
        name: "collect",
        needs_open: true,
        spends: false,
        continues: false,
        amount: Amount::Pot,
        direction: Direction::In,
        subject: Subject::None,
        has_data_word: true,
        l1: L1Role::None,
    }
}

const _: () = assert!(KINDS.len() <= 1 << CODE_BITS, "words have four bits for a code");
const _: () =
    assert!(consistency::first_fault(&KINDS).is_none(), "a row of the table contradicts itself");

impl Kind {
    /// The kind's number in the protocol.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The kind with this code, or `None` if no kind has the code.
    pub const fn from_code(code: u8) -> Option<Self> {
        if (code as usize) < KINDS.len() { Some(KINDS[code as usize].kind) } else { None }
    }

    /// The kind's row in the table of kinds.
    pub const fn facts(self) -> &'static KindFacts {
        &KINDS[self as usize]
    }
}

impl KindFacts {
    /// Whether the entry moves its amount to a party that the entry names.
    pub const fn pays(&self) -> bool {
        self.needs_amount() && !matches!(self.subject, Subject::None)
    }

    /// Whether the entry's amount is at least 1.
    pub const fn needs_amount(&self) -> bool {
        matches!(self.amount, Amount::Stated | Amount::Pot)
    }

    /// The number of data words of an entry.
    pub const fn data_words(&self) -> u32 {
        self.has_data_word as u32
    }

    /// The number of L1 words of an entry.
    pub const fn l1_words(&self) -> u32 {
        match self.l1 {
            L1Role::None => 0,
            L1Role::Pays | L1Role::Consumes => L1_WORDS_OF_ENTRY,
        }
    }
}
