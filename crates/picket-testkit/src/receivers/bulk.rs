//! The `_bulk`, `_create`, `_doc`, `_search` and `_count` APIs of Elasticsearch, with a data stream.

use crate::receivers::http::{Ask, Reply, Server, locked};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

/// What becomes of a document.
#[derive(Debug, Clone)]
pub struct Fate {
    /// Status of its item.
    pub status: u16,
    /// `type` and `reason` of the error, where there is one.
    pub error: Option<(String, String)>,
    /// `failure_store`, where it stands in the item.
    pub failure_store: Option<String>,
    /// How often it happens; none: always.
    pub times: Option<usize>,
}

impl Fate {
    /// An error.
    pub fn error(status: u16, kind: &str, reason: &str) -> Self {
        let error = Some((kind.to_owned(), reason.to_owned()));
        Self { status, error, failure_store: None, times: None }
    }

    /// The same, so often and no more.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }
}

/// A store.
#[derive(Debug)]
pub struct Store {
    server: Server,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    authorization: Mutex<String>,
    documents: Mutex<BTreeMap<String, Value>>,
    fates: Mutex<Vec<(String, Fate)>>,
    pretty: std::sync::atomic::AtomicBool,
}

impl Store {
    /// Starts one that takes this value of `Authorization`.
    pub fn start(authorization: &str) -> io::Result<Self> {
        let state = Arc::new(State {
            authorization: Mutex::new(authorization.to_owned()),
            documents: Mutex::default(),
            fates: Mutex::default(),
            pretty: std::sync::atomic::AtomicBool::new(false),
        });
        let answering = Arc::clone(&state);
        Ok(Self { server: Server::start(move |ask| answering.answer(ask))?, state })
    }

    /// The server under it.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Documents by their ids.
    pub fn documents(&self) -> BTreeMap<String, Value> {
        locked(&self.state.documents).clone()
    }

    /// Takes another value of `Authorization` from now on.
    pub fn rotate(&self, authorization: &str) {
        authorization.clone_into(&mut locked(&self.state.authorization));
    }

    /// Every document is taken again.
    pub fn spare(&self) {
        locked(&self.state.fates).clear();
    }

    /// What becomes of documents that hold this text.
    pub fn doom(&self, text: &str, fate: Fate) {
        locked(&self.state.fates).push((text.to_owned(), fate));
    }

    /// Whether answers are written with line breaks and spaces.
    pub fn write_pretty(&self, does: bool) {
        self.state.pretty.store(does, std::sync::atomic::Ordering::SeqCst);
    }
}

impl State {
    fn answer(&self, ask: &Ask) -> Reply {
        if ask.header("authorization") != Some(locked(&self.authorization).as_str()) {
            return error(401, "security_exception", "unable to authenticate");
        }
        let parts: Vec<&str> = ask.path.trim_matches('/').split('/').collect();
        match parts.as_slice() {
            ["missing", ..] => error(404, "index_not_found_exception", "no such index [missing]"),
            [_, "_bulk"] if ask.header("content-type") != Some("application/x-ndjson") => {
                error(406, "media_type_header_exception", "Content-Type header is not supported")
            }
            [_, "_bulk"] => self.bulk(ask),
            [_, "_create", id] => self.single(id, &ask.body),
            [_, "_doc"] => {
                let id = format!("auto-{}", locked(&self.documents).len());
                self.single(&id, &ask.body)
            }
            [_, "_count"] => self.count(&ask.body),
            [_, "_search"] => self.search(&ask.body),
            _ => error(400, "invalid_request", "no handler found for uri"),
        }
    }

    fn bulk(&self, ask: &Ask) -> Reply {
        let text = String::from_utf8_lossy(&ask.body);
        if !text.ends_with('\n') {
            return error(400, "illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]");
        }
        let mut items = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Ok(action) = serde_json::from_str::<Value>(line) else {
                return error(400, "illegal_argument_exception", "Malformed action/metadata line");
            };
            let Some(id) = action.pointer("/create/_id").and_then(Value::as_str) else {
                return error(
                    400,
                    "illegal_argument_exception",
                    "only write ops with an op_type of create are allowed",
                );
            };
            let document = lines.next().unwrap_or_default();
            items.push(json!({ "create": self.put(id, document) }));
        }
        let errors = items.iter().any(|item| item.pointer("/create/error").is_some());
        let items = items.into_iter().map(|item| self.filtered(item, &ask.query));
        let said = json!({"errors": errors, "items": items.collect::<Vec<_>>()});
        let body = if self.pretty.load(std::sync::atomic::Ordering::SeqCst) {
            serde_json::to_string_pretty(&said).unwrap_or_default()
        } else {
            said.to_string()
        };
        Reply::json(200, &body)
    }

    /// What `filter_path` leaves of an item.
    fn filtered(&self, mut item: Value, query: &str) -> Value {
        if query.starts_with("filter_path=")
            && let Some(create) = item.get_mut("create").and_then(Value::as_object_mut)
        {
            create.retain(|name, _| query.contains(&format!("items.*.{name}")));
        }
        item
    }

    fn single(&self, id: &str, body: &[u8]) -> Reply {
        let item = self.put(id, &String::from_utf8_lossy(body));
        let status = item.get("status").and_then(Value::as_u64).and_then(|status| status.try_into().ok());
        match item.get("error") {
            Some(cause) => Reply::json(status.unwrap_or(500), &json!({"error": cause, "status": status}).to_string()),
            None => Reply::json(status.unwrap_or(500), &json!({"_id": id, "result": "created"}).to_string()),
        }
    }

    /// Stores a document, and gives its item.
    fn put(&self, id: &str, document: &str) -> Value {
        let failed = |status: u16, kind: &str, reason: &str| json!({"_id": id, "status": status, "error": {"type": kind, "reason": reason}});
        let Ok(value) = serde_json::from_str::<Value>(document) else {
            return failed(400, "document_parsing_exception", "failed to parse");
        };
        if value.get("@timestamp").is_none() {
            return failed(400, "document_parsing_exception", "data stream timestamp field [@timestamp] is missing");
        }
        let (mut status, mut failure_store) = (201, None);
        let mut fates = locked(&self.fates);
        let fate = fates.iter_mut().find(|(text, fate)| document.contains(text.as_str()) && fate.times != Some(0));
        if let Some((_, fate)) = fate {
            fate.times = fate.times.map(|times| times - 1);
            if let Some((kind, reason)) = &fate.error {
                return failed(fate.status, kind, reason);
            }
            (status, failure_store) = (fate.status, fate.failure_store.clone());
        }
        let mut documents = locked(&self.documents);
        if documents.contains_key(id) {
            return failed(409, "version_conflict_engine_exception", "document already exists (current version [1])");
        }
        documents.insert(id.to_owned(), value);
        let mut item = json!({"_id": id, "_index": ".ds-logs-000001", "status": status, "result": "created"});
        if let (Some(store), Some(members)) = (failure_store, item.as_object_mut()) {
            members.insert("failure_store".to_owned(), store.into());
        }
        item
    }

    fn count(&self, body: &[u8]) -> Reply {
        let query: Value = serde_json::from_slice(body).unwrap_or_default();
        let bound = |name: &str| {
            let at = query.pointer("/query/bool/filter/0/range/@timestamp").and_then(|range| range.get(name));
            at.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (from, to) = (bound("gte"), bound("lt"));
        let inside = |document: &&Value| {
            let at = document.get("@timestamp").and_then(Value::as_str).unwrap_or_default();
            at >= from.as_str() && at < to.as_str() && document.get("event_type") != Some(&json!("system.test"))
        };
        let count = locked(&self.documents).values().filter(inside).count();
        Reply::json(200, &json!({ "count": count }).to_string())
    }

    fn search(&self, body: &[u8]) -> Reply {
        let query: Value = serde_json::from_slice(body).unwrap_or_default();
        let id = query.pointer("/query/bool/should/0/ids/values/0").and_then(Value::as_str).unwrap_or_default();
        let hit = locked(&self.documents).get(id).map(|document| json!({"_id": id, "_source": document}));
        Reply::json(200, &json!({"hits": {"hits": hit.into_iter().collect::<Vec<_>>()}}).to_string())
    }
}

fn error(status: u16, kind: &str, reason: &str) -> Reply {
    Reply::json(status, &json!({"error": {"type": kind, "reason": reason}, "status": status}).to_string())
}
