use super::*;
use crate::sse::{SseDecoder, SseError};
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
    assert!(
        read(&mut reader, &chunk(json!({"content": "c"}), 0, json!(""))).ended.is_empty(),
        "an empty reason is none"
    );
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

#[test]
fn a_made_up_event_carries_nothing_of_other_channels() {
    let mut reader = StreamReader::new(Endpoint::ChatCompletions);
    let event = read(
        &mut reader,
        &json!({"id": "c", "choices": [
            {"index": 0, "delta": {"content": "a secret", "tool_calls": [{"index": 0, "id": "call_1", "function": {"name": "run", "arguments": "secret"}}]}},
            {"index": 1, "delta": {"content": "another secret"}},
        ], "usage": {"prompt_tokens": 1}, "model": "a secret model"}),
    );
    assert_eq!(event.deltas.len(), 3);
    for delta in &event.deltas {
        let made = String::from_utf8(reader.synthesize(delta.channel, "rest").unwrap().to_vec()).unwrap();
        for word in ["secret", "call_1", "run", "usage"] {
            assert!(!made.contains(word), "{made}");
        }
    }
    assert_eq!(reader.synthesize(3, "rest"), None);
}

#[test]
fn a_block_announced_with_text_goes_on_in_its_deltas() {
    let mut reader = StreamReader::new(Endpoint::Messages);
    let start = read(
        &mut reader,
        &json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "AB"}}),
    );
    let made = String::from_utf8(reader.synthesize(0, "x").unwrap().to_vec()).unwrap();
    assert!(made.contains(r#""delta":{"type":"text_delta","text":"x"}"#), "{made}");
    let delta = read(
        &mut reader,
        &json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "CD"}}),
    );
    assert_eq!((start.deltas[0].channel, delta.deltas[0].channel), (0, 0));
}

#[test]
fn log_probabilities_pass_only_with_the_text_that_they_repeat() {
    let chunk = |content: &str, token: &str| json!({"choices": [{"index": 0, "delta": {"content": content}, "logprobs": {"content": [{"token": token}]}}]});
    let mut reader = StreamReader::new(Endpoint::ChatCompletions);
    let honest = read(&mut reader, &chunk("sec", "sec"));
    assert_eq!(honest.rewrite(&["sec".to_owned()], &[]), honest.frame.raw());
    let held = String::from_utf8(honest.rewrite(&[String::new()], &[]).to_vec()).unwrap();
    assert!(!held.contains("sec") && held.contains(r#""logprobs":null"#), "{held}");
    let other = read(&mut reader, &chunk("ok", "secret"));
    let passed = String::from_utf8(other.rewrite(&["ok".to_owned()], &[]).to_vec()).unwrap();
    assert!(!passed.contains("secret"), "{passed}");
}

#[test]
fn an_event_is_changed_in_its_place_whatever_its_lines() {
    let mut reader = StreamReader::new(Endpoint::ChatCompletions);
    let mut change = |raw: &str| {
        let mut decoder = SseDecoder::default();
        decoder.push(raw.as_bytes()).unwrap();
        let event = reader.read(decoder.next_frame().unwrap()).unwrap();
        String::from_utf8(event.rewrite(&["B".to_owned()], &[]).to_vec()).unwrap()
    };
    let data = r#"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#;
    let new = data.replace("\"a\"", "\"B\"");
    assert_eq!(change(&format!("data:{data}\r\nid: 7\r\n\r\n")), format!("data:{new}\r\nid: 7\r\n\r\n"));
    assert_eq!(
        change(&format!("event: x\nretry: 5\ndata: {data}\n\n")),
        format!("event: x\nretry: 5\ndata: {new}\n\n")
    );
    let (head, tail) = data.split_at(12);
    let (new_head, new_tail) = new.split_at(12);
    assert_eq!(
        change(&format!("data: {head}\nid: 7\ndata: {tail}\n\n")),
        format!("data: {new_head} {new_tail}\nid: 7\n\n")
    );
    assert_eq!(
        change(&format!("\u{feff}: words\nwords: more\nevent: two words\ndata: {data}\n\n")),
        format!("\u{feff}:\n:\n:\ndata: {new}\n\n")
    );
}

#[test]
fn a_stream_says_how_it_ends() {
    let finish = |text: &str| {
        let mut decoder = SseDecoder::default();
        decoder.push(text.as_bytes()).unwrap();
        let mut count = 0;
        while decoder.next_frame().is_some() {
            count += 1;
        }
        (count, decoder.finish().map(|frame| frame.is_some()))
    };
    assert_eq!(finish("data: a\n\ndata: b\n\n"), (2, Ok(false)));
    assert_eq!(finish("data: a\r\rdata: b\r\r"), (1, Ok(true)));
    assert_eq!(finish("data: a\r\n\r\n\n \n"), (1, Ok(false)));
    assert_eq!(finish("data: a\n\ndata: b\n"), (1, Err(SseError::Cut)));
    assert_eq!(finish("data: {\"a\":"), (0, Err(SseError::Cut)));
    let mut decoder = SseDecoder::default();
    let piece = vec![b'x'; 1024 * 1024];
    let outcome = (0..20).try_for_each(|_| {
        assert!(decoder.next_frame().is_none());
        decoder.push(&piece)
    });
    assert_eq!(outcome, Err(SseError::TooLong));
}

#[test]
fn a_stream_has_so_many_texts_and_no_more() {
    let mut reader = StreamReader::new(Endpoint::Messages);
    let mut outcomes = (0..5_000).map(|index| {
        let data = json!({"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": "a"}});
        let mut decoder = SseDecoder::default();
        decoder.push(format!("data: {data}\n\n").as_bytes()).unwrap();
        reader.read(decoder.next_frame().unwrap()).is_ok()
    });
    assert_eq!(outcomes.position(|is_ok| !is_ok), Some(CHANNELS_MAX));
}

proptest! {
    #[test]
    fn events_put_together_are_the_stream_wherever_it_is_cut(
        stream in "(data: [a-z]{0,5}|event: x|: c|\\n|\\r|\\r\\n|é){0,20}",
        mut pieces in proptest::collection::vec(0_usize..100, 0..10),
    ) {
        pieces.sort_unstable();
        let whole = frames(stream.as_bytes(), &[]);
        prop_assert_eq!(&frames(stream.as_bytes(), &pieces), &whole);
        prop_assert!(stream.as_bytes().starts_with(&whole.concat()));
    }

    #[test]
    fn no_bytes_make_any_reader_panic(
        events in proptest::collection::vec(r#"(event: [a-z]{0,5}\n)?data: (\[DONE\]|\{("(type|choices|delta|index|logprobs|content|item|text)":([0-9]|"[a-z_.]{0,9}"|\[\{\}\]|\{\})){0,4}\})\n\n"#, 0..6),
    ) {
        for endpoint in [Endpoint::ChatCompletions, Endpoint::Responses, Endpoint::Messages, Endpoint::Completions] {
            let (mut reader, mut decoder) = (StreamReader::new(endpoint), SseDecoder::default());
            decoder.push(events.concat().as_bytes()).unwrap();
            while let Some(frame) = decoder.next_frame() {
                if let Ok(event) = reader.read(frame) {
                    drop(event.rewrite(&[], &[]));
                }
            }
            drop(reader.synthesize(0, "x"));
        }
    }
}
