use super::*;
use picket_event::{Phase, Role};
use picket_text::HITS_MAX;
use std::time::{Duration, Instant};

fn context() -> Context {
    Context { role: Role::User, phase: Phase::Input }
}

#[test]
fn every_one_of_many_values_is_found() {
    let count = 3_000;
    let emails: Vec<String> = (0..count).map(|number| format!("p{number}@example.com")).collect();
    let text = emails.join(", ");
    let hits = Detectors.scan(Check::Pii, &text, &context()).hits;
    assert_eq!(hits.iter().map(|hit| &text[hit.start..hit.end]).collect::<Vec<_>>(), emails);
}

#[test]
fn what_is_beyond_the_bound_is_covered_by_joined_hits_of_its_kind() {
    let text = "1.2.3.4 ".repeat(HITS_MAX + 10) + &"a@b.com ".repeat(HITS_MAX + 10);
    let kinds = |kinds: &[&str]| Detectors.scan_for(Check::Pii, kinds, &text, &context()).hits;
    let all = kinds(&[]);
    assert!(all.len() <= HITS_MAX + 2, "{}", all.len());
    for wanted in ["EMAIL", "IP_ADDRESS"] {
        let (mut left, mut done) = (String::new(), 0);
        for hit in kinds(&[wanted]) {
            left.push_str(&text[done..hit.start]);
            done = hit.end;
        }
        left.push_str(&text[done..]);
        let value = if wanted == "EMAIL" { "a@b.com" } else { "1.2.3.4" };
        assert!(!left.contains(value), "some {wanted} are left");
    }
}

#[test]
fn what_is_not_looked_for_covers_nothing_up() {
    let text = format!("write to {}@example.com", picket_testkit::values::credit_card());
    let hits = Detectors.scan_for(Check::Pii, &["EMAIL"], &text, &context()).hits;
    assert_eq!(hits.iter().map(|hit| hit.kind).collect::<Vec<_>>(), ["EMAIL"]);
}

#[test]
fn no_text_takes_time_beyond_its_length() {
    let begin = Instant::now();
    for unit in
        ["eyJ-", "eyJ_eyJ.", "-----BEGIN RSA PRIVATE KEY-----\n", "password=", "ab://", "1 ", "a@", "a:", "DE12 "]
    {
        let text = unit.repeat(200_000 / unit.len());
        for check in [Check::Secret, Check::Pii] {
            Detectors.scan(check, &text, &context());
        }
    }
    // Quadratic time would be minutes.
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
}
