//! An honest run of a circuit's generators, from which tests make lies without running every
//! generator again.
//!
//! A lie fixes the values of some targets. Only the generators that depend on these targets run
//! again. All other values stay, because their generators would compute the same values again.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::iop::generator::GeneratedValues;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, PartitionWitness};

use super::{Layout, Trace};

/// The values of an honest prover and who made them.
pub(crate) struct Run<'a> {
    layout: &'a Layout<'a>,
    witness: PartitionWitness<'a, F>,
    /// By class: whether the prover was given its value.
    given: Vec<bool>,
    /// By generator: the classes whose value is its own.
    filled: Vec<Vec<usize>>,
    trace: Trace<'a>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(layout: &'a Layout<'a>, inputs: &PartialWitness<F>) -> Self {
        let trace = layout.fill(inputs.clone(), &[]);
        assert_eq!(trace.violations(), vec![]);
        let prover = &layout.circuit.prover_only;
        let map = &prover.representative_map;
        let mut witness = PartitionWitness::new(layout.columns(), layout.rows(), map);
        let mut given = vec![false; map.len()];
        for (target, value) in &inputs.target_values {
            let class = layout.class(*target);
            witness.values[class] = Some(*value);
            given[class] = true;
        }
        let mut run =
            Self { layout, witness, given, filled: vec![vec![]; prover.generators.len()], trace };
        let all = (0..prover.generators.len()).collect();
        for (generator, class) in run.generate(all) {
            run.filled[generator].push(class);
        }
        run
    }

    pub(crate) const fn honest(&self) -> &Trace<'a> {
        &self.trace
    }

    /// Whether the prover is given this target's value.
    pub(crate) fn is_given(&self, target: Target) -> bool {
        self.given[self.layout.class(target)]
    }

    /// Runs generators until all are finished; returns which has set which class.
    fn generate(&mut self, mut pending: Vec<usize>) -> Vec<(usize, usize)> {
        let (mut filled, mut buffer) = (Vec::new(), GeneratedValues::empty());
        while !pending.is_empty() {
            let before = pending.len();
            pending.retain(|&generator| {
                let run = &self.layout.circuit.prover_only.generators[generator].0;
                let finished = run.run(&self.witness, &mut buffer);
                for (target, value) in buffer.target_values.drain(..) {
                    let class = self.layout.class(target);
                    if self.witness.values[class].is_none() {
                        self.witness.values[class] = Some(value);
                        filled.push((generator, class));
                    }
                }
                !finished
            });
            assert!(pending.len() < before, "{before} generators lack inputs");
        }
        filled
    }

    /// The generators behind these classes, in order, and the classes whose value is theirs.
    fn behind(&self, forced: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let watches = &self.layout.circuit.prover_only.generator_indices_by_watches;
        let mut reached = vec![false; self.filled.len()];
        let (mut classes, mut next) = (Vec::new(), forced.to_vec());
        while let Some(class) = next.pop() {
            for &generator in watches.get(&class).into_iter().flatten() {
                if !std::mem::replace(&mut reached[generator], true) {
                    let own = self.filled[generator].iter().filter(|own| !forced.contains(own));
                    classes.extend(own.clone());
                    next.extend(own);
                }
            }
        }
        let generators = (0..reached.len()).filter(|generator| reached[*generator]).collect();
        (generators, classes)
    }

    /// What follows for a prover who has decided on `forced`: hands `judge` the wires that have
    /// changed, the trace with them, and whether anything is broken; then takes it all back.
    pub(crate) fn lie<R>(
        &mut self,
        forced: &[(Target, F)],
        judge: impl FnOnce(&Trace, &[usize], bool) -> R,
    ) -> R {
        let decided: Vec<usize> =
            forced.iter().map(|(target, _)| self.layout.class(*target)).collect();
        let (generators, behind) = self.behind(&decided);
        let touched: Vec<usize> = behind.into_iter().chain(decided).collect();
        let honest: Vec<Option<F>> =
            touched.iter().map(|class| self.witness.values[*class]).collect();
        touched.iter().for_each(|class| self.witness.values[*class] = None);
        for (target, value) in forced {
            self.witness.values[self.layout.class(*target)] = Some(*value);
        }
        self.generate(generators);
        let mut changed = Vec::new();
        for (class, was) in touched.iter().zip(&honest) {
            let value = self.witness.values[*class];
            if value != *was {
                let wires = &self.layout.classes[*class];
                wires.iter().for_each(|wire| self.trace.set(*wire, value.unwrap_or_default()));
                changed.extend(wires);
            }
        }
        let broken = self.trace.breaks(&changed);
        let judged = judge(&self.trace, &changed, broken);
        for (class, was) in touched.iter().zip(&honest) {
            self.witness.values[*class] = *was;
            for wire in &self.layout.classes[*class] {
                self.trace.set(*wire, was.unwrap_or_default());
            }
        }
        judged
    }
}
