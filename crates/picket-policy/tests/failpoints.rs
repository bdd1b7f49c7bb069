//! A detector that panics. Run with `--features failpoints`.

use picket_event::{Action, Scanned};
use picket_llm::{Endpoint, Request};
use picket_policy::{Subject, Toolbox, compile};
use picket_stdx::Timestamp;

#[test]
fn a_check_that_fails_is_judged_by_its_on_error_and_the_text_counts_as_unscanned() {
    let scenario = fail::FailScenario::setup();
    fail::cfg("policy::scan", "panic").unwrap();
    for (on_error, action, code) in [
        ("", Action::Block, "check_failed"),
        ("flag", Action::Flag, "check_failed"),
        ("allow", Action::Allow, "check_failed"),
    ] {
        let setting = if on_error.is_empty() { String::new() } else { format!(", on_error: {on_error}") };
        let text = format!(
            "policies: {{ chain: [secret-detector] }}\npolicy: {{ secret-detector: {{ action: block{setting} }} }}"
        );
        let policy = compile(&text, "test").unwrap();
        let body = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]}"#;
        let request = Request::parse(Endpoint::ChatCompletions, body.into()).unwrap();
        let judgement = policy.judge_request(
            &request,
            &Subject::default(),
            &Toolbox::default(),
            Timestamp::from_millis(0),
            |_, _| [0; 16],
        );
        assert_eq!((judgement.action(), judgement.code), (action, code), "{text}");
        assert_eq!(judgement.scanned, Some(Scanned::Partial));
        assert_eq!(judgement.unscanned, ["/messages/0/content"]);
    }
    scenario.teardown();
}
