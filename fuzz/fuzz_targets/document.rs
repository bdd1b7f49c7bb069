//! Requests and answers of every dialect: the scanner, the walk of the texts, and edits.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use picket_llm::{Document, Edit, Endpoint, Request, Response};
use serde::de::IgnoredAny;

const ENDPOINTS: [Endpoint; 5] =
    [Endpoint::ChatCompletions, Endpoint::Messages, Endpoint::Responses, Endpoint::Completions, Endpoint::Embeddings];

fuzz_target!(|data: &[u8]| {
    let body = Bytes::copy_from_slice(data);
    for endpoint in ENDPOINTS {
        if let Ok(request) = Request::parse(endpoint, body.clone()) {
            for message in &request.messages {
                assert!(data.get(message.range.clone()).is_some(), "a message lies outside of the body");
            }
            request.approval_bytes();
            check(&request, |edited| Request::parse(endpoint, edited).map(|again| texts(&again)));
        }
    }
    if let Ok(response) = Response::parse(body) {
        check(&response, |edited| Response::parse(edited).map(|again| texts(&again)));
    }
});

/// What is read is JSON to others as well; without edits nothing moves; with them it stays a document, and no text
/// that was edited away is left.
fn check<E: std::fmt::Debug>(document: &Document, again: impl Fn(Bytes) -> Result<Vec<String>, E>) {
    let other = serde_json::from_slice::<IgnoredAny>(document.bytes());
    assert!(other.is_ok(), "another reader refuses it: {other:?}");
    assert_eq!(document.splice(&[]), document.bytes());
    let parts = document.parts();
    let whole = |index: usize| {
        let length = parts.get(index).map_or(0, |part| document.text(part).len());
        Edit { part: index, range: 0..length, replacement: "<\"\\\n>".to_owned() }
    };
    for index in 0..parts.len().min(8) {
        again(document.splice(&[whole(index)])).expect("one edit leaves a document");
        let half = Edit { range: 1..2, ..whole(index) };
        again(document.splice(&[half])).expect("half an edit leaves a document");
    }
    for part in parts {
        document.pointer(part);
    }
    let all: Vec<Edit> = (0..parts.len()).map(whole).collect();
    let left = again(document.splice(&all)).expect("all edits leave a document");
    for part in parts {
        let text = document.text(part);
        // The media type before a file stays, and may read like another text.
        let is_left = |other: &String| other.contains(text) && !other.starts_with("data:");
        assert!(text.len() < 12 || !left.iter().any(is_left), "`{text}` is left");
    }
}

fn texts(document: &Document) -> Vec<String> {
    document.parts().iter().map(|part| document.text(part).to_owned()).collect()
}
