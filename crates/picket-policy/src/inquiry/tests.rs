//! What a service may answer.

use super::*;
use proptest::prelude::*;

fn inquiry(texts: &[&str]) -> Inquiry {
    let asked = |text: &&str| Asked {
        part: 0,
        at: "/messages/0/content".to_owned(),
        role: Role::User,
        kind: "text",
        text: (*text).to_owned(),
        past: Past::Fresh,
    };
    let texts = texts.iter().map(asked).collect();
    Inquiry { policy: "remote".to_owned(), phase: Phase::Input, texts, is_out: false, rest: 0.0, excepted: None }
}

#[test]
fn a_question_names_each_text_and_nothing_else() {
    let sent: serde_json::Value = serde_json::from_slice(&inquiry(&["a", "é"]).question("req_1")).unwrap();
    let wanted = serde_json::json!({
        "version": 1, "request_id": "req_1", "direction": "input",
        "texts": [
            {"id": "0", "role": "user", "kind": "text", "text": "a"},
            {"id": "1", "role": "user", "kind": "text", "text": "é"},
        ],
    });
    assert_eq!(sent, wanted);
}

#[test]
fn an_answer_is_read_by_id_with_its_spans_in_order_and_what_is_unknown_is_passed_over() {
    let text = r#"{"took_ms": [1, {"a": null}], "results": [
        {"id": "1", "score": 1, "flag": null, "type": "Brand-Voice", "spans": [{"start": 2, "end": 3}, {"start": 0, "end": 1, "type": "x!"}], "why": {}},
        {"id": "0", "score": 0.25, "flag": false}]}"#;
    let Answer(said) = inquiry(&["ab", "äöü"]).read(text.as_bytes()).unwrap();
    assert_eq!(said[0], Said { score: 0.25, flag: Some(false), kind: None, spans: Vec::new() });
    assert_eq!((said[1].score, said[1].kind.as_deref()), (1.0, Some("brand_voice")));
    let place = |start, end| Place { start, end, kind: None };
    assert_eq!(said[1].spans, [place(0, 1), place(2, 3)]);
}

#[test]
fn what_breaks_the_contract_is_no_answer() {
    let spans = vec![r#"{"start":0,"end":1}"#; SPANS_MAX + 1].join(",");
    let many = format!(r#"{{"results":[{{"id":"0","score":0,"spans":[{spans}]}}]}}"#);
    let long = format!(r#"{{"results":[{{"id":"0","score":0}}],"x":"{}"}}"#, "x".repeat(ANSWER_BYTES_MAX));
    let deep = format!(r#"{{"results":[{{"id":"0","score":0}}],"x":{}}}"#, "[".repeat(100_000));
    let one = |result: &str| format!(r#"{{"results":[{result}]}}"#);
    let cases = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "<html>".to_owned(),
        r#"{"results": {}}"#.to_owned(),
        r#"{"results": []}"#.to_owned(),
        one(r#"{"id":"0"}"#),
        one(r#"{"score":1}"#),
        one(r#"{"id":0,"score":1}"#),
        one(r#"{"id":"1","score":1}"#),
        one(r#"{"id":"00","score":1}"#),
        one(r#"{"id":"0","score":0},{"id":"0","score":0}"#),
        one(r#"{"id":"0","score":0,"score":0}"#),
        one(r#"{"id":"0","score":NaN}"#),
        one(r#"{"id":"0","score":1e999}"#),
        one(r#"{"id":"0","score":-0.1}"#),
        one(r#"{"id":"0","score":1.1}"#),
        one(r#"{"id":"0","score":"1"}"#),
        one(r#"{"id":"0","score":0,"flag":"yes"}"#),
        one(r#"{"id":"0","score":0,"spans":[{"start":0,"end":4}]}"#),
        one(r#"{"id":"0","score":0,"spans":[{"start":1,"end":1}]}"#),
        one(r#"{"id":"0","score":0,"spans":[{"start":-1,"end":1}]}"#),
        one(r#"{"id":"0","score":0,"spans":[{"start":0,"end":18446744073709551615}]}"#),
        one(r#"{"id":"0","score":0,"spans":[{"start":0,"end":1e3}]}"#),
        one(r#"{"id":"0","score":0}"#) + "x",
        many,
        long,
        deep,
    ];
    for case in cases {
        let read = inquiry(&["abc"]).read(case.as_bytes());
        let shown: String = case.chars().take(90).collect();
        assert!(matches!(read, Err(Unanswered::Invalid(_))), "{shown}: {read:?}");
    }
}

#[test]
fn a_type_that_is_no_word_is_none() {
    let long = "a".repeat(41);
    for (kind, read) in [
        ("toxicity", Some("toxicity")),
        ("Self-Harm2", Some("self_harm2")),
        ("", None),
        ("two words", None),
        ("\u{1b}[31m", None),
        ("1st", None),
        (long.as_str(), None),
    ] {
        assert_eq!(word(kind.to_owned()).as_deref(), read, "{kind:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_stop_the_reader_and_what_it_reads_lies_in_the_text(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in ".{0,20}",
        (start, end, score) in (0_u64..30, 0_u64..30, any::<f64>()),
    ) {
        let inquiry = inquiry(&[&text]);
        inquiry.read(&bytes).unwrap_err();
        let told = format!(r#"{{"results":[{{"id":"0","score":{score},"spans":[{{"start":{start},"end":{end}}}]}}]}}"#);
        let length = u64::try_from(text.chars().count()).unwrap();
        let is_valid = (0.0..=1.0).contains(&score) && start < end && end <= length;
        prop_assert_eq!(inquiry.read(told.as_bytes()).is_ok(), is_valid);
    }
}
