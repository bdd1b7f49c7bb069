use super::*;
use crate::tests::{events, network, send};
use crate::{Kind, Receiver};
use picket_testkit::receivers::http::{Fault, Reply as Said};
use picket_testkit::receivers::otlp::{Collector, partial};
use std::path::Path;

fn open(url: &str, options: &str) -> Receiver {
    let kind: Kind = serde_json::from_str(&format!(r#"{{"kind":"otlp","url":"{url}"{options}}}"#)).unwrap();
    Receiver::open(&kind, &Credentials::default(), &network(Path::new("/nowhere"))).unwrap()
}

#[test]
fn the_path_of_logs_follows_whatever_path_there_is() {
    for (said, path) in [
        ("https://h:4318", "/v1/logs"),
        ("https://h:4318/", "/v1/logs"),
        ("https://h/otlp", "/otlp/v1/logs"),
        ("https://h/otlp/", "/otlp/v1/logs"),
        ("https://h/v1/logs/", "/v1/logs"),
        ("https://h/api/v2/otlp/v1/logs", "/api/v2/otlp/v1/logs"),
    ] {
        let config: Config = serde_json::from_str(&format!(r#"{{"url":"{said}"}}"#)).unwrap();
        let opened = config.open(&Credentials::default(), &network(Path::new("/nowhere"))).unwrap();
        let place = opened.place(&Request { body: bytes::Bytes::new(), events: &[] });
        assert!(place.ends_with(&format!("h{path}")) || place.ends_with(&format!("4318{path}")), "{said}");
    }
}

fn protobuf(status: u16, body: Vec<u8>) -> Said {
    Said::Answer(status, vec![("content-type".to_owned(), "application/x-protobuf".to_owned())], body)
}

#[tokio::test]
async fn every_event_is_one_record_under_every_spelling_of_the_address() {
    for path in ["", "/", "/v1/logs"] {
        let collector = Collector::start().unwrap();
        let some = events(4_500);
        let answers = send(&open(&format!("{}{path}", collector.server().url()), ""), &some).await;
        assert!(answers.iter().all(|(answer, _)| answer.outcome == Outcome::Ack), "{answers:?}");
        let records = collector.records();
        assert_eq!(records.len(), some.len());
        for (record, event) in records.iter().zip(&some) {
            let id = event.event_id.to_string();
            assert!(record.windows(id.len()).any(|window| window == id.as_bytes()), "{id}");
        }
    }
}

#[tokio::test]
async fn success_is_believed_as_far_as_it_goes() {
    let json = |status: u16, body: &str| Said::json(status, body);
    let cases: Vec<(Said, Outcome)> = vec![
        (Said::empty(200), Outcome::Ack),
        (Said::empty(201), Outcome::Ack),
        (Said::empty(202), Outcome::Ack),
        (protobuf(200, Vec::new()), Outcome::Ack),
        (protobuf(200, partial(0, "slow down")), Outcome::Ack),
        (protobuf(200, partial(2, "too old")), Outcome::Partial { rejected: 2 }),
        (protobuf(200, partial(5, "too old")), Outcome::Reject),
        (protobuf(200, partial(100, "too old")), Outcome::Reject),
        (protobuf(200, b"\x0a\xff".to_vec()), Outcome::Config),
        (Said::html(200, "<html>welcome</html>"), Outcome::Config),
        (json(200, "{}"), Outcome::Ack),
        (json(200, r#"{"partialSuccess":{}}"#), Outcome::Ack),
        (
            json(200, r#"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"x"}}"#),
            Outcome::Partial { rejected: 3 },
        ),
        (json(200, r#"{"partialSuccess":{"rejectedLogRecords":1}}"#), Outcome::Partial { rejected: 1 }),
        (json(200, "[1"), Outcome::Config),
    ];
    for (reply, outcome) in cases {
        let collector = Collector::start().unwrap();
        collector.answer_with(reply.clone());
        let (answer, _) = send(&open(&collector.server().url(), ""), &events(5)).await.remove(0);
        assert_eq!(answer.outcome, outcome, "{reply:?}");
    }
}

#[tokio::test]
async fn only_four_statuses_mean_that_the_same_may_be_sent_again() {
    let collector = Collector::start().unwrap();
    let receiver = open(&collector.server().url(), r#","compress":false"#);
    for status in (300..=599).filter(|status| *status != 304) {
        collector.server().fail([Fault::Instead(Said::empty(status))]);
        let (answer, _) = send(&receiver, &events(1)).await.remove(0);
        assert_eq!(answer.outcome == Outcome::Retry, [429, 502, 503, 504].contains(&status), "{status} {answer:?}");
        match status {
            400 | 409 | 422 => assert_eq!(answer.outcome, Outcome::Reject),
            401 | 403 | 407 => assert_eq!(answer.outcome, Outcome::Auth, "{status}"),
            413 => assert_eq!(answer.outcome, Outcome::Split),
            429 | 502..=504 => {}
            _ => assert_eq!(answer.outcome, Outcome::Config, "{status}"),
        }
    }
    assert!(collector.records().is_empty());
}
