//! Streams that are framed in every way that the format allows, and in some that it does not: no value gets out.
//!
//! `cargo xt framings [COUNT] [SEED]` asks more of them; a failure names the seed that repeats it.

use super::{Channel, Liar, Lie, ask, escaped, policy, product_with, readable, shows};
use crate::channels::table::CHANNELS;
use crate::hostile::liar::End;
use picket_testkit::values;
use serde_json::{Value, json};

/// Streams of one run.
const COUNT: u64 = 60;
const SEED: u64 = 20_261_126;

/// Numbers that look random and come again with their seed.
struct Dice(u64);

impl Dice {
    fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }

    /// Once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of_these<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// JSON with line ends where white space may stand, which become several `data` lines.
fn broken(dice: &mut Dice, data: &str) -> String {
    let (mut out, mut inside, mut after_escape) = (String::new(), false, false);
    for character in data.chars() {
        out.push(character);
        match character {
            '"' if !after_escape => inside = !inside,
            ',' | '{' | ':' if !inside && dice.once_in(5) => out.push('\n'),
            _ => {}
        }
        after_escape = character == '\\' && !after_escape;
    }
    out
}

/// An event with whatever may stand around its data.
fn framed(dice: &mut Dice, data: &str) -> String {
    let end = dice.of_these(&["\n", "\r\n", "\n", "\r"]);
    let mut lines: Vec<String> = Vec::new();
    for (line, times) in [(": ping", 6), ("id: 7", 8), ("retry: 10", 12), ("unknown: x", 12), ("event: message", 9)] {
        if dice.once_in(times) {
            lines.push(line.to_owned());
        }
    }
    let named = serde_json::from_str::<Value>(data).ok().and_then(|value| value["type"].as_str().map(str::to_owned));
    lines.extend(named.filter(|_| !dice.once_in(4)).map(|name| format!("event: {name}")));
    let data = if dice.once_in(3) { broken(dice, data) } else { data.to_owned() };
    let space = dice.of_these(&[" ", " ", ""]);
    lines.extend(data.split('\n').map(|line| format!("data:{space}{line}")));
    let blank = if dice.once_in(8) { 2 } else { 1 };
    format!("{}{}", lines.join(end), end.repeat(1 + blank))
}

/// The text of a channel in pieces of any size, each written as it is or in escapes.
fn pieces(dice: &mut Dice, text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut rest = characters.as_slice();
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let (head, tail) = rest.split_at(dice.of_these(&[1, 1, 2, 3, 7, 20, 0]).min(rest.len()));
        let text: String = head.iter().collect();
        let literal = json!(text).to_string();
        pieces.push(if dice.once_in(3) { escaped(&text) } else { literal[1..literal.len() - 1].to_owned() });
        rest = tail;
    }
    pieces
}

/// The events of an answer, with others in between.
fn events(dice: &mut Dice, channel: &Channel, text: &str) -> Vec<String> {
    let written = if channel.piece_is_json { json!({"note": text}).to_string() } else { text.to_owned() };
    let literal = json!(written).to_string();
    let whole = &literal[1..literal.len() - 1];
    let mut events: Vec<String> = channel.start.iter().map(|event| (*event).to_owned()).collect();
    for piece in pieces(dice, &written) {
        events.push(channel.piece.replace("@@", &piece));
        if dice.once_in(7) {
            let other = match channel.path {
                "/v1/messages" => r#"{"type":"ping"}"#.to_owned(),
                "/v1/responses" => r#"{"type":"response.in_progress","response":{}}"#.to_owned(),
                _ => json!({"choices": [{"index": 5, "delta": {"content": "words of another choice "}}]}).to_string(),
            };
            events.push(other);
        }
    }
    let mut end: Vec<String> = channel.end.iter().map(|event| event.replace("@@", whole)).collect();
    match dice.below(8) {
        0 => end.clear(),
        1 => drop(end.pop()),
        2 => end.insert(0, end.first().cloned().unwrap_or_default()),
        _ => {}
    }
    events.extend(end);
    events
}

/// The bytes of an answer in chunks of any size, so that characters and lines are cut.
fn wire(dice: &mut Dice, channel: &Channel, text: &str) -> Vec<u8> {
    let mut body = if dice.once_in(6) { "\u{feff}".to_owned() } else { String::new() };
    for event in events(dice, channel, text) {
        body.push_str(&framed(dice, &event));
    }
    let mut body = body.into_bytes();
    if dice.once_in(8) {
        body.truncate(body.len().saturating_sub(dice.below(40)));
    }
    let mut wire = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let mut rest = body.as_slice();
    while !rest.is_empty() {
        let (head, tail) = rest.split_at(dice.of_these(&[1, 2, 5, 33, 700, 9_000]).min(rest.len()));
        wire.extend_from_slice(format!("{:x}\r\n", head.len()).as_bytes());
        wire.extend_from_slice(head);
        wire.extend_from_slice(b"\r\n");
        rest = tail;
    }
    wire.extend_from_slice(b"0\r\n\r\n");
    wire
}

/// What a client makes of a stream, whose lines may end in any way.
fn client(answer: &str) -> String {
    let lines = answer.replace("\r\n", "\n").replace('\r', "\n").replace('\u{feff}', "");
    let event = |event: &str| {
        let data = event.lines().filter_map(|line| line.strip_prefix("data:"));
        let data: Vec<&str> = data.map(|data| data.strip_prefix(' ').unwrap_or(data)).collect();
        let value: Option<Value> = serde_json::from_str(&data.join("\n")).ok();
        value.map(|value| format!("data: {value}\n\n"))
    };
    let events: String = lines.split("\n\n").filter_map(event).collect();
    readable(&events) + answer
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn no_value_gets_out_of_a_stream_however_it_is_framed() {
    let (count, first) = (number("PICKET_FRAMINGS", COUNT), number("PICKET_SEED", SEED));
    let value = values::us_ssn();
    let text = format!("Grüße 😀. The value on file is {value}, as you asked; keep it.");
    let channel = |seed: u64| &CHANNELS[Dice::of(seed ^ 0x55).below(CHANNELS.len())];
    let seeds = || first..first + count;
    for action in ["redact", "block"] {
        let lies = seeds().map(|seed| Lie {
            name: format!("seed-{seed}"),
            sent: wire(&mut Dice::of(seed), channel(seed), &text),
            endless: b"",
            end: End::Stay,
        });
        let (product, _liar): (_, Liar) = product_with(&policy(action), lies.collect());
        let mut told = 0;
        for seed in seeds() {
            let answer = ask(&product, channel(seed).path, &format!("seed-{seed}"));
            let read = client(&answer.text);
            assert!(!shows(&read, &value), "seed {seed} ({}, {action}): {}", channel(seed).name, answer.text);
            told += u64::from(read.contains("The value on file is "));
        }
        // What is refused as a whole leaks nothing, but shows nothing either.
        assert!(told * 2 > count, "{action}: only {told} of {count} answers came");
    }
}
