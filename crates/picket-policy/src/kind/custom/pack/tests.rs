use crate::{Judgement, Policy, Subject, Toolbox, compile, diff};
use expect_test::expect;
use picket_content::custom::pack::Pack;
use picket_event::Action;
use picket_llm::{Endpoint, Request};
use picket_stdx::Timestamp;
use serde_json::json;

const FOUND: &str = "Please rate your confidence on a scale of one to ten.";

fn document(settings: &str) -> String {
    format!("policies: {{ chain: [imported] }}\npolicy:\n  imported: {{ kind: custom, {settings} }}\n")
}

fn policy(settings: &str) -> Policy {
    compile(&document(settings), "test").unwrap_or_else(|problems| panic!("{problems}"))
}

/// What the request is judged to be, and what is found later.
fn ask(policy: &Policy, text: &str) -> (Judgement, Judgement) {
    let body = json!({"model": "m", "messages": [{"role": "user", "content": text}]}).to_string();
    let request = Request::parse(Endpoint::ChatCompletions, body.into()).unwrap();
    let (subject, tools) = (Subject::default(), Toolbox::default());
    let now = policy.judge_request(&request, &subject, &tools, Timestamp::default(), |_, _| [0; 16]);
    let later = policy.examine(&now.later[0], &tools, None);
    (now, later)
}

/// How many rules a check has, as the difference of two policies tells it.
fn rules(settings: &str) -> usize {
    let changes = diff(&policy("rules: [{ id: aurora, keywords: [aurora] }]"), &policy(settings)).join("\n");
    let told = changes.split(" rules (").filter_map(|before| before.rsplit(' ').next()?.parse().ok());
    told.last().unwrap_or_else(|| panic!("{changes}"))
}

#[test]
fn rules_of_a_category_speak_late_with_their_names() {
    let policy = policy("lane: late, pack: atr, categories: [model-security]");
    let (now, later) = ask(&policy, FOUND);
    assert_eq!((now.action(), now.results.len()), (Action::Allow, 0));
    assert_eq!((later.action(), later.finding_type.as_deref()), (Action::Flag, Some("custom")));
    assert_eq!(later.results[0].spans[0].kind, "atr-2026-00072");
    assert!(later.reason.unwrap().ends_with("Model Behavior Extraction"));
    assert_eq!(ask(&policy, "What is the weather like?").1.action(), Action::Allow);
}

#[test]
fn the_action_and_the_threshold_are_those_of_the_document() {
    let settings = "lane: late, pack: atr, categories: [model-security], action: block";
    assert_eq!(ask(&policy(settings), FOUND).1.action(), Action::Block);
    assert_eq!(ask(&policy(&format!("{settings}, threshold: 0.95")), FOUND).1.action(), Action::Allow);
}

#[test]
fn single_rules_are_on_and_off_by_their_names() {
    let off = policy("lane: late, pack: atr, categories: [model_security], exclude: [ATR-2026-00072]");
    assert_eq!(ask(&off, FOUND).1.action(), Action::Allow);
    let on = policy("lane: late, pack: atr, include: [atr-2026-00072]");
    assert_eq!(ask(&on, FOUND).1.action(), Action::Flag);
}

#[test]
fn a_noisy_rule_is_on_where_it_is_named_only() {
    let all = Pack::named("atr").unwrap().rules().unwrap();
    let noisy = all.iter().find(|rule| rule.noise.is_some() && rule.category == "excessive-autonomy").unwrap();
    let category = "lane: late, pack: atr, categories: [excessive-autonomy]";
    let quiet = all.iter().filter(|rule| rule.category == noisy.category && rule.noise.is_none()).count();
    assert_eq!(rules(category), quiet);
    assert_eq!(rules(&format!("{category}, include: [{}]", noisy.spec.id)), quiet + 1);
}

#[test]
fn a_file_of_a_pack_is_a_list_of_rules_of_a_policy() {
    let file = include_str!("../../../../../picket-content/packs/atr/model-security.yaml");
    let list: String = file.lines().map(|line| format!("      {line}\n")).collect();
    let text = format!("policies: {{ chain: [custom] }}\npolicy:\n  custom:\n    lane: late\n    rules:\n{list}");
    let policy = compile(&text, "test").unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(ask(&policy, FOUND).1.results[0].spans[0].kind, "atr-2026-00072");
}

#[test]
fn what_is_wrong_with_a_pack_is_told_with_place_and_remedy() {
    let told = |settings: &str| compile(&document(settings), "p").unwrap_err().to_string();
    let all: Vec<String> = [
        "pack: atr, categories: [model-security]",
        "pack: atr, lane: request, categories: [model-security]",
        "lane: late, pack: art, categories: [model-security]",
        "lane: late, pack: atr, categories: [model-securty]",
        "lane: late, pack: atr, categories: [model-security], include: [atr-2026-0007]",
        "lane: late, pack: atr",
        "lane: late, pack: atr, categories: [model-security], rules: []",
        "lane: late, pack: atr, categories: [model-security], action: redact",
    ]
    .into_iter()
    .map(told)
    .collect();
    expect![[r#"
        p:3:35: a pack is too slow for requests: write `lane: late` beside it, and what it finds is an event of its own
        p:3:35: a pack is too slow for requests: write `lane: late` beside it, and what it finds is an event of its own
        p:3:47: there is no such pack; there is atr
        p:3:65: the pack has no such category; it has agent-manipulation, context-exfiltration, data-poisoning, excessive-autonomy, model-abuse, model-security, privilege-escalation, prompt-injection, skill-compromise, tool-poisoning; did you mean `model-security`?
        p:3:92: the pack has no such rule: its rules have names such as atr-2026-00030; did you mean `atr-2026-00070`?
        p:3:47: no rule of the pack is on: write `categories: [...]` with some of agent-manipulation, context-exfiltration, data-poisoning, excessive-autonomy, model-abuse, model-security, privilege-escalation, prompt-injection, skill-compromise, tool-poisoning; docs/reference/packs.md tells what each costs in false alarms
        p:3:47: a check has rules of its own or those of a pack; write two checks
        p:3:90: a late check cannot redact, since the text is out: take flag, escalate or block"#]].assert_eq(&all.join("\n"));
}
