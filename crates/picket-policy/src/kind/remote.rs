//! `remote`: a service of the customer's own that is asked about texts, by HTTP.
//!
//! ```yaml
//! remote:
//!   url: https://classifier.example.com/v1/judge
//!   token: { env: PICKET_REMOTE_TOKEN }
//!   timeout: 300ms
//!   action: block
//!   threshold: 0.7
//!   roles: [user, tool, document]
//!   types: [brand_voice]
//!   max_concurrency: 64
//!   breaker: { failures: 5, pause: 10s }
//!   on_error: block
//! ```

use super::{Members, ROLES};
use crate::document::{Node, Problem, Value};
use crate::inquiry::is_word;
use http::Uri;
use http::uri::Scheme;
use picket_event::{Action, Role};
use picket_stdx::duration;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

/// From here on, a score counts, unless the document says otherwise.
const THRESHOLD: f32 = 0.5;
/// How long an answer may take, unless the document says otherwise.
const TIMEOUT: Duration = Duration::from_millis(300);
const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(30);
/// Failures that open the breaker, and how long it stays open, unless the document says otherwise.
const FAILURES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(10);
const PAUSES: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(3_600);
/// Questions at a time, unless the document says otherwise.
const CONCURRENCY: usize = 64;
const CONCURRENCY_MAX: usize = 4_096;
/// Words of its own that a service may have.
const TYPES_MAX: usize = 64;

/// A service that is asked, and what happens with its answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Remote {
    /// Where it answers.
    pub url: String,
    /// Where its credential is, if it wants one.
    pub token: Option<Token>,
    /// How long an answer may take, from the question on.
    pub timeout: Duration,
    /// Questions at a time.
    pub concurrency: usize,
    /// Failures in a row after which it is left alone.
    pub failures: u32,
    /// For how long it is left alone.
    pub pause: Duration,
    pub(crate) action: Action,
    pub(crate) threshold: f32,
    /// Whose words it is asked about; empty means everybody's.
    pub(crate) roles: Vec<Role>,
    /// Types of its own that events may name.
    pub(crate) types: Vec<String>,
    /// What is valid, but deserves a look.
    pub(crate) warnings: Vec<Problem>,
}

/// Where a credential is. A document never holds the credential itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Where.
    pub source: TokenSource,
    /// Line of the document that says so, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// What holds a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// An environment variable of the server.
    Env(String),
    /// A file of the server.
    File(String),
}

impl Members<'_> {
    pub(super) fn remote(&mut self, action: Option<Action>) -> Remote {
        let mut warnings = Vec::new();
        let url = self.url(&mut warnings);
        let token = self.token();
        let timeout = self.time("timeout", TIMEOUTS, TIMEOUT);
        let concurrency = self.whole("max_concurrency", CONCURRENCY_MAX).unwrap_or(CONCURRENCY);
        let (failures, pause) = self.breaker();
        let threshold = self.threshold().unwrap_or(THRESHOLD);
        let roles = self.get("roles").map(|node| self.roles(&node)).unwrap_or_default();
        let types = self.types();
        let action = action.unwrap_or(Action::Block);
        Remote { url, token, timeout, concurrency, failures, pause, action, threshold, roles, types, warnings }
    }

    fn url(&mut self, warnings: &mut Vec<Problem>) -> String {
        let Some(node) = self.get("url") else {
            if let Some(config) = self.config {
                self.problems.at(config, "write `url:` with the address of the service, such as https://host/path");
            }
            return String::new();
        };
        let Some(text) = node.text(self.problems) else { return String::new() };
        let parsed = text.parse::<Uri>().ok().filter(|uri| uri.host().is_some_and(|host| !host.is_empty()));
        let Some(uri) = parsed.filter(|uri| [Some(&Scheme::HTTP), Some(&Scheme::HTTPS)].contains(&uri.scheme())) else {
            self.problems.at(&node, "this is no address of a service; write https://host[:port]/path or http://…");
            return String::new();
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            self.problems.at(&node, "a credential does not stand in an address; write `token: { env: NAME }`");
            return String::new();
        }
        if uri.scheme() == Some(&Scheme::HTTP) && !is_this_machine(uri.host().unwrap_or_default()) {
            let message = "texts travel to this service unencrypted; use https where others share the network";
            warnings.push(Problem { line: node.line, column: node.column, message: message.to_owned() });
        }
        text.to_owned()
    }

    /// `{ env: NAME }` or `{ file: PATH }`; never the secret itself.
    fn token(&mut self) -> Option<Token> {
        let node = self.get("token")?;
        if !matches!(node.value, Value::Map(_)) {
            self.problems.at(&node, "a secret does not stand in a policy; write { env: NAME } or { file: PATH }");
            return None;
        }
        let mut source = None;
        for (key, value) in node.map(self.problems) {
            let text = match key.name.as_str() {
                "env" => value.text(self.problems).map(|text| TokenSource::Env(text.to_owned())),
                "file" => value.text(self.problems).map(|text| TokenSource::File(text.to_owned())),
                _ => {
                    key.unknown(&["env", "file"], self.problems);
                    continue;
                }
            };
            if source.is_some() {
                self.problems.at_key(key, "a secret is in one place: write `env:` or `file:`, not both");
            }
            source = text.or(source);
        }
        if source.is_none() {
            self.problems.at(&node, "say where the secret is: { env: NAME } or { file: PATH }");
        }
        source.map(|source| Token { source, line: node.line, column: node.column })
    }

    fn breaker(&mut self) -> (u32, Duration) {
        let Some(node) = self.get("breaker") else { return (FAILURES, PAUSE) };
        let mut inner = Members { config: Some(&node), problems: self.problems, known: Vec::new() };
        let failures = inner.whole("failures", 1_000).and_then(|number| u32::try_from(number).ok());
        let pause = inner.time("pause", PAUSES, PAUSE);
        for (key, _) in node.map(self.problems) {
            if !["failures", "pause"].contains(&key.name.as_str()) {
                key.unknown(&["failures", "pause"], self.problems);
            }
        }
        (failures.unwrap_or(FAILURES), pause)
    }

    pub(super) fn roles(&mut self, node: &Node) -> Vec<Role> {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        items.iter().filter_map(|item| item.word(ROLES, self.problems)).collect()
    }

    fn types(&mut self) -> Vec<String> {
        let Some(node) = self.get("types") else { return Vec::new() };
        let types: Vec<String> =
            node.texts(self.problems).iter().map(|word| word.to_ascii_lowercase().replace('-', "_")).collect();
        if types.len() > TYPES_MAX {
            self.problems.at(&node, format!("at most {TYPES_MAX} types; events show others as `remote`"));
        }
        if !types.iter().all(|word| is_word(word)) {
            self.problems.at(&node, "a type is a word of up to 40 letters, digits and `_`, such as brand_voice");
        }
        types
    }

    /// A time within bounds, or the usual one.
    fn time(&mut self, name: &'static str, within: RangeInclusive<Duration>, usual: Duration) -> Duration {
        let Some(node) = self.get(name) else { return usual };
        let Some(time) = node.duration(self.problems) else { return usual };
        if !within.contains(&time) {
            let shown = duration::display;
            let (least, most, usual) = (shown(*within.start()), shown(*within.end()), shown(usual));
            self.problems.at(&node, format!("write a time from {least} to {most}, or leave it out for {usual}"));
        }
        time
    }

    /// A whole number from 1 on.
    fn whole(&mut self, name: &'static str, most: usize) -> Option<usize> {
        let node = self.get(name)?;
        let number = if let Value::Integer(number) = node.value { usize::try_from(number).ok() } else { None };
        let number = number.filter(|number| (1..=most).contains(number));
        if number.is_none() {
            self.problems.at(&node, format!("expected a whole number from 1 to {most}"));
        }
        number
    }
}

impl Remote {
    /// The service in words, for the difference of two policies. Where its token is does not concern who reads that.
    pub(crate) fn describe(&self) -> Vec<String> {
        let shown = duration::display;
        let mut parts = vec![
            format!("action {}", self.action),
            format!("asks {} within {}", self.url, shown(self.timeout)),
            format!("threshold {}", self.threshold),
            format!("{} at a time", self.concurrency),
            format!("left alone for {} after {} failures", shown(self.pause), self.failures),
        ];
        let roles: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        parts.extend((!roles.is_empty()).then(|| format!("roles {}", roles.join(", "))));
        parts.extend((!self.types.is_empty()).then(|| format!("types {}", self.types.join(", "))));
        parts.extend(self.token.is_some().then(|| "with a token".to_owned()));
        parts
    }
}

fn is_this_machine(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || literal.is_ok_and(|address| address.is_loopback())
}
