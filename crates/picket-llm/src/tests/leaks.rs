//! Whatever a document looks like, no text in it hides, and what is cut out of it is gone.

use crate::{Document, Edit, Endpoint, Request, Response, SseDecoder, StreamEvent, StreamReader};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Names that mean something to a dialect, and some that do not.
const NAMES: &[&str] = &[
    "content",
    "text",
    "type",
    "role",
    "id",
    "name",
    "input",
    "arguments",
    "tool_calls",
    "function",
    "data",
    "source",
    "image_url",
    "url",
    "logprobs",
    "token",
    "tokens",
    "bytes",
    "delta",
    "message",
    "choices",
    "index",
    "signature",
    "thinking",
    "reasoning",
    "output",
    "item",
    "part",
    "metadata",
    "parameters",
    "file_data",
    "encrypted_content",
    "partial_json",
    "content_block",
    "response",
    "error",
    "audio",
    "refusal",
    "code",
    "annotations",
    "obfuscation",
    "call_id",
    "embedding",
    "status",
    "usage",
    "properties",
    "top_logprobs",
    "some_new_name",
];
const TYPES: &[&str] = &[
    "text",
    "image",
    "image_url",
    "tool_use",
    "tool_result",
    "function_call",
    "thinking",
    "redacted_thinking",
    "document",
    "input_audio",
    "reasoning",
    "message",
    "text_delta",
    "input_json_delta",
    "something_new",
];

/// Values whose strings and own names are marks, told apart by a number.
fn marked() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => Just(Value::String("mark".to_owned())),
        1 => Just(Value::String("nested".to_owned())),
        1 => proptest::sample::select(TYPES).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => (0_u64..9).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let name = prop_oneof![
            8 => proptest::sample::select(NAMES).prop_map(str::to_owned),
            1 => Just("mark".to_owned())
        ];
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => proptest::collection::btree_map(name, inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Numbers the marks. A mark has spaces, as text has and no id.
fn number(value: Value, count: &mut u32) -> Value {
    let mut mark = || {
        *count += 1;
        format!("the mark {count} \"ends\" here")
    };
    match value {
        Value::String(word) if word == "mark" => Value::String(mark()),
        Value::String(word) if word == "nested" => Value::String(json!({ mark(): [mark()] }).to_string()),
        Value::Array(list) => list.into_iter().map(|value| number(value, count)).collect(),
        Value::Object(map) => {
            let members = map.into_iter().map(|(name, value)| {
                let name = if name == "mark" { format!("the mark {} here", *count + 1) } else { name };
                *count += 1;
                (name, number(value, count))
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// The numbers of all marks that a text holds.
fn marks(text: &str) -> BTreeSet<u32> {
    text.split("the mark ").skip(1).filter_map(|rest| rest.split(' ').next()?.parse().ok()).collect()
}

fn seen(document: &Document) -> BTreeSet<u32> {
    document.parts().iter().flat_map(|part| marks(document.text(part))).collect()
}

/// Edits that cut everything.
fn everything(document: &Document) -> Vec<Edit> {
    let parts = document.parts().iter().enumerate();
    parts
        .map(|(part, found)| Edit { part, range: 0..document.text(found).len(), replacement: "-".to_owned() })
        .collect()
}

fn check(document: &Document) -> Result<(), TestCaseError> {
    let written = std::str::from_utf8(document.bytes()).unwrap();
    prop_assert_eq!(seen(document), marks(written), "{}", written);
    let cut = document.splice(&everything(document));
    let cut = std::str::from_utf8(&cut).unwrap();
    prop_assert!(marks(cut).is_empty(), "{} {}", written, cut);
    prop_assert!(serde_json::from_str::<Value>(cut).is_ok(), "{}", cut);
    prop_assert!(crate::tape::Tape::scan(cut.as_bytes()).is_ok(), "{}", cut);
    Ok(())
}

fn read(endpoint: Endpoint, value: &Value) -> (StreamReader, StreamEvent) {
    let mut decoder = SseDecoder::default();
    decoder.push(format!(": the mark 9999 \nevent: x\ndata: {value}\n\n").as_bytes()).unwrap();
    let mut reader = StreamReader::new(endpoint);
    let event = reader.read(decoder.next_frame().unwrap()).unwrap();
    (reader, event)
}

fn check_event(endpoint: Endpoint, value: &Value) -> Result<(), TestCaseError> {
    let (reader, event) = read(endpoint, value);
    let mut found: BTreeSet<u32> = event.deltas.iter().flat_map(|delta| marks(&delta.text)).collect();
    found.extend(event.wholes.as_ref().map(seen).unwrap_or_default());
    prop_assert_eq!(found, marks(&value.to_string()), "{}", value);
    let edits = event.wholes.as_ref().map(everything).unwrap_or_default();
    let cut = String::from_utf8(event.rewrite(&[], &edits).to_vec()).unwrap();
    prop_assert!(marks(&cut).is_empty(), "{} {}", value, cut);
    let unchanged: Vec<String> = event.deltas.iter().map(|delta| delta.text.clone()).collect();
    let passed = String::from_utf8(event.rewrite(&unchanged, &[]).to_vec()).unwrap();
    prop_assert!(!passed.contains("9999"), "words of comments do not pass: {}", passed);
    if !value.to_string().contains("logprobs") {
        prop_assert_eq!(passed, format!(":\nevent: x\ndata: {value}\n\n"));
    }
    for delta in &event.deltas {
        let made = String::from_utf8(reader.synthesize(delta.channel, "made up").unwrap().to_vec()).unwrap();
        // A name on the way to the text may be somebody's own; everything else is gone.
        let names: BTreeSet<u32> = event
            .wholes
            .iter()
            .flat_map(|wholes| {
                wholes
                    .parts()
                    .iter()
                    .filter(|part| part.kind == crate::PartKind::Name)
                    .flat_map(|part| marks(wholes.text(part)))
            })
            .collect();
        prop_assert!(marks(&made).is_subset(&names), "{} {}", value, made);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_of_a_request_hides(value in marked(), place in 0_usize..6) {
        let value = number(value, &mut 0);
        let body = match place {
            0 => json!({"model": "m", "messages": [{"role": "user", "content": value}]}),
            1 => json!({"model": "m", "messages": [{"role": "assistant", "tool_calls": value}]}),
            2 => json!({"model": "m", "tools": [value], "messages": []}),
            3 => json!({"model": "m", "system": value, "messages": []}),
            4 => json!({"model": "m", "input": [{"type": "message", "content": value}]}),
            _ => json!({"model": "m", "anything": value}),
        };
        for endpoint in [Endpoint::ChatCompletions, Endpoint::Messages, Endpoint::Responses, Endpoint::Completions] {
            check(&Request::parse(endpoint, body.to_string().into()).unwrap())?;
        }
    }

    #[test]
    fn no_text_of_an_answer_hides(value in marked(), place in 0_usize..4) {
        let value = number(value, &mut 0);
        let body = match place {
            0 => json!({"choices": [{"message": value, "logprobs": {"content": [{"token": "a"}]}}]}),
            1 => json!({"type": "message", "content": [value]}),
            2 => json!({"object": "response", "output": [value]}),
            _ => value,
        };
        check(&Response::parse(body.to_string().into()).unwrap())?;
    }

    #[test]
    fn no_text_of_an_event_hides(value in marked(), place in 0_usize..6) {
        let value = number(value, &mut 0);
        let (endpoint, event) = match place {
            0 => (Endpoint::ChatCompletions, json!({"choices": [{"index": 0, "delta": value}]})),
            1 => (Endpoint::ChatCompletions, json!({"choices": [value]})),
            2 => (Endpoint::Messages, json!({"type": "content_block_delta", "index": 1, "delta": value})),
            3 => (Endpoint::Messages, json!({"type": "content_block_start", "index": 1, "content_block": value})),
            4 => (Endpoint::Responses, json!({"type": "response.new.delta", "output_index": 1, "delta": value})),
            _ => (Endpoint::Responses, json!({"type": "response.completed", "response": value})),
        };
        check_event(endpoint, &event)?;
    }
}
