//! Mutations of entries of all eight kinds.

use std::collections::{BTreeMap, BTreeSet};

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::{Field, PrimeField64};
use plonky2::iop::witness::PartialWitness;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sheaf_circuits::entry::access::AccessRow;
use sheaf_circuits::entry::circuit::EntryCircuit;
use sheaf_circuits::entry::row::EntryWires;
use sheaf_circuits::entry::subject::SubjectRow;
use sheaf_circuits::entry::transaction::TransactionRow;
use sheaf_circuits::entry::witness::EntryWitness;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::apply::{Touch, apply};
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::slot::Slot;
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::{element, fe};

use crate::ledger_world::World;
use crate::mutation::harness::{IsFree, Subject, other_value, seed, strokes};
use crate::trace::{Layout, Trace};

/// Strokes for each lie about what the prover gives, which costs a whole witness.
const STROKES_PER_GIVEN_LIE: usize = 4;

/// The kinds by their code.
const KINDS: [&str; 8] =
    ["Idle", "Open", "Debit", "Credit", "Withdraw", "Deposit", "Exit", "Collect"];

/// Machine and touches of a chunk that the ledger allows.
pub(crate) struct Chunk {
    before: Machine,
    touches: Vec<Touch>,
}

impl Chunk {
    fn random(seed: u64, capacity: usize) -> Self {
        let mut world = World::random(seed);
        let before = world.machine;
        Self { before, touches: world.honest_touches(capacity) }
    }

    fn kinds(&self) -> BTreeSet<u8> {
        self.touches.iter().map(|touch| touch.entry.code()).collect()
    }

    /// What an honest prover gives.
    fn entries(&self) -> Vec<EntryWitness> {
        let mut machine = self.before;
        let entries = self.touches.iter().map(|touch| {
            let entry = EntryWitness::new(&machine, touch);
            apply(&mut machine, touch).expect("the ledger allows the chunk");
            entry
        });
        entries.collect()
    }

    pub(crate) fn witness(&self, circuit: &EntryCircuit) -> PartialWitness<F> {
        circuit.partial_witness(&self.before, &self.entries()).expect("a full chunk")
    }
}

/// Two chunks with entries of all eight kinds between them.
pub(crate) fn chunks(seed: u64, capacity: usize) -> [Chunk; 2] {
    let mut pairs = (seed * 1_000..).map(|seed| [2 * seed, 2 * seed + 1]);
    let found = pairs.find_map(|seeds| {
        let pair = seeds.map(|seed| Chunk::random(seed, capacity));
        (pair[0].kinds().union(&pair[1].kinds()).count() == KINDS.len()).then_some(pair)
    });
    found.expect("random worlds have all kinds")
}

/// The columns of a row's inputs, outputs and hints.
pub(crate) type Columns<R> = (
    <R as RowRules>::Inputs<usize>,
    <R as RowRules>::Outputs<usize>,
    <R as RowRules>::Hints<usize>,
);

pub(crate) fn columns<R: RowRules>() -> Columns<R> {
    let mut columns = 0..;
    let mut next = || columns.next().expect("columns do not end");
    let inputs = R::Inputs::read(&mut next);
    let outputs = R::Outputs::read(&mut next);
    (inputs, outputs, R::Hints::read(&mut next))
}

/// Whether the row's entry leaves the wire open: the inverse of what its kind does not ask to be
/// other than zero, or is zero; the token of what is not opened; the pot of what has none.
pub(crate) fn is_free(honest: &Trace, (row, column): (usize, usize)) -> bool {
    let is_set = |column: usize| !honest.get(row, column).is_zero();
    let position = |columns: &[usize]| columns.iter().position(|found| *found == column);
    match honest.layout.gate(row).split("Gate").next() {
        Some("EntryAccess") => {
            let (inputs, _, hints) = columns::<AccessRow>();
            let [opening, debit, credit, withdraw, deposit, _, collect] = inputs.kind.map(is_set);
            let moves = debit || credit || withdraw || deposit || collect;
            let differs =
                |i: usize| honest.get(row, inputs.owner[i]) != honest.get(row, inputs.subject[i]);
            let is_open = is_set(inputs.open[0]);
            (column == hints.inverse_amount[0] && !moves)
                || (column == inputs.opened_token[0] && !opening)
                || position(&hints.difference).is_some_and(|i| !is_open || !differs(i))
        }
        Some("EntryTransaction") => {
            let (inputs, outputs, hints) = columns::<TransactionRow>();
            let [debit, _, withdraw, collect] = inputs.kind.map(is_set);
            // Without a fee one pot is as good as another that has the slot's token already.
            let has_pot = collect || ((debit || withdraw) && is_set(inputs.fee[0]));
            (column == hints.inverse_remaining[0] && !is_set(outputs.remaining[0]))
                || (position(&inputs.pot).is_some() && !has_pot)
        }
        Some("EntrySubject") => {
            let (inputs, _, hints) = columns::<SubjectRow>();
            let low_half = |i: usize| honest.get(row, inputs.elements[i]).to_canonical_u64() as u32;
            position(&hints.inverses).is_some_and(|i| low_half(i) == 0)
        }
        _ => false,
    }
}

#[test]
fn no_change_of_an_entry_witness_changes_what_is_proven() {
    let circuit = EntryCircuit::build(EntryCircuit::capacity_for(9));
    let layout = Layout::new(&circuit.data);
    let seed = seed();
    let is_free: IsFree = is_free;
    for (chunk, seed) in chunks(seed, circuit.capacity()).iter().zip(seed..) {
        let inputs = chunk.witness(&circuit);
        Subject { layout: &layout, inputs: &inputs, first_row: 0, is_free }.mutate(seed);
    }
}

#[test]
fn no_splice_of_two_entry_witnesses_changes_what_is_proven() {
    let circuit = EntryCircuit::build(EntryCircuit::capacity_for(9));
    let layout = Layout::new(&circuit.data);
    let is_free: IsFree = is_free;
    let chunks = chunks(seed(), circuit.capacity());
    let [first, second] = chunks.each_ref().map(|chunk| chunk.witness(&circuit));
    for (inputs, other) in [(&first, &second), (&second, &first)] {
        Subject { layout: &layout, inputs, first_row: 0, is_free }.splice(other, seed());
    }
}

fn small<T: TryFrom<u64>>(value: F) -> Option<T> {
    T::try_from(value.to_canonical_u64()).ok()
}

/// Which flag is set, counted from one; nothing where they are not flags, or two are set.
fn chosen(flags: &[F]) -> Option<usize> {
    let set: Vec<usize> = (0..flags.len()).filter(|i| !flags[*i].is_zero()).collect();
    match set[..] {
        [] => Some(0),
        [only] if flags[only].is_one() => Some(only + 1),
        _ => None,
    }
}

/// The address of three limbs of 62, 62 and 36 bits.
fn address(limbs: [F; 3]) -> Option<L1Address> {
    let [low, middle, top] = limbs.map(|limb| limb.to_canonical_u64());
    if low >> 62 != 0 || middle >> 62 != 0 || top >> 36 != 0 {
        return None;
    }
    let lower = u128::from(low) | u128::from(middle) << 62 | u128::from(top & 15) << 124;
    let mut bytes = [0; 20];
    bytes[..4].copy_from_slice(&((top >> 4) as u32).to_be_bytes());
    bytes[4..].copy_from_slice(&lower.to_be_bytes());
    Some(L1Address(bytes))
}

/// The touch that these values mean to the ledger; nothing where it knows no such touch. What the
/// ledger does not read of them, the circuit has to hold or to leave without effect.
fn touch(given: &EntryWitness) -> Option<Touch> {
    let EntryWires { kind, pot, open, owner, token, balance, nonce, .. } = given.wires;
    let EntryWires { subject, opened_token, amount, fee, valid_until, bits, .. } = given.wires;
    let slot = bits
        .iter()
        .enumerate()
        .try_fold(0, |slot, (i, bit)| chosen(&[*bit]).map(|set| slot | (set as u32) << i))?;
    let owner_of = |elements: [F; 3]| Owner(elements.map(fe));
    let fields = [owner[0], owner[1], owner[2], token[0], balance[0], nonce[0]];
    let leaf = match chosen(&open)? {
        0 if fields.iter().all(F::is_zero) => None,
        0 => return None,
        _ => Some(Slot {
            owner: owner_of(owner),
            token: small(token[0])?,
            balance: small(balance[0])?,
            nonce: small(nonce[0])?,
        }),
    };
    let amount = small(amount[0])?;
    let fee = small(fee[0])?;
    let pot = chosen(&pot)? as u8;
    let entry = match KINDS[chosen(&kind)?] {
        "Idle" => Entry::Idle { slot },
        "Open" => Entry::Open { slot, owner: owner_of(subject), token: small(opened_token[0])? },
        "Debit" => {
            Entry::Debit { slot, total: amount, fee, valid_until: small(valid_until[0])?, pot }
        }
        "Credit" => Entry::Credit { slot, amount },
        "Withdraw" => Entry::Withdraw {
            slot,
            amount,
            fee,
            valid_until: small(valid_until[0])?,
            pot,
            recipient: address(subject)?,
        },
        "Deposit" => Entry::Deposit { slot, amount },
        "Exit" => Entry::Exit { slot, owner: owner_of(subject) },
        _ => Entry::Collect { slot, pot },
    };
    let siblings = Box::new(given.siblings.map(|sibling| sibling));
    Some(Touch { entry, leaf, siblings })
}

/// The machine after, if the ledger knows and allows all that is given.
fn ledger(before: &Machine, given: &[EntryWitness]) -> Option<Machine> {
    let mut machine = *before;
    for entry in given {
        apply(&mut machine, &touch(entry)?).ok()?;
    }
    Some(machine)
}

/// Flags of which none or one is set.
fn one_hot<const N: usize>(rng: &mut ChaCha20Rng) -> [F; N] {
    let set = rng.random_range(0..=N);
    core::array::from_fn(|i| F::from_bool(i + 1 == set))
}

/// Changes one thing that a prover gives for an entry.
fn tamper(given: &mut EntryWitness, rng: &mut ChaCha20Rng) {
    match rng.random_range(0..8) {
        0 => {
            let sibling = &mut given.siblings[rng.random_range(0..32)];
            let at = rng.random_range(0..4);
            sibling.0[at] = fe(other_value(element(sibling.0[at]), rng));
        }
        1 => given.wires.kind = one_hot(rng),
        2 => given.wires.pot = one_hot(rng),
        chosen => {
            let mut values = Vec::new();
            given.wires.visit(&mut |value| values.push(value));
            // Half of the time not a bit of the slot: bits are more than half of all.
            let bits = given.wires.bits.len();
            let end = values.len() - if chosen < 6 { bits } else { 0 };
            let at = rng.random_range(0..end);
            values[at] = other_value(values[at], rng);
            let mut values = values.into_iter();
            given.wires = EntryWires::read(&mut || values.next().expect("as many as there were"));
        }
    }
}

/// By kind: lies tried, caught, and satisfied because the ledger allows them.
type Told = BTreeMap<&'static str, [usize; 3]>;

/// Lies about what the prover gives, with everything else recomputed: what satisfies the circuit
/// is something else that the ledger allows, and leads where the ledger leads.
fn tell(circuit: &EntryCircuit, chunk: &Chunk, (seed, told): (u64, &mut Told)) {
    let layout = Layout::new(&circuit.data);
    let honest = chunk.entries();
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    for _ in 0..strokes() / STROKES_PER_GIVEN_LIE {
        let mut given = honest.clone();
        let at = *(0..given.len()).collect::<Vec<_>>().choose(&mut rng).expect("entries");
        tamper(&mut given[at], &mut rng);
        let inputs = circuit.partial_witness(&chunk.before, &given).expect("a full chunk");
        let trace = layout.fill(inputs, &[]);
        let caught = !trace.violations().is_empty();
        let kind = KINDS[usize::from(chunk.touches[at].entry.code())];
        let tally = told.entry(kind).or_default();
        tally[0] += 1;
        tally[1 + usize::from(!caught)] += 1;
        if !caught {
            let after = ledger(&chunk.before, &given);
            let after = after.unwrap_or_else(|| panic!("{kind}: no rule holds {:?}", given[at]));
            let ends: [Digest; 2] = [chunk.before.digest(), after.digest()];
            let stated: Vec<F> = ends.iter().flat_map(|digest| digest.0.map(element)).collect();
            assert_eq!(trace.public_inputs(), stated, "{kind}: {:?}", given[at]);
        }
    }
}

#[test]
fn what_a_prover_gives_is_what_the_ledger_allows() {
    let circuit = EntryCircuit::build(EntryCircuit::capacity_for(9));
    let (seed, mut told) = (seed(), Told::new());
    for (chunk, seed) in chunks(seed, circuit.capacity()).iter().zip(seed..) {
        let honest = ledger(&chunk.before, &chunk.entries()).expect("an honest chunk");
        let mut machine = chunk.before;
        chunk.touches.iter().for_each(|touch| {
            apply(&mut machine, touch).expect("an honest chunk");
        });
        assert_eq!(honest, machine, "what is given is read as it was meant");
        tell(&circuit, chunk, (seed, &mut told));
    }
    println!("by kind: tried, caught, allowed: {told:?}");
    assert_eq!(told.len(), KINDS.len());
    for (kind, [tried, caught, _]) in &told {
        assert!(caught * 2 > *tried, "{kind}: {caught} of {tried}");
    }
    assert!(told.values().any(|[_, _, allowed]| *allowed > 0), "{told:?}");
}
