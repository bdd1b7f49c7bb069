//! What the operator says of the workspace, of what is kept of prompts and answers, of services that checks ask, and of the lane beside the requests.

use super::{authorities, bounds, list, network};
use picket_event::Workspace;
use picket_gateway::{Capture, Reach};
use picket_policy::document::{Node, Problems, Value};
use std::time::Duration;

/// Reads `workspace: ws_…`.
pub(super) fn workspace(node: &Node, problems: &mut Problems) -> Option<Workspace> {
    let parsed = Workspace::parse(node.text(problems)?);
    parsed.map_err(|error| problems.at(node, error.to_string())).ok()
}

/// Reads `capture: { bodies: all }`.
pub(super) fn capture(node: &Node, problems: &mut Problems) -> Capture {
    let mut capture = Capture::All;
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "bodies" => {
                let words = [("all", Capture::All), ("flagged", Capture::Flagged), ("none", Capture::None)];
                capture = node.word(&words, problems).unwrap_or(Capture::All);
            }
            _ => key.unknown(&["bodies"], problems),
        }
    }
    capture
}

/// Reads `remotes: { networks: [10.0.0.0/8], ca: PATH }`.
pub(super) fn remotes(node: &Node, problems: &mut Problems) -> Reach {
    let mut reach = Reach::default();
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "networks" => {
                reach.gate = Some(list(node, problems).iter().filter_map(|node| network(node, problems)).collect());
            }
            "ca" => reach.ca = authorities(node, problems),
            _ => key.unknown(&["networks", "ca"], problems),
        }
    }
    reach
}

/// Reads `late: { threads: 1, queue: 1024 }`.
pub(super) fn late(node: &Node, usual: (usize, usize), problems: &mut Problems) -> (usize, usize) {
    let (mut threads, mut queue) = usual;
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "threads" => threads = bounds::count(node, bounds::LATE_THREADS, threads, problems),
            "queue" => queue = bounds::count(node, bounds::LATE_QUEUE, queue, problems),
            _ => key.unknown(&["threads", "queue"], problems),
        }
    }
    (threads, queue)
}

/// Reads `infrastructure: { record: 1m }`, or `never`.
pub(super) fn infrastructure(node: &Node, usual: Option<Duration>, problems: &mut Problems) -> Option<Duration> {
    let mut record = usual;
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "record" if matches!(&node.value, Value::Text(word) if word == "never") => record = None,
            "record" => record = Some(bounds::time(node, bounds::RECORD, bounds::RECORD_USUAL, problems)),
            _ => key.unknown(&["record"], problems),
        }
    }
    record
}
