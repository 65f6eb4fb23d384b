//! A keep-alive HTTP/1.1 connection, as small as the generator of load needs: the generator shares
//! the processor with the sequencer that it measures, and a client library costs as much as the
//! sequencer's own HTTP.
//!
//! The client writes a request in one piece, then reads the status line, the headers and as many
//! bytes as `content-length` says: the sequencer sends that length with every answer.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;

use super::form::JSON;

/// How long the sequencer may be silent: longer than its own timeout of a request, 15 s.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// Bytes that are read from the socket at once: an answer to an array fits.
const READ_BUFFER_BYTES: usize = 64 * 1_024;
/// Bytes of a line of an answer's head, and of an answer's body.
const LINE_BYTES_MAX: u64 = 8 * 1_024;
const ANSWER_BYTES_MAX: usize = 16 * 1_024 * 1_024;
/// Lines of an answer's head.
const HEAD_LINES_MAX: usize = 64;

/// A connection to the sequencer. A connection that the sequencer has closed is opened again.
#[derive(Debug)]
pub(super) struct Connection {
    address: SocketAddr,
    /// The form of bodies and answers.
    media_type: &'static str,
    /// The bearer token of the operator's routes.
    token: Option<&'static str>,
    stream: Option<BufReader<TcpStream>>,
}

/// The status and the body of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Connection {
    pub(super) const fn new(address: SocketAddr, media_type: &'static str) -> Self {
        Self { address, media_type, token: None, stream: None }
    }

    /// A connection that may also use the operator's routes.
    pub(super) const fn of_operator(address: SocketAddr, token: &'static str) -> Self {
        Self { address, media_type: JSON, token: Some(token), stream: None }
    }

    /// Sends a request and reads its answer. The sequencer closes an idle connection, which shows
    /// only when the connection is used, so a request on an old connection is sent again on a new
    /// one: no request of the generator does harm when it is sent twice.
    ///
    /// # Errors
    /// When the sequencer cannot be reached, or does not answer as HTTP/1.1 wants.
    pub(super) fn request(&mut self, method: &str, path: &str, body: &[u8]) -> Result<Answer> {
        let head = self.head(method, path, body.len());
        let is_old = self.stream.is_some();
        let mut answer = self.exchange(&head, body);
        if is_old && answer.is_err() {
            answer = self.exchange(&head, body);
        }
        answer.with_context(|| format!("{method} {path} has no answer"))
    }

    /// The answer of a route, which must be a success.
    ///
    /// # Errors
    /// As `request`, and when the answer is a refusal or not the expected JSON.
    pub(super) fn json<T: DeserializeOwned>(&mut self, method: &str, path: &str) -> Result<T> {
        let Answer { status, body } = self.request(method, path, &[])?;
        ensure!(
            (200..300).contains(&status),
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        serde_json::from_slice(&body).with_context(|| format!("the answer of {method} {path}"))
    }

    fn head(&self, method: &str, path: &str, length: usize) -> String {
        let token = self.token.map(|token| format!("authorization: Bearer {token}\r\n"));
        let (address, form, token) = (self.address, self.media_type, token.unwrap_or_default());
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\naccept: {form}\r\n\
             content-type: {form}\r\ncontent-length: {length}\r\n{token}\r\n"
        )
    }

    /// Sends a request and reads its answer once. A connection that fails is given up.
    fn exchange(&mut self, head: &str, body: &[u8]) -> Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.address)?,
        };
        let mut bytes = Vec::with_capacity(head.len() + body.len());
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(body);
        stream.get_mut().write_all(&bytes)?;
        let (answer, is_kept) = read_answer(&mut stream)?;
        self.stream = is_kept.then_some(stream);
        Ok(answer)
    }
}

fn connect(address: SocketAddr) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    stream.set_write_timeout(Some(SILENCE_MAX))?;
    Ok(BufReader::with_capacity(READ_BUFFER_BYTES, stream))
}

/// Reads an answer, and says whether the connection may be used again.
fn read_answer(stream: &mut impl BufRead) -> Result<(Answer, bool)> {
    let first = read_line(stream)?;
    let status = first.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    let status = status.and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("'{first}' is no status line"))?;
    let (mut length, mut is_kept) = (0, true);
    for _ in 0..HEAD_LINES_MAX {
        let line = read_line(stream)?.to_ascii_lowercase();
        match line.split_once(':').map(|(name, value)| (name, value.trim())) {
            Some(("content-length", value)) => length = value.parse()?,
            Some(("connection", value)) => is_kept = value != "close",
            Some(_) => {}
            None if line.is_empty() => {
                ensure!(length <= ANSWER_BYTES_MAX, "an answer of {length} bytes");
                let mut body = vec![0; length];
                stream.read_exact(&mut body)?;
                return Ok((Answer { status, body }, is_kept));
            }
            None => bail!("'{line}' is no header"),
        }
    }
    bail!("more than {HEAD_LINES_MAX} headers")
}

/// Reads a line, and returns it without its end.
fn read_line(stream: &mut impl BufRead) -> Result<String, Error> {
    let mut line = String::new();
    stream.by_ref().take(LINE_BYTES_MAX).read_line(&mut line)?;
    let whole = line.strip_suffix("\r\n").map(str::to_owned);
    whole.ok_or_else(|| ErrorKind::UnexpectedEof.into())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn an_answer_is_read_to_its_last_byte_and_no_further() {
        let answers = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 429 Too Many \
                       Requests\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx";
        let mut stream = answers.as_bytes();
        let mut next = || read_answer(&mut stream).expect("an answer");
        assert_eq!(next(), (Answer { status: 200, body: b"{}".to_vec() }, true));
        assert_eq!(next(), (Answer { status: 429, body: b"x".to_vec() }, false));
        for broken in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{"] {
            assert!(read_answer(&mut broken.as_bytes()).is_err(), "{broken}");
        }
        assert!(read_answer(&mut "SSH-2.0\r\n\r\n".as_bytes()).is_err());
    }

    /// The server answers once on each connection and then closes it without a word.
    #[test]
    fn a_connection_that_was_closed_meanwhile_is_opened_again() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let server = thread::spawn(move || {
            for number in 0..2 {
                let (mut stream, _) = listener.accept().expect("a client");
                let _ = stream.read(&mut [0; 4_096]).expect("a request");
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{number}");
                stream.write_all(answer.as_bytes()).expect("the client reads");
            }
        });
        let mut connection = Connection::new(address, JSON);
        let mut ask = || connection.json::<u64>("GET", "/").ok();
        assert_eq!((ask(), ask()), (Some(0), Some(1)));
        server.join().expect("no panic");
        assert_eq!(ask(), None);
    }
}
