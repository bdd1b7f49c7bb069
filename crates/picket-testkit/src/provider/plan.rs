//! What the provider will answer, read from directives in the last user message.

use super::Config;
use crate::values;
use serde_json::Value;
use std::time::Duration;

/// An answer before it has a dialect.
///
/// Directives are words of the last user message: `#say=WORDS_WITH_UNDERSCORES`, `#echo` (answer with the prompt),
/// `#leak=ssn|card|aws|github|email` (answer with a made-up value), `#tool=NAME` (call a tool), `#reason` (leak in the
/// reasoning too), `#words=N`, `#delay=MS`, `#pace=MS`, `#status=CODE`, `#cut=N` (drop the connection after N
/// events), `#hang`, `#html`, `#garbage`.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The text of the answer.
    pub text: String,
    /// Reasoning before it.
    pub reasoning: Option<String>,
    /// A tool call: name and arguments as JSON text.
    pub tool: Option<(String, String)>,
    /// How many choices.
    pub choices: usize,
    /// Whether the answer streams.
    pub stream: bool,
    /// Time before the head.
    pub latency: Duration,
    /// Time between events.
    pub pace: Duration,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// Tokens of the prompt, roughly.
    pub tokens_in: u64,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An error status with the dialect's body.
    Status(u16),
    /// The connection drops after so many events, or in the middle of a JSON answer.
    Cut(usize),
    /// Nothing ever comes.
    Hang,
    /// A page of HTML with status 502.
    Html,
    /// Status 200 and a body that is no JSON.
    Garbage,
}

impl Plan {
    pub(super) fn of(request: &Value, config: &Config) -> Self {
        let prompt = last_user_text(request);
        let mut plan = Self {
            text: "Here is a short and helpful answer to what you asked.".to_owned(),
            reasoning: None,
            tool: None,
            choices: request
                .get("n")
                .and_then(Value::as_u64)
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(1)
                .clamp(1, 8),
            stream: request.get("stream").and_then(Value::as_bool).unwrap_or(false),
            latency: config.latency,
            pace: config.pace,
            fault: None,
            tokens_in: u64::try_from(prompt.len() / 4 + 1).unwrap_or(1),
        };
        for word in prompt.split_whitespace().filter_map(|word| word.strip_prefix('#')) {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            plan.direct(name, value, &prompt);
        }
        plan
    }

    fn direct(&mut self, name: &str, value: &str, prompt: &str) {
        let millis = || Duration::from_millis(value.parse().unwrap_or(0));
        match name {
            "say" => self.text = value.replace('_', " "),
            "echo" => prompt.clone_into(&mut self.text),
            "leak" => self.text = format!("The value on file is {} as you asked.", leak(value)),
            "reason" => self.reasoning = Some(format!("The user wants it; on file: {}.", self.text)),
            "tool" => {
                let arguments = serde_json::json!({"input": self.text}).to_string();
                self.tool = Some((value.to_owned(), arguments));
            }
            "words" => self.text = "word ".repeat(value.parse().unwrap_or(1)),
            "delay" => self.latency = millis(),
            "pace" => self.pace = millis(),
            "status" => self.fault = Some(Fault::Status(value.parse().unwrap_or(500))),
            "cut" => self.fault = Some(Fault::Cut(value.parse().unwrap_or(1))),
            "hang" => self.fault = Some(Fault::Hang),
            "html" => self.fault = Some(Fault::Html),
            "garbage" => self.fault = Some(Fault::Garbage),
            _ => {}
        }
    }

    /// The answer in pieces of seven characters, as a stream sends it.
    pub fn pieces(text: &str) -> Vec<String> {
        let characters: Vec<char> = text.chars().collect();
        characters.chunks(7).map(|piece| piece.iter().collect()).collect()
    }

    /// Tokens of the answer, roughly.
    pub fn tokens_out(&self) -> u64 {
        u64::try_from(self.text.len() / 4 + 1).unwrap_or(1)
    }
}

fn leak(what: &str) -> String {
    match what {
        "card" => values::credit_card(),
        "aws" => values::aws_access_key_id(),
        "github" => values::github_token(),
        "email" => values::email(),
        _ => values::us_ssn(),
    }
}

/// All text of the last user message, or of the prompt or input, in whatever shape the dialect gives it.
fn last_user_text(request: &Value) -> String {
    let mut text = String::new();
    let list = request.get("messages").or_else(|| request.get("input"));
    let newest = list
        .and_then(Value::as_array)
        .and_then(|items| items.iter().rev().find(|item| item.get("role").and_then(Value::as_str) == Some("user")));
    let source = newest.or(list).or_else(|| request.get("prompt"));
    if let Some(source) = source {
        collect(source, &mut text);
    }
    text
}

fn collect(value: &Value, text: &mut String) {
    match value {
        Value::String(string) => {
            text.push_str(string);
            text.push(' ');
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, text)),
        Value::Object(members) => {
            let content = ["content", "text"].iter().find_map(|name| members.get(*name));
            if let Some(content) = content {
                collect(content, text);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
