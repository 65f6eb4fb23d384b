//! The words that an entry publishes, and the chains that the entry lengthens.
//!
//! 1. The limbs of the data word and of the first L1 word are those of the entry's kind (protocol,
//!    section 7).
//! 2. A subject that is an L1 address has an address's limbs: its high parts are zero and its third
//!    limb is below 2^36.
//! 3. Every entry but Idle lengthens the data chain by its word and counts it.
//! 4. An entry with an effect on L1 lengthens the L1 chain by two words and counts them.
//! 5. The chain of signatures grows by one link, of signer and message, exactly if a signature is
//!    owed.
//!
//! Poseidon rows compute the links. Every limb is below 2^62: other rows check amounts, fees and
//! the subject's low parts, and the last limb is made of a code of 4 bits, a slot of 32 bits, a
//! token of 16 bits and high parts of 6 bits.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_ledger::kind::{CODE_BITS, Kind, L1Role};
use sheaf_plonk::gates::range_check::{check_limbs, limbs_of};
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::{Wires, wires};

use crate::entry::flags::{self, Flags};

/// A row of the rules above.
#[derive(Clone, Copy, Debug, Default)]
pub struct PublishRow;

wires! {
    /// The inputs from the entry, its slot and the machine.
    PublishInputs {
        /// A flag of each kind but Idle.
        kind: flags::ALL.len(),
        /// The slot's number.
        slot: 1,
        /// The slot's token after the entry.
        token: 1,
        /// The entry's amount.
        amount: 1,
        /// The entry's fee.
        fee: 1,
        /// The subject's low parts, below 2^62 each.
        low: 3,
        /// The subject's high parts, packed into six bits.
        high: 1,
        /// One if the leaf is open and its owner is the subject.
        same_owner: 1,
        /// One if a signature is owed.
        owed: 1,
        /// The number of words in the data chain before.
        data_words: 1,
        /// The number of words in the L1 chain before.
        l1_words: 1,
        /// The chain of signatures owed before.
        signatures: 4,
        /// The chain of data words before.
        data: 4,
        /// The chain of L1 words before.
        l1: 4,
        /// The chain `signatures` with one more link.
        signature_link: 4,
        /// The chain `data` with one more link.
        data_link: 4,
        /// The chain `l1` with two more links.
        l1_link: 4,
    }
}

wires! {
    /// The words of the entry, and the chains after the entry.
    PublishOutputs {
        /// The data word's limbs.
        word: 4,
        /// The last limb of the first L1 word. The word's first limb is the amount, the others are
        /// zero.
        l1_tail: 1,
        /// The number of words in the data chain after.
        data_words: 1,
        /// The number of words in the L1 chain after.
        l1_words: 1,
        /// The chain of signatures after.
        signatures: 4,
        /// The chain of data words after.
        data: 4,
        /// The chain of L1 words after.
        l1: 4,
    }
}

wires! {
    /// The prover's limbs of two bits, which the rules check.
    PublishHints {
        /// The limbs of an address's third element, which has 36 bits; zeros where the subject is
        /// no address.
        address_top: 18,
    }
}

/// Which chains of words an entry of this kind lengthens: one if it does, else zero, for the chain
/// of data words and for the chain of L1 words.
#[inline(always)]
pub fn links<V: Value>(kind: &[V; flags::ALL.len()]) -> [V; 2] {
    let kind = Flags::of_all(kind);
    let on_l1 = kind.sum(|facts| facts.l1 != L1Role::None);
    [kind.sum(|facts| facts.has_data_word && facts.l1 == L1Role::None) + on_l1, on_l1]
}

/// `before` where `flag` is zero, `after` where it is one.
#[inline(always)]
pub(super) fn choose<V: Value, const N: usize>(flag: V, before: &[V; N], after: &[V; N]) -> [V; N] {
    let mut chosen = *before;
    for (chosen, after) in chosen.iter_mut().zip(after) {
        *chosen = *chosen + flag * (*after - *chosen);
    }
    chosen
}

fn power_of_two(exponent: usize) -> GoldilocksField {
    GoldilocksField::from_canonical_u64(1 << exponent)
}

/// The last limb of the data word, then the last limb of the first L1 word.
#[inline(always)]
fn tails<V: Value>(inputs: &PublishInputs<V>) -> (V, V) {
    let kind = Flags::of_all(&inputs.kind);
    let opening = kind.of(Kind::Open);
    let mut code = opening;
    for (flag, kind) in inputs.kind.into_iter().zip(flags::ALL).skip(1) {
        let number = GoldilocksField::from_canonical_u64(u64::from(kind.code()));
        code = flag.times_plus(number, code);
    }
    let ([slot], [token], [high]) = (inputs.slot, inputs.token, inputs.high);
    let opened = high.times_plus(power_of_two(16), token);
    let data = slot + opening * (opened - slot);
    let exit = kind.of(Kind::Exit);
    // An Exit that pays nothing names no token.
    let names_token = (exit * inputs.same_owner[0] - exit).plus(GoldilocksField::ONE);
    let l1 = (exit * slot).times_plus(power_of_two(16), token * names_token);
    let sixteen = power_of_two(CODE_BITS as usize);
    (data.times_plus(sixteen, code), l1.times_plus(sixteen, code))
}

impl RowRules for PublishRow {
    const NAME: &'static str = "EntryPublish";
    // First all inputs but the three links, which hash this row's words.
    const STAGES: &'static [usize] =
        &[PublishInputs::<Known>::LENGTH - 12, PublishInputs::<Known>::LENGTH];
    type Inputs<V: Copy> = PublishInputs<V>;
    type Outputs<V: Copy> = PublishOutputs<V>;
    type Hints<V: Copy> = PublishHints<V>;

    fn hints(inputs: &PublishInputs<Known>) -> PublishHints<Known> {
        let named = Flags::of_all(&inputs.kind).names_address();
        PublishHints { address_top: limbs_of(named * inputs.low[2]) }
    }

    #[inline(always)]
    fn evaluate<V: Value>(
        inputs: &PublishInputs<V>,
        hints: &PublishHints<V>,
        check: &mut impl FnMut(V),
    ) -> PublishOutputs<V> {
        let kind = Flags::of_all(&inputs.kind);
        let address_top = check_limbs(&hints.address_top, check);
        check(kind.names_address() * inputs.low[2] - address_top);
        check(kind.names_address() * inputs.high[0]);

        let (data_tail, l1_tail) = tails(inputs);
        let ([amount], [fee]) = (inputs.amount, inputs.fee);
        let [first, second, third] = inputs.low;
        let opening = kind.of(Kind::Open);
        let [busy, on_l1] = links(&inputs.kind);
        PublishOutputs {
            // An Open's fee is zero, but no rule constrains its amount to zero.
            word: [
                amount + opening * (first - amount),
                fee + opening * second,
                opening * third,
                data_tail,
            ],
            l1_tail: [l1_tail],
            data_words: [inputs.data_words[0] + busy],
            l1_words: [on_l1.times_plus(GoldilocksField::TWO, inputs.l1_words[0])],
            signatures: choose(inputs.owed[0], &inputs.signatures, &inputs.signature_link),
            data: choose(busy, &inputs.data, &inputs.data_link),
            l1: choose(on_l1, &inputs.l1, &inputs.l1_link),
        }
    }
}
