mod mutual;

use super::*;
use crate::tests::{events, network, send};
use crate::{Kind, Receiver};
use picket_event::Event;
use picket_testkit::receivers::syslog::Drain;
use std::path::Path;
use zeroize::Zeroizing;

fn try_open(address: &str, secrets: &[(&str, &str)], options: &str) -> Result<Receiver, Problem> {
    let text = format!(r#"{{"kind":"syslog","address":"{address}"{options}}}"#);
    let kind: Kind = serde_json::from_str(&text).unwrap();
    let secret = |(name, value): &(&str, &str)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()));
    Receiver::open(&kind, &secrets.iter().map(secret).collect(), &network(Path::new("/nowhere")))
}

fn plain(address: &str) -> Receiver {
    try_open(address, &[], r#","transport":"tcp""#).unwrap()
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
}

fn has(messages: &[String], event: &Event) -> bool {
    let id = event.event_id.to_string();
    messages.iter().any(|message| message.contains(&id))
}

#[tokio::test]
async fn messages_come_in_order_over_one_connection() {
    let drain = Drain::start().unwrap();
    let receiver = plain(&drain.address());
    let some = events(2_500);
    for part in some.chunks(500) {
        assert!(send(&receiver, part).await.iter().all(|(answer, _)| answer.outcome == Outcome::Ack));
    }
    until(|| drain.messages().len() == some.len()).await;
    let messages = drain.messages();
    assert!(some.iter().zip(&messages).all(|(event, message)| message.contains(&event.event_id.to_string())));
    assert!(
        messages[0].starts_with("<107>1 2026-06-01T10:13:20.000Z - picket - decision.rejected - CEF:0|Picket|"),
        "{}",
        messages[0]
    );
    assert_eq!((drain.connections(), drain.broken()), (1, 0));
}

#[tokio::test]
async fn what_was_sent_last_is_sent_again_when_the_connection_was_broken() {
    let drain = Drain::start().unwrap();
    let receiver = plain(&drain.address());
    let some = events(20);
    let (answer, _) = send(&receiver, &some[..1]).await.remove(0);
    assert_eq!((answer.outcome, answer.warning), (Outcome::Ack, None));
    // The receiver reads three and ends; the rest of the request is lost, and nobody is told.
    drain.end_after(3);
    let (answer, _) = send(&receiver, &some[1..10]).await.remove(0);
    assert_eq!((answer.outcome, answer.warning), (Outcome::Ack, None));
    until(|| drain.messages().len() == 3 && drain.open() == 0).await;
    drain.end_after(0);
    // The end of the connection may take a moment to arrive here; the first answer that tells of it tells of the rest.
    let mut at = 10;
    loop {
        let (answer, _) = send(&receiver, &some[at..=at]).await.remove(0);
        at += 1;
        match answer.outcome {
            Outcome::Ack if answer.warning == Some(Warning::BestEffort) => {
                assert!(answer.excerpt.contains("sent again"), "{}", answer.excerpt);
                break;
            }
            Outcome::Ack | Outcome::Retry => assert!(at < 20, "{answer:?}"),
            other => panic!("{other:?}"),
        }
    }
    until(|| some[..10].iter().all(|event| has(&drain.messages(), event))).await;
    assert_eq!(drain.connections(), 2);
}

#[tokio::test]
async fn nobody_there_is_tried_again() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let receiver = plain(&address);
    let (answer, _) = send(&receiver, &events(1)).await.remove(0);
    assert_eq!(answer.outcome, Outcome::Retry, "{answer:?}");
}

#[tokio::test]
async fn a_receiver_that_ends_each_connection_at_once_has_nothing_and_is_a_fault() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let receiver = plain(&listener.local_addr().unwrap().to_string());
    let ending = tokio::spawn(async move {
        loop {
            drop(listener.accept().await);
        }
    });
    for event in events(3) {
        let (answer, _) = send(&receiver, &[event]).await.remove(0);
        assert_eq!(answer.outcome, Outcome::Retry, "{answer:?}");
    }
    ending.abort();
}

#[tokio::test]
async fn a_message_that_receivers_would_cut_is_refused_and_leaves_nothing_behind() {
    let receiver = try_open("siem.example", &[], r#","message_bytes":480"#).unwrap();
    let mut event = crate::tests::event(1);
    event.reason = Some("x".repeat(500));
    let mut out = b"before".to_vec();
    let error = receiver.encode(&Subject::new(&event), &mut out).unwrap_err();
    assert!(error.to_string().contains("message_bytes"), "{error}");
    assert_eq!(out, b"before");
}

#[tokio::test]
async fn lines_are_a_switch_and_no_message_breaks_them() {
    let options = r#","framing":"lines","rendering":{"format":"canonical"},"hostname":"picket.example","facility":4"#;
    let receiver = try_open("siem.example", &[], options).unwrap();
    let mut event = crate::tests::event(1);
    event.finding_type = Some("a\nb".to_owned());
    let mut out = Vec::new();
    receiver.encode(&Subject::new(&event), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.matches('\n').count(), 1);
    assert!(text.starts_with("<35>1 2026-06-01T10:13:20.001Z picket.example picket - decision.rejected - {"), "{text}");
}

#[test]
fn options_that_cannot_be_used_are_named_and_addresses_keep_their_port() {
    let url = |address: &str| {
        let text = format!(r#"{{"kind":"syslog","address":"{address}"}}"#);
        serde_json::from_str::<Kind>(&text).unwrap().host()
    };
    assert_eq!(url("SIEM.example"), Some("tls://siem.example:6514".to_owned()));
    assert_eq!(url("siem.example:514"), Some("tls://siem.example:514".to_owned()));
    assert_eq!(url("[2606:4700::1]:601"), Some("tls://[2606:4700::1]:601".to_owned()));
    for address in [
        "",
        ":514",
        "siem.example:",
        "siem.example:0",
        "siem.example:65536",
        "a b",
        "user@siem.example",
        "[::1",
        "::1",
        "a/b",
        "https://a",
    ] {
        assert_eq!(url(address), None, "{address}");
        assert_eq!(try_open(address, &[], "").unwrap_err().field, "address", "{address}");
    }
    for (secrets, options, field) in [
        (vec![], r#","fingerprint":"abc""#, "fingerprint"),
        (vec![], r#","facility":24"#, "facility"),
        (vec![], r#","message_bytes":100"#, "message_bytes"),
        (vec![], r#","transport":"tcp","ca":"x""#, "transport"),
        (vec![], r#","ca":"no certificate""#, "ca"),
        (vec![("key", "x")], "", "certificate"),
        (vec![("certificate", "x")], "", "key"),
        (vec![("certificate", "x"), ("key", "y")], "", "certificate"),
    ] {
        assert_eq!(try_open("siem.example", &secrets, options).unwrap_err().field, field, "{options}");
    }
    let digits = ["ab"; 32].join(":");
    try_open("siem.example", &[], &format!(r#","fingerprint":"{digits}""#)).unwrap();
}
