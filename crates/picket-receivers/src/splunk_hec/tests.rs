use super::*;
use crate::tests::{events, network, send};
use crate::{Kind, Receiver};
use picket_event::Event;
use picket_testkit::receivers::hec::{CODES, Collector, Setup, reply};
use picket_testkit::receivers::http::{Fault, Reply as Said};
use std::collections::BTreeSet;
use std::path::Path;
use zeroize::Zeroizing;

fn token() -> String {
    picket_stdx::encode::random_base62(36)
}

fn open(url: &str, token: &str, options: &str) -> Receiver {
    let kind: Kind = serde_json::from_str(&format!(r#"{{"kind":"splunk_hec","url":"{url}"{options}}}"#)).unwrap();
    let credentials = [("token".to_owned(), Zeroizing::new(token.to_owned()))].into_iter().collect();
    Receiver::open(&kind, &credentials, &network(Path::new("/nowhere"))).unwrap()
}

fn start(change: impl FnOnce(&mut Setup)) -> (Collector, String) {
    let token = token();
    let mut setup = Setup::new(&token);
    change(&mut setup);
    (Collector::start(setup).unwrap(), token)
}

fn ids(collector: &Collector) -> Vec<String> {
    let id = |event: &serde_json::Value| event["fields"]["event_id"].as_str().unwrap().to_owned();
    collector.events().iter().map(id).collect()
}

fn expected(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| event.event_id.to_string()).collect()
}

#[tokio::test]
async fn envelopes_are_taken_whole_and_packed_under_every_spelling_of_the_address() {
    for path in ["", "/", "/services/collector", "/services/collector/event", "/services/collector/event/1.0"] {
        let (collector, token) = start(|_setup| {});
        let events = events(3_000);
        let answers = send(&open(&format!("{}{path}", collector.server().url()), &token, ""), &events).await;
        assert!(answers.iter().all(|(answer, _)| answer.outcome == Outcome::Ack), "{answers:?}");
        assert_eq!(ids(&collector), expected(&events));
        let asked = collector.server().asked();
        assert!(asked.iter().all(|ask| ask.path == EVENT_PATH && ask.body.len() <= REQUEST_BYTES));
        assert!(asked.iter().all(|ask| ask.packed_bytes * 4 < ask.body.len()));
        let envelope = &collector.events()[0];
        assert_eq!(envelope["sourcetype"], "picket:decision.rejected");
        assert_eq!(envelope["event"]["event_type"], "decision.rejected");
    }
}

/// Each code, and what it means for a request of one event.
#[tokio::test]
async fn every_code_has_its_class() {
    let (collector, token) = start(|_setup| {});
    let receiver = open(&collector.server().url(), &token, "");
    for (code, status, text) in CODES {
        collector.server().fail([Fault::Instead(reply(*code, None))]);
        let (answer, _) = send(&receiver, &events(1)).await.remove(0);
        let class = match code {
            0 | 24 | 25 => Outcome::Ack,
            1..=4 | 16 | 21 | 22 => Outcome::Auth,
            5 | 6 | 12 | 13 | 15 => Outcome::Reject,
            7 | 10 | 11 | 14 | 17 => Outcome::Config,
            _ => Outcome::Retry,
        };
        assert_eq!((&answer.outcome, answer.status), (&class, Some(*status)), "{code}");
        assert_eq!(answer.warning == Some(Warning::Capacity), matches!(code, 24..=27), "{code}");
        assert!(answer.excerpt.contains(text) && answer.excerpt.contains(&code.to_string()), "{}", answer.excerpt);
    }
}

#[tokio::test]
async fn one_bad_event_is_named_and_the_others_come_again() {
    let (collector, token) = start(|_setup| {});
    let receiver = open(&collector.server().url(), &token, "");
    let mut some = events(10);
    some[6].user = Some("poison".to_owned());
    for code in [6, 12, 13, 15] {
        let rendering = r#","rendering":{"extra":["user"]}"#;
        let receiver = open(&collector.server().url(), &token, rendering);
        collector.change(|setup| setup.poison = Some(("poison".to_owned(), code)));
        let (answer, _) = send(&receiver, &some).await.remove(0);
        let Outcome::Items(items) = answer.outcome else { panic!("{answer:?}") };
        let rejected: Vec<usize> =
            (0..items.len()).filter(|at| matches!(items[*at], ItemOutcome::Reject { .. })).collect();
        assert_eq!(rejected, [6], "{code}");
        assert_eq!(items.iter().filter(|item| **item == ItemOutcome::Retry).count(), 9);
    }
    // The one code that counts from one, and is no event's fault.
    collector.server().fail([Fault::Instead(reply(7, Some(6)))]);
    let (answer, _) = send(&receiver, &events(10)).await.remove(0);
    assert_eq!(answer.outcome, Outcome::Config);
    assert!(answer.excerpt.ends_with("at event 7"), "{}", answer.excerpt);
    // A number beyond the request names nobody.
    collector.server().fail([Fault::Instead(reply(6, Some(10)))]);
    assert_eq!(send(&receiver, &events(10)).await.remove(0).0.outcome, Outcome::Reject);
}

#[tokio::test]
async fn an_index_that_is_not_there_is_a_fault_of_the_destination() {
    let (collector, token) = start(|setup| setup.indexes = vec!["main".to_owned()]);
    let url = collector.server().url();
    assert_eq!(send(&open(&url, &token, r#","index":"nope""#), &events(2)).await[0].0.outcome, Outcome::Config);
    assert_eq!(send(&open(&url, &token, r#","index":"main""#), &events(2)).await[0].0.outcome, Outcome::Ack);
}

#[tokio::test]
async fn pages_count_by_their_status_and_success_without_a_code_is_none() {
    let (collector, token) = start(|setup| setup.bytes_max = 2_000);
    let receiver = open(&collector.server().url(), &token, "");
    assert_eq!(send(&receiver, &events(10)).await[0].0.outcome, Outcome::Split);
    let page = "<html><body>welcome</body></html>";
    for (reply, outcome) in [
        (Said::html(415, page), Outcome::Config),
        (Said::html(200, page), Outcome::Config),
        (Said::json(200, "{}"), Outcome::Config),
        (Said::json(200, r#"{"text":"Success","code":"0"}"#), Outcome::Config),
        (Said::json(200, r#"{"text":"busy","code":9}"#), Outcome::Retry),
        (Said::json(200, r#"{"text":"?","code":99}"#), Outcome::Config),
        (Said::json(500, r#"{"text":"?","code":99}"#), Outcome::Retry),
        (Said::html(502, page), Outcome::Retry),
        (Said::html(403, page), Outcome::Auth),
        (Said::html(404, page), Outcome::Config),
        (Said::empty(204), Outcome::Config),
    ] {
        collector.server().fail([Fault::Instead(reply.clone())]);
        assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, outcome, "{reply:?}");
    }
    assert!(collector.events().is_empty());
}

#[tokio::test]
async fn the_wrong_token_is_a_fault_of_credentials_and_is_never_shown() {
    let (collector, _token) = start(|_setup| {});
    let wrong = token();
    let receiver = open(&collector.server().url(), &wrong, "");
    let (answer, _) = send(&receiver, &events(1)).await.remove(0);
    assert_eq!(answer.outcome, Outcome::Auth);
    assert!(!format!("{answer:?} {receiver:?}").contains(&wrong));
    let kind: Kind = serde_json::from_str(r#"{"kind":"splunk_hec","url":"https://a.example"}"#).unwrap();
    let broken = format!("{wrong}\r\nx-a: b");
    let credentials = [("token".to_owned(), Zeroizing::new(broken))].into_iter().collect();
    let problem = Receiver::open(&kind, &credentials, &Network::default()).unwrap_err();
    assert_eq!(problem.field, "token");
    assert!(!problem.to_string().contains(&wrong));
}

#[tokio::test]
async fn with_acknowledgement_events_count_when_the_indexer_reports_them() {
    let (collector, token) = start(|setup| setup.acknowledges = true);
    let receiver = open(&collector.server().url(), &token, r#","acknowledge":true"#);
    let some = events(40);
    // Many at once on one channel: each number is reported once, to whoever asks.
    let mut requests = Vec::new();
    for part in some.chunks(5) {
        let (receiver, part) = (receiver.clone(), part.to_vec());
        requests.push(tokio::spawn(async move { send(&receiver, &part).await.remove(0).0 }));
    }
    for request in requests {
        let answer = request.await.unwrap();
        assert_eq!((answer.outcome, answer.warning), (Outcome::Ack, None));
    }
    let (stored, sent): (BTreeSet<_>, BTreeSet<_>) =
        (ids(&collector).into_iter().collect(), expected(&some).into_iter().collect());
    assert_eq!(stored, sent);
    let asked = collector.server().asked();
    let channels: BTreeSet<_> = asked.iter().filter_map(|ask| ask.header("x-splunk-request-channel")).collect();
    assert_eq!(channels.len(), 1);
}

#[tokio::test]
async fn what_the_indexer_does_not_report_comes_again() {
    let (collector, token) = start(|setup| setup.acknowledges = true);
    collector.index(false);
    let options = r#","acknowledge":true,"acknowledge_within_s":1"#;
    let receiver = open(&collector.server().url(), &token, options);
    let (answer, _) = send(&receiver, &events(1)).await.remove(0);
    assert_eq!(answer.outcome, Outcome::Retry);
    assert!(answer.excerpt.contains("not reported"), "{}", answer.excerpt);
    // Questions that fail are asked again.
    collector.index(true);
    let receiver = open(&collector.server().url(), &token, r#","acknowledge":true"#);
    collector.server().fail([
        Fault::After(Said::json(200, r#"{"text":"Success","code":0,"ackId":0}"#)),
        Fault::Reset,
        Fault::Instead(reply(9, None)),
    ]);
    assert_eq!(send(&receiver, &events(1)).await.remove(0).0.outcome, Outcome::Ack);
}

#[tokio::test]
async fn acknowledgement_that_was_switched_off_is_told() {
    let (collector, token) = start(|setup| setup.acknowledges = true);
    let receiver = open(&collector.server().url(), &token, r#","acknowledge":true"#);
    collector.change(|setup| setup.acknowledges = false);
    let (answer, _) = send(&receiver, &events(1)).await.remove(0);
    assert_eq!((answer.outcome, answer.warning), (Outcome::Ack, Some(Warning::AcknowledgementOff)));
    // Off between the request and the question.
    collector.server().fail([Fault::Instead(Said::json(200, r#"{"text":"Success","code":0,"ackId":7}"#))]);
    let (answer, _) = send(&receiver, &events(1)).await.remove(0);
    assert_eq!((answer.outcome, answer.warning), (Outcome::Ack, Some(Warning::AcknowledgementOff)));
    // A page in place of a report is no report.
    collector.change(|setup| setup.acknowledges = true);
    collector.server().fail([
        Fault::Instead(Said::json(200, r#"{"text":"Success","code":0,"ackId":8}"#)),
        Fault::Instead(Said::html(200, "<html>")),
    ]);
    assert_eq!(send(&receiver, &events(1)).await.remove(0).0.outcome, Outcome::Config);
}
