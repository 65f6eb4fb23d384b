//! The entry circuit over tables: a chunk of entries leads from one machine to another.
//!
//! Public inputs: Hash(Machine, before), Hash(Machine, after).
//!
//! 1. The first four public inputs are the digest of a machine whose timestamp is below 2^62. The
//!    last four are the digest of a machine.
//! 2. A proof over the tables of [`super`] verifies. The circuit sends the machine before at the
//!    time 1, and receives the machine after at the time after the last entry's. Roots are no part
//!    of these messages.
//! 3. The circuit receives the root, with the digests that both machines have as roots.
//!
//! Both machines have one chain of signatures, which is empty in an honest chunk.

use plonky2::field::types::Field;
use plonky2::gates::noop::NoopGate;
use plonky2::iop::target::Target;
use plonky2::iop::witness::PartialWitness;
use sheaf_ledger::chunk::EntryChunk;
use sheaf_ledger::machine::Machine;
use sheaf_plonk::gates::range_check::{Amounts, RangeCheckRow};
use sheaf_plonk::gates::rules::add_row;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::{Builder, Circuit, F, Proof, config, element};
use sheaf_plonk::prover::prove_verified;
use sheaf_plonk::tables::permutation::PermutationRules;
use sheaf_plonk::tables::rules::Direction;
use sheaf_plonk::tables::{Message, Table, Tables, TablesProof, TablesProofTarget, Trace};

use super::buses::{MACHINES, NODES};
use super::entries::{EntryRules, machine_message, rootless};
use super::ladder::LadderRules;
use super::rows::Rows;
use super::signatures::SignatureRules;
use super::slots::SlotRules;
use super::tree::{self, TreeRules};
use crate::entry::machine::MachineWires;
use crate::error::Error;
use crate::signature::circuit::check_signatures;
use crate::sizes::Heights;

/// The tables of one chunk, and the chunks that fit.
#[derive(Debug)]
pub struct EntryTables {
    heights: Heights,
    tables: Tables,
}

impl EntryTables {
    /// Tables of these heights.
    pub fn new(heights: Heights) -> Self {
        let Heights { entries, slots, tree, permutations, signatures, ladder } = heights;
        let tables = Tables::new(vec![
            Table::new::<PermutationRules>(permutations),
            Table::new::<TreeRules>(tree),
            Table::new::<EntryRules>(entries),
            Table::new::<SlotRules>(slots),
            Table::new::<SignatureRules>(signatures),
            Table::new::<LadderRules>(ladder),
        ]);
        Self { heights, tables }
    }

    /// The tables with the parameters of their proofs.
    pub const fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Entries of a chunk, padding included.
    pub const fn capacity(&self) -> usize {
        1 << self.heights.entries
    }

    /// Proves over the tables that the chunk's entries lead from its machine before to its machine
    /// after, and that each entry's owner signed; fills up with Idle on the last slot touched.
    ///
    /// # Errors
    /// `Capacity` if the chunk has no entry or more than the capacity; `Rule` if the ledger refuses
    /// an entry; `Signatures` or `Signature` if signatures are missing, too many or invalid; the
    /// errors of [`Tables::prove`], and of [`Trace::new`] when a table is full.
    pub fn prove(&self, chunk: &EntryChunk) -> Result<TablesProof, Error> {
        let (found, capacity) = (chunk.touches.len(), self.capacity());
        // Padding takes the path of the last touch, so an empty chunk cannot be padded.
        if found == 0 || found > capacity {
            return Err(Error::Capacity { capacity, found });
        }
        check_signatures(&chunk.signed)?;
        let rows = Rows::new(chunk, capacity - found)?;
        let messages = self.messages(&chunk.before, &chunk.after);
        Ok(self.tables.prove(&messages, self.traces(rows)?)?)
    }

    /// Verifies a proof that entries lead from one machine to the other.
    ///
    /// # Errors
    /// The errors of [`Tables::verify`].
    pub fn verify(
        &self,
        before: &Machine,
        after: &Machine,
        proof: &TablesProof,
    ) -> Result<(), Error> {
        Ok(self.tables.verify(&self.messages(before, after), proof)?)
    }

    fn traces(&self, rows: Rows) -> Result<Vec<Trace>, Error> {
        let Rows { mut entries, mut slots, mut tree, .. } = rows;
        let Rows { mut signatures, mut ladder, mut permutations, .. } = rows;
        let mut take = |name| match name {
            "entries" => core::mem::take(&mut entries),
            "slots" => core::mem::take(&mut slots),
            "tree" => core::mem::take(&mut tree),
            "signatures" => core::mem::take(&mut signatures),
            "ladder" => core::mem::take(&mut ladder),
            _ => core::mem::take(&mut permutations),
        };
        let traces = self.tables.tables().iter();
        let traces = traces.map(|table| Trace::new(table, take(table.name())));
        Ok(traces.collect::<Result<_, _>>()?)
    }

    /// What the verifier exchanges with the tables: the machine at both ends, and the root.
    pub fn messages(&self, before: &Machine, after: &Machine) -> Vec<Message<F>> {
        let wires = [before, after].map(|machine| {
            let mut elements = machine.without_signatures().elements().into_iter().map(element);
            Wires::read(&mut || elements.next().expect("a machine's elements"))
        });
        self.messages_of(&wires, F::from_canonical_usize)
    }

    fn messages_of<V: Copy>(
        &self,
        [before, after]: &[MachineWires<V>; 2],
        number: impl Fn(usize) -> V,
    ) -> Vec<Message<V>> {
        let machine = |time, direction, machine: &MachineWires<V>| Message {
            bus: MACHINES,
            direction,
            fields: machine_message(number(time), &rootless(machine)).to_vec(),
        };
        vec![
            machine(1, Direction::Send, before),
            machine(self.capacity() + 1, Direction::Receive, after),
            Message {
                bus: NODES,
                direction: Direction::Receive,
                fields: tree::message(number(1), &before.root, &after.root).to_vec(),
            },
        ]
    }
}

/// The circuit that verifies a proof over the tables.
#[derive(Debug)]
pub struct EntryTablesCircuit {
    /// plonky2's circuit.
    pub data: Circuit,
    /// The tables.
    pub tables: EntryTables,
    machines: [MachineWires<Target>; 2],
    proof: TablesProofTarget,
}

impl EntryTablesCircuit {
    /// Builds the circuit for chunks that fit tables of these heights, with 2^`degree_bits` rows
    /// or, where these are too few, with more.
    pub fn build(heights: Heights, degree_bits: usize) -> Self {
        let tables = EntryTables::new(heights);
        let mut builder = Builder::new(config());
        let machines = [(); 2].map(|()| MachineWires::add_unchecked(&mut builder));
        let zero = builder.zero();
        let values = [machines[0].timestamp[0], zero, zero, zero];
        add_row::<RangeCheckRow>(&mut builder, &Amounts { values });
        for machine in &machines {
            let digest = machine.digest_checked(&mut builder);
            builder.register_public_inputs(&digest);
        }
        let constants = [1, tables.capacity() + 1]
            .map(|number| (number, builder.constant(F::from_canonical_usize(number))));
        let number = |wanted: usize| {
            let found = constants.iter().find(|(number, _)| *number == wanted);
            found.expect("times are constants").1
        };
        let messages = tables.messages_of(&machines, number);
        let proof = tables.tables.verify_checked(&mut builder, &messages);
        pad(&mut builder, degree_bits);
        Self { data: builder.build(), tables, machines, proof }
    }

    /// Proves that the chunk's entries lead from its machine before to its machine after, and that
    /// each entry's owner signed.
    ///
    /// # Errors
    /// The errors of [`EntryTables::prove`]; `Witness` if plonky2 finds no witness; `Refused` if
    /// the proof does not verify.
    pub fn prove(&self, chunk: &EntryChunk) -> Result<Proof, Error> {
        let proof = self.tables.prove(chunk)?;
        let mut witness = PartialWitness::new();
        for (targets, machine) in self.machines.iter().zip([&chunk.before, &chunk.after]) {
            targets.assign(&machine.without_signatures(), &mut witness)?;
        }
        self.proof.assign(&mut witness, &proof)?;
        Ok(prove_verified(&self.data, witness)?)
    }
}

/// Adds rows that do nothing until the circuit has 2^`degree_bits` rows.
fn pad(builder: &mut Builder, degree_bits: usize) {
    while builder.num_gates() <= 1 << degree_bits.saturating_sub(1) {
        builder.add_gate(NoopGate, Vec::new());
    }
}
