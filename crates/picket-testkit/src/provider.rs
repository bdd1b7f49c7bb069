//! A model provider on 127.0.0.1 that speaks both dialects, JSON and streams.

mod anthropic;
mod openai;
mod plan;
mod reply;
mod responses;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
pub use plan::{Fault, Plan};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How the provider behaves where a request does not say.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Time before the head of an answer.
    pub latency: Duration,
    /// Time between two events of a stream.
    pub pace: Duration,
    /// How many request bodies [`Provider::requests`] keeps, newest last. Zero keeps none.
    pub keep: usize,
}

/// A running provider. Stops when dropped.
#[derive(Debug)]
pub struct Provider {
    address: SocketAddr,
    state: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    count: AtomicU64,
    kept: Mutex<Vec<Bytes>>,
    headers: Mutex<Vec<http::HeaderMap>>,
}

impl Provider {
    /// Starts a provider on a free port of 127.0.0.1.
    pub async fn start(config: Config) -> std::io::Result<Self> {
        Self::start_at(config, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Starts a provider on an address.
    pub async fn start_at(config: Config, address: SocketAddr) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let state =
            Arc::new(Shared { config, count: AtomicU64::new(0), kept: Mutex::default(), headers: Mutex::default() });
        let router = router(Arc::clone(&state));
        let task = tokio::spawn(async move {
            let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
                stream.set_nodelay(true).unwrap_or_default();
            });
            axum::serve(listener, router).await.unwrap_or_default();
        });
        Ok(Self { address, state, task })
    }

    /// Base URL for the OpenAI dialect, with `/v1`.
    pub fn openai_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Base URL for the Anthropic dialect, without a path.
    pub fn anthropic_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Requests that it has seen.
    pub fn count(&self) -> u64 {
        self.state.count.load(Ordering::SeqCst)
    }

    /// The newest request bodies, oldest first.
    pub fn requests(&self) -> Vec<Bytes> {
        self.state.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The headers of the newest requests, oldest first.
    pub fn headers(&self) -> Vec<http::HeaderMap> {
        self.state.headers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn router(state: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(openai::chat))
        .route("/v1/completions", post(openai::completions))
        .route("/v1/embeddings", post(openai::embeddings))
        .route("/v1/responses", post(responses::create))
        .route("/v1/models", get(models))
        .route("/v1/messages", post(anthropic::messages))
        .route("/v1/messages/count_tokens", post(anthropic::count_tokens))
        .layer(axum::extract::DefaultBodyLimit::max(64 * 1024 * 1024))
        .with_state(state)
}

impl Shared {
    /// Counts and keeps a request, and plans its answer.
    fn plan(&self, headers: &http::HeaderMap, body: &Bytes) -> (Value, Plan) {
        self.count.fetch_add(1, Ordering::SeqCst);
        if self.config.keep > 0 {
            keep(&self.kept, body.clone(), self.config.keep);
            keep(&self.headers, headers.clone(), self.config.keep);
        }
        let request: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let plan = Plan::of(&request, &self.config);
        (request, plan)
    }
}

fn keep<T>(list: &Mutex<Vec<T>>, item: T, most: usize) {
    let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
    if list.len() >= most {
        list.remove(0);
    }
    list.push(item);
}

async fn models(State(state): State<Arc<Shared>>, headers: http::HeaderMap) -> Response {
    if state.config.keep > 0 {
        keep(&state.headers, headers.clone(), state.config.keep);
    }
    let names = ["gpt-4o", "gpt-4o-mini", "text-embedding-3-small", "claude-sonnet-4-5", "claude-haiku-4-5"];
    let is_anthropic = headers.contains_key("anthropic-version");
    let data: Vec<Value> = names
        .iter()
        .map(|name| {
            if is_anthropic {
                json!({"type": "model", "id": name, "display_name": name, "created_at": "2025-01-01T00:00:00Z"})
            } else {
                json!({"id": name, "object": "model", "created": 1_735_689_600, "owned_by": "testkit"})
            }
        })
        .collect();
    let body = if is_anthropic {
        json!({"data": data, "has_more": false, "first_id": names.first(), "last_id": names.last()})
    } else {
        json!({"object": "list", "data": data})
    };
    reply::json(200, &body)
}
