//! Cases of policies: tests as data.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_policy::{Policy, compile, testing};
use std::sync::LazyLock;

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let text = "policies: { chain: [tool-guard, pii-detector, acme] }\npolicy:\n  tool-guard: { deny: [shell] }\n  \
                pii-detector: { action: redact }\n  acme: { kind: remote, url: \"https://a.example\", action: block }\n";
    compile(text, "policy.yaml").expect("the policy is valid")
});

fuzz_target!(|text: &str| {
    match testing::run(&POLICY, text, "cases.yaml") {
        Ok(results) => assert!(results.iter().all(|result| result.passed == result.differences.is_empty())),
        Err(problems) => assert!(!problems.to_string().is_empty(), "a refusal without a cause"),
    }
});
