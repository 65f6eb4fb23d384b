//! A sequencer for tests that sends the answers of a script, whole or cut off.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use sheaf_prover::client::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What one action of the worker API is answered, attempt by attempt; the last answer stays.
pub(super) type Script = (&'static str, Vec<Vec<u8>>);

pub(super) struct Sequencer {
    pub url: String,
    /// The actions that were asked for, in order.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Sequencer {
    pub(super) async fn saying(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = Arc::clone(&asked);
        let mut scripts: HashMap<_, VecDeque<_>> =
            scripts.into_iter().map(|(action, answers)| (action, answers.into())).collect();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                // A worker whose proof is there no longer sends or awaits its heartbeat.
                let Some(action) = action_of(&mut stream).await else { continue };
                let answers = scripts.get_mut(action.as_str()).expect("the test has a script");
                let answer = match answers.len() {
                    1 => answers[0].clone(),
                    _ => answers.pop_front().expect("no script is empty"),
                };
                noted.lock().expect("whole").push(action);
                let _ = stream.write_all(&answer).await;
            }
        });
        Self { url, asked }
    }

    pub(super) fn client(&self) -> Client {
        Client::new(&self.url, None).expect("an address")
    }

    /// How often an action was asked for.
    pub(super) fn count(&self, action: &str) -> usize {
        self.asked.lock().expect("whole").iter().filter(|one| *one == action).count()
    }
}

/// Reads a whole request and says what it wants: the last part of its path. Nothing if it breaks
/// off.
async fn action_of(stream: &mut TcpStream) -> Option<String> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4_096]);
    loop {
        let length = stream.read(&mut piece).await.ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_lowercase();
        let announced = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= announced.map_or(0, |length| length.parse().expect("a number")) {
            let path = head.split(' ').nth(1).expect("a path");
            let path = path.split('?').next().expect("a part");
            return path.rsplit('/').next().map(str::to_owned);
        }
    }
}

pub(super) fn answer(status: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    announcing(body.as_ref().len(), status, body.as_ref())
}

/// An answer as the sequencer refuses.
pub(super) fn error(status: &str, code: &str) -> Vec<u8> {
    answer(status, format!(r#"{{"error":{{"code":"{code}","message":"so it is"}}}}"#))
}

/// An answer that breaks off before its end.
pub(super) fn cut(body: &[u8]) -> Vec<u8> {
    announcing(body.len() + 1, "200 OK", body)
}

fn announcing(length: usize, status: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}
