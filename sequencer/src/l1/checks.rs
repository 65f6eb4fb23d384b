//! Whether an L1 node, the contract and this program belong together.

use alloy::primitives::{Address, B256, FixedBytes, U256, keccak256};
use alloy::providers::Provider;
use sheaf_contracts::deployment::VerifierKey;
use sheaf_wire::development;

use super::{DevelopmentVerifier, Groth16Verifier, L1, L1Error, Sheaf, transport};

impl L1 {
    /// Checks that the node's chain is the rollup's, and that the contract there has the domain to
    /// which this rollup's proofs and signatures are bound.
    ///
    /// # Errors
    /// `OtherChain` when the node's chain id is another; `NoContract` when there is no code at the
    /// contract's address; `NotSheaf` when the code there returns no domain; `OtherDomain` when it
    /// returns another domain; `Silent` or `Refused` when the node does not answer.
    pub(super) async fn check_rollup(&self) -> Result<(), L1Error> {
        let (contract, expected) = (self.contract(), self.nodes.chain_id);
        let found =
            self.ask("the chain id", || async { self.provider().get_chain_id().await }).await?;
        if found != expected {
            return Err(L1Error::OtherChain { node: self.node_name().to_owned(), expected, found });
        }
        let code = self
            .ask("the contract's code", || async { self.provider().get_code_at(contract).await })
            .await?;
        if code.is_empty() {
            return Err(L1Error::NoContract { node: self.node_name().to_owned(), contract });
        }
        self.check_domain().await
    }

    async fn check_domain(&self) -> Result<(), L1Error> {
        let contract = Sheaf::new(self.contract(), self.provider());
        let answer = self
            .ask("the domain", || async { contract.domain().call().await.map_err(transport) })
            .await;
        let found = answer.map_err(|error| match error {
            L1Error::Unreadable { reason, .. } | L1Error::Reverted { reason, .. } => {
                L1Error::NotSheaf { contract: self.contract(), reason }
            }
            other => other,
        })?;
        let expected = FixedBytes(self.nodes.domain().to_bytes());
        if found == expected {
            Ok(())
        } else {
            Err(L1Error::OtherDomain { contract: self.contract(), expected, found })
        }
    }

    /// Checks that the contract verifies proofs with `key`, before any proof is made.
    ///
    /// # Errors
    /// `OtherKey` when the contract's verifier has another Groth16 key; `NoKey` when it has none;
    /// `NotForDevelopment` when `key` is for development and the verifier refuses a development
    /// proof; `Silent`, `Refused` or `Reverted` when the node returns another error, or none.
    pub async fn check_key(&self, key: &VerifierKey) -> Result<(), L1Error> {
        let contract = Sheaf::new(self.contract(), self.provider());
        let verifier = self
            .ask("the verifier", || async { contract.verifier().call().await.map_err(transport) })
            .await?;
        match key {
            VerifierKey::Groth16(_) => self.check_key_hash(verifier, key.hash()).await,
            VerifierKey::Development => self.check_is_for_development(verifier).await,
        }
    }

    async fn check_key_hash(&self, verifier: Address, expected: B256) -> Result<(), L1Error> {
        let contract = Groth16Verifier::new(verifier, self.provider());
        let answer = self
            .ask("the key", || async { contract.keyHash().call().await.map_err(transport) })
            .await;
        match answer {
            Ok(found) if found == expected => Ok(()),
            Ok(found) if found == VerifierKey::Development.hash() => {
                Err(L1Error::NoKey { verifier })
            }
            Ok(found) => Err(L1Error::OtherKey { expected, found }),
            Err(L1Error::Reverted { .. }) => Err(L1Error::NoKey { verifier }),
            Err(other) => Err(other),
        }
    }

    /// Checks that the verifier accepts a development proof of inputs that are all zero, which no
    /// real verifier accepts.
    async fn check_is_for_development(&self, verifier: Address) -> Result<(), L1Error> {
        let contract = DevelopmentVerifier::new(verifier, self.provider());
        let claim = [development::PROOF_NAME, &[0; 7 * 32]].concat();
        let mut proof = [U256::ZERO; 8];
        proof[0] = keccak256(claim).into();
        let accepted = self
            .ask("a development proof", || async {
                contract.verify(proof, [U256::ZERO; 7]).call().await.map_err(transport)
            })
            .await?;
        if accepted { Ok(()) } else { Err(L1Error::NotForDevelopment { verifier }) }
    }
}
