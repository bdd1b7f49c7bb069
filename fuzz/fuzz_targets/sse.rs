//! Streams: how they are cut on the wire makes no difference, and rewriting keeps them streams.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use picket_llm::{Endpoint, Frame, SseDecoder, StreamReader};

fuzz_target!(|data: &[u8]| {
    let (whole, rest) = frames(data, usize::MAX);
    let raw: Vec<u8> = whole.iter().flat_map(|frame| frame.raw().to_vec()).collect();
    assert_eq!([raw, rest].concat(), data, "the frames are the stream");
    for size in [1, 2, 7] {
        let (cut, _) = frames(data, size);
        let raw = |frames: &[Frame]| frames.iter().map(|frame| frame.raw().clone()).collect::<Vec<_>>();
        assert_eq!(raw(&cut), raw(&whole), "cut into pieces of {size}");
    }
    for endpoint in [Endpoint::ChatCompletions, Endpoint::Messages, Endpoint::Responses, Endpoint::Completions] {
        read(endpoint, &whole);
    }
});

fn frames(data: &[u8], size: usize) -> (Vec<Frame>, Vec<u8>) {
    let mut decoder = SseDecoder::default();
    let (mut found, mut length) = (Vec::new(), 0);
    for piece in data.chunks(size.min(data.len().max(1))) {
        decoder.push(piece).expect("short enough");
        found.extend(std::iter::from_fn(|| decoder.next_frame()));
    }
    found.extend(decoder.finish().ok().flatten());
    found.iter().for_each(|frame| length += frame.raw().len());
    (found, data.get(length..).unwrap_or_default().to_vec())
}

/// Texts of an event can be replaced; what comes out is one event, and reads as an event with the new texts.
fn read(endpoint: Endpoint, frames: &[Frame]) {
    let [mut reader, mut unchanged, mut changed] = [(); 3].map(|()| StreamReader::new(endpoint));
    for frame in frames {
        let Ok(event) = reader.read(frame.clone()) else { return };
        let same: Vec<String> = event.deltas.iter().map(|delta| delta.text.clone()).collect();
        let other: Vec<String> = same.iter().map(|text| format!("<\"\\\r\n{text}>")).collect();
        for (texts, reader) in [(&same, &mut unchanged), (&other, &mut changed)] {
            let rewritten = event.rewrite(texts, &[]);
            // Blank lines alone are no event.
            if event.frame.data().is_none() {
                continue;
            }
            let [again] = decoded(&rewritten).try_into().expect("one event stays one event");
            let again = reader.read(again).expect("a rewritten event can be read");
            let read: Vec<String> = again.deltas.iter().map(|delta| delta.text.clone()).collect();
            assert_eq!(&read, texts);
            assert_eq!((again.terminal, again.failed), (event.terminal, event.failed));
        }
        for channel in event.ended.iter().chain(event.deltas.iter().map(|delta| &delta.channel)) {
            if let Some(made) = reader.synthesize(*channel, "rest\n") {
                assert_eq!(decoded(&made).len(), 1, "what was held back is one event");
            }
        }
    }
}

fn decoded(bytes: &Bytes) -> Vec<Frame> {
    frames(bytes, usize::MAX).0
}
