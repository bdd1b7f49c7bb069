use super::*;
use picket_content::Check;
use picket_llm::{Endpoint, Request};
use serde_json::json;
use std::cell::Cell;

fn request(texts: &[String]) -> Request {
    let results: Vec<_> =
        texts.iter().map(|text| json!({"role": "tool", "tool_call_id": "t", "content": text})).collect();
    let body = json!({"messages": results}).to_string();
    Request::parse(Endpoint::ChatCompletions, body.into()).unwrap()
}

/// Bytes that are looked at where these texts meet, by a check that says `report` of each place.
fn looked(texts: &[String], report: impl Fn(&str) -> Report) -> usize {
    let request = request(texts);
    let bytes = Cell::new(0);
    let look = |text: &str, _: Role| {
        bytes.set(bytes.get() + text.len());
        Some(report(text))
    };
    Seams::of(&request).find(&request, (Across::Values, 0.5), Counted::new(), &look, &mut |_| ());
    bytes.get()
}

/// Words that may be joined or set apart, so that each place is looked at in both ways.
fn words(bytes: usize) -> String {
    let mut text = "word ".repeat(bytes / 5 + 1);
    text.truncate(bytes - 1);
    text.push('x');
    text
}

#[test]
fn what_is_looked_at_is_bounded_by_the_seams_and_by_the_texts() {
    let quiet = |_: &str| Report::default();
    let large = vec![words(4_096); 100];
    let seams = looked(&large, quiet);
    assert!(seams <= 99 * (2 * SIDE_BYTES * 2 + 1), "{seams}");
    let small = vec![words(10); 5_000];
    let all = 5_000 * 10;
    let seams = looked(&small, quiet);
    assert!(seams <= 2 * all + 5_000, "{seams}");
    assert_eq!(looked(&[words(5_000)], quiet), 0);
}

#[test]
fn what_seems_to_go_on_is_looked_at_once_more_in_a_wider_place() {
    let everything = |text: &str| {
        let hit = Hit { check: Check::Pii, kind: "X", start: 0, end: text.len(), score: 1.0, detector: "x" };
        Report { score: 1.0, kind: Some("pii"), hits: vec![hit] }
    };
    let texts = vec![words(100_000); 4];
    let seams = looked(&texts, everything);
    let narrow = 2 * SIDE_BYTES + 1;
    assert!(seams <= 3 * 2 * (2 * narrow + 2 * WIDE_BYTES), "{seams}");
}
