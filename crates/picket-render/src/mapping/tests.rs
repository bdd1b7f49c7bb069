//! Tables of names.

use super::*;
use crate::tests::full;
use picket_event::EventId;
use serde_json::json;

fn rule(line: usize, from: &str, target: Target) -> Rule {
    Rule { place: Place { line, column: 3 }, from: from.to_owned(), target }
}

fn name(name: &str) -> Target {
    Target::Name(name.to_owned())
}

fn problems(rules: &[Rule], keep_rest: bool) -> String {
    let problems = Mapping::new(rules, keep_rest).unwrap_err();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn fields_are_renamed_constants_added_and_the_rest_is_dropped_or_kept() {
    let rules = [
        rule(1, "event_id", name("acme.id")),
        rule(2, "model", Target::Drop),
        rule(3, "observer.type", Target::Constant(json!("ai-gateway"))),
        rule(4, "tier", Target::Constant(json!(2))),
        rule(5, "held", name("held")),
    ];
    let mut event = full();
    event.event_id = EventId::from_bits(1);
    let subject = Subject::new(&event);
    let mut out = Vec::new();
    let mapping = Mapping::new(&rules, false).unwrap();
    mapping.render(&subject, &mut out);
    let expected = r#"{"acme.id":"evt_00000000000000000000000001","observer.type":"ai-gateway","tier":2}"#;
    assert_eq!(String::from_utf8(out).unwrap(), expected);

    let kept = Mapping::new(&rules, true).unwrap();
    let mut out = Vec::new();
    kept.render(&subject, &mut out);
    let kept: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert!(kept.get("model").is_none() && kept["user"] == "ana@example.com" && kept["tier"] == 2, "{kept}");

    let preview = mapping.preview(&subject);
    let shown: Vec<_> = preview.iter().map(|row| (row.from, row.to.as_str(), row.value.as_deref())).collect();
    let id = "\"evt_00000000000000000000000001\"";
    assert_eq!(
        shown,
        [
            (Some("event_id"), "acme.id", Some(id)),
            (None, "observer.type", Some("\"ai-gateway\"")),
            (None, "tier", Some("2")),
            (Some("held"), "held", None),
        ]
    );
}

#[test]
fn every_problem_of_a_table_is_told_with_its_place() {
    let rules = [
        rule(1, "modle", name("m")),
        rule(2, "user", name("user")),
        rule(3, "team", name("user.group")),
        rule(4, "user", name("other")),
        rule(5, "provider", name("")),
        rule(6, "region", name("a b")),
        rule(7, "cost", name("a..b")),
        rule(8, "x", Target::Constant(json!([1]))),
        rule(9, "endpoint", name("e")),
        rule(10, "e", Target::Constant(json!(true))),
        rule(11, "long", Target::Constant(json!("x".repeat(5_000)))),
    ];
    let expected = "\
1:3: an event has no field `modle`; did you mean `model`?
3:3: `user` is a value, so that `user.group` cannot stand inside it; name one of them otherwise
4:3: `user` has a rule already, in line 2; keep one of them
5:3: a name has 1 to 256 bytes; give one, or `drop` to leave the field out
6:3: the name `a b` has spaces or control characters; leave them out
7:3: the name `a..b` has an empty part; put one dot between words
8:3: the constant `x` is no text, number or truth; give one of these
10:3: two rules give the member `e`; name one of them otherwise
11:3: the constant `long` is longer than 4096 bytes; shorten it";
    assert_eq!(problems(&rules, false), expected);
    assert!(problems(&[rule(1, "event_id", name("user"))], true).contains("two rules give the member `user`"));
    let many: Vec<Rule> = (1..=300).map(|line| rule(line, &format!("c{line}"), Target::Constant(json!(1)))).collect();
    assert!(problems(&many, false).starts_with("257:3: a table has at most 256 rules"));
}
