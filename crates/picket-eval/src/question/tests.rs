use super::*;
use crate::rows::{Entity, LABELS};

fn row(label: &str, lang: &str, text: &str, kinds: &[&str]) -> Row {
    let entities = kinds.iter().map(|kind| Entity { kind: (*kind).to_owned(), span: 0..1 }).collect();
    let (text, label, lang) = (text.to_owned(), label.to_owned(), lang.to_owned());
    Row { text, label, source: "s".to_owned(), lang, entities: Some(entities) }
}

#[test]
fn each_check_has_its_own_answers() {
    for (check, label, answer) in [
        ("prompt-injection", "injection", Some(true)),
        ("prompt-injection", "harmful", Some(false)),
        ("prompt-injection", "exfil", None),
        ("pii", "pii", Some(true)),
        ("pii", "secret", None),
        ("secret", "pii", Some(false)),
        ("exfiltration-guard", "exfil", Some(true)),
        ("exfiltration-guard", "injection", None),
        ("safety-filter", "toxic", Some(true)),
        ("safety-filter", "benign", Some(false)),
    ] {
        assert_eq!(Question::of(check).answer(&row(label, "en", "a", &[])), answer, "{check} {label}");
    }
}

#[test]
fn every_check_that_exists_can_be_asked_and_an_unknown_one_is_never_wrong() {
    for check in Check::ALL.iter().filter(|check| judges_alone(**check)) {
        assert!(
            Question::of(check.as_str()).answer(&row("benign", "en", "a", &[])).is_some(),
            "{check} has no question"
        );
    }
    for label in LABELS {
        assert_eq!(Question::of("weather").answer(&row(label, "en", "a", &[])), None);
    }
}

#[test]
fn a_text_with_nothing_but_names_is_not_judged_for_personal_data() {
    let answer = |kinds: &[&str]| Question::of("pii").answer(&row("pii", "en", "a", kinds));
    assert_eq!(answer(&["PERSON", "GPE"]), None);
    assert_eq!(answer(&["PERSON", "US_SSN"]), Some(true));
    assert_eq!(answer(&[]), Some(true));
}

#[test]
fn strata_go_by_language_and_length() {
    let long = "word ".repeat(500);
    for (lang, text, stratum) in [
        ("en", "hello", Stratum::ShortPrompt),
        ("en", long.as_str(), Stratum::Document),
        ("de", "hallo", Stratum::NonEnglish),
        ("de", long.as_str(), Stratum::NonEnglish),
    ] {
        assert_eq!(Stratum::of(&row("benign", lang, text, &[])), stratum);
    }
}
