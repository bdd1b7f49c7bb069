//! The block `x-picket`: what is understood, and what is said of what is not.

use crate::data::Data;
use crate::extension::{Effect, Entity, EntityKind, Extension, Extent};
use crate::ruleset::Rules;
use picket_event::Category;
use std::time::Duration;

const HEAD: &str = "title: t\nlogsource: {product: x}\ndetection:\n  s: {A: 1}\n  condition: s\nx-picket:\n";

fn read(block: &str) -> Extension {
    let loaded = Rules::load([("r.yml", format!("{HEAD}{block}").as_str())], &Data::default());
    assert_eq!(loaded.issues.errors, []);
    loaded.rules.rules()[0].about.extension.clone()
}

fn check(block: &str, expected: expect_test::Expect) {
    let loaded = Rules::load([("r.yml", format!("{HEAD}{block}").as_str())], &Data::default());
    expected.assert_eq(&loaded.issues.errors.iter().map(|issue| format!("{issue}\n")).collect::<String>());
    assert!(loaded.rules.rules().is_empty());
}

#[test]
fn everything_that_a_block_says_is_read() {
    let extension = read(
        "  category: prompt_attack
  confidence: 0.8
  entity: user
  risk: { score: 40, half-life: 1d, entity: { kind: key, field: caller } }
  suppress: { by: [user, model], for: 1h }
  reason: '{user} had {value} within {span}, {{so}}'
  atlas: [AML.T0051, AML.T0051.000]
  owasp: [LLM01, ASI10]
  equivalents: ['elastic:aws_bedrock/one-rule']
  response: { action: block, ttl: 1h, max-per-hour: 5, approval: true, dry: true }
",
    );
    assert_eq!(extension.category, Some(Category::PromptAttack));
    assert_eq!((extension.confidence, extension.entity), (Some(0.8), Some(EntityKind::User.into())));
    let risk = extension.risk.unwrap();
    assert_eq!((risk.score, risk.half_life), (40.0, Duration::from_secs(86_400)));
    assert_eq!(risk.entity, Some(Entity { kind: EntityKind::Key, field: "caller".to_owned() }));
    let suppress = extension.suppress.unwrap();
    assert_eq!((suppress.by, suppress.lasts), (vec!["user".into(), "model".into()], Duration::from_secs(3_600)));
    assert_eq!((extension.atlas.len(), extension.owasp.len(), extension.equivalents.len()), (2, 2, 1));
    let response = &extension.responses[0];
    assert_eq!((response.effect, response.extent), (Effect::Block, Extent::All));
    assert_eq!(response.target, Some(EntityKind::User.into()));
    assert_eq!((response.ttl, response.max_per_hour), (Some(Duration::from_secs(3_600)), Some(5)));
    assert!(response.approval && response.is_dry);
    let look = |name: &str| (name == "user").then(|| format!("ana\u{7}{}", "x".repeat(200)));
    let said = extension.reason.unwrap().say(&look);
    assert_eq!(said, format!("ana{}… had unknown within unknown, {{so}}", "x".repeat(117)));
}

#[test]
fn words_for_responses_are_effects_of_containments() {
    let cases: [(&str, Effect, Extent, Option<EntityKind>); 8] = [
        ("action: block, target: address", Effect::Block, Extent::All, Some(EntityKind::Address)),
        ("action: review, target: application", Effect::Review, Extent::All, Some(EntityKind::Application)),
        ("action: strict, target: key", Effect::Strict, Extent::All, Some(EntityKind::Key)),
        ("action: throttle, target: key, requests: 10, per: 1m", Effect::Throttle, Extent::All, Some(EntityKind::Key)),
        ("action: halt", Effect::Block, Extent::All, Some(EntityKind::Agent)),
        ("action: halt, target: session", Effect::Block, Extent::All, Some(EntityKind::Session)),
        ("action: disable_feature, target: user", Effect::Block, Extent::Feature, Some(EntityKind::User)),
        ("action: keep", Effect::Keep, Extent::All, None),
    ];
    for (words, effect, extent, kind) in cases {
        let response = read(&format!("  response: [{{ {words} }}]\n")).responses.remove(0);
        assert_eq!((response.effect, response.extent), (effect, extent), "{words}");
        assert_eq!(response.target, kind.map(Entity::from), "{words}");
        assert_eq!(response.rate.is_some(), effect == Effect::Throttle, "{words}");
    }
}

#[test]
fn what_is_wrong_in_a_block_is_told_with_its_place_and_all_at_once() {
    check(
        "  catgory: anomaly
  category: weird
  confidence: 80
  entity: usr
  risk: { entity: user, points: 3 }
  suppress: { by: [user] }
  reason: '{user had'
  atlas: [T0051]
  owasp: [LLM11, LLM01, LLM01]
  equivalents: [something]
",
        expect_test::expect![[r#"
            r.yml:7:3: unknown key `catgory`; valid here: category, confidence, entity, risk, suppress, response, reason, atlas, owasp, equivalents, baseline, first-seen, trend, absent, near-duplicate, schedule, tests; did you mean `category`?
            r.yml:8:13: expected one of guardrail-block, judge-flag, anomaly, prompt-attack, data-exfiltration, agent-boundary-violation, model-drift
            r.yml:9:15: expected a number from 0 to 1
            r.yml:10:11: expected one of user, key, address, application, agent, session, model; did you mean `user`?
            r.yml:11:9: `score` is missing; say how much a finding weighs, from 0 to 100
            r.yml:11:25: unknown key `points`; valid here: score, entity, half-life
            r.yml:12:13: `for` is missing; say how long, such as 1h
            r.yml:13:11: a brace stands alone; write `{field}`, or `{{` and `}}` for braces
            r.yml:14:11: `T0051` is not an id of MITRE ATLAS such as AML.T0051.000
            r.yml:15:11: `LLM11` is not an id such as LLM01 or ASI02
            r.yml:15:25: `LLM01` stands there twice; keep one
            r.yml:16:17: `something` is not a public rule as `source:name`, such as `elastic:name`
        "#]],
    );
    check(
        "  response:
    - { action: kill, target: user }
    - { target: user }
    - { action: block }
    - { action: block, target: model }
    - { action: halt, target: user }
    - { action: throttle, target: user }
    - { action: block, target: user, requests: 3, per: 1m }
    - { action: keep, target: user, ttl: 0s }
",
        expect_test::expect![[r#"
            r.yml:8:17: expected one of block, review, strict, throttle, halt, disable-feature, disable-model, keep
            r.yml:9:7: `action` is missing; say one of block, review, strict, throttle, halt, disable-feature, disable-model, keep
            r.yml:10:7: `target` is missing; say `target` here, or `entity` for the whole rule
            r.yml:11:32: nothing can be done to a model; say `disable-model`, and whom it is disabled for
            r.yml:12:31: `halt` is for an agent or a session; say `block` for others
            r.yml:13:7: a throttle, and nothing else, has `requests` and `per`: so many pass in that time
            r.yml:14:7: a throttle, and nothing else, has `requests` and `per`: so many pass in that time
            r.yml:15:31: what is kept are the requests that the finding rests on; take `target` out
            r.yml:15:42: expected a time from 1s to 400d
        "#]],
    );
}

#[test]
fn what_is_wrong_in_a_behaviour_is_told_with_its_place() {
    check(
        "  baseline: { metric: max of x, window: 90s, ratio: 0.5, psi: 1, season: weekly, min-history: 300d, p: 2 }
  trend: { bucket: 1d }
",
        expect_test::expect![[r#"
            r.yml:7:23: expected `count`, or `sum of`, `avg of`, `distinct of` or `shift of` a field, or `share of` a rule
            r.yml:7:41: expected whole minutes: a window moves on in twelfths
            r.yml:7:63: `psi` is for `shift of …`, and `ratio` for everything else
            r.yml:7:74: expected one of none, hour-of-day, hour-of-week
            r.yml:7:104: expected a number from 0 to 1
        "#]],
    );
    check(
        "  baseline: { metric: sum of , window: 1m, min-history: 300d }\n",
        expect_test::expect![[r#"
        r.yml:7:23: expected `count`, or `sum of`, `avg of`, `distinct of` or `shift of` a field, or `share of` a rule
    "#]],
    );
    check(
        "  baseline: { window: 1h, ratio: 0.5, min-history: 300d }\n",
        expect_test::expect![[r#"
        r.yml:7:34: expected a ratio above 1; below 1 for averages and shares, to find what falls
        r.yml:7:52: so long are 7200 windows, and 2000 are the most; use longer ones
    "#]],
    );
    check(
        "  first-seen: { by: user, learn: 500d }\n",
        expect_test::expect![[r#"
        r.yml:7:15: `field` is missing; say whose values may be new
        r.yml:7:34: expected a time from 1s to 400d
    "#]],
    );
    check(
        "  trend: { metric: shift of x, buckets: 100, slop: 1 }\n",
        expect_test::expect![[r#"
        r.yml:7:10: `bucket` is missing; say how long, such as 1h
        r.yml:7:20: a shift is measured against a baseline; say `baseline`
        r.yml:7:41: expected a whole number from 5 to 64
        r.yml:7:46: unknown key `slop`; valid here: metric, group-by, bucket, buckets, p, slope, cusum, at-least; did you mean `slope`?
    "#]],
    );
    check(
        "  absent: { within: 1h }\n",
        expect_test::expect![[r#"
        r.yml:7:11: `rule` is missing; name the rule that should match too, by id or name
    "#]],
    );
    check(
        "  absent: { rule: nobody, group-by: [user] }\n",
        expect_test::expect![[r#"
        r.yml:7:11: `within` is missing; say how long afterwards, or in `before` how long before, it may come
    "#]],
    );
    check(
        "  near-duplicate: { field: a, simhash: b }\n",
        expect_test::expect![[r#"
        r.yml:7:19: say either `field`, the one with the text, or `simhash`, the one with its hash
    "#]],
    );
    check(
        "  near-duplicate: { field: a, count: 1, window: 1m, distance: 40 }\n",
        expect_test::expect![[r#"
        r.yml:7:38: expected a whole number from 2 to 2000
        r.yml:7:63: expected a whole number from 0 to 20
    "#]],
    );
}

#[test]
fn a_document_has_one_behaviour() {
    check(
        "  baseline: { window: 1h }\n  trend: { bucket: 1d }\n",
        expect_test::expect![[r#"
        r.yml:8:3: a document has one such block; give the other a document of its own
    "#]],
    );
}

#[test]
fn what_is_wrong_in_a_schedule_is_told_with_its_place() {
    check(
        "  schedule: { tz: Mars/Base, days: [mon-fry], hours: ['8-18'], calendar: [christmas], when: during }\n",
        expect_test::expect![[r#"
            r.yml:7:19: `Mars/Base` is no time zone; write UTC, or a name such as Europe/Berlin
            r.yml:7:36: `mon-fry` is no day; write `mon`, or `mon-fri`
            r.yml:7:54: `8-18` are no hours; write `08:00-18:00`
            r.yml:7:75: expected a day such as 2026-12-25, 12-25 for each year, or a placeholder `%name%`
            r.yml:7:93: expected one of inside, outside
        "#]],
    );
}

#[test]
fn what_a_behaviour_refers_to_has_to_be_there() {
    let unresolved = |block: &str| {
        let loaded = Rules::load([("r.yml", format!("{HEAD}{block}").as_str())], &Data::default());
        assert!(loaded.rules.correlations().is_empty());
        loaded.issues.errors.iter().map(|issue| format!("{issue}\n")).collect::<String>()
    };
    expect_test::expect![[r#"
        r.yml:7:19: the correlation refers to `nobody`, and no rule that can be used here has that id or name; load it too, or correct it
    "#]].assert_eq(&unresolved("  absent: { rule: nobody, within: 1h }\n"));
    expect_test::expect![[r#"
        r.yml:7:23: a share is of a rule about single events, and `nobody` is none that can be used here
    "#]]
    .assert_eq(&unresolved("  baseline: { metric: share of nobody, window: 1h }\n"));
    expect_test::expect![[r#"
        r.yml:1:1: there are no values for the placeholder `%holidays%`; give days in a file of placeholders, or take it out of `calendar`
    "#]].assert_eq(&unresolved("  schedule: { calendar: ['%holidays%'] }\n"));
}
