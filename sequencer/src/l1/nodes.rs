//! The L1 nodes of a rollup: which answer, how far they are, and which one a step asks.
//!
//! A step of a stage asks one node from its first question to its last, so that its answers are of
//! one history. After a failure the stage's next step asks another node. The nodes come in the
//! operator's order: a step asks the first one that is well.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use alloy::network::Ethereum;
use alloy::primitives::Address;
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::transports::http::reqwest::Url;
use futures::future::join_all;
use sheaf_contracts::client;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::l1_address::L1Address;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::{L1, L1Error};
use crate::limits::{L1_BEHIND_MAX, L1_CALL_TIMEOUT, L1_PROBE_INTERVAL};
use crate::metrics;

/// One node, and what its answers have shown.
#[derive(Debug)]
pub(super) struct Node {
    /// Host and port of the node's URL, without the URL's secrets.
    pub name: String,
    pub provider: DynProvider<Ethereum>,
    /// Whether the node is known to be on the rollup's chain and to have its contract.
    is_checked: AtomicBool,
    /// Whether the last step that asked the node succeeded: decides which node is asked.
    is_well: AtomicBool,
    /// Whether the node answered the last question, if only with an error.
    answers: AtomicBool,
    /// The newest block that the node has shown; 0 before the first.
    head: AtomicU64,
}

/// All nodes of a rollup, shared by every stage.
#[derive(Debug)]
pub(super) struct Nodes {
    pub list: Vec<Node>,
    pub chain_id: u64,
    pub contract: Address,
    /// How long all nodes may be silent, or refuse requests, before a stage ends.
    pub patience: Duration,
    /// The node that answered a whole step last.
    answered: AtomicUsize,
}

/// A node as status shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeView {
    /// Host and port.
    pub name: String,
    /// Whether the node answered the last question.
    pub answers: bool,
    /// The newest block that the node has shown.
    pub head: Option<u64>,
}

impl Node {
    fn new(url: Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        let name = match url.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Self {
            name,
            provider: ProviderBuilder::default().connect_client(client(url)).erased(),
            is_checked: AtomicBool::new(false),
            is_well: AtomicBool::new(true),
            answers: AtomicBool::new(true),
            head: AtomicU64::new(0),
        }
    }

    fn is_well(&self) -> bool {
        self.is_well.load(Ordering::Relaxed)
    }
}

impl Nodes {
    pub(super) fn new(
        urls: impl IntoIterator<Item = impl AsRef<str>>,
        chain_id: u64,
        contract: L1Address,
        patience: Duration,
    ) -> Result<Self, L1Error> {
        let parse = |url: &str| url.parse().map_err(|reason| L1Error::Url { reason });
        let nodes = urls.into_iter().map(|url| Ok(Node::new(parse(url.as_ref())?)));
        let list = nodes.collect::<Result<Vec<_>, L1Error>>()?;
        if list.is_empty() {
            return Err(L1Error::NoNode);
        }
        let contract = contract.0.into();
        Ok(Self { list, chain_id, contract, patience, answered: AtomicUsize::new(0) })
    }

    /// The domain of the rollup, by its chain and its contract.
    pub(super) fn domain(&self) -> Domain {
        Domain::on_chain(self.chain_id, L1Address(self.contract.0.0))
    }

    /// The first node that is well and not in `avoided`. While there is none, the nodes take turns:
    /// the one after `last`, and not in `avoided` if another can be found.
    fn next(&self, last: usize, avoided: &BTreeSet<usize>) -> usize {
        let in_turn = || (1..=self.list.len()).map(|step| (last + step) % self.list.len());
        (0..self.list.len())
            .find(|index| self.list[*index].is_well() && !avoided.contains(index))
            .or_else(|| in_turn().find(|index| !avoided.contains(index)))
            .unwrap_or((last + 1) % self.list.len())
    }

    /// Whether a node is well that is not in `avoided`.
    pub(super) fn has_well(&self, avoided: &BTreeSet<usize>) -> bool {
        (0..).zip(&self.list).any(|(index, node)| node.is_well() && !avoided.contains(&index))
    }

    /// The newest block that the nodes other than `index` show, as far as they are well.
    fn newest_elsewhere(&self, index: usize) -> u64 {
        let others =
            (0..).zip(&self.list).filter(|(other, node)| *other != index && node.is_well());
        others.map(|(_, node)| node.head.load(Ordering::Relaxed)).max().unwrap_or(0)
    }

    fn note(&self, index: usize, is_well: bool) {
        self.list[index].is_well.store(is_well, Ordering::Relaxed);
        if is_well {
            self.answered.store(index, Ordering::Relaxed);
        }
    }
}

impl L1 {
    /// The name of the node that this step asks.
    pub(super) fn node_name(&self) -> &str {
        &self.nodes.list[self.index()].name
    }

    /// The place of the node that this step asks.
    pub(super) fn index(&self) -> usize {
        self.at.load(Ordering::Relaxed)
    }

    fn asking(&self, index: usize) -> Self {
        Self { nodes: Arc::clone(&self.nodes), at: AtomicUsize::new(index) }
    }

    /// The places of all nodes other than this step's.
    fn others(&self) -> impl Iterator<Item = usize> {
        let own = self.index();
        (0..self.nodes.list.len()).filter(move |index| *index != own)
    }

    /// Does a step with one node: the first that is well and not in `avoided`.
    ///
    /// # Errors
    /// The step's error; as `check_node` when the node is asked for the first time.
    pub(super) async fn step_avoiding<T, A>(
        &self,
        avoided: &BTreeSet<usize>,
        step: impl Fn() -> A,
    ) -> Result<T, L1Error>
    where
        A: Future<Output = Result<T, L1Error>>,
    {
        let index = self.nodes.next(self.index(), avoided);
        self.at.store(index, Ordering::Relaxed);
        let done = async {
            self.check_node().await?;
            step().await
        };
        let outcome = done.await;
        match &outcome {
            Ok(_) => self.nodes.note(index, true),
            Err(error) if error.is_of_a_node() => self.nodes.note(index, false),
            Err(_) => {}
        }
        outcome
    }

    /// Checks, before this step's node is asked anything else, that the node is on the rollup's
    /// chain and has its contract. A node is checked once.
    async fn check_node(&self) -> Result<(), L1Error> {
        let node = &self.nodes.list[self.index()];
        if !node.is_checked.load(Ordering::Relaxed) {
            self.check_rollup().await?;
            node.is_checked.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Checks every node that answers, all at the same time.
    ///
    /// # Errors
    /// `OtherChain`, `OtherDomain` or `NotSheaf` by the first node that belongs to another rollup.
    /// A node that does not answer, or has no contract yet, is checked when it is first asked.
    pub(crate) async fn check_nodes(&self) -> Result<(), L1Error> {
        let check = async |index: usize| {
            let node = self.asking(index);
            (index, node.check_node().await)
        };
        for (index, outcome) in join_all((0..self.nodes.list.len()).map(check)).await {
            match outcome {
                Ok(()) => {}
                Err(error) if error.is_another_rollup() => return Err(error),
                Err(error) => {
                    warn!(%error, "an L1 node cannot be asked yet");
                    self.nodes.note(index, false);
                }
            }
        }
        Ok(())
    }

    /// Notes whether this step's node has answered a question.
    pub(super) fn heard(&self, answers: bool) {
        let node = &self.nodes.list[self.index()];
        metrics::l1_node(&node.name, answers);
        if !node.answers.swap(answers, Ordering::Relaxed) && answers {
            info!(node = node.name, "the L1 node answers again");
        }
    }

    /// Notes the newest block that this step's node has shown.
    ///
    /// # Errors
    /// `NodeBehind` when another node is more than `L1_BEHIND_MAX` blocks ahead.
    pub(super) fn saw(&self, block: u64) -> Result<(), L1Error> {
        let index = self.index();
        self.nodes.list[index].head.store(block, Ordering::Relaxed);
        let newest = self.nodes.newest_elsewhere(index);
        if newest.saturating_sub(block) > L1_BEHIND_MAX {
            return Err(L1Error::NodeBehind { node: self.node_name().to_owned(), block, newest });
        }
        Ok(())
    }

    /// Sends a signed transaction to every other node that was checked, and says whether one of
    /// these nodes has taken it.
    pub(crate) async fn send_to_others(&self, raw: &[u8]) -> bool {
        let nodes = self.others().map(|index| &self.nodes.list[index]);
        let checked = nodes.filter(|node| node.is_checked.load(Ordering::Relaxed));
        let send = async |node: &Node| {
            timeout(L1_CALL_TIMEOUT, async { node.provider.send_raw_transaction(raw).await }).await
        };
        join_all(checked.map(send)).await.iter().any(|sent| matches!(sent, Ok(Ok(_))))
    }

    /// Asks every node again and again how far it is, so that a node that stands still is noticed,
    /// and a node that answers again is asked again.
    pub(crate) async fn watch_nodes(&self) -> Infallible {
        if self.nodes.list.len() == 1 {
            return pending().await;
        }
        loop {
            let probe = async |index: usize| {
                let node = self.asking(index);
                let checked = node.check_node().await;
                (index, if checked.is_ok() { node.head().await.map(drop) } else { checked })
            };
            for (index, outcome) in join_all((0..self.nodes.list.len()).map(probe)).await {
                if let Err(error) = &outcome {
                    warn!(%error, "an L1 node cannot be asked");
                }
                self.nodes.note(index, outcome.is_ok());
            }
            sleep(L1_PROBE_INTERVAL).await;
        }
    }

    /// Every node, in the operator's order.
    pub(crate) fn nodes(&self) -> Vec<NodeView> {
        let view = |node: &Node| {
            let head = node.head.load(Ordering::Relaxed);
            let head = (head > 0).then_some(head);
            let answers = node.answers.load(Ordering::Relaxed);
            NodeView { name: node.name.clone(), answers, head }
        };
        self.nodes.list.iter().map(view).collect()
    }

    /// The node that did the last step; `None` while no node answers.
    pub(crate) fn answering(&self) -> Option<&str> {
        let node = &self.nodes.list[self.nodes.answered.load(Ordering::Relaxed)];
        let any = self.nodes.list.iter().any(|node| node.answers.load(Ordering::Relaxed));
        any.then_some(node.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(count: usize) -> Nodes {
        let urls = (0..count).map(|index| format!("http://user:secret@node-{index}.example/key"));
        Nodes::new(urls, 1, L1Address([1; 20]), Duration::ZERO).expect("they are URLs")
    }

    #[test]
    fn the_first_node_that_is_well_is_asked() {
        let (nodes, none) = (nodes(3), BTreeSet::new());
        assert_eq!([0, 1, 2].map(|last| nodes.next(last, &none)), [0; 3]);
        nodes.note(0, false);
        assert_eq!([0, 1, 2].map(|last| nodes.next(last, &none)), [1; 3]);
        assert_eq!(nodes.next(1, &BTreeSet::from([1])), 2);
        nodes.note(0, true);
        assert_eq!(nodes.next(1, &none), 0);
        assert_eq!(nodes.next(1, &BTreeSet::from([0])), 1);
    }

    #[test]
    fn nodes_take_turns_while_none_is_well() {
        let (nodes, none) = (nodes(3), BTreeSet::new());
        (0..3).for_each(|index| nodes.note(index, false));
        assert!(!nodes.has_well(&none));
        assert_eq!([0, 1, 2].map(|last| nodes.next(last, &none)), [1, 2, 0]);
        assert_eq!(nodes.next(0, &BTreeSet::from([1])), 2);
        assert_eq!(nodes.next(0, &BTreeSet::from([0, 1, 2])), 1);
    }

    #[test]
    fn a_node_without_an_answer_leaves_the_lag_to_the_others() {
        let nodes = nodes(2);
        nodes.list[1].head.store(100, Ordering::Relaxed);
        assert_eq!((nodes.newest_elsewhere(0), nodes.newest_elsewhere(1)), (100, 0));
        nodes.note(1, false);
        assert_eq!(nodes.newest_elsewhere(0), 0);
    }

    #[test]
    fn a_node_is_named_by_host_and_port() {
        assert_eq!(nodes(1).list[0].name, "node-0.example:80");
    }
}
