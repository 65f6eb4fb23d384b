//! A sequencer or L1 node for tests: a server that answers as a test says.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::{JoinHandle, spawn};

/// A server that answers so many requests, each on a connection of its own.
pub(crate) struct Server {
    pub url: String,
    serving: JoinHandle<usize>,
}

impl Server {
    /// Answers `count` requests. `answer` gives status and body for the request at a place, whose
    /// first line it gets. After that nobody listens.
    pub(crate) fn start(
        count: usize,
        answer: impl Fn(usize, &str) -> (u16, String) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        let serving = spawn(move || {
            for place in 0..count {
                let (mut stream, _) = listener.accept().expect("a client");
                let line = read(&mut stream);
                let (status, body) = answer(place, &line);
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} \r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                stream.write_all((head + &body).as_bytes()).expect("the client listens");
            }
            count
        });
        Self { url, serving }
    }

    /// How many requests were answered, which must be all.
    pub(crate) fn asked(self) -> usize {
        self.serving.join().expect("no panic")
    }
}

/// Reads a request to its end. Returns its first line.
fn read(stream: &mut TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).expect("a request");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    reader.read_exact(&mut vec![0; length]).expect("a body");
    first
}

/// The sequencer's refusal with a status and a code.
pub(crate) fn refusal(status: u16, code: &str) -> (u16, String) {
    (status, format!(r#"{{"error":{{"code":"{code}","message":"no"}}}}"#))
}
