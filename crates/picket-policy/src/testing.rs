//! Policy tests as data: `cases:` with a text or a body, and the verdict that is expected.

use crate::chain::{SlowCheck, Toolbox};
use crate::compile::Policy;
use crate::document::{self, Node, Problems, Value};
use crate::inquiry::{Answer, Said, Unanswered};
use crate::judgement::{Judgement, Subject};
use picket_event::{Action, Phase};
use picket_llm::{Endpoint, Request, Response};
use picket_stdx::Timestamp;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// How a case came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// Whether everything was as expected.
    pub passed: bool,
    /// What was not.
    pub differences: Vec<String>,
}

/// Runs the `cases:` of a document against a policy. A case has `name`, `input` or `output` (a text), optionally `model`, `team`, `user`, `tools`,
/// and `expect` with `action`, `type`, `policy`, `band`. `answers` says what the services of `remote` checks answer, since none is asked here:
/// `{ score, type, flag }` for each text, or the word of a failure; without it they find nothing.
/// `slow` are the detectors that late checks have, and those that are unsure; the quick ones have the last word where there are none.
pub fn run(
    policy: &Policy,
    cases: &str,
    source: &str,
    slow: &[Arc<dyn SlowCheck>],
) -> Result<Vec<CaseResult>, Problems> {
    let root = document::parse(cases, source)?;
    let mut problems = Problems::new(source);
    let found = root.map(&mut problems).iter().find(|(key, _)| key.name == "cases").map(|(_, node)| node.clone());
    let Some(Node { value: Value::List(items), .. }) = found else {
        problems.at(&root, "no cases: write `cases:` with a list of { name, input, expect }");
        return problems.or(Vec::new());
    };
    let results = items.iter().map(|item| case(policy, item, slow, &mut problems)).collect();
    problems.or(results)
}

fn case(policy: &Policy, item: &Node, slow: &[Arc<dyn SlowCheck>], problems: &mut Problems) -> CaseResult {
    // What is counted over several requests begins anew.
    let toolbox = Toolbox::with(slow.to_vec());
    let get = |name: &str, problems: &mut Problems| {
        let node = item.map(problems).iter().find(|(key, _)| key.name == name).map(|(_, node)| node.clone())?;
        node.text(problems).map(str::to_owned)
    };
    let valid = ["name", "input", "output", "model", "team", "user", "application", "tools", "answers", "expect"];
    for (key, _) in item.map(&mut Problems::default()) {
        if !valid.contains(&key.name.as_str()) {
            key.unknown(&valid, problems);
        }
    }
    let name = get("name", problems).unwrap_or_else(|| format!("case at line {}", item.line));
    let [input, output, model, team, user, application] = ["input", "output", "model", "team", "user", "application"]
        .map(|name| has(item, name).then(|| get(name, problems)).flatten());
    let subject = Subject {
        team: team.as_deref(),
        user: user.as_deref(),
        application: application.as_deref(),
        model: model.as_deref(),
        ..Subject::default()
    };
    let judgement = judge(policy, input.as_deref(), output.as_deref(), &tools(item, problems), (&subject, &toolbox));
    let mut differences = Vec::new();
    match judgement {
        Some(mut judgement) => {
            answer(policy, item, (&mut judgement, &toolbox), problems);
            compare(policy, item, &judgement, &mut differences, problems);
        }
        None => problems.at(item, "a case needs `input` or `output`"),
    }
    CaseResult { name, passed: differences.is_empty(), differences }
}

/// Answers what a judgement asks of services, as the case says.
fn answer(policy: &Policy, item: &Node, (judgement, tools): (&mut Judgement, &Toolbox), problems: &mut Problems) {
    let members = item.map(&mut Problems::default());
    let answers = members.iter().find(|(key, _)| key.name == "answers").map(|(_, node)| node.map(problems));
    let answers = answers.unwrap_or_default();
    let names: Vec<&str> = policy.remotes().map(|(name, _)| name).collect();
    for (key, _) in answers.iter().filter(|(key, _)| !names.contains(&key.name.as_str())) {
        key.unknown(&names, problems);
    }
    for inquiry in std::mem::take(&mut judgement.later) {
        if policy.asks_a_service(&inquiry) {
            judgement.inquiries.push(inquiry);
        } else {
            judgement.absorb(policy.examine(&inquiry, tools, None));
        }
    }
    for inquiry in std::mem::take(&mut judgement.inquiries) {
        if !policy.asks_a_service(&inquiry) {
            policy.looked(&inquiry, Ok(policy.examine(&inquiry, tools, None)), judgement);
            continue;
        }
        let said = answers.iter().find(|(key, _)| key.name == inquiry.policy).map(|(_, node)| said(node, problems));
        let said = said.unwrap_or(Ok(Said::nothing()));
        let answer = said.map(|said| Answer(inquiry.texts.iter().map(|_| said.clone()).collect()));
        policy.answered(&inquiry, answer, Duration::ZERO, judgement);
    }
}

fn said(node: &Node, problems: &mut Problems) -> Result<Said, Unanswered> {
    let mut said = Said::nothing();
    if let Value::Text(_) = &node.value {
        let words: Vec<_> = Unanswered::ALL.iter().map(|cause| (cause.word().replace('_', "-"), *cause)).collect();
        let words: Vec<(&str, Unanswered)> = words.iter().map(|(word, cause)| (word.as_str(), *cause)).collect();
        return node.word(&words, problems).map_or(Ok(said), Err);
    }
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            #[expect(clippy::cast_possible_truncation, reason = "a score needs no more precision")]
            "score" => said.score = node.number(problems).unwrap_or_default() as f32,
            "type" => said.kind = node.text(problems).map(|word| word.to_ascii_lowercase().replace('-', "_")),
            "flag" => said.flag = node.bool(problems),
            _ => key.unknown(&["score", "type", "flag"], problems),
        }
    }
    Ok(said)
}

fn has(item: &Node, name: &str) -> bool {
    matches!(&item.value, Value::Map(members) if members.iter().any(|(key, _)| key.name == name))
}

fn tools(item: &Node, problems: &mut Problems) -> Vec<String> {
    let node =
        item.map(&mut Problems::default()).iter().find(|(key, _)| key.name == "tools").map(|(_, node)| node.clone());
    node.map(|node| node.texts(problems)).unwrap_or_default()
}

/// Judges one text of a user.
#[cfg(test)]
pub(crate) fn judge_text(policy: &Policy, text: &str, subject: &Subject<'_>) -> Judgement {
    judge(policy, Some(text), None, &[], (subject, &Toolbox::default())).unwrap_or_default()
}

fn judge(
    policy: &Policy,
    input: Option<&str>,
    output: Option<&str>,
    tools: &[String],
    (subject, toolbox): (&Subject<'_>, &Toolbox),
) -> Option<Judgement> {
    if let Some(text) = input {
        let tools: Vec<_> = tools.iter().map(|name| json!({"type": "function", "function": {"name": name}})).collect();
        let body = json!({"model": subject.model, "messages": [{"role": "user", "content": text}], "tools": tools});
        let request = Request::parse(Endpoint::ChatCompletions, body.to_string().into()).ok()?;
        let digest = |_: &[u8], _| picket_stdx::random::bytes();
        return Some(policy.judge_request(&request, subject, toolbox, Timestamp::default(), digest));
    }
    let calls: Vec<_> =
        tools.iter().map(|name| json!({"type": "function", "function": {"name": name, "arguments": "{}"}})).collect();
    let body = json!({"choices": [{"message": {"role": "assistant", "content": output?, "tool_calls": calls}}]});
    let response = Response::parse(body.to_string().into()).ok()?;
    Some(policy.judge_response(&response, subject, toolbox))
}

fn compare(
    policy: &Policy,
    item: &Node,
    judgement: &Judgement,
    differences: &mut Vec<String>,
    problems: &mut Problems,
) {
    let expect =
        item.map(&mut Problems::default()).iter().find(|(key, _)| key.name == "expect").map(|(_, node)| node.clone());
    let Some(expect) = expect else {
        problems.at(item, "a case needs `expect`, such as { action: block }");
        return;
    };
    for (key, node) in expect.map(problems) {
        let Some(wanted) = node.text(problems) else { continue };
        let (found, same) = match key.name.as_str() {
            "action" => (
                judgement.action().to_string(),
                wanted.parse::<Action>().is_ok_and(|wanted| wanted == judgement.action()),
            ),
            "type" => {
                let found = judgement.finding_type.clone().unwrap_or_else(|| "nothing".to_owned());
                let same = found == wanted.replace('-', "_");
                (found, same)
            }
            "band" => {
                let found = judgement.risk_score.map(|score| policy.oversight.bands.of(score).as_str());
                let found = found.unwrap_or("none").to_owned();
                let same = found == wanted;
                (found, same)
            }
            "policy" => {
                let found = judgement.triggered.join(", ");
                let same = judgement.triggered.iter().any(|name| name == wanted);
                (found, same)
            }
            _ => {
                key.unknown(&["action", "type", "policy", "band"], problems);
                continue;
            }
        };
        if !same {
            differences.push(format!("{}: expected {wanted}, got {found}", key.name));
        }
    }
    debug_assert!(
        judgement.results.iter().all(|result| matches!(result.phase, Phase::Input | Phase::Output)),
        "a case has one phase"
    );
}
