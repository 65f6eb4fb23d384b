//! Which contracts may be deployed, and which contracts a sequencer refuses to work for.

use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, B256, U256, address, keccak256};
use alloy::providers::{Provider, ProviderBuilder};
use alloy::rpc::types::TransactionRequest;
use reqwest::StatusCode;
use serde_json::Value;
use sheaf_contracts::Groth16Verifier;
use sheaf_contracts::deployment::{Deployed, DeploymentError, VerifierKey, deploy};
use sheaf_ledger::l1_address::L1Address;
use sheaf_sequencer::L1Side;
use sheaf_sequencer::l1::{L1, L1Error};
use sheaf_sequencer::watcher::WatcherConfig;

use crate::l1::anvil::{Anvil, signer};
use crate::l1::rollup::{PATIENCE, terms};
use crate::rollup::{CHAIN, Rollup};

/// A real verifying key, whose three points of G2 have nothing to do with each other.
const FIXTURE: &str = include_str!("../../../../contracts/fixtures/batch.json");
/// The precompile that multiplies a point of G1.
const MULTIPLY: Address = address!("0000000000000000000000000000000000000007");

/// A point of G2 of the real key.
fn of_fixture(name: &str) -> [U256; 4] {
    let fixture: Value = serde_json::from_str(FIXTURE).expect("it is JSON");
    std::array::from_fn(|index| {
        let number = fixture["vk"][name][index].as_str().expect("a number as text");
        number.parse().expect("a number")
    })
}

/// A point of G1: so many times the generator.
async fn multiple(anvil: &Anvil, scalar: u64) -> [U256; 2] {
    let input = [1, 2, scalar].map(|word| U256::from(word).to_be_bytes::<32>()).concat();
    let request = TransactionRequest::default().with_to(MULTIPLY).with_input(input);
    let answer = anvil.provider().call(request).await.expect("a point");
    [U256::from_be_slice(&answer[..32]), U256::from_be_slice(&answer[32..])]
}

/// A key that every check of the verifier's passes, with points from `first` times the generator
/// on. It is no use for proofs.
async fn key(anvil: &Anvil, first: u64) -> Groth16Verifier::Key {
    let mut points = Vec::new();
    for scalar in first..first + 8 {
        points.extend(multiple(anvil, scalar).await);
    }
    Groth16Verifier::Key {
        alpha: [1_u64, 2].map(U256::from),
        beta: of_fixture("beta"),
        gamma: of_fixture("gamma"),
        delta: of_fixture("delta"),
        points,
    }
}

async fn deployed(anvil: &Anvil, key: VerifierKey) -> Result<Deployed, DeploymentError> {
    deploy(anvil.url().parse().expect("an address"), signer(0), key, terms()).await
}

fn groth16(key: &Groth16Verifier::Key) -> VerifierKey {
    VerifierKey::Groth16(Box::new(key.clone()))
}

async fn connect(anvil: &Anvil, chain_id: u64, contract: Address) -> Result<L1, L1Error> {
    L1::connect([anvil.url()], chain_id, L1Address(contract.0.0), PATIENCE).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_whose_gamma_is_its_delta_is_refused() {
    let anvil = Anvil::start();
    let sound = key(&anvil, 2).await;
    let trivial = Groth16Verifier::Key { gamma: sound.delta, ..sound.clone() };
    let refused = deployed(&anvil, groth16(&trivial)).await.expect_err("it is refused");
    let DeploymentError::Contract(refused) = refused else { panic!("{refused}") };
    let named = refused.as_decoded_interface_error::<Groth16Verifier::Groth16VerifierErrors>();
    let expected = Groth16Verifier::Groth16VerifierErrors::RelatedKeyPoints(
        Groth16Verifier::RelatedKeyPoints {},
    );
    assert_eq!(named, Some(expected));
    // Only that was wrong.
    deployed(&anvil, groth16(&sound)).await.expect("it is deployed");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_key_of_the_deployment_is_worked_for() {
    let anvil = Anvil::start();
    let (ours, other) = (key(&anvil, 2).await, key(&anvil, 3).await);
    let contract = deployed(&anvil, groth16(&ours)).await.expect("it is deployed").contract;
    let l1 = connect(&anvil, CHAIN, contract).await.expect("it is there");
    l1.check_key(&groth16(&ours)).await.expect("it is the one");
    let refused = l1.check_key(&groth16(&other)).await.expect_err("it is another");
    let (expected, found) = (groth16(&other).hash(), groth16(&ours).hash());
    let sides = match refused {
        L1Error::OtherKey { expected, found } => (expected, found),
        other => panic!("{other}"),
    };
    assert_eq!(sides, (expected, found));
}

/// The words of the key are those whose hash the contract's verifier names.
#[tokio::test(flavor = "multi_thread")]
async fn the_key_that_is_served_is_the_one_on_l1() {
    let anvil = Anvil::start();
    let key = groth16(&key(&anvil, 2).await);
    let deployed = deployed(&anvil, key.clone()).await.expect("it is deployed");
    let contract = L1Address(deployed.contract.0.0);
    let l1 = connect(&anvil, CHAIN, deployed.contract).await.expect("it is there");
    let watched = WatcherConfig { first_block: deployed.first_block, confirmations: 0 };
    let rollup = Rollup::start_with(|config| {
        config.contract = contract;
        config.l1 = Some(L1Side { l1, watched, signer: signer(0), key });
    })
    .await;
    let provider = ProviderBuilder::new().connect_http(anvil.url().parse().expect("an address"));
    let verifier = Groth16Verifier::new(deployed.verifier, provider);
    let hash = verifier.keyHash().call().await.expect("it answers").to_string();
    let (status, served) = rollup.get("/v1/verifying-key").await;
    assert_eq!((status, &served["hash"]), (StatusCode::OK, &Value::from(hash.as_str())));
    let words: Vec<B256> = serde_json::from_value(served["key"].clone()).expect("words");
    assert_eq!((words.len(), keccak256(words.concat()).to_string()), (33, hash.clone()));
    let (_, status) = rollup.get("/v1/status").await;
    assert_eq!(status["verifying_key_hash"], hash);
    assert_eq!(status["first_l1_block"], deployed.first_block);
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_of_one_kind_are_not_made_for_a_contract_of_the_other() {
    let anvil = Anvil::start();
    let real = key(&anvil, 2).await;
    let contract = deployed(&anvil, groth16(&real)).await.expect("it is deployed").contract;
    let l1 = connect(&anvil, CHAIN, contract).await.expect("it is there");
    let refused = l1.check_key(&VerifierKey::Development).await.expect_err("it has a key");
    assert!(matches!(refused, L1Error::NotForDevelopment { .. }), "{refused}");
    let contract = deployed(&anvil, VerifierKey::Development).await.expect("deployed").contract;
    let l1 = connect(&anvil, CHAIN, contract).await.expect("it is there");
    let refused = l1.check_key(&groth16(&real)).await.expect_err("it has no key");
    assert!(matches!(refused, L1Error::NoKey { .. }), "{refused}");
    l1.check_key(&VerifierKey::Development).await.expect("it is for development");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_is_not_this_rollups_is_refused() {
    let anvil = Anvil::start();
    let ours = deployed(&anvil, VerifierKey::Development).await.expect("it is deployed");
    connect(&anvil, CHAIN, ours.contract).await.expect("it is the one");
    let refused = connect(&anvil, 1, ours.contract).await.expect_err("another chain");
    assert!(
        matches!(refused, L1Error::OtherChain { expected: 1, found: CHAIN, node: _ }),
        "{refused}"
    );
    let nobody = Address::repeat_byte(0x77);
    let refused = connect(&anvil, CHAIN, nobody).await.expect_err("no code");
    assert!(matches!(refused, L1Error::NoContract { .. }), "{refused}");
    let refused = connect(&anvil, CHAIN, ours.verifier).await.expect_err("other code");
    assert!(matches!(refused, L1Error::NotSheaf { .. }), "{refused}");
    // The same code at another place still has the domain of the first.
    let code = anvil.provider().get_code_at(ours.contract).await.expect("it has code");
    let () = anvil.rpc("anvil_setCode", (nobody, code)).await;
    let refused = connect(&anvil, CHAIN, nobody).await.expect_err("another domain");
    assert!(matches!(refused, L1Error::OtherDomain { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn development_proofs_are_deployed_for_on_a_local_chain_alone() {
    let anvil = Anvil::start_on(1);
    let refused = deployed(&anvil, VerifierKey::Development).await.expect_err("chain 1");
    assert!(matches!(refused, DeploymentError::NotADevelopmentChain { found: 1 }), "{refused}");
    assert_eq!(anvil.head().await, 0, "nothing was sent");
    let sound = key(&anvil, 2).await;
    let deployed = deployed(&anvil, groth16(&sound)).await.expect("keys are for every chain");
    assert_eq!((deployed.chain_id, anvil.head().await), (1, 2));
}
