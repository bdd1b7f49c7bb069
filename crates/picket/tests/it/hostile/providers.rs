//! Providers that fail in every way, or lie.

use super::liar::{End, Liar, Lie};
use super::{CHAT, MESSAGES, RESPONSES, Siege, body, code};
use crate::harness::Product;
use picket_testkit::values;
use serde_json::json;
use std::io::{ErrorKind, Write as _};
use std::net::TcpListener;
use std::sync::atomic::Ordering;

const GOOD: &str = "{\"id\":\"x\",\"choices\":[]}";

/// An answer as text.
fn http(status: &str, head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {status}\r\n{head}\r\n").as_bytes(), body].concat()
}

/// An answer with a true length.
fn json_answer(status: &str, head: &str, body: &[u8]) -> Vec<u8> {
    http(status, &format!("content-type: application/json\r\ncontent-length: {}\r\n{head}", body.len()), body)
}

fn events(head: &str, body: &[u8]) -> Vec<u8> {
    http("200 OK", &format!("content-type: text/event-stream\r\n{head}"), body)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn lie(name: &str, sent: Vec<u8>, end: End) -> Lie {
    Lie { name: name.to_owned(), sent, endless: b"", end }
}

/// A product whose providers lie, and are given up soon.
fn siege(lies: Vec<Lie>) -> (Siege, Liar) {
    let liar = Liar::start(lies);
    let mut product = Product::start();
    let (openai, anthropic) = (product.provider.openai_url(), product.provider.anthropic_url());
    let url = format!("http://{}", liar.address);
    product.reconfigure(|text, _| {
        text.replace(&format!("\"{openai}\""), &format!("\"{url}/v1\""))
            .replace(&format!("\"{anthropic}\""), &format!("\"{url}\", idle_timeout: 2s, timeout: 2s"))
            .replace("timeout: 2s", "timeout: 500ms")
    });
    (Siege::new(product), liar)
}

const BROKEN: (u16, &str, &str) = (502, "provider_unreachable", "upstream_error");
const CUT: (u16, &str, &str) = (502, "provider_cut", "upstream_error");
const UNREADABLE: (u16, &str, &str) = (502, "provider_answer_invalid", "upstream_error");
const LATE: (u16, &str, &str) = (504, "provider_timeout", "timeout");

/// Answers that are no answer, and what the caller is told.
fn wholes(trap: &str) -> Vec<(Lie, (u16, &'static str, &'static str))> {
    let good = GOOD.as_bytes();
    let location = format!("location: {trap}/v1/chat/completions\r\n");
    let endless = |sent: Vec<u8>, name: &str, endless| Lie { name: name.to_owned(), sent, endless, end: End::Close };
    vec![
        (lie("hang", Vec::new(), End::Hang), LATE),
        (lie("close", Vec::new(), End::Close), BROKEN),
        (lie("reset", Vec::new(), End::Reset), BROKEN),
        (lie("half-head", b"HTTP/1.1 200 OK\r\ncontent-".to_vec(), End::Close), BROKEN),
        (lie("head-hang", b"HTTP/1.1 200 OK\r\ncontent-".to_vec(), End::Hang), LATE),
        (lie("no-http", b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(), End::Hang), BROKEN),
        (lie("http2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), End::Hang), BROKEN),
        (lie("status-9", http("9 X", "content-length: 0\r\n", b""), End::Close), BROKEN),
        (
            lie("upgrade", http("101 Switching Protocols", "upgrade: x\r\nconnection: upgrade\r\n", good), End::Close),
            UNREADABLE,
        ),
        (lie("continue", b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1_000), End::Hang), BROKEN),
        (lie("some-hints", b"HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n".repeat(30), End::Hang), LATE),
        (endless(Vec::new(), "endless-hints", b"HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n"), BROKEN),
        (endless(b"HTTP/1.1 200 OK\r\nx: ".to_vec(), "endless-head", &[b'a'; 4_096]), BROKEN),
        (lie("two-lengths", json_answer("200 OK", "content-length: 3\r\n", good), End::Close), BROKEN),
        (
            lie(
                "html",
                http("200 OK", "content-type: text/html\r\ncontent-length: 13\r\n", b"<html></html>"),
                End::Stay,
            ),
            UNREADABLE,
        ),
        (
            lie(
                "html-500",
                http("500 Oops", "content-type: text/html\r\ncontent-length: 13\r\n", b"<html></html>"),
                End::Stay,
            ),
            UNREADABLE,
        ),
        (lie("nothing", http("200 OK", "content-length: 0\r\n", b""), End::Stay), UNREADABLE),
        (lie("204", http("204 No Content", "", b""), End::Stay), UNREADABLE),
        (lie("gzip", json_answer("200 OK", "content-encoding: gzip\r\n", &gzip(good)), End::Stay), UNREADABLE),
        (lie("bad-utf8", json_answer("200 OK", "", b"{\"a\":\"\xff\"}"), End::Stay), UNREADABLE),
        (lie("key-twice", json_answer("200 OK", "", b"{\"a\":1,\"a\":2}"), End::Stay), UNREADABLE),
        (lie("deep", json_answer("200 OK", "", &vec![b'['; 100_000]), End::Stay), UNREADABLE),
        (lie("302", json_answer("302 Found", &location, good), End::Stay), UNREADABLE),
        (lie("307", json_answer("307 Temporary Redirect", &location, good), End::Stay), UNREADABLE),
        (lie("301-empty", json_answer("301 Moved", &location, b""), End::Stay), UNREADABLE),
        (lie("304", http("304 Not Modified", "", b""), End::Stay), UNREADABLE),
        (lie("long-length", http("200 OK", "content-length: 5000\r\n", good), End::Close), CUT),
        (lie("long-length-hang", http("200 OK", "content-length: 5000\r\n", good), End::Hang), LATE),
        (lie("cut-reset", http("200 OK", "content-length: 5000\r\n", good), End::Reset), CUT),
        (lie("cut-chunk", http("200 OK", "transfer-encoding: chunked\r\n", b"ff\r\n{\"id\":"), End::Close), CUT),
        (lie("bad-chunk", http("200 OK", "transfer-encoding: chunked\r\n", b"zz\r\n{}\r\n"), End::Close), CUT),
        (endless(http("200 OK", "", b"{\"id\":\""), "endless", &[b'a'; 16_384]), CUT),
    ]
}

#[test]
fn answers_that_are_none_end_in_an_error_of_the_dialect_with_their_true_outcome() {
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let cases = wholes(&format!("http://{}", trap.local_addr().unwrap()));
    let (mut siege, liar) = siege(cases.iter().map(|(lie, _)| lie.clone()).collect());
    for (lie, (status, wanted, outcome)) in &cases {
        for path in [CHAT, MESSAGES] {
            // The endless one takes a while; once is enough.
            if lie.name == "endless" && path != CHAT {
                continue;
            }
            let shown = format!("{} at {path}", lie.name);
            let answer = siege.post(path, &[], body(path, &format!("#lie={}", lie.name)).to_string());
            assert_eq!((answer.status, code(path, &answer).as_str()), (*status, *wanted), "{shown}: {}", answer.text);
            assert!(!answer.text.contains("html") && !answer.headers.contains_key("location"), "{shown}");
            let event = siege.product.event_of(&answer);
            assert_eq!(
                (&event["outcome"], &event["decision"], &event["status_code"]),
                (&json!(outcome), &json!("error"), &json!(status)),
                "{shown}: {event}"
            );
        }
    }
    assert_eq!(trap.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "a redirect was followed");
    assert!(liar.asked.load(Ordering::SeqCst) >= siege.asked, "each request reached the provider");
    ends_well(siege);
}

#[test]
fn a_provider_that_connects_but_never_shows_its_certificate_is_given_up_as_one_that_does_not_connect() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut product = Product::start();
    let url = product.provider.openai_url();
    product.reconfigure(|text, _| {
        let silent = format!("https://{}", silent.local_addr().unwrap());
        text.replace(&url, &silent).replacen("timeout: 2s }", "timeout: 1m, connect_timeout: 200ms }", 1)
    });
    let answer = product.chat("hello");
    // After `timeout` it would be 504.
    assert_eq!((answer.status, code(CHAT, &answer).as_str()), (502, "provider_unreachable"), "{}", answer.text);
    assert_eq!(product.event_of(&answer)["outcome"], "upstream_error");
}

/// Streams that break off, and the outcome of each.
fn streams() -> Vec<(Lie, &'static str)> {
    let piece = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"}}]}\n\n";
    let after = |text: &[u8]| events("", &[piece, text].concat());
    let deep = ["data: ".as_bytes(), &vec![b'['; 100_000], b"\n\n"].concat();
    let endless = Lie { name: "endless".to_owned(), sent: after(b"data: "), endless: &[b'a'; 16_384], end: End::Close };
    vec![
        (lie("nothing", events("", b""), End::Close), "upstream_error"),
        (lie("no-end", after(b""), End::Close), "upstream_error"),
        (lie("half-event", after(b"data: {\"choi"), End::Close), "upstream_error"),
        (lie("half-end", after(b"data: [DONE]\n"), End::Close), "upstream_error"),
        (lie("reset", after(b"data: {"), End::Reset), "upstream_error"),
        (lie("hang", after(b""), End::Hang), "timeout"),
        (lie("hang-at-once", events("", b""), End::Hang), "timeout"),
        (lie("no-json", after(b"data: {oops}\n\n"), End::Hang), "upstream_error"),
        (lie("bad-utf8", after(b"data: {\"a\":\"\xff\"}\n\n"), End::Hang), "upstream_error"),
        (lie("key-twice", after(b"data: {\"a\":1,\"a\":2}\n\n"), End::Hang), "upstream_error"),
        (lie("deep", after(&deep), End::Hang), "upstream_error"),
        (lie("gzip", events("content-encoding: gzip\r\n", &gzip(piece)), End::Close), "upstream_error"),
        (lie("html", events("", b"<html></html>"), End::Close), "upstream_error"),
        (lie("binary", events("", &[0; 5_000]), End::Close), "upstream_error"),
        (lie("long-length", events("content-length: 5000\r\n", piece), End::Close), "upstream_error"),
        (lie("bad-chunk", events("transfer-encoding: chunked\r\n", b"zz\r\ndata: "), End::Hang), "upstream_error"),
        (endless, "upstream_error"),
    ]
}

#[test]
fn streams_that_break_off_end_with_the_error_of_the_dialect_and_their_true_outcome() {
    let cases = streams();
    let (mut siege, _liar) = siege(cases.iter().map(|(lie, _)| lie.clone()).collect());
    for (lie, outcome) in &cases {
        for path in [CHAT, RESPONSES, MESSAGES] {
            let shown = format!("{} at {path}", lie.name);
            let answer = siege.post(path, &[], body(path, &format!("#lie={}", lie.name)).to_string());
            assert_eq!((answer.status, answer.headers["content-type"].to_str().unwrap()), (200, "text/event-stream"));
            let last = answer.text.trim_end().lines().last().unwrap().strip_prefix("data: ").unwrap();
            let last: serde_json::Value = serde_json::from_str(last).unwrap_or_else(|error| panic!("{shown}: {error}"));
            assert_eq!(last["error"]["code"], "provider_cut", "{shown}: {last}");
            assert!(answer.text.ends_with("\n\n") && !answer.text.contains("html"), "{shown}: {}", answer.text);
            assert_eq!(answer.text.contains("event: error\n"), path != CHAT, "{shown}");
            let event = siege.product.event_of(&answer);
            assert_eq!((&event["outcome"], &event["decision"]), (&json!(outcome), &json!("error")), "{shown}: {event}");
        }
    }
    ends_well(siege);
}

#[test]
fn text_after_its_end_does_not_get_out() {
    let value = values::us_ssn();
    let (first, second) = value.split_at(6);
    let piece = |text: &str, finish: &str| {
        format!(
            "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":{finish}}}]}}\n\n"
        )
    };
    let done = "data: [DONE]\n\n";
    let block = |text: &str| {
        format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{text}\"}}}}\n\n"
        )
    };
    let named = |kind: &str| format!("event: {kind}\ndata: {{\"type\":\"{kind}\",\"index\":0}}\n\n");
    let cases = [
        ("finished", CHAT, [piece(first, "\"stop\""), piece(second, "null"), done.to_owned()].concat()),
        ("done", CHAT, [piece(first, "null"), done.to_owned(), piece(second, "null"), done.to_owned()].concat()),
        ("twice", CHAT, [piece(first, "\"stop\""), piece(second, "\"stop\""), done.to_owned()].concat()),
        (
            "stopped",
            MESSAGES,
            [block(first), named("content_block_stop"), block(second), named("message_stop")].concat(),
        ),
        ("ended", MESSAGES, [block(first), named("message_stop"), block(second), named("message_stop")].concat()),
    ];
    let lies = cases.iter().map(|(name, _, text)| lie(name, events("", text.as_bytes()), End::Close)).collect();
    let (mut siege, _liar) = siege(lies);
    for (name, path, _) in &cases {
        let answer = siege.post(path, &[], body(path, &format!("#lie={name}")).to_string());
        assert!(!answer.text.contains(second), "{name}: {} {first} {second}", answer.text);
        assert!(answer.text.contains("provider_cut"), "{name}: {}", answer.text);
        assert_eq!(siege.product.event_of(&answer)["outcome"], "upstream_error", "{name}");
    }
    ends_well(siege);
}

#[test]
fn an_answer_is_never_the_answer_to_another_request() {
    let poison = json_answer("200 OK", "", b"{\"poison\":true}");
    let honest = json_answer("200 OK", "", b"{\"honest\":true}");
    let cases = [
        ("two-answers", [honest.clone(), poison.clone()].concat(), 200),
        ("short-length", [http("200 OK", "content-length: 10\r\n", GOOD.as_bytes()), poison.clone()].concat(), 502),
        ("no-body", [http("204 No Content", "", b""), poison.clone()].concat(), 502),
    ];
    let lies = cases.iter().map(|(name, sent, _)| lie(name, sent.clone(), End::Stay));
    let lies = lies.chain([lie("honest", honest, End::Stay)]).collect();
    let (mut siege, _liar) = siege(lies);
    for (name, _, status) in cases.iter().cycle().take(12) {
        assert_eq!(siege.post(CHAT, &[], body(CHAT, &format!("#lie={name}")).to_string()).status, *status, "{name}");
        let next = siege.post(CHAT, &[], body(CHAT, "#lie=honest").to_string());
        assert_eq!((next.status, next.text.as_str()), (200, "{\"honest\":true}"), "after {name}");
    }
    ends_well(siege);
}

#[test]
fn what_has_an_unknown_shape_is_searched_and_unknown_headers_stay_here() {
    let value = values::us_ssn();
    let hidden =
        ["\"V\"", "[[\"V\"]]", "{\"new\":{\"field\":[\"V\"]}}", "{\"error\":\"V\"}", "{\"error\":{\"message\":\"V\"}}"];
    let names = ["a", "b", "c", "d", "e"];
    let strange = "set-cookie: a=b\r\nserver: x\r\naccess-control-allow-origin: *\r\nx-y: z\r\nvia: x\r\n";
    let mut lies = Vec::new();
    for (name, text) in names.iter().zip(hidden) {
        lies.push(lie(name, json_answer("200 OK", strange, text.replace('V', &value).as_bytes()), End::Stay));
    }
    lies.push(lie("failed", json_answer("400 Bad", strange, hidden[4].replace('V', &value).as_bytes()), End::Stay));
    let (mut siege, _liar) = siege(lies);
    for name in names.iter().chain(&["failed"]) {
        let answer = siege.post(CHAT, &[], body(CHAT, &format!("#lie={name}")).to_string());
        assert!(answer.text.contains("[US_SSN]") && !answer.text.contains(&value), "{name}: {}", answer.text);
        assert_eq!(answer.status, if *name == "failed" { 400 } else { 200 });
        let known = ["content-type", "content-length", "date", "picket-event", "x-request-id"];
        let strays: Vec<_> = answer.headers.keys().filter(|key| !known.contains(&key.as_str())).collect();
        assert!(strays.is_empty(), "{name}: {strays:?}");
        assert_eq!(siege.product.event_of(&answer)["decision"], "redacted", "{name}");
    }
    ends_well(siege);
}

/// As [`Siege::ends_well`], after the providers were made honest.
fn ends_well(mut siege: Siege) {
    let url = siege.product.provider.openai_url();
    siege.product.reconfigure(|text, _| {
        let start = text.find("openai, base_url: \"").unwrap() + "openai, base_url: \"".len();
        let end = start + text[start..].find('"').unwrap();
        format!("{}{url}{}", &text[..start], &text[end..])
    });
    siege.ends_well();
}
