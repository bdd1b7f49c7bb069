//! Credentials that are none.

use super::{CHAT, MESSAGES, Siege, body, wire};
use crate::harness::Product;
use http::Method;
use picket_stdx::encode::{base62_number, random_base62};
use serde_json::{Value, json};

/// A token of the right form, checksum included, that nobody made.
fn forged(kind: &str) -> String {
    sealed(&format!("picket_{kind}_{}", random_base62(42)))
}

fn sealed(body: &str) -> String {
    format!("{body}{}", base62_number(u64::from(crc32fast::hash(body.as_bytes())), 6))
}

/// Everything that shows no caller; none holds what no header may hold.
fn strangers(product: &Product) -> Vec<(&'static str, Vec<u8>)> {
    let key = product.key.clone();
    let (body, checksum) = key.split_at(key.len() - 6);
    let (start, secret) = body.split_at(body.len() - 32);
    let revoked = product.new_key(json!({"user": "gone"}));
    let id = format!("key_{}", &revoked["picket_gk_".len()..][..10]);
    assert_eq!(product.admin(Method::DELETE, &format!("/v1/keys/{id}"), &Value::Null).status, 200, "{id}");
    let other_start = start.replace("picket_gk_", "picket_adm_");
    let text = |text: String| text.into_bytes();
    vec![
        ("nothing", Vec::new()),
        ("a revoked key", text(revoked)),
        ("a forged key", text(forged("gk"))),
        ("an administrator's token", text(product.token.clone())),
        ("a forged administrator's token", text(forged("adm"))),
        ("a known id with another secret", text(sealed(&format!("{start}{}", random_base62(32))))),
        ("a known id and secret of another kind", text(sealed(&format!("{other_start}{secret}")))),
        ("another checksum", text(format!("{body}{}", if checksum == "000000" { "000001" } else { "000000" }))),
        ("a key and more", text(format!("{key}x"))),
        ("less than a key", text(key[..key.len() - 1].to_owned())),
        ("upper case", text(key.to_uppercase())),
        ("a key twice", text(format!("{key} {key}"))),
        ("a list of keys", text(format!("{key},{key}"))),
        ("a quoted key", text(format!("\"{key}\""))),
        ("8 KiB", text(format!("picket_gk_{}", "a".repeat(8_182)))),
        ("8 KiB with a checksum", text(sealed(&format!("picket_gk_{}", "a".repeat(8_176))))),
        ("not UTF-8", [body.as_bytes(), b"\xff\xfe\x80"].concat()),
        ("full-width letters", text(key.replace('p', "\u{ff50}"))),
        ("a database query", text("' OR '1'='1' -- ".to_owned())),
        ("a database query in a key", text(sealed("picket_gk_0000000000' OR 1=1 UNION SELECT mac FROM--"))),
        ("a statement", text("\"); DROP TABLE credentials; --".to_owned())),
        ("a wildcard", text("picket_gk_%".to_owned())),
        ("a path", text("../../keys/root.key".to_owned())),
        ("a template", text("{{7*7}}${jndi:ldap://127.0.0.1/x}".to_owned())),
        ("a provider's key", text(format!("sk-{}", random_base62(48)))),
    ]
}

#[test]
fn no_stranger_gets_in_by_any_credential_in_either_header() {
    let siege = Siege::new(Product::start());
    let strangers = strangers(&siege.product);
    for (path, is_anthropic) in [(CHAT, false), (MESSAGES, true), ("/v1/nothing", false), ("/", false)] {
        let body = body(path, "hello").to_string();
        for (what, token) in &strangers {
            for (header, prefix) in [("authorization", "Bearer "), ("authorization", ""), ("x-api-key", "")] {
                let head = format!(
                    "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n{header}: {prefix}",
                    body.len()
                );
                let sent = [head.as_bytes(), token, b"\r\n\r\n", body.as_bytes()].concat();
                let answers = wire::exchange(&siege.product.gateway, &sent);
                let [answer] = answers.as_slice() else { panic!("{what} in {header}: {answers:?}") };
                assert_eq!(answer.status, 401, "{what} in {header}: {answer:?}");
                assert_eq!(answer.header("picket-event"), None, "strangers make no event of their own");
                let value: Value = serde_json::from_str(&answer.body).unwrap();
                assert_eq!(value["error"]["code"], "invalid_api_key", "{what}");
                assert_eq!(value["type"] == "error", is_anthropic || header == "x-api-key" && path != CHAT, "{value}");
                let shown = String::from_utf8_lossy(token);
                assert!(shown.len() < 8 || !answer.body.contains(&*shown), "{what}: the answer repeats it");
            }
        }
    }
    // What no header may hold never becomes a request.
    for bad in [b"\0".as_slice(), b"\r", b"\x01", b"\x7f", b"\n"] {
        let key = siege.product.key.clone();
        let head = format!(
            "POST {CHAT} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 2\r\nx-api-key: {key}"
        );
        let sent = [head.as_bytes(), bad, b"x\r\n\r\n{}"].concat();
        let answers = wire::exchange(&siege.product.gateway, &sent);
        assert!(answers.len() < 2 && answers.iter().all(|answer| answer.status == 400), "{bad:?}: {answers:?}");
    }
    assert_eq!(siege.product.provider.count(), 0);
    siege.ends_well();
}

#[test]
fn a_key_beside_another_credential_is_no_key() {
    let siege = Siege::new(Product::start());
    let bearer = siege.bearer();
    let (key, other) = (siege.product.key.clone(), siege.product.new_key(json!({"user": "other"})));
    let body = body(CHAT, "hello").to_string();
    for headers in [
        [("authorization", bearer.as_str()), ("x-api-key", other.as_str())],
        [("x-api-key", key.as_str()), ("x-api-key", other.as_str())],
        [("x-api-key", other.as_str()), ("authorization", "Basic dTpw")],
        [("authorization", ""), ("x-api-key", key.as_str())],
    ] {
        let answer = siege.product.send(&siege.product.gateway, Method::POST, CHAT, &headers, body.clone().into());
        assert_eq!((answer.status, super::code(CHAT, &answer).as_str()), (401, "invalid_api_key"), "{}", answer.text);
    }
    assert_eq!(siege.product.provider.count(), 0);
    siege.ends_well();
}

#[test]
fn a_key_of_the_gateway_opens_nothing_else() {
    let siege = Siege::new(Product::start());
    let key = siege.product.key.clone();
    for token in [key.as_str(), &forged("adm"), &forged("pat"), "' OR '1'='1' --", &"a".repeat(8_192)] {
        for path in ["/v1/events", "/v1/keys", "/v1/policies", "/v1/whoami", "/v1/audit-log", "/v1/log", "/v1/metrics"]
        {
            let answer = siege.product.admin_as(token, Method::GET, path, &Value::Null);
            assert_eq!(answer.status, 401, "{path}: {}", answer.text);
            assert!(!answer.text.contains(token), "{path}: {}", answer.text);
        }
    }
    siege.ends_well();
}

#[test]
fn an_expired_key_is_refused() {
    let siege = Siege::new(Product::start());
    let key = siege.product.new_key(json!({"user": "late", "expires": "1s"}));
    let bearer = format!("Bearer {key}");
    let refused = siege.product.wait("the key to expire", |product| {
        let headers = [("authorization", bearer.as_str())];
        let answer = product.send(&product.gateway, Method::POST, "/v1/none", &headers, "{}".into());
        (answer.status == 401).then_some(answer)
    });
    assert_eq!(super::code("/v1/none", &refused), "invalid_api_key");
}
