//! Overload: clients that are slow, many, or both, and what everybody else is answered meanwhile.
//! Addresses are those of 127.0.0.0/8, each of which a client may send from.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_sequencer::lifecycle::RequestKind;
use sheaf_sequencer::limits::{
    CONNECTION_PATIENCE, ENTRIES_PER_PAGE_MAX, EVENT_SUBSCRIBERS_MAX, HEAD_TIMEOUT,
    HISTORY_PATIENCE, HISTORY_READERS_MAX, HISTORY_READS_MAX, LARGE_BODIES_MAX, REQUEST_TIMEOUT,
    SMALL_BODY_BYTES_MAX, TRANSFER_PATIENCE, WRONG_SIGNATURES_MAX, WRONG_SIGNATURES_PERIOD,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout};

use crate::history::with_long_blocks;
use crate::rollup::{Rollup, person, terms};

/// How long an honest client waits at most, on a loaded machine, while others are slow: less than
/// any of them may be.
const HONEST_WAIT_MAX: Duration = Duration::from_secs(3);
/// What a loaded machine may add to a timeout.
const DELAY: Duration = Duration::from_secs(5);
/// How often a test may be too slow to say anything.
const ATTEMPTS_MAX: u32 = 20;
const GET_HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: sheaf\r\n\r\n";

/// Does again, on a machine that is busy, what has taken as long as connections wait for a place:
/// by then some have given way, and the outcome says nothing. Returns the outcome in time.
async fn in_time<T>(attempt: impl AsyncFn() -> (Duration, T)) -> T {
    for _ in 0..ATTEMPTS_MAX {
        let (taken, outcome) = attempt().await;
        if taken < CONNECTION_PATIENCE {
            return outcome;
        }
    }
    panic!("the machine is too slow for this test");
}

/// A connection from 127.0.0.`host`.
async fn connect_from(host: u8, address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 0, host), 0).into())?;
    socket.connect(address).await
}

/// The next answer on a connection: status, `Retry-After` and body.
async fn answer(stream: &mut TcpStream) -> (u16, Option<u64>, Value) {
    let mut text = String::new();
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let field = |name: &str| {
                let mut lines = head.lines().filter_map(|line| line.split_once(": "));
                lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
            };
            let length = field("content-length").map_or(0, |text| text.parse().expect("a length"));
            if body.len() >= length {
                let status = head[9..12].parse().expect("a status");
                let retry_after = field("retry-after").map(|text| text.parse().expect("seconds"));
                return (status, retry_after, serde_json::from_str(body).unwrap_or_default());
            }
        }
        let mut bytes = [0; 4_096];
        let read = timeout(REQUEST_TIMEOUT + DELAY, stream.read(&mut bytes)).await;
        let read = read.expect("in time").expect("the connection stands");
        assert!(read > 0, "the connection was closed after {text:?}");
        text.push_str(std::str::from_utf8(&bytes[..read]).expect("HTTP is text"));
    }
}

/// Asks for `/healthz` on a connection of its own.
async fn health(host: u8, address: SocketAddr) -> (u16, Option<u64>, Value) {
    let mut stream = connect_from(host, address).await.expect("the listener takes it");
    stream.write_all(GET_HEALTH).await.expect("it is sent");
    answer(&mut stream).await
}

/// Sends a head and a byte of its body, waits until the server has had enough, and begins again.
async fn send_slow_bodies(host: u8, address: SocketAddr) {
    let head = b"POST /v1/transactions HTTP/1.1\r\nHost: sheaf\r\nContent-Length: 100\r\n\r\n{";
    loop {
        // A connection that is refused or cut may fail at any of these.
        if let Ok(mut stream) = connect_from(host, address).await
            && stream.write_all(head).await.is_ok()
        {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn slow_bodies_of_others_keep_no_honest_client_waiting() {
    const ADDRESSES: u8 = 8;
    const EACH: usize = 8;
    let rollup = Rollup::start_with(|config| {
        config.service.connections_per_address = EACH;
        config.service.connections = EACH * usize::from(ADDRESSES);
    })
    .await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let address = rollup.handle().address();
    let hosts = (0..EACH).flat_map(|_| 10..10 + ADDRESSES);
    let slow: Vec<_> = hosts.map(|host| tokio::spawn(send_slow_bodies(host, address))).collect();
    sleep(Duration::from_millis(500)).await;
    for nonce in 0..30 {
        let start = Instant::now();
        assert_eq!(health(1, address).await.0, 200, "a new connection is served");
        rollup.execute(&alice.pay(terms(0, nonce), &[(&bob, 1)])).await;
        let waited = start.elapsed();
        assert!(waited < HONEST_WAIT_MAX, "{waited:?}");
    }
    slow.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_arrives_too_slowly_is_refused_and_others_are_read() {
    let rollup = Rollup::start().await;
    let address = rollup.handle().address();
    let post = |length: usize| {
        format!("POST /v1/transactions HTTP/1.1\r\nHost: sheaf\r\nContent-Length: {length}\r\n\r\n")
    };
    let send = async |pause: Duration| {
        let (start, body) = (Instant::now(), b"{\"transfer\":7}");
        let stream = connect_from(1, address).await.expect("the listener takes it");
        let (mut read, mut write) = stream.into_split();
        let writer = tokio::spawn(async move {
            write.write_all(post(body.len()).as_bytes()).await.expect("it is sent");
            for byte in body {
                sleep(pause).await;
                if write.write_all(&[*byte]).await.is_err() {
                    return;
                }
            }
            // Whoever closes its side is not waited for.
            sleep(REQUEST_TIMEOUT).await;
        });
        let mut said = vec![0; 4_096];
        let count = timeout(REQUEST_TIMEOUT + DELAY, read.read(&mut said)).await;
        let count = count.expect("it is told").expect("the connection stands");
        writer.abort();
        (String::from_utf8_lossy(&said[..count]).into_owned(), start.elapsed())
    };
    // A byte now and then is as slow as none.
    let ((drop, waited), (steady, _)) =
        tokio::join!(send(Duration::from_secs(1)), send(Duration::from_millis(100)));
    assert!(drop.starts_with("HTTP/1.1 408") && drop.contains("body_too_slow"), "{drop}");
    assert!(drop.contains("retry-after: 1\r\n"), "{drop}");
    assert!(waited >= TRANSFER_PATIENCE && waited < TRANSFER_PATIENCE + DELAY, "{waited:?}");
    assert!(steady.starts_with("HTTP/1.1 400") && steady.contains("malformed_body"), "{steady}");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_are_bounded_and_small_ones_need_no_place() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 1_000)]).await;
    let address = rollup.handle().address();
    let begin = async |host, length: u64| {
        let mut stream = connect_from(host, address).await.expect("the listener takes it");
        let head = format!("Host: sheaf\r\nContent-Length: {length}\r\n\r\n{{");
        let request = format!("POST /v1/transactions HTTP/1.1\r\n{head}");
        stream.write_all(request.as_bytes()).await.expect("it is sent");
        stream
    };
    let large = SMALL_BODY_BYTES_MAX + 1;
    let fill = async || {
        let start = Instant::now();
        let mut slow = Vec::new();
        for _ in 0..LARGE_BODIES_MAX {
            slow.push(begin(2, large).await);
        }
        sleep(Duration::from_millis(300)).await;
        let refused = answer(&mut begin(2, large).await).await;
        (start.elapsed(), (slow, refused))
    };
    let (_slow, (status, later, body)) = in_time(fill).await;
    let code = &body["error"]["code"];
    assert_eq!((status, later, code), (503, Some(1), &json!("overloaded")));
    // A small body of the same address is read, and so is a large one of another address.
    let mut small = begin(2, 2).await;
    small.write_all(b"}").await.expect("it is sent");
    assert_eq!(answer(&mut small).await.0, 400);
    let array: Vec<_> = (0..100).map(|nonce| alice.pay(terms(0, nonce), &[(&bob, 1)])).collect();
    let start = Instant::now();
    let (status, body) = rollup.post("/v1/transactions", &array).await;
    assert_eq!((status, &body["results"][99]["stage"]), (StatusCode::OK, &json!("executed")));
    assert!(start.elapsed() < HONEST_WAIT_MAX, "{:?}", start.elapsed());
}

/// A client asks again and again on one connection, with a small buffer, and reads nothing.
#[tokio::test(flavor = "multi_thread")]
async fn who_takes_no_answers_is_cut_off_and_who_takes_them_gets_all() {
    // More than the buffers of both sides together.
    const MANY: usize = 400;
    const SOME: usize = 20;
    let rollup = Rollup::start().await;
    let address = rollup.handle().address();
    let ask = async |asked: usize, pause: Duration| {
        let socket = TcpSocket::new_v4().expect("a socket");
        if !pause.is_zero() {
            socket.set_recv_buffer_size(65_536).expect("it may be small");
        }
        let stream = socket.connect(address).await.expect("the listener takes it");
        let (mut read, mut write) = stream.into_split();
        let writer = tokio::spawn(async move {
            let request = "GET /v1/openapi.json HTTP/1.1\r\nHost: sheaf\r\n\r\n";
            let last = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
            let requests = request.repeat(asked - 1) + &last;
            // The writer blocks, or fails, once the server reads no more.
            let _ = write.write_all(requests.as_bytes()).await;
            sleep(6 * HEAD_TIMEOUT).await;
        });
        sleep(pause).await;
        let mut bytes = Vec::new();
        let read = timeout(5 * HEAD_TIMEOUT, read.read_to_end(&mut bytes)).await;
        let _cut = read.expect("the connection ends");
        writer.abort();
        bytes.windows(12).filter(|part| part == b"HTTP/1.1 200").count()
    };
    // The limit on a head would end an idle connection later.
    let pause = TRANSFER_PATIENCE + Duration::from_secs(2);
    assert!(pause < HEAD_TIMEOUT);
    let slow = ask(MANY, pause).await;
    assert!(slow < MANY, "{slow} answers were kept for a client that reads none");
    assert_eq!(ask(SOME, Duration::ZERO).await, SOME);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_a_place_is_told_at_once_and_an_idle_one_gives_way() {
    let open = async |host, address| {
        let mut stream = connect_from(host, address).await.expect("the listener takes it");
        stream.write_all(GET_HEALTH).await.expect("it is sent");
        (answer(&mut stream).await, stream)
    };
    let refusal = |(status, retry_after, body): (u16, Option<u64>, Value)| {
        (status, retry_after, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let fill = async || {
        let rollup = Rollup::start_with(|config| {
            config.service.connections_per_address = 2;
            config.service.connections = 3;
        })
        .await;
        let address = rollup.handle().address();
        let two = [open(2, address).await, open(2, address).await];
        let start = Instant::now();
        let third_of_address = open(2, address).await.0;
        let others = [open(3, address).await, open(4, address).await];
        let second_of_newcomer = open(4, address).await.0;
        let refused = [third_of_address, second_of_newcomer];
        (start.elapsed(), (rollup, two, others, refused))
    };
    let (rollup, two, others, refused) = in_time(fill).await;
    // Address 2 has two of the three, so it gives way to a newcomer, but address 4 gets no second.
    let [(first, mut idle), (second, _second)] = two;
    let [(third, _third), (fourth, _fourth)] = others;
    assert_eq!([first.0, second.0, third.0, fourth.0], [200; 4]);
    let [of_address, of_all] = refused.map(refusal);
    assert_eq!(of_address, (429, Some(1), "connections_of_address".to_owned()));
    assert_eq!(of_all, (503, Some(1), "connections".to_owned()));
    // The first connection was the longest idle and is gone.
    let mut rest = Vec::new();
    let _ = timeout(DELAY, idle.read_to_end(&mut rest)).await.expect("it is closed");
    assert_eq!(rest, b"");
    // Who has been idle for long gives way to its own address.
    sleep(CONNECTION_PATIENCE).await;
    assert_eq!(open(4, rollup.handle().address()).await.0.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_every_stream_of_events_gives_way_to_others() {
    let rollup = Rollup::start_with(|config| {
        config.service.connections_per_address = 2 * EVENT_SUBSCRIBERS_MAX;
    })
    .await;
    let address = rollup.handle().address();
    let subscribe = async |host| {
        let mut stream = connect_from(host, address).await.expect("the listener takes it");
        let request = b"GET /v1/events HTTP/1.1\r\nHost: sheaf\r\n\r\n";
        stream.write_all(request).await.expect("it is sent");
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.expect("an answer");
        (String::from_utf8_lossy(&status[9..]).into_owned(), stream)
    };
    let mut streams = Vec::new();
    for _ in 0..EVENT_SUBSCRIBERS_MAX {
        let (status, stream) = subscribe(2).await;
        assert_eq!(status, "200");
        streams.push(stream);
    }
    assert_eq!(subscribe(2).await.0, "503");
    assert_eq!(subscribe(3).await.0, "200");
    let mut rest = Vec::new();
    let ended = timeout(DELAY, streams[0].read_to_end(&mut rest)).await;
    // The stream comes to its end in order; then the connection is idle and closed as such.
    assert!(ended.is_ok() || rest.ends_with(b"0\r\n\r\n"), "{}", String::from_utf8_lossy(&rest));
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_of_history_wait_in_bounded_number_and_the_rest_are_told_at_once() {
    const READERS: usize = HISTORY_READERS_MAX + 56;
    let [alice, bob] = [0, 1].map(person);
    // A block so long that a page reads nothing else.
    let rollup = with_long_blocks(&alice, 2, ENTRIES_PER_PAGE_MAX + 1).await;
    let deposit = |owner| RequestKind::Deposit { owner, token: 0, amount: 100 };
    // The log has consumed the first of these already.
    rollup.request(1, &[deposit(alice.owner), deposit(bob.owner)]).await;
    let url = rollup.url(&format!("/v1/accounts/{}/transactions", alice.owner));
    let client = reqwest::Client::new();
    let read = async || {
        let start = Instant::now();
        let answer = client.get(&url).send().await.expect("an answer");
        let (status, later) = (answer.status(), answer.headers().get("retry-after").cloned());
        let body: Value = answer.json().await.expect("JSON");
        if status != StatusCode::OK {
            let code = &body["error"]["code"];
            assert_eq!((status.as_u16(), code), (503, &json!("overloaded")), "{body}");
            assert_eq!(later.expect("a time to come back"), "1");
            assert!(start.elapsed() < HISTORY_PATIENCE + DELAY);
        }
        status == StatusCode::OK
    };
    let pay = async {
        let start = Instant::now();
        rollup.execute(&bob.pay(terms(1, 0), &[(&alice, 1)])).await;
        start.elapsed()
    };
    let (all, waited) = tokio::join!(join_all((0..READERS).map(|_| read())), pay);
    let answered = all.into_iter().filter(|is_answered| *is_answered).count();
    assert!((HISTORY_READS_MAX..READERS).contains(&answered), "{answered} of {READERS}");
    // Payments wait for no reader.
    assert!(waited < HONEST_WAIT_MAX, "{waited:?}");
    // Every turn comes back.
    for _ in 0..2 * HISTORY_READS_MAX {
        assert!(read().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_a_while_in_an_array_says_for_how_long() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let good = alice.pay(terms(0, 0), &[(&bob, 1)]);
    let mut wrong = alice.pay(terms(0, 0), &[(&bob, 2)]);
    wrong.signature = good.signature;
    let host: SocketAddr = rollup.handle().address();
    let mut stream = connect_from(1, host).await.expect("the listener takes it");
    let mut send = async |array: &[_]| {
        let body = serde_json::to_string(array).expect("plain JSON");
        let head = format!("Host: sheaf\r\nContent-Length: {}\r\n\r\n", body.len());
        let request = format!("POST /v1/transactions HTTP/1.1\r\n{head}{body}");
        stream.write_all(request.as_bytes()).await.expect("it is sent");
        let (status, _, body) = answer(&mut stream).await;
        assert_eq!(status, 200, "{body}");
        body["results"].as_array().expect("results").clone()
    };
    let first = send(&vec![wrong; WRONG_SIGNATURES_MAX as usize]).await;
    for result in &first {
        assert_eq!(result["error"]["code"], "wrong_signature", "{result}");
        assert_eq!(result["error"]["retry_after_s"], Value::Null, "{result}");
    }
    let then = send(std::slice::from_ref(&good)).await;
    let error = &then[0]["error"];
    assert_eq!(
        (&then[0]["stage"], &error["code"]),
        (&json!("rejected"), &json!("wrong_signatures"))
    );
    assert_eq!(error["retry_after_s"], WRONG_SIGNATURES_PERIOD.as_secs());
    // By another connection the same transaction is executed.
    rollup.execute(&good).await;
}
