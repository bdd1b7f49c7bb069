//! The list of models: what the providers offer, of that what the caller may use.

use crate::exchange::{Exchange, Reply, send};
use crate::failure::{Refusal, whole};
use crate::identify;
use crate::record::{Record, cause};
use crate::snapshot::{Auth, Provider};
use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use picket_event::{Outcome, Scanned};
use picket_llm::{Dialect, Endpoint};
use picket_policy::Glob;
use serde_json::{Value, json};
use std::sync::Arc;

/// Models of one provider that are listed, at most.
const MODELS_MAX: usize = 1_000;
/// Names the providers whose models are missing from a list.
const UNAVAILABLE: HeaderName = HeaderName::from_static("picket-unavailable");

impl Exchange {
    /// The models that the caller may use, of those that routes name exactly or by pattern.
    pub(crate) async fn models(self: Box<Self>, mut record: Box<Record>, mut reply: Reply) {
        if let Err(refusal) = self.contained(&mut record.event) {
            return self.refuse(record, refusal, reply).await;
        }
        let providers: Vec<_> =
            self.snapshot.providers.iter().filter(|provider| provider.dialect == self.dialect).collect();
        let asked = tokio::select! {
            asked = join_all(providers.iter().map(|provider| self.provider_models(provider))) => asked,
            () = reply.closed() => return self.left(record),
        };
        let (mut names, mut failures) = (Vec::new(), Vec::new());
        for (provider, models) in providers.iter().zip(asked) {
            match models {
                Ok(models) => names.extend(models),
                Err(refusal) => failures.push((provider.name.clone(), refusal)),
            }
        }
        let unavailable = failures.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        if !failures.is_empty() {
            record.event.reason = Some(format!("no list of models from {unavailable}"));
        }
        if failures.len() == providers.len()
            && let Some((_, refusal)) = failures.into_iter().next()
        {
            return self.fail(record, refusal, reply).await;
        }
        let allowed = self.caller.models(&self.snapshot);
        names.retain(|name| {
            self.snapshot.route(name, self.dialect).is_some()
                && (allowed.is_empty() || allowed.iter().any(|pattern| Glob::new(pattern).matches(name)))
        });
        names.sort();
        names.dedup();
        record.judgement.scanned = Some(Scanned::Full);
        record.apply();
        let body = list(self.dialect, &names);
        record.sent(&body);
        let mut response = match record.close(Outcome::Completed, 200).await {
            Ok(_appended) => Response::new(whole(body)),
            Err(error) => Refusal::unrecorded(cause(&error)).response(self.dialect, &self.request_id),
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(names) = HeaderValue::from_str(&unavailable).ok().filter(|names| !names.is_empty()) {
            headers.insert(UNAVAILABLE, names);
        }
        send(reply, response, &self.event_id, &self.request_id);
    }

    /// What one provider offers, or what to tell the caller when no other one answers either.
    async fn provider_models(&self, provider: &Arc<Provider>) -> Result<Vec<String>, Refusal> {
        let listed = self.listed(provider).await;
        if listed.is_err() {
            self.worker.shared.metrics.upstream_failed();
        }
        listed
    }

    async fn listed(&self, provider: &Arc<Provider>) -> Result<Vec<String>, Refusal> {
        let unreachable = |error| Refusal::unreachable(&error);
        let upstream = self.worker.upstream(provider).map_err(unreachable)?;
        let mut headers = self.upstream_headers();
        headers.remove(header::CONTENT_TYPE);
        identify::authorise(&mut headers, provider.dialect, &self.caller, provider.api_key.as_ref());
        if provider.dialect == Dialect::Anthropic {
            headers.entry("anthropic-version").or_insert(HeaderValue::from_static("2023-06-01"));
        }
        let path = Endpoint::Models(provider.dialect).upstream_path();
        let answer = upstream.send(Method::GET, path, headers, Bytes::new()).await.map_err(unreachable)?;
        let status = answer.status();
        if let Some(refusal) = self.key_refused(&provider.name, status) {
            return Err(refusal);
        }
        if is_refusal(status) {
            return Err(Refusal::failed(
                status.as_u16(),
                "invalid_api_key",
                "the provider refuses this key",
                Outcome::UpstreamError,
            ));
        }
        let body = answer.into_body().whole().await.map_err(unreachable)?;
        let value: Value = serde_json::from_slice(&body).unwrap_or_default();
        let models = value.get("data").and_then(Value::as_array).filter(|_| status.is_success());
        let models = models.ok_or_else(|| {
            let message = "the provider's list of models cannot be read";
            Refusal::failed(502, "provider_answer_invalid", message, Outcome::UpstreamError)
        })?;
        Ok(models.iter().filter_map(|model| model.get("id")?.as_str().map(str::to_owned)).take(MODELS_MAX).collect())
    }

    /// Where a provider refuses the operator's key, the caller's own is not the one to doubt: it is told apart, and said
    /// to whoever watches the gateway.
    pub(crate) fn key_refused(&self, provider: &str, status: StatusCode) -> Option<Refusal> {
        if self.snapshot.auth != Auth::Keys {
            return None;
        }
        let shared = &self.worker.shared;
        if !is_refusal(status) {
            shared.metrics.key_accepted(provider);
            return None;
        }
        shared.metrics.key_refused(provider, shared.log.clock().now());
        let message = format!(
            "the provider refuses the gateway's own credentials (status {}); tell the gateway's operator",
            status.as_u16()
        );
        Some(Refusal::failed(502, "provider_credentials_refused", message, Outcome::UpstreamError))
    }
}

fn is_refusal(status: StatusCode) -> bool {
    status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN
}

/// The list of models in the words of a dialect.
fn list(dialect: Dialect, names: &[String]) -> Bytes {
    let model = |name: &String| match dialect {
        Dialect::OpenAi => json!({"id": name, "object": "model", "created": 0, "owned_by": "picket"}),
        Dialect::Anthropic => {
            json!({"type": "model", "id": name, "display_name": name, "created_at": "1970-01-01T00:00:00Z"})
        }
    };
    let models: Vec<_> = names.iter().map(model).collect();
    let list = match dialect {
        Dialect::OpenAi => json!({"object": "list", "data": models}),
        Dialect::Anthropic => {
            json!({"data": models, "has_more": false, "first_id": names.first(), "last_id": names.last()})
        }
    };
    list.to_string().into()
}
