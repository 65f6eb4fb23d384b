//! The circuit of a chunk of signatures: a program builds it once and proves each chunk with it.

use plonky2::iop::target::Target;
use plonky2::iop::witness::PartialWitness;
use rayon::prelude::*;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::DecodedKey;
use sheaf_crypto::signature::verify;
use sheaf_ledger::chunk::SignatureChunk;
use sheaf_ledger::step::OwedSignature;
use sheaf_ledger::transaction::SignedMessage;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::{Builder, Circuit, F, Proof, config, set, set_digest};
use sheaf_plonk::prover::prove_verified;

use crate::error::Error;
use crate::signature::link::{LinkWires, add_link_checked};

/// Twice the rows of one position: 21 rows of the ladder, one that opens the signature, five
/// permutations, and half a row of arithmetic (10 of its 20 operations).
pub const HALF_ROWS_PER_SIGNATURE: usize = 55;

/// Rows beside the positions: public inputs, their hash, constants, and a row of arithmetic that is
/// not full.
const FIXED_ROWS: usize = 16;

/// A circuit for chunks of at most a fixed number of signatures.
#[derive(Debug)]
pub struct SignatureCircuit {
    /// plonky2's circuit.
    pub data: Circuit,
    before: [Target; 4],
    links: Vec<LinkWires<Target>>,
}

impl SignatureCircuit {
    /// Signatures that fit into 2^`degree_bits` rows.
    pub const fn capacity_for(degree_bits: usize) -> usize {
        2 * (1_usize << degree_bits).saturating_sub(FIXED_ROWS) / HALF_ROWS_PER_SIGNATURE
    }

    /// Builds the circuit for chunks of at most `capacity` signatures.
    pub fn build(capacity: usize) -> Self {
        let mut builder = Builder::new(config());
        let before = core::array::from_fn(|_| builder.add_virtual_target());
        builder.register_public_inputs(&before);
        let mut chain = before;
        let mut links: Vec<LinkWires<Target>> = Vec::with_capacity(capacity);
        for _ in 0..capacity {
            let previous = links.last().map(|link| link.active[0]);
            let (link, after) = add_link_checked(&mut builder, chain, previous);
            links.push(link);
            chain = after;
        }
        builder.register_public_inputs(&chain);
        Self { data: builder.build(), before, links }
    }

    /// Positions of the circuit: the largest number of signatures in a chunk.
    pub fn capacity(&self) -> usize {
        self.links.len()
    }

    /// The values that the chain `before` and `links` give to the circuit's targets. Signatures are
    /// not checked here: if a signature is invalid, no witness satisfies the circuit.
    ///
    /// # Errors
    /// `Capacity` unless `links` has exactly one element for each position.
    pub fn partial_witness(
        &self,
        before: &Digest,
        links: &[LinkWires<F>],
    ) -> Result<PartialWitness<F>, Error> {
        let (found, capacity) = (links.len(), self.capacity());
        if found != capacity {
            return Err(Error::Capacity { capacity, found });
        }
        let mut witness = PartialWitness::new();
        set_digest(&mut witness, &self.before, before)?;
        for (link, targets) in links.iter().zip(&self.links) {
            let mut values = Vec::with_capacity(<LinkWires<F> as Wires<F>>::LENGTH);
            link.visit(&mut |value| values.push(value));
            let mut values = values.into_iter();
            let mut result = Ok(());
            targets.visit(&mut |target| {
                if let (Some(value), Ok(())) = (values.next(), &result) {
                    result = set(&mut witness, target, value);
                }
            });
            result?;
        }
        Ok(witness)
    }

    /// Proves that the chunk's messages were signed; fills up with inactive positions.
    ///
    /// # Errors
    /// `Capacity` if the chunk has more signatures than the circuit has positions; `Signature` if a
    /// key or a signature is invalid; `WrongEnd` if the links do not lead from the chunk's chain
    /// before to its chain after; `Witness` if plonky2 finds no witness; `Refused` if the proof
    /// does not verify.
    pub fn prove(&self, chunk: &SignatureChunk) -> Result<Proof, Error> {
        let links = self.honest_links(chunk)?;
        Ok(prove_verified(&self.data, self.partial_witness(&chunk.before, &links)?)?)
    }

    /// The values of the chunk's signatures, each checked, and of the padding.
    fn honest_links(&self, chunk: &SignatureChunk) -> Result<Vec<LinkWires<F>>, Error> {
        let SignatureChunk { before, messages, after } = chunk;
        let (found, capacity) = (messages.len(), self.capacity());
        if found > capacity {
            return Err(Error::Capacity { capacity, found });
        }
        check_signatures(messages)?;
        let mut links: Vec<_> = messages.par_iter().map(LinkWires::new).collect();
        let end = messages.iter().fold(*before, |chain, signed| {
            OwedSignature { signer: signed.signer(), message: signed.message }.link(&chain)
        });
        if end != *after {
            return Err(Error::WrongEnd { claimed: *after, found: end });
        }
        if found < capacity {
            links.resize(capacity, LinkWires::padding());
        }
        Ok(links)
    }
}

/// Checks every signature of a chunk.
///
/// # Errors
/// `Signature` for a key or a signature that is invalid.
pub(crate) fn check_signatures(messages: &[SignedMessage]) -> Result<(), Error> {
    messages.par_iter().enumerate().try_for_each(|(position, signed)| {
        let SignedMessage { key, address: _, message, signature } = signed;
        DecodedKey::new(*key)
            .and_then(|key| verify(&key, message, signature))
            .map_err(|reason| Error::Signature { position, reason })
    })
}
