//! A receiver of OTLP logs over HTTP: it walks the message by its numbers, and counts the records.

use crate::receivers::http::{Ask, Reply, Server, locked};
use std::io;
use std::sync::{Arc, Mutex};

/// A receiver.
#[derive(Debug)]
pub struct Collector {
    server: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    records: Vec<Vec<u8>>,
    answer: Option<Reply>,
}

impl Collector {
    /// Starts one.
    pub fn start() -> io::Result<Self> {
        let state: Arc<Mutex<State>> = Arc::default();
        let keeping = Arc::clone(&state);
        Ok(Self { server: Server::start(move |ask| answer(ask, &keeping))?, state })
    }

    /// The server under it.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Every record that was taken, as it came.
    pub fn records(&self) -> Vec<Vec<u8>> {
        locked(&self.state).records.clone()
    }

    /// What is answered to what is taken, in place of an empty message.
    pub fn answer_with(&self, reply: impl Into<Option<Reply>>) {
        locked(&self.state).answer = reply.into();
    }
}

/// An answer of success by which so many records are refused, for a reason.
pub fn partial(rejected: u8, message: &str) -> Vec<u8> {
    let length = |length: usize| u8::try_from(length).unwrap_or(127) & 127;
    let inner = [&[8, rejected & 127, 18, length(message.len())], message.as_bytes()].concat();
    [&[10, length(inner.len())], inner.as_slice()].concat()
}

fn answer(ask: &Ask, state: &Mutex<State>) -> Reply {
    if ask.path != "/v1/logs" || ask.method != "POST" {
        return Reply::html(404, "404 page not found");
    }
    if ask.header("content-type") != Some("application/x-protobuf") {
        return Reply::html(415, "415 unsupported media type");
    }
    let Some(records) = records_of(&ask.body) else {
        return Reply::html(400, "proto: cannot parse invalid wire-format data");
    };
    let mut state = locked(state);
    state.records.extend(records);
    let empty =
        || Reply::Answer(200, vec![("content-type".to_owned(), "application/x-protobuf".to_owned())], Vec::new());
    state.answer.clone().unwrap_or_else(empty)
}

/// The records of a request, as they came; none if it is no such message.
pub fn records_of(body: &[u8]) -> Option<Vec<Vec<u8>>> {
    // Resource logs, scope logs, records.
    within(&[body.to_vec()], 1).and_then(|all| within(&all, 2)).and_then(|all| within(&all, 2))
}

/// The messages that are fields of this number in any of these.
fn within(messages: &[Vec<u8>], number: u64) -> Option<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    for message in messages {
        let mut rest = message.as_slice();
        while !rest.is_empty() {
            let head = varint(&mut rest)?;
            let length = match head & 7 {
                0 => {
                    varint(&mut rest)?;
                    continue;
                }
                1 => 8,
                2 => usize::try_from(varint(&mut rest)?).ok()?,
                5 => 4,
                _ => return None,
            };
            let (value, behind) = rest.split_at_checked(length)?;
            rest = behind;
            if head == number << 3 | 2 {
                found.push(value.to_vec());
            }
        }
    }
    Some(found)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in 0..10 {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u64::from(byte & 0x7f).checked_shl(shift * 7)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
