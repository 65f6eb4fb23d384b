//! The worker's side of the worker API: requests that are asked again until they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use reqwest::{Client as Http, RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sheaf_jobs::{Completed, FailureReport, Heartbeat, JobInputs, Lease, LeaseRequest, Release};
use tokio::time::sleep;
use tracing::{info, warn};

use crate::error::WorkerError;
use crate::limits::{
    CONNECTION_IDLE_MAX, OUTAGE_MAX, REQUEST_TIMEOUT, RETRY_PAUSE_MAX, RETRY_PAUSE_MIN,
};

/// A connection to one sequencer.
#[derive(Debug, Clone)]
pub struct Client {
    http: Http,
    base: Url,
    token: Option<String>,
    /// Whether the last request went unanswered: an outage is told once, not once a request.
    is_away: Arc<AtomicBool>,
}

/// What the sequencer said about a job that may not be ours any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held<T> {
    /// The job is ours, and this is the answer.
    Yes(T),
    /// The lease ended, or the job is done; whatever we have for it is worth nothing.
    No,
}

#[derive(Debug, Deserialize)]
struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Debug, Deserialize)]
struct ErrorDetail {
    code: String,
    message: String,
}

impl Client {
    /// Prepares a connection; nothing is sent yet.
    ///
    /// # Errors
    /// `Url` when the address is none.
    pub fn new(url: &str, token: Option<String>) -> Result<Self, WorkerError> {
        let wrong = || WorkerError::Url { url: url.to_owned() };
        let base: Url = url.parse().map_err(|_| wrong())?;
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(wrong());
        }
        let http = Http::builder()
            .timeout(REQUEST_TIMEOUT)
            .pool_idle_timeout(CONNECTION_IDLE_MAX)
            .build()
            .map_err(WorkerError::Client)?;
        Ok(Self { http, base, token, is_away: Arc::default() })
    }

    /// The oldest job that is ready, if there is one.
    ///
    /// # Errors
    /// `OtherCircuits`, or when the sequencer stays silent.
    pub async fn lease(&self, request: &LeaseRequest) -> Result<Option<Lease>, WorkerError> {
        const REQUEST: &str = "a lease";
        let url = self.url("lease");
        let response = self.ask(|| self.http.post(url.clone()).json(request)).await?;
        match response.status() {
            StatusCode::OK => read(REQUEST, response).await.map(Some),
            StatusCode::NO_CONTENT => Ok(None),
            _ => match refusal(REQUEST, response).await {
                WorkerError::Refused { code, message, .. } if code == "other_circuits" => {
                    Err(WorkerError::OtherCircuits { message })
                }
                other => Err(other),
            },
        }
    }

    /// What a job is proven from.
    ///
    /// # Errors
    /// When the sequencer stays silent or its answer cannot be read.
    pub async fn inputs(&self, lease: &Lease) -> Result<Held<JobInputs>, WorkerError> {
        const REQUEST: &str = "a job's inputs";
        let url = self.job_url(lease, "inputs", true);
        let response = self.ask(|| self.http.get(url.clone())).await?;
        match self.held(REQUEST, response).await? {
            Held::No => Ok(Held::No),
            Held::Yes(response) => {
                let unreadable = || WorkerError::Unreadable { request: REQUEST };
                let bytes = response.bytes().await.map_err(|_| unreadable())?;
                JobInputs::from_bytes(&bytes).map(Held::Yes).ok_or_else(unreadable)
            }
        }
    }

    /// Extends a lease.
    ///
    /// # Errors
    /// When the sequencer stays silent.
    pub async fn heartbeat(&self, lease: &Lease) -> Result<Held<()>, WorkerError> {
        let url = self.job_url(lease, "heartbeat", false);
        let body = Heartbeat { attempt: lease.attempt };
        let response = self.ask(|| self.http.post(url.clone()).json(&body)).await?;
        self.without_body("a heartbeat", response).await
    }

    /// Hands a proof in.
    ///
    /// # Errors
    /// `Refused` when the proof is not valid, or when the sequencer stays silent.
    pub async fn complete(&self, lease: &Lease, proof: &[u8]) -> Result<Held<()>, WorkerError> {
        const REQUEST: &str = "a proof";
        let url = self.job_url(lease, "complete", true);
        let response = self.ask(|| self.http.post(url.clone()).body(proof.to_vec())).await?;
        match self.held(REQUEST, response).await? {
            Held::No => Ok(Held::No),
            Held::Yes(response) => {
                read::<Completed>(REQUEST, response).await.map(|_| Held::Yes(()))
            }
        }
    }

    /// Gives a job back.
    ///
    /// # Errors
    /// When the sequencer stays silent.
    pub async fn fail(&self, lease: &Lease, reason: String) -> Result<Held<()>, WorkerError> {
        let url = self.job_url(lease, "fail", false);
        let body = FailureReport { attempt: lease.attempt, reason };
        let response = self.ask(|| self.http.post(url.clone()).json(&body)).await?;
        self.without_body("a failure", response).await
    }

    /// Gives a job back that nothing is wrong with.
    ///
    /// # Errors
    /// When the sequencer stays silent.
    pub async fn release(&self, lease: &Lease) -> Result<Held<()>, WorkerError> {
        let url = self.job_url(lease, "release", false);
        let body = Release { attempt: lease.attempt };
        let response = self.ask(|| self.http.post(url.clone()).json(&body)).await?;
        self.without_body("a release", response).await
    }

    async fn without_body(
        &self,
        request: &'static str,
        response: Response,
    ) -> Result<Held<()>, WorkerError> {
        Ok(match self.held(request, response).await? {
            Held::Yes(_) => Held::Yes(()),
            Held::No => Held::No,
        })
    }

    /// Tells an answer from the word that the job is somebody else's.
    async fn held(
        &self,
        request: &'static str,
        response: Response,
    ) -> Result<Held<Response>, WorkerError> {
        match response.status() {
            status if status.is_success() => Ok(Held::Yes(response)),
            StatusCode::CONFLICT | StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Held::No),
            _ => Err(refusal(request, response).await),
        }
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/v1/jobs/{path}"));
        url
    }

    fn job_url(&self, lease: &Lease, action: &str, with_attempt: bool) -> Url {
        let mut url = self.url(&format!("{}/{action}", lease.job));
        if with_attempt {
            url.query_pairs_mut().append_pair("attempt", &lease.attempt.to_string());
        }
        url
    }

    /// Sends until somebody answers. A sequencer that restarts, or is too busy, is waited for.
    async fn ask(&self, request: impl Fn() -> RequestBuilder) -> Result<Response, WorkerError> {
        let start = Instant::now();
        let mut pause = RETRY_PAUSE_MIN;
        loop {
            let mut built = request();
            if let Some(token) = &self.token {
                built = built.bearer_auth(token);
            }
            let last = match built.send().await {
                Ok(response) if !is_busy(response.status()) => {
                    if self.is_away.swap(false, Ordering::Relaxed) {
                        info!(url = %self.base, "the sequencer answers again");
                    }
                    return Ok(response);
                }
                Ok(response) => format!("status {}", response.status()),
                Err(error) => error.to_string(),
            };
            if start.elapsed() > OUTAGE_MAX {
                let (url, seconds) = (self.base.to_string(), start.elapsed().as_secs());
                return Err(WorkerError::Unreachable { url, seconds, last });
            }
            if !self.is_away.swap(true, Ordering::Relaxed) {
                let minutes = OUTAGE_MAX.as_secs() / 60;
                warn!(
                    url = %self.base, last,
                    "the sequencer does not answer; asking again for up to {minutes} minutes"
                );
            }
            sleep(pause).await;
            pause = (pause * 2).min(RETRY_PAUSE_MAX);
        }
    }
}

/// Whether a status asks to come back later.
fn is_busy(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
            | StatusCode::REQUEST_TIMEOUT
    )
}

async fn read<T: DeserializeOwned>(
    request: &'static str,
    response: Response,
) -> Result<T, WorkerError> {
    response.json().await.map_err(|_| WorkerError::Unreadable { request })
}

async fn refusal(request: &'static str, response: Response) -> WorkerError {
    let status = response.status();
    match response.json::<ErrorBody>().await {
        Ok(ErrorBody { error: ErrorDetail { code, message } }) => {
            WorkerError::Refused { request, code, message }
        }
        Err(_) => WorkerError::Refused {
            request,
            code: status.as_u16().to_string(),
            message: status.to_string(),
        },
    }
}
