use super::*;
use crate::edit::Edit;
use proptest::prelude::*;
use serde_json::{Value, json};

fn parse(endpoint: Endpoint, value: &Value) -> Request {
    Request::parse(endpoint, value.to_string().into()).unwrap()
}

fn places(request: &Request) -> Vec<(String, Role, String)> {
    request.parts().iter().map(|part| (request.pointer(part), part.role, request.text(part).to_owned())).collect()
}

#[test]
fn every_text_of_a_chat_request_is_named_with_its_role() {
    let request = parse(
        Endpoint::ChatCompletions,
        &json!({
            "model": "gpt-4o", "stream": true, "user": "alice",
            "messages": [
                {"role": "system", "content": "be kind"},
                {"role": "user", "content": [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": "https://example.com/a b.png"}}]},
                {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{\"q\":\"a\\\"b\"}"}}]},
                {"role": "tool", "tool_call_id": "c1", "content": "found it"},
            ],
            "tools": [{"type": "function", "function": {"name": "find", "description": "finds things", "parameters": {"type": "object", "properties": {"q": {"type": "string", "description": "what"}}}}}],
            "x_new_field": {"note for you": "unknown text"},
        }),
    );
    let found = places(&request);
    let has = |place: &str, role: Role, text: &str| {
        assert!(found.iter().any(|(p, r, t)| p == place && *r == role && t == text), "{place} {found:#?}");
    };
    has("/messages/0/content", Role::System, "be kind");
    has("/messages/1/content/0/text", Role::User, "look");
    has("/messages/2/tool_calls/0/function/arguments#/q", Role::Assistant, "a\"b");
    has("/messages/3/content", Role::Tool, "found it");
    has("/tools/0/function/description", Role::Definition, "finds things");
    has("/tools/0/function/parameters/properties/q/description", Role::Definition, "what");
    has("/x_new_field/note for you", Role::Other, "unknown text");
    has("/x_new_field/note for you", Role::Other, "note for you");
    assert_eq!(request.unscanned(), ["image:/messages/1/content/1"]);
    assert_eq!(
        (request.model.as_deref(), request.stream, request.user_claim.as_deref()),
        (Some("gpt-4o"), true, Some("alice"))
    );
    assert_eq!(request.tools, ["find"]);
    assert_eq!(request.messages.len(), 4);
}

#[test]
fn every_text_of_an_anthropic_request_is_named_with_its_role() {
    let request = parse(
        Endpoint::Messages,
        &json!({
            "model": "claude-x", "max_tokens": 5, "system": [{"type": "text", "text": "be kind"}],
            "messages": [
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "page says"}]},
                    {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "the document"}},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk=".repeat(100)}},
                ]},
                {"role": "assistant", "content": [{"type": "thinking", "thinking": "hmm", "signature": "c2ln"}, {"type": "tool_use", "id": "t2", "name": "run", "input": {"cmd": "ls -la /"}}]},
            ],
        }),
    );
    let found = places(&request);
    let has = |place: &str, role: Role, text: &str| {
        assert!(found.iter().any(|(p, r, t)| p == place && *r == role && t == text), "{place} {found:#?}");
    };
    has("/system/0/text", Role::System, "be kind");
    has("/messages/0/content/0/content/0/text", Role::Tool, "page says");
    has("/messages/0/content/1/source/data", Role::Document, "the document");
    has("/messages/1/content/0/thinking", Role::Reasoning, "hmm");
    has("/messages/1/content/1/input/cmd", Role::Assistant, "ls -la /");
    assert_eq!(request.unscanned(), ["image:/messages/0/content/2"]);
}

#[test]
fn content_that_stays_at_the_provider_is_named() {
    let request = parse(
        Endpoint::Responses,
        &json!({"model": "m", "previous_response_id": "resp_1", "input": [{"type": "input_file", "file_id": "file_1"}], "tools": [{"type": "mcp", "server_url": "https://x"}]}),
    );
    for place in
        ["previous_response_id:/previous_response_id", "file_id:/input/0/file_id", "server_url:/tools/0/server_url"]
    {
        assert!(request.provider_state.iter().any(|found| found == place), "{place} {:?}", request.provider_state);
    }
}

#[test]
fn a_text_inside_nested_json_is_edited_with_both_escapes() {
    let request = parse(
        Endpoint::ChatCompletions,
        &json!({"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": "{\"a\":\"keep \\\"this\\\" secret\"}"}}]}]}),
    );
    let index =
        request.parts().iter().position(|part| part.inner.is_some() && request.text(part).ends_with("secret")).unwrap();
    let text = request.text(&request.parts()[index]);
    let start = text.find("secret").unwrap();
    let edited: Value = serde_json::from_slice(&request.splice(&[Edit {
        part: index,
        range: start..start + 6,
        replacement: "\"[X]\"".to_owned(),
    }]))
    .unwrap();
    let arguments: Value =
        serde_json::from_str(edited["messages"][0]["tool_calls"][0]["function"]["arguments"].as_str().unwrap())
            .unwrap();
    assert_eq!(arguments["a"], "keep \"this\" \"[X]\"");
}

#[test]
fn approval_is_bound_to_what_changes_the_answer_only() {
    let of = |value: Value| parse(Endpoint::ChatCompletions, &value).approval_bytes();
    let base = of(json!({"model": "m", "messages": [{"role": "user", "content": "x"}]}));
    assert_eq!(base, of(json!({"stream": true, "messages": [{"role": "user", "content": "x"}], "model": "m"})));
    assert_ne!(base, of(json!({"model": "m2", "messages": [{"role": "user", "content": "x"}]})));
    assert_ne!(base, of(json!({"model": "m", "temperature": 2, "messages": [{"role": "user", "content": "x"}]})));
}

proptest! {
    #[test]
    fn without_edits_the_bytes_are_the_same_and_with_edits_only_they_change(texts in proptest::collection::vec(".*", 1..5), replacement in ".*", pick: prop::sample::Index) {
        let body = serde_json::to_string_pretty(&json!({"model": "m", "messages": texts.iter().map(|text| json!({"role": "user", "content": text})).collect::<Vec<_>>()})).unwrap();
        let request = Request::parse(Endpoint::ChatCompletions, body.clone().into()).unwrap();
        prop_assert_eq!(request.splice(&[]), body.as_bytes());
        if request.parts().is_empty() {
            return Ok(());
        }
        let part = pick.index(request.parts().len());
        let whole = request.text(&request.parts()[part]).to_owned();
        let edited = request.splice(&[Edit { part, range: 0..whole.len(), replacement: replacement.clone() }]);
        let again = Request::parse(Endpoint::ChatCompletions, edited).unwrap();
        let expected: Vec<String> = request.parts().iter().enumerate().map(|(at, p)| if at == part { replacement.clone() } else { request.text(p).to_owned() }).filter(|text| !text.is_empty()).collect();
        let found: Vec<String> = again.parts().iter().map(|p| again.text(p).to_owned()).collect();
        prop_assert_eq!(found, expected);
    }
}
