//! Demos whose processes are killed and whose L1 is silent. Every acknowledged transaction is
//! executed once, and the story ends as it must. The demo itself compares balances, nonces and
//! roots and fails if one is wrong; the tests here also read the sequencer's log.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::processes::harm::{Harm, Phase, VICTIMS};
use crate::processes::running::{Running, eventually, folder, get, real_proofs};
use nix::sys::signal::{Signal, kill};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::L1Address;
use sheaf_sequencer::block::Block;
use sheaf_sequencer::store::{RollupId, Store};

/// Demos in which everything must have been done that the random test demands.
const DEMOS_MAX: usize = 12;
/// Kills of one process in one demo: as many restarts as the supervisor gives it.
const KILLS_PER_PROCESS_MAX: usize = 5;
/// Between the deposits and an aimed kill.
const AIM_MS: std::ops::Range<u64> = 0..8;
/// Between two kills.
const KILL_PAUSE_MS: std::ops::Range<u64> = 50..1_800;
/// Silences of L1 in one demo.
const SILENCES_PER_DEMO_MAX: usize = 2;
/// How long each of them lasts.
const SILENCE_MS: std::ops::Range<u64> = 200..4_000;
/// How long a demo with development proofs may take, with everything that is done to it.
const DEMO_SECONDS_MAX: u64 = 300;
/// How long one with a real proof may take: minutes where the machine has nothing else to do.
const REAL_DEMO_SECONDS_MAX: u64 = 1_800;
/// Steps of a real proof at least: a leaf of each kind, two joins, the batch and the wrap.
const STEPS_MIN: u64 = 7;
/// How often the sequencer is asked how far a real proof is.
const STEP_PAUSE: Duration = Duration::from_millis(200);
/// How long L1 is silent in a test of its own, and once while a real proof is made.
const SILENCE: Duration = Duration::from_secs(30);
/// What the demo tells a person when it has noticed a kill.
const RESTARTED: &str = "was killed by signal 9; starting it again";

/// The random numbers of a test, which another run can have again through `SHEAF_SEED`.
fn random() -> StdRng {
    let given = std::env::var("SHEAF_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = given.unwrap_or_else(rand::random);
    println!("SHEAF_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

fn start_demo(folder: &Path) -> Running {
    Running::start(&["demo", "--development", "--json", "--batch-age", "3"], folder)
}

/// The value of a field of one of the demo's stages.
fn told(output: &str, stage: &str, field: &str) -> Value {
    let lines = output.lines().map(|line| serde_json::from_str(line).expect("one object a line"));
    let found = lines.into_iter().find(|line: &Value| line["stage"] == stage);
    found.unwrap_or_else(|| panic!("there is no stage {stage} in {output}"))[field].take()
}

fn digest(value: &Value) -> Digest {
    value.as_str().expect("an id is text").parse().expect("an id")
}

/// Demands that a demo ended as it must, and that what it was promised is in the log once.
fn check_end(demo: &mut Running, folder: &Path, seconds_max: u64) {
    let status = demo.end(seconds_max);
    assert!(status.success(), "{}", demo.errors());
    let output = demo.output();
    let transfers = told(&output, "transferred", "transactions");
    let mut promised: Vec<Digest> =
        transfers.as_array().expect("a list").iter().map(digest).collect();
    promised.push(digest(&told(&output, "withdrawn", "transaction")));
    assert_eq!(promised.len(), 4);
    assert!(told(&output, "finalised", "gas_used").as_u64().is_some_and(|gas| gas > 21_000));
    let contract = told(&output, "ready", "contract");
    let contract = contract.as_str().and_then(|text| text.parse().ok()).expect("an L1 address");
    let blocks = log_of(folder, contract);
    audit(&blocks, &promised).expect("what was acknowledged is there");
    check_that_the_audit_audits(&blocks, &promised);
}

/// Every block that the sequencer left in its log.
#[tokio::main]
async fn log_of(folder: &Path, contract: L1Address) -> Vec<Block> {
    let rollup = RollupId::new(31_337, contract);
    let store = Store::open(&folder.join("sheaf.sqlite").into(), rollup).await.expect("it opens");
    store.blocks_after(0, u32::MAX).await.expect("the log can be read")
}

/// Demands that each of these transactions is in the log exactly once, and no other is.
fn audit(blocks: &[Block], promised: &[Digest]) -> Result<(), String> {
    let executed = || blocks.iter().flat_map(|block| &block.transactions);
    for id in promised {
        let count = executed().filter(|one| one.id() == id).count();
        if count != 1 {
            return Err(format!("{id} is in the log {count} times"));
        }
    }
    match executed().find(|one| !promised.contains(one.id())) {
        Some(stranger) => Err(format!("nobody was promised {}", stranger.id())),
        None => Ok(()),
    }
}

/// The audit of a log in which one block is missing, or there twice, must fail.
fn check_that_the_audit_audits(blocks: &[Block], promised: &[Digest]) {
    let paying = blocks.iter().position(|block| !block.transactions.is_empty()).expect("one pays");
    let (mut missing, mut doubled) = (blocks.to_vec(), blocks.to_vec());
    missing.remove(paying);
    doubled.push(blocks[paying].clone());
    assert!(audit(&missing, promised).is_err(), "a missing block is not found");
    assert!(audit(&doubled, promised).is_err(), "a doubled block is not found");
    assert!(audit(blocks, &promised[1..]).is_err(), "a stranger's transaction is not found");
}

/// One demo under fire: sequencer and worker are killed at random moments, and L1 is silent for a
/// while. In an aimed one both die within the few milliseconds in which the transfers are sent,
/// which chance would miss, and nobody before.
fn demo_under_fire(random: &mut StdRng, is_aimed: bool, harm: &mut Harm) {
    let folder = folder();
    let mut demo = start_demo(folder.path());
    let mut kills = [0; VICTIMS.len()];
    let mut silences = 0;
    if is_aimed {
        demo.wait_for_output("\"deposited\"", DEMO_SECONDS_MAX);
        for (victim, kills) in VICTIMS.into_iter().zip(&mut kills) {
            sleep(Duration::from_millis(random.random_range(AIM_MS)));
            *kills += usize::from(killed(&demo, victim, harm));
        }
    }
    while demo.status().is_none() && kills.iter().any(|kills| *kills < KILLS_PER_PROCESS_MAX) {
        sleep(Duration::from_millis(random.random_range(KILL_PAUSE_MS)));
        if silences < SILENCES_PER_DEMO_MAX && random.random_ratio(1, 4) {
            let silence = Duration::from_millis(random.random_range(SILENCE_MS));
            silences += usize::from(silenced(&demo, silence, harm));
            continue;
        }
        let index = random.random_range(0..VICTIMS.len());
        if kills[index] < KILLS_PER_PROCESS_MAX {
            kills[index] += usize::from(killed(&demo, VICTIMS[index], harm));
        }
    }
    check_end(&mut demo, folder.path(), DEMO_SECONDS_MAX);
    for (victim, kills) in VICTIMS.into_iter().zip(kills) {
        let noticed = demo.errors().matches(&format!("the {victim} {RESTARTED}")).count();
        // The last may have hit a demo that was about to end it itself.
        assert!(noticed <= kills && noticed + 1 >= kills, "{victim}: {noticed} of {kills} kills");
    }
}

/// Kills one of a demo's processes, if it is there, and notes it.
fn killed(demo: &Running, victim: &'static str, harm: &mut Harm) -> bool {
    let phase = Phase::of(&demo.output());
    let is_hit = demo.signal(victim, Signal::SIGKILL);
    if is_hit {
        harm.note(victim, phase);
    }
    is_hit
}

/// Has L1 say nothing for a while, if it is there, and notes it.
fn silenced(demo: &Running, silence: Duration, harm: &mut Harm) -> bool {
    let phase = Phase::of(&demo.output());
    let Some(l1) = demo.process("anvil") else { return false };
    if kill(l1, Signal::SIGSTOP).is_err() {
        return false;
    }
    sleep(silence);
    // A demo that was told to end may have ended it meanwhile.
    let _ = kill(l1, Signal::SIGCONT);
    harm.note("anvil", phase);
    true
}

#[test]
fn what_was_acknowledged_survives_kills_and_silence_at_random_moments() {
    let mut random = random();
    let (mut harm, start) = (Harm::default(), Instant::now());
    for demo in 1..=DEMOS_MAX {
        demo_under_fire(&mut random, demo % 2 == 0, &mut harm);
        println!("demo {demo}: {harm:?} so far, {:.0} s", start.elapsed().as_secs_f32());
        if harm.missing().is_empty() {
            return;
        }
    }
    panic!("after {DEMOS_MAX} demos there are missing: {:?}", harm.missing());
}

#[test]
fn what_was_acknowledged_survives_a_silent_l1() {
    let mut random = random();
    let folder = folder();
    let mut demo = start_demo(folder.path());
    // After each of these, the story needs L1 to go on.
    let stage = ["ready", "deposited", "withdrawn"][random.random_range(0..3)];
    demo.wait_for_output(&format!("\"{stage}\""), DEMO_SECONDS_MAX);
    assert!(demo.signal("anvil", Signal::SIGSTOP), "there is no L1 after '{stage}'");
    sleep(SILENCE);
    assert_eq!(demo.status(), None, "the story does not end without L1:\n{}", demo.errors());
    assert!(demo.signal("anvil", Signal::SIGCONT));
    check_end(&mut demo, folder.path(), DEMO_SECONDS_MAX);
    assert_eq!(demo.errors().matches("starting it again").count(), 0, "nobody had to be restarted");
}

/// The one run with a real proof: sequencer and worker are each killed once while the worker
/// proves, and L1 is silent in between.
#[test]
#[ignore = "a real proof takes minutes: make test-end-to-end"]
fn a_real_proof_survives_the_kill_of_sequencer_and_worker() {
    let _alone = real_proofs();
    let mut random = random();
    let folder = folder();
    let arguments = ["demo", "--circuits", "small", "--json"];
    let mut demo = Running::start(&arguments, folder.path());
    demo.wait_for_output("\"ready\"", REAL_DEMO_SECONDS_MAX);
    let early = random.random_range(0..STEPS_MIN / 2);
    let late = random.random_range(early + 1..STEPS_MIN);
    for (victim, steps) in [("sequencer", early), ("prover", late)] {
        wait_for_proof(&mut demo, steps);
        sleep(Duration::from_millis(random.random_range(0..3_000)));
        assert!(demo.signal(victim, Signal::SIGKILL), "there is no {victim}");
        println!("killed the {victim} after {steps} steps");
        if victim == "sequencer" {
            let mut harm = Harm::default();
            assert!(silenced(&demo, SILENCE, &mut harm), "there is no L1");
        }
    }
    check_end(&mut demo, folder.path(), REAL_DEMO_SECONDS_MAX);
    assert_eq!(demo.errors().matches(RESTARTED).count(), 2, "{}", demo.errors());
    let seconds = told(&demo.output(), "finalised", "proof_seconds");
    assert!(seconds.as_f64().is_some_and(|seconds| seconds > 1.0), "{seconds} s for a real proof");
}

/// Waits until the worker proves a step and at least so many others are done.
fn wait_for_proof(demo: &mut Running, steps: u64) {
    let api = told(&demo.output(), "ready", "api");
    let url = format!("{}/v1/status", api.as_str().expect("it is text"));
    let come = eventually(REAL_DEMO_SECONDS_MAX, || {
        // Steps take seconds, and whoever asks takes time from the proof.
        sleep(STEP_PAUSE);
        assert_eq!(demo.status(), None, "it ended too early:\n{}", demo.errors());
        let jobs = get(&url)?["jobs"].take();
        let (leased, done) = (jobs["leased"].as_u64()?, jobs["done"].as_u64()?);
        (leased > 0 && done >= steps).then_some(())
    });
    come.unwrap_or_else(|| panic!("the worker never proved step {steps}:\n{}", demo.errors()));
}
