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
