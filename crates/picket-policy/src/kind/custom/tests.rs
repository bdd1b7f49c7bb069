use crate::{Judgement, Policy, Subject, Toolbox, compile, diff};
use expect_test::{Expect, expect};
use picket_content::stream::Guard;
use picket_event::Action;
use picket_llm::{Endpoint, Request, Response};
use picket_stdx::Timestamp;
use serde_json::json;

const RULES: &str = r"
policies: { chain: [custom] }
policy:
  custom:
    action: block
    rules:
      - id: project-aurora
        keywords: [Project Aurora]
        regexes: ['\bAUR-\d{4}\b']
        action: redact
        tests: { match: [about project  aurora, see AUR-1234], no_match: [the aurora project, AUR-12345] }
      - id: insider
        regexes: ['(?i)merger with \w{2,20}']
        message: talks about mergers stay inside
        phase: input
      - id: price-list
        keywords: [price list]
        near: { words: [internal], within: 40 }
        action: flag
";

fn policy(text: &str) -> Policy {
    compile(text, "test").unwrap_or_else(|problems| panic!("{problems}"))
}

fn ask(policy: &Policy, text: &str) -> Judgement {
    let body = json!({"model": "m", "messages": [{"role": "user", "content": text}]}).to_string();
    let request = Request::parse(Endpoint::ChatCompletions, body.into()).unwrap();
    let digest = |_: &[u8], _: usize| picket_stdx::random::bytes();
    policy.judge_request(&request, &Subject::default(), &Toolbox::default(), Timestamp::default(), digest)
}

#[test]
fn each_rule_has_its_own_action_and_the_strictest_counts() {
    let policy = policy(RULES);
    for (text, action, edits) in [
        ("what is project aurora?", Action::Redact, 1),
        ("the internal price list", Action::Flag, 0),
        ("the price list", Action::Allow, 0),
        ("Merger with Acme, AUR-1234 and Project Aurora", Action::Block, 2),
    ] {
        let judgement = ask(&policy, text);
        assert_eq!((judgement.action(), judgement.edits.len()), (action, edits), "{text}");
        assert_eq!(judgement.triggered.is_empty(), action == Action::Allow, "{text}");
    }
    let judgement = ask(&policy, "the merger with Acme");
    let reason = judgement.reason.unwrap();
    assert!(reason.contains("talks about mergers stay inside"), "{reason}");
    assert_eq!(judgement.results[0].spans[0].kind, "insider");
    assert_eq!((judgement.results[0].spans[0].start, judgement.results[0].spans[0].end), (4, 20));
    assert_eq!(judgement.finding_type.as_deref(), Some("custom"));
    assert_eq!(judgement.code, "content_blocked");
}

#[test]
fn rules_of_requests_do_not_judge_answers() {
    let policy = policy(RULES);
    let answer = |text: &str| {
        let body = json!({"choices": [{"message": {"role": "assistant", "content": text}}]}).to_string();
        policy.judge_response(&Response::parse(body.into()).unwrap(), &Subject::default(), &Toolbox::default()).action()
    };
    assert_eq!(answer("the merger with Acme"), Action::Allow);
    assert_eq!(answer("it is Project Aurora"), Action::Redact);
}

#[test]
fn streams_are_redacted_exactly_and_the_rest_is_judged_late() {
    let policy = policy(RULES);
    let subject = Subject::default();
    let mut guard = Guard::new(policy.stream_patterns(&subject));
    let (mut out, mut triggered) = (String::new(), Vec::new());
    for piece in ["it is Pro", "ject Aur", "ora (AUR", "-1234) and the internal pri", "ce list"] {
        let step = guard.push(0, piece);
        out.push_str(&step.release);
        triggered.extend(step.hits.iter().map(|hit| policy.judge_hit(hit, "channel:0", &subject).action()));
    }
    out.push_str(&guard.finish(0).release);
    assert_eq!(out, "it is [project-aurora] ([project-aurora]) and the internal price list");
    assert_eq!(triggered, [Action::Redact, Action::Redact]);
    assert!(policy.judges_channels(&subject));
    let late = |text: &str| policy.judge_channel(text, "channel:0", &subject, &Toolbox::default());
    let judgement = late("it is Project Aurora and the internal price list");
    assert_eq!((judgement.action(), judgement.results.len()), (Action::Flag, 1));
    assert_eq!(judgement.results[0].spans[0].kind, "price-list");
    assert_eq!(late("it is Project Aurora").results.len(), 0, "the guard has seen to it");
    assert_eq!(late("it is pr\u{43e}ject aurora").action(), Action::Flag, "what is out cannot be removed");
}

#[test]
fn a_rule_that_is_judged_late_on_streams_is_warned_of() {
    let warned = |rule: &str| {
        let text = format!("policies: {{ chain: [custom] }}\npolicy:\n  custom:\n    rules:\n      - {rule}\n");
        let warnings = policy(&text).warnings().iter().map(ToString::to_string).collect::<Vec<_>>();
        warnings.iter().filter(|warning| warning.contains("on streams")).count()
    };
    for (rule, count) in [
        (r"{ id: a, regexes: ['internal:\s+\S+'] }", 1),
        (r"{ id: a, regexes: ['internal:\s{1,9}\S{1,99}'] }", 0),
        (r"{ id: a, regexes: ['internal:\s+\S+'], phase: input }", 0),
        (r"{ id: a, regexes: ['internal:\s+\S+'], action: flag }", 0),
        (r"{ id: a, keywords: [aurora], views: [folded] }", 1),
        (r"{ id: a, keywords: [aurora] }", 0),
        (r"{ id: a, keywords: [aurora], score: 0.3 }", 1),
    ] {
        assert_eq!(warned(rule), count, "{rule}");
    }
}

fn check(rules: &str, expected: Expect) {
    let text = format!("policies: {{ chain: [custom] }}\npolicy:\n  custom:\n    rules:\n{rules}");
    expected.assert_eq(&compile(&text, "policy.yaml").unwrap_err().to_string());
}

#[test]
fn problems_of_rules_name_place_cause_and_remedy() {
    check(
        "      - { id: a, keywords: [x], colour: red }\n      - { id: a, regexes: ['(?=secret)'] }\n      - keywords: [zeta]\n",
        expect![[r#"
            policy.yaml:5:33: unknown key `colour`; valid here: id, keywords, regexes, views, case_sensitive, words, near, unless, phase, roles, score, action, message, tests
            policy.yaml:6:15: two rules have this name; give each its own
            policy.yaml:6:28: matches where nothing stands; let it ask for at least one character
            policy.yaml:7:9: a rule needs an `id`, by which events name it"#]],
    );
    check(
        "      - id: a\n        keywords: [aurora]\n        score: 3\n        views: [sideways]\n        near: { within: 10 }\n",
        expect![[r#"
            policy.yaml:7:16: a score is above 0 and at most 1
            policy.yaml:8:16: name at least one of text, folded, decoded
            policy.yaml:8:17: expected one of text, folded, decoded
            policy.yaml:9:15: write `words: [...]` with at least one word"#]],
    );
    check(
        "      - id: a\n        keywords: [aurora]\n        tests: { match: [auroras], no_match: [the aurora] }\n",
        expect![[r#"
            policy.yaml:7:26: the rule `a` does not find this; change the rule, or move the text to `no_match`
            policy.yaml:7:47: the rule `a` finds something here; change the rule, or move the text to `match`"#]],
    );
}

#[test]
fn rules_that_change_are_told_as_a_difference() {
    let changes = diff(&policy(RULES), &policy(&RULES.replace("Project Aurora]", "Project Aurora, Aurora budget]")));
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(changes[0].contains("3 rules (1 flag, 1 redact, 1 block), version"), "{changes:?}");
    assert!(!changes[0].contains("budget"), "{changes:?}");
}
