//! Readers of long answers who stop reading.

use crate::harness::Product;
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
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", product.token).unwrap();
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
