use super::*;
use crate::Edit;
use serde_json::{Value, json};

fn parse(value: &Value) -> Response {
    Response::parse(value.to_string().into()).unwrap()
}

/// The answer with every `secret` cut out.
fn cut(response: &Response) -> String {
    let parts = response.parts().iter().enumerate();
    let edits: Vec<Edit> = parts
        .filter_map(|(part, found)| {
            let at = response.text(found).find("secret")?;
            Some(Edit { part, range: at..at + 6, replacement: "[X]".to_owned() })
        })
        .collect();
    String::from_utf8(response.splice(&edits).to_vec()).unwrap()
}

#[test]
fn what_is_cut_out_of_an_answer_does_not_stay_in_its_log_probabilities() {
    let tokens: Vec<Value> =
        ["my", " sec", "ret"].iter().map(|token| json!({"token": token, "bytes": token.as_bytes()})).collect();
    let chat = parse(&json!({"choices": [
        {"message": {"content": "my secret"}, "logprobs": {"content": tokens}},
        {"message": {"content": "fine"}, "logprobs": {"content": [{"token": "fine"}]}},
    ]}));
    assert_eq!(chat.unscanned(), <[String; 0]>::default());
    assert_eq!(
        cut(&chat),
        r#"{"choices":[{"logprobs":null,"message":{"content":"my [X]"}},{"logprobs":{"content":[{"token":"fine"}]},"message":{"content":"fine"}}]}"#
    );
    let item =
        parse(&json!({"output": [{"content": [{"type": "output_text", "text": "my secret", "logprobs": tokens}]}]}));
    assert!(cut(&item).contains(r#""logprobs":[]"#));
    let legacy = parse(&json!({"choices": [{"text": "my secret", "logprobs": {"tokens": ["my", " sec", "ret"]}}]}));
    assert!(cut(&legacy).contains(r#""logprobs":null"#));
}

#[test]
fn log_probabilities_that_say_something_else_are_named() {
    for tokens in [
        json!([{"token": "other"}]),
        json!([{"token": "text", "bytes": [1, 2]}]),
        json!([{"token": "text", "top_logprobs": [{"token": "a", "bytes": [98]}]}]),
    ] {
        let response = parse(&json!({"choices": [{"message": {"content": "text"}, "logprobs": {"content": tokens}}]}));
        assert_eq!(response.unscanned(), ["logprobs:/choices/0/logprobs"], "{tokens}");
    }
}

#[test]
fn tokens_are_counted_in_the_words_of_each_dialect() {
    let usage = |value: Value| parse(&json!({"usage": value})).usage;
    let of = |tokens_in, tokens_out, tokens_cached| Usage { tokens_in, tokens_out, tokens_cached };
    assert_eq!(usage(json!({"prompt_tokens": 5, "completion_tokens": 7})), of(Some(5), Some(7), None));
    assert_eq!(
        usage(
            json!({"input_tokens": 5, "output_tokens": 7, "cache_read_input_tokens": 2, "cache_creation_input_tokens": 1})
        ),
        of(Some(8), Some(7), Some(2))
    );
    assert_eq!(
        usage(json!({"input_tokens": 5, "output_tokens": 7, "input_tokens_details": {"cached_tokens": 3}})),
        of(Some(5), Some(7), Some(3))
    );
    for odd in [
        json!(null),
        json!([1]),
        json!({"input_tokens": -1}),
        json!({"input_tokens": "7"}),
        json!({"input_tokens": 1e3}),
    ] {
        assert_eq!(usage(odd), Usage::default());
    }
    let (first, last) = (of(Some(9), Some(1), Some(2)), of(Some(3), Some(8), None));
    assert_eq!(last.or(first), of(Some(9), Some(8), Some(2)));
}

#[test]
fn a_page_of_html_is_no_answer() {
    assert!(Response::parse("<html>busy</html>".into()).is_err());
    assert!(Response::parse("".into()).is_err());
}

#[test]
fn what_an_answer_holds_and_nobody_can_look_into_is_told() {
    let bytes = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk".repeat(2);
    let cases = [
        (json!({"output": [{"type": "image_generation_call", "result": bytes}]}), "image:/output/0"),
        (
            json!({"choices": [{"message": {"audio": {"id": "audio_1", "data": bytes, "transcript": "words"}}}]}),
            "audio:/choices/0/message/audio",
        ),
        (json!({"output": [{"type": "reasoning", "encrypted_content": bytes}]}), "sealed:/output/0/encrypted_content"),
        (json!({"content": [{"type": "redacted_thinking", "data": bytes}]}), "sealed:/content/0/data"),
        (
            json!({"content": [{"type": "code_execution_tool_result", "content": {"content": [{"type": "code_execution_output", "file_id": "file_1"}]}}]}),
            "file_id:/content/0/content/content/0/file_id",
        ),
        (
            json!({"object": "response", "previous_response_id": "resp_1", "tools": [{"type": "web_search"}], "output": []}),
            "",
        ),
        (json!({"choices": [{"message": {"content": "words"}}]}), ""),
    ];
    for (body, expected) in cases {
        let answer = Response::parse(body.to_string().into()).unwrap();
        let told: Vec<_> = answer.unscanned().iter().chain(&answer.provider_state).map(String::as_str).collect();
        assert_eq!(told.join(", "), expected, "{body}");
    }
}
