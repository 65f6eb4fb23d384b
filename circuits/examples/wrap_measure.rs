//! Measures the outer proof and the wrap of a small batch circuit: rows, constraints, seconds and
//! peak memory. Checks the result as well.
//!
//! `cargo run --release -p sheaf-circuits --example wrap_measure`, which takes a few minutes. With
//! `-- --constraints` the program stops before the Groth16 key.

use std::sync::Arc;
use std::time::Instant;

use ark_bn254::Fr;
use ark_relations::gr1cs::{ConstraintSystem, OptimizationGoal, SynthesisMode};
use ark_std::rand::SeedableRng;
use sheaf_circuits::public_values::{PACKING, groth16_inputs};
use sheaf_plonk::groth16;
use sheaf_plonk::outer::OuterCircuit;
use sheaf_plonk::wrap::{OuterVerifier, WrapCircuit};

#[path = "../tests/it/development_batch/mod.rs"]
mod development_batch;
use development_batch::DevelopmentBatch;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (start, processor) = (Instant::now(), processor_seconds());
    let result = work();
    println!(
        "{what:<22} {:>8.2} s   processor {:>8.2} s   peak {:>6.0} MB",
        start.elapsed().as_secs_f64(),
        processor_seconds() - processor,
        peak_bytes() as f64 / 1e6
    );
    result
}

/// Seconds of processor time of this process so far, over all threads, as the kernel reports them.
/// Unlike the clock, processor time is comparable on a machine with other work. Zero where the
/// kernel reports none.
fn processor_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields 14 and 15. The name in field 2 may contain spaces but ends at the last parenthesis.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>()
        / TICKS_PER_SECOND
}

/// The process's largest resident size so far, in bytes, as the kernel reports it; zero where the
/// kernel reports none.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes * 1024)
}

fn main() {
    let full = std::env::args().all(|argument| argument != "--constraints");
    let batch = timed("build batch circuit", DevelopmentBatch::build);
    let (values, inner) = timed("prove batch", || batch.prove(1));
    let outer = timed("build outer circuit", || {
        OuterCircuit::build(&PACKING, &batch.data.common, &batch.data.verifier_only)
            .expect("buildable")
    });
    println!(
        "outer: 2^{} rows, {} gates, {} constants, after {} recursion(s)",
        outer.common().degree_bits(),
        outer.common().gates.len(),
        outer.common().num_constants,
        outer.shrinks()
    );
    for gate in &outer.common().gates {
        println!("  {}", gate.0.id().chars().take(70).collect::<String>());
    }
    let proof = timed("prove outer", || outer.prove(&inner).expect("provable"));
    timed("verify outer", || outer.verify(&proof).expect("verifies"));

    let verifier = Arc::new(
        OuterVerifier::new(&PACKING, outer.common(), outer.verifier_only()).expect("supported"),
    );
    let proof = Arc::new(proof);
    let system = ConstraintSystem::<Fr>::new_ref();
    system.set_optimization_goal(OptimizationGoal::Constraints);
    system.set_mode(SynthesisMode::Prove {
        construct_matrices: true,
        generate_lc_assignments: false,
    });
    let circuit = WrapCircuit::for_proof(verifier.clone(), proof.clone()).expect("right shape");
    let broken =
        timed("synthesise wrap", || circuit.synthesise(system.clone()).expect("synthesises"));
    println!(
        "wrap: {} constraints, {} witnesses, {} inputs, {} broken",
        system.num_constraints(),
        system.num_witness_variables(),
        system.num_instance_variables() - 1,
        broken.len()
    );
    drop(system);
    let outline = timed("outline of the wrap", || circuit.outline().expect("synthesises"));
    for part in &outline.parts {
        println!("  {part}");
    }
    if !full {
        return;
    }

    let mut rng = ark_std::rand::rngs::StdRng::seed_from_u64(1);
    let key = timed("Groth16 setup", || groth16::setup(verifier.clone(), &mut rng).expect("keys"));
    let wrapped = timed("Groth16 prove", || {
        groth16::prove(&key, verifier, proof, &mut rng).expect("provable")
    });
    timed("Groth16 verify", || {
        groth16::verify(&key.vk, &groth16_inputs(&values), &wrapped).expect("verifies")
    });
    let mut bytes = Vec::new();
    timed("write key", || groth16::write_proving_key(&key, &mut bytes).expect("writes"));
    println!("proving key {:.0} MB", bytes.len() as f64 / 1e6);
}
