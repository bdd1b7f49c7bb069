use super::*;

#[test]
fn every_word_parses_back_to_itself() {
    for decision in Decision::ALL {
        assert_eq!(decision.as_str().parse::<Decision>().unwrap(), *decision);
    }
    for category in Category::ALL {
        assert_eq!(category.as_str().replace('_', "-").parse::<Category>().unwrap(), *category);
    }
    for outcome in Outcome::ALL {
        let json = serde_json::to_string(outcome).unwrap();
        assert_eq!(json, format!("\"{outcome}\""));
    }
}

#[test]
fn decisions_accept_the_verbs_of_the_field() {
    for (verb, decision) in [
        ("allow", Decision::Allowed),
        ("BLOCK", Decision::Blocked),
        ("deny", Decision::Blocked),
        ("redact", Decision::Redacted),
    ] {
        assert_eq!(verb.parse::<Decision>().unwrap(), decision);
    }
    let error = "maybe".parse::<Decision>().unwrap_err().to_string();
    assert_eq!(error, "`maybe` is not one of allowed, blocked, redacted, escalated, error");
}

#[test]
fn severities_are_ordered_and_numbered() {
    assert!(Severity::Critical > Severity::High);
    assert_eq!(Severity::ALL.iter().map(|s| s.number()).collect::<Vec<_>>(), [1, 3, 6, 9, 10]);
}
