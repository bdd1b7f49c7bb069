//! What patterns and the model find together.

use super::*;
use picket_event::{Phase, Role};

const TEXT: &str = "My name is Anna Schmidt, please write to anna@firma-schmidt.de";

fn found(kinds: &[&'static str]) -> Vec<(&'static str, &'static str)> {
    let context = Context { role: Role::User, phase: Phase::Input };
    let report = Names::default().examine(TEXT, kinds, &context, None).unwrap();
    assert_eq!(report.kind, (!report.hits.is_empty()).then_some("pii"));
    report.hits.iter().map(|hit| (hit.kind, &TEXT[hit.start..hit.end])).collect()
}

#[test]
fn names_are_found_where_a_policy_names_them_and_patterns_as_before() {
    let (name, mail) = (("PERSON", "Anna Schmidt"), ("EMAIL", "anna@firma-schmidt.de"));
    assert_eq!(found(&["PERSON"]), [name]);
    assert_eq!(found(&["PERSON", "EMAIL"]), [name, mail]);
    assert_eq!(found(&["EMAIL"]), [mail]);
    assert_eq!(found(&[]), [mail], "nobody asked for names");
    assert_eq!(found(&["LOCATION"]), []);
}
