use super::*;
use picket_event::{Category, Decision, Event, EventType, Severity};
use picket_stdx::Timestamp;
use proptest::prelude::*;

fn event() -> Event {
    let mut event = Event::new(EventType::REQUEST, "ws", Timestamp::from_millis(0));
    event.decision = Decision::Blocked;
    event.severity = Severity::High;
    event.team = Some("engineering".to_owned());
    event.user = Some("alice@example.com".to_owned());
    event.finding_type = Some("prompt_injection".to_owned());
    event.category = Some(Category::PromptAttack);
    event.policies_triggered = vec!["prompt-injection".to_owned()];
    event.src_ip = Some("10.1.2.3".to_owned());
    event.tokens_in = Some(120);
    event
}

#[test]
fn the_filters_of_the_guides_and_of_analysts_match() {
    for text in [
        "",
        "action:blocked",
        "decision:block",
        "ACTION:deny",
        "prompt_injection",
        "prompt-injection",
        "team:engineering",
        "severity:>=medium severity:<critical",
        "-team:test action:blocked,escalated",
        "user:alice*",
        "user:*",
        "(team:sales OR team:engineering) AND tokens_in:100..200",
        "src_ip:10.0.0.0/8",
        "NOT model:*",
        "policy:prompt_injection category:prompt-attack",
        "\"prompt_injection\"",
        "type:prompt_injection",
    ] {
        assert!(Query::parse(text).unwrap().matches(&event()), "{text}");
    }
    for text in [
        "action:allowed",
        "team:eng",
        "severity:critical",
        "pii",
        "user:bob",
        "tokens_in:>120",
        "src_ip:11.0.0.0/8",
        "-action:blocked",
        "model:*",
    ] {
        assert!(!Query::parse(text).unwrap().matches(&event()), "{text}");
    }
}

#[test]
fn errors_name_the_column_and_the_nearest_field() {
    for (text, column, message) in [
        ("action:blocked tem:x", 16, "no field `tem`; did you mean `team`?"),
        ("severity:huge", 10, "`huge` is not one of info"),
        ("(action:blocked", 16, "a parenthesis is not closed"),
        ("user:", 6, "a value is missing"),
        ("tokens_in:many", 11, "takes a number"),
        ("team:>a", 6, "has no order"),
        ("action:blocked )", 16, "unexpected here"),
        ("a OR", 5, "expected a term"),
        ("\"open", 1, "a quote is not closed"),
    ] {
        let error = Query::parse(text).unwrap_err();
        assert!(error.column == column && error.message.contains(message), "{text}: {error}");
    }
    assert_eq!(Query::parse("tem:x").unwrap_err().caret("tem:x"), "tem:x\n^^^");
}

proptest! {
    #[test]
    fn the_normal_form_parses_to_the_same_query(text in r#"(-?(action:(blocked|allow|redact)|user:[a-z"@*.-]{1,8}|severity:>=(low|high)|tokens_in:[0-9]{1,3}(\.\.[0-9]{1,3})?|[a-z_-]{1,9}|"[a-z \\]{0,8}") (OR )?){0,6}"#) {
        if let Ok(query) = Query::parse(&text) {
            let again = Query::parse(&query.to_string());
            prop_assert_eq!(again.as_ref(), Ok(&query), "{}", query);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in r#"[ -~]{0,60}|.{0,40}"#) {
        let _outcome = Query::parse(&text).map(|query| query.matches(&event()));
    }
}
