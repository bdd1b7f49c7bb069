use super::*;
use crate::answer::Outcome;
use crate::tests::{events, network, send};
use crate::{Kind, Receiver};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picket_testkit::receivers::http::{Fault, Reply as Said};
use picket_testkit::receivers::webhook::{Hook, Trust};
use std::path::Path;
use zeroize::Zeroizing;

fn try_open(url: &str, secrets: &[(&str, &str)], options: &str) -> Result<Receiver, Problem> {
    let kind: Kind = serde_json::from_str(&format!(r#"{{"kind":"generic_https","url":"{url}"{options}}}"#)).unwrap();
    let secret = |(name, value): &(&str, &str)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()));
    Receiver::open(&kind, &secrets.iter().map(secret).collect(), &network(Path::new("/nowhere")))
}

fn whsec() -> String {
    format!("whsec_{}", STANDARD.encode(picket_stdx::random::bytes::<32>()))
}

#[tokio::test]
async fn one_event_is_one_request_with_its_type_and_digests() {
    let value = picket_stdx::encode::random_base62(20);
    let trust = Trust {
        header: Some(("x-auth".to_owned(), value.clone())),
        workspace: Some("ws_123".to_owned()),
        keys: Vec::new(),
    };
    let hook = Hook::start(trust).unwrap();
    let url = format!("{}/intake/", hook.server().url());
    let receiver = try_open(&url, &[("auth", &value)], r#","auth_header":"X-Auth""#).unwrap();
    let some = events(3);
    let answers = send(&receiver, &some).await;
    assert_eq!(answers.len(), 3);
    assert!(answers.iter().all(|(answer, _)| answer.outcome == Outcome::Ack), "{answers:?}");
    let taken = hook.taken();
    for event in &some {
        let ask = &taken[&event.event_id.to_string()];
        assert_eq!(ask.path, "/intake/");
        assert_eq!(ask.header("x-picket-event"), Some("decision.rejected"));
        assert_eq!(ask.header("content-type"), Some("application/json"));
        let body: serde_json::Value = serde_json::from_slice(&ask.body).unwrap();
        assert_eq!(body["event_id"], event.event_id.to_string());
    }
}

#[tokio::test]
async fn lines_are_text_and_nothing_else_stands_in_the_body() {
    for (options, begin) in [
        (r#","rendering":{"format":"cef","profile":"as_printed"}"#, "CEF:0|Picket|"),
        (r#","rendering":{"format":"leef"}"#, "LEEF:2.0|Picket|"),
    ] {
        let hook = Hook::start(Trust { workspace: Some("ws_123".to_owned()), ..Trust::default() }).unwrap();
        let receiver = try_open(&hook.server().url(), &[], options).unwrap();
        assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, Outcome::Ack);
        let ask = hook.server().asked().remove(0);
        assert_eq!(ask.path, "/");
        assert_eq!(ask.header("content-type"), Some("text/plain; charset=utf-8"));
        let body = String::from_utf8(ask.body).unwrap();
        assert!(body.starts_with(begin) && !body.contains('\n'), "{body}");
    }
}

#[tokio::test]
async fn signatures_verify_with_either_secret_while_they_change_and_with_a_public_key() {
    let (old, new) = (whsec(), whsec());
    let asymmetric = format!("whsk_{}", STANDARD.encode(picket_stdx::random::bytes::<32>()));
    let public = Secret::parse(&asymmetric).unwrap().public().unwrap();
    let both = [("secret", old.as_str()), ("secret_next", new.as_str())];
    let one = [("secret", asymmetric.as_str())];
    for (secrets, key, expected) in [
        (&both[..], &old, Outcome::Ack),
        (&both[..], &new, Outcome::Ack),
        (&both[..1], &new, Outcome::Auth),
        (&both[1..], &new, Outcome::Ack),
        (&one[..], &public, Outcome::Ack),
        (&one[..], &old, Outcome::Auth),
        (&[], &old, Outcome::Auth),
    ] {
        let hook = Hook::start(Trust { keys: vec![key.clone()], ..Trust::default() }).unwrap();
        let receiver = try_open(&hook.server().url(), secrets, "").unwrap();
        assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, expected);
    }
}

#[tokio::test]
async fn batches_are_lines_or_arrays_under_an_id_that_is_the_same_in_every_attempt() {
    for (body, content_type) in [("lines", "application/x-ndjson"), ("array", "application/json")] {
        let key = whsec();
        let hook = Hook::start(Trust { keys: vec![key.clone()], ..Trust::default() }).unwrap();
        let options = format!(r#","batch":{{"events":10,"body":"{body}"}}"#);
        let receiver = try_open(&hook.server().url(), &[("secret", &key)], &options).unwrap();
        let some = events(25);
        for _ in 0..2 {
            assert_eq!(send(&receiver, &some).await.len(), 3);
        }
        assert_eq!(hook.server().asked().len(), 6);
        assert_eq!(hook.taken().len(), 3);
        let ask = hook.server().asked().remove(0);
        assert_eq!(ask.header("content-type"), Some(content_type));
        assert_eq!(ask.header("x-picket-digest"), None);
        let count = match body {
            "lines" => ask.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(),
            _ => serde_json::from_slice::<Vec<serde_json::Value>>(&ask.body).unwrap().len(),
        };
        assert_eq!(count, 10);
    }
}

#[tokio::test]
async fn statuses_have_their_classes() {
    let hook = Hook::start(Trust::default()).unwrap();
    let receiver = try_open(&hook.server().url(), &[], "").unwrap();
    for (status, outcome) in [
        (200, Outcome::Ack),
        (202, Outcome::Ack),
        (204, Outcome::Ack),
        (301, Outcome::Config),
        (400, Outcome::Reject),
        (401, Outcome::Auth),
        (403, Outcome::Auth),
        (404, Outcome::Config),
        (405, Outcome::Config),
        (408, Outcome::Retry),
        (410, Outcome::Config),
        (413, Outcome::Split),
        (415, Outcome::Config),
        (422, Outcome::Reject),
        (429, Outcome::Retry),
        (500, Outcome::Retry),
        (502, Outcome::Retry),
        (503, Outcome::Retry),
        (504, Outcome::Retry),
    ] {
        hook.server().fail([Fault::Instead(Said::empty(status).with("retry-after", "5"))]);
        let (answer, _) = send(&receiver, &events(1)).await.remove(0);
        assert_eq!((answer.outcome, answer.status), (outcome, Some(status)));
        assert_eq!(answer.after, Some(std::time::Duration::from_secs(5)));
    }
}

#[tokio::test]
async fn a_credential_that_is_said_back_is_not_shown() {
    let hook = Hook::start(Trust::default()).unwrap();
    let value = picket_stdx::encode::random_base62(30);
    let receiver = try_open(&hook.server().url(), &[("auth", &value)], "").unwrap();
    hook.server().fail([Fault::Instead(Said::html(500, &format!("you sent {value}, and again {value}")))]);
    let (answer, _) = send(&receiver, &events(1)).await.remove(0);
    assert!(!answer.excerpt.contains(&value) && answer.excerpt.contains("you sent ***"), "{}", answer.excerpt);
}

#[test]
fn options_and_credentials_that_would_break_a_request_are_named() {
    let value = picket_stdx::encode::random_base62(20);
    for (secrets, options, field) in [
        (vec![("auth", "a\r\nx-evil: b")], "", "auth"),
        (vec![("auth", "a\0b")], "", "auth"),
        (vec![("auth", value.as_str())], r#","auth_header":"X Auth""#, "auth_header"),
        (vec![("auth", value.as_str())], r#","auth_header":"Content-Length""#, "auth_header"),
        (vec![("auth", value.as_str())], r#","auth_header":"webhook-signature""#, "auth_header"),
        (vec![], r#","auth_header":"X-Auth""#, "auth"),
        (vec![("secret", value.as_str())], "", "secret"),
        (vec![], r#","batch":{"events":1}"#, "batch.events"),
        (vec![], r#","batch":{"events":9,"body":"array"},"rendering":{"format":"cef"}"#, "rendering.format"),
    ] {
        let problem = try_open("https://siem.example/in", &secrets, options).unwrap_err();
        assert_eq!(problem.field, field, "{options}");
        assert!(!problem.message.contains(&value));
    }
}
