//! Rules of customers: whatever they look for, a compiled rule finds places in the text, and what is exact on streams is
//! found the same however the text is cut.

#![no_main]

#[path = "../released.rs"]
mod released;

use libfuzzer_sys::fuzz_target;
use picket_content::Context;
use picket_content::custom::{Near, Rules, Spec, Views};
use picket_content::stream::{Custom, HELD_BYTES_MAX, Mode, Patterns};
use picket_event::{Phase, Role};
use released::released;
use std::sync::Arc;

fuzz_target!(|data: (u8, Vec<String>, Vec<String>, Vec<String>, &str)| {
    let (bits, keywords, regexes, near, text) = data;
    let bit = |at: u8| bits & (1 << at) != 0;
    let near = (!near.is_empty()).then_some(Near { words: near, within: usize::from(bits) });
    let spec = Spec {
        id: "rule".to_owned(),
        keywords,
        regexes,
        views: Views { text: bit(0), folded: bit(1), decoded: bit(2) },
        case_sensitive: bit(3),
        whole_words: bit(4),
        near: near.clone().filter(|_| bit(5)),
        unless: near.filter(|_| !bit(5)),
        phase: None,
        roles: Vec::new(),
        score: 0.9,
    };
    let rules = match Rules::compile(&[spec], 0.5) {
        Ok(rules) => Arc::new(rules),
        Err(refusals) => return assert!(!refusals.is_empty(), "a refusal without a cause"),
    };
    let context = Context { role: Role::User, phase: Phase::Output };
    for report in [rules.scan(text, &context), rules.scan_late(text, &context)] {
        let mut done = 0;
        for hit in &report.hits {
            assert!(hit.start >= done && hit.start <= hit.end && text.get(hit.start..hit.end).is_some(), "{hit:?}");
            done = hit.end;
        }
    }
    if !rules.is_exact_on_streams(0) || text.len() >= HELD_BYTES_MAX {
        return;
    }
    let mode = if bit(6) { Mode::Redact } else { Mode::Block };
    let custom = vec![Custom { rules, modes: vec![mode] }];
    let patterns = Arc::new(Patterns { pii: Vec::new(), secret: None, custom });
    let whole = released(&patterns, text, usize::MAX);
    for size in [1, 2, 3, 7] {
        assert_eq!(released(&patterns, text, size), whole, "pieces of {size}");
    }
});
