//! Statements of the recursions that end in the outer proof.
//!
//! These recursions are private to their module, so the same circuit is built here, from the same
//! calls, with one statement left out. Against each of these circuits a lie must pass that the
//! whole circuit refuses.

use std::sync::OnceLock;

use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::VerifierCircuitTarget;
use plonky2::plonk::proof::ProofWithPublicInputsTarget;
use sheaf_circuits::public_values::PUBLIC_VALUES;
use sheaf_plonk::outer::InnerProof;
use sheaf_plonk::proof::{Builder, C, Circuit, D, F, config};

use super::Mutant;
use crate::development_batch::DevelopmentBatch;
use crate::trace::Layout;

/// What a recursion does not say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    /// That the proof verifies.
    Verification,
    /// That verifier data are constants.
    Constants,
    /// That public inputs are those of the proof.
    Values,
}

/// A recursion without one of its statements.
struct Recursion {
    data: Circuit,
    inner: ProofWithPublicInputsTarget<D>,
    verifier: VerifierCircuitTarget,
    stated: Vec<Target>,
}

impl Recursion {
    fn build(batch: &DevelopmentBatch, left: Left) -> Self {
        let (common, own) = (&batch.data.common, &batch.data.verifier_only);
        let mut builder = Builder::new(config());
        let inner = builder.add_virtual_proof_with_pis(common);
        let verifier = match left {
            Left::Constants => {
                builder.add_virtual_verifier_data(common.config.fri_config.cap_height)
            }
            _ => builder.constant_verifier_data(own),
        };
        if left != Left::Verification {
            builder.verify_proof::<C>(&inner, &verifier, common);
        }
        let stated = match left {
            Left::Values => builder.add_virtual_targets(PUBLIC_VALUES),
            _ => inner.public_inputs.clone(),
        };
        builder.register_public_inputs(&stated);
        Self { data: builder.build(), inner, verifier, stated }
    }

    /// Whether a prover may give this proof, state these values, and put another circuit's verifier
    /// data where the recursion asks for some.
    fn accepts(&self, proof: &InnerProof, values: &[F], other: Option<&DevelopmentBatch>) -> bool {
        let layout = Layout::new(&self.data);
        let mut witness = PartialWitness::new();
        witness.set_proof_with_pis_target(&self.inner, proof).expect("a proof of that shape");
        if let Some(other) = other {
            let set = witness.set_verifier_data_target(&self.verifier, &other.data.verifier_only);
            set.expect("set once");
        }
        let stated: Vec<(Target, F)> =
            self.stated.iter().copied().zip(values.iter().copied()).collect();
        layout.fill(witness, &stated).violations().is_empty()
    }
}

/// Two circuits of one shape, and recursions over the first.
struct World {
    batch: DevelopmentBatch,
    other: DevelopmentBatch,
    whole: Recursion,
    mutants: [Recursion; 3],
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let (batch, other) = (DevelopmentBatch::build(), DevelopmentBatch::build_marked(3));
        let build = |left| Recursion::build(&batch, left);
        let mutants = [Left::Verification, Left::Constants, Left::Values].map(build);
        World { whole: build(Left::Nothing), mutants, batch, other }
    })
}

/// The proof of another statement than its own.
fn is_unverified_proof_noticed() -> bool {
    let World { batch, whole, mutants, .. } = world();
    let (_, mut proof) = batch.prove(7);
    proof.public_inputs[0] += F::ONE;
    let values = proof.public_inputs.clone();
    mutants[0].accepts(&proof, &values, None) && !whole.accepts(&proof, &values, None)
}

/// The proof of another circuit.
fn is_other_circuit_noticed() -> bool {
    let World { other, whole, mutants, .. } = world();
    let (_, proof) = other.prove(7);
    let values = proof.public_inputs.clone();
    mutants[1].accepts(&proof, &values, Some(other)) && !whole.accepts(&proof, &values, None)
}

/// One value that is not the proof's.
fn is_other_value_noticed(value: usize) -> bool {
    let World { batch, whole, mutants, .. } = world();
    let (_, proof) = batch.prove(7);
    let mut values = proof.public_inputs.clone();
    values[value] += F::ONE;
    mutants[2].accepts(&proof, &values, None) && !whole.accepts(&proof, &values, None)
}

/// Each statement, that about public inputs once for each of them.
pub(super) fn mutants() -> Vec<Mutant> {
    let value = |value: usize| {
        Mutant::new(format!("public value {value}"), move || is_other_value_noticed(value))
    };
    let mut mutants: Vec<Mutant> = (0..PUBLIC_VALUES).map(value).collect();
    mutants.push(Mutant::new("a proof verifies", is_unverified_proof_noticed));
    mutants.push(Mutant::new("verifier data are constants", is_other_circuit_noticed));
    mutants
}
