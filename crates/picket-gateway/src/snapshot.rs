//! What one request is judged and routed by. A request keeps its snapshot until the last byte of its answer.

use crate::jwt::Jwt;
use crate::remote::Remote;
use ipnet::IpNet;
use picket_egress::Limits;
use picket_llm::Dialect;
use picket_policy::{Exceptions, Glob, Policy};
use std::sync::Arc;
use std::time::Duration;

/// Configuration and policy at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Version of the configuration, for events.
    pub config_version: String,
    /// Name of this gateway.
    pub gateway_id: String,
    /// Whose credentials go upstream.
    pub auth: Auth,
    /// The issuer of tokens that callers may show instead of a key.
    pub jwt: Option<Arc<Jwt>>,
    /// When a request is written down.
    pub audit: Audit,
    /// How long callers may take.
    pub patience: Patience,
    /// What is kept of prompts and answers.
    pub capture: Capture,
    /// Providers by name.
    pub providers: Vec<Arc<Provider>>,
    /// Which models go where; the first match counts.
    pub routes: Vec<Route>,
    /// Prices; the first match counts.
    pub prices: Vec<Price>,
    /// Proxies whose forwarded address is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// Its version in the store.
    pub policy_version: u64,
    /// What people said is a false positive.
    pub exceptions: Arc<Exceptions>,
    /// The services that its checks ask.
    pub remotes: Vec<Arc<Remote>>,
}

/// Whose credentials go upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Callers show a gateway key; the operator's key goes upstream.
    Keys,
    /// The caller's own provider key goes upstream, never the operator's.
    Passthrough,
}

/// When a request is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audit {
    /// Beside the call of the provider; the answer waits for it.
    Strict,
    /// Before the provider is called.
    Ahead,
    /// Once, at the end, from a bounded queue.
    Buffered,
}

/// How long a caller may take to send a request, so that slow ones hold no connection for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the head of a request, and for TLS before it.
    pub head: Duration,
    /// Between two pieces of its body.
    pub idle: Duration,
    /// For its whole body.
    pub body: Duration,
    /// For the caller to take something of the answer that waits for it.
    pub send: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { head: seconds(10), idle: seconds(15), body: seconds(120), send: seconds(60) }
    }
}

/// What is kept of prompts and answers. Facts are always kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capture {
    /// Everything.
    All,
    /// Where something was found.
    Flagged,
    /// Nothing.
    None,
}

/// A model API.
#[derive(Clone)]
pub struct Provider {
    /// Name in the configuration.
    pub name: String,
    /// Wire format.
    pub dialect: Dialect,
    /// Base URL.
    pub base_url: String,
    /// The operator's key; absent under `passthrough`.
    pub api_key: Option<http::HeaderValue>,
    /// Time and size limits.
    pub limits: Limits,
    /// The authorities that vouch for it, as PEM; the public ones without.
    pub ca: Option<Vec<u8>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({} at {})", self.name, self.base_url)
    }
}

/// Where models go.
#[derive(Debug, Clone)]
pub struct Route {
    /// Models by name.
    pub model: Glob,
    /// Name of the provider.
    pub provider: String,
}

/// What tokens cost, in US dollars for a million.
#[derive(Debug, Clone)]
pub struct Price {
    /// Models by name.
    pub model: Glob,
    /// Of the prompt.
    pub input: f64,
    /// Of the answer.
    pub output: f64,
}

impl Snapshot {
    /// The provider for a model in a dialect.
    pub fn route(&self, model: &str, dialect: Dialect) -> Option<&Arc<Provider>> {
        let named =
            |name: &str| self.providers.iter().find(|provider| provider.name == name && provider.dialect == dialect);
        self.routes.iter().filter(|route| route.model.matches(model)).find_map(|route| named(&route.provider))
    }

    /// What tokens of a model cost, in US dollars.
    #[expect(clippy::cast_precision_loss, reason = "tokens of a request are far below 2^52")]
    pub fn cost(&self, model: &str, tokens_in: u64, tokens_out: u64) -> Option<f64> {
        let price = self.prices.iter().find(|price| price.model.matches(model))?;
        Some((tokens_in as f64 * price.input + tokens_out as f64 * price.output) / 1e6)
    }
}
