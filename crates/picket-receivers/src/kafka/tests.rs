use super::*;
use crate::tests::tls::{Names, authority, client, pem, server};
use crate::tests::{events, network, send};
use crate::{Kind, Receiver};
use picket_event::Event;
use picket_testkit::receivers::kafka::{Broker, Fault, Stored};
use std::path::Path;

fn try_open(brokers: &[&str], secrets: &[(&str, &str)], options: &str) -> Result<Receiver, Problem> {
    let brokers = serde_json::to_string(brokers).unwrap();
    let text = format!(r#"{{"kind":"kafka","brokers":{brokers},"topic":"events","transport":"tcp"{options}}}"#);
    let kind: Kind = serde_json::from_str(&text).unwrap();
    let secret = |(name, value): &(&str, &str)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()));
    let network = Network { timeout: Duration::from_secs(2), ..network(Path::new("/nowhere")) };
    Receiver::open(&kind, &secrets.iter().map(secret).collect(), &network)
}

fn start() -> (Broker, Receiver) {
    let broker = Broker::start("events", None).unwrap();
    let receiver = try_open(&[&broker.address()], &[], "").unwrap();
    (broker, receiver)
}

fn ids(records: &[Stored]) -> Vec<String> {
    let id = |record: &Stored| {
        let (_, value) = record.headers.iter().find(|(name, _)| name == "event_id").unwrap();
        String::from_utf8(value.clone()).unwrap()
    };
    records.iter().map(id).collect()
}

fn expected(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| event.event_id.to_string()).collect()
}

#[tokio::test]
async fn records_are_stored_in_order_on_the_partition_of_their_workspace() {
    let (broker, receiver) = start();
    let some = events(5_000);
    let answers = send(&receiver, &some).await;
    assert!(answers.iter().all(|(answer, _)| answer.outcome == Outcome::Ack), "{answers:?}");
    let records = broker.records();
    assert_eq!(ids(&records), expected(&some));
    let home = i32::try_from(wire::partition(b"ws_123", 3)).unwrap();
    for (record, event) in records.iter().zip(&some) {
        assert_eq!(
            (record.partition, record.key.as_slice(), record.at),
            (home, &b"ws_123"[..], event.timestamp.as_millis())
        );
    }
    let names: Vec<&str> = records[0].headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["event_id", "event_type", "schema", "workspace_id"]);
    assert_eq!(broker.producers(), 1);
}

#[tokio::test]
async fn what_is_sent_again_within_its_time_is_stored_once() {
    for faults in [
        vec![Fault::Before],
        vec![Fault::After],
        vec![Fault::After, Fault::Before, Fault::After],
        vec![Fault::Stored(20)],
        vec![Fault::Stored(7), Fault::Code(19)],
        vec![Fault::Code(6), Fault::Code(5), Fault::Code(19)],
        vec![Fault::Code(56)],
    ] {
        let (broker, receiver) = start();
        let some = events(30);
        send(&receiver, &some[..10]).await;
        broker.fail(faults.clone());
        for part in some[10..].chunks(10) {
            assert_eq!(send(&receiver, part).await[0].0.outcome, Outcome::Ack, "{faults:?}");
        }
        assert_eq!(ids(&broker.records()), expected(&some), "{faults:?}");
        assert_eq!(broker.producers(), 1, "{faults:?}");
    }
}

/// The worst that could happen: other records under the numbers of those that may be stored are dropped as copies.
#[tokio::test]
async fn nothing_is_lost_when_it_stays_unknown_whether_something_was_stored() {
    for fault in [Fault::After, Fault::Stored(20), Fault::Stored(7)] {
        let (broker, receiver) = start();
        let some = events(30);
        send(&receiver, &some[..10]).await;
        // Stored, not acknowledged, and refused from then on until the time is over.
        broker.fail([fault].into_iter().chain([Fault::Code(19); 60]));
        let (answer, _) = send(&receiver, &some[10..20]).await.remove(0);
        assert_eq!(answer.outcome, Outcome::Retry);
        let left = broker.fail_count();
        broker.forgive();
        assert!(left > 0);
        // The dispatcher need not send the same next.
        for part in [&some[20..], &some[10..20]] {
            assert_eq!(send(&receiver, part).await[0].0.outcome, Outcome::Ack);
        }
        let stored = ids(&broker.records());
        assert!(expected(&some).iter().all(|id| stored.contains(id)), "{fault:?}");
        assert_eq!(broker.producers(), 2);
    }
}

#[tokio::test]
async fn errors_have_their_classes_and_lengths_are_not_believed() {
    for (fault, outcome) in [
        (Fault::Code(10), Outcome::Split),
        (Fault::Code(18), Outcome::Split),
        (Fault::Code(17), Outcome::Config),
        (Fault::Code(29), Outcome::Auth),
        (Fault::Code(31), Outcome::Auth),
        (Fault::Code(35), Outcome::Config),
        (Fault::Code(44), Outcome::Config),
        (Fault::Code(76), Outcome::Config),
        (Fault::Code(87), Outcome::Reject),
        (Fault::Length(i32::MAX), Outcome::Config),
        (Fault::Length(-1), Outcome::Config),
        (Fault::Length(0), Outcome::Config),
    ] {
        let (broker, receiver) = start();
        broker.fail([fault]);
        assert_eq!(send(&receiver, &events(2)).await[0].0.outcome, outcome, "{fault:?}");
        assert_eq!(send(&receiver, &events(2)).await[0].0.outcome, Outcome::Ack, "{fault:?}");
        assert_eq!(broker.records().len(), 2);
    }
    // A producer that the broker has forgotten is followed by a new one.
    for code in [45, 47, 59] {
        let (broker, receiver) = start();
        broker.fail([Fault::Code(code)]);
        assert_eq!(send(&receiver, &events(2)).await[0].0.outcome, Outcome::Ack);
        assert_eq!(broker.producers(), 2);
    }
    let other = Broker::start("other", None).unwrap();
    let receiver = try_open(&[&other.address()], &[], "").unwrap();
    let (answer, _) = send(&receiver, &events(1)).await.remove(0);
    assert_eq!(answer.outcome, Outcome::Config);
    assert!(answer.excerpt.contains("UNKNOWN_TOPIC_OR_PARTITION"), "{}", answer.excerpt);
}

#[tokio::test]
async fn brokers_that_are_down_are_passed_over_and_credentials_are_asked_for() {
    let password = picket_stdx::encode::random_base62(20);
    let broker = Broker::start("events", Some(("picket", &password))).unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let brokers = [nobody.as_str(), &broker.address()];
    let sasl = r#","sasl":{"user":"picket"}"#;
    let receiver = try_open(&brokers, &[("password", &password)], sasl).unwrap();
    assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, Outcome::Ack);
    let wrong = try_open(&brokers, &[("password", "another word")], sasl).unwrap();
    assert_eq!(send(&wrong, &events(1)).await[0].0.outcome, Outcome::Auth);
    assert!(!format!("{receiver:?}").contains(&password));
    assert_eq!(try_open(&brokers, &[], sasl).unwrap_err().field, "password");
    assert_eq!(try_open(&brokers, &[("password", &password)], "").unwrap_err().field, "sasl");
}

#[test]
fn options_that_cannot_be_used_are_named() {
    for (brokers, options, field) in [
        (vec![], "", "brokers"),
        (vec!["a b"], "", "brokers"),
        (vec!["a:0"], "", "brokers"),
        (vec!["user@a:9092"], "", "brokers"),
        (vec!["a"; 33], "", "brokers"),
        (vec!["a"], r#","ca":"x""#, "transport"),
        (vec!["a"], r#","sasl":{"user":""}"#, "sasl.user"),
        (vec!["a"], r#","request_bytes":1"#, "request_bytes"),
    ] {
        assert_eq!(try_open(&brokers, &[], options).unwrap_err().field, field, "{options}");
    }
    for topic in ["", ".", "..", "a b", "a/b", "ä"] {
        let kind: Kind =
            serde_json::from_str(&format!(r#"{{"kind":"kafka","brokers":["a"],"topic":"{topic}"}}"#)).unwrap();
        assert_eq!(kind.check().unwrap_err().field, "topic", "{topic}");
    }
}

#[tokio::test]
async fn a_certificate_that_a_broker_does_not_take_is_a_fault_of_the_options() {
    let (ours, theirs) = (authority(), authority());
    let ca = serde_json::to_string(&pem("CERTIFICATE", ours.der())).unwrap();
    let (address, read) = server(&ours, Names::Never).await;
    let kind = format!(r#"{{"kind":"kafka","brokers":["{address}"],"topic":"events","ca":{ca}}}"#);
    let kind: Kind = serde_json::from_str(&kind).unwrap();
    let (certificate, key) = client(&theirs);
    for secrets in [vec![], vec![("certificate", certificate), ("key", key)]] {
        let secrets = secrets.into_iter().map(|(name, value)| (name.to_owned(), Zeroizing::new(value))).collect();
        let receiver = Receiver::open(&kind, &secrets, &network(Path::new("/nowhere"))).unwrap();
        let (answer, _) = send(&receiver, &events(1)).await.remove(0);
        assert_eq!(answer.outcome, Outcome::Config, "{answer:?}");
    }
    assert_eq!(read.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_broker_that_takes_connections_and_says_nothing_keeps_nobody_from_the_others() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let broker = Broker::start("events", None).unwrap();
    let silent = silent.local_addr().map(|address| (silent, address.to_string())).unwrap();
    let receiver = try_open(&[&silent.1, &broker.address()], &[], "").unwrap();
    let some = events(10);
    let (answer, _) = send(&receiver, &some).await.remove(0);
    assert_eq!(answer.outcome, Outcome::Ack, "{answer:?}");
    assert_eq!(ids(&broker.records()), expected(&some));
}
