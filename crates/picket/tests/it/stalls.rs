//! Readers of long answers who stop reading.

use crate::harness::Product;
use crate::hostile::liar::{End, Liar, Lie};
use http::Method;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// More than all buffers between here and there hold.
const FILE_BYTES: u64 = 256 * 1024 * 1024;
/// A list that is longer than one piece.
const EVENTS: usize = 520;

/// Asks for a file, reads the beginning of the answer, and then nothing more.
struct Stalled(TcpStream);

impl Stalled {
    fn on(product: &Product, path: &str) -> Self {
        let mut stream = TcpStream::connect(product.api.trim_start_matches("http://")).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n", product.token)
            .unwrap();
        let mut head = [0; 256];
        stream.read_exact(&mut head).unwrap();
        assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
        Self(stream)
    }

    /// Reads on, and counts what still comes before the connection ends.
    fn rest(mut self) -> u64 {
        let (mut buffer, mut rest) = (vec![0; 1024 * 1024], 0);
        while let Ok(read @ 1..) = self.0.read(&mut buffer) {
            rest += u64::try_from(read).unwrap();
        }
        rest
    }
}

fn status(product: &Product, path: &str) -> u16 {
    product.admin(Method::HEAD, path, &Value::Null).status
}

#[test]
fn readers_who_stop_reading_take_bounded_places_and_are_cut_off() {
    let mut product = Product::start();
    for number in 0..EVENTS {
        assert_eq!(product.chat(&format!("number {number}")).status, 200);
    }
    product.events("?limit=600", EVENTS);
    let created = product.admin(Method::POST, "/v1/exports", &json!({"format": "ndjson"})).json();
    let id = created["id"].as_str().unwrap().to_owned();
    product.wait("the export", |product| (product.get(&format!("/v1/exports/{id}"))["state"] == "done").then_some(()));
    let place = product.folder.path().join(format!("data/exports/{id}.ndjson"));
    OpenOptions::new().write(true).open(place).unwrap().set_len(FILE_BYTES).unwrap();
    let file = format!("/v1/exports/{id}/file");

    // Nobody is cut off for a long time, and there is one place.
    product.reconfigure(|text, _| {
        text.replace("api: { listen: 127.0.0.1:0 }", "api: { listen: 127.0.0.1:0, send_timeout: 1h, downloads: 1 }")
    });
    product.wait("the index", |product| (status(product, "/v1/events?limit=5") == 200).then_some(()));
    let stalled = Stalled::on(&product, &file);
    for path in [file.as_str(), "/v1/events", "/v1/events?format=csv"] {
        let refused = product.admin(Method::GET, path, &Value::Null);
        let problem = refused.json();
        assert_eq!((refused.status, &problem["code"]), (503, &json!("busy")), "{path}: {problem}");
        assert_eq!((refused.headers["retry-after"].to_str().unwrap(), &problem["retryable"]), ("5", &json!(true)));
    }
    for path in ["/v1/events?limit=500", "/v1/events?filter=user:nobody", "/v1/exports", "/v1/health"] {
        assert_eq!(product.admin(Method::GET, path, &Value::Null).status, 200, "what is short is answered: {path}");
    }
    drop(stalled);
    product.wait("the place of one who left", |product| (status(product, &file) == 200).then_some(()));

    // Who takes nothing for a moment loses the rest, and his place.
    product.reconfigure(|text, _| text.replace("send_timeout: 1h", "send_timeout: 100ms"));
    let stalled = Stalled::on(&product, &file);
    product.wait("the place of one who stalls", |product| (status(product, "/v1/events") == 200).then_some(()));
    assert!(stalled.rest() < FILE_BYTES / 2, "the answer breaks off");
    let whole = product.admin(Method::GET, "/v1/events", &Value::Null).json();
    assert_eq!(whole.as_array().unwrap().len(), EVENTS, "who reads gets everything");
}

/// An answer that a caller of the gateway stops reading, and what its event must say.
fn stalled_lies() -> Vec<Lie> {
    let answer = "a word ".repeat(4_000_000);
    let answer = json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": answer}}]}).to_string();
    let whole =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", answer.len());
    let stream = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let endless =
        b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word and word and word and word \"}}]}\n\n";
    let lie = |name: &str, sent: String, endless| Lie {
        name: name.to_owned(),
        sent: sent.into_bytes(),
        endless,
        end: End::Close,
    };
    vec![lie("whole", whole + &answer, b""), lie("stream", stream.to_owned(), endless)]
}

#[test]
fn callers_who_stop_reading_an_answer_are_cut_off() {
    let liar = Liar::start(stalled_lies());
    let mut product = Product::with("policies:\n  chain: [audit-logger]\n", ", send_timeout: 300ms");
    let url = product.provider.openai_url();
    product.reconfigure(|text, _| text.replace(&url, &format!("http://{}/v1", liar.address)));
    for (lie, outcome) in [("whole", "completed"), ("stream", "client_gone")] {
        let body = json!({"model": "gpt-4o", "stream": lie == "stream", "messages": [{"role": "user", "content": format!("#lie={lie}")}]});
        let body = body.to_string();
        let mut stream = TcpStream::connect(product.gateway.trim_start_matches("http://")).unwrap();
        let head =
            format!("host: localhost\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n", product.key, body.len());
        write!(stream, "POST /v1/chat/completions HTTP/1.1\r\n{head}\r\n{body}").unwrap();
        let mut begun = [0; 256];
        stream.read_exact(&mut begun).unwrap();
        assert!(begun.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&begun));
        product.events(&format!("?outcome={outcome}"), 1);
        // The connection is not kept for somebody who may never read.
        product.wait("the end of the connection", |_| stream.write_all(b" ").is_err().then_some(()));
        let rest = Stalled(stream).rest();
        assert!(rest < 20_000_000, "{lie}: {rest} bytes were sent on");
    }
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// A header that no table holds.
fn literal(name: &str, value: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).ok().filter(|length| *length < 127).unwrap();
    [&[0, length(name)], name.as_bytes(), &[length(value)], value.as_bytes()].concat()
}

#[test]
fn a_caller_who_grants_no_window_is_cut_off_though_the_connection_flows() {
    let liar = Liar::start(stalled_lies());
    let mut product = Product::with("policies:\n  chain: [audit-logger]\n", ", send_timeout: 300ms");
    let url = product.provider.openai_url();
    product.reconfigure(|text, _| text.replace(&url, &format!("http://{}/v1", liar.address)));
    let body = json!({"model": "gpt-4o", "stream": true, "messages": [{"role": "user", "content": "#lie=stream"}]});
    let headers = [
        literal(":method", "POST"),
        literal(":scheme", "http"),
        literal(":path", "/v1/chat/completions"),
        literal(":authority", "x"),
        literal("authorization", &format!("Bearer {}", product.key)),
    ];
    let sent = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        frame(4, 0, 0, &[]),
        frame(1, 4, 1, &headers.concat()),
        frame(0, 1, 1, body.to_string().as_bytes()),
    ];
    let mut stream = TcpStream::connect(product.gateway.trim_start_matches("http://")).unwrap();
    stream.write_all(&sent.concat()).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    let (mut data, mut last) = (0, 0);
    // What comes is read until the window is used up.
    while data < 65_535 {
        data += next_frame(&mut stream).1;
    }
    let events = product.events("?outcome=client_gone", 1);
    assert_eq!(events[0]["reason"], "the caller stopped reading the answer", "{events:?}");
    // Whoever comes back finds the little that waited, and then that the answer breaks off.
    let window = 1_000_000_u32.to_be_bytes();
    stream.write_all(&[frame(8, 0, 0, &window), frame(8, 0, 1, &window)].concat()).unwrap();
    while last != 3 {
        let (kind, length, ends) = next_frame(&mut stream);
        assert!(!ends, "the answer looks whole");
        data += length;
        last = kind;
    }
    assert!(data < 200_000, "{data} bytes were kept for a caller who was gone");
}

/// Reads a frame: its kind, how much data it holds, and whether the stream ends in order with it.
fn next_frame(stream: &mut TcpStream) -> (u8, u64, bool) {
    let mut head = [0; 9];
    stream.read_exact(&mut head).unwrap();
    let length = u64::from(u32::from_be_bytes([0, head[0], head[1], head[2]]));
    std::io::copy(&mut stream.take(length), &mut std::io::sink()).unwrap();
    (head[3], if head[3] == 0 { length } else { 0 }, head[3] < 2 && head[4] & 1 == 1)
}
