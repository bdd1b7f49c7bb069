//! The names that the control API answers to.
//!
//! A page in somebody's browser can have its own name point at this machine, and then ask here as if it were at home
//! (DNS rebinding). It cannot choose another name than its own, so a request for a name that is not ours is refused
//! before anything else. Addresses need no list: no name points at them.

use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::{Request, State as Shared};
use axum::middleware::Next;
use axum::response::Response;
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri, header};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

/// Characters of a refused name that are shown again.
const SHOWN_CHARS: usize = 80;

/// Names that are answered to, besides addresses.
#[derive(Debug, Clone, Default)]
pub struct Hosts(Option<Arc<[String]>>);

impl Hosts {
    /// Every name.
    pub fn any() -> Self {
        Self(None)
    }

    /// `localhost` and these, in any case, without ports.
    pub fn only(names: impl IntoIterator<Item = String>) -> Self {
        let names = names.into_iter().map(|name| plain(&name).to_ascii_lowercase());
        Self(Some(std::iter::once("localhost".to_owned()).chain(names).collect()))
    }

    /// Whether a `Host`, with or without a port, is one of them.
    pub fn permit(&self, host: &str) -> bool {
        let Some(names) = &self.0 else { return true };
        let name = plain(without_port(host));
        is_address(name) || names.iter().any(|ours| ours.eq_ignore_ascii_case(name))
    }

    /// The first name in a request that is not ours.
    fn stranger<'a>(&self, uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
        // What is no text is no name of ours either.
        let named = headers.get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default());
        named.chain(uri.authority().map(Authority::as_str)).find(|host| !self.permit(host))
    }
}

/// Refuses what asks for somebody else.
pub(crate) async fn check(Shared(state): Shared<State>, request: Request, next: Next) -> Result<Response, ApiProblem> {
    if let Some(host) = state.hosts.stranger(request.uri(), request.headers()) {
        let shown: String = host.chars().take(SHOWN_CHARS).collect();
        return Err(ApiProblem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "unknown_host",
            format!("this API does not answer to `{shown}`; if that is its name, add it to `api: {{ hosts: [...] }}`"),
        ));
    }
    Ok(next.run(request).await)
}

/// A name that ends in the root's dot is the same without it.
fn plain(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_address(name: &str) -> bool {
    let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.map_or_else(|| name.parse::<IpAddr>().is_ok(), |inner| inner.parse::<Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests;
