//! The circuit of a chunk of entries: a program builds it once and proves each chunk with it.

use plonky2::iop::target::Target;
use plonky2::iop::witness::PartialWitness;
use sheaf_ledger::apply::{Touch, apply};
use sheaf_ledger::entry::Entry;
use sheaf_ledger::machine::Machine;
use sheaf_plonk::gates::range_check::{Amounts, RangeCheckRow};
use sheaf_plonk::gates::rules::add_row;
use sheaf_plonk::proof::{Builder, Circuit, F, Proof, config};
use sheaf_plonk::prover::prove_verified;

use crate::entry::machine::MachineWires;
use crate::entry::row::{EntryTargets, add_entry};
use crate::entry::witness::EntryWitness;
use crate::error::Error;

/// Rows of one entry: 73 permutations, and a row each of access, transaction, publishing, subject
/// and range checks.
pub const ROWS_PER_ENTRY: usize = 78;

/// Rows beside the entries: the machine's digest at both ends, the public inputs, their hash,
/// constants and the range check of the timestamp; with some to spare.
const FIXED_ROWS: usize = 24;

/// A circuit for chunks of a fixed number of entries.
#[derive(Debug)]
pub struct EntryCircuit {
    /// plonky2's circuit.
    pub data: Circuit,
    machine: MachineWires<Target>,
    entries: Vec<EntryTargets>,
}

impl EntryCircuit {
    /// Entries that fit into 2^`degree_bits` rows.
    pub const fn capacity_for(degree_bits: usize) -> usize {
        (1_usize << degree_bits).saturating_sub(FIXED_ROWS) / ROWS_PER_ENTRY
    }

    /// Builds the circuit for chunks of exactly `capacity` entries.
    pub fn build(capacity: usize) -> Self {
        let mut builder = Builder::new(config());
        let machine = MachineWires::add_unchecked(&mut builder);
        let zero = builder.zero();
        let values = [machine.timestamp[0], zero, zero, zero];
        add_row::<RangeCheckRow>(&mut builder, &Amounts { values });
        let before = machine.digest_checked(&mut builder);
        builder.register_public_inputs(&before);
        let mut running = machine;
        let mut entries = Vec::with_capacity(capacity);
        for _ in 0..capacity {
            let (entry, after) = add_entry(&mut builder, &running);
            entries.push(entry);
            running = after;
        }
        let after = running.digest_checked(&mut builder);
        builder.register_public_inputs(&after);
        Self { data: builder.build(), machine, entries }
    }

    /// Entries of a chunk, padding included.
    pub fn capacity(&self) -> usize {
        self.entries.len()
    }

    /// The values that the machine `before` and `entries` give to the circuit's targets. The rules
    /// are not checked here: if an entry breaks a rule, no witness satisfies the circuit.
    ///
    /// # Errors
    /// `Capacity` unless `entries` has exactly one element for each entry of the circuit.
    pub fn partial_witness(
        &self,
        before: &Machine,
        entries: &[EntryWitness],
    ) -> Result<PartialWitness<F>, Error> {
        let (found, capacity) = (entries.len(), self.capacity());
        if found != capacity {
            return Err(Error::Capacity { capacity, found });
        }
        let mut witness = PartialWitness::new();
        self.machine.assign(before, &mut witness)?;
        for (entry, targets) in entries.iter().zip(&self.entries) {
            entry.assign(targets, &mut witness)?;
        }
        Ok(witness)
    }

    /// Proves that `touches` lead from the machine `before` to the machine that the ledger
    /// computes; fills up with Idle on the last slot touched.
    ///
    /// # Errors
    /// `Capacity` if `touches` is empty or longer than the capacity; `Rule` if the ledger refuses
    /// an entry; `Witness` if plonky2 finds no witness; `Refused` if the proof does not verify.
    pub fn prove(&self, before: &Machine, touches: &[Touch]) -> Result<Proof, Error> {
        let entries = self.honest_entries(before, touches)?;
        Ok(prove_verified(&self.data, self.partial_witness(before, &entries)?)?)
    }

    /// The values of `touches` and of the padding, each accepted by the ledger.
    fn honest_entries(
        &self,
        before: &Machine,
        touches: &[Touch],
    ) -> Result<Vec<EntryWitness>, Error> {
        let (found, capacity) = (touches.len(), self.capacity());
        // Padding takes the path of the last touch, so an empty chunk cannot be padded.
        let last = touches.last().filter(|_| found <= capacity);
        let last = last.ok_or(Error::Capacity { capacity, found })?;
        let mut machine = *before;
        let mut entries = Vec::with_capacity(capacity);
        let mut leaf = last.leaf;
        for touch in touches {
            entries.push(EntryWitness::new(&machine, touch));
            leaf = apply(&mut machine, touch)?.leaf;
        }
        let entry = Entry::Idle { slot: last.entry.slot() };
        let idle = Touch { entry, leaf, siblings: last.siblings.clone() };
        for _ in found..capacity {
            entries.push(EntryWitness::new(&machine, &idle));
            apply(&mut machine, &idle)?;
        }
        Ok(entries)
    }
}
