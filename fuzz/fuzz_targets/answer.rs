//! Answers of services: whatever they say, the request is judged, and what is removed is what they named.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_event::Action;
use picket_llm::{Endpoint, Request};
use picket_policy::{Policy, Subject, Toolbox, compile};
use picket_stdx::Timestamp;
use std::sync::LazyLock;
use std::time::Duration;

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let text =
        "policies: { chain: [acme] }\npolicy: { acme: { kind: remote, url: \"https://a.example\", action: redact } }";
    compile(text, "policy.yaml").expect("the policy is valid")
});

fuzz_target!(|data: (&str, &[u8])| {
    let (text, answer) = data;
    let body = serde_json::json!({"model": "m", "messages": [{"role": "user", "content": text}]});
    let request = Request::parse(Endpoint::ChatCompletions, body.to_string().into()).expect("the request is valid");
    let (subject, tools) = (Subject::default(), Toolbox::default());
    let mut judgement = POLICY.judge_request(&request, &subject, &tools, Timestamp::default(), |_, _| [0; 16]);
    for inquiry in std::mem::take(&mut judgement.inquiries) {
        let read = inquiry.read(answer);
        let failed = read.is_err();
        POLICY.answered(&inquiry, read, Duration::ZERO, &mut judgement);
        assert!(!failed || judgement.action() == Action::Block, "what is no answer lets nothing through");
    }
    let edited = request.splice(&judgement.edits);
    Request::parse(Endpoint::ChatCompletions, edited).expect("what is edited is still a request");
});
