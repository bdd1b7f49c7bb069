//! Following events: a connection that breaks is taken up where it ended, and nothing is missed or seen twice.

use crate::commands::run;
use crate::harness::Product;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use picket_egress::{Limits, Upstream};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

/// Reads a tail until it has shown so many events; the ids of all frames, and the events.
fn follow(product: &Product, last: Option<u64>, count: usize) -> (Vec<u64>, Vec<Value>) {
    let bearer = HeaderValue::from_str(&format!("Bearer {}", product.token)).unwrap();
    let mut headers = HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]);
    headers.extend(last.map(|last| (HeaderName::from_static("last-event-id"), HeaderValue::from(last))));
    product.runtime.block_on(async {
        let upstream = Upstream::new(&product.api, Limits::default()).unwrap();
        let answer = upstream.send(Method::GET, "/v1/events/tail?decision=allow", headers, "".into()).await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut body = answer.into_body();
        let mut text = String::new();
        loop {
            text.push_str(std::str::from_utf8(&body.piece().await.unwrap().unwrap()).unwrap());
            let whole = text.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
            let field = |name: &'static str| whole.lines().filter_map(move |line| line.strip_prefix(name));
            let events: Vec<Value> = field("data: ").map(|data| serde_json::from_str(data).unwrap()).collect();
            if !whole.is_empty() && events.len() >= count {
                return (field("id: ").map(|id| id.parse().unwrap()).collect(), events);
            }
        }
    })
}

#[test]
fn a_tail_goes_on_after_the_last_id_that_was_seen() {
    let product = Product::start();
    let (ids, none) = follow(&product, None, 0);
    assert_eq!((ids.len(), none.len()), (1, 0), "it says at once where it begins");
    // All that happens while nobody is connected.
    for prompt in ["one", "#leak=aws", "two", "three"] {
        product.chat(prompt);
    }
    let expected: Vec<Value> =
        product.events("", 4).into_iter().filter(|event| event["decision"] == "allowed").collect();
    let (ids, events) = follow(&product, Some(ids[0]), 3);
    assert_eq!(events, expected);
    assert_eq!(follow(&product, Some(ids[2]), 1).1, expected[2..], "after the second, only the third");
    let bearer = format!("Bearer {}", product.token);
    for id in ["18446744073709551615", "999999", "-1", "x"] {
        let headers = [("authorization", bearer.as_str()), ("last-event-id", id)];
        assert_eq!(product.send(&product.api, Method::GET, "/v1/events/tail", &headers, "".into()).status, 400, "{id}");
    }
}

#[test]
fn the_command_takes_a_broken_tail_up_again_and_says_so() {
    let product = Product::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for frames in
            ["id: 6\n\n", "id: 7\ndata: {\"event_id\":\"a\"}\n\nid: 9\nda", "id: 8\ndata: {\"event_id\":\"b\"}\n\n"]
        {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            asked.push(head.iter().find_map(|line| line.strip_prefix("last-event-id: ")).map(str::to_owned));
            let answer =
                format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{frames}");
            stream.write_all(answer.as_bytes()).unwrap();
        }
        asked
    });
    let output = run(&product, &format!("kt --url {url} events tail --max 2 --format ndjson"));
    let note = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{note}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "{\"event_id\":\"a\"}\n{\"event_id\":\"b\"}\n");
    assert_eq!(note.matches("the connection broke; taking it up again").count(), 2, "{note}");
    assert_eq!(json!(server.join().unwrap()), json!([null, "6", "7"]), "half a frame counts for nothing");
}

#[test]
fn a_token_that_ends_ends_its_tail() {
    let product = Product::start();
    let made = product.admin(Method::POST, "/v1/tokens", &json!({"name": "watcher", "role": "viewer"})).json();
    let bearer = HeaderValue::from_str(&format!("Bearer {}", made["token"].as_str().unwrap())).unwrap();
    let headers = HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]);
    let mut body = product.runtime.block_on(async {
        let upstream = Upstream::new(&product.api, Limits::default()).unwrap();
        let answer = upstream.send(Method::GET, "/v1/events/tail", headers, "".into()).await.unwrap();
        let mut body = answer.into_body();
        assert!(body.piece().await.unwrap().is_some(), "it follows");
        body
    });
    let id = made["id"].as_str().or_else(|| made["credential"]["id"].as_str()).unwrap();
    assert_eq!(product.admin(Method::DELETE, &format!("/v1/tokens/{id}"), &Value::Null).status / 100, 2);
    product.chat("hello");
    let rest = product.runtime.block_on(async {
        let mut rest = Vec::new();
        while let Ok(Some(piece)) = body.piece().await {
            rest.extend_from_slice(&piece);
        }
        String::from_utf8(rest).unwrap()
    });
    assert!(!rest.contains("data: "), "nothing that happened afterwards is told: {rest}");
}
