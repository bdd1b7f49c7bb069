//! Values made up at run time from the rules themselves, and what becomes of them when one digit is wrong.

use super::*;
use crate::rule::{Need, fit};
use crate::{KINDS, kind, scan};
use picket_text::Hit;

/// Draws that are the same each time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn letter(&mut self) -> char {
        char::from(b'A' + u8::try_from(self.below(26)).unwrap())
    }

    fn digit(&mut self) -> char {
        char::from(b'0' + u8::try_from(self.below(10)).unwrap())
    }
}

/// A text of a shape.
fn shaped(shape: &str, draws: &mut Draws) -> String {
    let gap = if draws.below(2) == 0 { "" } else { " " };
    shape
        .chars()
        .map(|sign| match sign {
            '9' => draws.digit().to_string(),
            'A' => draws.letter().to_string(),
            'X' if draws.below(2) == 0 => draws.letter().to_string(),
            'X' => draws.digit().to_string(),
            ' ' => gap.to_owned(),
            '_' => " ".to_owned(),
            other => other.to_uppercase().to_string(),
        })
        .collect()
}

/// A text of a shape that passes the rule's test.
fn valid(rule: &Rule, shape: &str, draws: &mut Draws) -> Option<String> {
    let passes =
        |text: &String| fit(shape.as_bytes(), text.as_bytes()).is_some_and(|values| rule.passes(values.as_slice()));
    (0..400_000).map(|_| shaped(shape, draws)).find(passes)
}

fn carrier(rule: &Rule, value: &str) -> String {
    format!("for you: {} {value}, as said", rule.words[0])
}

fn has(hits: &[Hit], kind: &str) -> bool {
    hits.iter().any(|hit| hit.kind == kind && hit.score >= 0.5)
}

/// Whether a text passes any rule of a kind, wherever it has its shape.
fn passes_any(kind: &str, text: &str) -> bool {
    let fits = |rule: &&Rule| {
        rule.shapes.split('|').any(|shape| {
            fit(shape.as_bytes(), text.as_bytes())
                .is_some_and(|values| values.end == text.len() && rule.passes(values.as_slice()))
        })
    };
    all().filter(|rule| rule.kind == kind).any(|rule| fits(&rule))
}

#[test]
fn every_rule_finds_what_has_its_shape_and_passes_its_test() {
    let mut draws = Draws(0x9e37_79b9_7f4a_7c15);
    for rule in all() {
        for shape in rule.shapes.split('|') {
            let value =
                valid(rule, shape, &mut draws).unwrap_or_else(|| panic!("{} {shape}: nothing passes", rule.kind));
            let text = carrier(rule, &value);
            assert!(has(&scan(&text), rule.kind), "{}: {text}", rule.kind);
            if rule.need == Need::Nothing {
                assert!(has(&scan(&format!("it is {value}.")), rule.kind), "{}: {value}", rule.kind);
            }
        }
    }
}

#[test]
fn one_digit_off_is_no_hit_where_a_checksum_tells() {
    let mut draws = Draws(0x2545_f491_4f6c_dd1d);
    let (mut tried, mut other) = (0, 0);
    for rule in all().filter(|rule| rule.has_sum()) {
        let shape = rule.shapes.split('|').next().unwrap();
        let value = valid(rule, shape, &mut draws).unwrap();
        for (at, digit) in value.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            for by in 1..10 {
                let wrong = char::from(b'0' + (u8::try_from(digit).unwrap() - b'0' + by) % 10);
                let mut off = value.clone();
                off.replace_range(at..=at, &wrong.to_string());
                if passes_any(rule.kind, &off) {
                    continue;
                }
                let hits = scan(&carrier(rule, &off));
                assert!(!has(&hits, rule.kind), "{}: {off} of {value}", rule.kind);
                tried += 1;
                other += usize::from(hits.iter().any(|hit| hit.score >= 0.5));
            }
        }
    }
    // Taken for something else, by chance.
    assert!(other * 100 <= tried * 5, "{other} of {tried}");
}

#[test]
fn kinds_are_sorted_and_each_has_a_rule_or_code_of_its_own() {
    assert!(KINDS.windows(2).all(|pair| pair[0] < pair[1]));
    let missing: Vec<&str> = all().map(|rule| rule.kind).filter(|kind| !KINDS.contains(kind)).collect();
    assert_eq!(missing, Vec::<&str>::new());
    assert!(KINDS.len() >= 100, "{}", KINDS.len());
    for name in ["EMAIL_ADDRESS", "uk-passport", "FI_HETU", "IN_VEHICLE_REGISTRATION", "SG_NRIC_FIN", "us_ssn"] {
        assert!(kind(name).is_some(), "{name}");
    }
}

#[test]
fn words_are_small_and_shapes_fit() {
    for rule in all() {
        assert!(!rule.words.is_empty(), "{}", rule.kind);
        for word in rule.words {
            assert_eq!(*word, word.to_lowercase(), "{}", rule.kind);
        }
        for shape in rule.shapes.split('|') {
            let count = crate::rule::length(shape);
            assert!((1..=crate::rule::VALUES_MAX).contains(&count) && shape.len() < 32, "{} {shape}", rule.kind);
        }
    }
}
