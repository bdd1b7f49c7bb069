//! Bad input from callers and from providers: each time a clear error in the right dialect, an event with the true
//! outcome where there is a caller, and a server that goes on.

mod bodies;
mod callers;
mod destinations;
mod heads;
pub(crate) mod liar;
mod providers;
mod wire;
// mod wire;

use crate::harness::{Answer, Product};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

const CHAT: &str = "/v1/chat/completions";
const RESPONSES: &str = "/v1/responses";
const MESSAGES: &str = "/v1/messages";
const ASKED: &[&str] = &[CHAT, RESPONSES, MESSAGES];

/// A product, and how many requests with a caller it was sent.
struct Siege {
    product: Product,
    asked: usize,
}

impl Siege {
    fn new(product: Product) -> Self {
        Self { product, asked: 0 }
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.product.key)
    }

    /// Sends a body as a known caller.
    fn post(&mut self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        self.asked += 1;
        let bearer = self.bearer();
        let headers = [&[("authorization", bearer.as_str())], headers].concat();
        self.product.send(&self.product.gateway, Method::POST, path, &headers, body.into())
    }

    /// The request is refused before its provider hears of it, and the event says so.
    fn refused(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8], wanted: (u16, &str)) {
        let before = self.product.provider.count();
        let answer = self.post(path, headers, body.to_vec());
        let shown = String::from_utf8_lossy(body.get(..body.len().min(120)).unwrap()).into_owned();
        assert_eq!((answer.status, code(path, &answer).as_str()), wanted, "{path} {shown}: {}", answer.text);
        assert_eq!(self.product.provider.count(), before, "{path} {shown}: the provider was asked");
        let event = self.product.event_of(&answer);
        assert_eq!(
            (&event["outcome"], &event["status_code"], &event["user"]),
            (&json!("refused"), &json!(wanted.0), &json!("ana@example.com")),
            "{path} {shown}: {event}"
        );
    }

    /// The server still answers, and has recorded every request that had a caller, once.
    fn ends_well(mut self) {
        let ordinary = self.post(CHAT, &[], body(CHAT, "an ordinary question").to_string());
        assert_eq!(ordinary.status, 200, "{}", ordinary.text);
        self.product.event_of(&ordinary);
        assert_eq!(self.product.get("/v1/health")["ready"], true);
        let recorded = self.product.events("?limit=1000", self.asked);
        assert_eq!(recorded.len(), self.asked, "{recorded:#?}");
        let open = self.product.get("/v1/events?open=true");
        assert_eq!(open.as_array().unwrap().len(), 0, "{open:#}");
    }
}

/// An ordinary body of an endpoint.
fn body(path: &str, prompt: &str) -> Value {
    match path {
        MESSAGES => {
            json!({"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": prompt}]})
        }
        RESPONSES => json!({"model": "gpt-4o", "input": prompt}),
        _ => json!({"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}]}),
    }
}

/// The code of an error, which must be whole and in the dialect of the path.
fn code(path: &str, answer: &Answer) -> String {
    assert_eq!(answer.headers["content-type"], "application/json", "{path}: {}", answer.text);
    let value = answer.json();
    let error = &value["error"];
    assert!(error["message"].as_str().is_some_and(|text| text.len() > 10), "{path}: {value}");
    assert!(error["type"].is_string() && value["request_id"].is_string(), "{path}: {value}");
    assert_eq!(value["type"] == "error", path.starts_with(MESSAGES), "{path}: the other dialect: {value}");
    error["code"].as_str().unwrap_or_default().to_owned()
}
