use super::*;
use crate::tests::{events, network, send};
use crate::{Kind, Receiver};
use picket_stdx::Timestamp;
use picket_testkit::receivers::http::{Fault, Reply as Said};
use picket_testkit::receivers::s3::Buckets;
use std::path::Path;

const ID: &str = "PICKETTESTKEY";

fn open(buckets: &Buckets, key: &str, options: &str) -> Receiver {
    let url = buckets.server().url();
    let text = format!(r#"{{"kind":"s3","bucket":"events","region":"eu-central-1","endpoint":"{url}"{options}}}"#);
    let kind: Kind = serde_json::from_str(&text).unwrap();
    let secrets = [("access_key_id", ID), ("secret_access_key", key)];
    let credentials =
        secrets.iter().map(|(name, value)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()))).collect();
    let clock = Clock::manual("2026-06-01T10:13:20Z".parse::<Timestamp>().unwrap());
    Receiver::open(&kind, &credentials, &Network { clock, ..network(Path::new("/nowhere")) }).unwrap()
}

fn start() -> (Buckets, String) {
    let key = picket_stdx::encode::random_base62(40);
    (Buckets::start(ID, &key, "eu-central-1", "events").unwrap(), key)
}

fn lines(object: &[u8]) -> Vec<String> {
    let text = zstd::bulk::decompress(object, 64 * 1024 * 1024).unwrap();
    String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn objects_hold_lines_and_are_stored_once_however_often_they_are_sent() {
    let (buckets, key) = start();
    let receiver = open(&buckets, &key, r#","prefix":"picket/env=prod/""#);
    let some = events(12_000);
    for _ in 0..2 {
        let answers = send(&receiver, &some).await;
        assert!(answers.iter().all(|(answer, _)| answer.outcome == Outcome::Ack), "{answers:?}");
        assert_eq!(answers.len(), 2);
    }
    let objects = buckets.objects();
    assert_eq!(objects.len(), 2);
    let (name, object) = objects.iter().next().unwrap();
    let begin = "picket/env=prod/ws_123/2026/06/01/10/00000000000000000000-00000000000000009999-";
    assert!(name.starts_with(begin) && name.ends_with(".ndjson.zst"), "{name}");
    let all: Vec<String> = objects.values().flat_map(|object| lines(object)).collect();
    assert_eq!(all.len(), some.len());
    assert!(all.iter().zip(&some).all(|(line, event)| line.contains(&event.event_id.to_string())));
    assert!(object.len() * 4 < lines(object).iter().map(String::len).sum());
}

#[tokio::test]
async fn a_test_shows_the_object_that_was_made_of_the_probe_and_the_lines_before_they_were_packed() {
    let (buckets, key) = start();
    for (options, ending, how) in [
        (r#","prefix":"picket/env=prod""#, ".ndjson.zst", "Zstandard"),
        (r#","objects":"parquet""#, ".parquet", "Parquet"),
    ] {
        let receiver = open(&buckets, &key, options);
        let probe = &events(1)[0];
        let tested = receiver.test(&Subject::new(probe)).await;
        assert_eq!(tested.answer.outcome, Outcome::Ack, "{tested:?}");
        let asked = buckets.server().asked().pop().unwrap();
        let lines: Vec<&str> = tested.request.lines().collect();
        assert_eq!(lines[0], format!("PUT {}{}", buckets.server().url(), asked.path));
        assert!(lines[0].ends_with(ending), "{}", lines[0]);
        assert!(lines[1].contains(how) && lines[1].contains("packed"), "{}", lines[1]);
        assert!(lines[2].contains(&probe.event_id.to_string()), "{}", lines[2]);
        assert!(!tested.request.contains(&key));
    }
}

/// Values of a column of text.
fn column(object: &[u8], name: &str) -> Vec<String> {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    let file = SerializedFileReader::new(Bytes::copy_from_slice(object)).unwrap();
    let rows = file.get_row_iter(None).unwrap().map(Result::unwrap);
    let cell = |row: &parquet::record::Row| {
        let found = row.get_column_iter().find(|(column, _)| *column == name).unwrap();
        found.1.to_string().trim_matches('"').to_owned()
    };
    rows.map(|row| cell(&row)).collect()
}

#[tokio::test]
async fn objects_of_columns_have_the_same_names_and_bytes_however_often_they_are_sent() {
    let (buckets, key) = start();
    let receiver = open(&buckets, &key, r#","objects":"parquet","prefix":"lake""#);
    let some = events(12_000);
    let mut before = None;
    for _ in 0..2 {
        let answers = send(&receiver, &some).await;
        assert!(answers.iter().all(|(answer, _)| answer.outcome == Outcome::Ack), "{answers:?}");
        let objects = buckets.objects();
        let begin = "lake/ws_123/2026/06/01/10/00000000000000000000-00000000000000009999-";
        let names: Vec<_> = objects.keys().collect();
        assert!(names[0].starts_with(begin) && names.iter().all(|name| name.ends_with(".parquet")), "{names:?}");
        let ids: Vec<String> = objects.values().flat_map(|object| column(object, "event_id")).collect();
        assert_eq!(ids, some.iter().map(|event| event.event_id.to_string()).collect::<Vec<_>>());
        assert!(before.is_none_or(|before| before == objects));
        before = Some(objects);
    }
    let kind = |more: &str| {
        let text = format!(r#"{{"kind":"s3","bucket":"events","region":"eu-central-1","objects":"parquet"{more}}}"#);
        serde_json::from_str::<Kind>(&text).unwrap()
    };
    assert!(kind("").check().is_ok() && kind("").has_bodies());
    assert_eq!(kind(r#","rendering":{"format":"ocsf"}"#).check().unwrap_err().field, "rendering");
}

#[tokio::test]
async fn prompts_and_answers_have_columns_of_their_own() {
    use picket_render::{Body, Subject};
    let (buckets, key) = start();
    let receiver = open(&buckets, &key, r#","objects":"parquet""#);
    let event = crate::tests::event(1);
    let said =
        |role: &str, content: serde_json::Value, is_truncated| Body { role: role.to_owned(), content, is_truncated };
    let bodies = [said("request", "{\"a\":1}".into(), true), said("response", serde_json::Value::Null, false)];
    let subject = Subject::new(&event).with_bodies(&bodies);
    let mut body = Vec::new();
    receiver.encode(&subject, &mut body).unwrap();
    body.push(b'\n');
    let sent = [crate::tests::sent(&subject, 0)];
    let answer = receiver.send(Request { body: body.into(), events: &sent }).await;
    assert_eq!(answer.outcome, Outcome::Ack, "{answer:?}");
    let objects = buckets.objects();
    let object = objects.values().next().unwrap();
    assert_eq!(column(object, "body_request"), ["{\"a\":1}"]);
    assert_eq!(column(object, "body_response"), ["null"], "erased");
    assert!(column(object, "bodies_truncated")[0].contains("request"));
}

#[tokio::test]
async fn other_events_between_the_same_positions_are_stored_beside() {
    let (buckets, key) = start();
    let receiver = open(&buckets, &key, "");
    for _ in 0..2 {
        // The same positions, other ids.
        assert_eq!(send(&receiver, &events(3)).await[0].0.outcome, Outcome::Ack);
    }
    assert_eq!(buckets.objects().len(), 2);
}

#[tokio::test]
async fn answers_have_their_classes() {
    let (buckets, key) = start();
    let receiver = open(&buckets, &key, "");
    let said = |status: u16, code: &str| {
        Said::html(status, &format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>x</Message></Error>"))
    };
    for (reply, outcome) in [
        (Said::html(200, "<html>welcome</html>"), Outcome::Config),
        (said(412, "PreconditionFailed"), Outcome::Ack),
        (said(409, "ConditionalRequestConflict"), Outcome::Retry),
        (said(400, "RequestTimeout"), Outcome::Retry),
        (said(400, "EntityTooLarge"), Outcome::Split),
        (said(400, "ExpiredToken"), Outcome::Auth),
        (said(400, "AuthorizationHeaderMalformed"), Outcome::Config),
        (said(403, "RequestTimeTooSkewed"), Outcome::Config),
        (said(403, "AccessDenied"), Outcome::Auth),
        (said(403, "InvalidAccessKeyId"), Outcome::Auth),
        (said(404, "NoSuchBucket"), Outcome::Config),
        (said(301, "PermanentRedirect"), Outcome::Config),
        (said(501, "NotImplemented"), Outcome::Config),
        (said(503, "SlowDown").with("retry-after", "3"), Outcome::Retry),
        (said(500, "InternalError"), Outcome::Retry),
        (Said::empty(413), Outcome::Split),
    ] {
        buckets.server().fail([Fault::Instead(reply.clone())]);
        assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, outcome, "{reply:?}");
    }
    let (answer, _) = send(&open(&buckets, &picket_stdx::encode::random_base62(40), ""), &events(1)).await.remove(0);
    assert_eq!(answer.outcome, Outcome::Auth);
    assert!(buckets.objects().is_empty());
}

#[test]
fn addresses_are_those_of_the_service_and_options_that_cannot_be_used_are_named() {
    let kind = |options: &str| serde_json::from_str::<Kind>(&format!(r#"{{"kind":"s3"{options}}}"#)).unwrap();
    let base = r#","bucket":"my-events","region":"eu-central-1""#;
    for (options, host) in [
        ("", "https://my-events.s3.eu-central-1.amazonaws.com"),
        (r#","path_style":true"#, "https://s3.eu-central-1.amazonaws.com"),
        (r#","endpoint":"https://minio.example:9000""#, "https://minio.example:9000"),
        (r#","endpoint":"https://s3.example","path_style":false"#, "https://my-events.s3.example"),
    ] {
        let kind = kind(&format!("{base}{options}"));
        kind.check().unwrap();
        assert_eq!(kind.host().unwrap(), host);
    }
    for (options, field) in [
        (r#","bucket":"My_Events","region":"a""#.to_owned(), "bucket"),
        (r#","bucket":"a..b","region":"a""#.to_owned(), "bucket"),
        (r#","bucket":"evil.example/","region":"a""#.to_owned(), "bucket"),
        (r#","bucket":"events","region":"evil.example/""#.to_owned(), "region"),
        (format!(r#"{base},"endpoint":"https://a.example/path""#), "endpoint"),
        (format!(r#"{base},"endpoint":"https://user@a.example""#), "endpoint"),
        (format!(r#"{base},"prefix":"a/../b""#), "prefix"),
        (format!(r#"{base},"prefix":"a b""#), "prefix"),
        (format!(r#"{base},"request_bytes":1"#), "request_bytes"),
        (format!(r#"{base},"rendering":{{"format":"leef"}}"#), "rendering.format"),
    ] {
        assert_eq!(kind(&options).check().unwrap_err().field, field, "{options}");
    }
}
