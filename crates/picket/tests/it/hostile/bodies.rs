//! Bodies that are no requests.

use super::{ASKED, CHAT, Siege, body};
use crate::harness::Product;
use serde_json::json;
use std::io::Write as _;

/// Texts that are not JSON, or not one JSON text, or JSON that two readers may read differently.
fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let ordinary = body(CHAT, "hello").to_string();
    let deep = |open: &str, close: &str| {
        format!("{{\"model\":\"gpt-4o\",\"messages\":{}0{}}}", open.repeat(200_000), close.repeat(200_000)).into_bytes()
    };
    let with = |text: &str| format!("{{\"model\":\"gpt-4o\",\"messages\":[],{text}}}").into_bytes();
    vec![
        ("nothing", Vec::new()),
        ("white space", b" \n\t ".to_vec()),
        ("half an object", ordinary[..ordinary.len() / 2].into()),
        ("something after the end", format!("{ordinary}{{}}").into_bytes()),
        ("a NUL after the end", format!("{ordinary}\0").into_bytes()),
        ("a byte order mark", format!("\u{feff}{ordinary}").into_bytes()),
        ("UTF-16", ordinary.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a list", b"[]".to_vec()),
        ("a text", b"\"gpt-4o\"".to_vec()),
        ("nested lists", deep("[", "]")),
        ("nested objects", deep("{\"a\":", "}")),
        ("nested lists that never close", vec![b'['; 1_000_000]),
        ("bad UTF-8", [&ordinary.as_bytes()[..12], b"\xff\xfe", &ordinary.as_bytes()[12..]].concat()),
        (
            "an overlong slash",
            with("\"a\":\"x\"").iter().flat_map(|b| if *b == b'x' { vec![0xc0, 0xaf] } else { vec![*b] }).collect(),
        ),
        (
            "half a character",
            with("\"a\":\"x\"").iter().flat_map(|b| if *b == b'x' { vec![0xe2, 0x82] } else { vec![*b] }).collect(),
        ),
        (
            "an encoded surrogate",
            with("\"a\":\"x\"")
                .iter()
                .flat_map(|b| if *b == b'x' { vec![0xed, 0xa0, 0x80] } else { vec![*b] })
                .collect(),
        ),
        ("a lone surrogate", with("\"a\":\"\\ud800\"")),
        ("a bare line feed in a string", with("\"a\":\"x\ny\"")),
        ("an unknown escape", with("\"a\":\"\\x41\"")),
        ("a key twice", with("\"model\":\"gpt-4o-mini\"")),
        ("a key twice, once escaped", with("\"mod\\u0065l\":\"gpt-4o-mini\"")),
        ("a key twice, deep", with("\"tools\":[{\"type\":\"x\",\"type\":\"y\"}]")),
        ("a trailing comma", with("\"a\":[1,]")),
        ("a comment", with("/* */\"a\":1")),
        ("NaN", with("\"a\":NaN")),
        ("a leading zero", with("\"a\":01")),
        ("single quotes", with("'a':1")),
    ]
}

#[test]
fn what_is_no_single_json_object_is_refused_in_every_dialect() {
    let mut siege = Siege::new(Product::start());
    for (what, bytes) in malformed() {
        for path in ASKED {
            let shown = format!("{what} at {path}");
            let answer = siege.post(path, &[], bytes.clone());
            assert_eq!((answer.status, super::code(path, &answer).as_str()), (400, "invalid_json"), "{shown}");
            assert_eq!(siege.product.event_of(&answer)["outcome"], "refused", "{shown}");
        }
    }
    assert_eq!(siege.product.provider.count(), 0);
    siege.ends_well();
}

#[test]
fn wrong_types_are_refused_or_left_to_the_provider_unchanged() {
    let mut siege = Siege::new(Product::start());
    for model in ["null", "5", "true", "[]", "{}", "[\"gpt-4o\"]"] {
        let text = format!("{{\"model\":{model},\"messages\":[]}}");
        for path in ASKED {
            siege.refused(path, &[], text.as_bytes(), (400, "model_missing"));
        }
    }
    for (member, value) in [
        ("messages", "5"),
        ("messages", "null"),
        ("messages", "{\"role\":\"user\"}"),
        ("messages", "[[],5,null,\"x\",{\"role\":5,\"content\":{\"a\":[7]}}]"),
        ("stream", "\"yes\""),
        ("stream", "1"),
        ("n", "-1"),
        ("n", "1e400"),
        ("max_tokens", "\"many\""),
        ("tools", "{\"function\":5}"),
        ("tools", "[null,5,{\"function\":[]}]"),
        ("user", "{\"id\":[]}"),
        ("metadata", "\"x\""),
    ] {
        let text = format!("{{\"model\":\"gpt-4o\",\"{member}\":{value}}}");
        let answer = siege.post(CHAT, &[], text.clone());
        assert_eq!(answer.status, 200, "{text}: {}", answer.text);
        assert_eq!(siege.product.provider.requests().last().unwrap(), text.as_bytes());
        assert_eq!(siege.product.event_of(&answer)["outcome"], "completed", "{text}");
    }
    siege.ends_well();
}

#[test]
fn large_bodies_pass_up_to_the_limit_and_are_refused_beyond_it() {
    let mut siege = Siege::new(Product::start());
    let limit = picket_stdx::limits::BODY_BYTES_MAX;
    let (head, tail) = ("{\"model\":\"gpt-4o\",\"messages\":[]", "}");
    let padded = |length: usize| format!("{head}{}{tail}", " ".repeat(length - head.len() - tail.len()));
    let largest = siege.post(CHAT, &[], padded(limit));
    assert_eq!(largest.status, 200, "{}", largest.text);
    assert_eq!(siege.product.event_of(&largest)["request_bytes"], limit);
    for path in ASKED {
        siege.refused(path, &[], padded(limit + 1).as_bytes(), (413, "request_too_large"));
    }
    siege.ends_well();
}

#[test]
fn compression_is_gzip_or_none_and_never_a_bomb() {
    let mut siege = Siege::new(Product::start());
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let ordinary = body(CHAT, "hello").to_string();
    let good = siege.post(CHAT, &[("content-encoding", "gzip")], gzip(ordinary.as_bytes()));
    assert_eq!(good.status, 200, "{}", good.text);
    assert_eq!(siege.product.provider.requests().last().unwrap(), ordinary.as_bytes());
    assert!(siege.product.provider.headers().last().unwrap().get("content-encoding").is_none());
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    let nested = gzip(&bomb);
    let cut = &gzip(ordinary.as_bytes())[..20];
    for path in ASKED {
        siege.refused(path, &[("content-encoding", "gzip")], &bomb, (413, "request_too_large"));
        siege.refused(path, &[("content-encoding", "gzip")], &nested, (413, "request_too_large"));
        siege.refused(path, &[("content-encoding", "gzip")], cut, (400, "malformed_gzip"));
        siege.refused(path, &[("content-encoding", "gzip")], b"{}", (400, "malformed_gzip"));
        for encoding in ["br", "deflate", "zstd", "gzip, gzip", "identity, gzip", "x", "\u{e9}"] {
            siege.refused(path, &[("content-encoding", encoding)], b"{}", (415, "unsupported_encoding"));
        }
        let twice = [("content-encoding", "identity"), ("content-encoding", "gzip")];
        siege.refused(path, &twice, ordinary.as_bytes(), (415, "unsupported_encoding"));
    }
    siege.ends_well();
}

#[test]
fn models_that_no_route_knows_are_refused() {
    let mut siege = Siege::new(Product::start());
    let long = "m".repeat(100_000);
    for model in ["", " ", "llama", " gpt-4o", "\u{200b}gpt-4o", "*", "x\0gpt-4o", &long] {
        siege.refused(
            CHAT,
            &[],
            json!({"model": model, "messages": []}).to_string().as_bytes(),
            (404, "model_not_found"),
        );
    }
    for (path, model) in [(super::MESSAGES, "gpt-4o"), (CHAT, "claude-x"), (super::RESPONSES, "claude-x")] {
        siege.refused(path, &[], json!({"model": model}).to_string().as_bytes(), (404, "model_not_found"));
    }
    siege.ends_well();
}
