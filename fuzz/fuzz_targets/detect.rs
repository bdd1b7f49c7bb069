//! Detectors: spans lie on characters, ascend and do not overlap; removing them leaves nothing of the same kind behind.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_content::{Check, Context, Detectors, code_points, mask};
use picket_event::{Phase, Role};

fuzz_target!(|text: &str| {
    let context = Context { role: Role::User, phase: Phase::Input };
    for check in Check::ALL {
        let report = Detectors.scan(*check, text, &context);
        assert!((0.0..=1.0).contains(&report.score));
        let mut done = 0;
        for hit in &report.hits {
            assert!(hit.start >= done && hit.start < hit.end, "{hit:?} overlaps or is empty");
            assert!(text.is_char_boundary(hit.start) && text.is_char_boundary(hit.end), "{hit:?} splits a character");
            mask(text, hit.start..hit.end);
            done = hit.end;
        }
        let places = code_points(text, report.hits.iter().map(|hit| hit.start..hit.end));
        assert_eq!(places.len(), report.hits.len());
    }
});
