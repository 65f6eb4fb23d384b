//! The values that are measured when Prometheus asks, not when they change.

use std::time::Duration;

use ::metrics::gauge;

use super::names::{
    BATCH_AGE, BATCH_AGE_LIMIT, BATCHES, BLOCK_NUMBER, BLOCK_WAIT, EPOCH, FOLLOWING, INDEX_RUNS,
    JOBS, MEMPOOL, PAUSED, QUEUE_LENGTH, QUEUE_LIMIT, SUBSCRIBERS,
};
use super::process;

/// The values of one moment.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The newest durable block that this process knows.
    pub block: u64,
    /// Files of the index.
    pub index_runs: usize,
    /// The values of the process that leads; `None` in a follower, so that each is told once.
    pub pipeline: Option<PipelineSample>,
}

/// What the stages of the leading process have at one moment.
#[derive(Debug, Clone)]
pub struct PipelineSample {
    /// Transactions that wait for a block.
    pub mempool: usize,
    /// Open streams of events.
    pub subscribers: usize,
    /// Whether no batch may be opened.
    pub is_paused: bool,
    /// How long the newest executed block has not been durable; zero when it is.
    pub block_wait: Duration,
    /// The epoch with which this process writes.
    pub epoch: u64,
    pub queues: Vec<Queue>,
    pub batches: Vec<Batches>,
    /// For each state of a job: the state's name and the number of jobs in it.
    pub jobs: [(&'static str, u64); 4],
}

/// How much waits in a queue, and how much may.
#[derive(Debug, Clone, Copy)]
pub struct Queue {
    pub name: &'static str,
    pub length: u64,
    pub limit: u64,
}

/// The batches in one state.
#[derive(Debug, Clone, Copy)]
pub struct Batches {
    pub state: &'static str,
    pub count: u64,
    /// The age of the oldest.
    pub age: Duration,
    /// The age at which `/healthz` fails.
    pub age_limit: Duration,
}

/// Sets the gauges to the values of a sample, and those of the process.
pub fn sampled(sample: &Sample) {
    gauge!(BLOCK_NUMBER).set(sample.block as f64);
    gauge!(INDEX_RUNS).set(sample.index_runs as f64);
    gauge!(FOLLOWING).set(f64::from(u8::from(sample.pipeline.is_none())));
    if let Some(pipeline) = &sample.pipeline {
        pipeline_sampled(pipeline);
    }
    process::sampled();
}

fn pipeline_sampled(sample: &PipelineSample) {
    gauge!(MEMPOOL).set(sample.mempool as f64);
    gauge!(SUBSCRIBERS).set(sample.subscribers as f64);
    gauge!(PAUSED).set(f64::from(u8::from(sample.is_paused)));
    gauge!(BLOCK_WAIT).set(sample.block_wait.as_secs_f64());
    gauge!(EPOCH).set(sample.epoch as f64);
    for Queue { name, length, limit } in &sample.queues {
        gauge!(QUEUE_LENGTH, "queue" => *name).set(*length as f64);
        gauge!(QUEUE_LIMIT, "queue" => *name).set(*limit as f64);
    }
    for Batches { state, count, age, age_limit } in &sample.batches {
        gauge!(BATCHES, "state" => *state).set(*count as f64);
        gauge!(BATCH_AGE, "state" => *state).set(age.as_secs_f64());
        gauge!(BATCH_AGE_LIMIT, "state" => *state).set(age_limit.as_secs_f64());
    }
    for (state, count) in sample.jobs {
        gauge!(JOBS, "state" => state).set(count as f64);
    }
}
