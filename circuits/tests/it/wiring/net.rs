//! The rows of a circuit with their wires. Two wires are equal here exactly if copy constraints
//! make them equal.

use std::collections::{BTreeMap, BTreeSet};
use std::vec::IntoIter;

use plonky2::field::types::{Field, PrimeField64};
use plonky2::iop::target::Target;
use sheaf_crypto::hash::Tag;
use sheaf_crypto::poseidon::{RATE, WIDTH};
use sheaf_ledger::tag;
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::F;

use crate::trace::Layout;

/// plonky2's gate of one permutation: inputs, outputs, and whether the first two digests change
/// places.
const SWAP: usize = 2 * WIDTH;
/// Wires of one operation of plonky2's gate for sums and products.
const OPERATION: usize = 4;

/// A wire of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wire {
    row: usize,
    column: usize,
    class: usize,
}

/// A row of the rules `R`.
pub(super) struct Row<R: RowRules> {
    pub inputs: R::Inputs<Wire>,
    pub outputs: R::Outputs<Wire>,
    pub hints: R::Hints<Wire>,
}

/// Rows of one hash, a block each.
pub(super) struct Hash {
    rows: Vec<usize>,
    /// What is hashed, block by block, with what pads the last.
    elements: Vec<Wire>,
    /// The digest.
    pub digest: [Wire; 4],
}

impl Hash {
    /// A run of the hashed elements.
    pub(super) fn run<const N: usize>(&self, first: usize) -> [Wire; N] {
        core::array::from_fn(|i| self.elements[first + i])
    }
}

pub(super) struct Net<'a> {
    layout: &'a Layout<'a>,
    /// Rows of rules and of hashes that no table has taken yet.
    rows: IntoIter<usize>,
    /// By value: the wire that a gate makes this constant.
    constants: BTreeMap<u64, Wire>,
    /// By constants and classes of terms: the wires of an operation for sums and products.
    sums: BTreeMap<([u64; 2], [usize; 3]), [Wire; OPERATION]>,
    named: BTreeSet<(usize, usize)>,
    /// What is compared with its source: its name and its wire.
    compared: Vec<(String, Place)>,
    /// A wire that is a copy of no other.
    cut: Option<Place>,
    faults: Vec<String>,
}

/// The row and the column of a wire.
pub(crate) type Place = (usize, usize);

/// The class of a wire that is a copy of no other, and the place of a target without a wire.
const ALONE: usize = usize::MAX;

impl<'a> Net<'a> {
    pub(super) fn new(layout: &'a Layout<'a>) -> Self {
        Self::without(layout, 0, None)
    }

    /// The rows from `first_row` on, but for the copies of one wire.
    pub(super) fn without(layout: &'a Layout<'a>, first_row: usize, cut: Option<Place>) -> Self {
        let is_taken = |row: &usize| !is_plonky2s(&layout.gate(*row));
        let rows: Vec<usize> = (first_row..layout.rows()).filter(is_taken).collect();
        let mut net = Self {
            layout,
            rows: rows.into_iter(),
            constants: BTreeMap::new(),
            sums: BTreeMap::new(),
            named: BTreeSet::new(),
            compared: Vec::new(),
            cut,
            faults: Vec::new(),
        };
        net.find_constants();
        net.find_sums();
        net
    }

    fn find_constants(&mut self) {
        let layout = self.layout;
        let copies = |wire: &Wire| layout.copies(wire.row, wire.column).len();
        for row in 0..layout.rows() {
            for (value, column) in layout.constant_wires(row) {
                let wire = self.wire(row, column);
                let found = self.constants.entry(value.to_canonical_u64()).or_insert(wire);
                // A place for a constant that nobody uses may have the same value.
                if copies(&wire) > copies(found) {
                    *found = wire;
                }
            }
        }
    }

    fn find_sums(&mut self) {
        for row in self.layout.rows_of("ArithmeticGate") {
            let constants = [0, 1].map(|i: usize| self.layout.constants(row)[i].to_canonical_u64());
            for operation in self.operations_of(row) {
                let [a, b, c, _] = operation.map(|wire| wire.class);
                self.sums.entry((constants, [a, b, c])).or_insert(operation);
            }
        }
    }

    /// The operations of a row of plonky2's gate for sums and products.
    fn operations_of(&self, row: usize) -> Vec<[Wire; OPERATION]> {
        let count = self.layout.used_columns(row) / OPERATION;
        let wires = |i| core::array::from_fn(|j| self.wire(row, OPERATION * i + j));
        (0..count).map(wires).collect()
    }

    fn wire(&self, row: usize, column: usize) -> Wire {
        let is_cut = self.cut == Some((row, column));
        let class = if is_cut { ALONE } else { self.layout.class(Target::wire(row, column)) };
        Wire { row, column, class }
    }

    /// A target that a circuit does not publish: what is equal to it.
    pub(super) fn target(&self, target: Target) -> Wire {
        Wire { row: ALONE, column: ALONE, class: self.layout.class(target) }
    }

    fn next_row(&mut self, gate: &str) -> usize {
        let row = self.rows.next().expect("a circuit has as many rows as its table");
        assert!(self.layout.gate(row).starts_with(gate), "row {row}: {}", self.layout.gate(row));
        row
    }

    /// The next row, which is one of the rules `R`.
    pub(super) fn row<R: RowRules>(&mut self) -> Row<R> {
        let row = self.next_row(&format!("{}Gate", R::NAME));
        self.wires_of(row)
    }

    /// The first row of the rules `R`, which stays to be taken.
    pub(super) fn first_row<R: RowRules>(&self) -> Row<R> {
        self.wires_of(self.layout.rows_of(&format!("{}Gate", R::NAME))[0])
    }

    fn wires_of<R: RowRules>(&self, row: usize) -> Row<R> {
        let mut columns = 0..;
        let mut next = || self.wire(row, columns.next().expect("columns do not end"));
        let inputs = R::Inputs::read(&mut next);
        let outputs = R::Outputs::read(&mut next);
        Row { inputs, outputs, hints: R::Hints::read(&mut next) }
    }

    /// The next rows, which hash `length` elements.
    pub(super) fn hash(&mut self, length: usize) -> Hash {
        let rows: Vec<usize> =
            (0..length.div_ceil(RATE)).map(|_| self.next_row("PoseidonGate")).collect();
        let wire = |row: &usize, column| self.wire(*row, column);
        let elements = rows.iter().flat_map(|row| (0..RATE).map(move |i| wire(row, i))).collect();
        let last = rows.last().expect("a hash has a block");
        let digest = core::array::from_fn(|i| wire(last, WIDTH + i));
        Hash { rows, elements, digest }
    }

    /// The constant's wire.
    pub(super) fn constant(&self, value: u64) -> Wire {
        let found = self.constants.get(&value);
        *found.unwrap_or_else(|| panic!("{value} is no constant"))
    }

    pub(super) fn zero(&self) -> Wire {
        self.constant(0)
    }

    pub(super) fn one(&self) -> Wire {
        self.constant(1)
    }

    /// c0·first·second + c1·addend
    pub(super) fn sum(&mut self, what: &str, constants: [F; 2], terms: [Wire; 3]) -> Wire {
        let key = (constants.map(|value| value.to_canonical_u64()), terms.map(|term| term.class));
        let Some([a, b, c, sum]) = self.sums.get(&key).copied() else {
            self.faults.push(format!("{what} is not computed"));
            return self.zero();
        };
        let places = [a, b, c, sum].map(|wire| (what.to_owned(), (wire.row, wire.column)));
        self.compared.extend(places);
        sum
    }

    /// The factor of `second` in the sum with `addend`.
    pub(super) fn factor_of(&mut self, second: Wire, addend: Wire) -> Wire {
        let is_wanted = |([c0, c1], [_, b, c]): &([u64; 2], [usize; 3])| {
            [*c0, *c1] == [1; 2] && [*b, *c] == [second.class, addend.class]
        };
        let found = self.sums.iter().find(|(key, _)| is_wanted(key));
        let found = found.map(|(_, operation)| operation[0]);
        found.unwrap_or_else(|| {
            self.faults.push("a factor multiplies nothing".to_owned());
            self.zero()
        })
    }

    /// first − second
    pub(super) fn difference(&mut self, what: &str, first: Wire, second: Wire) -> Wire {
        let one = self.one();
        self.sum(what, [F::ONE, F::NEG_ONE], [first, one, second])
    }

    /// Each wire is the source's.
    pub(super) fn same(&mut self, what: &str, found: &[Wire], source: &[Wire]) {
        assert_eq!(found.len(), source.len(), "{what}");
        for (i, (found, source)) in found.iter().zip(source).enumerate() {
            self.named.insert((found.row, found.column));
            if found.row != ALONE {
                self.compared.push((format!("{what}, its {i}"), (found.row, found.column)));
            }
            if found.class != source.class {
                let Wire { row, column, .. } = found;
                let fault = format!("{what}, its {i}: row {row}, column {column}");
                self.faults.push(fault);
            }
        }
    }

    /// These wires are where a prover gives a value: others are compared with them.
    pub(super) fn given(&mut self, wires: &[Wire]) {
        self.named.extend(wires.iter().map(|wire| (wire.row, wire.column)));
    }

    /// The rows hash these elements under the tag, and nothing else.
    pub(super) fn hashes(&mut self, what: &str, hash: &Hash, (tag, elements): (Wire, &[Wire])) {
        let (zero, length) = (self.zero(), self.constant(elements.len() as u64));
        let mut capacity = [tag, length, zero, zero];
        for (block, row) in elements.chunks(RATE).zip(&hash.rows) {
            let inputs: Vec<Wire> = (0..RATE).map(|i| self.wire(*row, i)).collect();
            let padded: Vec<Wire> =
                (0..RATE).map(|i| block.get(i).copied().unwrap_or(zero)).collect();
            self.same(&format!("{what} hashed"), &inputs, &padded);
            let state: Vec<Wire> = (RATE..WIDTH).map(|i| self.wire(*row, i)).collect();
            self.same(&format!("capacity of {what}"), &state, &capacity);
            self.same(&format!("order of {what}"), &[self.wire(*row, SWAP)], &[zero]);
            capacity = core::array::from_fn(|i| self.wire(*row, WIDTH + RATE + i));
        }
    }

    /// The same under a constant tag.
    pub(super) fn hashes_tagged(
        &mut self,
        what: &str,
        hash: &Hash,
        (tag, elements): (Tag, &[Wire]),
    ) {
        let tag = self.constant(tag.element().canonical());
        self.hashes(what, hash, (tag, elements));
    }

    /// The rows hash a node and its sibling, in the order that the bit says.
    pub(super) fn hashes_node(&mut self, hash: &Hash, [node, sibling]: [[Wire; 4]; 2], bit: Wire) {
        let tag = self.constant(tag::NODE.element().canonical());
        let (length, zero, row) = (self.constant(RATE as u64), self.zero(), hash.rows[0]);
        let state: Vec<Wire> = (0..WIDTH).map(|i| self.wire(row, i)).collect();
        self.same("a path's node", &state[..4], &node);
        self.same("a path's sibling", &state[4..RATE], &sibling);
        self.same("capacity of a path's node", &state[RATE..], &[tag, length, zero, zero]);
        self.same("a path's bit", &[self.wire(row, SWAP)], &[bit]);
    }

    /// The public inputs, in order, are these, and their hash is one block.
    pub(super) fn states(&mut self, public: &[Wire]) {
        let hash = self.hash(public.len());
        let zero = self.zero();
        let inputs: Vec<Wire> = hash.run::<8>(0).to_vec();
        assert_eq!(public.len(), inputs.len(), "one block");
        self.same("public inputs", &inputs, public);
        let state: Vec<Wire> = (RATE..=WIDTH).map(|i| self.wire(hash.rows[0], i)).collect();
        self.same("capacity of public inputs", &state[..4], &[zero; 4]);
        self.same("order of public inputs", &[self.wire(hash.rows[0], SWAP)], &[zero]);
        let row = self.layout.rows_of("PublicInputGate")[0];
        let stated: Vec<Wire> = (0..4).map(|i| self.wire(row, i)).collect();
        self.same("the hash of public inputs", &stated, &hash.digest);
        self.publishes(public);
    }

    /// The public inputs, in order, are these.
    pub(super) fn publishes(&mut self, public: &[Wire]) {
        for (i, source) in public.iter().enumerate() {
            let class = self.layout.class(self.layout.public_input(i));
            if source.class != class {
                self.faults.push(format!("public input {i}"));
            }
        }
    }

    /// The integer has this many bits, each of which a row of plonky2's makes 0 or 1.
    pub(super) fn has_bits(&mut self, what: &str, integer: Wire, bits: usize) {
        let zero = self.zero();
        let rows = self.layout.rows_of("BaseSumGate").into_iter();
        let mut rows = rows.filter(|row| self.wire(*row, 0).class == integer.class);
        let beyond = |net: &Self, row| -> Vec<Wire> {
            (1 + bits..net.layout.used_columns(row)).map(|column| net.wire(row, column)).collect()
        };
        let is_as_short =
            |row: &usize| beyond(self, *row).iter().all(|limb| limb.class == zero.class);
        let Some(row) = rows.find(is_as_short) else {
            return self.faults.push(format!("{what} has not {bits} bits"));
        };
        let limbs = beyond(self, row);
        self.compared.push((what.to_owned(), (row, 0)));
        self.same(&format!("what {what} has beyond {bits} bits"), &limbs, &vec![zero; limbs.len()]);
    }

    /// Something else reads the wire.
    pub(super) fn is_read(&mut self, what: &str, wire: Wire) {
        if wire.class == ALONE || self.layout.copies(wire.row, wire.column).len() < 2 {
            self.faults.push(format!("nothing reads {what}"));
        }
    }

    /// Ends the comparison of a whole circuit: no copy is missing, and no input is left.
    pub(super) fn finish(mut self) {
        assert_eq!(self.rows.next(), None, "a table has as many rows as its circuit");
        let unnamed = self.unnamed();
        assert!(self.faults.is_empty(), "copies are missing: {:#?}", self.faults);
        assert!(unnamed.is_empty(), "no table names {unnamed:#?}");
    }

    /// What is missing.
    pub(super) fn into_faults(self) -> Vec<String> {
        self.faults
    }

    /// What has been compared with its source.
    pub(super) fn into_compared(self) -> Vec<(String, Place)> {
        self.compared
    }

    /// Inputs that nothing was said about.
    fn unnamed(&self) -> Vec<String> {
        let layout = self.layout;
        let inputs = |row: usize| -> Vec<usize> {
            match layout.gate(row).as_str() {
                gate if gate.starts_with("PoseidonGate") => (0..WIDTH).chain([SWAP]).collect(),
                gate => (0..input_columns(gate)).collect(),
            }
        };
        let all = (0..layout.rows()).flat_map(|row| inputs(row).into_iter().map(move |i| (row, i)));
        let unnamed = all.filter(|place| !self.named.contains(place));
        unnamed.map(|(row, i)| format!("{} row {row}, column {i}", layout.gate(row))).collect()
    }
}

/// How many inputs a row of rules has, by its gate; none for plonky2's own gates.
fn input_columns(gate: &str) -> usize {
    use sheaf_circuits::data::reduce;
    use sheaf_circuits::data::{chain_walk, limbs, multiply_add};
    use sheaf_circuits::entry::{access, publish, subject, transaction};
    use sheaf_circuits::signature::double_and_add;
    use sheaf_circuits::signature::open_signature;
    use sheaf_plonk::gates::range_check;
    fn of<R: RowRules>() -> (String, usize) {
        (format!("{}Gate", R::NAME), <R::Inputs<F> as Wires<F>>::LENGTH)
    }
    let rules = [
        of::<access::AccessRow>(),
        of::<publish::PublishRow>(),
        of::<subject::SubjectRow>(),
        of::<transaction::TransactionRow>(),
        of::<chain_walk::ChainWalkRow>(),
        of::<double_and_add::DoubleAndAddRow>(),
        of::<limbs::LimbRow>(),
        of::<multiply_add::MultiplyAddRow>(),
        of::<open_signature::OpenSignatureRow>(),
        of::<range_check::RangeCheckRow>(),
        of::<reduce::ReduceRow>(),
    ];
    let found = rules.iter().find(|(name, _)| name == gate).map(|(_, inputs)| *inputs);
    found.or(is_plonky2s(gate).then_some(0)).unwrap_or_else(|| panic!("{gate} is in no table"))
}

/// Gates whose rows are looked up by what they compute, not taken in turn.
fn is_plonky2s(gate: &str) -> bool {
    let names = ["ArithmeticGate", "BaseSumGate", "ConstantGate", "NoopGate", "PublicInputGate"];
    names.iter().any(|name| gate.starts_with(name))
}
