//! The outer proof as variables of the R1CS.
//!
//! 1. Every Goldilocks element of the proof is canonical.
//! 2. Every cap digest and the elements that the transcript observes for the digest determine each
//!    other.
//!
//! Siblings of Merkle paths are unconstrained here; `merkle` hashes them.

use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::PrimeField64;
use plonky2::fri::proof::{FriProof, FriQueryRound, FriQueryStep};
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::plonk::proof::{OpeningSet, Proof};

use super::builder::{Builder, Linear};
use super::extension::Ext;
use super::goldilocks::Element;
use super::merkle::MerkleOpening;
use super::transcript::digest_chunks;
use crate::bn254::{Bn254Digest, Bn254PoseidonHash};
use crate::outer::OuterProof;

type F = GoldilocksField;

/// A Merkle cap.
pub(crate) struct Cap {
    pub(crate) digests: Vec<Linear>,
    /// The elements of all digests, in the order in which the transcript observes them.
    pub(crate) chunks: Vec<Element>,
}

/// The values of all polynomials at ζ, and of the polynomials Z at g·ζ too (`zs_next`).
pub(crate) struct Openings {
    pub(crate) constants: Vec<Ext>,
    pub(crate) sigmas: Vec<Ext>,
    pub(crate) wires: Vec<Ext>,
    pub(crate) zs: Vec<Ext>,
    pub(crate) zs_next: Vec<Ext>,
    pub(crate) partial_products: Vec<Ext>,
    pub(crate) quotients: Vec<Ext>,
}

impl Openings {
    /// The values at ζ, in the order of the oracles' columns.
    pub(crate) fn at_zeta(&self) -> Vec<Ext> {
        [
            &self.constants,
            &self.sigmas,
            &self.wires,
            &self.zs,
            &self.partial_products,
            &self.quotients,
        ]
        .into_iter()
        .flatten()
        .cloned()
        .collect()
    }
}

/// One step of a FRI query: the opened evaluations of a coset and their Merkle path.
pub(crate) struct FriStep {
    pub(crate) evaluations: Vec<Ext>,
    pub(crate) siblings: Vec<Linear>,
}

/// One FRI query: the openings of the four oracles, and the steps.
pub(crate) struct Query {
    pub(crate) oracles: Vec<MerkleOpening>,
    pub(crate) steps: Vec<FriStep>,
}

/// The variables of a whole outer proof.
pub(crate) struct ProofWitness {
    /// The public values, each with its 64 bits, the lowest first.
    pub(crate) public_values: Vec<(Element, Vec<Linear>)>,
    pub(crate) wires_cap: Cap,
    pub(crate) zs_cap: Cap,
    pub(crate) quotient_cap: Cap,
    pub(crate) openings: Openings,
    pub(crate) step_caps: Vec<Cap>,
    pub(crate) queries: Vec<Query>,
    pub(crate) final_poly: Vec<Ext>,
    pub(crate) pow_witness: Element,
}

impl ProofWitness {
    pub(crate) fn allocate(builder: &mut Builder, proof: &OuterProof) -> Self {
        let Proof {
            wires_cap,
            plonk_zs_partial_products_cap,
            quotient_polys_cap,
            openings,
            opening_proof,
        } = &proof.proof;
        let FriProof { commit_phase_merkle_caps, query_round_proofs, final_poly, pow_witness } =
            opening_proof;
        Self {
            public_values: builder.within("public values", |builder| {
                let values = proof.public_inputs.iter().map(PrimeField64::to_canonical_u64);
                values.map(|value| builder.canonical_with_bits(value)).collect()
            }),
            wires_cap: allocate_cap(builder, wires_cap),
            zs_cap: allocate_cap(builder, plonk_zs_partial_products_cap),
            quotient_cap: allocate_cap(builder, quotient_polys_cap),
            openings: allocate_openings(builder, openings),
            step_caps: commit_phase_merkle_caps
                .iter()
                .map(|cap| allocate_cap(builder, cap))
                .collect(),
            queries: query_round_proofs
                .iter()
                .map(|query| allocate_query(builder, query))
                .collect(),
            final_poly: builder.within("coefficients of the final polynomial", |builder| {
                allocate_exts(builder, &final_poly.coeffs)
            }),
            pow_witness: builder
                .within("grinding", |builder| builder.canonical(pow_witness.to_canonical_u64())),
        }
    }
}

fn allocate_exts(builder: &mut Builder, values: &[QuadraticExtension<F>]) -> Vec<Ext> {
    values.iter().map(|value| builder.ext_canonical(value)).collect()
}

fn allocate_cap(builder: &mut Builder, cap: &MerkleCap<F, Bn254PoseidonHash>) -> Cap {
    builder.within("caps", |builder| {
        let digests = allocate_digests(builder, &cap.0);
        let chunks = digests.iter().flat_map(|digest| digest_chunks(builder, digest)).collect();
        Cap { digests, chunks }
    })
}

fn allocate_digests(builder: &mut Builder, digests: &[Bn254Digest]) -> Vec<Linear> {
    digests.iter().map(|digest| builder.witness(digest.0)).collect()
}

fn allocate_siblings(builder: &mut Builder, siblings: &[Bn254Digest]) -> Vec<Linear> {
    builder.within("siblings", |builder| allocate_digests(builder, siblings))
}

fn allocate_openings(builder: &mut Builder, openings: &OpeningSet<F, 2>) -> Openings {
    let OpeningSet {
        constants,
        plonk_sigmas,
        wires,
        plonk_zs,
        plonk_zs_next,
        partial_products,
        quotient_polys,
        lookup_zs: _,
        lookup_zs_next: _,
    } = openings;
    builder.within("openings", |builder| Openings {
        constants: allocate_exts(builder, constants),
        sigmas: allocate_exts(builder, plonk_sigmas),
        wires: allocate_exts(builder, wires),
        zs: allocate_exts(builder, plonk_zs),
        zs_next: allocate_exts(builder, plonk_zs_next),
        partial_products: allocate_exts(builder, partial_products),
        quotients: allocate_exts(builder, quotient_polys),
    })
}

fn allocate_query(builder: &mut Builder, query: &FriQueryRound<F, Bn254PoseidonHash, 2>) -> Query {
    let FriQueryRound { initial_trees_proof, steps } = query;
    Query {
        oracles: initial_trees_proof
            .evals_proofs
            .iter()
            .map(|(leaf, path)| MerkleOpening {
                leaf: builder.within("leaves", |builder| {
                    leaf.iter().map(|x| builder.canonical(x.to_canonical_u64())).collect()
                }),
                siblings: allocate_siblings(builder, &path.siblings),
            })
            .collect(),
        steps: steps
            .iter()
            .map(|FriQueryStep { evals, merkle_proof }| FriStep {
                evaluations: builder
                    .within("FRI evaluations", |builder| allocate_exts(builder, evals)),
                siblings: allocate_siblings(builder, &merkle_proof.siblings),
            })
            .collect(),
    }
}
