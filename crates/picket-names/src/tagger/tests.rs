//! What the shipped model finds, and that it never leaves the text.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

static TAGGER: LazyLock<Tagger> = LazyLock::new(|| Tagger::load(include_bytes!("../../model/names.bin")).unwrap());

fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    TAGGER.each(text, |span| spans.push(span));
    spans
}

fn found(text: &str) -> Vec<(&'static str, &str)> {
    let sure = spans(text).into_iter().filter(|span| span.score >= 0.5);
    sure.map(|span| (span.kind.as_str(), &text[span.start..span.end])).collect()
}

#[test]
fn names_are_found_in_letters_forms_code_and_several_languages() {
    for (text, names) in [
        ("My name is Anna Schmidt.", vec![("PERSON", "Anna Schmidt")]),
        ("Dear Mr. Okonkwo,", vec![("PERSON", "Okonkwo")]),
        ("my name is peter jackson", vec![("PERSON", "peter jackson")]),
        ("We flew from Madrid to Toronto.", vec![("LOCATION", "Madrid"), ("LOCATION", "Toronto")]),
        ("{\"name\": \"Laura Rossi\", \"city\": \"Milan\"}", vec![("PERSON", "Laura Rossi"), ("LOCATION", "Milan")]),
        ("Sehr geehrte Frau Hoffmann,", vec![("PERSON", "Hoffmann")]),
        ("Je m'appelle Camille Laurent.", vec![("PERSON", "Camille Laurent")]),
        ("Me llamo Javier Moreno.", vec![("PERSON", "Javier Moreno")]),
        ("我叫王伟。", vec![("PERSON", "王伟")]),
        ("Signed-off-by: John Miller <jm@example.com>", vec![("PERSON", "John Miller")]),
        (
            "I have worked at Deutsche Bank in Frankfurt.",
            vec![("ORGANIZATION", "Deutsche Bank"), ("LOCATION", "Frankfurt")],
        ),
    ] {
        assert_eq!(found(text), names, "{text}");
    }
}

#[test]
fn ordinary_texts_hold_no_names() {
    for text in [
        "Write a Python script that reads a CSV file.",
        "On Monday we deploy the new version to production.",
        "SELECT name, address FROM customers WHERE city IS NOT NULL;",
        "Dear Sir or Madam,",
        "What is the difference between TCP and UDP?",
        "1 2 3 4 5 6 7 8 9",
        "",
        "!!! ??? ...",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn only_the_kinds_that_are_asked_for_become_hits() {
    let text = "Anna Schmidt lives in Berlin.";
    let kinds = |kinds: &[&str]| TAGGER.hits(text, kinds).iter().map(|hit| hit.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&["PERSON", "LOCATION"]), ["PERSON", "LOCATION"]);
    assert_eq!(kinds(&["LOCATION"]), ["LOCATION"]);
    assert_eq!(kinds(&["EMAIL"]), [""; 0]);
}

#[test]
fn what_patterns_found_and_the_model_found_is_one_report_without_overlap() {
    let hit = |kind, start, end, score| Hit { check: Check::Pii, kind, start, end, score, detector: "test" };
    let pattern = hit("POSTAL_ADDRESS", 10, 20, 0.7);
    let first = Report { score: 0.7, kind: Some("pii"), hits: vec![pattern.clone()] };
    let both = joined(
        first,
        vec![hit("PERSON", 0, 5, 0.9), hit("POSTAL_ADDRESS", 8, 30, 0.95), hit("PERSON", 40, 45, 0.3)],
        0.5,
    );
    let places: Vec<(usize, usize)> = both.hits.iter().map(|hit| (hit.start, hit.end)).collect();
    assert_eq!((places, both.kind, both.score), (vec![(0, 5), (8, 30)], Some("pii"), 0.95));
    assert_eq!(joined(Report::default(), vec![hit("PERSON", 0, 5, 0.4)], 0.5), Report::default());
}

#[test]
fn a_long_text_is_read_in_time_that_grows_with_it_and_places_stay_right() {
    let line = "My name is Anna Schmidt and I live in Berlin. ";
    let text = line.repeat(2_000);
    let spans = spans(&text);
    assert!(spans.len() >= 3_600, "{}", spans.len());
    assert!(spans.iter().all(|span| ["Anna Schmidt", "Berlin"].contains(&&text[span.start..span.end])));
    for text in
        ["a".repeat(1 << 20), "A b".repeat(1 << 18), "é".repeat(1 << 18), "\n".repeat(1 << 20), "王".repeat(1 << 16)]
    {
        TAGGER.each(&text, |span| assert!(text.get(span.start..span.end).is_some()));
    }
}

proptest! {
    #[test]
    fn any_text_has_its_spans_in_order_inside_and_on_characters(text in any::<String>()) {
        let mut at = 0;
        for span in spans(&text) {
            prop_assert!(span.start >= at && span.start < span.end, "{span:?}");
            prop_assert!(text.get(span.start..span.end).is_some_and(|name| name.contains(char::is_alphanumeric)));
            prop_assert!((0.0..=1.0).contains(&span.score));
            at = span.end;
        }
    }

    #[test]
    fn the_whole_is_what_its_parts_are(parts in proptest::collection::vec(
        prop_oneof![
            "[A-Z][a-z]{2,8} [A-Z][a-z]{2,8}, [0-9]{1,3} [A-Z][a-z]{3,7} Street",
            "My name is [A-Z][a-z]{2,9}\\.",
            "(to|from|Dear|Mr\\.) [A-Z][a-zé]{1,9}[ ,.!\n]{1,2}[a-z ]{0,30}",
            "[ -~]{1,60}",
        ], 1..8))
    {
        let whole = parts.join("\n\n\n");
        let mut expected = Vec::new();
        let mut at = 0;
        for part in &parts {
            // An empty line ends a stretch: what stands before it is read as it is by itself.
            let alone = format!("{part}\n\n");
            expected.extend(spans(&alone).into_iter().map(|span| (span.kind, at + span.start, at + span.end)));
            at += part.len() + 3;
        }
        let found: Vec<_> = spans(&whole).into_iter().map(|span| (span.kind, span.start, span.end)).collect();
        // Of the last part, no empty line follows.
        let last = at - parts.last().map_or(0, String::len) - 3;
        let before = |list: &[(Kind, usize, usize)]| list.iter().copied().filter(|(_, start, _)| *start < last).collect::<Vec<_>>();
        prop_assert_eq!(before(&found), before(&expected));
    }
}
