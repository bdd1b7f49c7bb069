use super::*;
use expect_test::expect;
use proptest::prelude::*;
use std::convert::Infallible;

fn entry_of(event: &Event, position: u64) -> Entry {
    let place = Place { log: "t_a", position, at: Timestamp::from_micros(1_700_000_000_123_456), received: Some(7) };
    let bodies = vec![BodyRef { commit: "sha256s:00".to_owned(), role: "facts".to_owned(), size: 64 }];
    Entry::of::<Infallible>(event, &place, bodies, |kind, name| Ok(format!("{}_{}", kind.prefix(), name.len())))
        .unwrap()
}

fn request() -> Event {
    let mut event = Event::new(EventType::REQUEST_COMPLETED, "ws_1", Timestamp::from_millis(0));
    event.event_id = crate::EventId::from_bits(1);
    event.user = Some("alice@example.com".to_owned());
    event.model = Some("gpt-4o".to_owned());
    event.tools = vec!["shell".to_owned()];
    event.risk_score = Some(0.25);
    event.cost = Some(0.001_5);
    event.src_ip = Some("203.0.113.9".to_owned());
    event.reason = Some("free text".to_owned());
    event
}

#[test]
fn the_canonical_form_holds_ids_and_numbers_but_no_value_that_a_caller_chose() {
    let text = String::from_utf8(entry_of(&request(), 42).to_canonical().unwrap()).unwrap();
    expect![[r#"{"bodies":[{"commit":"sha256s:00","role":"facts","size":64}],"decision":"allowed","event":"evt_00000000000000000000000001","model":"mdl_6","received":7,"score_ppm":250000,"seq":42,"severity":"info","tenant":"t_a","tools":["tol_5"],"ts":"2023-11-14T22:13:20.123456Z","type":"request.completed","usage":{"cost_micro":1500},"user":"usr_17","v":1}"#]]
    .assert_eq(&text);
    for personal in ["alice", "gpt-4o", "shell", "203.0.113.9", "free text"] {
        assert!(!text.contains(personal), "{personal}");
    }
}

#[test]
fn two_texts_of_one_entry_are_not_both_accepted() {
    let canonical = entry_of(&request(), 1).to_canonical().unwrap();
    let text = String::from_utf8(canonical.clone()).unwrap();
    assert!(Entry::from_canonical(&canonical).is_ok());
    for other in [
        text.replace("\"v\":1", "\"v\":1.0"),
        text.replace("\"v\":1", "\"v\": 1"),
        text.replace("\"seq\":1", "\"seq\":1e0"),
        text.replace("\"seq\":1", "\"seq\":1,\"seq\":1"),
        text.replace("allowed", "\\u0061llowed"),
        text.replace("\"v\":1", "\"v\":1,\"w\":null"),
        text.replace("\"seq\":1", "\"seq\":9007199254740993"),
    ] {
        assert!(Entry::from_canonical(other.as_bytes()).is_err(), "{other}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn serde_json_writes_what_a_jcs_library_writes(
        position in 0_u64..INTEGER_MAX,
        tokens in proptest::option::of(0_u64..INTEGER_MAX),
        status in proptest::option::of(any::<u16>()),
        score in proptest::option::of(0.0_f64..1.0),
        tools in proptest::collection::vec("[a-z]{1,20}", 0..5),
        held: Option<bool>,
    ) {
        let mut event = request();
        (event.tokens_in, event.status_code, event.risk_score, event.tools, event.held) = (tokens, status, score, tools, held);
        let entry = entry_of(&event, position);
        let bytes = entry.to_canonical().unwrap();
        prop_assert_eq!(&bytes, &serde_json_canonicalizer::to_vec(&entry).unwrap());
        prop_assert_eq!(Entry::from_canonical(&bytes).unwrap(), entry);
    }
}
