//! The worker's side of the worker API. A request is repeated until the sequencer answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use reqwest::{Client as Http, RequestBuilder, StatusCode, Url};
use sheaf_wire::{
    Completed, FailureReport, Heartbeat, HeartbeatAnswer, JobInputs, Lease, LeaseRequest, Release,
    is_loopback,
};
use tokio::time::sleep;
use tracing::{info, warn};

use crate::answer::{Answer, Failure, Leased};
use crate::error::WorkerError;
use crate::limits::{CONNECTION_IDLE_MAX, OUTAGE_MAX, REQUEST_TIMEOUT};
use crate::patience::Patience;

/// A client of one sequencer's worker API.
///
/// Each request is repeated, with growing pauses, while the sequencer is away or in trouble. If
/// this lasts longer than [`OUTAGE_MAX`], the request ends with `Unreachable`.
#[derive(Debug, Clone)]
pub struct Client {
    http: Http,
    base: Url,
    token: Option<String>,
    /// Whether the last request had no answer, so that an outage is logged once and not at each
    /// attempt.
    is_away: Arc<AtomicBool>,
}

impl Client {
    /// Prepares a client for the sequencer at `url`, with the workers' token if the sequencer's
    /// operator requires one. Sends nothing yet.
    ///
    /// # Errors
    /// `Url` when the address is no http or https URL; `Client` when the HTTP client cannot be
    /// made.
    pub fn new(url: &str, token: Option<String>) -> Result<Self, WorkerError> {
        let wrong = || WorkerError::Url { url: url.to_owned() };
        let base: Url = url.parse().map_err(|_| wrong())?;
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(wrong());
        }
        let http = Http::builder().timeout(REQUEST_TIMEOUT).pool_idle_timeout(CONNECTION_IDLE_MAX);
        // A proxy of the environment cannot reach this machine's own addresses.
        let is_here = base.host_str().is_some_and(is_loopback);
        let http = if is_here { http.no_proxy() } else { http };
        let http = http.build().map_err(WorkerError::Client)?;
        Ok(Self { http, base, token, is_away: Arc::default() })
    }

    /// Leases the oldest ready job, if there is one.
    ///
    /// # Errors
    /// `OtherCircuits` when the sequencer has circuits of another digest; `Refused` when the
    /// sequencer refuses the request for another reason; `Unreadable` when this version cannot read
    /// the lease; `Unreachable` when the sequencer does not answer.
    pub async fn lease(&self, request: &LeaseRequest) -> Result<Option<Lease>, WorkerError> {
        let url = self.url("lease");
        let post = || self.http.post(url.clone()).json(request);
        self.ask("a lease", post, |answer| match answer.status() {
            StatusCode::OK => answer.json().map(Some),
            StatusCode::NO_CONTENT => Ok(None),
            _ => Err(answer.refusal()),
        })
        .await
    }

    /// The inputs from which a job's step is proven: the batch's witness, and the proofs that the
    /// step verifies.
    ///
    /// # Errors
    /// `Refused` when the sequencer refuses the request; `Unreachable` when the sequencer does not
    /// answer, or its answers cannot be read.
    pub async fn inputs(&self, lease: &Lease) -> Result<Leased<JobInputs>, WorkerError> {
        let url = self.job_url(lease, "inputs", true);
        let get = || self.http.get(url.clone());
        let inputs = |answer: &Answer| answer.bytes(JobInputs::from_bytes);
        self.ask("a job's inputs", get, |answer| answer.held(inputs)).await
    }

    /// Extends a lease.
    ///
    /// # Errors
    /// `Refused` when the sequencer refuses the request; `Unreadable` when this version cannot read
    /// the answer; `Unreachable` when the sequencer does not answer.
    pub async fn heartbeat(&self, lease: &Lease) -> Result<Leased<()>, WorkerError> {
        let url = self.job_url(lease, "heartbeat", false);
        let body = Heartbeat { attempt: lease.attempt };
        let post = || self.http.post(url.clone()).json(&body);
        let extended = |answer: &Answer| answer.json::<HeartbeatAnswer>().map(|_| ());
        self.ask("a heartbeat", post, |answer| answer.held(extended)).await
    }

    /// Hands a proof in. A repeated call is harmless: the sequencer stores a proof once.
    ///
    /// # Errors
    /// `Refused` when the proof is not valid (code `invalid_proof`), or when the sequencer refuses
    /// the request; `Unreadable` when this version cannot read the answer; `Unreachable` when the
    /// sequencer does not answer.
    pub async fn complete(&self, lease: &Lease, proof: &[u8]) -> Result<Leased<()>, WorkerError> {
        let url = self.job_url(lease, "complete", true);
        let post = || self.http.post(url.clone()).body(proof.to_vec());
        let completed = |answer: &Answer| answer.json::<Completed>().map(|_| ());
        self.ask("a proof", post, |answer| answer.held(completed)).await
    }

    /// Gives a job back that this worker could not prove. The sequencer counts a failure of the
    /// job, with `reason` in one line.
    ///
    /// # Errors
    /// `Refused` when the sequencer refuses the request; `Unreachable` when the sequencer does not
    /// answer.
    pub async fn fail(&self, lease: &Lease, reason: String) -> Result<Leased<()>, WorkerError> {
        let url = self.job_url(lease, "fail", false);
        let body = FailureReport { attempt: lease.attempt, reason };
        let post = || self.http.post(url.clone()).json(&body);
        self.ask("a failure", post, |answer| answer.held(|_| Ok(()))).await
    }

    /// Gives a job back because the worker has to end. The sequencer counts no failure of the job.
    ///
    /// # Errors
    /// `Refused` when the sequencer refuses the request; `Unreachable` when the sequencer does not
    /// answer.
    pub async fn release(&self, lease: &Lease) -> Result<Leased<()>, WorkerError> {
        let url = self.job_url(lease, "release", false);
        let body = Release { attempt: lease.attempt };
        let post = || self.http.post(url.clone()).json(&body);
        self.ask("a release", post, |answer| answer.held(|_| Ok(()))).await
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        // The routes are below the whole path of the address.
        url.set_path(&format!("{}/v1/jobs/{path}", self.base.path().trim_end_matches('/')));
        url
    }

    fn job_url(&self, lease: &Lease, action: &str, with_attempt: bool) -> Url {
        let mut url = self.url(&format!("{}/{action}", lease.job));
        if with_attempt {
            url.query_pairs_mut().append_pair("attempt", &lease.attempt.to_string());
        }
        url
    }

    /// Sends a request until `read` returns anything but a passing failure. The worker so waits for
    /// a sequencer that restarts, is busy, or is in trouble.
    ///
    /// # Errors
    /// The error of a lasting failure; `Unreachable` after [`OUTAGE_MAX`] of passing failures.
    async fn ask<T>(
        &self,
        request: &'static str,
        build: impl Fn() -> RequestBuilder,
        read: impl Fn(&Answer) -> Result<T, Failure>,
    ) -> Result<T, WorkerError> {
        let start = Instant::now();
        let mut patience = Patience::new();
        loop {
            let answer = self.send(request, build()).await;
            let last = match answer.and_then(|answer| read(&answer)) {
                Ok(answer) => {
                    if self.is_away.swap(false, Ordering::Relaxed) {
                        info!(url = %self.base, "the sequencer answers again");
                    }
                    return Ok(answer);
                }
                Err(Failure::Lasting(error)) => return Err(error),
                Err(Failure::Passing(last)) => last,
            };
            let Some(pause) = patience.pause(start.elapsed()) else {
                let (url, seconds) = (self.base.to_string(), start.elapsed().as_secs());
                return Err(WorkerError::Unreachable { url, request, seconds, last });
            };
            if !self.is_away.swap(true, Ordering::Relaxed) {
                let minutes = OUTAGE_MAX.as_secs() / 60;
                warn!(
                    url = %self.base, last,
                    "the sequencer does not answer {request}; asking again for up to {minutes} \
                     minutes"
                );
            }
            sleep(pause).await;
        }
    }

    async fn send(
        &self,
        request: &'static str,
        mut built: RequestBuilder,
    ) -> Result<Answer, Failure> {
        if let Some(token) = &self.token {
            built = built.bearer_auth(token);
        }
        match built.send().await {
            Ok(response) => Answer::whole(request, response).await,
            Err(error) => Err(Failure::Passing(error.to_string())),
        }
    }
}
