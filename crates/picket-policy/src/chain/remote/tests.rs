//! What services are asked, and what their answers do.

use super::*;
use crate::{Subject, Toolbox, compile, diff};
use picket_event::Severity;
use picket_llm::{Endpoint, Request, Response};
use picket_stdx::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

fn policy(settings: &str) -> Policy {
    let text = format!(
        "policies:\n  chain: [pii-detector, acme, human-oversight, audit-logger]\npolicy:\n  pii-detector: {{ action: flag }}\n  acme: {{ kind: remote, url: \"https://a.example/judge\"{settings} }}\n"
    );
    compile(&text, "test").unwrap_or_else(|problems| panic!("{problems}"))
}

fn request(messages: &Value) -> Request {
    let body = json!({"model": "gpt-4o", "messages": messages});
    Request::parse(Endpoint::ChatCompletions, body.to_string().into()).unwrap()
}

fn said(text: &str) -> Value {
    json!([{"role": "user", "content": text}])
}

fn judge(policy: &Policy, request: &Request, tools: &Toolbox) -> Judgement {
    let digest = |_: &[u8], message: usize| {
        let text = format!("{:?}", request.bytes().get(request.messages[message].range.clone()));
        let mut digest = [0; 16];
        text.bytes()
            .enumerate()
            .for_each(|(at, byte)| digest[at % 16] ^= byte.rotate_left(u32::try_from(at % 7).unwrap()));
        digest
    };
    policy.judge_request(request, &Subject::default(), tools, Timestamp::default(), digest)
}

/// Judges a text, with what the service says about all its texts.
fn answered(policy: &Policy, text: &str, answer: &str) -> Judgement {
    let mut judgement = judge(policy, &request(&said(text)), &Toolbox::default());
    conclude(policy, &mut judgement, answer);
    judgement
}

fn conclude(policy: &Policy, judgement: &mut Judgement, answer: &str) {
    let inquiries = std::mem::take(&mut judgement.inquiries);
    assert_eq!(inquiries.len(), 1);
    for inquiry in inquiries {
        let answer = inquiry.read(format!(r#"{{"results":[{answer}]}}"#).as_bytes());
        policy.answered(&inquiry, answer, Duration::from_millis(3), judgement);
    }
}

#[test]
fn a_score_counts_from_the_threshold_on_and_a_flag_decides_over_the_score() {
    let policy = policy(", threshold: 0.7, types: [brand-voice]");
    for (answer, action, kind) in [
        (r#"{"id":"0","score":0.69}"#, Action::Allow, None),
        (r#"{"id":"0","score":0.7}"#, Action::Block, Some("remote")),
        (r#"{"id":"0","score":0.9,"flag":false}"#, Action::Allow, None),
        (r#"{"id":"0","score":0.1,"flag":true,"type":"jailbreak"}"#, Action::Block, Some("jailbreak")),
        (r#"{"id":"0","score":0.9,"type":"brand-voice"}"#, Action::Block, Some("brand_voice")),
        (r#"{"id":"0","score":0.9,"type":"mallory"}"#, Action::Block, Some("remote")),
    ] {
        let judgement = answered(&policy, "hello", answer);
        assert_eq!((judgement.action(), judgement.finding_type.as_deref()), (action, kind), "{answer}");
        let result = judgement.results.iter().find(|result| result.policy == "acme").unwrap();
        assert_eq!((result.verdict, result.us), (action, Some(3_000)), "{answer}");
        assert_eq!(judgement.scanned, Some(Scanned::Full));
    }
}

#[test]
fn places_are_code_points_and_what_is_redacted_is_what_was_named_or_all() {
    let policy = policy(", action: redact");
    let request = request(&said("äb c\u{1F600}d"));
    let removed = |spans: &str| {
        let mut judgement = judge(&policy, &request, &Toolbox::default());
        conclude(&policy, &mut judgement, &format!(r#"{{"id":"0","score":1,"type":"secret"{spans}}}"#));
        let result = judgement.results.iter().find(|result| result.policy == "acme").unwrap();
        let places: Vec<_> = result.spans.iter().map(|span| (span.start, span.end)).collect();
        assert_eq!((judgement.action(), judgement.evidence.len()), (Action::Redact, places.len()));
        let body: Value = serde_json::from_slice(&request.splice(&judgement.edits)).unwrap();
        (places, body["messages"][0]["content"].as_str().unwrap().to_owned())
    };
    let spans = r#","spans":[{"start":4,"end":5,"type":"pii"},{"start":0,"end":2}]"#;
    assert_eq!(removed(spans), (vec![(0, 2), (4, 5)], "[SECRET] c[PII]d".to_owned()));
    assert_eq!(removed(r#","spans":[{"start":1,"end":6}]"#), (vec![(1, 6)], "ä[SECRET]".to_owned()));
    assert_eq!(removed(""), (vec![(0, 6)], "[SECRET]".to_owned()));
}

proptest! {
    #[test]
    fn exactly_what_spans_name_is_removed_whatever_the_text(
        text in prop::collection::vec(prop::sample::select(vec!['a', 'é', '\u{1F600}', '"', '\n', '\\', '日']), 1..30),
        spans in prop::collection::vec((0_usize..30, 1_usize..6), 1..6),
    ) {
        let policy = policy(", action: redact");
        let written: String = text.iter().collect();
        let request = request(&said(&written));
        let spans: Vec<(usize, usize)> = spans
            .into_iter()
            .map(|(start, length)| (start % text.len(), length))
            .map(|(start, length)| (start, (start + length).min(text.len())))
            .collect();
        let places: Vec<String> = spans.iter().map(|(start, end)| format!(r#"{{"start":{start},"end":{end}}}"#)).collect();
        let mut judgement = judge(&policy, &request, &Toolbox::default());
        conclude(&policy, &mut judgement, &format!(r#"{{"id":"0","score":1,"spans":[{}]}}"#, places.join(",")));
        let body: Value = serde_json::from_slice(&request.splice(&judgement.edits)).unwrap();
        let left = body["messages"][0]["content"].as_str().unwrap().replace("[REMOTE]", "");
        let is_named = |at: usize| spans.iter().any(|(start, end)| (*start..*end).contains(&at));
        let kept: String = text.iter().enumerate().filter(|(at, _)| !is_named(*at)).map(|(_, c)| *c).collect();
        prop_assert_eq!(left, kept);
    }
}

#[test]
fn a_service_that_does_not_answer_is_judged_by_on_error_and_the_event_says_why() {
    for (settings, action) in
        [("", Action::Block), (", on_error: flag", Action::Flag), (", on_error: allow", Action::Allow)]
    {
        let policy = policy(settings);
        for cause in Unanswered::ALL {
            let mut judgement = judge(&policy, &request(&said("hello")), &Toolbox::default());
            for inquiry in std::mem::take(&mut judgement.inquiries) {
                policy.answered(&inquiry, Err(cause), Duration::ZERO, &mut judgement);
            }
            assert_eq!((judgement.action(), judgement.code), (action, "check_failed"), "{settings} {cause}");
            assert_eq!(judgement.unscanned, ["/messages/0/content"]);
            assert_eq!((judgement.scanned, judgement.severity), (Some(Scanned::Partial), Some(Severity::High)));
            assert_eq!(judgement.evidence[0].kind, cause.word());
            let reason = judgement.reason.unwrap();
            assert!(reason.ends_with(&format!("; {cause}")), "{reason}");
        }
    }
}

#[test]
fn an_answer_cannot_soften_what_other_checks_found() {
    let policy = policy("");
    let judgement = answered(&policy, "mail ana@example.com", r#"{"id":"0","score":0}"#);
    assert_eq!((judgement.action(), judgement.triggered), (Action::Flag, vec!["pii-detector".to_owned()]));
    let monitored = self::policy(", mode: monitor");
    let judgement = answered(&monitored, "hello", r#"{"id":"0","score":1}"#);
    assert_eq!((judgement.action(), judgement.results[1].monitored), (Action::Flag, Some(true)));
}

#[test]
fn what_a_service_escalates_waits_for_a_person_and_blocking_wins_over_waiting() {
    let text = "policies:\n  chain: [one, two, human-oversight]\npolicy:\n  one: { kind: remote, url: \"https://a.example\", action: escalate }\n  two: { kind: remote, url: \"https://b.example\" }\n  human-oversight: { require_review: true }\n";
    let policy = compile(text, "test").unwrap();
    let run = |answers: [&str; 2]| {
        let mut judgement = judge(&policy, &request(&said("hello")), &Toolbox::default());
        assert!(!judgement.held);
        for (inquiry, answer) in std::mem::take(&mut judgement.inquiries).iter().zip(answers) {
            policy.answered(inquiry, inquiry.read(answer.as_bytes()), Duration::ZERO, &mut judgement);
        }
        (judgement.action(), judgement.held, judgement.code)
    };
    let (yes, no) = (r#"{"results":[{"id":"0","score":1}]}"#, r#"{"results":[{"id":"0","score":0}]}"#);
    assert_eq!(run([yes, no]), (Action::Escalate, true, "review_required"));
    assert_eq!(run([yes, yes]), (Action::Block, false, "content_blocked"));
    assert_eq!(run([no, no]), (Action::Allow, false, "allowed"));
}

#[test]
fn only_the_roles_and_the_direction_that_the_document_names_are_asked_about() {
    let messages = json!([{"role": "system", "content": "be kind"}, {"role": "user", "content": ""}, {"role": "user", "content": "hello"}]);
    let asked = |settings: &str| -> Vec<String> {
        let judgement = judge(&policy(settings), &request(&messages), &Toolbox::default());
        judgement.inquiries.iter().flat_map(|inquiry| &inquiry.texts).map(|asked| asked.text.clone()).collect()
    };
    assert_eq!(asked(""), ["be kind", "hello"]);
    assert_eq!(asked(", roles: [user]"), ["hello"]);
    assert_eq!(asked(", when: { direction: output }"), [""; 0]);
    let answer =
        Response::parse(json!({"choices": [{"message": {"role": "assistant", "content": "hi"}}]}).to_string().into());
    let judgement = policy("").judge_response(&answer.unwrap(), &Subject::default(), &Toolbox::default());
    assert_eq!(judgement.inquiries[0].texts[0].text, "hi");
    assert_eq!(judgement.inquiries[0].phase, Phase::Output);
}

#[test]
fn long_conversations_are_several_questions_of_bounded_size_and_what_is_beyond_them_failed() {
    let policy = policy("");
    let ask = |count: usize, bytes: usize| {
        let text = "x".repeat(bytes);
        let messages: Vec<Value> = (0..count).map(|_| json!({"role": "user", "content": text})).collect();
        judge(&policy, &request(&json!(messages)), &Toolbox::default())
    };
    let many = ask(TEXTS_MAX * 3, 1);
    assert_eq!(many.inquiries.iter().map(|inquiry| inquiry.texts.len()).collect::<Vec<_>>(), [TEXTS_MAX; 3]);
    assert_eq!(ask(3, TEXT_BYTES_MAX / 2).inquiries.len(), 2);
    assert_eq!(ask(2, TEXT_BYTES_MAX * 2).inquiries.len(), 2);
    let beyond = ask(TEXTS_MAX * QUESTIONS_MAX + 1, 1);
    assert_eq!((beyond.inquiries.len(), beyond.action(), beyond.code), (QUESTIONS_MAX, Action::Block, "check_failed"));
}

#[test]
fn history_keeps_its_verdict_and_says_so() {
    let (policy, tools) = (policy(", action: escalate"), Toolbox::default());
    let seen = |messages: &Value, answer: &str| {
        let mut judgement = judge(&policy, &request(messages), &tools);
        conclude(&policy, &mut judgement, answer);
        (judgement.action(), judgement.repeat)
    };
    let first = json!([{"role": "user", "content": "bad"}]);
    assert_eq!(seen(&first, r#"{"id":"0","score":1}"#), (Action::Escalate, false));
    let next = json!([{"role": "user", "content": "bad"}, {"role": "user", "content": "good"}]);
    assert_eq!(seen(&next, r#"{"id":"0","score":1},{"id":"1","score":0}"#), (Action::Flag, true));
}

#[test]
fn what_is_out_of_a_stream_cannot_be_removed_so_redacting_ends_it() {
    let policy = policy(", action: redact");
    assert!(policy.judges_channels(&Subject::default()));
    let mut judgement = policy.judge_channel("hello", "channel:0", &Subject::default(), &Toolbox::default());
    conclude(&policy, &mut judgement, r#"{"id":"0","score":1}"#);
    assert_eq!((judgement.action(), judgement.edits.len()), (Action::Block, 0));
}

#[test]
fn what_is_wrong_with_the_settings_is_told_with_its_place_and_without_secrets() {
    let secret = format!("tok{}", "en".repeat(6));
    let text = format!(
        "policies:
  chain: [remote, a, b, c]
policy:
  a:
    kind: remote
    url: ftp://a.example
    timeout: 1ms
    token: {secret}
    roles: [nobody]
    max_concurrency: 0
    breaker: {{ failures: 0, pause: 1d, half: 1 }}
    types: [\"two words\"]
    threshold: 2
    tmeout: 1s
  b: {{ kind: remote, url: \"https://me:{secret}@b.example/\", token: {{ env: A, file: B }} }}
  c: {{ kind: remote, token: {{ vault: x }} }}
"
    );
    let problems = compile(&text, "p").unwrap_err().to_string();
    assert!(!problems.contains(&secret), "{problems}");
    let expected = expect_test::expect![[r#"
        p:2:11: a remote check needs settings: `remote: { url: … }` under `policy:`
        p:6:10: this is no address of a service; write https://host[:port]/path or http://…
        p:7:14: write a time from 10ms to 30s, or leave it out for 300ms
        p:8:12: a secret does not stand in a policy; write { env: NAME } or { file: PATH }
        p:9:13: expected one of system, user, assistant, reasoning, tool, document, definition, other
        p:10:22: expected a whole number from 1 to 4096
        p:11:26: expected a whole number from 1 to 1000
        p:11:36: write a time from 100ms to 1h, or leave it out for 10s
        p:11:40: unknown key `half`; valid here: failures, pause
        p:12:12: a type is a word of up to 40 letters, digits and `_`, such as brand_voice
        p:13:16: a threshold is between 0 and 1
        p:14:5: unknown key `tmeout`; valid here: action, response, mode, on_error, on_unscanned, when, kind, lane, share, unsure, url, token, timeout, max_concurrency, breaker, threshold, roles, types; did you mean `timeout`?
        p:15:27: a credential does not stand in an address; write `token: { env: NAME }`
        p:15:85: a secret is in one place: write `env:` or `file:`, not both
        p:16:6: write `url:` with the address of the service, such as https://host/path
        p:16:29: say where the secret is: { env: NAME } or { file: PATH }
        p:16:31: unknown key `vault`; valid here: env, file"#]];
    expected.assert_eq(&problems);
}

#[test]
fn a_chain_asks_a_bounded_number_of_services() {
    let chain = |count: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("s{number}")).collect();
        let settings: String =
            names.iter().map(|name| format!("  {name}: {{ kind: remote, url: \"https://a.example\" }}\n")).collect();
        compile(&format!("policies: {{ chain: [{}] }}\npolicy:\n{settings}", names.join(", ")), "p")
    };
    assert!(chain(16).is_ok());
    assert_eq!(chain(18).unwrap_err().list.len(), 2);
}

#[test]
fn services_without_encryption_deserve_a_look_unless_they_are_on_this_machine() {
    let warnings = |url: &str| {
        let text = format!("policies: {{ chain: [remote, audit-logger] }}\npolicy:\n  remote: {{ url: \"{url}\" }}\n");
        compile(&text, "p").unwrap().warnings().len()
    };
    for (url, count) in [
        ("http://a.example", 1),
        ("https://a.example", 0),
        ("http://127.0.0.1:9/x", 0),
        ("http://[::1]:9/x", 0),
        ("http://LOCALHOST", 0),
        ("http://127.0.0.1.a.example", 1),
    ] {
        assert_eq!(warnings(url), count, "{url}");
    }
}

#[test]
fn a_difference_of_policies_names_what_changes_of_a_service() {
    let (old, new) = (policy(", token: { env: ACME }"), policy(", timeout: 1s, types: [a], roles: [user]"));
    let changes = diff(&old, &new);
    assert_eq!(changes.len(), 1);
    let told = &changes[0];
    assert!(told.contains("within 300ms") && told.contains("within 1s") && told.contains("with a token"), "{told}");
    assert!(!told.contains("ACME"), "{told}");
}

#[test]
fn cases_say_what_services_answer() {
    let cases = "cases:
  - { name: found, input: hello, answers: { acme: { score: 0.9, type: jailbreak } }, expect: { action: block, type: jailbreak } }
  - { name: nothing, input: hello, expect: { action: allow } }
  - { name: failure, input: hello, answers: { acme: circuit_open }, expect: { action: block, type: check_failed } }
";
    let results = crate::testing::run(&policy(""), cases, "cases", &[]).unwrap();
    assert!(results.iter().all(|result| result.passed), "{results:?}");
    let wrong = "cases:\n  - { input: hello, answers: { amce: timeout, acme: late }, expect: {} }\n";
    let problems = crate::testing::run(&policy(""), wrong, "cases", &[]).unwrap_err().to_string();
    assert!(
        problems.contains("2:32: unknown key `amce`") && problems.contains("expected one of timeout"),
        "{problems}"
    );
}
