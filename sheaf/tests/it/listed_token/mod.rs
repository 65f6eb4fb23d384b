//! An ERC-20 on the L1 of a devnet. The forge that npm installs compiles and deploys it, and the
//! operator lists it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use alloy::primitives::Address;
use alloy::providers::ProviderBuilder;
use alloy::signers::local::PrivateKeySigner;
use serde_json::Value;
use sheaf_contracts::Sheaf;

/// L1 units in one L2 unit: of the coin's six decimals, four are left.
pub(crate) const SCALE: u128 = 100;
/// The most that may be in escrow, in L2 units.
const CAP: u64 = 1_000_000_000;

/// Where a coin is deployed and listed, and by whom.
pub(crate) struct Place<'a> {
    /// A folder of the test's own.
    pub folder: &'a Path,
    pub l1: &'a str,
    /// The file with the key of the rollup's lister.
    pub lister: &'a Path,
    pub rollup: Address,
}

/// Deploys a coin that belongs to `holder`, and lists it. Returns its number.
pub(crate) async fn list(place: Place<'_>, holder: Address, amount: u64) -> u16 {
    let key = fs::read_to_string(place.lister).expect("the devnet has written it");
    let coin = deploy(&place, key.trim(), &[holder.to_string(), amount.to_string()]);
    let signer: PrivateKeySigner = key.trim().parse().expect("a key");
    let url = place.l1.parse().expect("an address");
    let sheaf = Sheaf::new(place.rollup, ProviderBuilder::new().wallet(signer).connect_http(url));
    let listed = sheaf.listToken(coin, SCALE, CAP, 0).send().await.expect("L1 takes it");
    assert!(listed.get_receipt().await.expect("it is mined").status());
    let tokens = sheaf.tokens().call().await.expect("L1 answers");
    u16::try_from(tokens).expect("the list is short") - 1
}

fn deploy(place: &Place<'_>, key: &str, arguments: &[String]) -> Address {
    let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts");
    let contracts = contracts.canonicalize().expect("it is there");
    let project = place.folder.join("coin");
    fs::create_dir_all(project.join("src")).expect("a folder");
    fs::write(project.join("src/Coin.sol"), include_str!("Coin.sol")).expect("a file");
    let solc = contracts.join("scripts/solc.js");
    let settings =
        format!("[profile.default]\nsolc = {solc:?}\noffline = true\nauto_detect_solc = false\n");
    fs::write(project.join("foundry.toml"), settings).expect("a file");
    let output = Command::new(forge(&contracts))
        .current_dir(&project)
        .args(["create", "src/Coin.sol:Coin", "--broadcast", "--json"])
        .args(["--rpc-url", place.l1, "--private-key", key, "--constructor-args"])
        .args(arguments)
        .output()
        .expect("forge runs");
    let text = String::from_utf8_lossy(&output.stdout);
    // What the compiler says may stand before the object.
    let object = text.find('{').map(|start| &text[start..]);
    let answer = object.and_then(|object| serde_json::from_str::<Value>(object).ok());
    let deployed = answer.as_ref().and_then(|json| json["deployedTo"].as_str());
    let errors = String::from_utf8_lossy(&output.stderr);
    deployed.unwrap_or_else(|| panic!("{text}{errors}")).parse().expect("an address")
}

/// The program itself: npm's launcher does not pass its exit code on.
fn forge(contracts: &Path) -> PathBuf {
    let packages = contracts.join("node_modules/@foundry-rs");
    fs::read_dir(&packages)
        .expect("`make contracts` has installed it")
        .filter_map(|package| Some(package.ok()?.path().join("bin/forge")))
        .find(|path| path.exists() && !path.starts_with(packages.join("forge")))
        .expect("`make contracts` has installed forge")
}
