//! What is wrong with rules is told with its place, and all at once.

use crate::data::Data;
use crate::ruleset::Rules;

fn check(text: &str, expected: expect_test::Expect) {
    let loaded = Rules::load([("r.yml", text)], &Data::default());
    let errors = loaded.issues.errors.iter().map(|issue| format!("error {issue}\n"));
    let warnings = loaded.issues.warnings.iter().map(|issue| format!("warning {issue}\n"));
    expected.assert_eq(&errors.chain(warnings).collect::<String>());
}

/// A rule with this detection.
fn rule(detection: &str) -> String {
    format!("title: t\nlogsource: {{product: x}}\ndetection:\n{detection}\n")
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let text = "\
title: first
logsource: {}
detection:
  selection:
    Field|contians: x
    Other|re: '(?=x)'
  condition: selection and other
level: hihg
---
title: second
  broken: yes
---
title: third
logsource: {product: x}
detektion:
  selection: {A: 1}
---
title: fourth
logsource: {product: x}
detection:
  selection: {A: 1}
  unused: {B: 1}
  condition: selection
";
    check(
        text,
        expect_test::expect![[r#"
            error r.yml:2:12: `logsource` says neither `product` nor `service` nor `category`; say one
            error r.yml:5:5: unknown modifier `contians`; there are all, base64, base64offset, cased, cidr, contains, day, endswith, exists, expand, fieldref, gt, gte, hour, i, lt, lte, m, minute, month, neq, re, s, startswith, utf16, utf16be, utf16le, week, wide, windash, year; did you mean `contains`?
            error r.yml:6:15: the expression looks around (character 1), which takes more than linear time; put what must not be there into a selection of its own, and say `and not` in the condition
            error r.yml:7:28: in the condition: there is no selection `other`; there are selection
            error r.yml:8:8: expected one of informational, low, medium, high, critical; did you mean `high`?
            error r.yml:11:9: not valid YAML: the structure breaks here; look for a missing `:`, a quote or bracket that is not closed, or an indentation that does not line up
            error r.yml:13:1: `detection` is missing; `detektion` stands there instead
            warning r.yml:15:1: `detektion` means nothing here; did you mean `detection`?
            warning r.yml:22:3: no condition speaks of `unused`; name it, or take it out
        "#]],
    );
}

/// What a mistake in a detection is called.
fn told(detection: &str) -> String {
    let loaded = Rules::load([("r.yml", rule(detection).as_str())], &Data::default());
    assert!(loaded.rules.rules().is_empty(), "{detection}");
    loaded.issues.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn modifiers_and_values_that_make_no_sense_are_refused_with_a_remedy() {
    for (item, words) in [
        ("A|not: x", "r.yml:5:8: there is no modifier `not`; negate"),
        ("A|contains|startswith: x", "`contains` and `startswith` exclude each other"),
        ("A|cidr|base64: x", "do not go with `cidr`"),
        ("A|i: x", "belong behind `re`"),
        ("A|all: x", "`all` needs several values"),
        ("A|exists: [true, false]", "`exists` takes true or false"),
        ("A|exists: maybe", "expected true or false"),
        ("A|cidr: 10.0.0.0/33", "`10.0.0.0/33` is no network"),
        ("A|gt: many", "r.yml:5:14: expected a number"),
        ("A|hour: 1.5", "expected a whole number"),
        ("A|base64|base64offset: x", "exclude each other"),
        ("A|wide|utf16be: x", "exclude each other"),
        ("A|re: 'a{9999}{9999}'", "too large when compiled"),
        ("A|expand: '%nobody%'", "no values for the placeholder `%nobody%`"),
        ("A|fieldref|gt: B", "`fieldref` does not go with `gt`"),
        ("A|contains: null", "nothing stands here"),
        ("A: {B: 1}", "expected a text or a number, not a list or map"),
        ("A: []", "the list is empty"),
        ("'|gt': 5", "this modifier needs a field"),
    ] {
        let told = told(&format!("  s: {{ {item} }}\n  condition: s").replace("s: { ", "s: {  "));
        assert!(told.contains(words.rsplit(": ").next().unwrap()), "{item}: {told}");
    }
}

#[test]
fn rules_that_are_too_much_are_refused_and_not_read() {
    let nested = format!("  s: {}A{}\n  condition: s", "[".repeat(20), "]".repeat(20));
    let bombs = format!("  s: {}A{}\n  condition: s", "[".repeat(3_000), "]".repeat(3_000));
    let long = format!("  s: {{A: {}}}\n  condition: s", "x".repeat(100_000));
    let huge = format!("  s: {{A: {}}}\n  condition: s", "x".repeat(10 * 1024 * 1024));
    for (detection, words) in [
        (nested, "nested deeper than 8"),
        (bombs, "nested too deep"),
        (long, "longer than 64 KiB; look for a part of it"),
        (huge, "the document is longer than 1048576 bytes"),
    ] {
        let told = told(&detection);
        assert!(told.contains(words), "{told:.400}");
    }
}

#[test]
fn what_is_older_or_newer_than_sigma_2_is_refused_with_what_to_write_instead() {
    assert!(told("  s: {A: 1}\n  condition: s | count() > 5").contains("write a correlation rule"));
    assert!(told("  s: {A: 1}\n  timeframe: 5m\n  condition: s").contains("`timeframe` is no part of Sigma 2"));
    check(
        "action: global\ntitle: t\n",
        expect_test::expect![[r#"
        error r.yml:1:1: `action` is no part of Sigma 2; write each rule out as a document of its own
    "#]],
    );
    check(
        &(rule("  s: {A: 1}\n  condition: s")
            + "x-picket:\n  baseline: {ratio: 2}\n  tests:\n  - {name: t, events: [{A: 1}], matches: [2]}\n  - {name: t}\n"),
        expect_test::expect![[r#"
            error r.yml:7:13: `window` is missing; say how long, such as 1h
            error r.yml:9:43: expected numbers of events, from 1 to how many there are
            error r.yml:10:5: a test has a `name`, `events`, and `matches`: the numbers of the events that match, `[]` for none
        "#]],
    );
    check(
        "# nothing\n",
        expect_test::expect![[r#"
        error r.yml:1:1: there is no rule in this file; give it a document with `title`, `logsource` and `detection`
    "#]],
    );
}

#[test]
fn two_rules_of_one_id_are_refused() {
    let text = rule("  s: {A: 1}\n  condition: s") + "id: one\n";
    check(
        &format!("{text}---\n{text}"),
        expect_test::expect![[r#"
        error r.yml:8:1: `one` is also the rule at r.yml:1; give one of them another id or name
    "#]],
    );
}

#[test]
fn a_rule_that_asks_only_for_what_is_not_there_is_told() {
    check(
        &rule("  s: {A: 1}\n  condition: not s"),
        expect_test::expect![[r#"
        warning r.yml:1:1: every event is held against this rule, since it asks only for what is not there; name a field and a value that it needs
    "#]],
    );
}
