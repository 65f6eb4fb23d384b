//! The prover: all messages of a proof over tables, in their order.

use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::Field;
use rayon::prelude::*;

use super::combination::Extension;
use super::commitment::Commitment;
use super::evaluate::Powers;
use super::fri::prove_openings;
use super::proof::{Opened, TablesProof};
use super::quotient::{Committed, Values};
use super::shape::{Points, Tables};
use super::statement::Message;
use super::sums::RunningSums;
use super::trace::Trace;
use crate::error::Error;
use crate::proof::{C, D, F};
use crate::prover::Transcript;

impl Tables {
    /// Proves that the rows of `traces`, in the order of [`Tables::tables`], satisfy their rules
    /// and that all messages balance with those of the verifier.
    ///
    /// Rows that break a rule, or messages that do not balance, give a proof that does not verify,
    /// or an error.
    ///
    /// # Errors
    /// [`Error::Row`] when a constraint is broken and the quotient's degree shows it;
    /// [`Error::OpeningPoint`] when the point of the openings is a row (a chance below 2^-100).
    ///
    /// # Panics
    /// When the traces are not those of the tables, one for each.
    pub fn prove(&self, messages: &[Message<F>], traces: Vec<Trace>) -> Result<TablesProof, Error> {
        assert_eq!(traces.len(), self.tables().len(), "a trace for each table");
        let cap_bits = self.params.config.cap_height;
        let mut transcript = self.start(messages);
        let columns = self.by_height(traces.iter().map(Trace::columns).collect());
        let columns = Commitment::to_columns(columns, cap_bits);
        transcript.observe_cap(&columns.cap());

        let mut powers = self.powers(&mut transcript);
        let sums: Vec<RunningSums> = self
            .tables()
            .iter()
            .zip(&traces)
            .map(|(table, trace)| RunningSums::new(table, trace, &powers))
            .collect();
        // Hundreds of megabytes, which the quotients need for themselves.
        drop(traces);
        let totals: Vec<Extension> = sums.iter().map(|sums| sums.total).collect();
        let sums = self.by_height(sums.into_iter().map(|sums| sums.columns).collect());
        let sums = Commitment::to_columns(sums, cap_bits);
        transcript.observe_cap(&sums.cap());
        transcript.observe_extension_elements::<D>(&totals);

        self.weigh(&mut powers, &mut transcript);
        let quotients = self.quotients([&columns, &sums], &totals, &powers)?;
        let quotients = Commitment::new(quotients, cap_bits);
        transcript.observe_cap(&quotients.cap());
        let points = self.points(transcript.get_extension_challenge::<D>())?;
        let commitments = [columns, sums, quotients];
        let openings = self.open(&commitments, &points);
        for opened in &openings {
            transcript.observe_extension_elements::<D>(&opened.here);
            transcript.observe_extension_elements::<D>(&opened.next);
        }
        let fri = prove_openings(self, &commitments, &points, &mut transcript);
        let caps = commitments.each_ref().map(Commitment::cap);
        Ok(TablesProof { caps, totals, openings, fri })
    }

    /// The transcript after everything that is known before the proof.
    pub(super) fn start(&self, messages: &[Message<F>]) -> Transcript<C> {
        let mut transcript = Transcript::<C>::new();
        transcript.observe_elements(&self.digest(messages).elements);
        for message in messages {
            transcript.observe_elements(&message.fields);
        }
        transcript
    }

    /// γ and the powers of β.
    pub(super) fn powers(&self, transcript: &mut Transcript<C>) -> Powers<Extension> {
        let gamma = transcript.get_extension_challenge::<D>();
        let beta = transcript.get_extension_challenge::<D>();
        let betas = beta.powers().skip(1).take(self.fields()).collect();
        Powers { gamma, betas, alphas: Vec::new() }
    }

    /// Adds the powers of α.
    pub(super) fn weigh(&self, powers: &mut Powers<Extension>, transcript: &mut Transcript<C>) {
        let alpha = transcript.get_extension_challenge::<D>();
        powers.alphas = alpha.powers().take(self.constraints()).collect();
    }

    /// The points of the openings for each height.
    ///
    /// # Errors
    /// [`Error::OpeningPoint`] when the point is a row.
    pub(super) fn points(&self, here: Extension) -> Result<Vec<Points<Extension>>, Error> {
        let points = self.heights().into_iter().map(|height_bits| {
            if here.exp_power_of_2(height_bits) == Extension::ONE {
                return Err(Error::OpeningPoint);
            }
            let generator = F::primitive_root_of_unity(height_bits);
            Ok(Points { here, next: here * Extension::from(generator) })
        });
        points.collect()
    }

    /// The lists of each table's columns, joined for tables of one height.
    fn by_height<T>(&self, of_tables: Vec<Vec<T>>) -> Vec<Vec<T>> {
        let mut of_tables = of_tables.into_iter();
        let groups = self.groups().into_iter();
        groups
            .map(|group| of_tables.by_ref().take(group.tables.len()).flatten().collect())
            .collect()
    }

    fn quotients(
        &self,
        commitments: [&Commitment; 2],
        totals: &[Extension],
        powers: &Powers<Extension>,
    ) -> Result<Vec<Vec<PolynomialCoeffs<F>>>, Error> {
        let mut totals = totals.iter();
        let mut quotients = Vec::new();
        for (height, group) in self.groups().iter().enumerate() {
            let mut of_group = Vec::new();
            let mut first = [0; 2];
            for (table, total) in group.tables.iter().zip(totals.by_ref()) {
                let [width, sums, _] = table.polynomials();
                let ends = [first[0] + width, first[1] + sums];
                let committed = Committed {
                    table,
                    polynomials: core::array::from_fn(|i| {
                        &commitments[i].polynomials[height][first[i]..ends[i]]
                    }),
                    values: Values {
                        all: core::array::from_fn(|i| &commitments[i].values[height][..]),
                        first,
                    },
                    total: *total,
                };
                of_group.extend(committed.quotient(powers)?);
                first = ends;
            }
            quotients.push(of_group);
        }
        Ok(quotients)
    }

    fn open(
        &self,
        commitments: &[Commitment],
        points: &[Points<Extension>],
    ) -> Vec<Opened<Extension>> {
        let groups = self.groups().into_iter().zip(points).enumerate();
        groups
            .map(|(height, (group, points))| {
                let all: Vec<_> =
                    commitments.iter().flat_map(|of| &of.polynomials[height]).collect();
                let value = |polynomial: usize, point: Extension| {
                    all[polynomial].to_extension::<D>().eval(point)
                };
                let here = (0..all.len()).into_par_iter().map(|i| value(i, points.here)).collect();
                let [columns, ..] = group.polynomials();
                let sums = group.sums().into_iter();
                let next = sums.map(|sum| value(columns + sum, points.next)).collect();
                Opened { here, next }
            })
            .collect()
    }
}
