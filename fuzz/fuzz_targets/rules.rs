//! Rules, a line of `===`, and an event on each line: nothing ends the program, and all rules at once find what each finds
//! when it is asked alone.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_rules::{Correlator, Data, Rules, Settings};

fuzz_target!(|input: &str| {
    let (text, events) = input.split_once("\n===\n").unwrap_or((input, ""));
    let loaded = Rules::load([("rules", text)], &Data::default());
    let rules = loaded.rules;
    let settings = Settings { lateness_ms: 60_000, groups_max: 8, ..Settings::default() };
    let (mut scratch, mut correlator) = (rules.scratch(), rules.correlator(settings));
    for (number, event) in events.lines().enumerate() {
        let Ok(found) = rules.find(event, &mut scratch).map(<[usize]>::to_vec) else { continue };
        for rule in 0..rules.rules().len() {
            let why = rules.explain(rule, event).expect("it was read before").expect("it is there");
            assert_eq!(why.matches, found.contains(&rule));
            assert_eq!(why.matches, why.steps.iter().filter(|step| step.depth == 0).all(|step| step.holds));
        }
        rules.find(event, &mut scratch).expect("it was read before");
        correlator.observe(&rules, event, number as u64, None, &scratch);
    }
    let bytes = correlator.snapshot(&rules);
    let restored = Correlator::restore(&rules, settings, &bytes).expect("it was written just now");
    assert_eq!(restored.left_out, 0);
    assert_eq!(restored.correlator.snapshot(&rules), bytes);
    rules.test();
});
