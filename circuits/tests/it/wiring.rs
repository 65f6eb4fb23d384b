//! The source of every input of every row.
//!
//! A row's rules do not constrain where its inputs come from. Without a copy constraint, a prover
//! can put a value into one row that no other row has computed, and every test with honest hints
//! still passes. So each input of each row of rules and of each hash is compared here with a source
//! that the tables below name. The rows are taken in the order in which a circuit adds them.

mod batch;
mod data;
mod entry;
mod join;
mod net;
mod signature;
mod tables;

use std::sync::OnceLock;

use sheaf_circuits::data::DataCircuit;
use sheaf_circuits::entry::circuit::EntryCircuit;
use sheaf_circuits::signature::circuit::SignatureCircuit;

use self::net::Net;
pub(crate) use self::net::Place;
use crate::trace;

/// A circuit with what is said about the sources of its wires.
pub(crate) struct Circuit {
    /// Its name.
    pub name: &'static str,
    layout: trace::Layout<'static>,
    first_row: usize,
    compare: Box<dyn Fn(&mut Net<'_>) + Send + Sync>,
}

impl Circuit {
    /// A circuit that lives as long as the tests do.
    fn new(
        name: &'static str,
        (data, first_row): (trace::Circuit, usize),
        compare: impl Fn(&mut Net<'_>) + Send + Sync + 'static,
    ) -> Self {
        let data: &'static trace::Circuit = Box::leak(Box::new(data));
        let layout = trace::Layout::new(data);
        Self { name, layout, first_row, compare: Box::new(compare) }
    }

    fn net(&self, without: Option<Place>) -> Net<'_> {
        let mut net = Net::without(&self.layout, self.first_row, without);
        (self.compare)(&mut net);
        net
    }

    /// The wires that are compared with a source.
    pub(crate) fn compared(&self) -> Vec<(String, Place)> {
        self.net(None).into_compared()
    }

    /// What is missing where a wire is the copy of no other.
    pub(crate) fn faults_without(&self, place: Place) -> Vec<String> {
        self.net(Some(place)).into_faults()
    }
}

/// The circuits whose wires have named sources.
pub(crate) fn circuits() -> &'static [Circuit; 7] {
    static CIRCUITS: OnceLock<[Circuit; 7]> = OnceLock::new();
    CIRCUITS.get_or_init(|| {
        let entry = EntryCircuit::build(entry::ENTRIES).data;
        let signature = SignatureCircuit::build(signature::POSITIONS).data;
        let data = DataCircuit::build(data::CAPACITY).circuit;
        let (join, of_join) = join::build();
        let (join_of_two, inner, are_second) = join::build_of_two();
        let (batch, of_batch) = batch::build();
        [
            Circuit::new("entry", (entry, 0), entry::compare),
            Circuit::new("signature", (signature, 0), signature::compare),
            Circuit::new("data", (data, 0), data::compare),
            Circuit::new("tables", (tables::build().data, 0), tables::compare),
            Circuit::new("join", (join.circuit, of_join.first_row), move |net| {
                join::compare(net, &of_join);
            }),
            Circuit::new("join of two circuits", (join_of_two.circuit, 0), move |net| {
                join::compare_choice(net, &inner, &are_second);
            }),
            Circuit::new("batch", (batch.circuit, of_batch.first_row), move |net| {
                batch::compare(net, &of_batch);
            }),
        ]
    })
}
