//! An L1 node for tests: a server before anvil that can answer in anvil's place, and that notes
//! every question of the sequencer.

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::l1::anvil::Anvil;

/// What is answered in anvil's place.
#[derive(Clone)]
pub(super) enum Fault {
    /// Its own answer, but only after it was asked this.
    After(&'static str, Value),
    /// This, whatever anvil would say.
    Answer(Value),
    /// Nothing, as for a block that there is not.
    Null,
    /// No data, as for a call of a contract that there is not.
    NoData,
    /// No logs, as if there were none.
    NoLogs,
    /// A JSON-RPC error.
    Refusal(&'static str),
    /// What a node answers when the contract reverts a call with this data.
    Revert(Vec<u8>),
    /// Only an HTTP status.
    Status(StatusCode),
}

/// Decides by method and parameters whether anvil is asked at all.
type Rule = Box<dyn Fn(&str, &Value) -> Option<Fault> + Send>;

#[derive(Default)]
struct Door {
    rule: Option<Rule>,
    asked: Vec<(String, Value)>,
}

#[derive(Clone)]
struct Behind {
    door: Arc<Mutex<Door>>,
    anvil: String,
    client: reqwest::Client,
}

/// One of the doors of an anvil, which is a node of its own to the sequencer.
pub(super) struct Front {
    url: String,
    door: Arc<Mutex<Door>>,
    server: JoinHandle<()>,
}

/// An anvil behind its door.
pub(super) struct Node {
    pub anvil: Anvil,
    front: Front,
}

impl Node {
    /// Opens the door of an anvil.
    pub(super) async fn before(anvil: Anvil) -> Self {
        let front = Front::before(&anvil).await;
        Self { anvil, front }
    }
}

impl Deref for Node {
    type Target = Front;

    fn deref(&self) -> &Front {
        &self.front
    }
}

impl Front {
    /// Opens one more door of an anvil.
    pub(super) async fn before(anvil: &Anvil) -> Self {
        let door = Arc::new(Mutex::new(Door::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        let client = reqwest::Client::new();
        let state = Behind { door: Arc::clone(&door), anvil: anvil.url().to_owned(), client };
        let router = Router::new().route("/", post(forward)).with_state(state);
        let server =
            tokio::spawn(async { axum::serve(listener, router).await.expect("it serves") });
        Self { url, door, server }
    }

    /// Host and port, as the sequencer names the node.
    pub(super) fn name(&self) -> &str {
        self.url.strip_prefix("http://").expect("it speaks HTTP")
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// From now on this decides what anvil is not asked.
    pub(super) fn obey(&self, rule: impl Fn(&str, &Value) -> Option<Fault> + Send + 'static) {
        self.door.lock().expect("nobody panics here").rule = Some(Box::new(rule));
    }

    /// Every method gets this answer.
    pub(super) fn fail(&self, fault: Fault) {
        self.obey(move |_, _| Some(fault.clone()));
    }

    /// Anvil answers again.
    pub(super) fn recover(&self) {
        self.door.lock().expect("nobody panics here").rule = None;
    }

    /// The parameters of every question by this method so far.
    pub(super) fn asked(&self, method: &str) -> Vec<Value> {
        let door = self.door.lock().expect("nobody panics here");
        let of_method = door.asked.iter().filter(|(asked, _)| asked == method);
        of_method.map(|(_, parameters)| parameters.clone()).collect()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn forward(State(behind): State<Behind>, body: Bytes) -> Response {
    let question: Value = serde_json::from_slice(&body).expect("clients send JSON");
    let method = question["method"].as_str().expect("one question at a time").to_owned();
    let fault = {
        let mut door = behind.door.lock().expect("nobody panics here");
        let fault = door.rule.as_ref().and_then(|rule| rule(&method, &question["params"]));
        door.asked.push((method, question["params"].clone()));
        fault
    };
    let json = [("content-type", "application/json")];
    let answer = |key: &str, value: Value| {
        let answer = json!({ "jsonrpc": "2.0", "id": question["id"], key: value });
        (json, answer.to_string()).into_response()
    };
    match fault {
        Some(Fault::Status(status)) => return status.into_response(),
        Some(Fault::Answer(value)) => return answer("result", value),
        Some(Fault::Null) => return answer("result", Value::Null),
        Some(Fault::NoData) => return answer("result", json!("0x")),
        Some(Fault::NoLogs) => return answer("result", json!([])),
        Some(Fault::Refusal(message)) => {
            return answer("error", json!({ "code": -32000, "message": message }));
        }
        Some(Fault::Revert(data)) => {
            let data = format!("0x{}", hex::encode(data));
            let error = json!({ "code": 3, "message": "execution reverted", "data": data });
            return answer("error", error);
        }
        Some(Fault::After(method, params)) => {
            let first = json!({ "jsonrpc": "2.0", "id": 0, "method": method, "params": params });
            behind.ask(first.to_string().into()).await.expect("anvil runs");
        }
        None => {}
    }
    match behind.ask(body).await {
        Ok(bytes) => (json, bytes).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

impl Behind {
    async fn ask(&self, body: Bytes) -> reqwest::Result<Bytes> {
        let request = self.client.post(&self.anvil).header("content-type", "application/json");
        request.body(body).send().await?.bytes().await
    }
}
