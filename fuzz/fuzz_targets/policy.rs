//! Policy documents.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match picket_policy::compile(text, "policy.yaml") {
        Ok(policy) => {
            let again = picket_policy::compile(text, "policy.yaml").expect("what compiled once compiles again");
            assert_eq!(policy.digest(), again.digest());
        }
        Err(problems) => assert!(!problems.to_string().is_empty(), "a refusal without a cause"),
    }
});
