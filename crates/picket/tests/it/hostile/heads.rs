//! Heads of requests: smuggling, confusion of path and host, size, slowness.

use super::wire::Goes;
use super::{CHAT, MESSAGES, Siege, body, wire};
use crate::harness::{POLICY, Product};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};

/// A request as text; `head` is what stands between the request line and the empty line.
fn text(line: &str, head: &str, body: &str) -> Vec<u8> {
    format!("{line}\r\n{head}connection: close\r\n\r\n{body}").into_bytes()
}

fn siege() -> Siege {
    Siege::new(Product::start())
}

#[test]
fn framing_that_two_servers_read_differently_smuggles_nothing() {
    let mut siege = siege();
    let (bearer, plain) = (siege.bearer(), body(CHAT, "outer").to_string());
    let auth = format!("host: localhost\r\nauthorization: {bearer}\r\n");
    let length = plain.len();
    let line = format!("POST {CHAT} HTTP/1.1");
    let inner = body(CHAT, "smuggled").to_string();
    let smuggled =
        format!("POST {CHAT} HTTP/1.1\r\n{auth}content-length: {}\r\nconnection: close\r\n\r\n{inner}", inner.len());
    let chunked = format!("{length:x}\r\n{plain}\r\n0\r\n\r\n");
    // Refused for their form, before anyone is known.
    for (what, head) in [
        ("two lengths", format!("content-length: {length}\r\ncontent-length: 5\r\n")),
        ("a list of lengths", format!("content-length: {length}, 5\r\n")),
        ("a signed length", format!("content-length: +{length}\r\n")),
        ("a negative length", "content-length: -1\r\n".to_owned()),
        ("a hexadecimal length", format!("content-length: 0x{length:x}\r\n")),
        ("an enormous length", "content-length: 99999999999999999999999999\r\n".to_owned()),
        ("chunks that are not last", "transfer-encoding: chunked, gzip\r\n".to_owned()),
        ("an unknown coding", "transfer-encoding: xchunked\r\n".to_owned()),
        ("a space before the colon", format!("content-length : {length}\r\n")),
        ("a folded header", format!("x-a: b\r\n content-length: {length}\r\n")),
        ("a bare return", format!("x-a: b\rcontent-length: 5\r\ncontent-length: {length}\r\n")),
        ("a NUL", format!("x-a: \0\r\ncontent-length: {length}\r\n")),
        ("a header without a name", format!(": x\r\ncontent-length: {length}\r\n")),
        ("a header without a colon", format!("x\r\ncontent-length: {length}\r\n")),
    ] {
        let sent = [text(&line, &format!("{auth}{head}"), &plain), smuggled.clone().into_bytes()].concat();
        let answers = wire::exchange(&siege.product.gateway, &sent);
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [400], "{what}: {answers:?}");
    }
    assert_eq!(siege.product.provider.count(), 0);
    // Both framings at once: chunks count, and nothing that follows on the connection is believed.
    for head in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n".to_owned(),
        format!("transfer-encoding: chunked\r\ncontent-length: {}\r\n", chunked.len() + smuggled.len()),
        "transfer-encoding: chunked\r\n".to_owned(),
    ] {
        let outer = format!("{line}\r\n{auth}{head}\r\n{chunked}{smuggled}");
        let answers = wire::exchange(&siege.product.gateway, outer.as_bytes());
        siege.asked += 1;
        // The close may reach the sender of more than was read before the answer does.
        assert!(answers.len() < 2 && answers.iter().all(|answer| answer.status == 200), "{head}: {answers:?}");
        siege.product.events("?outcome=completed", siege.asked);
        assert_eq!(siege.product.provider.requests().last().unwrap(), plain.as_bytes(), "{head}");
    }
    assert_eq!(siege.product.provider.count(), 3);
    siege.ends_well();
}

#[test]
fn an_answer_leaves_before_the_next_request_is_whole() {
    let mut siege = siege();
    let plain = body(CHAT, "hello").to_string();
    let head = format!("authorization: {}\r\ncontent-length: {}\r\n", siege.bearer(), plain.len());
    let whole = format!("POST {CHAT} HTTP/1.1\r\nhost: localhost\r\n{head}\r\n{plain}");
    let mut stream = wire::connect(&siege.product.gateway);
    let (first, rest) = whole.split_at(20);
    stream.write_all(format!("{whole}{first}").as_bytes()).unwrap();
    let mut begun = [0; 12];
    stream.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 200");
    stream.write_all(rest.as_bytes()).unwrap();
    siege.asked += 2;
    siege.product.events("?outcome=completed", siege.asked);
    siege.ends_well();
}

#[test]
fn whoever_sends_more_than_is_read_still_hears_why_it_was_refused() {
    let mut siege = siege();
    let (long, junk) = ("a".repeat(3_000_000), "b".repeat(20_000_000));
    let (known, unknown) = (siege.bearer(), "Bearer junk".to_owned());
    for (bearer, path, sent, wanted) in [
        (&unknown, CHAT, &long, 401),
        (&unknown, MESSAGES, &junk, 401),
        (&known, "/v1/elsewhere", &long, 404),
        (&known, CHAT, &junk, 413),
    ] {
        let auth = format!("host: localhost\r\nauthorization: {bearer}\r\n");
        let line = format!("POST {path} HTTP/1.1");
        let length = text(&line, &format!("{auth}content-length: {}\r\n", sent.len()), sent);
        let chunks = format!("{:x}\r\n{sent}\r\n0\r\n\r\n", sent.len());
        let chunks = text(&line, &format!("{auth}transfer-encoding: chunked\r\n"), &chunks);
        for bytes in [length, chunks] {
            // The answer is not looked at before everything is sent, as simple clients do.
            let answers = wire::send_all(&siege.product.gateway, &bytes);
            assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [wanted], "{path}: {answers:?}");
            siege.asked += usize::from(wanted != 401);
        }
    }
    assert_eq!(siege.product.provider.count(), 0);
    siege.ends_well();
}

#[test]
fn whoever_sends_more_than_the_control_api_reads_still_hears_why_it_was_refused() {
    let product = Product::start();
    let junk = "b".repeat(20_000_000);
    let (known, unknown) = (format!("Bearer {}", product.token), "Bearer junk".to_owned());
    for (bearer, path, media, wanted) in [
        (&known, "/v1/keys", "application/json", 413),
        (&known, "/v1/keys", "text/plain", 415),
        (&known, "/v1/nowhere", "application/json", 404),
        (&unknown, "/v1/keys", "application/json", 401),
    ] {
        let head =
            format!("host: localhost\r\nauthorization: {bearer}\r\ncontent-type: {media}\r\nconnection: close\r\n");
        let line = format!("POST {path} HTTP/1.1");
        let length = text(&line, &format!("{head}content-length: {}\r\n", junk.len()), &junk);
        let chunks = format!("{:x}\r\n{junk}\r\n0\r\n\r\n", junk.len());
        let chunks = text(&line, &format!("{head}transfer-encoding: chunked\r\n"), &chunks);
        for bytes in [length, chunks] {
            let answers = wire::send_all(&product.api, &bytes);
            assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [wanted], "{path}: {answers:?}");
        }
    }
}

#[test]
fn a_path_has_one_spelling() {
    let mut siege = siege();
    let auth = format!("host: localhost\r\nauthorization: {}\r\n", siege.bearer());
    let plain = body(CHAT, "hello").to_string();
    let head = format!("{auth}content-length: {}\r\n", plain.len());
    for path in [
        "//v1/chat/completions",
        "/v1//chat/completions",
        "/v1/chat/completions/",
        "/v1/chat%2fcompletions",
        "/v1/chat%2Fcompletions",
        "/%761/chat/completions",
        "/v1/chat/completions%00",
        "/v1/../v1/chat/completions",
        "/v1/./chat/completions",
        "/v1/x/%2e%2e/chat/completions",
        "/V1/chat/completions",
        "/v1/Chat/completions",
        "/v1/chat/completions;a=b",
        "/v1;a=b/chat/completions",
        "/v1\\chat\\completions",
        "/v1/chat/completions.json",
        "/v1/chat/completions%3fx",
        "/v1/messages/../chat/completions",
        "/v1/events",
        "/v1/keys",
        "/",
        "*",
    ] {
        let answers = wire::exchange(&siege.product.gateway, &text(&format!("POST {path} HTTP/1.1"), &head, &plain));
        let [answer] = answers.as_slice() else { panic!("{path}: {answers:?}") };
        // What is no request target at all has no caller yet.
        let no_target = answer.body.is_empty();
        assert_eq!(answer.status, if no_target { 400 } else { 404 }, "{path}: {answers:?}");
        if !no_target {
            let value: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(value["error"]["code"], "unsupported_endpoint", "{path}");
            siege.asked += 1;
        }
    }
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "post", "BREW"] {
        let answers =
            wire::exchange(&siege.product.gateway, &text(&format!("{method} {CHAT} HTTP/1.1"), &head, &plain));
        let [answer] = answers.as_slice() else { panic!("{method}: {answers:?}") };
        assert_eq!(answer.status, 404, "{method}: {answers:?}");
        siege.asked += 1;
    }
    assert_eq!(siege.product.provider.count(), 0);
    siege.ends_well();
}

#[test]
fn neither_host_nor_an_absolute_target_nor_a_query_leads_elsewhere() {
    let mut siege = siege();
    let own = siege.product.provider.address().to_string();
    let api = siege.product.api.trim_start_matches("http://").to_owned();
    let plain = body(CHAT, "hello").to_string();
    for (target, hosts) in [
        (CHAT.to_owned(), vec!["evil.example"]),
        (CHAT.to_owned(), vec!["evil.example", "other.example"]),
        (CHAT.to_owned(), vec![api.as_str()]),
        (CHAT.to_owned(), vec!["evil.example/v1/events?"]),
        (CHAT.to_owned(), vec![""]),
        (CHAT.to_owned(), vec![]),
        (format!("http://evil.example{CHAT}"), vec!["x"]),
        (format!("https://user:pass@evil.example:1{CHAT}"), vec!["x"]),
        (format!("http://{api}{CHAT}"), vec![api.as_str()]),
        (format!("{CHAT}?api_base=http://evil.example&model=x"), vec!["x"]),
    ] {
        let hosts: String = hosts.iter().map(|host| format!("host: {host}\r\n")).collect();
        let head = format!(
            "{hosts}x-forwarded-host: evil.example\r\nx-forwarded-proto: ftp\r\nx-original-url: /v1/events\r\nforwarded: host=evil.example\r\nauthorization: {}\r\ncontent-length: {}\r\n",
            siege.bearer(),
            plain.len()
        );
        let answers = wire::exchange(&siege.product.gateway, &text(&format!("POST {target} HTTP/1.1"), &head, &plain));
        let [answer] = answers.as_slice() else { panic!("{target}: {answers:?}") };
        assert_eq!(answer.status, 200, "{target} {hosts}: {answers:?}");
        siege.asked += 1;
        let seen = siege.product.provider.headers().last().unwrap().clone();
        assert_eq!(seen["host"], own.as_str(), "{target} {hosts}");
        assert!(seen.keys().all(|name| !name.as_str().contains("forwarded") && name != "x-original-url"), "{seen:?}");
    }
    // What the control API serves is not here, whatever host is named.
    let line = format!("GET http://{api}/v1/events HTTP/1.1");
    let head = format!("host: {api}\r\nauthorization: Bearer {}\r\n", siege.product.token);
    assert_eq!(wire::exchange(&siege.product.gateway, &text(&line, &head, ""))[0].status, 401);
    let line = "CONNECT evil.example:443 HTTP/1.1";
    let head = format!("host: evil.example:443\r\nauthorization: {}\r\n", siege.bearer());
    assert_eq!(wire::exchange(&siege.product.gateway, &text(line, &head, ""))[0].status, 404);
    siege.asked += 1;
    siege.ends_well();
}

#[test]
fn heads_are_bounded() {
    let mut siege = siege();
    let plain = body(MESSAGES, "hello").to_string();
    let auth = format!("host: localhost\r\nx-api-key: {}\r\ncontent-length: {}\r\n", siege.product.key, plain.len());
    let line = format!("POST {MESSAGES} HTTP/1.1");
    let many = |count: usize| (0..count).map(|number| format!("x-{number}: a\r\n")).collect::<String>();
    let long = |length: usize| format!("x-a: {}\r\n", "a".repeat(length));
    let lines = |count: usize| (0..count).map(|number| format!("x-{number}: {}\r\n", "a".repeat(1_000))).collect();
    for (what, extra) in [
        ("a value of 1 MB", long(1_000_000)),
        ("a name of 100 kB", format!("x{}: a\r\n", "a".repeat(100_000))),
        ("5,000 headers", many(5_000)),
        ("200 headers", many(200)),
        ("90 kB in 90 headers", lines(90)),
    ] {
        let answers = wire::exchange(&siege.product.gateway, &text(&line, &format!("{auth}{extra}"), &plain));
        assert!(answers.iter().all(|answer| answer.status == 431), "{what}: {answers:?}");
        // The close may reach the sender of more than was read before the answer does.
        assert!(extra.len() > 400_000 || answers.len() == 1, "{what}");
    }
    let target = format!("POST {MESSAGES}?{} HTTP/1.1", "a".repeat(100_000));
    let answers = wire::exchange(&siege.product.gateway, &text(&target, &auth, &plain));
    assert!(answers.iter().all(|answer| matches!(answer.status, 414 | 431)), "{answers:?}");
    assert_eq!(siege.product.provider.count(), 0);
    // Beyond the limit of 32 KiB, but short enough to be read: whoever it is, is told.
    for extra in [long(40_000), lines(40)] {
        let answers = wire::exchange(&siege.product.gateway, &text(&line, &format!("{auth}{extra}"), &plain));
        siege.asked += 1;
        let [answer] = answers.as_slice() else { panic!("{answers:?}") };
        let value: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            (answer.status, &value["type"], &value["error"]["code"]),
            (431, &json!("error"), &json!("headers_too_large"))
        );
    }
    assert_eq!(siege.product.provider.count(), 0);
    let answers = wire::exchange(&siege.product.gateway, &text(&line, &format!("{auth}{}", lines(30)), &plain));
    siege.asked += 1;
    assert_eq!(answers[0].status, 200, "{answers:?}");
    siege.ends_well();
}

#[test]
fn slow_senders_are_given_up() {
    let options = ", head_timeout: 400ms, idle_timeout: 400ms, body_timeout: 1s";
    let mut siege = Siege::new(Product::with(POLICY, options));
    // A head that never ends, and a connection that says nothing.
    let endless = b"POST /v1/chat/completions HTTP/1.1\r\nx: ".as_slice();
    for (head, goes) in [(endless, Goes::Slowly(b'a')), (b"".as_slice(), Goes::Silent)] {
        let answers = wire::trickle(&siege.product.gateway, head, goes);
        assert!(answers.iter().all(|answer| answer.status == 408), "{goes:?} {answers:?}");
    }
    let bearer = siege.bearer();
    let slowly = Goes::Slowly(b' ');
    for (path, goes) in [(CHAT, slowly), (MESSAGES, slowly), (CHAT, Goes::Silent), (MESSAGES, Goes::Silent)] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: {bearer}\r\ncontent-length: 9000000\r\n\r\n{{"
        );
        let answers = wire::trickle(&siege.product.gateway, head.as_bytes(), goes);
        siege.asked += 1;
        let [answer] = answers.as_slice() else { panic!("{answers:?}") };
        let value: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, value["error"]["code"].as_str()), (408, Some("body_too_slow")), "{value}");
        let id = answer.header("picket-event").unwrap();
        let event = siege.product.wait("the event", |product| {
            let found = product.admin(http::Method::GET, &format!("/v1/events/{id}"), &Value::Null);
            (found.status == 200).then(|| found.json())
        });
        assert_eq!(event["outcome"], "refused", "{event}");
    }
    // Someone who goes in the middle of a body.
    let head =
        format!("POST {CHAT} HTTP/1.1\r\nhost: localhost\r\nauthorization: {bearer}\r\ncontent-length: 900\r\n\r\n{{");
    let mut stream = wire::connect(&siege.product.gateway);
    stream.write_all(head.as_bytes()).unwrap();
    drop(stream);
    siege.asked += 1;
    siege.ends_well();
}
