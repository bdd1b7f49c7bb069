//! Bad input, and providers that fail.

use crate::harness::Product;
use http::Method;
use picket_db::Lane;
use picket_event::{Event, EventType};
use serde_json::{Value, json};

#[test]
fn malformed_requests_are_refused_with_a_cause_and_an_event() {
    let product = Product::start();
    let bearer = format!("Bearer {}", product.key);
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let bodies: Vec<(Vec<u8>, u16, &str)> = vec![
        (b"{".to_vec(), 400, "invalid_json"),
        (b"[]".to_vec(), 400, "invalid_json"),
        (b"{\"model\":\"gpt-4o\",\"model\":\"x\"}".to_vec(), 400, "invalid_json"),
        (b"{\"model\":\"\xff\"}".to_vec(), 400, "invalid_json"),
        (deep.into_bytes(), 400, "invalid_json"),
        (b"{\"messages\":[]}".to_vec(), 400, "model_missing"),
        (vec![b' '; 11 * 1024 * 1024], 413, "request_too_large"),
    ];
    for (body, status, code) in bodies {
        let answer = product.send(
            &product.gateway,
            Method::POST,
            "/v1/chat/completions",
            &[("authorization", &bearer)],
            body.into(),
        );
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (status, Some(code)), "{}", answer.text);
        assert_eq!(product.event_of(&answer)["outcome"], "refused");
    }
}

#[test]
fn compressed_bodies_are_read_and_bombs_are_refused() {
    use std::io::Write as _;
    let product = Product::start();
    let bearer = format!("Bearer {}", product.key);
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let send = |body: Vec<u8>, encoding: &str| {
        product.send(
            &product.gateway,
            Method::POST,
            "/v1/chat/completions",
            &[("authorization", &bearer), ("content-encoding", encoding)],
            body.into(),
        )
    };
    let good = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "hello there"}]}).to_string();
    assert_eq!(send(gzip(good.as_bytes()), "gzip").status, 200);
    assert_eq!(send(gzip(&vec![b' '; 5_000_000]), "gzip").status, 413);
    assert_eq!(send(b"junk".to_vec(), "gzip").status, 400);
    assert_eq!(send(b"junk".to_vec(), "br").status, 415);
}

#[test]
fn failures_of_providers_end_well_formed_with_their_true_outcome() {
    let product = Product::start();
    for (prompt, status, outcome) in [
        ("#status=500", 500, "upstream_error"),
        ("#status=429", 429, "upstream_error"),
        ("#html", 502, "upstream_error"),
        ("#garbage", 502, "upstream_error"),
        ("#cut=1", 502, "upstream_error"),
        ("#hang", 504, "timeout"),
    ] {
        let answer = product.chat(prompt);
        assert_eq!(answer.status, status, "{prompt}: {}", answer.text);
        assert!(answer.json()["error"]["message"].is_string(), "{prompt}: {}", answer.text);
        assert!(!answer.text.contains("<html>"), "{prompt}");
        let event = product.event_of(&answer);
        assert_eq!(event["outcome"], outcome, "{prompt}: {event}");
    }
    let cut = product.chat_stream("#cut=3 #words=50 #pace=20");
    assert!(cut.text.contains("provider_cut") && !cut.text.contains("[DONE]"), "{}", cut.text);
    assert_eq!(product.event_of(&cut)["outcome"], "upstream_error");
}

#[test]
fn a_caller_who_leaves_is_recorded_as_gone() {
    use std::io::{Read as _, Write as _};
    let product = Product::start();
    let body =
        json!({"model": "gpt-4o", "stream": true, "messages": [{"role": "user", "content": "#words=4000 #pace=5"}]})
            .to_string();
    let mut stream = std::net::TcpStream::connect(product.gateway.trim_start_matches("http://")).unwrap();
    write!(
        stream,
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
        product.key,
        body.len()
    )
    .unwrap();
    let mut first = [0; 64];
    stream.read_exact(&mut first).unwrap();
    drop(stream);
    let events = product.events("?outcome=client_gone", 1);
    assert_eq!(events[0]["outcome"], "client_gone");
    product.wait("the open request to close", |product| {
        product.get("/v1/events?open=true").as_array().unwrap().is_empty().then_some(())
    });
}

#[test]
fn a_request_that_runs_while_the_server_stops_is_finished_and_nothing_is_lost_by_a_restart() {
    let mut product = Product::start();
    for number in 0..5 {
        assert_eq!(product.chat(&format!("question {number}")).status, 200);
    }
    product.events("", 5);
    product.restart();
    assert_eq!(product.events("", 5).len(), 5);
    assert_eq!(product.chat("after the restart").status, 200);
    assert_eq!(product.events("", 6).len(), 6);
    let verified = product.admin(Method::POST, "/v1/log/verify", &Value::Null).json();
    assert_eq!(verified["passed"], true, "{verified}");
}

#[test]
fn a_request_whose_end_was_lost_is_closed_and_one_that_runs_is_left_alone() {
    let product = Product::start();
    let log = product.log();
    let mut event = Event::new(EventType::REQUEST, "ws_x", log.clock().now());
    event.user = Some("lost".to_owned());
    let lost = event.event_id.to_string();
    // As if the disk had been full when the answer was out: begun, and nothing runs.
    log.append(Lane::Gateway, log.prepare(Box::new(event), &[]).received()).wait().unwrap();
    let slow = product.chat_stream("#words=60 #pace=200");
    assert_eq!(product.event_of(&slow)["outcome"], "completed");
    let closed = product.events("?outcome=unknown", 1);
    assert_eq!((&closed[0]["event_id"], &closed[0]["user"]), (&json!(lost), &json!("lost")));
    assert_eq!(closed[0]["reason"], "the end of the request could not be recorded");
    assert_eq!(product.get("/v1/events?open=true").as_array().unwrap().len(), 0);
}
