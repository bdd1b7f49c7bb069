use super::*;
use picket_event::{Category, Decision, Event, EventType, Severity};
use proptest::prelude::*;
use std::time::Duration;

fn now() -> Timestamp {
    "2026-03-05T10:00:00Z".parse().unwrap()
}

fn event() -> Event {
    let mut event = Event::new(EventType::REQUEST, "ws", now().minus(Duration::from_secs(60)));
    event.recorded_at = Some(now());
    event.decision = Decision::Blocked;
    event.severity = Severity::High;
    event.team = Some("engineering".to_owned());
    event.user = Some("alice@example.com".to_owned());
    event.finding_type = Some("prompt_injection".to_owned());
    event.category = Some(Category::PromptAttack);
    event.policies_triggered = vec!["prompt-injection".to_owned()];
    event.src_ip = Some("10.1.2.3".to_owned());
    event.tokens_in = Some(120);
    event.risk_score = Some(0.5);
    event.tools = vec!["read_file".to_owned()];
    event.tool = Some("Run..Query".to_owned());
    event.held = Some(true);
    event
}

#[test]
fn a_score_is_found_as_it_is_shown() {
    let event = Event { risk_score: Some(f64::from(0.95_f32)), judge_score: Some(f64::from(0.1_f32)), ..event() };
    for text in ["risk_score:>=0.95", "risk_score:0.95", "judge_score:<=0.1"] {
        assert!(Query::parse(text).unwrap().at(now()).matches(&event), "{text}");
    }
}

#[test]
fn the_filters_of_the_guides_and_of_analysts_match() {
    for text in [
        "",
        "  ",
        "action:blocked",
        "decision:block",
        "ACTION:deny",
        "prompt_injection",
        "Prompt-Injection",
        "\"prompt injection\"",
        "team:engineering",
        "severity:>=medium severity:<critical",
        "severity:low..high",
        "-team:test action:blocked,escalated",
        "--team:engineering",
        "user:alice*",
        "user:*",
        "-model:*",
        "(team:sales OR team:engineering) AND tokens_in:100..200",
        "tokens_in:>119 tokens_in:<=120 tokens_in:120.. tokens_in:..120 tokens_in:1,120",
        "risk_score:>=0.5 -risk_score:>0.5 score:0.4..0.6",
        "src_ip:10.0.0.0/8",
        "ip:10.1.2.3,::1",
        "src_ip:::ffff:10.1.0.0/112",
        "NOT model:*",
        "policy:prompt_injection category:prompt-attack",
        "policies_triggered:prompt*",
        "category:prompt*",
        "timestamp:2026-03-05 timestamp:>=5m recorded_at:<=now time:2h..",
        "timestamp:2026-03-04..2026-03-05 -timestamp:<2026-03-05 timestamp:<=2026-03-05 -timestamp:>2026-03-05",
        "timestamp:2026-03-05T09:59:00Z",
        "tool:read_file tools:\"Run..Query\"",
        "held:yes -stream:*",
        "team:x OR (user:bob OR tokens_in:120)",
    ] {
        assert!(Query::parse(text).unwrap().matches(&event()), "{text}");
    }
    for text in [
        "action:allowed",
        "team:eng",
        "team:Engineering",
        "severity:critical",
        "pii",
        "user:bob",
        "tokens_in:>120",
        "src_ip:11.0.0.0/8",
        "-action:blocked",
        "model:*",
        "timestamp:2026-03-04",
        "timestamp:>=30s",
        "NOT (team:engineering OR team:sales)",
        "held:false",
    ] {
        assert!(!Query::parse(text).unwrap().matches(&event()), "{text}");
    }
}

#[test]
fn errors_name_the_column_and_the_nearest_word() {
    for (text, column, length, message, suggestion) in [
        ("action:blocked tem:x", 16, 3, "there is no field `tem`; did you mean `team`?", Some("team")),
        ("severity:huge", 10, 4, "`huge` is no severity: info, low, medium, high, critical", Some("high")),
        ("action:blokced", 8, 7, "did you mean `blocked`?", Some("blocked")),
        ("(action:blocked", 1, 1, "not closed", None),
        ("user:", 6, 1, "a value is missing", None),
        ("user: bob", 6, 1, "a value is missing", None),
        ("tokens_in:many", 11, 4, "takes whole numbers", None),
        ("tokens_in:200..100", 11, 8, "the range is empty", None),
        ("tokens_in:..", 11, 2, "a range needs an end", None),
        ("tokens_in:<0", 12, 1, "nothing can be there", None),
        ("severity:>critical", 11, 8, "nothing can be there", None),
        ("risk_score:nan", 12, 3, "takes numbers", None),
        ("team:>a", 7, 1, "has no order", None),
        ("team:a..b", 6, 4, "quote a value that contains `..`", None),
        ("session:a*", 9, 2, "takes whole values", None),
        ("user:a*b", 7, 1, "`*` stands alone or ends a value", None),
        ("src_ip:10.*", 8, 4, "takes a network instead", None),
        ("src_ip:nowhere", 8, 7, "takes an address or a network", None),
        ("timestamp:24h", 11, 3, "a relative time is compared", None),
        ("timestamp:>=soon", 13, 4, "a time is written 24h", None),
        ("event_id:evt_1", 10, 5, "is not an identifier", None),
        ("action:blocked )", 16, 1, "unexpected `)`", None),
        ("a OR", 5, 1, "expected a term", None),
        ("OR a", 1, 1, "expected a term", None),
        ("a or b", 3, 2, "operators are written in capitals: OR", Some("OR")),
        ("inj*", 4, 1, "a prefix needs a field", None),
        ("\"open", 1, 1, "this quote is not closed", None),
        ("team:\"\"", 6, 2, "the value is empty", None),
        ("ärger tem:x", 7, 3, "there is no field `tem`", Some("team")),
    ] {
        let error = Query::parse(text).unwrap_err();
        assert!(error.message.contains(message), "{text}: {error}");
        assert_eq!((error.column, error.length), (column, length), "{text}: {error}");
        assert_eq!(error.suggestion.as_deref(), suggestion, "{text}: {error}");
    }
    assert_eq!(Query::parse("a tem:x").unwrap_err().caret("a tem:x"), "a tem:x\n  ^^^");
    let long = format!("{} tem:x {}", "a".repeat(300), "b".repeat(300));
    let picture = Query::parse(&long).unwrap_err().caret(&long);
    assert!(picture.lines().all(|line| line.len() <= 120), "{picture}");
}

#[test]
fn what_is_too_long_too_deep_or_too_much_is_refused() {
    for (text, message) in [
        ("a".repeat(TEXT_BYTES_MAX + 1), "at most 4096 bytes"),
        ("(".repeat(DEPTH_MAX + 2), "at most 16 levels"),
        ("-".repeat(DEPTH_MAX + 2), "at most 16 levels"),
        ("a ".repeat(TERMS_MAX + 1), "at most 64 terms"),
    ] {
        let error = Query::parse(&text).unwrap_err();
        assert!(error.message.contains(message), "{error}");
    }
    assert!(Query::parse(&"a ".repeat(TERMS_MAX)).is_ok());
}

#[test]
fn the_normal_form_is_the_same_however_a_filter_is_written() {
    for (text, normal) in [
        ("action:deny severity:>=high", "decision:blocked severity:high,critical"),
        ("app:x AND NOT (policy:PII)", "application:x -policies_triggered:pii"),
        ("(a b) c", "a b c"),
        ("(a OR b) OR c", "a OR b OR c"),
        ("a OR b c", "a OR (b c)"),
        ("tokens_in:>5 tokens_in:<=7 cost:>0.5", "tokens_in:6.. tokens_in:0..7 cost:>0.5"),
        ("timestamp:>=24h", "timestamp:now-1d.."),
        ("timestamp:2026-01-31", "timestamp:2026-01-31T00:00:00.000000Z..2026-01-31T23:59:59.999999Z"),
        ("user:\"a b\",\"-c\"", "user:\"a b\",\"-c\""),
        ("ip:10.9.9.9/8", "src_ip:10.0.0.0/8"),
    ] {
        assert_eq!(Query::parse(text).unwrap().to_string(), normal, "{text}");
    }
}

#[test]
fn a_query_is_explained_in_words() {
    let query = Query::parse("action:blocked -user:alice* (severity:>=high OR pii) tokens_in:5..").unwrap();
    let words = "decision is blocked and not user begins with alice and \
                 (severity is high or critical or type, category or policy is pii) and tokens_in is 5..";
    assert_eq!(query.explain(), words);
    assert_eq!(Query::all().explain(), "every event");
}

#[test]
fn parameters_are_taken_as_they_stand() {
    let matches = |field, values: &[&str]| Query::one_of(field, values.iter().copied()).unwrap().matches(&event());
    assert!(matches(Field::Decision, &["allow", "block"]));
    assert!(matches(Field::User, &["alice@example.com"]));
    assert!(!matches(Field::User, &["alice*"]));
    assert!(matches(Field::SrcIp, &["10.0.0.0/8"]));
    assert!(matches(Field::User, &[]));
    assert!(Query::one_of(Field::Decision, ["maybe"]).is_err());
    let both = Query::parse("pii OR prompt_injection").unwrap().and(Query::one_of(Field::Team, ["sales"]).unwrap());
    assert_eq!(both.to_string(), "(pii OR prompt_injection) team:sales");
}

#[test]
fn relative_times_can_be_pinned() {
    let query = Query::parse("timestamp:>=90s").unwrap();
    assert!(query.matches(&event()));
    assert!(query.clone().at(now()).matches(&event()));
    assert!(!query.at(now().plus(Duration::from_secs(60))).matches(&event()));
}

#[test]
fn every_field_is_found_by_its_name_and_by_its_aliases() {
    let mut names = std::collections::HashSet::new();
    for field in Field::ALL {
        for name in std::iter::once(&field.as_str()).chain(field.aliases()) {
            assert_eq!(Field::find(name), Ok(*field));
            assert!(names.insert(*name), "{name} is ambiguous");
        }
        assert_eq!(field.kind() == FieldKind::Closed, !field.words().is_empty(), "{}", field.as_str());
    }
    assert_eq!(Field::find("user-id"), Ok(Field::UserId));
    assert_eq!(Field::find("zzzzzz"), Err(None));
}

#[test]
fn every_member_of_an_event_can_be_named() {
    let schema = serde_json::to_value(<Event as utoipa::PartialSchema>::schema()).unwrap();
    let members: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    // A hash that is compared by nearness alone is asked for by a rule, not by a filter.
    let structured = ["reason", "policy_results", "log", "metrics", "attributes", "prompt_simhash"];
    let unnamed: Vec<_> =
        members.iter().filter(|name| !structured.contains(&name.as_str()) && Field::find(name).is_err()).collect();
    assert!(members.len() > 60 && unnamed.is_empty(), "{unnamed:?}");
}

const TERMS: &str = r#"(-|NOT )?(action:(blocked|allow|redact)|user:[a-z"@*.-]{1,8}|severity:(>=|<)?(low|high|critical)|tokens_in:[<>]?=?[0-9]{1,3}(\.\.[0-9]{0,3})?|cost:[<>]?=?-?[0-9]\.[0-9]{1,3}(\.\.[0-9])?|timestamp:[<>]?=?(now|2h|2026-0[1-9]-1[0-9])(\.\.(2026-10-10|1h)?)?|ip:(10\.0\.0\.0/8|::1)(,1\.2\.3\.4)?|held:\*|[a-z_-]{1,9}|"[a-z \\]{0,8}")"#;

fn text() -> impl Strategy<Value = String> {
    let leaf = proptest::string::string_regex(TERMS).unwrap();
    leaf.prop_recursive(4, 24, 4, |inner| {
        (proptest::collection::vec(inner, 1..4), prop_oneof![Just(" "), Just(" OR "), Just(" AND ")], any::<bool>())
            .prop_map(|(parts, by, negated)| format!("{}({})", if negated { "-" } else { "" }, parts.join(by)))
    })
}

proptest! {
    #[test]
    fn the_normal_form_parses_to_the_same_query(text in text()) {
        if let Ok(query) = Query::parse(&text) {
            let again = Query::parse(&query.to_string());
            prop_assert_eq!(again.as_ref(), Ok(&query), "{}", query);
            prop_assert_eq!(again.unwrap().matches(&event()), query.matches(&event()));
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in r#"[ -~]{0,60}|.{0,40}|([a-z_]{1,9}[:<>=*,.()"\\ 0-9-]{1,6}){0,8}"#) {
        match Query::parse(&text) {
            Ok(query) => {
                query.matches(&event());
                prop_assert_eq!(Query::parse(&query.to_string()), Ok(query));
            }
            Err(error) => {
                prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
                error.caret(&text);
            }
        }
    }
}

#[test]
fn requests_that_passed_by_themselves_are_found_by_the_type_that_they_are_shown_as() {
    use picket_event::{Decision, EscalationId, Event, EventType, RiskBand, Severity};
    let now = Timestamp::from_millis(1_800_000_000_000);
    let mut all = Vec::new();
    for event_type in [EventType::REQUEST, EventType::ESCALATION_CREATED] {
        for decision in [Decision::Allowed, Decision::Blocked, Decision::Escalated] {
            for severity in [Severity::Info, Severity::Low, Severity::Medium, Severity::High] {
                let bands = [None, Some(RiskBand::Low), Some(RiskBand::Medium), Some(RiskBand::High)];
                let asked = [(None, false), (Some(true), false), (Some(false), true)];
                all.extend(bands.into_iter().flat_map(|band| asked.map(|asked| (band, asked))).map(
                    |(band, (held, escalation))| {
                        let mut event = Event::new(event_type.clone(), "ws", now);
                        (event.decision, event.severity, event.risk_band, event.held) =
                            (decision, severity, band, held);
                        event.escalation_id = escalation.then(|| EscalationId::new(now));
                        event
                    },
                ));
            }
        }
    }
    for (text, wanted) in [
        ("event_type:decision.auto_approved", (|event| event.is_auto_approved()) as fn(&Event) -> bool),
        ("-event_type:decision.auto_approved", |event| !event.is_auto_approved()),
        ("event_type:escalation.created,decision.auto-approved", |event| {
            event.is_auto_approved() || event.event_type == EventType::ESCALATION_CREATED
        }),
        ("(event_type:decision.auto_approved OR severity:high) decision:allowed", |event| {
            event.is_auto_approved() || event.severity == Severity::High && event.decision == Decision::Allowed
        }),
    ] {
        let query = Query::parse(text).unwrap();
        assert_eq!(query.asks_for_auto_approved(), !text.starts_with('-'), "{text}");
        let stored = query.stored();
        assert_eq!(Query::parse(&stored.to_string()).unwrap(), stored, "the normal form is a query");
        for event in &all {
            assert_eq!(stored.matches(event), wanted(event), "{text}: {event:?}");
        }
    }
    let shown = all.iter().filter(|event| event.is_auto_approved()).count();
    assert!(shown > 0 && shown < all.len());
    let rendered = all.iter().cloned().map(Event::as_auto_approved);
    assert_eq!(rendered.filter(|event| event.event_type == EventType::AUTO_APPROVED).count(), shown);
}

#[test]
fn a_filter_asks_for_types_where_it_names_some_or_excludes_requests() {
    for (text, asks) in [
        ("event_type:finding.created", true),
        ("event_type:external.* source:okta", true),
        ("user:ana (decision:blocked OR event_type:finding.created)", true),
        ("-event_type:request source:okta", true),
        ("-event_type:decision.auto_approved", false),
        ("user:ana", false),
        ("", false),
    ] {
        assert_eq!(Query::parse(text).unwrap().asks_for_types(), asks, "{text}");
    }
}
