//! The outer circuit as the wrap sees it: shape, gates and verifier data, which are all constants
//! of the R1CS. [`OuterVerifier::new`] refuses a circuit that the wrap cannot verify.

use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::Field;
use plonky2::fri::proof::{FriInitialTreeProof, FriProof, FriQueryRound, FriQueryStep};
use plonky2::hash::merkle_proofs::MerkleProof;
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::plonk::circuit_data::{CommonCircuitData, VerifierOnlyCircuitData};
use plonky2::plonk::proof::{OpeningSet, Proof};

use super::gates::Gate;
use crate::bn254::{Bn254Config, Bn254Digest, CHALLENGE_BITS};
use crate::error::Error;
use crate::outer::{D, OuterProof};
use crate::packing::Packing;
use crate::proof::REPETITIONS;

/// The factor by which every FRI step folds the polynomial, as a power of two.
pub(crate) const ARITY_BITS: usize = 4;
/// Evaluations opened at a FRI step.
pub(crate) const ARITY: usize = 1 << ARITY_BITS;
/// Challenges α of the PLONK argument, and as many β and γ.
pub(crate) const CHALLENGES: usize = REPETITIONS;

type F = GoldilocksField;
type Ext = QuadraticExtension<F>;

/// Everything about the outer circuit that is a constant of the wrap.
#[derive(Clone, Debug)]
pub struct OuterVerifier {
    pub(super) common: CommonCircuitData<F, D>,
    pub(super) verifier_only: VerifierOnlyCircuitData<Bn254Config, D>,
    /// The gates of the circuit, in the order of their selectors' values.
    pub(super) gates: Vec<Gate>,
    pub(super) packing: Packing,
}

impl OuterVerifier {
    /// Describes an outer circuit, whose public inputs `packing` places in the Groth16 inputs, and
    /// checks that the wrap covers the circuit.
    ///
    /// # Errors
    /// [`Error::UnsupportedShape`] for a parameter that the wrap does not cover, or for another
    /// number of public inputs than the packing has places. [`Error::UnsupportedGate`] for a gate
    /// that the wrap has no constraints for.
    pub fn new(
        packing: &Packing,
        common: &CommonCircuitData<F, D>,
        verifier_only: &VerifierOnlyCircuitData<Bn254Config, D>,
    ) -> Result<Self, Error> {
        let fri = &common.fri_params;
        let requirements = [
            (common.num_public_inputs == packing.values(), "public inputs"),
            (common.num_lookup_polys == 0 && common.num_lookup_selectors == 0, "lookups"),
            (!fri.leaf_hiding && !common.config.zero_knowledge, "hiding leaves"),
            (common.config.num_challenges == CHALLENGES, "number of challenges"),
            (common.public_initial_degree_bits() == common.degree_bits(), "initial degree"),
            (fri.degree_bits == common.degree_bits(), "FRI degree"),
            (fri.reduction_arity_bits.iter().all(|&bits| bits == ARITY_BITS), "FRI arity"),
            (fri.lde_bits() < CHALLENGE_BITS, "evaluation domain"),
            (
                fri.lde_bits() >= fri.total_arities() + fri.config.cap_height,
                "cap above the last FRI tree",
            ),
            (fri.config.proof_of_work_bits as usize <= CHALLENGE_BITS, "grinding bits"),
        ];
        for (is_met, what) in requirements {
            if !is_met {
                return Err(Error::UnsupportedShape { what });
            }
        }
        let gates = common.gates.iter().map(Gate::recognise).collect::<Result<_, _>>()?;
        Ok(Self {
            common: common.clone(),
            verifier_only: verifier_only.clone(),
            gates,
            packing: *packing,
        })
    }

    pub(super) fn degree_bits(&self) -> usize {
        self.common.degree_bits()
    }

    /// The number of columns of each of the four oracles.
    fn oracle_widths(&self) -> [usize; 4] {
        let common = &self.common;
        [
            common.num_constants + common.config.num_routed_wires,
            common.config.num_wires,
            CHALLENGES * (1 + common.num_partial_products),
            CHALLENGES * common.quotient_degree_factor,
        ]
    }

    /// A proof of the circuit's shape whose every value is zero. Setup assigns this proof, and the
    /// shape of a real proof is compared with it.
    pub(super) fn zero_proof(&self) -> OuterProof {
        let common = &self.common;
        let params = &common.fri_params;
        let digest = Bn254Digest(ark_bn254::Fr::from(0u64));
        let cap = || MerkleCap(vec![digest; params.config.num_cap_elements()]);
        let path = |height: usize| MerkleProof {
            siblings: vec![digest; height - params.config.cap_height],
        };
        let ext = |count: usize| vec![Ext::ZERO; count];
        let steps = (1..=params.reduction_arity_bits.len()).map(|step| FriQueryStep {
            evals: ext(ARITY),
            merkle_proof: path(params.lde_bits() - step * ARITY_BITS),
        });
        let query = FriQueryRound {
            initial_trees_proof: FriInitialTreeProof {
                evals_proofs: self
                    .oracle_widths()
                    .map(|width| (vec![F::ZERO; width], path(params.lde_bits())))
                    .to_vec(),
            },
            steps: steps.collect(),
        };
        OuterProof {
            proof: Proof {
                wires_cap: cap(),
                plonk_zs_partial_products_cap: cap(),
                quotient_polys_cap: cap(),
                openings: OpeningSet {
                    constants: ext(common.num_constants),
                    plonk_sigmas: ext(common.config.num_routed_wires),
                    wires: ext(common.config.num_wires),
                    plonk_zs: ext(CHALLENGES),
                    plonk_zs_next: ext(CHALLENGES),
                    partial_products: ext(CHALLENGES * common.num_partial_products),
                    quotient_polys: ext(CHALLENGES * common.quotient_degree_factor),
                    lookup_zs: Vec::new(),
                    lookup_zs_next: Vec::new(),
                },
                opening_proof: FriProof {
                    commit_phase_merkle_caps: params
                        .reduction_arity_bits
                        .iter()
                        .map(|_| cap())
                        .collect(),
                    query_round_proofs: vec![query; params.config.num_query_rounds],
                    final_poly: PolynomialCoeffs::new(ext(params.final_poly_len())),
                    pow_witness: F::ZERO,
                },
            },
            public_inputs: vec![F::ZERO; self.packing.values()],
        }
    }
}

/// The lengths of all lists in a proof, in a fixed order. Two proofs have the same shape if these
/// lengths are equal.
pub(super) fn lengths(proof: &OuterProof) -> Vec<usize> {
    let Proof {
        wires_cap,
        plonk_zs_partial_products_cap,
        quotient_polys_cap,
        openings,
        opening_proof,
    } = &proof.proof;
    let OpeningSet {
        constants,
        plonk_sigmas,
        wires,
        plonk_zs,
        plonk_zs_next,
        partial_products,
        quotient_polys,
        lookup_zs,
        lookup_zs_next,
    } = openings;
    let FriProof { commit_phase_merkle_caps, query_round_proofs, final_poly, pow_witness: _ } =
        opening_proof;
    let mut lengths = vec![proof.public_inputs.len()];
    lengths
        .extend([wires_cap, plonk_zs_partial_products_cap, quotient_polys_cap].map(|c| c.0.len()));
    lengths.extend(
        [
            constants,
            plonk_sigmas,
            wires,
            plonk_zs,
            plonk_zs_next,
            partial_products,
            quotient_polys,
            lookup_zs,
            lookup_zs_next,
            &final_poly.coeffs,
        ]
        .map(Vec::len),
    );
    lengths.push(commit_phase_merkle_caps.len());
    lengths.extend(commit_phase_merkle_caps.iter().map(|cap| cap.0.len()));
    lengths.push(query_round_proofs.len());
    for FriQueryRound { initial_trees_proof, steps } in query_round_proofs {
        lengths.push(initial_trees_proof.evals_proofs.len());
        for (leaf, path) in &initial_trees_proof.evals_proofs {
            lengths.extend([leaf.len(), path.siblings.len()]);
        }
        lengths.push(steps.len());
        for FriQueryStep { evals, merkle_proof } in steps {
            lengths.extend([evals.len(), merkle_proof.siblings.len()]);
        }
    }
    lengths
}
