//! Events as other programs hand them over: JSON lines, or one array; ids may be those of another system.

use crate::failure::Failure;
use picket_event::{Decision, Event, EventId};
use picket_render::Subject;
use serde_json::Value;
use std::io::{BufRead, Read as _};

/// The longest line, or array, that is read.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// An event, and its id where that is none of ours.
#[derive(Debug)]
pub(in crate::command) struct Given {
    event: Event,
    id: Option<String>,
}

impl Given {
    /// Reads an event. An id of another form is kept as the text that it is, and a decision may be any word for it.
    pub(in crate::command) fn read(mut value: Value) -> Result<Self, serde_json::Error> {
        if let Some(members) = value.as_object_mut() {
            let decided = members.remove("action").filter(|_| !members.contains_key("decision"));
            let decided = decided.or_else(|| members.get("decision").cloned());
            if let Some(decision) =
                decided.as_ref().and_then(Value::as_str).and_then(|word| word.parse::<Decision>().ok())
            {
                members.insert("decision".to_owned(), decision.as_str().into());
            }
        }
        let member =
            value.get_mut("event_id").filter(|id| id.as_str().is_some_and(|id| id.parse::<EventId>().is_err()));
        let id = member.map(|member| {
            let stand_in = Value::String(EventId::from_bits(0).to_string());
            std::mem::replace(member, stand_in).as_str().unwrap_or_default().to_owned()
        });
        Ok(Self { event: serde_json::from_value(value)?, id })
    }

    /// What is rendered.
    pub(in crate::command) fn subject(&self) -> Subject<'_> {
        match &self.id {
            Some(id) => Subject::with_id(&self.event, id),
            None => Subject::new(&self.event),
        }
    }
}

/// Events one after another.
pub(super) struct Events<R> {
    input: R,
    number: u64,
    /// What is left of an array.
    array: std::vec::IntoIter<Value>,
}

impl<R: BufRead> Events<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, number: 0, array: Vec::new().into_iter() }
    }

    /// The next line that is not blank, or, where the input begins with `[`, all of it.
    fn text(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let mut text = Vec::new();
        loop {
            text.clear();
            self.number += 1;
            let mut limited = self.input.by_ref().take(BYTES_MAX);
            if limited.read_until(b'\n', &mut text)? == 0 {
                return Ok(None);
            }
            if text.trim_ascii().is_empty() {
                continue;
            }
            if text.trim_ascii_start().starts_with(b"[") {
                limited.read_to_end(&mut text)?;
            }
            if limited.limit() == 0 {
                return Err(Failure::usage(format!("line {} is longer than {BYTES_MAX} bytes", self.number)));
            }
            return Ok(Some(text));
        }
    }

    fn read(&mut self) -> Result<Option<Given>, Failure> {
        loop {
            let number = self.number;
            let not_one = |error| Failure::usage(format!("line {number}: no event: {error}"));
            if let Some(value) = self.array.next() {
                return Given::read(value).map(Some).map_err(not_one);
            }
            let Some(text) = self.text()? else { return Ok(None) };
            let number = self.number;
            let value: Value = serde_json::from_slice(&text)
                .map_err(|error| Failure::usage(format!("line {number}: not JSON: {error}")))?;
            self.array = match value {
                Value::Array(values) => values.into_iter(),
                value => vec![value].into_iter(),
            };
        }
    }
}

impl<R: BufRead> Iterator for Events<R> {
    type Item = Result<Given, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
