use super::*;
use crate::answer::{ItemOutcome, Warning};
use crate::tests::{events, network, send};
use crate::{Kind, Receiver};
use picket_event::{Event, EventType};
use picket_testkit::receivers::bulk::{Fate, Store};
use picket_testkit::receivers::http::{Fault, Reply as Said};
use std::path::Path;

fn key() -> String {
    STANDARD.encode(picket_stdx::encode::random_base62(30))
}

fn try_open(url: &str, secrets: &[(&str, &str)], options: &str) -> Result<Receiver, Problem> {
    let text = format!(r#"{{"kind":"elastic_http","url":"{url}","index":"logs-picket-default"{options}}}"#);
    let kind: Kind = serde_json::from_str(&text).unwrap();
    let secret = |(name, value): &(&str, &str)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()));
    Receiver::open(&kind, &secrets.iter().map(secret).collect(), &network(Path::new("/nowhere")))
}

fn start(options: &str) -> (Store, Receiver) {
    let key = key();
    let store = Store::start(&format!("ApiKey {key}")).unwrap();
    let receiver = try_open(&store.server().url(), &[("api_key", &key)], options).unwrap();
    (store, receiver)
}

fn id(event: &Event) -> String {
    event.event_id.to_string()
}

#[tokio::test]
async fn documents_are_created_once_however_often_they_are_sent() {
    let (store, receiver) = start("");
    let some = events(2_500);
    for _ in 0..2 {
        let answers = send(&receiver, &some).await;
        assert_eq!(answers.len(), 2);
        assert!(answers.iter().all(|(answer, _)| answer.outcome == Outcome::Ack), "{answers:?}");
    }
    let documents = store.documents();
    assert_eq!(documents.len(), some.len());
    assert_eq!(documents[&id(&some[7])]["event_id"], id(&some[7]));
    assert_eq!(documents[&id(&some[7])]["@timestamp"], some[7].timestamp.to_string());
    assert!(store.server().asked().iter().all(|ask| ask.path == "/logs-picket-default/_bulk"));
}

#[tokio::test]
async fn each_document_has_its_own_outcome_however_the_answer_is_written() {
    for is_pretty in [false, true] {
        let (store, receiver) = start("");
        store.write_pretty(is_pretty);
        let some = events(8);
        let text = |at: usize| id(&some[at]);
        store.doom(&text(1), Fate::error(429, "es_rejected_execution_exception", "queue is full").times(1));
        store.doom(&text(2), Fate::error(503, "unavailable_shards_exception", "primary is not active").times(1));
        store.doom(&text(3), Fate::error(400, "document_parsing_exception", "failed to parse [severity]"));
        store.doom(&text(4), Fate::error(403, "cluster_block_exception", "index read-only").times(1));
        store.doom(&text(5), Fate::error(409, "resource_already_exists_exception", "race").times(1));
        let aside = Fate { status: 201, error: None, failure_store: Some("used".to_owned()), times: None };
        store.doom(&text(6), aside);
        let (answer, _) = send(&receiver, &some).await.remove(0);
        let Outcome::Items(items) = &answer.outcome else { panic!("{answer:?}") };
        let again = [1, 2, 4, 5];
        for (at, item) in items.iter().enumerate() {
            match item {
                ItemOutcome::Ack => assert!([0, 6, 7].contains(&at), "{at}"),
                ItemOutcome::Retry => assert!(again.contains(&at), "{at}"),
                ItemOutcome::Reject { reason } => {
                    assert_eq!(at, 3);
                    assert_eq!(reason, "400 document_parsing_exception: failed to parse [severity]");
                }
            }
        }
        assert_eq!(answer.warning, Some(Warning::FailureStore { documents: 1 }));
        let rest: Vec<Event> = again.iter().map(|at| some[*at].clone()).collect();
        assert_eq!(send(&receiver, &rest).await[0].0.outcome, Outcome::Ack);
        assert_eq!(store.documents().len(), 7);
    }
}

#[tokio::test]
async fn what_no_document_causes_is_a_fault_of_the_destination() {
    let (store, receiver) = start("");
    let some = events(3);
    for (status, outcome) in [(403, Outcome::Auth), (404, Outcome::Config)] {
        store.doom(&id(&some[1]), Fate::error(status, "security_exception", "not for you").times(1));
        assert_eq!(send(&receiver, &some).await[0].0.outcome, outcome);
    }
    assert_eq!(send(&receiver, &some).await[0].0.outcome, Outcome::Ack);
    let other = try_open(&store.server().url(), &[("api_key", &key())], "").unwrap();
    assert_eq!(send(&other, &some).await[0].0.outcome, Outcome::Auth);
}

#[tokio::test]
async fn answers_that_lie_are_not_believed() {
    let (store, receiver) = start("");
    let blocked = r#"{"error":{"type":"cluster_block_exception","reason":"read-only"},"status":403}"#;
    let ok = r#"{"create":{"status":201}}"#;
    for (reply, outcome) in [
        (Said::html(200, "<html>welcome</html>"), Outcome::Config),
        (Said::json(200, "{}"), Outcome::Config),
        (Said::json(200, r#"{"errors":false}"#), Outcome::Retry),
        (Said::json(200, r#"{"errors":false,"items":[]}"#), Outcome::Retry),
        (Said::json(200, &format!(r#"{{"errors":false,"items":[{ok}]}}"#)), Outcome::Retry),
        (Said::json(200, &format!(r#"{{"errors":true,"items":[{ok},{ok}]}}"#)), Outcome::Retry),
        (
            Said::json(200, r#"{"errors":false,"items":[{"create":{"status":400}},{"create":{"status":400}}]}"#),
            Outcome::Ack,
        ),
        (Said::json(200, &format!(r#"{{"errors":false,"items":["{}"]}}"#, "a".repeat(100_000))), Outcome::Split),
        (Said::json(413, ""), Outcome::Split),
        (Said::json(429, ""), Outcome::Retry),
        (Said::json(403, blocked), Outcome::Retry),
        (Said::json(400, ""), Outcome::Reject),
        (Said::json(503, ""), Outcome::Retry),
    ] {
        store.server().fail([Fault::Instead(reply.clone())]);
        let (answer, _) = send(&receiver, &events(2)).await.remove(0);
        // Items that failed count although the sentence over them says otherwise.
        match answer.outcome {
            Outcome::Items(items) => assert!(items.iter().all(|item| matches!(item, ItemOutcome::Reject { .. }))),
            other => assert_eq!(other, outcome, "{reply:?}"),
        }
    }
}

#[tokio::test]
async fn single_documents_are_created_under_their_id_or_added() {
    let (store, receiver) = start(r#","write":"create""#);
    let some = events(2);
    for _ in 0..2 {
        assert!(send(&receiver, &some).await.iter().all(|(answer, _)| answer.outcome == Outcome::Ack));
    }
    assert_eq!(store.documents().len(), 2);
    store.doom(&id(&some[0]), Fate::error(400, "document_parsing_exception", "failed to parse"));
    assert_eq!(send(&receiver, &some).await[0].0.outcome, Outcome::Reject);
    store.server().fail([Fault::Instead(Said::html(200, "<html>"))]);
    assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, Outcome::Config);

    let (store, receiver) = start(r#","write":"doc""#);
    for _ in 0..2 {
        assert!(send(&receiver, &some).await.iter().all(|(answer, _)| answer.outcome == Outcome::Ack));
    }
    assert_eq!(store.documents().len(), 4);
    assert!(store.server().asked().iter().all(|ask| ask.path == "/logs-picket-default/_doc"));
}

#[tokio::test]
async fn events_are_counted_by_their_time_and_a_test_reads_back_what_was_stored() {
    let (store, receiver) = start("");
    let some = events(10);
    send(&receiver, &some).await;
    let mut probe = Event::new(EventType::of("system.test"), "ws_123", some[4].timestamp);
    probe.user = None;
    let tested = receiver.test(&Subject::new(&probe)).await;
    assert_eq!(tested.answer.outcome, Outcome::Ack);
    assert!(tested.stored.unwrap().unwrap().contains("system.test"));
    assert!(tested.request.starts_with("POST http://127.0.0.1"), "{}", tested.request);
    let counted = receiver.count(some[2].timestamp, some[8].timestamp).await;
    assert_eq!(counted, Some(Ok(6)));
    store.server().fail([Fault::Instead(Said::json(403, "{}"))]);
    let refused = receiver.count(some[2].timestamp, some[8].timestamp).await.unwrap().unwrap_err();
    assert!(refused.message.contains("privilege `read`"), "{refused}");
}

#[tokio::test]
async fn a_test_shows_the_request_that_was_made_and_what_became_of_the_probe() {
    for (options, packed) in [
        ("", true),
        (r#","write":"create""#, true),
        (r#","write":"doc""#, true),
        (r#","write":"create","compress":false"#, false),
    ] {
        let (store, receiver) = start(options);
        let probe = &events(1)[0];
        let tested = receiver.test(&Subject::new(probe)).await;
        assert_eq!(tested.answer.outcome, Outcome::Ack, "{tested:?}");
        let asked = store.server().asked().remove(0);
        let query = if asked.query.is_empty() { String::new() } else { format!("?{}", asked.query) };
        let mut shown = tested.request.splitn(2, '\n');
        assert_eq!(shown.next(), Some(&*format!("POST {}{}{query}", store.server().url(), asked.path)));
        let mut body = shown.next().unwrap();
        assert_eq!(asked.packed_bytes < asked.body.len(), packed, "{options}");
        if packed {
            let (note, rest) = body.split_once('\n').unwrap();
            assert!(note.contains(&format!("({} bytes", asked.body.len())) && note.contains("gzip"), "{note}");
            body = rest;
        }
        assert!(body.contains(&id(probe)) && !body.contains("packed"), "{body}");
    }
}

#[tokio::test]
async fn a_test_says_what_became_of_the_probe_and_not_that_it_was_one_of_a_list() {
    let (store, receiver) = start("");
    let some = events(2);
    store.doom(&id(&some[0]), Fate::error(429, "es_rejected_execution_exception", "queue is full"));
    store.doom(&id(&some[1]), Fate::error(400, "document_parsing_exception", "failed to parse"));
    for (probe, outcome, said) in [(&some[0], Outcome::Retry, "429 "), (&some[1], Outcome::Reject, "400 document_pars")]
    {
        let tested = receiver.test(&Subject::new(probe)).await;
        assert_eq!(tested.answer.outcome, outcome);
        assert!(tested.response.contains(said), "{tested:?}");
    }
}

#[test]
fn credentials_that_do_not_fit_together_are_named() {
    let word = picket_stdx::encode::random_base62(12);
    let url = "https://es.example";
    for (secrets, options, field) in [
        (vec![("password", word.as_str())], "", "user"),
        (vec![], r#","user":"ana""#, "password"),
        (vec![("password", word.as_str()), ("api_key", word.as_str())], r#","user":"ana""#, "api_key"),
        (vec![("api_key", "a\nb")], "", "api_key"),
        (vec![], r#","user":"a:b""#, "user"),
        (vec![], r#","rendering":{"format":"cef"}"#, "rendering.format"),
        (vec![], r#","request_bytes":1"#, "request_bytes"),
    ] {
        assert_eq!(try_open(url, &secrets, options).unwrap_err().field, field, "{options}");
    }
    for (secrets, options) in
        [(vec![("password", word.as_str())], r#","user":"ana""#), (vec![("api_key", "id:key")], "")]
    {
        try_open(url, &secrets, options).unwrap();
    }
    for index in ["Logs", "_logs", "logs/x", "logs*", "", "..", "a,b", "a b", "a?b"] {
        let text = format!(r#"{{"kind":"elastic_http","url":"{url}","index":"{index}"}}"#);
        assert_eq!(serde_json::from_str::<Kind>(&text).unwrap().check().unwrap_err().field, "index", "{index}");
    }
}
