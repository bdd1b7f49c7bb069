//! What is made on first use is made before the first request: models are unpacked and patterns compiled once for the
//! process, which takes longer than most answers do.

use crate::snapshot::Snapshot;
use bytes::Bytes;
use picket_llm::{Endpoint, Request};
use picket_policy::{Subject, Toolbox};
use picket_stdx::Timestamp;

const ORDINARY: &[u8] = br#"{"model":"-","messages":[{"role":"user","content":"an ordinary question"}]}"#;

/// Judges an ordinary request, and throws the judgement away.
pub(crate) fn warm(snapshot: &Snapshot, now: Timestamp) {
    let Ok(endpoint) = Endpoint::of("POST", "/v1/chat/completions", false) else { return };
    let Ok(request) = Request::parse(endpoint, Bytes::from_static(ORDINARY)) else { return };
    let (subject, tools) = (Subject::default(), Toolbox::default());
    drop(snapshot.policy.judge_request(&request, &subject, &tools, now, |_, _| [0; 16]));
    drop(snapshot.policy.stream_patterns(&subject));
}
