//! Providers that fail in every way, or lie.

use super::liar::{End, Liar, Lie};
use super::{CHAT, MESSAGES, RESPONSES, Siege, body, code};
use crate::harness::Product;
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

fn lie(name: &'static str, sent: Vec<u8>, end: End) -> Lie {
    Lie { name, sent, endless: b"", end }
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
            .replace("timeout: 2s", "timeout: 700ms")
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
    let endless = |sent: Vec<u8>, name, endless| Lie { name, sent, endless, end: End::Close };
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
        (endless(b"".to_vec(), "continue", b"HTTP/1.1 100 Continue\r\n\r\n"), LATE),
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
        (endless(http("200 OK", "", b"{\"id\":\""), "endless", &[b'a'; 65_536]), CUT),
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
