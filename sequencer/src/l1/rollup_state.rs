//! The rollup's state as the contract returns it for one block, independently of logs.

use alloy::contract::Error;
use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::transports::TransportResult;
use sheaf_ledger::DataMode;

use super::{ISheaf, L1, L1Error, Sheaf, transport};

/// The rollup's state in the contract; all zero before the contract is deployed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RollupState {
    /// The number of requests since the contract's deployment.
    pub requests: u64,
    /// The newest batch that was verified; 0 before the first.
    pub batches: u64,
    /// The State digest after that batch.
    pub state: B256,
}

impl L1 {
    /// The rollup's state after a block. With the block's hash, all values are of one history of
    /// L1.
    ///
    /// # Errors
    /// `Refused` by a node that has no such block, or has forgotten the state after it;
    /// `Silent`.
    pub(crate) async fn rollup_state(&self, block: BlockId) -> Result<RollupState, L1Error> {
        let contract = Sheaf::new(self.contract(), self.provider());
        let queue = self
            .ask("the contract's queue", || async {
                there(contract.queue().block(block).call().await)
            })
            .await?;
        let Some(queue) = queue else { return Ok(RollupState::default()) };
        let batches = self.verified_at(block).await?;
        let state = self
            .ask("the contract's state", || async {
                contract.state().block(block).call().await.map_err(transport)
            })
            .await?;
        Ok(RollupState { requests: queue.tail, batches, state })
    }

    /// Checks that the contract takes batches with data words in this mode from `account`, before
    /// any batch is made.
    ///
    /// # Errors
    /// `NotOperator` when `account` is not the operator and no request is overdue, or has code and
    /// is not the operator, and then `RoleLent` if `account` holds the role and another account has
    /// taken it over; `AccountHasCode` when `account` has code and the words are to travel in
    /// calldata; `Silent` or `Refused` when the node does not answer.
    pub async fn check_submitter(
        &self,
        account: Address,
        data_mode: DataMode,
    ) -> Result<(), L1Error> {
        match (self.refusal_of(account).await?, data_mode) {
            (Some(Sheaf::SheafErrors::NotExternallyOwned(_)), DataMode::Calldata) => {
                Err(L1Error::AccountHasCode { account })
            }
            // Words in blobs are there for everybody, whatever the account's code does.
            (Some(Sheaf::SheafErrors::NotExternallyOwned(_)), DataMode::Blobs) => {
                self.check_operator(account).await
            }
            (Some(Sheaf::SheafErrors::OperatorNotSilent(_)), _) => {
                self.check_operator(account).await
            }
            // The contract refused the call for another reason than its sender.
            (Some(_) | None, _) => Ok(()),
        }
    }

    async fn check_operator(&self, account: Address) -> Result<(), L1Error> {
        let contract = Sheaf::new(self.contract(), self.provider());
        let operator = self
            .ask("the operator", || async { contract.operator().call().await.map_err(transport) })
            .await?;
        if operator == account {
            return Ok(());
        }
        let lease = self
            .ask("the lease", || async { contract.lease().call().await.map_err(transport) })
            .await?;
        Err(match lease.leaseEnd {
            lease_end if lease_end != 0 && lease.holder == account => {
                L1Error::RoleLent { account, leaseholder: operator, lease_end }
            }
            _ => L1Error::NotOperator { operator, account },
        })
    }

    /// The contract's refusal when `account` finalises batch 0, which never exists. The contract
    /// checks the caller before it checks the batch.
    async fn refusal_of(&self, account: Address) -> Result<Option<Sheaf::SheafErrors>, L1Error> {
        let contract = Sheaf::new(self.contract(), self.provider());
        let nothing =
            ISheaf::Batch { number: 0, postState: B256::ZERO, chains: B256::ZERO, timestamp: 0 };
        let (none, proof) = (Bytes::new(), [U256::ZERO; 8]);
        let call = contract.finalise(nothing, none.clone(), none, proof).from(account);
        self.ask("who may finalise", || async {
            let Err(refusal) = call.call().await else { return Ok(None) };
            let reason = refusal.as_decoded_interface_error::<Sheaf::SheafErrors>();
            reason.map(Some).ok_or_else(|| transport(refusal))
        })
        .await
    }
}

/// The contract's answer; nothing when the contract does not exist yet, because a call then returns
/// no data.
fn there<T>(answer: Result<T, Error>) -> TransportResult<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Error::ZeroData(..)) => Ok(None),
        Err(other) => Err(transport(other)),
    }
}
