use super::*;
use crate::sse::SseDecoder;
use proptest::prelude::*;
use serde_json::json;

fn frames(text: &[u8], pieces: &[usize]) -> Vec<Bytes> {
    let mut decoder = SseDecoder::default();
    let mut found = Vec::new();
    let mut done = 0;
    for cut in pieces.iter().copied().filter(|cut| *cut <= text.len()).chain([text.len()]) {
        decoder.push(&text[done.min(cut)..cut]).unwrap();
        done = cut.max(done);
        while let Some(frame) = decoder.next_frame() {
            found.push(frame.raw().clone());
        }
    }
    found
}

fn read(reader: &mut StreamReader, data: &serde_json::Value) -> StreamEvent {
    let mut decoder = SseDecoder::default();
    decoder.push(format!("event: x\ndata: {data}\n\n").as_bytes()).unwrap();
    reader.read(decoder.next_frame().unwrap()).unwrap()
}

#[test]
fn each_text_of_a_chat_stream_has_its_channel() {
    let mut reader = StreamReader::new(Endpoint::ChatCompletions);
    let chunk = |delta: serde_json::Value, index: u64, finish: serde_json::Value| json!({"choices": [{"index": index, "delta": delta, "finish_reason": finish}]});
    let first = read(&mut reader, &chunk(json!({"content": "a"}), 0, json!(null)));
    let second = read(&mut reader, &chunk(json!({"content": "b"}), 1, json!(null)));
    let reasoning = read(&mut reader, &chunk(json!({"reasoning_content": "r"}), 0, json!(null)));
    let call = read(
        &mut reader,
        &chunk(json!({"tool_calls": [{"index": 0, "function": {"name": "run", "arguments": "{\"a"}}]}), 0, json!(null)),
    );
    let channels: Vec<_> = [&first, &second, &reasoning, &call].iter().map(|event| event.deltas[0].channel).collect();
    assert_eq!(channels, [0, 1, 2, 3]);
    assert!(call.deltas[0].is_json);
    assert_eq!(call.tool_calls, ["run"]);
    assert_eq!(reasoning.deltas[0].role, Role::Reasoning);
    let end = read(&mut reader, &chunk(json!({}), 0, json!("stop")));
    assert_eq!(end.ended, [0, 2, 3]);
    let held = String::from_utf8(reader.synthesize(1, "rest").unwrap().to_vec()).unwrap();
    assert!(held.contains(r#""content":"rest""#) && held.ends_with("\n\n"), "{held}");
}

#[test]
fn each_text_of_an_anthropic_stream_has_its_channel() {
    let mut reader = StreamReader::new(Endpoint::Messages);
    let text = read(
        &mut reader,
        &json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hi"}}),
    );
    let json = read(
        &mut reader,
        &json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{"}}),
    );
    assert_eq!((text.deltas[0].channel, json.deltas[0].channel, json.deltas[0].is_json), (0, 1, true));
    assert_eq!(read(&mut reader, &json!({"type": "content_block_stop", "index": 1})).ended, [1]);
    assert!(read(&mut reader, &json!({"type": "message_stop"})).terminal);
}

#[test]
fn repetitions_at_the_end_of_a_response_are_whole_texts() {
    let mut reader = StreamReader::new(Endpoint::Responses);
    let delta = read(
        &mut reader,
        &json!({"type": "response.output_text.delta", "item_id": "m1", "output_index": 0, "content_index": 0, "delta": "sec"}),
    );
    assert_eq!(delta.deltas.len(), 1);
    assert!(delta.wholes.is_none());
    let done = read(
        &mut reader,
        &json!({"type": "response.output_text.done", "item_id": "m1", "output_index": 0, "content_index": 0, "text": "secret"}),
    );
    let wholes = done.wholes.as_ref().unwrap();
    assert_eq!(wholes.text(&wholes.parts()[0]), "secret");
    assert_eq!(done.ended, [0]);
    let rewritten = done.rewrite(&[], &[Edit { part: 0, range: 0..6, replacement: "[X]".to_owned() }]);
    assert!(String::from_utf8(rewritten.to_vec()).unwrap().contains(r#""text":"[X]""#));
}

#[test]
fn a_rewritten_event_changes_only_its_text() {
    let mut reader = StreamReader::new(Endpoint::ChatCompletions);
    let event =
        read(&mut reader, &json!({"id": "c", "choices": [{"index": 0, "delta": {"content": "a\"b"}}], "x": [1, 2]}));
    assert_eq!(event.rewrite(&["a\"b".to_owned()], &[]), event.frame.raw());
    let rewritten = String::from_utf8(event.rewrite(&["c\n".to_owned()], &[]).to_vec()).unwrap();
    assert_eq!(rewritten, String::from_utf8(event.frame.raw().to_vec()).unwrap().replace(r#""a\"b""#, r#""c\n""#));
}

proptest! {
    #[test]
    fn the_cut_of_a_stream_into_pieces_does_not_matter(texts in proptest::collection::vec("[a-z\\r\\n:]{0,12}", 1..6), mut pieces in proptest::collection::vec(0_usize..120, 0..10), ending in prop_oneof![Just("\n"), Just("\r\n")]) {
        let lines: Vec<String> = texts.iter().map(|text| format!("data: {}", text.replace(['\r', '\n'], " "))).collect();
        let stream = lines.join(&ending.repeat(2)) + &ending.repeat(2);
        pieces.sort_unstable();
        let whole = frames(stream.as_bytes(), &[]);
        prop_assert_eq!(whole.len(), texts.len());
        prop_assert_eq!(frames(stream.as_bytes(), &pieces), whole);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes: Vec<u8>, json in r#"\{"(choices|type|delta|index)":[\[\]{}",:0-9a-z]{0,30}\}"#) {
        let mut reader = StreamReader::new(Endpoint::ChatCompletions);
        let mut decoder = SseDecoder::default();
        decoder.push(&bytes).unwrap();
        decoder.push(format!("\n\ndata: {json}\n\n").as_bytes()).unwrap();
        while let Some(frame) = decoder.next_frame() {
            drop(reader.read(frame));
        }
    }
}
