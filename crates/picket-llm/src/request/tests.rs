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

fn edited(request: &Request, wanted: &str, replacement: &str) -> Value {
    let parts = request.parts().iter().enumerate();
    let edits: Vec<Edit> = parts
        .filter_map(|(part, found)| {
            let at = request.text(found).find(wanted)?;
            Some(Edit { part, range: at..at + wanted.len(), replacement: replacement.to_owned() })
        })
        .collect();
    serde_json::from_slice(&request.splice(&edits)).unwrap()
}

#[test]
fn an_edited_number_becomes_a_string_and_edited_names_stay_apart() {
    let arguments = json!({"card": 1_234_567_890, "a mark": 1, "b mark": 2}).to_string();
    let request = parse(
        Endpoint::Messages,
        &json!({"messages": [{"role": "assistant", "content": [
            {"type": "tool_use", "name": "pay", "input": {"card": 1_234_567_890, "a mark": 1, "b mark": 2}},
            {"type": "function_call", "name": "pay", "arguments": arguments},
        ]}]}),
    );
    let numbers = edited(&request, "1234567890", "[N]");
    let input = |value: &Value| value["messages"][0]["content"][0]["input"].clone();
    let arguments = |value: &Value| -> Value {
        serde_json::from_str(value["messages"][0]["content"][1]["arguments"].as_str().unwrap()).unwrap()
    };
    assert_eq!(input(&numbers)["card"], "[N]");
    assert_eq!(arguments(&numbers)["card"], "[N]");
    let parts = request.parts().iter().enumerate();
    let names: Vec<Edit> = parts
        .filter(|(_, part)| request.text(part).ends_with(" mark"))
        .map(|(part, _)| Edit { part, range: 0..6, replacement: "[K]".to_owned() })
        .collect();
    let named: Value = serde_json::from_slice(&request.splice(&names)).unwrap();
    for object in [input(&named), arguments(&named)] {
        let object = object.as_object().unwrap();
        assert_eq!((object.len(), object.keys().filter(|name| name.starts_with("[K]")).count()), (3, 2), "{object:?}");
    }
}

#[test]
fn a_text_file_in_base64_is_read_and_written() {
    use base64::Engine as _;
    let data =
        base64::engine::general_purpose::STANDARD.encode("a letter that is long enough: the word is mellon, friend");
    let request = parse(
        Endpoint::ChatCompletions,
        &json!({"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_data": format!("data:text/plain;base64,{data}")}}]}]}),
    );
    assert_eq!(request.unscanned(), <[String; 0]>::default());
    let edited = edited(&request, "mellon", "[X]");
    let written = edited["messages"][0]["content"][0]["file"]["file_data"].as_str().unwrap();
    let data = written.strip_prefix("data:text/plain;base64,").unwrap();
    let text = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
    assert_eq!(String::from_utf8(text).unwrap(), "a letter that is long enough: the word is [X], friend");
}

#[test]
fn a_text_does_not_hide_in_the_media_type_of_a_picture() {
    let picture = "A".repeat(100);
    for media in
        ["image/png;name=1234-567-89", "a secret in words", "image/SECRET", "image/1234-567-89", "x/png", "image/", "/"]
    {
        let url = format!("data:{media};base64,{picture}");
        let content = json!([{"type": "image_url", "image_url": {"url": url}}]);
        let request = parse(Endpoint::ChatCompletions, &json!({"messages": [{"role": "user", "content": content}]}));
        assert!(request.parts().iter().any(|part| request.text(part) == url), "{media} in a request");
        assert_eq!(request.unscanned().len(), 1, "{media}: the picture is still one");
        let body = json!({"output": [{"image_url": url}]}).to_string();
        let answer = crate::Response::parse(body.into()).unwrap();
        assert!(answer.parts().iter().any(|part| answer.text(part) == url), "{media} in an answer");
        assert_eq!(answer.unscanned().len(), 1, "{media}: the picture is still one");
    }
    for media in ["image/png", "image/svg+xml", "audio/mp4", "text/plain;charset=UTF-8", ""] {
        let url = format!("data:{media};base64,{picture}");
        let content = json!([{"type": "image_url", "image_url": {"url": url}}]);
        let request = parse(Endpoint::ChatCompletions, &json!({"messages": [{"role": "user", "content": content}]}));
        assert!(request.parts().iter().all(|part| request.text(part) != url), "{media}");
    }
}

#[test]
fn a_text_does_not_hide_behind_the_name_of_a_place_that_holds_none() {
    let long = "secretsecret".repeat(30);
    for value in [
        json!({"messages": [{"role": "user", "content": format!("data:text/plain;base64, {long}")}]}),
        json!({"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "text", "data": long}}]}]}),
        json!({"messages": [{"role": "assistant", "content": [{"type": "tool_use", "input": {"type": "image", "data": long}}]}]}),
        json!({"messages": [{"role": "assistant", "content": [{"type": "tool_use", "input": {"signature": long}}]}]}),
        json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "signature": "secret"}]}]}),
        json!({"messages": [], "metadata": {"id": "secret-1", "model": "secret"}}),
        json!({"messages": [], "tools": [{"type": "function", "function": {"parameters": {"properties": {"a": {"format": "secret"}}}}}]}),
        json!({"messages": [], "new_thing": {"type": "secret", "id": "secret"}}),
        json!({"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": "  {\"a\":\"\\u0073ecret\"}"}}]}]}),
        json!({"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": "{\"a\":\"\\u0073ecret"}}]}]}),
    ] {
        let request = parse(Endpoint::Messages, &value);
        assert!(request.parts().iter().any(|part| request.text(part).contains("secret")), "{value}");
    }
}

#[test]
fn a_list_that_is_not_the_endpoints_own_has_no_messages() {
    let body = json!({"messages": [{"role": "user", "content": "one"}], "input": [{"role": "user", "content": "two"}]});
    for (endpoint, text) in [(Endpoint::ChatCompletions, "one"), (Endpoint::Responses, "two")] {
        let request = parse(endpoint, &body);
        assert_eq!(request.messages.len(), 1);
        let numbered: Vec<&str> =
            request.parts().iter().filter(|part| part.message.is_some()).map(|part| request.text(part)).collect();
        assert_eq!(numbered, [text]);
    }
}

#[test]
fn what_cannot_be_looked_into_is_told_by_kind_and_place() {
    let bytes = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk".repeat(2);
    let user = |block: Value| json!({"messages": [{"role": "user", "content": [block]}]});
    let picture = json!({"type": "base64", "media_type": "image/png", "data": bytes});
    let place = "/messages/0/content/0";
    let cases = [
        (
            user(json!({"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{bytes}")}})),
            format!("image:{place}"),
        ),
        (
            user(json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}})),
            format!("image:{place}"),
        ),
        (user(json!({"type": "image", "source": picture})), format!("image:{place}")),
        (
            user(json!({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image", "source": picture}]})),
            format!("image:{place}/content/0"),
        ),
        (
            user(json!({"type": "input_audio", "input_audio": {"data": bytes, "format": "wav"}})),
            format!("audio:{place}"),
        ),
        (
            user(json!({"type": "file", "file": {"file_id": "file-1"}})),
            format!("file:{place}, file_id:{place}/file/file_id"),
        ),
        (
            user(
                json!({"type": "file", "file": {"filename": "a.pdf", "file_data": format!("data:application/pdf;base64,{bytes}")}}),
            ),
            format!("file:{place}"),
        ),
        (
            user(json!({"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}})),
            format!("file:{place}"),
        ),
        (
            user(json!({"type": "document", "source": {"type": "file", "file_id": "file_1"}})),
            format!("file:{place}, file_id:{place}/source/file_id"),
        ),
        (
            user(json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "words"}})),
            String::new(),
        ),
        (
            user(json!({"type": "container_upload", "file_id": "file_1"})),
            format!("file:{place}, file_id:{place}/file_id"),
        ),
        (
            json!({"messages": [{"role": "assistant", "content": [{"type": "redacted_thinking", "data": bytes}]}]}),
            format!("sealed:{place}/data"),
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(told(&body), expected, "{body}");
    }
}

/// What is said to be unseen, in one line.
fn told(body: &Value) -> String {
    let request = parse(Endpoint::ChatCompletions, body);
    let places: Vec<_> = request.unscanned().iter().chain(&request.provider_state).map(String::as_str).collect();
    places.join(", ")
}

#[test]
fn what_stays_at_the_provider_is_told_by_kind_and_place() {
    let cases = [
        (json!({"messages": [{"role": "assistant", "audio": {"id": "audio_1"}}]}), "id:/messages/0/audio/id"),
        (
            json!({"messages": [], "tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
            "hosted_tool:/tools/0",
        ),
        (json!({"messages": [], "tools": [{"type": "function", "function": {"name": "web_search"}}]}), ""),
        (json!({"messages": [], "tools": [{"type": "bash_20250124", "name": "bash"}]}), ""),
        (json!({"messages": [], "web_search_options": {}}), "hosted_tool:/web_search_options"),
        (
            json!({"messages": [], "tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]}),
            "hosted_tool:/tools/0, vector_store_ids:/tools/0/vector_store_ids",
        ),
        (json!({"messages": [], "mcp_servers": [{"url": "https://mcp.example.com"}]}), "mcp_servers:/mcp_servers"),
        (json!({"messages": [], "previous_response_id": "resp_1"}), "previous_response_id:/previous_response_id"),
    ];
    for (body, expected) in cases {
        assert_eq!(told(&body), expected, "{body}");
    }
}

#[test]
fn an_approval_does_not_depend_on_spelling() {
    let of = |text: &str| Request::parse(Endpoint::ChatCompletions, text.to_owned().into()).unwrap().approval_bytes();
    let base = of(r#"{"model":"m","messages":[{"role":"user","content":"x/é"}],"tools":[{"a":1,"b":[2]}]}"#);
    assert_eq!(
        base,
        of(r#" {"messages":[{"content":"x\/\u00e9", "role":"user"}],
                "tools":[{"b":[2],"a":1}], "model":"m", "user":"ada"} "#)
    );
    for other in [
        r#"{"model":"m","messages":[{"role":"user","content":"x/é"}],"tools":[{"a":1,"b":[2,3]}]}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"x/é"},1],"tools":[{"a":1,"b":[2]}]}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"x/é","user":"x"}],"tools":[{"a":1,"b":[2]}]}"#,
    ] {
        assert_ne!(base, of(other), "{other}");
    }
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for text in ["[]", "\"x\"", "1", "null", "", "{\"a\":1}x"] {
        assert!(Request::parse(Endpoint::Messages, text.into()).is_err(), "{text}");
    }
    assert!(Request::parse(Endpoint::Models(crate::Dialect::OpenAi), "{}".into()).is_err());
}

#[test]
fn many_pictures_cost_time_in_proportion() {
    // Twenty thousand pointers: quadratic work would take minutes here.
    let content = vec![json!({"type": "image_url", "image_url": {"url": "x y", "file_id": "f"}}); 20_000];
    let request = parse(Endpoint::ChatCompletions, &json!({"messages": [{"role": "user", "content": content}]}));
    assert_eq!((request.unscanned().len(), request.provider_state.len()), (256, 256));
    let places: usize = request.parts().iter().map(|part| request.pointer(part).len()).sum();
    assert!(places > 20_000);
}

proptest! {
    #[test]
    fn what_lies_under_any_edit_is_gone_and_everything_else_stays(
        text in "[a-zé\"\\\\\n😀 ]{1,30}",
        edits in proptest::collection::vec((0_usize..40, 0_usize..12), 0..5),
    ) {
        let request = parse(Endpoint::ChatCompletions, &json!({"model": "m", "messages": [{"role": "user", "content": &text}], "z": 1}));
        if request.parts().is_empty() {
            return Ok(());
        }
        let part = request.parts().iter().position(|part| request.text(part) == text).unwrap();
        let edits: Vec<Edit> = edits.into_iter().map(|(start, length)| Edit { part, range: start..start + length, replacement: "#".to_owned() }).collect();
        let edited: Value = serde_json::from_slice(&request.splice(&edits)).unwrap();
        let kept = |at: usize, length: usize| !edits.iter().any(|edit| edit.range.start < at + length && at < edit.range.end);
        let expected: String = text.char_indices().filter(|(at, found)| kept(*at, found.len_utf8())).map(|(_, found)| found).collect();
        let found: String = edited["messages"][0]["content"].as_str().unwrap().chars().filter(|found| *found != '#').collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(&edited["z"], 1);
    }
}
