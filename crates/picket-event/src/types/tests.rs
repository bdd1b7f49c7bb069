use super::*;
use crate::EventType;
use std::collections::BTreeSet;

#[test]
fn every_type_is_well_formed_stands_once_and_with_its_family() {
    let mut families = Vec::new();
    let mut names = BTreeSet::new();
    for Known { name, meaning, .. } in ALL {
        assert!(EventType::parse(name).is_some(), "{name}");
        assert!(names.insert(*name), "{name} stands twice");
        assert!(!meaning.is_empty() && !meaning.contains('|'), "{name}: a cell of a table");
        let family = name.split('.').next().unwrap_or(name);
        // The probe and what is foreign stand behind all others.
        if families.last() != Some(&family) {
            assert!(!families.contains(&family), "{name} stands apart from its family");
            families.push(family);
        }
        assert!(is_known(name), "{name}");
    }
}

#[test]
fn what_is_no_type_is_not_known() {
    for name in ["", "decison.rejected", "decision", "decision.", "decision.rejecte", "requests", "escalation.*"] {
        assert!(find(name).is_none() && !is_known(name), "{name}");
    }
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "picket_event::types")]
fn a_type_that_no_table_has_is_not_made() {
    let _made = EventType::of(std::hint::black_box("decison.rejected"));
}
