mod leaks;

use crate::tape::{Kind, NodeId, Tape};
use crate::{Dialect, Document, Edit, Endpoint, Fragment, Request, Response, SseDecoder, StreamEvent, StreamReader};
use bytes::Bytes;
use expect_test::expect_file;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// The files of `testdata` of one kind: dialect, case and content.
fn cases(kind: &str) -> Vec<(Dialect, String, PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for (folder, dialect) in [("openai", Dialect::OpenAi), ("anthropic", Dialect::Anthropic)] {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder);
        for item in std::fs::read_dir(root).unwrap() {
            let path = item.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if let Some(case) = name.strip_suffix(&format!(".{kind}.json")) {
                found.push((dialect, case.to_owned(), path.clone(), std::fs::read(path).unwrap()));
            }
        }
    }
    found.sort_by(|a, b| a.2.cmp(&b.2));
    found
}

fn endpoint(dialect: Dialect, case: &str) -> Endpoint {
    match (dialect, case.split('-').next().unwrap()) {
        (Dialect::Anthropic, _) => Endpoint::Messages,
        (_, "responses") => Endpoint::Responses,
        (_, "completions") => Endpoint::Completions,
        (_, "embeddings") => Endpoint::Embeddings,
        _ => Endpoint::ChatCompletions,
    }
}

fn shown(text: &str) -> String {
    format!("{:?}", text.chars().take(60).collect::<String>())
}

fn parts(document: &Document, indent: &str) -> String {
    let mut report = String::new();
    for part in document.parts() {
        let message = part.message.map(|message| format!(" #{message}")).unwrap_or_default();
        let place = document.pointer(part);
        writeln!(report, "{indent}{:?} {:?}{message} {place} {}", part.role, part.kind, shown(document.text(part)))
            .unwrap();
    }
    report
}

/// Strings that are no part, so that a reader of the file sees what is not scanned.
fn others(document: &Document) -> String {
    let (tape, bytes) = (&document.tape, document.bytes());
    let mut others: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut visit = vec![(0, String::new())];
    while let Some((node, at)) = visit.pop() {
        visit.extend(tape.elements(node).map(|element| (element, at.clone())));
        visit.extend(tape.members(node).map(|(name, value)| (value, tape.text(bytes, name).unwrap().into_owned())));
        let is_part = document.parts().iter().any(|part| part.node == node);
        if tape.kind(node) == Some(Kind::String) && !is_part {
            others.entry(at).or_default().push(tape.text(bytes, node).unwrap().chars().take(40).collect());
        }
    }
    others.iter().fold(String::new(), |report, (name, values)| report + &format!("  {name}: {}\n", values.join(", ")))
}

#[test]
fn every_text_of_a_request_is_named() {
    for (dialect, case, path, bytes) in cases("request") {
        let request = Request::parse(endpoint(dialect, &case), bytes.clone().into()).unwrap();
        let mut report = parts(&request, "");
        writeln!(report, "\nnot text\n{}", others(&request)).unwrap();
        writeln!(report, "model {:?} stream {} choices {}", request.model, request.stream, request.choices).unwrap();
        writeln!(report, "tokens at most {:?}, user {:?}", request.tokens_max, request.user_claim).unwrap();
        writeln!(report, "tools {:?}\ncalls {:?}", request.tools, request.tool_calls).unwrap();
        writeln!(report, "unscanned {:#?}\nat the provider {:#?}", request.unscanned(), request.provider_state)
            .unwrap();
        let roles: Vec<_> = request.messages.iter().map(|message| (message.role, message.is_input)).collect();
        writeln!(report, "messages {roles:?}").unwrap();
        expect_file![path.with_extension("txt")].assert_eq(&report);
        check_edits(&request, |bytes| Request::parse(request.endpoint, bytes).unwrap().parts().len());
    }
}

#[test]
fn every_text_of_an_answer_is_named() {
    for (_, _, path, bytes) in cases("response") {
        let response = Response::parse(bytes.clone().into()).unwrap();
        let mut report = parts(&response, "");
        writeln!(report, "\nnot text\n{}", others(&response)).unwrap();
        writeln!(report, "id {:?} model {:?}", response.id, response.model).unwrap();
        writeln!(report, "finish {:?} error {:?}", response.finish, response.error).unwrap();
        writeln!(
            report,
            "{:?}\ncalls {:?}\nunscanned {:#?}",
            response.usage,
            response.tool_calls,
            response.unscanned()
        )
        .unwrap();
        expect_file![path.with_extension("txt")].assert_eq(&report);
        check_edits(&response, |bytes| Response::parse(bytes).unwrap().parts().len());
    }
}

/// Each text can be replaced by itself alone: the document still parses, has the new text there, and nothing else moved.
fn check_edits(document: &Document, parse_again: impl Fn(Bytes) -> usize) {
    assert_eq!(document.splice(&[]), document.bytes());
    for (index, part) in document.parts().iter().enumerate() {
        let text = document.text(part);
        let all = Edit { part: index, range: 0..text.len(), replacement: "[A \"b\"\n]".to_owned() };
        let edited = document.splice(&[all]);
        let again = Tape::scan(&edited).unwrap_or_else(|error| panic!("{} {error}", document.pointer(part)));
        assert!(parse_again(edited.clone()) > 0);
        let (node, tape) = (part.node, &document.tape);
        let kept = |bytes: &[u8], tape: &Tape| -> Vec<Vec<u8>> {
            let is_inside_logprobs = |id: NodeId| {
                document.repeats.iter().any(|repeat| (repeat.node..tape.node(repeat.node).unwrap().after).contains(&id))
            };
            let scalars = (0..tape.len()).filter(|id| !matches!(tape.kind(*id), Some(Kind::Object | Kind::Array)));
            scalars
                .filter(|id| *id != node && !is_inside_logprobs(*id))
                .map(|id| bytes[tape.range(id).unwrap()].to_vec())
                .collect()
        };
        if document.repeats.is_empty() {
            assert_eq!(kept(&edited, &again), kept(document.bytes(), tape), "{}", document.pointer(part));
            assert!(again.text(&edited, node).unwrap().contains('A') || part.kind == crate::PartKind::File);
        }
    }
}

/// The events of a case as a provider sends them.
fn sse(cases: &[u8]) -> String {
    let events: Vec<serde_json::Value> = serde_json::from_slice(cases).unwrap();
    let mut stream = String::new();
    for event in events {
        match (event.get("event"), event.as_str()) {
            (_, Some(word)) => writeln!(stream, "data: {word}\n").unwrap(),
            (Some(name), _) => {
                writeln!(stream, "event: {}\ndata: {}\n", name.as_str().unwrap(), event["data"]).unwrap();
            }
            _ => writeln!(stream, "data: {event}\n").unwrap(),
        }
    }
    stream
}

fn read(endpoint: Endpoint, stream: &str) -> (StreamReader, Vec<StreamEvent>) {
    let mut decoder = SseDecoder::default();
    decoder.push(stream.as_bytes()).unwrap();
    let mut reader = StreamReader::new(endpoint);
    let frames: Vec<_> = std::iter::from_fn(|| decoder.next_frame()).collect();
    assert!(decoder.finish().unwrap().is_none());
    let events = frames.into_iter().map(|frame| reader.read(frame).unwrap()).collect();
    (reader, events)
}

#[test]
fn every_text_of_a_stream_is_named() {
    for (dialect, case, path, bytes) in cases("stream") {
        let (reader, events) = read(endpoint(dialect, &case), &sse(&bytes));
        let mut report = String::new();
        for event in &events {
            let data = event.frame.data().unwrap();
            let kind: serde_json::Value = serde_json::from_slice(&data).unwrap_or_default();
            writeln!(report, "{}", kind["type"].as_str().unwrap_or("event")).unwrap();
            for delta in &event.deltas {
                let kind = if delta.is_json { " json" } else { "" };
                writeln!(report, "  {} {:?}{kind} {}", delta.channel, delta.role, shown(&delta.text)).unwrap();
            }
            report += &event.wholes.as_ref().map(|wholes| parts(wholes, "  whole ")).unwrap_or_default();
            for (name, value) in [("ended", format!("{:?}", event.ended)), ("calls", event.tool_calls.join(" "))] {
                let is_empty = value.is_empty() || value == "[]";
                report += &[format!("  {name} {value}\n"), String::new()][usize::from(is_empty)];
            }
            report += &event.unscanned.iter().fold(String::new(), |all, one| all + &format!("  unscanned {one}\n"));
            let usage = event.usage;
            report += &[format!("  {usage:?}\n"), String::new()][usize::from(usage == crate::Usage::default())];
            report += if event.failed { "  failed\n" } else { "" };
            report += if event.terminal { "  terminal\n" } else { "" };
        }
        writeln!(report, "\nmade up").unwrap();
        for channel in 0.. {
            let Some(event) = reader.synthesize(channel, "rest \"of it\"") else { break };
            let mut decoder = SseDecoder::default();
            decoder.push(&event).unwrap();
            let mut again = StreamReader::new(endpoint(dialect, &case));
            let read = again.read(decoder.next_frame().unwrap()).unwrap();
            assert_eq!((read.deltas.len(), read.deltas[0].text.as_str()), (1, "rest \"of it\""));
            writeln!(report, "{channel} {}", String::from_utf8(event.to_vec()).unwrap().trim_end()).unwrap();
        }
        expect_file![path.with_extension("txt")].assert_eq(&report);
    }
}

/// What a client puts together from a stream, channel by channel.
fn assembled(endpoint: Endpoint, stream: &str) -> BTreeMap<u32, String> {
    let mut channels: BTreeMap<u32, String> = BTreeMap::new();
    for event in read(endpoint, stream).1 {
        for delta in event.deltas {
            channels.entry(delta.channel).or_default().push_str(&delta.text);
        }
    }
    channels
}

#[test]
fn a_stream_whose_texts_are_let_out_late_puts_together_to_the_same_texts() {
    for (dialect, case, _, bytes) in cases("stream") {
        let endpoint = endpoint(dialect, &case);
        let stream = sse(&bytes);
        // Hold back the last three characters of every channel, as a guard does, and let them out when it ends.
        let mut held: BTreeMap<u32, String> = BTreeMap::new();
        let mut decoder = SseDecoder::default();
        decoder.push(stream.as_bytes()).unwrap();
        let mut reader = StreamReader::new(endpoint);
        let mut sent = Vec::new();
        while let Some(frame) = decoder.next_frame() {
            let event = reader.read(frame).unwrap();
            let mut texts = Vec::new();
            for delta in &event.deltas {
                let text = held.remove(&delta.channel).unwrap_or_default() + &delta.text;
                let cut = text.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
                let (release, keep) = text.split_at(cut);
                texts.push(release.to_owned());
                held.insert(delta.channel, keep.to_owned());
            }
            // The rest of a channel follows its own pieces, and precedes the event that ends it.
            let (pieces, end) = (event.rewrite(&texts, &[]), event.ended.clone());
            let rest: Vec<Bytes> = end
                .iter()
                .filter_map(|channel| Some((channel, held.remove(channel).filter(|text| !text.is_empty())?)))
                .map(|(channel, text)| reader.synthesize(*channel, &text).unwrap())
                .collect();
            if event.deltas.is_empty() {
                sent.extend(rest);
                sent.push(pieces);
            } else {
                sent.push(pieces);
                sent.extend(rest);
            }
        }
        let guarded = String::from_utf8(sent.concat()).unwrap();
        let texts = |stream: &str| {
            let all = assembled(endpoint, stream);
            all.into_values().filter(|text| !text.is_empty()).collect::<Vec<_>>()
        };
        let (mut expected, mut found) = (texts(&stream), texts(&guarded));
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{case}");
    }
}

#[test]
fn arguments_of_a_stream_are_read_as_the_tool_reads_them() {
    let case = cases("stream").into_iter().find(|case| case.1 == "chat-tools").unwrap();
    let (_, events) = read(Endpoint::ChatCompletions, &sse(&case.3));
    let mut fragment = Fragment::default();
    let pieces = events.iter().flat_map(|event| &event.deltas).filter(|delta| delta.channel == 0);
    let decoded: String = pieces.map(|delta| fragment.decode(&delta.text)).collect();
    assert_eq!(decoded, "{\"code\":\"PX-88é\"}");
    assert_eq!(Fragment::encode(&decoded), "{\"code\":\"PX-88é\"}");
}
